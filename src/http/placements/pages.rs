//! The customer's pages. They are empty frames: scripts fill them through the API.

use axum::{http::HeaderMap, response::Response};

use crate::http::{language, pages};

/// Sign in; the page addresses customers when `role` is `customer`
#[utoipa::path(
    get,
    path = "/auth/signin",
    operation_id = "page_sign_in",
    tag = "pages",
    params(("role" = Option<String>, Query, description = "Read by the page's script, not here")),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn sign_in(headers: HeaderMap) -> Response {
    pages::account("login", language::of(&headers))
}

/// List the customer's orders
#[utoipa::path(get, path = "/dashboard/customer", operation_id = "page_placements", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn orders(headers: HeaderMap) -> Response {
    pages::dashboard("customer", language::of(&headers))
}

/// List every customer's orders, for whoever moves them on
#[utoipa::path(get, path = "/dashboard/placements", operation_id = "page_placement_desk", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn desk(headers: HeaderMap) -> Response {
    pages::dashboard("placements", language::of(&headers))
}

/// Begin an order, or continue a draft
#[utoipa::path(
    get,
    path = "/dashboard/customer/create-order",
    operation_id = "page_new_placement",
    tag = "pages",
    params(("draft" = Option<String>, Query, description = "Read by the page's script, not here")),
    responses((status = 200, body = String, content_type = "text/html"))
)]
pub async fn create_order(headers: HeaderMap) -> Response {
    pages::dashboard("customer_order", language::of(&headers))
}
