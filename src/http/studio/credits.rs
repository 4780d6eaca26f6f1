//! `/api/studios/{studio_id}/credits`: what a studio wants written into the files that guests take home.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::branding::check;
use crate::{
    app::AppState,
    domain::StudioId,
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
    },
    studios::{Credits, CreditsError},
};

/// Nothing but this is written: no time, no place, no camera.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct CreditsJson {
    /// `null` or empty: not written.
    #[schema(max_length = 200)]
    creator: Option<String>,
    #[schema(max_length = 200)]
    copyright: Option<String>,
    /// An address of any kind: of mail, of a page, a telephone number.
    #[schema(max_length = 200)]
    contact: Option<String>,
    /// Where a photo's own file names creator and copyright, those are written.
    #[serde(default, alias = "fromPhotos")]
    from_photos: bool,
}

impl From<Credits> for CreditsJson {
    fn from(Credits { creator, copyright, contact, from_photos }: Credits) -> Self {
        Self { creator, copyright, contact, from_photos }
    }
}

/// Get the credits that are written into guests' files
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/credits",
    operation_id = "get_credits",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = CreditsJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<Json<CreditsJson>, Problem> {
    check(&caller, id)?;
    Ok(Json(app.studios.credits(id).await?.into()))
}

/// Change the credits that are written into guests' files
///
/// Into what guests download from now on, one by one and in archives: EXIF, XMP and IPTC.
#[utoipa::path(
    put,
    path = "/api/studios/{studio_id}/credits",
    operation_id = "set_credits",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    request_body = CreditsJson,
    responses((status = 200, body = CreditsJson))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
    new: Result<extract::Json<CreditsJson>, Problem>,
) -> Result<Json<CreditsJson>, Problem> {
    check(&caller, id)?;
    let extract::Json(CreditsJson { creator, copyright, contact, from_photos }) = new?;
    let new = Credits { creator, copyright, contact, from_photos };
    Ok(Json(app.studios.set_credits(id, new, app.now()).await?.into()))
}

impl From<CreditsError> for Problem {
    fn from(error: CreditsError) -> Self {
        match error {
            CreditsError::Invalid => Code::InvalidCredits.into(),
            CreditsError::Store(error) => error.into(),
        }
    }
}
