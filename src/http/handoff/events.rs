//! `…/events`: how a hand-off stands, as server-sent events, for booth and phone.

use std::future;

use axum::{extract::State, response::Response};
use futures::StreamExt;
use serde_json::json;

use super::json::HandoffJson;
use crate::{
    app::AppState,
    domain::HandoffId,
    events::OnBehalfOf,
    handoff::HandoffEvent,
    http::{
        client::Client,
        extract::PathId,
        guard::MaybeCaller,
        messages::Code,
        problem::Problem,
        shared::sse::{answer, named},
    },
};

/// Watch a hand-off: its state now and after every change as `session`, and `gone` as the last event
#[utoipa::path(
    get,
    path = "/api/session/{handoff_id}/events",
    operation_id = "watch_handoff",
    tag = "handoff",
    params(("handoff_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "text/event-stream"))
)]
pub async fn of(
    State(app): State<AppState>,
    PathId(id): PathId<HandoffId>,
    MaybeCaller(caller): MaybeCaller,
    Client(client): Client,
) -> Result<Response, Problem> {
    app.handoff.get(id).await?;
    let watcher = caller.map_or(OnBehalfOf::Guest(client.ip), |caller| OnBehalfOf::Account(caller.user));
    let watched = app.handoff.watch(id, watcher)?;
    let events = watched.map(move |event| match event {
        HandoffEvent::Session(handoff) => named("session", &HandoffJson::new(&app, *handoff)),
        HandoffEvent::Expired => named("gone", &json!({ "code": Code::HandoffExpired.name() })),
        HandoffEvent::Removed => named("gone", &json!({ "code": Code::HandoffNotFound.name() })),
    });
    Ok(answer(events, future::pending()))
}
