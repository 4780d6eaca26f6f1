//! Support: tickets, who answers them, and what is sent along.
//!
//! Offers [`Support`]; its verbs lie in `read.rs` (list, show, watch), `write.rs` (open, reply, set the status,
//! assign, delete) and `files.rs` (attachments in and out). How a ticket may move is `rules.rs`, what a file is
//! `kind.rs`, both pure. Must not know HTTP.
//!
//! The users who answer tickets are the desk: operators and super admins (every ticket), admins (those of their
//! studios' members and clients; every one where there is one studio). Everybody else sees their own. What the desk notes internally exists for the
//! desk alone: the queries leave it out, it changes nothing that an author can see, and it is published where
//! only the desk listens.
//!
//! # How a ticket moves
//!
//! `support/`: how a ticket may move is `rules.rs`, what a file is `kind.rs`, both pure. A decision is
//! taken on the ticket as it was read and written only where `updated_at` still says so; otherwise it is
//! read again. What the desk notes internally is kept from the author in one place, the queries of
//! `store/tickets.rs`: whether internal replies are read, counted and have files is a bound of each. Such a
//! note does not write the ticket's row at all. Events have topics (`events/`), and a topic is a boundary:
//! an author watches `TicketsOf` themself, the desk `TicketDesk`, so that a note cannot even make an
//! author's stream fall behind. An event says only that a ticket changed; the page reads it anew through
//! the same queries.
//!
//! An attachment comes in through the spool, is looked at whole, is linked to its own key, and only then
//! rows commit. Files without a row are swept after a day.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{
    blobs::{BlobError, Blobs, Spool},
    domain::{
        Attachment, Clock, Language, Person, Role, StudioId, Ticket, TicketCategory, TicketId,
        TicketPriority, TicketReply, TicketSight, TicketStatus, UserId,
    },
    events::Events,
    mail::Postbox,
    store::{Store, StoreError},
};
use rules::Side;

mod files;
mod kind;
mod mails;
mod read;
mod rules;
mod write;

pub use crate::store::{Assigned, TicketCursor, TicketFilter};
pub use files::{MAX_BYTES, MOST_FILES, ReceiveError, Received};
pub use kind::Kind;
pub use write::Draft;

#[derive(Debug, thiserror::Error)]
pub enum SupportError {
    /// There is none, or it is not theirs to see.
    #[error("there is no such ticket")]
    NotFound,
    /// There is none, it is another ticket's, or it came with an internal note.
    #[error("there is no such attachment")]
    AttachmentNotFound,
    #[error("the ticket's {0} cannot be used")]
    Invalid(&'static str),
    #[error("nobody at the desk has that id")]
    InvalidAssignee,
    #[error("only the desk may do this")]
    NotYours,
    #[error("the ticket is closed")]
    Closed,
    #[error("a ticket does not go from {from} to {to}")]
    Status { from: TicketStatus, to: TicketStatus },
    /// Others change it faster than we can read it.
    #[error("the ticket is being changed by others")]
    Busy,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl From<rules::Refused> for SupportError {
    fn from(refused: rules::Refused) -> Self {
        match refused {
            rules::Refused::NotYours => Self::NotYours,
            rules::Refused::Closed => Self::Closed,
            rules::Refused::Status { from, to } => Self::Status { from, to },
        }
    }
}

/// For whom something is read or done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub user: UserId,
    pub role: Role,
    /// That they belong to.
    pub studios: Vec<StudioId>,
}

impl Viewer {
    fn sight(&self) -> TicketSight {
        TicketSight::of(self.user, self.role, &self.studios)
    }

    /// On which side of a ticket they change its status.
    fn side(&self) -> Side {
        if self.sight().is_desk() { Side::Desk } else { Side::Author }
    }

    /// On which side they speak: somebody who asks something does not speak for the desk, even if they work there.
    fn speaks_as(&self, ticket: &Ticket) -> Side {
        if ticket.author.id == self.user { Side::Author } else { self.side() }
    }
}

/// The data of a new ticket.
#[derive(Debug, Clone)]
pub struct NewTicket {
    pub subject: String,
    pub message: String,
    pub priority: TicketPriority,
    pub category: TicketCategory,
    /// `ru` or `en`.
    pub language: Language,
}

/// A ticket as one viewer may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    pub ticket: Ticket,
    pub replies: Vec<TicketReply>,
    /// Of the ticket and of these replies.
    pub attachments: Vec<Attachment>,
}

/// Tickets. Cheap to clone.
#[derive(Clone)]
pub struct Support {
    store: Store,
    blobs: Blobs,
    spool: Spool,
    events: Events,
    postbox: Postbox,
    /// Of the links in mails; without a slash at its end.
    public_url: String,
    clock: Clock,
    /// Attachments that are whole in memory, to see what they are.
    looking: Arc<Semaphore>,
}

impl Support {
    #[must_use]
    pub fn new(
        store: Store,
        blobs: Blobs,
        spool: Spool,
        events: Events,
        postbox: Postbox,
        public_url: String,
        clock: Clock,
    ) -> Self {
        Self {
            store,
            blobs,
            spool,
            events,
            postbox,
            public_url,
            clock,
            looking: Arc::new(Semaphore::new(files::LOOKED_AT)),
        }
    }

    /// The ticket, or that there is none for this viewer.
    async fn find(&self, viewer: &Viewer, id: TicketId) -> Result<Ticket, SupportError> {
        self.store.tickets().get(id, &viewer.sight()).await?.ok_or(SupportError::NotFound)
    }

    async fn person(&self, id: UserId) -> Result<Person, SupportError> {
        // The caller has a row: it was read to let them in.
        let user = self.store.users().get(id).await?.ok_or(SupportError::NotYours)?;
        Ok(Person { id, name: user.name, role: user.role })
    }
}

/// Text of 1 to `most` characters, trimmed; one line has no breaks.
fn words(text: &str, most: usize, one_line: bool) -> Option<String> {
    let text = text.trim();
    let sound = |c: char| !c.is_control() || (!one_line && matches!(c, '\n' | '\r' | '\t'));
    ((1..=most).contains(&text.chars().count()) && text.chars().all(sound)).then(|| text.to_owned())
}

/// A file that no ticket has taken is kept so long: its ticket may still be on its way.
const KEPT_WITHOUT_ROW: chrono::TimeDelta = chrono::TimeDelta::hours(24);
