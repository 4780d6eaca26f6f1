//! Certificates from an ACME directory such as Let's Encrypt (RFC 8555), by `rustls-acme`.
//!
//! The directory is convinced by a handshake with the name `acme-tls/1` on port 443 (RFC 8737), answered by the
//! same socket as everything else: nothing listens on port 80. Account, key and certificate are kept in a
//! folder and renewed after two thirds of their time.

use std::{fs, io, path::PathBuf, sync::Arc};

use futures::StreamExt;
use rustls::ClientConfig;
use rustls_acme::{AcmeConfig, AcmeState, EventOk, caches::DirCache};

use super::{TlsError, certificates};

/// The ACME directory and the account's contact.
#[derive(Debug, Clone)]
pub struct AcmeAccount {
    /// Where it writes when something is wrong with the certificate: a mail address.
    pub contact: Option<String>,
    /// The address of its directory.
    pub directory: String,
    /// The certificate authority (PEM) of the directory itself, where it is not one of the well-known ones.
    pub authority: Option<PathBuf>,
}

pub(super) type State = AcmeState<io::Error, io::Error>;

/// Nothing is asked for until [`run`].
pub(super) fn state(folder: PathBuf, host: &str, account: &AcmeAccount) -> Result<State, TlsError> {
    // The library writes keys with the usual mode.
    let made = fs::create_dir_all(&folder)
        .and_then(|()| fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)));
    made.map_err(|reason| TlsError::Io { path: folder.clone(), reason })?;
    let config = match &account.authority {
        None => AcmeConfig::new([host]),
        Some(path) => {
            let pem = fs::read(path).map_err(|reason| TlsError::Io { path: path.clone(), reason })?;
            let unusable = |reason| TlsError::Unusable { path: path.clone(), reason };
            let roots = certificates::roots(&certificates::read(path, &pem)?).map_err(unusable)?;
            let client = ClientConfig::builder_with_provider(certificates::provider())
                .with_safe_default_protocol_versions()
                .map_err(unusable)?
                .with_root_certificates(roots)
                .with_no_client_auth();
            AcmeConfig::new_with_client_config([host], Arc::new(client))
        }
    };
    let contact = account.contact.iter().map(|mail| format!("mailto:{mail}"));
    Ok(config.contact(contact).directory(&account.directory).cache(DirCache::new(folder)).state())
}

/// Gets and renews the certificate, for as long as it is polled.
pub(super) async fn run(mut state: State) {
    while let Some(event) = state.next().await {
        match event {
            Ok(EventOk::DeployedNewCert) => {
                tracing::info!("serving with a new certificate of the ACME directory")
            }
            Ok(EventOk::DeployedCachedCert) => {
                tracing::info!("serving with the certificate of the last start")
            }
            Ok(EventOk::CertCacheStore | EventOk::AccountCacheStore) => {}
            Err(error) => tracing::error!(
                code = "acme_failed",
                %error,
                "no certificate from the ACME directory; it is asked again after a growing wait"
            ),
        }
    }
}
