//! Support tickets, their replies, and what was sent with either.
//!
//! Whether internal notes are seen is decided here, in the queries: what an author reads never counts,
//! sorts by or names one.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    IN_LIST, Once, OnceKey, Store, StoreError, flag, loose, mails, micros, once, optional_text,
    optional_time, placeholders, text, time, unsigned, users,
};
use crate::domain::{
    Attachment, AttachmentId, Mail, Person, StudioId, Ticket, TicketCategory, TicketId, TicketPriority,
    TicketReply, TicketSight, TicketStatus, User, UserId,
};

pub struct TicketRows<'a>(pub(super) &'a Store);

/// To whom a ticket must be assigned to be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assigned {
    To(UserId),
    Nobody,
}

/// The filter of a list of tickets; a field that is `None` does not narrow it.
#[derive(Debug, Clone, Copy, Default)]
pub struct TicketFilter {
    pub status: Option<TicketStatus>,
    pub category: Option<TicketCategory>,
    pub priority: Option<TicketPriority>,
    pub assigned: Option<Assigned>,
}

/// A place in a list whose latest change comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TicketCursor {
    at: i64,
    id: TicketId,
}

impl TicketCursor {
    /// The place just after this ticket.
    #[must_use]
    pub fn after(ticket: &Ticket) -> Self {
        Self { at: micros(ticket.updated_at), id: ticket.id }
    }
}

impl fmt::Display for TicketCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}", self.at, self.id.0.simple())
    }
}

impl FromStr for TicketCursor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (at, id) = text.split_once('.').ok_or("not a cursor")?;
        let at = u64::from_str_radix(at, 16).map_err(|_| "not a cursor")?.cast_signed();
        let id = uuid::Uuid::try_parse(id).map_err(|_| "not a cursor")?;
        Ok(Self { at, id: TicketId(id) })
    }
}

/// The outcome of an answer to a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replied {
    Done(Once),
    /// The ticket has changed since it was read, or is gone: read it and decide again.
    Stale,
}

/// A query that grows.
struct Query {
    sql: String,
    values: Vec<String>,
}

impl Query {
    /// Tickets with the people in them and the number of replies that this sight takes in.
    fn tickets(sight: &TicketSight) -> Self {
        let sql = format!(
            "SELECT t.*, a.name AS author_name, a.role AS author_role, s.name AS assignee_name, \
             s.role AS assignee_role, (SELECT COUNT(*) FROM ticket_replies r WHERE r.ticket_id = t.id \
             AND r.is_internal <= {}) AS reply_count \
             FROM tickets t JOIN users a ON a.id = t.author_id LEFT JOIN users s ON s.id = t.assigned_to WHERE ",
            most_internal(sight.is_desk())
        );
        let mut query = Self { sql, values: Vec::new() };
        query.seen_by(sight);
        query
    }

    fn seen_by(&mut self, sight: &TicketSight) {
        match sight {
            TicketSight::All => self.sql += "1 = 1",
            TicketSight::Author(user) => {
                let user = self.value(user);
                self.sql += &format!("t.author_id = {user}");
            }
            TicketSight::Studios { user, studios } => {
                let user = self.value(user);
                self.sql += &format!("(t.author_id = {user} OR t.assigned_to = {user}");
                if !studios.is_empty() {
                    let list = placeholders(self.values.len() + 1, studios.len());
                    self.values.extend(studios.iter().map(ToString::to_string));
                    // Where there is one studio, everybody asks that one.
                    self.sql += &format!(
                        " OR (SELECT COUNT(*) FROM studios) = 1 \
                         OR EXISTS (SELECT 1 FROM studio_members m WHERE m.user_id = t.author_id AND m.studio_id IN ({list})) \
                         OR EXISTS (SELECT 1 FROM photo_sessions p WHERE p.client_id = t.author_id AND p.studio_id IN ({list}))"
                    );
                }
                self.sql += ")";
            }
        }
    }

