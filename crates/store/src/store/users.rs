//! Users, the studios they belong to, and the link that makes the first one.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Store, StoreError, api_keys, devices, flag, mails, micros, optional_text, text, time};
use crate::domain::{DeviceSessionId, Email, Mail, Phone, Studio, StudioId, User, UserId};

pub struct UserRows<'a>(pub(super) &'a Store);

/// How a sign-in names a user.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Login {
    Email(Email),
    Phone(Phone),
}

impl UserRows<'_> {
    /// A new user, a member of these studios.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the e-mail address or the number is taken.
    pub async fn create(
        &self,
        user: &User,
        password_hash: &str,
        studios: &[StudioId],
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        insert(&mut tx, user, password_hash, studios).await?;
        Ok(tx.commit().await?)
    }

    pub async fn get(&self, id: UserId) -> Result<Option<User>, StoreError> {
        let row = sqlx::query("SELECT * FROM users WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| user(&row)).transpose()
    }

    /// Whether there is a user who was not erased.
    pub async fn is_there(&self, id: UserId) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT 1 AS n FROM users WHERE id = $1 AND erased_at IS NULL")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        Ok(row.is_some())
    }

    /// The user with that address or number, and the hash of their password.
    pub async fn find(&self, login: &Login) -> Result<Option<(User, String)>, StoreError> {
        let (query, value) = lookup(login);
        let row = sqlx::query(query).bind(value).fetch_optional(&self.0.reads).await?;
        row.map(|row| Ok((user(&row)?, row.try_get("password_hash")?))).transpose()
    }

    /// Every user, the first made first.
    pub async fn list(&self) -> Result<Vec<User>, StoreError> {
        let rows = sqlx::query("SELECT * FROM users WHERE erased_at IS NULL ORDER BY id")
            .fetch_all(&self.0.reads)
            .await?;
        rows.iter().map(user).collect()
    }

    /// The hash of the user's password.
    pub async fn password_hash(&self, id: UserId) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("SELECT password_hash FROM users WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        Ok(row.map(|row| row.try_get("password_hash")).transpose()?)
    }

    /// Gives the user another password, signs their devices out but `here`, and, unless they are to be kept, ends
    /// their keys: all of it or nothing. `mails` tell the user. Returns how many keys ended.
    pub async fn replace_password(
        &self,
        id: UserId,
        hash: &str,
        here: Option<DeviceSessionId>,
        keep_api_keys: bool,
        mails: &[Mail],
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        write_password(&mut tx, id, hash, now).await?;
        devices::end_others(&mut tx, id, here).await?;
        let revoked = if keep_api_keys { 0 } else { api_keys::revoke_all(&mut tx, id).await? };
        mails::enqueue(&mut tx, mails, now).await?;
        tx.commit().await?;
        Ok(revoked)
    }

    /// The studios that a user belongs to now.
    pub async fn studios_of(&self, id: UserId, now: DateTime<Utc>) -> Result<Vec<Studio>, StoreError> {
        sqlx::query(
            "SELECT s.id, s.name FROM studios s JOIN studio_members m ON m.studio_id = s.id \
             WHERE m.user_id = $1 AND (m.ends_at IS NULL OR m.ends_at > $2) ORDER BY s.created_at, s.id",
        )
        .bind(id.to_string())
        .bind(micros(now))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(|row| Ok(Studio { id: text(row, "id")?, name: row.try_get("name")? }))
        .collect()
    }

    /// Whether nobody has an account yet.
    pub async fn none(&self) -> Result<bool, StoreError> {
        let row = sqlx::query("SELECT id FROM users LIMIT 1").fetch_optional(&self.0.reads).await?;
        Ok(row.is_none())
    }

    /// The one link that is valid from now on; links made before are not any more.
    pub async fn put_setup_link(
        &self,
        token_hash: &str,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM setup_links").execute(&mut *tx).await?;
        sqlx::query("INSERT INTO setup_links (token_hash, created_at, expires_at) VALUES ($1, $2, $3)")
            .bind(token_hash)
            .bind(micros(now))
            .bind(micros(expires_at))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Whether the link would be honoured now.
    pub async fn setup_link_is_valid(
        &self,
        token_hash: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT token_hash FROM setup_links WHERE token_hash = $1 AND expires_at > $2 \
             AND NOT EXISTS (SELECT 1 FROM users)",
        )
        .bind(token_hash)
        .bind(micros(now))
        .fetch_optional(&self.0.reads)
        .await?;
        Ok(row.is_some())
    }

    /// Spends the link and makes the first user, who names the first studio; `false` when the link was
    /// wrong, too old or spent, or somebody has an account already.
    pub async fn set_up(
        &self,
        token_hash: &str,
        first: &User,
        password_hash: &str,
        studio_name: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let spent = sqlx::query(
            "DELETE FROM setup_links WHERE token_hash = $1 AND expires_at > $2 \
             AND NOT EXISTS (SELECT 1 FROM users)",
        )
        .bind(token_hash)
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        if spent.rows_affected() != 1 {
            return Ok(false);
        }
        // Sessions made on the command line before belong to the oldest studio: it gets the name.
        let oldest = sqlx::query("SELECT id FROM studios ORDER BY created_at, id LIMIT 1")
            .fetch_optional(&mut *tx)
            .await?;
        let studio = match oldest {
            Some(row) => {
                let id: StudioId = text(&row, "id")?;
                sqlx::query("UPDATE studios SET name = $2 WHERE id = $1")
                    .bind(id.to_string())
                    .bind(studio_name)
                    .execute(&mut *tx)
                    .await?;
                id
            }
            None => {
                let id = StudioId::generate();
                sqlx::query("INSERT INTO studios (id, name, created_at) VALUES ($1, $2, $3)")
                    .bind(id.to_string())
                    .bind(studio_name)
                    .bind(micros(now))
                    .execute(&mut *tx)
                    .await?;
                id
            }
        };
        insert(&mut tx, first, password_hash, &[studio]).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// Another password; links for one that were made before end.
pub(super) async fn write_password(
    tx: &mut Transaction<'static, Any>,
    id: UserId,
    hash: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET password_hash = $2, updated_at = $3 WHERE id = $1")
        .bind(id.to_string())
        .bind(hash)
        .bind(micros(now))
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM password_resets WHERE user_id = $1")
        .bind(id.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The user with that address or number, inside a transaction.
pub(super) async fn by_login(
    tx: &mut Transaction<'static, Any>,
    login: &Login,
) -> Result<Option<User>, StoreError> {
    let (query, value) = lookup(login);
    sqlx::query(query).bind(value).fetch_optional(&mut **tx).await?.as_ref().map(user).transpose()
}

fn lookup(login: &Login) -> (&'static str, &str) {
    match login {
        Login::Email(email) => ("SELECT * FROM users WHERE email = $1", email.as_str()),
        Login::Phone(phone) => ("SELECT * FROM users WHERE phone = $1", phone.as_str()),
    }
}

pub(super) async fn insert(
    tx: &mut Transaction<'static, Any>,
    user: &User,
    password_hash: &str,
    studios: &[StudioId],
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO users (id, email, phone, name, role, password_hash, disabled, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)",
    )
    .bind(user.id.to_string())
    .bind(user.email.as_ref().map(Email::as_str))
    .bind(user.phone.as_ref().map(Phone::as_str))
    .bind(user.name.as_str())
    .bind(user.role.as_str())
    .bind(password_hash)
    .bind(i64::from(user.disabled))
    .bind(micros(user.created_at))
    .execute(&mut **tx)
    .await?;
    for studio in studios {
        sqlx::query("INSERT INTO studio_members (studio_id, user_id) VALUES ($1, $2)")
            .bind(studio.to_string())
            .bind(user.id.to_string())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

pub(super) fn user(row: &AnyRow) -> Result<User, StoreError> {
    Ok(User {
        id: text(row, "id")?,
        email: optional_text(row, "email")?,
        phone: optional_text(row, "phone")?,
        name: row.try_get("name")?,
        role: text(row, "role")?,
        disabled: flag(row, "disabled")?,
        created_at: time(row, "created_at")?,
    })
}
