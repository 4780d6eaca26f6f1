//! `/api/…/erasure` and `/api/erasures`: erasing for good, with a receipt.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    extract::{Params, PathId, PathIds},
    guard::Caller,
    messages::Code,
    paging,
    problem::Problem,
    shared::idempotency::OnceJson,
    studio::{kept_photo, managed},
};
use crate::{
    accounts,
    app::{App, AppState},
    domain::{
        ConsentId, Erasable, ErasureId, OrderId, PersonId, PhotoId, PhotoSession, PhotoSessionId, Role,
        StudioId, UserId,
    },
    erasures::{AccountHeld, ErasureError, ErasureFilter, ErasureRequest, Newest, Wish},
};

mod shapes;

pub use shapes::{ErasureJson, ErasurePreview, ErasureWish};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(session))
        .routes(routes!(photo))
        .routes(routes!(person))
        .routes(routes!(consent))
        .routes(routes!(order))
        .routes(routes!(account))
        .routes(routes!(list))
        .routes(routes!(show))
}

/// The operation of remembered requests.
const OPERATION: &str = "erase";

impl From<ErasureError> for Problem {
    fn from(error: ErasureError) -> Self {
        match error {
            ErasureError::NotConfirmed => Code::ErasureNotConfirmed.into(),
            ErasureError::NotFound => Code::ErasureNotFound.into(),
            ErasureError::KeyReused => Code::IdempotencyKeyReused.into(),
            ErasureError::Held(AccountHeld::LastSuperAdmin) => Code::LastSuperAdmin.into(),
            ErasureError::Held(AccountHeld::OpenOrders) => Code::AccountHasOrders.into(),
            ErasureError::Erase(error) => error.into(),
        }
    }
}

/// A request to erase something.
type Wished = Result<OnceJson<ErasureWish>, Problem>;

/// Erase a session for good
///
/// Without `confirm` it says what would go. With it rows are gone at once, for guests too, and the rest is removed in
/// the background; `GET /api/erasures/{erasure_id}` tells how far it is, and gives the receipt. With an
/// `Idempotency-Key` the same request may be sent again.
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/erasure",
    operation_id = "erase_session",
    tag = "erasure",
    params(("session_id" = Uuid, Path), ("idempotency-key" = Option<String>, Header)),
    request_body = ErasureWish,
    responses((status = 200, body = ErasurePreview), (status = 202, body = ErasureJson))
)]
pub async fn session(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    wished: Wished,
) -> Result<Response, Problem> {
    let of = Erasable::Session(id);
    erase(&app, &caller, of, wished, async || Ok(in_session(&*managed(&app, &caller, id).await?))).await
}

/// Erase a photo for good
///
/// As a session is. `DELETE /api/photos/{photo_id}` is quicker and leaves its vectors in the files of the face index until
/// these are next tidied.
#[utoipa::path(
    post,
    path = "/api/photos/{photo_id}/erasure",
    operation_id = "erase_photo",
    tag = "erasure",
    params(("photo_id" = Uuid, Path), ("idempotency-key" = Option<String>, Header)),
    request_body = ErasureWish,
    responses((status = 200, body = ErasurePreview), (status = 202, body = ErasureJson))
)]
pub async fn photo(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoId>,
    wished: Wished,
) -> Result<Response, Problem> {
    erase(&app, &caller, Erasable::Photo(id), wished, async || {
        let photo = kept_photo(&app, &caller, id).await?;
        Ok(in_session(&*app.sessions.get(photo.photo_session_id).await?))
    })
    .await
}

/// Erase somebody's faces for good
///
/// As a session is. Photos stay; nobody finds this person in them any more, also when they are looked at again. Photos
/// that were withheld because of somebody hidden stay hidden.
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/people/{person_id}/erasure",
    operation_id = "erase_person",
    tag = "erasure",
    params(
        ("session_id" = Uuid, Path), ("person_id" = Uuid, Path), ("idempotency-key" = Option<String>, Header)
    ),
    request_body = ErasureWish,
    responses((status = 200, body = ErasurePreview), (status = 202, body = ErasureJson))
)]
pub async fn person(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(id, person): PathIds<PhotoSessionId, PersonId>,
    wished: Wished,
) -> Result<Response, Problem> {
    erase(&app, &caller, Erasable::Person(person), wished, async || {
        let session = managed(&app, &caller, id).await?;
        if app.people.is_of(id, person).await? {
            Ok(in_session(&session))
        } else {
            Err(Code::PersonNotFound.into())
        }
    })
    .await
}

/// Erase a guest's consent for good, with the searches made under it
///
/// As a session is.
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/consents/{consent_id}/erasure",
    operation_id = "erase_consent",
    tag = "erasure",
    params(
        ("session_id" = Uuid, Path), ("consent_id" = Uuid, Path), ("idempotency-key" = Option<String>, Header)
    ),
    request_body = ErasureWish,
    responses((status = 200, body = ErasurePreview), (status = 202, body = ErasureJson))
)]
pub async fn consent(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathIds(id, consent): PathIds<PhotoSessionId, ConsentId>,
    wished: Wished,
) -> Result<Response, Problem> {
    erase(&app, &caller, Erasable::Consent(consent), wished, async || {
        let session = managed(&app, &caller, id).await?;
        if app.consents.is_of(id, consent).await? {
            Ok(in_session(&session))
        } else {
            Err(Code::ConsentNotFound.into())
        }
    })
    .await
}

