//! The embedded index: Qdrant Edge, one shard for one embedding model.
//!
//! Vectors are searched exactly within a session (a payload index finds its points): for the few
//! thousand faces of a session that is faster than a graph, and misses nothing. Writes go through one
//! thread that shares a flush among all who wait ([`super::writer`]); searches run beside it.

use std::{
    collections::HashMap,
    fs::{self, File, TryLockError},
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use qdrant_edge::{
    Condition, CountRequest, CreateIndex, Distance, EdgeConfig, EdgeShard, EdgeVectorParamsBuilder,
    FacetRequest, FacetValue, FacetValueHit, FieldCondition, FieldIndexOperations, Filter, HasIdCondition,
    HnswIndexConfig, JsonPath, Match, MatchValue, NamedQuery, OperationError, Payload, PayloadFieldSchema,
    PayloadSchemaParams, PointId, QueryEnum, QueryRequestBuilder, Record, RetrieveRequest, ScoredPoint,
    ScoringQuery, ScrollRequest, SearchParams, UpdateOperation, UuidIndexParamsBuilder, ValueVariants,
    VectorInternal, VectorStructInternal, WithPayloadInterface, WithVector,
};
use uuid::Uuid;

use super::{
    FaceIndex, Hit, IndexError, IndexedFace, check_dimension,
    room::Room,
    shard::{Engine, PHOTO, SESSION, unavailable},
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
        let shard_directory = directory.join("shard");
        let room = Room::open(directory)?;
        let loaded = room.watched(|| load(&shard_directory, dimension));
        let (shard, opened) =
            loaded.map_err(|error| if room.is_short() { IndexError::Full(NoRoom) } else { error })?;
        let engine = Arc::new(Engine::new(shard, dimension, room, lock));
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
        remove(&directory.join("shard"))
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&EdgeShard) -> Result<T, IndexError> + Send + 'static,
    ) -> Result<T, IndexError> {
        let engine = Arc::clone(&self.engine);
        tokio::task::spawn_blocking(move || work(&engine.shard)).await.map_err(unavailable)?
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
        let mut request = FacetRequest::new(session_field().clone());
        (request.limit, request.exact) = (usize::MAX, true);
        let found = self.blocking(move |shard| shard.facet(request).map_err(unavailable)).await?;
        let count = |hit: FacetValueHit| match hit.value {
            FacetValue::Uuid(session) => Ok((PhotoSessionId(Uuid::from_u128(session)), hit.count as u64)),
            other => Err(unavailable(format!("the index holds a session {other:?}"))),
        };
        // A session that was deleted stays a known value, without points.
        found.hits.into_iter().filter(|hit| hit.count > 0).map(count).collect()
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
            let done = fits.then(|| engine.room.watched(|| engine.shard.optimize()));
            maintaining.store(false, Ordering::Release);
            done.map_or(Err(IndexError::Full(NoRoom)), |done| done.map(|_| ()).map_err(unavailable))
        });
        tidied.await.map_err(unavailable)?
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

fn photo(payload: Option<&Payload>) -> Option<PhotoId> {
    Uuid::try_parse(payload?.0.get(PHOTO)?.as_str()?).ok().map(PhotoId)
}

/// Made under another name and then renamed, so that a killed start leaves no half-made index.
fn create(directory: &Path, dimension: usize) -> Result<EdgeShard, IndexError> {
    let staged: PathBuf = directory.with_extension("new");
    remove(&staged)?;
    let shard = EdgeShard::new(&staged, config(dimension)).map_err(unavailable)?;
    let tenant = UuidIndexParamsBuilder::new().is_tenant(true).enable_hnsw(false).build();
    shard
        .update(UpdateOperation::FieldIndexOperation(FieldIndexOperations::CreateIndex(CreateIndex {
            field_name: session_field().clone(),
            field_schema: Some(PayloadFieldSchema::FieldParams(PayloadSchemaParams::Uuid(tenant))),
        })))
        .map_err(unavailable)?;
    shard.flush().map_err(unavailable)?;
    drop(shard);
    fs::rename(&staged, directory).map_err(unavailable)?;
    EdgeShard::load(directory, None).map_err(unavailable)
}

fn config(dimension: usize) -> EdgeConfig {
    let no_graph = HnswIndexConfig { m: 0, payload_m: Some(0), ..HnswIndexConfig::default() };
    let vectors = EdgeVectorParamsBuilder::new(dimension, Distance::Cosine).hnsw_config(no_graph).build();
    EdgeConfig::builder().vector("", vectors).hnsw_config(no_graph).build()
}

fn in_session(session: PhotoSessionId) -> Filter {
    let is_session = Match::Value(MatchValue { value: ValueVariants::String(session.to_string()) });
    Filter::new_must(Condition::Field(FieldCondition::new_match(session_field().clone(), is_session)))
}

fn session_field() -> &'static JsonPath {
    static FIELD: OnceLock<JsonPath> = OnceLock::new();
    FIELD.get_or_init(|| SESSION.parse().expect("a plain word is a JSON path"))
}

fn hit(point: ScoredPoint) -> Result<Hit, IndexError> {
    let unreadable = || IndexError::Unavailable(format!("the index holds an unreadable point {}", point.id));
    let PointId::Uuid(face) = point.id else {
        return Err(unreadable());
    };
    let photo_id = photo(point.payload.as_ref()).ok_or_else(unreadable)?;
    let vector = match point.vector {
        Some(VectorStructInternal::Single(vector)) => vector,
        Some(VectorStructInternal::Named(mut named)) => match named.remove("") {
            Some(VectorInternal::Dense(vector)) => vector,
            _ => return Err(unreadable()),
        },
        _ => return Err(unreadable()),
    };
    Ok(Hit { face_id: FaceId(face), photo_id, cosine: point.score, vector })
}

fn remove(directory: &Path) -> Result<(), IndexError> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unavailable(error)),
        _ => Ok(()),
    }
}
