//! Who is at the other end of the connection.

use std::{convert::Infallible, net::IpAddr};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};

use crate::{accounts, app::AppState};

/// The address of the connection itself.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The client's address and user agent.
pub struct Client(pub accounts::Client);

impl FromRequestParts<AppState> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        Ok(Self(of(parts, app)))
    }
}

pub fn of(parts: &Parts, app: &AppState) -> accounts::Client {
    let peer =
        parts.extensions.get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.to_canonical());
    let user_agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    accounts::Client {
        ip: address(peer, &parts.headers, &app.settings.trusted_proxies),
        user_agent: user_agent.unwrap_or_default().to_owned(),
    }
}

/// The last address of `X-Forwarded-For` that is not a trusted proxy's, if the peer is one.
fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut nearest = peer;
    for hop in hops.iter().rev() {
        // Beyond a hop that is no address nothing can be believed.
        let Ok(ip) = hop.parse::<IpAddr>() else { break };
        nearest = ip.to_canonical();
        if !trusted.contains(&nearest) {
            break;
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_trusted_proxy_is_believed_and_only_about_its_own_client() {
        let trusted: [IpAddr; 2] = [[10, 0, 0, 1].into(), [10, 0, 0, 2].into()];
        let told = |peer: [u8; 4], forwarded: &str| {
            let headers = HeaderMap::from_iter([(
                "x-forwarded-for".parse().expect("a header"),
                forwarded.parse().expect("a legal value"),
            )]);
            address(peer.into(), &headers, &trusted).to_string()
        };
        assert_eq!(told([192, 0, 2, 9], "198.51.100.1"), "192.0.2.9", "a stranger says what it likes");
        assert_eq!(told([10, 0, 0, 1], "198.51.100.1"), "198.51.100.1");
        assert_eq!(told([10, 0, 0, 1], "203.0.113.5, 198.51.100.1, 10.0.0.2"), "198.51.100.1");
        assert_eq!(told([10, 0, 0, 1], "nonsense"), "10.0.0.1");
        assert_eq!(told([10, 0, 0, 1], "198.51.100.1, nonsense"), "10.0.0.1");
    }
}
