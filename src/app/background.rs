//! The background work of a node: the queue, mails, webhooks, the bot, and regular cleaning up.

use std::{sync::Arc, time::Duration};

use futures::future::OptionFuture;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{App, AppState, Node, bridge::Bridge, index, index_place, node::Upkeep, nodes::while_leading};
use crate::{
    accounts::Accounts,
    erasures::ErasureKeeper,
    handoff::Handoff,
    mail::MailError,
    news::NewsKeeper,
    notices::NoticeKeeper,
    photos::{BatchWorker, Care, Scrubber, Swept, Uploads, Worker},
    store::Duty,
    telegram::Telegram,
    usage::Usage,
};

/// The role of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Answers, and leaves to others what is queued: photos, webhooks, mails, the bot.
    Web,
    /// Does what is queued, and answers nobody.
    Worker,
    Both,
}

/// A node's work in the background, until [`Background::finish`].
pub struct Background {
    stop: CancellationToken,
    tasks: JoinSet<()>,
    /// Ends last: the other tasks publish until their end.
    bridge: Option<Bridge>,
}

impl Background {
    /// Starts it.
    ///
    /// # Errors
    /// When the mail server's settings cannot be used.
    pub fn start(node: &mut Node, role: Role) -> Result<Self, MailError> {
        let stop = CancellationToken::new();
        let mut tasks = JoinSet::new();
        let place = node.place.take();
        let app = &node.app;
        let mailer = if role == Role::Web { None } else { node.mailer()? };
        if let Some(place) = place {
            tasks.spawn(place.keep(app.store.clone(), stop.clone()));
        }
        if node.standing == index::Standing::Behind {
            let (app, embedder, stop) = (Arc::clone(app), Arc::clone(&node.embedder), stop.clone());
            tasks.spawn(async move {
                index::catch_up(&app, &embedder, &index_place(&app.settings), stop).await;
            });
        }
        tasks.spawn(keep_usage(app.usage.clone(), stop.clone()));
        if role == Role::Worker {
            tasks.spawn(app.hosts.clone().follow(stop.clone()));
        } else {
            tasks.spawn(app.hosts.clone().run(stop.clone()));
        }
        tasks.spawn(sweep_accounts(app.accounts.clone(), stop.clone()));
        tasks.spawn(keep_memory(Arc::clone(app), stop.clone()));
        tasks.spawn({
            let (node, stop) = (node.upkeep(), stop.clone());
            async move {
                while_leading(&node.app.store, Duty::Upkeep, &stop, |term| keep_house(&node, term)).await;
            }
        });
        if role != Role::Worker {
            // The spool belongs to who answers: a worker on the same data directory has nothing to do there.
            tasks.spawn(keep_uploads(app.uploads.clone(), stop.clone()));
        }
        // The node that runs the bot hears its name there; with SQLite that is the one that works.
        if let Some(bot) = app.telegram.clone()
            && (role == Role::Web || app.store.is_shared())
        {
            tasks.spawn(meet(bot, stop.clone()));
        }
        if role != Role::Web {
            match node.deliverer() {
                Ok(deliverer) => drop(tasks.spawn(deliverer.run(stop.clone()))),
                Err(error) => {
                    tracing::error!(%error, "webhooks stay queued: the system has no certificates to trust")
                }
            }
            match node.pusher() {
                Ok(pusher) => drop(tasks.spawn(pusher.run(stop.clone()))),
                Err(error) => tracing::error!(%error, "notifications stay queued"),
            }
            if let Some(mailer) = mailer {
                tasks.spawn(mailer.run(stop.clone()));
            }
            if let Some(bot) = app.telegram.clone() {
                let (store, stop) = (app.store.clone(), stop.clone());
                tasks.spawn(async move {
                    while_leading(&store, Duty::Bot, &stop, |term| bot.clone().run(term)).await;
                });
            }
            tasks.spawn(BatchWorker::new(app.external.clone(), stop.clone()).run());
            tasks.spawn(Worker::new(node.processor.clone()).run(stop.clone(), |_| ()));
        }
        let bridge = Bridge::open(app);
        Ok(Self { stop, tasks, bridge })
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
        if let Some(bridge) = self.bridge {
            bridge.close().await;
        }
    }
}

/// The upkeep that one node at a time does for all, until cancelled.
async fn keep_house(node: &Upkeep, term: CancellationToken) {
    let app = &node.app;
    let sync = node.session_sync().map(|sync| sync.run(app.settings.session_sync, term.clone()));
    tokio::join!(
        OptionFuture::from(sync),
        keep_attachments(app, term.clone()),
        keep_images(app, term.clone()),
        keep_handoffs(app.handoff.clone(), term.clone()),
        end_galleries(app, term.clone()),
        tidy(app, term.clone()),
        empty_bins(app, term.clone()),
        OptionFuture::from(scrubber(app).map(|scrubber| scrubber.run(term.clone()))),
        node.reembedder().run(term.clone()),
        node.people_keeper().run(term.clone()),
        ErasureKeeper(app.erasures.clone()).run(term.clone()),
        NewsKeeper(app.news.clone()).run(term.clone()),
        NoticeKeeper(app.notices.clone()).run(term.clone()),
        app.libraries.run(term.clone()),
        app.libraries.watch(term.clone()),
    );
}

