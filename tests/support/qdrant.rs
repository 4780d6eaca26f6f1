//! A small Qdrant server: the real protocol by the stubs of the published proto, over shards of the real
//! engine (Qdrant Edge), in a temporary folder. It knows what Pixora asks for and refuses everything else,
//! a write that does not wait among them.
//!
//! It lives in the process of a test. Started as a program of its own, for other programs:
//! `cargo test --release --test store -- --ignored --exact server::a_server_for_other_programs --nocapture`
//! prints its address and serves until its standard input ends.

use std::{
    collections::HashMap,
    net::{SocketAddr, TcpListener},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use qdrant_client::{Payload, qdrant as q};
use qdrant_edge as edge;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tonic::{
    Code, Request, Response, Status,
    service::interceptor::InterceptedService,
    transport::{Server, server::TcpIncoming},
};
use uuid::Uuid;

/// Segments are merged after so many points.
const MERGE: usize = 2000;

/// Stops when it is dropped.
pub struct QdrantServer {
    state: Arc<State>,
    address: SocketAddr,
    running: Option<Running>,
}

struct Running {
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    api_key: Option<String>,
    collections: RwLock<HashMap<String, Arc<Collection>>>,
}

struct Collection {
    shard: edge::EdgeShard,
    asked: q::CreateCollection,
    indexes: Mutex<HashMap<String, q::PayloadIndexParams>>,
    /// Points written since segments were merged.
    unmerged: AtomicUsize,
    _folder: TempDir,
}

impl QdrantServer {
    /// Serves on a free port. Whoever does not send the key is refused, if there is one.
    pub fn start(api_key: Option<&str>) -> Self {
        let state = State { api_key: api_key.map(str::to_owned), ..State::default() };
        let free = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = free.local_addr().expect("a bound socket has an address");
        drop(free);
        let mut server = Self { state: Arc::new(state), address, running: None };
        server.resume();
        server
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Closes every connection; nobody listens on the port. What is stored stays.
    pub fn stop(&mut self) {
        if let Some(Running { stop, thread }) = self.running.take() {
            let _ = stop.send(());
            thread.join().expect("the server ends well");
        }
    }

    /// Serves again on the same port.
    pub fn resume(&mut self) {
        let (stop, stopped) = oneshot::channel();
        let (state, address) = (Arc::clone(&self.state), self.address);
        let socket = TcpListener::bind(address).expect("the port is still free");
        socket.set_nonblocking(true).expect("a socket can be that");
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let runtime = runtime.expect("threads can be started");
            runtime.block_on(async {
                tokio::select! {
                    served = serve(state, socket) => served.expect("serves until it is stopped"),
                    _ = stopped => {}
                }
            });
            // Connections are cut, not finished: that is what a server that dies does.
            runtime.shutdown_background();
        });
        self.running = Some(Running { stop, thread });
    }
}

