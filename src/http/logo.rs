//! `/brand/{studio_id}/{file}`: a studio's logo.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    brand::file_name, extract, messages::Code, problem::Problem, shared::not_modified, words::Binary,
};
use crate::{app::AppState, domain::StudioId};

/// Get a studio's logo as its guests' pages show it
///
/// Under its own name it never goes stale.
#[utoipa::path(
    get,
    path = "/brand/{studio_id}/{file}",
    operation_id = "get_studio_logo",
    tag = "pages",
    params(("studio_id" = Uuid, Path), ("file" = String, Path, description = "As the pages name it")),
    responses((status = 200, body = Binary, content_type = "image/png"), (status = 304, description = "Unchanged"), (status = 404))
)]
pub async fn logo(
    State(app): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((studio, file)) = path.map_err(|_| Code::NotFound)?;
    let studio: StudioId = extract::id(&studio)?;
    let brand = app.studios.brand(studio).await?.filter(|brand| brand.has_logo).ok_or(Code::NotFound)?;
    let name = file_name(&brand);
    let etag = format!("\"{name}\"");
    let cache = if file == name { "public, max-age=31536000, immutable" } else { "no-cache" };
    let common = [
        (header::ETAG, HeaderValue::from_str(&etag).map_err(Problem::internal)?),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::CONTENT_TYPE, HeaderValue::from_static("image/png")),
    ];
    if not_modified(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let logo = app.studios.page_logo(studio).await?.ok_or(Code::NotFound)?;
    Ok((common, logo).into_response())
}
