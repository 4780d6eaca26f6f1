//! Support tickets: what is asked, by whom, and how far it has come.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};

use super::{AttachmentId, Invalid, Language, Role, StudioId, TicketId, TicketReplyId, UserId};

words! {
    /// How far a ticket has come.
    TicketStatus "ticket status" {
        /// Nobody has taken it yet.
        Open "open",
        /// Somebody works on it.
        InProgress "in_progress",
        /// The author has been answered and is to say more.
        AwaitingReply "awaiting_reply",
        /// Done, as the desk sees it.
        Resolved "resolved",
        /// Done: nothing is added any more.
        Closed "closed",
    }
}

words! {
    TicketPriority "ticket priority" {
        Low "low",
        Normal "normal",
        High "high",
        Urgent "urgent",
    }
}

words! {
    TicketCategory "ticket category" {
        General "general",
        Technical "technical",
        Billing "billing",
        Other "other",
    }
}

/// Somebody as a ticket names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub name: String,
    pub role: Role,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    pub id: TicketId,
    pub author: Person,
    pub subject: String,
    pub message: String,
    pub priority: TicketPriority,
    pub category: TicketCategory,
    pub status: TicketStatus,
    /// An operator or an admin.
    pub assigned_to: Option<Person>,
    /// In which the author reads.
    pub language: Language,
    pub closed_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    /// When the author last could see something new; internal notes leave it alone.
    pub updated_at: DateTime<Utc>,
    /// As many as the viewer may read.
    pub reply_count: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TicketReply {
    pub id: TicketReplyId,
    pub author: Person,
    pub message: String,
    /// A note of the desk to itself.
    pub is_internal: bool,
    pub created_at: DateTime<Utc>,
}

/// A file sent with a ticket or a reply. Who may read that may read this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub id: AttachmentId,
    /// `None`: it came with the ticket itself.
    pub reply: Option<TicketReplyId>,
    /// Ends as files of its type do.
    pub filename: String,
    pub bytes: u64,
    /// Found in the content.
    pub media_type: String,
}

/// Which tickets somebody sees, and whether with the internal notes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketSight {
    /// Their own, without the notes.
    Author(UserId),
    /// The tickets of these studios' members and of their sessions' clients, the tickets assigned to them, and their
    /// own; every ticket if there is no other studio. With the notes.
    Studios { user: UserId, studios: Vec<StudioId> },
    /// Every one with its notes.
    All,
}

impl TicketSight {
    #[must_use]
    pub fn of(user: UserId, role: Role, studios: &[StudioId]) -> Self {
        match role {
            Role::SuperAdmin | Role::Operator => Self::All,
            Role::Admin => Self::Studios { user, studios: studios.to_vec() },
            Role::Photographer | Role::Customer => Self::Author(user),
        }
    }

    /// Whether internal notes are seen, and with them the desk's side of a ticket is.
    #[must_use]
    pub fn is_desk(&self) -> bool {
        !matches!(self, Self::Author(_))
    }
}
