//! `GET /media/{session_id}/{photo_id}/{size}-{hash}[-{mark}].jpg`: the pictures.

use std::time::Duration;

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use chrono::Utc;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    ROOM,
    conditional::{not_modified, partial},
    extract::{self, Params},
    guard::MaybeCaller,
    messages::Code,
    problem::Problem,
};
use crate::{
    app::{AppState, BlobError},
    domain::{Derivative, Photo, PhotoId, PhotoSessionId},
    galleries::clean_name,
    marks::{CLEAN, StudioMark},
    usage::UsageKind,
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Options {
    /// `1` saves the picture instead of showing it, and counts as a download.
    download: Option<String>,
}

/// A picture of a session
///
/// The name holds the hash of the content, so a copy never goes stale. Guests get it while the session is open and
/// the photo is shown, those who manage the session always.
#[utoipa::path(
    get,
    path = "/media/{session_id}/{photo_id}/{file}",
    tag = "photos",
    params(
        ("session_id" = Uuid, Path),
        ("photo_id" = Uuid, Path),
        ("file" = String, Path, description = "`{320|1024|2048}-{16 hex digits}.jpg`, with `-{16 hex digits}` more under a watermark"),
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
    MaybeCaller(caller): MaybeCaller,
    path: Result<Path<(String, String, String)>, PathRejection>,
    Params(options): Params<Options>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((session, photo, file)) = path.map_err(|_| Code::MalformedId)?;
    let session: PhotoSessionId = extract::id(&session)?;
    let photo_id: PhotoId = extract::id(&photo)?;
    let visit = app.guests.enter_as(session, caller.as_ref()).await?;
    let photo = visit.photo(photo_id).await?.ok_or(Code::PhotoNotFound)?;
    let (derivative, is_marked) = named(&photo, &file, visit.mark.as_deref()).ok_or(Code::PhotoNotFound)?;
    if !is_marked && !visit.sees_clean(derivative) {
        return Err(Code::PhotoNotFound.into());
    }

    let etag = format!("\"{}\"", file.trim_end_matches(".jpg"));
    let mut common = HeaderMap::new();
    common.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    common.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    // A derivative has a few hundred kilobytes: simpler whole than as a stream.
    let picture = if not_modified(&headers, &etag) {
        Bytes::new()
    } else {
        visit.picture(&photo, derivative, is_marked).await?
    };
    if options.download.as_deref() == Some("1") {
        common.insert(header::CONTENT_DISPOSITION, attachment(&photo.filename, "jpg"));
        app.usage.bump(session, UsageKind::Download, Utc::now());
    }
    let length = picture.len() as u64;
    partial(&headers, &etag, common, length, async |range| {
        Ok(picture.slice(range.start as usize..range.end as usize).into())
    })
    .await
}

/// The derivative that a file name stands for, and whether with the mark; only names that we would write
/// ourselves have one.
fn named<'a>(photo: &'a Photo, file: &str, mark: Option<&StudioMark>) -> Option<(&'a Derivative, bool)> {
    photo.derivatives.iter().find_map(|derivative| {
        let is = |mark| file == file_name(derivative, mark);
        if is(None) {
            Some((derivative, false))
        } else {
            (mark.is_some() && is(mark)).then_some((derivative, true))
        }
    })
}

/// The name of a derivative in its address: with the mark's hash where guests see it marked.
pub(super) fn file_name(Derivative { size, hash, .. }: &Derivative, mark: Option<&StudioMark>) -> String {
    match mark.filter(|_| *size > CLEAN) {
        Some(mark) => format!("{size}-{hash}-{}.jpg", mark.id()),
        None => format!("{size}-{hash}.jpg"),
    }
}

/// A storage that was away is asked again.
const STORAGE_BACK: Duration = Duration::from_secs(15);

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        match error {
            // Erased between the row and the file.
            BlobError::NotFound => Code::PhotoNotFound.into(),
            error if error.is_full() => Self::new(Code::StorageFull).because(error).retry_after(ROOM),
            error @ BlobError::Unavailable(_) => {
                Self::new(Code::StorageUnavailable).because(error).retry_after(STORAGE_BACK)
            }
            other => Self::failed(&other),
        }
    }
}

/// RFC 8187's `attr-char` besides letters and digits.
const EXTENDED: AsciiSet = NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `Content-Disposition` (RFC 6266) with the photographer's own name for the file, in ASCII for old
/// clients and whole for the others.
pub(super) fn attachment(filename: &str, extension: &str) -> HeaderValue {
    saved_as(&clean_name(filename, extension))
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
    use axum::response::IntoResponse;

    use super::*;

    #[test]
    fn a_storage_that_is_away_is_told_from_a_file_that_is_not_there() {
        let status = |error| Problem::from(error).into_response().status().as_u16();
        assert_eq!(status(BlobError::NotFound), 404);
        assert_eq!(status(BlobError::late()), 503);
        assert_eq!(status(BlobError::Source(std::io::ErrorKind::StorageFull.into())), 503);
        assert_eq!(status(BlobError::Source(std::io::ErrorKind::PermissionDenied.into())), 500);
    }

    #[test]
    fn a_file_name_cannot_break_out_of_its_header() {
        let cases = [
            ("IMG_0001.JPG", "attachment; filename=\"IMG_0001.jpg\"; filename*=UTF-8''IMG_0001.jpg"),
            (
                "a\".exe\r\nSet-Cookie: x.png",
                "attachment; filename=\"a.exeSet-Cookie x.jpg\"; filename*=UTF-8''a.exeSet-Cookie%20x.jpg",
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
            assert_eq!(attachment(filename, "jpg"), expected, "{filename:?}");
        }
    }
}
