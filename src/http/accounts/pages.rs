//! The pages of signing in and of the panel. They are empty frames: scripts fill them through the API.

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    domain::Role,
    http::{guard::Caller, language, pages},
};

/// Sign in with a password or a QR code
#[utoipa::path(get, path = "/login", operation_id = "page_login", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn login(headers: HeaderMap) -> Response {
    pages::account("login", language::of(&headers))
}

/// Make the first account
///
/// The link's token stands in the fragment, which browsers keep to themselves.
#[utoipa::path(get, path = "/setup", operation_id = "page_setup", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn setup(headers: HeaderMap) -> Response {
    pages::account("setup", language::of(&headers))
}

/// Choose another password
///
/// Without a link it asks for one. The link's token stands in the fragment, which browsers keep to themselves.
#[utoipa::path(get, path = "/reset", operation_id = "page_reset", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn reset(headers: HeaderMap) -> Response {
    pages::account("reset", language::of(&headers))
}

/// Confirm an e-mail address
///
/// The link's token stands in the fragment, which browsers keep to themselves.
#[utoipa::path(get, path = "/confirm-email", operation_id = "page_confirm_email", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn confirm_email(headers: HeaderMap) -> Response {
    pages::account("confirm_email", language::of(&headers))
}

/// Change one's own account
#[utoipa::path(get, path = "/dashboard/settings/account", operation_id = "page_account", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn account(headers: HeaderMap) -> Response {
    pages::dashboard("account", language::of(&headers))
}

/// Confirm or reject the sign-in of another device
#[utoipa::path(get, path = "/qr-login", operation_id = "page_qr_login", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn qr_login(headers: HeaderMap) -> Response {
    pages::account("qr_login", language::of(&headers))
}

/// Open the panel
#[utoipa::path(get, path = "/dashboard", operation_id = "page_dashboard", tag = "pages", responses((status = 303)))]
pub async fn dashboard(Caller(caller): Caller) -> Response {
    let start = HeaderValue::from_static(match caller.role {
        Role::SuperAdmin | Role::Admin | Role::Photographer => "/dashboard/photo-sessions",
        Role::Operator => "/dashboard/tickets",
        Role::Customer => "/dashboard/customer",
    });
    (StatusCode::SEE_OTHER, [(header::LOCATION, start)]).into_response()
}

/// List the devices on which the caller is signed in
#[utoipa::path(get, path = "/dashboard/settings/sessions", operation_id = "page_devices", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn sessions(headers: HeaderMap) -> Response {
    pages::dashboard("device_sessions", language::of(&headers))
}

/// List the caller's API keys
#[utoipa::path(get, path = "/dashboard/settings/keys", operation_id = "page_api_keys", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
pub async fn keys(headers: HeaderMap) -> Response {
    pages::dashboard("api_keys", language::of(&headers))
}
