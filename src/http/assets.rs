//! The front end, inside the binary.
//!
//! Files are served under a path that holds the hash of all of them (`/static/{hash}/js/guest/main.js`):
//! ES modules import each other by relative paths, so one folder is one version, cached for ever.

use std::sync::LazyLock;

use axum::{
    extract::{Path, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

use super::{conditional::not_modified, messages::Code, problem::Problem};

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// 16 hex digits over every file's name and content.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort_unstable();
    let mut hasher = Sha256::new();
    for name in names {
        hasher.update(name.as_bytes());
        hasher.update(Files::get(&name).map_or([0; 32], |file| file.metadata.sha256_hash()));
    }
    hex::encode(&hasher.finalize()[..8])
});

/// What `{{static}}` stands for in templates.
#[must_use]
pub fn base_path() -> String {
    format!("/static/{}", *VERSION)
}

/// A page's template.
#[must_use]
pub fn template(name: &str) -> Option<String> {
    Files::get(name).and_then(|file| String::from_utf8(file.data.into_owned()).ok())
}

/// A file of the front end
///
/// Immutable under the current version. A page loaded before an update still gets its files, uncached.
#[utoipa::path(
    get,
    path = "/static/{version}/{*path}",
    tag = "pages",
    params(("version" = String, Path, description = "Hash of the whole front end"), ("path" = String, Path)),
    responses((status = 200, description = "The file"), (status = 304, description = "Unchanged"), (status = 404))
)]
pub async fn file(
    path: Result<Path<(String, String)>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((version, path)) = path.map_err(|_| Code::NotFound)?;
    let content_type = content_type(&path).ok_or(Code::NotFound)?;
    let file = Files::get(&path).ok_or(Code::NotFound)?;
    // Weak: the body may be compressed on its way.
    let etag = format!("W/\"{}\"", hex::encode(&file.metadata.sha256_hash()[..8]));
    let cache = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-cache" };
    let common = [
        (header::ETAG, HeaderValue::from_str(&etag).map_err(Problem::internal)?),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    if not_modified(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let body = match file.data {
        std::borrow::Cow::Borrowed(bytes) => bytes::Bytes::from_static(bytes),
        std::borrow::Cow::Owned(bytes) => bytes.into(),
    };
    Ok((common, [(header::CONTENT_TYPE, HeaderValue::from_static(content_type))], body).into_response())
}

/// The kinds of file that the front end is made of. Templates (`.html`) are pages, not files.
fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "jpg" => "image/jpeg",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_but_templates_and_licences_can_be_served() {
        for name in Files::iter() {
            // thumbhash names its licence in its package.json and nowhere else.
            // The fonts are for print.
            let known = [".html", ".md", "LICENSE", "package.json", ".ttf", "LICENSE_FONT"]
                .iter()
                .any(|end| name.ends_with(end));
            assert!(known || content_type(&name).is_some(), "{name} has no content type");
        }
        assert!(Files::get("guest.html").is_some(), "the front end is in the binary");
    }
}
