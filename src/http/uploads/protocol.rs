//! The headers of tus 1.0, <https://tus.io/protocols/resumable-upload>.

use std::collections::BTreeMap;

use axum::{
    extract::Request,
    http::{self, HeaderMap, HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    domain::{ConsentId, PhotoSessionId, UserId},
    http::{extract::media_type, messages::Code, problem::Problem},
    photos::{Checksum, NewUpload, Part, Upload, plain_filename},
};

const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const PART: &str = "application/offset+octet-stream";
const GUEST_ID_LENGTH: usize = 200;
/// Of the whole header.
const METADATA_LENGTH: usize = 8 << 10;

/// Whether an address is one of the protocol's.
fn is_of_tus(path: &str) -> bool {
    let of_studio =
        path.strip_prefix("/api/uploads").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    of_studio || (path.starts_with("/api/v1/sessions/") && path.contains("/guest-uploads"))
}

/// Middleware: refuses another version of the protocol.
pub async fn speak(request: Request, next: Next) -> Response {
    let spoken = request.headers().get(TUS_RESUMABLE) == Some(&VERSION);
    if spoken || request.method() == Method::OPTIONS {
        return next.run(request).await;
    }
    let mut refused = Problem::from(Code::TusVersionUnsupported).into_response();
    refused.headers_mut().insert(TUS_VERSION, VERSION);
    refused
}

/// Middleware of everything: names our version in every answer that is about an upload, whoever gives it.
pub async fn name_version(request: Request, next: Next) -> Response {
    let is_of_tus = is_of_tus(request.uri().path());
    let mut response = next.run(request).await;
    if is_of_tus {
        response.headers_mut().insert(TUS_RESUMABLE, VERSION);
    }
    response
}

/// Takes the method that a client asks for which cannot send it. Comes before anything looks at the method.
pub fn take_method<B>(request: &mut http::Request<B>) {
    if !is_of_tus(request.uri().path()) {
        return;
    }
    let asked = text(request.headers(), "X-HTTP-Method-Override").map(str::to_ascii_uppercase);
    if let Some(Ok(method)) = asked.map(|method| Method::from_bytes(method.as_bytes())) {
        *request.method_mut() = method;
    }
}

fn malformed(field: &str) -> Problem {
    Problem::new(Code::MalformedUpload).with("field", field)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim)
}

/// A header that must be there and a whole number. A sign is none of it.
fn number(headers: &HeaderMap, name: &str) -> Result<u64, Problem> {
    let digits = text(headers, name).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| malformed(name))
}

/// What every creation says: the length of the file, and its metadata as they came and by name.
fn begun(headers: &HeaderMap) -> Result<(u64, &str, BTreeMap<String, String>), Problem> {
    // Extensions of the protocol that are not spoken here would mean another file than the one that is announced.
    for header in ["Upload-Concat", "Upload-Defer-Length"] {
        if headers.contains_key(header) {
            return Err(malformed(header));
        }
    }
    let bytes = number(headers, "Upload-Length")?;
    let given = text(headers, "Upload-Metadata").unwrap_or_default();
    if given.len() > METADATA_LENGTH {
        return Err(malformed("Upload-Metadata"));
    }
    Ok((bytes, given, metadata(given)?))
}

/// The file that a creation announces, for this user.
///
/// # Errors
/// `malformed_upload` with the header, `invalid_upload_metadata` with the name in it.
pub fn announced(headers: &HeaderMap, user: UserId) -> Result<NewUpload, Problem> {
    let (bytes, given, mut metadata) = begun(headers)?;
    let invalid = |field: &str| Problem::new(Code::InvalidUploadMetadata).with("field", field);
    let mut take = |name: &str, old: &str| metadata.remove(name).or_else(|| metadata.remove(old));

    let session: Option<PhotoSessionId> =
        take("photo_session_id", "photoSessionId").and_then(|id| id.parse().ok());
    let filename = take("filename", "name").and_then(|name| plain_filename(&name));
    let sha256 = take("sha256", "sha256").map(|hash| hash.to_ascii_lowercase());
    if sha256.as_ref().is_some_and(|hash| !is_sha256(hash)) {
        return Err(invalid("sha256"));
    }
    let guest_id = take("guest_id", "guestId").map(|text| guest_id(text).ok_or_else(|| invalid("guest_id")));
    let begins_selected = take("is_selected", "isSelected")
        .map(|text| is_selected(&text).ok_or_else(|| invalid("is_selected")));
    let replaces = take("replace", "replace").map(|text| replaces(&text).ok_or_else(|| invalid("replace")));
    Ok(NewUpload {
        session: session.ok_or_else(|| invalid("photo_session_id"))?,
        user,
        filename: filename.ok_or_else(|| invalid("filename"))?,
        bytes,
        sha256,
        guest_id: guest_id.transpose()?.flatten(),
        begins_selected: begins_selected.transpose()?.unwrap_or(true),
        replaces: replaces.transpose()?.unwrap_or(false),
        metadata: given.to_owned(),
    })
}

/// A file that a guest announces. It is nobody's yet, and not shown.
pub struct GuestFile {
    pub new: NewUpload,
    /// Of the guest.
    pub name: Option<String>,
    /// To its publication.
    pub consent: ConsentId,
}

