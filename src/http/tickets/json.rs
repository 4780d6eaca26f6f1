//! Tickets as clients see them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    domain::{Attachment, Person, Ticket, TicketId, TicketReply, TicketStatus},
    http::{shared::time, words},
    support::Shown,
};

#[derive(Serialize, ToSchema)]
pub struct PersonJson {
    id: Uuid,
    name: String,
}

impl From<Person> for PersonJson {
    fn from(Person { id, name, .. }: Person) -> Self {
        Self { id: id.0, name }
    }
}

#[derive(Serialize, ToSchema)]
pub struct SpeakerJson {
    id: Uuid,
    name: String,
    role: words::Role,
}

impl From<Person> for SpeakerJson {
    fn from(Person { id, name, role }: Person) -> Self {
        Self { id: id.0, name, role: role.into() }
    }
}

#[derive(Serialize, ToSchema)]
pub struct AttachmentJson {
    id: Uuid,
    filename: String,
    bytes: u64,
    /// The media type, found by the file's content.
    media_type: String,
    /// Downloads it.
    url: String,
}

impl AttachmentJson {
    fn new(ticket: TicketId, file: Attachment) -> Self {
        let Attachment { id, filename, bytes, media_type, .. } = file;
        Self { id: id.0, filename, bytes, media_type, url: format!("/api/ticket/{ticket}/attachments/{id}") }
    }
}

#[derive(Serialize, ToSchema)]
pub struct ReplyJson {
    id: Uuid,
    author: SpeakerJson,
    message: String,
    /// An internal note: only the desk sees it, and nobody else is notified.
    is_internal: bool,
    #[schema(format = DateTime)]
    created_at: String,
    attachments: Vec<AttachmentJson>,
}

impl ReplyJson {
    pub fn new(ticket: TicketId, reply: TicketReply, attachments: Vec<Attachment>) -> Self {
        let TicketReply { id, author, message, is_internal, created_at } = reply;
        Self {
            id: id.0,
            author: author.into(),
            message,
            is_internal,
            created_at: time(created_at),
            attachments: attachments.into_iter().map(|file| AttachmentJson::new(ticket, file)).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct TicketJson {
    id: Uuid,
    subject: String,
    message: String,
    priority: words::TicketPriority,
    category: words::TicketCategory,
    status: words::TicketStatus,
    assigned_to: Option<PersonJson>,
    author: PersonJson,
    #[schema(format = DateTime)]
    closed_at: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    updated_at: String,
    reply_count: u64,
    /// The attachments of the ticket itself; each reply has its own.
    attachments: Vec<AttachmentJson>,
}

impl TicketJson {
    pub fn new(ticket: Ticket, attachments: Vec<Attachment>) -> Self {
        let Ticket { id, author, subject, message, priority, category, status, assigned_to, .. } = ticket;
        Self {
            id: id.0,
            subject,
            message,
            priority: priority.into(),
            category: category.into(),
            status: status.into(),
            assigned_to: assigned_to.map(Into::into),
            author: author.into(),
            closed_at: ticket.closed_at.map(time),
            created_at: time(ticket.created_at),
            updated_at: time(ticket.updated_at),
            reply_count: ticket.reply_count,
            attachments: attachments.into_iter().map(|file| AttachmentJson::new(id, file)).collect(),
        }
    }
}

/// A ticket with everything that was said in it.
#[derive(Serialize, ToSchema)]
pub struct WholeTicketJson {
    #[serde(flatten)]
    ticket: TicketJson,
    /// In the order in which they were written.
    replies: Vec<ReplyJson>,
    /// The values to which this caller may set `status` now.
    next_statuses: Vec<words::TicketStatus>,
}

impl WholeTicketJson {
    pub fn new(shown: Shown, next_statuses: &[TicketStatus]) -> Self {
        let Shown { ticket, replies, attachments } = shown;
        let id = ticket.id;
        let of = |reply| attachments.iter().filter(move |file| file.reply == reply).cloned().collect();
        let replies = replies.into_iter().map(|reply| {
            let files = of(Some(reply.id));
            ReplyJson::new(id, reply, files)
        });
        Self {
            replies: replies.collect(),
            ticket: TicketJson::new(ticket, of(None)),
            next_statuses: next_statuses.iter().copied().map(Into::into).collect(),
        }
    }
}
