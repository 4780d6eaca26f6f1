//! What a node does besides answering: the queue's work, letters, webhooks and the bot, and the house's upkeep.

use std::{sync::Arc, time::Duration};

use chrono::Utc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{AppState, Node};
use crate::{
    accounts::Accounts,
    handoff::Handoff,
    mail::MailError,
    photos::{Eraser, Swept, Uploads, Worker},
    placements::Placements,
    store::Usage,
    support::Support,
};

/// A node's work in the background, until [`Background::finish`].
pub struct Background {
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Background {
    /// Starts it. Without `works` the node leaves to others what is queued: photos, webhooks, mails, the bot.
    ///
    /// # Errors
    /// When the mail server's settings cannot be used.
    pub fn start(node: &Node, works: bool) -> Result<Self, MailError> {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let app = &node.app;
        tasks.spawn(keep_usage(app.usage.clone(), stop.clone()));
        tasks.spawn(sweep_accounts(app.accounts.clone(), stop.clone()));
        if let Some(sync) = node.session_sync() {
            tasks.spawn(sync.run(app.settings.session_sync, stop.clone()));
        }
        tasks.spawn(keep_uploads(app.uploads.clone(), stop.clone()));
        tasks.spawn(keep_attachments(app.support.clone(), stop.clone()));
        tasks.spawn(keep_house(Arc::clone(app), node.eraser.clone(), stop.clone()));
        tasks.spawn(keep_images(app.placements.clone(), stop.clone()));
        tasks.spawn(keep_handoffs(app.handoff.clone(), stop.clone()));
        if works {
            match node.deliverer() {
                Ok(deliverer) => drop(tasks.spawn(deliverer.run(stop.clone()))),
                Err(error) => {
                    tracing::error!(%error, "webhooks stay queued: the system has no certificates to trust")
                }
            }
            if let Some(mailer) = node.mailer()? {
                tasks.spawn(mailer.run(stop.clone()));
            }
            if let Some(bot) = app.telegram.clone() {
                tasks.spawn(bot.run(stop.clone()));
            }
            tasks.spawn(Worker::new(node.processor.clone()).run(stop.clone(), |_| ()));
        }
        Ok(Self { stop, tasks })
    }

    /// Cancelled when it is to end: whoever waits for a signal may do so before [`finish`](Self::finish).
    #[must_use]
    pub fn stop(&self) -> CancellationToken {
        self.stop.clone()
    }

    /// Ends it: the photos in hand are finished first.
    pub async fn finish(mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

/// How often counted use is written to its rows.
const USAGE_FLUSH: Duration = Duration::from_secs(5);

/// Writes counted use to its rows until cancelled, then once more.
async fn keep_usage(usage: Usage, stop: CancellationToken) {
    loop {
        let last = tokio::select! {
            () = stop.cancelled() => true,
            () = tokio::time::sleep(USAGE_FLUSH) => false,
        };
        if let Err(error) = usage.flush().await {
            tracing::warn!(%error, "use could not be counted");
        }
        if last {
            return;
        }
    }
}

/// How often what has run out is removed.
const SWEEP: Duration = Duration::from_secs(300);

/// Removes expired devices, codes and history until cancelled.
async fn sweep_accounts(accounts: Accounts, stop: CancellationToken) {
    let sweep = || async {
        if let Err(error) = accounts.sweep().await {
            tracing::warn!(%error, "expired sign-ins could not be removed");
        }
    };
    stop.run_until_cancelled(again_and_again(SWEEP, sweep)).await;
}

/// Does something now and after every pause.
async fn again_and_again<W: Future<Output = ()>>(pause: Duration, work: impl Fn() -> W) {
    loop {
        work().await;
        tokio::time::sleep(pause).await;
    }
}

/// How often uploads that nobody goes on with are looked for.
const UPLOAD_SWEEP: Duration = Duration::from_secs(600);

/// Finishes uploads that a crash cut short and removes those that have expired, until cancelled.
async fn keep_uploads(uploads: Uploads, stop: CancellationToken) {
    loop {
        match uploads.sweep(Utc::now()).await {
            Ok(swept) if swept != Swept::default() => {
                tracing::info!(finished = swept.finished, expired = swept.expired, "uploads swept");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "uploads could not be swept"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(UPLOAD_SWEEP) => {}
        }
    }
}

/// How often attachments that came for nothing are looked for.
const ATTACHMENT_SWEEP: Duration = Duration::from_secs(3600);

/// Removes attachments that a crash has left without a ticket, until cancelled.
async fn keep_attachments(support: Support, stop: CancellationToken) {
    let sweep = || async {
        match support.sweep(Utc::now()).await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "attachments without a ticket removed"),
            Err(error) => tracing::warn!(%error, "attachments could not be swept"),
        }
    };
    stop.run_until_cancelled(again_and_again(ATTACHMENT_SWEEP, sweep)).await;
}

/// How often customers' pictures that nothing needs are looked for.
const IMAGE_SWEEP: Duration = Duration::from_secs(3600);

/// Removes customers' pictures that nothing needs, until cancelled.
async fn keep_images(placements: Placements, stop: CancellationToken) {
    let sweep = || async {
        match placements.sweep(Utc::now()).await {
            Ok(0) => {}
            Ok(pictures) => tracing::info!(pictures, "removed pictures that no order needs"),
            Err(error) => tracing::warn!(%error, "customers' pictures could not be swept"),
        }
    };
    stop.run_until_cancelled(again_and_again(IMAGE_SWEEP, sweep)).await;
}

/// Removes hand-offs whose time is over until cancelled, and at the start what a crash has left of them.
async fn keep_handoffs(handoff: Handoff, stop: CancellationToken) {
    loop {
        match handoff.sweep().await {
            Ok(0) => {}
            Ok(removed) => tracing::info!(removed, "hand-offs are over"),
            Err(error) => tracing::warn!(%error, "hand-offs could not be removed; they will be tried again"),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(TIDYING) => {}
        }
    }
}

/// How often the house is tidied.
const TIDYING: Duration = Duration::from_secs(60);

/// Until cancelled: removes what failed deletions left behind, probes that nobody follows any more, carts that
/// nobody came back to, archives that have run out, and copies under a watermark that is not shown any more.
async fn keep_house(app: AppState, eraser: Eraser, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(TIDYING)).await.is_some() {
        app.live.tidy();
        if let Err(error) = eraser.sweep(Some(Utc::now())).await {
            tracing::warn!(%error, "deleted photos could not be removed; they will be tried again");
        }
        if let Err(error) = app.shop.carts.sweep(Utc::now()).await {
            tracing::warn!(%error, "forgotten carts could not be removed");
        }
        if let Err(error) = app.archives.sweep(Utc::now()).await {
            tracing::warn!(%error, "archives that have run out could not be removed");
        }
        if let Err(error) = app.marks.tidy().await {
            tracing::warn!(%error, "copies with an earlier watermark could not be removed");
        }
    }
}
