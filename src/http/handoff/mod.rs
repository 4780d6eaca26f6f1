//! `/api/session/…`: a photobooth's hand-offs, and the page that a phone opens for one.

use axum::extract::DefaultBodyLimit;
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use super::{messages::Code, problem::Problem};
use crate::{app::AppState, handoff::HandoffError};

mod booths;
mod events;
mod inline;
mod json;
mod page;
mod photos;
mod sent;
mod session;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    let large = || DefaultBodyLimit::max(sent::BODY_BYTES);
    OpenApiRouter::new()
        .routes(routes!(session::create))
        .routes(routes!(session::show, session::change, session::remove))
        .routes(routes!(photos::list, photos::add).layer(large()))
        .routes(routes!(photos::picture))
        .routes(routes!(photos::result, photos::leave).layer(large()))
        .routes(routes!(events::of))
        .routes(routes!(booths::list))
        .routes(routes!(booths::cleanup))
        .routes(routes!(page::phone))
}

impl From<HandoffError> for Problem {
    fn from(error: HandoffError) -> Self {
        match error {
            HandoffError::NotFound => Code::HandoffNotFound.into(),
            HandoffError::Expired => Code::HandoffExpired.into(),
            HandoffError::Full => Code::HandoffFull.into(),
            HandoffError::Completed => Code::HandoffCompleted.into(),
            HandoffError::Status { from, to } => {
                Self::new(Code::HandoffStatusRefused).with("from", from.as_str()).with("to", to.as_str())
            }
            HandoffError::PhotoNotFound => Code::PhotoNotFound.into(),
            HandoffError::PhotoTooLarge => Code::HandoffPhotoTooLarge.into(),
            HandoffError::Picture(error) => Self::new(Code::UnusablePicture).with("reason", error.code()),
            HandoffError::DataTooLarge => Code::HandoffDataTooLarge.into(),
            HandoffError::InvalidTelegramUser => Code::InvalidTelegramUser.into(),
            HandoffError::TooMany(wait) => Self::new(Code::TooManyAttempts).retry_after(wait),
            HandoffError::TooManyLive => Self::new(Code::TooManyHandoffs).retry_after(super::ROOM),
            HandoffError::QueueFull { retry_after } => Self::new(Code::QueueFull).retry_after(retry_after),
            HandoffError::TimedOut => Code::TimedOut.into(),
            HandoffError::Store(error) => error.into(),
            HandoffError::Blob(error) => error.into(),
            HandoffError::Drawing(cause) => Self::internal(cause),
        }
    }
}
