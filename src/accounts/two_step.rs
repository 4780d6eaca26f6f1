//! The second step of signing in: a code of an authenticator app (TOTP, RFC 6238), a recovery code, or a passkey.
//!
//! It is on as soon as somebody has an app that has proved itself, or a passkey: then a password alone signs nobody in.
//! With the first of them come recovery codes, each for one time, and they end with the last. A passkey alone signs in
//! too, because the device that holds it has recognised the person.
//!
//! The secret of an app is sealed in its row and never logged. The code of a time step counts once.

use chrono::TimeDelta;
use totp_rs::{Builder, Secret, Totp};

use super::{AccountError, Accounts, Caller, Client, SignedIn, mails};
use crate::{
    domain::{Language, Mail, User, UserId},
    secrets::{self, Sealer},
    store::{Granted, TwoStepState},
};

/// How long somebody who has given the right password may take for the second step.
const STEP_LIFE: TimeDelta = TimeDelta::minutes(5);
const PURPOSE: &str = "second_step";
const RECOVERY_CODES: usize = 10;
/// Characters of a recovery code; 49 bits, behind a throttle and a password.
const RECOVERY_CODE: usize = 10;

/// A way for the second step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepMethod {
    Totp,
    RecoveryCode,
    Passkey,
}

impl StepMethod {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::RecoveryCode => "recovery_code",
            Self::Passkey => "passkey",
        }
    }
}

/// What whoever has given the right password needs for the second step.
#[derive(Clone)]
pub struct SecondStep {
    pub token: String,
    pub methods: Vec<StepMethod>,
}

/// Without the token: what is debugged may be logged.
impl std::fmt::Debug for SecondStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondStep").field("methods", &self.methods).finish_non_exhaustive()
    }
}

/// The secret of an authenticator app, shown while it is set up.
pub struct NewAuthenticator {
    /// Base32, to type in.
    pub secret: String,
    /// `otpauth:`, for a QR code.
    pub uri: String,
}

