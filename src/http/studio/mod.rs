//! `/api/photo-sessions/…`, `/api/photos/…` and `/api/studios/…`: what a studio does with its sessions.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use super::{messages::Code, problem::Problem};
use crate::{
    accounts,
    app::{App, AppState},
    cards::{CardError, LogoError, QrError},
    domain::{PhotoSession, PhotoSessionId},
    photo_sessions::StudioError,
    photos::EraseError,
};

mod analytics;
mod branding;
mod cards;
mod events;
pub(super) mod once;
mod photos;
mod session;
mod sessions;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(sessions::list, sessions::create))
        .routes(routes!(session::show, session::change))
        .routes(routes!(cards::png))
        .routes(routes!(cards::svg))
        .routes(routes!(cards::pdf))
        .routes(routes!(photos::list))
        .routes(routes!(photos::batch))
        .routes(routes!(photos::change, photos::delete))
        .routes(routes!(events::manager))
        .routes(routes!(analytics::json))
        .routes(routes!(analytics::csv))
        .routes(
            routes!(branding::show, branding::change)
                .layer(axum::extract::DefaultBodyLimit::max(branding::BODY_BYTES)),
        )
}

/// The session, if it is the caller's to manage. Whoever may not is told that there is none.
async fn managed(
    app: &App,
    caller: &accounts::Caller,
    id: PhotoSessionId,
) -> Result<Arc<PhotoSession>, Problem> {
    let session = app.sessions.get(id).await?;
    if caller.may_manage(&session) { Ok(session) } else { Err(Code::SessionNotFound.into()) }
}

/// A time that a client sent.
pub(super) fn parsed_time(text: &str) -> Result<DateTime<Utc>, Problem> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| Code::InvalidTime)?;
    Ok(time.to_utc())
}

impl From<StudioError> for Problem {
    fn from(error: StudioError) -> Self {
        match error {
            StudioError::InvalidName => Code::InvalidName.into(),
            StudioError::InvalidDescription => Code::InvalidDescription.into(),
            StudioError::InvalidStatus { from, to } => {
                Self::new(Code::InvalidStatus).with("from", from).with("to", to)
            }
            StudioError::NotFound => Code::SessionNotFound.into(),
            StudioError::Store(error) => error.into(),
        }
    }
}

impl From<EraseError> for Problem {
    fn from(error: EraseError) -> Self {
        Self::failed(&error)
    }
}

impl From<CardError> for Problem {
    fn from(error: CardError) -> Self {
        match error {
            CardError::Qr(QrError::TooSmall { .. }) => Code::InvalidPictureSize.into(),
            CardError::Logo(LogoError::TooLarge(_)) => Code::LogoTooLarge.into(),
            CardError::Logo(LogoError::NotPng | LogoError::Damaged(_) | LogoError::Size { .. }) => {
                Code::InvalidLogo.into()
            }
            CardError::QueueFull { retry_after } => Self::new(Code::QueueFull).retry_after(retry_after),
            CardError::TimedOut => Code::TimedOut.into(),
            other @ (CardError::Qr(_) | CardError::Drawing(_)) => Self::failed(&other),
        }
    }
}
