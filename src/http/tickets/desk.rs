//! `/api/ticket/status`, `…/assign`, `…/assignees`: a ticket on its way.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    json::{SpeakerJson, WholeTicketJson},
    ticket::whole,
    viewer,
};
use crate::{
    app::AppState,
    domain::{TicketId, UserId},
    http::{
        extract::{self, Json as Body},
        guard::Caller,
        messages::Code,
        problem::Problem,
        words,
    },
};

#[derive(Deserialize, ToSchema)]
pub struct NewStatus {
    #[serde(alias = "ticketId")]
    #[schema(value_type = Uuid)]
    ticket_id: String,
    #[schema(value_type = words::TicketStatus)]
    status: String,
}

/// Set a ticket's status
///
/// The desk moves a ticket on; its author may close it, and reopen it for 30 days.
#[utoipa::path(
    post,
    path = "/api/ticket/status",
    operation_id = "set_ticket_status",
    tag = "tickets",
    request_body = NewStatus,
    responses((status = 200, body = WholeTicketJson))
)]
pub async fn status(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Body(new): Body<NewStatus>,
) -> Result<Json<WholeTicketJson>, Problem> {
    let id: TicketId = extract::id(&new.ticket_id)?;
    let to = new.status.parse().map_err(|_| Problem::new(Code::InvalidTicket).with("field", "status"))?;
    let viewer = viewer(&caller);
    Ok(whole(&app, &viewer, app.support.set_status(&viewer, id, to, app.now()).await?))
}

#[derive(Deserialize, ToSchema)]
pub struct NewAssignee {
    #[serde(alias = "ticketId")]
    #[schema(value_type = Uuid)]
    ticket_id: String,
    /// An operator or an admin; `null` takes the ticket from everybody.
    #[serde(alias = "assignedTo")]
    #[schema(value_type = Option<Uuid>)]
    assigned_to: Option<String>,
}

/// Assign a ticket to a member of the support desk; an open ticket becomes `in_progress`
#[utoipa::path(
    post,
    path = "/api/ticket/assign",
    operation_id = "assign_ticket",
    tag = "tickets",
    request_body = NewAssignee,
    responses((status = 200, body = WholeTicketJson))
)]
pub async fn assign(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Body(new): Body<NewAssignee>,
) -> Result<Json<WholeTicketJson>, Problem> {
    let id: TicketId = extract::id(&new.ticket_id)?;
    let to: Option<UserId> = new.assigned_to.as_deref().map(extract::id).transpose()?;
    let viewer = viewer(&caller);
    Ok(whole(&app, &viewer, app.support.assign(&viewer, id, to, app.now()).await?))
}

#[derive(Serialize, ToSchema)]
pub struct Assignees {
    /// By name.
    assignees: Vec<SpeakerJson>,
}

/// List the users to whom the caller may assign a ticket
#[utoipa::path(
    get,
    path = "/api/ticket/assignees",
    operation_id = "list_assignees",
    tag = "tickets",
    responses((status = 200, body = Assignees))
)]
pub async fn assignees(
    State(app): State<AppState>,
    Caller(caller): Caller,
) -> Result<Json<Assignees>, Problem> {
    let people = app.support.assignees(&viewer(&caller)).await?;
    Ok(Json(Assignees { assignees: people.into_iter().map(Into::into).collect() }))
}
