//! Accepts connections until told to stop, then lets the requests in hand finish.

use std::{io, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, signal::unix::SignalKind};
use tower::ServiceExt;

use super::client::Peer;
use crate::telemetry;

/// A client that takes longer to send its headers, or keeps an idle connection longer, is let go.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// Durations are kept one by one until they are summed up; this bounds how many.
const UPKEEP: Duration = Duration::from_secs(5);
/// How long requests in hand may still take after the stop.
const GRACE: Duration = Duration::from_secs(20);

/// Serves until `stop` is ready; returns when the last connection is closed, or after 20 seconds.
/// A failed `accept` (too many open files, say) is waited out.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEADER_TIMEOUT);
    let connections = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    let mut upkeep = tokio::time::interval(UPKEEP);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            _ = upkeep.tick() => {
                telemetry::metrics().run_upkeep();
                continue;
            }
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => (stream, Peer(peer.ip())),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        // Small answers must not wait for the client's acknowledgement of the last one.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone().map_request(
            move |mut request: Request<hyper::body::Incoming>| {
                request.extensions_mut().insert(peer);
                request.map(Body::new)
            },
        ));
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // A client that hangs up is no event.
            if let Err(error) = connection.await {
                tracing::debug!(error, "connection ended early");
            }
        });
    }
    drop(listener);
    tracing::info!(connections = connections.count(), "stopping");
    if tokio::time::timeout(GRACE, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

/// Ready at the first SIGTERM or SIGINT. From then on another one ends the process at once: whoever sends it does
/// not want to wait for the photos in hand, and loses nothing by it.
///
/// # Errors
/// When the operating system refuses the handlers.
pub fn shutdown_signal() -> io::Result<impl Future<Output = ()>> {
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    let mut interrupt = tokio::signal::unix::signal(SignalKind::interrupt())?;
    let mut signal = async move || {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    Ok(async move {
        signal().await;
        tokio::spawn(async move {
            signal().await;
            tracing::warn!("stopped at once");
            std::process::exit(1);
        });
    })
}
