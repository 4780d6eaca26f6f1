//! `pixora serve`

use super::{CliError, listen, node, tls};
use crate::{app::Background, config::Settings, http};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Answer requests only; leave the queue to others
    #[arg(long)]
    no_worker: bool,
}

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    // The port first: a taken one should be told at once, not after loading models.
    let listener = listen(settings.bind, "--bind").await?;
    let tls = tls::open(&settings)?;
    let stopping = http::shutdown_signal()?;
    let node = node(settings).await?;
    let background = Background::start(&node, !args.no_worker)?;
    if let Some(token) = node.app.accounts.new_setup_token().await? {
        // For the person at the terminal, not for the log: whoever has the link owns the installation.
        eprintln!("\nNobody has an account yet. Make the first one within 24 hours, once, at\n");
        eprintln!("    {}/setup#{token}\n", node.app.settings.public_url);
    }
    tracing::info!(address = %node.app.settings.public_url, "serving");
    let on_stop = {
        let (stop, events) = (background.stop(), node.app.events.clone());
        async move {
            stopping.await;
            tracing::info!("stopping; the photos in hand are finished first");
            stop.cancel();
            // Open pages would hold up the stop until it is out of patience.
            events.close();
        }
    };
    let router = http::router(node.app.clone());
    match tls {
        None => http::serve(listener, router, on_stop).await,
        Some((server, keeper)) => {
            tokio::spawn(keeper.run(tls::LOOKED_AFTER, background.stop()));
            http::serve_tls(listener, router, server, on_stop).await;
        }
    }
    background.finish().await;
    node.app.store.close().await;
    Ok(())
}
