//! The state that the searches and the writing thread of the embedded index share, and how its points are made.

use std::{
    collections::HashMap,
    fs::{self, File},
    path::{Path, PathBuf},
    sync::{
        Arc, OnceLock, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use qdrant_edge::{
    Condition, CreateIndex, Distance, EdgeConfig, EdgeShard, EdgeVectorParamsBuilder, FacetRequest,
    FacetValue, FacetValueHit, FieldCondition, FieldIndexOperations, Filter, HnswIndexConfig, JsonPath,
    Match, MatchValue, Payload, PayloadFieldSchema, PayloadSchemaParams, UpdateOperation,
    UuidIndexParamsBuilder, ValueVariants, VectorInternal, VectorStructInternal,
};
use uuid::Uuid;

use super::{IndexError, room::Room};
use crate::domain::{PhotoId, PhotoSessionId};

pub(super) const SESSION: &str = "session_id";
pub(super) const PHOTO: &str = "photo_id";

/// The shard and the lock that says that it is ours.
pub(super) struct Engine {
    /// Another one after each rewrite.
    shard: RwLock<Arc<EdgeShard>>,
    /// The index's own, in which the shard's folder is.
    pub(super) directory: PathBuf,
    /// Length of the vectors.
    pub(super) dimension: usize,
    pub(super) room: Room,
    /// Whether the last write failed: on a full disk, or a shard that must be opened again.
    broken: AtomicBool,
    _lock: File,
}

impl Engine {
    pub(super) fn new(
        shard: EdgeShard,
        directory: PathBuf,
        dimension: usize,
        room: Room,
        lock: File,
    ) -> Self {
        let shard = RwLock::new(Arc::new(shard));
        Self { shard, directory, dimension, room, broken: AtomicBool::new(false), _lock: lock }
    }

    /// The shard as it is now. Whoever keeps it keeps a rewrite from ending.
    pub(super) fn shard(&self) -> Arc<EdgeShard> {
        Arc::clone(&self.shard.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another shard in the place of this one, which is returned.
    pub(super) fn replace(&self, shard: Arc<EdgeShard>) -> Arc<EdgeShard> {
        std::mem::replace(&mut *self.shard.write().unwrap_or_else(PoisonError::into_inner), shard)
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    /// Notes whether the last write failed.
    pub(super) fn set_broken(&self, failed: bool) {
        self.broken.store(failed, Ordering::Relaxed);
    }
}

pub(super) fn unavailable(error: impl std::fmt::Display) -> IndexError {
    IndexError::Unavailable(error.to_string())
}

/// How many points each session has.
pub(super) fn sessions_of(shard: &EdgeShard) -> Result<HashMap<PhotoSessionId, u64>, IndexError> {
    let mut request = FacetRequest::new(session_field().clone());
    (request.limit, request.exact) = (usize::MAX, true);
    let found = shard.facet(request).map_err(unavailable)?;
    let count = |hit: FacetValueHit| match hit.value {
        FacetValue::Uuid(session) => Ok((PhotoSessionId(Uuid::from_u128(session)), hit.count as u64)),
        other => Err(unavailable(format!("the index holds a session {other:?}"))),
    };
    // A session that was deleted stays a known value, without points.
    found.hits.into_iter().filter(|hit| hit.count > 0).map(count).collect()
}

pub(super) fn photo(payload: Option<&Payload>) -> Option<PhotoId> {
    Uuid::try_parse(payload?.0.get(PHOTO)?.as_str()?).ok().map(PhotoId)
}

/// Made under another name and then renamed, so that a killed start leaves no half-made index.
pub(super) fn create(directory: &Path, dimension: usize) -> Result<EdgeShard, IndexError> {
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

pub(super) fn config(dimension: usize) -> EdgeConfig {
    let no_graph = HnswIndexConfig { m: 0, payload_m: Some(0), ..HnswIndexConfig::default() };
    let vectors = EdgeVectorParamsBuilder::new(dimension, Distance::Cosine).hnsw_config(no_graph).build();
    EdgeConfig::builder().vector("", vectors).hnsw_config(no_graph).build()
}

pub(super) fn in_session(session: PhotoSessionId) -> Filter {
    let is_session = Match::Value(MatchValue { value: ValueVariants::String(session.to_string()) });
    Filter::new_must(Condition::Field(FieldCondition::new_match(session_field().clone(), is_session)))
}

pub(super) fn session_field() -> &'static JsonPath {
    static FIELD: OnceLock<JsonPath> = OnceLock::new();
    FIELD.get_or_init(|| SESSION.parse().expect("a plain word is a JSON path"))
}

/// The one vector of a point.
pub(super) fn dense(vector: VectorStructInternal) -> Option<Vec<f32>> {
    match vector {
        VectorStructInternal::Single(vector) => Some(vector),
        VectorStructInternal::Named(mut named) => match named.remove("") {
            Some(VectorInternal::Dense(vector)) => Some(vector),
            _ => None,
        },
        VectorStructInternal::MultiDense(_) => None,
    }
}

pub(super) fn remove(directory: &Path) -> Result<(), IndexError> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(unavailable(error)),
        _ => Ok(()),
    }
}
