//! Accounts: who is there, on which devices, and how they prove it.
//!
//! Offers [`Accounts`], whose verbs lie one in a file: [`sign_in`], [`qr_login`], [`setup`],
//! [`api_keys`], [`devices`]. [`Caller`] is who a request acts for. Must not know HTTP: tokens come in
//! and go out as text. Secrets are 256 random bits and are stored by hash; only passwords, which people
//! choose, need Argon2id.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    domain::{Clock, Invalid, Role, Studio, StudioId, User, UserId},
    store::{Login, Store, StoreError},
};

mod access;
mod api_keys;
mod caller;
mod devices;
mod origin;
mod passwords;
mod qr_login;
mod setup;
mod sign_in;
mod throttle;
mod uploading;

pub use crate::store::{ApiKey, Origin};
pub use access::AccessTokens;
pub use caller::{Caller, Credential};
pub use origin::{Client, OriginReader, PlacesError};
pub use passwords::Passwords;
pub use qr_login::{Polled, QrCode, QrRequest};
pub use sign_in::SignedIn;

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
    #[error("too many attempts; try again in {} s", .0.as_secs())]
    TooManyAttempts(std::time::Duration),
    #[error("the refresh token is not valid")]
    InvalidRefreshToken,
    /// The device has been signed out: one of two holders of the token is a thief.
    #[error("the refresh token was used before")]
    RefreshTokenReused,
    #[error("the set-up link is wrong, too old or used")]
    SetupLinkInvalid,
    #[error("not an e-mail address")]
    InvalidEmail,
    #[error("not a telephone number")]
    InvalidPhone,
    #[error("a name must have 1 to 100 characters")]
    InvalidName,
    #[error("the password is too short, too long or equal to the name")]
    WeakPassword,
    #[error("the address or number is taken")]
    LoginTaken,
    #[error("nobody signs in with that address or number")]
    UserNotFound,
    #[error("there is no such device session")]
    DeviceSessionNotFound,
    #[error("there is no such key")]
    ApiKeyNotFound,
    #[error("no scope, or one that is not known")]
    InvalidScopes,
    #[error("there is no such code, or it ran out")]
    QrCodeNotFound,
    #[error("the code was confirmed or rejected before")]
    QrCodeSettled,
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
            Self::TooManyAttempts(_) => "too_many_attempts",
            Self::InvalidRefreshToken => "invalid_refresh_token",
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::SetupLinkInvalid => "setup_link_invalid",
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

/// What an operator says of a new user.
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
    origins: Arc<OriginReader>,
    throttle: Arc<throttle::Throttle>,
    clock: Clock,
}

impl Accounts {
    #[must_use]
    pub fn new(
        store: Store,
        passwords: Passwords,
        access: AccessTokens,
        origins: OriginReader,
        clock: Clock,
    ) -> Self {
        Self {
            store,
            passwords,
            access: Arc::new(access),
            origins: Arc::new(origins),
            throttle: Arc::default(),
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
        let studios = self.store.users().studios_of(id).await?;
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

    /// Whom a name to sign in with names. As an operator asks.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn find(&self, login_name: &str) -> Result<User, AccountError> {
        let login = login(login_name).map_err(|_| AccountError::UserNotFound)?;
        let (user, _) = self.store.users().find(&login).await?.ok_or(AccountError::UserNotFound)?;
        Ok(user)
    }

    /// Keeps somebody out and signs all their devices out, or lets them in again. As an operator asks.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn set_disabled(&self, login_name: &str, disabled: bool) -> Result<(), AccountError> {
        let user = self.find(login_name).await?;
        self.store.users().set_disabled(user.id, disabled, self.now()).await?;
        if disabled {
            self.store.devices().end_others(user.id, None).await?;
        }
        Ok(())
    }

    /// The hash of a password that is good enough for `user`.
    async fn new_password(&self, password: &str, user: &User) -> Result<String, AccountError> {
        let is_the_login = user.email.as_ref().is_some_and(|email| email.as_str() == password.to_lowercase());
        if is_the_login || !(10..=200).contains(&password.chars().count()) {
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

/// An e-mail address if there is an `@`, else a telephone number.
fn login(text: &str) -> Result<Login, Invalid> {
    if text.contains('@') { text.parse().map(Login::Email) } else { text.parse().map(Login::Phone) }
}
