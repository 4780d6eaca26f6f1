//! Looks whether a host is the studio's, and whether it leads here.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{Certified, HostError, Hosts, StudioHost, WELL_KNOWN};
use crate::{
    domain::{BackOff, StudioId},
    store::StoreError,
    targets,
};

/// DNS changes within minutes where somebody sits and waits, and is forgotten about where not.
const LOOKS: BackOff = BackOff::doubling(Duration::from_secs(60), Duration::from_secs(6 * 3600));
/// One that is in use is looked at so often.
const AGAIN: TimeDelta = TimeDelta::hours(24);
/// Who asks for a check sooner than this is told what the last one found.
const FRESH: TimeDelta = TimeDelta::seconds(3);
/// Between looks at which hosts are due and which are in use.
const INTERVAL: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(10);
/// Of what a host answers: a signature, in bytes.
const LONGEST: u64 = 1024;

/// What a check has found; the code stands in the row.
enum Found {
    /// The record is not there (yet).
    NoRecord,
    /// No name server could be asked.
    NoAnswer,
    /// Another studio was first.
    Taken,
    /// Nobody answers there, or not with a certificate that browsers trust.
    Unreachable,
    /// Somebody else answers there.
    Elsewhere,
}

impl Found {
    fn code(&self) -> &'static str {
        match self {
            Self::NoRecord => "record_missing",
            Self::NoAnswer => "dns_unavailable",
            Self::Taken => "host_taken",
            Self::Unreachable => "host_unreachable",
            Self::Elsewhere => "host_elsewhere",
        }
    }
}

impl Hosts {
    /// Checks the studio's host now, for somebody who waits for it; returns how it stands then.
    ///
    /// # Errors
    /// [`HostError::NotFound`], [`HostError::Store`].
    pub async fn check(&self, studio: StudioId) -> Result<StudioHost, HostError> {
        let host = self.get(studio).await?.ok_or(HostError::NotFound)?;
        let now = (self.clock)();
        if host.checked_at.is_none_or(|checked| now - checked >= FRESH) {
            self.look(&host).await?;
        }
        self.hasten(studio).await?;
        self.get(studio).await?.ok_or(HostError::NotFound)
    }

    /// Until cancelled: checks the hosts that are due, and reads which are in use.
    pub async fn run(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_some() {
            if let Err(error) = self.round().await {
                tracing::warn!(%error, "hosts of studios could not be looked at");
            }
        }
    }

    /// Until cancelled: reads which hosts are in use, and leaves it to others to check them.
    pub async fn follow(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_some() {
            if let Err(error) = self.load().await {
                tracing::warn!(%error, "hosts of studios could not be read");
            }
        }
    }

    /// Checks each host that is due.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn round(&self) -> Result<(), StoreError> {
        self.load().await?;
        let now = (self.clock)();
        let due = self.store.hosts().all().await?.into_iter().filter(|host| host.next_check_at <= now);
        for host in due {
            self.look(&host).await?;
        }
        Ok(())
    }

    async fn look(&self, host: &StudioHost) -> Result<(), StoreError> {
        let mut host = host.clone();
        if host.proven_at.is_none() {
            if let Err(found) = self.proof(&host).await? {
                return self.postpone(&host, found.code(), LOOKS).await;
            }
            let Some(proven) = self.get(host.studio).await? else { return Ok(()) };
            host = proven;
            self.changed.notify_waiters();
        }
        if self.certified != Certified::Elsewhere {
            // Whoever fetches its certificate says whether it leads here.
            return Ok(());
        }
        match self.reach(&host).await {
            Ok(()) => self.begin_to_use(&host, AGAIN).await,
            Err(found) => self.postpone(&host, found.code(), LOOKS).await,
        }
    }

    /// Whether DNS says that the name is the studio's.
    async fn proof(&self, host: &StudioHost) -> Result<Result<(), Found>, StoreError> {
        let (name, value) = Self::record(host);
        match (self.lookup)(name).await {
            Ok(texts) if texts.iter().any(|text| text.trim() == value) => {}
            Ok(_) => return Ok(Err(Found::NoRecord)),
            Err(error) => {
                tracing::warn!(%error, host = host.host, "no name server could be asked whose the host is");
                return Ok(Err(Found::NoAnswer));
            }
        }
        let is_first = self.store.hosts().prove(host, (self.clock)()).await?;
        Ok(if is_first { Ok(()) } else { Err(Found::Taken) })
    }

    /// Whether the name leads here.
    async fn reach(&self, host: &StudioHost) -> Result<(), Found> {
        let url = format!("{}{WELL_KNOWN}{}", self.addresses.under(&host.host), host.token);
        let url = self.target.inspect(&url).await.map_err(|_| Found::Unreachable)?;
        let client = targets::client(&self.target, PATIENCE).map_err(|_| Found::Unreachable)?;
        let answer = client.get(url).send().await.map_err(|_| Found::Unreachable)?;
        if answer.content_length().is_none_or(|length| length > LONGEST) {
            return Err(Found::Elsewhere);
        }
        let said = answer.text().await.map_err(|_| Found::Unreachable)?;
        if said == self.signature(host) { Ok(()) } else { Err(Found::Elsewhere) }
    }

    /// Links lead there from now on.
    pub(super) async fn begin_to_use(&self, host: &StudioHost, again: TimeDelta) -> Result<(), StoreError> {
        let now = (self.clock)();
        self.store.hosts().use_it(&host.token, now, now + again).await?;
        self.load().await?;
        if host.in_use_at.is_none() {
            tracing::info!(host = host.host, studio = %host.studio, "a studio is reached under its own host");
        }
        Ok(())
    }

    pub(super) async fn postpone(
        &self,
        host: &StudioHost,
        problem: &str,
        waits: BackOff,
    ) -> Result<(), StoreError> {
        let now = (self.clock)();
        let wait = TimeDelta::from_std(waits.wait(host.attempts + 1)).unwrap_or(TimeDelta::MAX);
        let next: DateTime<Utc> = now + wait;
        self.store.hosts().postpone(&host.token, problem, now, next).await
    }
}
