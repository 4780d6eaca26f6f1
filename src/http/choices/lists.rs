//! The lists of a session, for those who manage it.

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    choices::SelectionChange,
    domain::{ChoiceKind, ChoiceList, ChoiceListId, PhotoSessionId, StudioId},
    http::{
        extract::{self, PathId, PathIds},
        guard::Caller,
        problem::Problem,
        shared::time,
        studio::managed,
    },
};

/// A list as those who manage the session see it.
#[derive(Serialize, ToSchema)]
pub struct ChoiceListJson {
    list_id: Uuid,
    name: Option<String>,
    photos: u64,
    #[schema(format = DateTime)]
    changed_at: String,
}

/// The couple's selection.
#[derive(Serialize, ToSchema)]
pub struct SelectionJson {
    list_id: Uuid,
    name: Option<String>,
    photos: u64,
    limit: Option<u32>,
    /// When the couple said that the choice is made.
    #[schema(format = DateTime)]
    done_at: Option<String>,
    #[schema(format = DateTime)]
    changed_at: String,
    /// Whoever has it chooses for the couple.
    url: String,
}

impl SelectionJson {
    fn new(app: &AppState, studio: StudioId, list: ChoiceList) -> Self {
        let key = app.choices.couple_key(&list);
        let session = app.addresses.session(studio, list.session);
        Self {
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
    let studio = managed(&app, &caller, id).await?.studio_id;
    let (couple, guests): (Vec<_>, Vec<_>) =
        app.choices.lists(id).await?.into_iter().partition(|list| list.kind == ChoiceKind::Couple);
    let listed = |list: ChoiceList| ChoiceListJson {
        list_id: list.id.0,
        name: list.name,
        photos: list.photos,
        changed_at: time(list.changed_at),
    };
    Ok(Json(ChoiceListsJson {
        selection: couple.into_iter().next().map(|list| SelectionJson::new(&app, studio, list)),
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
    let studio = managed(&app, &caller, id).await?.studio_id;
    let extract::Json(SelectionChangeJson { limit, renew_link }) = change?;
    let list = app.choices.set_selection(id, SelectionChange { most: limit, renew_link }, app.now()).await?;
    Ok(Json(SelectionJson::new(&app, studio, list)))
}
