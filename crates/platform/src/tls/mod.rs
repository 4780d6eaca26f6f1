//! TLS: its cryptography, chosen in one place, and our own end of it.
//!
//! A [`Server`] answers handshakes with the certificate of the moment; its [`Keeper`] sees to it that there
//! is one: from our own [authority](authority), from files, or from an ACME directory. Knows nothing of what
//! is said inside the connection, nor of settings.
//!
//! # How a connection is secured
//!
//! `http/server.rs` accepts, and each connection's own task shakes hands (`tls::Server`), ten seconds at
//! most, so that nobody's slowness is another's. The first byte is looked at without taking it: what is no
//! handshake is answered in plain HTTP by `http/plain.rs`, which knows nothing but the way to https. A
//! `tls::Keeper` beside it puts another certificate in place while connections go on: made by our own
//! authority (`tls/authority.rs`), read from files, or fetched by `rustls-acme`, whose challenge comes in
//! through the same port and the same resolver.
//!
//! - **One question decides about a certificate of ours**: would who trusts our authority accept it, under
//!   each of our names, thirty days from now? The library's verifier answers it, and with it: nearly over,
//!   another address, another authority, names that the authority may not vouch for. If a new certificate
//!   is not the answer, a new authority is.
//! - **A file's content, not its time**, says that it has changed: a program that renews it may move symbolic links.
//! - **Hosts of studios** have certificates of the ACME directory beside the server's own (`tls/more.rs`). The client
//!   names the host in its handshake, and the certificate of that name answers.
//! - **The public URL of a wildcard address is the local network's**, with TLS or without: a QR code with
//!   127.0.0.1 in it is of use to nobody. The kernel is asked for the way out; nothing is sent.

mod acme;
mod addresses;
mod authority;
mod certificates;
mod more;
mod server;

use std::{io, path::PathBuf};

pub use acme::AcmeAccount;
pub use addresses::reachable;
pub use authority::certificate as authority_certificate;
pub use more::{MoreCertificates, Renewal};
pub use server::{Accepted, Keeper, Server};

/// Makes `ring`, which the PostgreSQL driver has too, the one that every client of this process uses. Must be
/// called before the first is built.
pub fn install_provider() {
    // An error says that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Why there is no certificate to serve with. No message holds anything of a key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{path} cannot be read or written ({reason})")]
    Io { path: PathBuf, reason: io::Error },
    #[error("{0} holds no certificate in PEM: it should begin with -----BEGIN CERTIFICATE-----")]
    NoCertificate(PathBuf),
    #[error("{0} holds no private key in PEM, or one with a password")]
    NoKey(PathBuf),
    #[error("the key in {key} does not belong to the first certificate in {certificate}")]
    KeyMismatch { certificate: PathBuf, key: PathBuf },
    #[error("the certificate or key in {path} cannot be used ({reason})")]
    Unusable { path: PathBuf, reason: rustls::Error },
    #[error(transparent)]
    KeyFile(#[from] crate::secrets::KeyFileError),
    #[error("no certificate can be made for {name} ({reason})")]
    NotMade { name: String, reason: String },
}

impl TlsError {
    /// Stable name of the failure, for scripts and for the log.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "tls_file_unreadable",
            Self::NoCertificate(_) => "tls_certificate_missing",
            Self::NoKey(_) => "tls_key_missing",
            Self::KeyMismatch { .. } => "tls_key_mismatch",
            Self::Unusable { .. } => "tls_certificate_unusable",
            Self::KeyFile(_) => "tls_key_file",
            Self::NotMade { .. } => "tls_certificate_not_made",
        }
    }
}
