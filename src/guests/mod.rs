//! The actions of a guest in a photo session without an account: look at photos, agree to face matching, search with
//! a selfie, take the agreement back. Every door that guests come through asks here, so that the rules are the same.
//!
//! Must not know doors, nor how a face is found.

mod budget;
mod children;
mod comment_desk;
mod comments;
mod links;
mod list_keys;
mod pins;
mod sending;
mod visit;

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

use crate::{
    consents::{Consent, ConsentError, Consents, NewConsent, Text},
    domain::{ConsentId, ConsentPurpose, PhotoSessionId, SearchId},
    events::{Event, Events, Topic},
    marks::{MarkError, Marks},
    people::People,
    photo_sessions::{PhotoSessions, SessionError},
    search::{Asker, Followed, Match, Probing, SearchAnswer, SearchError, SearchRequest, SelfieSearch},
    secrets::LinkSigner,
    store::{PhotoCounts, Store, StoreError},
    telemetry,
    throttle::{Throttle, network},
};

pub use crate::store::{Comment, DeskComment, ExportedComment, Newest, OwnPhoto};
use budget::SearchBudget;
pub use comments::{CommentError, CommentReport, Commented, NewWords, Written};
pub use list_keys::ListKeys;
use pins::Pins;
pub use pins::{PASS_LIFE, Pass};
pub use sending::{Device, NewReport, OwnPhotos, Reported, Sending};
pub use visit::{Described, Visit};

#[derive(Debug, thiserror::Error)]
pub enum GuestError {
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Consent(ConsentError),
    /// The budget of the address, or of the session, is used up for so long.
    #[error("too many searches; the next one in {} s", .0.as_secs())]
    TooManySearches(Duration),
    #[error("too many consents came from this address; the next may come in {} s", .0.as_secs())]
    TooManyConsents(Duration),
    #[error("the session takes no photos of guests")]
    SendingOff,
    #[error("a sender's name has up to 60 characters in one line")]
    InvalidSenderName,
    #[error("a guest may send {0} photos here")]
    TooManyFromGuest(u32),
    #[error("the session has as many photos of guests as it takes")]
    TooManyFromGuests,
    #[error("no guest has sent this photo")]
    NotFromGuest,
    #[error("this guest has sent no such photo")]
    NotOwnPhoto,
    #[error("a report has up to 300 characters")]
    InvalidReport,
    /// Too many files or reports came from there.
    #[error("too much came from this address; more may come in {} s", .0.as_secs())]
    TooManySent(Duration),
    #[error(transparent)]
    Comment(#[from] CommentError),
    #[error("no link has this code")]
    LinkNotFound,
    /// Too many codes were tried from there.
    #[error("too many codes were tried; the next may come in {} s", .0.as_secs())]
    TooManyLinks(Duration),
    #[error("the PIN is not the gallery's")]
    WrongPin,
    /// Too many wrong PINs came from there, or in the session.
    #[error("too many PINs were tried; the next may come in {} s", .0.as_secs())]
    TooManyPins(Duration),
    #[error(transparent)]
    Search(#[from] SearchError),
    /// The studio's watermark cannot be read.
    #[error(transparent)]
    Mark(#[from] Arc<MarkError>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ConsentError> for GuestError {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::Store(error) => Self::Store(error),
            error => Self::Consent(error),
        }
    }
}

impl GuestError {
    /// Stable name of the failure of a search.
    fn code(&self) -> &'static str {
        match self {
            Self::Search(error) => error.code(),
            Self::TooManySearches(_) => "too_many_searches",
            Self::TooManyConsents(_) | Self::TooManyPins(_) | Self::TooManyLinks(_) => "too_many_attempts",
            Self::TooManySent(_) => "too_many_attempts",
            Self::LinkNotFound => "link_not_found",
            Self::WrongPin => "pin_wrong",
            Self::Consent(ConsentError::Outdated(_)) => "consent_outdated",
            Self::SendingOff
            | Self::InvalidSenderName
            | Self::TooManyFromGuest(_)
            | Self::TooManyFromGuests
            | Self::NotFromGuest
            | Self::NotOwnPhoto
            | Self::InvalidReport
            | Self::Comment(_)
            | Self::Session(_)
            | Self::Consent(_)
            | Self::Mark(_)
            | Self::Store(_) => "internal",
        }
    }
}

/// The results for a guest who comes back within their visit.
pub struct Returned {
    /// The search that they made; a stream of events may follow it.
    pub search: SearchId,
    /// That the search was made under.
    pub consent: ConsentId,
    /// The current matches, best first.
    pub matches: Vec<Match>,
    pub counts: PhotoCounts,
    /// What is remembered of the search.
    pub followed: Followed,
}