/// The file that a guest announces for a session.
///
/// # Errors
/// As of [`announced`].
pub fn announced_by_guest(headers: &HeaderMap, session: PhotoSessionId) -> Result<GuestFile, Problem> {
    let (bytes, given, mut metadata) = begun(headers)?;
    let invalid = |field: &str| Problem::new(Code::InvalidUploadMetadata).with("field", field);
    let filename = metadata.remove("filename").and_then(|name| plain_filename(&name));
    let sha256 = metadata.remove("sha256").map(|hash| hash.to_ascii_lowercase());
    if sha256.as_ref().is_some_and(|hash| !is_sha256(hash)) {
        return Err(invalid("sha256"));
    }
    let consent = metadata.remove("consent").and_then(|id| id.parse().ok());
    let new = NewUpload {
        session,
        user: UserId(uuid::Uuid::nil()),
        filename: filename.ok_or_else(|| invalid("filename"))?,
        bytes,
        sha256,
        guest_id: None,
        begins_selected: false,
        replaces: false,
        metadata: given.to_owned(),
    };
    Ok(GuestFile { new, name: metadata.remove("name"), consent: consent.ok_or_else(|| invalid("consent"))? })
}

/// Whom a photo was taken for; nobody when empty. `None` when it cannot be such a name.
#[must_use]
pub fn guest_id(text: String) -> Option<Option<String>> {
    let fits = text.len() <= GUEST_ID_LENGTH && !text.chars().any(char::is_control);
    fits.then(|| Some(text).filter(|id| !id.is_empty()))
}

/// A flag as clients of upload protocols write it.
#[must_use]
pub fn is_selected(text: &str) -> Option<bool> {
    // Python writes `True`.
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// Reads whether a file replaces the photo of its name.
#[must_use]
pub fn replaces(text: &str) -> Option<bool> {
    match text {
        "name" => Some(true),
        "" => Some(false),
        _ => None,
    }
}

/// 64 hex digits in lower case.
#[must_use]
pub fn is_sha256(hash: &str) -> bool {
    hash.len() == 64 && hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// `name base64,name base64,name`
fn metadata(header: &str) -> Result<BTreeMap<String, String>, Problem> {
    let mut metadata = BTreeMap::new();
    for pair in header.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = BASE64_STANDARD.decode(value.trim()).ok().and_then(|value| String::from_utf8(value).ok());
        let value = value.ok_or_else(|| malformed("Upload-Metadata"))?;
        if metadata.insert(name.to_owned(), value).is_some() {
            return Err(malformed("Upload-Metadata"));
        }
    }
    Ok(metadata)
}

/// The metadata for a client that has only the address: word for word as at the creation.
#[must_use]
pub fn metadata_of(upload: &Upload) -> String {
    if let Some(given) = &upload.metadata {
        return given.clone();
    }
    let session = upload.photo_session_id.to_string();
    let selected = upload.begins_selected.to_string();
    let pairs = [
        ("photo_session_id", Some(session.as_str())),
        ("filename", Some(upload.filename.as_str())),
        ("sha256", upload.sha256.as_deref()),
        ("guest_id", upload.guest_id.as_deref()),
        ("is_selected", Some(selected.as_str())),
    ];
    let pair =
        |(name, value): (&str, Option<&str>)| Some(format!("{name} {}", BASE64_STANDARD.encode(value?)));
    pairs.into_iter().filter_map(pair).collect::<Vec<_>>().join(",")
}

/// Whether the body is a part of the file.
#[must_use]
pub fn carries_part(headers: &HeaderMap) -> bool {
    media_type(headers) == PART
}

/// The part that a `PATCH` brings.
///
/// # Errors
/// `unsupported_type`, `malformed_upload`.
pub fn part(headers: &HeaderMap) -> Result<Part, Problem> {
    if !carries_part(headers) {
        return Err(Code::UnsupportedType.into());
    }
    part_at(headers, number(headers, "Upload-Offset")?)
}

/// The part that a creation brings along, if it brings one, of a file of so many bytes.
///
/// # Errors
/// `unsupported_type`, `malformed_upload`.
pub fn first_part(headers: &HeaderMap, bytes: u64) -> Result<Option<Part>, Problem> {
    let part = part_at(headers, 0)?;
    if part.length.is_some_and(|length| length > bytes) {
        return Err(malformed("Content-Length"));
    }
    match carries_part(headers) {
        true => Ok(Some(part)),
        false if part.length.is_none_or(|length| length == 0) => Ok(None),
        false => Err(Code::UnsupportedType.into()),
    }
}

fn part_at(headers: &HeaderMap, offset: u64) -> Result<Part, Problem> {
    let length = headers.contains_key(header::CONTENT_LENGTH).then(|| number(headers, "Content-Length"));
    let checksum = headers.contains_key("upload-checksum").then(|| {
        let checksum = text(headers, "Upload-Checksum").and_then(checksum);
        checksum.ok_or_else(|| malformed("Upload-Checksum"))
    });
    Ok(Part { offset, length: length.transpose()?, checksum: checksum.transpose()? })
}

fn checksum(header: &str) -> Option<Checksum> {
    let (algorithm, value) = header.split_once(' ')?;
    let value = BASE64_STANDARD.decode(value.trim()).ok()?;
    match algorithm {
        "sha1" => value.try_into().ok().map(Checksum::Sha1),
        "sha256" => value.try_into().ok().map(Checksum::Sha256),
        _ => None,
    }
}
