//! Selfie search as guests do it: one probe a person against everyone's other photos.

use std::collections::HashMap;

use rand::{RngExt, SeedableRng, rngs::SmallRng};

use super::{
    Dataset, Sample,
    sessions::{KnownFacts, facts_of},
};
use crate::{
    domain::{FaceId, PhotoId, PhotoSessionId},
    index::{ExactIndex, FaceIndex, IndexedFace},
    search::{Gallery, MatchError, MatchOptions, OnThisThread, score_photos},
    vision::POOR,
};

/// Draws of one probe a person.
const DRAWS: u64 = 20;

/// Margins of all probes of all draws (score less the limit of the search), pooled.
#[derive(Debug, Clone)]
pub struct Selfie {
    /// (margin, is of the same person), descending by margin.
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
        let mut facts = KnownFacts::default();
        for samples in by_person.iter().filter(|samples| samples.len() > 1) {
            let selfies: Vec<usize> = (0..samples.len()).filter(|at| samples[*at].selfie.is_some()).collect();
            if selfies.is_empty() {
                continue;
            }
            let chosen = selfies[random.random_range(0..selfies.len())];
            probes.push(samples[chosen]);
            for (_, sample) in samples.iter().enumerate().filter(|(at, _)| *at != chosen) {
                let photo_id = PhotoId::generate();
                owner.insert(photo_id, sample.person);
                let id = FaceId::derive(photo_id, 0, "eval");
                if sample.quality < POOR {
                    facts.poor.insert(id);
                }
                gallery.push(IndexedFace { id, photo_id, vector: sample.vector.clone() });
            }
        }
        facts.session = facts_of(&gallery);
        index.upsert(session, gallery).await?;
        let gallery = Gallery { index: &index, facts: &facts, threads: &OnThisThread };
        for probe in probes {
            let selfie = std::slice::from_ref(probe.selfie.as_ref().unwrap_or(&probe.vector));
            let found = score_photos(&gallery, session, selfie, options).await?;
            pooled
                .scored
                .extend(found.iter().map(|found| (found.margin, owner[&found.photo_id] == probe.person)));
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
