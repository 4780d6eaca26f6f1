//! Another password for somebody who has lost theirs: by mail, or by a link that an admin hands over.
//!
//! The link works once and for half an hour; a later one replaces it, and so does any other change of the password.
//! Whoever uses it is signed out everywhere, their keys end, and a mail tells them. Asking for a mail is answered in the
//! same way, and after the same work, whether there is such an account or not.

use chrono::TimeDelta;

use super::{AccountError, Accounts, Client, login, mails};
use crate::{
    domain::{Language, User},
    secrets,
};

/// How long the link works.
const LIFE: TimeDelta = TimeDelta::minutes(30);
/// The page that asks for a link, and that a link leads to.
const PAGE: &str = "reset";

impl Accounts {
    /// Has a link mailed to whoever signs in so, if anybody does.
    ///
    /// # Errors
    /// `MailOff`, `TooManyAttempts`.
    pub async fn ask_reset(
        &self,
        name: &str,
        language: Language,
        client: &Client,
    ) -> Result<(), AccountError> {
        if !self.outgoing.postbox.enabled() {
            return Err(AccountError::MailOff);
        }
        let login = login(name).ok();
        let whose = login.as_ref().map_or_else(|| name.trim().to_lowercase(), |login| format!("{login:?}"));
        self.throttle.reset(&whose, client.ip)?;
        // Nobody signs in with what is no address and no number, whoever asks.
        let Some(login) = login else { return Ok(()) };
        let (token, now) = (secrets::generate(), self.now());
        let link = self.outgoing.link(PAGE, &token);
        let mail = |to| mails::reset(to, language, &link);
        self.store.users().ask_reset(&login, &secrets::hash(&token), mail, now, now + LIFE).await?;
        self.outgoing.postbox.wake();
        Ok(())
    }

    /// A link for somebody, to be handed over. As an operator asks.
    ///
    /// # Errors
    /// `UserNotFound`, also for somebody who is kept out.
    pub async fn reset_link(&self, login_name: &str) -> Result<String, AccountError> {
        self.reset_link_for(&self.find(login_name).await?).await
    }

    pub(super) async fn reset_link_for(&self, user: &User) -> Result<String, AccountError> {
        if user.disabled {
            return Err(AccountError::UserNotFound);
        }
        let (token, now) = (secrets::generate(), self.now());
        self.store.users().put_reset(user.id, &secrets::hash(&token), now, now + LIFE).await?;
        Ok(self.outgoing.link(PAGE, &token))
    }

    /// Spends the link. Every device is signed out, and every key ends.
    ///
    /// # Errors
    /// `ResetLinkInvalid`, `WeakPassword` (the link stays good), `TooManyAttempts`.
    pub async fn reset_by_link(
        &self,
        token: &str,
        password: &str,
        language: Language,
        client: &Client,
    ) -> Result<(), AccountError> {
        self.throttle.address(client.ip)?;
        let token_hash = secrets::hash(token);
        let user = self.store.users().reset_of(&token_hash, self.now()).await?;
        let user = user.ok_or(AccountError::ResetLinkInvalid)?;
        let hash = self.new_password(password, &user).await?;
        let told = self.password_changed(&user, Some(language));
        if !self.store.users().reset(&token_hash, &hash, &told, self.now()).await? {
            return Err(AccountError::ResetLinkInvalid);
        }
        self.outgoing.postbox.wake();
        Ok(())
    }

    /// What tells a user that their password has changed.
    pub(super) fn password_changed(
        &self,
        user: &User,
        language: Option<Language>,
    ) -> Vec<crate::domain::Mail> {
        let page = format!("{}/{PAGE}", self.outgoing.public_url);
        self.outgoing.to(user, |to| mails::password_changed(to, language, &page))
    }
}
