//! Who a camera is.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use unftp_core::auth::{
    AuthenticationError, Authenticator, Credentials, Principal, UserDetail, UserDetailError,
    UserDetailProvider,
};

use super::House;
use crate::accounts::{AccountError, FtpAccount};

/// A camera that has signed in. Its account may be revoked since; each transfer asks.
#[derive(Debug, Clone)]
pub(super) struct Camera(pub(super) FtpAccount);

impl UserDetail for Camera {}

impl fmt::Display for Camera {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.login)
    }
}

#[derive(Debug)]
pub(super) struct SignIn(pub(super) Arc<House>);

#[async_trait]
impl Authenticator for SignIn {
    async fn authenticate(
        &self,
        login: &str,
        credentials: &Credentials,
    ) -> Result<Principal, AuthenticationError> {
        // Nobody closes the semaphore.
        let _held = self.0.signing_in.acquire().await;
        let password = credentials.password.as_deref().ok_or(AuthenticationError::BadPassword)?;
        let signed_in = self.0.services.accounts.sign_in_camera(login, password, credentials.source_ip).await;
        let account = signed_in.map_err(|error| match error {
            AccountError::InvalidCredentials => AuthenticationError::BadPassword,
            AccountError::TooManyAttempts(_) => {
                tracing::warn!("a camera is kept out: too many wrong passwords from its network");
                AuthenticationError::IpDisallowed
            }
            other => {
                tracing::warn!(error = %other, "a camera could not sign in");
                AuthenticationError::new("unavailable")
            }
        })?;
        if !self.0.takes_photos(&account).await {
            return Err(AuthenticationError::BadUser);
        }
        Ok(Principal { username: account.login })
    }
}

#[async_trait]
impl UserDetailProvider for SignIn {
    type User = Camera;

    async fn provide_user_detail(&self, principal: &Principal) -> Result<Camera, UserDetailError> {
        let account = self.0.services.accounts.camera_of(&principal.username).await;
        let account = account.map_err(|_| UserDetailError::new("unavailable"))?;
        let missing = || UserDetailError::UserNotFound { username: principal.username.clone() };
        account.map(Camera).ok_or_else(missing)
    }
}

impl House {
    /// Whether the session of an account takes photos now: it is there, and not archived.
    pub(super) async fn takes_photos(&self, account: &FtpAccount) -> bool {
        match self.services.sessions.get(account.session).await {
            Ok(session) => !session.is_archived(),
            Err(error) => {
                tracing::info!(%error, session = %account.session, "a camera's session does not answer");
                false
            }
        }
    }
}
