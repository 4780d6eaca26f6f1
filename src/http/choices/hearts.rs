//! `/api/v1/sessions/{session_id}/hearts`: what this guest has chosen, or the couple on this device.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::{HeaderMap, StatusCode, header},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    app::AppState,
    choices::OwnChange,
    domain::{ChoiceList, PhotoId, PhotoSessionId, Viewer},
    guests::{Pass, Visit},
    http::{
        client::Client,
        cookies,
        extract::{self, PathId, PathIds},
        holder::Holder,
        messages::Code,
        problem::Problem,
        sessions::photos::{GalleryPhoto, shown},
        shared::time,
        words,
    },
};

/// The hearts of this device.
#[derive(Serialize, ToSchema)]
pub struct HeartsJson {
    /// `guest`, or `couple` where the couple's link was opened.
    kind: words::ChoiceKind,
    name: Option<String>,
    /// In the order in which they were chosen; photos that are not shown to this guest any more are left out.
    #[schema(value_type = Vec<Uuid>)]
    photo_ids: Vec<PhotoId>,
    /// How many photos the couple may choose.
    limit: Option<u32>,
    /// When the couple said that the choice is made.
    #[schema(format = DateTime)]
    done_at: Option<String>,
    /// The address under which others look at the list, while it is shared.
    share_url: Option<String>,
    /// Photos that the couple hides from other guests; absent where it may not hide any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Uuid>>)]
    hidden_ids: Option<Vec<PhotoId>>,
}

/// How many photos a list holds now.
#[derive(Serialize, ToSchema)]
pub struct HeldJson {
    photos: u64,
    limit: Option<u32>,
}

/// Nobody's yet: the first heart makes the list.
const NO_LIST: HeartsJson = HeartsJson {
    kind: words::Word(crate::domain::ChoiceKind::Guest),
    name: None,
    photo_ids: Vec::new(),
    limit: None,
    done_at: None,
    share_url: None,
    hidden_ids: None,
};

async fn hearts(app: &AppState, visit: &Visit, list: ChoiceList) -> Result<HeartsJson, Problem> {
    let photos = app.choices.photos(visit, &list).await?;
    let hidden = match visit.viewer() {
        Viewer::Couple => Some(app.choices.hidden(visit).await?.iter().map(|photo| photo.id).collect()),
        Viewer::Guest | Viewer::Studio => None,
    };
    let key = app.choices.reader_key(&list);
    Ok(HeartsJson {
        hidden_ids: hidden,
        kind: list.kind.into(),
        photo_ids: photos.iter().map(|photo| photo.id).collect(),
        limit: list.most,
        done_at: list.done_at.map(time),
        share_url: key.map(|key| {
            let session = app.addresses.session(visit.session.studio_id, list.session);
            format!("{session}#list={key}")
        }),
        name: list.name,
    })
}

/// The same for a device that has just shown the key of the list; the couple's is given the cookie by which it sees what it
/// hides.
async fn known(
    app: &AppState,
    pass: Pass,
    list: ChoiceList,
) -> Result<(HeaderMap, Json<HeartsJson>), Problem> {
    let sight = app.choices.sight_key(&list);
    let visit = app.guests.enter(list.session, &pass.with(sight.clone())).await?;
    let set = sight.map(|key| cookies::set_couple(list.session, key, cookies::secure(app)));
    Ok((set.unwrap_or_default(), Json(hearts(app, &visit, list).await?)))
}

/// The list of this device; a guest who has none yet has hearts that nobody can change.
async fn own(app: &AppState, session: PhotoSessionId, headers: &HeaderMap) -> Result<ChoiceList, Problem> {
    let key = cookies::hearts(headers);
    Ok(app.choices.own(session, key.as_deref()).await?.ok_or(Code::ListNotFound)?)
}

