//! `pixora ready`: what a container asks itself again and again.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::CliError;
use crate::config::Settings;

/// Longer than the server takes for its own checks.
const PATIENCE: Duration = Duration::from_secs(4);

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Another address than the server's own (PIXORA_BIND), a worker's for instance
    #[arg(long, value_name = "IP:PORT")]
    address: Option<SocketAddr>,
}

pub(super) async fn run(args: Args, settings: &Settings) -> Result<(), CliError> {
    let address = reachable(args.address.unwrap_or(settings.bind));
    let unready = |why: String| CliError::failed("not_ready", format!("the server on {address} {why}"));
    match tokio::time::timeout(PATIENCE, status(address)).await {
        Ok(Ok(200)) => Ok(()),
        Ok(Ok(status)) => Err(unready(format!("answers /readyz with {status}"))),
        Ok(Err(error)) => Err(unready(format!("does not answer ({error})"))),
        Err(_) => Err(unready("does not answer in time".to_owned())),
    }
}

/// Where a server that listens on all addresses is met from here.
fn reachable(bind: SocketAddr) -> SocketAddr {
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bind.port())
}

/// The status of `/readyz`.
async fn status(address: SocketAddr) -> io::Result<u16> {
    let mut connection = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await?;
    // `HTTP/1.1 200`
    let mut line = [0; 12];
    connection.read_exact(&mut line).await?;
    let status = std::str::from_utf8(&line[9..]).ok().and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::Error::other("no HTTP"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_all_addresses_is_met_on_this_machine() {
        for (bind, expected) in [
            ("0.0.0.0:8000", "127.0.0.1:8000"),
            ("[::]:8443", "[::1]:8443"),
            ("192.0.2.7:8000", "192.0.2.7:8000"),
        ] {
            assert_eq!(reachable(bind.parse().unwrap()).to_string(), expected);
        }
    }
}
