//! What guests write on photos, and what their studio decides of it. The rules are in `guests/comments.rs`.

use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::AppState;

mod desk;
mod export;
mod guest;

/// What the studio has answered.
#[derive(Serialize, ToSchema)]
pub struct CommentAnswer {
    /// The name of the studio.
    studio: String,
    text: String,
}

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(guest::counts))
        .routes(routes!(guest::list, guest::write))
        .routes(routes!(guest::remove))
        .routes(routes!(guest::report))
        .routes(routes!(desk::list, desk::decide))
        .routes(routes!(desk::answer))
        .routes(routes!(export::export))
}
