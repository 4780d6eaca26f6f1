//! The first user, through a link that the operator's terminal shows.

use chrono::TimeDelta;

use super::{AccountError, Accounts, Client, SignedIn, name};
use crate::{
    domain::{Role, User, UserId},
    secrets,
};

/// How long the link works.
const LIFE: TimeDelta = TimeDelta::hours(24);

impl Accounts {
    /// The token of a new set-up link, while nobody has an account; earlier links stop working.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn new_setup_token(&self) -> Result<Option<String>, AccountError> {
        if !self.store.users().none().await? {
            return Ok(None);
        }
        let (token, now) = (secrets::generate(), self.now());
        self.store.users().put_setup_link(&secrets::hash(&token), now, now + LIFE).await?;
        Ok(Some(token))
    }

    /// Makes the super admin and names the studio; the link is spent by that.
    ///
    /// # Errors
    /// `SetupLinkInvalid`, `InvalidEmail`, `InvalidName`, `WeakPassword`, `TooManyAttempts`.
    pub async fn set_up(
        &self,
        token: &str,
        email: &str,
        password: &str,
        user_name: &str,
        studio_name: &str,
        client: &Client,
    ) -> Result<SignedIn, AccountError> {
        self.throttle.address(client.ip)?;
        let now = self.now();
        let token_hash = secrets::hash(token);
        // Before the work of hashing, and before saying anything of the other fields.
        if !self.store.users().setup_link_is_valid(&token_hash, now).await? {
            return Err(AccountError::SetupLinkInvalid);
        }
        let user = User {
            id: UserId::generate(),
            email: Some(email.parse().map_err(|_| AccountError::InvalidEmail)?),
            phone: None,
            name: name(user_name)?,
            role: Role::SuperAdmin,
            disabled: false,
            created_at: now,
        };
        let studio_name = name(studio_name)?;
        let hash = self.new_password(password, &user).await?;
        if !self.store.users().set_up(&token_hash, &user, &hash, &studio_name, now).await? {
            return Err(AccountError::SetupLinkInvalid);
        }
        self.open(user.id, client, "setup").await
    }
}
