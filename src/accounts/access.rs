//! Access tokens: JWTs signed with HMAC-SHA-256 (RFC 7519), 15 minutes each.
//!
//! The keys lie in one file of the data directory, readable by its owner only, or follow from the secret that
//! several nodes have in common. The newest signs; older ones are honoured until every token that they signed
//! has run out.

use std::{
    path::{Path, PathBuf},
    sync::{PoisonError, RwLock},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, EncodingKey, Header, Validation,
    crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils},
    errors::ErrorKind,
};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use super::ACCESS_LIFE;
use crate::{
    domain::{DeviceSessionId, UserId},
    secrets::{self, KeyFileError},
};

/// A new key signs after this.
const KEY_LIFE: TimeDelta = TimeDelta::days(30);
/// How far the clocks of several nodes may differ.
const SKEW: TimeDelta = TimeDelta::seconds(30);
const ISSUER: &str = "pixora";

#[derive(Serialize, Deserialize, Clone)]
struct Key {
    id: Uuid,
    /// 32 random bytes, base64.
    secret: String,
    created_at: DateTime<Utc>,
}

impl Key {
    fn generate(now: DateTime<Utc>) -> Self {
        let secret = BASE64_STANDARD.encode(rand::random::<[u8; 32]>());
        Self { id: Uuid::now_v7(), secret, created_at: now }
    }

    /// The key of the `period`th [`KEY_LIFE`] since 1970.
    fn derived(secret: &str, period: i64) -> Self {
        let secret = secrets::derive(secret, &format!("access/{period}"));
        let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("pixora/access/{period}").as_bytes());
        let created_at = DateTime::from_timestamp(period * KEY_LIFE.num_seconds(), 0).unwrap_or_default();
        Self { id, secret, created_at }
    }
}

/// Where keys come from.
enum Source {
    File(PathBuf),
    Shared(String),
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    /// The user.
    sub: UserId,
    /// The device session.
    sid: DeviceSessionId,
    iat: i64,
    exp: i64,
}

/// Issues and checks access tokens.
pub struct AccessTokens {
    source: Source,
    /// The one that signs first; never empty.
    keys: RwLock<Vec<Key>>,
}

impl AccessTokens {
    /// Reads the keys, or makes the first one.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn open(file: &Path, now: DateTime<Utc>) -> Result<Self, KeyFileError> {
        // A second call finds it installed.
        let _ = PROVIDER.install_default();
        let keys = secrets::read(file)?.unwrap_or_default();
        let tokens = Self { source: Source::File(file.to_owned()), keys: RwLock::new(keys) };
        tokens.rotate(now)?;
        Ok(tokens)
    }

    /// Keys that follow from the nodes' common secret and the time.
    #[must_use]
    pub fn shared(secret: &str, now: DateTime<Utc>) -> Self {
        let _ = PROVIDER.install_default();
        Self { source: Source::Shared(secret.to_owned()), keys: RwLock::new(shared_keys(secret, now)) }
    }

    /// Makes a new key when the newest is old, and forgets those whose tokens have all run out.
    ///
    /// # Errors
    /// [`KeyFileError::Io`]; the keys stay as they were.
    pub fn rotate(&self, now: DateTime<Utc>) -> Result<(), KeyFileError> {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let file = match &self.source {
            Source::File(file) => file,
            Source::Shared(secret) => {
                *keys = shared_keys(secret, now);
                return Ok(());
            }
        };
        if keys.first().is_some_and(|newest| now - newest.created_at < KEY_LIFE) {
            return Ok(());
        }
        let mut next = vec![Key::generate(now)];
        // The key that signed until this moment is honoured as long as its last token.
        next.extend(keys.first().cloned());
        secrets::write(file, &next)?;
        *keys = next;
        Ok(())
    }

    /// A token for a user's device.
    #[must_use]
    pub fn issue(&self, user: UserId, session: DeviceSessionId, now: DateTime<Utc>) -> String {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = &keys[0];
        let header = Header { kid: Some(key.id.to_string()), ..Header::new(Algorithm::HS256) };
        let claims = Claims {
            iss: ISSUER.into(),
            sub: user,
            sid: session,
            iat: now.timestamp(),
            exp: (now + ACCESS_LIFE).timestamp(),
        };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key.secret.as_bytes()))
            .expect("HMAC takes any key, and the claims are plain JSON")
    }

    /// The device session that a token speaks for, if the token is ours and of this moment.
    #[must_use]
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Option<DeviceSessionId> {
        self.claims(token, now).map(|claims| claims.sid)
    }

    /// The user that such a token was issued to.
    #[must_use]
    pub fn user_of(&self, token: &str, now: DateTime<Utc>) -> Option<UserId> {
        self.claims(token, now).map(|claims| claims.sub)
    }

    fn claims(&self, token: &str, now: DateTime<Utc>) -> Option<Claims> {
        let kid: Uuid = jsonwebtoken::decode_header(token).ok()?.kid?.parse().ok()?;
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.iter().find(|key| key.id == kid)?;
        // The algorithm is ours to say, never the token's. Times are checked below, by our clock.
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        validation.set_issuer(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        let secret = DecodingKey::from_secret(key.secret.as_bytes());
        let claims = jsonwebtoken::decode::<Claims>(token, &secret, &validation).ok()?.claims;
        let expires = DateTime::from_timestamp(claims.exp, 0)?;
        let issued = DateTime::from_timestamp(claims.iat, 0)?;
        (now < expires + SKEW && issued - SKEW <= now && expires - issued <= ACCESS_LIFE).then_some(claims)
    }
}

/// This period's key, and its neighbours: another node may have begun the next one, or not yet this one.
fn shared_keys(secret: &str, now: DateTime<Utc>) -> Vec<Key> {
    let period = now.timestamp().div_euclid(KEY_LIFE.num_seconds());
    [period, period - 1, period + 1].map(|period| Key::derived(secret, period)).into()
}

/// HMAC-SHA-256 and nothing else, from the crates that we have: the library's own sets bring RSA and
/// elliptic curves along, which we do not use, one of them with an open advisory.
static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| match (algorithm, key.family()) {
        (Algorithm::HS256, AlgorithmFamily::Hmac) => Ok(Box::new(Hs256::new(key.as_bytes())?)),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    verifier_factory: |algorithm, key| match (algorithm, key.family()) {
        (Algorithm::HS256, AlgorithmFamily::Hmac) => Ok(Box::new(Hs256::new(key.try_get_as_bytes()?)?)),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    },
    key_utils: KeyUtils::new_unimplemented(),
};

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(secret: &[u8]) -> jsonwebtoken::errors::Result<Self> {
        Ok(Self(Hmac::new_from_slice(secret).map_err(|_| ErrorKind::InvalidKeyFormat)?))
    }
}

impl signature::Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl signature::Verifier<Vec<u8>> for Hs256 {
    /// In constant time.
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        self.0.clone().chain_update(message).verify_slice(signature).map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests;
