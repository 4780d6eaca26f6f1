//! Signing in with a password, staying signed in, signing out.

use super::{
    ACCESS_LIFE, Account, AccountError, Accounts, Caller, Client, Credential, DEVICE_LIFE, known_device,
    login,
};
use crate::{
    domain::{DeviceSessionId, Language, SignInId, UserId},
    secrets,
    store::{DeviceSession, Rotation, SignIn, StoreError},
};

/// A device session is noted as in use at most this often.
const TOUCH_EVERY: chrono::TimeDelta = chrono::TimeDelta::minutes(1);
/// How long an answer that goes on may outlive the caller's sign-in.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(5);
const API_KEY_PREFIX: &str = "pxk_";

/// The tokens of a device that has just been signed in. They are shown this once.
#[derive(Debug)]
pub struct SignedIn {
    pub account: Account,
    pub session: DeviceSessionId,
    pub access_token: String,
    pub refresh_token: String,
    /// The token that a page sends with an unsafe request.
    pub csrf: String,
    /// By which the device is known to its user at the next sign-in.
    pub known_device: String,
    /// Seconds that the access token is honoured.
    pub expires_in: i64,
}

impl Accounts {
    /// Signs a device in that is not known. Wrong name, wrong password and a user who is kept out get the same
    /// answer after the same work.
    ///
    /// # Errors
    /// `InvalidCredentials`, `TooManyAttempts`; `SecondStepRequired` after a right password that is not enough.
    pub async fn sign_in(
        &self,
        name: &str,
        password: String,
        client: &Client,
    ) -> Result<SignedIn, AccountError> {
        self.sign_in_on(name, password, client, &[]).await
    }

    /// The same on a device that may be known: `devices` are the cookies of known devices that came along.
    ///
    /// # Errors
    /// As [`Accounts::sign_in`].
    pub async fn sign_in_on(
        &self,
        name: &str,
        password: String,
        client: &Client,
        devices: &[String],
    ) -> Result<SignedIn, AccountError> {
        let login = login(name).ok();
        let whose = login.as_ref().map_or_else(|| name.to_owned(), |login| format!("{login:?}"));
        // A client without a cookie is counted before anything is read.
        let mut counted =
            if devices.is_empty() { Some(self.throttle.stranger(&whose, client.ip)?) } else { None };
        let found = match &login {
            Some(login) => self.store.users().find(login).await?,
            None => None,
        };
        if counted.is_none() {
            let known = found.as_ref().and_then(|(user, hash)| self.known_among(devices, user.id, hash));
            counted = Some(match known {
                Some(device) => self.throttle.known_device(device)?,
                None => self.throttle.stranger(&whose, client.ip)?,
            });
        }
        let hash = found.as_ref().map(|(_, hash)| hash.clone());
        let right = self.passwords.verify(password, hash).await?;
        match found {
            Some((user, hash)) if right && !user.disabled => {
                if let Some(counted) = counted {
                    counted.succeeded();
                }
                if let Some(step) = self.second_step(user.id, &hash).await? {
                    return Err(AccountError::SecondStepRequired(step));
                }
                self.open(user.id, client, "password").await
            }
            Some((user, _)) => {
                let failure = if right { "user_disabled" } else { "invalid_credentials" };
                self.record_failure(user.id, client.clone(), "password", failure);
                Err(AccountError::InvalidCredentials)
            }
            None => Err(AccountError::InvalidCredentials),
        }
    }

