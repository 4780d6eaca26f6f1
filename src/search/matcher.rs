//! From probe vectors to the photos that show the same person, inside one session.
//!
//! The index gives the faces nearest to the probe; [`joinings`] says how each comes into the probe's cluster among
//! them, and [`Judge`] what that is worth. A face is worth no more than what came into the cluster before it, since it
//! may have come through that.

use std::collections::{HashMap, HashSet};

use super::{
    cluster::{dot, joinings, similarity_to_cluster},
    judge::{Judge, PERHAPS, SessionFacts},
};
use crate::{
    compute::ComputeError,
    domain::{FaceId, PhotoId, PhotoSessionId},
    index::{FaceIndex, Hit, IndexError},
    store::StoreError,
    telemetry,
    vision::EmbedderInfo,
};

/// Constants of the search; all but the threshold are the same for every model.
#[derive(Debug, Clone, Copy)]
pub struct MatchOptions {
    /// Nearest faces that are clustered with the probe.
    pub candidates: usize,
    pub judge: Judge,
}

impl MatchOptions {
    /// `stranger_percent`: of a hundred guests who are in no photo, so many may be shown somebody else's.
    #[must_use]
    pub fn new(model: &EmbedderInfo, stranger_percent: f32) -> Self {
        let judge = Judge { threshold: model.matching.threshold, budget: stranger_percent / 100.0 };
        Self { candidates: 300, judge }
    }
}

/// Of faces that came into the probe's cluster together, the more alike one comes first.
const OWN_WEIGHT: f32 = 0.001;
/// The score of a face that did not come into it.
const APART: f32 = -20.0;
/// Faces beyond the candidates are asked for down to so far below the manifest's threshold.
const BEYOND: f32 = 0.1;

/// Faces that a guest with very many photos may have beyond the candidates.
const MORE: usize = 10_000;

/// Where the matcher computes. It takes tens of milliseconds of a core for each probe, so a server does it on the
/// threads of `compute`.
pub trait Threads: Sync {
    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> impl Future<Output = Result<T, ComputeError>> + Send;
}

/// For programs in which nobody else waits: `pixora eval`, tests.
pub struct OnThisThread;

impl Threads for OnThisThread {
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ComputeError> {
        Ok(work())
    }
}

/// The facts of a session's faces besides their vectors.
pub trait FaceFacts: Sync {
    /// The faces that are too poor to be matched, see [`crate::vision::POOR`].
    fn poor(&self, faces: &[FaceId]) -> impl Future<Output = Result<HashSet<FaceId>, MatchError>> + Send;

    fn session(
        &self,
        session: PhotoSessionId,
    ) -> impl Future<Output = Result<SessionFacts, MatchError>> + Send;
}

#[derive(Debug, thiserror::Error)]
pub enum MatchError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Compute(#[from] ComputeError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The session to search, with its index and its facts.
pub struct Gallery<'a, F, P> {
    pub index: &'a dyn FaceIndex,
    pub facts: &'a F,
    pub threads: &'a P,
}

/// One photo, through its best face: a guest is in a photo once.
#[derive(Debug, Clone, PartialEq)]
pub struct PhotoMatch {
    pub photo_id: PhotoId,
    pub face_id: FaceId,
    /// On the matcher's scale.
    pub score: f32,
    /// How far the score is above the limit of its search; below 0 the photo is at best offered.
    pub margin: f32,
}

impl PhotoMatch {
    #[must_use]
    pub fn is_sure(&self) -> bool {
        self.margin >= 0.0
    }

    /// Whether the guest may be asked about it.
    #[must_use]
    pub fn is_offered(&self) -> bool {
        self.margin >= -PERHAPS
    }

    /// How likely this is the guest, 0..1.
    #[must_use]
    pub fn probability(&self) -> f32 {
        Judge::probability(self.margin)
    }
}

/// Doubtful photos that are offered at most.
const MOST_DOUBTFUL: usize = 6;

