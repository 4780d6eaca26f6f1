//! Links by which somebody chooses another password: one for each user, good once.

use chrono::{DateTime, Utc};
use sqlx::{Any, AnyConnection, Transaction};

use super::{
    StoreError, api_keys, devices, mails, micros,
    users::{self, Login, UserRows},
};
use crate::domain::{Email, Mail, User, UserId};

impl UserRows<'_> {
    /// Puts a link for whoever signs in so, with the mail that brings it, if they have an address to send it to. A row
    /// is written in either case, because the time of a write would tell whether there is such an account.
    pub async fn ask_reset(
        &self,
        login: &Login,
        token_hash: &str,
        mail: impl FnOnce(Email) -> Mail + Send,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        let user = users::by_login(&mut tx, login).await?.filter(|user| !user.disabled);
        let reader = user.and_then(|user| user.email.map(|email| (user.id, email)));
        put(&mut tx, reader.as_ref().map(|(id, _)| *id), token_hash, now, expires_at).await?;
        if let Some((_, email)) = reader {
            mails::enqueue(&mut tx, &[mail(email)], now).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The one link of a user that is valid from now on.
    pub async fn put_reset(
        &self,
        user: UserId,
        token_hash: &str,
        now: DateTime<Utc>,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        put(&mut tx, Some(user), token_hash, now, expires_at).await?;
        Ok(tx.commit().await?)
    }

    /// Whose link it is, while it is valid.
    pub async fn reset_of(&self, token_hash: &str, now: DateTime<Utc>) -> Result<Option<User>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        owner(&mut reading, token_hash, now).await
    }

    /// Spends the link: another password, and every device and key of the user ends. `mails` tell the user. `false`
    /// when the link was wrong, too old or spent.
    pub async fn reset(
        &self,
        token_hash: &str,
        password_hash: &str,
        mails: &[Mail],
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let Some(User { id: user, .. }) = owner(&mut tx, token_hash, now).await? else { return Ok(false) };
        users::write_password(&mut tx, user, password_hash, now).await?;
        devices::end_others(&mut tx, user, None).await?;
        api_keys::revoke_all(&mut tx, user).await?;
        mails::enqueue(&mut tx, mails, now).await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn owner(
    connection: &mut AnyConnection,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Option<User>, StoreError> {
    let row = sqlx::query(
        "SELECT u.* FROM password_resets r JOIN users u ON u.id = r.user_id \
         WHERE r.token_hash = $1 AND r.expires_at > $2 AND u.disabled = 0",
    )
    .bind(token_hash)
    .bind(micros(now))
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(users::user).transpose()
}

async fn put(
    tx: &mut Transaction<'static, Any>,
    user: Option<UserId>,
    token_hash: &str,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let user = user.map(|id| id.to_string());
    sqlx::query("DELETE FROM password_resets WHERE user_id = $1 OR expires_at <= $2")
        .bind(user.as_deref())
        .bind(micros(now))
        .execute(&mut **tx)
        .await?;
    sqlx::query("INSERT INTO password_resets (token_hash, user_id, expires_at) VALUES ($1, $2, $3)")
        .bind(token_hash)
        .bind(user.as_deref())
        .bind(micros(expires_at))
        .execute(&mut **tx)
        .await?;
    Ok(())
}
