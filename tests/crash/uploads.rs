//! The official tus clients against a network that breaks and a server that is killed: every file arrives
//! once, bit for bit.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use pixora::blobs::{BlobKey, Blobs};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use sha2::{Digest, Sha256};

use crate::{
    Rows, account,
    proxy::Proxy,
    seed,
    support::{Pixora, START, Server},
};

const FILES: usize = 500;
/// Of these, files that both clients have: they race to store the same photo.
const SHARED: usize = 20;
const KILLS: usize = 10;
const ALL: Duration = Duration::from_secs(300);

#[tokio::test]
async fn five_hundred_uploads_survive_a_bad_network_and_ten_kills() {
    let Some(pixora) = Pixora::new() else { return };
    let Some(python_packages) = clients() else { return };
    let seed = seed();
    let mut random = SmallRng::seed_from_u64(seed);
    let id = pixora.session("Sent over a bad network");
    let files = write_files(&pixora.folder.path().join("card"), &mut random);
    account::add(&pixora);

    let mut server = serve(&pixora);
    let proxy = Proxy::start(seed).await;
    proxy.leads_to(&server.address);
    let token = account::sign_in(&server.address).await;
    let (half, front) = (FILES / 2, format!("http://{}", proxy.address));
    let client = |program: &str, script: &str, files: &[PathBuf]| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crash/clients").join(script);
        let mut command = Command::new(program);
        command.arg(script).args([&front, &token, &id]).args(files).env("PYTHONPATH", &python_packages);
        command.stdin(Stdio::null()).spawn().expect("the client starts")
    };
    let mut clients = [
        Running(client("node", "tus_js.mjs", &files[..half + SHARED / 2])),
        Running(client("python3", "tus_py.py", &files[half - SHARED / 2..])),
    ];

    let started = Instant::now();
    for round in 1..=KILLS {
        // Spread over the whole, at any moment of whatever is going on.
        while arrived(&pixora, &id) < FILES * round / (KILLS + 1) {
            assert!(started.elapsed() < ALL, "too slow: {}", pixora.server_log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(random.random_range(0..150))).await;
        kill(&pixora, &mut server);
        proxy.leads_to(&server.address);
    }
    for client in &mut clients {
        let status = loop {
            if let Some(status) = client.0.try_wait().expect("is a child") {
                break status;
            }
            assert!(started.elapsed() < ALL, "a client does not come to an end");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        assert!(status.success(), "a client gave up: {status}");
    }
    println!("{} cuts, {KILLS} kills, {:.0} s", proxy.cuts(), started.elapsed().as_secs_f64());
    assert!(proxy.cuts() > 50, "the network was too good: {} cuts", proxy.cuts());
    drop(server);

    let session = id.parse().expect("a session's id is an id");
    let rows = Rows::read(&pixora.data(), session).await;
    let blobs = Blobs::open_folder(pixora.data().join("blobs")).expect("the folder is there");
    let mut stored = BTreeSet::new();
    for photo in rows.photos.values() {
        let original = blobs.get(BlobKey::original(session, photo.id)).await;
        let hash = sha256(&original.unwrap_or_else(|error| panic!("{} is gone: {error}", photo.filename)));
        assert_eq!(hash, photo.sha256, "{} is damaged", photo.filename);
        assert!(stored.insert(hash), "{} is there twice", photo.filename);
    }
    let sent: BTreeSet<String> =
        files.iter().map(|file| sha256(&std::fs::read(file).expect("is still there"))).collect();
    assert_eq!(sent.len(), FILES);
    assert_eq!(stored, sent, "every file once, bit for bit");
    assert_eq!(arrived(&pixora, &id), FILES, "no file without a row");
}

/// The folder with Python's packages; `None`, and a word about it, where the clients are not installed.
fn clients() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join(".build/python-tests");
    let needed = [root.join("tests/browser/node_modules/tus-js-client"), python.join("tusclient")];
    let Some(missing) = needed.iter().find(|path| !path.exists()) else { return Some(python) };
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing on CI", missing.display());
    println!("SKIPPED: {} is missing; `tools/setup.py --tests` fetches it", missing.display());
    None
}

/// Stopped with the test, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that takes photos in and leaves them in the queue: what the pipeline does is another test's.
pub fn serve(pixora: &Pixora) -> Server {
    let server = pixora.serve_soon_with(&["--no-worker", "--workers", "1"]);
    let started = Instant::now();
    while !server.is_ready() {
        assert!(started.elapsed() < START, "the server is not ready: {}", pixora.server_log());
        std::thread::sleep(Duration::from_millis(20));
    }
    server
}

/// Kills the server and starts another; its base.
pub fn kill(pixora: &Pixora, server: &mut Server) -> String {
    server.child.kill().expect("was started here");
    server.child.wait().expect("was started here");
    *server = serve(pixora);
    format!("http://{}", server.address)
}

/// Photographs that all differ: one small picture with comments of random bytes and of random length.
fn write_files(folder: &Path, random: &mut SmallRng) -> Vec<PathBuf> {
    std::fs::create_dir(folder).expect("can be made");
    let mut picture = Vec::new();
    let pixels = image::RgbImage::from_fn(64, 48, |x, y| image::Rgb([x as u8, y as u8, 9]));
    let encoder = image::codecs::jpeg::JpegEncoder::new(&mut picture);
    pixels.write_with_encoder(encoder).expect("memory takes all");
    let write = |number: usize| {
        let mut bytes = picture[..2].to_vec();
        for _ in 0..random.random_range(1..8) {
            let length: u16 = random.random_range(1000..u16::MAX);
            bytes.extend([0xFF, 0xFE]);
            bytes.extend(length.to_be_bytes());
            bytes.extend((2..length).map(|_| random.random::<u8>()));
        }
        bytes.extend(&picture[2..]);
        let path = folder.join(format!("{number:03}.jpg"));
        std::fs::write(&path, bytes).expect("can be written");
        path
    };
    (0..FILES).map(write).collect()
}

/// Originals that are there, by their names on the disk.
fn arrived(pixora: &Pixora, id: &str) -> usize {
    let originals = std::fs::read_dir(pixora.data().join(format!("blobs/sessions/{id}/originals")));
    originals.map_or(0, Iterator::count)
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
