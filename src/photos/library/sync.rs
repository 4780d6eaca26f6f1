//! One library brought into the rows.

use std::{collections::HashSet, time::Duration};

use futures::{StreamExt, TryStreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::{FORGOTTEN, Libraries, LibraryError, names};
use crate::{
    blobs::{BlobError, Library, LibraryFile, Listed},
    domain::{BackOff, PhotoId, PhotoSessionId},
    events::Event,
    photos::{Incoming, MAX_BYTES, ReceiveError},
    store::{InLibrary, LibraryRow, Received, TOO_MANY_FILES},
};

/// Without a call, the rows are looked at this often: another node may have written that a sync is due.
const POLL: Duration = Duration::from_secs(5);
/// Files that are read at a time.
const READING: usize = 3;
/// Files that are gone, forgotten at a time.
const GONE: u32 = 200;
/// After a failure that may pass.
const BACK_OFF: BackOff = BackOff::doubling(Duration::from_secs(15), Duration::from_secs(900));

/// The outcome of one file of a listing.
enum Taken {
    /// It is, or stays, an original of a photo.
    Photo,
    /// It is refused, was deleted here, or has gone since it was listed.
    Not,
    /// It changed while it was read.
    Changed,
}

/// A walk through a whole listing.
struct Pass {
    session: PhotoSessionId,
    place: String,
    library: Library,
    round: u64,
    /// Files in the listing so far.
    listed: u64,
    /// Pictures among them that are photos of the session.
    taken: u64,
    /// Whether a file changed while it was read.
    changed: bool,
}

impl Libraries {
    /// Syncs what is due, one session after the other, until `stop`.
    pub async fn run(&self, stop: CancellationToken) {
        if !self.is_on() {
            return;
        }
        while !stop.is_cancelled() {
            let due = self.store.library().due(1, self.now()).await.unwrap_or_else(|error| {
                tracing::warn!(%error, "libraries that are to be synced cannot be read");
                Vec::new()
            });
            match due.first() {
                Some(row) => self.sync_and_note(row, &stop).await,
                None => {
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = self.wake.notified() => {}
                        () = tokio::time::sleep(POLL) => {}
                    }
                }
            }
        }
    }

    async fn sync_and_note(&self, row: &LibraryRow, stop: &CancellationToken) {
        let session = row.session;
        let done = self.sync(row, stop).await;
        if matches!(done, Err(LibraryError::Stopped)) {
            return;
        }
        let now = self.now();
        let is_visited = row.visited_at.is_some_and(|at| now - at < FORGOTTEN);
        let (code, due) = match &done {
            Ok(()) => (None, is_visited.then(|| now + self.limits.interval)),
            Err(error) => {
                tracing::warn!(session = %session, code = error.code(), %error, "a library cannot be synced");
                let wait = BACK_OFF.wait(row.failures + 1);
                (Some(error.code()), Some(now + wait))
            }
        };
        if let Err(error) = self.store.library().end(row, code, due, now).await {
            tracing::warn!(%error, "the end of a sync cannot be written");
            tokio::time::sleep(POLL).await;
        }
        self.events.publish(session, Event::Counts);
    }

    /// Brings a session's library into the rows.
    ///
    /// # Errors
    /// [`LibraryError`]; what was taken in until then stays, and nothing is removed.
    pub async fn sync(&self, row: &LibraryRow, stop: &CancellationToken) -> Result<(), LibraryError> {
        let session = row.session;
        let Some((place, library)) = self.first_with_files(row).await? else {
            let had_files = self.store.library().has_files(session).await?;
            return if had_files { Err(LibraryError::Empty) } else { Ok(()) };
        };
        let round = self.store.library().begin(session, &place).await?;
        let mut pages = library.list();
        let mut pass = Pass { session, place, library, round, listed: 0, taken: 0, changed: false };
        let mut room = self.limits.most_files;
        while let Some(mut page) = pages.try_next().await? {
            let is_too_long = page.len() as u64 > room;
            if is_too_long {
                page.truncate(usize::try_from(room).unwrap_or(usize::MAX));
            }
            room -= page.len() as u64;
            self.take_page(&mut pass, page, stop).await?;
            if is_too_long {
                self.receiver.reject(session, &pass.place, None, 0, TOO_MANY_FILES).await?;
                return Err(LibraryError::TooMany(self.limits.most_files));
            }
            self.events.publish(session, Event::Counts);
        }
        if pass.listed == 0 && !self.store.library().unseen(session, round, 1).await?.is_empty() {
            return Err(LibraryError::Empty);
        }
        self.drop_gone(session, round).await?;
        if pass.changed { Err(LibraryError::Changed) } else { Ok(()) }
    }

    /// Compares a page of the listing with the rows, and takes in what is new in it.
    async fn take_page(
        &self,
        pass: &mut Pass,
        mut page: Vec<Listed>,
        stop: &CancellationToken,
    ) -> Result<(), LibraryError> {
        let (session, round) = (pass.session, pass.round);
        page.retain(|file| names::is_wanted(&file.key));
        let keys: Vec<&str> = page.iter().map(|file| file.key.as_str()).collect();
        let known = self.store.library().known(session, &keys).await?;
        let is_same = |file: &Listed| {
            known.get(&file.key).is_some_and(|row| {
                row.place == pass.place && row.stamp == file.stamp && row.bytes == file.bytes
            })
        };
        let (same, other): (Vec<Listed>, Vec<Listed>) = page.into_iter().partition(is_same);
        pass.listed += (same.len() + other.len()) as u64;
        pass.taken += same.iter().filter(|file| known[&file.key].code.is_none()).count() as u64;
        let same: Vec<&str> = same.iter().map(|file| file.key.as_str()).collect();
        self.store.library().saw(session, round, &same, (pass.listed, pass.taken)).await?;
        let (was_other, mut not_read) = (!other.is_empty(), Vec::new());
        let (place, library) = (&pass.place, &pass.library);
        let mut taking = stream::iter(other)
            .map(|file: Listed| async move {
                let Listed { key, stamp, .. } = file.clone();
                let at = InLibrary { key, place: place.clone(), stamp, round };
                let outcome = self.take(session, library, &file, &at).await?;
                Ok::<_, LibraryError>((file.key, outcome))
            })
            .buffer_unordered(READING);
        while let Some((key, outcome)) = taking.try_next().await? {
            match outcome {
                Taken::Photo => pass.taken += 1,
                Taken::Not => {}
                // It is there: the next sync reads it.
                Taken::Changed => not_read.push(key),
            }
            if stop.is_cancelled() {
                return Err(LibraryError::Stopped);
            }
        }
        drop(taking);
        pass.changed |= !not_read.is_empty();
        if was_other {
            let not_read: Vec<&str> = not_read.iter().map(String::as_str).collect();
            self.store.library().saw(session, round, &not_read, (pass.listed, pass.taken)).await?;
        }
        Ok(())
    }

    /// The first of the session's places that has a file.
    async fn first_with_files(&self, row: &LibraryRow) -> Result<Option<(String, Library)>, LibraryError> {
        let mut failure = None;
        for place in self.places_of(row) {
            let library = place.open()?;
            match library.list().try_next().await {
                Ok(Some(page)) if !page.is_empty() => return Ok(Some((place.to_string(), library))),
                Ok(_) => {}
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(None), |error| Err(error.into()))
    }

    async fn take(
        &self,
        session: PhotoSessionId,
        library: &Library,
        file: &Listed,
        at: &InLibrary,
    ) -> Result<Taken, LibraryError> {
        let filename = names::filename(&file.key).to_owned();
        let too_large = (file.bytes > MAX_BYTES).then(|| ReceiveError::TooLarge.code());
        if let Some(code) = file.fault.or(too_large) {
            self.receiver.reject(session, &filename, None, file.bytes, code).await?;
            self.store.library().refuse(session, at, file.bytes, code).await?;
            return Ok(Taken::Not);
        }
        let source =
            LibraryFile { library: library.clone(), key: file.key.clone(), stamp: file.stamp.clone() };
        let bytes = match source.read(MAX_BYTES).await {
            Ok(Some(bytes)) => bytes,
            Ok(None) | Err(BlobError::Changed) => return Ok(Taken::Changed),
            Err(BlobError::NotFound) => return Ok(Taken::Not),
            Err(error) => return Err(error.into()),
        };
        let incoming = Incoming {
            session,
            photo: PhotoId::generate(),
            filename,
            guest_id: None,
            begins_selected: true,
            replaces: false,
            sha256: None,
        };
        match self.receiver.receive_in_library(&incoming, at, bytes).await {
            Ok(Some(Received::Stored(_) | Received::Duplicate(_))) => Ok(Taken::Photo),
            Ok(Some(Received::Sidecar) | None) => Ok(Taken::Not),
            Err(error) if error.is_rejection() => {
                self.store.library().refuse(session, at, file.bytes, error.code()).await?;
                Ok(Taken::Not)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Removes the photos whose files the whole listing no longer has.
    async fn drop_gone(&self, session: PhotoSessionId, round: u64) -> Result<(), LibraryError> {
        loop {
            let gone = self.store.library().unseen(session, round, GONE).await?;
            if gone.is_empty() {
                return Ok(());
            }
            // The photos first: after a crash in between their files are still known to be gone.
            let lost: HashSet<PhotoId> =
                gone.iter().filter(|(_, has_others)| !has_others).filter_map(|(file, _)| file.file).collect();
            for original in lost {
                self.gallery.lost_in_library(session, original).await?;
            }
            let keys: Vec<&str> = gone.iter().map(|(file, _)| file.key.as_str()).collect();
            self.store.library().forget(session, &keys).await?;
        }
    }
}
