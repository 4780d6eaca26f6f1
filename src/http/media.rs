//! `GET /media/{session_id}/{photo_id}/{size}-{hash}.jpg`: the pictures.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chrono::Utc;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    conditional::{Part, not_modified, part},
    extract::{self, Params},
    messages::Code,
    problem::Problem,
};
use crate::{
    app::AppState,
    blobs::{BlobError, BlobKey},
    domain::{Derivative, Photo, PhotoId, PhotoSessionId, PhotoState},
    store::UsageKind,
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Options {
    /// `1` saves the picture instead of showing it, and counts as a download.
    download: Option<String>,
}

/// A picture of a session
///
/// The name holds the hash of the content, so a copy never goes stale. Closed with the session.
#[utoipa::path(
    get,
    path = "/media/{session_id}/{photo_id}/{file}",
    tag = "photos",
    params(
        ("session_id" = Uuid, Path),
        ("photo_id" = Uuid, Path),
        ("file" = String, Path, description = "`{320|1024|2048}-{16 hex digits}.jpg`"),
        Options
    ),
    responses(
        (status = 200, content_type = "image/jpeg", body = Vec<u8>),
        (status = 206, description = "The part that `Range` asked for"),
        (status = 304, description = "Unchanged")
    )
)]
pub async fn picture(
    State(app): State<AppState>,
    path: Result<Path<(String, String, String)>, PathRejection>,
    Params(options): Params<Options>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((session, photo, file)) = path.map_err(|_| Code::MalformedId)?;
    let session: PhotoSessionId = extract::id(&session)?;
    let photo_id: PhotoId = extract::id(&photo)?;
    app.sessions.open(session).await?;
    let photo = app.store.photos().get(photo_id).await?;
    let photo = photo
        .filter(|p| p.photo_session_id == session && p.state == PhotoState::Ready && p.is_selected)
        .ok_or(Code::PhotoNotFound)?;
    let derivative = named(&photo, &file).ok_or(Code::PhotoNotFound)?;

    let etag = format!("\"{}\"", derivative.hash);
    let mut common = HeaderMap::new();
    common.insert(header::ETAG, HeaderValue::from_str(&etag).map_err(Problem::internal)?);
    common.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    if not_modified(&headers, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    common.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    common.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if options.download.as_deref() == Some("1") {
        common.insert(header::CONTENT_DISPOSITION, attachment(&photo.filename));
        app.usage.bump(session, UsageKind::Download, Utc::now());
    }

    let key = BlobKey::derivative(session, photo_id, derivative).ok_or(Code::PhotoNotFound)?;
    // A derivative has a few hundred kilobytes: simpler whole than as a stream.
    let picture = app.blobs.get(key).await?;
    answer(&headers, &etag, common, picture)
}

fn answer(headers: &HeaderMap, etag: &str, mut common: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    let length = body.len();
    match part(headers, etag, length) {
        Part::All => Ok((common, body).into_response()),
        Part::Some(range) => {
            let described = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            common
                .insert(header::CONTENT_RANGE, HeaderValue::from_str(&described).map_err(Problem::internal)?);
            Ok((StatusCode::PARTIAL_CONTENT, common, body.slice(range)).into_response())
        }
        Part::Unsatisfiable => {
            let described = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            Ok((described, Problem::new(Code::RangeNotSatisfiable)).into_response())
        }
    }
}

/// The derivative that a file name stands for; only names that we would write ourselves have one.
fn named<'a>(photo: &'a Photo, file: &str) -> Option<&'a Derivative> {
    photo.derivatives.iter().find(|d| file == format!("{}-{}.jpg", d.size, d.hash))
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        match error {
            // Erased between the row and the file.
            BlobError::NotFound => Code::PhotoNotFound.into(),
            other => Self::failed(&other),
        }
    }
}

/// RFC 8187's `attr-char` besides letters and digits.
const EXTENDED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `Content-Disposition` (RFC 6266) with the photographer's own name for the file, in ASCII for old
/// clients and whole for the others. What guests get is a JPEG, whatever the original was.
fn attachment(filename: &str) -> HeaderValue {
    let stem = filename.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem).trim_matches(['.', ' ']);
    let stem: String = stem.chars().filter(|c| !c.is_control()).take(120).collect();
    let stem = if stem.is_empty() { "photo" } else { &stem };
    saved_as(&format!("{stem}.jpg"))
}

/// `Content-Disposition` that saves a file under a name, which must be without folders.
#[must_use]
pub fn saved_as(filename: &str) -> HeaderValue {
    let ascii: String = filename
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || " -_().".contains(c) { c } else { '_' })
        .collect();
    let extended = utf8_percent_encode(filename, &EXTENDED);
    HeaderValue::from_str(&format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{extended}"))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        let cases = [
            ("IMG_0001.JPG", "attachment; filename=\"IMG_0001.jpg\"; filename*=UTF-8''IMG_0001.jpg"),
            (
                "a\".exe\r\nSet-Cookie: x.png",
                "attachment; filename=\"a_.exeSet-Cookie_ x.jpg\"; filename*=UTF-8''a%22.exeSet-Cookie%3A%20x.jpg",
            ),
            ("../../etc/passwd", "attachment; filename=\"passwd.jpg\"; filename*=UTF-8''passwd.jpg"),
            ("C:\\dcim\\1.heic", "attachment; filename=\"1.jpg\"; filename*=UTF-8''1.jpg"),
            (
                "Жених.png",
                "attachment; filename=\"_____.jpg\"; filename*=UTF-8''%D0%96%D0%B5%D0%BD%D0%B8%D1%85.jpg",
            ),
            ("", "attachment; filename=\"photo.jpg\"; filename*=UTF-8''photo.jpg"),
            (".jpg", "attachment; filename=\"photo.jpg\"; filename*=UTF-8''photo.jpg"),
        ];
        for (filename, expected) in cases {
            assert_eq!(attachment(filename), expected, "{filename:?}");
        }
    }
}
