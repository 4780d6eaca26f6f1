//! `pixora serve --tls`: with its own authority, and with one that speaks ACME.

use std::{
    fs,
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use pixora::{
    domain::{PhotoSessionId, StudioId},
    store::{Store, StudioHost},
};
use reqwest::{Certificate, Client};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    assert_fails,
    support::{Pixora, START, Server, sample},
    text,
};

/// A port for a program that has to be told one. It is below those that systems give to connections: another test's
/// might take one of these before the program listens.
fn free_port() -> u16 {
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let ports = std::iter::repeat_with(|| rand::random_range(20_000..30_000));
    ports.take(100).find(is_free).expect("a port is free")
}

/// Hosts of studios: one that leads here, and one that does not.
const OWN: &str = "gallery.studio.example";
const BROKEN: &str = "gallery.broken.example";

/// A phone that trusts this authority and nobody else, and finds `photos.example` on this machine.
fn phone(authority: &Certificate, port: u16) -> Client {
    let mut client = Client::builder().tls_certs_only([authority.clone()]);
    for name in ["photos.example", OWN, BROKEN] {
        client = client.resolve(name, ([127, 0, 0, 1], port).into());
    }
    client.build().expect("a client")
}

/// Waits until the address answers who trusts what `authority` gives.
async fn answer(
    pixora: &Pixora,
    url: &str,
    port: u16,
    authority: impl Fn() -> Option<Certificate>,
) -> reqwest::Response {
    let started = Instant::now();
    loop {
        if let Some(authority) = authority()
            && let Ok(answer) = phone(&authority, port).get(url).send().await
            && answer.status() == 200
        {
            return answer;
        }
        assert!(started.elapsed() < START, "{url} is not served: {}", pixora.server_log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// What lies in the data directory for phones to trust.
fn own(pixora: &Pixora) -> Option<Certificate> {
    let der = pixora::tls::authority_certificate(&pixora.data().join("tls"))?;
    Some(Certificate::from_der(&der).expect("is a certificate"))
}

#[tokio::test]
async fn with_its_own_authority_it_says_whom_to_trust_and_commands_trust_it_too() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Live");
    let server = pixora.serve_soon_with(&["--tls", "self-signed"]);
    let port = server.address.rsplit_once(':').expect("has a port").1.parse().expect("is a number");
    let url = format!("https://{}", server.address);
    answer(&pixora, &format!("{url}/readyz"), port, || own(&pixora)).await;

    let given = answer(&pixora, &format!("{url}/ca.crt"), port, || own(&pixora)).await;
    assert_eq!(given.headers()["content-type"], "application/x-x509-ca-cert");
    let given = given.bytes().await.expect("the certificate");
    let fingerprint =
        Sha256::digest(&given).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
    let log = pixora.server_log();
    assert!(log.contains(&fingerprint) && log.contains(&format!("{url}/ca.crt")), "{log}");
    assert!(log.contains(&format!("{url}/setup#")) && !log.contains("PRIVATE"), "{log}");
    let mode =
        fs::metadata(pixora.data().join("tls/authority.json")).expect("was written").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);

    let photo = sample("officials").join("obama.jpg");
    let search = ["search", "--json", "--session", &session, text(&photo)];
    let beside = [&search[..], &["--bind", &server.address, "--tls", "self-signed"]].concat();
    assert_eq!(pixora.json(&beside)["photos_total"], 0);

    // Another start, the same certificate: who has come past the warning does so once.
    let before = fs::read(pixora.data().join("tls/server.json")).expect("was written");
    drop(server);
    let server = pixora.serve_soon_with(&["--tls", "self-signed"]);
    let port = server.address.rsplit_once(':').expect("has a port").1.parse().expect("is a number");
    answer(&pixora, &format!("https://{}/readyz", server.address), port, || own(&pixora)).await;
    assert_eq!(fs::read(pixora.data().join("tls/server.json")).expect("is still there"), before);
}

#[test]
fn a_wrong_way_to_a_certificate_stops_the_start() {
    let Some(pixora) = Pixora::new() else { return };
    let serve = |more: &[&str], status, code: &str| {
        let bind = format!("127.0.0.1:{}", free_port());
        assert_fails(&pixora, &[&["serve", "--bind", &bind], more].concat(), status, code);
    };
    serve(&["--tls", "on"], 2, "[invalid_setting]");
    serve(&["--tls", "acme"], 2, "[unmet_setting]");
    serve(&["--tls", "acme", "--public-url", "https://photos.example:8443"], 2, "[unmet_setting]");
    serve(&["--tls", "files"], 2, "[unmet_setting]");
    serve(&["--tls", "self-signed", "--public-url", "http://photos.example"], 2, "[unmet_setting]");

    let made = || rcgen::generate_simple_self_signed(["photos.example".to_owned()]).expect("can be made");
    fs::write(pixora.folder.path().join("chain.pem"), made().cert.pem()).expect("is writable");
    fs::write(pixora.folder.path().join("key.pem"), made().key_pair.serialize_pem()).expect("is writable");
    let settings = "PIXORA_TLS_CERT = 'chain.pem'\nPIXORA_TLS_KEY = 'key.pem'\n";
    fs::write(pixora.folder.path().join("pixora.toml"), settings).expect("is writable");
    serve(&["--tls", "files"], 1, "[tls_key_mismatch]");
}

/// A child that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Pebble, the ACME server that Let's Encrypt tests clients with, and its name server, which finds every name on
/// this machine.
struct Pebble {
    directory: String,
    management: u16,
    /// Of the name server, and where it is told what to answer.
    names: [u16; 2],
    /// Who vouches for the directory itself.
    authority: Certificate,
    _programs: [Running; 2],
}

impl Pebble {
    /// That looks for `acme-tls/1` at this port. `None`, and a word about it, where it is not installed.
    fn start(folder: &Path, port: u16) -> Option<Self> {
        let program = |name: &str| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
        };
        let (Some(pebble), Some(names)) = (program("pebble"), program("pebble-challtestsrv")) else {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "pebble is missing on CI");
            println!("SKIPPED: there is no pebble here; install the Debian package `pebble`");
            return None;
        };
        let [acme, management, dns, spare] = [(); 4].map(|()| free_port());
        let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("can be made");
        fs::write(folder.join("acme.pem"), own.cert.pem()).expect("is writable");
        fs::write(folder.join("acme-key.pem"), own.key_pair.serialize_pem()).expect("is writable");
        let config = serde_json::json!({"pebble": {
            "listenAddress": format!("127.0.0.1:{acme}"),
            "managementListenAddress": format!("127.0.0.1:{management}"),
            "certificate": folder.join("acme.pem"),
            "privateKey": folder.join("acme-key.pem"),
            "httpPort": spare,
            "tlsPort": port,
        }});
        fs::write(folder.join("pebble.json"), config.to_string()).expect("is writable");
        let start = |command: &mut Command| {
            let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            Running(quiet.spawn().expect("the program starts"))
        };
        let names_at = [dns, spare];
        let dns = format!("127.0.0.1:{dns}");
        let names =
            start(Command::new(names).args(["-dns01", &dns, "-defaultIPv6", "", "-http01", ""]).args([
                "-https01",
                "",
                "-tlsalpn01",
                "",
                "-management",
                &format!("127.0.0.1:{spare}"),
            ]));
        let config = folder.join("pebble.json");
        // It waits as long as a real one only if it is asked to.
        let pebble = start(
            Command::new(pebble)
                .args(["-config", text(&config), "-dnsserver", &dns])
                .env("PEBBLE_VA_NOSLEEP", "1")
                // A studio's host is not asked for again at once.
                .env("PEBBLE_WFE_NONCEREJECT", "0"),
        );
        Some(Self {
            directory: format!("https://localhost:{acme}/dir"),
            management,
            names: names_at,
            authority: Certificate::from_der(own.cert.der()).expect("is a certificate"),
            _programs: [names, pebble],
        })
    }

    /// Tells the name server what to answer.
    async fn tell(&self, what: &str, record: serde_json::Value) {
        let url = format!("http://127.0.0.1:{}/{what}", self.names[1]);
        let told = Client::new().post(url).json(&record).send().await.expect("it answers");
        assert!(told.status().is_success(), "{what}");
    }

    /// Who vouches for what it issues: it thinks of one at each start.
    async fn root(&self) -> Certificate {
        // The test's phone may ask before the directory listens.
        let started = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.management)).is_err() {
            assert!(started.elapsed() < START, "pebble does not listen");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let url = format!("https://localhost:{}/roots/0", self.management);
        let pem = phone(&self.authority, 0).get(url).send().await.expect("it answers").bytes().await;
        Certificate::from_pem(&pem.expect("a certificate")).expect("is a certificate")
    }
}

