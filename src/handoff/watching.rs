//! Watching a hand-off, for the booth, the phone and the bot.

use std::time::Duration;

use futures::{Stream, stream};

use super::{Handoff, HandoffError};
use crate::{
    domain::{HandoffId, HandoffSession},
    events::{OnBehalfOf, TooManyWatchers, Topic, Watch},
};

/// A hand-off ends without an event.
const CHECK: Duration = Duration::from_secs(20);

/// An event for a watcher.
#[derive(Debug, Clone, PartialEq)]
pub enum HandoffEvent {
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
    last_sent: Option<HandoffSession>,
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
    ) -> Result<impl Stream<Item = HandoffEvent> + Send + 'static, TooManyWatchers> {
        let watch = self.events.watch_for(whom, id)?;
        let watcher = Watcher { service: self.clone(), id, watch, last_sent: None, over: false };
        Ok(stream::unfold(watcher, async |mut watcher| watcher.next().await.map(|event| (event, watcher))))
    }

    /// Receives every result, in any hand-off, as [`crate::events::Event::HandoffResult`]. Whoever was not
    /// watching then asks [`Handoff::results`].
    #[must_use]
    pub fn watch_results(&self) -> Watch {
        self.events.watch(Topic::HandoffResults)
    }
}

impl Watcher {
    async fn next(&mut self) -> Option<HandoffEvent> {
        loop {
            if self.over {
                return None;
            }
            if let Some(sent) = &self.last_sent {
                let left = (sent.expires_at - self.service.now()).to_std().unwrap_or_default();
                // A little later than the end, so that the end is seen.
                let check = CHECK.min(left + Duration::from_millis(50));
                tokio::select! {
                    seen = self.watch.next() => { seen?; }
                    () = tokio::time::sleep(check) => {}
                }
            }
            match self.service.get(self.id).await {
                Ok(now) if self.last_sent.as_ref() == Some(&now) => {}
                Ok(now) => {
                    self.last_sent = Some(now.clone());
                    return Some(HandoffEvent::Session(Box::new(now)));
                }
                Err(HandoffError::Expired) => return self.last(HandoffEvent::Expired),
                Err(HandoffError::NotFound) => return self.last(HandoffEvent::Removed),
                Err(error) => {
                    tracing::warn!(%error, "a hand-off could not be read");
                    tokio::time::sleep(CHECK).await;
                }
            }
        }
    }

    fn last(&mut self, event: HandoffEvent) -> Option<HandoffEvent> {
        self.over = true;
        Some(event)
    }
}
