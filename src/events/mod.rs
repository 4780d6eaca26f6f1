//! What has just changed, told to whoever is watching it in this process.
//!
//! Nothing is kept: who was not there, or was too slow, reads the rows again. Knows neither rows nor doors, nor
//! how other nodes are told: an [`Outlet`] has what they should hear, and what they told is [received](Events::receive).

mod outlet;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

use crate::domain::{ConsentId, HandoffId, Photo, PhotoId, PhotoSessionId, PhotoState, TicketId, UserId};
use outlet::Inlet;

pub use outlet::{Outlet, Published};

/// Events that a watcher may be behind before it is told to look for itself.
const BEHIND: usize = 256;

/// What can be watched. Who watches one topic hears, counts and misses nothing of another: what one audience
/// must not even notice is published under a topic of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Topic {
    /// One shoot.
    Session(PhotoSessionId),
    /// The tickets that somebody has opened, as far as they may know of it.
    TicketsOf(UserId),
    /// All tickets with their internal notes, for who answers them.
    TicketDesk,
    /// One photobooth's hand-off.
    Handoff(HandoffId),
    /// What booths have left, in any hand-off; for the bot.
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
    /// A photo became ready or rejected, was shown, hidden or deleted (`state` is `None` then). Guests hear of those
    /// that they see now.
    Photo {
        id: PhotoId,
        state: Option<PhotoState>,
        is_selected: bool,
        /// Whether guests see it now.
        is_visible: bool,
    },
    /// Guests saw a photo until now: it was hidden, or deleted (`state` is `None` then). Of others they never hear.
    Taken {
        id: PhotoId,
        state: Option<PhotoState>,
    },
    /// Photos came in or changed state.
    Counts,
    Session {
        status: String,
        facepass_enabled: bool,
    },
    /// A ticket was opened, answered or changed.
    Ticket(TicketId),
    /// A hand-off got a picture, a result or another status, or is gone.
    Handoff,
    /// A booth left a picture.
    HandoffResult(HandoffId),
    /// What was kept under this consent must go.
    Withdrawn(ConsentId),
}

impl Event {
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

/// How many may watch at the same time.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub per_topic: usize,
    pub total: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many are watching already")]
pub struct TooManyWatchers;

struct Audience {
    sender: broadcast::Sender<Seen>,
    watchers: usize,
}

struct Shared {
    audiences: Mutex<HashMap<Topic, Audience>>,
    limits: Limits,
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
        Self::new(Limits { per_topic: 1_000, total: 5_000 })
    }
}

impl Events {
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        let closed = CancellationToken::new();
        Self(Arc::new(Shared { audiences: Mutex::default(), limits, closed, inlet: OnceLock::new() }))
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
            // Fails only when nobody is left to hear it.
            let _ = audience.sender.send(Seen::Event(event));
        }
    }

    /// Tells everybody who watches here that they may have missed something.
    pub fn missed(&self) {
        for audience in self.0.audiences().values() {
            let _ = audience.sender.send(Seen::Missed);
        }
    }

    /// What other nodes should hear from now on; `None` if somebody takes care of that already.
    #[must_use]
    pub fn outlet(&self) -> Option<Outlet> {
        let (inlet, outlet) = outlet::pair();
        self.0.inlet.set(inlet).ok().map(|()| outlet)
    }

    /// Hears everything that is published under the topic from now on.
    ///
    /// # Errors
    /// [`TooManyWatchers`].
    pub fn watch(&self, topic: impl Into<Topic>) -> Result<Watch, TooManyWatchers> {
        let topic = topic.into();
        let mut audiences = self.0.audiences();
        let Limits { per_topic, total } = self.0.limits;
        if audiences.values().map(|audience| audience.watchers).sum::<usize>() >= total {
            return Err(TooManyWatchers);
        }
        let audience = audiences
            .entry(topic)
            .or_insert_with(|| Audience { sender: broadcast::channel(BEHIND).0, watchers: 0 });
        if audience.watchers >= per_topic {
            return Err(TooManyWatchers);
        }
        audience.watchers += 1;
        let receiver = audience.sender.subscribe();
        Ok(Watch { receiver, watcher: Watcher { topic, shared: Arc::clone(&self.0) } })
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

impl Shared {
    /// A poisoned lock only says that somebody panicked; counts stay valid.
    fn audiences(&self) -> MutexGuard<'_, HashMap<Topic, Audience>> {
        self.audiences.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a watcher meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    Event(Event),
    /// It was too slow, or another node could not be heard: some events are lost.
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
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut audiences = self.shared.audiences();
        if let Some(audience) = audiences.get_mut(&self.topic) {
            audience.watchers -= 1;
            if audience.watchers == 0 {
                audiences.remove(&self.topic);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(per_topic: usize, total: usize) -> Events {
        Events::new(Limits { per_topic, total })
    }

    #[tokio::test]
    async fn a_watcher_hears_its_own_session_only() {
        let events = Events::default();
        let (ours, theirs) = (PhotoSessionId::generate(), PhotoSessionId::generate());
        events.publish(ours, Event::Counts);
        let mut watch = events.watch(ours).expect("there is room");
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
        let mut theirs = events.watch(Topic::TicketsOf(author)).expect("there is room");
        let mut desk = events.watch(Topic::TicketDesk).expect("there is room");
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
        let mut watch = events.watch(session).expect("there is room");
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
        let mut watch = events.watch(session).expect("there is room");
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
    async fn watchers_are_counted_and_given_back() {
        let events = events(2, 3);
        let (a, b) = (PhotoSessionId::generate(), PhotoSessionId::generate());
        let first = events.watch(a).expect("there is room");
        let _second = events.watch(a).expect("there is room");
        assert!(events.watch(a).is_err(), "the session is full");
        let _third = events.watch(b).expect("there is room");
        assert!(events.watch(b).is_err(), "the house is full");
        drop(first);
        assert_eq!(events.watchers(a), 1);
        assert!(events.watch(a).is_ok());
    }

    #[tokio::test]
    async fn closing_ends_every_watch() {
        let events = Events::default();
        let session = PhotoSessionId::generate();
        let mut watch = events.watch(session).expect("there is room");
        events.close();
        assert_eq!(watch.next().await, None);
        assert_eq!(events.watch(session).expect("there is room").next().await, None);
    }
}
