//! What a studio says of a session's gallery beyond its switches.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use super::{Invalid, Words};

/// How a gallery is closed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GalleryTerms {
    /// Guests must know it to get in. In clear, because the studio reads it out and prints it; it opens this gallery
    /// only.
    pub pin: Option<String>,
    /// Until then guests get in and see no photos.
    pub reveals_at: Option<DateTime<Utc>>,
    /// From then on guests do not get in.
    pub ends_at: Option<DateTime<Utc>>,
    pub downloads: Downloads,
}

/// What guests may save of the photos that they see.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Downloads {
    Off,
    /// Copies of [`WEB`] pixels.
    Web,
    /// The largest copies.
    #[default]
    Full,
    /// What the photographer sent, as archives; single photos as the largest copies.
    Original,
}

/// The long side of the copies of [`Downloads::Web`], in pixels.
pub const WEB: u32 = 1024;

impl Downloads {
    /// The long side of the largest copy that may be saved; `None` where nothing may.
    #[must_use]
    pub fn most(self) -> Option<u32> {
        match self {
            Self::Off => None,
            Self::Web => Some(WEB),
            Self::Full | Self::Original => Some(u32::MAX),
        }
    }
}

impl Words for Downloads {
    const NAME: &'static str = "Downloads";
    const ALL: &'static [Self] = &[Self::Off, Self::Web, Self::Full, Self::Original];
}

impl fmt::Display for Downloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Off => "off",
            Self::Web => "web",
            Self::Full => "full",
            Self::Original => "original",
        })
    }
}

impl FromStr for Downloads {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        <Self as Words>::ALL.iter().copied().find(|it| it.to_string() == text).ok_or(Invalid("downloads"))
    }
}
