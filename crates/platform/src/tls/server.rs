//! Our end of a handshake, and what keeps its certificate good.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::TimeDelta;
use rustls::{
    ServerConfig,
    pki_types::ServerName,
    server::{ClientHello, ParsedCertificate, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::{net::TcpStream, sync::Semaphore};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::sync::CancellationToken;

use super::{
    TlsError,
    acme::{self, AcmeAccount},
    authority, certificates,
    more::MoreCertificates,
};
use crate::domain::Clock;

/// A client that has not finished its handshake by then is let go.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Handshakes at the same time; whoever comes on top of them comes again. Each holds some ten kilobytes.
const HANDSHAKES: usize = 1024;
/// Every handshake of TLS begins with this byte (RFC 8446, 5.1), no request of HTTP does.
const IS_TLS: u8 = 0x16;
const ACME_CHALLENGE: &[u8] = b"acme-tls/1";
/// An operator with a certificate from elsewhere is reminded so long before its end.
const REMINDED_BEFORE: TimeDelta = TimeDelta::days(14);

/// The kind of an accepted connection.
pub enum Accepted {
    Tls(Box<TlsStream<TcpStream>>),
    /// Somebody speaks plainly; nothing is read yet.
    Plain(TcpStream),
    /// An ACME directory has seen what it wanted to see.
    Challenge,
}

/// Answers handshakes: TLS 1.2 and 1.3, HTTP/2 and HTTP/1.1.
#[derive(Clone)]
pub struct Server {
    acceptor: TlsAcceptor,
    /// Of protocols other than HTTP.
    bare: Arc<ServerConfig>,
    handshakes: Arc<Semaphore>,
    strict: bool,
    fingerprint: Option<String>,
    more: Option<MoreCertificates>,
}

/// Keeps a [`Server`]'s certificate good while [`Keeper::run`] runs.
pub struct Keeper(Kept);

enum Kept {
    Authority { folder: PathBuf, host: String, current: Arc<Current>, clock: Clock },
    Files { files: Files, host: String, current: Arc<Current>, clock: Clock },
    Acme(Box<acme::State>),
}

/// The certificate of the moment.
#[derive(Debug)]
struct Current(RwLock<Arc<CertifiedKey>>);

impl Current {
    fn new(key: CertifiedKey) -> Arc<Self> {
        Arc::new(Self(RwLock::new(Arc::new(key))))
    }

    fn replace(&self, key: CertifiedKey) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(key);
    }
}

impl ResolvesServerCert for Current {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

impl Server {
    /// With a certificate of our own authority, which is kept in `folder`, for `host` and the machine's local
    /// names and addresses.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn with_own_authority(folder: PathBuf, host: &str, clock: Clock) -> Result<(Self, Keeper), TlsError> {
        let issued = authority::issue(&folder, host, clock())?;
        let current = Current::new(issued.key);
        let mut server = Self::new(current.clone(), false)?;
        server.fingerprint = Some(issued.fingerprint);
        Ok((server, Keeper(Kept::Authority { folder, host: host.to_owned(), current, clock })))
    }

    /// With a certificate and its chain, and their key, from PEM files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn with_files(
        certificate: PathBuf,
        key: PathBuf,
        host: &str,
        clock: Clock,
    ) -> Result<(Self, Keeper), TlsError> {
        let mut files = Files { certificate, key, seen: None };
        let (seen, loaded) = files.load()?;
        warn(&loaded, host, &clock);
        files.seen = Some(seen);
        let current = Current::new(loaded);
        let server = Self::new(current.clone(), true)?;
        Ok((server, Keeper(Kept::Files { files, host: host.to_owned(), current, clock })))
    }

    /// With a certificate for `host` from an ACME directory; what it gives is kept in `folder`. Until there is
    /// one, handshakes fail.
    ///
    /// # Errors
    /// [`TlsError`].
    pub fn with_acme(folder: PathBuf, host: &str, account: &AcmeAccount) -> Result<(Self, Keeper), TlsError> {
        let state = acme::state(folder.clone(), host, account)?;
        let more = MoreCertificates::beside(state.resolver(), folder, account.clone());
        let mut server = Self::new(more.resolver(), true)?;
        server.more = Some(more);
        Ok((server, Keeper(Kept::Acme(Box::new(state)))))
    }

    /// Those of other hosts, where they come from an ACME directory.
    #[must_use]
    pub fn more(&self) -> Option<MoreCertificates> {
        self.more.clone()
    }

    fn new(certificates: Arc<dyn ResolvesServerCert>, strict: bool) -> Result<Self, TlsError> {
        let not_made =
            |error: rustls::Error| TlsError::NotMade { name: "TLS".into(), reason: error.to_string() };
        let config = ServerConfig::builder_with_provider(certificates::provider())
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(not_made)?;
        let mut config = config.with_no_client_auth().with_cert_resolver(certificates);
        let mut bare = config.clone();
        // An FTP client resumes its session for each file.
        bare.ticketer = certificates::ticketer().map_err(not_made)?;
        // TLS 1.3 sends tickets after the handshake. A client that only uploads never reads them, so its system
        // resets the connection when the client closes it, and the end of the file may be lost on the way.
        bare.send_tls13_tickets = 0;
        // Without a challenge at hand there is no certificate for the last one, and the handshake fails.
        config.alpn_protocols = [b"h2".as_slice(), b"http/1.1", ACME_CHALLENGE].map(<[u8]>::to_vec).into();
        Ok(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            bare: Arc::new(bare),
            handshakes: Arc::new(Semaphore::new(HANDSHAKES)),
            strict,
            fingerprint: None,
            more: None,
        })
    }

    /// The same certificates, for a protocol other than HTTP.
    #[must_use]
    pub fn bare(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.bare)
    }

    /// Whether browsers may be told to come by TLS only. Not with our own authority: who has come past a warning
    /// once could not do so again.
    #[must_use]
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    /// SHA-256 of our own authority's certificate, if there is one.
    #[must_use]
    pub fn fingerprint(&self) -> Option<&str> {
        self.fingerprint.as_deref()
    }

    /// Shakes hands, within ten seconds.
    ///
    /// # Errors
    /// When the client does not, or too many do at once.
    pub async fn accept(&self, stream: TcpStream) -> io::Result<Accepted> {
        let Ok(_held) = self.handshakes.try_acquire() else {
            return Err(io::Error::other("too many handshakes at once"));
        };
        tokio::time::timeout(HANDSHAKE, self.greet(stream)).await?
    }

    async fn greet(&self, stream: TcpStream) -> io::Result<Accepted> {
        let mut first = [0];
        match stream.peek(&mut first).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            _ if first[0] != IS_TLS => return Ok(Accepted::Plain(stream)),
            _ => {}
        }
        let stream = self.acceptor.accept(stream).await?;
        match stream.get_ref().1.alpn_protocol() {
            Some(ACME_CHALLENGE) => Ok(Accepted::Challenge),
            _ => Ok(Accepted::Tls(Box::new(stream))),
        }
    }
}

