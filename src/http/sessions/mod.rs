//! `/api/v1/sessions/…`: one file for each address.

use axum::{
    extract::DefaultBodyLimit,
    response::{IntoResponse, Response},
};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use super::problem::Problem;
use crate::{
    app::{App, AppState},
    domain::PhotoSessionId,
    studios::Brand,
};

pub(super) mod chapters;
pub(super) mod consents;
mod embed;
pub(super) mod events;
mod facepass_status;
mod interface;
mod landing;
mod link;
pub(super) mod photos;
mod pin;
mod preview;
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
        .routes(routes!(embed::script))
        .routes(routes!(embed::page))
        .routes(routes!(interface::photo))
        .routes(routes!(photos::list))
        .routes(routes!(photos::ids))
        .routes(routes!(photos::hours))
        .routes(routes!(chapters::list))
        .routes(routes!(photos::one))
        .routes(routes!(show::page))
        .routes(routes!(link::small))
        .routes(routes!(link::capital))
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

/// How the studio of a session shows itself; nothing where the session, or its studio, is unknown.
async fn brand_of(app: &App, session: PhotoSessionId) -> Result<Option<Brand>, Problem> {
    let Ok(session) = app.sessions.get(session).await else { return Ok(None) };
    Ok(app.studios.brand(session.studio_id).await?)
}

/// The failure of a page of a session, which is told in the look of its studio.
async fn in_brand(app: &App, session: PhotoSessionId, problem: Problem) -> Response {
    let mut response = problem.into_response();
    // The failure itself is what is told.
    if let Ok(Some(brand)) = brand_of(app, session).await {
        response.extensions_mut().insert(brand);
    }
    response
}
