//! The index on a Qdrant server or cluster: one collection for one embedding model.
//!
//! Layout, as Qdrant advises for many tenants: `session_id` is a keyword index that says "tenant", so the
//! server keeps a session's points beside each other; the vectors lie on the disk, a copy of one byte a
//! number stays in memory. There is no graph: the server compares the probe with every face of the session
//! by the small copy, takes [`OVERSAMPLING`] times as many as were asked for, and scores these by the
//! vectors themselves. `SearchParams::exact` would pass the small copy by and read every vector of the
//! session from the disk; `docs/OPERATIONS.md` has the figures.
//!
//! Every write waits until it is applied, and may be repeated: points are named by photo, face and model.

use std::{collections::HashMap, time::Duration};

use async_trait::async_trait;
use qdrant_client::{
    Payload, Qdrant, QdrantError,
    qdrant::{
        CollectionInfo, CollectionStatus, Condition, CountPointsBuilder, CreateCollectionBuilder,
        CreateFieldIndexCollectionBuilder, DeletePointsBuilder, Distance, FacetCountsBuilder, FieldType,
        Filter, HnswConfigDiffBuilder, KeywordIndexParamsBuilder, Memory, PointId, PointStruct,
        PointsOperationResponse, QuantizationSearchParamsBuilder, QuantizationType, QueryPointsBuilder,
        RetrievedPoint, ScalarQuantization, ScoredPoint, ScrollPointsBuilder, SearchParamsBuilder,
        UpdateStatus, UpsertPointsBuilder, Value, VectorParams, WriteOrdering, WriteOrderingType,
        facet_value, point_id, value, vector_output, vectors_config, vectors_output,
    },
};
use uuid::Uuid;

use super::{
    FaceIndex, Hit, IndexError, IndexedFace, Wiped, check_dimension,
    shard::{PHOTO, SESSION},
};
use crate::{
    domain::{FaceId, PhotoId, PhotoSessionId},
    reach,
};

/// So many times more faces than asked for are scored by their whole vectors.
const OVERSAMPLING: f64 = 3.0;
/// Points in one request: two megabytes of vectors.
const BATCH: usize = 1000;
/// Ids read at a time.
const PAGE: u32 = 10_000;
/// Sessions that one answer to "how many faces has each" may name.
const MOST_SESSIONS: u64 = 1_000_000;

const CONNECT: Duration = Duration::from_secs(3);
/// Longest that a guest's search may take.
const SEARCH: Duration = Duration::from_secs(5);
/// Longest that anything else may take; the server counts and deletes whole sessions.
const REQUEST: Duration = Duration::from_secs(30);
/// Waits before a write is tried again.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];

/// The server's address, and the layout of a collection that has to be created there.
#[derive(Clone)]
pub struct QdrantServer {
    /// `http://host:6334` or `https://…`, the port of the gRPC API; without user and password.
    pub url: String,
    pub api_key: Option<String>,
    /// The prefix of the collections' names; the model's name follows.
    pub prefix: String,
    /// Copies of every point, at least 1. A write is acknowledged when half of them have it.
    pub replication: u32,
    /// Parts of the collection; the server's own choice (one for each of its nodes) if not given.
    pub shards: Option<u32>,
}

pub struct QdrantIndex {
    client: Qdrant,
    api_key: Option<String>,
    collection: String,
    dimension: usize,
}

impl QdrantIndex {
    /// Connects, and makes the model's collection if there is none. Several processes may do so at the same time.
    ///
    /// # Errors
    /// [`IndexError::Unavailable`] when the server does not answer or refuses us; [`IndexError::Dimension`]
    /// when the collection holds another model's vectors.
    pub async fn open(server: &QdrantServer, model: &str, dimension: usize) -> Result<Self, IndexError> {
        let index = Self::connect(server, model, dimension)?;
        if !index.ask(REQUEST, index.client.collection_exists(&index.collection)).await? {
            index.create(server.replication, server.shards).await?;
        }
        let info = index.info().await?;
        index.check_layout(&info)?;
        if !info.payload_schema.contains_key(SESSION) {
            index.index_sessions().await?;
        }
        Ok(index)
    }

    /// Deletes the model's collection, if there is one.
    ///
    /// # Errors
    /// [`IndexError::Unavailable`].
    pub async fn remove(server: &QdrantServer, model: &str) -> Result<(), IndexError> {
        let index = Self::connect(server, model, 0)?;
        if index.ask(REQUEST, index.client.collection_exists(&index.collection)).await? {
            index.ask(REQUEST, index.client.delete_collection(&index.collection)).await?;
        }
        Ok(())
    }

