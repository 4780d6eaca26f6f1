//! From probe vectors to the photos that show the same person, inside one session.
//!
//! One search with the probe, one guarded step of query expansion (Chum et al. 2007, "Total Recall"):
//! the faces that are surely the guest's are averaged with the probe and looked for again, and a face's
//! score is the mean of both cosines. One step only: a chain of neighbours drifts to other people.

use std::collections::HashMap;

use crate::{
    domain::{FaceId, PhotoId, PhotoSessionId},
    index::{FaceIndex, Hit, IndexError},
    vision::EmbedderModel,
};

/// Constants of the recipe; the README says how they were measured.
#[derive(Debug, Clone, Copy)]
pub struct MatchOptions {
    /// A face whose cosine to the probe is at least this joins the expansion.
    pub expand_from: f32,
    /// Faces looked at in each step.
    pub candidates: usize,
    /// Final score (mean cosine) from which a face is reported.
    pub threshold: f32,
}

impl MatchOptions {
    #[must_use]
    pub fn for_model(model: &EmbedderModel) -> Self {
        Self { expand_from: 0.42, candidates: 500, threshold: model.match_threshold }
    }
}

/// One photo, through its best face.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoMatch {
    pub photo_id: PhotoId,
    pub face_id: FaceId,
    /// On the matcher's scale, see [`MatchOptions::threshold`].
    pub score: f32,
}

/// The photos of `session` that show whom any of `probes` shows, best first, each once.
///
/// `probes`: `[n][dimension] f32`, L2-normalised, one for each selfie of the guest.
///
/// # Errors
/// [`IndexError`] from the index.
pub async fn find_photos(
    index: &dyn FaceIndex,
    session: PhotoSessionId,
    probes: &[Vec<f32>],
    options: &MatchOptions,
) -> Result<Vec<PhotoMatch>, IndexError> {
    let mut best: HashMap<FaceId, PhotoMatch> = HashMap::new();
    for probe in probes {
        for (hit, score) in expanded(index, session, probe, options).await? {
            let found = PhotoMatch { photo_id: hit.photo_id, face_id: hit.face_id, score };
            let kept = best.entry(hit.face_id).or_insert_with(|| found.clone());
            if found.score > kept.score {
                *kept = found;
            }
        }
    }
    let mut photos: HashMap<PhotoId, PhotoMatch> = HashMap::new();
    for found in best.into_values().filter(|found| found.score >= options.threshold) {
        let kept = photos.entry(found.photo_id).or_insert_with(|| found.clone());
        if found.score > kept.score {
            *kept = found;
        }
    }
    let mut photos: Vec<PhotoMatch> = photos.into_values().collect();
    photos.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.photo_id.cmp(&b.photo_id)));
    Ok(photos)
}

async fn expanded(
    index: &dyn FaceIndex,
    session: PhotoSessionId,
    probe: &[f32],
    options: &MatchOptions,
) -> Result<Vec<(Hit, f32)>, IndexError> {
    let first = index.search(session, probe, options.candidates, -1.0).await?;
    let sure = first.iter().filter(|hit| hit.cosine >= options.expand_from);
    let mut sum = probe.to_vec();
    let mut joined = 0;
    for hit in sure {
        sum.iter_mut().zip(&hit.vector).for_each(|(sum, value)| *sum += value);
        joined += 1;
    }
    if joined == 0 {
        return Ok(first.into_iter().map(|hit| { let score = hit.cosine; (hit, score) }).collect());
    }
    let length = dot(&sum, &sum).sqrt().max(f32::MIN_POSITIVE);
    sum.iter_mut().for_each(|value| *value /= length);
    let second = index.search(session, &sum, options.candidates, -1.0).await?;
    let score = |hit: &Hit| (hit.cosine + dot(probe, &hit.vector)) / 2.0;
    Ok(second.into_iter().map(|hit| { let score = score(&hit); (hit, score) }).collect())
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
