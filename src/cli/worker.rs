//! `pixora worker`

use std::net::SocketAddr;

use super::{CliError, listen, node};
use crate::{
    app::{Background, Role, data_dir},
    config::Settings,
    http,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address at which /healthz, /readyz and /metrics answer, and nothing else
    #[arg(long, value_name = "IP:PORT")]
    ops_bind: Option<SocketAddr>,
}

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    if settings.database.is_none() {
        return Err(CliError::failed(
            "worker_needs_postgres",
            "a worker shares a PostgreSQL with the web nodes: set DATABASE_URL; with SQLite `pixora serve` does \
             the work itself",
        ));
    }
    let listener = match args.ops_bind {
        Some(address) => Some(listen(address, "--ops-bind").await?),
        None => None,
    };
    let stopping = http::shutdown_signal()?;
    data_dir::close_at_start(&settings.data_dir);
    let mut node = node(settings).await?;
    let background = Background::start(&mut node, Role::Worker)?;
    tracing::info!("working");
    let stop = background.stop();
    let stopped = async {
        stopping.await;
        tracing::info!("stopping; the photos in hand are finished first");
        stop.cancel();
    };
    match listener {
        Some(listener) => {
            let limits = http::Limits::of(&node.app.settings);
            http::serve(listener, http::ops_router(node.app.clone()), limits, stopped).await;
        }
        None => stopped.await,
    }
    background.finish().await;
    node.app.store.close().await;
    Ok(())
}
