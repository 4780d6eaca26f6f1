//! A session as it happens: what an open page is told, and what is newly found for its guest.
//!
//! Offers [`Live::watch`], one stream for each open page. Joins what was published (`events`), how the photos
//! stand (`store`) and the search that the guest made (`search`). Must not know HTTP.
//!
//! # How a page hears of new photos
//!
//! Whatever changes a session or its photos says so in `events/`, a broadcast within the process for each
//! topic: the worker when a photo is settled, the studio when it shows, hides, deletes or closes, the
//! receiver when a photo comes in. `live/` makes one stream for each open page of it: counts once a second
//! at most, photos, and for a guest who searched the repeated search, two seconds after a photo became
//! ready. All repeated searches together take half a core at most, one after the other, so that guests who
//! search now come first; with hundreds of open pages a new photo arrives later, not never. Nothing is
//! queued for a page that is not there: a page that comes back reads the rows. A watcher that falls 256 events
//! behind receives the counts and looks for itself. Between nodes events are carried, see Several nodes.

use std::{
    collections::{HashSet, VecDeque},
    sync::Arc,
    time::Duration,
};

use futures::{Stream, stream};
use moka::future::Cache;
use tokio::{sync::Semaphore, time::Instant};
use tokio_util::task::AbortOnDropHandle;

use crate::{
    domain::{ConsentId, PhotoId, PhotoSessionId, PhotoState, SearchId, SessionStatus},
    events::{Event, Events, OnBehalfOf, Seen, TooManyWatchers, Watch},
    guests::{Guests, Pass},
    search::{Followed, Following, Match, Probing, SearchError},
    store::{PhotoCounts, Store, StoreError},
    telemetry,
};

/// Counts are told this often at most.
const COUNTS_PAUSE: Duration = Duration::from_secs(1);
/// A guest's search is repeated this often at most.
const SEARCH_PAUSE: Duration = Duration::from_secs(2);
/// A session of an external database closes without an event.
const CHECK: Duration = Duration::from_secs(30);

/// The audience of a subscription.
#[derive(Debug, Clone)]
pub enum Audience {
    /// Is told of every photo.
    Manager,
    /// Is told of photos that can be seen, or could until now, until the session closes; with a search also of new
    /// photos of the same person. A photo that was never shown is not named.
    Guest { search: Option<SearchId>, pass: Pass, sees_photos: bool },
}

#[derive(Debug, Clone, PartialEq)]
pub enum Update {
    /// `state` is `None` when the photo was deleted.
    Photo {
        id: PhotoId,
        state: Option<PhotoState>,
        is_selected: bool,
    },
    /// For guests only visible photos are ready.
    Counts(PhotoCounts),
    Session {
        status: SessionStatus,
        gallery_open: bool,
        face_search: bool,
    },
    /// The comments on a photo are others now; so many are shown.
    Comments {
        photo: PhotoId,
        shown: u64,
    },
    /// Found for this guest now; told once.
    Match(Box<Match>),
}

/// Everything that open pages are told; cheap to clone.
#[derive(Clone)]
pub struct Live {
    store: Store,
    events: Events,
    guests: Guests,
    probing: Probing,
    /// A thousand pages of one session ask for the same counts.
    counts: Cache<PhotoSessionId, PhotoCounts>,
    /// One repeated search at a time, and as long a pause after it: all of them together take half a core
    /// at most, and guests who search now come first.
    turn: Arc<Semaphore>,
}

impl Live {
    #[must_use]
    pub fn new(store: Store, events: Events, guests: Guests, probing: Probing) -> Self {
        let counts = Cache::builder().max_capacity(1_000).time_to_live(COUNTS_PAUSE / 2).build();
        Self { store, events, guests, probing, counts, turn: Arc::new(Semaphore::new(1)) }
    }