/// The photos of `session` that show whom any of `probes` shows, best first, each once: the sure ones, and a
/// few that may show them.
///
/// `probes`: `[n][dimension] f32`, L2-normalised, one for each selfie of the guest; a face counts by the
/// best of its scores.
///
/// # Errors
/// [`MatchError`].
pub async fn find_photos<F: FaceFacts, P: Threads>(
    gallery: &Gallery<'_, F, P>,
    session: PhotoSessionId,
    probes: &[Vec<f32>],
    options: &MatchOptions,
) -> Result<Vec<PhotoMatch>, MatchError> {
    let mut photos = score_photos(gallery, session, probes, options).await?;
    let sure = photos.partition_point(PhotoMatch::is_sure);
    let offered = photos[sure..].partition_point(PhotoMatch::is_offered);
    photos.truncate(sure + offered.min(MOST_DOUBTFUL));
    Ok(photos)
}

/// As [`find_photos`], with the photos below the limit: what `pixora eval` draws its curves from.
///
/// # Errors
/// [`MatchError`].
pub async fn score_photos<F: FaceFacts, P: Threads>(
    gallery: &Gallery<'_, F, P>,
    session: PhotoSessionId,
    probes: &[Vec<f32>],
    options: &MatchOptions,
) -> Result<Vec<PhotoMatch>, MatchError> {
    let facts = gallery.facts.session(session).await?;
    let mut photos: HashMap<PhotoId, PhotoMatch> = HashMap::new();
    for probe in probes {
        let search = Search { session, probe, facts, probes: probes.len(), options };
        for found in search.run(gallery).await? {
            photos
                .entry(found.photo_id)
                .and_modify(|kept| {
                    if found.margin > kept.margin {
                        kept.clone_from(&found);
                    }
                })
                .or_insert(found);
        }
    }
    let mut photos: Vec<PhotoMatch> = photos.into_values().collect();
    photos.sort_by(|a, b| b.margin.total_cmp(&a.margin).then(a.photo_id.cmp(&b.photo_id)));
    Ok(photos)
}

/// The search with one probe.
struct Search<'a> {
    session: PhotoSessionId,
    probe: &'a [f32],
    facts: SessionFacts,
    probes: usize,
    options: &'a MatchOptions,
}

impl Search<'_> {
    async fn run<F: FaceFacts, P: Threads>(
        &self,
        gallery: &Gallery<'_, F, P>,
    ) -> Result<Vec<PhotoMatch>, MatchError> {
        let options = *self.options;
        let hits = self.nearest(gallery, self.probe, options.candidates, -1.0).await?;
        let is_full = hits.len() == options.candidates;
        let hits = self.without_poor(gallery, hits).await?;
        let work = {
            let (probe, facts, probes) = (self.probe.to_vec(), self.facts, self.probes);
            move || {
                let (scored, others) = score_nearest(&probe, hits, &facts, &options.judge);
                let limit = options.judge.limit(&facts, probes);
                let beyond = is_full.then(|| Beyond::new(&probe, &scored, limit, others));
                (scored, limit, beyond)
            }
        };
        let clustered = telemetry::search_stage("cluster", gallery.threads.run(work)).await?;
        let (mut scored, limit, beyond) = clustered;
        if let Some(beyond) = beyond {
            let least = options.judge.threshold - BEYOND;
            let more = self.nearest(gallery, &beyond.direction, MORE, least).await?;
            let more = self.without_poor(gallery, more).await?;
            let (probe, facts) = (self.probe.to_vec(), self.facts);
            let work = move || beyond.score(&probe, more, &facts, &options.judge);
            scored.extend(telemetry::search_stage("cluster", gallery.threads.run(work)).await?);
        }
        let found = |(hit, score): (Hit, f32)| {
            let Hit { photo_id, face_id, .. } = hit;
            PhotoMatch { photo_id, face_id, score, margin: score - limit }
        };
        Ok(scored.into_iter().map(found).collect())
    }

    async fn nearest<F, P>(
        &self,
        gallery: &Gallery<'_, F, P>,
        probe: &[f32],
        count: usize,
        least: f32,
    ) -> Result<Vec<Hit>, IndexError> {
        telemetry::search_stage("index", gallery.index.search(self.session, probe, count, least)).await
    }

    /// Poor faces are alike whoever they are of: they would pull strangers together.
    async fn without_poor<F: FaceFacts, P>(
        &self,
        gallery: &Gallery<'_, F, P>,
        mut hits: Vec<Hit>,
    ) -> Result<Vec<Hit>, MatchError> {
        let ids: Vec<FaceId> = hits.iter().map(|hit| hit.face_id).collect();
        let poor = telemetry::search_stage("rows", gallery.facts.poor(&ids)).await?;
        hits.retain(|hit| !poor.contains(&hit.face_id));
        Ok(hits)
    }
}

