//! `/api/studios/{studio_id}/branding`: how a studio shows itself in print.

use axum::{Json, extract::State};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::Utc;
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
    store::Branding,
};

/// A logo in base64 with some room around it.
pub(super) const BODY_BYTES: usize = MAX_LOGO_BYTES * 4 / 3 + (16 << 10);
const LONGEST_NAME: usize = 100;

#[derive(Serialize, Deserialize, ToSchema)]
pub struct BrandingJson {
    #[schema(min_length = 1, max_length = 100)]
    name: String,
    #[schema(pattern = "^#[0-9a-fA-F]{6}$")]
    colour: String,
    /// PNG of 32 to 4096 pixels a side and at most 512 KiB.
    logo_png_base64: Option<String>,
}

impl From<Branding> for BrandingJson {
    fn from(Branding { name, colour, logo }: Branding) -> Self {
        Self { name, colour, logo_png_base64: logo.map(|logo| BASE64_STANDARD.encode(logo)) }
    }
}

/// Whoever does not run the studio is told that there is none.
fn check(caller: &accounts::Caller, studio: StudioId) -> Result<(), Problem> {
    if caller.may_run(studio) { Ok(()) } else { Err(Code::StudioNotFound.into()) }
}

/// The studio's name, colour and logo
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/branding",
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
    let branding = app.store.studios().branding(id).await?.ok_or(Code::StudioNotFound)?;
    Ok(Json(branding.into()))
}

/// Change the studio's name, colour and logo
#[utoipa::path(
    put,
    path = "/api/studios/{studio_id}/branding",
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
    let name = new.name.trim();
    if !(1..=LONGEST_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Code::InvalidName.into());
    }
    if !is_colour(&new.colour) {
        return Err(Code::InvalidColour.into());
    }
    let logo = new.logo_png_base64.map(|logo| BASE64_STANDARD.decode(logo.trim())).transpose();
    let logo = logo.map_err(|_| Code::InvalidLogo)?;
    if let Some(logo) = &logo {
        app.cards.check_logo(logo.clone()).await?;
    }
    let branding = Branding { name: name.to_owned(), colour: new.colour.to_lowercase(), logo };
    if !app.store.studios().set_branding(id, &branding, Utc::now()).await? {
        return Err(Code::StudioNotFound.into());
    }
    app.marks.forget(id).await;
    Ok(Json(branding.into()))
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}
