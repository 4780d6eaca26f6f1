//! `/static/…`: the files of the front end.

use axum::{
    extract::{Path, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{assets, messages::Code, problem::Problem, shared::not_modified};

/// Get a file of the front end
///
/// Immutable under the current version. A page loaded before an update still gets its files, uncached.
#[utoipa::path(
    get,
    path = "/static/{version}/{*path}",
    operation_id = "get_static_file",
    tag = "pages",
    params(("version" = String, Path, description = "Hash of the whole front end"), ("path" = String, Path)),
    responses((status = 200, description = "The file"), (status = 304, description = "Unchanged"), (status = 404))
)]
pub async fn file(
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((version, path)) = path.map_err(|_| Code::NotFound)?;
    let cache = if version == *assets::VERSION { "public, max-age=31536000, immutable" } else { "no-cache" };
    named(&path, cache, &headers)
}

/// A file of the front end, to be kept as `cache` says.
///
/// # Errors
/// `not_found`.
pub fn named(path: &str, cache: &'static str, headers: &HeaderMap) -> Result<Response, Problem> {
    let (file, content_type) = assets::file(path).ok_or(Code::NotFound)?;
    // Weak: the body may be compressed on its way.
    let etag = format!("W/\"{}\"", hex::encode(&file.metadata.sha256_hash()[..8]));
    let common = [
        (header::ETAG, HeaderValue::from_str(&etag).map_err(Problem::internal)?),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    if not_modified(headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let body = match file.data {
        std::borrow::Cow::Borrowed(bytes) => bytes::Bytes::from_static(bytes),
        std::borrow::Cow::Owned(bytes) => bytes.into(),
    };
    Ok((common, [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))], body).into_response())
}