/// The nearest faces, each with its score, and how alike the probe's cluster is in the end to those that stayed away.
fn score_nearest(
    probe: &[f32],
    hits: Vec<Hit>,
    facts: &SessionFacts,
    judge: &Judge,
) -> (Vec<(Hit, f32)>, f32) {
    let vectors: Vec<&[f32]> =
        std::iter::once(probe).chain(hits.iter().map(|hit| hit.vector.as_slice())).collect();
    let photos: Vec<Option<PhotoId>> =
        std::iter::once(None).chain(hits.iter().map(|hit| Some(hit.photo_id))).collect();
    let mut scores = vec![APART; hits.len()];
    let (mut worth, mut others) = (f32::INFINITY, 0.0);
    for joining in joinings(&vectors, &photos) {
        worth = worth.min(judge.score(facts, &joining));
        others = joining.others;
        joining.faces.iter().for_each(|face| scores[*face] = worth);
    }
    let score = |(hit, score): (Hit, f32)| {
        let score = score + OWN_WEIGHT * hit.cosine;
        (hit, score)
    };
    (hits.into_iter().zip(scores).map(score).collect(), others)
}

/// A bride is in thousands of photos: the rest of her faces are those that resemble the faces found.
struct Beyond {
    /// Mean of the probe and the faces found, not normalised.
    mean: Vec<f32>,
    /// The same, L2-normalised.
    direction: Vec<f32>,
    /// No face further away is a better match than the last of those found.
    weakest: f32,
    others: f32,
    known: HashSet<FaceId>,
}

impl Beyond {
    fn new(probe: &[f32], scored: &[(Hit, f32)], limit: f32, others: f32) -> Self {
        let mut mean = probe.to_vec();
        let mut members = 1.0_f32;
        let mut weakest = f32::INFINITY;
        for (hit, score) in scored.iter().filter(|(_, score)| *score >= limit) {
            mean.iter_mut().zip(&hit.vector).for_each(|(sum, value)| *sum += value);
            members += 1.0;
            weakest = weakest.min(*score);
        }
        mean.iter_mut().for_each(|sum| *sum /= members);
        let length = dot(&mean, &mean).sqrt().max(f32::MIN_POSITIVE);
        let direction = mean.iter().map(|value| value / length).collect();
        let known = scored.iter().map(|(hit, _)| hit.face_id).collect();
        Self { mean, direction, weakest, others, known }
    }

