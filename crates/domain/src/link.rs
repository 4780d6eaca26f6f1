//! Short links of a session.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::Invalid;

/// Letters and digits that are not taken for one another.
const LETTERS: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";
/// Some 49 bits: with a limit on wrong tries nobody finds one, and ten letters are typed in from a card.
const LENGTH: usize = 10;
/// As many of the low bits of a UUIDv4 are random.
const RANDOM_BITS: u32 = 62;

/// The code of a link, in capitals; it opens its session's page to whoever knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LinkCode([u8; LENGTH]);

impl LinkCode {
    /// A new code.
    #[must_use]
    pub fn generate() -> Self {
        let mut random = Uuid::new_v4().as_u128() & ((1 << RANDOM_BITS) - 1);
        Self([0; LENGTH].map(|_| {
            let letter = LETTERS[(random % LETTERS.len() as u128) as usize];
            random /= LETTERS.len() as u128;
            letter
        }))
    }
}

impl FromStr for LinkCode {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let code = <[u8; LENGTH]>::try_from(text.to_ascii_uppercase().as_bytes()).ok();
        let known = code.filter(|code| code.iter().all(|letter| LETTERS.contains(letter)));
        known.map(Self).ok_or(Invalid("the code of a link"))
    }
}

impl fmt::Display for LinkCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

/// A way to a session that is counted for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLink {
    pub code: LinkCode,
    /// Where it hangs; empty for the one that the session's own QR code has.
    pub label: String,
    pub created_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_written_whatever_its_case() {
        let codes: std::collections::BTreeSet<_> = (0..1000).map(|_| LinkCode::generate()).collect();
        assert_eq!(codes.len(), 1000);
        for code in codes {
            let text = code.to_string();
            assert_eq!(text.parse::<LinkCode>(), Ok(code));
            assert_eq!(text.to_lowercase().parse::<LinkCode>(), Ok(code));
        }
        for wrong in ["", "234567892", "23456789ABC", "0123456789", "234567892I", "ÄÄÄÄÄ"] {
            assert!(wrong.parse::<LinkCode>().is_err(), "{wrong}");
        }
    }
}
