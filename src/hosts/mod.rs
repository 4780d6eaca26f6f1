//! Hosts of studios: how a studio names one, shows that it is its own, and when links lead there.
//!
//! - **Entered.** Anybody who runs a studio may enter any name but the installation's; that alone has no effect, and keeps
//!   nobody else from entering it.
//! - **Proven.** A TXT record below the name holds the studio's token. Only who runs the domain can put it there, and the
//!   token is of one studio, so that a name that already leads to this machine cannot be taken by another studio. One
//!   studio has a proven name; a second one is told that it is taken.
//! - **In use.** The name leads here with a certificate that browsers trust. With ACME the directory judges that by giving
//!   one (`certify`). Elsewhere we ask the name ourselves, through the client that goes to public addresses only
//!   (`check`). From then on [`Addresses`] sends guests there, and requests under the name are the studio's.
//!
//! Each step is a row change of its own, so a killed process goes on where it was. What fails is tried again after a
//! growing wait, of each host by itself. Must not know doors, nor how certificates are fetched.

mod certify;
mod check;
mod dns;
mod whose;

use std::sync::Arc;

use reqwest::Url;

pub use crate::store::StudioHost;
pub use dns::{TextLookup, text_lookup};
pub use whose::{Key, Whose};

use crate::{
    domain::{Addresses, Clock, StudioId},
    secrets::{self, LinkSigner},
    store::{Store, StoreError},
    targets::Target,
};

/// Below the name of the host, where the TXT record is looked for.
const LABEL: &str = "_pixora";
/// Where a host shows that it leads here; the studio's token follows.
pub const WELL_KNOWN: &str = "/.well-known/pixora-host/";
/// The purpose in the signature of what is answered there.
const PURPOSE: &str = "host";
/// Of a name with its label below it (RFC 1035).
const LONGEST: usize = 253 - LABEL.len() - 1;

/// How a host comes to its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certified {
    /// An ACME directory gives it to this server.
    ByDirectory,
    /// Somebody else sees to it: a proxy before us, or who put the files there; or there is none, over plain HTTP.
    Elsewhere,
    /// Not at all: our own authority vouches for local names only.
    Never,
}

#[derive(Debug, thiserror::Error)]
pub enum HostError {
    #[error("a host is a DNS name such as photos.example.com, without https:// and without a port")]
    Invalid,
    #[error("that is the host of the installation itself")]
    Installation,
    #[error("another studio has shown that the host is its own")]
    Taken,
    #[error("this installation has no way to a certificate for it")]
    Unavailable,
    #[error("the studio has entered no host")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Hosts {
    store: Store,
    addresses: Addresses,
    links: LinkSigner,
    target: Target,
    lookup: TextLookup,
    certified: Certified,
    clock: Clock,
    /// Something has changed that the keeper of certificates should know of.
    changed: Arc<tokio::sync::Notify>,
}

/// What hosts are judged by.
pub struct Judges {
    /// Where our own requests may go.
    pub target: Target,
    pub lookup: TextLookup,
    pub certified: Certified,
}

impl Hosts {
    #[must_use]
    pub fn new(store: Store, addresses: Addresses, links: LinkSigner, judges: Judges, clock: Clock) -> Self {
        let Judges { target, lookup, certified } = judges;
        Self { store, addresses, links, target, lookup, certified, clock, changed: Arc::default() }
    }

