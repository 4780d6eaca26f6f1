//! The additional contract of the index on a Qdrant server.

use std::{collections::HashMap, io::Read, time::Duration};

use pixora::{
    domain::PhotoSessionId,
    index::{ExactIndex, FaceIndex, Hit, IndexError, IndexPlace, QdrantServer as Settings},
};
use qdrant_client::{
    Qdrant,
    qdrant::{
        Memory, QuantizationSearchParamsBuilder, QueryPointsBuilder, ScoredPoint, SearchParamsBuilder,
        payload_index_params::IndexParams, quantization_config, vectors_config,
    },
};
use rand::{SeedableRng, rngs::SmallRng};

use crate::{
    fixtures::{DIMENSION, MODEL, indexed_faces, unit_vector},
    qdrant::QdrantServer,
};

const KEY: &str = "an-invented-key";

pub fn settings(url: String) -> Settings {
    Settings { url, api_key: None, prefix: "pixora".to_owned(), replication: 1, shards: None }
}

/// The real server of `make test-qdrant`, with a collection of its own for each caller.
pub fn real_server() -> Option<Settings> {
    let url = std::env::var("PIXORA_TEST_QDRANT_URL").ok()?;
    let prefix = format!("pixora-test-{}", uuid::Uuid::now_v7().simple());
    Some(Settings { api_key: std::env::var("QDRANT_API_KEY").ok(), prefix, ..settings(url) })
}

/// Leaves nothing behind on the real server.
pub async fn remove(settings: &Settings) {
    client(settings).delete_collection(format!("{}-{MODEL}", settings.prefix)).await.unwrap();
}

fn client(settings: &Settings) -> Qdrant {
    let client = Qdrant::from_url(&settings.url).api_key(settings.api_key.clone());
    client.skip_compatibility_check().build().unwrap()
}

async fn open(settings: &Settings) -> Result<std::sync::Arc<dyn FaceIndex>, IndexError> {
    IndexPlace::Server(settings.clone()).open(MODEL, DIMENSION).await
}

#[tokio::test]
async fn a_collection_is_laid_out_for_many_tenants() {
    let server = QdrantServer::start(None);
    let wanted = Settings { replication: 3, shards: Some(6), ..settings(server.url()) };
    open(&wanted).await.unwrap();
    let info = client(&wanted).collection_info(format!("pixora-{MODEL}")).await.unwrap().result.unwrap();
    let tenant = info.payload_schema["session_id"].params.clone().unwrap().index_params;
    assert!(matches!(tenant, Some(IndexParams::KeywordIndexParams(index)) if index.is_tenant()));
    let config = info.config.unwrap();
    let (params, graph) = (config.params.unwrap(), config.hnsw_config.unwrap());
    assert_eq!((params.shard_number, params.replication_factor), (6, Some(3)));
    assert_eq!(params.write_consistency_factor, Some(2));
    assert_eq!((graph.m, graph.payload_m), (Some(0), Some(0)));
    let vectors = params.vectors_config.unwrap().config;
    assert!(matches!(vectors, Some(vectors_config::Config::Params(v)) if v.memory() == Memory::Cold));
    let copies = config.quantization_config.unwrap().quantization;
    assert!(matches!(copies, Some(quantization_config::Quantization::Scalar(_))));
}

#[tokio::test]
async fn nodes_that_start_together_share_one_collection() {
    let server = QdrantServer::start(Some(KEY));
    let settings = Settings { api_key: Some(KEY.to_owned()), ..settings(server.url()) };
    let nodes = futures::future::try_join_all((0..8).map(|_| open(&settings))).await.unwrap();
    let session = PhotoSessionId::generate();
    nodes[0].upsert(session, indexed_faces(&mut SmallRng::seed_from_u64(1), 5)).await.unwrap();
    assert_eq!(nodes[7].count(session).await.unwrap(), 5);
}

