//! Passkeys: registered by their owner, used instead of a code after the password, or instead of both. The device that
//! holds one recognises its owner before it signs (`userVerification: required`).

mod webauthn;

use std::fmt;

use chrono::TimeDelta;
use webauthn::{Refused, to_bytes, to_text};

pub use webauthn::{ALGORITHMS, Site};

use super::{AccountError, Accounts, Caller, Client, SignedIn, StepMethod, name};
use crate::{
    domain::{Language, PasskeyId, User, UserId},
    secrets,
    store::{Challenge, Granted, PasskeyRow, StoreError},
};

/// How long a browser may take to answer.
const LIFE: TimeDelta = TimeDelta::minutes(5);
/// Passkeys of one user.
const MOST: usize = 20;

/// What a browser is asked to do.
#[derive(Debug)]
pub struct PasskeyChallenge {
    pub challenge: String,
    pub site: Site,
    /// Credentials: for a registration those that are there already, for a sign-in those that may answer; any passkey of
    /// the site where there are none.
    pub credentials: Vec<String>,
    /// Of a registration: who gets the passkey.
    pub user: Option<User>,
}

/// The answer to a registration, each part as a browser's JSON has it.
#[derive(Debug)]
pub struct NewPasskey {
    /// What its owner calls it.
    pub name: String,
    pub client_data: String,
    pub attestation_object: String,
}

/// The answer to a sign-in.
pub struct PasskeyAnswer {
    pub credential_id: String,
    pub client_data: String,
    pub authenticator_data: String,
    pub signature: String,
}

/// Without the signature: what is debugged may be logged.
impl fmt::Debug for PasskeyAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasskeyAnswer").field("credential_id", &self.credential_id).finish_non_exhaustive()
    }
}

impl From<Refused> for AccountError {
    fn from(refused: Refused) -> Self {
        tracing::debug!(%refused, "a passkey's answer is refused");
        Self::PasskeyRefused
    }
}

impl Accounts {
    /// What the caller's browser is to do for a new passkey.
    ///
    /// # Errors
    /// `InvalidCredentials` when the password is wrong, `PasskeysOff`, `TooManyPasskeys`, `TooManyAttempts`.
    pub async fn begin_passkey(
        &self,
        caller: &Caller,
        password: String,
    ) -> Result<PasskeyChallenge, AccountError> {
        let site = self.site.clone().ok_or(AccountError::PasskeysOff)?;
        self.prove(caller, password).await?;
        let there = self.store.two_steps().passkeys(caller.user).await?;
        if there.len() >= MOST {
            return Err(AccountError::TooManyPasskeys);
        }
        let user = self.account(caller.user).await?.user;
        let challenge = self.challenge(Challenge { user: Some(user.id), registers: true }).await?;
        let credentials = there.into_iter().map(|it| it.credential_id).collect();
        Ok(PasskeyChallenge { challenge, site, credentials, user: Some(user) })
    }

    /// Registers a passkey. Returns recovery codes if the second step begins with it.
    ///
    /// # Errors
    /// `InvalidName`, `PasskeysOff`, `PasskeyRefused` (also for one that is registered already).
    pub async fn add_passkey(
        &self,
        caller: &Caller,
        new: NewPasskey,
        language: Language,
    ) -> Result<Vec<String>, AccountError> {
        let site = self.site.as_ref().ok_or(AccountError::PasskeysOff)?;
        let passkey_name = name(&new.name)?;
        let client_data = to_bytes(&new.client_data)?;
        let asked = self.taken_challenge(&client_data).await?;
        if !asked.registers || asked.user != Some(caller.user) {
            return Err(AccountError::PasskeyRefused);
        }
        let made = webauthn::register(site, &client_data, &to_bytes(&new.attestation_object)?)?;
        let row = PasskeyRow {
            id: PasskeyId::generate(),
            user: caller.user,
            name: passkey_name,
            credential_id: to_text(&made.credential_id),
            public_key: to_text(&made.public_key),
            sign_count: made.sign_count,
            created_at: self.now(),
            last_used_at: None,
        };
        let (codes, hashes) = self.first_recovery_codes(caller.user).await?;
        let told = self.two_step_told(caller.user, language, true).await?;
        let granted = Granted { recovery_hashes: &hashes, mails: &told, now: self.now() };
        match self.store.two_steps().add_passkey(&row, granted).await {
            Err(StoreError::Conflict(_)) => return Err(AccountError::PasskeyRefused),
            added => added?,
        }
        self.outgoing.postbox.wake();
        Ok(codes)
    }

