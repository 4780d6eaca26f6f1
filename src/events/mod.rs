//! Events of changes, published to the subscribers in this process.
//!
//! Nothing is kept: a watcher that was not there, or was too slow, reads the rows again. Knows neither rows nor doors, nor
//! how other nodes are told: an [`Outlet`] has what they should receive, and what they sent is [received](Events::receive).

mod outlet;

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::{
    domain::{
        ConsentId, HandoffId, Photo, PhotoId, PhotoSession, PhotoSessionId, PhotoState, SessionStatus,
        TicketId, UserId,
    },
    throttle::{Share, Shares, network},
};
use outlet::Inlet;

pub use outlet::{Outlet, Published};

/// Events that a watcher may be behind before it has to look for itself.
const BEHIND: usize = 256;

/// A topic of events. A subscriber to one topic receives, counts and misses nothing of another: what one audience
/// must not even notice is published under a topic of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Topic {
    /// One shoot.
    Session(PhotoSessionId),
    /// The tickets that somebody has opened, as far as they may know of it.
    TicketsOf(UserId),
    /// All tickets with their internal notes, for the people who answer them.
    TicketDesk,
    /// One photobooth's hand-off.
    Handoff(HandoffId),
    /// Results of booths, in any hand-off; for the bot.
    HandoffResults,
    /// Consents that guests have taken back; for the other nodes.
    Withdrawals,
}

impl From<PhotoSessionId> for Topic {
    fn from(id: PhotoSessionId) -> Self {
        Self::Session(id)
    }
}

impl From<HandoffId> for Topic {
    fn from(id: HandoffId) -> Self {
        Self::Handoff(id)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// A photo became ready or rejected, was shown, hidden or deleted (`state` is `None` then). Guests receive those
    /// that they see now.
    Photo {
        id: PhotoId,
        state: Option<PhotoState>,
        is_selected: bool,
        /// Whether guests see it now.
        is_visible: bool,
    },
    /// Guests saw a photo until now: it was hidden, or deleted (`state` is `None` then). They never receive others.
    Taken {
        id: PhotoId,
        state: Option<PhotoState>,
    },
    /// Photos came in or changed state.
    Counts,
    /// The studio has given stars or labels to photos. Guests are not told.
    Marked,
    /// The comments on a photo have changed, or wait for the studio. Guests are told where they see a change.
    Comments {
        photo: PhotoId,
        /// How many guests see.
        shown: u64,
        is_seen: bool,
    },
    /// The photos that can be found and whose pictures are not kept have changed.
    Indexed,
    Session {
        status: SessionStatus,
        gallery_open: bool,
        face_search: bool,
    },
    /// A ticket was opened, answered or changed.
    Ticket(TicketId),
    /// A hand-off got a picture, a result or another status, or is gone.
    Handoff,
    /// A booth left a picture.
    HandoffResult(HandoffId),
    /// Everything kept under this consent must be erased.
    Withdrawn(ConsentId),
}

impl Event {
    /// How a session stands now.
    #[must_use]
    pub fn session(session: &PhotoSession) -> Self {
        let PhotoSession { status, gallery_open, face_search, .. } = session;
        Self::Session { status: status.clone(), gallery_open: *gallery_open, face_search: *face_search }
    }

    /// How a photo stands now.
    #[must_use]
    pub fn photo(photo: &Photo) -> Self {
        Self::Photo {
            id: photo.id,
            state: Some(photo.state),
            is_selected: photo.is_selected,
            is_visible: photo.is_visible(),
        }
    }

    /// A photo is gone.
    #[must_use]
    pub fn deleted(id: PhotoId) -> Self {
        Self::Photo { id, state: None, is_selected: false, is_visible: false }
    }
}

/// How many may watch at the same time. Guests and those with accounts have their own, so that a photographer is
/// never refused because guests are many.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Guests of one topic.
    pub per_topic: usize,
    /// Guests behind one address.
    pub per_address: usize,
    /// All guests.
    pub guests: usize,
    /// Streams of one account.
    pub per_account: usize,
    /// All accounts.
    pub accounts: usize,
}

