//! From probe vectors to the photos that show the same person, inside one session.
//!
//! The index gives the faces nearest to the probe; [`joining_similarity`] says how well each belongs to
//! the probe's cluster among them. A face's score is mostly that and a little its own cosine to the
//! probe. With nothing to cluster it is the plain cosine, so small sessions are judged by the same scale.

use std::collections::HashMap;

use super::cluster::{joining_similarity, similarity_to_cluster};
use crate::{
    domain::{FaceId, PhotoId, PhotoSessionId},
    index::{FaceIndex, Hit, IndexError},
    telemetry,
    vision::EmbedderInfo,
};

/// Constants of the search; all but the threshold are the same for every model.
#[derive(Debug, Clone, Copy)]
pub struct MatchOptions {
    /// Nearest faces that are clustered with the probe.
    pub candidates: usize,
    /// Weight of a face's own cosine to the probe; the rest is its similarity to the probe's cluster.
    pub own_weight: f32,
    /// Score from which a face is reported.
    pub threshold: f32,
}

impl MatchOptions {
    #[must_use]
    pub fn for_model(model: &EmbedderInfo) -> Self {
        Self { candidates: 300, own_weight: 0.1, threshold: model.matching.threshold }
    }

    fn score(&self, cosine: f32, joined: f32) -> f32 {
        self.own_weight * cosine + (1.0 - self.own_weight) * joined
    }
}

/// Faces that a guest with very many photos may have beyond the candidates.
const MORE: usize = 10_000;

/// Steepness of [`published`].
const SLOPE: f32 = 40.0;

/// A matcher's score on the scale that is shown: 0..1, one half at the threshold. It follows how often a
/// person who is in no photo of a session is shown one all the same: about 2 % of searches at 0.5, one
/// percent at 0.7, one in two thousand at 0.96.
#[must_use]
pub fn published(score: f32, options: &MatchOptions) -> f32 {
    1.0 / (1.0 + (-SLOPE * (score - options.threshold)).exp())
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
/// `probes`: `[n][dimension] f32`, L2-normalised, one for each selfie of the guest; a face counts by the
/// best of its scores.
///
/// # Errors
/// [`IndexError`] from the index.
pub async fn find_photos(
    index: &dyn FaceIndex,
    session: PhotoSessionId,
    probes: &[Vec<f32>],
    options: &MatchOptions,
) -> Result<Vec<PhotoMatch>, IndexError> {
    let mut photos = score_photos(index, session, probes, options).await?;
    photos.retain(|found| found.score >= options.threshold);
    Ok(photos)
}

/// As [`find_photos`], with the photos below the threshold: what `pixora eval` draws its curves from.
///
/// # Errors
/// [`IndexError`] from the index.
pub async fn score_photos(
    index: &dyn FaceIndex,
    session: PhotoSessionId,
    probes: &[Vec<f32>],
    options: &MatchOptions,
) -> Result<Vec<PhotoMatch>, IndexError> {
    let mut photos: HashMap<PhotoId, PhotoMatch> = HashMap::new();
    for probe in probes {
        for (hit, score) in score_faces(index, session, probe, options).await? {
            let found = PhotoMatch { photo_id: hit.photo_id, face_id: hit.face_id, score };
            photos
                .entry(hit.photo_id)
                .and_modify(|kept| {
                    if found.score > kept.score {
                        kept.clone_from(&found);
                    }
                })
                .or_insert(found);
        }
    }
    let mut photos: Vec<PhotoMatch> = photos.into_values().collect();
    photos.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.photo_id.cmp(&b.photo_id)));
    Ok(photos)
}

