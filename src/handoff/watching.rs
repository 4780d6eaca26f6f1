//! Who watches a hand-off: the booth, the phone, the bot.

use std::time::Duration;

use futures::{Stream, stream};

use super::{Handoff, HandoffError};
use crate::{
    domain::{HandoffId, HandoffSession},
    events::{OnBehalfOf, TooManyWatchers, Topic, Watch},
};

/// A hand-off ends without an event.
const CHECK: Duration = Duration::from_secs(20);

/// What a watcher is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Told {
    /// How the hand-off stands, first and after every change.
    Session(Box<HandoffSession>),
    /// Its time is over; the last word.
    Expired,
    /// It was deleted; the last word.
    Removed,
}

struct Watcher {
    service: Handoff,
    id: HandoffId,
    watch: Watch,
    told: Option<HandoffSession>,
    over: bool,
}

impl Handoff {
    /// How a hand-off stands, now and after every change, until it is gone or the service stops.
    ///
    /// # Errors
    /// [`TooManyWatchers`].
    pub fn watch(
        &self,
        id: HandoffId,
        whom: OnBehalfOf,
    ) -> Result<impl Stream<Item = Told> + Send + 'static, TooManyWatchers> {
        let watch = self.events.watch_for(whom, id)?;
        let watcher = Watcher { service: self.clone(), id, watch, told: None, over: false };
        Ok(stream::unfold(watcher, async |mut watcher| watcher.next().await.map(|told| (told, watcher))))
    }

    /// Hears of every result, in any hand-off, as [`crate::events::Event::HandoffResult`]. Who was not there
    /// asks [`Handoff::results`].
    #[must_use]
    pub fn watch_results(&self) -> Watch {
        self.events.watch(Topic::HandoffResults)
    }
}

impl Watcher {
    async fn next(&mut self) -> Option<Told> {
        loop {
            if self.over {
                return None;
            }
            if let Some(told) = &self.told {
                let left = (told.expires_at - self.service.now()).to_std().unwrap_or_default();
                // A little later than the end, so that the end is seen.
                let check = CHECK.min(left + Duration::from_millis(50));
                tokio::select! {
                    seen = self.watch.next() => { seen?; }
                    () = tokio::time::sleep(check) => {}
                }
            }
            match self.service.get(self.id).await {
                Ok(now) if self.told.as_ref() == Some(&now) => {}
                Ok(now) => {
                    self.told = Some(now.clone());
                    return Some(Told::Session(Box::new(now)));
                }
                Err(HandoffError::Expired) => return self.last(Told::Expired),
                Err(HandoffError::NotFound) => return self.last(Told::Removed),
                Err(error) => {
                    tracing::warn!(%error, "a hand-off could not be read");
                    tokio::time::sleep(CHECK).await;
                }
            }
        }
    }

    fn last(&mut self, told: Told) -> Option<Told> {
        self.over = true;
        Some(told)
    }
}
