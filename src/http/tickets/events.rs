//! `…/events`: that a ticket has changed, as server-sent events. What has changed is read anew, so that an event
//! can say no more than its reader may see.

use axum::{extract::State, response::Response};
use futures::StreamExt;
use serde_json::json;

use super::viewer;
use crate::{
    accounts,
    app::AppState,
    domain::TicketId,
    http::{
        extract::PathId,
        guard::Caller,
        problem::Problem,
        shared::sse::{answer, named},
    },
};

fn stream(app: &AppState, caller: accounts::Caller, only: Option<TicketId>) -> Result<Response, Problem> {
    let changes = app.support.watch(&viewer(&caller), only)?;
    let events = changes.map(|changed| named("ticket", &json!({ "ticket_id": changed })));
    let accounts = app.accounts.clone();
    Ok(answer(events, async move { accounts.signed_out(&caller).await }))
}

/// Watch the caller's tickets: `ticket` names one that has changed
#[utoipa::path(
    get,
    path = "/api/ticket/events",
    operation_id = "watch_tickets",
    tag = "tickets",
    responses((status = 200, body = String, content_type = "text/event-stream"))
)]
pub async fn all(State(app): State<AppState>, Caller(caller): Caller) -> Result<Response, Problem> {
    stream(&app, caller, None)
}

/// Watch one ticket: `ticket` says that it has changed
#[utoipa::path(
    get,
    path = "/api/ticket/{ticket_id}/events",
    operation_id = "watch_ticket",
    tag = "tickets",
    params(("ticket_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/event-stream"))
)]
pub async fn one(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<TicketId>,
) -> Result<Response, Problem> {
    app.support.show(&viewer(&caller), id).await?;
    stream(&app, caller, Some(id))
}