async fn score_faces(
    index: &dyn FaceIndex,
    session: PhotoSessionId,
    probe: &[f32],
    options: &MatchOptions,
) -> Result<Vec<(Hit, f32)>, IndexError> {
    let nearest = index.search(session, probe, options.candidates, -1.0);
    let hits = telemetry::search_stage("index", nearest).await?;
    let vectors: Vec<&[f32]> =
        std::iter::once(probe).chain(hits.iter().map(|hit| hit.vector.as_slice())).collect();
    let joined = telemetry::search_stage("cluster", async { joining_similarity(&vectors) }).await;
    let scores: Vec<f32> =
        hits.iter().zip(&joined).map(|(hit, joined)| options.score(hit.cosine, *joined)).collect();
    let is_full = hits.len() == options.candidates;
    let mut scored: Vec<(Hit, f32)> = hits.into_iter().zip(scores).collect();
    if is_full {
        let more = beyond_candidates(index, session, probe, &scored, options).await?;
        scored.extend(more);
    }
    Ok(scored)
}

/// A bride is in thousands of photos: the rest of her faces are those that resemble the faces found.
async fn beyond_candidates(
    index: &dyn FaceIndex,
    session: PhotoSessionId,
    probe: &[f32],
    scored: &[(Hit, f32)],
    options: &MatchOptions,
) -> Result<Vec<(Hit, f32)>, IndexError> {
    let mut mean = probe.to_vec();
    let mut members = 1.0_f32;
    let mut weakest = 1.0_f32;
    for (hit, score) in scored.iter().filter(|(_, score)| *score >= options.threshold) {
        mean.iter_mut().zip(&hit.vector).for_each(|(sum, value)| *sum += value);
        members += 1.0;
        weakest = weakest.min(*score);
    }
    mean.iter_mut().for_each(|sum| *sum /= members);
    let length = mean.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    let direction: Vec<f32> = mean.iter().map(|value| value / length).collect();
    let known: std::collections::HashSet<FaceId> = scored.iter().map(|(hit, _)| hit.face_id).collect();
    let more = index.search(session, &direction, MORE, options.threshold);
    let hits = telemetry::search_stage("index", more).await?;
    let new = hits.into_iter().filter(|hit| !known.contains(&hit.face_id));
    Ok(new
        .map(|hit| {
            let cosine = probe.iter().zip(&hit.vector).map(|(a, b)| a * b).sum();
            let joined = similarity_to_cluster(&hit.vector, &mean).min(weakest);
            let score = options.score(cosine, joined);
            (hit, score)
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{ExactIndex, IndexedFace};

    const OPTIONS: MatchOptions = MatchOptions { candidates: 4, own_weight: 0.1, threshold: 0.42 };

    /// A session of faces at these angles, one photo each; the probe is at 0°.
    async fn found(degrees: &[f32]) -> Vec<usize> {
        let index = ExactIndex::new(2);
        let session = PhotoSessionId::generate();
        let vector = |d: f32| vec![d.to_radians().cos(), d.to_radians().sin()];
        let photos: Vec<PhotoId> = degrees.iter().map(|_| PhotoId::generate()).collect();
        let face = |(photo, d): (&PhotoId, &f32)| IndexedFace {
            id: FaceId::derive(*photo, 0, "test"),
            photo_id: *photo,
            vector: vector(*d),
        };
        let faces = photos.iter().zip(degrees).map(face).collect();
        index.upsert(session, faces).await.expect("the vectors fit");
        let found = find_photos(&index, session, &[vector(0.0)], &OPTIONS).await.expect("the index answers");
        let mut found: Vec<usize> = found
            .iter()
            .filter_map(|found| photos.iter().position(|photo| *photo == found.photo_id))
            .collect();
        found.sort_unstable();
        found
    }

    #[tokio::test]
    async fn one_face_is_judged_by_its_cosine() {
        assert_eq!(found(&[64.0]).await, [0], "cosine .44");
        assert!(found(&[66.0]).await.is_empty(), "cosine .41");
        assert!(found(&[]).await.is_empty());
    }

    #[tokio::test]
    async fn a_guest_with_more_photos_than_candidates_gets_them_all() {
        let photos = [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 15.0, 18.0, 100.0, 120.0];
        assert_eq!(found(&photos).await, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn the_published_score_is_one_half_at_the_threshold_and_rises() {
        assert!((published(0.42, &OPTIONS) - 0.5).abs() < 1e-6);
        assert!(published(0.3, &OPTIONS) < 0.01 && published(0.6, &OPTIONS) > 0.99);
    }
}
