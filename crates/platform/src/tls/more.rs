//! Certificates of further hosts from the ACME directory. Each has a state of its own, so that a host whose certificate
//! cannot be had disturbs neither another nor the server's own. Who asks decides for which hosts, and when again.

use std::{
    collections::HashMap,
    fmt, io,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use futures::StreamExt;
use rustls::{
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_acme::{EventError, EventOk, ResolvesServerCertAcme};

use super::{
    AcmeAccount, TlsError,
    acme::{self, State},
};

/// A certificate is read from its file within this.
const READ: Duration = Duration::from_secs(2);

/// Cheap to clone.
#[derive(Clone)]
pub struct MoreCertificates(Arc<BySni>);

/// Answers each handshake with the certificate of the host that the client names; with the server's own where it names
/// none of the others.
pub(super) struct BySni {
    folder: PathBuf,
    account: AcmeAccount,
    own: Arc<dyn ResolvesServerCert>,
    more: RwLock<HashMap<String, Arc<ResolvesServerCertAcme>>>,
}

/// Of one host, while it is fetched and renewed.
pub struct Renewal(Box<State>);

impl MoreCertificates {
    pub(super) fn beside(own: Arc<dyn ResolvesServerCert>, folder: PathBuf, account: AcmeAccount) -> Self {
        Self(Arc::new(BySni { folder, account, own, more: RwLock::default() }))
    }

    pub(super) fn resolver(&self) -> Arc<dyn ResolvesServerCert> {
        Arc::clone(&self.0) as _
    }

    /// Begins to get a certificate for `host`, in lower case, and to renew it; handshakes that name the host are answered
    /// with it.
    ///
    /// # Errors
    /// [`TlsError`] when the folder or the account cannot be used.
    pub fn begin(&self, host: &str) -> Result<Renewal, TlsError> {
        let state = acme::state(self.0.folder.clone(), host, &self.0.account)?;
        let mut more = self.0.more.write().unwrap_or_else(PoisonError::into_inner);
        more.insert(host.to_owned(), state.resolver());
        Ok(Renewal(Box::new(state)))
    }

    /// Serves what was fetched for `host` before, if there is anything, and asks for nothing.
    pub async fn resume(&self, host: &str) {
        if self.0.more.read().unwrap_or_else(PoisonError::into_inner).contains_key(host) {
            return;
        }
        let Ok(mut renewal) = self.begin(host) else { return };
        // The state reads the file before it asks the directory.
        if tokio::time::timeout(READ, renewal.next()).await.is_err() {
            tracing::warn!(host, "there is no certificate of the last start for a studio's host");
        }
    }

    /// Handshakes that name the host are answered as any other again.
    pub fn forget(&self, host: &str) {
        self.0.more.write().unwrap_or_else(PoisonError::into_inner).remove(host);
    }
}

impl Renewal {
    /// Returns with each certificate that is put into use. The first is that of the last start, where there is one.
    ///
    /// # Errors
    /// When the directory refuses. It must not be asked again at once.
    pub async fn next(&mut self) -> Result<(), EventError<io::Error, io::Error>> {
        loop {
            match self.0.next().await {
                Some(Ok(EventOk::DeployedNewCert | EventOk::DeployedCachedCert)) => return Ok(()),
                Some(Ok(EventOk::CertCacheStore | EventOk::AccountCacheStore)) => {}
                Some(Err(error @ (EventError::Order(_) | EventError::NewCertParse(_)))) => return Err(error),
                Some(Err(error)) => {
                    tracing::error!(code = "acme_failed", %error, "a certificate could not be read or kept");
                }
                // The state has no end.
                None => std::future::pending().await,
            }
        }
    }
}

impl ResolvesServerCert for BySni {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let more = |name: &str| self.more.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        match hello.server_name().and_then(more) {
            Some(other) => other.resolve(hello),
            None => self.own.resolve(hello),
        }
    }
}

impl fmt::Debug for BySni {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BySni").finish_non_exhaustive()
    }
}
