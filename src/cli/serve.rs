//! `pixora serve`

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{CliError, node};
use crate::{
    app::{
        keep_attachments, keep_handoffs, keep_house, keep_images, keep_uploads, keep_usage, sweep_accounts,
    },
    config::Settings,
    http,
    photos::Worker,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Answer requests only; leave the queue to others
    #[arg(long)]
    no_worker: bool,
}

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    // The port first: a taken one should be told at once, not after loading models.
    let listener = TcpListener::bind(settings.bind).await.map_err(|error| {
        CliError::failed(
            "port_taken",
            format!("cannot listen on {} ({error}); choose another with --bind", settings.bind),
        )
    })?;
    let stopping = http::shutdown_signal()?;
    let node = node(settings).await?;
    let stop = CancellationToken::new();
    let mut background = tokio::task::JoinSet::new();
    background.spawn(keep_usage(node.app.usage.clone(), stop.clone()));
    background.spawn(sweep_accounts(node.app.accounts.clone(), stop.clone()));
    if let Some(sync) = node.session_sync() {
        background.spawn(sync.run(node.app.settings.session_sync, stop.clone()));
    }
    background.spawn(keep_uploads(node.app.uploads.clone(), stop.clone()));
    background.spawn(keep_attachments(node.app.support.clone(), stop.clone()));
    background.spawn(keep_house(Arc::clone(&node.app), node.eraser.clone(), stop.clone()));
    background.spawn(keep_images(node.app.placements.clone(), stop.clone()));
    background.spawn(keep_handoffs(node.app.handoff.clone(), stop.clone()));
    if !args.no_worker {
        match node.deliverer() {
            Ok(deliverer) => drop(background.spawn(deliverer.run(stop.clone()))),
            Err(error) => {
                tracing::error!(%error, "webhooks stay queued: the system has no certificates to trust")
            }
        }
        if let Some(mailer) =
            node.mailer().map_err(|error| CliError::failed("mail_unusable", error.to_string()))?
        {
            background.spawn(mailer.run(stop.clone()));
        }
        if let Some(bot) = node.app.telegram.clone() {
            background.spawn(bot.run(stop.clone()));
        }
        background.spawn(Worker::new(node.processor.clone()).run(stop.clone(), |_| ()));
    }
    if let Some(token) = node.app.accounts.new_setup_token().await? {
        // For the person at the terminal, not for the log: whoever has the link owns the installation.
        eprintln!("\nNobody has an account yet. Make the first one within 24 hours, once, at\n");
        eprintln!("    {}/setup#{token}\n", node.app.settings.public_url);
    }
    tracing::info!(address = %node.app.settings.public_url, "serving");
    let on_stop = {
        let (stop, events) = (stop.clone(), node.app.events.clone());
        async move {
            stopping.await;
            tracing::info!("stopping; the photos in hand are finished first");
            stop.cancel();
            // Open pages would hold up the stop until it is out of patience.
            events.close();
        }
    };
    http::serve(listener, http::router(node.app.clone()), on_stop).await;
    stop.cancel();
    while background.join_next().await.is_some() {}
    node.app.store.close().await;
    Ok(())
}
