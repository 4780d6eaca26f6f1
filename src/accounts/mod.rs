//! Accounts: who is there, on which devices, and how they prove it.
//!
//! Offers [`Accounts`], whose verbs lie one in a file: [`sign_in`], [`qr_login`], [`setup`], [`reset`],
//! [`email`], [`two_step`], [`passkeys`], [`team`],
//! [`invitations`], [`api_keys`], [`devices`]. [`Caller`] is who a request acts for. Must not know HTTP: tokens come in
//! and go out as text. Secrets are 256 random bits and are stored by hash; only passwords, which people
//! choose, need Argon2id.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    domain::{ApiKeyId, Clock, Email, Invalid, Phone, Role, Studio, StudioId, User, UserId},
    secrets::LinkSigner,
    store::{Login, Store, StoreError},
};

mod access;
mod api_keys;
mod caller;
mod cameras;
mod devices;
mod email;
mod invitations;
mod known_device;
mod mails;
mod origin;
mod passkeys;
mod passwords;
mod qr_login;
mod reset;
mod setup;
mod sign_in;
mod strength;
mod team;
mod throttle;
mod two_step;
mod uploading;

pub use crate::store::{ApiKey, FtpAccount, Invitation, MemberChange, Origin};
pub use access::AccessTokens;
pub use caller::{Caller, Credential};
pub use invitations::{Guestbook, NewInvitation};
pub use known_device::KNOWN_LIFE;
pub use mails::Outgoing;
pub use origin::{Client, OriginReader, PlacesError};
pub use passkeys::{ALGORITHMS, NewPasskey, PasskeyAnswer, PasskeyChallenge, Site};
pub use passwords::Passwords;
pub use qr_login::{Asker, Polled, QrCode, QrRequest};
pub use sign_in::SignedIn;
pub use team::{Photographers, TeamMember, roles_given_by};
pub use two_step::{NewAuthenticator, SecondStep, StepMethod};

/// How long an access token is honoured.
pub const ACCESS_LIFE: TimeDelta = TimeDelta::minutes(15);
/// How long a device stays signed in without being used.
pub const DEVICE_LIFE: TimeDelta = TimeDelta::days(30);
/// How long the history of sign-ins is kept.
const HISTORY_LIFE: TimeDelta = TimeDelta::days(90);

