//! One order, for whoever has its link and for whoever manages its session.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::json::{OrderJson, Viewer, zone_of};
use crate::{
    accounts::{self, Credential},
    app::AppState,
    domain::{Order, OrderActor, OrderId, OrderStatus},
    http::{
        extract::{Params, PathId},
        guard::MaybeCaller,
        language,
        messages::Code,
        problem::Problem,
        words::Binary,
    },
};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Key {
    /// From the order's link.
    key: Option<String>,
}

/// The order with its lines, if the caller may see it, and as whom. To everybody else there is none.
async fn opened(
    app: &AppState,
    id: OrderId,
    key: Option<&str>,
    caller: Option<&accounts::Caller>,
) -> Result<(Order, Viewer), Problem> {
    let order = app.shop.orders.get(id).await?.ok_or(Code::OrderNotFound)?;
    // A manager who follows a buyer's link is still a manager.
    let manager = caller.filter(|caller| {
        matches!(caller.credential, Credential::Device { .. })
            && caller.may_manage_of(order.studio_id, order.session_id, order.photographer_id)
    });
    match manager {
        Some(caller) => Ok((order, Viewer::Manager(caller.user))),
        None if key.is_some_and(|key| app.shop.orders.opens(id, key, app.now())) => {
            Ok((order, Viewer::Guest))
        }
        None => Err(Code::OrderNotFound.into()),
    }
}

/// Get an order, by its link or as a manager of its session
#[utoipa::path(
    get,
    path = "/api/shop/orders/{order_id}",
    operation_id = "get_order",
    tag = "shop",
    params(("order_id" = Uuid, Path), Key),
    responses((status = 200, body = OrderJson))
)]
pub async fn show(
    State(app): State<AppState>,
    MaybeCaller(caller): MaybeCaller,
    PathId(id): PathId<OrderId>,
    Params(Key { key }): Params<Key>,
    headers: HeaderMap,
) -> Result<Json<OrderJson>, Problem> {
    let (order, viewer) = opened(&app, id, key.as_deref(), caller.as_ref()).await?;
    Ok(Json(OrderJson::new(&app, &order, viewer, language::of(&headers)).await?))
}

#[derive(Serialize, ToSchema)]
pub struct PaymentPageJson {
    payment_url: String,
}

/// Start an online payment of an order, or start it again
#[utoipa::path(
    post,
    path = "/api/shop/orders/{order_id}/pay",
    operation_id = "pay_order",
    tag = "shop",
    params(("order_id" = Uuid, Path), Key),
    responses((status = 200, body = PaymentPageJson))
)]
pub async fn pay(
    State(app): State<AppState>,
    MaybeCaller(caller): MaybeCaller,
    PathId(id): PathId<OrderId>,
    Params(Key { key }): Params<Key>,
) -> Result<Json<PaymentPageJson>, Problem> {
    opened(&app, id, key.as_deref(), caller.as_ref()).await?;
    Ok(Json(PaymentPageJson { payment_url: app.shop.orders.pay(id).await? }))
}

/// Cancel an order that is not paid yet
#[utoipa::path(
    post,
    path = "/api/shop/orders/{order_id}/cancel",
    operation_id = "cancel_order",
    tag = "shop",
    params(("order_id" = Uuid, Path), Key),
    responses((status = 200, body = OrderJson))
)]
pub async fn cancel(
    State(app): State<AppState>,
    MaybeCaller(caller): MaybeCaller,
    PathId(id): PathId<OrderId>,
    Params(Key { key }): Params<Key>,
    headers: HeaderMap,
) -> Result<Json<OrderJson>, Problem> {
    let (_, viewer) = opened(&app, id, key.as_deref(), caller.as_ref()).await?;
    let actor = match viewer {
        Viewer::Guest => OrderActor::Guest,
        Viewer::Manager(user) => OrderActor::User(user),
    };
    let order = app.shop.orders.transition(id, OrderStatus::Cancelled, actor, None, app.now()).await?;
    Ok(Json(OrderJson::new(&app, &order, viewer, language::of(&headers)).await?))
}

/// Get the receipt of an order as PDF, in the language of its buyer
///
/// Before the order is paid it says so.
#[utoipa::path(
    get,
    path = "/api/shop/orders/{order_id}/receipt.pdf",
    operation_id = "get_order_receipt",
    tag = "shop",
    params(("order_id" = Uuid, Path), Key),
    responses((status = 200, content_type = "application/pdf", body = Binary))
)]
pub async fn receipt(
    State(app): State<AppState>,
    MaybeCaller(caller): MaybeCaller,
    PathId(id): PathId<OrderId>,
    Params(Key { key }): Params<Key>,
) -> Result<Response, Problem> {
    let (order, _) = opened(&app, id, key.as_deref(), caller.as_ref()).await?;
    let content = app.shop.orders.receipt(&order, zone_of(&app, &order).await).await?;
    let pdf = app.cards.receipt(content).await?;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.pdf\"", order.number)),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, pdf).into_response())
}
