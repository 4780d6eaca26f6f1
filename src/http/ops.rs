//! For those who run the service: is it alive, can it serve, how does it do.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Extension, Json,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use chrono::Utc;
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::problem::Problem;
use crate::{
    app::{App, AppState},
    jobs::{JobKind, QueueDepth},
    telemetry,
};

/// Below this the next photos would fail to be stored.
const LEAST_FREE_BYTES: u64 = 1 << 30;
/// A check that takes longer has failed.
const CHECK_TIMEOUT: Duration = Duration::from_secs(3);
/// Balancers ask often; the checks run at most this often.
const BELIEVED_FOR: Duration = Duration::from_secs(1);

/// The process lives
#[utoipa::path(get, path = "/healthz", tag = "operations", responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn healthz() -> &'static str {
    "ok"
}

#[derive(Clone, Serialize, ToSchema)]
pub struct Check {
    name: &'static str,
    ok: bool,
    /// What is wrong, without paths or addresses.
    error: Option<&'static str>,
}

#[derive(Clone, Serialize, ToSchema)]
pub struct Readiness {
    ready: bool,
    checks: Vec<Check>,
}

/// The last answer of `/readyz`. The lock makes simultaneous callers share one round of checks.
#[derive(Clone, Default)]
pub struct LastReadiness(Arc<Mutex<Option<(Instant, Readiness)>>>);

/// The service can serve: database, face index, models and disk
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    responses((status = 200, body = Readiness), (status = 503, body = Readiness))
)]
pub async fn readyz(
    State(app): State<AppState>,
    Extension(last): Extension<LastReadiness>,
) -> impl IntoResponse {
    let mut last = last.0.lock().await;
    let readiness = match &*last {
        Some((when, readiness)) if when.elapsed() < BELIEVED_FOR => readiness.clone(),
        _ => {
            let readiness = check(&app).await;
            *last = Some((Instant::now(), readiness.clone()));
            readiness
        }
    };
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(readiness))
}

async fn check(app: &App) -> Readiness {
    let database = timed("database", "the database does not answer", app.store.ping());
    let sessions = timed("session_sources", "a source of sessions does not answer", app.sessions.health());
    let index = timed("face_index", "the face index does not answer", app.index.health());
    let models = timed("models", "the models are not loaded", app.search.health());
    let blobs = timed("storage", "the file storage does not answer", app.blobs.health());
    let disk = timed("disk", "less than 1 GiB is free", disk_has_room(app));
    let (a, b, c, d, e, f) = tokio::join!(database, sessions, index, models, blobs, disk);
    let checks = vec![a, b, c, d, e, f];
    Readiness { ready: checks.iter().all(|check| check.ok), checks }
}

async fn timed<E: std::fmt::Display>(
    name: &'static str,
    failure: &'static str,
    check: impl Future<Output = Result<(), E>>,
) -> Check {
    let cause = match tokio::time::timeout(CHECK_TIMEOUT, check).await {
        Ok(Ok(())) => return Check { name, ok: true, error: None },
        Ok(Err(error)) => error.to_string(),
        Err(_) => "no answer in time".to_owned(),
    };
    tracing::warn!(check = name, cause, "not ready");
    Check { name, ok: false, error: Some(failure) }
}

async fn disk_has_room(app: &App) -> Result<(), String> {
    match free_bytes(app).await? {
        free if free >= LEAST_FREE_BYTES => Ok(()),
        free => Err(format!("{} MiB free", free >> 20)),
    }
}

/// Where the data directory lies.
async fn free_bytes(app: &App) -> Result<u64, String> {
    let folder = app.settings.data_dir.clone();
    let free = tokio::task::spawn_blocking(move || {
        rustix::fs::statvfs(&folder).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize))
    });
    free.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

/// Numbers for Prometheus
#[utoipa::path(get, path = "/metrics", tag = "operations", responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn metrics(State(app): State<AppState>) -> Result<impl IntoResponse, Problem> {
    let now = Utc::now();
    for kind in JobKind::ALL {
        let QueueDepth { queued, leased, failed, oldest } = app.jobs.depth(kind, now).await?;
        let age = oldest.and_then(|oldest| (now - oldest).to_std().ok());
        telemetry::queue_seen(kind.name(), queued, leased, failed, age);
    }
    telemetry::backlog_seen(app.store.backlog().await?);
    app.store.tell_connections();
    // These may be away without the rest: their last number stands until they are back.
    if let Ok(faces) = app.index.total().await {
        telemetry::index_seen(faces);
    }
    if let Ok(free) = free_bytes(&app).await {
        telemetry::disk_seen(free);
    }
    telemetry::watchers_seen(app.events.all_watchers());
    telemetry::process_seen();
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], telemetry::metrics().render()))
}
