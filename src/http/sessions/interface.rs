//! The guest's page: `/api/v1/sessions/{session_id}/interface` and, shorter for the QR code, `/session/{session_id}`.

use axum::{extract::State, http::HeaderMap, response::Response};
use serde_json::json;

use crate::{
    app::AppState,
    domain::{ConsentPurpose, PhotoSessionId},
    guests::GuestError,
    http::{
        extract::PathId,
        holder::Holder,
        language,
        pages::{self, Written},
        problem::Problem,
        sessions::{
            landing::{Title, landing},
            photos::page_of,
        },
        shared::time,
    },
    photo_sessions::SessionError,
    usage::UsageKind,
};

/// Photos that the page brings along: more than fit on the screens that it is opened on.
const FIRST: u32 = 24;

/// Show the guest page
///
/// A browser gets an HTML error page instead of a problem.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/interface",
    operation_id = "page_session_interface",
    tag = "pages",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn api(
    app: State<AppState>,
    id: PathId<PhotoSessionId>,
    holder: Holder,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    page(app, id, holder, headers).await
}

/// Show the guest page at the address of the QR code
#[utoipa::path(
    get,
    path = "/session/{session_id}",
    operation_id = "page_session",
    tag = "pages",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn short(
    app: State<AppState>,
    id: PathId<PhotoSessionId>,
    holder: Holder,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    page(app, id, holder, headers).await
}

async fn page(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let visit = match app.guests.enter(id, &pass).await {
        Err(GuestError::Session(SessionError::PinRequired)) => return locked(id, &headers),
        visit => visit?,
    };
    let (session, counts) = (&visit.session, visit.counts().await?);
    let people = visit.shows_people().await?;
    let consent_version = app.consents.current(session.studio_id, ConsentPurpose::Match).await?.version;
    let guardian_version = match visit.asks_guardian().await? {
        true => Some(app.consents.current(session.studio_id, ConsentPurpose::Guardian).await?.version),
        false => None,
    };
    let first = page_of(&visit, None, None, FIRST).await?;
    app.libraries.visited(id).await?;
    app.usage.bump(id, UsageKind::PageView, app.now());
    let for_script = json!({
        "id": session.id,
        "name": session.name,
        "description": session.description,
        "status": session.status,
        "scheduled_at": session.scheduled_at.map(time),
        "facepass_enabled": session.facepass_enabled(),
        "consent_version": consent_version,
        "guardian_version": guardian_version,
        "people": people,
        "photos_total": counts.total,
        "photos_ready": counts.selected,
        "reveals_at": session.terms.reveals_at.map(time),
        "ends_at": session.terms.ends_at.map(time),
        "downloads": visit.downloads.as_str(),
        "error": null,
        "first": first,
    });
    let words = Title {
        name: &session.name,
        description: session.description.as_deref(),
        is_dated: session.scheduled_at.is_some(),
        is_searched: session.facepass_enabled(),
    };
    let written = landing(&words, &first);
    let title = format!("{} · Pixora", session.name);
    pages::guest(&title, &for_script, &written, language::of(&headers)).map_err(Problem::internal)
}

/// The page of a gallery whose PIN was not typed in: it says nothing of the session.
fn locked(id: PhotoSessionId, headers: &HeaderMap) -> Result<Response, Problem> {
    let for_script = json!({ "id": id, "name": "", "error": { "code": "pin_required" } });
    pages::guest("Pixora", &for_script, &Written::default(), language::of(headers)).map_err(Problem::internal)
}