/// The rooms that guests meet.
#[derive(Clone)]
pub struct Rooms {
    pub sessions: PhotoSessions,
    pub marks: Marks,
    pub people: People,
    pub consents: Consents,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Guests {
    store: Store,
    sessions: PhotoSessions,
    marks: Marks,
    people: People,
    agreed: Consents,
    search: Arc<dyn SelfieSearch>,
    probing: Probing,
    events: Events,
    budget: Arc<SearchBudget>,
    pins: Arc<Pins>,
    lists: ListKeys,
    /// A wedding's guests at once behind one address, then one a second: each is a row that is kept.
    consents: Arc<Throttle<(PhotoSessionId, IpAddr)>>,
    /// Codes of links that led nowhere.
    links: Arc<Throttle<IpAddr>>,
    /// Files that guests announce, and their reports.
    announced: Arc<Throttle<IpAddr>>,
    reported: Arc<Throttle<IpAddr>>,
    /// What guests write on photos.
    written: Arc<Throttle<IpAddr>>,
}

impl Guests {
    /// `probing` is where `search` keeps probes.
    #[must_use]
    pub fn new(
        store: Store,
        rooms: Rooms,
        search: Arc<dyn SelfieSearch>,
        probing: Probing,
        events: Events,
        links: LinkSigner,
    ) -> Self {
        let Rooms { sessions, marks, people, consents: agreed } = rooms;
        let pins = Arc::new(Pins::new(links.clone()));
        let lists = ListKeys::new(store.clone(), links);
        let consents = Arc::new(Throttle::new(300, Duration::from_secs(1)));
        let throttle = |(burst, every)| Arc::new(Throttle::new(burst, every));
        let (tried, announced) = (throttle(links::WRONG), throttle(sending::ANNOUNCED));
        let (reported, written) = (throttle(sending::REPORTED), throttle(comments::WRITTEN));
        let budget = Arc::default();
        Self {
            store,
            sessions,
            marks,
            people,
            agreed,
            search,
            probing,
            events,
            budget,
            pins,
            lists,
            consents,
            links: tried,
            announced,
            reported,
            written,
        }
    }

    /// A guest's look into a session for a search, before its pictures are read: the session may be searched, the machine can
    /// do the search in time, and neither the address nor the session has used up its budget, of which it takes one.
    ///
    /// # Errors
    /// [`GuestError`].
    pub async fn admit(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
        asker: Asker,
    ) -> Result<Visit, GuestError> {
        self.open_to_search(session, pass).await?;
        let visit = self.enter(session, pass).await?;
        let started = Instant::now();
        let refused = |error: GuestError| {
            telemetry::search_answered(error.code(), started);
            error
        };
        self.search.admits(session, asker).map_err(|error| refused(error.into()))?;
        let spent = self.budget.spend(session, asker);
        spent.map_err(|wait| refused(GuestError::TooManySearches(wait)))?;
        Ok(visit)
    }

    /// Counts a consent that somebody at this address gives in a session that is open to it.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::SendingOff`], [`GuestError::TooManyConsents`].
    pub async fn admit_consent(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
        purpose: ConsentPurpose,
        address: IpAddr,
    ) -> Result<(), GuestError> {
        self.open_to(session, pass, purpose).await?;
        self.consents.check(&(session, network(address))).map_err(GuestError::TooManyConsents)
    }

    /// Forgets who has been quiet for a while; call it now and then.
    pub fn tidy(&self) {
        self.budget.forget_old();
        self.pins.forget_old();
        self.consents.forget_old();
        self.links.forget_old();
        self.announced.forget_old();
        self.reported.forget_old();
        self.written.forget_old();
        self.agreed.tidy();
    }

    /// The words that a guest is asked to agree to now, for each purpose.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::Store`].
    pub async fn asked(&self, session: PhotoSessionId, pass: &Pass) -> Result<Vec<Text>, GuestError> {
        let session = self.open(session, pass).await?;
        Ok(self.agreed.all_current(session.studio_id).await?)
    }

    /// Records a yes, in a session that may be searched, or that takes photos or comments of guests. Doing it again with the same id changes nothing.
    ///
    /// # Errors
    /// [`GuestError`].
    pub async fn agree(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
        new: NewConsent,
        now: DateTime<Utc>,
    ) -> Result<Consent, GuestError> {
        let session = self.open_to(session, pass, new.purpose).await?;
        Ok(self.agreed.record(&session, new, now).await?)
    }

