//! Certificates of proven hosts from the ACME directory: of each host by itself, so that one that fails stops neither
//! another nor the installation's own.

use std::{collections::HashMap, time::Duration};

use chrono::TimeDelta;
use tokio::task::JoinHandle;
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

use super::{HostError, Hosts, StudioHost};
use crate::{
    domain::{BackOff, StudioId},
    store::StoreError,
    tls::{MoreCertificates, Renewal},
};

/// A directory forgives few failures: Let's Encrypt five an hour for each account and name.
const WAITS: BackOff = BackOff::doubling(TRY, Duration::from_secs(24 * 3600));
const TRY: Duration = Duration::from_secs(15 * 60);
const PROBLEM: &str = "certificate_failed";
/// The certificate itself says when it is to be renewed; nothing else is looked at.
const AGAIN: TimeDelta = TimeDelta::days(365);
const INTERVAL: Duration = Duration::from_secs(5);

impl Hosts {
    /// Until cancelled: sees to it that each proven host has a certificate, and only those.
    pub async fn certify(self, certificates: MoreCertificates, stop: CancellationToken) {
        let mut kept: HashMap<String, (StudioHost, AbortOnDropHandle<()>)> = HashMap::new();
        loop {
            if let Err(error) = self.see_to(&certificates, &mut kept).await {
                tracing::warn!(%error, "hosts of studios could not be looked at");
            }
            let wait = async {
                tokio::select! {
                    () = self.changed.notified() => {}
                    () = tokio::time::sleep(INTERVAL) => {}
                }
            };
            if stop.run_until_cancelled(wait).await.is_none() {
                return;
            }
        }
    }

    async fn see_to(
        &self,
        certificates: &MoreCertificates,
        kept: &mut HashMap<String, (StudioHost, AbortOnDropHandle<()>)>,
    ) -> Result<(), StoreError> {
        let now = (self.clock)();
        let proven: Vec<_> =
            self.store.hosts().all().await?.into_iter().filter(|host| host.proven_at.is_some()).collect();
        kept.retain(|token, (host, _)| {
            let stays = proven.iter().any(|proven| proven.token == *token);
            if !stays {
                certificates.forget(&host.host);
            }
            stays
        });
        for host in proven {
            let is_kept = kept.get(&host.token).is_some_and(|(_, task)| !task.is_finished());
            if is_kept {
                continue;
            }
            if host.problem.is_some() && host.next_check_at > now {
                // One that is in use is served with the certificate that it has, whatever the last renewal said.
                if host.in_use_at.is_some() {
                    certificates.resume(&host.host).await;
                }
                continue;
            }
            let task = self.clone().keep(host.clone(), certificates.clone());
            let task: JoinHandle<()> = tokio::spawn(task);
            kept.insert(host.token.clone(), (host, AbortOnDropHandle::new(task)));
        }
        Ok(())
    }

    /// Gets and renews one, until the directory refuses.
    async fn keep(self, host: StudioHost, certificates: MoreCertificates) {
        let refusal = match certificates.begin(&host.host) {
            Ok(renewal) => self.renew(&host, renewal).await,
            Err(error) => error.to_string(),
        };
        tracing::error!(
            code = PROBLEM,
            error = refusal,
            host = host.host,
            "no certificate for a studio's host"
        );
        // What was tried before counts, also by a process that is gone.
        let host = self.get(host.studio).await.ok().flatten().unwrap_or(host);
        if let Err(error) = self.postpone(&host, PROBLEM, WAITS).await {
            tracing::error!(%error, host = host.host, "it could not be noted");
            // Without the note the next try would come at once.
            tokio::time::sleep(TRY).await;
        }
    }

    /// Returns why the directory refused.
    async fn renew(&self, host: &StudioHost, mut renewal: Renewal) -> String {
        loop {
            if let Err(error) = renewal.next().await {
                return error.to_string();
            }
            if let Err(error) = self.begin_to_use(host, AGAIN).await {
                tracing::error!(%error, host = host.host, "a host could not be put into use");
            }
        }
    }

    /// The next try comes as soon as a directory takes it well.
    pub(super) async fn hasten(&self, studio: StudioId) -> Result<(), HostError> {
        let host = self.get(studio).await?.ok_or(HostError::NotFound)?;
        if host.problem.as_deref() == Some(PROBLEM) {
            let tried = host.checked_at.unwrap_or(host.created_at);
            let next = tried + TimeDelta::from_std(TRY).unwrap_or(TimeDelta::MAX);
            self.store.hosts().hasten(&host.token, next).await?;
            self.changed.notify_waiters();
        }
        Ok(())
    }
}
