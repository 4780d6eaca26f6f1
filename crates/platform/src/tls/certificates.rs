//! Certificates and keys as they lie in files, and what can be said of them.

use std::{path::Path, sync::Arc};

use chrono::{DateTime, Utc};
use rustls::{
    CertificateError, Error, RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::ProducesTickets,
    sign::CertifiedKey,
};

use super::TlsError;

pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// What lets clients resume a session, without keeping anything of it here.
pub fn ticketer() -> Result<Arc<dyn ProducesTickets>, Error> {
    ring::Ticketer::new()
}

/// The certificate with its chain and the key that belongs to it, both PEM. The paths are for the errors.
pub fn pair(
    (certificate, chain): (&Path, &[u8]),
    (key, key_pem): (&Path, &[u8]),
) -> Result<CertifiedKey, TlsError> {
    let chain = read(certificate, chain)?;
    let private = PrivateKeyDer::from_pem_slice(key_pem).map_err(|_| TlsError::NoKey(key.to_owned()))?;
    CertifiedKey::from_der(chain, private, &provider()).map_err(|reason| match reason {
        Error::InconsistentKeys(_) => {
            TlsError::KeyMismatch { certificate: certificate.to_owned(), key: key.to_owned() }
        }
        reason => TlsError::Unusable { path: certificate.to_owned(), reason },
    })
}

/// The certificates of a PEM file, at least one.
pub fn read(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let certificates = certificates.ok().filter(|certificates| !certificates.is_empty());
    certificates.ok_or_else(|| TlsError::NoCertificate(path.to_owned()))
}

/// A client that trusts these roots only.
pub fn roots(certificates: &[CertificateDer<'_>]) -> Result<RootCertStore, Error> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate.clone().into_owned())?;
    }
    Ok(roots)
}

/// Whether who trusts `root` accepts `leaf` as `name` at that time.
pub fn verify(
    leaf: &CertificateDer<'_>,
    root: &CertificateDer<'_>,
    name: &str,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let name = ServerName::try_from(name).map_err(|_| Error::General(format!("{name} is no host")))?;
    let roots = Arc::new(roots(std::slice::from_ref(root))?);
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, provider())
        .build()
        .map_err(|error| Error::General(error.to_string()))?;
    let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
    let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
    verifier.verify_server_cert(leaf, &[], &name, &[], at).map(drop)
}

/// The last moment at which a certificate is valid; `None` for one that never ends ("no well-defined expiration",
/// RFC 5280, 4.1.2.5). The verifier knows, and says so when it is asked about the end of the year 9999.
pub fn ends(certificate: &CertificateDer<'_>) -> Option<DateTime<Utc>> {
    let doomsday = DateTime::from_timestamp(253_402_300_799, 0)?;
    match verify(certificate, certificate, "localhost", doomsday) {
        Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => {
            DateTime::from_timestamp(i64::try_from(not_after.as_secs()).ok()?, 0)
        }
        _ => None,
    }
}
