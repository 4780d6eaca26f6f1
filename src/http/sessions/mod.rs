//! `/api/v1/sessions/…`: one file for each address.

use std::collections::BTreeMap;

use axum::extract::DefaultBodyLimit;
use chrono::{DateTime, NaiveDateTime, Utc};
use utoipa_axum::{
    router::{OpenApiRouter, UtoipaMethodRouterExt},
    routes,
};

use super::{media::file_name, messages::Code, problem::Problem};
use crate::{
    app::{AppState, StoreError},
    guests::GuestError,
    marks::StudioMark,
    photo_sessions::SessionError,
};

mod consents;
pub(super) mod events;
mod facepass_status;
mod interface;
pub(super) mod photos;
mod qr;
pub(super) mod search;
mod session;
mod validate;

pub use qr::qr_svg;
pub use search::UploadBudget;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(validate::one))
        .routes(routes!(validate::many))
        .routes(routes!(session::show))
        .routes(routes!(facepass_status::show))
        .routes(routes!(interface::api))
        .routes(routes!(interface::short))
        .routes(routes!(photos::list))
        .routes(routes!(consents::create))
        .routes(routes!(consents::withdraw))
        .routes(routes!(search::search).layer(DefaultBodyLimit::max(search::FORM_BYTES)))
        .routes(routes!(qr::show))
        .routes(routes!(events::guest))
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::NotFound => Code::SessionNotFound.into(),
            SessionError::FacePassDisabled => Code::FacepassDisabled.into(),
            SessionError::Unavailable(cause) => Self::new(Code::SourceUnavailable).because(cause),
        }
    }
}

impl From<GuestError> for Problem {
    fn from(error: GuestError) -> Self {
        match error {
            GuestError::Session(error) => error.into(),
            GuestError::InvalidConsent => Code::InvalidConsent.into(),
            GuestError::ConsentNotFound => Code::ConsentNotFound.into(),
            GuestError::Search(error) => error.into(),
            GuestError::Mark(error) => error.into(),
            GuestError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::failed(&error)
    }
}

/// `2026-02-18T17:55:51.746000+00:00`, as clients of the old service expect it.
pub(super) fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

/// The camera's clock, which does not know its zone.
fn camera_time(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The addresses of a photo's derivatives by long side, in pixels.
///
/// A picture that is too small for a size has no derivative of it: the largest there is stands in. `mark` is
/// what guests see over the larger ones.
pub(super) fn picture_urls(photo: &crate::domain::Photo, mark: Option<&StudioMark>) -> BTreeMap<u32, String> {
    let url = |d: &crate::domain::Derivative| {
        format!("/media/{}/{}/{}", photo.photo_session_id, photo.id, file_name(d, mark))
    };
    crate::domain::DERIVATIVE_SIZES
        .iter()
        .filter_map(|&size| {
            let fits = photo.derivatives.iter().filter(|d| d.size <= size).max_by_key(|d| d.size);
            Some((size, url(fits.or(photo.derivatives.first())?)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_microseconds_even_when_there_are_none() {
        let at = |micros| time(DateTime::from_timestamp_micros(micros).expect("in range"));
        assert_eq!(at(1_771_437_351_746_000), "2026-02-18T17:55:51.746000+00:00");
        assert_eq!(at(1_771_437_351_000_000), "2026-02-18T17:55:51.000000+00:00");
    }
}
