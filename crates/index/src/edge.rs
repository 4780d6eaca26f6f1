//! The embedded index: Qdrant Edge, one shard for one embedding model.
//!
//! Vectors are searched exactly within a session (a payload index finds its points): for the few
//! thousand faces of a session that is faster than a graph, and misses nothing. Writes go through one
//! thread that shares a flush among all who wait ([`super::writer`]); searches run beside it.

use std::{
    collections::HashMap,
    fs::{self, File, TryLockError},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use qdrant_edge::{
    Condition, CountRequest, EdgeShard, HasIdCondition, NamedQuery, OperationError, PointId, QueryEnum,
    QueryRequestBuilder, Record, RetrieveRequest, ScoredPoint, ScoringQuery, ScrollRequest, SearchParams,
    WithPayloadInterface, WithVector,
};

use super::{
    FaceIndex, Hit, IndexError, IndexedFace, Wiped, check_dimension, rewrite,
    room::Room,
    shard::{Engine, config, create, dense, in_session, photo, remove, sessions_of, unavailable},
    writer::Writer,
};
use crate::{
    disk::NoRoom,
    domain::{FaceId, PhotoId, PhotoSessionId},
};

/// Points looked at in one go.
const PAGE: usize = 10_000;
/// Of so many points, so many are read whole while an index is being opened.
const CHECK_SAMPLE: usize = 100;

/// The state in which [`EdgeIndex::open`] found the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opened {
    /// There was none; the index is empty.
    Fresh,
    Loaded,
    /// There was one that could not be read; it was removed and the index is empty. The caller
    /// rebuilds it from the rows.
    Damaged,
}

pub struct EdgeIndex {
    engine: Arc<Engine>,
    writer: Writer,
    maintaining: Arc<AtomicBool>,
}

impl EdgeIndex {
    /// Opens the index in `directory`, or makes it. Reads the disk (seconds for a million faces): not
    /// for an async task. `dimension` is the length of the model's embeddings.
    ///
    /// # Errors
    /// [`IndexError::Locked`] when another process has it open, [`IndexError::Full`] when the disk has no room for
    /// what opening writes.
    pub fn open(directory: &Path, dimension: usize) -> Result<(Self, Opened), IndexError> {
        fs::create_dir_all(directory).map_err(unavailable)?;
        // Before anything is read: loading repairs files, which must not happen under another process.
        let lock = lock(directory)?;
        let room = Room::open(directory)?;
        let shard_directory = rewrite::open(directory)?;
        let loaded = room.watched(|| load(&shard_directory, dimension));
        let (shard, opened) =
            loaded.map_err(|error| if room.is_short() { IndexError::Full(NoRoom) } else { error })?;
        let engine = Arc::new(Engine::new(shard, directory.to_owned(), dimension, room, lock));
        let writer = Writer::spawn(Arc::clone(&engine)).map_err(unavailable)?;
        Ok((Self { engine, writer, maintaining: Arc::default() }, opened))
    }

    /// Removes the files of an index that nobody has open; the next [`EdgeIndex::open`] finds it empty.
    /// Deleting points only marks them: their vectors stay in the log and the segments until these are
    /// written again, which is not what "erased" means.
    ///
    /// # Errors
    /// [`IndexError::Locked`] when a process has it open.
    pub fn remove(directory: &Path) -> Result<(), IndexError> {
        let _lock = lock(directory)?;
        rewrite::remove_all(directory)
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&EdgeShard) -> Result<T, IndexError> + Send + 'static,
    ) -> Result<T, IndexError> {
        let engine = Arc::clone(&self.engine);
        tokio::task::spawn_blocking(move || work(&engine.shard())).await.map_err(unavailable)?
    }
}

#[async_trait]
impl FaceIndex for EdgeIndex {
    async fn upsert(&self, session: PhotoSessionId, faces: Vec<IndexedFace>) -> Result<(), IndexError> {
        for face in &faces {
            check_dimension(self.engine.dimension, &face.vector)?;
        }
        if faces.is_empty() {
            return Ok(());
        }
        self.writer.upsert(session, faces).await
    }

