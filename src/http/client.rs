//! The client at the other end of the connection.

use std::{convert::Infallible, net::IpAddr};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, Uri, header, request::Parts, uri::Authority},
};

use super::hosts::OwnHost;
use crate::{accounts, app::AppState, config::Tls};

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

/// The address under which the client met this service: what an absolute link in an answer begins with.
pub struct Origin(pub String);

impl FromRequestParts<AppState> for Origin {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        if let Some(own) = parts.extensions.get::<OwnHost>() {
            return Ok(Self(app.addresses.of(own.0)));
        }
        let public = &app.settings.public_url;
        // A proxy may have written its own name for us.
        let proxied =
            parts.extensions.get::<Peer>().is_some_and(|peer| app.settings.trusted_proxies.contains(&peer.0));
        let host = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.or(parts.uri.authority().map(Authority::as_str)).filter(|_| !proxied);
        Ok(Self(
            host.and_then(|host| origin(host, public, &app.settings.tls)).unwrap_or_else(|| public.clone()),
        ))
    }
}

/// `None` where the public address is the right one.
fn origin(host: &str, public: &str, tls: &Tls) -> Option<String> {
    let met: Authority = host.parse().ok()?;
    let known: Uri = public.parse().ok()?;
    if known.host() == Some(met.host()) && (known.port().is_none() || known.port_u16() == met.port_u16()) {
        return None;
    }
    let scheme = if matches!(tls, Tls::Off) { "http" } else { "https" };
    Some(format!(
        "{scheme}://{}{}",
        met.host(),
        met.port().map(|port| format!(":{port}")).unwrap_or_default()
    ))
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
    fn a_link_begins_where_the_client_met_the_service() {
        let met = |host: &str, public: &str| origin(host, public, &Tls::Off);
        assert_eq!(met("photos.example", "https://photos.example"), None);
        assert_eq!(met("photos.example:443", "https://photos.example"), None);
        assert_eq!(met("127.0.0.1:8000", "https://photos.example").as_deref(), Some("http://127.0.0.1:8000"));
        assert_eq!(met("127.0.0.1:9", "http://127.0.0.1:8000").as_deref(), Some("http://127.0.0.1:9"));
        assert_eq!(met("me@evil.example", "https://photos.example").as_deref(), Some("http://evil.example"));
        assert_eq!(met("no host", "https://photos.example"), None);
        assert_eq!(
            origin("192.0.2.7", "https://photos.example", &Tls::SelfSigned).as_deref(),
            Some("https://192.0.2.7")
        );
    }

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
