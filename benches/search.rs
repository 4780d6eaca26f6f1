//! Latency of a search in the face index, by its size: `cargo bench --bench search -- [FACES…]`.

use pixora::bench::measure_search;

/// The yardstick: a million faces in a thousand sessions, embeddings of so many numbers.
const FACES_IN_A_SESSION: usize = 1000;
const DIMENSION: usize = 512;
const QUERIES: usize = 1000;

#[tokio::main]
async fn main() {
    // Cargo adds `--bench`.
    let mut sizes: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 100_000, 1_000_000];
    }
    for faces in sizes {
        let folder = tempfile::TempDir::new().expect("a temporary folder");
        let sessions = faces.div_ceil(FACES_IN_A_SESSION).max(1);
        let latency = measure_search(folder.path(), DIMENSION, faces, sessions, QUERIES).await;
        let latency = latency.expect("an empty folder holds a new index");
        println!("{faces} faces: p50 {:.2} ms, p99 {:.2} ms", latency.p50_ms, latency.p99_ms);
    }
}
