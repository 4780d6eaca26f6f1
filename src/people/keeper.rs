//! Keeps the groups of every session up, in the background of one node.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use tokio_util::sync::CancellationToken;

use super::{
    group::{GroupOptions, Grouping, SeenFace, SeenPhoto, limit_of},
    tell,
};
use crate::{
    compute::{Compute, ComputeError, Lane},
    domain::{Clock, PhotoId, PhotoSessionId},
    embedders::{EmbedderError, Embedders},
    events::Events,
    search::{FaceFacts, MatchError, RowFacts},
    store::{PlacedFace, Regrouped, SessionFace, Store, StoreError},
    vision::{FaceEngine, POOR},
};

/// Between looks whether there is something to do.
const POLL: Duration = Duration::from_secs(1);
/// After a failure.
const REST: Duration = Duration::from_secs(15);
/// Photos of one round, which is one piece of work and one transaction.
const PHOTOS: u32 = 64;
/// Faces that are read at a time.
const PAGE: u32 = 500;
/// Sessions whose people are kept in memory, and for how long after their last photo.
const MOST_HELD: usize = 4;
const HELD: Duration = Duration::from_secs(600);
const DEADLINE: Duration = Duration::from_secs(120);

#[derive(Debug, thiserror::Error)]
pub enum KeeperError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Embedder(#[from] EmbedderError),
    #[error(transparent)]
    Match(#[from] MatchError),
    #[error(transparent)]
    Compute(#[from] ComputeError),
}

/// By which model a session's faces are compared, and from which score on they are one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Sight {
    pub model: String,
    pub limit: f32,
}

/// What the keeper sees with; the tests have eyes without a model.
#[async_trait]
pub trait Eyes: Send + Sync + 'static {
    /// # Errors
    /// [`KeeperError`].
    async fn sight(&self, session: PhotoSessionId) -> Result<Sight, KeeperError>;

    /// Does one round, where computing is done.
    ///
    /// # Errors
    /// [`ComputeError`].
    async fn look(
        &self,
        grouping: Grouping,
        photos: Vec<SeenPhoto>,
    ) -> Result<(Grouping, Regrouped), ComputeError>;
}

/// The eyes of a node with models.
pub struct ModelEyes {
    pub embedders: Embedders,
    pub compute: Compute<FaceEngine>,
    pub facts: RowFacts,
}

#[async_trait]
impl Eyes for ModelEyes {
    async fn sight(&self, session: PhotoSessionId) -> Result<Sight, KeeperError> {
        let embedder = self.embedders.answering(session).await?;
        let model = embedder.info.name.clone();
        let facts = self.facts.of(&model).session(session).await?;
        Ok(Sight { model, limit: limit_of(embedder.info.matching.threshold, &facts) })
    }

    async fn look(
        &self,
        mut grouping: Grouping,
        photos: Vec<SeenPhoto>,
    ) -> Result<(Grouping, Regrouped), ComputeError> {
        let work = move |_: &mut crate::compute::Worker<'_, FaceEngine>| {
            let round = grouping.look(photos);
            (grouping, round)
        };
        self.compute.run(Lane::Batch, DEADLINE, work).await
    }
}

/// A session's people as they were read and changed since.
struct Held {
    model: String,
    revision: i64,
    grouping: Grouping,
    splits: HashMap<PhotoId, Vec<PlacedFace>>,
    used: Instant,
}

/// Runs on one node at a time.
pub struct PeopleKeeper {
    store: Store,
    events: Events,
    eyes: Arc<dyn Eyes>,
    clock: Clock,
    held: HashMap<PhotoSessionId, Held>,
}

impl PeopleKeeper {
    #[must_use]
    pub fn new(store: Store, events: Events, eyes: Arc<dyn Eyes>, clock: Clock) -> Self {
        Self { store, events, eyes, clock, held: HashMap::new() }
    }