    /// Takes a yes back, with the searches made under it and what is remembered of them. Works also after the
    /// session was closed.
    ///
    /// # Errors
    /// [`ConsentError::NotFound`], or the database's.
    pub async fn withdraw(
        &self,
        session: PhotoSessionId,
        consent: ConsentId,
        now: DateTime<Utc>,
    ) -> Result<(), GuestError> {
        let given = self.store.guests().consent(consent).await?;
        given.filter(|given| given.photo_session_id == session).ok_or(ConsentError::NotFound)?;
        let withdrawn = self.store.guests().withdraw_consent(consent, now).await?;
        self.drop_consent(consent);
        if let Some(withdrawn) = withdrawn {
            self.people.told(session, &withdrawn.turned).await?;
            self.told_of(session, &withdrawn.taken_back);
            self.tell_comments(session, withdrawn.unwritten).await?;
        }
        Ok(())
    }

    /// Forgets, on every node, what is remembered under a consent whose row is gone.
    pub fn drop_consent(&self, consent: ConsentId) {
        self.events.publish(Topic::Withdrawals, Event::Withdrawn(consent));
        self.probing.forget(consent);
    }

    /// Finds the photos that show the guest, in a session that is open.
    ///
    /// # Errors
    /// [`GuestError`].
    pub async fn search(&self, request: SearchRequest, pass: &Pass) -> Result<SearchAnswer, GuestError> {
        let session = self.open_to_search(request.session, pass).await?;
        let started = Instant::now();
        if let Some(consent) = request.consent {
            self.agreed.check(&session, ConsentPurpose::Match, consent).await.map_err(
                |error| match error {
                    ConsentError::NotFound => SearchError::UnknownConsent.into(),
                    error => GuestError::from(error),
                },
            )?;
        }
        let (id, consent) = (request.session, request.consent);
        let answer = match self.search.search(request).await {
            Ok(answer) => {
                let (sure, perhaps) = (answer.matches, answer.perhaps);
                let (matches, perhaps) = self.with_guardian(id, consent, sure, perhaps).await?;
                Ok(SearchAnswer { matches, perhaps, ..answer })
            }
            Err(error) => Err(error),
        };
        let outcome = match &answer {
            Ok(answer) if answer.matches.is_empty() => "empty",
            Ok(_) => "hit",
            Err(error) => error.code(),
        };
        telemetry::search_answered(outcome, started);
        Ok(answer?)
    }

    /// A token for the device of the guest who made the search: with it they find their photos again within one visit.
    /// `None` for a search that nothing is kept of. The token that the device had, if any, no longer counts.
    #[must_use]
    pub fn remember(&self, search: SearchId, earlier: Option<&str>) -> Option<String> {
        self.probing.remember(search, earlier)
    }

    /// The current matches of the search that the token was made for, for a visit that was admitted. `None` when nothing is
    /// kept of it: the visit is over, the consent was taken back, the text that it was given to is asked no more, or the
    /// service was started anew.
    ///
    /// # Errors
    /// [`GuestError`].
    pub async fn returned(&self, visit: &Visit, token: &str) -> Result<Option<Returned>, GuestError> {
        let session = visit.session.id;
        let Some((search, kept)) = self.probing.remembered(session, token, Instant::now()) else {
            return Ok(None);
        };
        match self.agreed.check(&visit.session, ConsentPurpose::Match, kept.consent).await {
            Ok(_) => {}
            Err(ConsentError::Store(error)) => return Err(error.into()),
            Err(_) => return Ok(None),
        }
        let matches = self.again(&kept).await?;
        let counts = visit.counts().await?;
        // The consent may have been taken back while we searched.
        let is_kept = self.probing.remembered(session, token, Instant::now()).is_some();
        Ok(is_kept.then_some(Returned { search, consent: kept.consent, matches, counts, followed: kept }))
    }

    /// Forgets the guest whose device has the token: takes back the consent that their search was made under. Works
    /// also after the session was closed.
    ///
    /// # Errors
    /// The database's.
    pub async fn forget(
        &self,
        session: PhotoSessionId,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<(), GuestError> {
        let Some((_, kept)) = self.probing.remembered(session, token, Instant::now()) else {
            return Ok(());
        };
        match self.withdraw(session, kept.consent, now).await {
            Err(GuestError::Consent(ConsentError::NotFound)) => {
                self.probing.forget(kept.consent);
                Ok(())
            }
            done => done,
        }
    }

    /// [`search`](Self::search) for a guest who keeps no page open: nothing of the search stays in memory.
    ///
    /// # Errors
    /// [`GuestError`].
    pub async fn search_once(
        &self,
        request: SearchRequest,
        pass: &Pass,
        consent: ConsentId,
    ) -> Result<SearchAnswer, GuestError> {
        let answer = self.search(SearchRequest { consent: Some(consent), ..request }, pass).await;
        self.probing.forget(consent);
        answer
    }
}
