//! A photo session: one shoot, whoever's database it lives in.

use std::{convert::Infallible, fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{GalleryTerms, PhotoSessionId, StudioId, TimeZone};

#[derive(Debug, Clone, PartialEq)]
pub struct PhotoSession {
    pub id: PhotoSessionId,
    pub name: String,
    pub description: Option<String>,
    pub studio_id: StudioId,
    /// `None` for a session made by the operator on the command line.
    pub photographer_id: Option<Uuid>,
    pub status: SessionStatus,
    /// Whether guests get in. In an external database one switch stands for this and the next.
    pub gallery_open: bool,
    /// Whether guests who got in may find themselves by a selfie.
    pub face_search: bool,
    /// How the gallery is closed, and what it offers.
    pub terms: GalleryTerms,
    pub scheduled_at: Option<DateTime<Utc>>,
    /// In which its times are shown and clocks of cameras are read; `None` where nobody has said.
    pub time_zone: Option<TimeZone>,
    pub completed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl PhotoSession {
    /// Whether guests may use the session now.
    #[must_use]
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.gallery_open && !self.is_archived() && self.terms.ends_at.is_none_or(|end| now < end)
    }

    /// Whether guests who got in see photos now.
    #[must_use]
    pub fn is_revealed(&self, now: DateTime<Utc>) -> bool {
        self.terms.reveals_at.is_none_or(|at| at <= now)
    }

    /// Whether guests may search by a selfie, as the switches say. Clients know it as `facepass_enabled`.
    #[must_use]
    pub fn facepass_enabled(&self) -> bool {
        self.gallery_open && self.face_search && !self.is_archived()
    }

    /// Put away: closed to guests, whatever its switches say.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.status == SessionStatus::Archived
    }
}

/// How far a shoot has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum SessionStatus {
    Created,
    Active,
    Completed,
    Archived,
    /// A word of a studio's own database. It is shown as it is, and none of our rules knows it.
    Other(String),
}

impl SessionStatus {
    /// The statuses of our own sessions.
    pub const OURS: [Self; 4] = [Self::Created, Self::Active, Self::Completed, Self::Archived];

    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Created => "created",
            Self::Active => "active",
            Self::Completed => "completed",
            Self::Archived => "archived",
            Self::Other(word) => word,
        }
    }

    /// Whether the shoot is over. A studio's own database may write its statuses in capitals.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.as_str().eq_ignore_ascii_case(Self::Completed.as_str())
    }
}

impl From<String> for SessionStatus {
    fn from(word: String) -> Self {
        Self::OURS.into_iter().find(|status| status.as_str() == word).unwrap_or(Self::Other(word))
    }
}

impl From<SessionStatus> for String {
    fn from(status: SessionStatus) -> Self {
        status.as_str().to_owned()
    }
}

impl FromStr for SessionStatus {
    type Err = Infallible;

    fn from_str(word: &str) -> Result<Self, Infallible> {
        Ok(word.to_owned().into())
    }
}

impl fmt::Display for SessionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_of_a_studio_s_own_database_is_kept_as_it_is() {
        for word in ["created", "active", "completed", "archived", "COMPLETED", "on hold", ""] {
            let status = SessionStatus::from(word.to_owned());
            assert_eq!(status.to_string(), word);
            assert_eq!(serde_json::to_value(&status).unwrap(), word);
            assert_eq!(serde_json::from_value::<SessionStatus>(word.into()).unwrap(), status);
            assert_eq!(
                matches!(status, SessionStatus::Other(_)),
                ["COMPLETED", "on hold", ""].contains(&word)
            );
        }
        assert!(SessionStatus::Other("COMPLETED".into()).is_completed());
        assert!(!SessionStatus::Archived.is_completed());
    }
}