    /// The events of the session from now on; begins with the counts. Ends when the service stops and, for
    /// guests, when the session closes.
    ///
    /// # Errors
    /// [`TooManyWatchers`].
    pub fn watch(
        &self,
        session: PhotoSessionId,
        audience: Audience,
        whom: OnBehalfOf,
    ) -> Result<impl Stream<Item = Update> + Send + 'static, TooManyWatchers> {
        let watch = self.events.watch_for(whom, session)?;
        let following = match &audience {
            Audience::Guest { search: Some(search), .. } => {
                self.probing.follow(session, *search, std::time::Instant::now())
            }
            Audience::Guest { search: None, .. } | Audience::Manager => None,
        };
        let guest = match audience {
            Audience::Guest { pass, sees_photos, .. } => Some(Visitor { pass, sees_photos }),
            Audience::Manager => None,
        };
        let known = following.as_ref().and_then(|f| f.followed(std::time::Instant::now()));
        let now = Instant::now();
        let page = Page {
            live: self.clone(),
            session,
            guest,
            watch,
            known: known.map(|followed| followed.found.iter().copied().collect()).unwrap_or_default(),
            // Photos may have come between the search and now.
            search_due: following.is_some().then_some(now),
            searching: None,
            following,
            waiting: VecDeque::new(),
            counts_due: Some(now),
            counts_sent: None,
            check_at: now + CHECK,
            over: false,
        };
        Ok(stream::unfold(page, async |mut page| page.next().await.map(|update| (update, page))))
    }

    /// Drops what this node keeps under a consent.
    pub fn forget(&self, consent: ConsentId) {
        self.probing.forget(consent);
    }

    /// Drops every kept probe: withdrawals may have been missed.
    pub fn forget_all(&self) {
        self.probing.clear();
    }

    /// Drops what no open page needs; call it now and then.
    pub fn tidy(&self) {
        self.probing.tidy(std::time::Instant::now());
    }

    async fn counts(&self, session: PhotoSessionId) -> Result<PhotoCounts, Arc<StoreError>> {
        let read = async { self.store.photos().counts(session).await };
        let counts = self.counts.entry(session).or_try_insert_with(read).await?;
        telemetry::cache_asked("counts", !counts.is_fresh());
        Ok(counts.into_value())
    }

    /// Searches again with the probes of an earlier search.
    async fn search_again(self, pass: Pass, followed: Followed) -> Result<Vec<Match>, SearchError> {
        let turn = Arc::clone(&self.turn).acquire_owned().await.map_err(|_| SearchError::TimedOut)?;
        if self.guests.open_to_search(followed.session, &pass).await.is_err() {
            return Ok(Vec::new());
        }
        let started = Instant::now();
        let found = self.guests.again(&followed).await;
        let took = started.elapsed();
        tokio::spawn(async move {
            tokio::time::sleep(took).await;
            drop(turn);
        });
        found
    }
}

/// The guest whose page it is.
struct Visitor {
    pass: Pass,
    /// The photos are shown by now.
    sees_photos: bool,
}

/// One open page.
struct Page {
    live: Live,
    session: PhotoSessionId,
    /// `None` for who manages the session.
    guest: Option<Visitor>,
    watch: Watch,
    following: Option<Following>,
    /// Photos that the guest has been shown as theirs.
    known: HashSet<PhotoId>,
    waiting: VecDeque<Update>,
    counts_due: Option<Instant>,
    counts_sent: Option<PhotoCounts>,
    search_due: Option<Instant>,
    /// A repeated search that waits for its turn or runs.
    searching: Option<AbortOnDropHandle<Result<Vec<Match>, SearchError>>>,
    check_at: Instant,
    over: bool,
}

impl Page {
    async fn next(&mut self) -> Option<Update> {
        loop {
            if let Some(update) = self.waiting.pop_front() {
                return Some(update);
            }
            if self.over {
                return None;
            }
            // One search at a time; what is due meanwhile comes after it.
            let search_due = self.search_due.filter(|_| self.searching.is_none());
            let due = [self.counts_due, search_due, self.guest.is_some().then_some(self.check_at)];
            let due = due.into_iter().flatten().min().unwrap_or_else(|| Instant::now() + CHECK);
            tokio::select! {
                seen = self.watch.next() => self.see(seen?),
                found = finished(&mut self.searching) => {
                    self.searching = None;
                    self.show_new(found);
                }
                () = tokio::time::sleep_until(due) => self.catch_up().await,
            }
        }
    }

    fn pass(&self) -> Pass {
        self.guest.as_ref().map(|guest| guest.pass.clone()).unwrap_or_default()
    }

