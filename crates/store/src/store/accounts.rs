//! Erasing an account: who it was goes, and an id without a name stays where the studio's books and others' tickets name it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{Any, Transaction};

use super::{Store, StoreError, loose, micros, once, optional_text, text, unsigned};
use crate::domain::{CustomerImageId, Role, TicketId, UserId};

/// What goes with an account, or is left of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountRows {
    /// Name, addresses, password.
    pub accounts: u64,
    pub devices: u64,
    pub sign_ins: u64,
    pub api_keys: u64,
    /// That the account opened, with their replies and files.
    pub tickets: u64,
    /// Orders that were never placed.
    pub drafts: u64,
    pub images: u64,
    /// That wait to be sent to it.
    pub mails: u64,
}

impl AccountRows {
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts().into_iter().map(|(_, count)| count).sum()
    }

    /// By name.
    #[must_use]
    pub fn counts(&self) -> [(&'static str, u64); 8] {
        let Self { accounts, devices, sign_ins, api_keys, tickets, drafts, images, mails } = *self;
        [
            ("accounts", accounts),
            ("devices", devices),
            ("sign_ins", sign_ins),
            ("api_keys", api_keys),
            ("tickets", tickets),
            ("drafts", drafts),
            ("images", images),
            ("mails", mails),
        ]
    }
}

impl AccountKept {
    /// By name.
    #[must_use]
    pub fn counts(&self) -> [(&'static str, u64); 3] {
        [("sessions", self.sessions), ("replies", self.replies), ("orders", self.orders)]
    }
}

/// What stays and names the account by its id only.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountKept {
    /// Sessions that it photographed.
    pub sessions: u64,
    /// What it wrote in others' tickets.
    pub replies: u64,
    /// Amounts, states and times of what it ordered.
    pub orders: u64,
}

/// Why an account is not erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountHeld {
    /// Nobody else could look after the installation.
    LastSuperAdmin,
    /// An order of its is being worked on.
    OpenOrders,
}

/// What goes with an account, what stays, and where its files lie.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemovedAccount {
    pub rows: AccountRows,
    pub stays: AccountKept,
    pub tickets: Vec<TicketId>,
    pub images: Vec<CustomerImageId>,
}

/// To its address, or to the one that it wants to have.
const MAILS: &str = "mails WHERE recipient IN (SELECT email FROM users WHERE id = $1 \
     UNION SELECT email FROM email_changes WHERE user_id = $1)";

/// Rows of the account `$1`, by what they are.
const ROWS: [(&str, fn(&mut AccountRows) -> &mut u64); 8] = [
    ("users WHERE id = $1 AND erased_at IS NULL", |rows| &mut rows.accounts),
    ("device_sessions WHERE user_id = $1", |rows| &mut rows.devices),
    ("sign_ins WHERE user_id = $1", |rows| &mut rows.sign_ins),
    ("api_keys WHERE user_id = $1", |rows| &mut rows.api_keys),
    ("tickets WHERE author_id = $1", |rows| &mut rows.tickets),
    ("placements WHERE customer_id = $1 AND status = 'draft'", |rows| &mut rows.drafts),
    ("customer_images WHERE customer_id = $1 AND doomed = 0", |rows| &mut rows.images),
    (MAILS, |rows| &mut rows.mails),
];

const KEPT: [(&str, fn(&mut AccountKept) -> &mut u64); 3] = [
    ("photo_sessions WHERE photographer_id = $1", |kept| &mut kept.sessions),
    (
        "ticket_replies WHERE author_id = $1 AND ticket_id NOT IN (SELECT id FROM tickets WHERE author_id = $1)",
        |kept| &mut kept.replies,
    ),
    ("placements WHERE customer_id = $1 AND status <> 'draft'", |kept| &mut kept.orders),
];

