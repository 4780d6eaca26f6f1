//! Links that open one thing to whoever has them, signed with HMAC-SHA-256 (RFC 2104). Nothing is stored: the
//! same link can be made again, and a stolen database opens nothing.

use std::path::Path;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{KeyFileError, derive, generate, read, write};

/// Signs and checks the variable parts of links. Cheap to clone.
#[derive(Clone)]
pub struct LinkSigner(Hmac<Sha256>);

impl LinkSigner {
    /// Reads the key, or makes it. It stays: links to orders are years old.
    ///
    /// # Errors
    /// [`KeyFileError`].
    pub fn open(file: &Path) -> Result<Self, KeyFileError> {
        let key: String = match read(file)? {
            Some(key) => key,
            None => {
                let key = generate();
                write(file, &key)?;
                key
            }
        };
        Ok(Self(Hmac::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length")))
    }

    /// With a key that follows from the nodes' common secret.
    #[must_use]
    pub fn shared(secret: &str) -> Self {
        let key = derive(secret, "links");
        Self(Hmac::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length"))
    }

    /// The signature of a link: 43 characters that may stand in a URL. `purpose` keeps the link to one thing
    /// from opening another with the same id; a link that `expires` carries that time beside its signature.
    #[must_use]
    pub fn sign(&self, purpose: &'static str, id: &str, expires: Option<DateTime<Utc>>) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.mac(purpose, id, expires).finalize().into_bytes())
    }

    /// Whether we signed that, and its time is not over. Compares in constant time.
    #[must_use]
    pub fn verify(
        &self,
        purpose: &'static str,
        id: &str,
        expires: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
        signature: &str,
    ) -> bool {
        let Ok(signature) = BASE64_URL_SAFE_NO_PAD.decode(signature) else { return false };
        self.mac(purpose, id, expires).verify_slice(&signature).is_ok()
            && expires.is_none_or(|expires| now < expires)
    }

    /// Another key that follows from this one, for another use.
    pub(super) fn derive(&self, purpose: &str) -> [u8; 32] {
        self.mac("derived key", purpose, None).finalize().into_bytes().into()
    }

    /// Seconds are what a link carries. A zero byte ends each part: it stands in none of them.
    fn mac(&self, purpose: &str, id: &str, expires: Option<DateTime<Utc>>) -> Hmac<Sha256> {
        let until = expires.map_or_else(String::new, |expires| expires.timestamp().to_string());
        [purpose, id, &until]
            .iter()
            .fold(self.0.clone(), |mac, part| mac.chain_update(part).chain_update([0]))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn a_link_opens_its_own_thing_for_its_own_time() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let file = folder.path().join("keys/links.json");
        let signer = LinkSigner::open(&file).expect("the key can be made");
        let now = Utc::now();
        let until = Some(now + TimeDelta::hours(1));
        let key = signer.sign("order", "1", until);
        assert!(signer.verify("order", "1", until, now, &key));
        for (purpose, id, expires, at) in [
            ("archive", "1", until, now),
            ("order", "2", until, now),
            ("order", "1", until.map(|until| until + TimeDelta::hours(1)), now),
            ("order", "1", None, now),
            ("order", "1", until, now + TimeDelta::hours(1)),
        ] {
            assert!(!signer.verify(purpose, id, expires, at, &key), "{purpose} {id}");
        }
        assert!(!signer.verify("order", "1", until, now, ""));
        assert!(!signer.verify("order", "1", until, now, "not base64!"));

        let again = LinkSigner::open(&file).expect("the key can be read");
        assert!(again.verify("order", "1", until, now, &key), "links outlive a restart");
        let shared = LinkSigner::shared("what the nodes have in common").sign("order", "1", until);
        let node = LinkSigner::shared("what the nodes have in common");
        assert!(node.verify("order", "1", until, now, &shared), "nodes honour each other's links");
        assert!(!again.verify("order", "1", until, now, &shared));
        let other = LinkSigner::open(&folder.path().join("other.json")).expect("a second key can be made");
        assert!(!other.verify("order", "1", until, now, &key));
    }
}
