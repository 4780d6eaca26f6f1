//! Looks for guests in new photos, and ends what is over, in the background of one node.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{News, NewsError, Standing, UNCONFIRMED, is_over, known, letters::Sight, pace};
use crate::{
    consents::ConsentError,
    domain::{ConsentPurpose, PhotoId, PhotoSessionId},
    guests::Visit,
    photo_sessions::SessionError,
    search::{Followed, SearchError},
    store::{KeptVectors, KnownPhoto, StoreError},
};

/// Between looks whether there is something to do.
const POLL: Duration = Duration::from_secs(2);
/// After a failure.
const REST: Duration = Duration::from_secs(15);
/// Guests who are looked for in one round.
const AT_ONCE: u32 = 50;
/// Until a gallery that is closed is tried again.
const CLOSED: TimeDelta = TimeDelta::minutes(10);
/// Until a search is tried again for which there was no time.
const BUSY: TimeDelta = TimeDelta::seconds(30);
/// Faces of a guest by which another model knows them: those that were found most surely.
const FACES: usize = 5;

/// Runs on one node at a time.
pub struct NewsKeeper(pub News);

impl NewsKeeper {
    /// Until cancelled.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let pause = match stop.run_until_cancelled(self.round()).await {
                None => return,
                Some(Ok(0)) => POLL,
                Some(Ok(_)) => Duration::ZERO,
                Some(Err(error)) => {
                    tracing::warn!(%error, "guests are told of new photos later");
                    REST
                }
            };
            if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
                return;
            }
        }
    }

    fn now(&self) -> DateTime<Utc> {
        (self.0.clock)()
    }

    /// Ends what is over and looks for everybody who is due; returns for how many.
    ///
    /// # Errors
    /// [`NewsError`]; what is done stays done.
    pub async fn round(&self) -> Result<usize, NewsError> {
        let rows = self.0.store.news();
        for id in rows.over(self.now() - UNCONFIRMED).await? {
            rows.stop(id, self.now()).await?;
        }
        for session in rows.sessions().await? {
            self.look_after(session).await?;
        }
        let due = rows.due(self.now(), AT_ONCE).await?;
        for news in &due {
            let started = Instant::now();
            self.look(news).await?;
            // Guests who search now, and photos, come first.
            tokio::time::sleep(started.elapsed()).await;
        }
        Ok(due.len())
    }

    /// Ends the news of a session that is over; else finds out whether there is something new in it.
    async fn look_after(&self, id: PhotoSessionId) -> Result<(), NewsError> {
        let rows = self.0.store.news();
        let session = match self.0.sessions.get(id).await {
            Ok(session) if !is_over(&session, self.now()) => session,
            Ok(_) | Err(SessionError::NotFound) => {
                for news in rows.of_session(id).await? {
                    rows.stop(news.id, self.now()).await?;
                }
                return Ok(());
            }
            Err(error) => {
                tracing::debug!(%error, session = %id, "the session is looked after later");
                return Ok(());
            }
        };
        let models = self.0.search.models(id).await?;
        rows.due_without(id, &models, self.now()).await?;
        if rows.has_unseen(id).await? {
            let now = self.now();
            rows.notice(id, |news| pace::due(&session, news, now)).await?;
        }
        Ok(())
    }

    async fn look(&self, news: &Standing) -> Result<(), NewsError> {
        let rows = self.0.store.news();
        let visit = match self.0.sight(news).await? {
            Sight::Open(visit) => visit,
            Sight::Closed => return Ok(rows.postpone(news.id, self.now() + CLOSED).await?),
            Sight::Gone => return Ok(rows.stop(news.id, self.now()).await.map(|_| ())?),
        };
        match self.0.consents.check(&visit.session, ConsentPurpose::News, news.id).await {
            Ok(_) => {}
            Err(ConsentError::Store(error)) => return Err(error.into()),
            // Another text asks again; a consent that is gone keeps nothing.
            Err(ConsentError::Outdated(_)) => return Ok(self.end(news).await?),
            Err(_) => return Ok(rows.stop(news.id, self.now()).await.map(|_| ())?),
        }
        let known_photos = rows.known(news.id).await?;
        let Some(kept) = self.kept(news, &known_photos).await? else { return Ok(self.end(news).await?) };
        let followed = Followed {
            session: news.session,
            consent: news.id,
            model: kept.model,
            probes: kept.vectors.into(),
            found: [].into(),
        };
        let found = match self.0.search.again(&followed).await {
            Ok(found) => found.iter().map(known).collect(),
            Err(SearchError::QueueFull { .. } | SearchError::TimedOut) => {
                return Ok(rows.postpone(news.id, self.now() + BUSY).await?);
            }
            Err(error) => return Err(error.into()),
        };
        let new = seen(&visit, found, &known_photos).await?;
        if rows.tell(news, &new, self.now()).await? && !new.is_empty() {
            self.0.postbox.wake();
        }
        Ok(())
    }

    async fn end(&self, news: &Standing) -> Result<(), StoreError> {
        self.0.store.news().end(news, self.now()).await?;
        self.0.postbox.wake();
        Ok(())
    }

    /// The guest's face by the model that answers in the session: as it was kept, or as that model has it in photos that
    /// the guest knows. `None` when there is neither.
    async fn kept(&self, news: &Standing, known: &[KnownPhoto]) -> Result<Option<KeptVectors>, NewsError> {
        let models = self.0.search.models(news.session).await?;
        let kept = self.0.store.news().kept(news.id).await?;
        let Some(answering) = models.first() else { return Ok(kept) };
        if kept.as_ref().is_some_and(|kept| kept.model == *answering) {
            return Ok(kept);
        }
        let vectors = self.faces(known, answering).await?;
        if vectors.is_empty() {
            return Ok(kept.filter(|kept| models.contains(&kept.model)));
        }
        let renewed = KeptVectors { model: answering.clone(), vectors };
        self.0.store.news().renew(news.id, &renewed).await?;
        Ok(Some(renewed))
    }

    async fn faces(&self, known: &[KnownPhoto], model: &str) -> Result<Vec<Vec<f32>>, StoreError> {
        let mut vectors = Vec::new();
        for known in known.iter().take(FACES) {
            let there = self.0.store.faces().of_photo(known.photo).await?;
            let mut there = there.into_iter().map(|it| it.face);
            let face = there.find(|face| face.model == model && face.rect.is_same_face(&known.rect));
            vectors.extend(face.map(|face| face.embedding));
        }
        Ok(vectors)
    }
}

/// The found photos that the guest sees and does not know yet.
async fn seen(
    visit: &Visit,
    found: Vec<KnownPhoto>,
    known: &[KnownPhoto],
) -> Result<Vec<KnownPhoto>, StoreError> {
    let known: HashSet<PhotoId> = known.iter().map(|known| known.photo).collect();
    let new: Vec<KnownPhoto> = found.into_iter().filter(|found| !known.contains(&found.photo)).collect();
    let ids: Vec<PhotoId> = new.iter().map(|found| found.photo).collect();
    let visible: HashSet<PhotoId> = visit.these(&ids).await?.into_iter().map(|photo| photo.id).collect();
    Ok(new.into_iter().filter(|found| visible.contains(&found.photo)).collect())
}
