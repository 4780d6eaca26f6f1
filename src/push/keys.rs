//! The installation's key, by which a push service knows that notifications come from whom its browser chose (RFC 8292).

use std::path::Path;

use base64::Engine;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::Url;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};

use super::BASE64;
use crate::{
    secrets::{self, KeyFileError},
    store::{Store, StoreError},
};

/// How long a signature is good; 24 hours are allowed, and clocks differ.
const GOOD_FOR: TimeDelta = TimeDelta::hours(12);
/// Under which several nodes have the key in common.
const SHARED: &str = "push_key";

#[derive(Debug, thiserror::Error)]
pub enum PushKeyError {
    #[error(transparent)]
    File(#[from] KeyFileError),
    #[error("the key of push notifications is damaged")]
    Damaged,
    #[error("no key of push notifications can be made")]
    Random,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A key pair on P-256. Subscriptions of browsers are bound to it, so it stays.
pub struct PushKeys {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl PushKeys {
    /// Reads the key, or makes it.
    ///
    /// # Errors
    /// [`PushKeyError`].
    pub fn open(file: &Path) -> Result<Self, PushKeyError> {
        let written: Option<String> = secrets::read(file)?;
        let pkcs8 = match written {
            Some(text) => BASE64.decode(text).map_err(|_| KeyFileError::Damaged(file.to_owned()))?,
            None => {
                let pkcs8 = generate()?;
                secrets::write(file, &BASE64.encode(&pkcs8))?;
                pkcs8
            }
        };
        Self::of(&pkcs8).ok_or_else(|| KeyFileError::Damaged(file.to_owned()).into())
    }

    /// The key of several nodes: in a row, sealed with their common secret. Whoever is first makes it, and makes another
    /// where the secret has changed: the subscriptions to the one before end.
    ///
    /// # Errors
    /// [`PushKeyError`].
    pub async fn shared(store: &Store, secret: &str) -> Result<Self, PushKeyError> {
        let sealing = sealing(secret).ok_or(PushKeyError::Random)?;
        let made = sealed(&sealing, generate()?).ok_or(PushKeyError::Random)?;
        let mut kept = store.agree_first(SHARED, &made).await?;
        if opened(&sealing, &kept).is_none() {
            tracing::warn!(
                "the key of push notifications was sealed with another secret; there is a new one"
            );
            store.agree(SHARED, &made).await?;
            kept = store.agreed(SHARED).await?.unwrap_or(made);
        }
        let pkcs8 = opened(&sealing, &kept).ok_or(PushKeyError::Damaged)?;
        Self::of(&pkcs8).ok_or(PushKeyError::Damaged)
    }

    fn of(pkcs8: &[u8]) -> Option<Self> {
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random).ok()?;
        Some(Self { pair, random })
    }

    /// The public key as browsers are given it: an uncompressed point, base64url.
    #[must_use]
    pub fn public_key(&self) -> String {
        BASE64.encode(self.pair.public_key())
    }

    /// The `Authorization` of a request to this push service. `contact` is where its operator finds us.
    #[must_use]
    pub fn authorization(&self, endpoint: &Url, contact: &str, now: DateTime<Utc>) -> Option<String> {
        let header = serde_json::json!({ "typ": "JWT", "alg": "ES256" });
        let claims = serde_json::json!({
            "aud": endpoint.origin().ascii_serialization(),
            "exp": (now + GOOD_FOR).timestamp(),
            "sub": contact,
        });
        let signed = format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
        let signature = self.pair.sign(&self.random, signed.as_bytes()).ok()?;
        Some(format!("vapid t={signed}.{}, k={}", BASE64.encode(signature), self.public_key()))
    }
}

fn generate() -> Result<Vec<u8>, PushKeyError> {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    Ok(made.map_err(|_| PushKeyError::Random)?.as_ref().to_vec())
}

/// What seals the key in its row: a stolen database signs nothing.
fn sealing(secret: &str) -> Option<LessSafeKey> {
    let key = BASE64.decode(secrets::derive(secret, "push")).ok()?;
    Some(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).ok()?))
}

fn sealed(key: &LessSafeKey, mut bytes: Vec<u8>) -> Option<String> {
    let nonce: [u8; NONCE_LEN] = rand::random();
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut bytes).ok()?;
    Some(BASE64.encode([&nonce[..], &bytes].concat()))
}

fn opened(key: &LessSafeKey, text: &str) -> Option<Vec<u8>> {
    let bytes = BASE64.decode(text).ok()?;
    let (nonce, rest) = bytes.split_at_checked(NONCE_LEN)?;
    let mut rest = rest.to_vec();
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    Some(key.open_in_place(nonce, Aad::empty(), &mut rest).ok()?.to_vec())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_is_made_once_for_its_owner_alone_and_a_damaged_one_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("keys/push.json");
        let made = PushKeys::open(&file).expect("can be made").public_key();
        assert_eq!(BASE64.decode(&made).expect("is base64")[0], 4, "an uncompressed point");
        assert_eq!(PushKeys::open(&file).expect("can be read").public_key(), made);
        let mode = std::fs::metadata(&file).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(&file, "\"AAAA\"").expect("can be written");
        assert!(matches!(PushKeys::open(&file), Err(PushKeyError::File(KeyFileError::Damaged(_)))));
    }

    #[tokio::test]
    async fn nodes_have_one_key_which_the_database_alone_does_not_give_away() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("pixora.db").display());
        let store = Store::open(&url).await.expect("can be opened");
        let first = PushKeys::shared(&store, "what the nodes have in common").await.expect("is made");
        let second = PushKeys::shared(&store, "what the nodes have in common").await.expect("is read");
        assert_eq!(first.public_key(), second.public_key());
        let other = PushKeys::shared(&store, "another secret").await.expect("there is a new one");
        assert_ne!(other.public_key(), first.public_key());
    }
}
