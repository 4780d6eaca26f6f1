//! Notifications to browsers, through the push service that each of them names (RFC 8030): sealed for that browser alone
//! (RFC 8291), signed with the installation's own key (RFC 8292). Must not know what a notification is about.
//!
//! The cryptography is `ring`'s, which is in the program for TLS. Of the libraries for this, `web-push` brings OpenSSL along,
//! and `web-push-native` 25 crates with a curve and a cipher of their own.
//!
//! # How a notification is sent
//!
//! A row (`store/news_messages.rs`) commits with what it tells of. Its words are made when it is sent ([`Composer`]), as far as its
//! reader may see them then. What fails is tried again after growing waits for two days, at the time that the push service
//! asks for if it does. When the service says that nobody is there any more, everything that is kept for that browser goes.
//! Where a request may go is decided by [`Target`]: by https, to a public address.

mod deliver;
mod keys;
mod seal;

use std::sync::Arc;

use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde::{Deserialize, Serialize};

pub use deliver::{Composed, Composer, Pusher};
pub use keys::{PushKeyError, PushKeys};
pub use seal::LONGEST;

use crate::targets::Target;

/// Longer than any real one.
const LONGEST_ENDPOINT: usize = 1_000;
/// Browsers write without padding, and some programs with it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscriptionError {
    #[error("the push service is not at a public address by https")]
    Endpoint,
    #[error("the keys are not those of a browser's subscription")]
    Keys,
}

/// Where notifications for one browser go, as its `PushSubscription` says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    pub endpoint: String,
    pub keys: SubscriptionKeys,
}

/// Base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionKeys {
    /// The browser's public key: a point of P-256, uncompressed.
    pub p256dh: String,
    /// Its 16 bytes of authentication.
    pub auth: String,
}

impl Subscription {
    /// The keys as bytes.
    fn keys(&self) -> Option<([u8; 65], [u8; 16])> {
        let bytes = |text: &str| BASE64.decode(text).ok();
        Some((bytes(&self.keys.p256dh)?.try_into().ok()?, bytes(&self.keys.auth)?.try_into().ok()?))
    }
}

/// What browsers need of us, and where their subscriptions may lead. Cheap to clone.
#[derive(Clone)]
pub struct Push {
    keys: Arc<PushKeys>,
    target: Target,
}

impl Push {
    /// `target`: an installation's own network is never among what a guest may name.
    #[must_use]
    pub fn new(keys: Arc<PushKeys>, target: Target) -> Self {
        Self { keys, target }
    }

    /// `applicationServerKey` of a subscription, base64url.
    #[must_use]
    pub fn public_key(&self) -> String {
        self.keys.public_key()
    }

    /// The subscription as it is to be kept, if notifications can go there.
    ///
    /// # Errors
    /// [`SubscriptionError`].
    pub async fn inspect(&self, subscription: Subscription) -> Result<Subscription, SubscriptionError> {
        if subscription.endpoint.len() > LONGEST_ENDPOINT {
            return Err(SubscriptionError::Endpoint);
        }
        let endpoint = self.target.inspect(&subscription.endpoint).await;
        let endpoint = endpoint.map_err(|_| SubscriptionError::Endpoint)?.to_string();
        let (p256dh, auth) = subscription.keys().ok_or(SubscriptionError::Keys)?;
        seal::seal(b"", &p256dh, &auth).ok_or(SubscriptionError::Keys)?;
        Ok(Subscription { endpoint, ..subscription })
    }
}
