//! The second step of signing in: authenticator apps, recovery codes, passkeys.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Store, StoreError, flag, mails, micros, optional_text, optional_time, text, time, unsigned};
use crate::domain::{Mail, PasskeyId, UserId};

pub struct TwoStepRows<'a>(pub(super) &'a Store);

/// An authenticator app.
#[derive(Clone)]
pub struct Authenticator {
    /// As it is stored.
    pub sealed_secret: String,
    /// Whether a code has proved that the app has the secret.
    pub confirmed: bool,
}

/// Without the secret: what is debugged may be logged.
impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authenticator").field("confirmed", &self.confirmed).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone)]
pub struct PasskeyRow {
    pub id: PasskeyId,
    pub user: UserId,
    pub name: String,
    /// base64url.
    pub credential_id: String,
    /// COSE, base64url.
    pub public_key: String,
    pub sign_count: u32,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What a browser was asked to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Challenge {
    /// Who registers a passkey, or has given their password before.
    pub user: Option<UserId>,
    pub registers: bool,
}

/// What a user has of the second step.
#[derive(Debug, Clone)]
pub struct TwoStepState {
    pub has_app: bool,
    pub recovery_codes: u64,
    pub passkeys: Vec<PasskeyRow>,
}

impl TwoStepState {
    /// Whether a password alone signs nobody in.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.has_app || !self.passkeys.is_empty()
    }
}

/// What is written when somebody gets a first or another way for the second step.
pub struct Granted<'a> {
    /// Hashes of recovery codes for a user who has none, because the second step begins with this.
    pub recovery_hashes: &'a [String],
    pub mails: &'a [Mail],
    pub now: DateTime<Utc>,
}

