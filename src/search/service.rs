//! The search that runs on real models.

use std::{
    hash::Hash,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::Utc;

use super::{
    Asker, Followed, Match, Probing, SearchAnswer, SearchError, SearchRequest, SelfieSearch,
    facts::RowFacts,
    matcher::{Gallery, MatchError, MatchOptions, PhotoMatch, Threads, find_photos},
    probe::{Probes, check_sizes, embed_selfies},
};
use crate::{
    compute::{self, Compute, ComputeError, Lane, Terms},
    domain::{ConsentId, FaceId, PhotoId, PhotoSessionId, SearchId},
    index::FaceIndex,
    store::{NewSearch, Store, StoreError},
    telemetry,
    usage::{Usage, UsageKind},
    vision::FaceEngine,
};

/// A guest waits this long at most until the selfie has been looked at: as much is admitted as can be done by then.
const DEADLINE: Duration = Duration::from_secs(15);
/// And this long for what comes after it.
const MATCHING: Duration = Duration::from_secs(5);

pub struct SearchService {
    pub store: Store,
    pub usage: Usage,
    /// Where probes stay while their guest's page is open.
    pub probing: Probing,
    pub index: Arc<dyn FaceIndex>,
    pub compute: Compute<FaceEngine>,
    /// Name of the embedder, the same whose vectors are in `index`.
    pub model: String,
    pub options: MatchOptions,
    /// What the rows say of that model's faces.
    pub facts: RowFacts,
}

#[async_trait]
impl SelfieSearch for SearchService {
    async fn search(&self, request: SearchRequest) -> Result<SearchAnswer, SearchError> {
        self.check_consent(&request).await?;
        let SearchRequest { session, asker, selfies, face, consent, lenient, confirmed } = request;
        if !lenient {
            check_sizes(&selfies)?;
        }
        // The selfies live in this call only. Their vectors stay in memory for a guest whose page is open
        // (see `live`), when a consent was given. Nothing of either is written anywhere.
        let units = u32::try_from(selfies.len()).unwrap_or(u32::MAX);
        let work = move |worker: &mut compute::Worker<'_, FaceEngine>| {
            embed_selfies(worker, &selfies, face, lenient)
        };
        let work = self.compute.run_on(Terms { units, ..looking(session, asker) }, work);
        let Probes { mut vectors, faces } = telemetry::search_stage("probe", work).await??;
        let terms = Terms { is_begun: true, ..matching(session, asker) };
        let lane = InLane { compute: &self.compute, terms };
        let mut found = find_photos(&self.gallery(&lane), session, &vectors, &self.options).await?;
        let more = self.confirmed_faces(&found, &confirmed).await?;
        if !more.is_empty() {
            vectors.extend(more);
            found = find_photos(&self.gallery(&lane), session, &vectors, &self.options).await?;
        }
        let doubtful = found.split_off(found.partition_point(PhotoMatch::is_sure));
        let matches = telemetry::search_stage("rows", self.describe(session, found)).await?;
        let perhaps = telemetry::search_stage("rows", self.describe(session, doubtful)).await?;
        let counts = self.store.photos().counts(session).await?;

        let id = SearchId::generate();
        let now = Utc::now();
        let hits = u32::try_from(matches.len()).unwrap_or(u32::MAX);
        let record = NewSearch { id, photo_session_id: session, consent_id: consent, matches: hits };
        self.usage.record_search(record, now).await?;
        if let Some(consent) = consent {
            self.keep(id, session, consent, vectors, &matches).await?;
        }
        self.usage.bump(session, UsageKind::Search, now);
        self.usage.bump(session, if hits > 0 { UsageKind::Hit } else { UsageKind::Empty }, now);
        Ok(SearchAnswer {
            id,
            model: self.model.clone(),
            faces,
            matches,
            perhaps,
            photos_total: counts.selected,
            photos_pending: counts.queued,
        })
    }

    fn admits(&self, session: PhotoSessionId, asker: Asker) -> Result<(), SearchError> {
        Ok(self.compute.admits(&looking(session, asker))?)
    }

    /// Admitted as any other search, as one more that asks in its session.
    async fn again(&self, session: PhotoSessionId, probes: &[Vec<f32>]) -> Result<Vec<Match>, SearchError> {
        let terms = Terms { deadline: DEADLINE, ..matching(session, "open pages") };
        let lane = InLane { compute: &self.compute, terms };
        let mut found = find_photos(&self.gallery(&lane), session, probes, &self.options).await?;
        found.truncate(found.partition_point(PhotoMatch::is_sure));
        telemetry::search_stage("rows", self.describe(session, found)).await
    }

    /// The models were loaded at the start; what may fail later is the pool that owns them. That many guests wait is
    /// no failure.
    async fn health(&self) -> Result<(), String> {
        if self.compute.is_alive() { Ok(()) } else { Err("the threads of the models stand still".to_owned()) }
    }
}

