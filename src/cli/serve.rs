//! `pixora serve`

use super::{CliError, listen, node, tls};
use crate::{
    app::{App, Background, Role, data_dir},
    config::Settings,
    ftp, http, telemetry,
};

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
    let for_cameras = match &settings.ftp {
        Some(ftp) => Some((listen(ftp.bind, "PIXORA_FTP_BIND").await?, ftp.clone())),
        None => None,
    };
    let stopping = http::shutdown_signal()?;
    data_dir::close_at_start(&settings.data_dir);
    let mut node = node(settings).await?;
    let asker = tls::directory_asker(&node.app).await?;
    let background = Background::start(&mut node, if args.no_worker { Role::Web } else { Role::Both })?;
    if let Some(token) = node.app.accounts.new_setup_token().await? {
        // Said whatever is logged, for the person at the terminal: whoever has the link owns the installation.
        let text = format!(
            "Nobody has an account yet. Make the first one within 24 hours, once, at\n\n    {}/setup#{token}",
            node.app.settings.public_url
        );
        telemetry::say(node.app.settings.log_format, &text);
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
    let cameras = for_cameras.map(|(listener, settings)| {
        let (address, tls) = (settings.bind, tls.as_ref().map(|(server, _)| server.clone()));
        tracing::info!(%address, tls = tls.is_some(), "serving cameras by FTP");
        let App { accounts, sessions, uploads, .. } = &*node.app;
        let (accounts, sessions, uploads) = (accounts.clone(), sessions.clone(), uploads.clone());
        let services = ftp::Services { accounts, sessions, uploads };
        tokio::spawn(ftp::serve(listener, services, settings, tls, background.stop()))
    });
    let router = http::router(node.app.clone());
    let limits = http::Limits::of(&node.app.settings);
    match tls {
        None => http::serve(listener, router, limits, on_stop).await,
        Some((server, keeper)) => {
            tls::look_after(&node.app, &server, keeper, asker, &background.stop());
            http::serve_tls(listener, router, server, limits, on_stop).await;
        }
    }
    if let Some(cameras) = cameras {
        let _ = cameras.await;
    }
    background.finish().await;
    node.app.store.close().await;
    Ok(())
}
