//! `/api/session/create` and `/api/session/{handoff_id}`: one hand-off.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};

use super::json::{HandoffChangeJson, HandoffJson, NewHandoffJson, ShownHandoffJson};
use crate::{
    accounts,
    app::AppState,
    domain::{HandoffId, OnceKey, Scope},
    handoff::{Change, Maker, NewHandoff, Sender},
    http::{
        client::Client,
        cookies,
        extract::{self, PathId},
        guard::MaybeCaller,
        messages::Code,
        problem::Problem,
        shared::idempotency::{self, OnceJson},
    },
};

/// A booth with a key is not counted among strangers.
fn maker(caller: Option<&accounts::Caller>, client: &accounts::Client) -> Maker {
    match caller.filter(|caller| caller.has_key_for(Scope::Handoff)) {
        Some(booth) => Maker::Booth(booth.studios.first().copied()),
        None => Maker::Stranger(client.ip),
    }
}

/// Create a hand-off, for half an hour
///
/// Anybody may make some; a booth with an API key of the scope `handoff` may make many. With an
/// `Idempotency-Key` the same request may be sent again: it gets the first answer. Without an API key that is so for
/// a key that nobody guesses, such as a UUID; a shorter one counts together with the cookie of the first answer.
#[utoipa::path(
    post,
    path = "/api/session/create",
    operation_id = "create_handoff",
    tag = "handoff",
    params(("idempotency-key" = Option<String>, Header)),
    request_body = NewHandoffJson,
    responses((status = 201, body = ShownHandoffJson))
)]
pub async fn create(
    State(app): State<AppState>,
    MaybeCaller(caller): MaybeCaller,
    Client(client): Client,
    headers: HeaderMap,
    request: OnceJson<NewHandoffJson>,
) -> Result<Response, Problem> {
    let sender = Sender::of(
        caller.as_ref().map(|caller| caller.user),
        client.ip,
        cookies::sender(&headers),
        request.key_text(),
    );
    let key = request.key_of(sender.id, OnceKey::CREATE_HANDOFF);
    let NewHandoffJson { r#type, telegram_user_id, telegram_username, data } = request.body;
    let kind = r#type.as_deref().unwrap_or_default().parse().map_err(|_| Code::InvalidHandoffType)?;
    let new = NewHandoff { kind, telegram_user_id, telegram_username, data };
    let draft = app.handoff.draft(new, &maker(caller.as_ref(), &client))?;
    let answer = ShownHandoffJson::new(&app, draft.clone()).map_err(Problem::internal)?;
    let answer = serde_json::to_string(&answer).map_err(Problem::internal)?;
    let once = app.handoff.begin(&draft, key.as_ref().map(|key| (key, answer.as_str()))).await?;
    let mut response = idempotency::created(once, answer)?;
    if let Some(cookie) = sender.cookie.filter(|_| key.is_some()) {
        response.headers_mut().extend(cookies::set_sender(cookie, cookies::secure(&app)));
    }
    Ok(response)
}

/// Get the state of a hand-off
#[utoipa::path(
    get,
    path = "/api/session/{handoff_id}",
    operation_id = "get_handoff",
    tag = "handoff",
    params(("handoff_id" = Uuid, Path)),
    responses((status = 200, body = ShownHandoffJson))
)]
pub async fn show(
    State(app): State<AppState>,
    PathId(id): PathId<HandoffId>,
) -> Result<Json<ShownHandoffJson>, Problem> {
    let handoff = app.handoff.get(id).await?;
    Ok(Json(ShownHandoffJson::new(&app, handoff).map_err(Problem::internal)?))
}

/// Change a hand-off's status, Telegram user or data
#[utoipa::path(
    put,
    path = "/api/session/{handoff_id}",
    operation_id = "change_handoff",
    tag = "handoff",
    params(("handoff_id" = Uuid, Path)),
    request_body = HandoffChangeJson,
    responses((status = 200, body = HandoffJson))
)]
pub async fn change(
    State(app): State<AppState>,
    PathId(id): PathId<HandoffId>,
    extract::Json(asked): extract::Json<HandoffChangeJson>,
) -> Result<Json<HandoffJson>, Problem> {
    let now = app.handoff.get(id).await?;
    if asked.r#type.is_some_and(|kind| kind != now.kind.as_str()) {
        return Err(Code::InvalidHandoffType.into());
    }
    let status = asked.status.map(|status| status.parse()).transpose();
    let change = Change {
        status: status.map_err(|_| Code::InvalidHandoffStatus)?,
        telegram_user_id: asked.telegram_user_id,
        telegram_username: asked.telegram_username,
        data: asked.data,
    };
    let changed = app.handoff.change(id, change).await?;
    Ok(Json(HandoffJson::new(&app, changed)))
}

/// Delete a hand-off with its pictures
#[utoipa::path(
    delete,
    path = "/api/session/{handoff_id}",
    operation_id = "delete_handoff",
    tag = "handoff",
    params(("handoff_id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn remove(
    State(app): State<AppState>,
    PathId(id): PathId<HandoffId>,
) -> Result<StatusCode, Problem> {
    app.handoff.remove(id).await?;
    Ok(StatusCode::NO_CONTENT)
}