    /// Until cancelled: looks at every photo that waits.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let pause = match stop.run_until_cancelled(self.round()).await {
                None => return,
                Some(Ok(0)) => POLL,
                Some(Ok(_)) => continue,
                Some(Err(error)) => {
                    tracing::warn!(%error, "faces are put to people later");
                    REST
                }
            };
            if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return;
            }
        }
    }

    /// Looks at some photos of every session where some wait; returns how many.
    ///
    /// # Errors
    /// [`KeeperError`]; what is done stays done.
    pub async fn round(&mut self) -> Result<usize, KeeperError> {
        self.held.retain(|_, held| held.used.elapsed() < HELD);
        let mut photos = 0;
        for session in self.store.people().waiting().await? {
            photos += self.look_at(session).await?;
        }
        Ok(photos)
    }

    async fn look_at(&mut self, session: PhotoSessionId) -> Result<usize, KeeperError> {
        let sight = self.eyes.sight(session).await?;
        let Some(revision) = self.store.people().revision(session).await? else { return Ok(0) };
        let photos = self.store.people().unseen(session, &sight.model, PHOTOS).await?;
        if photos.is_empty() {
            return Ok(0);
        }
        let held =
            self.held.remove(&session).filter(|held| held.model == sight.model && held.revision == revision);
        let mut held = match held {
            Some(held) => held,
            None => self.read(session, &sight, revision).await?,
        };
        held.grouping.judge_by(GroupOptions::new(sight.limit));
        held.grouping.only_known(!self.store.people().is_on(session).await?);
        let seen = self.seen(&photos, &sight.model, &held.splits).await?;
        let count = seen.len();
        let (grouping, round) = self.eyes.look(held.grouping, seen).await?;
        held.grouping = grouping;
        // Changed by somebody meanwhile: the photos are looked at once more.
        let written = self.store.people().regroup(session, revision, &round, (self.clock)()).await?;
        let Some((revision, turned)) = written else { return Ok(count) };
        (held.revision, held.used) = (revision, Instant::now());
        self.hold(session, held);
        tell(&self.store, &self.events, session, &turned).await?;
        Ok(count)
    }

    fn hold(&mut self, session: PhotoSessionId, held: Held) {
        if self.held.len() >= MOST_HELD {
            let oldest = self.held.iter().min_by_key(|(_, held)| held.used).map(|(session, _)| *session);
            oldest.map(|session| self.held.remove(&session));
        }
        self.held.insert(session, held);
    }

    /// The session's people out of the rows, a page of vectors at a time.
    async fn read(&self, session: PhotoSessionId, sight: &Sight, revision: i64) -> Result<Held, KeeperError> {
        let rows = self.store.people();
        let mut grouping = Grouping::new(GroupOptions::new(sight.limit), &rows.known(session).await?);
        let placed = rows.placed(session).await?;
        let splits = rows.splits(session).await?;
        let mut after = None;
        while !placed.is_empty() {
            let page = self.store.faces().page_of_session(session, &sight.model, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.face.id);
            for SessionFace { face, .. } in page {
                let of_photo = placed.get(&face.photo_id);
                let mut known = of_photo.into_iter().flatten();
                if let Some(known) = known.find(|known| known.rect.is_same_face(&face.rect)) {
                    grouping.remember(known.person, face.photo_id, &face.embedding);
                }
            }
        }
        for (photo, apart) in &splits {
            for split in apart {
                let of_photo = placed.get(photo).into_iter().flatten();
                for face in of_photo.filter(|face| face.rect.is_same_face(&split.rect)) {
                    grouping.keep_apart(face.person, split.person);
                }
            }
        }
        Ok(Held { model: sight.model.clone(), revision, grouping, splits, used: Instant::now() })
    }

    async fn seen(
        &self,
        photos: &[PhotoId],
        model: &str,
        splits: &HashMap<PhotoId, Vec<PlacedFace>>,
    ) -> Result<Vec<SeenPhoto>, StoreError> {
        let rows = self.store.people();
        let mut placed = rows.placed_in(photos).await?;
        let mut faces: HashMap<PhotoId, Vec<SeenFace>> = HashMap::new();
        for SessionFace { face, .. } in rows.vectors_of(photos, model).await? {
            let vector = (face.quality >= POOR).then_some(face.embedding);
            let seen = SeenFace { rect: face.rect, quality: face.quality, vector };
            faces.entry(face.photo_id).or_default().push(seen);
        }
        let seen = photos.iter().map(|id| SeenPhoto {
            id: *id,
            faces: faces.remove(id).unwrap_or_default(),
            placed: placed.remove(id).unwrap_or_default(),
            splits: splits.get(id).cloned().unwrap_or_default(),
        });
        Ok(seen.collect())
    }
}
