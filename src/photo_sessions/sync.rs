//! Notices what changes in the studio's own database: guests' answers are asked for again, and open pages and
//! webhooks receive it.
//!
//! A look reads what changed since the last one. The first look of a process, and one an hour, reads every
//! session, so that a change which left `updated_at` alone is noticed too. A row of the future, by the clock of its
//! own database, is read at every look and never moves the place where the next one begins.
//!
//! A session that is also ours is ours: its events and answers come from our row.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::PhotoSessions;
use crate::{
    domain::{Clock, PhotoSessionId},
    events::{Event, Events},
    store::{ChangeCursor, ExternalDatabase, Store, StoreError},
};

/// Sessions read at a time.
const PAGE: u32 = 500;
/// Between sweeps of every session.
const SWEEP: TimeDelta = TimeDelta::hours(1);
/// Read again at each look: a transaction may commit, and a replica show, a change that is older than one
/// already read.
const OVERLAP: TimeDelta = TimeDelta::minutes(5);

pub struct SessionSync {
    database: ExternalDatabase,
    store: Store,
    sessions: PhotoSessions,
    events: Events,
    clock: Clock,
    last_sweep: Option<DateTime<Utc>>,
    /// The newest `updated_at` that was read, and never later than its database's clock.
    read_until: Option<DateTime<Utc>>,
}

impl SessionSync {
    #[must_use]
    pub fn new(
        database: ExternalDatabase,
        store: Store,
        sessions: PhotoSessions,
        events: Events,
        clock: Clock,
    ) -> Self {
        Self { database, store, sessions, events, clock, last_sweep: None, read_until: None }
    }

    /// Looks every `interval` until `stop`.
    pub async fn run(mut self, interval: Duration, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                looked = self.look((self.clock)()) => match looked {
                    Ok(0) => {}
                    Ok(changed) => tracing::info!(changed, "external sessions changed"),
                    Err(error) => tracing::warn!(%error, "external sessions cannot be read; trying again later"),
                },
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(interval) => {}
            }
        }
    }

    /// Reads what may have changed; returns how many sessions did.
    ///
    /// # Errors
    /// When either database is away; what was noted until then stays noted, and the next look goes on.
    pub async fn look(&mut self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let sweep = self.last_sweep.is_none_or(|last| now - last >= SWEEP);
        let mut cursor: Option<ChangeCursor> = match self.read_until {
            Some(until) if !sweep => Some((until - OVERLAP, PhotoSessionId(uuid::Uuid::nil()))),
            _ => None,
        };
        let there = self.database.now().await?;
        let mut changed = 0;
        loop {
            let (mut page, next) = self.database.changed_after(cursor, PAGE).await?;
            let newest = page.last().map(|session| session.updated_at.min(there));
            let ids: Vec<PhotoSessionId> = page.iter().map(|session| session.id).collect();
            let ours = self.store.sessions().which_are_ours(&ids).await?;
            page.retain(|session| !ours.contains(&session.id));
            for at in self.store.seen_sessions().note(&page, now).await? {
                let (id, event) = (page[at].id, Event::session(&page[at]));
                self.sessions.changed(page[at].clone()).await;
                self.events.publish(id, event);
                changed += 1;
            }
            self.read_until = self.read_until.max(newest);
            if next.is_none() {
                break;
            }
            cursor = next;
        }
        if sweep {
            self.store.seen_sessions().first_sweep_done(now).await?;
            self.last_sweep = Some(now);
        }
        Ok(changed)
    }
}
