//! Decides which answers are compressed. The sending thread compresses, so large answers are not worth it.

use axum::{
    body::HttpBody,
    http::{Extensions, Response, header},
};
use tower_http::compression::predicate::{DefaultPredicate, Predicate};

/// A longer answer would hold up everybody whom the same thread serves.
const LONGEST: u64 = 1 << 20;
/// Compressed already, in parts that a client resumes, or encrypted.
const NEVER: [&str; 4] =
    ["application/zip", "application/pdf", "application/octet-stream", "application/x-x509-ca-cert"];

/// Marks an answer that does not shrink, whatever its type says: JSON full of pictures.
#[derive(Debug, Clone, Copy)]
pub struct Incompressible;

/// The layer's rule.
#[derive(Clone, Default)]
pub struct WorthIt(DefaultPredicate);

impl Predicate for WorthIt {
    fn should_compress<B: HttpBody>(&self, response: &Response<B>) -> bool {
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let kind = kind.unwrap_or_default();
        !is_marked(response.extensions())
            && !NEVER.iter().any(|never| kind.starts_with(never))
            && response.body().size_hint().upper().is_none_or(|bytes| bytes <= LONGEST)
            && self.0.should_compress(response)
    }
}

fn is_marked(extensions: &Extensions) -> bool {
    extensions.get::<Incompressible>().is_some()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[test]
    fn what_is_large_or_compressed_already_is_sent_as_it_is() {
        let worth = |kind: &str, bytes: usize| {
            let response =
                Response::builder().header(header::CONTENT_TYPE, kind).body(Body::from(vec![b'a'; bytes]));
            WorthIt::default().should_compress(&response.expect("a response"))
        };
        assert!(worth("application/json", 100_000));
        assert!(worth("text/html; charset=utf-8", 10_000));
        assert!(!worth("application/json", 2 << 20));
        assert!(!worth("image/jpeg", 100_000));
        assert!(!worth("application/zip", 100_000));
        assert!(!worth("application/pdf", 100_000));
        assert!(!worth("text/event-stream", 100_000));
        let mut marked = Response::new(Body::from(vec![b'a'; 100_000]));
        marked.extensions_mut().insert(Incompressible);
        assert!(!WorthIt::default().should_compress(&marked));
    }
}