impl TwoStepRows<'_> {
    pub async fn state(&self, user: UserId) -> Result<TwoStepState, StoreError> {
        let authenticator = self.authenticator(user).await?;
        let row = sqlx::query("SELECT COUNT(*) AS n FROM recovery_codes WHERE user_id = $1")
            .bind(user.to_string())
            .fetch_one(&self.0.reads)
            .await?;
        Ok(TwoStepState {
            has_app: authenticator.is_some_and(|it| it.confirmed),
            recovery_codes: unsigned(&row, "n")?,
            passkeys: self.passkeys(user).await?,
        })
    }

    pub async fn authenticator(&self, user: UserId) -> Result<Option<Authenticator>, StoreError> {
        sqlx::query("SELECT * FROM authenticators WHERE user_id = $1")
            .bind(user.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .map(|row| {
                Ok(Authenticator {
                    sealed_secret: row.try_get("secret")?,
                    confirmed: flag(&row, "confirmed")?,
                })
            })
            .transpose()
    }

    /// Puts the secret of an app that has to prove itself. `false` when the user has an app that has.
    pub async fn put_authenticator(
        &self,
        user: UserId,
        sealed_secret: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query(
            "INSERT INTO authenticators (user_id, secret, confirmed, last_step, created_at) \
             VALUES ($1, $2, 0, 0, $3) ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, \
             last_step = 0, created_at = excluded.created_at WHERE authenticators.confirmed = 0",
        )
        .bind(user.to_string())
        .bind(sealed_secret)
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that an app has proved itself by the code of a step. `false` when it had, or is another one by now.
    pub async fn confirm_authenticator(
        &self,
        user: UserId,
        sealed_secret: &str,
        step: u64,
        granted: Granted<'_>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query(
            "UPDATE authenticators SET confirmed = 1, last_step = $3 \
             WHERE user_id = $1 AND secret = $2 AND confirmed = 0",
        )
        .bind(user.to_string())
        .bind(sealed_secret)
        .bind(i64::try_from(step).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        grant(&mut tx, user, &granted).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Uses up the code of a step, and of all before it. `false` when it was used.
    pub async fn use_step(&self, user: UserId, step: u64) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query(
            "UPDATE authenticators SET last_step = $2 WHERE user_id = $1 AND confirmed = 1 AND last_step < $2",
        )
        .bind(user.to_string())
        .bind(i64::try_from(step).unwrap_or(i64::MAX))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Uses up a recovery code. `false` when the user has no such code.
    pub async fn use_recovery_code(&self, user: UserId, code_hash: &str) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1 AND code_hash = $2")
            .bind(user.to_string())
            .bind(code_hash)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Gives a user other recovery codes; those before end.
    pub async fn replace_recovery_codes(&self, user: UserId, hashes: &[String]) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        put_recovery_codes(&mut tx, user, hashes).await?;
        Ok(tx.commit().await?)
    }

    pub async fn passkeys(&self, user: UserId) -> Result<Vec<PasskeyRow>, StoreError> {
        sqlx::query("SELECT * FROM passkeys WHERE user_id = $1 ORDER BY created_at, id")
            .bind(user.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(passkey)
            .collect()
    }

    pub async fn passkey(&self, credential_id: &str) -> Result<Option<PasskeyRow>, StoreError> {
        sqlx::query("SELECT * FROM passkeys WHERE credential_id = $1")
            .bind(credential_id)
            .fetch_optional(&self.0.reads)
            .await?
            .as_ref()
            .map(passkey)
            .transpose()
    }

    /// # Errors
    /// [`StoreError::Conflict`] when the passkey is registered already.
    pub async fn add_passkey(&self, new: &PasskeyRow, granted: Granted<'_>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO passkeys (id, user_id, name, credential_id, public_key, sign_count, created_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(new.id.to_string())
        .bind(new.user.to_string())
        .bind(new.name.as_str())
        .bind(new.credential_id.as_str())
        .bind(new.public_key.as_str())
        .bind(i64::from(new.sign_count))
        .bind(micros(new.created_at))
        .execute(&mut *tx)
        .await?;
        grant(&mut tx, new.user, &granted).await?;
        Ok(tx.commit().await?)
    }

    /// Notes that a passkey was used. `false` when its counter has not grown since: it was copied.
    pub async fn use_passkey(
        &self,
        id: PasskeyId,
        sign_count: u32,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query(
            "UPDATE passkeys SET sign_count = $2, last_used_at = $3 \
             WHERE id = $1 AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0))",
        )
        .bind(id.to_string())
        .bind(i64::from(sign_count))
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes a user's app, or one of their passkeys. The recovery codes end with the last way for the second step.
    /// `false` when there is none.
    pub async fn remove(
        &self,
        user: UserId,
        passkey: Option<PasskeyId>,
        mails: &[Mail],
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let query = match passkey {
            None => sqlx::query("DELETE FROM authenticators WHERE user_id = $1"),
            Some(_) => sqlx::query("DELETE FROM passkeys WHERE user_id = $1 AND id = $2"),
        };
        let query = query.bind(user.to_string());
        let query = match passkey {
            None => query,
            Some(id) => query.bind(id.to_string()),
        };
        if query.execute(&mut *tx).await?.rows_affected() != 1 {
            return Ok(false);
        }
        sqlx::query(
            "DELETE FROM recovery_codes WHERE user_id = $1 \
             AND NOT EXISTS (SELECT 1 FROM passkeys WHERE user_id = $1) \
             AND NOT EXISTS (SELECT 1 FROM authenticators WHERE user_id = $1 AND confirmed = 1)",
        )
        .bind(user.to_string())
        .execute(&mut *tx)
        .await?;
        mails::enqueue(&mut tx, mails, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes the second step away whole, for somebody who has lost all of it.
    pub async fn remove_all(
        &self,
        user: UserId,
        mails: &[Mail],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for sql in [
            "DELETE FROM authenticators WHERE user_id = $1",
            "DELETE FROM passkeys WHERE user_id = $1",
            "DELETE FROM recovery_codes WHERE user_id = $1",
        ] {
            sqlx::query(sql).bind(user.to_string()).execute(&mut *tx).await?;
        }
        mails::enqueue(&mut tx, mails, now).await?;
        Ok(tx.commit().await?)
    }

    pub async fn put_challenge(
        &self,
        challenge_hash: &str,
        of: Challenge,
        expires_at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO passkey_challenges (challenge_hash, user_id, registers, expires_at) \
             VALUES ($1, $2, $3, $4)",
        )
        .bind(challenge_hash)
        .bind(of.user.map(|id| id.to_string()))
        .bind(i64::from(of.registers))
        .bind(micros(expires_at))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// Takes a challenge out: it is answered once.
    pub async fn take_challenge(
        &self,
        challenge_hash: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Challenge>, StoreError> {
        let mut tx = self.0.write().await?;
        let row =
            sqlx::query("SELECT * FROM passkey_challenges WHERE challenge_hash = $1 AND expires_at > $2")
                .bind(challenge_hash)
                .bind(micros(now))
                .fetch_optional(&mut *tx)
                .await?;
        let Some(row) = row else { return Ok(None) };
        let challenge =
            Challenge { user: optional_text(&row, "user_id")?, registers: flag(&row, "registers")? };
        sqlx::query("DELETE FROM passkey_challenges WHERE challenge_hash = $1")
            .bind(challenge_hash)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Some(challenge))
    }
}

async fn grant(
    tx: &mut Transaction<'static, Any>,
    user: UserId,
    granted: &Granted<'_>,
) -> Result<(), StoreError> {
    if !granted.recovery_hashes.is_empty() {
        put_recovery_codes(tx, user, granted.recovery_hashes).await?;
    }
    mails::enqueue(tx, granted.mails, granted.now).await
}

async fn put_recovery_codes(
    tx: &mut Transaction<'static, Any>,
    user: UserId,
    hashes: &[String],
) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
        .bind(user.to_string())
        .execute(&mut **tx)
        .await?;
    for hash in hashes {
        sqlx::query("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)")
            .bind(user.to_string())
            .bind(hash.as_str())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

fn passkey(row: &AnyRow) -> Result<PasskeyRow, StoreError> {
    Ok(PasskeyRow {
        id: text(row, "id")?,
        user: text(row, "user_id")?,
        name: row.try_get("name")?,
        credential_id: row.try_get("credential_id")?,
        public_key: row.try_get("public_key")?,
        sign_count: unsigned::<i64>(row, "sign_count")?.try_into().unwrap_or(u32::MAX),
        created_at: time(row, "created_at")?,
        last_used_at: optional_time(row, "last_used_at")?,
    })
}
