//! The search that runs on real models.

use std::{
    hash::Hash,
    time::{Duration, Instant},
};

use async_trait::async_trait;

use super::{
    Asker, Followed, Match, Probing, SearchAnswer, SearchError, SearchRequest, SelfieSearch,
    facts::RowFacts,
    matcher::{Gallery, MatchError, MatchOptions, PhotoMatch, Threads, find_photos},
    probe::{Probes, Selfie, embed_selfies},
};
use crate::{
    compute::{self, Compute, ComputeError, Lane, Terms},
    domain::{Clock, FaceId, PhotoId, PhotoSessionId, SearchId},
    embedders::{Embedder, EmbedderError, Embedders},
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
    pub embedders: Embedders,
    pub compute: Compute<FaceEngine>,
    /// Of a hundred guests who are in no photo, so many may be shown somebody else's.
    pub stranger_percent: f32,
    /// The facts of the faces from the rows.
    pub facts: RowFacts,
    pub clock: Clock,
}

#[async_trait]
impl SelfieSearch for SearchService {
    async fn search(&self, request: SearchRequest) -> Result<SearchAnswer, SearchError> {
        self.check_consent(&request).await?;
        let SearchRequest { session, asker, selfies, face, consent, lenient, confirmed } = request;
        let selfies = selfies.into_iter().map(Selfie::read).collect::<Result<Vec<_>, _>>()?;
        if !lenient {
            selfies.iter().try_for_each(Selfie::check_size)?;
        }
        // The selfies live in this call only. Their vectors stay in memory for a guest whose page is open
        // (see `live`), when a consent was given. Nothing of either is written anywhere.
        let embedder = self.embedders.answering(session).await?;
        let model = embedder.info.name.clone();
        let units = u32::try_from(selfies.len()).unwrap_or(u32::MAX);
        let work = move |worker: &mut compute::Worker<'_, FaceEngine>| {
            worker.state.use_embedder(&model)?;
            embed_selfies(worker, &selfies, face, lenient)
        };
        let work = self.compute.run_on(Terms { units, ..looking(session, asker) }, work);
        let Probes { mut vectors, faces } = telemetry::search_stage("probe", work).await??;
        let terms = Terms { is_begun: true, ..matching(session, asker) };
        let lane = InLane { compute: &self.compute, terms };
        let facts = self.facts.of(&embedder.info.name);
        let gallery = Gallery { index: &*embedder.index, facts: &facts, threads: &lane };
        let options = self.options(&embedder);
        let mut found = find_photos(&gallery, session, &vectors, &options).await?;
        let more = self.confirmed_faces(&found, &confirmed).await?;
        if !more.is_empty() {
            vectors.extend(more);
            found = find_photos(&gallery, session, &vectors, &options).await?;
        }
        let doubtful = found.split_off(found.partition_point(PhotoMatch::is_sure));
        let matches = telemetry::search_stage("rows", self.describe(session, found)).await?;
        let perhaps = telemetry::search_stage("rows", self.describe(session, doubtful)).await?;
        let counts = self.store.photos().counts(session).await?;

        let id = SearchId::generate();
        let now = (self.clock)();
        let hits = u32::try_from(matches.len()).unwrap_or(u32::MAX);
        let record = NewSearch { id, photo_session_id: session, consent_id: consent, matches: hits };
        self.usage.record_search(record, now).await?;
        if let Some(consent) = consent {
            let found = matches.iter().map(|found| found.photo.id).collect();
            let model = embedder.info.name.clone();
            self.keep(id, Followed { session, consent, model, probes: vectors.into(), found }).await?;
        }
        self.usage.bump(session, UsageKind::Search, now);
        self.usage.bump(session, if hits > 0 { UsageKind::Hit } else { UsageKind::Empty }, now);
        Ok(SearchAnswer {
            id,
            model: embedder.info.name.clone(),
            faces,
            matches,
            perhaps,
            photos_total: counts.selected + counts.indexed,
            photos_pending: counts.queued,
        })
    }

    fn admits(&self, session: PhotoSessionId, asker: Asker) -> Result<(), SearchError> {
        Ok(self.compute.admits(&looking(session, asker))?)
    }

    /// Admitted as any other search, as one more that asks in its session.
    async fn again(&self, followed: &Followed) -> Result<Vec<Match>, SearchError> {
        let Followed { session, model, probes, .. } = followed;
        if !self.embedders.roles().await?.names().any(|name| name == model) {
            return Ok(Vec::new());
        }
        let embedder = self.embedders.get(model).await?;
        let terms = Terms { deadline: DEADLINE, ..matching(*session, "open pages") };
        let lane = InLane { compute: &self.compute, terms };
        let facts = self.facts.of(model);
        let gallery = Gallery { index: &*embedder.index, facts: &facts, threads: &lane };
        let mut found = find_photos(&gallery, *session, probes, &self.options(&embedder)).await?;
        found.truncate(found.partition_point(PhotoMatch::is_sure));
        telemetry::search_stage("rows", self.describe(*session, found)).await
    }

    async fn models(&self, session: PhotoSessionId) -> Result<Vec<String>, SearchError> {
        let answering = self.embedders.answering(session).await?.info.name.clone();
        let roles = self.embedders.roles().await?;
        let others = roles.names().filter(|name| *name != answering).map(str::to_owned);
        Ok(std::iter::once(answering.clone()).chain(others).collect())
    }

    /// The models were loaded at the start; what may fail later is the pool that owns them. That many guests wait is
    /// no failure.
    async fn health(&self) -> Result<(), String> {
        if self.compute.is_alive() { Ok(()) } else { Err("the threads of the models stand still".to_owned()) }
    }
}

/// The terms on which the pool takes a selfie.
fn looking(session: PhotoSessionId, asker: Asker) -> Terms {
    let asker = compute::Asker::new(session, asker);
    Terms { kind: "selfie", asker, ..Terms::new(Lane::Interactive, DEADLINE) }
}

/// The terms on which the pool takes the matcher's work.
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
    fn options(&self, embedder: &Embedder) -> MatchOptions {
        MatchOptions::new(&embedder.info, self.stranger_percent)
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

    /// Keeps the probes for the page that shows what was found.
    async fn keep(&self, search: SearchId, followed: Followed) -> Result<(), StoreError> {
        let consent = followed.consent;
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
        let rows = self.store.photos().findable(session, &photos).await?;
        let mut names = self.store.external_ids().of_photos(&photos).await?;
        let mut rows: std::collections::HashMap<_, _> =
            rows.into_iter().map(|photo| (photo.id, photo)).collect();
        let faces = self.store.faces().by_ids(&faces).await?;
        let describe = |found: PhotoMatch| {
            let photo = rows.remove(&found.photo_id)?;
            let rect = faces.get(&found.face_id)?.rect;
            let external_ids = names.remove(&photo.id).unwrap_or_default();
            Some(Match { photo, external_ids, score: found.probability(), rect })
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

impl From<EmbedderError> for SearchError {
    fn from(error: EmbedderError) -> Self {
        match error {
            EmbedderError::Store(error) => error.into(),
            EmbedderError::Index(error) => error.into(),
            error => Self::Internal(error.to_string()),
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
