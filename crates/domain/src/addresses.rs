//! Where guests reach the sessions of a studio: under a host of its own, or under that of the installation.
//!
//! The one place that makes public addresses of sessions, and the one that says whose a host is. What is known here is
//! read from the rows at the start of a process and again every few seconds, so that asking costs nothing.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use super::{LinkCode, OrderId, PhotoSessionId, StudioId};

/// Cheap to clone; clones share what they know.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// Of the installation, without a slash at its end.
    public_url: Arc<str>,
    in_use: Arc<RwLock<HashMap<StudioId, String>>>,
}

impl Addresses {
    #[must_use]
    pub fn new(public_url: &str) -> Self {
        Self { public_url: public_url.trim_end_matches('/').into(), in_use: Arc::default() }
    }

    /// These hosts, in lower case, take the place of those that were in use.
    pub fn replace(&self, in_use: HashMap<StudioId, String>) {
        *self.in_use.write().unwrap_or_else(PoisonError::into_inner) = in_use;
    }

    /// Where the installation itself is reached: its panel, and the sessions of studios without a host of their own.
    #[must_use]
    pub fn installation(&self) -> &str {
        &self.public_url
    }

    /// The host of the installation, without a port.
    #[must_use]
    pub fn own_host(&self) -> &str {
        bare(authority(&self.public_url).1)
    }

    /// Where guests of the studio are sent, without a slash at its end.
    #[must_use]
    pub fn of(&self, studio: StudioId) -> String {
        self.own(studio).unwrap_or_else(|| self.public_url.to_string())
    }

    /// The same, if the studio has a host of its own in use.
    #[must_use]
    pub fn own(&self, studio: StudioId) -> Option<String> {
        let in_use = self.in_use.read().unwrap_or_else(PoisonError::into_inner);
        in_use.get(&studio).map(|host| self.under(host))
    }

    /// The address of a host: with the scheme and the port of the installation.
    #[must_use]
    pub fn under(&self, host: &str) -> String {
        let (scheme, authority) = authority(&self.public_url);
        let port = &authority[bare(authority).len()..];
        format!("{scheme}{host}{port}")
    }

    /// The guests' link to a session, as it stands in the QR code.
    #[must_use]
    pub fn session(&self, studio: StudioId, session: PhotoSessionId) -> String {
        format!("{}/session/{session}", self.of(studio))
    }

    /// A short link.
    #[must_use]
    pub fn link(&self, studio: StudioId, code: LinkCode) -> String {
        format!("{}/g/{code}", self.of(studio))
    }

    /// The page of an order, without its key.
    #[must_use]
    pub fn order(&self, studio: StudioId, order: OrderId) -> String {
        format!("{}/order/{order}", self.of(studio))
    }

    /// The studio that uses this host, written as a request names it.
    #[must_use]
    pub fn studio_at(&self, host: &str) -> Option<StudioId> {
        let host = bare(host).trim_end_matches('.').to_ascii_lowercase();
        let in_use = self.in_use.read().unwrap_or_else(PoisonError::into_inner);
        in_use.iter().find(|(_, known)| **known == host).map(|(studio, _)| *studio)
    }
}

/// The scheme with its `://`, and what stands between it and the first slash.
fn authority(url: &str) -> (&str, &str) {
    let begin = url.find("://").map_or(0, |at| at + 3);
    let (scheme, rest) = url.split_at(begin);
    (scheme, rest.split('/').next().unwrap_or_default())
}

/// A host without its port.
fn bare(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_studio_is_reached_under_its_own_host_and_others_under_the_installations() {
        let (own, other) = (StudioId::generate(), StudioId::generate());
        for (installation, expected) in [
            ("https://pixora.example", "https://photos.studio.example"),
            ("http://127.0.0.1:8000", "http://photos.studio.example:8000"),
            ("https://[2001:db8::1]:8443", "https://photos.studio.example:8443"),
            ("https://pixora.example/below", "https://photos.studio.example"),
        ] {
            let addresses = Addresses::new(installation);
            assert_eq!(addresses.of(own), installation);
            addresses.replace(HashMap::from([(own, "photos.studio.example".to_owned())]));
            assert_eq!(addresses.of(own), expected);
            assert_eq!(addresses.of(other), installation);
        }
    }

    #[test]
    fn a_host_is_recognised_however_a_request_writes_it() {
        let own = StudioId::generate();
        let addresses = Addresses::new("https://pixora.example:8443");
        addresses.replace(HashMap::from([(own, "photos.studio.example".to_owned())]));
        for host in ["photos.studio.example", "PHOTOS.Studio.example:8443", "photos.studio.example.:80"] {
            assert_eq!(addresses.studio_at(host), Some(own), "{host}");
        }
        for host in ["pixora.example", "studio.example", "x.photos.studio.example", "", "[::1]:80"] {
            assert_eq!(addresses.studio_at(host), None, "{host}");
        }
        assert_eq!(addresses.own_host(), "pixora.example");
    }
}
