//! The answer to a client that speaks plain HTTP where TLS is expected.

use axum::{
    Router,
    http::{HeaderMap, Method, StatusCode, Uri, header, uri::Authority},
    middleware::from_fn,
    response::{IntoResponse, Response},
};

use super::{messages::Code, problem, trace};

/// Answers whatever is asked. Nothing of the service is behind it.
pub fn router() -> Router {
    Router::new().fallback(to_https).layer(from_fn(problem::render)).layer(from_fn(trace::trace))
}

/// The same address with https, for a client that only reads. A form has crossed the network in clear already: sending it
/// again would hide that.
async fn to_https(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = host.filter(|host| {
        host.parse::<Authority>().is_ok_and(|parsed| parsed.as_str() == *host && !host.contains('@'))
    });
    match host {
        Some(host) if matches!(method, Method::GET | Method::HEAD) => {
            let path = uri.path_and_query().map_or("/", |path| path.as_str());
            let location = [(header::LOCATION, format!("https://{host}{path}"))];
            (StatusCode::PERMANENT_REDIRECT, location).into_response()
        }
        _ => problem::Problem::new(Code::HttpsRequired).into_response(),
    }
}
