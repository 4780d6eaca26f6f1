//! `Idempotency-Key`: the same request sent twice is done once, and both get the first answer.

use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::{
    domain::{Once, OnceKey},
    http::{
        extract::{from_json, json_bytes},
        messages::Code,
        problem::Problem,
    },
};

/// <https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/>
const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
const LONGEST_KEY: usize = 255;

/// A JSON body with the key under which the caller sent it, if any.
pub struct OnceJson<T> {
    pub body: T,
    key: Option<(String, String)>,
}

impl<T> OnceJson<T> {
    /// The key, for this caller's requests of one kind.
    pub fn key(&self, caller: &crate::accounts::Caller, operation: &'static str) -> Option<OnceKey> {
        self.key_of(caller.user.to_string(), operation)
    }

    /// The key as it was sent; empty when there is none.
    pub fn key_text(&self) -> &str {
        self.key.as_ref().map_or("", |(key, _)| key)
    }

    /// The same for somebody without an account, who is known by something else.
    pub fn key_of(&self, caller: String, operation: &'static str) -> Option<OnceKey> {
        let (key, body) = self.key.clone()?;
        Some(OnceKey { caller, operation, key, body })
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for OnceJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let key = key(request.headers())?;
        let bytes = json_bytes(request, state).await?;
        let body = from_json(&bytes)?;
        Ok(Self { body, key: key.map(|key| (key, hex::encode(Sha256::digest(&bytes)))) })
    }
}

/// The caller's key, if there is one.
///
/// # Errors
/// `invalid_idempotency_key`.
pub fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    headers.get(HEADER).map(read_key).transpose()
}

fn read_key(value: &HeaderValue) -> Result<String, Problem> {
    let key = value.to_str().unwrap_or_default().trim();
    if (1..=LONGEST_KEY).contains(&key.len()) {
        Ok(key.to_owned())
    } else {
        Err(Code::InvalidIdempotencyKey.into())
    }
}

/// 201 with the answer that belongs to the key: this one's, or the first one's.
pub fn created(once: Once, answer: String) -> Result<Response, Problem> {
    let answer = match once {
        Once::First => answer,
        Once::Again(first) => first,
        Once::Reused => return Err(Code::IdempotencyKeyReused.into()),
    };
    Ok((StatusCode::CREATED, [(header::CONTENT_TYPE, "application/json")], answer).into_response())
}
