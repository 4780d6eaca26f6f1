//! Changes in folders, as soon as the system tells of them. It does not on every file system (a network share is silent),
//! and not of everything at once; what is not told is seen by the next sync.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use notify::{
    Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher,
    event::{AccessKind, AccessMode},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Libraries;
use crate::{blobs::LibraryPlace, domain::PhotoSessionId};

/// Between two looks at what has changed.
const LOOK: Duration = Duration::from_millis(500);
/// Between two looks at which sessions have a folder.
const SESSIONS: Duration = Duration::from_secs(5);
/// Sessions whose folders are watched, those in use last.
const MOST: u32 = 64;
/// A sync begins when nothing more has happened for so long: a file is written in many steps.
const STILL: Duration = Duration::from_secs(2);
/// It does not wait longer than this for a folder that never rests.
const LATEST: Duration = Duration::from_secs(30);
/// A file system that is gone does not answer at all.
const ANSWER: Duration = Duration::from_secs(30);

/// The folders that are watched, and what has happened in them.
#[derive(Default)]
struct Seen {
    roots: HashMap<PathBuf, PhotoSessionId>,
    /// When a session's folder changed first and last since its last sync was asked for.
    changed: HashMap<PhotoSessionId, (Instant, Instant)>,
}

impl Seen {
    fn note(&mut self, event: &Event, now: Instant) {
        if !event.need_rescan() && !is_change(event.kind) {
            return;
        }
        let is_meant =
            |root: &PathBuf| event.need_rescan() || event.paths.iter().any(|path| path.starts_with(root));
        for session in self.roots.iter().filter(|(root, _)| is_meant(root)).map(|(_, session)| *session) {
            self.changed.entry(session).or_insert((now, now)).1 = now;
        }
        if matches!(event.kind, EventKind::Remove(_)) {
            // The system has forgotten it; another folder of the name is watched anew.
            self.roots.retain(|root, _| !event.paths.contains(root));
        }
    }

    /// Sessions whose folders have come to rest.
    fn rested(&mut self, now: Instant) -> Vec<PhotoSessionId> {
        let is_rested = |(first, last): &(Instant, Instant)| now - *last >= STILL || now - *first >= LATEST;
        let rested: Vec<_> =
            self.changed.iter().filter(|(_, since)| is_rested(since)).map(|(session, _)| *session).collect();
        for session in &rested {
            self.changed.remove(session);
        }
        rested
    }
}

/// Whether something is there, gone or written. That somebody reads is no change: we do it ourselves.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) => true,
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        EventKind::Any | EventKind::Other => false,
    }
}

/// The system's watcher and what it tells. Cheap to clone.
#[derive(Clone)]
struct Watched {
    seen: Arc<Mutex<Seen>>,
    watcher: Arc<Mutex<RecommendedWatcher>>,
}