    fn connect(server: &QdrantServer, model: &str, dimension: usize) -> Result<Self, IndexError> {
        let QdrantServer { url, api_key, prefix, .. } = server.clone();
        let client = Qdrant::from_url(&url)
            .api_key(api_key.clone())
            .connect_timeout(CONNECT)
            .timeout(REQUEST)
            // It would print to stdout, which belongs to the commands' documents.
            .skip_compatibility_check()
            .build()
            .map_err(|_| IndexError::Unavailable("the address of the Qdrant server is no URL".to_owned()))?;
        Ok(Self { client, api_key, collection: format!("{prefix}-{model}"), dimension })
    }

    async fn create(&self, replication: u32, shards: Option<u32>) -> Result<(), IndexError> {
        let mut request = CreateCollectionBuilder::new(&self.collection)
            .vectors_config(vectors_config::Config::Params(on_disk(self.dimension as u64)))
            .hnsw_config(HnswConfigDiffBuilder::default().m(0).payload_m(0))
            .quantization_config(one_byte_in_memory())
            .replication_factor(replication)
            .write_consistency_factor(replication.div_ceil(2));
        if let Some(shards) = shards {
            request = request.shard_number(shards);
        }
        match self.ask(REQUEST, self.client.create_collection(request)).await {
            Ok(_) => Ok(()),
            // Another node that starts now may have been faster.
            Err(error) => match self.ask(REQUEST, self.client.collection_exists(&self.collection)).await {
                Ok(true) => Ok(()),
                _ => Err(error),
            },
        }
    }

    async fn index_sessions(&self) -> Result<(), IndexError> {
        let tenant = KeywordIndexParamsBuilder::default().is_tenant(true);
        let request = CreateFieldIndexCollectionBuilder::new(&self.collection, SESSION, FieldType::Keyword)
            .field_index_params(tenant)
            .wait(true);
        self.ask(REQUEST, self.client.create_field_index(request)).await.map(drop)
    }

    async fn info(&self) -> Result<CollectionInfo, IndexError> {
        let response = self.ask(REQUEST, self.client.collection_info(&self.collection)).await?;
        response.result.ok_or_else(|| unreadable("a collection without a description"))
    }

    /// Somebody else's collection under our name must not be written to.
    fn check_layout(&self, info: &CollectionInfo) -> Result<(), IndexError> {
        let params = info.config.as_ref().and_then(|config| config.params.as_ref());
        let vectors = params.and_then(|params| params.vectors_config.as_ref()?.config.as_ref());
        match vectors {
            Some(vectors_config::Config::Params(vectors)) if vectors.distance() == Distance::Cosine => {
                let (expected, got) = (vectors.size as usize, self.dimension);
                if got == expected { Ok(()) } else { Err(IndexError::Dimension { expected, got }) }
            }
            _ => Err(IndexError::Unavailable(format!(
                "the collection {} was not made by Pixora; choose another name",
                self.collection
            ))),
        }
    }

    async fn ask<T>(
        &self,
        limit: Duration,
        request: impl Future<Output = Result<T, QdrantError>>,
    ) -> Result<T, IndexError> {
        match tokio::time::timeout(limit, request).await {
            Ok(answer) => answer.map_err(|error| IndexError::Unavailable(self.words(&error))),
            Err(_) => Err(IndexError::Unavailable("the Qdrant server does not answer in time".to_owned())),
        }
    }

    /// Neither the key nor the address: these words reach logs and terminals.
    fn words(&self, error: &QdrantError) -> String {
        let (QdrantError::ResponseError { status } | QdrantError::ResourceExhaustedError { status, .. }) =
            error
        else {
            return "the Qdrant server's answer makes no sense".to_owned();
        };
        // The client's own, with the address in it.
        if status.message().starts_with("Failed to connect") {
            let obstacle = reach::in_debug_text(status.message());
            let obstacle = obstacle.map_or_else(String::new, |obstacle| format!(": {obstacle}"));
            return format!("the Qdrant server cannot be reached{obstacle}");
        }
        // Permission denied and unauthenticated, as gRPC numbers them.
        if matches!(status.code() as i32, 7 | 16) {
            return "the Qdrant server refuses us: QDRANT_API_KEY is missing or wrong".to_owned();
        }
        let mut said = status.message().to_owned();
        if let Some(key) = &self.api_key {
            said = said.replace(key.as_str(), "…");
        }
        format!("the Qdrant server says: {} ({said})", status.code().description())
    }

