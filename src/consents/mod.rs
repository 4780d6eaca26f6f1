//! What guests agree to, and the record of it: which text, in which version and language, when, for what, withdrawn when.
//!
//! - **One place records.** [`Consents::prepare`] checks the version and makes the row, whatever the purpose. The row is
//!   written in the transaction of what happens under it (`store/consents.rs`, `record`), or alone by [`Consents::record`].
//! - **One place asks whether it stands.** [`Consents::check`]: not withdrawn, and of the text that is asked now. A
//!   changed text asks again.
//! - **Texts have versions.** Pixora's own are in `texts.rs`, those of studios in rows; none is ever changed or deleted.
//!   Where a studio has no text of its own, a program that shows guests its own words may name a version of its own.
//! - **A record belongs to one guest in one session.** Its code is a signature of its id, so that nothing is stored that
//!   opens it, and whoever holds the consent can be given the code again.
//!
//! Must not know doors, faces or vectors.

mod texts;

use std::net::IpAddr;

use chrono::{DateTime, Utc};

use crate::{
    domain::{ConsentId, ConsentPurpose, Language, PhotoSession, PhotoSessionId, StudioId},
    secrets::LinkSigner,
    store::{Store, StoreError},
    throttle::{Throttle, network},
};

pub use crate::store::{Consent, ConsentFilter, ConsentsOf, Newest};
pub use texts::{LONGEST, Text, TextError};

/// The purpose in the signature of a record's code.
const PURPOSE: &str = "consents";

#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    #[error("the consent names no version of ours")]
    Invalid,
    /// Of an earlier text; with the version that is asked now.
    #[error("the text has changed since")]
    Outdated(String),
    #[error("there is no such consent, or it was withdrawn")]
    NotFound,
    /// No record has this code.
    #[error("there is no record with this code")]
    RecordNotFound,
    #[error("too many codes were tried from there; the next may be in {} s", .0.as_secs())]
    TooMany(std::time::Duration),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A yes as a guest gives it.
#[derive(Debug, Clone)]
pub struct NewConsent {
    /// Recording it again with the same id changes nothing.
    pub id: ConsentId,
    pub purpose: ConsentPurpose,
    /// Of the text that the guest read, in `language`.
    pub version: String,
    pub language: Language,
    /// Another consent of the same guest in this session.
    pub beside: Option<ConsentId>,
}

/// A consent with the words that were agreed to, where Pixora has shown them.
#[derive(Debug, Clone)]
pub struct Kept {
    pub consent: Consent,
    pub text: Option<String>,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Consents {
    store: Store,
    links: LinkSigner,
    /// Looks at records by an address.
    looks: std::sync::Arc<Throttle<IpAddr>>,
}

impl Consents {
    #[must_use]
    pub fn new(store: Store, links: LinkSigner) -> Self {
        let looks = std::sync::Arc::new(Throttle::new(60, std::time::Duration::from_secs(1)));
        Self { store, links, looks }
    }

    /// The row of a yes that may be recorded now.
    ///
    /// # Errors
    /// [`ConsentError`].
    pub async fn prepare(
        &self,
        session: &PhotoSession,
        new: NewConsent,
        now: DateTime<Utc>,
    ) -> Result<Consent, ConsentError> {
        let NewConsent { id, purpose, version, language, beside } = new;
        let plain = version.bytes().all(|b| b.is_ascii_alphanumeric() || b".-".contains(&b));
        if !plain || !(1..=32).contains(&version.len()) {
            return Err(ConsentError::Invalid);
        }
        let text = self.check_version(session.studio_id, purpose, &version).await?;
        // What is on record is the text that was read; the words of another program are in the language that it names.
        let language = if version == text.version { text.language_for(language) } else { language };
        let record = match beside {
            None => id,
            Some(other) => {
                let other = self.store.guests().consent(other).await?;
                let other = other.filter(|other| other.photo_session_id == session.id);
                other.ok_or(ConsentError::NotFound)?.record
            }
        };
        Ok(Consent {
            id,
            record,
            photo_session_id: session.id,
            studio_id: Some(session.studio_id),
            purpose,
            version,
            language,
            created_at: now,
            withdrawn_at: None,
        })
    }

    /// Records a yes under which nothing else is written.
    ///
    /// # Errors
    /// [`ConsentError`].
    pub async fn record(
        &self,
        session: &PhotoSession,
        new: NewConsent,
        now: DateTime<Utc>,
    ) -> Result<Consent, ConsentError> {
        let consent = self.prepare(session, new, now).await?;
        match self.store.guests().record_consent(&consent).await {
            Err(StoreError::Conflict(_)) | Ok(()) => Ok(consent),
            Err(error) => Err(error.into()),
        }
    }

