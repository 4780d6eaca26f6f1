//! Failures as RFC 9457 problems.
//!
//! A handler returns a [`Problem`]; [`render`] (a middleware) writes it in the client's language, as JSON
//! or as the error page, with the request id. A 5xx is logged there, once, with what caused it.

use std::time::Duration;

use axum::{
    extract::{Request, rejection},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};

use super::{
    ROOM,
    language::{self, prefers_html},
    messages::{Code, selfie_advice},
    pages,
    trace::RequestId,
};
use crate::{app::is_outage, disk, domain::Language, studios::Brand};

#[derive(Debug, Clone)]
pub struct Problem {
    code: Code,
    /// Further members of the problem (RFC 9457, section 3.2).
    members: Map<String, Value>,
    /// For the log; never sent.
    cause: Option<String>,
    /// For 429 and 503.
    retry_after: Duration,
}

/// Where nothing better is known.
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl Problem {
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self { code, members: Map::new(), cause: None, retry_after: RETRY_AFTER }
    }

    /// Adds a member for the client.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }

    /// A 500 that tells the client nothing and the log why.
    #[must_use]
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::new(Code::Internal).because(cause)
    }

    /// A failure of ours that logs an error with everything that led to it: 503 where a full disk, or a database that
    /// is busy or away, led to it, which passes, else 500.
    #[must_use]
    pub fn failed(error: &(dyn std::error::Error + 'static)) -> Self {
        let mut said = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            said = format!("{said}: {error}");
            cause = error.source();
        }
        if disk::is_full(error) {
            return Self::storage_full(said);
        }
        if is_outage(error) {
            return Self::new(Code::DatabaseUnavailable).because(said);
        }
        Self::internal(said)
    }

    /// No room is left on a disk of ours.
    #[must_use]
    pub fn storage_full(cause: impl std::fmt::Display) -> Self {
        Self::new(Code::StorageFull).because(cause).retry_after(ROOM)
    }

    /// Adds a cause for the log.
    #[must_use]
    pub fn because(mut self, cause: impl std::fmt::Display) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    /// Says when to come again (429 and 503 only).
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = wait;
        self
    }

    pub fn is(&self, code: Code) -> bool {
        self.code == code
    }

    #[cfg(test)]
    pub fn code(&self) -> Code {
        self.code
    }

    #[cfg(test)]
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    fn detail(&self, language: Language) -> String {
        let mut detail = self.code.message(language).detail.to_owned();
        for reason in self.members.get("reasons").and_then(Value::as_array).into_iter().flatten() {
            if let Some(advice) = reason.as_str().and_then(|reason| selfie_advice(reason, language)) {
                detail.push(' ');
                detail.push_str(advice);
            }
        }
        detail
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self::new(code)
    }
}

/// An empty answer of the right status that carries the problem to [`render`].
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.code.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Middleware: writes the problem that a response carries, for this client.
pub async fn render(request: Request, next: Next) -> Response {
    let language = language::of(request.headers());
    let html = prefers_html(request.headers());
    let id = request.extensions().get::<RequestId>().cloned().unwrap_or_default();
    let mut response = next.run(request).await;
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return response };
    // The studio whose page it would have been.
    let brand = response.extensions_mut().remove::<Brand>();

    let status = problem.code.status();
    tracing::Span::current().record("code", problem.code.name());
    if status.is_server_error()
        && !matches!(problem.code, Code::QueueFull | Code::TooManyStreams | Code::TooManyHandoffs)
    {
        tracing::error!(code = problem.code.name(), cause = problem.cause.as_deref(), "request failed");
    }
    let mut rendered = if html {
        // The policy of a page is plain ASCII, so there is always one.
        pages::error(status, problem.code.name(), brand.as_ref(), language)
            .unwrap_or_else(|_| status.into_response())
    } else {
        let mut body = problem.members.clone();
        body.insert("type".into(), format!("urn:pixora:problem:{}", problem.code.name()).into());
        let title = problem.code.message(language).title;
        body.insert("title".into(), title.into());
        // Where clients of the old systems look for it.
        body.insert("error".into(), title.into());
        body.insert("status".into(), status.as_u16().into());
        body.insert("detail".into(), problem.detail(language).into());
        body.insert("code".into(), problem.code.name().into());
        body.insert("request_id".into(), id.as_str().into());
        let json = (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        let language = (header::CONTENT_LANGUAGE, HeaderValue::from_static(language.as_str()));
        (status, [json, language], json!(body).to_string()).into_response()
    };
    // The handler's or axum's other headers (`Allow` of a 405, `Content-Range` of a 416).
    for (name, value) in response.headers() {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    let headers = rendered.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::VARY, HeaderValue::from_static("accept, accept-language"));
    if matches!(status.as_u16(), 429 | 503) {
        headers.insert(header::RETRY_AFTER, whole_seconds(problem.retry_after).into());
    }
    rendered
}

/// Rounded up: whoever comes back then is not too early.
fn whole_seconds(wait: Duration) -> u64 {
    (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
}

impl From<rejection::BytesRejection> for Problem {
    fn from(rejected: rejection::BytesRejection) -> Self {
        from_status(rejected.status())
    }
}

impl From<rejection::QueryRejection> for Problem {
    fn from(_: rejection::QueryRejection) -> Self {
        Code::MalformedQuery.into()
    }
}

impl From<axum::extract::multipart::MultipartRejection> for Problem {
    fn from(_: axum::extract::multipart::MultipartRejection) -> Self {
        Code::UnsupportedType.into()
    }
}

impl From<axum::extract::multipart::MultipartError> for Problem {
    fn from(error: axum::extract::multipart::MultipartError) -> Self {
        from_status(error.status())
    }
}

/// The problem for a status of axum's, such as a body that could not be read.
fn from_status(status: axum::http::StatusCode) -> Problem {
    match status.as_u16() {
        413 => Code::BodyTooLarge.into(),
        400..500 => Code::MalformedBody.into(),
        _ => Problem::internal("a body could not be read"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_comes_back_after_the_told_time_is_not_too_early() {
        let told = |millis| whole_seconds(Duration::from_millis(millis));
        assert_eq!([told(0), told(20), told(1_000), told(1_001), told(59_999)], [1, 1, 1, 2, 60]);
    }
}
