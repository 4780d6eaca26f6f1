//! A photo session: one shoot, whoever's database it lives in.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{PhotoSessionId, StudioId};

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
    pub facepass_enabled: bool,
    pub scheduled_at: Option<DateTime<Utc>>,
    pub completed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

impl PhotoSession {
    /// Whether guests may use the session now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.facepass_enabled
    }
}

/// The statuses of our own sessions.
pub const STATUSES: [&str; 4] = ["created", "active", "completed", "archived"];
