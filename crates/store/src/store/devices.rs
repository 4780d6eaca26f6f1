//! Signed-in devices, their refresh tokens, and the history of sign-ins.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Store, StoreError, flag, micros, once, optional_text, text, time};
use crate::domain::{DeviceSessionId, MOST_DEVICES, PhotoSessionId, Role, SignInId, StudioId, User, UserId};

pub struct DeviceRows<'a>(pub(super) &'a Store);

/// Where a request came from, as it is shown to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub ip: String,
    /// `phone`, `tablet`, `computer` or `unknown`.
    pub device: String,
    pub os: Option<String>,
    pub browser: Option<String>,
    /// From the configured place database, or nothing.
    pub location: Option<String>,
}

#[derive(Debug, Clone)]
pub struct DeviceSession {
    pub id: DeviceSessionId,
    pub user: UserId,
    /// The token that a page sends with an unsafe request.
    pub csrf: String,
    pub origin: Origin,
    pub user_agent: String,
    pub created_at: DateTime<Utc>,
    pub last_activity_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A try to sign in.
#[derive(Debug, Clone)]
pub struct SignIn {
    pub id: SignInId,
    pub user: UserId,
    pub at: DateTime<Utc>,
    /// The code of a failure; `None` for a success.
    pub failure: Option<String>,
    /// `password`, `totp`, `recovery_code`, `passkey`, `qr` or `setup`.
    pub method: String,
    pub origin: Origin,
}

/// The user for whom a request acts.
#[derive(Debug, Clone)]
pub struct Actor {
    pub user: User,
    pub studios: Vec<StudioId>,
    /// In which a photographer takes part beside the session's own.
    pub sessions: Vec<PhotoSessionId>,
}

/// The outcome of using a refresh token.
#[derive(Debug)]
pub enum Rotation {
    /// The token was the newest: it is used now, and the new one is stored.
    Rotated(Box<DeviceSession>),
    /// The token had been used before: the device is signed out.
    Reused(UserId),
    /// No such token, or its device has ended.
    Unknown,
}

impl DeviceRows<'_> {
    /// Signs a device in: the session, its first refresh token and the history commit together. Of more
    /// than [`MOST_DEVICES`], the one that was quiet longest goes.
    pub async fn open(
        &self,
        session: &DeviceSession,
        token_hash: &str,
        method: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        open(&mut tx, session, token_hash, method).await?;
        Ok(tx.commit().await?)
    }

    /// Uses up a refresh token and stores its successor.
    pub async fn rotate(
        &self,
        token_hash: &str,
        successor_hash: &str,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<Rotation, StoreError> {
        let mut tx = self.0.write().await?;
        let row = sqlx::query(
            "SELECT d.*, t.used_at FROM refresh_tokens t JOIN device_sessions d ON d.id = t.device_session_id \
             JOIN users u ON u.id = d.user_id WHERE t.token_hash = $1 AND d.expires_at > $2 AND u.disabled = 0",
        )
        .bind(token_hash)
        .bind(micros(now))
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(Rotation::Unknown) };
        let mut session = device_session(&row)?;
        if row.try_get::<Option<i64>, _>("used_at")?.is_some() {
            sqlx::query("DELETE FROM device_sessions WHERE id = $1")
                .bind(session.id.to_string())
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            return Ok(Rotation::Reused(session.user));
        }
        sqlx::query("UPDATE refresh_tokens SET used_at = $2 WHERE token_hash = $1")
            .bind(token_hash)
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        insert_token(&mut tx, session.id, successor_hash, now).await?;
        sqlx::query("UPDATE device_sessions SET last_activity_at = $2, expires_at = $3 WHERE id = $1")
            .bind(session.id.to_string())
            .bind(micros(now))
            .bind(micros(expires_at))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        (session.last_activity_at, session.expires_at) = (now, expires_at);
        Ok(Rotation::Rotated(Box::new(session)))
    }

