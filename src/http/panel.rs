//! The studio's pages, and the buyer's page of an order. They are empty frames: scripts fill them through the
//! API.

use axum::{
    extract::{
        Path, Query, State,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{extract::PathId, language, pages, problem::Problem};
use crate::{
    app::{App, AppState},
    domain::{OrderId, TicketId},
    studios::Brand,
};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(photo_sessions))
        .routes(routes!(photo_session))
        .routes(routes!(webhooks))
        .routes(routes!(studio))
        .routes(routes!(notices))
        .routes(routes!(privacy))
        .routes(routes!(tickets))
        .routes(routes!(new_ticket))
        .routes(routes!(ticket))
        .routes(routes!(old_new_ticket))
        .routes(routes!(old_ticket))
        .routes(routes!(orders))
        .routes(routes!(order))
        .routes(routes!(prices))
        .routes(routes!(selling))
        .routes(routes!(watermark))
        .routes(routes!(order_of_buyer))
}

/// List the photo sessions that the caller manages
#[utoipa::path(get, path = "/dashboard/photo-sessions", operation_id = "page_photo_sessions", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn photo_sessions(headers: HeaderMap) -> Response {
    pages::dashboard("photo_sessions", language::of(&headers))
}

/// Show one photo session: its QR code, upload, photos and analytics
#[utoipa::path(
    get,
    path = "/dashboard/photo-sessions/{session_id}",
    operation_id = "page_photo_session",
    tag = "pages",
    params(("session_id" = String, Path, description = "Read by the page's script, not here")),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn photo_session(headers: HeaderMap) -> Response {
    pages::dashboard("photo_session", language::of(&headers))
}

/// Show webhooks and their delivery log
#[utoipa::path(get, path = "/dashboard/settings/webhooks", operation_id = "page_webhooks", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn webhooks(headers: HeaderMap) -> Response {
    pages::dashboard("webhooks", language::of(&headers))
}

/// Show what happened in the caller's sessions, and what they are told
#[utoipa::path(get, path = "/dashboard/settings/notices", operation_id = "page_notices", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn notices(headers: HeaderMap) -> Response {
    pages::dashboard("notices", language::of(&headers))
}

/// Show the studio's look on its cards
#[utoipa::path(get, path = "/dashboard/settings/studio", operation_id = "page_studio", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn studio(headers: HeaderMap) -> Response {
    pages::dashboard("studio", language::of(&headers))
}

/// Show what guests agreed to, the texts, and what was erased
#[utoipa::path(get, path = "/dashboard/settings/privacy", operation_id = "page_privacy", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn privacy(headers: HeaderMap) -> Response {
    pages::dashboard("privacy", language::of(&headers))
}

/// List tickets: the caller's own, or the support desk's
#[utoipa::path(get, path = "/dashboard/tickets", operation_id = "page_tickets", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn tickets(headers: HeaderMap) -> Response {
    pages::dashboard("tickets", language::of(&headers))
}

/// Create a ticket
#[utoipa::path(get, path = "/dashboard/tickets/new", operation_id = "page_new_ticket", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn new_ticket(headers: HeaderMap) -> Response {
    pages::dashboard("new_ticket", language::of(&headers))
}

/// Show one ticket with its replies and files, and answer it
#[utoipa::path(
    get,
    path = "/dashboard/tickets/{ticket_id}",
    operation_id = "page_ticket",
    tag = "pages",
    params(("ticket_id" = String, Path, description = "Read by the page's script, not here")),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn ticket(headers: HeaderMap) -> Response {
    pages::dashboard("ticket", language::of(&headers))
}

/// Redirect from the old address of a new ticket
#[utoipa::path(
    get,
    path = "/dashboard/tickets-new",
    operation_id = "page_old_new_ticket",
    tag = "pages",
    responses((status = 308, description = "See `Location`"))
)]
pub async fn old_new_ticket() -> Redirect {
    Redirect::permanent("/dashboard/tickets/new")
}

/// Redirect from the old address of a ticket
#[utoipa::path(
    get,
    path = "/dashboard/tickets-new/{ticket_id}",
    operation_id = "page_old_ticket",
    tag = "pages",
    params(("ticket_id" = Uuid, Path)),
    responses((status = 308, description = "See `Location`"))
)]
pub async fn old_ticket(PathId(id): PathId<TicketId>) -> Redirect {
    Redirect::permanent(&format!("/dashboard/tickets/{id}"))
}

/// List the orders of the sessions that the caller manages
#[utoipa::path(get, path = "/dashboard/orders", operation_id = "page_orders", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn orders(headers: HeaderMap) -> Response {
    pages::dashboard("orders", language::of(&headers))
}

/// Show one order: its buyer, its items and its history
#[utoipa::path(
    get,
    path = "/dashboard/orders/{order_id}",
    operation_id = "page_order",
    tag = "pages",
    params(("order_id" = String, Path, description = "Read by the page's script, not here")),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn order(headers: HeaderMap) -> Response {
    pages::dashboard("order", language::of(&headers))
}

/// Edit the studio's price list
#[utoipa::path(get, path = "/dashboard/settings/prices", operation_id = "page_prices", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn prices(headers: HeaderMap) -> Response {
    pages::dashboard("prices", language::of(&headers))
}

/// Edit payment by hand, tax, delivery and promo codes
#[utoipa::path(get, path = "/dashboard/settings/selling", operation_id = "page_selling", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn selling(headers: HeaderMap) -> Response {
    pages::dashboard("selling", language::of(&headers))
}

/// Edit the watermark on unpaid previews
#[utoipa::path(get, path = "/dashboard/settings/watermark", operation_id = "page_watermark", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn watermark(headers: HeaderMap) -> Response {
    pages::dashboard("watermark", language::of(&headers))
}

/// Show an order to its buyer, opened by the link with its key
///
/// The key is part of the address, so the page sends no `Referer` to the addresses that it links to.
#[utoipa::path(
    get,
    path = "/order/{order_id}",
    operation_id = "page_order_of_buyer",
    tag = "pages",
    params(
        ("order_id" = String, Path, description = "What is no order's id opens an empty page"),
        ("key" = Option<String>, Query, description = "From the order's link")
    ),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn order_of_buyer(
    State(app): State<AppState>,
    id: Result<Path<String>, PathRejection>,
    key: Result<Query<OrderKey>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = id.ok().and_then(|Path(id)| id.parse().ok());
    let key = key.ok().and_then(|Query(OrderKey { key })| key);
    let brand = match (id, key) {
        // Whoever has no key to it is told nothing of the order, not even whose it is.
        (Some(id), Some(key)) if app.shop.orders.opens(id, &key, app.now()) => brand_of(&app, id).await?,
        _ => None,
    };
    let unseen = [
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    let page = pages::order(brand.as_ref(), language::of(&headers)).map_err(Problem::internal)?;
    Ok((unseen, page).into_response())
}

#[derive(Deserialize)]
pub struct OrderKey {
    key: Option<String>,
}

/// How the studio of an order shows itself.
async fn brand_of(app: &App, id: OrderId) -> Result<Option<Brand>, Problem> {
    let Some(order) = app.shop.orders.get(id).await? else { return Ok(None) };
    Ok(app.studios.brand(order.studio_id).await?)
}
