//! The syntax of the settings' values, and the messages for values that do not follow it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use hyper::Uri;

use super::{ConfigError, Origin, Secret};

/// A value somebody set.
pub(super) struct Found {
    pub(super) name: &'static str,
    pub(super) origin: Origin,
    /// Any value may be a secret put under the wrong name.
    pub(super) value: Secret,
}

impl Found {
    pub(super) fn parse<T>(
        self,
        expected: &'static str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, ConfigError> {
        parse(self.value.expose().trim()).ok_or_else(|| ConfigError::Invalid {
            name: self.name,
            origin: self.origin,
            shape: shape(self.value.expose()),
            expected,
        })
    }
}

/// Says what a value looks like without saying what it is.
fn shape(value: &str) -> String {
    let value = value.trim();
    let length = value.chars().count();
    if value.is_empty() {
        "empty".to_owned()
    } else if value.parse::<f64>().is_ok() {
        format!("a number of {length} characters")
    } else if let Some((scheme, _)) = value.split_once("://")
        && scheme.len() <= 12
        && scheme.chars().all(|c| c.is_ascii_alphanumeric())
    {
        format!("a {scheme}:// URL of {length} characters")
    } else {
        format!("a text of {length} characters")
    }
}

pub(super) fn parse_public_url(value: &str) -> Option<String> {
    let value = value.trim_end_matches('/');
    let uri: Uri = value.parse().ok()?;
    let http = matches!(uri.scheme_str(), Some("http" | "https"));
    let plain = uri.query().is_none() && uri.authority().is_some_and(|a| !a.as_str().contains('@'));
    (http && plain).then(|| value.to_owned())
}

pub(super) const DATABASE_SHAPE: &str = "postgres://user:password@host/database?sslmode=… (parameters of libpq's that are \
                              not about the address, the role or TLS are not known)";
pub(super) const DATABASES_SHAPE: &str = "one or more of postgres://user:password@host/database?sslmode=… (parameters of \
                               libpq's that are not about the address, the role or TLS are not known), separated \
                               by commas";

pub(super) const QDRANT_URL: &str =
    "http://host:6334 or https://…, the port of Qdrant's gRPC API, without user, path and query";

/// A Qdrant server's address, with the port that its gRPC API has where none is given.
///
/// # Errors
/// A description of the expected value. The value itself is not in it.
pub fn qdrant_url(value: &str) -> Result<String, &'static str> {
    parse_qdrant_url(value).ok_or(QDRANT_URL)
}

pub(super) fn parse_qdrant_url(value: &str) -> Option<String> {
    let uri: Uri = value.parse().ok()?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
    let plain = matches!(uri.path(), "" | "/") && uri.query().is_none();
    let port = authority.port_u16().unwrap_or(6334);
    plain.then(|| format!("{scheme}://{}:{port}", authority.host()))
}

/// A key that is put into the other's place would be sent where it does not belong.
pub(super) fn provider_secret(value: &str, prefixes: &[&str]) -> Option<Secret> {
    let sound = prefixes.iter().any(|prefix| value.starts_with(prefix))
        && value.bytes().all(|b| b.is_ascii_graphic());
    sound.then(|| Secret::new(value.to_owned()))
}

/// Keys travel there: encrypted, unless they do not leave this machine.
pub(super) fn parse_api_url(value: &str) -> Option<String> {
    let value = value.trim_end_matches('/');
    let url = reqwest::Url::parse(value).ok()?;
    let is_here = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let encrypted = url.scheme() == "https" || (url.scheme() == "http" && is_here);
    let plain = url.path() == "/" && url.query().is_none() && url.username().is_empty();
    (encrypted && plain).then(|| value.to_owned())
}

/// Of a PostgreSQL URL. Others are refused: the driver would ignore them, and write them to the log.
const DATABASE_PARAMETERS: [&str; 12] = [
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "user",
];

/// A comma inside a password must be written as `%2C`: what follows a plain one is the next URL.
pub(super) fn parse_databases(value: &str) -> Option<Vec<Secret>> {
    let database = |url: &str| {
        let parsed = reqwest::Url::parse(url.trim()).ok()?;
        let named = parsed.host_str().is_some_and(|host| !host.is_empty())
            || parsed.query_pairs().any(|(key, _)| key == "host");
        let known = parsed.query_pairs().all(|(key, _)| DATABASE_PARAMETERS.contains(&&*key));
        (matches!(parsed.scheme(), "postgres" | "postgresql") && named && known)
            .then(|| Secret::new(url.trim().to_owned()))
    };
    value.split(',').map(database).collect()
}

/// The bot's number, a colon, and what is secret.
pub(super) fn telegram_token(value: &str) -> Option<Secret> {
    let (bot, secret) = value.split_once(':')?;
    let plain = secret.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
    (bot.parse::<u64>().is_ok() && plain && secret.len() >= 20).then(|| Secret::new(value.to_owned()))
}

/// A wildcard address is nowhere a browser could go: phones reach the machine by the address that `reachable`
/// finds. Where it finds none, only this machine can.
pub(super) fn default_public_url(
    bind: SocketAddr,
    reachable: impl Fn() -> Option<IpAddr>,
    encrypted: bool,
) -> String {
    let mut address = bind;
    if bind.ip().is_unspecified() {
        address.set_ip(reachable().unwrap_or(Ipv4Addr::LOCALHOST.into()));
    }
    let (scheme, usual_port) = if encrypted { ("https", 443) } else { ("http", 80) };
    let url = format!("{scheme}://{address}");
    url.strip_suffix(&format!(":{usual_port}")).map(str::to_owned).unwrap_or(url)
}

pub(super) fn folder(value: &str) -> Option<PathBuf> {
    Some(PathBuf::from(value)).filter(|path| !value.is_empty() && (path.is_dir() || !path.exists()))
}

pub(super) fn first_existing(beside: Option<PathBuf>, otherwise: &str) -> PathBuf {
    beside.filter(|path| path.exists()).unwrap_or_else(|| PathBuf::from(otherwise))
}

pub(super) fn whole_number(least: usize, most: usize) -> impl Fn(&str) -> Option<usize> {
    move |value| value.parse().ok().filter(|n| (least..=most).contains(n))
}
