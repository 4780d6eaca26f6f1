//! A guest's wish to be left out of a session's photos.

use std::{fmt, str::FromStr};

use super::Words;

/// How a wish stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HideState {
    /// The photographer has not said anything yet; nothing is hidden.
    Asked,
    /// The photos are withheld from guests, and later ones are held back.
    Hidden,
    /// The photographer has said no.
    Refused,
    /// The guest has taken it back.
    Withdrawn,
}

impl HideState {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Hidden => "hidden",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Words for HideState {
    const NAME: &'static str = "HideState";
    const ALL: &'static [Self] = &[Self::Asked, Self::Hidden, Self::Refused, Self::Withdrawn];
}

impl fmt::Display for HideState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for HideState {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text).ok_or("not a state of a wish")
    }
}
