//! Photos that guests send: [tus 1.0](https://tus.io/protocols/resumable-upload) as at `/api/uploads`, at an address of
//! the session, so that a closed gallery shuts this door too; what the guest has sent, reports of it, and what the studio
//! decides. The rules are in `guests/sending.rs`.

use axum::middleware::from_fn;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::uploads::speak_tus;
use crate::app::AppState;

mod desk;
mod own;
mod report;
mod send;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    let tus = OpenApiRouter::new()
        .routes(routes!(send::create))
        .routes(routes!(send::show))
        .routes(routes!(send::append))
        .routes(routes!(send::terminate))
        .layer(from_fn(speak_tus));
    OpenApiRouter::new()
        .merge(tus)
        .routes(routes!(own::list))
        .routes(routes!(own::take_back))
        .routes(routes!(report::create))
        .routes(routes!(desk::list, desk::decide))
}
