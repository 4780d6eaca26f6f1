//! Headers that every answer carries, and those that every document does.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};

use crate::domain::WebOrigin;

/// Scripts, styles and pictures come from here and nowhere else; `blob:` and `data:` are the guest's own
/// selfie and the thumbhash placeholders.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; \
     object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
/// What of it is said otherwise for a page that may stand in frames.
const NO_FRAMES: &str = "frame-ancestors 'none'";

/// A policy of ours for a page that may stand in a frame on pages of these origins. Where there are none it stands in
/// none.
#[must_use]
pub fn in_frames(policy: &str, origins: &[WebOrigin]) -> String {
    let named: Vec<&str> = origins.iter().map(WebOrigin::as_str).collect();
    if named.is_empty() {
        return policy.to_owned();
    }
    policy.replace(NO_FRAMES, &format!("frame-ancestors {}", named.join(" ")))
}

/// Of an answer whose policy says which frames it may stand in. `X-Frame-Options` knows no list.
#[derive(Debug, Clone, Copy)]
pub struct InFrames;

/// The policy of a page that brings exactly this `<style>` along.
#[must_use]
pub fn policy_with_style(style: &str) -> String {
    format!("{CONTENT_SECURITY_POLICY}; style-src 'self' {}", exactly(style))
}

/// The policy of a page that brings exactly this `<script>` and this `<style>` along.
#[must_use]
pub fn policy_with_script(script: &str, style: &str) -> String {
    let (script, style) = (exactly(script), exactly(style));
    format!("{CONTENT_SECURITY_POLICY}; script-src 'self' {script}; style-src 'self' {style}")
}

/// How a policy names what stands in its page.
fn exactly(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

const HEADERS: [(HeaderName, &str); 2] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Headers that a browser applies to documents only.
const OF_DOCUMENTS: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    // The link is the key to the gallery: no other site may see it.
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(), geolocation=(), payment=()",
    ),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    // For browsers that do not know `frame-ancestors`.
    (header::X_FRAME_OPTIONS, "DENY"),
];

/// Of a request that came by TLS with a certificate that browsers trust: they may come by TLS only.
#[derive(Debug, Clone, Copy)]
pub struct Strict;

/// Thirty days: long enough to protect who comes again, short enough to leave TLS to somebody else some day.
const STRICT: &str = "max-age=2592000";

/// Scripts, styles and catalogues of words are no documents, and a guest's page has fifty of them: their headers were a
/// sixth of it.
fn is_document(headers: &HeaderMap) -> bool {
    let of = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = of(header::CONTENT_TYPE);
    // Of JSON only catalogues are kept for good.
    let is_catalogue = kind == "application/json" && of(header::CACHE_CONTROL).ends_with("immutable");
    !kind.starts_with("text/javascript") && !kind.starts_with("text/css") && !is_catalogue
}

/// Middleware: adds the headers, and keeps every answer out of caches that did not say how to keep it. A page
/// may tell even less of where its reader came from.
pub async fn headers(request: Request, next: Next) -> Response {
    let strict = request.extensions().get::<Strict>().is_some();
    let mut response = next.run(request).await;
    let is_in_frames = response.extensions().get::<InFrames>().is_some();
    let headers = response.headers_mut();
    let stricter = headers.get(header::REFERRER_POLICY).filter(|said| *said == "no-referrer").cloned();
    let of_documents = is_document(headers).then_some(OF_DOCUMENTS).into_iter().flatten();
    let of_documents = of_documents.filter(|(name, _)| !is_in_frames || *name != header::X_FRAME_OPTIONS);
    for (name, value) in HEADERS.into_iter().chain(of_documents) {
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
