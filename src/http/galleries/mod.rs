//! Downloads: archives, and the watermark over unpaid pictures.

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use crate::app::AppState;

mod archives;
mod watermark;

pub(super) use archives::{Signed, answer};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(archives::begin).layer(DefaultBodyLimit::max(archives::BODY_BYTES)))
        .routes(routes!(archives::begin_originals).layer(DefaultBodyLimit::max(archives::BODY_BYTES)))
        .routes(routes!(archives::fetch))
        .routes(
            routes!(watermark::show, watermark::change).layer(DefaultBodyLimit::max(watermark::BODY_BYTES)),
        )
        .routes(routes!(watermark::preview))
}
