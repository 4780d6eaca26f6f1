//! A place in a list that is sorted by time, newest first.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use super::micros;

/// The place just after a thing: when it was made, and which of those made then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Newest<I> {
    at: i64,
    id: I,
}

impl<I: fmt::Display> Newest<I> {
    #[must_use]
    pub fn after(made_at: DateTime<Utc>, id: I) -> Self {
        Self { at: micros(made_at), id }
    }

    /// What `(created_at, id)` must be below, with the beginning of the list for `None`. `g` sorts after every hex
    /// digit.
    pub(super) fn bound(after: Option<Self>) -> (i64, String) {
        after.map_or_else(|| (i64::MAX, "g".to_owned()), |Self { at, id }| (at, id.to_string()))
    }
}

impl<I: fmt::Display> fmt::Display for Newest<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.at, self.id)
    }
}

impl<I: FromStr> FromStr for Newest<I> {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (at, id) = text.split_once('.').ok_or("not a cursor")?;
        let at = u64::from_str_radix(at, 16).map_err(|_| "not a cursor")?.cast_signed();
        Ok(Self { at, id: id.parse().map_err(|_| "not a cursor")? })
    }
}
