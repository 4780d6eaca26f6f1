//! The sign-in of a session's cameras, which can do nothing but send photos into it.

use std::net::IpAddr;

use super::{AccountError, Accounts};
use crate::{domain::PhotoSessionId, secrets, store::FtpAccount};

/// Characters of a password; 59 bits.
const PASSWORD: usize = 12;
const LOGIN: usize = 8;

impl Accounts {
    /// The sign-in of a session's cameras, if it has one.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn camera_account(&self, session: PhotoSessionId) -> Result<Option<FtpAccount>, AccountError> {
        Ok(self.store.ftp_accounts().get(session).await?)
    }

    /// Gives a session's cameras another sign-in; the one before ends at once.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn renew_camera_account(&self, session: PhotoSessionId) -> Result<FtpAccount, AccountError> {
        let account = FtpAccount {
            session,
            login: format!("px{}", secrets::to_type_in(LOGIN)),
            password: secrets::to_type_in(PASSWORD),
            created_at: self.now(),
        };
        self.store.ftp_accounts().set(&account).await?;
        Ok(account)
    }

    /// Ends the sign-in of a session's cameras, also for those that are signed in.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn revoke_camera_account(&self, session: PhotoSessionId) -> Result<(), AccountError> {
        Ok(self.store.ftp_accounts().remove(session).await?)
    }

    /// The account of a camera that signs in.
    ///
    /// # Errors
    /// `InvalidCredentials`, `TooManyAttempts`, `StoreError`.
    pub async fn sign_in_camera(
        &self,
        login: &str,
        password: &str,
        ip: IpAddr,
    ) -> Result<FtpAccount, AccountError> {
        let counted = self.throttle.camera(login, ip)?;
        let account = self.store.ftp_accounts().find(login).await?;
        // Hashes: how long the comparison takes says nothing about the password.
        let account = account.filter(|known| secrets::hash(&known.password) == secrets::hash(password));
        let account = account.ok_or(AccountError::InvalidCredentials)?;
        counted.succeeded();
        Ok(account)
    }

    /// The account with that login.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn camera_of(&self, login: &str) -> Result<Option<FtpAccount>, AccountError> {
        Ok(self.store.ftp_accounts().find(login).await?)
    }

    /// Whether a camera that signed in earlier would still be let in.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn is_camera_account(&self, account: &FtpAccount) -> Result<bool, AccountError> {
        Ok(self.camera_of(&account.login).await?.as_ref() == Some(account))
    }
}
