//! The identity of a request: its id, its trace, its span, its metrics.

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, Span, field};
use uuid::Uuid;

use crate::telemetry::{self, TraceParent};

pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static(TraceParent::HEADER);

/// Names one request in answers and logs.
#[derive(Debug, Clone)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The proxy's id when it is one that can stand in a log line, else a new one.
    fn of(headers: &HeaderMap) -> Self {
        let sane = |id: &&str| {
            (8..=64).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        };
        match headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(sane) {
            Some(id) => Self(id.into()),
            None => Self::default(),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self(Uuid::now_v7().to_string().into())
    }
}

/// Middleware: gives the request its id and span, counts it, logs it. Logs the matched route, never the
/// path: a session's id opens its gallery. A caller's trace is continued and returned, with our own span if
/// traces are exported.
pub async fn trace(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let parent =
        request.headers().get(TRACEPARENT).and_then(|v| v.to_str().ok()).and_then(TraceParent::parse);
    request.extensions_mut().insert(id.clone());
    let route =
        request.extensions().get::<MatchedPath>().map_or("unmatched".into(), |path| Arc::from(path.as_str()));
    let method = method_name(request.method());

    // Of the highest level, so that a log of errors alone still says which request it was.
    let span = tracing::error_span!(
        "request",
        request_id = id.as_str(),
        %route,
        method,
        trace_id = field::Empty,
        status = field::Empty,
        code = field::Empty
    );
    if let Some(parent) = parent {
        telemetry::adopt(&span, parent);
    }
    let trace = telemetry::here(&span).or_else(|| parent.map(TraceParent::child));
    if let Some(trace) = &trace {
        span.record("trace_id", trace.trace());
    }
    let mut response = async {
        let response = next.run(request).await;
        let (status, took) = (response.status().as_u16(), started.elapsed());
        Span::current().record("status", status);
        tracing::info!(ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "answered");
        telemetry::request_answered(&route, method, status, took);
        response
    }
    .instrument(span)
    .await;

    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, value);
    }
    if let Some(value) = trace.and_then(|trace| HeaderValue::from_str(&trace.to_string()).ok()) {
        headers.insert(TRACEPARENT, value);
    }
    response
}

/// Anyone may invent a method; a metric's label must not grow with them.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_could_forge_a_log_line_is_replaced() {
        let id = |value: &str| {
            let headers = HeaderMap::from_iter([(REQUEST_ID, value.parse().expect("a legal header"))]);
            RequestId::of(&headers).as_str().to_owned()
        };
        assert_eq!(id("req-0123.abc_D"), "req-0123.abc_D");
        for bad in ["short", "with space and more", "quote\"quote\"", &"x".repeat(65)] {
            assert_ne!(id(bad), bad);
            assert!(id(bad).parse::<Uuid>().is_ok());
        }
    }
}