/// Erase for good what an order says of its buyer
///
/// As a session is. Number, amounts, what was bought and when stay for the books.
#[utoipa::path(
    post,
    path = "/api/shop/orders/{order_id}/erasure",
    operation_id = "erase_order",
    tag = "erasure",
    params(("order_id" = Uuid, Path), ("idempotency-key" = Option<String>, Header)),
    request_body = ErasureWish,
    responses((status = 200, body = ErasurePreview), (status = 202, body = ErasureJson))
)]
pub async fn order(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<OrderId>,
    wished: Wished,
) -> Result<Response, Problem> {
    erase(&app, &caller, Erasable::Order(id), wished, async || {
        let order = app.shop.orders.get(id).await?;
        let managed = order
            .filter(|order| caller.may_manage_of(order.studio_id, order.session_id, order.photographer_id));
        let order = managed.ok_or(Code::OrderNotFound)?;
        Ok((order.session_id, order.studio_id))
    })
    .await
}

/// Erase an account for good
///
/// As a session is. One's own; for an admin also that of a photographer who works for nobody else, for a super admin
/// anybody's. Name, addresses, password, devices, sign-ins, keys, tickets with their files, pictures and drafts go; sessions,
/// orders and replies in others' tickets stay without a name. Not while an order of theirs is open (`account_has_orders`),
/// and not the last super admin (`last_super_admin`).
#[utoipa::path(
    post,
    path = "/api/users/{user_id}/erasure",
    operation_id = "erase_account",
    tag = "erasure",
    params(("user_id" = Uuid, Path), ("idempotency-key" = Option<String>, Header)),
    request_body = ErasureWish,
    responses((status = 200, body = ErasurePreview), (status = 202, body = ErasureJson))
)]
pub async fn account(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<UserId>,
    wished: Wished,
) -> Result<Response, Problem> {
    erase(&app, &caller, Erasable::Account(id), wished, async || {
        let studio = app.accounts.to_erase(&caller, id).await?;
        // An account is of no session, and may be of no studio.
        Ok((PhotoSessionId(Uuid::nil()), studio.unwrap_or(StudioId(Uuid::nil()))))
    })
    .await
}

fn in_session(session: &PhotoSession) -> (PhotoSessionId, StudioId) {
    (session.id, session.studio_id)
}

/// Answers a request to erase something; `place` says where it belongs, if it is the caller's to erase. Once it is gone,
/// the key of the request still finds its erasure.
async fn erase(
    app: &App,
    caller: &accounts::Caller,
    of: Erasable,
    wished: Wished,
    place: impl AsyncFnOnce() -> Result<(PhotoSessionId, StudioId), Problem>,
) -> Result<Response, Problem> {
    let key = wished.as_ref().ok().and_then(|wished| wished.key(caller, OPERATION));
    if let Some(earlier) = app.erasures.earlier(key.as_ref()).await? {
        return Ok(accepted(earlier));
    }
    let (session, studio) = place().await?;
    let wish = Wish { of, session, studio, by: caller.user };
    match wished?.body.confirm {
        None => Ok(Json(ErasurePreview::from(app.erasures.preview(&wish).await?)).into_response()),
        Some(confirm) => Ok(accepted(app.erasures.ask(wish, &confirm, key.as_ref()).await?)),
    }
}

fn accepted(request: ErasureRequest) -> Response {
    (StatusCode::ACCEPTED, Json(ErasureJson::from(request))).into_response()
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ErasurePage {
    /// Newest first.
    erasures: Vec<ErasureJson>,
    /// `null` on the last page.
    next_cursor: Option<String>,
}

/// List erasures: a studio's for its admins, else those that the caller asked for
#[utoipa::path(
    get,
    path = "/api/erasures",
    operation_id = "list_erasures",
    tag = "erasure",
    params(Page),
    responses((status = 200, body = ErasurePage))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Params(page): Params<Page>,
) -> Result<Json<ErasurePage>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let after: Option<Newest<ErasureId>> = paging::after(page.cursor)?;
    let studios = match caller.role {
        Role::SuperAdmin => None,
        Role::Admin => Some(caller.studios.clone()),
        Role::Photographer | Role::Customer | Role::Operator => Some(Vec::new()),
    };
    let filter = ErasureFilter { studios, asked_by: Some(caller.user) };
    let mut found = app.erasures.list(&filter, after, limit + 1).await?;
    let next_cursor =
        paging::cut(&mut found, limit, |last| Newest::after(last.asked.asked_at, last.asked.id).to_string());
    Ok(Json(ErasurePage { erasures: found.into_iter().map(ErasureJson::from).collect(), next_cursor }))
}

/// Show an erasure and its receipt
#[utoipa::path(
    get,
    path = "/api/erasures/{erasure_id}",
    operation_id = "get_erasure",
    tag = "erasure",
    params(("erasure_id" = Uuid, Path)),
    responses((status = 200, body = ErasureJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<ErasureId>,
) -> Result<Json<ErasureJson>, Problem> {
    let found = app.erasures.get(id).await?;
    let theirs = found.filter(|it| it.asked.asked_by == Some(caller.user) || caller.may_run(it.asked.studio));
    theirs.map(|it| Json(it.into())).ok_or_else(|| Code::ErasureNotFound.into())
}