    /// A write, tried again when the server is away for a moment; `Ok` means applied.
    async fn write<R>(&self, request: impl Fn() -> R) -> Result<(), IndexError>
    where
        R: Future<Output = Result<PointsOperationResponse, QdrantError>>,
    {
        let mut pauses = PAUSES.into_iter();
        loop {
            let outcome = self.ask(REQUEST, request()).await.and_then(|response| {
                let status = response.result.map(|result| result.status());
                match status {
                    Some(UpdateStatus::Completed) => Ok(()),
                    _ => Err(IndexError::Unavailable("the Qdrant server has not applied a write".to_owned())),
                }
            });
            match (outcome, pauses.next()) {
                (Ok(()), _) => return Ok(()),
                (Err(error), None) => return Err(error),
                (Err(_), Some(pause)) => tokio::time::sleep(pause).await,
            }
        }
    }

    async fn delete(&self, filter: Filter) -> Result<(), IndexError> {
        let request =
            DeletePointsBuilder::new(&self.collection).points(filter).ordering(in_order()).wait(true).build();
        self.write(|| self.client.delete_points(request.clone())).await
    }

    async fn counted(&self, filter: Filter) -> Result<u64, IndexError> {
        let request = CountPointsBuilder::new(&self.collection).filter(filter).exact(true);
        let response = self.ask(REQUEST, self.client.count(request)).await?;
        Ok(response.result.map_or(0, |result| result.count))
    }
}

#[async_trait]
impl FaceIndex for QdrantIndex {
    async fn upsert(&self, session: PhotoSessionId, faces: Vec<IndexedFace>) -> Result<(), IndexError> {
        for face in &faces {
            check_dimension(self.dimension, &face.vector)?;
        }
        for batch in faces.chunks(BATCH) {
            let points: Vec<_> = batch.iter().map(|face| point(session, face)).collect();
            let request =
                UpsertPointsBuilder::new(&self.collection, points).ordering(in_order()).wait(true).build();
            self.write(|| self.client.upsert_points(request.clone())).await?;
        }
        Ok(())
    }

    async fn search(
        &self,
        session: PhotoSessionId,
        probe: &[f32],
        limit: usize,
        min_cosine: f32,
    ) -> Result<Vec<Hit>, IndexError> {
        check_dimension(self.dimension, probe)?;
        let rescored = QuantizationSearchParamsBuilder::default().rescore(true).oversampling(OVERSAMPLING);
        let request = QueryPointsBuilder::new(&self.collection)
            .query(probe.to_vec())
            .filter(in_session(session))
            .score_threshold(min_cosine)
            .params(SearchParamsBuilder::default().quantization(rescored))
            .limit(limit as u64)
            .with_vectors(true)
            .with_payload(true);
        let response = self.ask(SEARCH, self.client.query(request)).await?;
        response.result.into_iter().map(hit).collect()
    }

