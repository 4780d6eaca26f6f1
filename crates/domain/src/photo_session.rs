//! A photo session: one shoot, whoever's database it lives in.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{GalleryTerms, PhotoSessionId, StudioId};

#[derive(Debug, Clone, PartialEq)]
pub struct PhotoSession {
    pub id: PhotoSessionId,
    pub name: String,
    pub description: Option<String>,
    pub studio_id: StudioId,
    /// `None` for a session made by the operator on the command line.
    pub photographer_id: Option<Uuid>,
    /// One of [`STATUSES`] for our own sessions; an external database may have words of its own.
    pub status: String,
    /// Whether guests get in. In an external database one switch stands for this and the next.
    pub gallery_open: bool,
    /// Whether guests who got in may find themselves by a selfie.
    pub face_search: bool,
    pub terms: GalleryTerms,
    pub scheduled_at: Option<DateTime<Utc>>,
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

    /// Whether guests may search by a selfie, as far as the switches say. Clients know it as `facepass_enabled`.
    #[must_use]
    pub fn facepass_enabled(&self) -> bool {
        self.gallery_open && !self.is_archived() && self.face_search
    }

    /// Put away: closed to guests, whatever its switches say.
    #[must_use]
    pub fn is_archived(&self) -> bool {
        self.status == ARCHIVED
    }
}

/// The status of a session that was put away.
pub const ARCHIVED: &str = "archived";

/// The statuses of our own sessions.
pub const STATUSES: [&str; 4] = ["created", "active", "completed", ARCHIVED];