    fn score(&self, probe: &[f32], hits: Vec<Hit>, facts: &SessionFacts, judge: &Judge) -> Vec<(Hit, f32)> {
        let new = hits.into_iter().filter(|hit| !self.known.contains(&hit.face_id));
        new.map(|hit| {
            let similarity = similarity_to_cluster(&hit.vector, &self.mean);
            let to_probe = dot(probe, &hit.vector);
            let score = judge.score_alone(facts, similarity, to_probe, self.others);
            (hit, score.min(self.weakest))
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::{ExactIndex, IndexedFace};

    const OPTIONS: MatchOptions =
        MatchOptions { candidates: 4, judge: Judge { threshold: 0.385, budget: 0.01 } };

    /// A session of the usual size, in which some faces are poor.
    struct Facts(HashSet<FaceId>);

    impl FaceFacts for Facts {
        async fn poor(&self, faces: &[FaceId]) -> Result<HashSet<FaceId>, MatchError> {
            Ok(faces.iter().filter(|face| self.0.contains(face)).copied().collect())
        }

        async fn session(&self, _: PhotoSessionId) -> Result<SessionFacts, MatchError> {
            Ok(SessionFacts::default())
        }
    }

    /// A session of faces at these angles, each in the photo of that number; the probe is at 0°. Returns the
    /// photos that are surely the guest's, and what was found in all.
    async fn searched(faces: &[(usize, f32)], poor: &[usize]) -> (Vec<usize>, Vec<PhotoMatch>) {
        let index = ExactIndex::new(2);
        let session = PhotoSessionId::generate();
        let vector = |d: f32| vec![d.to_radians().cos(), d.to_radians().sin()];
        let photos: Vec<PhotoId> = faces.iter().map(|_| PhotoId::generate()).collect();
        let id = |number: usize| FaceId::derive(photos[faces[number].0], number as u32, "test");
        let indexed = (0..faces.len()).map(|number| IndexedFace {
            id: id(number),
            photo_id: photos[faces[number].0],
            vector: vector(faces[number].1),
        });
        index.upsert(session, indexed.collect()).await.expect("the vectors fit");
        let facts = Facts(poor.iter().map(|number| id(*number)).collect());
        let gallery = Gallery { index: &index, facts: &facts, threads: &OnThisThread };
        let found = find_photos(&gallery, session, &[vector(0.0)], &OPTIONS).await.expect("it answers");
        let mut sure: Vec<usize> = found
            .iter()
            .filter(|found| found.is_sure())
            .filter_map(|found| photos.iter().position(|photo| *photo == found.photo_id))
            .collect();
        sure.sort_unstable();
        (sure, found)
    }

    async fn found(degrees: &[f32]) -> Vec<usize> {
        let faces: Vec<(usize, f32)> = degrees.iter().copied().enumerate().collect();
        searched(&faces, &[]).await.0
    }

    #[tokio::test]
    async fn one_face_is_judged_by_its_cosine() {
        assert_eq!(found(&[64.0]).await, [0], "cosine .44");
        assert!(found(&[66.0]).await.is_empty(), "cosine .41");
        assert!(found(&[]).await.is_empty());
    }

    #[tokio::test]
    async fn a_face_just_below_is_offered_and_one_far_below_is_not() {
        let (sure, all) = searched(&[(0, 66.0)], &[]).await;
        assert!(sure.is_empty());
        assert_eq!(all.len(), 1, "cosine .41");
        assert!((0.1..0.4).contains(&all[0].probability()), "{all:?}");
        assert!(searched(&[(0, 72.0)], &[]).await.1.is_empty(), "cosine .31");
    }

    #[tokio::test]
    async fn a_guest_with_more_photos_than_candidates_gets_them_all() {
        let photos = [2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 15.0, 18.0, 100.0, 120.0];
        assert_eq!(found(&photos).await, [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[tokio::test]
    async fn a_guest_matches_one_face_of_a_photo() {
        let (sure, all) = searched(&[(0, 3.0), (0, 9.0), (1, 5.0)], &[]).await;
        assert_eq!(sure, [0, 1]);
        assert_eq!(all.len(), 2);
    }

    /// Blurred background faces, false boxes and faces on their side were one cluster of bad embeddings, which a
    /// blurred selfie was shown at scores up to 1.
    #[tokio::test]
    async fn a_poor_face_is_neither_found_nor_a_bridge_to_others() {
        // The face at 69.5° is found through the one at 30°; with that one poor, neither is.
        let faces = [(0, 30.0), (1, 69.5)];
        assert_eq!(searched(&faces, &[]).await.0, [0, 1]);
        assert!(searched(&faces, &[0]).await.1.is_empty());
    }
}
