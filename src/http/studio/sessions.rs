//! `/api/photo-sessions`: the caller's sessions, and a new one.

use axum::{Json, extract::State, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    accounts,
    app::{App, AppState},
    domain::{self, PhotoSession, PhotoSessionId, Role, StudioId},
    http::{
        extract::Params,
        guard::Caller,
        messages::Code,
        paging,
        problem::Problem,
        shared::{
            idempotency::{self, OnceJson},
            parsed_time, parsed_zone, time,
        },
        words::{self, SessionStatus},
    },
    photo_sessions::{NewSession, Newest, SessionFilter, StudioSession, StudioSessions},
    photos::PhotoCounts,
};

#[derive(Serialize, ToSchema, Clone, Copy)]
pub struct Photos {
    ready: u64,
    queued: u64,
    rejected: u64,
    /// Ready and not hidden: what guests see.
    selected: u64,
    /// Deleted photos that can be taken back. They are in none of the other numbers.
    #[serde(skip_serializing_if = "is_zero")]
    in_bin: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl From<PhotoCounts> for Photos {
    fn from(counts: PhotoCounts) -> Self {
        let PhotoCounts { ready, queued, rejected, selected, in_bin, .. } = counts;
        Self { ready, queued, rejected, selected, in_bin }
    }
}

/// A session as its studio sees it.
#[derive(Serialize, ToSchema)]
pub struct StudioSessionJson {
    id: Uuid,
    name: String,
    description: Option<String>,
    studio_id: Uuid,
    photographer_id: Option<Uuid>,
    client_id: Option<Uuid>,
    /// `created`, `active`, `completed` or `archived`; an external database may have words of its own.
    status: String,
    /// Whether guests get in, unless the session is archived.
    gallery_open: bool,
    /// Whether guests who got in may search by a selfie.
    face_search: bool,
    /// Guests must know it to get in.
    pin: Option<String>,
    /// Until then guests see no photos.
    #[schema(format = DateTime)]
    reveals_at: Option<String>,
    /// From then on guests do not get in.
    #[schema(format = DateTime)]
    ends_at: Option<String>,
    /// The fate of the session then. It is erased seven days after its end.
    at_end: words::AtEnd,
    /// The copies that guests may save, as it was set; see `SessionChangeJson`.
    downloads: words::Downloads,
    /// Whether the studio's watermark lies over the pictures.
    watermark: bool,
    /// Ids of the prices of the studio's list that are offered here; `null` for all of them.
    prices: Option<Vec<Uuid>>,
    /// The photo that stands for the session.
    cover_photo_id: Option<Uuid>,
    /// The pictures that messengers show beside its links.
    previews: words::Previews,
    /// Whether guests may add photos of their own.
    guest_photos: words::GuestPhotos,
    /// Photos that one guest may send.
    most_from_a_guest: u32,
    /// Photos that all of them may send.
    most_from_guests: u32,
    /// Whether guests may write on photos.
    comments: words::Comments,
    /// Whether guests can search now: the gallery is open, the search on, the session not archived.
    facepass_enabled: bool,
    #[schema(format = DateTime)]
    scheduled_at: Option<String>,
    /// In which the session's times are shown, by its IANA name; absent where neither the session nor the installation has
    /// one, and readers see times in their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    #[schema(format = DateTime)]
    completed_at: Option<String>,
    settings: Option<serde_json::Value>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    /// The guests' link, as in the QR code.
    url: String,
    /// The same at this machine's address in its network, where `url` leads nobody but this machine there; it answers once
    /// the service is bound to that address.
    network_url: Option<String>,
    photos: Photos,
}

impl StudioSessionJson {
    pub fn new(from: StudioSession, counts: PhotoCounts, app: &App) -> Self {
        let StudioSession { session, client_id, settings } = from;
        let facepass_enabled = session.facepass_enabled();
        let PhotoSession { id, name, description, studio_id, photographer_id, .. } = session;
        Self {
            id: id.0,
            name,
            description,
            studio_id: studio_id.0,
            photographer_id,
            client_id,
            status: session.status.into(),
            facepass_enabled,
            gallery_open: session.gallery_open,
            pin: session.terms.pin,
            reveals_at: session.terms.reveals_at.map(time),
            ends_at: session.terms.ends_at.map(time),
            at_end: session.terms.at_end.into(),
            downloads: session.terms.downloads.into(),
            watermark: session.terms.watermark,
            prices: session.terms.prices.map(|prices| prices.into_iter().map(|id| id.0).collect()),
            cover_photo_id: session.terms.cover.map(|photo| photo.0),
            previews: session.terms.previews.into(),
            guest_photos: session.terms.guest_photos.into(),
            most_from_a_guest: session.terms.most_from_a_guest,
            most_from_guests: session.terms.most_from_guests,
            comments: session.terms.comments.into(),
            face_search: session.face_search,
            scheduled_at: session.scheduled_at.map(time),
            time_zone: app.settings.zone(session.time_zone).map(|zone| zone.to_string()),
            completed_at: session.completed_at.map(time),
            // Ours; what is no JSON is not shown.
            settings: settings.and_then(|settings| serde_json::from_str(&settings).ok()),
            created_at: time(session.created_at),
            updated_at: time(session.updated_at),
            url: app.addresses.session(studio_id, id),
            network_url: app.settings.network_url(id),
            photos: counts.into(),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    #[param(inline, value_type = Option<SessionStatus>)]
    status: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct StudioSessionPage {
    /// Newest first.
    sessions: Vec<StudioSessionJson>,
    /// `null` on the last page.
    next_cursor: Option<String>,
}

/// List the caller's sessions: a photographer's own, a studio's for its admin, all for a super admin
#[utoipa::path(
    get,
    path = "/api/photo-sessions",
    operation_id = "list_photo_sessions",
    tag = "studio",
    params(Page),
    responses((status = 200, body = StudioSessionPage))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Params(page): Params<Page>,
) -> Result<Json<StudioSessionPage>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let after: Option<Newest<PhotoSessionId>> = paging::after(page.cursor)?;
    let status = page.status.map(domain::SessionStatus::from);
    if matches!(status, Some(domain::SessionStatus::Other(_))) {
        return Err(Code::InvalidStatus.into());
    }
    let mine = (caller.role == Role::Photographer).then_some(caller.user.0);
    let studios = (caller.role != Role::SuperAdmin).then(|| caller.studios.clone());
    let filter = SessionFilter { studios, photographer: mine, status };
    let mut found = app.studio.list(&filter, after, limit + 1).await?;
    let next_cursor = paging::cut(&mut found, limit, |last| {
        Newest::after(last.session.created_at, last.session.id).to_string()
    });
    let ids: Vec<PhotoSessionId> = found.iter().map(|each| each.session.id).collect();
    let counts = app.gallery.counts_of(&ids).await?;
    let json = |each: StudioSession| {
        let id = each.session.id;
        StudioSessionJson::new(each, counts.get(&id).copied().unwrap_or_default(), &app)
    };
    Ok(Json(StudioSessionPage { next_cursor, sessions: found.into_iter().map(json).collect() }))
}

#[derive(Deserialize, ToSchema)]
pub struct NewSessionJson {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[schema(max_length = 2000)]
    description: Option<String>,
    /// RFC 3339.
    #[serde(alias = "scheduledAt")]
    #[schema(format = DateTime)]
    scheduled_at: Option<String>,
    /// In which the session's times are shown, by its IANA name (`Europe/Berlin`); else the installation's.
    #[serde(alias = "timeZone")]
    time_zone: Option<String>,
    /// Whether guests get in; they do unless said otherwise.
    #[serde(alias = "galleryOpen")]
    gallery_open: Option<bool>,
    /// Whether they may search by a selfie; they may unless said otherwise.
    #[serde(alias = "faceSearch")]
    face_search: Option<bool>,
    /// Stands for both where they are not named.
    #[serde(alias = "facepassEnabled")]
    facepass_enabled: Option<bool>,
    /// A customer's account.
    #[serde(alias = "clientId")]
    client_id: Option<Uuid>,
    /// Needed only by callers who belong to several studios.
    #[serde(alias = "studioId")]
    studio_id: Option<Uuid>,
}

/// The studio that a new session belongs to.
async fn studio(app: &AppState, caller: &accounts::Caller, asked: Option<Uuid>) -> Result<StudioId, Problem> {
    match asked.map(StudioId) {
        Some(studio) if caller.role == Role::SuperAdmin => {
            app.studios.branding(studio).await?.ok_or(Code::StudioNotFound)?;
            Ok(studio)
        }
        Some(studio) if caller.studios.contains(&studio) => Ok(studio),
        Some(_) => Err(Code::StudioNotFound.into()),
        None => match caller.studios.first() {
            Some(first) => Ok(*first),
            None if caller.role == Role::SuperAdmin => Ok(app.studios.default(app.now()).await?),
            None => Err(Code::StudioNotFound.into()),
        },
    }
}

/// Create a session
///
/// With an `Idempotency-Key` the same request may be sent again: it gets the first answer.
#[utoipa::path(
    post,
    path = "/api/photo-sessions",
    operation_id = "create_photo_session",
    tag = "studio",
    params(("idempotency-key" = Option<String>, Header)),
    request_body = NewSessionJson,
    responses((status = 201, body = StudioSessionJson))
)]
pub async fn create(
    State(app): State<AppState>,
    Caller(caller): Caller,
    request: OnceJson<NewSessionJson>,
) -> Result<Response, Problem> {
    let key = request.key(&caller, "create_session");
    let new = request.body;
    let new = NewSession {
        name: new.name,
        description: new.description,
        studio: studio(&app, &caller, new.studio_id).await?,
        photographer: Some(caller.user.0),
        client: new.client_id,
        gallery_open: new.gallery_open.or(new.facepass_enabled).unwrap_or(true),
        face_search: new.face_search.or(new.facepass_enabled).unwrap_or(true),
        scheduled_at: new.scheduled_at.as_deref().map(parsed_time).transpose()?,
        time_zone: app.settings.zone(new.time_zone.as_deref().map(parsed_zone).transpose()?),
    };
    let draft = StudioSessions::draft(new, app.now())?;
    let answer = StudioSessionJson::new(draft.clone(), PhotoCounts::default(), &app);
    let answer = serde_json::to_string(&answer).map_err(Problem::internal)?;
    let once = app.studio.create(&draft, key.as_ref().map(|key| (key, answer.as_str()))).await?;
    idempotency::created(once, answer)
}
