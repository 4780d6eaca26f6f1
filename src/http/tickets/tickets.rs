//! `/api/ticket`: the caller's tickets, and a new one.

use axum::{
    Json,
    extract::{Request, State},
    response::Response,
};
use chrono::Utc;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    form::{self, Sent},
    json::TicketJson,
    viewer,
};
use crate::{
    accounts,
    app::AppState,
    domain::{TicketCategory, TicketId, TicketPriority},
    http::{
        extract::Params, guard::Caller, language::Language, messages::Code, paging, problem::Problem,
        studio::once,
    },
    store::{Assigned, Once, TicketCursor, TicketFilter},
    support::NewTicket,
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = u32, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    /// `open`, `in_progress`, `awaiting_reply`, `resolved` or `closed`.
    status: Option<String>,
    /// `general`, `technical`, `billing` or `other`.
    category: Option<String>,
    /// `low`, `normal`, `high` or `urgent`.
    priority: Option<String>,
    /// `me`, `none`, or the id of somebody at the desk.
    assigned: Option<String>,
}

impl Page {
    fn filter(&self, caller: &accounts::Caller) -> Result<TicketFilter, Problem> {
        fn word<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, Problem> {
            // A filter that is left open in a form comes as an empty word.
            let text = text.filter(|text| !text.is_empty());
            Ok(text.map(str::parse).transpose().map_err(|_| Code::MalformedQuery)?)
        }
        let assigned = match self.assigned.as_deref() {
            Some("me") => Some(Assigned::To(caller.user)),
            Some("none") => Some(Assigned::Nobody),
            other => word(other)?.map(Assigned::To),
        };
        Ok(TicketFilter {
            status: word(self.status.as_deref())?,
            category: word(self.category.as_deref())?,
            priority: word(self.priority.as_deref())?,
            assigned,
        })
    }
}

#[derive(Serialize, ToSchema)]
pub struct TicketPage {
    /// The latest changed first.
    tickets: Vec<TicketJson>,
    /// `null` on the last page.
    next_cursor: Option<String>,
}

/// The caller's tickets; for the desk, those that it answers
#[utoipa::path(
    get,
    path = "/api/ticket",
    tag = "tickets",
    params(Page),
    responses((status = 200, body = TicketPage))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Params(page): Params<Page>,
) -> Result<Json<TicketPage>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let filter = page.filter(&caller)?;
    let after: Option<TicketCursor> = paging::after(page.cursor)?;
    let mut found = app.support.list(&viewer(&caller), &filter, after, limit + 1).await?;
    let next_cursor = paging::cut(&mut found, limit, |(ticket, _)| TicketCursor::after(ticket).to_string());
    let tickets = found.into_iter().map(|(ticket, files)| TicketJson::new(ticket, files)).collect();
    Ok(Json(TicketPage { tickets, next_cursor }))
}

#[derive(Deserialize, ToSchema)]
pub struct NewTicketJson {
    #[schema(required, min_length = 1, max_length = 200)]
    subject: Option<String>,
    #[schema(required, min_length = 1, max_length = 10000)]
    message: Option<String>,
    /// `low`, `normal` (unless said otherwise), `high` or `urgent`.
    priority: Option<String>,
    /// `general` (unless said otherwise), `technical`, `billing` or `other`.
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
    priority: Option<String>,
    category: Option<String>,
    /// JPEG, PNG, GIF, PDF, DOC, plain text or ZIP by content, at most 10 MB each.
    #[schema(value_type = Vec<String>, format = Binary, max_items = 5)]
    attachment: Vec<Vec<u8>>,
}

/// A new ticket
///
/// JSON, or a form when files come along. With an `Idempotency-Key` the same request may be sent again: it
/// gets the first answer. The author's mails are in the language of this request.
#[utoipa::path(
    post,
    path = "/api/ticket",
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
    let (id, language) = (TicketId::generate(), Language::of(request.headers()));
    let sent = form::read(&app, id, request).await?;
    let made = make(&app, &caller, id, language, &sent).await;
    if !matches!(made, Ok((Once::First, _))) {
        app.support.discard(id, &sent.files).await;
    }
    let (once, answer) = made?;
    once::created(once, answer)
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
        language: language.tag(),
    };
    let draft = app.support.draft(&viewer(caller), id, new, &sent.files, Utc::now()).await?;
    let answer = TicketJson::new(draft.ticket.clone(), draft.attachments.clone());
    let answer = serde_json::to_string(&answer).map_err(Problem::internal)?;
    let key = sent.key(caller, "create_ticket");
    let once = app.support.open(&draft, key.as_ref().map(|key| (key, answer.as_str()))).await?;
    Ok((once, answer))
}