#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Wrong name or wrong password: never said which.
    #[error("the name or the password is wrong")]
    InvalidCredentials,
    /// The password was right, and is not enough.
    #[error("a second step is needed")]
    SecondStepRequired(SecondStep),
    #[error("the second step came too late, or after another password")]
    SecondStepExpired,
    #[error("the code is wrong or was used")]
    InvalidCode,
    #[error("an authenticator app is set up already")]
    AuthenticatorThere,
    #[error("no authenticator app is set up")]
    NoAuthenticator,
    #[error("there is no second step")]
    TwoStepOff,
    #[error("browsers have no passkeys at this installation's address")]
    PasskeysOff,
    #[error("the passkey is not known, or its answer is wrong")]
    PasskeyRefused,
    #[error("the user has no such passkey")]
    PasskeyNotFound,
    #[error("the user has as many passkeys as there may be")]
    TooManyPasskeys,
    #[error("too many attempts; try again in {} s", .0.as_secs())]
    TooManyAttempts(std::time::Duration),
    #[error("the refresh token is not valid")]
    InvalidRefreshToken,
    /// The device has been signed out: one of two holders of the token is a thief.
    #[error("the refresh token was used before")]
    RefreshTokenReused,
    #[error("the set-up link is wrong, too old or used")]
    SetupLinkInvalid,
    #[error("the link for another password is wrong, too old or used")]
    ResetLinkInvalid,
    #[error("the link to an e-mail address is wrong, too old or used")]
    EmailLinkInvalid,
    #[error("there is no such studio, or it is another's")]
    StudioNotFound,
    #[error("nobody of the studio has this id")]
    MemberNotFound,
    #[error("only who is below oneself, and belongs to no other studio, can be changed so")]
    NotBelow,
    #[error("no role, or one that the caller cannot give")]
    InvalidRole,
    #[error("the end is over already, or whoever runs the installation would have one")]
    InvalidEnd,
    #[error("nobody else runs the installation")]
    LastOwner,
    #[error("sessions go to somebody else of the studio who may photograph")]
    InvalidHeir,
    #[error("not everybody named is somebody of the studio who may photograph")]
    InvalidPhotographer,
    #[error("there is no such invitation")]
    InvitationNotFound,
    #[error("the invitation is wrong, too old, used or taken back")]
    InvitationInvalid,
    #[error("the account has another role in another studio")]
    RoleDiffers,
    #[error("no mail is sent here")]
    MailOff,
    #[error("not an e-mail address")]
    InvalidEmail,
    #[error("not a telephone number")]
    InvalidPhone,
    #[error("a name must have 1 to 100 characters")]
    InvalidName,
    #[error("the password is too short, too long or easy to guess")]
    WeakPassword,
    #[error("the address or number is taken")]
    LoginTaken,
    #[error("nobody signs in with that address or number")]
    UserNotFound,
    #[error("there is no such device session")]
    DeviceSessionNotFound,
    #[error("there is no such key")]
    ApiKeyNotFound,
    #[error("no scope, one that is not known, or one that the user's role has no use for")]
    InvalidScopes,
    #[error("there is no such code, or it ran out")]
    QrCodeNotFound,
    #[error("the code was confirmed or rejected before")]
    QrCodeSettled,
    #[error("a stored secret cannot be used: {0}")]
    Secret(String),
    #[error("a password could not be hashed: {0}")]
    Hash(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl AccountError {
    /// Stable name of the failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidCredentials => "invalid_credentials",
            Self::SecondStepRequired(_) => "second_step_required",
            Self::SecondStepExpired => "second_step_expired",
            Self::InvalidCode => "invalid_code",
            Self::AuthenticatorThere => "authenticator_there",
            Self::NoAuthenticator => "no_authenticator",
            Self::TwoStepOff => "two_step_off",
            Self::PasskeysOff => "passkeys_off",
            Self::PasskeyRefused => "passkey_refused",
            Self::PasskeyNotFound => "passkey_not_found",
            Self::TooManyPasskeys => "too_many_passkeys",
            Self::Secret(_) => "secret_unusable",
            Self::TooManyAttempts(_) => "too_many_attempts",
            Self::InvalidRefreshToken => "invalid_refresh_token",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::SetupLinkInvalid => "setup_link_invalid",
            Self::ResetLinkInvalid => "reset_link_invalid",
            Self::EmailLinkInvalid => "email_link_invalid",
            Self::StudioNotFound => "studio_not_found",
            Self::MemberNotFound => "member_not_found",
            Self::NotBelow => "not_below",
            Self::InvalidRole => "invalid_role",
            Self::InvalidEnd => "invalid_end",
            Self::LastOwner => "last_owner",
            Self::InvalidHeir => "invalid_heir",
            Self::InvalidPhotographer => "invalid_photographer",
            Self::InvitationNotFound => "invitation_not_found",
            Self::InvitationInvalid => "invitation_invalid",
            Self::RoleDiffers => "role_differs",
            Self::MailOff => "mail_off",
            Self::InvalidEmail => "invalid_email",
            Self::InvalidPhone => "invalid_phone",
            Self::InvalidName => "invalid_name",
            Self::WeakPassword => "weak_password",
            Self::LoginTaken => "login_taken",
            Self::UserNotFound => "user_not_found",
            Self::DeviceSessionNotFound => "device_session_not_found",
            Self::ApiKeyNotFound => "api_key_not_found",
            Self::InvalidScopes => "invalid_scopes",
            Self::QrCodeNotFound => "qr_code_not_found",
            Self::QrCodeSettled => "qr_code_settled",
            Self::Hash(_) => "password_hash_failed",
            Self::Store(error) => error.code(),
        }
    }
}

