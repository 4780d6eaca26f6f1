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
use serde::Serialize;
use tokio::sync::Mutex;
use utoipa::ToSchema;

use super::problem::Problem;
use crate::{
    app::{self, App, AppState},
    telemetry,
};

/// Balancers ask often; the checks run at most this often.
const BELIEVED_FOR: Duration = Duration::from_secs(1);

/// Check that the process is alive
#[utoipa::path(get, path = "/healthz", operation_id = "get_health", tag = "operations", responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn healthz() -> &'static str {
    "ok"
}

#[derive(Clone, Serialize, ToSchema)]
pub struct Check {
    name: &'static str,
    ok: bool,
    /// Whether the service counts as ready only if this check passes. Without a studio's own database it
    /// still serves its own sessions.
    required: bool,
    /// The fault, without paths or addresses.
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

/// Check that the service can serve its own sessions: database, face index, models and disk
///
/// For a proxy or a balancer. If a studio's own database is away, `session_sources` says so, and the service
/// still counts as ready.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "get_readiness",
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
    let check = |app::Check { name, required, error }: app::Check| Check {
        name,
        ok: error.is_none(),
        required,
        error,
    };
    let checks: Vec<Check> = app.check().await.into_iter().map(check).collect();
    Readiness { ready: checks.iter().all(|check| check.ok || !check.required), checks }
}

/// Get the metrics for Prometheus
#[utoipa::path(get, path = "/metrics", operation_id = "get_metrics", tag = "operations", responses((status = 200, body = String, content_type = "text/plain")))]
pub async fn metrics(State(app): State<AppState>) -> Result<impl IntoResponse, Problem> {
    app.measure().await?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], telemetry::metrics().render()))
}