    fn known_among<'a>(&self, devices: &'a [String], user: UserId, hash: &str) -> Option<&'a String> {
        devices.iter().find(|text| known_device::is_known(&self.signer, text, user, hash, self.now()))
    }

    /// Beside the answer: the wait for a write would tell that there is such a user.
    pub(super) fn record_failure(
        &self,
        user: UserId,
        client: Client,
        method: &'static str,
        reason: &'static str,
    ) {
        let accounts = self.clone();
        let at = self.now();
        tokio::spawn(async move {
            let sign_in = SignIn {
                id: SignInId::generate(),
                user,
                at,
                failure: Some(reason.to_owned()),
                method: method.to_owned(),
                origin: accounts.origins.read(&client),
            };
            if let Err(error) = accounts.store.devices().record(&sign_in).await {
                tracing::warn!(%error, "a failed sign-in is missing in its user's history");
            }
        });
    }

    /// A new device session of a user, with its tokens.
    pub(super) async fn open(
        &self,
        user: UserId,
        client: &Client,
        method: &str,
    ) -> Result<SignedIn, AccountError> {
        let (session, refresh_token) = self.new_device(user, client);
        self.store.devices().open(&session, &secrets::hash(&refresh_token), method).await?;
        self.signed_in(session, refresh_token).await
    }

    /// A device session that is not stored yet, and its first refresh token.
    pub(super) fn new_device(&self, user: UserId, client: &Client) -> (DeviceSession, String) {
        let now = self.now();
        let session = DeviceSession {
            id: DeviceSessionId::generate(),
            user,
            csrf: secrets::generate(),
            origin: self.origins.read(client),
            user_agent: client.user_agent.chars().take(300).collect(),
            created_at: now,
            last_activity_at: now,
            expires_at: now + DEVICE_LIFE,
        };
        (session, secrets::generate())
    }

    pub(super) async fn signed_in(
        &self,
        session: DeviceSession,
        refresh_token: String,
    ) -> Result<SignedIn, AccountError> {
        let hash = self.store.users().password_hash(session.user).await?;
        let hash = hash.ok_or(AccountError::InvalidCredentials)?;
        Ok(SignedIn {
            account: self.account(session.user).await?,
            known_device: known_device::issue(&self.signer, session.user, &hash, self.now()),
            session: session.id,
            access_token: self.access.issue(session.user, session.id, self.now()),
            refresh_token,
            csrf: session.csrf,
            expires_in: ACCESS_LIFE.num_seconds(),
        })
    }

    /// New tokens for a refresh token, which is used up by that. On a full disk it stays as it is instead, so that
    /// whoever makes room there is not signed out.
    ///
    /// # Errors
    /// `InvalidRefreshToken`; `RefreshTokenReused`, and then the device is signed out.
    pub async fn refresh(&self, refresh_token: &str) -> Result<SignedIn, AccountError> {
        let successor = secrets::generate();
        let now = self.now();
        let hashes = (secrets::hash(refresh_token), secrets::hash(&successor));
        let rotation = match self.store.devices().rotate(&hashes.0, &hashes.1, now, now + DEVICE_LIFE).await {
            Err(error) if error.is_full() => {
                let session = self.store.devices().holder(&hashes.0, now).await?.ok_or(error)?;
                return self.signed_in(session, refresh_token.to_owned()).await;
            }
            rotation => rotation?,
        };
        match rotation {
            Rotation::Rotated(session) => self.signed_in(*session, successor).await,
            Rotation::Reused(user) => {
                tracing::warn!(%user, "a used refresh token came again; the device is signed out");
                Err(AccountError::RefreshTokenReused)
            }
            Rotation::Unknown => Err(AccountError::InvalidRefreshToken),
        }
    }

    /// Signs the caller's device out.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn sign_out(&self, caller: &Caller) -> Result<(), AccountError> {
        if let Some(session) = caller.device_session() {
            self.store.devices().end(caller.user, session).await?;
        }
        Ok(())
    }

    /// Signs the device out that holds this refresh token; a token that is not honoured signs nobody out.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn sign_out_by_token(&self, refresh_token: &str) -> Result<(), AccountError> {
        Ok(self.store.devices().end_by_token(&secrets::hash(refresh_token)).await?)
    }

    /// Changes the caller's password and signs their other devices out. Their keys end too, unless they are to be
    /// kept. A mail tells them. Returns by what this device is known from now on.
    ///
    /// # Errors
    /// `InvalidCredentials` when `current` is wrong, `WeakPassword`, `TooManyAttempts`.
    pub async fn change_password(
        &self,
        caller: &Caller,
        current: String,
        new: &str,
        keep_api_keys: bool,
        language: Language,
    ) -> Result<String, AccountError> {
        self.prove(caller, current).await?;
        let user = self.account(caller.user).await?.user;
        let hash = self.new_password(new, &user).await?;
        let here = caller.device_session();
        let told = self.password_changed(&user, Some(language));
        self.store.users().replace_password(user.id, &hash, here, keep_api_keys, &told, self.now()).await?;
        self.outgoing.postbox.wake();
        Ok(known_device::issue(&self.signer, user.id, &hash, self.now()))
    }

    /// Whether the password is the caller's, which proves that it is not somebody else at their device.
    ///
    /// # Errors
    /// `InvalidCredentials` when it is not, `TooManyAttempts`.
    pub(super) async fn prove(&self, caller: &Caller, password: String) -> Result<(), AccountError> {
        // By the device: whoever has stolen another one uses up their own tries.
        let device = caller.device_session().map_or_else(|| caller.user.to_string(), |id| id.to_string());
        self.throttle.password(&device)?;
        let stored = self.store.users().password_hash(caller.user).await?;
        if self.passwords.verify(password, stored).await? {
            Ok(())
        } else {
            Err(AccountError::InvalidCredentials)
        }
    }

    /// Ready when the caller's device has been signed out, or the user is kept out; a key, which is for
    /// short requests, is taken at its word. For answers that go on for as long as somebody listens.
    pub async fn signed_out(&self, caller: &Caller) {
        let Some(device) = caller.device_session() else { return std::future::pending().await };
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            // A database that does not answer says nothing about the caller.
            if let Ok(None) = self.store.devices().actor(device, self.now()).await {
                return;
            }
        }
    }

    /// The user of a bearer token or of the access cookie: `None` when it is not (any more) valid.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn authenticate(&self, token: &str, client: &Client) -> Result<Option<Caller>, AccountError> {
        let now = self.now();
        if token.starts_with(API_KEY_PREFIX) {
            let Some((actor, key)) = self.store.api_keys().actor(&secrets::hash(token), now).await? else {
                return Ok(None);
            };
            if key.last_used_at.is_none_or(|used| now - used > TOUCH_EVERY) {
                noted(self.store.api_keys().touch(key.id, now).await)?;
            }
            // A key keeps what its user's role has use for, also when the role is another by now.
            let scopes = key.scopes.into_iter().filter(|scope| scope.is_for(actor.user.role)).collect();
            return Ok(Some(Caller::new(actor, Credential::ApiKey { scopes })));
        }
        let Some(id) = self.access.verify(token, now) else { return Ok(None) };
        // The row decides, not the token: a device that was signed out is out at once.
        let Some((actor, session)) = self.store.devices().actor(id, now).await? else { return Ok(None) };
        if now - session.last_activity_at > TOUCH_EVERY {
            noted(self.store.devices().touch(id, &client.ip.to_canonical().to_string(), now).await)?;
        }
        let credential = Credential::Device { session: id, csrf: session.csrf };
        Ok(Some(Caller::new(actor, credential)))
    }

    /// Whether a token was issued by us a moment ago to an account that does not exist any more.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn is_gone(&self, token: &str) -> Result<bool, AccountError> {
        let Some(user) = self.access.user_of(token, self.now()) else { return Ok(false) };
        Ok(self.store.users().get(user).await?.is_none())
    }
}

/// When something was used, and that a password was wrong, is worth a row, but a full disk changes nobody's answer.
fn noted(written: Result<(), StoreError>) -> Result<(), StoreError> {
    match written {
        Err(error) if error.is_full() => Ok(()),
        other => other,
    }
}
