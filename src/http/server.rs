//! Accepts connections until told to stop, then lets the requests in hand finish.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    signal::unix::SignalKind,
    time::Instant,
};
use tokio_util::{either::Either, sync::CancellationToken};
use tower::ServiceExt;

use super::{
    client::Peer,
    connection::{Care, Patience},
    plain, security, uploads,
};
use crate::{
    config::Settings,
    descriptors, telemetry,
    throttle::{Share, Shares, network},
    tls,
};

/// A client that takes longer to send a request's head is let go.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// A client of HTTP/2 is asked whether it lives when it has been silent for so long, and let go when it does not
/// say so within a while.
const PING: Duration = Duration::from_secs(30);
const PONG: Duration = Duration::from_secs(20);
/// Requests of one HTTP/2 connection at the same time: a gallery's pictures, an upload, a stream.
const STREAMS: u32 = 100;
/// Of a request's head over HTTP/2, in bytes.
const HEAD: u32 = 32 << 10;
/// Durations are kept one by one until they are summed up; this bounds how many.
const UPKEEP: Duration = Duration::from_secs(5);
/// How long requests in hand may still take after the stop.
const GRACE: Duration = Duration::from_secs(20);
/// That connections are refused is said this often at most.
const SAID_EVERY: Duration = Duration::from_secs(60);
/// More connections than this are not served, whatever the system allows: each costs some 50 KB.
const MOST_CONNECTIONS: usize = 10_000;

/// How many clients are served, and how long each is waited for.
#[derive(Debug, Clone)]
pub struct Limits {
    pub connections: usize,
    /// From one network; an IPv6 /64 is one.
    pub of_one_network: usize,
    /// Proxies of ours, behind which everybody is.
    pub trusted: Vec<IpAddr>,
    pub patience: Patience,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 1_000, of_one_network: 500, trusted: Vec::new(), patience: Patience::default() }
    }
}

impl Limits {
    /// As many as the system leaves files for, half of them from one network.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let connections = descriptors::for_connections().min(MOST_CONNECTIONS);
        Self {
            connections,
            of_one_network: connections / 2,
            trusted: settings.trusted_proxies.clone(),
            patience: Patience::default(),
        }
    }
}

/// Admission of new connections.
struct Gate {
    shares: Shares<IpAddr>,
    /// Proxies are nobody's share.
    proxies: Shares<IpAddr>,
    trusted: Vec<IpAddr>,
    said: Option<Instant>,
}

impl Gate {
    fn new(limits: &Limits) -> Self {
        let Limits { connections, of_one_network, .. } = *limits;
        Self {
            shares: Shares::new(connections, of_one_network),
            proxies: Shares::new(connections, connections),
            trusted: limits.trusted.clone(),
            said: None,
        }
    }

    /// A place for one connection, until it is dropped; `None` when there is none.
    fn admit(&mut self, peer: IpAddr) -> Option<Share<IpAddr>> {
        let is_proxy = self.trusted.contains(&peer.to_canonical());
        let shares = if is_proxy { &self.proxies } else { &self.shares };
        match shares.take(network(peer), 1) {
            Ok(place) => Some(place),
            Err(exhausted) => {
                if self.said.is_none_or(|said| said.elapsed() >= SAID_EVERY) {
                    self.said = Some(Instant::now());
                    let open = self.shares.in_use();
                    tracing::warn!(open, %exhausted, "connections are refused: too many are open");
                }
                None
            }
        }
    }
}

/// Serves plain HTTP until `stop` is ready; returns when the last connection is closed, or after 20 seconds.
/// A failed `accept` (too many open files, say) is waited out.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, stop: impl Future<Output = ()>) {
    run(listener, router, None, limits, stop).await;
}

/// The same over TLS. A client that comes with plain HTTP is sent to https.
pub async fn serve_tls(
    listener: TcpListener,
    router: Router,
    tls: tls::Server,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    run(listener, router, Some(tls), limits, stop).await;
}

async fn run(
    listener: TcpListener,
    router: Router,
    tls: Option<tls::Server>,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let mut gate = Gate::new(&limits);
    let house = Arc::new(House {
        builder: builder(),
        router,
        plain: plain::router(),
        tls,
        patience: limits.patience,
        stopping: CancellationToken::new(),
    });
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
                Ok((stream, peer)) => (stream, peer.ip()),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        let Some(place) = gate.admit(peer) else { continue };
        let (house, watcher) = (Arc::clone(&house), connections.watcher());
        // A handshake takes the client's time, so it is waited for here and not in the loop.
        tokio::spawn(async move {
            house.receive(stream, Peer(peer), watcher).await;
            drop(place);
        });
    }
    house.stopping.cancel();
    drop(listener);
    tracing::info!(connections = connections.count(), "stopping");
    if tokio::time::timeout(GRACE, connections.shutdown()).await.is_err() {
        tracing::warn!("some requests did not finish in time");
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(PING)
        .keep_alive_timeout(PONG)
        .max_concurrent_streams(STREAMS)
        .max_header_list_size(HEAD);
    builder
}

/// The parts that serve every connection.
struct House {
    builder: auto::Builder<TokioExecutor>,
    router: Router,
    /// Answers clients that speak plain HTTP where TLS is expected.
    plain: Router,
    tls: Option<tls::Server>,
    patience: Patience,
    stopping: CancellationToken,
}

impl House {
    /// Serves one connection to its end.
    async fn receive(&self, stream: TcpStream, peer: Peer, watcher: Watcher) {
        // Small answers must not wait for the client's acknowledgement of the last one.
        let _ = stream.set_nodelay(true);
        let accepted = match &self.tls {
            None => Ok(tls::Accepted::Plain(stream)),
            Some(tls) => tokio::select! {
                () = self.stopping.cancelled() => return,
                accepted = tls.accept(stream) => accepted,
            },
        };
        let (stream, router) = match accepted {
            Ok(tls::Accepted::Tls(stream)) => (Either::Left(stream), &self.router),
            Ok(tls::Accepted::Plain(stream)) if self.tls.is_some() => (Either::Right(stream), &self.plain),
            Ok(tls::Accepted::Plain(stream)) => (Either::Right(stream), &self.router),
            Ok(tls::Accepted::Challenge) => return,
            Err(error) => return tracing::debug!(%error, "no handshake"),
        };
        let strict = self.tls.as_ref().is_some_and(tls::Server::is_strict);
        let care = Care::new(self.patience);
        let requests = care.clone();
        let router = router.clone();
        let service = tower::service_fn(move |request: Request<hyper::body::Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            uploads::take_method(&mut request);
            if strict {
                request.extensions_mut().insert(security::Strict);
            }
            let (answer, answered) = (requests.request(), router.clone().oneshot(request));
            async move { answered.await.map(|response| answer.watch(response)) }
        });
        let service = TowerToHyperService::new(service);
        let connection = self.builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        tokio::select! {
            // A client that hangs up is no event.
            ended = watcher.watch(connection.into_owned()) => if let Err(error) = ended {
                tracing::debug!(error, "connection ended early");
            },
            owed = care.neglected() => tracing::debug!(owed, "connection let go: the client has not sent it in time"),
        }
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
