//! Where a request may go. Somebody else names the address (a studio's admin that of a webhook, a guest's browser that of
//! its push service) and our server connects to it, so it must not lead into our own network (server-side request forgery):
//! https only, public addresses only. Names are resolved here and checked as the connection is made, because a name may mean
//! another address by then.

use std::{
    cell::Cell,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use futures::future::BoxFuture;
use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

/// The addresses of a host name.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Long enough for any real one.
const LONGEST_URL: usize = 2000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("the URL must be https, without user name or password, and written as it is meant")]
    Malformed,
    /// Said of both alike: which names our own network has is nobody's affair.
    #[error("the host is not known, or inside a private network")]
    Unreachable,
}

impl TargetError {
    /// For logs of deliveries.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "invalid_url",
            Self::Unreachable => "private_address",
        }
    }
}

/// Decides where requests may go.
#[derive(Clone)]
pub struct Target {
    allow_private: bool,
    lookup: Lookup,
}

impl Target {
    /// `allow_private` is for installations whose other systems are in their own network.
    #[must_use]
    pub fn new(allow_private: bool) -> Self {
        Self::with_lookup(allow_private, Arc::new(|host| Box::pin(system_lookup(host))))
    }

    #[must_use]
    pub fn with_lookup(allow_private: bool, lookup: Lookup) -> Self {
        Self { allow_private, lookup }
    }

    #[must_use]
    pub fn allows_private(&self) -> bool {
        self.allow_private
    }

    /// The URL if a request may go there now, as we read it: that is what is to be stored.
    ///
    /// # Errors
    /// [`TargetError`].
    pub async fn inspect(&self, url: &str) -> Result<Url, TargetError> {
        let url = self.judge(as_written(url).ok_or(TargetError::Malformed)?, url)?;
        if literal(&url).is_none() {
            let host = url.host_str().unwrap_or_default().to_owned();
            self.resolve_public(host).await?;
        }
        Ok(url)
    }

    /// A URL that was inspected before, as far as it can be judged without asking for its host's addresses.
    /// # Errors
    /// [`TargetError`].
    pub fn parse(&self, url: &str) -> Result<Url, TargetError> {
        self.judge(Url::parse(url).map_err(|_| TargetError::Malformed)?, url)
    }

    /// An address instead of a name is never resolved, so it is judged here.
    fn judge(&self, url: Url, text: &str) -> Result<Url, TargetError> {
        let scheme = url.scheme() == "https" || (self.allow_private && url.scheme() == "http");
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !scheme || !plain || text.len() > LONGEST_URL || url.host_str().is_none_or(str::is_empty) {
            return Err(TargetError::Malformed);
        }
        match literal(&url) {
            Some(ip) if !self.permits(ip) => Err(TargetError::Unreachable),
            // `https://16843009/` is 1.1.1.1 to some programs and a name to others.
            Some(IpAddr::V4(ip)) if !text.contains(&ip.to_string()) => Err(TargetError::Malformed),
            _ => Ok(url),
        }
    }

    async fn resolve_public(&self, host: String) -> Result<Vec<IpAddr>, TargetError> {
        let addresses = (self.lookup)(host).await.unwrap_or_default();
        let permitted: Vec<IpAddr> = addresses.into_iter().filter(|ip| self.permits(*ip)).collect();
        if permitted.is_empty() { Err(TargetError::Unreachable) } else { Ok(permitted) }
    }

    fn permits(&self, ip: IpAddr) -> bool {
        self.allow_private || is_public(ip)
    }
}

