//! Another e-mail address: it counts once the link that was mailed there is followed, and the old address is told.

use chrono::TimeDelta;

use super::{AccountError, Accounts, Caller, Client, mails};
use crate::{
    domain::{Email, Language, Mail, User},
    secrets,
    store::EmailChanged,
};

/// How long the link works.
const LIFE: TimeDelta = TimeDelta::hours(24);
const PAGE: &str = "confirm-email";

impl Accounts {
    /// Mails a link to the address that the caller wants to have, who proves with the password that it is them.
    ///
    /// # Errors
    /// `MailOff`, `InvalidCredentials` when the password is wrong, `InvalidEmail`, `LoginTaken`, `TooManyAttempts`.
    pub async fn ask_email(
        &self,
        caller: &Caller,
        password: String,
        email: &str,
        language: Language,
    ) -> Result<(), AccountError> {
        if !self.outgoing.postbox.enabled() {
            return Err(AccountError::MailOff);
        }
        self.prove(caller, password).await?;
        let email: Email = email.parse().map_err(|_| AccountError::InvalidEmail)?;
        self.throttle.mail(email.as_str())?;
        let (token, now) = (secrets::generate(), self.now());
        let mail = mails::confirm_email(email.clone(), language, &self.outgoing.link(PAGE, &token));
        let (users, hash) = (self.store.users(), secrets::hash(&token));
        if !users.ask_email(caller.user, &email, &hash, &mail, now, now + LIFE).await? {
            return Err(AccountError::LoginTaken);
        }
        self.outgoing.postbox.wake();
        Ok(())
    }

    /// The address that waits until its link is followed.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn awaited_email(&self, caller: &Caller) -> Result<Option<Email>, AccountError> {
        Ok(self.store.users().awaited_email(caller.user, self.now()).await?)
    }

    /// Gives up the address that waits; its link leads nowhere.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn cancel_email(&self, caller: &Caller) -> Result<(), AccountError> {
        Ok(self.store.users().cancel_email(caller.user).await?)
    }

    /// Spends the link; returns the address that the account has now.
    ///
    /// # Errors
    /// `EmailLinkInvalid`, `LoginTaken`, `TooManyAttempts`.
    pub async fn confirm_email(
        &self,
        token: &str,
        language: Language,
        client: &Client,
    ) -> Result<Email, AccountError> {
        self.throttle.address(client.ip)?;
        let told = |user: &User, email: &Email| self.email_changed(user, email, Some(language));
        match self.store.users().confirm_email(&secrets::hash(token), told, self.now()).await? {
            EmailChanged::To(email) => {
                self.outgoing.postbox.wake();
                Ok(email)
            }
            EmailChanged::Unknown => Err(AccountError::EmailLinkInvalid),
            EmailChanged::Taken => Err(AccountError::LoginTaken),
        }
    }

    /// Gives somebody another address without asking there. As an operator asks.
    ///
    /// # Errors
    /// `UserNotFound`, `InvalidEmail`, `LoginTaken`.
    pub async fn set_email(&self, login_name: &str, email: &str) -> Result<(), AccountError> {
        let user = self.find(login_name).await?;
        let email: Email = email.parse().map_err(|_| AccountError::InvalidEmail)?;
        let told = self.email_changed(&user, &email, None);
        if self.store.users().set_email(user.id, &email, &told, self.now()).await? {
            Ok(())
        } else {
            Err(AccountError::LoginTaken)
        }
    }

    /// What tells a user at their old address; nothing where it is the same.
    fn email_changed(&self, user: &User, email: &Email, language: Option<Language>) -> Vec<Mail> {
        if user.email.as_ref() == Some(email) {
            return Vec::new();
        }
        self.outgoing.to(user, |to| mails::email_changed(to, language, email))
    }
}