impl Drop for QdrantServer {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn serve(state: Arc<State>, socket: TcpListener) -> Result<(), tonic::transport::Error> {
    let socket = tokio::net::TcpListener::from_std(socket).expect("a listening socket");
    let key = state.api_key.clone();
    let guard = move |request: Request<()>| {
        let sent = request.metadata().get("api-key").and_then(|key| key.to_str().ok());
        if key.is_some() && key.as_deref() != sent {
            return Err(Status::new(
                Code::Unauthenticated,
                "Must provide an API key or an Authorization token",
            ));
        }
        Ok(request)
    };
    let points = q::points_server::PointsServer::from_arc(Arc::clone(&state));
    let points = points.max_decoding_message_size(usize::MAX);
    let collections = q::collections_server::CollectionsServer::from_arc(Arc::clone(&state));
    let health = q::qdrant_server::QdrantServer::from_arc(state);
    Server::builder()
        .add_service(InterceptedService::new(points, guard.clone()))
        .add_service(InterceptedService::new(collections, guard.clone()))
        .add_service(InterceptedService::new(health, guard))
        .serve_with_incoming(TcpIncoming::from(socket))
        .await
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<Response<T>, Status>> + Send + 'a>>;

/// Methods of the stubs' traits that a function of [`State`] answers.
macro_rules! answered {
    ($($method:ident: $answer:ident($request:ident) -> $response:ident;)*) => {$(
        fn $method<'a, 'r>(&'a self, request: Request<q::$request>) -> Answer<'r, q::$response>
        where
            'a: 'r,
            Self: 'r,
        {
            Box::pin(async move { self.$answer(request.into_inner()).map(Response::new) })
        }
    )*};
}

/// Methods that Pixora does not need.
macro_rules! refused {
    ($($method:ident($request:ident) -> $response:ident;)*) => {$(
        fn $method<'a, 'r>(&'a self, _: Request<q::$request>) -> Answer<'r, q::$response>
        where
            'a: 'r,
            Self: 'r,
        {
            Box::pin(async { Err(Status::unimplemented(stringify!($method))) })
        }
    )*};
}

impl q::points_server::Points for State {
    answered! {
        upsert: upsert(UpsertPoints) -> PointsOperationResponse;
        delete: delete_points(DeletePoints) -> PointsOperationResponse;
        create_field_index: create_field_index(CreateFieldIndexCollection) -> PointsOperationResponse;
        scroll: scroll(ScrollPoints) -> ScrollResponse;
        count: count(CountPoints) -> CountResponse;
        query: query(QueryPoints) -> QueryResponse;
        facet: facet(FacetCounts) -> FacetResponse;
    }
    refused! {
        get(GetPoints) -> GetResponse;
        update_vectors(UpdatePointVectors) -> PointsOperationResponse;
        delete_vectors(DeletePointVectors) -> PointsOperationResponse;
        set_payload(SetPayloadPoints) -> PointsOperationResponse;
        overwrite_payload(SetPayloadPoints) -> PointsOperationResponse;
        delete_payload(DeletePayloadPoints) -> PointsOperationResponse;
        clear_payload(ClearPayloadPoints) -> PointsOperationResponse;
        delete_field_index(DeleteFieldIndexCollection) -> PointsOperationResponse;
        create_vector_name(CreateVectorNameRequest) -> PointsOperationResponse;
        delete_vector_name(DeleteVectorNameRequest) -> PointsOperationResponse;
        search(SearchPoints) -> SearchResponse;
        search_batch(SearchBatchPoints) -> SearchBatchResponse;
        search_groups(SearchPointGroups) -> SearchGroupsResponse;
        recommend(RecommendPoints) -> RecommendResponse;
        recommend_batch(RecommendBatchPoints) -> RecommendBatchResponse;
        recommend_groups(RecommendPointGroups) -> RecommendGroupsResponse;
        discover(DiscoverPoints) -> DiscoverResponse;
        discover_batch(DiscoverBatchPoints) -> DiscoverBatchResponse;
        update_batch(UpdateBatchPoints) -> UpdateBatchResponse;
        query_batch(QueryBatchPoints) -> QueryBatchResponse;
        query_groups(QueryPointGroups) -> QueryGroupsResponse;
        search_matrix_pairs(SearchMatrixPoints) -> SearchMatrixPairsResponse;
        search_matrix_offsets(SearchMatrixPoints) -> SearchMatrixOffsetsResponse;
    }
}

impl q::collections_server::Collections for State {
    answered! {
        get: collection_info(GetCollectionInfoRequest) -> GetCollectionInfoResponse;
        create: create_collection(CreateCollection) -> CollectionOperationResponse;
        delete: delete_collection(DeleteCollection) -> CollectionOperationResponse;
        collection_exists: collection_exists(CollectionExistsRequest) -> CollectionExistsResponse;
    }
    refused! {
        list(ListCollectionsRequest) -> ListCollectionsResponse;
        update(UpdateCollection) -> CollectionOperationResponse;
        update_aliases(ChangeAliases) -> CollectionOperationResponse;
        list_collection_aliases(ListCollectionAliasesRequest) -> ListAliasesResponse;
        list_aliases(ListAliasesRequest) -> ListAliasesResponse;
        collection_cluster_info(CollectionClusterInfoRequest) -> CollectionClusterInfoResponse;
        update_collection_cluster_setup(UpdateCollectionClusterSetupRequest) -> UpdateCollectionClusterSetupResponse;
        create_shard_key(CreateShardKeyRequest) -> CreateShardKeyResponse;
        delete_shard_key(DeleteShardKeyRequest) -> DeleteShardKeyResponse;
        list_shard_keys(ListShardKeysRequest) -> ListShardKeysResponse;
    }
}

impl q::qdrant_server::Qdrant for State {
    answered! {
        health_check: health_check(HealthCheckRequest) -> HealthCheckReply;
    }
}

impl State {
    fn collection(&self, name: &str) -> Result<Arc<Collection>, Status> {
        let collections = self.collections.read().unwrap_or_else(PoisonError::into_inner);
        let found = collections.get(name).cloned();
        found.ok_or_else(|| Status::not_found(format!("Not found: Collection `{name}` doesn't exist!")))
    }

    fn create_collection(
        &self,
        asked: q::CreateCollection,
    ) -> Result<q::CollectionOperationResponse, Status> {
        let mut collections = self.collections.write().unwrap_or_else(PoisonError::into_inner);
        let name = asked.collection_name.clone();
        if collections.contains_key(&name) {
            return Err(Status::already_exists(format!("Collection `{name}` already exists!")));
        }
        let folder = TempDir::new()?;
        let shard = edge::EdgeShard::new(folder.path(), config(&asked)?).map_err(internal)?;
        let (indexes, unmerged) = (Mutex::default(), AtomicUsize::default());
        let collection = Collection { shard, asked, indexes, unmerged, _folder: folder };
        collections.insert(name, Arc::new(collection));
        Ok(q::CollectionOperationResponse { result: true, time: 0.0 })
    }

    fn delete_collection(
        &self,
        asked: q::DeleteCollection,
    ) -> Result<q::CollectionOperationResponse, Status> {
        let mut collections = self.collections.write().unwrap_or_else(PoisonError::into_inner);
        let result = collections.remove(&asked.collection_name).is_some();
        Ok(q::CollectionOperationResponse { result, time: 0.0 })
    }

    fn collection_exists(
        &self,
        asked: q::CollectionExistsRequest,
    ) -> Result<q::CollectionExistsResponse, Status> {
        let exists = self.collection(&asked.collection_name).is_ok();
        Ok(q::CollectionExistsResponse { result: Some(q::CollectionExists { exists }), time: 0.0 })
    }

    fn collection_info(
        &self,
        asked: q::GetCollectionInfoRequest,
    ) -> Result<q::GetCollectionInfoResponse, Status> {
        let collection = self.collection(&asked.collection_name)?;
        let created = &collection.asked;
        let params = q::CollectionParams {
            shard_number: created.shard_number.unwrap_or(1),
            vectors_config: created.vectors_config.clone(),
            replication_factor: created.replication_factor,
            write_consistency_factor: created.write_consistency_factor,
            ..q::CollectionParams::default()
        };
        let schema = |(name, params): (&String, &q::PayloadIndexParams)| {
            let data_type = q::PayloadSchemaType::Keyword.into();
            (name.clone(), q::PayloadSchemaInfo { data_type, params: Some(params.clone()), points: None })
        };
        let info = q::CollectionInfo {
            status: q::CollectionStatus::Green.into(),
            config: Some(q::CollectionConfig {
                params: Some(params),
                hnsw_config: created.hnsw_config,
                quantization_config: created.quantization_config,
                ..q::CollectionConfig::default()
            }),
            payload_schema: collection.indexes.lock().expect("nobody panicked").iter().map(schema).collect(),
            ..q::CollectionInfo::default()
        };
        Ok(q::GetCollectionInfoResponse { result: Some(info), time: 0.0 })
    }

    fn create_field_index(
        &self,
        asked: q::CreateFieldIndexCollection,
    ) -> Result<q::PointsOperationResponse, Status> {
        let collection = self.collection(&asked.collection_name)?;
        let params = asked.field_index_params.ok_or_else(|| Status::unimplemented("an index by type"))?;
        let Some(q::payload_index_params::IndexParams::KeywordIndexParams(keyword)) = &params.index_params
        else {
            return Err(Status::unimplemented("an index of another kind"));
        };
        let built = edge::KeywordIndexParamsBuilder::new().is_tenant(keyword.is_tenant()).build();
        let operation = edge::FieldIndexOperations::CreateIndex(edge::CreateIndex {
            field_name: path(&asked.field_name)?,
            field_schema: Some(edge::PayloadFieldSchema::FieldParams(edge::PayloadSchemaParams::Keyword(
                built,
            ))),
        });
        let done = collection.apply(asked.wait, edge::UpdateOperation::FieldIndexOperation(operation));
        collection.indexes.lock().expect("nobody panicked").insert(asked.field_name, params);
        done
    }

    fn upsert(&self, asked: q::UpsertPoints) -> Result<q::PointsOperationResponse, Status> {
        let collection = self.collection(&asked.collection_name)?;
        let points = asked.points.into_iter().map(point).collect::<Result<Vec<_>, _>>()?;
        let unmerged = collection.unmerged.fetch_add(points.len(), Ordering::Relaxed) + points.len();
        let points = edge::PointInsertOperations::PointsList(points);
        let operation = edge::PointOperations::UpsertPoints(points);
        let done = collection.apply(asked.wait, edge::UpdateOperation::PointOperation(operation));
        // A real server does so by itself. It makes the one-byte copies.
        if unmerged >= MERGE {
            collection.unmerged.store(0, Ordering::Relaxed);
            collection.shard.optimize().map_err(internal)?;
        }
        done
    }

    fn delete_points(&self, asked: q::DeletePoints) -> Result<q::PointsOperationResponse, Status> {
        let collection = self.collection(&asked.collection_name)?;
        let selector = asked.points.and_then(|points| points.points_selector_one_of);
        let Some(q::points_selector::PointsSelectorOneOf::Filter(by)) = selector else {
            return Err(Status::unimplemented("deleting without a filter"));
        };
        let operation = edge::PointOperations::DeletePointsByFilter(filter(by)?);
        collection.apply(asked.wait, edge::UpdateOperation::PointOperation(operation))
    }

    fn count(&self, asked: q::CountPoints) -> Result<q::CountResponse, Status> {
        let collection = self.collection(&asked.collection_name)?;
        let request = edge::CountRequest {
            filter: asked.filter.map(filter).transpose()?,
            exact: asked.exact != Some(false),
        };
        let count = collection.shard.count(request).map_err(internal)? as u64;
        Ok(q::CountResponse { result: Some(q::CountResult { count }), ..q::CountResponse::default() })
    }

    fn facet(&self, asked: q::FacetCounts) -> Result<q::FacetResponse, Status> {
        let collection = self.collection(&asked.collection_name)?;
        let request = edge::FacetRequest {
            limit: asked.limit.unwrap_or(10) as usize,
            filter: asked.filter.map(filter).transpose()?,
            exact: asked.exact == Some(true),
            ..edge::FacetRequest::new(path(&asked.key)?)
        };
        let found = collection.shard.facet(request).map_err(internal)?;
        let hit = |hit: edge::FacetValueHit| match hit.value {
            edge::FacetValue::Keyword(text) => {
                let variant = Some(q::facet_value::Variant::StringValue(text));
                Ok(q::FacetHit { value: Some(q::FacetValue { variant }), count: hit.count as u64 })
            }
            other => Err(Status::unimplemented(format!("a facet of {other:?}"))),
        };
        let hits = found.hits.into_iter().map(hit).collect::<Result<_, _>>()?;
        Ok(q::FacetResponse { hits, ..q::FacetResponse::default() })
    }

    fn scroll(&self, asked: q::ScrollPoints) -> Result<q::ScrollResponse, Status> {
        let collection = self.collection(&asked.collection_name)?;
        let request = edge::ScrollRequest {
            offset: asked
                .offset
                .map(|id| Ok::<_, Status>(edge::PointId::Uuid(uuid(Some(id))?)))
                .transpose()?,
            limit: asked.limit.map(|limit| limit as usize),
            filter: asked.filter.map(filter).transpose()?,
            with_payload: Some(edge::WithPayloadInterface::Bool(true)),
            ..edge::ScrollRequest::new()
        };
        let (points, next) = collection.shard.scroll(request).map_err(internal)?;
        let retrieved = |point: edge::Record| q::RetrievedPoint {
            id: Some(id(point.id)),
            payload: payload(point.payload),
            ..q::RetrievedPoint::default()
        };
        Ok(q::ScrollResponse {
            next_page_offset: next.map(id),
            result: points.into_iter().map(retrieved).collect(),
            ..q::ScrollResponse::default()
        })
    }

    fn query(&self, asked: q::QueryPoints) -> Result<q::QueryResponse, Status> {
        let collection = self.collection(&asked.collection_name)?;
        let variant = asked.query.and_then(|query| query.variant);
        let Some(q::query::Variant::Nearest(q::VectorInput {
            variant: Some(q::vector_input::Variant::Dense(probe)),
        })) = variant
        else {
            return Err(Status::unimplemented("a query that is not for the nearest to a vector"));
        };
        let params = asked.params.unwrap_or_default();
        let quantization = params.quantization.map(|params| edge::QuantizationSearchParams {
            ignore: params.ignore.unwrap_or(false),
            rescore: params.rescore,
            oversampling: params.oversampling,
        });
        let params =
            edge::SearchParams { exact: params.exact(), quantization, ..edge::SearchParams::default() };
        let nearest = edge::QueryEnum::Nearest(edge::NamedQuery::default_dense(probe.data));
        let mut request = edge::QueryRequestBuilder::new(asked.limit.unwrap_or(10) as usize)
            .query(edge::ScoringQuery::Vector(nearest))
            .params(params)
            .with_vector(edge::WithVector::Bool(true))
            .with_payload(edge::WithPayloadInterface::Bool(true));
        if let Some(by) = asked.filter {
            request = request.filter(filter(by)?);
        }
        if let Some(least) = asked.score_threshold {
            request = request.score_threshold(least);
        }
        let found = collection.shard.query(request.build()).map_err(internal)?;
        let result = found.into_iter().map(scored).collect::<Result<_, _>>()?;
        Ok(q::QueryResponse { result, ..q::QueryResponse::default() })
    }

    fn health_check(&self, _: q::HealthCheckRequest) -> Result<q::HealthCheckReply, Status> {
        let (title, version) = ("qdrant - vector search engine".to_owned(), "1.19.0".to_owned());
        Ok(q::HealthCheckReply { title, version, commit: None })
    }
}

impl Collection {
    fn apply(
        &self,
        wait: Option<bool>,
        operation: edge::UpdateOperation,
    ) -> Result<q::PointsOperationResponse, Status> {
        if wait != Some(true) {
            return Err(Status::invalid_argument("Pixora must wait until a write is applied"));
        }
        self.shard.update(operation).map_err(internal)?;
        let result = q::UpdateResult { operation_id: Some(0), status: q::UpdateStatus::Completed.into() };
        Ok(q::PointsOperationResponse { result: Some(result), time: 0.0, usage: None })
    }
}

#[expect(deprecated, reason = "a field that must be named to be left out")]
fn config(asked: &q::CreateCollection) -> Result<edge::EdgeConfig, Status> {
    let vectors = asked.vectors_config.as_ref().and_then(|vectors| vectors.config.as_ref());
    let Some(q::vectors_config::Config::Params(vectors)) = vectors else {
        return Err(Status::unimplemented("named vectors"));
    };
    let quantization = asked.quantization_config.and_then(|config| config.quantization);
    let Some(q::quantization_config::Quantization::Scalar(_)) = quantization else {
        return Err(Status::unimplemented("a collection without scalar quantisation"));
    };
    let one_byte = edge::ScalarQuantizationConfig {
        r#type: edge::ScalarType::Int8,
        quantile: None,
        always_ram: None,
        memory: Some(edge::Memory::Pinned),
    };
    let asked_graph = asked.hnsw_config.unwrap_or_default();
    let graph = edge::HnswIndexConfig {
        m: asked_graph.m.unwrap_or(16) as usize,
        payload_m: asked_graph.payload_m.map(|m| m as usize),
        ..edge::HnswIndexConfig::default()
    };
    let vectors = edge::EdgeVectorParamsBuilder::new(vectors.size as usize, edge::Distance::Cosine)
        .hnsw_config(graph)
        .quantization_config(one_byte.into())
        .build();
    // A real server makes the one-byte copies of large segments only; tests are small.
    let optimizers =
        edge::EdgeOptimizersConfig { indexing_threshold: Some(1), ..edge::EdgeOptimizersConfig::default() };
    Ok(edge::EdgeConfig::builder().vector("", vectors).hnsw_config(graph).optimizers(optimizers).build())
}

fn point(point: q::PointStruct) -> Result<edge::PointStructPersisted, Status> {
    let vectors = point.vectors.and_then(|vectors| vectors.vectors_options);
    let vector = match vectors {
        Some(q::vectors::VectorsOptions::Vector(vector)) => vector.vector,
        _ => return Err(Status::unimplemented("named vectors")),
    };
    let Some(q::vector::Vector::Dense(dense)) = vector else {
        return Err(Status::unimplemented("vectors of another kind"));
    };
    let payload = serde_json::Value::from(Payload::from(point.payload));
    Ok(edge::PointStruct::new(edge::PointId::Uuid(uuid(point.id)?), dense.data, payload).into())
}

fn scored(point: edge::ScoredPoint) -> Result<q::ScoredPoint, Status> {
    let dense = match point.vector {
        Some(edge::VectorStructInternal::Single(vector)) => vector,
        Some(edge::VectorStructInternal::Named(mut named)) => match named.remove("") {
            Some(edge::VectorInternal::Dense(vector)) => vector,
            other => return Err(Status::internal(format!("{other:?}"))),
        },
        other => return Err(Status::internal(format!("{other:?}"))),
    };
    let vector = q::vector_output::Vector::Dense(q::DenseVector { data: dense });
    let vector = q::VectorOutput { vector: Some(vector), ..q::VectorOutput::default() };
    let vectors =
        q::VectorsOutput { vectors_options: Some(q::vectors_output::VectorsOptions::Vector(vector)) };
    Ok(q::ScoredPoint {
        id: Some(id(point.id)),
        payload: payload(point.payload),
        score: point.score,
        vectors: Some(vectors),
        ..q::ScoredPoint::default()
    })
}

fn payload(payload: Option<edge::Payload>) -> HashMap<String, q::Value> {
    let fields = payload.map(|payload| payload.0).unwrap_or_default();
    fields.into_iter().map(|(name, value)| (name, value.into())).collect()
}

fn filter(filter: q::Filter) -> Result<edge::Filter, Status> {
    if !filter.should.is_empty() || !filter.must_not.is_empty() || filter.min_should.is_some() {
        return Err(Status::unimplemented("a filter of anything but conditions that must hold"));
    }
    let must: Vec<edge::Condition> = filter.must.into_iter().map(condition).collect::<Result<_, _>>()?;
    Ok(edge::Filter { must: Some(must), ..edge::Filter::new() })
}

fn condition(condition: q::Condition) -> Result<edge::Condition, Status> {
    match condition.condition_one_of {
        Some(q::condition::ConditionOneOf::HasId(ids)) => {
            let ids = ids.has_id.into_iter().map(|id| Ok(edge::PointId::Uuid(uuid(Some(id))?)));
            let has_id = ids.collect::<Result<_, Status>>()?;
            Ok(edge::Condition::HasId(edge::HasIdCondition { has_id }))
        }
        Some(q::condition::ConditionOneOf::Field(field)) => {
            let Some(q::r#match::MatchValue::Keyword(word)) =
                field.r#match.and_then(|matched| matched.match_value)
            else {
                return Err(Status::unimplemented("a condition that is not a word"));
            };
            let is_word = edge::Match::Value(edge::MatchValue { value: edge::ValueVariants::String(word) });
            Ok(edge::Condition::Field(edge::FieldCondition::new_match(path(&field.key)?, is_word)))
        }
        other => Err(Status::unimplemented(format!("{other:?}"))),
    }
}

fn path(field: &str) -> Result<edge::JsonPath, Status> {
    field.parse().map_err(|()| Status::invalid_argument("not a path"))
}

fn uuid(id: Option<q::PointId>) -> Result<Uuid, Status> {
    match id.and_then(|id| id.point_id_options) {
        Some(q::point_id::PointIdOptions::Uuid(text)) => Uuid::try_parse(&text).ok(),
        _ => None,
    }
    .ok_or_else(|| Status::invalid_argument("an id that is no UUID"))
}

fn id(id: edge::PointId) -> q::PointId {
    q::PointId::from(id.to_string())
}

fn internal(error: edge::OperationError) -> Status {
    Status::internal(error.to_string())
}