/// Get what this guest has chosen
///
/// By the cookie that the first heart sets. Empty where there is none.
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/hearts",
    operation_id = "get_hearts",
    tag = "choices",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = HeartsJson))
)]
pub async fn show(
    State(app): State<AppState>,
    PathId(session): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<(HeaderMap, Json<HeartsJson>), Problem> {
    app.guests.enter(session, &pass).await?;
    let key = cookies::hearts(&headers);
    match app.choices.own(session, key.as_deref()).await? {
        Some(list) => known(&app, pass, list).await,
        None => Ok((HeaderMap::new(), Json(NO_LIST))),
    }
}

/// Choose a photo
///
/// The first one makes a list and sets a cookie, which is its key. 409 `selection_full` where the couple has chosen as
/// many as it may.
#[utoipa::path(
    put,
    path = "/api/v1/sessions/{session_id}/hearts/{photo_id}",
    operation_id = "choose_photo",
    tag = "choices",
    params(("session_id" = Uuid, Path), ("photo_id" = Uuid, Path)),
    responses((status = 200, body = HeldJson))
)]
pub async fn choose(
    State(app): State<AppState>,
    PathIds(session, photo): PathIds<PhotoSessionId, PhotoId>,
    Client(client): Client,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<(HeaderMap, Json<HeldJson>), Problem> {
    let visit = app.guests.enter(session, &pass).await?;
    // A photo that is not there makes no list.
    visit.photo(photo).await?.ok_or(Code::PhotoNotFound)?;
    let key = cookies::hearts(&headers);
    let (list, set) = match app.choices.own(session, key.as_deref()).await? {
        Some(list) => (list, HeaderMap::new()),
        None => {
            let list = app.choices.begin(session, client.ip, app.now()).await?;
            let key = app.choices.owner_key(&list);
            (list, cookies::set_hearts(session, key, cookies::secure(&app)))
        }
    };
    let photos = app.choices.choose(&visit, &list, &[photo], app.now()).await?;
    Ok((set, Json(HeldJson { photos, limit: list.most })))
}

/// Take a photo back out of what was chosen
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session_id}/hearts/{photo_id}",
    operation_id = "leave_photo",
    tag = "choices",
    params(("session_id" = Uuid, Path), ("photo_id" = Uuid, Path)),
    responses((status = 200, body = HeldJson))
)]
pub async fn leave(
    State(app): State<AppState>,
    PathIds(session, photo): PathIds<PhotoSessionId, PhotoId>,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<Json<HeldJson>, Problem> {
    app.guests.enter(session, &pass).await?;
    let list = own(&app, session, &headers).await?;
    let photos = app.choices.leave(&list, &[photo], app.now()).await?;
    Ok(Json(HeldJson { photos, limit: list.most }))
}

#[derive(Deserialize, ToSchema)]
pub struct HeartsChange {
    /// As the owner likes to be called, up to 60 characters; `null` removes it.
    #[serde(default, deserialize_with = "extract::given")]
    #[schema(value_type = Option<String>, max_length = 60)]
    name: Option<Option<String>>,
    /// Whether whoever has the list's address may look at it.
    #[serde(alias = "isShared")]
    is_shared: Option<bool>,
    /// The couple's word that the choice is made. The next heart takes it back.
    #[serde(alias = "isDone")]
    is_done: Option<bool>,
}

/// Name a list, share it, or say that the couple's choice is made
#[utoipa::path(
    patch,
    path = "/api/v1/sessions/{session_id}/hearts",
    operation_id = "change_hearts",
    tag = "choices",
    params(("session_id" = Uuid, Path)),
    request_body = HeartsChange,
    responses((status = 200, body = HeartsJson))
)]
pub async fn change(
    State(app): State<AppState>,
    PathId(session): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    headers: HeaderMap,
    change: Result<extract::Json<HeartsChange>, Problem>,
) -> Result<Json<HeartsJson>, Problem> {
    let visit = app.guests.enter(session, &pass).await?;
    let list = own(&app, session, &headers).await?;
    let extract::Json(HeartsChange { name, is_shared, is_done }) = change?;
    let list = app.choices.change(list, OwnChange { name, is_shared, is_done }, app.now()).await?;
    Ok(Json(hearts(&app, &visit, list).await?))
}

