//! `/api/ticket…`: support tickets.

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use super::{messages::Code, problem::Problem};
use crate::{
    accounts,
    app::AppState,
    support::{MAX_BYTES, MOST_FILES, SupportError, Viewer},
};

mod attachments;
mod create;
mod desk;
mod events;
mod form;
mod json;
mod list;
mod ticket;

/// Of a message with as many files as it may have.
const FORM_BYTES: usize = MOST_FILES * MAX_BYTES as usize + (1 << 20);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list::list, create::create).layer(DefaultBodyLimit::max(FORM_BYTES)))
        .routes(routes!(ticket::respond).layer(DefaultBodyLimit::max(FORM_BYTES)))
        .routes(routes!(ticket::show, ticket::delete))
        .routes(routes!(desk::status))
        .routes(routes!(desk::assign))
        .routes(routes!(desk::assignees))
        .routes(routes!(events::all))
        .routes(routes!(events::one))
        .routes(routes!(attachments::download))
}

fn viewer(caller: &accounts::Caller) -> Viewer {
    Viewer { user: caller.user, role: caller.role, studios: caller.studios.clone() }
}

impl From<SupportError> for Problem {
    fn from(error: SupportError) -> Self {
        match error {
            SupportError::NotFound => Code::TicketNotFound.into(),
            SupportError::AttachmentNotFound => Code::AttachmentNotFound.into(),
            SupportError::Invalid(field) => Self::new(Code::InvalidTicket).with("field", field),
            SupportError::InvalidAssignee => Code::InvalidAssignee.into(),
            SupportError::NotYours => Code::Forbidden.into(),
            SupportError::Closed => Code::TicketClosed.into(),
            SupportError::Status { from, to } => {
                Self::new(Code::TicketStatusRefused).with("from", from.as_str()).with("to", to.as_str())
            }
            SupportError::Busy => Code::TimedOut.into(),
            SupportError::Store(error) => error.into(),
            SupportError::Blob(error) => error.into(),
        }
    }
}
