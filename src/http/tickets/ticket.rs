//! `/api/ticket/{ticket_id}`: one ticket, and what is said in it.

use axum::{
    Json,
    extract::{Request, State},
    http::StatusCode,
    response::Response,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    form::{self, Sent},
    json::{ReplyJson, WholeTicketJson},
    viewer,
};
use crate::{
    accounts,
    app::AppState,
    domain::{Once, TicketId},
    http::{extract::PathId, guard::Caller, problem::Problem, shared::idempotency, words::Binary},
    support::{Shown, Support, Viewer},
};

pub fn whole(app: &AppState, viewer: &Viewer, shown: Shown) -> Json<WholeTicketJson> {
    let next = Support::next_statuses(viewer, &shown.ticket, app.now());
    Json(WholeTicketJson::new(shown, &next))
}

/// Get a ticket with its replies; internal notes for the support desk only
#[utoipa::path(
    get,
    path = "/api/ticket/{ticket_id}",
    operation_id = "get_ticket",
    tag = "tickets",
    params(("ticket_id" = Uuid, Path)),
    responses((status = 200, body = WholeTicketJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<TicketId>,
) -> Result<Json<WholeTicketJson>, Problem> {
    let viewer = viewer(&caller);
    Ok(whole(&app, &viewer, app.support.show(&viewer, id).await?))
}

/// Delete a ticket with its replies and files
#[utoipa::path(
    delete,
    path = "/api/ticket/{ticket_id}",
    operation_id = "delete_ticket",
    tag = "tickets",
    params(("ticket_id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn delete(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<TicketId>,
) -> Result<StatusCode, Problem> {
    app.support.delete(&viewer(&caller), id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct NewReplyJson {
    #[schema(required, min_length = 1, max_length = 10000)]
    message: Option<String>,
    /// An internal note: only the desk sees it, and nobody else is notified.
    #[serde(default, alias = "isInternal")]
    is_internal: bool,
}

/// The form, for the documentation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field, see `form::read`")]
pub struct NewReplyForm {
    #[schema(min_length = 1, max_length = 10000)]
    message: String,
    is_internal: Option<bool>,
    /// JPEG, PNG, GIF, PDF, DOC, plain text or ZIP by content, at most 10 MB each.
    #[schema(value_type = Option<Vec<Binary>>, max_items = 5)]
    attachment: Vec<Vec<u8>>,
}

/// Add a reply or an internal note
///
/// JSON, or a form when files come along. The desk's reply makes the ticket `awaiting_reply`, the author's
/// gives it back. With an `Idempotency-Key` the same request may be sent again: it gets the first answer.
#[utoipa::path(
    post,
    path = "/api/ticket/{ticket_id}/response",
    operation_id = "reply_to_ticket",
    tag = "tickets",
    params(("ticket_id" = Uuid, Path), ("idempotency-key" = Option<String>, Header)),
    request_body(content((NewReplyJson = "application/json"), (NewReplyForm = "multipart/form-data"))),
    responses((status = 201, body = ReplyJson))
)]
pub async fn respond(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<TicketId>,
    request: Request,
) -> Result<Response, Problem> {
    app.support.may_reply(&viewer(&caller), id).await?;
    let sent = form::read(&app, id, request).await?;
    let made = make(&app, &caller, id, &sent).await;
    if !matches!(made, Ok((Once::First, _))) {
        app.support.discard(id, &sent.files).await;
    }
    let (once, answer) = made?;
    idempotency::created(once, answer)
}

async fn make(
    app: &AppState,
    caller: &accounts::Caller,
    id: TicketId,
    sent: &Sent<NewReplyJson>,
) -> Result<(Once, String), Problem> {
    let (viewer, NewReplyJson { message, is_internal }) = (viewer(caller), &sent.body);
    let message = message.as_deref().unwrap_or_default();
    let draft = app.support.draft_reply(&viewer, message, *is_internal, &sent.files, app.now()).await?;
    let answer = ReplyJson::new(id, draft.reply.clone(), draft.attachments.clone());
    let answer = serde_json::to_string(&answer).map_err(Problem::internal)?;
    let key = sent.key(caller, "reply_to_ticket", &id);
    let once = app.support.reply(&viewer, id, &draft, key.as_ref().map(|key| (key, answer.as_str()))).await?;
    Ok((once, answer))
}
