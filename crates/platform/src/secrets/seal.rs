//! Secrets that we have to read again, and that a copy of the database must not give away: sealed by
//! ChaCha20-Poly1305 (RFC 8439) with a key that follows from the one that signs links.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};

use super::LinkSigner;

/// The seal is broken, or was made with another key or for something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed secret cannot be opened with this installation's key")]
pub struct Unsealable;

/// Seals and opens. Cheap to make.
pub struct Sealer(LessSafeKey);

impl Sealer {
    /// `purpose` keeps what is sealed for one thing from being opened as another.
    ///
    /// # Errors
    /// [`Unsealable`] never: the key has the length that the cipher wants.
    pub fn new(signer: &LinkSigner, purpose: &'static str) -> Result<Self, Unsealable> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &signer.derive(purpose)).map_err(|_| Unsealable)?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// Seals `secret` for its owner.
    ///
    /// # Errors
    /// [`Unsealable`] when it is too long for the cipher.
    pub fn seal(&self, owner: &str, secret: &[u8]) -> Result<String, Unsealable> {
        // 96 random bits; a key seals some thousands of secrets, far from where two nonces would meet.
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut sealed = secret.to_vec();
        let aad = Aad::from(owner.as_bytes());
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed)
            .map_err(|_| Unsealable)?;
        Ok(BASE64_URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// Opens what was sealed for that owner.
    ///
    /// # Errors
    /// [`Unsealable`]
    pub fn open(&self, owner: &str, sealed: &str) -> Result<Vec<u8>, Unsealable> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(sealed).map_err(|_| Unsealable)?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE_LEN>().ok_or(Unsealable)?;
        let mut rest = rest.to_vec();
        let aad = Aad::from(owner.as_bytes());
        let opened = self.0.open_in_place(Nonce::assume_unique_for_key(*nonce), aad, &mut rest);
        opened.map(|secret| secret.to_vec()).map_err(|_| Unsealable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_secret_is_its_owners_and_of_this_installation() {
        let sealer = |secret: &str| Sealer::new(&LinkSigner::shared(secret), "test").expect("is made");
        let here = sealer("of the tests");
        let sealed = here.seal("anna", b"a secret").expect("is sealed");
        assert!(!sealed.contains("secret"));
        assert_ne!(sealed, here.seal("anna", b"a secret").expect("is sealed"), "nonces differ");
        assert_eq!(here.open("anna", &sealed).as_deref(), Ok(&b"a secret"[..]));
        assert_eq!(
            sealer("of the tests").open("anna", &sealed).as_deref(),
            Ok(&b"a secret"[..]),
            "another node"
        );
        assert_eq!(here.open("ivan", &sealed), Err(Unsealable));
        assert_eq!(sealer("of another").open("anna", &sealed), Err(Unsealable));
        for broken in ["", "x", &sealed[1..], &sealed[..sealed.len() - 2]] {
            assert_eq!(here.open("anna", broken), Err(Unsealable), "{broken}");
        }
    }
}
