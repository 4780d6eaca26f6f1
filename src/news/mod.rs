//! News for guests: whoever has found themselves by a selfie hears of new photos that show them, by mail, by a notification
//! of their browser, or from the bot.
//!
//! - **A consent of its own.** Everything is kept under it and has its id: the address, the face as numbers, the photos that
//!   the guest knows (`store/news.rs`). Whatever ends the consent erases all of it in that transaction, with every message
//!   on its way, and notes the erasure, so that what remains in files goes too and a receipt counts it.
//! - **Nobody is written to who did not ask.** A mail address, and a chat, say yes themselves first; what nobody says yes to
//!   goes after [`UNCONFIRMED`].
//! - **Everything goes through the guest's look** ([`Guests::enter_away`]), once when photos are looked for and again when a
//!   message is sent: what was hidden or closed in between is not told.
//! - **It ends with the session.** [`NewsKeeper`] stops the news of a session that is put away, has ended, or is gone.
//! - **Another embedding model** takes the guest's face from the photos that they know. Where they know none, their news
//!   go on as long as their model looks at photos, and end with a last message that says so.
//!
//! Must not know doors.

mod keeper;
mod letters;
mod notifications;
mod pace;
mod words;

use std::{net::IpAddr, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    consents::{ConsentError, Consents, NewConsent},
    domain::{
        Addresses, Clock, ConsentId, ConsentPurpose, Email, Language, Mail, NewsChannel, PhotoSession,
        PhotoSessionId,
    },
    guests::{GuestError, Guests, Visit},
    mail::Postbox,
    photo_sessions::{PhotoSessions, SessionError},
    push::{Push, Subscription, SubscriptionError},
    search::{Match, SearchError, SelfieSearch},
    secrets::LinkSigner,
    store::{ErasureRequest, KeptVectors, KnownPhoto, NewNews, Store, StoreError},
    throttle::{Throttle, network},
};

pub use crate::store::News as Standing;
pub use keeper::NewsKeeper;
pub use letters::{Telling, Told};

/// The purposes of links, for the signer. Only whoever reads at the address has the second.
const MANAGE: &str = "news";
const CONFIRM: &str = "news-confirm";
/// How long somebody may take to say yes.
pub const UNCONFIRMED: TimeDelta = TimeDelta::days(2);
/// Guests of one session who hear of its photos at one address: a family has one.
const AT_ONE_ADDRESS: u64 = 5;
/// Guests of one session who hear of its photos.
const MOST: u64 = 10_000;
/// Requests of one network at once, then one more each time this has passed.
const OF_NETWORK: (u32, Duration) = (60, Duration::from_secs(20));
/// Questions to one address, from wherever they come: nobody is to be flooded by strangers.
const OF_ADDRESS: (u32, Duration) = (3, Duration::from_secs(3600));