/// What a selfie is to the pool.
fn looking(session: PhotoSessionId, asker: Asker) -> Terms {
    let asker = compute::Asker::new(session, asker);
    Terms { kind: "selfie", asker, ..Terms::new(Lane::Interactive, DEADLINE) }
}

/// What the matcher's work is to the pool.
fn matching(session: PhotoSessionId, asker: impl Hash) -> Terms {
    let asker = compute::Asker::new(session, asker);
    Terms { kind: "match", asker, ..Terms::new(Lane::Interactive, MATCHING) }
}

/// The matcher on the threads that also look at selfies and photos.
struct InLane<'a> {
    compute: &'a Compute<FaceEngine>,
    terms: Terms,
}

impl Threads for InLane<'_> {
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ComputeError> {
        self.compute.run_on(self.terms, |_| work()).await
    }
}

impl SearchService {
    fn gallery<'a>(&'a self, lane: &'a InLane<'a>) -> Gallery<'a, RowFacts, InLane<'a>> {
        Gallery { index: &*self.index, facts: &self.facts, threads: lane }
    }

    /// The vectors of the faces that were found in photos which the guest says show them. A photo that the
    /// selfies alone would not have offered says nothing: the guest must not search for somebody else with it.
    async fn confirmed_faces(
        &self,
        found: &[PhotoMatch],
        confirmed: &[PhotoId],
    ) -> Result<Vec<Vec<f32>>, StoreError> {
        let mut vectors = Vec::new();
        for offered in found.iter().filter(|found| confirmed.contains(&found.photo_id)) {
            let faces = self.store.faces().of_photo(offered.photo_id).await?;
            let face = faces.into_iter().find(|found| found.face.id == offered.face_id);
            vectors.extend(face.map(|found| found.face.embedding));
        }
        Ok(vectors)
    }

    async fn check_consent(&self, request: &SearchRequest) -> Result<(), SearchError> {
        let Some(id) = request.consent else { return Ok(()) };
        match self.store.guests().consent(id).await? {
            Some(consent) if consent.photo_session_id == request.session => Ok(()),
            _ => Err(SearchError::UnknownConsent),
        }
    }

    /// Keeps the probes for the page that shows these matches.
    async fn keep(
        &self,
        search: SearchId,
        session: PhotoSessionId,
        consent: ConsentId,
        probes: Vec<Vec<f32>>,
        matches: &[Match],
    ) -> Result<(), StoreError> {
        let found = matches.iter().map(|found| found.photo.id).collect();
        let followed = Followed { session, consent, probes: probes.into(), found };
        self.probing.keep(search, followed, Instant::now());
        // Withdrawn while we searched: the withdrawal did not find what is kept only now.
        if self.store.guests().consent(consent).await?.is_none() {
            self.probing.forget(consent);
        }
        Ok(())
    }

    /// Adds what a guest sees of each photo; hidden and half-processed ones are left out.
    async fn describe(
        &self,
        session: PhotoSessionId,
        found: Vec<PhotoMatch>,
    ) -> Result<Vec<Match>, SearchError> {
        let photos: Vec<PhotoId> = found.iter().map(|found| found.photo_id).collect();
        let faces: Vec<FaceId> = found.iter().map(|found| found.face_id).collect();
        let rows = self.store.photos().ready_of(session, &photos, true).await?;
        let mut rows: std::collections::HashMap<_, _> =
            rows.into_iter().map(|photo| (photo.id, photo)).collect();
        let faces = self.store.faces().by_ids(&faces).await?;
        let describe = |found: PhotoMatch| {
            let photo = rows.remove(&found.photo_id)?;
            let rect = faces.get(&found.face_id)?.rect;
            Some(Match { photo, score: found.probability(), rect })
        };
        Ok(found.into_iter().filter_map(describe).collect())
    }
}

impl From<ComputeError> for SearchError {
    fn from(error: ComputeError) -> Self {
        match error {
            ComputeError::Full { retry_after } => Self::QueueFull { retry_after },
            ComputeError::TimedOut => Self::TimedOut,
            ComputeError::Panicked(text) => Self::Internal(text),
        }
    }
}

impl From<MatchError> for SearchError {
    fn from(error: MatchError) -> Self {
        match error {
            MatchError::Index(error) => error.into(),
            MatchError::Compute(error) => error.into(),
            MatchError::Store(error) => error.into(),
        }
    }
}
