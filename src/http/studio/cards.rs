//! `qr.png`, `qr.svg`, `card.pdf` and `cards.pdf` of a session.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::managed;
use crate::{
    accounts,
    app::{App, AppState},
    cards::{CardContent, Design, MOST_CARDS},
    domain::{Language, PhotoSession, PhotoSessionId},
    guests::Pass,
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
}

/// Get the session's link as a PNG, with the studio's logo
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/qr.png",
    operation_id = "get_photo_session_qr_png",
    tag = "studio",
    params(("session_id" = Uuid, Path), Size, WithPin),
    responses((status = 200, body = Binary, content_type = "image/png"))
)]
pub async fn png(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(Size { size }): Params<Size>,
    Params(WithPin { pin, link }): Params<WithPin>,
) -> Result<Response, Problem> {
    let side = match size.as_deref().map(str::parse) {
        None => SIDE,
        Some(Ok(side)) if SIDES.contains(&side) => side,
        Some(_) => return Err(Code::InvalidPictureSize.into()),
    };
    let (session, branding) = branded(&app, &caller, id).await?;
    let url = guest_link(&app, &session, link.as_deref(), pin.as_deref()).await?.0;
    let png = app.cards.png(url, branding.logo, side).await?;
    Ok(file("image/png", "png", &session, png).into_response())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WithPin {
    /// `1`: the code carries the gallery's PIN, so that nobody types it in.
    pin: Option<String>,
    /// The code of one of the session's links; else its own.
    link: Option<String>,
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
    Params(WithPin { pin, link }): Params<WithPin>,
) -> Result<Response, Problem> {
    let (session, branding) = branded(&app, &caller, id).await?;
    let url = guest_link(&app, &session, link.as_deref(), pin.as_deref()).await?.0;
    let svg = app.cards.svg(url, branding.logo).await?;
    Ok(file("image/svg+xml", "svg", &session, svg).into_response())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Words {
    /// Else by `Accept-Language`.
    #[param(inline, value_type = Option<words::Language>)]
    language: Option<String>,
}

/// Get the table card, A6, ready to print
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/card.pdf",
    operation_id = "get_photo_session_card",
    tag = "studio",
    params(("session_id" = Uuid, Path), Words, WithPin),
    responses((status = 200, body = Binary, content_type = "application/pdf"))
)]
pub async fn pdf(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(words): Params<Words>,
    Params(WithPin { pin, link }): Params<WithPin>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language_of(words.language.as_deref(), &headers)?;
    let (session, branding) = branded(&app, &caller, id).await?;
    let (url, label) = guest_link(&app, &session, link.as_deref(), pin.as_deref()).await?;
    let pdf = app.cards.pdf(content(&session, &branding, url, label, language)).await?;
    Ok(([(header::CONTENT_LANGUAGE, language.as_str())], file("application/pdf", "pdf", &session, pdf))
        .into_response())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Sheet {
    /// `classic` and `cover` (with the session's cover) have four cards of A6 on a page, `small` ten of 85 × 55 mm.
    design: Option<String>,
    /// Else by `Accept-Language`.
    #[param(inline, value_type = Option<words::Language>)]
    language: Option<String>,
    /// `1`: the codes carry the gallery's PIN, so that nobody types it in.
    pin: Option<String>,
    /// The code of one of the session's links, or `all` for a card of each; else its own.
    link: Option<String>,
    /// Of each card; up to 100 cards make a sheet. Else a page of one link, and one of each of all.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    copies: Option<String>,
}

/// Get a sheet of many cards, A4, ready to print and cut
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/cards.pdf",
    operation_id = "get_photo_session_cards",
    tag = "studio",
    params(("session_id" = Uuid, Path), Sheet),
    responses((status = 200, body = Binary, content_type = "application/pdf"))
)]
pub async fn sheet(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    Params(asked): Params<Sheet>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let language = language_of(asked.language.as_deref(), &headers)?;
    let design = asked.design.as_deref().unwrap_or("classic").parse().map_err(|()| Code::InvalidDesign)?;
    let (session, branding) = branded(&app, &caller, id).await?;
    let codes = match asked.link.as_deref() {
        Some("all") => {
            app.studio.own_link(id, app.now()).await?;
            app.studio.links(id).await?.into_iter().map(|link| Some(link.code.to_string())).collect()
        }
        one => vec![one.map(ToOwned::to_owned)],
    };
    let usual = if codes.len() > 1 { 1 } else { Design::on_a_page(design) };
    let copies = asked.copies.map_or(Ok(usual), |copies| copies.parse().map_err(|_| Code::TooManyCards))?;
    if copies == 0 || copies * codes.len() > MOST_CARDS {
        return Err(Code::TooManyCards.into());
    }
    let mut cards = Vec::new();
    for code in codes {
        let (url, label) = guest_link(&app, &session, code.as_deref(), asked.pin.as_deref()).await?;
        let card = content(&session, &branding, url, label, language);
        cards.extend(std::iter::repeat_n(card, copies));
    }
    let cover = if design == Design::Cover { Some(cover(&app, &caller, id).await?) } else { None };
    let pdf = app.cards.sheet(cards, design, cover).await?;
    Ok(([(header::CONTENT_LANGUAGE, language.as_str())], file("application/pdf", "pdf", &session, pdf))
        .into_response())
}

/// The session's cover as guests see it.
async fn cover(app: &App, caller: &accounts::Caller, id: PhotoSessionId) -> Result<Bytes, Problem> {
    let visit = app.guests.enter_as(id, Some(caller), &Pass::none()).await?;
    let photo = visit.these(visit.session.terms.cover.as_slice()).await?.pop().ok_or(Code::NoCover)?;
    let copies = photo.derivatives.iter().filter(|copy| copy.size <= 1024);
    let copy = copies.max_by_key(|copy| copy.size).ok_or(Code::NoCover)?;
    Ok(visit.picture(&photo, copy, visit.mark.is_some()).await?)
}

fn content(
    session: &PhotoSession,
    branding: &Branding,
    url: String,
    label: String,
    language: Language,
) -> CardContent {
    CardContent {
        session: session.name.clone(),
        studio: branding.name.clone(),
        colour: branding.colour.clone(),
        logo: branding.logo.clone(),
        url,
        label,
        language,
    }
}

fn language_of(tag: Option<&str>, headers: &HeaderMap) -> Result<Language, Problem> {
    Ok(match tag {
        Some(tag) => tag.parse().map_err(|_| Code::InvalidLanguage)?,
        None => language::of(headers),
    })
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
    let plain = || Branding {
        name: String::new(),
        colour: "#1f2937".to_owned(),
        logo: None,
        contact: None,
        site: None,
    };
    Ok((session, branding.unwrap_or_else(plain)))
}

/// One of the guests' links with its label. A PIN travels behind `#`, which no browser sends on and no log keeps.
async fn guest_link(
    app: &App,
    session: &PhotoSession,
    code: Option<&str>,
    with_pin: Option<&str>,
) -> Result<(String, String), Problem> {
    let link = match code {
        Some(code) => app.studio.link(session.id, code).await?,
        None => app.studio.own_link(session.id, app.now()).await?,
    };
    let url = app.addresses.link(session.studio_id, link.code);
    let url = match session.terms.pin.as_deref().filter(|_| with_pin == Some("1")) {
        Some(pin) => format!("{url}#pin={}", utf8_percent_encode(pin, NON_ALPHANUMERIC)),
        None => url,
    };
    Ok((url, link.label))
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
