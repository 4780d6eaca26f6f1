//! Hearts, the couple's selection, and what the photographer takes back of them.

use utoipa_axum::{router::OpenApiRouter, routes};

use super::{messages::Code, problem::Problem};
use crate::{app::AppState, choices::ChoiceError};

mod hearts;
mod hidden;
mod lists;
mod taken;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(hearts::show, hearts::change, hearts::forget))
        .routes(routes!(hearts::choose, hearts::leave))
        .routes(routes!(hearts::photos))
        .routes(routes!(hearts::open))
        .routes(routes!(hearts::shared))
        .routes(routes!(hidden::list, hidden::change))
        .routes(routes!(lists::list))
        .routes(routes!(lists::erase))
        .routes(routes!(lists::set_selection))
        .routes(routes!(taken::list))
        .routes(routes!(taken::export))
}

impl From<ChoiceError> for Problem {
    fn from(error: ChoiceError) -> Self {
        match error {
            ChoiceError::NotFound => Code::ListNotFound.into(),
            ChoiceError::PhotoNotFound => Code::PhotoNotFound.into(),
            ChoiceError::FromGuest => Code::PhotoFromGuest.into(),
            ChoiceError::Full(limit) => Self::new(Code::SelectionFull).with("limit", limit),
            ChoiceError::InvalidName => Code::InvalidListName.into(),
            ChoiceError::InvalidLimit => Code::InvalidSelectionLimit.into(),
            ChoiceError::NotHere => Code::NotTheCouples.into(),
            ChoiceError::MayNotHide => Code::HidingNotAllowed.into(),
            ChoiceError::Overruled(photos) => {
                let ids: Vec<String> = photos.iter().map(ToString::to_string).collect();
                Self::new(Code::HidingOverruled).with("photo_ids", ids)
            }
            ChoiceError::TooMany(wait) => Self::new(Code::TooManyAttempts).retry_after(wait),
            ChoiceError::Store(error) => error.into(),
        }
    }
}
