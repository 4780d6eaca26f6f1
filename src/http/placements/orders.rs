//! `/api/orders`: a customer's orders; all of them for an admin.

use std::collections::HashMap;

use axum::{Json, extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    image_url,
    shapes::{BalanceJson, PlacementInput, PlacementJson},
    viewer,
};
use crate::{
    app::AppState,
    domain::{PlacementId, PlacementStatus, Role},
    http::{
        extract::{self, Params, PathId},
        guard::Caller,
        messages::Code,
        paging,
        problem::Problem,
        shared::idempotency::{self, OnceJson},
        words,
    },
    placements::Viewer,
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Page {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    limit: Option<String>,
    #[param(inline, value_type = Option<words::PlacementStatus>)]
    status: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct PlacementPage {
    /// Newest first.
    orders: Vec<PlacementJson>,
    /// `null` on the last page.
    next_cursor: Option<String>,
    /// `null` for customers without an account of money, and for admins.
    balance: Option<BalanceJson>,
}

/// List the caller's orders with their balance; every order for an admin
#[utoipa::path(
    get,
    path = "/api/orders",
    operation_id = "list_placements",
    tag = "orders",
    params(Page),
    responses((status = 200, body = PlacementPage))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    Params(page): Params<Page>,
) -> Result<Json<PlacementPage>, Problem> {
    let limit = paging::limit(page.limit.as_deref(), paging::USUAL)?;
    let after = paging::after(page.cursor)?;
    let status = page.status.map(|status| status.parse()).transpose().map_err(|_| Code::MalformedQuery)?;
    let viewer = viewer(&caller);
    let mut orders = app.placements.list(viewer, status, after, limit + 1).await?;
    let next_cursor = paging::cut(&mut orders, limit, |order| order.id.to_string());
    let balance = app.placements.balance(viewer).await?;
    let names = match viewer {
        Viewer::Admin => app.placements.customer_names(&orders).await?,
        Viewer::Customer(_) => HashMap::new(),
    };
    let orders = orders.iter().map(|order| PlacementJson::of(order, names.get(&order.customer))).collect();
    Ok(Json(PlacementPage { orders, next_cursor, balance: balance.map(Into::into) }))
}

/// Place an order, or save a draft of one
///
/// Takes an `Idempotency-Key`. If the customer has a balance, the amount is reserved with the order.
#[utoipa::path(
    post,
    path = "/api/orders",
    operation_id = "create_placement",
    tag = "orders",
    request_body = PlacementInput,
    responses((status = 201, body = PlacementJson))
)]
pub async fn create(
    State(app): State<AppState>,
    Caller(caller): Caller,
    request: Result<OnceJson<PlacementInput>, Problem>,
) -> Result<Response, Problem> {
    // A caller who may not order gets that answer first, whatever the order contains.
    app.placements.may_order(caller.user, caller.role).await?;
    let mut request = request?;
    let key = request.key(&caller, "order");
    let new = std::mem::take(&mut request.body).new_order(&app)?;
    let answer = |placement: &_| serde_json::json!(PlacementJson::from(placement)).to_string();
    let customer = (caller.user, caller.role);
    let (once, answer) = app.placements.create(customer, new, key.as_ref(), answer, app.now()).await?;
    idempotency::created(once, answer)
}

#[derive(Serialize, ToSchema)]
pub struct OneOrder {
    #[serde(flatten)]
    order: PlacementJson,
    /// The picture below the code, for drawing another code on it.
    source_image_url: Option<String>,
}

/// Get an order
#[utoipa::path(
    get,
    path = "/api/orders/{placement_id}",
    operation_id = "get_placement",
    tag = "orders",
    params(("placement_id" = Uuid, Path)),
    responses((status = 200, body = OneOrder))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PlacementId>,
) -> Result<Json<OneOrder>, Problem> {
    let order = app.placements.get(viewer(&caller), id).await?;
    let source = match order.image {
        Some(image) => app.placements.source_of(image).await?,
        None => None,
    };
    Ok(Json(OneOrder { order: (&order).into(), source_image_url: source.map(image_url) }))
}

/// Change a draft, place it, or move an order to its next status
#[utoipa::path(
    patch,
    path = "/api/orders/{placement_id}",
    operation_id = "change_placement",
    tag = "orders",
    params(("placement_id" = Uuid, Path)),
    request_body = PlacementInput,
    responses((status = 200, body = PlacementJson))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PlacementId>,
    change: Result<extract::Json<PlacementInput>, Problem>,
) -> Result<Json<PlacementJson>, Problem> {
    let viewer = viewer(&caller);
    // Another customer's order is not found, whatever the change contains.
    let order = app.placements.get(viewer, id).await?;
    if caller.role == Role::Admin
        && !app.placements.are_of(order.customer, &caller.studios, app.now()).await?
    {
        let draft = order.status == PlacementStatus::Draft;
        return Err(if draft { Code::PlacementNotFound } else { Code::Forbidden }.into());
    }
    let extract::Json(change) = change?;
    let changed = app.placements.change(viewer, id, change.change(&app)?, app.now()).await?;
    Ok(Json((&changed).into()))
}

/// Delete a draft
#[utoipa::path(
    delete,
    path = "/api/orders/{placement_id}",
    operation_id = "delete_placement",
    tag = "orders",
    params(("placement_id" = Uuid, Path)),
    responses((status = 204))
)]
pub async fn delete(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PlacementId>,
) -> Result<StatusCode, Problem> {
    app.placements.delete_draft(caller.user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