    /// A consent for this purpose that was given in the session, stands, and is of the text that is asked now.
    ///
    /// # Errors
    /// [`ConsentError::NotFound`], [`ConsentError::Outdated`], or the database's.
    pub async fn check(
        &self,
        session: &PhotoSession,
        purpose: ConsentPurpose,
        id: ConsentId,
    ) -> Result<Consent, ConsentError> {
        let given = self.store.guests().consent(id).await?;
        let is_meant = |given: &Consent| given.photo_session_id == session.id && given.purpose == purpose;
        let given = given.filter(is_meant).ok_or(ConsentError::NotFound)?;
        self.check_version(session.studio_id, purpose, &given.version).await?;
        Ok(given)
    }

    /// Whether the guest who gave a consent has also said yes as a guardian, to the text that is asked now.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn has_guardian(&self, id: ConsentId) -> Result<bool, StoreError> {
        let Some(given) = self.store.guests().consent(id).await? else { return Ok(false) };
        for other in self.store.guests().consents_of(given.record).await? {
            let stands = other.purpose == ConsentPurpose::Guardian && other.withdrawn_at.is_none();
            if stands && self.asked_now(&other).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a consent is one to the text that is asked now.
    async fn asked_now(&self, consent: &Consent) -> Result<bool, StoreError> {
        let Some(studio) = consent.studio_id else { return Ok(true) };
        Ok(self.current(studio, consent.purpose).await?.takes(&consent.version))
    }

    /// Whether a consent was given in the session, also one that was withdrawn.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn is_of(&self, session: PhotoSessionId, id: ConsentId) -> Result<bool, StoreError> {
        let given = self.store.guests().recorded(id).await?;
        Ok(given.is_some_and(|given| given.photo_session_id == session))
    }

    async fn check_version(
        &self,
        studio: StudioId,
        purpose: ConsentPurpose,
        version: &str,
    ) -> Result<Text, ConsentError> {
        let current = self.current(studio, purpose).await?;
        if current.takes(version) { Ok(current) } else { Err(ConsentError::Outdated(current.version)) }
    }

    /// The code with which a guest sees their record.
    #[must_use]
    pub fn code(&self, record: ConsentId) -> String {
        format!("{record}.{}", self.links.sign(PURPOSE, &record.to_string(), None))
    }

    /// The record that a code opens.
    ///
    /// # Errors
    /// [`ConsentError::RecordNotFound`].
    pub fn by_code(&self, code: &str, now: DateTime<Utc>) -> Result<ConsentId, ConsentError> {
        let (record, signature) = code.split_once('.').ok_or(ConsentError::RecordNotFound)?;
        if !self.links.verify(PURPOSE, record, None, now, signature) {
            return Err(ConsentError::RecordNotFound);
        }
        record.parse().map_err(|_| ConsentError::RecordNotFound)
    }

    /// All that the guest who has the code agreed to, the oldest first. Whoever asks from one address too often has to
    /// wait.
    ///
    /// # Errors
    /// [`ConsentError::RecordNotFound`], also for a record that was erased; [`ConsentError::TooMany`].
    pub async fn record_of(
        &self,
        code: &str,
        address: IpAddr,
        now: DateTime<Utc>,
    ) -> Result<Vec<Kept>, ConsentError> {
        self.looks.check(&network(address)).map_err(ConsentError::TooMany)?;
        let consents = self.store.guests().consents_of(self.by_code(code, now)?).await?;
        if consents.is_empty() {
            return Err(ConsentError::RecordNotFound);
        }
        self.with_texts(consents).await
    }

    /// Forgets who has been quiet for a while; call it now and then.
    pub fn tidy(&self) {
        self.looks.forget_old();
    }

    /// Consents of a studio or of one session, the newest first.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn list(
        &self,
        of: ConsentsOf,
        filter: ConsentFilter,
        after: Option<Newest<ConsentId>>,
        limit: u32,
    ) -> Result<Vec<Consent>, StoreError> {
        self.store.guests().consents(of, filter, after, limit).await
    }

    async fn with_texts(&self, consents: Vec<Consent>) -> Result<Vec<Kept>, ConsentError> {
        let mut kept = Vec::with_capacity(consents.len());
        for consent in consents {
            let text = self.text_of(&consent).await?;
            kept.push(Kept { consent, text });
        }
        Ok(kept)
    }
}