/// In this order: what is deleted names what is deleted later.
const ERASE: [&str; 25] = [
    "DELETE FROM mails WHERE recipient IN (SELECT email FROM users WHERE id = $1 \
     UNION SELECT email FROM email_changes WHERE user_id = $1)",
    "DELETE FROM email_changes WHERE user_id = $1",
    "DELETE FROM password_resets WHERE user_id = $1",
    "DELETE FROM device_sessions WHERE user_id = $1",
    "DELETE FROM sign_ins WHERE user_id = $1",
    "DELETE FROM api_keys WHERE user_id = $1",
    "DELETE FROM notices WHERE user_id = $1",
    "DELETE FROM notice_settings WHERE user_id = $1",
    "DELETE FROM qr_logins WHERE user_id = $1",
    "DELETE FROM studio_members WHERE user_id = $1",
    "DELETE FROM session_photographers WHERE user_id = $1",
    "DELETE FROM authenticators WHERE user_id = $1",
    "DELETE FROM recovery_codes WHERE user_id = $1",
    "DELETE FROM passkeys WHERE user_id = $1",
    "DELETE FROM passkey_challenges WHERE user_id = $1",
    "DELETE FROM ticket_attachments WHERE ticket_id IN (SELECT id FROM tickets WHERE author_id = $1)",
    "DELETE FROM ticket_replies WHERE ticket_id IN (SELECT id FROM tickets WHERE author_id = $1)",
    "DELETE FROM tickets WHERE author_id = $1",
    "UPDATE tickets SET assigned_to = NULL WHERE assigned_to = $1",
    "DELETE FROM placements WHERE customer_id = $1 AND status = 'draft'",
    "UPDATE placements SET title = '', description = '', target_url = '', country = '', region = '', city = '', \
     image_id = NULL WHERE customer_id = $1",
    "UPDATE customer_images SET doomed = 1 WHERE customer_id = $1",
    "UPDATE photo_sessions SET client_id = NULL WHERE client_id = $1",
    "UPDATE users SET email = NULL, phone = NULL, password_hash = '', disabled = 1 WHERE id = $1",
    "UPDATE users SET name = '—' WHERE id = $1",
];

async fn count(tx: &mut Transaction<'static, Any>, rows: &str, id: UserId) -> Result<u64, StoreError> {
    let sql = format!("SELECT COUNT(*) AS n FROM {rows}");
    let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.to_string()).fetch_one(&mut **tx).await?;
    unsigned(&row, "n")
}

async fn look(tx: &mut Transaction<'static, Any>, id: UserId) -> Result<RemovedAccount, StoreError> {
    let mut found = RemovedAccount::default();
    for (sql, field) in ROWS {
        *field(&mut found.rows) = count(tx, sql, id).await?;
    }
    for (sql, field) in KEPT {
        *field(&mut found.stays) = count(tx, sql, id).await?;
    }
    let files = sqlx::query(
        "SELECT id AS ticket, NULL AS image FROM tickets WHERE author_id = $1 \
         UNION ALL SELECT NULL AS ticket, id AS image FROM customer_images WHERE customer_id = $1",
    )
    .bind(id.to_string())
    .fetch_all(&mut **tx)
    .await?;
    for row in &files {
        found.tickets.extend(optional_text::<TicketId>(row, "ticket")?);
        found.images.extend(optional_text::<CustomerImageId>(row, "image")?);
    }
    Ok(found)
}

impl Store {
    /// What would go with an account, and what would stay; of one that was erased, what is left.
    pub async fn account(&self, id: UserId) -> Result<RemovedAccount, StoreError> {
        let mut tx = self.write().await?;
        look(&mut tx, id).await
    }

    /// Why an account cannot be erased now.
    pub async fn account_held(&self, id: UserId) -> Result<Option<AccountHeld>, StoreError> {
        let mut tx = self.write().await?;
        held(&mut tx, id).await
    }
}

async fn held(tx: &mut Transaction<'static, Any>, id: UserId) -> Result<Option<AccountHeld>, StoreError> {
    let open = "placements WHERE customer_id = $1 AND status IN ('placed', 'in_progress')";
    if count(tx, open, id).await? > 0 {
        return Ok(Some(AccountHeld::OpenOrders));
    }
    let row = sqlx::query("SELECT role FROM users WHERE id = $1 AND disabled = 0")
        .bind(id.to_string())
        .fetch_optional(&mut **tx)
        .await?;
    let role: Option<Role> = row.as_ref().map(|row| text(row, "role")).transpose()?;
    let others = "users WHERE id <> $1 AND role = 'super_admin' AND disabled = 0";
    if role == Some(Role::SuperAdmin) && count(tx, others, id).await? == 0 {
        return Ok(Some(AccountHeld::LastSuperAdmin));
    }
    Ok(None)
}

/// Erases an account; `None` when there is none, or it is held.
pub(super) async fn erase(
    tx: &mut Transaction<'static, Any>,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<Option<RemovedAccount>, StoreError> {
    let gone = look(tx, id).await?;
    if gone.rows.accounts == 0 || held(tx, id).await?.is_some() {
        return Ok(None);
    }
    for ticket in &gone.tickets {
        loose::let_go(tx, *ticket).await?;
        once::forget(tx, &ticket.to_string()).await?;
    }
    for sql in ERASE {
        sqlx::query(sql).bind(id.to_string()).execute(&mut **tx).await?;
    }
    sqlx::query("UPDATE users SET erased_at = $2, updated_at = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(micros(now))
        .execute(&mut **tx)
        .await?;
    Ok(Some(gone))
}