impl Accounts {
    /// What the caller has of the second step.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn two_step(&self, caller: &Caller) -> Result<TwoStepState, AccountError> {
        Ok(self.store.two_steps().state(caller.user).await?)
    }

    /// The second step that somebody still has to take after the right password; `None` where there is none.
    pub(super) async fn second_step(
        &self,
        user: UserId,
        password_hash: &str,
    ) -> Result<Option<SecondStep>, AccountError> {
        let state = self.store.two_steps().state(user).await?;
        if !state.is_on() {
            return Ok(None);
        }
        let mut methods = Vec::new();
        if state.has_app {
            methods.push(StepMethod::Totp);
        }
        if !state.passkeys.is_empty() && self.site.is_some() {
            methods.push(StepMethod::Passkey);
        }
        if state.recovery_codes > 0 {
            methods.push(StepMethod::RecoveryCode);
        }
        Ok(Some(SecondStep { token: self.step_token(user, password_hash), methods }))
    }

    /// Says that somebody has given the right password. Nothing is stored; another password makes it worthless.
    fn step_token(&self, user: UserId, password_hash: &str) -> String {
        let until = self.now() + STEP_LIFE;
        let signature = self.signer.sign(PURPOSE, &subject(user, password_hash), Some(until));
        format!("{user}.{}.{signature}", until.timestamp())
    }

    /// Who has given the right password.
    ///
    /// # Errors
    /// `SecondStepExpired`.
    pub(super) async fn of_step_token(&self, token: &str) -> Result<User, AccountError> {
        let mut parts = token.splitn(3, '.');
        let (Some(user), Some(until), Some(signature)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(AccountError::SecondStepExpired);
        };
        let user: UserId = user.parse().map_err(|_| AccountError::SecondStepExpired)?;
        let until = until.parse().ok().and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
        let until = until.ok_or(AccountError::SecondStepExpired)?;
        let hash = self.store.users().password_hash(user).await?.ok_or(AccountError::SecondStepExpired)?;
        if !self.signer.verify(PURPOSE, &subject(user, &hash), Some(until), self.now(), signature) {
            return Err(AccountError::SecondStepExpired);
        }
        let user = self.store.users().get(user).await?.filter(|user| !user.disabled);
        user.ok_or(AccountError::SecondStepExpired)
    }

    /// Takes the second step with a code of the app or a recovery code.
    ///
    /// # Errors
    /// `SecondStepExpired`, `InvalidCode` (also for a code that was used), `TooManyAttempts`.
    pub async fn sign_in_by_code(
        &self,
        token: &str,
        code: &str,
        client: &Client,
    ) -> Result<SignedIn, AccountError> {
        self.throttle.address(client.ip)?;
        let user = self.of_step_token(token).await?;
        self.throttle.second_step(user.id)?;
        let code: String = code.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let method = match self.used(user.id, &code.to_lowercase()).await? {
            Some(method) => method,
            None => {
                self.record_failure(user.id, client.clone(), "totp", "invalid_code");
                return Err(AccountError::InvalidCode);
            }
        };
        self.throttle.second_step_taken(user.id);
        self.open(user.id, client, method.as_str()).await
    }

    /// Uses a code up; how, if it was right.
    async fn used(&self, user: UserId, code: &str) -> Result<Option<StepMethod>, AccountError> {
        let rows = self.store.two_steps();
        if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
            let app = rows.authenticator(user).await?.filter(|app| app.confirmed);
            let Some(app) = app else { return Ok(None) };
            let step = self.totp(user, &app.sealed_secret)?.check(code, self.seconds());
            return match step {
                Some(step) if rows.use_step(user, step).await? => Ok(Some(StepMethod::Totp)),
                _ => Ok(None),
            };
        }
        let used = rows.use_recovery_code(user, &self.recovery_hash(user, code)).await?;
        Ok(used.then_some(StepMethod::RecoveryCode))
    }

    /// Begins to set an app up.
    ///
    /// # Errors
    /// `InvalidCredentials` when the password is wrong, `AuthenticatorThere`, `TooManyAttempts`.
    pub async fn begin_authenticator(
        &self,
        caller: &Caller,
        password: String,
    ) -> Result<NewAuthenticator, AccountError> {
        self.prove(caller, password).await?;
        let user = self.account(caller.user).await?.user;
        // 160 bits, as RFC 4226 recommends.
        let bytes: [u8; 20] = rand::random();
        let sealed = self.sealer()?.seal(&user.id.to_string(), &bytes).map_err(unsealable)?;
        if !self.store.two_steps().put_authenticator(user.id, &sealed, self.now()).await? {
            return Err(AccountError::AuthenticatorThere);
        }
        let secret = Secret::new_stack(bytes).to_base32();
        let email = user.email.as_ref().map(|email| email.as_str().to_owned());
        let name = email.or_else(|| user.phone.as_ref().map(|phone| phone.as_str().to_owned()));
        let label = percent_encoding::utf8_percent_encode(
            name.as_deref().unwrap_or(&user.name),
            percent_encoding::NON_ALPHANUMERIC,
        );
        let uri = format!("otpauth://totp/Pixora:{label}?secret={secret}&issuer=Pixora");
        Ok(NewAuthenticator { secret, uri })
    }

    /// Ends setting an app up with its first code. Returns recovery codes if the second step begins with this.
    ///
    /// # Errors
    /// `InvalidCode`, `AuthenticatorThere`, `TooManyAttempts`.
    pub async fn confirm_authenticator(
        &self,
        caller: &Caller,
        code: &str,
        language: Language,
    ) -> Result<Vec<String>, AccountError> {
        self.throttle.second_step(caller.user)?;
        let app = self.store.two_steps().authenticator(caller.user).await?;
        let app = app.ok_or(AccountError::InvalidCode)?;
        if app.confirmed {
            return Err(AccountError::AuthenticatorThere);
        }
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let step = self.totp(caller.user, &app.sealed_secret)?.check(&code, self.seconds());
        let step = step.ok_or(AccountError::InvalidCode)?;
        self.throttle.second_step_taken(caller.user);
        let (codes, hashes) = self.first_recovery_codes(caller.user).await?;
        let told = self.two_step_told(caller.user, language, true).await?;
        let granted = Granted { recovery_hashes: &hashes, mails: &told, now: self.now() };
        let rows = self.store.two_steps();
        if !rows.confirm_authenticator(caller.user, &app.sealed_secret, step, granted).await? {
            return Err(AccountError::InvalidCode);
        }
        self.outgoing.postbox.wake();
        Ok(codes)
    }

    /// Removes the caller's app.
    ///
    /// # Errors
    /// `InvalidCredentials` when the password is wrong, `NoAuthenticator`, `TooManyAttempts`.
    pub async fn remove_authenticator(
        &self,
        caller: &Caller,
        password: String,
        language: Language,
    ) -> Result<(), AccountError> {
        self.prove(caller, password).await?;
        let told = self.two_step_told(caller.user, language, false).await?;
        if !self.store.two_steps().remove(caller.user, None, &told, self.now()).await? {
            return Err(AccountError::NoAuthenticator);
        }
        self.outgoing.postbox.wake();
        Ok(())
    }

    /// Other recovery codes; those before end.
    ///
    /// # Errors
    /// `InvalidCredentials` when the password is wrong, `TwoStepOff`, `TooManyAttempts`.
    pub async fn renew_recovery_codes(
        &self,
        caller: &Caller,
        password: String,
    ) -> Result<Vec<String>, AccountError> {
        self.prove(caller, password).await?;
        if !self.store.two_steps().state(caller.user).await?.is_on() {
            return Err(AccountError::TwoStepOff);
        }
        let (codes, hashes) = self.recovery_codes(caller.user);
        self.store.two_steps().replace_recovery_codes(caller.user, &hashes).await?;
        Ok(codes)
    }

    /// Takes the second step away from somebody who has lost all of it. As an operator asks.
    ///
    /// # Errors
    /// `UserNotFound`.
    pub async fn end_two_step(&self, login_name: &str) -> Result<(), AccountError> {
        self.end_two_step_of(&self.find(login_name).await?, None).await
    }

    pub(super) async fn end_two_step_of(
        &self,
        user: &User,
        language: Option<Language>,
    ) -> Result<(), AccountError> {
        let told = self.outgoing.to(user, |to| mails::two_step(to, language, false));
        self.store.two_steps().remove_all(user.id, &told, self.now()).await?;
        self.outgoing.postbox.wake();
        Ok(())
    }

    /// Recovery codes with their hashes, for somebody whose second step begins; none for others.
    pub(super) async fn first_recovery_codes(
        &self,
        user: UserId,
    ) -> Result<(Vec<String>, Vec<String>), AccountError> {
        let state = self.store.two_steps().state(user).await?;
        Ok(if state.is_on() { (Vec::new(), Vec::new()) } else { self.recovery_codes(user) })
    }

    pub(super) async fn two_step_told(
        &self,
        user: UserId,
        language: Language,
        added: bool,
    ) -> Result<Vec<Mail>, AccountError> {
        let user = self.account(user).await?.user;
        Ok(self.outgoing.to(&user, |to| mails::two_step(to, Some(language), added)))
    }

    /// New codes, as they are shown, and their hashes.
    fn recovery_codes(&self, user: UserId) -> (Vec<String>, Vec<String>) {
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| secrets::to_type_in(RECOVERY_CODE)).collect();
        let hashes = codes.iter().map(|code| self.recovery_hash(user, code)).collect();
        let shown = codes.iter().map(|code| format!("{}-{}", &code[..5], &code[5..])).collect();
        (shown, hashes)
    }

    /// With a key, because a code that people can type could be guessed from a plain hash.
    fn recovery_hash(&self, user: UserId, code: &str) -> String {
        self.signer.sign("recovery_code", &format!("{user} {code}"), None)
    }

    fn totp(&self, user: UserId, sealed: &str) -> Result<Totp, AccountError> {
        let secret = self.sealer()?.open(&user.to_string(), sealed).map_err(unsealable)?;
        let secret = Secret::from(secret);
        Builder::new().with_secret(secret).build().map_err(|error| AccountError::Secret(error.to_string()))
    }

    fn sealer(&self) -> Result<Sealer, AccountError> {
        Sealer::new(&self.signer, "authenticator").map_err(unsealable)
    }

    fn seconds(&self) -> u64 {
        u64::try_from(self.now().timestamp()).unwrap_or_default()
    }
}

fn subject(user: UserId, password_hash: &str) -> String {
    format!("{user} {}", secrets::hash(password_hash))
}

fn unsealable(error: secrets::Unsealable) -> AccountError {
    AccountError::Secret(error.to_string())
}
