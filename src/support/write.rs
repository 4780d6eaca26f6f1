//! Changes of tickets. A decision is taken on a ticket as it was read and written only if it still is so;
//! otherwise it is read again.

use chrono::{DateTime, Utc};

use super::{
    NewTicket, Shown, Support, SupportError, Viewer,
    files::Received,
    mails::{self, Occasion},
    rules::{self, Side},
    words,
};
use crate::{
    domain::{Attachment, Mail, Ticket, TicketId, TicketReply, TicketReplyId, TicketStatus, UserId},
    events::{Event, Topic},
    store::{Once, OnceKey, Replied, StoreError},
};

/// Of a subject, in characters.
const SUBJECT: usize = 200;
/// Of a message, in characters.
const MESSAGE: usize = 10_000;
/// How often a decision is taken anew because somebody was faster. Each time one of them gets through.
const TRIES: usize = 50;

/// A reply that is not written yet.
#[derive(Debug, Clone)]
pub struct Draft {
    pub reply: TicketReply,
    pub attachments: Vec<Attachment>,
}

impl Support {
    /// A ticket as it will be, checked; [`Support::open`] writes it.
    ///
    /// # Errors
    /// `Invalid` with the field's name, `StoreError`
    pub async fn draft(
        &self,
        viewer: &Viewer,
        id: TicketId,
        new: NewTicket,
        files: &[Received],
        now: DateTime<Utc>,
    ) -> Result<Shown, SupportError> {
        let NewTicket { subject, message, priority, category, language } = new;
        let ticket = Ticket {
            id,
            author: self.person(viewer.user).await?,
            subject: words(&subject, SUBJECT, true).ok_or(SupportError::Invalid("subject"))?,
            message: words(&message, MESSAGE, false).ok_or(SupportError::Invalid("message"))?,
            priority,
            category,
            status: TicketStatus::Open,
            assigned_to: None,
            language,
            closed_at: None,
            created_at: now,
            updated_at: now,
            reply_count: 0,
        };
        let attachments = files.iter().map(|file| file.attachment.clone()).collect();
        Ok(Shown { ticket, replies: Vec::new(), attachments })
    }

