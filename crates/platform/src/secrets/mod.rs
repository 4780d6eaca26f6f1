//! Secrets that we make: 256 random bits, shown once, stored by hash; links that we sign; and secrets of others that we
//! seal. Knows no rows.
//!
//! # Signed links
//!
//! `secrets/links.rs` signs purpose, id and end of a link with one key of the data directory. Nothing is
//! stored, so the link to an order can be put into the next mail too, and a copy of the database opens
//! nothing.

mod file;
mod links;
mod seal;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::RngExt;
use sha2::{Digest, Sha256};

pub use file::{KeyFileError, read, write};
pub use links::LinkSigner;
pub use seal::{Sealer, Unsealable};

/// A new secret, 43 characters that may stand in a URL.
#[must_use]
pub fn generate() -> String {
    // `rand::random` draws from the thread's CSPRNG, seeded by the operating system.
    BASE64_URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// A secret that is typed in on a camera: letters and digits that nobody takes for one another, about five bits each.
#[must_use]
pub fn to_type_in(length: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    (0..length).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())])).collect()
}

/// Whether a text has the shape of what [`generate`] makes.
#[must_use]
pub fn looks_generated(text: &str) -> bool {
    text.len() == 43 && BASE64_URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

/// The stored hash of a secret. A fast hash is enough, since nobody can guess 256 bits.
#[must_use]
pub fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// Another secret that follows from this one; the way back is a SHA-256 preimage.
#[must_use]
pub fn derive(secret: &str, purpose: &str) -> String {
    let digest = Sha256::new().chain_update(purpose).chain_update([0]).chain_update(secret).finalize();
    BASE64_URL_SAFE_NO_PAD.encode(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_differ_and_do_not_show_in_what_is_stored() {
        let (a, b) = (generate(), generate());
        assert!(looks_generated(&a) && !looks_generated("") && !looks_generated(&"ü".repeat(43)));
        assert_ne!(a, b);
        assert_ne!(hash(&a), hash(&b));
        assert_ne!(derive(&a, "scan"), derive(&a, "other"));
        assert_ne!(hash(&derive(&a, "scan")), hash(&a));
    }
}
