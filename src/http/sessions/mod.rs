//! `/api/v1/sessions/…`: one file for each address.

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use crate::app::AppState;

pub(super) mod consents;
pub(super) mod events;
mod facepass_status;
mod interface;
mod landing;
pub(super) mod photos;
mod pin;
mod qr;
pub(super) mod search;
mod session;
mod show;
mod validate;
mod visit;

pub use qr::qr_svg;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(validate::one))
        .routes(routes!(validate::many))
        .routes(routes!(session::show))
        .routes(routes!(facepass_status::show))
        .routes(routes!(interface::api))
        .routes(routes!(interface::short))
        .routes(routes!(photos::list))
        .routes(routes!(photos::ids))
        .routes(routes!(photos::one))
        .routes(routes!(show::page))
        .routes(routes!(pin::unlock))
        .routes(routes!(consents::texts))
        .routes(routes!(consents::create))
        .routes(routes!(consents::withdraw))
        .routes(routes!(search::search).layer(DefaultBodyLimit::max(search::FORM_BYTES)))
        .routes(routes!(visit::show))
        .routes(routes!(visit::forget))
        .routes(routes!(qr::show))
        .routes(routes!(events::guest))
}