#[derive(Debug, thiserror::Error)]
pub enum NewsError {
    /// Nothing is remembered of a search of the guest's.
    #[error("the guest has not found themselves yet")]
    NotFoundYet,
    #[error("news cannot come by {0} here")]
    ChannelOff(NewsChannel),
    #[error("the address is none")]
    InvalidAddress,
    #[error(transparent)]
    Subscription(#[from] SubscriptionError),
    #[error("there are no such news, or the link is not theirs")]
    NotFound,
    #[error("too many wanted news from there; the next may in {} s", .0.as_secs())]
    TooMany(Duration),
    #[error(transparent)]
    Consent(#[from] ConsentError),
    #[error(transparent)]
    Guest(#[from] GuestError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How news are to come.
#[derive(Debug, Clone)]
pub enum By {
    /// To this address.
    Mail(String),
    /// To this browser.
    Push(Subscription),
    /// To a chat that comes for them, see [`News::bind`].
    Telegram,
}

impl By {
    fn channel(&self) -> NewsChannel {
        match self {
            Self::Mail(_) => NewsChannel::Mail,
            Self::Push(_) => NewsChannel::Push,
            Self::Telegram => NewsChannel::Telegram,
        }
    }
}

/// What a guest wants.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub by: By,
    /// Of the text that the guest agreed to, in `language`.
    pub version: String,
    pub language: Language,
}

/// What has begun.
#[derive(Debug, Clone)]
pub struct Begun {
    pub id: ConsentId,
    /// Opens it to whoever has it.
    pub key: String,
    /// Whoever reads at the address is asked first.
    pub is_asked: bool,
}

/// How somebody's news stand.
#[derive(Debug, Clone)]
pub enum Stand {
    Kept(Standing),
    /// Erased; what there was is counted.
    Stopped(Box<ErasureRequest>),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct News {
    store: Store,
    sessions: PhotoSessions,
    guests: Guests,
    consents: Consents,
    search: Arc<dyn SelfieSearch>,
    links: LinkSigner,
    postbox: Postbox,
    push: Push,
    has_bot: bool,
    /// Where guests reach sessions.
    sites: Addresses,
    networks: Arc<Throttle<IpAddr>>,
    addresses: Arc<Throttle<String>>,
    clock: Clock,
}

/// The rooms that news need.
pub struct Neighbours {
    pub sessions: PhotoSessions,
    pub guests: Guests,
    pub consents: Consents,
    pub search: Arc<dyn SelfieSearch>,
    pub postbox: Postbox,
    pub push: Push,
    pub has_bot: bool,
}

impl News {
    #[must_use]
    pub fn new(
        store: Store,
        neighbours: Neighbours,
        links: LinkSigner,
        sites: Addresses,
        clock: Clock,
    ) -> Self {
        let Neighbours { sessions, guests, consents, search, postbox, push, has_bot } = neighbours;
        let networks = Arc::new(Throttle::new(OF_NETWORK.0, OF_NETWORK.1));
        let addresses = Arc::new(Throttle::new(OF_ADDRESS.0, OF_ADDRESS.1));
        Self {
            store,
            sessions,
            guests,
            consents,
            search,
            links,
            postbox,
            push,
            has_bot,
            sites,
            networks,
            addresses,
            clock,
        }
    }

    /// Whether news can come by this channel.
    #[must_use]
    pub fn offers(&self, channel: NewsChannel) -> bool {
        match channel {
            NewsChannel::Mail => self.postbox.enabled(),
            // Browsers give notifications to pages that came by https.
            NewsChannel::Push => self.sites.installation().starts_with("https://"),
            NewsChannel::Telegram => self.has_bot,
        }
    }

    /// Those by which they can.
    #[must_use]
    pub fn channels(&self) -> Vec<NewsChannel> {
        NewsChannel::ALL.iter().copied().filter(|channel| self.offers(*channel)).collect()
    }

    /// Keeps what is needed to tell a guest of new photos, who found themselves in this visit and asks from `from`.
    /// `token`: of their device, see [`Guests::remember`].
    ///
    /// # Errors
    /// [`NewsError`]; nothing is kept then.
    pub async fn begin(
        &self,
        visit: &Visit,
        token: &str,
        wanted: Wanted,
        from: IpAddr,
    ) -> Result<Begun, NewsError> {
        let Wanted { by, version, language } = wanted;
        let channel = by.channel();
        if !self.offers(channel) {
            return Err(NewsError::ChannelOff(channel));
        }
        let address = self.address(by).await?;
        let (session, now) = (&visit.session, (self.clock)());
        let found = self.guests.returned(visit, token).await?.ok_or(NewsError::NotFoundYet)?;
        let id = ConsentId::generate();
        let consent =
            NewConsent { id, purpose: ConsentPurpose::News, version, language, beside: Some(found.consent) };
        let consent = self.consents.prepare(session, consent, now).await?;
        self.admit(session.id, address.as_deref(), from).await?;
        let standing = Standing {
            id,
            session: session.id,
            studio: session.studio_id,
            channel,
            address,
            language,
            pin: self.guests.pin_known(session),
            // A browser subscribes for itself.
            confirmed_at: (channel == NewsChannel::Push).then_some(now),
            told_at: None,
            ended_at: None,
            created_at: now,
        };
        let question = self.question(&standing, session).await?;
        let is_asked = standing.confirmed_at.is_none();
        let kept = KeptVectors { model: found.followed.model, vectors: found.followed.probes.to_vec() };
        let known = found.matches.iter().map(known).collect();
        let new = NewNews { news: standing, consent, kept, known, question };
        self.store.news().begin(&new, now).await?;
        self.postbox.wake();
        Ok(Begun { id, key: self.key(id), is_asked })
    }

    /// The address as it is to be kept.
    async fn address(&self, by: By) -> Result<Option<String>, NewsError> {
        match by {
            By::Mail(address) => {
                let address: Email = address.parse().map_err(|_| NewsError::InvalidAddress)?;
                Ok(Some(address.as_str().to_owned()))
            }
            By::Push(subscription) => {
                let kept = self.push.inspect(subscription).await?;
                serde_json::to_string(&kept).map(Some).map_err(|_| NewsError::InvalidAddress)
            }
            By::Telegram => Ok(None),
        }
    }

    /// What whoever reads at the address is asked.
    async fn question(&self, standing: &Standing, session: &PhotoSession) -> Result<Option<Mail>, NewsError> {
        let to = standing.address.as_deref().filter(|_| standing.channel == NewsChannel::Mail);
        let Some(to) = to.and_then(|to| to.parse().ok()) else { return Ok(None) };
        Ok(Some(self.mail_question(standing, &session.name, to).await?))
    }

    async fn admit(
        &self,
        session: PhotoSessionId,
        address: Option<&str>,
        from: IpAddr,
    ) -> Result<(), NewsError> {
        self.networks.check(&network(from)).map_err(NewsError::TooMany)?;
        let (all, here) = self.store.news().count(session, address.unwrap_or_default()).await?;
        if all >= MOST || here >= AT_ONE_ADDRESS {
            return Err(NewsError::TooMany(OF_ADDRESS.1));
        }
        let Some(address) = address else { return Ok(()) };
        self.addresses.check(&address.to_owned()).map_err(NewsError::TooMany)
    }

    /// A chat of the bot comes for news that wait for it. `None` when there are none, or another chat has them.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn bind(&self, id: ConsentId, chat: i64) -> Result<Option<Standing>, StoreError> {
        let bound = self.store.news().bind(id, chat, (self.clock)()).await?;
        if bound { self.store.news().get(id).await } else { Ok(None) }
    }

    /// A chat wants nothing any more: its news of one session, or of all, are erased.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn stop_chat(&self, chat: i64, only: Option<ConsentId>) -> Result<(), StoreError> {
        for id in self.store.news().at(NewsChannel::Telegram, &chat.to_string()).await? {
            if only.is_none_or(|only| only == id) {
                self.store.news().stop(id, (self.clock)()).await?;
            }
        }
        Ok(())
    }

    /// Opens somebody's news to whoever has it.
    #[must_use]
    pub fn key(&self, id: ConsentId) -> String {
        self.links.sign(MANAGE, &id.to_string(), None)
    }

    fn opens(&self, purpose: &'static str, id: ConsentId, key: &str) -> Result<(), NewsError> {
        let is_ours = self.links.verify(purpose, &id.to_string(), None, (self.clock)(), key);
        if is_ours { Ok(()) } else { Err(NewsError::NotFound) }
    }

    /// How they stand.
    ///
    /// # Errors
    /// [`NewsError::NotFound`], or the database's.
    pub async fn standing(&self, id: ConsentId, key: &str) -> Result<Stand, NewsError> {
        self.opens(MANAGE, id, key)?;
        if let Some(standing) = self.store.news().get(id).await? {
            return Ok(Stand::Kept(standing));
        }
        let erasure = self.store.news().erasure(id).await?;
        erasure.map(|erasure| Stand::Stopped(Box::new(erasure))).ok_or(NewsError::NotFound)
    }

    /// Whoever reads at the address says yes, with the key of the question.
    ///
    /// # Errors
    /// [`NewsError::NotFound`], or the database's.
    pub async fn confirm(&self, id: ConsentId, key: &str) -> Result<(), NewsError> {
        self.opens(CONFIRM, id, key)?;
        let confirmed = self.store.news().confirm(id, (self.clock)()).await?;
        if confirmed { Ok(()) } else { Err(NewsError::NotFound) }
    }

    /// Ends them: everything that is kept is erased. Doing it again changes nothing.
    ///
    /// # Errors
    /// [`NewsError::NotFound`], or the database's.
    pub async fn stop_by(&self, id: ConsentId, key: &str) -> Result<Stand, NewsError> {
        self.opens(MANAGE, id, key)?;
        self.stop(id).await?;
        self.standing(id, key).await
    }

    /// The same for whoever may without a key.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn stop(&self, id: ConsentId) -> Result<(), StoreError> {
        self.store.news().stop(id, (self.clock)()).await.map(|_| ())
    }

    /// Forgets who has been quiet for a while; call it now and then.
    pub fn tidy(&self) {
        self.networks.forget_old();
        self.addresses.forget_old();
    }
}

fn known(found: &Match) -> KnownPhoto {
    KnownPhoto { photo: found.photo.id, score: found.score, rect: found.rect }
}

/// Whether guests will never see the session again.
fn is_over(session: &PhotoSession, now: DateTime<Utc>) -> bool {
    session.is_archived() || session.terms.ends_at.is_some_and(|end| end <= now)
}
