//! `/api/sessions/list` and `/api/sessions/cleanup`: for whoever looks after photobooths.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::json::HandoffJson;
use crate::{
    app::AppState,
    domain::{HandoffId, Role},
    handoff::Newest,
    http::{extract::Params, guard::Caller, messages::Code, paging, problem::Problem, words},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// An `expired` one is not listed.
    #[param(inline, value_type = Option<words::HandoffStatus>)]
    status: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct HandoffPage {
    /// Newest first.
    sessions: Vec<HandoffJson>,
    /// `null` on the last page.
    next_cursor: Option<String>,
}

/// List the live hand-offs
///
/// An admin, or a key of theirs, sees those of their studios and those that were made without a key; operators
/// and super admins see all.
#[utoipa::path(
    get,
    path = "/api/sessions/list",
    operation_id = "list_handoffs",
    tag = "handoff",
    params(Page),
    responses((status = 200, body = HandoffPage))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Params(page): Params<Page>,
) -> Result<Json<HandoffPage>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let after: Option<Newest<HandoffId>> = paging::after(page.cursor)?;
    let status = page.status.map(|status| status.parse()).transpose();
    let status = status.map_err(|_| Code::InvalidHandoffStatus)?;
    let studios = (caller.role == Role::Admin).then_some(caller.studios.as_slice());
    let mut found = app.handoff.list(studios, status, after, limit + 1).await?;
    let next_cursor =
        paging::cut(&mut found, limit, |last| Newest::after(last.created_at, last.id).to_string());
    let sessions = found.into_iter().map(|each| HandoffJson::new(&app, each)).collect();
    Ok(Json(HandoffPage { sessions, next_cursor }))
}

#[derive(Serialize, ToSchema)]
pub struct CleanedUp {
    /// Hand-offs whose time was over.
    removed: usize,
}

/// Remove the hand-offs whose time is over
///
/// The service does so by itself every minute.
#[utoipa::path(
    post,
    path = "/api/sessions/cleanup",
    operation_id = "clean_up_handoffs",
    tag = "handoff",
    responses((status = 200, body = CleanedUp))
)]
pub async fn cleanup(State(app): State<AppState>) -> Result<Json<CleanedUp>, Problem> {
    Ok(Json(CleanedUp { removed: app.handoff.sweep().await? }))
}