    async fn delete_faces(&self, session: PhotoSessionId, ids: &[FaceId]) -> Result<(), IndexError> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids = ids.iter().map(|id| PointId::from(id.0));
        self.delete(Filter::must([is_of(session), Condition::has_id(ids)])).await
    }

    async fn delete_session(&self, session: PhotoSessionId) -> Result<(), IndexError> {
        self.delete(in_session(session)).await
    }

    async fn count(&self, session: PhotoSessionId) -> Result<u64, IndexError> {
        self.counted(in_session(session)).await
    }

    async fn total(&self) -> Result<u64, IndexError> {
        self.counted(Filter::default()).await
    }

    async fn counts(&self) -> Result<HashMap<PhotoSessionId, u64>, IndexError> {
        let request = FacetCountsBuilder::new(&self.collection, SESSION).limit(MOST_SESSIONS).exact(true);
        let response = self.ask(REQUEST, self.client.facet(request)).await?;
        let session = |value: facet_value::Variant| match value {
            facet_value::Variant::StringValue(text) => Uuid::try_parse(&text).ok().map(PhotoSessionId),
            _ => None,
        };
        let count = |hit: qdrant_client::qdrant::FacetHit| {
            let session = hit.value.and_then(|value| session(value.variant?));
            session.map(|session| (session, hit.count)).ok_or_else(|| unreadable("a session that is none"))
        };
        // A session that was deleted stays a known value, without points.
        response.hits.into_iter().filter(|hit| hit.count > 0).map(count).collect()
    }

    async fn faces(&self, session: PhotoSessionId) -> Result<HashMap<FaceId, PhotoId>, IndexError> {
        let mut faces = HashMap::new();
        let mut offset: Option<PointId> = None;
        loop {
            let mut request = ScrollPointsBuilder::new(&self.collection)
                .filter(in_session(session))
                .limit(PAGE)
                .with_payload(true)
                .with_vectors(false);
            if let Some(offset) = offset {
                request = request.offset(offset);
            }
            let page = self.ask(REQUEST, self.client.scroll(request)).await?;
            for RetrievedPoint { id, payload, .. } in page.result {
                let (face, photo) = (face_id(id)?, photo_id(&payload)?);
                faces.insert(face, photo);
            }
            offset = page.next_page_offset;
            if offset.is_none() {
                return Ok(faces);
            }
        }
    }

    async fn health(&self) -> Result<(), IndexError> {
        match self.info().await?.status() {
            CollectionStatus::Red => Err(IndexError::Unavailable(
                "the Qdrant server says that its collection is broken".to_owned(),
            )),
            _ => Ok(()),
        }
    }

    /// The server keeps its own house.
    async fn maintain(&self) -> Result<(), IndexError> {
        Ok(())
    }

    /// Its files are its own affair: it cannot be asked to write a segment anew.
    async fn wipe(&self) -> Result<Wiped, IndexError> {
        Ok(Wiped::ByServer)
    }
}

#[expect(deprecated, reason = "servers before 1.19 know `on_disk` only")]
fn on_disk(size: u64) -> VectorParams {
    VectorParams {
        size,
        distance: Distance::Cosine.into(),
        on_disk: Some(true),
        memory: Some(Memory::Cold.into()),
        ..VectorParams::default()
    }
}

#[expect(deprecated, reason = "servers before 1.19 know `always_ram` only")]
fn one_byte_in_memory() -> ScalarQuantization {
    ScalarQuantization {
        r#type: QuantizationType::Int8.into(),
        quantile: None,
        always_ram: Some(true),
        memory: Some(Memory::Pinned.into()),
    }
}

/// Two nodes may write and delete the same face: every replica must see that in the same order.
fn in_order() -> WriteOrdering {
    WriteOrdering { r#type: WriteOrderingType::Medium.into() }
}

fn is_of(session: PhotoSessionId) -> Condition {
    Condition::matches(SESSION, session.to_string())
}

fn in_session(session: PhotoSessionId) -> Filter {
    Filter::must([is_of(session)])
}

fn point(session: PhotoSessionId, face: &IndexedFace) -> PointStruct {
    let mut payload = Payload::new();
    payload.insert(SESSION, session.to_string());
    payload.insert(PHOTO, face.photo_id.to_string());
    PointStruct::new(face.id.0, face.vector.clone(), payload)
}

fn hit(point: ScoredPoint) -> Result<Hit, IndexError> {
    let vector = match point.vectors.and_then(|vectors| vectors.vectors_options) {
        Some(vectors_output::VectorsOptions::Vector(vector)) => vector.into_vector(),
        _ => return Err(unreadable("a point without its vector")),
    };
    let vector_output::Vector::Dense(dense) = vector else {
        return Err(unreadable("a vector of another kind"));
    };
    Ok(Hit {
        face_id: face_id(point.id)?,
        photo_id: photo_id(&point.payload)?,
        cosine: point.score,
        vector: dense.data,
    })
}

fn face_id(id: Option<PointId>) -> Result<FaceId, IndexError> {
    match id.and_then(|id| id.point_id_options) {
        Some(point_id::PointIdOptions::Uuid(text)) => Uuid::try_parse(&text).ok().map(FaceId),
        _ => None,
    }
    .ok_or_else(|| unreadable("a point that is no face"))
}

fn photo_id(payload: &HashMap<String, Value>) -> Result<PhotoId, IndexError> {
    match payload.get(PHOTO).and_then(|value| value.kind.as_ref()) {
        Some(value::Kind::StringValue(text)) => Uuid::try_parse(text).ok().map(PhotoId),
        _ => None,
    }
    .ok_or_else(|| unreadable("a face without its photo"))
}

fn unreadable(what: &str) -> IndexError {
    IndexError::Unavailable(format!("the Qdrant server's collection holds {what}"))
}
