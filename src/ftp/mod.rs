//! FTP and FTPS for cameras, which speak nothing else: a door through which photos come in and nothing goes out.
//!
//! Offers [`serve`]. Each session may have one sign-in (`accounts/cameras.rs`), which opens that session for new
//! photos and for nothing more: no listing of what others sent, no download, no deletion, no overwriting. A camera
//! sees its own files of this connection again (`SIZE`, `LIST`), because many look whether a file has arrived. Folders
//! are made up: each that a camera makes or enters is there for it, and only a file's name counts, so a number that
//! starts again at 0001 with other content is another photo. Must not know rows, files, or what becomes of a photo.
//!
//! - **A finished transfer is an upload like any other**: [`Uploads::take`](crate::photos::Uploads::take) spools it,
//!   hashes it and commits row and job before `226` is sent, so `kill -9` behind the answer loses nothing.
//! - **A transfer that broke off is no photo.** FTP ends a file by closing its connection, which a camera whose battery
//!   dies does too. So the end is looked at (`ending.rs`): a JPEG must reach its own end; TLS must say that it ends,
//!   unless the JPEG has; and for every other kind the camera must still be there and wait for the answer.
//! - **The library speaks the protocol** (`libunftp`); one of its servers is made for each connection. So we accept,
//!   bound how many there are, and hold a second handle of each control connection, which tells when a camera is gone.
//!   Its replies have fixed words; the code says what is the matter: 426 broken off, 451 a failure of ours, 452 the
//!   disk is full, 550 revoked or archived, 552 too large, 553 no picture.
//! - **A file's TLS is not ended with a word** by the library, since it only reads. Python's `FTP_TLS` waits for that word
//!   and reports an error behind a file that has been stored; curl, lftp and ncftp do not.
//! - **`ABOR` is not heard during a transfer**: the library holds the session's lock until the file ends. A JPEG and TLS
//!   show that they are cut; another kind without TLS is taken as far as it came if its sender stays connected.
//! - **The library has no bound for a command's length**, before the sign-in too. It keeps a line in memory until it
//!   ends or the connection has been idle for five minutes. The door is for the network of the venue or a VPN.

mod connection;
mod control;
mod ending;
mod intake;
mod sign_in;

use std::{net::IpAddr, sync::Arc, time::Duration};

use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    accounts::Accounts,
    config::FtpSettings,
    descriptors,
    photo_sessions::PhotoSessions,
    photos::Uploads,
    throttle::{Shares, network},
    tls,
};

/// Connections at the same time; each takes up to four files.
const MOST_CONNECTIONS: usize = 200;
/// Sign-ins that are looked at at the same time: fewer than the tries that a right password may use up meanwhile.
const SIGNING_IN: usize = 4;
/// How long transfers in hand may still take after the stop.
const GRACE: Duration = Duration::from_secs(20);

/// The services behind the door.
pub struct Services {
    pub accounts: Accounts,
    pub sessions: PhotoSessions,
    pub uploads: Uploads,
}

/// What all connections share.
struct House {
    services: Services,
    settings: FtpSettings,
    tls: Option<tls::Server>,
    ports: Arc<std::sync::atomic::AtomicU16>,
    signing_in: Semaphore,
    stopping: CancellationToken,
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("House")
    }
}

/// Serves cameras until `stop`; returns when the transfers in hand are over, or after 20 seconds.
pub async fn serve(
    listener: TcpListener,
    services: Services,
    settings: FtpSettings,
    tls: Option<tls::Server>,
    stop: CancellationToken,
) {
    let most = MOST_CONNECTIONS.min(descriptors::for_connections() / 8).max(1);
    // A venue's router is one network.
    let places: Shares<IpAddr> = Shares::new(most, most.div_ceil(2));
    let house = Arc::new(House {
        services,
        settings,
        tls,
        ports: Arc::default(),
        signing_in: Semaphore::new(SIGNING_IN),
        stopping: stop.clone(),
    });
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, peer.ip()),
            Err(error) => {
                tracing::warn!(%error, "an FTP connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Ok(place) = places.take(network(peer), 1) else {
            connections.spawn(turn_away(stream));
            continue;
        };
        let house = Arc::clone(&house);
        connections.spawn(async move {
            if let Err(error) = connection::receive(house, stream).await {
                tracing::warn!(%error, "an FTP connection could not be served");
            }
            drop(place);
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(GRACE + Duration::from_secs(1), connections.wait()).await.is_err() {
        tracing::warn!("some FTP transfers did not finish in time");
    }
}

async fn turn_away(mut stream: TcpStream) {
    // Whoever does not listen is not waited for.
    let said = stream.write_all(b"421 Too many connections, come back later\r\n");
    let _ = tokio::time::timeout(Duration::from_secs(1), said).await;
}