    /// Binds a value; returns its placeholder.
    fn value(&mut self, value: impl ToString) -> String {
        self.values.push(value.to_string());
        format!("${}", self.values.len())
    }

    fn and_equal(&mut self, column: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            let value = self.value(value);
            self.sql += &format!(" AND {column} = {value}");
        }
    }

    async fn fetch(self, store: &Store) -> Result<Vec<Ticket>, StoreError> {
        let mut query = sqlx::query(sqlx::AssertSqlSafe(self.sql));
        for value in self.values {
            query = query.bind(value);
        }
        query.fetch_all(&store.reads).await?.iter().map(ticket).collect()
    }
}

/// The largest `is_internal` that is read.
fn most_internal(desk: bool) -> i64 {
    i64::from(desk)
}

impl TicketRows<'_> {
    /// A ticket, if it is one that this sight takes in.
    pub async fn get(&self, id: TicketId, sight: &TicketSight) -> Result<Option<Ticket>, StoreError> {
        let mut query = Query::tickets(sight);
        query.and_equal("t.id", Some(id));
        Ok(query.fetch(self.0).await?.pop())
    }

    /// The latest changed first; `after` is the last ticket of the page before.
    pub async fn list(
        &self,
        sight: &TicketSight,
        filter: &TicketFilter,
        after: Option<TicketCursor>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let mut query = Query::tickets(sight);
        query.and_equal("t.status", filter.status);
        query.and_equal("t.category", filter.category);
        query.and_equal("t.priority", filter.priority);
        match filter.assigned {
            Some(Assigned::To(user)) => query.and_equal("t.assigned_to", Some(user)),
            Some(Assigned::Nobody) => query.sql += " AND t.assigned_to IS NULL",
            None => {}
        }
        if let Some(TicketCursor { at, id }) = after {
            let id = query.value(id);
            query.sql += &format!(" AND (t.updated_at < {at} OR (t.updated_at = {at} AND t.id < {id}))");
        }
        query.sql += &format!(" ORDER BY t.updated_at DESC, t.id DESC LIMIT {limit}");
        query.fetch(self.0).await
    }

    /// In the order in which they were written; internal ones for the desk only.
    pub async fn replies(&self, id: TicketId, desk: bool) -> Result<Vec<TicketReply>, StoreError> {
        sqlx::query(
            "SELECT r.*, u.name AS author_name, u.role AS author_role FROM ticket_replies r \
             JOIN users u ON u.id = r.author_id WHERE r.ticket_id = $1 AND r.is_internal <= $2 ORDER BY r.id",
        )
        .bind(id.to_string())
        .bind(most_internal(desk))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(reply)
        .collect()
    }

    /// The attachments of these tickets and their replies; those of internal notes for the desk only.
    pub async fn attachments(
        &self,
        tickets: &[TicketId],
        desk: bool,
    ) -> Result<Vec<(TicketId, Attachment)>, StoreError> {
        let mut found = Vec::new();
        for ids in tickets.chunks(IN_LIST) {
            let sql = format!(
                "SELECT a.* FROM ticket_attachments a LEFT JOIN ticket_replies r ON r.id = a.reply_id \
                 WHERE a.ticket_id IN ({}) AND COALESCE(r.is_internal, 0) <= {} ORDER BY a.id",
                placeholders(1, ids.len()),
                most_internal(desk)
            );
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for id in ids {
                query = query.bind(id.to_string());
            }
            for row in query.fetch_all(&self.0.reads).await? {
                found.push((text(&row, "ticket_id")?, attachment(&row)?));
            }
        }
        Ok(found)
    }

    /// A new ticket, unless its request was answered before.
    pub async fn create(
        &self,
        new: &Ticket,
        files: &[Attachment],
        once: Option<(&OnceKey, &str)>,
        mails: &[Mail],
    ) -> Result<Once, StoreError> {
        let mut tx = self.0.write().await?;
        if let Some((key, answer)) = once {
            let earlier = once::claim(&mut tx, key, answer, new.created_at).await?;
            if earlier != Once::First {
                return Ok(earlier);
            }
        }
        sqlx::query(
            "INSERT INTO tickets (id, author_id, subject, message, priority, category, status, language, \
             created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        )
        .bind(new.id.to_string())
        .bind(new.author.id.to_string())
        .bind(new.subject.as_str())
        .bind(new.message.as_str())
        .bind(new.priority.as_str())
        .bind(new.category.as_str())
        .bind(new.status.as_str())
        .bind(new.language.as_str())
        .bind(micros(new.created_at))
        .execute(&mut *tx)
        .await?;
        attach(&mut tx, new.id, files, new.created_at).await?;
        mails::enqueue(&mut tx, mails, new.created_at).await?;
        tx.commit().await?;
        Ok(Once::First)
    }

    /// Writes what has become of a ticket that was read as `before`. `false`: somebody was faster.
    pub async fn change(&self, before: &Ticket, after: &Ticket) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        if !update(&mut tx, before, after).await? {
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Adds a reply, unless its request was answered before. `after` is what becomes of the ticket; of an
    /// internal note nothing does.
    pub async fn reply(
        &self,
        before: &Ticket,
        after: Option<&Ticket>,
        new: &TicketReply,
        files: &[Attachment],
        once: Option<(&OnceKey, &str)>,
        mails: &[Mail],
    ) -> Result<Replied, StoreError> {
        let mut tx = self.0.write().await?;
        if let Some((key, answer)) = once {
            let earlier = once::claim(&mut tx, key, answer, new.created_at).await?;
            if earlier != Once::First {
                return Ok(Replied::Done(earlier));
            }
        }
        let there = match after {
            Some(after) => update(&mut tx, before, after).await?,
            None => {
                let row = sqlx::query("SELECT id FROM tickets WHERE id = $1").bind(before.id.to_string());
                row.fetch_optional(&mut *tx).await?.is_some()
            }
        };
        if !there {
            return Ok(Replied::Stale);
        }
        sqlx::query(
            "INSERT INTO ticket_replies (id, ticket_id, author_id, message, is_internal, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(new.id.to_string())
        .bind(before.id.to_string())
        .bind(new.author.id.to_string())
        .bind(new.message.as_str())
        .bind(i64::from(new.is_internal))
        .bind(micros(new.created_at))
        .execute(&mut *tx)
        .await?;
        attach(&mut tx, before.id, files, new.created_at).await?;
        mails::enqueue(&mut tx, mails, new.created_at).await?;
        tx.commit().await?;
        Ok(Replied::Done(Once::First))
    }

    /// Removes a ticket with everything that was said and sent in it; the files are the caller's to remove.
    /// `false` when there is none.
    pub async fn delete(&self, id: TicketId) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        loose::let_go(&mut tx, id).await?;
        let done =
            sqlx::query("DELETE FROM tickets WHERE id = $1").bind(id.to_string()).execute(&mut *tx).await?;
        once::forget(&mut tx, &id.to_string()).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// The attachments among these whose ticket exists but that have no row of their own.
    pub async fn strays(
        &self,
        files: &[(TicketId, AttachmentId)],
    ) -> Result<Vec<(TicketId, AttachmentId)>, StoreError> {
        let mut strays = Vec::new();
        for (ticket, attachment) in files {
            let row = sqlx::query(
                "SELECT t.id, a.id AS attached FROM tickets t LEFT JOIN ticket_attachments a ON a.id = $2 \
                 WHERE t.id = $1",
            )
            .bind(ticket.to_string())
            .bind(attachment.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
            let attached = row.map(|row| optional_text::<AttachmentId>(&row, "attached")).transpose()?;
            // Without the ticket's row nobody knows whether these rows are those that the file belongs to.
            if attached == Some(None) {
                strays.push((*ticket, *attachment));
            }
        }
        Ok(strays)
    }

    /// The users to whom a ticket may be assigned: operators, super admins, and the admins of these studios, or of any.
    pub async fn desk(
        &self,
        studios: Option<&[StudioId]>,
        now: DateTime<Utc>,
    ) -> Result<Vec<User>, StoreError> {
        let mut sql = "SELECT * FROM users u WHERE u.disabled = 0 AND (u.role IN ('operator', 'super_admin')"
            .to_owned();
        match studios {
            None => sql += " OR u.role = 'admin'",
            Some([]) => {}
            Some(studios) => {
                let list = placeholders(1, studios.len());
                sql += &format!(
                    " OR (u.role = 'admin' AND EXISTS (SELECT 1 FROM studio_members m \
                     WHERE m.user_id = u.id AND (m.ends_at IS NULL OR m.ends_at > {now}) \
                     AND m.studio_id IN ({list})))",
                    now = micros(now)
                );
            }
        }
        sql += ") ORDER BY u.name, u.id";
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for studio in studios.unwrap_or_default() {
            query = query.bind(studio.to_string());
        }
        query.fetch_all(&self.0.reads).await?.iter().map(users::user).collect()
    }
}

/// `updated_at` grows with every change that an author can see, so it tells whether `before` still stands.
async fn update(
    tx: &mut Transaction<'static, Any>,
    before: &Ticket,
    after: &Ticket,
) -> Result<bool, StoreError> {
    let done = sqlx::query(
        "UPDATE tickets SET status = $3, assigned_to = $4, closed_at = $5, updated_at = $6 \
         WHERE id = $1 AND updated_at = $2",
    )
    .bind(before.id.to_string())
    .bind(micros(before.updated_at))
    .bind(after.status.as_str())
    .bind(after.assigned_to.as_ref().map(|person| person.id.to_string()))
    .bind(after.closed_at.map(micros))
    .bind(micros(after.updated_at))
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

async fn attach(
    tx: &mut Transaction<'static, Any>,
    ticket: TicketId,
    files: &[Attachment],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for file in files {
        sqlx::query(
            "INSERT INTO ticket_attachments (id, ticket_id, reply_id, filename, bytes, media_type, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(file.id.to_string())
        .bind(ticket.to_string())
        .bind(file.reply.map(|id| id.to_string()))
        .bind(file.filename.as_str())
        .bind(file.bytes.cast_signed())
        .bind(file.media_type.as_str())
        .bind(micros(now))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

fn ticket(row: &AnyRow) -> Result<Ticket, StoreError> {
    let assignee: Option<UserId> = optional_text(row, "assigned_to")?;
    let assignee = assignee.map(|id| {
        let (name, role) = (row.try_get("assignee_name")?, text(row, "assignee_role")?);
        Ok::<_, StoreError>(Person { id, name, role })
    });
    Ok(Ticket {
        id: text(row, "id")?,
        author: author(row)?,
        subject: row.try_get("subject")?,
        message: row.try_get("message")?,
        priority: text(row, "priority")?,
        category: text(row, "category")?,
        status: text(row, "status")?,
        assigned_to: assignee.transpose()?,
        language: text(row, "language")?,
        closed_at: optional_time(row, "closed_at")?,
        created_at: time(row, "created_at")?,
        updated_at: time(row, "updated_at")?,
        reply_count: unsigned(row, "reply_count")?,
    })
}

fn author(row: &AnyRow) -> Result<Person, StoreError> {
    let (name, role) = (row.try_get("author_name")?, text(row, "author_role")?);
    Ok(Person { id: text(row, "author_id")?, name, role })
}

fn reply(row: &AnyRow) -> Result<TicketReply, StoreError> {
    Ok(TicketReply {
        id: text(row, "id")?,
        author: author(row)?,
        message: row.try_get("message")?,
        is_internal: flag(row, "is_internal")?,
        created_at: time(row, "created_at")?,
    })
}

fn attachment(row: &AnyRow) -> Result<Attachment, StoreError> {
    Ok(Attachment {
        id: text(row, "id")?,
        reply: optional_text(row, "reply_id")?,
        filename: row.try_get("filename")?,
        bytes: unsigned(row, "bytes")?,
        media_type: row.try_get("media_type")?,
    })
}