    async fn search(
        &self,
        session: PhotoSessionId,
        probe: &[f32],
        limit: usize,
        min_cosine: f32,
    ) -> Result<Vec<Hit>, IndexError> {
        check_dimension(self.engine.dimension, probe)?;
        let nearest = NamedQuery::default_dense(probe.to_vec());
        let request = QueryRequestBuilder::new(limit)
            .query(ScoringQuery::Vector(QueryEnum::Nearest(nearest)))
            .filter(in_session(session))
            .score_threshold(min_cosine)
            .params(SearchParams { exact: true, ..SearchParams::default() })
            .with_vector(WithVector::Bool(true))
            .with_payload(WithPayloadInterface::Bool(true))
            .build();
        self.blocking(move |shard| shard.query(request).map_err(unavailable)?.into_iter().map(hit).collect())
            .await
    }

    async fn delete_faces(&self, session: PhotoSessionId, ids: &[FaceId]) -> Result<(), IndexError> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut filter = in_session(session);
        let ids = ids.iter().map(|id| PointId::Uuid(id.0)).collect();
        filter.must.get_or_insert_default().push(Condition::HasId(HasIdCondition { has_id: ids }));
        self.writer.delete(filter).await
    }

    async fn delete_session(&self, session: PhotoSessionId) -> Result<(), IndexError> {
        self.writer.delete(in_session(session)).await
    }

    async fn count(&self, session: PhotoSessionId) -> Result<u64, IndexError> {
        let request = CountRequest { filter: Some(in_session(session)), exact: true };
        self.blocking(move |shard| Ok(shard.count(request).map_err(unavailable)? as u64)).await
    }

    async fn total(&self) -> Result<u64, IndexError> {
        self.blocking(|shard| Ok(shard.count(CountRequest::new()).map_err(unavailable)? as u64)).await
    }

    async fn counts(&self) -> Result<HashMap<PhotoSessionId, u64>, IndexError> {
        self.blocking(sessions_of).await
    }

    async fn faces(&self, session: PhotoSessionId) -> Result<HashMap<FaceId, PhotoId>, IndexError> {
        self.blocking(move |shard| {
            let mut faces = HashMap::new();
            let mut offset = None;
            loop {
                let request = ScrollRequest {
                    offset,
                    limit: Some(PAGE),
                    filter: Some(in_session(session)),
                    with_payload: Some(WithPayloadInterface::Bool(true)),
                    ..ScrollRequest::new()
                };
                let (points, next) = shard.scroll(request).map_err(unavailable)?;
                for point in points {
                    let (PointId::Uuid(face), Some(photo)) = (point.id, photo(point.payload.as_ref())) else {
                        return Err(unavailable(format!("the index holds an unreadable point {}", point.id)));
                    };
                    faces.insert(FaceId(face), photo);
                }
                offset = next;
                if offset.is_none() {
                    return Ok(faces);
                }
            }
        })
        .await
    }

    async fn health(&self) -> Result<(), IndexError> {
        if self.engine.is_broken() || !self.writer.is_alive() {
            return Err(IndexError::Unavailable("a write failed; see the log".to_owned()));
        }
        Ok(())
    }

    /// Merges small segments and drops deleted vectors. Takes seconds to a minute when there is much
    /// to do; searches and writes go on meanwhile. A second call while one runs does nothing.
    async fn maintain(&self) -> Result<(), IndexError> {
        if self.maintaining.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let (engine, maintaining) = (Arc::clone(&self.engine), Arc::clone(&self.maintaining));
        let tidied = tokio::task::spawn_blocking(move || {
            let fits = engine.room.for_a_copy();
            let done = fits.then(|| engine.room.watched(|| engine.shard().optimize()));
            maintaining.store(false, Ordering::Release);
            done.map_or(Err(IndexError::Full(NoRoom)), |done| done.map(|_| ()).map_err(unavailable))
        });
        tidied.await.map_err(unavailable)?
    }

    /// Writes the index anew. That takes as long as reading and writing all of it; searches and writes go on.
    async fn wipe(&self) -> Result<Wiped, IndexError> {
        // Merging would hold on to the files that are given up.
        let _turn = Turn::take(&self.maintaining).await;
        self.writer.rewrite().await?;
        Ok(Wiped::Rewritten)
    }
}

/// Between looks whether merging is over.
const MERGING: Duration = Duration::from_millis(50);

