//! A slow walk over everything that is kept, again and again: bits rot where nobody looks.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{Care, CareError};
use crate::{
    domain::Photo,
    store::{Scrub, Store, StoreError},
    telemetry,
};

/// Bytes read in a second, on average: a disk gives fifty times as many.
const RATE: u64 = 4 << 20;
/// Between two photos at least.
const BREATH: Duration = Duration::from_millis(50);
/// Photos after which it is written down how far the walk has come.
const PAGE: u32 = 50;
/// From the beginning of one walk to that of the next.
const ROUND: TimeDelta = TimeDelta::days(7);
/// Between looks whether the next walk is due, and before the first after a start.
const PAUSE: Duration = Duration::from_secs(600);

/// Looks at one photo after the other, mends what can be mended and names what cannot.
pub struct Scrubber {
    store: Store,
    care: Care,
}

impl Scrubber {
    #[must_use]
    pub fn new(store: Store, care: Care) -> Self {
        Self { store, care }
    }

    /// Until cancelled. After a restart it goes on where it was.
    pub async fn run(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
            match stop.run_until_cancelled(self.walk(self.care.now(), RATE)).await {
                Some(Err(error)) => tracing::warn!(%error, "the scrub waits: rows or storage do not answer"),
                Some(Ok(_)) => {}
                None => return,
            }
        }
    }

    /// Goes on with the walk that is under way, or begins the next if it is due; to its end, at `rate` bytes a
    /// second. Returns how the walk stands.
    ///
    /// # Errors
    /// When rows or storage do not answer; what has been looked at stays so.
    pub async fn walk(&self, now: DateTime<Utc>, rate: u64) -> Result<Scrub, CareError> {
        let mut scrub = match self.store.scrubs().get().await? {
            Some(scrub) if scrub.after.is_some() => scrub,
            Some(scrub) if scrub.began_at + ROUND > now => return Ok(scrub),
            before => Scrub {
                after: None,
                began_at: now,
                finished_at: before.and_then(|scrub| scrub.finished_at),
                photos: 0,
                damaged: 0,
            },
        };
        loop {
            let page = self.store.photos().page(scrub.after, PAGE).await?;
            let Some(last) = page.last() else { break };
            let last = last.id;
            for photo in &page {
                let bytes = self.photo(photo, &mut scrub).await?;
                let pause = Duration::from_secs_f64(bytes as f64 / rate.max(1) as f64);
                tokio::time::sleep(pause.max(BREATH)).await;
            }
            scrub.after = Some(last);
            self.keep(&scrub).await?;
        }
        (scrub.after, scrub.finished_at) = (None, Some(self.care.now()));
        self.keep(&scrub).await?;
        telemetry::scrub_finished();
        tracing::info!(
            photos = scrub.photos,
            damaged = scrub.damaged,
            "everything that is kept was looked at"
        );
        Ok(scrub)
    }

    /// Looks at one photo; returns how many bytes that took.
    async fn photo(&self, photo: &Photo, scrub: &mut Scrub) -> Result<u64, CareError> {
        let looked = self.care.look(photo).await?;
        telemetry::scrubbed(looked.bytes, looked.faults.iter().map(|fault| fault.code()));
        scrub.photos += 1;
        if looked.faults.is_empty() || self.is_gone(photo).await? {
            return Ok(looked.bytes);
        }
        scrub.damaged += 1;
        let lost = self.care.mend(photo, &looked.faults).await?;
        for fault in &looked.faults {
            let (photo, code) = (photo.id, fault.code());
            if lost.contains(fault) {
                tracing::error!(%photo, code, "what is kept is not what was written, and only a back-up has it");
            } else {
                tracing::warn!(%photo, code, "what is kept is not what was written; it is made again");
            }
        }
        Ok(looked.bytes)
    }

    /// Erased while it was looked at: what is missing then is no fault.
    async fn is_gone(&self, photo: &Photo) -> Result<bool, StoreError> {
        Ok(self.store.photos().get(photo.id).await?.is_none())
    }

    /// How far the walk has come is worth a row, but no full disk.
    async fn keep(&self, scrub: &Scrub) -> Result<(), StoreError> {
        match self.store.scrubs().keep(scrub).await {
            Err(error) if error.is_full() => Ok(()),
            kept => kept,
        }
    }
}
