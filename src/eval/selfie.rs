//! Selfie search as guests do it: one probe a person against everyone's other photos.

use std::collections::HashMap;

use rand::{RngExt, SeedableRng, rngs::SmallRng};

use super::{Dataset, Sample};
use crate::{
    domain::{FaceId, PhotoId, PhotoSessionId},
    index::{ExactIndex, FaceIndex, IndexedFace},
    search::{MatchError, MatchOptions, OnThisThread, score_photos},
};

/// Draws of one probe a person.
const DRAWS: u64 = 20;

/// Scores of all probes of all draws, pooled.
#[derive(Debug, Clone)]
pub struct Selfie {
    /// (score, is of the same person), descending by score.
    pub scored: Vec<(f32, bool)>,
    /// Photos that should have been found, those without a detected face included.
    pub wanted: usize,
}

impl Selfie {
    /// The largest recall at which the precision is still at least `precision`, and the score from which
    /// a photo then counts as found.
    #[must_use]
    pub fn recall_at(&self, precision: f64) -> (f64, f32) {
        let (mut right, mut best, mut threshold) = (0_usize, 0_usize, 1.0);
        for (at, (score, is_right)) in self.scored.iter().enumerate() {
            right += usize::from(*is_right);
            // Photos of one score are found together or not at all.
            let is_last_of_score = self.scored.get(at + 1).is_none_or(|next| next.0 < *score);
            if is_last_of_score && right as f64 >= precision * (at + 1) as f64 {
                (best, threshold) = (right, *score);
            }
        }
        (best as f64 / self.wanted.max(1) as f64, threshold)
    }
}

/// Runs the product's search with a seeded random probe of each person, [`DRAWS`] times.
///
/// # Errors
/// [`MatchError`] from the in-memory index.
pub async fn search_selfies(dataset: &Dataset, options: &MatchOptions) -> Result<Selfie, MatchError> {
    let mut by_person: Vec<Vec<&Sample>> = vec![Vec::new(); dataset.people.len()];
    for sample in &dataset.samples {
        by_person[sample.person].push(sample);
    }
    let mut pooled = Selfie { scored: Vec::new(), wanted: 0 };
    for draw in 0..DRAWS {
        let mut random = SmallRng::seed_from_u64(draw);
        let session = PhotoSessionId::generate();
        let dimension = dataset.samples.first().map_or(0, |sample| sample.vector.len());
        let index = ExactIndex::new(dimension);
        let mut probes: Vec<&Sample> = Vec::new();
        let mut owner: HashMap<PhotoId, usize> = HashMap::new();
        let mut gallery = Vec::new();
        for samples in by_person.iter().filter(|samples| samples.len() > 1) {
            let chosen = random.random_range(0..samples.len());
            probes.push(samples[chosen]);
            for (_, sample) in samples.iter().enumerate().filter(|(at, _)| *at != chosen) {
                let photo_id = PhotoId::generate();
                owner.insert(photo_id, sample.person);
                let id = FaceId::derive(photo_id, 0, "eval");
                gallery.push(IndexedFace { id, photo_id, vector: sample.vector.clone() });
            }
        }
        index.upsert(session, gallery).await?;
        for probe in probes {
            let vector = std::slice::from_ref(&probe.vector);
            let found = score_photos(&index, &OnThisThread, session, vector, options).await?;
            pooled
                .scored
                .extend(found.iter().map(|found| (found.score, owner[&found.photo_id] == probe.person)));
            pooled.wanted += by_person[probe.person].len() - 1 + dataset.no_face[probe.person];
        }
    }
    pooled.scored.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    Ok(pooled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recall_is_read_at_the_lowest_score_that_keeps_the_precision() {
        let scored = vec![(0.9, true), (0.8, true), (0.7, false), (0.6, true), (0.6, true), (0.5, false)];
        let pooled = Selfie { scored, wanted: 5 };
        assert_eq!(pooled.recall_at(1.0), (0.4, 0.8));
        assert_eq!(pooled.recall_at(0.8), (0.8, 0.6));
        assert_eq!(pooled.recall_at(0.0), (0.8, 0.5));
    }
}
