//! `/api/v1/sessions/{session_id}/visit`: what a guest found, when they come back with the cookie of their search.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{AppendHeaders, IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::search::{MatchJson, Shown};
use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{
        client::Client,
        cookies,
        extract::PathId,
        holder::{Holder, VisitToken},
        problem::Problem,
    },
    search::Asker,
};

#[derive(Serialize, ToSchema)]
pub struct VisitJson {
    search_id: Uuid,
    /// That the search was made under.
    consent_id: Uuid,
    /// The current matches, best first.
    matches: Vec<MatchJson>,
    photos_total: u64,
    /// Photos still in the queue: they may bring more.
    photos_pending: u64,
}

/// Get the photos that this guest found earlier in the same visit
///
/// The answer to a search under a consent sets a cookie (or brings a `visit_token`), which is good for twelve hours at most, until the consent is
/// withdrawn or the service is started anew. 204 when nothing is remembered.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/visit",
    operation_id = "get_visit",
    tag = "search",
    params(
        ("session_id" = Uuid, Path),
        ("Pixora-Visit" = Option<String>, Header, description = "The token, where no cookie has it")
    ),
    responses(
        (status = 200, body = VisitJson),
        (status = 204, description = "Nothing is remembered")
    )
)]
pub async fn show(
    State(app): State<AppState>,
    Client(client): Client,
    Holder(pass): Holder,
    PathId(session): PathId<PhotoSessionId>,
    held: VisitToken,
) -> Result<Response, Problem> {
    let Some(token) = held.get() else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let visit = app.guests.admit(session, &pass, Asker::at(client.ip)).await?;
    let Some(returned) = app.guests.returned(&visit, token).await? else {
        let gone = held.take_away(session, cookies::secure(&app));
        return Ok((StatusCode::NO_CONTENT, gone).into_response());
    };
    let shown = Shown::to(&visit).await?;
    let matches = returned.matches.iter().map(|found| MatchJson::new(found, &shown));
    let answer = VisitJson {
        search_id: returned.search.0,
        consent_id: returned.consent.0,
        matches: matches.collect(),
        photos_total: returned.counts.selected,
        photos_pending: returned.counts.queued,
    };
    Ok(Json(answer).into_response())
}

/// Forget this guest: withdraw the consent of their visit, erase everything kept under it, what they have chosen, and what they have sent
///
/// Works also after the session was closed, and when nothing is remembered.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session_id}/visit",
    operation_id = "forget_visit",
    tag = "search",
    params(
        ("session_id" = Uuid, Path),
        ("Pixora-Visit" = Option<String>, Header, description = "The token, where no cookie has it")
    ),
    responses((status = 204, description = "Forgotten"))
)]
pub async fn forget(
    State(app): State<AppState>,
    PathId(session): PathId<PhotoSessionId>,
    held: VisitToken,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(token) = held.get() {
        app.guests.forget(session, token, app.now()).await?;
    }
    if let Some(key) = cookies::hearts(&headers) {
        app.choices.forget(session, &key).await?;
    }
    let secure = cookies::secure(&app);
    let mut cleared = vec![held.take_away(session, secure), cookies::clear_hearts(session, secure)];
    if let Some(token) = cookies::guest_sender(&headers) {
        app.guests.forget_sender(session, &token).await?;
        cleared.push(cookies::clear_guest_sender(session, secure));
    }
    let cleared =
        AppendHeaders(cleared.into_iter().flatten().filter_map(|(name, value)| Some((name?, value))));
    Ok((StatusCode::NO_CONTENT, cleared).into_response())
}
