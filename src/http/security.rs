//! Headers that every answer carries.

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Scripts, styles and pictures come from here and nowhere else; `blob:` and `data:` are the guest's own
/// selfie and the thumbhash placeholders.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; \
     object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // The link is the key to the gallery: no other site may see it.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(), geolocation=(), payment=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // For browsers that do not know `frame-ancestors`.
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Of a request that came by TLS with a certificate that browsers trust: they may come by TLS only.
#[derive(Debug, Clone, Copy)]
pub struct Strict;

/// Thirty days: long enough to protect who comes again, short enough to leave TLS to somebody else some day.
const STRICT: &str = "max-age=2592000";

/// Middleware: adds the headers, and keeps every answer out of caches that did not say how to keep it. A page
/// may tell even less of where its reader came from.
pub async fn headers(request: Request, next: Next) -> Response {
    let strict = request.extensions().get::<Strict>().is_some();
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let stricter = headers.get(header::REFERRER_POLICY).filter(|said| *said == "no-referrer").cloned();
    for (name, value) in HEADERS {
        // An answer with a stranger's file allows less.
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Some(said) = stricter {
        headers.insert(header::REFERRER_POLICY, said);
    }
    if strict {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(STRICT));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