    /// The device that holds this refresh token, if the token has not been used and both may act now.
    pub async fn holder(
        &self,
        token_hash: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<DeviceSession>, StoreError> {
        sqlx::query(
            "SELECT d.* FROM refresh_tokens t JOIN device_sessions d ON d.id = t.device_session_id \
             JOIN users u ON u.id = d.user_id \
             WHERE t.token_hash = $1 AND t.used_at IS NULL AND d.expires_at > $2 AND u.disabled = 0",
        )
        .bind(token_hash)
        .bind(micros(now))
        .fetch_optional(&self.0.reads)
        .await?
        .as_ref()
        .map(device_session)
        .transpose()
    }

    /// The device and who uses it, if both may act now.
    pub async fn actor(
        &self,
        id: DeviceSessionId,
        now: DateTime<Utc>,
    ) -> Result<Option<(Actor, DeviceSession)>, StoreError> {
        let row = sqlx::query(
            "SELECT d.* FROM device_sessions d JOIN users u ON u.id = d.user_id \
             WHERE d.id = $1 AND d.expires_at > $2 AND u.disabled = 0",
        )
        .bind(id.to_string())
        .bind(micros(now))
        .fetch_optional(&self.0.reads)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let session = device_session(&row)?;
        Ok(self.0.actor(session.user, now).await?.map(|actor| (actor, session)))
    }

    /// Notes that the device was in use.
    pub async fn touch(&self, id: DeviceSessionId, ip: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE device_sessions SET last_activity_at = $2, ip = $3 WHERE id = $1")
            .bind(id.to_string())
            .bind(micros(now))
            .bind(ip)
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The user's devices, the last used first.
    pub async fn list(&self, user: UserId, now: DateTime<Utc>) -> Result<Vec<DeviceSession>, StoreError> {
        sqlx::query(
            "SELECT * FROM device_sessions WHERE user_id = $1 AND expires_at > $2 \
             ORDER BY last_activity_at DESC, id DESC",
        )
        .bind(user.to_string())
        .bind(micros(now))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(device_session)
        .collect()
    }

    /// Signs one device of the user out. `false` when the user has no such device.
    pub async fn end(&self, user: UserId, id: DeviceSessionId) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query("DELETE FROM device_sessions WHERE id = $1 AND user_id = $2")
            .bind(id.to_string())
            .bind(user.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Signs the device of this refresh token out.
    pub async fn end_by_token(&self, token_hash: &str) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "DELETE FROM device_sessions WHERE id IN \
             (SELECT device_session_id FROM refresh_tokens WHERE token_hash = $1)",
        )
        .bind(token_hash)
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Signs all devices of the user out but this one; how many there were.
    pub async fn end_others(&self, user: UserId, keep: Option<DeviceSessionId>) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        let ended = end_others(&mut tx, user, keep).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Notes a failed try of a known user.
    pub async fn record(&self, sign_in: &SignIn) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        insert_sign_in(&mut tx, sign_in).await?;
        Ok(tx.commit().await?)
    }

    /// The user's last tries to sign in, newest first.
    pub async fn history(&self, user: UserId, limit: u32) -> Result<Vec<SignIn>, StoreError> {
        sqlx::query("SELECT * FROM sign_ins WHERE user_id = $1 ORDER BY id DESC LIMIT $2")
            .bind(user.to_string())
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| {
                let success = flag(row, "success")?;
                let reason: Option<String> = row.try_get("reason")?;
                Ok(SignIn {
                    id: text(row, "id")?,
                    user: text(row, "user_id")?,
                    at: time(row, "at")?,
                    failure: if success { None } else { Some(reason.unwrap_or_default()) },
                    method: row.try_get("method")?,
                    origin: origin(row)?,
                })
            })
            .collect()
    }