/// A user as the user sees themself.
#[derive(Debug, Clone)]
pub struct Account {
    pub user: User,
    pub studios: Vec<Studio>,
}

/// The data of a new user.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub email: Option<String>,
    pub phone: Option<String>,
    pub name: String,
    pub role: Role,
    pub password: String,
    pub studios: Vec<StudioId>,
}

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Accounts {
    store: Store,
    passwords: Passwords,
    access: Arc<AccessTokens>,
    /// Signs the cookies of known devices.
    signer: LinkSigner,
    origins: Arc<OriginReader>,
    throttle: Arc<throttle::Throttle>,
    outgoing: Outgoing,
    /// Whose passkeys these are; none where browsers have none.
    site: Option<Site>,
    clock: Clock,
}

impl Accounts {
    #[must_use]
    pub fn new(
        store: Store,
        passwords: Passwords,
        access: AccessTokens,
        signer: LinkSigner,
        origins: OriginReader,
        outgoing: Outgoing,
        clock: Clock,
    ) -> Self {
        Self {
            store,
            passwords,
            access: Arc::new(access),
            signer,
            origins: Arc::new(origins),
            throttle: Arc::default(),
            site: Site::at(&outgoing.public_url),
            outgoing,
            clock,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// The user with their studios.
    ///
    /// # Errors
    /// `InvalidCredentials` when the user is not there any more.
    pub async fn account(&self, id: UserId) -> Result<Account, AccountError> {
        let user = self.store.users().get(id).await?.ok_or(AccountError::InvalidCredentials)?;
        let studios = self.store.users().studios_of(id, self.now()).await?;
        Ok(Account { user, studios })
    }

    /// Makes a user, as an operator asks.
    ///
    /// # Errors
    /// `InvalidEmail`, `InvalidPhone` (also when neither is given), `InvalidName`, `WeakPassword`,
    /// `LoginTaken`.
    pub async fn add_user(&self, new: NewUser) -> Result<User, AccountError> {
        let email =
            new.email.as_deref().map(str::parse).transpose().map_err(|_| AccountError::InvalidEmail)?;
        let phone =
            new.phone.as_deref().map(str::parse).transpose().map_err(|_| AccountError::InvalidPhone)?;
        if email.is_none() && phone.is_none() {
            return Err(AccountError::InvalidEmail);
        }
        let user = User {
            id: UserId::generate(),
            email,
            phone,
            name: name(&new.name)?,
            role: new.role,
            disabled: false,
            created_at: self.now(),
        };
        let hash = self.new_password(&new.password, &user).await?;
        match self.store.users().create(&user, &hash, &new.studios).await {
            Ok(()) => Ok(user),
            Err(StoreError::Conflict(_)) => Err(AccountError::LoginTaken),
            Err(error) => Err(error.into()),
        }
    }

    /// The user with this login, for an operator.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn find(&self, login_name: &str) -> Result<User, AccountError> {
        let login = login(login_name).map_err(|_| AccountError::UserNotFound)?;
        let (user, _) = self.store.users().find(&login).await?.ok_or(AccountError::UserNotFound)?;
        Ok(user)
    }

    /// The studio whose admins see that an account is erased, if the caller may erase it: everybody their own, an admin a
    /// photographer's who works for nobody else, a super admin everybody's. `None` for an account of no studio.
    ///
    /// # Errors
    /// `UserNotFound`, also for an account that is not the caller's to erase.
    pub async fn to_erase(&self, caller: &Caller, id: UserId) -> Result<Option<StudioId>, AccountError> {
        let users = self.store.users();
        let user = users.get(id).await?.ok_or(AccountError::UserNotFound)?;
        let studios: Vec<StudioId> =
            users.studios_of(id, self.now()).await?.iter().map(|studio| studio.id).collect();
        let is_theirs = user.role == Role::Photographer
            && !studios.is_empty()
            && studios.iter().all(|studio| caller.may_run(*studio));
        let may = caller.user == id || caller.role == Role::SuperAdmin || is_theirs;
        if may && users.is_there(id).await? {
            Ok(studios.first().copied())
        } else {
            Err(AccountError::UserNotFound)
        }
    }

    /// Keeps somebody out, or lets them in again. As an operator asks. Either way their devices are signed out and
    /// their keys end: whoever is let in again may not be the only one who has them.
    ///
    /// # Errors
    /// `UserNotFound`. The last super admin may be kept out too, since the account may have been stolen and whoever
    /// is at the terminal can let them in again.
    pub async fn set_disabled(&self, login_name: &str, disabled: bool) -> Result<(), AccountError> {
        let user = self.find(login_name).await?;
        Ok(self.store.users().set_disabled(user.id, disabled, self.now()).await?)
    }

    /// Gives somebody another password and signs all their devices out. As an operator asks. Their keys end too
    /// unless they are to be kept; how many did.
    ///
    /// # Errors
    /// `UserNotFound`, `WeakPassword`.
    pub async fn reset_password(
        &self,
        login_name: &str,
        new: &str,
        keep_api_keys: bool,
    ) -> Result<u64, AccountError> {
        let user = self.find(login_name).await?;
        let hash = self.new_password(new, &user).await?;
        let told = self.password_changed(&user, None);
        Ok(self
            .store
            .users()
            .replace_password(user.id, &hash, None, keep_api_keys, &told, self.now())
            .await?)
    }

    /// Somebody's keys, newest first. As an operator asks.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn keys_of(&self, login_name: &str) -> Result<Vec<ApiKey>, AccountError> {
        let user = self.find(login_name).await?;
        Ok(self.store.api_keys().list(user.id).await?)
    }

