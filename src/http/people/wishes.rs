//! Guests' wishes to be left out: made, looked up and taken back by the guest, answered by the photographer.

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    consents::NewConsent,
    domain::{ConsentId, ConsentPurpose, HideRequestId, PhotoId, PhotoSessionId},
    http::{
        client::Client,
        extract::{self, PathId, PathIds},
        guard::Caller,
        holder::{Holder, VisitToken},
        messages::Code,
        problem::Problem,
        shared::time,
        studio::managed,
        words,
    },
    people::{HideRequest, Wish, WishError},
    search::Asker,
};

#[derive(Deserialize, ToSchema)]
pub struct NewWish {
    /// Photos of those that the guest was found in. Left out, all of them are meant, and later ones are held back.
    #[serde(alias = "photoIds")]
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 10000)]
    photo_ids: Option<Vec<String>>,
    /// The version of the text that the guest agreed to.
    #[schema(max_length = 32)]
    version: String,
    #[schema(value_type = words::Language)]
    language: String,
}

/// How a wish stands.
#[derive(Serialize, ToSchema)]
pub struct WishReceipt {
    /// `asked`: the photographer has not answered; `hidden`; `refused`; `withdrawn`: the guest has taken it back.
    state: words::HideState,
    /// How many photos the wish is about.
    photos_asked: u64,
    /// How many of them guests do not see because of it now.
    photos_hidden: u64,
    /// How many came later and are held back.
    photos_held_back: u64,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    settled_at: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct MadeWish {
    /// For the guest to keep; nobody can look it up.
    code: String,
    #[serde(flatten)]
    receipt: WishReceipt,
}

impl From<HideRequest> for WishReceipt {
    fn from(wish: HideRequest) -> Self {
        let is_hidden = wish.state == crate::domain::HideState::Hidden;
        Self {
            state: wish.state.into(),
            photos_asked: wish.asked,
            photos_hidden: if is_hidden { wish.photos } else { 0 },
            photos_held_back: if is_hidden { wish.later } else { 0 },
            created_at: time(wish.created_at),
            settled_at: wish.settled_at.map(time),
        }
    }
}

impl From<WishError> for Problem {
    fn from(error: WishError) -> Self {
        match error {
            WishError::NothingToHide => Code::NothingToHide.into(),
            WishError::Consent(error) => error.into(),
            WishError::NotFound => Code::WishNotFound.into(),
            WishError::Store(error) => error.into(),
        }
    }
}

/// Ask to be left out of the photos that one was found in
///
/// By the cookie of the guest's search. The photographer answers, or the session does it at once.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/hide-requests",
    operation_id = "ask_to_be_left_out",
    tag = "people",
    params(
        ("session_id" = Uuid, Path),
        ("Pixora-Visit" = Option<String>, Header, description = "The token of the visit, where no cookie has it")
    ),
    request_body = NewWish,
    responses((status = 201, body = MadeWish))
)]
pub async fn ask(
    State(app): State<AppState>,
    Client(client): Client,
    PathId(session): PathId<PhotoSessionId>,
    Holder(pass): Holder,
    held: VisitToken,
    new: Result<extract::Json<NewWish>, Problem>,
) -> Result<(StatusCode, Json<MadeWish>), Problem> {
    let visit = app.guests.admit(session, &pass, Asker::at(client.ip)).await?;
    let extract::Json(NewWish { photo_ids, version, language }) = new?;
    let language = language.parse().map_err(|_| Code::InvalidConsent)?;
    let chosen =
        photo_ids.map(|ids| ids.iter().map(|text| extract::id(text)).collect::<Result<Vec<PhotoId>, _>>());
    let chosen = chosen.transpose()?;
    let token = held.get().ok_or(Code::NotFoundYet)?;
    let returned = app.guests.returned(&visit, token).await?.ok_or(Code::NotFoundYet)?;
    let found = returned.matches.iter().map(|found| (found.photo.id, found.rect)).collect();
    let (id, purpose) = (ConsentId::generate(), ConsentPurpose::Hiding);
    let consent = NewConsent { id, purpose, version, language, beside: Some(returned.consent) };
    let wish = Wish { found, chosen, consent };
    let (code, receipt) = app.people.wish(&visit.session, wish, app.now()).await?;
    Ok((StatusCode::CREATED, Json(MadeWish { code, receipt: receipt.into() })))
}

