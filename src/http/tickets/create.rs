//! `POST /api/ticket`: a new ticket.

use axum::{
    extract::{Request, State},
    response::Response,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    form::{self, Sent},
    json::TicketJson,
    viewer,
};
use crate::{
    accounts,
    app::AppState,
    domain::{Language, Once, TicketCategory, TicketId, TicketPriority},
    http::{
        guard::Caller,
        language,
        messages::Code,
        problem::Problem,
        shared::idempotency,
        words::{self, Binary},
    },
    support::NewTicket,
};

#[derive(Deserialize, ToSchema)]
pub struct NewTicketJson {
    #[schema(required, min_length = 1, max_length = 200)]
    subject: Option<String>,
    #[schema(required, min_length = 1, max_length = 10000)]
    message: Option<String>,
    /// `normal` unless said otherwise.
    #[schema(value_type = Option<words::TicketPriority>)]
    priority: Option<String>,
    /// `general` unless said otherwise.
    #[schema(value_type = Option<words::TicketCategory>)]
    category: Option<String>,
}

/// The form, for the documentation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field, see `form::read`")]
pub struct NewTicketForm {
    #[schema(min_length = 1, max_length = 200)]
    subject: String,
    #[schema(min_length = 1, max_length = 10000)]
    message: String,
    #[schema(value_type = Option<words::TicketPriority>)]
    priority: Option<String>,
    #[schema(value_type = Option<words::TicketCategory>)]
    category: Option<String>,
    /// JPEG, PNG, GIF, PDF, DOC, plain text or ZIP by content, at most 10 MB each.
    #[schema(value_type = Option<Vec<Binary>>, max_items = 5)]
    attachment: Vec<Vec<u8>>,
}

/// Create a ticket
///
/// JSON, or a form when files come along. With an `Idempotency-Key` the same request may be sent again: it
/// gets the first answer. The author's mails are in the language of this request.
#[utoipa::path(
    post,
    path = "/api/ticket",
    operation_id = "create_ticket",
    tag = "tickets",
    params(("idempotency-key" = Option<String>, Header)),
    request_body(content((NewTicketJson = "application/json"), (NewTicketForm = "multipart/form-data"))),
    responses((status = 201, body = TicketJson))
)]
pub async fn create(
    State(app): State<AppState>,
    Caller(caller): Caller,
    request: Request,
) -> Result<Response, Problem> {
    let (id, language) = (TicketId::generate(), language::of(request.headers()));
    let sent = form::read(&app, id, request).await?;
    let made = make(&app, &caller, id, language, &sent).await;
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
    language: Language,
    sent: &Sent<NewTicketJson>,
) -> Result<(Once, String), Problem> {
    let NewTicketJson { subject, message, priority, category } = &sent.body;
    let invalid = |field: &str| Problem::new(Code::InvalidTicket).with("field", field);
    let priority = priority.as_deref().map(str::parse).transpose().map_err(|_| invalid("priority"))?;
    let category = category.as_deref().map(str::parse).transpose().map_err(|_| invalid("category"))?;
    let new = NewTicket {
        subject: subject.clone().unwrap_or_default(),
        message: message.clone().unwrap_or_default(),
        priority: priority.unwrap_or(TicketPriority::Normal),
        category: category.unwrap_or(TicketCategory::General),
        language,
    };
    let draft = app.support.draft(&viewer(caller), id, new, &sent.files, app.now()).await?;
    let answer = TicketJson::new(draft.ticket.clone(), draft.attachments.clone());
    let answer = serde_json::to_string(&answer).map_err(Problem::internal)?;
    let key = sent.key(caller, "create_ticket", &"");
    let once = app.support.open(&draft, key.as_ref().map(|key| (key, answer.as_str()))).await?;
    Ok((once, answer))
}