/// Nothing else is done to the files as a whole while this is there.
struct Turn(Arc<AtomicBool>);

impl Turn {
    async fn take(maintaining: &Arc<AtomicBool>) -> Self {
        while maintaining.swap(true, Ordering::AcqRel) {
            tokio::time::sleep(MERGING).await;
        }
        Self(Arc::clone(maintaining))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

fn lock(directory: &Path) -> Result<File, IndexError> {
    let file = File::options().create(true).truncate(false).write(true).open(directory.join("lock"));
    let file = file.map_err(unavailable)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(IndexError::Locked),
        Err(TryLockError::Error(error)) => Err(unavailable(error)),
    }
}

fn load(directory: &Path, dimension: usize) -> Result<(EdgeShard, Opened), IndexError> {
    // Whatever an `optimize` that was killed had half built; it can be gigabytes and is never read.
    remove(&directory.join("temp_segments"))?;
    if !directory.exists() {
        return Ok((create(directory, dimension)?, Opened::Fresh));
    }
    // The engine trusts its files and may panic on a damaged one.
    let loaded = catch_unwind(AssertUnwindSafe(|| {
        let shard = EdgeShard::load(directory, Some(config(dimension)))?;
        check(&shard)?;
        Ok::<_, OperationError>(shard)
    }));
    match loaded {
        Ok(Ok(shard)) => return Ok((shard, Opened::Loaded)),
        // Nothing is wrong with the files, as far as anybody can know.
        Ok(Err(error)) if is_passing(&error) => return Err(unavailable(error)),
        Ok(Err(error)) => {
            tracing::error!(%error, "the face index cannot be read and will be rebuilt")
        }
        Err(_) => tracing::error!("the face index crashed its engine and will be rebuilt"),
    }
    remove(directory)?;
    Ok((create(directory, dimension)?, Opened::Damaged))
}

/// Whether an error comes from the machine (room, memory, descriptors, rights, the disk itself) rather than from
/// what the files hold. The engine keeps the system's error as text only.
fn is_passing(error: &OperationError) -> bool {
    const OF_THE_MACHINE: [i32; 9] = [1, 5, 12, 13, 23, 24, 28, 30, 122];
    let text = error.to_string();
    matches!(error, OperationError::OutOfMemory { .. })
        || OF_THE_MACHINE.iter().any(|code| text.contains(&format!("(os error {code})")))
}

/// Reads a sample of the points whole: an index whose files were cut short opens well, and then fails a
/// guest's search. Points come in the order of their random ids, so the sample falls into every file.
fn check(shard: &EdgeShard) -> Result<(), OperationError> {
    let mut offset = None;
    loop {
        let request = ScrollRequest {
            offset,
            limit: Some(PAGE),
            with_payload: Some(WithPayloadInterface::Bool(false)),
            ..ScrollRequest::new()
        };
        let (points, next) = shard.scroll(request)?;
        let sample = points.iter().step_by(points.len().div_ceil(CHECK_SAMPLE).max(1)).map(|point| point.id);
        let request = RetrieveRequest {
            with_payload: Some(WithPayloadInterface::Bool(true)),
            with_vector: Some(WithVector::Bool(true)),
            ..RetrieveRequest::new(sample.collect())
        };
        let points = shard.retrieve(request)?;
        let incomplete = |point: &&Record| point.vector.is_none() || photo(point.payload.as_ref()).is_none();
        if let Some(point) = points.iter().find(incomplete) {
            let description = format!("point {} is incomplete", point.id);
            return Err(OperationError::InconsistentStorage { description });
        }
        offset = next;
        if offset.is_none() {
            return Ok(());
        }
    }
}

fn hit(point: ScoredPoint) -> Result<Hit, IndexError> {
    let unreadable = || IndexError::Unavailable(format!("the index holds an unreadable point {}", point.id));
    let PointId::Uuid(face) = point.id else {
        return Err(unreadable());
    };
    let photo_id = photo(point.payload.as_ref()).ok_or_else(unreadable)?;
    let vector = point.vector.and_then(dense).ok_or_else(unreadable)?;
    Ok(Hit { face_id: FaceId(face), photo_id, cosine: point.score, vector })
}
