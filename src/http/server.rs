//! Accepts connections until told to stop, then lets the requests in hand finish.

use std::{io, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{conn::auto, graceful::GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{net::TcpListener, signal::unix::SignalKind};
use tokio_util::{either::Either, sync::CancellationToken};
use tower::ServiceExt;

use super::{client::Peer, plain, security, uploads};
use crate::{telemetry, tls};

/// A client that takes longer to send its headers, or keeps an idle connection longer, is let go.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// Durations are kept one by one until they are summed up; this bounds how many.
const UPKEEP: Duration = Duration::from_secs(5);
/// How long requests in hand may still take after the stop.
const GRACE: Duration = Duration::from_secs(20);

/// Serves plain HTTP until `stop` is ready; returns when the last connection is closed, or after 20 seconds.
/// A failed `accept` (too many open files, say) is waited out.
pub async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    run(listener, router, None, stop).await;
}

/// The same over TLS. Who comes with plain HTTP is sent to https.
pub async fn serve_tls(
    listener: TcpListener,
    router: Router,
    tls: tls::Server,
    stop: impl Future<Output = ()>,
) {
    run(listener, router, Some(tls), stop).await;
}

async fn run(
    listener: TcpListener,
    router: Router,
    tls: Option<tls::Server>,
    stop: impl Future<Output = ()>,
) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(HEADER_TIMEOUT);
    let plain = plain::router();
    let connections = GracefulShutdown::new();
    let stopping = CancellationToken::new();
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
        let (builder, watcher, stopping) = (builder.clone(), connections.watcher(), stopping.clone());
        let (router, plain, tls) = (router.clone(), plain.clone(), tls.clone());
        // A handshake takes the client's time, so it is waited for here and not in the loop.
        tokio::spawn(async move {
            let strict = tls.as_ref().is_some_and(tls::Server::is_strict);
            let accepted = match tls {
                None => Ok(tls::Accepted::Plain(stream)),
                Some(ref tls) => tokio::select! {
                    () = stopping.cancelled() => return,
                    accepted = tls.accept(stream) => accepted,
                },
            };
            let (stream, router) = match accepted {
                Ok(tls::Accepted::Tls(stream)) => (Either::Left(stream), router),
                Ok(tls::Accepted::Plain(stream)) if tls.is_some() => (Either::Right(stream), plain),
                Ok(tls::Accepted::Plain(stream)) => (Either::Right(stream), router),
                Ok(tls::Accepted::Challenge) => return,
                Err(error) => return tracing::debug!(%error, "no handshake"),
            };
            let service = TowerToHyperService::new(router.map_request(
                move |mut request: Request<hyper::body::Incoming>| {
                    request.extensions_mut().insert(peer);
                    uploads::take_method(&mut request);
                    if strict {
                        request.extensions_mut().insert(security::Strict);
                    }
                    request.map(Body::new)
                },
            ));
            let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
            // A client that hangs up is no event.
            if let Err(error) = watcher.watch(connection.into_owned()).await {
                tracing::debug!(error, "connection ended early");
            }
        });
    }
    stopping.cancel();
    drop(listener);
    tracing::info!(connections = connections.count(), "stopping");
    if tokio::time::timeout(GRACE, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

#[expect(
    clippy::exit,
    reason = "whoever asks twice does not want to wait; nothing acknowledged is lost by it"
)]
fn end() -> ! {
    tracing::warn!("stopped at once");
    std::process::exit(1)
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
            end();
        });
    })
}
