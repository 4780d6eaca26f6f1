//! Sign-ins that wait for a confirmation on another device.

use chrono::{DateTime, Utc};
use sqlx::{Row, any::AnyRow};

use super::{
    Store, StoreError,
    devices::{self, DeviceSession, Origin},
    micros, optional_text, time,
};
use crate::domain::UserId;

pub struct QrLoginRows<'a>(pub(super) &'a Store);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QrState {
    Pending,
    /// A user said yes; the tokens wait to be fetched.
    Confirmed,
    Rejected,
    /// The tokens were handed out.
    Spent,
}

impl QrState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
            Self::Spent => "spent",
        }
    }
}

#[derive(Debug, Clone)]
pub struct QrLogin {
    pub state: QrState,
    /// The user who confirmed it.
    pub user: Option<UserId>,
    /// Of the cookie that the asking browser got; rows of earlier versions have none.
    pub asker_hash: Option<String>,
    /// Of the device that asks to be signed in.
    pub origin: Origin,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl QrLoginRows<'_> {
    pub async fn create(&self, login: &QrLogin, poll_hash: &str, scan_hash: &str) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO qr_logins (poll_hash, scan_hash, state, ip, device, os, browser, location, created_at, \
             expires_at, asker_hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(poll_hash)
        .bind(scan_hash)
        .bind(login.state.as_str())
        .bind(login.origin.ip.as_str())
        .bind(login.origin.device.as_str())
        .bind(login.origin.os.as_deref())
        .bind(login.origin.browser.as_deref())
        .bind(login.origin.location.as_deref())
        .bind(micros(login.created_at))
        .bind(micros(login.expires_at))
        .bind(login.asker_hash.as_deref())
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// The state of the sign-in that the asking device polls for.
    pub async fn polled(&self, poll_hash: &str) -> Result<Option<QrLogin>, StoreError> {
        let row = sqlx::query("SELECT * FROM qr_logins WHERE poll_hash = $1")
            .bind(poll_hash)
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| qr_login(&row)).transpose()
    }

    /// The sign-in behind a scanned code.
    pub async fn scanned(&self, scan_hash: &str) -> Result<Option<QrLogin>, StoreError> {
        let row = sqlx::query("SELECT * FROM qr_logins WHERE scan_hash = $1")
            .bind(scan_hash)
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| qr_login(&row)).transpose()
    }

    /// Settles a pending sign-in. `false` when it is not pending any more, or too old.
    pub async fn settle(
        &self,
        scan_hash: &str,
        state: QrState,
        user: UserId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query(
            "UPDATE qr_logins SET state = $2, user_id = $3 \
             WHERE scan_hash = $1 AND state = 'pending' AND expires_at > $4",
        )
        .bind(scan_hash)
        .bind(state.as_str())
        .bind(user.to_string())
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Spends a confirmed sign-in and signs the asking device in, both or neither. `false` when
    /// somebody was faster.
    pub async fn spend(
        &self,
        poll_hash: &str,
        session: &DeviceSession,
        token_hash: &str,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query(
            "UPDATE qr_logins SET state = 'spent' WHERE poll_hash = $1 AND state = 'confirmed' AND user_id = $2",
        )
        .bind(poll_hash)
        .bind(session.user.to_string())
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        devices::open(&mut tx, session, token_hash, "qr").await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn qr_login(row: &AnyRow) -> Result<QrLogin, StoreError> {
    let state = match row.try_get::<&str, _>("state")? {
        "pending" => QrState::Pending,
        "confirmed" => QrState::Confirmed,
        "rejected" => QrState::Rejected,
        "spent" => QrState::Spent,
        _ => return Err(StoreError::Corrupt("column state".into())),
    };
    Ok(QrLogin {
        state,
        user: optional_text(row, "user_id")?,
        asker_hash: row.try_get("asker_hash")?,
        origin: devices::origin(row)?,
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
    })
}