    /// Removes what has run out: devices, QR codes, links of accounts, remembered answers, and history from before
    /// `history_since`.
    pub async fn sweep(&self, now: DateTime<Utc>, history_since: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for query in [
            "DELETE FROM device_sessions WHERE expires_at <= $1",
            "DELETE FROM qr_logins WHERE expires_at <= $1",
            "DELETE FROM setup_links WHERE expires_at <= $1",
            "DELETE FROM password_resets WHERE expires_at <= $1",
            "DELETE FROM email_changes WHERE expires_at <= $1",
            "DELETE FROM invitations WHERE expires_at <= $1",
            "DELETE FROM passkey_challenges WHERE expires_at <= $1",
        ] {
            sqlx::query(query).bind(micros(now)).execute(&mut *tx).await?;
        }
        once::forget_old(&mut tx, now).await?;
        sqlx::query("DELETE FROM sign_ins WHERE at < $1")
            .bind(micros(history_since))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

impl Store {
    /// The user, unless kept out, with the studios they belong to.
    pub(super) async fn actor(&self, user: UserId, now: DateTime<Utc>) -> Result<Option<Actor>, StoreError> {
        let Some(user) = self.users().get(user).await?.filter(|user| !user.disabled) else { return Ok(None) };
        let studios = self.users().studios_of(user.id, now).await?;
        let studios = studios.into_iter().map(|studio| studio.id).collect();
        let sessions = match user.role {
            Role::Photographer => self.team().sessions_of(user.id).await?,
            _ => Vec::new(),
        };
        Ok(Some(Actor { user, studios, sessions }))
    }
}

/// The write of [`DeviceRows::end_others`], inside a transaction. A QR code that was confirmed and not fetched yet is a
/// device too.
pub(super) async fn end_others(
    tx: &mut Transaction<'static, Any>,
    user: UserId,
    keep: Option<DeviceSessionId>,
) -> Result<u64, StoreError> {
    let done = sqlx::query("DELETE FROM device_sessions WHERE user_id = $1 AND id <> $2")
        .bind(user.to_string())
        .bind(keep.map_or_else(String::new, |id| id.to_string()))
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM qr_logins WHERE user_id = $1 AND state = 'confirmed'")
        .bind(user.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

/// The writes of [`DeviceRows::open`], inside a transaction.
pub(super) async fn open(
    tx: &mut Transaction<'static, Any>,
    session: &DeviceSession,
    token_hash: &str,
    method: &str,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO device_sessions (id, user_id, csrf, ip, user_agent, device, os, browser, location, \
         created_at, last_activity_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(session.id.to_string())
    .bind(session.user.to_string())
    .bind(session.csrf.as_str())
    .bind(session.origin.ip.as_str())
    .bind(session.user_agent.as_str())
    .bind(session.origin.device.as_str())
    .bind(session.origin.os.as_deref())
    .bind(session.origin.browser.as_deref())
    .bind(session.origin.location.as_deref())
    .bind(micros(session.created_at))
    .bind(micros(session.last_activity_at))
    .bind(micros(session.expires_at))
    .execute(&mut **tx)
    .await?;
    insert_token(tx, session.id, token_hash, session.created_at).await?;
    sqlx::query(
        "DELETE FROM device_sessions WHERE user_id = $1 AND id NOT IN (SELECT id FROM device_sessions \
         WHERE user_id = $1 ORDER BY last_activity_at DESC, id DESC LIMIT $2)",
    )
    .bind(session.user.to_string())
    .bind(MOST_DEVICES)
    .execute(&mut **tx)
    .await?;
    let sign_in = SignIn {
        id: SignInId::generate(),
        user: session.user,
        at: session.created_at,
        failure: None,
        method: method.to_owned(),
        origin: session.origin.clone(),
    };
    insert_sign_in(tx, &sign_in).await
}

async fn insert_token(
    tx: &mut Transaction<'static, Any>,
    session: DeviceSessionId,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query("INSERT INTO refresh_tokens (token_hash, device_session_id, created_at) VALUES ($1, $2, $3)")
        .bind(token_hash)
        .bind(session.to_string())
        .bind(micros(now))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn insert_sign_in(tx: &mut Transaction<'static, Any>, sign_in: &SignIn) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO sign_ins (id, user_id, at, success, reason, method, ip, device, os, browser, location) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(sign_in.id.to_string())
    .bind(sign_in.user.to_string())
    .bind(micros(sign_in.at))
    .bind(i64::from(sign_in.failure.is_none()))
    .bind(sign_in.failure.as_deref())
    .bind(sign_in.method.as_str())
    .bind(sign_in.origin.ip.as_str())
    .bind(sign_in.origin.device.as_str())
    .bind(sign_in.origin.os.as_deref())
    .bind(sign_in.origin.browser.as_deref())
    .bind(sign_in.origin.location.as_deref())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) fn origin(row: &AnyRow) -> Result<Origin, StoreError> {
    Ok(Origin {
        ip: row.try_get("ip")?,
        device: row.try_get("device")?,
        os: optional_text(row, "os")?,
        browser: optional_text(row, "browser")?,
        location: optional_text(row, "location")?,
    })
}

fn device_session(row: &AnyRow) -> Result<DeviceSession, StoreError> {
    Ok(DeviceSession {
        id: text(row, "id")?,
        user: text(row, "user_id")?,
        csrf: row.try_get("csrf")?,
        origin: origin(row)?,
        user_agent: row.try_get("user_agent")?,
        created_at: time(row, "created_at")?,
        last_activity_at: time(row, "last_activity_at")?,
        expires_at: time(row, "expires_at")?,
    })
}
