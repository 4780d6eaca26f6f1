//! `GET /api/v1/sessions/{session_id}/qr.svg`

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use qrcode::{QrCode, render::svg, types::QrError};

use crate::{
    app::AppState,
    cards::coarse,
    domain::PhotoSessionId,
    http::{extract::PathId, holder::Holder, problem::Problem},
};

/// A QR code as an SVG picture, black on white, with the quiet zone that scanners need.
///
/// # Errors
/// When the URL is longer than a QR code can hold (about 2,300 characters).
pub fn qr_svg(url: &str) -> Result<String, QrError> {
    // Level M withstands a fold or a stain on a printed card.
    let code = QrCode::with_error_correction_level(url, qrcode::EcLevel::M)?;
    Ok(code.render::<svg::Color<'_>>().min_dimensions(320, 320).quiet_zone(true).build())
}

/// Get the session's link as a QR code
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/qr.svg",
    operation_id = "get_session_qr",
    tag = "sessions",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "image/svg+xml"))
)]
pub async fn show(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
) -> Result<Response, Problem> {
    let session = app.guests.open(id, &pass).await?;
    let link = app.studio.own_link(id, app.now()).await?;
    let svg =
        qr_svg(&coarse(&app.addresses.link(session.studio_id, link.code))).map_err(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}
