//! Pages of other origins that may read answers: those that the studio of a session has named, and of that session
//! only. Nobody else is told anything, cookies never count (there is no `Access-Control-Allow-Credentials`), and there
//! is no wildcard. What a page cannot do as a guest it needs an API key for, as any program does.

use std::time::Duration;

use axum::{
    RequestExt,
    extract::{MatchedPath, RawPathParams, Request, State},
    http::{HeaderName, HeaderValue, Method, header},
    middleware::Next,
    response::Response,
};
use tower::{Layer, ServiceExt};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::{holder, trace};
use crate::{
    app::{App, AppState},
    domain::{PhotoSessionId, WebOrigin},
};

/// The interface of one session, for programs and for guests, and its pictures. Its page is not read by scripts.
const OF_A_SESSION: [&str; 2] = ["/api/v1/sessions/{session_id}", "/media/{session_id}"];
const PAGE: &str = "/api/v1/sessions/{session_id}/interface";
/// A module's script is fetched as any other answer that another origin reads.
pub const SCRIPT: &str = "/embed.js";
/// Between two questions of a browser whether it may; Chromium takes no more.
const MAX_AGE: Duration = Duration::from_secs(7200);

/// Whose origins count for an address.
enum Whose {
    /// The studio of this session.
    Session(PhotoSessionId),
    /// Any studio.
    Anyone,
}

/// Middleware: answers the question of a browser beforehand (`OPTIONS`), and lets a page of a named origin read the
/// answer.
pub async fn open(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let Some(path) = path.filter(|path| is_open(path)) else { return next.run(request).await };
    let origin = request.headers().get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let origin = origin.and_then(|text| text.parse::<WebOrigin>().ok().filter(|it| it.as_str() == text));
    let whose = match path.as_str() {
        SCRIPT => Some(Whose::Anyone),
        _ => session(&mut request).await.map(Whose::Session),
    };
    let named = match (origin, whose) {
        (Some(origin), Some(whose)) => is_named(&app, &origin, whose).await.then_some(origin),
        _ => None,
    };
    let Some(origin) = named else {
        let mut response = next.run(request).await;
        // A copy of this answer is not for a page of another origin.
        response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
        return response;
    };
    // A browser that asks beforehand says for what; any other `OPTIONS` is the address's own affair.
    let is_question = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if request.method() == Method::OPTIONS && !is_question {
        return next.run(request).await;
    }
    let Ok(response) = layer(&origin).layer(next).oneshot(request).await;
    response
}

fn is_open(path: &str) -> bool {
    let is_below =
        |base: &&str| path.strip_prefix(*base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    path == SCRIPT || (path != PAGE && OF_A_SESSION.iter().any(is_below))
}

async fn session(request: &mut Request) -> Option<PhotoSessionId> {
    let parameters = request.extract_parts::<RawPathParams>().await.ok()?;
    parameters.iter().find(|(name, _)| *name == "session_id")?.1.parse().ok()
}

async fn is_named(app: &App, origin: &WebOrigin, whose: Whose) -> bool {
    let studio = match whose {
        Whose::Anyone => None,
        Whose::Session(session) => match app.sessions.get(session).await {
            Ok(session) => Some(session.studio_id),
            Err(_) => return false,
        },
    };
    // While the rows cannot be read nobody else may read anything; the address itself says why.
    app.studios.has_named(studio, origin).await.unwrap_or(false)
}

/// What a page of this origin may send and read.
fn layer(origin: &WebOrigin) -> CorsLayer {
    // An origin is ASCII without control characters.
    let origin = HeaderValue::from_str(origin.as_str()).unwrap_or(HeaderValue::from_static("null"));
    CorsLayer::new()
        .allow_origin(AllowOrigin::exact(origin))
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::RANGE,
            HeaderName::from_static("idempotency-key"),
            holder::VISIT,
        ])
        .expose_headers([
            header::RETRY_AFTER,
            header::ETAG,
            header::CONTENT_RANGE,
            header::CONTENT_DISPOSITION,
            trace::REQUEST_ID,
        ])
        .vary([header::ORIGIN])
        .max_age(MAX_AGE)
}
