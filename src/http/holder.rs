//! What a guest's browser holds: the passes of galleries that open with a PIN, and the token of its visit.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, request::Parts},
};

use super::cookies;
use crate::{domain::PhotoSessionId, guests::Pass};

/// In this header a page shows the token of its visit where no cookie reaches us. It is no header that a form or a link
/// of another site could send.
pub const VISIT: HeaderName = HeaderName::from_static("pixora-visit");
/// Its content before there is a token.
const NEW: &str = "new";

/// The guest who asks.
pub struct Holder(pub Pass);

impl<S: Send + Sync> FromRequestParts<S> for Holder {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Pass::of(cookies::passes(&parts.headers))))
    }
}

/// By which a guest finds what they found before.
pub enum VisitToken {
    /// Of a page of ours: in a cookie that no script reads.
    Cookie(Option<String>),
    /// Of a page in a frame of another site, or of another origin: browsers keep cookies back there. The page has the
    /// token in its memory, and it ends with the page.
    Header(Option<String>),
}

impl VisitToken {
    /// The token, where there is one.
    pub fn get(&self) -> Option<&str> {
        let (Self::Cookie(token) | Self::Header(token)) = self;
        token.as_deref()
    }

    /// How the browser is given its next token: the headers of the answer, and what its body says.
    pub fn give(
        &self,
        session: PhotoSessionId,
        token: Option<String>,
        secure: bool,
    ) -> (HeaderMap, Option<String>) {
        match self {
            Self::Cookie(_) => {
                let cookie = token.map(|token| cookies::set_visit(session, token, secure));
                (cookie.unwrap_or_default(), None)
            }
            Self::Header(_) => (HeaderMap::new(), token),
        }
    }

    /// How the browser is told that the token is good for nothing any more.
    pub fn take_away(&self, session: PhotoSessionId, secure: bool) -> HeaderMap {
        match self {
            Self::Cookie(_) => cookies::clear_visit(session, secure),
            Self::Header(_) => HeaderMap::new(),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for VisitToken {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(match parts.headers.get(VISIT) {
            None => Self::Cookie(cookies::visit(&parts.headers)),
            Some(shown) => Self::Header(shown.to_str().ok().filter(|shown| *shown != NEW).map(str::to_owned)),
        })
    }
}