/// Forget what this guest has chosen
///
/// Works also after the session was closed. The couple's selection stays; this device only lets go of it.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session_id}/hearts",
    operation_id = "forget_hearts",
    tag = "choices",
    params(("session_id" = Uuid, Path)),
    responses((status = 204, description = "Forgotten"))
)]
pub async fn forget(
    State(app): State<AppState>,
    PathId(session): PathId<PhotoSessionId>,
    headers: HeaderMap,
) -> Result<(StatusCode, HeaderMap), Problem> {
    if let Some(key) = cookies::hearts(&headers) {
        app.choices.forget(session, &key).await?;
    }
    Ok((StatusCode::NO_CONTENT, cookies::clear_hearts(session, cookies::secure(&app))))
}

/// Photos that this guest has chosen.
#[derive(Serialize, ToSchema)]
pub struct HeartPhotosJson {
    /// In the order in which they were chosen.
    photos: Vec<GalleryPhoto>,
}

/// List the photos that this guest has chosen
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/hearts/photos",
    operation_id = "list_heart_photos",
    tag = "choices",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = HeartPhotosJson))
)]
pub async fn photos(
    State(app): State<AppState>,
    PathId(session): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    headers: HeaderMap,
) -> Result<Json<HeartPhotosJson>, Problem> {
    let visit = app.guests.enter(session, &pass).await?;
    let key = cookies::hearts(&headers);
    let photos = match app.choices.own(session, key.as_deref()).await? {
        Some(list) => app.choices.photos(&visit, &list).await?,
        None => Vec::new(),
    };
    Ok(Json(HeartPhotosJson { photos: shown(&visit, &photos).await? }))
}

#[derive(Deserialize, ToSchema)]
pub struct CoupleKey {
    /// What stands behind `#choose=` in the couple's link.
    #[schema(max_length = 128)]
    key: String,
}

/// Open the couple's selection on this device
///
/// What this device has chosen before goes into the selection, as far as its limit lets it.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/hearts/open",
    operation_id = "open_selection",
    tag = "choices",
    params(("session_id" = Uuid, Path)),
    request_body = CoupleKey,
    responses((status = 200, body = HeartsJson))
)]
pub async fn open(
    State(app): State<AppState>,
    PathId(session): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    headers: HeaderMap,
    body: Result<extract::Json<CoupleKey>, Problem>,
) -> Result<(HeaderMap, Json<HeartsJson>), Problem> {
    let visit = app.guests.enter(session, &pass).await?;
    let extract::Json(CoupleKey { key }) = body?;
    let before = cookies::hearts(&headers);
    let list = app.choices.open(&visit, &key, before.as_deref(), app.now()).await?;
    let mut set = cookies::set_hearts(session, app.choices.owner_key(&list), cookies::secure(&app));
    let (couple, hearts) = known(&app, pass, list).await?;
    // `extend` would put one cookie in the place of the other.
    for cookie in couple.get_all(header::SET_COOKIE) {
        set.append(header::SET_COOKIE, cookie.clone());
    }
    Ok((set, hearts))
}

/// A list that is shared.
#[derive(Serialize, ToSchema)]
pub struct SharedListJson {
    name: Option<String>,
    /// Those that this guest sees, in the order in which they were chosen.
    photos: Vec<GalleryPhoto>,
}

/// Look at a list that somebody shares
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/lists/{list_key}",
    operation_id = "get_shared_list",
    tag = "choices",
    params(("session_id" = Uuid, Path), ("list_key" = String, Path)),
    responses((status = 200, body = SharedListJson))
)]
pub async fn shared(
    State(app): State<AppState>,
    path: Result<Path<(String, String)>, PathRejection>,
    Holder(pass): Holder,
) -> Result<Json<SharedListJson>, Problem> {
    let Path((session, key)) = path.map_err(|_| Code::MalformedId)?;
    let visit = app.guests.enter(extract::id(&session)?, &pass).await?;
    let (list, photos) = app.choices.shared(&visit, &key).await?;
    Ok(Json(SharedListJson { name: list.name, photos: shown(&visit, &photos).await? }))
}