#[tokio::test]
async fn a_server_that_is_away_or_refuses_says_so_without_address_and_key() {
    let mut server = QdrantServer::start(Some(KEY));
    let words = async |key: &str| {
        let settings = Settings { api_key: Some(key.to_owned()), ..settings(server.url()) };
        let error = open(&settings).await.err().unwrap();
        assert!(matches!(error, IndexError::Unavailable(_)), "{error}");
        let words = error.to_string();
        let address = server.url().replace("http://", "");
        assert!(!words.contains(key) && !words.contains(&address), "{words}");
        words
    };
    assert!(words("another-key").await.contains("API_KEY"));
    assert!(words("no\nkey").await.contains("not available"));
    server.stop();
    let settings = Settings { api_key: Some(KEY.to_owned()), ..settings(server.url()) };
    let error = open(&settings).await.err().unwrap();
    let away =
        "the face index is not available: the Qdrant server cannot be reached: the connection is refused";
    assert!(error.to_string().starts_with(away), "{error}");
}

#[tokio::test]
async fn a_write_waits_for_a_server_that_is_away_for_a_moment() {
    let mut server = QdrantServer::start(None);
    let index = open(&settings(server.url())).await.unwrap();
    let session = PhotoSessionId::generate();
    let faces = indexed_faces(&mut SmallRng::seed_from_u64(1), 5);
    server.stop();
    let writing = tokio::spawn({
        let (index, faces) = (index.clone(), faces.clone());
        async move { index.upsert(session, faces).await }
    });
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(!writing.is_finished(), "given up too early");
    server.resume();
    writing.await.unwrap().unwrap();
    assert_eq!(index.count(session).await.unwrap(), 5);
    index.health().await.unwrap();

    server.stop();
    assert!(index.health().await.is_err());
    let refused = index.search(session, &faces[0].vector, 1, 0.0).await.unwrap_err();
    assert!(matches!(refused, IndexError::Unavailable(_)));
    server.resume();
    assert_eq!(index.search(session, &faces[0].vector, 1, 0.9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn another_model_s_collection_is_left_alone() {
    let server = QdrantServer::start(None);
    let place = IndexPlace::Server(settings(server.url()));
    place.open(MODEL, DIMENSION).await.unwrap();
    let refused = place.open(MODEL, DIMENSION * 2).await.err().unwrap();
    assert!(matches!(refused, IndexError::Dimension { expected: DIMENSION, .. }), "{refused}");
    place.open("another", DIMENSION * 2).await.unwrap();
}

/// The one-byte copies choose, the vectors decide: the answer is the plain scan's.
#[tokio::test]
async fn small_copies_in_memory_cost_no_match() {
    let server = QdrantServer::start(None);
    let index = open(&settings(server.url())).await.unwrap();
    let oracle = ExactIndex::new(DIMENSION);
    let mut random = SmallRng::seed_from_u64(5);
    let session = PhotoSessionId::generate();
    let faces = indexed_faces(&mut random, 5000);
    for index in [&oracle as &dyn FaceIndex, &*index] {
        index.upsert(session, faces.clone()).await.unwrap();
    }
    let cosines = |hits: &[Hit]| hits.iter().map(|hit| (hit.face_id, hit.cosine)).collect::<HashMap<_, _>>();
    for _ in 0..50 {
        let probe = unit_vector(&mut random);
        let found = cosines(&index.search(session, &probe, 300, -1.0).await.unwrap());
        let exact = oracle.search(session, &probe, 300, -1.0).await.unwrap();
        let last = exact[299].cosine;
        for hit in exact.iter().filter(|hit| hit.cosine - last > 1e-5) {
            let cosine = found.get(&hit.face_id).expect("every match is found");
            assert!((cosine - hit.cosine).abs() < 1e-5, "not scored by the whole vector");
        }
    }
    // Without the second look the scores are the copies' own: they are there, and the above was not for nothing.
    let probe = unit_vector(&mut random);
    let copies = QuantizationSearchParamsBuilder::default().rescore(false);
    let request = QueryPointsBuilder::new(format!("pixora-{MODEL}"))
        .query(probe.clone())
        .params(SearchParamsBuilder::default().quantization(copies))
        .limit(300);
    let rough = client(&settings(server.url())).query(request).await.unwrap().result;
    let exact = oracle.search(session, &probe, 300, -1.0).await.unwrap();
    let differs = |(rough, exact): (&ScoredPoint, &Hit)| (rough.score - exact.cosine).abs() > 1e-5;
    assert!(rough.iter().zip(&exact).any(differs));
}

#[test]
#[ignore = "a server for other programs; serves until its standard input ends"]
fn a_server_for_other_programs() {
    let server = QdrantServer::start(std::env::var("QDRANT_API_KEY").ok().as_deref());
    println!("QDRANT_URL={}", server.url());
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}
