//! The server's own end of TLS, with the real application behind it.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use pixora::{
    domain::Clock,
    http,
    tls::{Keeper, Server, authority_certificate},
};
use reqwest::{Certificate, Version};
use rustls::{
    ClientConfig, RootCertStore, SupportedProtocolVersion,
    pki_types::{CertificateDer, ServerName},
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::sync::CancellationToken;

use crate::helpers::{TestApp, start};

/// A server that speaks TLS, with the application behind it.
struct Encrypted {
    app: TestApp,
    address: SocketAddr,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

async fn serve(server: (Server, Keeper)) -> Encrypted {
    serve_under(server, http::Limits::default()).await
}

async fn serve_under((server, keeper): (Server, Keeper), limits: http::Limits) -> Encrypted {
    let app = start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let stop = CancellationToken::new();
    tokio::spawn(keeper.run(Duration::from_millis(20), stop.clone()));
    let router = http::router(app.app.clone());
    let server =
        tokio::spawn(http::serve_tls(listener, router, server, limits, stop.clone().cancelled_owned()));
    Encrypted { app, address, stop, server }
}

fn now() -> Clock {
    Arc::new(Utc::now)
}

async fn own_authority(folder: &Path) -> Encrypted {
    let made = Server::with_own_authority(folder.to_owned(), "127.0.0.1", now());
    serve(made.expect("a certificate can be made")).await
}

/// A phone that trusts this authority and nobody else.
fn phone(authority: &[u8]) -> reqwest::Client {
    let authority = Certificate::from_der(authority).expect("is a certificate");
    let client = reqwest::Client::builder().tls_certs_only([authority]);
    client.redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}

fn authority(folder: &Path) -> Vec<u8> {
    authority_certificate(folder).expect("was made")
}

/// A connection after its handshake, of a client that trusts `root`.
async fn shaken(
    address: SocketAddr,
    root: &[u8],
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root.to_vec())).expect("is a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(versions);
    let config = config.expect("known versions").with_root_certificates(roots).with_no_client_auth();
    let name = ServerName::from(address.ip());
    let stream = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

/// The certificate that the server shows to who trusts `root`.
async fn shown(
    address: SocketAddr,
    root: &[u8],
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<CertificateDer<'static>> {
    let stream = shaken(address, root, versions).await?;
    Ok(stream.get_ref().1.peer_certificates().expect("a handshake shows one")[0].clone())
}

const ALL: &[&SupportedProtocolVersion] = rustls::ALL_VERSIONS;

/// Waits, without a limit of its own, until the server shows another certificate.
async fn another(
    address: SocketAddr,
    root: &[u8],
    than: &CertificateDer<'static>,
) -> CertificateDer<'static> {
    loop {
        let certificate = shown(address, root, ALL).await.expect("is trusted all the while");
        if certificate != *than {
            return certificate;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Says something in clear and reads to the end.
async fn plainly(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(request).await.expect("sends");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    answer
}

#[tokio::test]
async fn a_phone_that_says_nothing_after_the_handshake_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let made = Server::with_own_authority(folder.path().to_owned(), "127.0.0.1", now());
    let first_request = Duration::from_millis(500);
    let patience = http::Patience { first_request, ..http::Patience::default() };
    let limits = http::Limits { patience, ..http::Limits::default() };
    let it = serve_under(made.expect("a certificate can be made"), limits).await;
    let mut silent = shaken(it.address, &authority(folder.path()), ALL).await.expect("shakes hands");
    let mut read = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(5), silent.read_to_end(&mut read)).await;
    assert!(ended.is_ok(), "still open");
    it.stop.cancel();
}

#[tokio::test]
async fn a_phone_that_trusts_the_authority_speaks_http_2_and_no_other_phone_comes_in() {
    let folder = tempfile::tempdir().unwrap();
    let it = own_authority(folder.path()).await;
    let url = format!("https://{}/healthz", it.address);
    let answer = phone(&authority(folder.path())).get(&url).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    assert!(!answer.headers().contains_key("strict-transport-security"), "a phone must get past the warning");
    let stranger = reqwest::Client::new().get(&url).send().await.unwrap_err();
    assert!(stranger.is_connect(), "{stranger}");
    // A server that has a certificate of its own, or none, has no authority to give out.
    assert_eq!(it.app.get("/ca.crt").await.status(), 404);
}

#[tokio::test]
async fn tls_1_2_and_1_3_are_spoken_and_1_1_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let it = own_authority(folder.path()).await;
    let root = authority(folder.path());
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        shown(it.address, &root, &[version]).await.expect("is spoken");
    }
    // The same ClientHello (RFC 5246, 7.4.1.2) but for the version in it: random, no session, one cipher, no
    // compression; P-256 with uncompressed points, ECDSA with SHA-256.
    let hello = |minor: u8| {
        let mut hello = vec![0x16, 3, 1, 0, 69, 1, 0, 0, 65, 3, minor];
        hello.extend([7; 32]);
        hello.extend([0, 0, 2, 0xc0, 0x2b, 1, 0, 0, 22, 0, 10, 0, 4, 0, 2, 0, 23, 0, 11, 0, 2, 1, 0]);
        hello.extend([0, 13, 0, 4, 0, 2, 4, 3]);
        hello
    };
    let answer = async |minor: u8| {
        let mut stream = TcpStream::connect(it.address).await.unwrap();
        stream.write_all(&hello(minor)).await.unwrap();
        let mut answer = [0; 7];
        stream.read_exact(&mut answer).await.unwrap();
        answer
    };
    assert_eq!(answer(3).await[0], 0x16, "TLS 1.2 is answered with a handshake");
    assert_eq!(answer(2).await, [0x15, 3, 3, 0, 2, 2, 70], "TLS 1.1 with a fatal alert: protocol_version");
}