    /// Whether there can be passkeys at this installation's address.
    #[must_use]
    pub fn has_passkeys(&self) -> bool {
        self.site.is_some()
    }

    /// # Errors
    /// `PasskeyNotFound` unless it is the caller's.
    pub async fn check_passkey(&self, caller: &Caller, id: PasskeyId) -> Result<(), AccountError> {
        let theirs = self.store.two_steps().passkeys(caller.user).await?;
        if theirs.iter().any(|it| it.id == id) { Ok(()) } else { Err(AccountError::PasskeyNotFound) }
    }

    /// Removes one of the caller's passkeys.
    ///
    /// # Errors
    /// `InvalidCredentials` when the password is wrong, `PasskeyNotFound`, `TooManyAttempts`.
    pub async fn remove_passkey(
        &self,
        caller: &Caller,
        id: PasskeyId,
        password: String,
        language: Language,
    ) -> Result<(), AccountError> {
        self.prove(caller, password).await?;
        let told = self.two_step_told(caller.user, language, false).await?;
        if !self.store.two_steps().remove(caller.user, Some(id), &told, self.now()).await? {
            return Err(AccountError::PasskeyNotFound);
        }
        self.outgoing.postbox.wake();
        Ok(())
    }

    /// What a browser is to sign: with any passkey of the site, or, after the right password, with one of its user's.
    ///
    /// # Errors
    /// `PasskeysOff`, `SecondStepExpired`, `TooManyAttempts`.
    pub async fn ask_passkey(
        &self,
        step_token: Option<&str>,
        client: &Client,
    ) -> Result<PasskeyChallenge, AccountError> {
        let site = self.site.clone().ok_or(AccountError::PasskeysOff)?;
        self.throttle.address(client.ip)?;
        let user = match step_token {
            Some(token) => Some(self.of_step_token(token).await?.id),
            None => None,
        };
        let credentials = match user {
            Some(user) => self.store.two_steps().passkeys(user).await?,
            None => Vec::new(),
        };
        let challenge = self.challenge(Challenge { user, registers: false }).await?;
        let credentials = credentials.into_iter().map(|it| it.credential_id).collect();
        Ok(PasskeyChallenge { challenge, site, credentials, user: None })
    }

    /// Signs somebody in by a passkey.
    ///
    /// # Errors
    /// `PasskeysOff`, `PasskeyRefused`, `TooManyAttempts`.
    pub async fn sign_in_by_passkey(
        &self,
        answer: PasskeyAnswer,
        client: &Client,
    ) -> Result<SignedIn, AccountError> {
        let site = self.site.as_ref().ok_or(AccountError::PasskeysOff)?;
        self.throttle.address(client.ip)?;
        let client_data = to_bytes(&answer.client_data)?;
        let asked = self.taken_challenge(&client_data).await?;
        let found = self.store.two_steps().passkey(&answer.credential_id).await?;
        let passkey = found.ok_or(AccountError::PasskeyRefused)?;
        if asked.registers || asked.user.is_some_and(|user| user != passkey.user) {
            return Err(AccountError::PasskeyRefused);
        }
        let count = webauthn::verify(
            site,
            &to_bytes(&passkey.public_key)?,
            &client_data,
            &to_bytes(&answer.authenticator_data)?,
            &to_bytes(&answer.signature)?,
        )?;
        if !self.store.two_steps().use_passkey(passkey.id, count, self.now()).await? {
            self.record_failure(passkey.user, client.clone(), "passkey", "passkey_refused");
            return Err(AccountError::PasskeyRefused);
        }
        self.check_not_kept_out(passkey.user).await?;
        self.open(passkey.user, client, StepMethod::Passkey.as_str()).await
    }

    async fn check_not_kept_out(&self, user: UserId) -> Result<(), AccountError> {
        let user = self.store.users().get(user).await?.filter(|user| !user.disabled);
        user.map(|_| ()).ok_or(AccountError::PasskeyRefused)
    }

    async fn challenge(&self, of: Challenge) -> Result<String, AccountError> {
        let challenge = secrets::generate();
        let hash = secrets::hash(&challenge);
        self.store.two_steps().put_challenge(&hash, of, self.now() + LIFE).await?;
        Ok(challenge)
    }

    async fn taken_challenge(&self, client_data: &[u8]) -> Result<Challenge, AccountError> {
        let hash = secrets::hash(&webauthn::challenge_of(client_data)?);
        let taken = self.store.two_steps().take_challenge(&hash, self.now()).await?;
        taken.ok_or(AccountError::PasskeyRefused)
    }
}
