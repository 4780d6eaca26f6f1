//! One camera's connection: a server of the library's for it alone.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use libunftp::{
    ServerBuilder,
    options::{ActivePassiveMode, Binder, PassiveHost},
};
use tokio::net::{TcpSocket, TcpStream};

use super::{
    GRACE, House,
    control::Control,
    intake::Intake,
    sign_in::{Camera, SignIn},
};

/// A camera that has said nothing for so long is let go.
const IDLE_SECONDS: u64 = 300;
/// A connection that the library has lost track of ends at last.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Serves a camera until it goes or the house closes.
pub(super) async fn receive(house: Arc<House>, stream: TcpStream) -> io::Result<()> {
    let control = Arc::new(Control::of(&stream)?);
    let intake = Intake::new(Arc::clone(&house), Arc::clone(&control));
    let sign_in = Arc::new(SignIn(Arc::clone(&house)));
    let settings = &house.settings;
    let server = ServerBuilder::<Intake, Camera>::with_user_detail_provider(
        Box::new(move || intake.clone()),
        Arc::clone(&sign_in) as _,
    )
    .authenticator(sign_in)
    .greeting("Pixora takes in photos")
    .active_passive_mode(ActivePassiveMode::PassiveOnly)
    .passive_ports(settings.ports.clone())
    .passive_host(settings.address.map_or(PassiveHost::FromConnection, PassiveHost::Ip))
    .binder(Ports(Arc::clone(&house.ports)))
    .idle_session_timeout(IDLE_SECONDS);
    let server = match &house.tls {
        Some(tls) => server
            .ftps_manual::<PathBuf>(tls.bare())
            .ftps_required(settings.requires_tls, settings.requires_tls),
        None => server,
    };
    let server = server.build().map_err(io::Error::other)?;
    tokio::select! {
        served = server.service(stream) => served.map_err(io::Error::other)?,
        () = tokio::time::sleep(LONGEST) => {}
        () = house.stopping.cancelled() => {
            let _ = tokio::time::timeout(GRACE, control.idle()).await;
        }
    }
    control.close();
    Ok(())
}

/// Goes through the ports one after another: the library's own way is to try nine by chance.
#[derive(Debug)]
struct Ports(Arc<AtomicU16>);

#[async_trait]
impl Binder for Ports {
    async fn bind(&mut self, address: IpAddr, ports: RangeInclusive<u16>) -> io::Result<TcpSocket> {
        let (first, count) = (*ports.start(), ports.end() - ports.start() + 1);
        let mut refused = io::ErrorKind::AddrInUse.into();
        for _ in 0..count {
            let port = first + self.0.fetch_add(1, Ordering::Relaxed) % count;
            let socket = match address {
                IpAddr::V4(_) => TcpSocket::new_v4()?,
                IpAddr::V6(_) => TcpSocket::new_v6()?,
            };
            socket.set_reuseaddr(true)?;
            match socket.bind(SocketAddr::new(address, port)) {
                Ok(()) => return Ok(socket),
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }
}
