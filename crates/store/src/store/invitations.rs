//! Invitations into a studio's team. Each works once.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{Store, StoreError, mails, micros, optional_text, optional_time, text, time, users};
use crate::domain::{Email, InvitationId, Mail, Role, StudioId, User, UserId};

pub struct InvitationRows<'a>(pub(super) &'a Store);

#[derive(Debug, Clone)]
pub struct Invitation {
    pub id: InvitationId,
    pub studio: StudioId,
    /// Where it was mailed.
    pub email: Option<Email>,
    pub role: Role,
    /// Until then whoever accepts it belongs to the studio.
    pub member_until: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// Who accepts an invitation.
#[derive(Debug)]
pub enum Joining<'a> {
    /// Somebody new, with the hash of their password.
    New(&'a User, &'a str),
    /// Somebody with an account, who has this role from now on.
    Known(UserId, Role),
}

impl InvitationRows<'_> {
    pub async fn put(
        &self,
        invitation: &Invitation,
        token_hash: &str,
        mails: &[Mail],
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO invitations (id, token_hash, studio_id, email, role, member_until, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(invitation.id.to_string())
        .bind(token_hash)
        .bind(invitation.studio.to_string())
        .bind(invitation.email.as_ref().map(Email::as_str))
        .bind(invitation.role.as_str())
        .bind(invitation.member_until.map(micros))
        .bind(micros(invitation.created_at))
        .bind(micros(invitation.expires_at))
        .execute(&mut *tx)
        .await?;
        mails::enqueue(&mut tx, mails, invitation.created_at).await?;
        Ok(tx.commit().await?)
    }

    /// Those of a studio that can be accepted, newest first.
    pub async fn list(&self, studio: StudioId, now: DateTime<Utc>) -> Result<Vec<Invitation>, StoreError> {
        sqlx::query(
            "SELECT * FROM invitations WHERE studio_id = $1 AND expires_at > $2 ORDER BY created_at DESC, id",
        )
        .bind(studio.to_string())
        .bind(micros(now))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(invitation)
        .collect()
    }

    /// `false` when the studio has no such invitation.
    pub async fn withdraw(&self, studio: StudioId, id: InvitationId) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query("DELETE FROM invitations WHERE studio_id = $1 AND id = $2")
            .bind(studio.to_string())
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// The invitation behind a link, with the name of its studio.
    pub async fn find(
        &self,
        token_hash: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(Invitation, String)>, StoreError> {
        sqlx::query(
            "SELECT i.*, s.name AS studio_name FROM invitations i JOIN studios s ON s.id = i.studio_id \
             WHERE i.token_hash = $1 AND i.expires_at > $2",
        )
        .bind(token_hash)
        .bind(micros(now))
        .fetch_optional(&self.0.reads)
        .await?
        .map(|row| Ok((invitation(&row)?, row.try_get("studio_name")?)))
        .transpose()
    }

    /// Spends an invitation: whoever joins belongs to its studio. `false` when it was spent or withdrawn meanwhile.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a new user's address is taken.
    pub async fn accept(
        &self,
        of: &Invitation,
        joining: Joining<'_>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let spent = sqlx::query("DELETE FROM invitations WHERE id = $1")
            .bind(of.id.to_string())
            .execute(&mut *tx)
            .await?;
        if spent.rows_affected() != 1 {
            return Ok(false);
        }
        let user = match joining {
            Joining::New(user, password_hash) => {
                users::insert(&mut tx, user, password_hash, &[]).await?;
                user.id
            }
            Joining::Known(user, role) => {
                set_role(&mut tx, user, role, now).await?;
                user
            }
        };
        sqlx::query(
            "INSERT INTO studio_members (studio_id, user_id, ends_at) VALUES ($1, $2, $3) \
             ON CONFLICT (studio_id, user_id) DO UPDATE SET ends_at = excluded.ends_at",
        )
        .bind(of.studio.to_string())
        .bind(user.to_string())
        .bind(of.member_until.map(micros))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }
}

async fn set_role(
    tx: &mut Transaction<'static, Any>,
    user: UserId,
    role: Role,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET role = $2, updated_at = $3 WHERE id = $1")
        .bind(user.to_string())
        .bind(role.as_str())
        .bind(micros(now))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

fn invitation(row: &AnyRow) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: text(row, "id")?,
        studio: text(row, "studio_id")?,
        email: optional_text(row, "email")?,
        role: text(row, "role")?,
        member_until: optional_time(row, "member_until")?,
        created_at: time(row, "created_at")?,
        expires_at: time(row, "expires_at")?,
    })
}