#[tokio::test]
async fn a_directory_gives_a_certificate_to_who_has_none_and_it_outlives_the_directory() {
    let Some(pixora) = Pixora::new() else { return };
    let port = free_port();
    let Some(pebble) = Pebble::start(pixora.folder.path(), port) else { return };
    let settings = format!(
        "PIXORA_TLS = 'acme'\nPIXORA_ACME_CONTACT = 'studio@photos.example'\nPIXORA_ACME_DIRECTORY = '{}'\n\
         PIXORA_ACME_CA = 'acme.pem'\nPIXORA_PUBLIC_URL = 'https://photos.example'\n",
        pebble.directory
    );
    fs::write(pixora.folder.path().join("pixora.toml"), settings).expect("is writable");
    let bind = format!("127.0.0.1:{port}");
    let serve = || {
        let log = fs::File::create(pixora.folder.path().join("serve.log")).expect("the log can be written");
        let mut command = pixora.command(&["serve", "--bind", &bind]);
        let child = command.stdout(Stdio::null()).stderr(log).spawn().expect("the program starts");
        Server { child, address: bind.clone() }
    };
    let server = serve();
    let url = format!("https://photos.example:{port}/readyz");
    let root = pebble.root().await;
    let served = answer(&pixora, &url, port, || Some(root.clone())).await;
    assert!(served.headers().contains_key("strict-transport-security"));
    assert!(pixora.server_log().contains("new certificate of the ACME directory"), "{}", pixora.server_log());
    let folder = fs::metadata(pixora.data().join("tls/acme")).expect("was made");
    assert_eq!(folder.permissions().mode() & 0o777, 0o700, "keys lie in it");

    drop(server);
    drop(pebble);
    let _server = serve();
    answer(&pixora, &url, port, || Some(root.clone())).await;
    assert!(pixora.server_log().contains("certificate of the last start"), "{}", pixora.server_log());
}