/// The check of all stored files, where these lie on local disks. A bucket compares its own bytes, and
/// charges for what is read.
fn scrubber(app: &App) -> Option<Scrubber> {
    let care = Care::new(app.store.clone(), app.blobs.clone(), Arc::clone(&app.clock));
    app.blobs.folder().map(|_| Scrubber::new(app.store.clone(), care))
}

/// Until cancelled: drops what this process remembers of guests who are gone.
async fn keep_memory(app: AppState, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(TIDYING)).await.is_some() {
        app.live.tidy();
        app.guests.tidy();
        app.news.tidy();
        app.choices.tidy();
        app.handoff.forget_old();
    }
}

/// Finds out what the bot is called: also a node that does not run it shows the way to it.
async fn meet(bot: Telegram, stop: CancellationToken) {
    stop.run_until_cancelled(bot.introduce()).await;
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

/// How often abandoned uploads are looked for.
const UPLOAD_SWEEP: Duration = Duration::from_secs(600);

/// Finishes uploads that a crash cut short and removes those that have expired, until cancelled; while another
/// process has the same spool, that is its affair.
async fn keep_uploads(uploads: Uploads, stop: CancellationToken) {
    let mut claim = None;
    loop {
        if claim.is_none() {
            claim = uploads.claim().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "the spool cannot be claimed");
                None
            });
        }
        let swept = if claim.is_some() { uploads.sweep(uploads.now()).await } else { Ok(Swept::default()) };
        match swept {
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
async fn keep_attachments(app: &App, stop: CancellationToken) {
    let sweep = || async {
        match app.support.sweep(app.now()).await {
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
async fn keep_images(app: &App, stop: CancellationToken) {
    let sweep = || async {
        match app.placements.sweep(app.now()).await {
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

/// Until cancelled: reminds owners of galleries that end soon, puts those away that have ended, and erases those whose
/// owners wanted that.
async fn end_galleries(app: &App, stop: CancellationToken) {
    let look = || async {
        if app.postbox.enabled() {
            match app.studio.remind(&app.settings.public_url, app.settings.time_zone, app.now()).await {
                Ok(0) => {}
                Ok(_) => app.postbox.wake(),
                Err(error) => tracing::warn!(%error, "owners could not be reminded of the end of a gallery"),
            }
        }
        match app.studio.put_away(app.now()).await {
            Ok(ended) => {
                for session in ended {
                    match app.eraser.session(session).await {
                        Ok(_) => tracing::info!(%session, "a gallery has ended and is erased"),
                        Err(error) => {
                            tracing::warn!(%error, %session, "an ended gallery could not be erased")
                        }
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "galleries that have ended could not be put away"),
        }
    };
    stop.run_until_cancelled(again_and_again(TIDYING, look)).await;
}

/// Until cancelled: erases the photos whose time in the bin is over, at once when somebody empties a bin on this node.
async fn empty_bins(app: &App, stop: CancellationToken) {
    let empty = async || loop {
        match app.gallery.sweep_bins().await {
            Ok(0) => {}
            Ok(photos) => tracing::info!(photos, "erased from the bin"),
            Err(error) => tracing::warn!(%error, "the bin could not be emptied; it will be tried again"),
        }
        tokio::select! {
            () = app.gallery.emptied() => {}
            () = tokio::time::sleep(TIDYING) => {}
        }
    };
    stop.run_until_cancelled(empty()).await;
}

/// How often the house is tidied.
const TIDYING: Duration = Duration::from_secs(60);

/// Until cancelled: removes what failed deletions left behind, carts that nobody came back to, addresses of orders
/// that are done, archives that have run out, and copies under a watermark that is not shown any more.
async fn tidy(app: &App, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(TIDYING)).await.is_some() {
        if let Err(error) = app.eraser.sweep(Some(app.now())).await {
            tracing::warn!(%error, "deleted photos could not be removed; they will be tried again");
        }
        if let Err(error) = app.gallery.fold_names().await {
            tracing::warn!(%error, "names of earlier photos could not be folded for the search");
        }
        if let Err(error) = app.shop.carts.sweep(app.now()).await {
            tracing::warn!(%error, "forgotten carts could not be removed");
        }
        if let Err(error) = app.shop.orders.forget_addresses(app.now()).await {
            tracing::warn!(%error, "addresses of orders that are done could not be removed");
        }
        if let Err(error) = app.archives.sweep(app.now()).await {
            tracing::warn!(%error, "archives that have run out could not be removed");
        }
        if let Err(error) = app.marks.tidy().await {
            tracing::warn!(%error, "copies with an earlier watermark could not be removed");
        }
    }
}
