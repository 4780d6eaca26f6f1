//! `/api/studios/{studio_id}/watermark`: what guests see over the studio's pictures.

use axum::{
    Json,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    accounts,
    app::AppState,
    cards::MAX_LOGO_BYTES,
    domain::{StudioId, Watermark, WatermarkKind},
    http::{
        extract::{self, Params, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        words::Binary,
    },
};

/// A logo in base64 with some room around it.
pub(super) const BODY_BYTES: usize = MAX_LOGO_BYTES * 4 / 3 + (16 << 10);
const LONGEST_TEXT: usize = 60;
const OPACITY: std::ops::RangeInclusive<u8> = 10..=90;
const USUAL_OPACITY: u8 = 40;

/// The kind of mark.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "documents what `WatermarkJson::read` takes")]
pub enum MarkKind {
    None,
    Text,
    Logo,
}

#[derive(Serialize, Deserialize, ToSchema)]
pub struct WatermarkJson {
    #[schema(value_type = MarkKind)]
    kind: String,
    /// Of `text`: 1 to 60 characters.
    text: Option<String>,
    /// Per cent.
    #[schema(minimum = 10, maximum = 90)]
    opacity: u8,
    /// Of `logo`: PNG of 32 to 4096 pixels a side and at most 512 KiB; `null` is the studio's own logo.
    #[serde(alias = "logoPngBase64")]
    logo_png_base64: Option<String>,
}

impl From<Option<Watermark>> for WatermarkJson {
    fn from(watermark: Option<Watermark>) -> Self {
        let Some(Watermark { kind, text, logo, opacity }) = watermark else {
            return Self { kind: "none".into(), text: None, opacity: USUAL_OPACITY, logo_png_base64: None };
        };
        let logo_png_base64 = logo.map(|logo| BASE64_STANDARD.encode(logo));
        Self { kind: kind.to_string(), text, opacity, logo_png_base64 }
    }
}

impl WatermarkJson {
    fn read(self) -> Result<Option<Watermark>, Problem> {
        if self.kind == "none" {
            return Ok(None);
        }
        let kind: WatermarkKind = self.kind.parse().map_err(|_| Code::InvalidWatermark)?;
        let text = self.text.map(|text| text.trim().to_owned()).filter(|_| kind == WatermarkKind::Text);
        let is_sound = match (kind, &text) {
            (WatermarkKind::Logo, _) => true,
            (WatermarkKind::Text, Some(text)) => {
                (1..=LONGEST_TEXT).contains(&text.chars().count()) && !text.chars().any(char::is_control)
            }
            (WatermarkKind::Text, None) => false,
        };
        if !is_sound || !OPACITY.contains(&self.opacity) {
            return Err(Code::InvalidWatermark.into());
        }
        let logo = self.logo_png_base64.filter(|_| kind == WatermarkKind::Logo);
        let logo = logo.map(|logo| BASE64_STANDARD.decode(logo.trim())).transpose();
        let logo = logo.map_err(|_| Code::InvalidLogo)?;
        Ok(Some(Watermark { kind, text, logo, opacity: self.opacity }))
    }
}

/// Callers who do not run the studio get 404.
fn check(caller: &accounts::Caller, studio: StudioId) -> Result<(), Problem> {
    if caller.may_run(studio) { Ok(()) } else { Err(Code::StudioNotFound.into()) }
}

/// Get the studio's watermark
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/watermark",
    operation_id = "get_watermark",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = WatermarkJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<Json<WatermarkJson>, Problem> {
    check(&caller, id)?;
    Ok(Json(app.marks.setting(id).await?.into()))
}

/// Change the studio's watermark
#[utoipa::path(
    put,
    path = "/api/studios/{studio_id}/watermark",
    operation_id = "set_watermark",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    request_body = WatermarkJson,
    responses((status = 200, body = WatermarkJson))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
    new: Result<extract::Json<WatermarkJson>, Problem>,
) -> Result<Json<WatermarkJson>, Problem> {
    check(&caller, id)?;
    let extract::Json(new) = new?;
    let mut watermark = new.read()?;
    if let Some(logo) = watermark.as_mut().and_then(|watermark| watermark.logo.as_mut()) {
        *logo = app.cards.draw_logo(std::mem::take(logo)).await?.0;
    }
    app.marks.set(id, watermark.clone(), app.now()).await?;
    Ok(Json(watermark.into()))
}

/// A mark to try; what is left out is as it is set.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Tried {
    #[param(inline, value_type = Option<MarkKind>)]
    kind: Option<String>,
    text: Option<String>,
    #[param(value_type = Option<u8>, minimum = 10, maximum = 90)]
    opacity: Option<String>,
}

/// Get a sample picture with the watermark
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/watermark/preview.jpg",
    operation_id = "get_watermark_preview",
    tag = "studio",
    params(("studio_id" = Uuid, Path), Tried),
    responses((status = 200, content_type = "image/jpeg", body = Binary))
)]
pub async fn preview(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
    Params(tried): Params<Tried>,
) -> Result<Response, Problem> {
    check(&caller, id)?;
    let set = WatermarkJson::from(app.marks.setting(id).await?);
    let opacity = tried.opacity.map(|text| text.parse().map_err(|_| Code::InvalidWatermark)).transpose()?;
    let tried = WatermarkJson {
        kind: tried.kind.unwrap_or(set.kind),
        text: tried.text.or(set.text),
        opacity: opacity.unwrap_or(set.opacity),
        logo_png_base64: set.logo_png_base64,
    };
    let jpeg = app.marks.sample(id, tried.read()?).await?;
    Ok(([(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "no-store")], jpeg).into_response())
}