impl Watched {
    fn open() -> notify::Result<Self> {
        let seen: Arc<Mutex<Seen>> = Arc::default();
        let noting = Arc::clone(&seen);
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if let Ok(event) = event {
                lock(&noting).note(&event, Instant::now());
            }
        })?;
        Ok(Self { seen, watcher: Arc::new(Mutex::new(watcher)) })
    }

    /// Watches these folders and no others. A folder that cannot be watched is left to the syncs.
    fn follow(&self, wanted: &HashMap<PathBuf, PhotoSessionId>) {
        let mut watcher = lock(&self.watcher);
        let known: Vec<PathBuf> = lock(&self.seen).roots.keys().cloned().collect();
        for root in known.iter().filter(|root| !wanted.contains_key(*root)) {
            drop(watcher.unwatch(root));
            lock(&self.seen).roots.remove(root);
        }
        for (root, session) in wanted.iter().filter(|(root, _)| !known.contains(root) && root.is_dir()) {
            match watcher.watch(root, RecursiveMode::Recursive) {
                Ok(()) => {
                    lock(&self.seen).roots.insert(root.clone(), *session);
                }
                Err(error) => tracing::debug!(%error, "the folder of a library cannot be watched"),
            }
        }
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Libraries {
    /// Asks for a sync of each session whose folder has changed, until `stop`.
    pub async fn watch(&self, stop: CancellationToken) {
        let is_folder = |place: &LibraryPlace| matches!(place, LibraryPlace::Folder { .. });
        if self.places.roots.is_empty() && !self.places.bases.iter().any(is_folder) {
            return;
        }
        let watched = match Watched::open() {
            Ok(watched) => watched,
            Err(error) => {
                tracing::warn!(%error, "folders of libraries cannot be watched: changes wait for the next sync");
                return;
            }
        };
        let mut sessions = tokio::time::interval(SESSIONS);
        let mut look = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = sessions.tick() => {
                    let wanted = self.folders().await;
                    let watching = watched.clone();
                    let following = tokio::task::spawn_blocking(move || watching.follow(&wanted));
                    if tokio::time::timeout(ANSWER, following).await.is_err() {
                        tracing::warn!("a folder of a library does not answer: changes wait for the next sync");
                        return;
                    }
                }
                _ = look.tick() => {
                    let rested = lock(&watched.seen).rested(Instant::now());
                    for session in rested {
                        self.noticed(session).await;
                    }
                }
            }
        }
    }

    /// The folders of sessions that are in use.
    async fn folders(&self) -> HashMap<PathBuf, PhotoSessionId> {
        let rows = self.store.library().in_use(MOST).await.unwrap_or_default();
        let folders = rows.iter().flat_map(|row| {
            let places = self.places_of(row).into_iter();
            places.filter_map(|place| match place {
                LibraryPlace::Folder { root, .. } => Some((root, row.session)),
                LibraryPlace::S3(_) => None,
            })
        });
        folders.collect()
    }

    async fn noticed(&self, session: PhotoSessionId) {
        match self.store.library().changed(session, self.now()).await {
            Ok(()) => self.wake.notify_one(),
            // The next sync sees it.
            Err(error) => tracing::warn!(%error, "a change in a library could not be noted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, Flag, RemoveKind};

    use super::*;

    fn event(kind: EventKind, path: &str) -> Event {
        Event::new(kind).add_path(path.into())
    }

    #[test]
    fn a_folder_is_looked_at_when_it_has_come_to_rest_and_never_because_it_was_read() {
        let (session, other) = (PhotoSessionId::generate(), PhotoSessionId::generate());
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let mut seen = Seen::default();
        seen.roots.insert("/nas/one".into(), session);
        seen.roots.insert("/nas/other".into(), other);
        let created = EventKind::Create(CreateKind::File);
        for read in [
            EventKind::Access(AccessKind::Read),
            EventKind::Access(AccessKind::Open(AccessMode::Read)),
            EventKind::Access(AccessKind::Close(AccessMode::Read)),
        ] {
            seen.note(&event(read, "/nas/one/a.jpg"), start);
        }
        seen.note(&event(created, "/nas/elsewhere/a.jpg"), start);
        seen.note(&event(created, "/nas/one-more/a.jpg"), start);
        assert_eq!(seen.rested(at(60_000)), []);

        seen.note(&event(created, "/nas/one/a.jpg"), start);
        seen.note(
            &event(EventKind::Access(AccessKind::Close(AccessMode::Write)), "/nas/one/a.jpg"),
            at(1_500),
        );
        assert_eq!(seen.rested(at(3_400)), [], "it was written a moment ago");
        assert_eq!(seen.rested(at(3_500)), [session]);
        assert_eq!(seen.rested(at(60_000)), [], "once");

        // One that never rests is not waited for without end.
        for second in 0..31 {
            seen.note(&event(created, "/nas/one/a.jpg"), at(second * 1_000));
        }
        assert_eq!(seen.rested(at(30_000)), [session]);

        // The system has lost track: everything is looked at.
        seen.note(&Event::new(EventKind::Other).set_flag(Flag::Rescan), start);
        let mut all = seen.rested(at(2_000));
        all.sort();
        let mut both = [session, other];
        both.sort();
        assert_eq!(all, both);
    }

    #[test]
    fn a_folder_that_was_removed_is_watched_anew_when_it_comes_back() {
        let session = PhotoSessionId::generate();
        let mut seen = Seen::default();
        seen.roots.insert("/nas/one".into(), session);
        seen.note(&event(EventKind::Remove(RemoveKind::File), "/nas/one/a.jpg"), Instant::now());
        assert_eq!(seen.roots.len(), 1);
        seen.note(&event(EventKind::Remove(RemoveKind::Folder), "/nas/one"), Instant::now());
        assert!(seen.roots.is_empty());
    }
}
