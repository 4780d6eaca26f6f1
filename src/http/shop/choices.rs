//! `/api/photo-sessions/{session_id}/choices`: which photos guests and clients have chosen, for editors.

use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{extract::PathId, guard::Caller, messages::Code, problem::Problem},
    shop::ChosenPhoto,
};

#[derive(Serialize, ToSchema)]
pub struct Choice {
    photo_id: Uuid,
    filename: String,
    /// The name of the RAW beside it.
    raw_filename: Option<String>,
    /// Orders that name the photo.
    orders: u64,
    /// Copies in all of them.
    quantity: u64,
}

impl From<ChosenPhoto> for Choice {
    fn from(ChosenPhoto { id, filename, raw_filename, orders, quantity }: ChosenPhoto) -> Self {
        Self { photo_id: id.0, filename, raw_filename, orders, quantity }
    }
}

#[derive(Serialize, ToSchema)]
pub struct Choices {
    /// By name.
    choices: Vec<Choice>,
}

/// List the photos of a session that guests and clients have chosen
///
/// Chosen is what an order names that is placed, paid or fulfilled. Who ordered is not said, and an order of the whole
/// session chooses no photo.
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/choices",
    operation_id = "list_choices",
    tag = "shop",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = Choices))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
) -> Result<Json<Choices>, Problem> {
    let session = app.sessions.get(id).await?;
    if !caller.may_manage(&session) {
        return Err(Code::SessionNotFound.into());
    }
    let chosen = app.shop.orders.chosen(id).await?;
    Ok(Json(Choices { choices: chosen.into_iter().map(Into::into).collect() }))
}