impl Keeper {
    /// Looks every `interval` whether the certificate must be made anew or its files have changed; with ACME
    /// the directory says when. A certificate that cannot be used leaves the last one in its place.
    pub async fn run(self, interval: Duration, stop: CancellationToken) {
        let kept = async {
            match self.0 {
                Kept::Acme(state) => acme::run(*state).await,
                Kept::Authority { folder, host, current, clock } => loop {
                    tokio::time::sleep(interval).await;
                    renew(&folder, &host, &current, &clock);
                },
                Kept::Files { mut files, host, current, clock } => loop {
                    tokio::time::sleep(interval).await;
                    files.reload(&host, &current, &clock);
                },
            }
        };
        tokio::select! {
            () = kept => {}
            () = stop.cancelled() => {}
        }
    }
}

fn renew(folder: &Path, host: &str, current: &Current, clock: &Clock) {
    match authority::issue(folder, host, clock()) {
        Ok(issued) if issued.new_certificate => {
            current.replace(issued.key);
            tracing::info!(new_authority = issued.new_authority, "serving with a new certificate of our own");
        }
        Ok(_) => {}
        Err(error) => tracing::error!(code = error.code(), %error, "the certificate could not be renewed"),
    }
}

/// A certificate and its key that somebody else puts there.
struct Files {
    certificate: PathBuf,
    key: PathBuf,
    /// What they held when they were last looked at. Contents, not times: whoever renews a certificate may put
    /// symbolic links in place of one another.
    seen: Option<(Vec<u8>, Vec<u8>)>,
}

impl Files {
    fn read(&self) -> Result<(Vec<u8>, Vec<u8>), TlsError> {
        let read =
            |path: &Path| fs::read(path).map_err(|reason| TlsError::Io { path: path.to_owned(), reason });
        Ok((read(&self.certificate)?, read(&self.key)?))
    }

    fn load(&self) -> Result<((Vec<u8>, Vec<u8>), CertifiedKey), TlsError> {
        let contents = self.read()?;
        let pair = certificates::pair((&self.certificate, &contents.0), (&self.key, &contents.1))?;
        Ok((contents, pair))
    }

    fn reload(&mut self, host: &str, current: &Current, clock: &Clock) {
        let contents = self.read().ok();
        // Files that were refused once are not reported every minute.
        if contents == self.seen {
            return;
        }
        match self.load() {
            Ok((_, pair)) => {
                warn(&pair, host, clock);
                current.replace(pair);
                tracing::info!("serving with the certificate that the files hold now");
            }
            Err(error) => {
                tracing::error!(code = error.code(), %error, "the last certificate stays in use");
            }
        }
        self.seen = contents;
    }
}

/// Says what guests' browsers will say of a certificate that somebody else made.
fn warn(pair: &CertifiedKey, host: &str, clock: &Clock) {
    let leaf = &pair.cert[0];
    if let Some(ends) = certificates::ends(leaf).filter(|ends| *ends < clock() + REMINDED_BEFORE) {
        tracing::warn!(code = "tls_certificate_expires", %ends, "the certificate has expired or soon will");
    }
    let name = ServerName::try_from(host);
    let fits = ParsedCertificate::try_from(leaf)
        .is_ok_and(|leaf| name.is_ok_and(|name| rustls::client::verify_server_name(&leaf, &name).is_ok()));
    if !fits {
        tracing::warn!(
            code = "tls_certificate_of_another",
            host,
            "the certificate does not name the public URL's host"
        );
    }
}
