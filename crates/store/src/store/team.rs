//! Who works in a studio and until when, and who takes part in a session beside its photographer.

use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction, any::AnyRow};

use super::{Store, StoreError, api_keys, devices, micros, optional_time, text, unsigned, users};
use crate::domain::{PhotoSessionId, Role, StudioId, User, UserId};

pub struct TeamRows<'a>(pub(super) &'a Store);

#[derive(Debug, Clone)]
pub struct Member {
    pub user: User,
    /// From then on they do not belong to the studio any more.
    pub ends_at: Option<DateTime<Utc>>,
    pub last_activity_at: Option<DateTime<Utc>>,
    /// Sessions of this studio whose photographer they are.
    pub sessions: u64,
}

/// A change of a member; a field that is `None` stays as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct MemberChange {
    pub role: Option<Role>,
    pub disabled: Option<bool>,
    pub ends_at: Option<Option<DateTime<Utc>>>,
}

/// What became of a change of somebody's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberChanged {
    Done,
    NotFound,
    /// Nobody else runs the installation.
    LastOwner,
}

const MEMBERS: &str = "SELECT u.*, m.ends_at AS member_ends_at, \
    (SELECT MAX(d.last_activity_at) FROM device_sessions d WHERE d.user_id = u.id) AS last_activity_at, \
    (SELECT COUNT(*) FROM photo_sessions s WHERE s.studio_id = m.studio_id AND s.photographer_id = u.id) AS sessions \
    FROM studio_members m JOIN users u ON u.id = m.user_id WHERE m.studio_id = $1";

