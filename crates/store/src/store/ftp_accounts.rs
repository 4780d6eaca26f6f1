//! The sign-ins of cameras that send photos by FTP, one a session.

use chrono::{DateTime, Utc};
use sqlx::{Row, any::AnyRow};

use super::{Store, StoreError, micros, text, time};
use crate::domain::PhotoSessionId;

pub struct FtpAccountRows<'a>(pub(super) &'a Store);

#[derive(Clone, PartialEq, Eq)]
pub struct FtpAccount {
    pub session: PhotoSessionId,
    pub login: String,
    pub password: String,
    pub created_at: DateTime<Utc>,
}

/// Without the password: what is debugged may be logged.
impl std::fmt::Debug for FtpAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("FtpAccount").field(&self.login).finish()
    }
}

impl FtpAccountRows<'_> {
    pub async fn get(&self, session: PhotoSessionId) -> Result<Option<FtpAccount>, StoreError> {
        let row = sqlx::query("SELECT * FROM ftp_accounts WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.as_ref().map(account).transpose()
    }

    pub async fn find(&self, login: &str) -> Result<Option<FtpAccount>, StoreError> {
        let row = sqlx::query("SELECT * FROM ftp_accounts WHERE login = $1")
            .bind(login)
            .fetch_optional(&self.0.reads)
            .await?;
        row.as_ref().map(account).transpose()
    }

    /// In place of the one that the session had.
    pub async fn set(&self, account: &FtpAccount) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO ftp_accounts (photo_session_id, login, password, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (photo_session_id) DO UPDATE SET login = excluded.login, \
             password = excluded.password, created_at = excluded.created_at",
        )
        .bind(account.session.to_string())
        .bind(account.login.as_str())
        .bind(account.password.as_str())
        .bind(micros(account.created_at))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    pub async fn remove(&self, session: PhotoSessionId) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM ftp_accounts WHERE photo_session_id = $1")
            .bind(session.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

fn account(row: &AnyRow) -> Result<FtpAccount, StoreError> {
    Ok(FtpAccount {
        session: text(row, "photo_session_id")?,
        login: row.try_get("login")?,
        password: row.try_get("password")?,
        created_at: time(row, "created_at")?,
    })
}