    /// Ends one of somebody's keys, or all of them; how many. As an operator asks.
    ///
    /// # Errors
    /// `UserNotFound`; `ApiKeyNotFound` when they have no such key.
    pub async fn revoke_keys_of(&self, login_name: &str, one: Option<ApiKeyId>) -> Result<u64, AccountError> {
        let user = self.find(login_name).await?;
        match one {
            None => Ok(self.store.api_keys().revoke_all(user.id).await?),
            Some(id) if self.store.api_keys().revoke(user.id, id).await? => Ok(1),
            Some(_) => Err(AccountError::ApiKeyNotFound),
        }
    }

    /// The hash of a password that is good enough for `user`.
    async fn new_password(&self, password: &str, user: &User) -> Result<String, AccountError> {
        let email = user.email.as_ref().map_or("", Email::as_str);
        let phone = user.phone.as_ref().map_or("", Phone::as_str);
        if !strength::is_strong(password, &[email, phone, &user.name]) {
            return Err(AccountError::WeakPassword);
        }
        self.passwords.hash(password.to_owned()).await
    }

    /// Removes what has run out. Meant to run every few minutes.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn sweep(&self) -> Result<(), AccountError> {
        self.throttle.forget_old();
        let now = self.now();
        if let Err(error) = self.access.rotate(now) {
            tracing::error!(%error, "the old key goes on signing access tokens");
        }
        Ok(self.store.devices().sweep(now, now - HISTORY_LIFE).await?)
    }
}

/// A person's or a key's name: trimmed, 1 to 100 characters, none of them control characters.
fn name(text: &str) -> Result<String, AccountError> {
    let text = text.trim();
    let sound = (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if sound { Ok(text.to_owned()) } else { Err(AccountError::InvalidName) }
}

/// An e-mail address if there is an `@`, else a telephone number, also one whose `+` was left out.
fn login(text: &str) -> Result<Login, Invalid> {
    if text.contains('@') {
        return text.parse().map(Login::Email);
    }
    let phone: Result<Phone, Invalid> = text.parse();
    phone.or_else(|_| format!("+{}", text.trim()).parse()).map(Login::Phone)
}
