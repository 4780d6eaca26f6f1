//! Invitations into a studio's team: by mail, or by a link that is handed over. Each works once, for a week.
//!
//! Whoever has no account makes one with it. Whoever has one joins with its password: the address alone proves nothing.

use chrono::{DateTime, TimeDelta, Utc};

use super::{AccountError, Accounts, Caller, Client, mails, name, team};
use crate::{
    domain::{Email, InvitationId, Language, Role, StudioId, User, UserId},
    secrets,
    store::{Invitation, Joining, Login, StoreError},
};

/// How long an invitation can be accepted.
const LIFE: TimeDelta = TimeDelta::days(7);
const PAGE: &str = "join";

/// The data of a new invitation.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    /// Where it is mailed; without one the link is handed over.
    pub email: Option<String>,
    pub role: Role,
    /// When whoever accepts it leaves the studio again.
    pub member_until: Option<DateTime<Utc>>,
    pub language: Language,
}

/// Somebody who accepts an invitation.
#[derive(Debug)]
pub struct Guestbook {
    pub email: String,
    /// Of somebody new.
    pub name: String,
    pub password: String,
}

impl Accounts {
    /// The invitations of a studio that wait to be accepted.
    ///
    /// # Errors
    /// `StudioNotFound`.
    pub async fn invitations(
        &self,
        caller: &Caller,
        studio: StudioId,
    ) -> Result<Vec<Invitation>, AccountError> {
        team::check_studio(caller, studio)?;
        Ok(self.store.invitations().list(studio, self.now()).await?)
    }

    /// Invites somebody; returns the link as well, which is shown this once.
    ///
    /// # Errors
    /// `StudioNotFound`, `InvalidRole`, `InvalidEnd`, `InvalidEmail`; `MailOff` where it should be mailed and no mail is
    /// sent; `TooManyAttempts`.
    pub async fn invite(
        &self,
        caller: &Caller,
        studio: StudioId,
        new: NewInvitation,
    ) -> Result<(Invitation, String), AccountError> {
        team::check_studio(caller, studio)?;
        if !team::roles_given_by(caller.role).contains(&new.role) {
            return Err(AccountError::InvalidRole);
        }
        let now = self.now();
        team::check_end(new.member_until, new.role, now)?;
        let email: Option<Email> =
            new.email.as_deref().map(str::parse).transpose().map_err(|_| AccountError::InvalidEmail)?;
        if let Some(email) = &email {
            if !self.outgoing.postbox.enabled() {
                return Err(AccountError::MailOff);
            }
            self.throttle.mail(email.as_str())?;
        }
        let token = secrets::generate();
        let link = self.outgoing.link(PAGE, &token);
        let invitation = Invitation {
            id: InvitationId::generate(),
            studio,
            email,
            role: new.role,
            member_until: new.member_until,
            created_at: now,
            expires_at: now + LIFE,
        };
        let mail = match &invitation.email {
            Some(to) => {
                let studio =
                    self.store.studios().branding(studio).await?.ok_or(AccountError::StudioNotFound)?;
                vec![mails::invitation(to.clone(), new.language, &studio.name, &link)]
            }
            None => Vec::new(),
        };
        self.store.invitations().put(&invitation, &secrets::hash(&token), &mail).await?;
        self.outgoing.postbox.wake();
        Ok((invitation, link))
    }

    /// Takes an invitation back.
    ///
    /// # Errors
    /// `StudioNotFound`, `InvitationNotFound`.
    pub async fn withdraw_invitation(
        &self,
        caller: &Caller,
        studio: StudioId,
        id: InvitationId,
    ) -> Result<(), AccountError> {
        team::check_studio(caller, studio)?;
        let withdrawn = self.store.invitations().withdraw(studio, id).await?;
        if withdrawn { Ok(()) } else { Err(AccountError::InvitationNotFound) }
    }

    /// The invitation behind a link, with the name of its studio.
    ///
    /// # Errors
    /// `InvitationInvalid`, `TooManyAttempts`.
    pub async fn invitation(
        &self,
        token: &str,
        client: &Client,
    ) -> Result<(Invitation, String), AccountError> {
        self.throttle.address(client.ip)?;
        let found = self.store.invitations().find(&secrets::hash(token), self.now()).await?;
        found.ok_or(AccountError::InvitationInvalid)
    }

    /// Accepts an invitation, as somebody new or with the password of an account that is there. Nobody is signed in by
    /// it.
    ///
    /// # Errors
    /// `InvitationInvalid`, `InvalidEmail`, `InvalidName`, `WeakPassword`, `TooManyAttempts`; for an address with an
    /// account `InvalidCredentials`, or `RoleDiffers` when the account has another role in another studio.
    pub async fn accept_invitation(
        &self,
        token: &str,
        guest: Guestbook,
        client: &Client,
    ) -> Result<(), AccountError> {
        let (invitation, _) = self.invitation(token, client).await?;
        let email: Email = guest.email.parse().map_err(|_| AccountError::InvalidEmail)?;
        let login = Login::Email(email.clone());
        let accepted = match self.store.users().find(&login).await? {
            Some((user, hash)) => {
                let counted = self.throttle.stranger(&format!("{login:?}"), client.ip)?;
                let right = self.passwords.verify(guest.password, Some(hash)).await?;
                if !right || user.disabled {
                    return Err(AccountError::InvalidCredentials);
                }
                counted.succeeded();
                let role = self.joining_role(&user, &invitation).await?;
                let joining = Joining::Known(user.id, role);
                self.store.invitations().accept(&invitation, joining, self.now()).await?
            }
            None => {
                let user = User {
                    id: UserId::generate(),
                    email: Some(email),
                    phone: None,
                    name: name(&guest.name)?,
                    role: invitation.role,
                    disabled: false,
                    created_at: self.now(),
                };
                let hash = self.new_password(&guest.password, &user).await?;
                let joining = Joining::New(&user, &hash);
                match self.store.invitations().accept(&invitation, joining, self.now()).await {
                    Err(StoreError::Conflict(_)) => return Err(AccountError::LoginTaken),
                    accepted => accepted?,
                }
            }
        };
        if accepted { Ok(()) } else { Err(AccountError::InvitationInvalid) }
    }

    /// The role of somebody who joins: the invitation's, unless the account has another one that counts elsewhere. An
    /// invitation to one studio must not make somebody an admin of another.
    async fn joining_role(&self, user: &User, invitation: &Invitation) -> Result<Role, AccountError> {
        let studios = self.store.users().studios_of(user.id, self.now()).await?;
        let elsewhere = studios.iter().any(|studio| studio.id != invitation.studio);
        let keeps = user.role == Role::SuperAdmin || elsewhere;
        if keeps && user.role != invitation.role {
            return Err(AccountError::RoleDiffers);
        }
        Ok(invitation.role)
    }
}