    /// Writes a new ticket and tells the desk. `once` is the request and the answer that it gets if this is the
    /// first of it.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn open(&self, new: &Shown, once: Option<(&OnceKey, &str)>) -> Result<Once, StoreError> {
        let mails = self.to_desk(Occasion::Opened, &new.ticket).await?;
        let done = self.store.tickets().create(&new.ticket, &new.attachments, once, &mails).await?;
        if done == Once::First {
            self.publish(&new.ticket, false);
            self.postbox.wake();
        }
        Ok(done)
    }

    /// Whether the viewer may say something in the ticket now; asked before files are taken in for it.
    ///
    /// # Errors
    /// `NotFound`, `Closed`, `StoreError`
    pub async fn may_reply(&self, viewer: &Viewer, id: TicketId) -> Result<(), SupportError> {
        let ticket = self.find(viewer, id).await?;
        // The desk may note something on a closed ticket too.
        if viewer.side() == Side::Author && ticket.status == TicketStatus::Closed {
            return Err(SupportError::Closed);
        }
        Ok(())
    }

    /// A reply as it will be, checked; [`Support::reply`] writes it.
    ///
    /// # Errors
    /// `Invalid`, `NotYours` (an internal note by who is not at the desk), `StoreError`
    pub async fn draft_reply(
        &self,
        viewer: &Viewer,
        message: &str,
        is_internal: bool,
        files: &[Received],
        now: DateTime<Utc>,
    ) -> Result<Draft, SupportError> {
        if is_internal && viewer.side() == Side::Author {
            return Err(SupportError::NotYours);
        }
        let reply = TicketReply {
            id: TicketReplyId::generate(),
            author: self.person(viewer.user).await?,
            message: words(message, MESSAGE, false).ok_or(SupportError::Invalid("message"))?,
            is_internal,
            created_at: now,
        };
        let of_reply = |file: &Received| Attachment { reply: Some(reply.id), ..file.attachment.clone() };
        let attachments = files.iter().map(of_reply).collect();
        Ok(Draft { reply, attachments })
    }

    /// Writes a reply, moves the ticket on and tells the other side. An internal note moves nothing and is told
    /// to the desk only.
    ///
    /// # Errors
    /// `NotFound`, `Closed`, `StoreError`
    pub async fn reply(
        &self,
        viewer: &Viewer,
        id: TicketId,
        Draft { reply, attachments }: &Draft,
        once: Option<(&OnceKey, &str)>,
    ) -> Result<Once, SupportError> {
        for _ in 0..TRIES {
            let before = self.find(viewer, id).await?;
            let side = viewer.speaks_as(&before);
            let after = if reply.is_internal {
                None
            } else {
                match rules::reply(&before, side, reply.created_at) {
                    Ok(after) => Some(after),
                    Err(refused) => return Err(refused.into()),
                }
            };
            let mails = match (&after, side) {
                (None, _) => Vec::new(),
                (Some(ticket), Side::Author) => self.to_desk(Occasion::AuthorReplied, ticket).await?,
                (Some(ticket), Side::Desk) => self.to_author(ticket).await?,
            };
            let written =
                self.store.tickets().reply(&before, after.as_ref(), reply, attachments, once, &mails).await?;
            match written {
                Replied::Stale => {}
                Replied::Done(Once::First) => {
                    self.publish(&before, reply.is_internal);
                    self.postbox.wake();
                    return Ok(Once::First);
                }
                Replied::Done(earlier) => return Ok(earlier),
            }
        }
        Err(SupportError::Busy)
    }

    /// Sets a ticket's status.
    ///
    /// # Errors
    /// `NotFound`, `NotYours`, `Status`, `StoreError`
    pub async fn set_status(
        &self,
        viewer: &Viewer,
        id: TicketId,
        to: TicketStatus,
        now: DateTime<Utc>,
    ) -> Result<Shown, SupportError> {
        self.change(viewer, id, |ticket| rules::set_status(ticket, viewer.side(), to, now)).await
    }

    /// Gives a ticket to somebody at the desk, or takes it from everybody.
    ///
    /// # Errors
    /// `NotFound`, `InvalidAssignee`, `Closed`, `StoreError`
    pub async fn assign(
        &self,
        viewer: &Viewer,
        id: TicketId,
        to: Option<UserId>,
        now: DateTime<Utc>,
    ) -> Result<Shown, SupportError> {
        self.find(viewer, id).await?;
        let person = match to {
            None => None,
            Some(to) => {
                let mut desk = self.assignees(viewer).await?.into_iter();
                Some(desk.find(|person| person.id == to).ok_or(SupportError::InvalidAssignee)?)
            }
        };
        self.change(viewer, id, |ticket| rules::assign(ticket, person.clone(), now)).await
    }

    async fn change(
        &self,
        viewer: &Viewer,
        id: TicketId,
        decide: impl Fn(&Ticket) -> Result<Ticket, rules::Refused>,
    ) -> Result<Shown, SupportError> {
        for _ in 0..TRIES {
            let before = self.find(viewer, id).await?;
            let after = decide(&before)?;
            if after == before {
                return self.show(viewer, id).await;
            }
            if self.store.tickets().change(&before, &after).await? {
                self.publish(&after, false);
                return self.show(viewer, id).await;
            }
        }
        Err(SupportError::Busy)
    }

    /// Removes a ticket with everything in it, for good.
    ///
    /// # Errors
    /// `NotFound`, `StoreError`. Files that cannot be removed now are swept later.
    pub async fn delete(&self, viewer: &Viewer, id: TicketId) -> Result<(), SupportError> {
        let ticket = self.find(viewer, id).await?;
        if !self.store.tickets().delete(id).await? {
            return Err(SupportError::NotFound);
        }
        if let Err(error) = self.blobs.delete_ticket(id).await {
            tracing::warn!(%error, "a deleted ticket's files stay until they are swept");
        }
        self.publish(&ticket, false);
        Ok(())
    }

    /// Publishes that a ticket has changed: to the desk, and to its author unless the change is internal.
    fn publish(&self, ticket: &Ticket, internal: bool) {
        self.events.publish(Topic::TicketDesk, Event::Ticket(ticket.id));
        if !internal {
            self.events.publish(Topic::TicketsOf(ticket.author.id), Event::Ticket(ticket.id));
        }
    }

    async fn to_desk(&self, occasion: Occasion, ticket: &Ticket) -> Result<Vec<Mail>, StoreError> {
        if !self.postbox.enabled() {
            return Ok(Vec::new());
        }
        let desk = self.store.tickets().desk(None, (self.clock)()).await?;
        Ok(mails::mails(occasion, ticket, &self.public_url, &mails::readers(ticket, &desk)))
    }

    async fn to_author(&self, ticket: &Ticket) -> Result<Vec<Mail>, StoreError> {
        if !self.postbox.enabled() {
            return Ok(Vec::new());
        }
        let author = self.store.users().get(ticket.author.id).await?.filter(|user| !user.disabled);
        let readers: Vec<_> = author.and_then(|user| user.email).into_iter().collect();
        Ok(mails::mails(Occasion::DeskReplied, ticket, &self.public_url, &readers))
    }
}