    /// Reads which hosts are in use; call it now and then, because other nodes change that too.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn load(&self) -> Result<(), StoreError> {
        self.addresses.replace(self.store.hosts().in_use().await?);
        Ok(())
    }

    /// What the studio has entered.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn get(&self, studio: StudioId) -> Result<Option<StudioHost>, StoreError> {
        self.store.hosts().get(studio).await
    }

    /// Enters a host in the place of the one before. Entered again, it is the same, with its token.
    ///
    /// # Errors
    /// [`HostError`]; nothing is changed then.
    pub async fn enter(&self, studio: StudioId, host: &str) -> Result<StudioHost, HostError> {
        if self.certified == Certified::Never {
            return Err(HostError::Unavailable);
        }
        let host = parsed(host).ok_or(HostError::Invalid)?;
        if host == self.addresses.own_host() {
            return Err(HostError::Installation);
        }
        let rows = self.store.hosts();
        if rows.proven(&host).await?.is_some_and(|known| known.studio != studio) {
            return Err(HostError::Taken);
        }
        let known = rows.get(studio).await?;
        if let Some(known) = known.filter(|known| known.host == host) {
            return Ok(known);
        }
        rows.enter(studio, &host, &secrets::generate(), (self.clock)()).await?;
        self.load().await?;
        self.changed.notify_waiters();
        rows.get(studio).await?.ok_or(HostError::NotFound)
    }

    /// The studio is reached under the installation's host again.
    ///
    /// # Errors
    /// [`HostError::NotFound`], [`HostError::Store`].
    pub async fn remove(&self, studio: StudioId) -> Result<(), HostError> {
        let was_there = self.store.hosts().remove(studio).await?;
        self.load().await?;
        self.changed.notify_waiters();
        if was_there { Ok(()) } else { Err(HostError::NotFound) }
    }

    /// Whether a proxy may fetch a certificate for this name.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn is_proven(&self, host: &str) -> Result<bool, StoreError> {
        let Some(host) = parsed(host) else { return Ok(false) };
        Ok(self.store.hosts().proven(&host).await?.is_some())
    }

    /// What this installation, and no other, answers under a host to who asks with its token; `None` where the token is
    /// not that host's.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn answer(&self, host: &str, token: &str) -> Result<Option<String>, StoreError> {
        let Some(host) = host.parse::<hyper::http::uri::Authority>().ok().and_then(|it| parsed(it.host()))
        else {
            return Ok(None);
        };
        let known = self.store.hosts().proven(&host).await?;
        Ok(known.filter(|known| known.token == token).map(|known| self.signature(&known)))
    }

    fn signature(&self, host: &StudioHost) -> String {
        self.links.sign(PURPOSE, &format!("{} {}", host.host, host.token), None)
    }

    /// The TXT record that shows whose the name is: where, and what.
    #[must_use]
    pub fn record(host: &StudioHost) -> (String, String) {
        (format!("{LABEL}.{}", host.host), format!("pixora={}", host.token))
    }

    /// How hosts come to their certificates here.
    #[must_use]
    pub fn certified(&self) -> Certified {
        self.certified
    }
}

/// The name as DNS has it, from what somebody has typed in; `None` where it is an address or no name of the internet.
fn parsed(text: &str) -> Option<String> {
    let text = text.trim().trim_end_matches('.');
    let is_plain = !text.is_empty() && !text.contains(['/', ':', '@', '?', '#', '\\', '%', '[']);
    let url: Url = is_plain.then(|| format!("https://{text}/").parse().ok())??;
    let host = url.domain()?;
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let (_, top) = host.rsplit_once('.')?;
    let is_name = host.len() <= LONGEST && host.split('.').all(is_label);
    (is_name && !top.bytes().all(|byte| byte.is_ascii_digit())).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::parsed;

    #[test]
    fn a_host_is_a_name_of_the_internet() {
        for (typed, host) in [
            ("photos.example.com", "photos.example.com"),
            (" Photos.Example.COM. ", "photos.example.com"),
            ("фото.пример.example", "xn--n1aalg.xn--e1afmkfd.example"),
            ("example.com", "example.com"),
        ] {
            assert_eq!(parsed(typed).as_deref(), Some(host), "{typed}");
        }
        let long = format!("{}.example", "a.".repeat(130));
        for typed in [
            "",
            "localhost",
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "[::1]",
            "::1",
            "https://photos.example.com",
            "photos.example.com/gallery",
            "photos.example.com:8443",
            "me@photos.example.com",
            "photos_1.example.com",
            "-photos.example.com",
            "photos..example.com",
            "photos.example.com\\evil",
            "*.example.com",
            "a b.example.com",
            long.as_str(),
        ] {
            assert_eq!(parsed(typed), None, "{typed}");
        }
    }
}
