//! Photos that somebody has chosen in a session.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use super::{ChoiceListId, PhotoSessionId, Words};

/// Whose list it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChoiceKind {
    /// A guest's hearts.
    Guest,
    /// The selection of those whom the session is about.
    Couple,
}

impl ChoiceKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Couple => "couple",
        }
    }
}

impl Words for ChoiceKind {
    const NAME: &'static str = "ChoiceKind";
    const ALL: &'static [Self] = &[Self::Guest, Self::Couple];
}

impl fmt::Display for ChoiceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ChoiceKind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or("not a kind of list")
    }
}

/// A list of chosen photos.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceList {
    pub id: ChoiceListId,
    pub session: PhotoSessionId,
    pub kind: ChoiceKind,
    /// As its owner likes to be called.
    pub name: Option<String>,
    /// How many photos it may hold.
    pub most: Option<u32>,
    /// The couple may hide photos from other guests.
    pub may_hide: bool,
    /// Whoever has its link may look at it.
    pub is_shared: bool,
    /// Keys of earlier turns open nothing.
    pub turn: u32,
    /// How many photos it holds.
    pub photos: u64,
    pub created_at: DateTime<Utc>,
    pub changed_at: DateTime<Utc>,
    /// When its owner said that the choice is made.
    pub done_at: Option<DateTime<Utc>>,
}
