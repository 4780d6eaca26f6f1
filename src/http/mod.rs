//! The HTTP door: parse, call one service, answer.
//!
//! [`router`] knows every address; [`serve`] runs it. Failures are [`problem::Problem`]s everywhere. Must
//! not know rules: whether a session is valid or who is in a photo is decided below.
//!
//! # Who calls, and what they may do
//!
//! `http/guard.rs`, a middleware of every route: find out who calls (bearer token, API key or cookie), look
//! the operation up in the one table of rights (`http/rights.rs`), let in or refuse. What has no row is
//! closed. Whether one thing is the caller's own is asked by the handler (`Caller::may_manage`), which
//! answers "not found" if not.
//!
//! - An access token is a claim, the device session's row decides: one indexed read more for each request,
//!   and signing out, a new role or a disabled account take effect at once.
//! - All our secrets (refresh tokens, keys, codes, links) are 256 random bits, stored by SHA-256; only
//!   passwords, which people choose, are worth Argon2id. It runs on blocking threads, at most one for each
//!   core, because the threads of `compute` own the models.
//! - A used refresh token stays as a row until its device ends: that is how a second use is known.
//! - The QR picture shows a hash of the polled code, so that looking at a screen is not enough to be signed
//!   in.

use std::{any::Any, time::Duration};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, MatchedPath, Request},
    http::{HeaderMap, HeaderValue, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use tower_http::{catch_panic::CatchPanicLayer, compression::CompressionLayer};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::app::AppState;

mod accounts;
mod assets;
mod authority;
mod brand;
mod choices;
mod client;
mod comments;
mod connection;
mod consents;
mod cookies;
mod cross_origin;
mod erasures;
mod external;
mod extract;
mod galleries;
mod guard;
mod guest_photos;
mod handoff;
mod holder;
mod hosts;
mod language;
mod logo;
mod markup;
mod media;
mod messages;
mod news;
mod notices;
mod openapi;
mod ops;
mod pages;
mod paging;
mod panel;
mod parameters;
mod people;
mod placements;
mod plain;
mod problem;
mod proof;
pub mod rights;
mod security;
mod server;
mod sessions;
mod shared;
mod shop;
mod static_files;
mod studio;
mod team;
mod telegram;
mod tickets;
mod trace;
mod uploads;
mod webhooks;
mod words;

pub use connection::Patience;
pub use messages::Code;
pub use server::{Limits, serve, serve_tls, shutdown_signal};
pub use sessions::qr_svg;

use problem::Problem;

/// Of a body that is not a form with selfies.
const BODY_BYTES: usize = 256 << 10;
/// Within this an answer must have begun. Long enough for 10 MB over a bad mobile network.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);

/// When to come again where there is no room: somebody has to make some.
const ROOM: Duration = Duration::from_secs(60);

/// Every address of the service, and its description.
fn routes() -> (Router<AppState>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(openapi::skeleton())
        .merge(sessions::routes())
        .merge(external::routes())
        .merge(accounts::routes())
        .merge(webhooks::routes())
        .merge(uploads::routes())
        .merge(guest_photos::routes())
        .merge(comments::routes())
        .merge(panel::routes())
        .merge(studio::routes())
        .merge(team::routes())
        .merge(galleries::routes())
        .merge(tickets::routes())
        .merge(shop::routes())
        .merge(placements::routes())
        .merge(handoff::routes())
        .merge(people::routes())
        .merge(news::routes())
        .merge(notices::routes())
        .merge(choices::routes())
        .merge(consents::routes())
        .merge(erasures::routes())
        .routes(routes!(telegram::webhook))
        .routes(routes!(media::picture))
        .routes(routes!(static_files::file))
        .routes(routes!(logo::logo))
        .routes(routes!(index))
        .routes(routes!(proof::answer))
        .routes(routes!(proof::allowed))
        .merge(ops_routes())
        .routes(routes!(authority::certificate))
        .routes(routes!(openapi::show))
        .split_for_parts()
}

/// Every address of the service.
pub fn router(app: AppState) -> Router {
    // Starts collecting before the first request is counted.
    crate::telemetry::metrics();

    let (router, document) = routes();
    let document = openapi::finish(document, &app.settings.public_url);
    let parameters = from_fn_with_state(parameters::Known::of(&document), parameters::check);

    let router = router.route_layer(parameters).layer(Extension(openapi::Document::new(&document)));
    finish(router, app)
}

/// The description of the interface, as `/api/openapi.json` has it on a server with this address.
#[must_use]
pub fn description(public_url: &str) -> serde_json::Value {
    openapi::finish(routes().1, public_url)
}

/// The addresses for those who run the service, alone: for a worker, which has no others.
pub fn ops_router(app: AppState) -> Router {
    crate::telemetry::metrics();
    finish(ops_routes().split_for_parts().0, app)
}

fn ops_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(ops::healthz))
        .routes(routes!(ops::readyz))
        .routes(routes!(ops::metrics))
}

/// Adds what every address has: rights, limits, the form of a failure.
fn finish(router: Router<AppState>, app: AppState) -> Router {
    // The last layer is the outermost.
    router
        .route_layer(from_fn_with_state(app.clone(), shared::bodies::meter))
        .route_layer(from_fn_with_state(app.clone(), guard::keep))
        .route_layer(from_fn_with_state(app.clone(), hosts::keep))
        .fallback(async || Problem::new(Code::NotFound))
        .method_not_allowed_fallback(async || Problem::new(Code::MethodNotAllowed))
        .with_state(app.clone())
        .layer(DefaultBodyLimit::max(BODY_BYTES))
        .layer(Extension(shared::bodies::Budgets::default()))
        .layer(from_fn(plain_bodies))
        .layer(Extension(ops::LastReadiness::default()))
        .layer(from_fn(time_limit))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(problem::render))
        .layer(from_fn_with_state(app, cross_origin::open))
        .layer(CompressionLayer::new().compress_when(shared::compression::WorthIt::default()))
        .layer(from_fn(security::headers))
        .layer(from_fn(uploads::name_version))
        .layer(from_fn(trace::trace))
}

/// The front page: tells visitors without a link where to get one
#[utoipa::path(get, path = "/", operation_id = "page_index", tag = "pages", responses((status = 200, body = String, content_type = "text/html")))]
async fn index(headers: HeaderMap) -> Response {
    pages::index(language::of(&headers))
}

/// Bodies are read as they are: one that is packed would be taken for damaged.
async fn plain_bodies(request: Request, next: Next) -> Response {
    let is_plain = |value: &HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if request.headers().get_all(header::CONTENT_ENCODING).iter().all(is_plain) {
        return next.run(request).await;
    }
    let accepted = [(header::ACCEPT_ENCODING, "identity")];
    (accepted, Problem::new(Code::UnsupportedEncoding)).into_response()
}

async fn time_limit(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    if shared::bodies::is_streamed(request.method(), path) {
        return next.run(request).await;
    }
    match tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::new(Code::TimedOut).into_response(),
    }
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    Problem::internal(format_args!("panicked: {}", text.unwrap_or("without a message"))).into_response()
}
