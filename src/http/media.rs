//! `GET /media/{session_id}/{photo_id}/[link-]{size}-{hash}[-{mark}].jpg`: the pictures.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use bytes::Bytes;
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    extract::{self, Params},
    guard::MaybeCaller,
    holder::Holder,
    messages::Code,
    problem::Problem,
    shared::{LINK_NAME, attachment, file_name, not_modified, partial},
    words::Binary,
};
use crate::{
    app::AppState,
    domain::{Derivative, Downloads, Photo, PhotoId, PhotoSessionId},
    galleries::{credit_segments, segments_tag, with_segments},
    marks::StudioMark,
    usage::UsageKind,
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Options {
    /// `1` saves the picture instead of showing it, and counts as a download.
    download: Option<String>,
}

/// Get a picture of a session
///
/// The name holds the hash of the content, so a copy never goes stale. Guests get it while the session is open and
/// the photo is shown, those who manage the session always. The one for messengers there is only of photos that the
/// session's `previews` name.
#[utoipa::path(
    get,
    path = "/media/{session_id}/{photo_id}/{file}",
    operation_id = "get_picture",
    tag = "photos",
    params(
        ("session_id" = Uuid, Path),
        ("photo_id" = Uuid, Path),
        ("file" = String, Path, description = "`{320|640|1024|2048}-{16 hex digits}.jpg`, with `-{16 hex digits}` more under a watermark; `link-` before it is the picture of 1200 × 630 for messengers"),
        Options
    ),
    responses(
        (status = 200, content_type = "image/jpeg", body = Binary),
        (status = 206, description = "The part that `Range` asked for"),
        (status = 304, description = "Unchanged")
    )
)]
pub async fn picture(
    State(app): State<AppState>,
    MaybeCaller(caller): MaybeCaller,
    Holder(pass): Holder,
    path: Result<Path<(String, String, String)>, PathRejection>,
    Params(options): Params<Options>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((session, photo, file)) = path.map_err(|_| Code::MalformedId)?;
    let session: PhotoSessionId = extract::id(&session)?;
    let photo_id: PhotoId = extract::id(&photo)?;
    let visit = app.guests.enter_as(session, caller.as_ref(), &pass).await?;
    let photo = visit.photo(photo_id).await?.ok_or(Code::PhotoNotFound)?;
    let (is_link, name) = file.strip_prefix(LINK_NAME).map_or((false, file.as_str()), |name| (true, name));
    let (derivative, is_marked) = named(&photo, name, visit.mark.as_deref()).ok_or(Code::PhotoNotFound)?;
    if !is_marked && !visit.sees_clean(derivative) {
        return Err(Code::PhotoNotFound.into());
    }
    let is_taken = !is_link && options.download.as_deref() == Some("1");
    if derivative.size > visit.largest() || (is_taken && visit.downloads == Downloads::Off) {
        return Err(Code::DownloadsOff.into());
    }

    let segments = if is_taken { credit_segments(&visit.credits().await?, &photo) } else { Bytes::new() };
    let mut etag = format!("\"{}\"", file.trim_end_matches(".jpg"));
    let mut common = HeaderMap::new();
    common.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    if !segments.is_empty() {
        // The studio may want something else written tomorrow, under the same address.
        common.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        etag = format!("\"{}-{}\"", file.trim_end_matches(".jpg"), segments_tag(&segments));
    }
    common.insert(header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg"));
    // A derivative has a few hundred kilobytes: simpler whole than as a stream.
    let picture = if not_modified(&headers, &etag) {
        Bytes::new()
    } else if is_link {
        visit.link_picture(&photo, derivative, is_marked).await?
    } else {
        with_segments(&visit.picture(&photo, derivative, is_marked).await?, &segments)
    };
    if is_taken {
        common.insert(header::CONTENT_DISPOSITION, attachment(&photo.filename, "jpg"));
        app.usage.bump(session, UsageKind::Download, app.now());
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
