//! Writing all of the embedded index anew, while searches and writes go on.
//!
//! Deleting a point only marks it: its vector stays in the engine's files until they are merged. After a rewrite nothing
//! of a point that was deleted before is on the disk.
//!
//! The copy is made in a second folder by the thread that writes, session by session: one page between two rounds of
//! writes, and every write meanwhile goes to both. So no point is copied after it was deleted. A small file names the
//! folder that counts. A process that dies leaves that one whole, and the next start removes the other.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use qdrant_edge::{
    EdgeShard, PointId, PointInsertOperations, PointOperations, PointStruct, PointStructPersisted, Record,
    ScrollRequest, UpdateOperation, WithPayloadInterface, WithVector,
};
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    IndexError,
    shard::{Engine, PHOTO, SESSION, create, dense, in_session, photo, remove, sessions_of, unavailable},
};
use crate::{disk::NoRoom, domain::PhotoSessionId};

/// The shard lies in one of these; a rewrite fills the other.
const FOLDERS: [&str; 2] = ["shard", "shard-2"];
/// Names the one that counts. The first does where it is missing.
const CURRENT: &str = "current";
/// Points that are copied between two rounds of writes.
const PAGE: usize = 1000;
/// After so many pages the copy is flushed.
const FLUSH: usize = 8;
/// Between looks whether the last search has let go of the folder that is given up.
const LET_GO: Duration = Duration::from_millis(2);

/// Who waits for the end of a rewrite.
pub(super) type Answer = oneshot::Sender<Result<(), IndexError>>;

/// The folder of an index that counts, and the other.
fn folders(index: &Path) -> [PathBuf; 2] {
    let named = fs::read_to_string(index.join(CURRENT)).unwrap_or_default();
    let is_second = named.trim() == FOLDERS[1];
    let [first, second] = FOLDERS.map(|name| index.join(name));
    if is_second { [second, first] } else { [first, second] }
}

/// The folder of the shard. What an interrupted rewrite has left beside it is removed.
pub(super) fn open(index: &Path) -> Result<PathBuf, IndexError> {
    let [current, other] = folders(index);
    remove(&other)?;
    remove(&other.with_extension("new"))?;
    Ok(current)
}

/// Removes all files of an index.
pub(super) fn remove_all(index: &Path) -> Result<(), IndexError> {
    folders(index).iter().try_for_each(|folder| remove(folder))?;
    match fs::remove_file(index.join(CURRENT)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unavailable(error)),
        _ => Ok(()),
    }
}

/// From now on this folder counts.
fn make_current(index: &Path, folder: &Path) -> std::io::Result<()> {
    let staged = index.join("current.new");
    let mut file = File::create(&staged)?;
    file.write_all(folder.file_name().unwrap_or_default().as_encoded_bytes())?;
    file.sync_all()?;
    fs::rename(&staged, index.join(CURRENT))?;
    File::open(index)?.sync_all()
}

/// A copy in the making.
pub(super) struct Copying {
    target: Arc<EdgeShard>,
    folder: PathBuf,
    /// Those of which points are still to be copied.
    sessions: Vec<PhotoSessionId>,
    offset: Option<PointId>,
    pages: usize,
    waiting: Vec<Answer>,
}

impl Copying {
    /// Begins a copy without a point; `None` when that fails, of which those who wait have heard.
    pub(super) fn begin(engine: &Engine, waiting: Vec<Answer>) -> Option<Self> {
        let [_, folder] = folders(&engine.directory);
        let begun = || {
            if !engine.room.for_a_copy() {
                return Err(IndexError::Full(NoRoom));
            }
            remove(&folder)?;
            let sessions = sessions_of(&engine.shard())?.into_keys().collect();
            let target = engine.room.watched(|| create(&folder, engine.dimension))?;
            Ok((Arc::new(target), sessions))
        };
        match begun() {
            Ok((target, sessions)) => {
                Some(Self { target, folder, sessions, offset: None, pages: 0, waiting })
            }
            Err(error) => {
                tracing::warn!(%error, "the face index cannot be written anew");
                answer(waiting, &Err(error));
                None
            }
        }
    }

    /// Where writes go as well.
    pub(super) fn target(&self) -> &EdgeShard {
        &self.target
    }

    /// Copies one page; the last one makes the copy the index. `None` when it is over.
    pub(super) fn step(mut self, engine: &Engine) -> Option<Self> {
        match engine.room.watched(|| self.page(engine)) {
            Ok(()) if !self.sessions.is_empty() => Some(self),
            Ok(()) => {
                self.finish(engine);
                None
            }
            Err(error) => {
                self.give_up(error);
                None
            }
        }
    }

    /// Ends without a result: what counts is what counted before.
    pub(super) fn give_up(self, error: IndexError) {
        tracing::warn!(%error, "the face index could not be written anew");
        drop(self.target);
        let removed = remove(&self.folder);
        answer(self.waiting, &removed.and(Err(error)));
    }

    fn page(&mut self, engine: &Engine) -> Result<(), IndexError> {
        let Some(session) = self.sessions.last().copied() else { return Ok(()) };
        let request = ScrollRequest {
            offset: self.offset,
            limit: Some(PAGE),
            filter: Some(in_session(session)),
            with_payload: Some(WithPayloadInterface::Bool(true)),
            with_vector: WithVector::Bool(true),
            ..ScrollRequest::new()
        };
        let (records, next) = engine.shard().scroll(request).map_err(unavailable)?;
        let points: Vec<PointStructPersisted> =
            records.into_iter().map(|record| copied(record, session)).collect::<Result<_, _>>()?;
        if !points.is_empty() {
            if !engine.room.for_points(points.len(), engine.dimension) {
                return Err(IndexError::Full(NoRoom));
            }
            let upsert = PointOperations::UpsertPoints(PointInsertOperations::PointsList(points));
            self.target.update(UpdateOperation::PointOperation(upsert)).map_err(unavailable)?;
        }
        self.pages += 1;
        if self.pages.is_multiple_of(FLUSH) {
            self.target.flush().map_err(unavailable)?;
        }
        self.offset = next;
        if self.offset.is_none() {
            self.sessions.pop();
        }
        Ok(())
    }

    fn finish(self, engine: &Engine) {
        let counts = engine.room.watched(|| {
            self.target.flush().map_err(unavailable)?;
            make_current(&engine.directory, &self.folder).map_err(unavailable)
        });
        if let Err(error) = counts {
            return self.give_up(error);
        }
        let [_, old_folder] = folders(&engine.directory);
        let old = engine.replace(self.target);
        // Searches are over in no time. The engine flushes when it is dropped, so it goes before its files.
        while Arc::strong_count(&old) > 1 {
            thread::sleep(LET_GO);
        }
        drop(old);
        let removed = remove(&old_folder);
        answer(self.waiting, &removed);
    }
}

fn copied(record: Record, session: PhotoSessionId) -> Result<PointStructPersisted, IndexError> {
    let unreadable = || unavailable(format!("the index holds an unreadable point {}", record.id));
    let photo = photo(record.payload.as_ref()).ok_or_else(unreadable)?;
    let (id, vector) = (record.id, record.vector.clone().and_then(dense).ok_or_else(unreadable)?);
    let payload = json!({ SESSION: session.to_string(), PHOTO: photo.to_string() });
    Ok(PointStruct::new(id, vector, payload).into())
}

pub(super) fn answer(waiting: Vec<Answer>, result: &Result<(), IndexError>) {
    for each in waiting {
        // Somebody who has gone away needs no answer.
        let _ = each.send(result.clone());
    }
}