/// Asks the rows until they say so.
async fn becomes(store: &Store, studio: StudioId, what: impl Fn(&StudioHost) -> bool) -> StudioHost {
    let started = Instant::now();
    loop {
        let host = store.hosts().get(studio).await.expect("can be read").expect("was entered");
        if what(&host) {
            return host;
        }
        assert!(started.elapsed() < START, "{host:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn a_studios_host_has_a_certificate_of_its_own_and_a_broken_one_disturbs_nobody() {
    let Some(pixora) = Pixora::new() else { return };
    let session: PhotoSessionId = pixora.session("Live").parse().expect("an id");
    let port = free_port();
    let Some(pebble) = Pebble::start(pixora.folder.path(), port) else { return };
    let settings = format!(
        "PIXORA_TLS = 'acme'\nPIXORA_ACME_CONTACT = 'studio@photos.example'\nPIXORA_ACME_DIRECTORY = '{}'\n\
         PIXORA_ACME_CA = 'acme.pem'\nPIXORA_PUBLIC_URL = 'https://photos.example'\n\
         PIXORA_DNS_SERVER = '127.0.0.1:{}'\n",
        pebble.directory, pebble.names[0]
    );
    fs::write(pixora.folder.path().join("pixora.toml"), settings).expect("is writable");
    let bind = format!("127.0.0.1:{port}");
    let serve = || {
        let log = fs::File::create(pixora.folder.path().join("serve.log")).expect("the log can be written");
        let mut command = pixora.command(&["serve", "--bind", &bind]);
        let child = command.stdout(Stdio::null()).stderr(log).spawn().expect("the program starts");
        Server { child, address: bind.clone() }
    };
    let root = pebble.root().await;
    let server = serve();
    let url = |host: &str, path: &str| format!("https://{host}:{port}{path}");
    answer(&pixora, &url("photos.example", "/readyz"), port, || Some(root.clone())).await;

    let rows = format!("sqlite:{}", pixora.data().join("pixora.db").display());
    let store = Store::open(&rows).await.expect("the rows can be opened beside the server");
    let studio = store.sessions().get(session).await.expect("can be read").expect("is there").studio_id;
    let broken = StudioId::generate();
    // A name that leads to a machine that does not answer.
    pebble.tell("add-a", json!({ "host": BROKEN, "addresses": ["127.0.0.9"] })).await;
    for (studio, host, token) in
        [(studio, OWN, "token-of-the-first"), (broken, BROKEN, "token-of-the-second")]
    {
        let record = format!("pixora={token}");
        pebble.tell("set-txt", json!({ "host": format!("_pixora.{host}."), "value": record })).await;
        store.hosts().enter(studio, host, token, chrono::Utc::now()).await.expect("can be written");
    }

    let refused = becomes(&store, broken, |host| host.problem.is_some()).await;
    assert_eq!(refused.problem.as_deref(), Some("certificate_failed"), "{}", pixora.server_log());
    assert!(refused.proven_at.is_some() && refused.in_use_at.is_none());
    // Killed while one is fetched or not: the rows say where to go on.
    drop(server);
    let server = serve();
    becomes(&store, studio, |host| host.in_use_at.is_some()).await;
    let page = answer(&pixora, &url(OWN, &format!("/session/{session}")), port, || Some(root.clone())).await;
    assert!(page.headers().contains_key("strict-transport-security"));
    answer(&pixora, &url("photos.example", "/readyz"), port, || Some(root.clone())).await;
    assert!(phone(&root, port).get(url(BROKEN, "/")).send().await.is_err(), "nobody vouches for that name");
    // A directory is not asked again at once, by another start neither.
    let waits = store.hosts().get(broken).await.expect("can be read").expect("is there");
    assert_eq!(waits.attempts, 1);
    assert!(waits.next_check_at - waits.checked_at.expect("was tried") >= chrono::TimeDelta::minutes(15));
    let told = pixora.json(&["session", "show", "--json", &session.to_string()]);
    assert!(told["url"].as_str().is_some_and(|url| url.starts_with(&format!("https://{OWN}/"))), "{told}");

    drop(server);
    drop(pebble);
    let _server = serve();
    answer(&pixora, &url(OWN, "/healthz"), port, || Some(root.clone())).await;
    // Removed, it is a name as any other.
    store.hosts().remove(studio).await.expect("can be written");
    let started = Instant::now();
    while phone(&root, port).get(url(OWN, "/healthz")).send().await.is_ok() {
        assert!(started.elapsed() < START, "the certificate is still served");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    store.close().await;
}