impl TeamRows<'_> {
    /// The members of a studio by name, also those whose time is over.
    pub async fn members(&self, studio: StudioId) -> Result<Vec<Member>, StoreError> {
        sqlx::query(sqlx::AssertSqlSafe(format!("{MEMBERS} ORDER BY u.name, u.id")))
            .bind(studio.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(member)
            .collect()
    }

    pub async fn member(&self, studio: StudioId, user: UserId) -> Result<Option<Member>, StoreError> {
        sqlx::query(sqlx::AssertSqlSafe(format!("{MEMBERS} AND u.id = $2")))
            .bind(studio.to_string())
            .bind(user.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .as_ref()
            .map(member)
            .transpose()
    }

    /// Changes a member of a studio. Whoever is kept out or let in again loses devices and keys.
    pub async fn change(
        &self,
        studio: StudioId,
        user: UserId,
        change: MemberChange,
        now: DateTime<Utc>,
    ) -> Result<MemberChanged, StoreError> {
        let mut tx = self.0.write().await?;
        let gives_up =
            change.disabled == Some(true) || change.role.is_some_and(|role| role != Role::SuperAdmin);
        if gives_up && is_last_owner(&mut tx, user).await? {
            return Ok(MemberChanged::LastOwner);
        }
        if let Some(ends_at) = change.ends_at {
            sqlx::query("UPDATE studio_members SET ends_at = $3 WHERE studio_id = $1 AND user_id = $2")
                .bind(studio.to_string())
                .bind(user.to_string())
                .bind(ends_at.map(micros))
                .execute(&mut *tx)
                .await?;
        }
        if let Some(role) = change.role {
            sqlx::query("UPDATE users SET role = $2, updated_at = $3 WHERE id = $1")
                .bind(user.to_string())
                .bind(role.as_str())
                .bind(micros(now))
                .execute(&mut *tx)
                .await?;
        }
        if let Some(disabled) = change.disabled {
            set_disabled(&mut tx, user, disabled, now).await?;
        }
        tx.commit().await?;
        Ok(MemberChanged::Done)
    }

    /// Takes somebody out of a studio. Its sessions that were theirs are `heir`'s, or the admins' alone; its cameras'
    /// sign-ins that they know end, and so do their devices.
    pub async fn remove(
        &self,
        studio: StudioId,
        user: UserId,
        heir: Option<UserId>,
        now: DateTime<Utc>,
    ) -> Result<MemberChanged, StoreError> {
        let mut tx = self.0.write().await?;
        if is_last_owner(&mut tx, user).await? {
            return Ok(MemberChanged::LastOwner);
        }
        let gone = sqlx::query("DELETE FROM studio_members WHERE studio_id = $1 AND user_id = $2")
            .bind(studio.to_string())
            .bind(user.to_string())
            .execute(&mut *tx)
            .await?;
        if gone.rows_affected() != 1 {
            return Ok(MemberChanged::NotFound);
        }
        let took_part = "SELECT id FROM photo_sessions s WHERE s.studio_id = $1 AND (s.photographer_id = $2 \
                         OR s.id IN (SELECT photo_session_id FROM session_photographers WHERE user_id = $2))";
        for sql in [
            format!("DELETE FROM ftp_accounts WHERE photo_session_id IN ({took_part})"),
            format!(
                "DELETE FROM session_photographers WHERE user_id = $2 AND photo_session_id IN ({took_part})"
            ),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(studio.to_string())
                .bind(user.to_string())
                .execute(&mut *tx)
                .await?;
        }
        let heir = heir.map(|id| id.to_string());
        sqlx::query(
            "UPDATE photo_sessions SET photographer_id = $3, updated_at = $4 \
             WHERE studio_id = $1 AND photographer_id = $2",
        )
        .bind(studio.to_string())
        .bind(user.to_string())
        .bind(heir.as_deref())
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE shop_orders SET photographer_id = $3 WHERE studio_id = $1 AND photographer_id = $2",
        )
        .bind(studio.to_string())
        .bind(user.to_string())
        .bind(heir.as_deref())
        .execute(&mut *tx)
        .await?;
        devices::end_others(&mut tx, user, None).await?;
        tx.commit().await?;
        Ok(MemberChanged::Done)
    }

    /// Those who take part in a session beside its photographer.
    pub async fn photographers(&self, session: PhotoSessionId) -> Result<Vec<UserId>, StoreError> {
        sqlx::query("SELECT user_id FROM session_photographers WHERE photo_session_id = $1 ORDER BY user_id")
            .bind(session.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| text(row, "user_id"))
            .collect()
    }

    /// Sets who takes part in a session beside its photographer.
    pub async fn set_photographers(
        &self,
        session: PhotoSessionId,
        photographers: &[UserId],
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM session_photographers WHERE photo_session_id = $1")
            .bind(session.to_string())
            .execute(&mut *tx)
            .await?;
        for user in photographers {
            sqlx::query("INSERT INTO session_photographers (photo_session_id, user_id) VALUES ($1, $2)")
                .bind(session.to_string())
                .bind(user.to_string())
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// The sessions in which somebody takes part beside their photographers.
    pub(super) async fn sessions_of(&self, user: UserId) -> Result<Vec<PhotoSessionId>, StoreError> {
        sqlx::query("SELECT photo_session_id FROM session_photographers WHERE user_id = $1")
            .bind(user.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| text(row, "photo_session_id"))
            .collect()
    }
}

/// Whether a user runs the installation and nobody else does. Inside a transaction that writes, so that two who take each
/// other out at once do not both succeed.
async fn is_last_owner(tx: &mut Transaction<'static, Any>, user: UserId) -> Result<bool, StoreError> {
    let owners = sqlx::query("SELECT id FROM users WHERE role = $1 AND disabled = 0")
        .bind(Role::SuperAdmin.as_str())
        .fetch_all(&mut **tx)
        .await?;
    let owners = owners.iter().map(|row| text(row, "id")).collect::<Result<Vec<UserId>, _>>()?;
    Ok(owners == [user])
}

/// Keeps somebody out or lets them in again. Either way their devices are signed out and their keys end: whoever is let
/// in again may not be the only one who has them.
async fn set_disabled(
    tx: &mut Transaction<'static, Any>,
    user: UserId,
    disabled: bool,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE users SET disabled = $2, updated_at = $3 WHERE id = $1")
        .bind(user.to_string())
        .bind(i64::from(disabled))
        .bind(micros(now))
        .execute(&mut **tx)
        .await?;
    devices::end_others(tx, user, None).await?;
    api_keys::revoke_all(tx, user).await?;
    Ok(())
}

impl users::UserRows<'_> {
    /// Keeps somebody out or lets them in again, all of it or nothing.
    pub async fn set_disabled(
        &self,
        user: UserId,
        disabled: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        set_disabled(&mut tx, user, disabled, now).await?;
        Ok(tx.commit().await?)
    }
}

fn member(row: &AnyRow) -> Result<Member, StoreError> {
    Ok(Member {
        user: users::user(row)?,
        ends_at: optional_time(row, "member_ends_at")?,
        last_activity_at: optional_time(row, "last_activity_at")?,
        sessions: unsigned(row, "sessions")?,
    })
}
