//! How long one selfie's search in the index takes.

use std::{path::Path, time::Instant};

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use serde::Serialize;

use crate::{
    domain::{FaceId, PhotoId, PhotoSessionId},
    index::{EdgeIndex, FaceIndex, IndexError, IndexedFace},
};

/// Faces that one search returns at most.
const LIMIT: usize = 100;
/// Faces written at a time while the index is being filled.
const BATCH: usize = 1000;

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchLatency {
    /// In the index, over all sessions.
    pub faces: usize,
    pub sessions: usize,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// Fills a new index in `directory` (which must be empty) with random unit vectors, `faces` of them
/// spread evenly over `sessions`, optimises it as a running server would, and times `queries` searches
/// in turn, each in another session. One round over the sessions beforehand warms the page cache.
pub async fn measure_search(
    directory: &Path,
    dimension: usize,
    faces: usize,
    sessions: usize,
    queries: usize,
) -> Result<SearchLatency, IndexError> {
    let path = directory.to_owned();
    let (index, _) = tokio::task::spawn_blocking(move || EdgeIndex::open(&path, dimension))
        .await
        .map_err(|error| IndexError::Unavailable(error.to_string()))??;
    let mut random = SmallRng::seed_from_u64(1);
    let sessions: Vec<_> = (0..sessions).map(|_| PhotoSessionId::generate()).collect();
    for (n, session) in sessions.iter().enumerate() {
        let mut left = faces / sessions.len() + usize::from(n < faces % sessions.len());
        while left > 0 {
            let batch = left.min(BATCH);
            left -= batch;
            index.upsert(*session, (0..batch).map(|_| face(&mut random, dimension)).collect()).await?;
        }
    }
    index.maintain().await?;
    for session in &sessions {
        index.search(*session, &unit_vector(&mut random, dimension), LIMIT, -1.0).await?;
    }
    let mut times = Vec::with_capacity(queries);
    for session in sessions.iter().cycle().take(queries) {
        let probe = unit_vector(&mut random, dimension);
        let start = Instant::now();
        index.search(*session, &probe, LIMIT, -1.0).await?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    let (p50_ms, p99_ms) = (percentile(&times, 50), percentile(&times, 99));
    Ok(SearchLatency { faces, sessions: sessions.len(), p50_ms, p99_ms })
}

/// `0.0` of nothing.
fn percentile(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or_default()
}

fn face(random: &mut SmallRng, dimension: usize) -> IndexedFace {
    let photo_id = PhotoId::generate();
    IndexedFace { id: FaceId::derive(photo_id, 0, "bench"), photo_id, vector: unit_vector(random, dimension) }
}

fn unit_vector(random: &mut SmallRng, dimension: usize) -> Vec<f32> {
    let vector: Vec<f32> = (0..dimension).map(|_| random.random_range(-1.0..1.0)).collect();
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    vector.into_iter().map(|value| value / length).collect()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let hundred: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(&hundred, 50), 50.0);
        assert_eq!(percentile(&hundred, 99), 99.0);
        assert_eq!(percentile(&[7.0], 99), 7.0);
        assert_eq!(percentile(&[], 50), 0.0);
    }
}