/// On whose behalf something is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnBehalfOf {
    /// Somebody without an account, by their address.
    Guest(IpAddr),
    /// Somebody who is signed in, or whose key it is.
    Account(UserId),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many are watching already")]
pub struct TooManyWatchers;

struct Audience {
    sender: broadcast::Sender<Seen>,
    watchers: usize,
    guests: usize,
}

struct Shared {
    audiences: Mutex<HashMap<Topic, Audience>>,
    per_topic: usize,
    guests: Shares<IpAddr>,
    accounts: Shares<UserId>,
    closed: CancellationToken,
    /// To other nodes, if there are any.
    inlet: OnceLock<Inlet>,
}

/// The process's events; cheap to clone.
#[derive(Clone)]
pub struct Events(Arc<Shared>);

impl Default for Events {
    /// A watcher costs some 10 KiB and a connection.
    fn default() -> Self {
        Self::new(Limits {
            per_topic: 1_000,
            per_address: 500,
            guests: 5_000,
            per_account: 50,
            accounts: 500,
        })
    }
}

impl Events {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let Limits { per_topic, per_address, guests, per_account, accounts } = limits;
        Self(Arc::new(Shared {
            audiences: Mutex::default(),
            per_topic,
            guests: Shares::new(guests, per_address),
            accounts: Shares::new(accounts, per_account),
            closed: CancellationToken::new(),
            inlet: OnceLock::new(),
        }))
    }

    /// Tells who watches the topic, here and on other nodes.
    pub fn publish(&self, topic: impl Into<Topic>, event: Event) {
        let published = Published { topic: topic.into(), event };
        if let Some(inlet) = self.0.inlet.get() {
            inlet.put(published.clone());
        }
        self.receive(published);
    }

    /// Tells who watches here what another node has published.
    pub fn receive(&self, Published { topic, event }: Published) {
        if let Some(audience) = self.0.audiences().get(&topic) {
            // Fails only when no watcher is left.
            let _ = audience.sender.send(Seen::Event(event));
        }
    }

    /// Tells everybody who watches here that they may have missed something.
    pub fn missed(&self) {
        for audience in self.0.audiences().values() {
            let _ = audience.sender.send(Seen::Missed);
        }
    }

    /// The outlet of events for other nodes; `None` if it has been taken already.
    #[must_use]
    pub fn outlet(&self) -> Option<Outlet> {
        let (inlet, outlet) = outlet::pair();
        self.0.inlet.set(inlet).ok().map(|()| outlet)
    }

    /// Hears everything that is published under the topic from now on: for parts of this process, which are few.
    #[must_use]
    pub fn watch(&self, topic: impl Into<Topic>) -> Watch {
        let topic = topic.into();
        let mut audiences = self.0.audiences();
        let receiver = Audience::of(&mut audiences, topic).enter(false);
        Watch { receiver, watcher: Watcher { topic, shared: Arc::clone(&self.0), part: Part::Own } }
    }

    /// The same on behalf of somebody outside.
    ///
    /// # Errors
    /// [`TooManyWatchers`].
    pub fn watch_for(&self, whom: OnBehalfOf, topic: impl Into<Topic>) -> Result<Watch, TooManyWatchers> {
        let topic = topic.into();
        let part = match whom {
            OnBehalfOf::Guest(address) => {
                Part::Guest(self.0.guests.take(network(address), 1).map_err(|_| TooManyWatchers)?)
            }
            OnBehalfOf::Account(user) => {
                Part::Account(self.0.accounts.take(user, 1).map_err(|_| TooManyWatchers)?)
            }
        };
        let is_guest = matches!(part, Part::Guest(_));
        let mut audiences = self.0.audiences();
        let audience = Audience::of(&mut audiences, topic);
        if is_guest && audience.guests >= self.0.per_topic {
            return Err(TooManyWatchers);
        }
        let receiver = audience.enter(is_guest);
        Ok(Watch { receiver, watcher: Watcher { topic, shared: Arc::clone(&self.0), part } })
    }

    /// A photo is shown now, or not any more; `was_seen`: guests saw it until now.
    pub fn turned(&self, photo: &Photo, was_seen: bool) {
        if was_seen && !photo.is_visible() {
            let taken = Event::Taken { id: photo.id, state: Some(photo.state) };
            self.publish(photo.photo_session_id, taken);
        }
        self.publish(photo.photo_session_id, Event::photo(photo));
    }

    /// Ends every watch, now and later: the service is stopping.
    pub fn close(&self) {
        self.0.closed.cancel();
    }

    /// How many watch, all topics together.
    #[must_use]
    pub fn all_watchers(&self) -> usize {
        self.0.audiences().values().map(|audience| audience.watchers).sum()
    }

    /// How many watch a topic.
    #[must_use]
    pub fn watchers(&self, topic: impl Into<Topic>) -> usize {
        self.0.audiences().get(&topic.into()).map_or(0, |audience| audience.watchers)
    }
}