fn code(path: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    Ok(path.map_err(|_| Code::WishNotFound)?.0)
}

/// What became of a wish to be left out
#[utoipa::path(
    get,
    path = "/api/hide-requests/{code}",
    operation_id = "get_wish",
    tag = "people",
    params(("code" = String, Path, description = "What the guest keeps")),
    responses((status = 200, body = WishReceipt))
)]
pub async fn receipt(
    State(app): State<AppState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<WishReceipt>, Problem> {
    Ok(Json(app.people.receipt(&code(path)?).await?.into()))
}

/// Take a wish to be left out back
///
/// The photos are seen again, and later ones are not held back any more; what was grouped for the wish is erased.
#[utoipa::path(
    delete,
    path = "/api/hide-requests/{code}",
    operation_id = "take_wish_back",
    tag = "people",
    params(("code" = String, Path, description = "What the guest keeps")),
    responses((status = 204, description = "Taken back"))
)]
pub async fn take_back(
    State(app): State<AppState>,
    path: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    app.people.take_back(&code(path)?, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A wish as the photographer sees it; nothing says who the guest is.
#[derive(Serialize, ToSchema)]
pub struct ManagedWish {
    hide_request_id: Uuid,
    #[serde(flatten)]
    receipt: WishReceipt,
    /// The person of the session whose later photos are held back, if the guest asked for that.
    person_id: Option<Uuid>,
    /// Of the text that the guest agreed to.
    version: String,
    language: String,
}

#[derive(Serialize, ToSchema)]
pub struct ManagedWishes {
    /// The newest first.
    hide_requests: Vec<ManagedWish>,
    /// What guests ask to have left out goes at once.
    by_itself: bool,
}

/// Guests' wishes to be left out of a session
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/hide-requests",
    operation_id = "list_wishes",
    tag = "people",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = ManagedWishes))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<ManagedWishes>, Problem> {
    managed(&app, &caller, id).await?;
    let json = |wish: HideRequest| ManagedWish {
        hide_request_id: wish.id.0,
        person_id: wish.person.map(|person| person.0),
        version: wish.version.clone(),
        language: wish.language.as_str().to_owned(),
        receipt: wish.into(),
    };
    let hide_requests = app.people.wishes(id).await?.into_iter().map(json).collect();
    Ok(Json(ManagedWishes { hide_requests, by_itself: app.people.hides_by_itself(id).await? }))
}

#[derive(Deserialize, ToSchema)]
pub struct WishesChange {
    /// Whether what guests ask to have left out goes without the photographer's word.
    #[serde(alias = "byItself")]
    by_itself: bool,
}

/// Let the session hide guests by itself, or not
#[utoipa::path(
    patch,
    path = "/api/photo-sessions/{session_id}/hide-requests",
    operation_id = "change_wishes",
    tag = "people",
    params(("session_id" = Uuid, Path)),
    request_body = WishesChange,
    responses((status = 204, description = "From now on"))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    change: Result<extract::Json<WishesChange>, Problem>,
) -> Result<StatusCode, Problem> {
    managed(&app, &caller, id).await?;
    let extract::Json(WishesChange { by_itself }) = change?;
    app.people.set_hides_by_itself(id, by_itself).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize, ToSchema)]
pub struct WishAnswer {
    /// `true` hides what was asked for, `false` shows it; either can be said again.
    accept: bool,
}

/// Say yes or no to a guest's wish
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/hide-requests/{hide_request_id}",
    operation_id = "answer_wish",
    tag = "people",
    params(("session_id" = Uuid, Path), ("hide_request_id" = Uuid, Path)),
    request_body = WishAnswer,
    responses((status = 204, description = "Guests see it so from now on"))
)]
pub async fn answer(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(id, wish): PathIds<PhotoSessionId, HideRequestId>,
    answer: Result<extract::Json<WishAnswer>, Problem>,
) -> Result<StatusCode, Problem> {
    managed(&app, &caller, id).await?;
    let extract::Json(WishAnswer { accept }) = answer?;
    app.people.answer(id, wish, accept, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