/// The resolver through which the HTTP client connects.
impl Resolve for Target {
    fn resolve(&self, name: Name) -> Resolving {
        let target = self.clone();
        Box::pin(async move {
            let addresses = target.resolve_public(name.as_str().to_owned()).await?;
            // Port 0 stands for the one of the URL.
            let addresses: Addrs = Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}

async fn system_lookup(host: String) -> io::Result<Vec<IpAddr>> {
    Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
}

/// The URL, unless the parser had to mend it: then other programs read another address in it than we do
/// (`https://a.example\@127.0.0.1/`), and it is not what somebody meant to write.
fn as_written(text: &str) -> Option<Url> {
    let mended = Cell::new(false);
    let note = |_| mended.set(true);
    let url = Url::options().syntax_violation_callback(Some(&note)).parse(text).ok()?;
    (!mended.get() && !text.chars().any(char::is_control)).then_some(url)
}

/// The address that a URL names instead of a host. `Url` has brought every spelling of it into one form.
fn literal(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Whether an address is on the public internet, by the IANA special-purpose registries (RFC 6890).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => match embedded_v4(ip) {
            Some(ip) => is_public_v4(ip),
            None => is_public_v6(ip),
        },
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        || a == 0
        || (a == 100 && (64..128).contains(&b)) // shared by carriers
        || (a == 192 && b == 0 && c == 0) // protocol assignments
        || (a == 192 && b == 88 && c == 99) // 6to4 relays
        || (a == 198 && (b == 18 || b == 19)) // benchmarks
        || a >= 240; // reserved, broadcast
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let global_unicast = first & 0xe000 == 0x2000;
    // Protocol assignments, Teredo among them, and documentation.
    let assigned = second < 0x0200 || second == 0x0db8;
    let special = (first == 0x2001 && assigned)
        || first == 0x2002 // 6to4: leads to any IPv4 address
        || (first == 0x3fff && second < 0x1000); // documentation
    global_unicast && !special
}

/// The IPv4 address that a mapped (`::ffff:0:0/96`) or translated (`64:ff9b::/96`) one leads to.
fn embedded_v4(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let translated = ip.segments()[..6] == [0x64, 0xff9b, 0, 0, 0, 0];
    let [.., a, b, c, d] = ip.octets();
    ip.to_ipv4_mapped().or_else(|| translated.then(|| Ipv4Addr::new(a, b, c, d)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_internet_are_public() {
        for ip in
            ["1.1.1.1", "93.184.215.14", "100.63.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::101:101"]
        {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2002:7f00:1::",
            "3fff::1",
            "100::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    fn target(allow_private: bool, addresses: &'static [&str]) -> Target {
        Target::with_lookup(
            allow_private,
            Arc::new(|_| {
                let addresses = addresses.iter().map(|ip| ip.parse().unwrap()).collect();
                Box::pin(std::future::ready(Ok(addresses)))
            }),
        )
    }

    #[tokio::test]
    async fn a_url_must_be_https_and_lead_outside() {
        let outside = target(false, &["1.1.1.1"]);
        assert!(outside.inspect("https://hooks.example/pixora?x=1").await.is_ok());
        assert!(outside.inspect("https://hooks.example:8443/").await.is_ok());
        for url in [
            "",
            "hooks.example",
            "http://hooks.example/",
            "ftp://hooks.example/",
            "file:///etc/passwd",
            "https://user:secret@hooks.example/",
            "https://hooks.example/#part",
            "https://",
            // Addresses that the parser corrects.
            "https:\\\\hooks.example/",
            "https://hooks.example\\@127.0.0.1/",
            "https://127.0.0.1\\@hooks.example/",
            "https://hooks.example/a\\b",
            "https://hooks.exa\nmple/",
            "https://hooks.example/\r\nX-Header: 1",
            "https://hooks.example/\ta",
            " https://hooks.example/",
            "https://hooks.example/ ",
            "\0https://hooks.example/",
            "https:hooks.example/",
            "https:/hooks.example/",
            "https:///hooks.example/",
            "https://@hooks.example/",
            "https://a@b@hooks.example/",
            "https://hooks.example/a b",
            "https://hooks.example/%zz",
            "https://hooks.example/<a>",
            "https://16843009/",
        ] {
            assert_eq!(outside.inspect(url).await, Err(TargetError::Malformed), "{url}");
        }
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.0.0.1/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://0/",
        ] {
            assert_eq!(outside.inspect(url).await, Err(TargetError::Unreachable), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_is_judged_by_the_addresses_it_has() {
        let inspect =
            |target: Target| async move { target.inspect("https://hooks.example/").await.map(|_| ()) };
        assert_eq!(inspect(target(false, &["10.0.0.7", "fd00::7"])).await, Err(TargetError::Unreachable));
        assert_eq!(inspect(target(false, &["10.0.0.7", "1.1.1.1"])).await, Ok(()), "the public one is used");
        assert_eq!(inspect(target(false, &[])).await, Err(TargetError::Unreachable));
        assert_eq!(inspect(target(true, &["10.0.0.7"])).await, Ok(()));
        assert!(target(true, &[]).inspect("http://192.168.1.5:3000/hook").await.is_ok());
        let used = target(false, &["10.0.0.7", "1.1.1.1"]).resolve_public("hooks.example".into()).await;
        assert_eq!(used, Ok(vec!["1.1.1.1".parse().unwrap()]));
    }

    #[tokio::test]
    async fn an_unknown_name_is_told_from_a_private_one_by_nobody() {
        let inspect = |target: Target| async move { target.inspect("https://hooks.example/").await };
        assert_eq!(inspect(target(false, &["10.0.0.7"])).await, inspect(target(false, &[])).await);
    }

    #[tokio::test]
    async fn the_systems_own_names_are_judged_too() {
        assert_eq!(Target::new(false).inspect("https://localhost/").await, Err(TargetError::Unreachable));
    }
}
