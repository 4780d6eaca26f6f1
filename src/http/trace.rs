//! Who a request is: its id, its trace, its span, its numbers.

use std::{fmt::Write, sync::Arc, time::Instant};

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;
use uuid::Uuid;

use crate::telemetry;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

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

/// W3C Trace Context, <https://www.w3.org/TR/trace-context/>: the part that is passed on.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TraceParent {
    trace_id: String,
    flags: u8,
}

impl TraceParent {
    fn parse(value: &str) -> Option<Self> {
        let mut parts = value.split('-');
        let (version, trace_id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let hex = |text: &str, length| {
            text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        };
        let known = hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
        let named = |text: &str| text.bytes().any(|b| b != b'0');
        let whole = hex(trace_id, 32) && hex(parent, 16) && hex(flags, 2) && named(trace_id) && named(parent);
        (known && whole).then_some(())?;
        Some(Self { trace_id: trace_id.to_owned(), flags: u8::from_str_radix(flags, 16).ok()? & 1 })
    }

    /// The header with a new parent, for whoever comes next.
    fn child(&self) -> String {
        let mut value = format!("00-{}-", self.trace_id);
        for byte in rand::random::<[u8; 8]>() {
            let _ = write!(value, "{byte:02x}");
        }
        let _ = write!(value, "-{:02x}", self.flags);
        value
    }
}

/// Middleware: gives the request its id and span, counts it, logs it. Logs the matched route, never the
/// path: a session's id opens its gallery.
pub async fn trace(mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers());
    let parent =
        request.headers().get(TRACEPARENT).and_then(|v| v.to_str().ok()).and_then(TraceParent::parse);
    request.extensions_mut().insert(id.clone());
    let route =
        request.extensions().get::<MatchedPath>().map_or("unmatched".into(), |path| Arc::from(path.as_str()));
    let method = method_name(request.method());

    let span =
        tracing::info_span!("request", id = id.as_str(), %route, method, trace_id = tracing::field::Empty);
    if let Some(parent) = &parent {
        span.record("trace_id", parent.trace_id.as_str());
    }
    let mut response = async {
        let response = next.run(request).await;
        let (status, took) = (response.status().as_u16(), started.elapsed());
        tracing::info!(status, ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "answered");
        telemetry::request_answered(&route, method, status, took);
        response
    }
    .instrument(span)
    .await;

    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, value);
    }
    if let Some(value) = parent.and_then(|p| HeaderValue::from_str(&p.child()).ok()) {
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

    #[test]
    fn a_trace_is_passed_on_with_a_new_parent() {
        let header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let child = TraceParent::parse(header).expect("the example of the specification").child();
        assert!(
            child.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && child.ends_with("-01"),
            "{child}"
        );
        assert_eq!(child.len(), header.len());
        assert_ne!(child, header);
    }

    #[test]
    fn a_broken_traceparent_is_ignored() {
        let broken = [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
        ];
        for header in broken {
            assert_eq!(TraceParent::parse(header), None, "{header}");
        }
    }
}
