//! `/api/photo-sessions/…`, `/api/photos/…` and `/api/studios/…`: what a studio does with its sessions.

use std::sync::Arc;

use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use super::{messages::Code, problem::Problem};
use crate::{
    accounts,
    app::{App, AppState},
    domain::{PhotoSession, PhotoSessionId},
    marks::StudioMark,
};

pub(super) use branding::check as check_studio;
pub(super) use photos::kept_photo;

mod analytics;
mod branding;
mod cards;
mod chapters;
mod clocks;
mod credits;
mod events;
mod ftp;
mod host;
mod library;
mod links;
mod marks;
mod models;
mod originals;
mod origins;
mod photo_list;
mod photos;
mod returns;
mod session;
mod session_change;
mod sessions;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(sessions::list, sessions::create))
        .routes(routes!(session::show, session::change))
        .routes(routes!(cards::png))
        .routes(routes!(cards::svg))
        .routes(routes!(cards::pdf))
        .routes(routes!(cards::sheet))
        .routes(routes!(links::list, links::create))
        .routes(routes!(links::delete))
        .routes(routes!(photo_list::list))
        .routes(routes!(photo_list::ids))
        .routes(routes!(photo_list::hours))
        .routes(routes!(chapters::list, chapters::set))
        .routes(routes!(photos::empty_bin))
        .routes(routes!(photos::batch))
        .routes(routes!(marks::mark))
        .routes(routes!(photos::retry))
        .routes(routes!(photos::change, photos::delete))
        .routes(routes!(originals::original))
        .routes(routes!(originals::raw))
        .routes(routes!(returns::show, returns::change))
        .routes(routes!(origins::show, origins::change))
        .routes(routes!(host::show, host::change, host::delete))
        .routes(routes!(host::look))
        .routes(routes!(credits::show, credits::change))
        .routes(routes!(clocks::show, clocks::change))
        .routes(routes!(events::manager))
        .routes(routes!(analytics::json))
        .routes(routes!(analytics::csv))
        .routes(routes!(models::show))
        .routes(routes!(ftp::show, ftp::renew, ftp::revoke))
        .routes(routes!(library::show, library::change))
        .routes(routes!(library::sync))
        .routes(
            routes!(branding::show, branding::change)
                .layer(axum::extract::DefaultBodyLimit::max(branding::BODY_BYTES)),
        )
}

/// The mark over the pictures that a manager gets; none for a caller who sees them clean.
pub(in crate::http) async fn mark_for(
    app: &App,
    caller: &accounts::Caller,
    session: &PhotoSession,
) -> Result<Option<Arc<StudioMark>>, Problem> {
    Ok(if caller.sees_clean(session) { None } else { app.marks.over(session).await? })
}

/// The session, if it is the caller's to manage. Other callers get 404.
pub(in crate::http) async fn managed(
    app: &App,
    caller: &accounts::Caller,
    id: PhotoSessionId,
) -> Result<Arc<PhotoSession>, Problem> {
    let session = app.sessions.get(id).await?;
    if caller.may_manage(&session) { Ok(session) } else { Err(Code::SessionNotFound.into()) }
}
