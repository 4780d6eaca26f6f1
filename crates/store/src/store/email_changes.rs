//! New e-mail addresses of users, which count once a link that was mailed there is followed.

use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};

use super::{
    StoreError, mails, micros, text,
    users::{self, Login, UserRows},
};
use crate::domain::{Email, Mail, User, UserId};

/// What became of a link to a new address.
#[derive(Debug)]
pub enum EmailChanged {
    To(Email),
    /// No such link, or its time is over.
    Unknown,
    /// Somebody else has taken the address meanwhile.
    Taken,
}

impl UserRows<'_> {
    /// Puts the one address that a user's link is valid for from now on, with the mail that brings the link. `false`
    /// when the address is somebody else's.
    pub async fn ask_email(
        &self,
        user: UserId,
        email: &Email,
        token_hash: &str,
        mail: &Mail,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        if is_taken(&mut tx, email, user).await? {
            return Ok(false);
        }
        forget(&mut tx, user).await?;
        sqlx::query(
            "INSERT INTO email_changes (user_id, token_hash, email, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(user.to_string())
        .bind(token_hash)
        .bind(email.as_str())
        .bind(micros(expires_at))
        .execute(&mut *tx)
        .await?;
        mails::enqueue(&mut tx, std::slice::from_ref(mail), now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The address that waits to be confirmed.
    pub async fn awaited_email(&self, user: UserId, now: DateTime<Utc>) -> Result<Option<Email>, StoreError> {
        sqlx::query("SELECT email FROM email_changes WHERE user_id = $1 AND expires_at > $2")
            .bind(user.to_string())
            .bind(micros(now))
            .fetch_optional(&self.0.reads)
            .await?
            .map(|row| text(&row, "email"))
            .transpose()
    }

    /// Gives up the address that waits to be confirmed.
    pub async fn cancel_email(&self, user: UserId) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        forget(&mut tx, user).await?;
        Ok(tx.commit().await?)
    }

    /// Spends a link: the user has the new address. `mails` tell the old one.
    pub async fn confirm_email(
        &self,
        token_hash: &str,
        mails: impl FnOnce(&User, &Email) -> Vec<Mail> + Send,
        now: DateTime<Utc>,
    ) -> Result<EmailChanged, StoreError> {
        let mut tx = self.0.write().await?;
        let row = sqlx::query(
            "SELECT u.*, c.email AS new_email FROM email_changes c JOIN users u ON u.id = c.user_id \
             WHERE c.token_hash = $1 AND c.expires_at > $2 AND u.disabled = 0",
        )
        .bind(token_hash)
        .bind(micros(now))
        .fetch_optional(&mut *tx)
        .await?;
        let Some(row) = row else { return Ok(EmailChanged::Unknown) };
        let email: Email = text(&row, "new_email")?;
        let user = users::user(&row)?;
        if is_taken(&mut tx, &email, user.id).await? {
            return Ok(EmailChanged::Taken);
        }
        set(&mut tx, user.id, &email, now).await?;
        mails::enqueue(&mut tx, &mails(&user, &email), now).await?;
        tx.commit().await?;
        Ok(EmailChanged::To(email))
    }

    /// Gives a user an address without asking there. `mails` tell the old one. `false` when it is somebody else's.
    pub async fn set_email(
        &self,
        user: UserId,
        email: &Email,
        mails: &[Mail],
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        if is_taken(&mut tx, email, user).await? {
            return Ok(false);
        }
        set(&mut tx, user, email, now).await?;
        mails::enqueue(&mut tx, mails, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn is_taken(
    tx: &mut Transaction<'static, Any>,
    email: &Email,
    by_other_than: UserId,
) -> Result<bool, StoreError> {
    let holder = users::by_login(tx, &Login::Email(email.clone())).await?;
    Ok(holder.is_some_and(|holder| holder.id != by_other_than))
}

/// Links that were mailed to the address before end with it.
async fn set(
    tx: &mut Transaction<'static, Any>,
    user: UserId,
    email: &Email,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET email = $2, updated_at = $3 WHERE id = $1")
        .bind(user.to_string())
        .bind(email.as_str())
        .bind(micros(now))
        .execute(&mut **tx)
        .await?;
    sqlx::query("DELETE FROM password_resets WHERE user_id = $1")
        .bind(user.to_string())
        .execute(&mut **tx)
        .await?;
    forget(tx, user).await
}

async fn forget(tx: &mut Transaction<'static, Any>, user: UserId) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM email_changes WHERE user_id = $1")
        .bind(user.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}