#[tokio::test]
async fn plain_http_is_sent_to_https_and_a_form_is_told_why() {
    let folder = tempfile::tempdir().unwrap();
    let it = own_authority(folder.path()).await;
    let client = phone(&authority(folder.path()));
    let plain = format!("http://{}", it.address);
    for request in
        [client.get(format!("{plain}/session/x?a=b")), client.head(format!("{plain}/session/x?a=b"))]
    {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 308);
        assert_eq!(answer.headers()["location"], format!("https://{}/session/x?a=b", it.address));
    }
    let answer = client.post(format!("{plain}/api/auth/login")).body("secret").send().await.unwrap();
    assert_eq!(answer.status(), 400);
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "https_required");
    for host in ["Host: a@b.example\r\n", "Host: a b\r\n", ""] {
        let request = format!("GET / HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
        let answer = plainly(it.address, request.as_bytes()).await;
        assert!(answer.starts_with(b"HTTP/1.1 400"), "{host}");
    }
}

#[tokio::test]
async fn who_never_finishes_a_handshake_holds_up_nobody_and_is_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let it = own_authority(folder.path()).await;
    let client = phone(&authority(folder.path()));
    let mut slow = Vec::new();
    for begun in [&[][..], &[0x16, 3, 1]].repeat(20) {
        let mut stream = TcpStream::connect(it.address).await.unwrap();
        stream.write_all(begun).await.unwrap();
        slow.push(stream);
    }
    let url = format!("https://{}/healthz", it.address);
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    for mut stream in slow {
        // Waits for the server's patience, not for a time of the test's.
        let _ = stream.read_to_end(&mut Vec::new()).await;
    }
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_stop_waits_for_no_handshake() {
    let folder = tempfile::tempdir().unwrap();
    let it = own_authority(folder.path()).await;
    let mut silent = TcpStream::connect(it.address).await.unwrap();
    shown(it.address, &authority(folder.path()), ALL).await.unwrap();
    it.stop.cancel();
    it.server.await.unwrap();
    assert_eq!(silent.read_to_end(&mut Vec::new()).await.unwrap_or(0), 0);
}

#[tokio::test]
async fn a_running_server_renews_its_certificate_a_month_before_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let days_ago = Arc::new(AtomicI64::new(380));
    let clock = {
        let days_ago = days_ago.clone();
        Arc::new(move || Utc::now() - TimeDelta::days(days_ago.load(Ordering::SeqCst)))
    };
    let made = Server::with_own_authority(folder.path().to_owned(), "127.0.0.1", clock);
    let it = serve(made.expect("a certificate can be made")).await;
    let root = authority(folder.path());
    let first = shown(it.address, &root, ALL).await.expect("holds fifteen days more");
    days_ago.store(0, Ordering::SeqCst);
    another(it.address, &root, &first).await;
    assert_eq!(authority(folder.path()), root, "phones go on trusting the same authority");
}

/// A certificate for 127.0.0.1 that vouches for itself; and its files.
fn put(folder: &Path) -> (Vec<u8>, String) {
    let made =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).expect("a certificate can be made");
    std::fs::write(folder.join("key.pem"), made.key_pair.serialize_pem()).unwrap();
    std::fs::write(folder.join("chain.pem"), made.cert.pem()).unwrap();
    (made.cert.der().to_vec(), made.key_pair.serialize_pem())
}

fn with_files(folder: &Path) -> Result<(Server, Keeper), pixora::tls::TlsError> {
    Server::with_files(folder.join("chain.pem"), folder.join("key.pem"), "127.0.0.1", now())
}

#[tokio::test]
async fn files_are_read_again_when_they_change_and_a_bad_one_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (first, first_key) = put(folder.path());
    let it = serve(with_files(folder.path()).expect("a pair")).await;
    assert_eq!(shown(it.address, &first, ALL).await.unwrap().to_vec(), first);
    let answer = phone(&first).get(format!("https://{}/healthz", it.address)).send().await.unwrap();
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=2592000");

    // Half of a renewal: the new certificate stands beside the old key.
    let (second, second_key) = put(folder.path());
    std::fs::write(folder.path().join("key.pem"), &first_key).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    std::fs::write(folder.path().join("chain.pem"), "half a certi").unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    std::fs::remove_file(folder.path().join("key.pem")).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let shown_now = shown(it.address, &first, ALL).await;
    // Between the two writes of `put` both files were good for a moment.
    assert!(shown_now.is_ok() || shown(it.address, &second, ALL).await.is_ok(), "the last good one stays");

    std::fs::write(folder.path().join("key.pem"), second_key).unwrap();
    let (third, _) = put(folder.path());
    while shown(it.address, &third, ALL).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[test]
fn files_that_cannot_be_used_are_named_with_what_is_wrong() {
    pixora::tls::install_provider();
    let folder = tempfile::tempdir().unwrap();
    let code = || with_files(folder.path()).err().map(|error| error.code());
    assert_eq!(code(), Some("tls_file_unreadable"));
    let (_, first_key) = put(folder.path());
    assert_eq!(code(), None);
    put(folder.path());
    std::fs::write(folder.path().join("key.pem"), &first_key).unwrap();
    assert_eq!(code(), Some("tls_key_mismatch"));
    std::fs::write(folder.path().join("key.pem"), first_key.replace("PRIVATE", "ENCRYPTED PRIVATE")).unwrap();
    assert_eq!(code(), Some("tls_key_missing"));
    std::fs::write(folder.path().join("chain.pem"), &first_key).unwrap();
    assert_eq!(code(), Some("tls_certificate_missing"));
}
