//! `GET /api/ticket`: the caller's tickets.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{json::TicketJson, viewer};
use crate::{
    accounts,
    app::AppState,
    http::{extract::Params, guard::Caller, messages::Code, paging, problem::Problem, words},
    support::{Assigned, TicketCursor, TicketFilter},
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    #[param(inline, value_type = Option<words::TicketStatus>)]
    status: Option<String>,
    #[param(inline, value_type = Option<words::TicketCategory>)]
    category: Option<String>,
    #[param(inline, value_type = Option<words::TicketPriority>)]
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

/// List the caller's tickets; for the support desk, the tickets that it answers
#[utoipa::path(
    get,
    path = "/api/ticket",
    operation_id = "list_tickets",
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