impl Audience {
    fn of(audiences: &mut HashMap<Topic, Self>, topic: Topic) -> &mut Self {
        audiences.entry(topic).or_insert_with(|| Self {
            sender: broadcast::channel(BEHIND).0,
            watchers: 0,
            guests: 0,
        })
    }

    fn enter(&mut self, is_guest: bool) -> broadcast::Receiver<Seen> {
        self.watchers += 1;
        self.guests += usize::from(is_guest);
        self.sender.subscribe()
    }
}

impl Shared {
    /// A poisoned lock only says that somebody panicked; counts stay valid.
    fn audiences(&self) -> MutexGuard<'_, HashMap<Topic, Audience>> {
        self.audiences.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An item of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    Event(Event),
    /// It was too slow, or another node could not be reached: some events are lost.
    Missed,
}

/// One watcher of one topic.
pub struct Watch {
    receiver: broadcast::Receiver<Seen>,
    watcher: Watcher,
}

impl Watch {
    /// `None` when the service is stopping. May be dropped while it waits without losing an event.
    pub async fn next(&mut self) -> Option<Seen> {
        tokio::select! {
            () = self.watcher.shared.closed.cancelled() => None,
            received = self.receiver.recv() => match received {
                Ok(seen) => Some(seen),
                Err(RecvError::Lagged(_)) => Some(Seen::Missed),
                Err(RecvError::Closed) => None,
            },
        }
    }
}

/// Given back when the watcher leaves.
struct Watcher {
    topic: Topic,
    shared: Arc<Shared>,
    part: Part,
}

