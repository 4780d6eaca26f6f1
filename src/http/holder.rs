//! The passes that a guest's browser holds, of the galleries that open with a PIN.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};

use super::cookies;
use crate::guests::Pass;

/// The guest who asks.
pub struct Holder(pub Pass);

impl<S: Send + Sync> FromRequestParts<S> for Holder {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(Pass::of(cookies::passes(&parts.headers))))
    }
}
