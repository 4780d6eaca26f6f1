//! `/api/studios/{studio_id}/branding`: how a studio shows itself, in print and to its guests.

use axum::{Json, extract::State};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    accounts,
    app::AppState,
    cards::MAX_LOGO_BYTES,
    domain::StudioId,
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
    },
    studios::{Branding, BrandingError},
};

/// A logo in base64 with some room around it.
pub(super) const BODY_BYTES: usize = MAX_LOGO_BYTES * 4 / 3 + (16 << 10);

#[derive(Serialize, Deserialize, ToSchema)]
pub struct BrandingJson {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(pattern = "^#[0-9a-fA-F]{6}$")]
    colour: String,
    /// PNG of 32 to 4096 pixels a side and at most 512 KiB; it is drawn anew, at most 1024 pixels large.
    #[serde(alias = "logoPngBase64")]
    logo_png_base64: Option<String>,
    /// How guests reach the studio, one line of up to 200 characters: a mail address or a number becomes a link.
    contact: Option<String>,
    /// The studio's own pages: an http:// or https:// address of up to 200 characters.
    site: Option<String>,
}

impl From<Branding> for BrandingJson {
    fn from(Branding { name, colour, logo, contact, site }: Branding) -> Self {
        Self { name, colour, logo_png_base64: logo.map(|logo| BASE64_STANDARD.encode(logo)), contact, site }
    }
}

/// Callers who do not run the studio get 404.
pub(in crate::http) fn check(caller: &accounts::Caller, studio: StudioId) -> Result<(), Problem> {
    if caller.may_run(studio) { Ok(()) } else { Err(Code::StudioNotFound.into()) }
}

/// Get the studio's name, colour and logo
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/branding",
    operation_id = "get_branding",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = BrandingJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<Json<BrandingJson>, Problem> {
    check(&caller, id)?;
    let branding = app.studios.branding(id).await?.ok_or(Code::StudioNotFound)?;
    Ok(Json(branding.into()))
}

/// Change the studio's name, colour and logo
#[utoipa::path(
    put,
    path = "/api/studios/{studio_id}/branding",
    operation_id = "set_branding",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    request_body = BrandingJson,
    responses((status = 200, body = BrandingJson))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
    new: Result<extract::Json<BrandingJson>, Problem>,
) -> Result<Json<BrandingJson>, Problem> {
    check(&caller, id)?;
    let extract::Json(new) = new?;
    let logo = new.logo_png_base64.map(|logo| BASE64_STANDARD.decode(logo.trim())).transpose();
    let logo = logo.map_err(|_| Code::InvalidLogo)?;
    let new = Branding { name: new.name, colour: new.colour, logo, contact: new.contact, site: new.site };
    Ok(Json(app.studios.change(id, new, app.now()).await?.into()))
}

impl From<BrandingError> for Problem {
    fn from(error: BrandingError) -> Self {
        match error {
            BrandingError::InvalidName => Code::InvalidName.into(),
            BrandingError::InvalidColour => Code::InvalidColour.into(),
            BrandingError::InvalidContact => Code::InvalidContact.into(),
            BrandingError::InvalidSite => Code::InvalidSite.into(),
            BrandingError::Logo(error) => error.into(),
            BrandingError::NotFound => Code::StudioNotFound.into(),
            BrandingError::Store(error) => error.into(),
        }
    }
}
