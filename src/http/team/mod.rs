//! `/api/studios/{studio_id}/team…`, `/api/invitations/…`: who works in a studio; and who takes part in a session.

use utoipa_axum::{router::OpenApiRouter, routes};

use super::{problem::Problem, shared::parsed_time};
use crate::app::AppState;

mod invitations;
mod members;
mod pages;
mod photographers;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(members::list))
        .routes(routes!(members::change))
        .routes(routes!(members::remove))
        .routes(routes!(members::reset_link))
        .routes(routes!(members::end_two_step))
        .routes(routes!(invitations::invite))
        .routes(routes!(invitations::withdraw))
        .routes(routes!(invitations::show))
        .routes(routes!(invitations::accept))
        .routes(routes!(photographers::show, photographers::change))
        .routes(routes!(pages::team))
        .routes(routes!(pages::join))
}

/// A time that a client names, or none.
fn end(text: Option<String>) -> Result<Option<chrono::DateTime<chrono::Utc>>, Problem> {
    text.as_deref().filter(|text| !text.is_empty()).map(parsed_time).transpose()
}
