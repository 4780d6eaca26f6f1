//! `/api/ticket/{ticket_id}/attachments/{attachment_id}`: a stranger's file, to be saved and not shown.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::viewer;
use crate::{
    app::AppState,
    domain::{Attachment, AttachmentId, TicketId},
    http::{
        extract::PathIds,
        guard::Caller,
        messages::Code,
        problem::Problem,
        shared::{Part, part, saved_as},
        words::Binary,
    },
};

/// Should a browser show it after all: without scripts, without anything from anywhere, as nobody.
const CONTENT_SECURITY_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// Get a file that came with a ticket or a reply
///
/// A file of an internal note can be read by the desk only. `Range` is supported.
#[utoipa::path(
    get,
    path = "/api/ticket/{ticket_id}/attachments/{attachment_id}",
    operation_id = "get_attachment",
    tag = "tickets",
    params(("ticket_id" = Uuid, Path), ("attachment_id" = Uuid, Path)),
    responses(
        (status = 200, body = Binary, content_type = "application/octet-stream", description = "Of the file's own type"),
        (status = 206, description = "The part that `Range` asked for")
    )
)]
pub async fn download(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(ticket, id): PathIds<TicketId, AttachmentId>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let file = app.support.attachment(&viewer(&caller), ticket, id).await?;
    // A file never changes under its id.
    let etag = format!("\"{id}\"");
    let length = usize::try_from(file.bytes).map_err(Problem::internal)?;
    let (status, range) = match part(&headers, &etag, length) {
        Part::All => (StatusCode::OK, None),
        Part::Some(range) => (StatusCode::PARTIAL_CONTENT, Some(range.start as u64..range.end as u64)),
        Part::Unsatisfiable => {
            let described = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            return Ok((described, Problem::new(Code::RangeNotSatisfiable)).into_response());
        }
    };
    let mut common = describe(&file, &etag)?;
    if let Some(range) = &range {
        let described = format!("bytes {}-{}/{length}", range.start, range.end - 1);
        common.insert(header::CONTENT_RANGE, HeaderValue::from_str(&described).map_err(Problem::internal)?);
    }
    let content = app.support.content(ticket, id, range).await?;
    common.insert(header::CONTENT_LENGTH, (content.range.end - content.range.start).into());
    Ok((status, common, Body::from_stream(content.bytes)).into_response())
}

fn describe(file: &Attachment, etag: &str) -> Result<HeaderMap, Problem> {
    Ok(HeaderMap::from_iter([
        (header::CONTENT_TYPE, HeaderValue::from_str(&file.media_type).map_err(Problem::internal)?),
        (header::CONTENT_DISPOSITION, saved_as(&file.filename)),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::ETAG, HeaderValue::from_str(etag).map_err(Problem::internal)?),
        (header::ACCEPT_RANGES, HeaderValue::from_static("bytes")),
    ]))
}
