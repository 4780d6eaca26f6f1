//! The watermark over pictures that are not yet sold.

use std::{fmt, str::FromStr};

use super::Invalid;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WatermarkKind {
    Text,
    Logo,
}

impl WatermarkKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Logo => "logo",
        }
    }
}

impl fmt::Display for WatermarkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for WatermarkKind {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        [Self::Text, Self::Logo].into_iter().find(|it| it.as_str() == text).ok_or(Invalid("watermark"))
    }
}

/// A studio's watermark as it was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watermark {
    pub kind: WatermarkKind,
    pub text: Option<String>,
    /// PNG; `None` stands for the logo of the studio's branding.
    pub logo: Option<Vec<u8>>,
    /// Per cent.
    pub opacity: u8,
}
