//! `POST /api/v1/sessions/{session_id}/archives`, and the archive at its signed link.

use axum::{
    Json,
    body::Body,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::AppState,
    domain::{ArchiveId, PhotoId, PhotoSessionId},
    galleries::{Archive, Begun, MOST_PHOTOS},
    http::{
        extract::{self, Params, PathId},
        guard::Caller,
        holder::Holder,
        messages::Code,
        problem::Problem,
        shared::attachment,
        shared::partial,
        shared::time,
        words::Binary,
    },
    photos::{Narrowed, PhotoFilter, PhotoOrder},
    usage::UsageKind,
};

/// As many ids as an archive takes, with quotes and commas.
pub(super) const BODY_BYTES: usize = MOST_PHOTOS * 40 + (4 << 10);

#[derive(Deserialize, ToSchema)]
pub struct Wanted {
    #[serde(alias = "photoIds")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 10000)]
    photo_ids: Option<Vec<String>>,
    /// Instead of `photo_ids`: every photo of the gallery.
    #[serde(default)]
    all: bool,
}

impl Wanted {
    fn ids(&self) -> Result<Vec<PhotoId>, Problem> {
        extract::ids(self.photo_ids.as_ref().ok_or(Code::MalformedBody)?)
    }
}

#[derive(Serialize, ToSchema)]
pub struct BegunJson {
    /// The archive's address. It can be used for a day, as often as needed.
    url: String,
    #[schema(format = DateTime)]
    expires_at: String,
    /// The length of the whole archive.
    bytes: u64,
    /// The number of photos in the archive; photos that the guest cannot see are left out.
    photos: usize,
}

/// Begin an archive of photos as this guest may see them
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/archives",
    operation_id = "begin_archive",
    tag = "photos",
    params(("session_id" = Uuid, Path)),
    request_body = Wanted,
    responses((status = 201, body = BegunJson))
)]
pub async fn begin(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    wanted: Result<extract::Json<Wanted>, Problem>,
) -> Result<(StatusCode, Json<BegunJson>), Problem> {
    let visit = app.guests.enter(id, &pass).await?;
    let extract::Json(wanted) = wanted?;
    let photos = if wanted.all {
        visit.photo_ids(Narrowed::default(), PhotoOrder::default()).await?
    } else {
        wanted.ids()?
    };
    let begun = app.archives.begin(&visit, &photos, app.now()).await?;
    Ok((StatusCode::CREATED, Json(begun.into())))
}

impl From<Begun> for BegunJson {
    fn from(begun: Begun) -> Self {
        let expires = begun.expires_at.timestamp();
        Self {
            url: format!("/archives/{}.zip?expires={expires}&key={}", begun.id, begun.key),
            expires_at: time(begun.expires_at),
            bytes: begun.archive.length(),
            photos: begun.archive.photos(),
        }
    }
}

/// Begin an archive of originals
///
/// For the managers of the session; the archive includes hidden photos.
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/archives",
    operation_id = "begin_archive_of_originals",
    tag = "studio",
    params(("session_id" = Uuid, Path)),
    request_body = Wanted,
    responses((status = 201, body = BegunJson))
)]
pub async fn begin_originals(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    wanted: Result<extract::Json<Wanted>, Problem>,
) -> Result<(StatusCode, Json<BegunJson>), Problem> {
    let session = app.sessions.get(id).await?;
    if !caller.sees_clean(&session) {
        return Err(Code::SessionNotFound.into());
    }
    let extract::Json(wanted) = wanted?;
    let photos = match wanted.all {
        true => app.gallery.photo_ids(id, PhotoFilter::default(), PhotoOrder::default()).await?,
        false => wanted.ids()?,
    };
    let begun = app.archives.begin_originals(id, &photos, app.now()).await?;
    Ok((StatusCode::CREATED, Json(begun.into())))
}

/// The variable part of a link that we signed.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Signed {
    /// Seconds since 1970.
    #[param(value_type = Option<u64>)]
    expires: Option<String>,
    key: Option<String>,
}

impl Signed {
    /// The parts of the link; an incomplete link is refused like a forged one.
    pub(in crate::http) fn parts(&self) -> Result<(DateTime<Utc>, &str), Problem> {
        let expires = self.expires.as_deref().and_then(|seconds| seconds.parse().ok());
        let expires = expires.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
        expires.zip(self.key.as_deref()).ok_or_else(|| Code::LinkInvalid.into())
    }
}

/// Download a guest's archive, whole or from where the last try ended
#[utoipa::path(
    get,
    path = "/archives/{file}",
    operation_id = "get_archive",
    tag = "photos",
    params(("file" = String, Path, description = "`{archive_id}.zip`"), Signed),
    responses(
        (status = 200, content_type = "application/zip", body = Binary),
        (status = 206, description = "The part that `Range` asked for"),
        (status = 304, description = "Unchanged")
    )
)]
pub async fn fetch(
    State(app): State<AppState>,
    file: Result<Path<String>, PathRejection>,
    Params(signed): Params<Signed>,
    Holder(pass): Holder,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (expires, key) = signed.parts()?;
    let id: Option<ArchiveId> = file.ok().and_then(|Path(file)| file.strip_suffix(".zip")?.parse().ok());
    let row = app.archives.find(id.ok_or(Code::LinkInvalid)?, expires, key, app.now()).await?;
    if row.originals {
        let session = app.sessions.get(row.session).await?;
        let archive = app.archives.open_originals(&row).await?;
        return answer(&app, &headers, archive, &session.name).await;
    }
    let visit = app.guests.enter(row.session, &pass).await?;
    let archive = app.archives.open(&visit, &row).await?;
    if method == Method::GET && !headers.contains_key(header::RANGE) {
        row.photos.iter().for_each(|_| app.usage.bump(row.session, UsageKind::Download, app.now()));
    }
    answer(&app, &headers, archive, &visit.session.name).await
}

/// Sends the archive, or what was asked for of it, under this name.
pub(in crate::http) async fn answer(
    app: &AppState,
    headers: &HeaderMap,
    archive: Archive,
    name: &str,
) -> Result<Response, Problem> {
    let mut common = HeaderMap::new();
    common.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    common.insert(header::CONTENT_DISPOSITION, attachment(&format!("{name}."), "zip"));
    common.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    let etag = format!("\"{}\"", archive.digest());
    let length = archive.length();
    let body = async |range| Ok(Body::from_stream(app.archives.bytes(archive, range)));
    partial(headers, &etag, common, length, body).await
}
