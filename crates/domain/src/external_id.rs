//! Names that other programs give to their photos.

use std::{fmt, str::FromStr};

use super::Invalid;

/// The longest external id, in bytes of UTF-8.
pub const EXTERNAL_ID_BYTES: usize = 200;

/// The name of a photo in another program: any text of 1 to 200 bytes without a NUL, compared byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExternalId(String);

impl ExternalId {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExternalId {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        // PostgreSQL has no NUL in a text.
        let fits = !text.is_empty() && text.len() <= EXTERNAL_ID_BYTES && !text.contains('\0');
        if fits { Ok(Self(text.to_owned())) } else { Err(Invalid("external id")) }
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_of_up_to_200_bytes_is_an_external_id() {
        let long = "я".repeat(100);
        for id in ["1", "a/b?c#d%2F e", "..", "ids", "two\nlines", "\u{feff}", &long] {
            assert_eq!(id.parse::<ExternalId>().expect("is one").as_str(), id);
        }
        for none in ["", "a\0b", &format!("{long}.")] {
            assert!(none.parse::<ExternalId>().is_err(), "{none:?}");
        }
    }
}