/// Of whose share a watcher is.
#[expect(dead_code, reason = "a share is held, not read")]
enum Part {
    /// This process's own.
    Own,
    Guest(Share<IpAddr>),
    Account(Share<UserId>),
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut audiences = self.shared.audiences();
        if let Some(audience) = audiences.get_mut(&self.topic) {
            audience.watchers -= 1;
            audience.guests -= usize::from(matches!(self.part, Part::Guest(_)));
            if audience.watchers == 0 {
                audiences.remove(&self.topic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guest(last: u8) -> OnBehalfOf {
        OnBehalfOf::Guest(IpAddr::from([192, 0, 2, last]))
    }

    #[tokio::test]
    async fn a_watcher_hears_its_own_session_only() {
        let events = Events::default();
        let (ours, theirs) = (PhotoSessionId::generate(), PhotoSessionId::generate());
        events.publish(ours, Event::Counts);
        let mut watch = events.watch(ours);
        events.publish(theirs, Event::Counts);
        let hidden = Event::Photo {
            id: PhotoId::generate(),
            state: Some(PhotoState::Ready),
            is_selected: false,
            is_visible: false,
        };
        events.publish(ours, hidden.clone());
        assert_eq!(watch.next().await, Some(Seen::Event(hidden)));
    }

    #[tokio::test]
    async fn what_the_desk_says_is_not_even_missed_by_the_author() {
        let events = Events::default();
        let (author, ticket) = (UserId::generate(), TicketId::generate());
        let mut theirs = events.watch(Topic::TicketsOf(author));
        let mut desk = events.watch(Topic::TicketDesk);
        for _ in 0..2 * BEHIND {
            events.publish(Topic::TicketDesk, Event::Ticket(ticket));
        }
        events.publish(Topic::TicketsOf(author), Event::Ticket(ticket));
        assert_eq!(desk.next().await, Some(Seen::Missed));
        assert_eq!(theirs.next().await, Some(Seen::Event(Event::Ticket(ticket))));
    }

    #[tokio::test]
    async fn who_is_too_slow_is_told_so() {
        let events = Events::default();
        let session = PhotoSessionId::generate();
        let mut watch = events.watch(session);
        for _ in 0..=BEHIND {
            events.publish(session, Event::Counts);
        }
        assert_eq!(watch.next().await, Some(Seen::Missed));
        assert_eq!(watch.next().await, Some(Seen::Event(Event::Counts)));
    }

    #[tokio::test]
    async fn what_is_published_here_goes_out_and_what_is_heard_does_not() {
        let events = Events::default();
        let mut outlet = events.outlet().expect("nobody takes care of it yet");
        assert!(events.outlet().is_none(), "nothing goes out twice");
        let session = PhotoSessionId::generate();
        let mut watch = events.watch(session);
        events.receive(Published { topic: session.into(), event: Event::Counts });
        events.publish(session, Event::Handoff);
        assert_eq!(watch.next().await, Some(Seen::Event(Event::Counts)));
        assert_eq!(watch.next().await, Some(Seen::Event(Event::Handoff)));
        let out = outlet.next().await.expect("events are there");
        assert_eq!(out, [Published { topic: session.into(), event: Event::Handoff }]);
        events.missed();
        assert_eq!(watch.next().await, Some(Seen::Missed));
    }

    #[tokio::test]
    async fn guests_of_one_address_cannot_take_every_seat_and_never_an_accounts() {
        let limits = Limits { per_topic: 3, per_address: 2, guests: 4, per_account: 2, accounts: 3 };
        let events = Events::new(limits);
        let (a, b) = (PhotoSessionId::generate(), PhotoSessionId::generate());
        let first = events.watch_for(guest(1), a).expect("there is room");
        let _second = events.watch_for(guest(1), a).expect("there is room");
        assert!(events.watch_for(guest(1), b).is_err(), "the address has its share");
        let _third = events.watch_for(guest(2), a).expect("another address has its own");
        assert!(events.watch_for(guest(3), a).is_err(), "the session is full of guests");
        let _fourth = events.watch_for(guest(3), b).expect("there is room");
        assert!(events.watch_for(guest(4), b).is_err(), "the house is full of guests");

        let photographer = OnBehalfOf::Account(UserId::generate());
        let _panel = events.watch_for(photographer, a).expect("is never refused because of guests");
        let _tab = events.watch_for(photographer, a).expect("nor in a second tab");
        assert!(events.watch_for(photographer, a).is_err(), "an account has a share too");
        let _own = events.watch(a);
        assert_eq!((events.watchers(a), events.all_watchers()), (6, 7));

        drop(first);
        assert_eq!(events.watchers(a), 5);
        assert!(events.watch_for(guest(1), a).is_ok(), "seats are given back");
    }

    #[tokio::test]
    async fn closing_ends_every_watch() {
        let events = Events::default();
        let session = PhotoSessionId::generate();
        let mut watch = events.watch(session);
        events.close();
        assert_eq!(watch.next().await, None);
        assert_eq!(events.watch(session).next().await, None);
    }
}
