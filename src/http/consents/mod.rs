//! The record of what guests agreed to: for the guest who has its code, and for the studio.

use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::AppState;

mod list;
mod record;
mod texts;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(record::show))
        .routes(routes!(list::of_session))
        .routes(routes!(list::of_studio))
        .routes(routes!(texts::list))
        .routes(routes!(texts::versions, texts::change, texts::reset))
}
