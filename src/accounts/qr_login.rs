//! Signing a device in by a code that a signed-in one scans, as in Telegram Web.
//!
//! Two codes belong to one sign-in: the asking device polls with one, the picture shows the other, which
//! follows from the first by a hash. Whoever photographs the screen can confirm or reject, never fetch
//! the tokens. A browser is signed in only if it also has the cookie that it got with the code: otherwise a link
//! with somebody else's code would sign it in as them.

use chrono::{DateTime, TimeDelta, Utc};

use super::{AccountError, Accounts, Caller, Client, SignedIn};
use crate::{
    secrets,
    store::{Origin, QrLogin, QrState},
};

/// How long a code may be scanned.
const LIFE: TimeDelta = TimeDelta::seconds(60);
/// How long after that a confirmation may still be fetched, and the row is kept.
const KEPT: TimeDelta = TimeDelta::seconds(60);

/// A new code.
#[derive(Debug)]
pub struct QrCode {
    /// For the asking device alone.
    pub poll_code: String,
    /// For the picture.
    pub scan_code: String,
    /// For a cookie of the asking browser. The same through all codes that it asks for, so that two of its tabs may
    /// wait at the same time.
    pub asker: String,
    pub expires_at: DateTime<Utc>,
    /// Seconds.
    pub expires_in: i64,
}

/// The description of the asking device for the confirming user.
#[derive(Debug)]
pub struct QrRequest {
    pub origin: Origin,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// Whether it can still be confirmed or rejected.
    pub pending: bool,
}

/// The party that polls for a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker<'a> {
    /// A page, with what its cookie holds. Gets nothing for a code that another browser asked for.
    Browser(&'a str),
    /// A program without cookies: it knows the code.
    Program,
    /// A browser that was led here: may see how the code stands.
    Bystander,
}

/// The answer to the asking device.
#[derive(Debug)]
pub enum Polled {
    Pending,
    /// Once; later polls say `Expired`.
    Confirmed(Box<SignedIn>),
    /// Confirmed, but the tokens wait for the device that asked.
    Withheld,
    Rejected,
    Expired,
}

impl Accounts {
    /// A code for a device that wants to be signed in. `asker` is what its cookie holds from an earlier code.
    ///
    /// # Errors
    /// `TooManyAttempts`.
    pub async fn generate_qr(&self, client: &Client, asker: Option<&str>) -> Result<QrCode, AccountError> {
        self.throttle.address(client.ip)?;
        let now = self.now();
        let poll_code = secrets::generate();
        let scan_code = scan_code(&poll_code);
        let asker = asker.filter(|it| secrets::looks_generated(it));
        let asker = asker.map_or_else(secrets::generate, ToOwned::to_owned);
        let login = QrLogin {
            state: QrState::Pending,
            user: None,
            asker_hash: Some(secrets::hash(&asker)),
            origin: self.origins.read(client),
            created_at: now,
            // Rows are swept after this; `is_over` decides what a code is worth before.
            expires_at: now + LIFE + KEPT,
        };
        self.store.qr_logins().create(&login, &secrets::hash(&poll_code), &secrets::hash(&scan_code)).await?;
        Ok(QrCode { poll_code, scan_code, asker, expires_at: now + LIFE, expires_in: LIFE.num_seconds() })
    }

    /// Gets the state of the code; the tokens are handed out once.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn poll_qr(
        &self,
        poll_code: &str,
        asker: Asker<'_>,
        client: &Client,
    ) -> Result<Polled, AccountError> {
        let hash = secrets::hash(poll_code);
        let Some(login) = self.store.qr_logins().polled(&hash).await? else { return Ok(Polled::Expired) };
        if let Asker::Browser(cookie) = asker
            && login.asker_hash.as_ref().is_none_or(|asked| *asked != secrets::hash(cookie))
        {
            return Ok(Polled::Expired);
        }
        match (login.state, login.user) {
            (QrState::Pending, _) if self.is_over(&login) => Ok(Polled::Expired),
            (QrState::Pending, _) => Ok(Polled::Pending),
            (QrState::Rejected, _) => Ok(Polled::Rejected),
            (QrState::Confirmed, Some(_)) if asker == Asker::Bystander && self.now() < login.expires_at => {
                Ok(Polled::Withheld)
            }
            (QrState::Confirmed, Some(user)) if self.now() < login.expires_at => {
                let (session, refresh_token) = self.new_device(user, client);
                if !self.store.qr_logins().spend(&hash, &session, &secrets::hash(&refresh_token)).await? {
                    return Ok(Polled::Expired);
                }
                Ok(Polled::Confirmed(Box::new(self.signed_in(session, refresh_token).await?)))
            }
            (QrState::Confirmed | QrState::Spent, _) => Ok(Polled::Expired),
        }
    }

    /// Describes the asking device to the confirming user.
    ///
    /// # Errors
    /// `QrCodeNotFound`.
    pub async fn qr_request(&self, code: &str) -> Result<QrRequest, AccountError> {
        let (login, _) = self.find_qr(code).await?;
        Ok(QrRequest {
            pending: login.state == QrState::Pending && !self.is_over(&login),
            expires_at: login.created_at + LIFE,
            created_at: login.created_at,
            origin: login.origin,
        })
    }

    /// Signs the asking device in as the caller.
    ///
    /// # Errors
    /// `QrCodeNotFound`, `QrCodeSettled`.
    pub async fn confirm_qr(&self, caller: &Caller, code: &str) -> Result<(), AccountError> {
        self.settle_qr(caller, code, QrState::Confirmed).await
    }

    /// Ends the sign-in.
    ///
    /// # Errors
    /// `QrCodeNotFound`, `QrCodeSettled`.
    pub async fn reject_qr(&self, caller: &Caller, code: &str) -> Result<(), AccountError> {
        self.settle_qr(caller, code, QrState::Rejected).await
    }

    async fn settle_qr(&self, caller: &Caller, code: &str, state: QrState) -> Result<(), AccountError> {
        let (login, scan_hash) = self.find_qr(code).await?;
        if login.state == QrState::Pending && self.is_over(&login) {
            return Err(AccountError::QrCodeNotFound);
        }
        let settled = self.store.qr_logins().settle(&scan_hash, state, caller.user, self.now()).await?;
        if settled { Ok(()) } else { Err(AccountError::QrCodeSettled) }
    }

    /// By the code of the picture, or by the polled one: a client of the old system may draw its own
    /// picture from that.
    async fn find_qr(&self, code: &str) -> Result<(QrLogin, String), AccountError> {
        for scan_code in [code.to_owned(), scan_code(code)] {
            let hash = secrets::hash(&scan_code);
            if let Some(login) = self.store.qr_logins().scanned(&hash).await? {
                return Ok((login, hash));
            }
        }
        Err(AccountError::QrCodeNotFound)
    }

    fn is_over(&self, login: &QrLogin) -> bool {
        self.now() >= login.created_at + LIFE
    }
}

fn scan_code(poll_code: &str) -> String {
    secrets::derive(poll_code, "qr-login")
}