    fn see(&mut self, seen: Seen) {
        let now = Instant::now();
        match seen {
            Seen::Event(Event::Photo { id, state, is_selected, is_visible }) => {
                if self.guest.as_ref().is_none_or(|guest| is_visible && guest.sees_photos) {
                    self.waiting.push_back(Update::Photo { id, state, is_selected });
                }
                if is_visible {
                    self.want_search(now + SEARCH_PAUSE);
                } else {
                    // Hidden and shown again, it is told again.
                    self.known.remove(&id);
                }
                self.want_counts(now + COUNTS_PAUSE);
            }
            Seen::Event(Event::Taken { id, state })
                if self.guest.as_ref().is_some_and(|it| it.sees_photos) =>
            {
                self.waiting.push_back(Update::Photo { id, state, is_selected: false });
            }
            // Managers are told by the event of the photo itself.
            Seen::Event(Event::Taken { .. }) => {}
            Seen::Event(Event::Counts) => self.want_counts(now + COUNTS_PAUSE),
            // The panel reads again what it shows when it is told the counts.
            Seen::Event(Event::Marked) => {
                if self.guest.is_none() {
                    self.counts_sent = None;
                    self.want_counts(now);
                }
            }
            Seen::Event(Event::Comments { photo, shown, is_seen }) => {
                if self.guest.as_ref().is_none_or(|guest| is_seen && guest.sees_photos) {
                    self.waiting.push_back(Update::Comments { photo, shown });
                }
            }
            Seen::Event(Event::Indexed) => self.want_search(now + SEARCH_PAUSE),
            Seen::Event(Event::Session { status, gallery_open, face_search }) => {
                self.waiting.push_back(Update::Session { status, gallery_open, face_search });
                // It may have closed.
                self.check_at = now;
            }
            // Under other topics than a session's.
            Seen::Event(
                Event::Ticket(_) | Event::Handoff | Event::HandoffResult(_) | Event::Withdrawn(_),
            ) => {}
            Seen::Missed => {
                // Whatever was missed, the counts differ and the page looks for itself.
                self.counts_sent = None;
                self.want_counts(now);
                self.want_search(now + SEARCH_PAUSE);
            }
        }
    }

    /// Things that came in quick succession are told together: what is due stays due.
    fn want_counts(&mut self, at: Instant) {
        self.counts_due.get_or_insert(at);
    }

    fn want_search(&mut self, at: Instant) {
        if self.following.is_some() {
            self.search_due.get_or_insert(at);
        }
    }

    async fn catch_up(&mut self) {
        let now = Instant::now();
        if self.check_at <= now
            && let Some(guest) = &mut self.guest
        {
            self.check_at = now + CHECK;
            let Ok(open) = self.live.guests.open(self.session, &guest.pass).await else {
                self.over = true;
                return;
            };
            if !std::mem::replace(&mut guest.sees_photos, self.live.guests.sees_photos(&open)) {
                self.counts_due.get_or_insert(now);
            }
        }
        if self.counts_due.is_some_and(|due| due <= now) {
            self.counts_due = None;
            match self.live.counts(self.session).await {
                Ok(mut counts) => {
                    match &self.guest {
                        Some(Visitor { sees_photos: true, .. }) => counts.ready = counts.selected,
                        Some(_) => counts = counts.unseen(),
                        None => {}
                    }
                    if self.counts_sent.replace(counts) != Some(counts) {
                        self.waiting.push_back(Update::Counts(counts));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "photos could not be counted");
                    self.want_counts(now + CHECK);
                }
            }
        }
        if self.search_due.is_some_and(|due| due <= now) && self.searching.is_none() {
            self.search_due = None;
            self.look_again();
        }
    }

    fn followed(&mut self) -> Option<Followed> {
        let followed = self.following.as_ref().and_then(|f| f.followed(std::time::Instant::now()));
        if followed.is_none() {
            self.following = None;
        }
        followed
    }

    fn look_again(&mut self) {
        let Some(followed) = self.followed() else { return };
        let search = self.live.clone().search_again(self.pass(), followed);
        self.searching = Some(AbortOnDropHandle::new(tokio::spawn(search)));
    }

    fn show_new(&mut self, found: Result<Vec<Match>, SearchError>) {
        // The consent may have been withdrawn while the search ran.
        if self.followed().is_none() {
            return;
        }
        match found {
            Ok(found) => {
                let new = found.into_iter().filter(|found| self.known.insert(found.photo.id));
                self.waiting.extend(new.map(|found| Update::Match(Box::new(found))));
            }
            // Guests who search now come first; the photos can wait.
            Err(SearchError::QueueFull { retry_after }) => {
                self.want_search(Instant::now() + retry_after.max(CHECK))
            }
            Err(error) => {
                tracing::warn!(%error, "a search could not be repeated");
                self.want_search(Instant::now() + CHECK);
            }
        }
    }
}

/// Never ready while nothing runs.
async fn finished(
    searching: &mut Option<AbortOnDropHandle<Result<Vec<Match>, SearchError>>>,
) -> Result<Vec<Match>, SearchError> {
    match searching {
        Some(searching) => {
            searching.await.unwrap_or_else(|failed| Err(SearchError::Internal(failed.to_string())))
        }
        None => std::future::pending().await,
    }
}
