//! `qr.png`, `qr.svg` and `card.pdf` of a session.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::managed;
use crate::{
    accounts,
    app::{App, AppState},
    cards::CardContent,
    domain::{PhotoSession, PhotoSessionId},
    http::{
        extract::{Params, PathId},
        guard::Caller,
        language,
        messages::Code,
        problem::Problem,
        shared::shown_as,
        words::{self, Binary},
    },
    studios::Branding,
};

/// Sides of a PNG, in pixels.
const SIDES: std::ops::RangeInclusive<u32> = 128..=4096;
const SIDE: u32 = 1024;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Size {
    /// Pixels on a side.
    #[param(value_type = Option<u32>, minimum = 128, maximum = 4096, default = 1024)]
    size: Option<String>,
    /// `1`: the code carries the gallery's PIN, so that nobody types it in.
    pin: Option<String>,
}

/// Get the session's link as a PNG, with the studio's logo
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/qr.png",
    operation_id = "get_photo_session_qr_png",
    tag = "studio",
    params(("session_id" = Uuid, Path), Size),
    responses((status = 200, body = Binary, content_type = "image/png"))
)]
pub async fn png(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(Size { size, pin }): Params<Size>,
) -> Result<Response, Problem> {
    let side = match size.as_deref().map(str::parse) {
        None => SIDE,
        Some(Ok(side)) if SIDES.contains(&side) => side,
        Some(_) => return Err(Code::InvalidPictureSize.into()),
    };
    let (session, branding) = branded(&app, &caller, id).await?;
    let png = app.cards.png(link(&app, &session, pin.as_deref()), branding.logo, side).await?;
    Ok(file("image/png", "png", &session, png).into_response())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WithPin {
    /// `1`: the code carries the gallery's PIN, so that nobody types it in.
    pin: Option<String>,
}

/// Get the session's link as an SVG, with the studio's logo
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/qr.svg",
    operation_id = "get_photo_session_qr_svg",
    tag = "studio",
    params(("session_id" = Uuid, Path), WithPin),
    responses((status = 200, body = String, content_type = "image/svg+xml"))
)]
pub async fn svg(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(WithPin { pin }): Params<WithPin>,
) -> Result<Response, Problem> {
    let (session, branding) = branded(&app, &caller, id).await?;
    let svg = app.cards.svg(link(&app, &session, pin.as_deref()), branding.logo).await?;
    Ok(file("image/svg+xml", "svg", &session, svg).into_response())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Words {
    /// Else by `Accept-Language`.
    #[param(inline, value_type = Option<words::Language>)]
    language: Option<String>,
    /// `1`: the code carries the gallery's PIN, so that nobody types it in.
    pin: Option<String>,
}

/// Get the table card, A6, ready to print
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/card.pdf",
    operation_id = "get_photo_session_card",
    tag = "studio",
    params(("session_id" = Uuid, Path), Words),
    responses((status = 200, body = Binary, content_type = "application/pdf"))
)]
pub async fn pdf(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(words): Params<Words>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = match words.language.as_deref() {
        Some(tag) => tag.parse().map_err(|_| Code::InvalidLanguage)?,
        None => language::of(&headers),
    };
    let (session, branding) = branded(&app, &caller, id).await?;
    let content = CardContent {
        session: session.name.clone(),
        studio: branding.name,
        colour: branding.colour,
        logo: branding.logo,
        url: link(&app, &session, words.pin.as_deref()),
        language,
    };
    let pdf = app.cards.pdf(content).await?;
    Ok(([(header::CONTENT_LANGUAGE, language.as_str())], file("application/pdf", "pdf", &session, pdf))
        .into_response())
}

/// The session and how its studio shows itself.
async fn branded(
    app: &App,
    caller: &accounts::Caller,
    id: PhotoSessionId,
) -> Result<(std::sync::Arc<PhotoSession>, Branding), Problem> {
    let session = managed(app, caller, id).await?;
    let branding = app.studios.branding(session.studio_id).await?;
    // The studio of an external session may be unknown here.
    let plain = || Branding { name: String::new(), colour: "#1f2937".to_owned(), logo: None };
    Ok((session, branding.unwrap_or_else(plain)))
}

/// The guests' link. A PIN travels behind `#`, which no browser sends on and no log keeps.
fn link(app: &App, session: &PhotoSession, with_pin: Option<&str>) -> String {
    let url = app.settings.session_url(session.id);
    match session.terms.pin.as_deref().filter(|_| with_pin == Some("1")) {
        Some(pin) => format!("{url}#pin={}", utf8_percent_encode(pin, NON_ALPHANUMERIC)),
        None => url,
    }
}

/// A file that a browser shows, and saves under the session's name.
fn file<B>(
    content_type: &'static str,
    ending: &str,
    session: &PhotoSession,
    body: B,
) -> ([(HeaderName, HeaderValue); 2], B) {
    let name = shown_as(&format!("{} QR.{ending}", session.name.replace(['/', '\\'], "-")), ending);
    let content_type = HeaderValue::from_static(content_type);
    ([(header::CONTENT_TYPE, content_type), (header::CONTENT_DISPOSITION, name)], body)
}
