//! The lists of a session, for those who manage it.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    choices::SelectionChange,
    domain::{ChoiceKind, ChoiceList, ChoiceListId, Photo, PhotoSessionId, StudioId},
    http::{
        extract::{self, PathId, PathIds},
        guard::Caller,
        problem::Problem,
        shared::{Picture, time},
        studio::{managed, mark_for},
    },
    marks::StudioMark,
};

/// Pictures of one list.
const THUMBS: u32 = 6;

/// A list as those who manage the session see it.
#[derive(Serialize, ToSchema)]
pub struct ChoiceListJson {
    list_id: Uuid,
    name: Option<String>,
    photos: u64,
    /// Pictures of the first photos in it.
    thumb_urls: Vec<String>,
    #[schema(format = DateTime)]
    changed_at: String,
}

/// The couple's selection.
#[derive(Serialize, ToSchema)]
pub struct SelectionJson {
    list_id: Uuid,
    name: Option<String>,
    photos: u64,
    thumb_urls: Vec<String>,
    limit: Option<u32>,
    /// The couple may hide photos from other guests.
    may_hide: bool,
    /// How many photos the couple hides.
    hidden: u64,
    /// When the couple said that the choice is made.
    #[schema(format = DateTime)]
    done_at: Option<String>,
    #[schema(format = DateTime)]
    changed_at: String,
    /// Whoever has it chooses for the couple.
    url: String,
}

/// Pictures of a list's first photos.
fn thumbs(photos: Option<&Vec<Photo>>, mark: Option<&StudioMark>) -> Vec<String> {
    let url = |photo: &Photo| Picture::new(photo, mark, u32::MAX).into_thumb();
    photos.map(|photos| photos.iter().map(url).collect()).unwrap_or_default()
}

impl SelectionJson {
    fn new(app: &AppState, studio: StudioId, list: ChoiceList, thumb_urls: Vec<String>, hidden: u64) -> Self {
        let key = app.choices.couple_key(&list);
        let session = app.addresses.session(studio, list.session);
        Self {
            thumb_urls,
            hidden,
            may_hide: list.may_hide,
            list_id: list.id.0,
            url: format!("{session}#choose={key}"),
            name: list.name,
            photos: list.photos,
            limit: list.most,
            done_at: list.done_at.map(time),
            changed_at: time(list.changed_at),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ChoiceListsJson {
    /// `null` until one is made.
    selection: Option<SelectionJson>,
    /// Guests' hearts, those that were changed last first.
    lists: Vec<ChoiceListJson>,
}

/// List what guests and the couple have chosen, by list
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/choice-lists",
    operation_id = "list_choice_lists",
    tag = "choices",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = ChoiceListsJson))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<ChoiceListsJson>, Problem> {
    let session = managed(&app, &caller, id).await?;
    let mark = mark_for(&app, &caller, &session).await?;
    let first = app.choices.first_photos(id, THUMBS).await?;
    let hidden = app.choices.hidden_count(id).await?;
    let (couple, guests): (Vec<_>, Vec<_>) =
        app.choices.lists(id).await?.into_iter().partition(|list| list.kind == ChoiceKind::Couple);
    let listed = |list: ChoiceList| ChoiceListJson {
        list_id: list.id.0,
        name: list.name,
        photos: list.photos,
        thumb_urls: thumbs(first.get(&list.id), mark.as_deref()),
        changed_at: time(list.changed_at),
    };
    let selection = |list: ChoiceList| {
        let thumbs = thumbs(first.get(&list.id), mark.as_deref());
        SelectionJson::new(&app, session.studio_id, list, thumbs, hidden)
    };
    Ok(Json(ChoiceListsJson {
        selection: couple.into_iter().next().map(selection),
        lists: guests.into_iter().map(listed).collect(),
    }))
}

/// Remove a list with all that was chosen in it
#[utoipa::path(
    delete,
    path = "/api/photo-sessions/{session_id}/choice-lists/{list_id}",
    operation_id = "delete_choice_list",
    tag = "choices",
    params(("session_id" = Uuid, Path), ("list_id" = Uuid, Path)),
    responses((status = 204, description = "Removed"))
)]
pub async fn erase(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(id, list): PathIds<PhotoSessionId, ChoiceListId>,
) -> Result<StatusCode, Problem> {
    managed(&app, &caller, id).await?;
    app.choices.erase(id, list).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct SelectionChangeJson {
    /// How many photos the couple may choose; `null` for as many as they like.
    #[serde(default, deserialize_with = "extract::given")]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 10000)]
    limit: Option<Option<u32>>,
    /// Whether the couple may hide photos from other guests. What it has hidden stays so, until the studio shows it.
    #[serde(alias = "mayHide")]
    may_hide: Option<bool>,
    /// The link that was given away opens nothing any more, and there is a new one.
    #[serde(default, alias = "renewLink")]
    renew_link: bool,
}

/// Let the couple choose, or change how many photos
#[utoipa::path(
    put,
    path = "/api/photo-sessions/{session_id}/selection",
    operation_id = "set_selection",
    tag = "choices",
    params(("session_id" = Uuid, Path)),
    request_body = SelectionChangeJson,
    responses((status = 200, body = SelectionJson))
)]
pub async fn set_selection(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    change: Result<extract::Json<SelectionChangeJson>, Problem>,
) -> Result<Json<SelectionJson>, Problem> {
    let session = managed(&app, &caller, id).await?;
    let mark = mark_for(&app, &caller, &session).await?;
    let extract::Json(SelectionChangeJson { limit, may_hide, renew_link }) = change?;
    let list = app
        .choices
        .set_selection(id, SelectionChange { most: limit, may_hide, renew_link }, app.now())
        .await?;
    let first = app.choices.first_photos(id, THUMBS).await?;
    let thumbs = thumbs(first.get(&list.id), mark.as_deref());
    let hidden = app.choices.hidden_count(id).await?;
    Ok(Json(SelectionJson::new(&app, session.studio_id, list, thumbs, hidden)))
}
