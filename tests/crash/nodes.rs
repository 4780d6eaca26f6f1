//! Two web nodes and two workers, each a process, on one PostgreSQL and one Qdrant server. `kill -9` of a node
//! in the middle of an upload and of both workers in the middle of their photos: in the end every photo is
//! there once, with its faces once, and guests find it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use pixora::{
    blobs::{BlobKey, Blobs},
    domain::{FaceId, PhotoId, PhotoSessionId, PhotoState},
    index::{FaceIndex, QdrantIndex, QdrantServer as QdrantSettings},
    jobs::{JobKind, LEASE},
    store::{PhotoCounts, QueueDepth, Store},
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    account, doctor, files, files_of, pictures,
    postgres::Postgres,
    qdrant::QdrantServer,
    seed,
    support::{Pixora, START, Server, free_address, sample},
    text,
};

const PHOTOS: usize = 300;
/// Photos sent at the same time.
const SENDERS: usize = 3;
/// Between two photos of one sender: so that photos still come in while others are analysed.
const PAUSE: Duration = Duration::from_millis(100);
const QDRANT_KEY: &str = "an-invented-key";
/// What guests look for, and the files that show them.
const PEOPLE: [(&str, &[usize]); 2] = [("officials/obama.jpg", &[0, 1, 2, 3]), ("officials/biden.jpg", &[4])];

/// What the processes share, and where each has its own folder.
struct Cluster {
    pixora: Pixora,
    store: Store,
    _postgres: Postgres,
    qdrant: QdrantServer,
}

impl Cluster {
    async fn start() -> Option<Self> {
        let pixora = Pixora::new()?;
        let postgres = Postgres::start().await?;
        let qdrant = QdrantServer::start(Some(QDRANT_KEY));
        // The server's first database looks like a studio's own; ours is another.
        postgres.run("CREATE DATABASE pixora").await;
        let server = postgres.url("postgres");
        let database = format!("{}/pixora", server.trim_end_matches("/postgres"));
        let settings = format!(
            "DATABASE_URL = '{database}'\nQDRANT_URL = '{}'\nQDRANT_API_KEY = '{QDRANT_KEY}'\n\
             PIXORA_SECRET_KEY = 'invented, and the same on every node'\n",
            qdrant.url()
        );
        std::fs::write(pixora.folder.path().join("pixora.toml"), settings).expect("can be written");
        let store = Store::open(&database).await.expect("the database opens");
        Some(Self { pixora, store, _postgres: postgres, qdrant })
    }

    fn node(&self, name: &str) -> Server {
        self.process(name, &["serve", "--no-worker", "--bind"])
    }

    fn worker(&self, name: &str) -> Server {
        self.process(name, &["worker", "--workers", "1", "--ops-bind"])
    }

    /// A process with a data directory and a log of its own; the address is the last argument.
    fn process(&self, name: &str, arguments: &[&str]) -> Server {
        let folder = self.pixora.folder.path();
        let (data, shared) = (folder.join(name), self.pixora.data().join("blobs"));
        std::fs::create_dir_all(&shared).and_then(|()| std::fs::create_dir(&data)).expect("can be made");
        std::os::unix::fs::symlink(shared, data.join("blobs")).expect("can be made");
        let log = File::create(folder.join(format!("{name}.log"))).expect("can be written");
        let address = free_address();
        let mut command = self.pixora.command(&[arguments, &[&address]].concat());
        command.env("PIXORA_DATA_DIR", data).stdout(Stdio::null()).stderr(log);
        Server { child: command.spawn().expect("the program starts"), address }
    }

    async fn wait_until_ready(&self, server: &Server) {
        let started = Instant::now();
        while !server.is_ready() {
            assert!(started.elapsed() < START, "does not become ready{}", self.logs());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn counts(&self, session: PhotoSessionId) -> PhotoCounts {
        self.store.photos().counts(session).await.expect("rows can be read")
    }

    async fn queue(&self) -> QueueDepth {
        let depth = self.store.jobs().depth(JobKind::ProcessPhoto, chrono::Utc::now()).await;
        depth.expect("rows can be read")
    }

    /// Until so many photos are ready. A dead worker's photos wait for their lease.
    async fn wait_for(&self, session: PhotoSessionId, ready: usize) {
        let (mut before, mut moved) = (0, Instant::now());
        loop {
            let now = self.counts(session).await.ready;
            if now >= ready as u64 {
                return;
            }
            if now > before {
                (before, moved) = (now, Instant::now());
            }
            assert!(
                moved.elapsed() < LEASE + START,
                "{now} of {ready} are ready, and no more{}",
                self.logs()
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What every process has said.
    fn logs(&self) -> String {
        let entries = std::fs::read_dir(self.pixora.folder.path()).into_iter().flatten().flatten();
        let logs =
            entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "log"));
        logs.map(|log| {
            format!("\n== {}\n{}", log.display(), std::fs::read_to_string(&log).unwrap_or_default())
        })
        .collect()
    }
}

/// A photographer's program: sends to one node, and to the other when that one is gone.
struct Sender {
    client: reqwest::Client,
    token: String,
    session: String,
    nodes: [String; 2],
    /// Which of the nodes is sent to.
    at: AtomicUsize,
    /// Photos by name, and how many were taken by which node.
    acknowledged: Mutex<BTreeMap<String, PhotoId>>,
    taken: [AtomicUsize; 2],
}

impl Sender {
    async fn send_all(&self, photos: Vec<PathBuf>) {
        let sent = stream::iter(photos).map(|photo| async move {
            self.send(&photo).await;
            tokio::time::sleep(PAUSE).await;
        });
        sent.buffer_unordered(SENDERS).collect::<()>().await;
    }

    async fn send(&self, photo: &Path) {
        let name = photo.file_name().and_then(|name| name.to_str()).expect("test names are text");
        let bytes = std::fs::read(photo).expect("can be read");
        let started = Instant::now();
        loop {
            let at = self.at.load(Ordering::SeqCst);
            match self.post(at, name, bytes.clone()).await {
                Ok(answer) => {
                    let result = &answer["results"][0];
                    assert!(result["result"] == "stored" || result["result"] == "duplicate", "{answer}");
                    let id = result["photo_id"].as_str().and_then(|id| id.parse().ok()).expect("has an id");
                    self.taken[at].fetch_add(1, Ordering::SeqCst);
                    self.acknowledged.lock().expect("no holder panics").insert(name.to_owned(), id);
                    return;
                }
                Err(error) => {
                    assert!(started.elapsed() < START, "{name} cannot be sent: {error}");
                    // Whoever was sent to; another sender may have noticed first.
                    let _ = self.at.compare_exchange(at, 1 - at, Ordering::SeqCst, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
    }

    async fn post(&self, node: usize, name: &str, bytes: Vec<u8>) -> Result<Value, reqwest::Error> {
        let url = format!("http://{}/api/photo-sessions/{}/photos", self.nodes[node], self.session);
        let form = Form::new().part("photo", Part::bytes(bytes).file_name(name.to_owned()));
        let request = self.client.post(url).bearer_auth(&self.token).multipart(form);
        request.send().await?.error_for_status()?.json().await
    }

    fn acknowledged(&self) -> usize {
        self.acknowledged.lock().expect("no holder panics").len()
    }
}

/// What an open page has been told.
#[derive(Default)]
struct Heard {
    ready: BTreeSet<PhotoId>,
    counts: Value,
}

impl Heard {
    /// Keeps a guest's page open at the node, as long as the test runs.
    async fn at(node: &Server, session: &str) -> Arc<Mutex<Self>> {
        let url = format!("http://{}/api/v1/sessions/{session}/events", node.address);
        let mut page = reqwest::Client::new().get(url).send().await.expect("the node answers");
        let heard = Arc::new(Mutex::new(Self::default()));
        let hears = Arc::clone(&heard);
        tokio::spawn(async move {
            let mut told = String::new();
            while let Ok(Some(piece)) = page.chunk().await {
                told.push_str(&String::from_utf8_lossy(&piece));
                while let Some(end) = told.find("\n\n") {
                    let event: String = told.drain(..end + 2).collect();
                    hears.lock().expect("no holder panics").receive(&event);
                }
            }
        });
        heard
    }

    fn receive(&mut self, event: &str) {
        let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        let data: Value = serde_json::from_str(line("data: ")).unwrap_or_default();
        match line("event: ") {
            "photo" if data["state"] == "ready" => {
                self.ready.extend(data["photo_id"].as_str().and_then(|id| id.parse::<PhotoId>().ok()));
            }
            "counts" => self.counts = data,
            _ => {}
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_and_workers_die_and_every_photo_is_indexed_once() {
    let Some(cluster) = Cluster::start().await else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    let pixora = &cluster.pixora;
    let id = pixora.session("Of several nodes");
    let session: PhotoSessionId = id.parse().expect("a session's id is an id");
    account::add(pixora);
    let (mut node, survivor) = (cluster.node("node-1"), cluster.node("node-2"));
    let (mut first, mut second) = (cluster.worker("worker-1"), cluster.worker("worker-2"));
    let card = pixora.folder.path().join("card");
    std::fs::create_dir(&card).expect("can be made");
    let photos = pictures::write_distinct(&card, PHOTOS);
    for process in [&node, &survivor, &first, &second] {
        cluster.wait_until_ready(process).await;
    }

    let sender = Arc::new(Sender {
        client: reqwest::Client::new(),
        // Signed by one node and honoured by the other.
        token: account::sign_in(&node.address).await,
        session: id.clone(),
        nodes: [node.address.clone(), survivor.address.clone()],
        at: AtomicUsize::new(0),
        acknowledged: Mutex::default(),
        taken: Default::default(),
    });
    let page = Heard::at(&survivor, &id).await;
    let started = Instant::now();
    let sending = tokio::spawn({
        let (sender, photos) = (Arc::clone(&sender), photos.clone());
        async move { sender.send_all(photos).await }
    });
    // The node in the middle of an upload, a worker in the middle of a photo, whichever comes first.
    let (stored, ready) = (random.random_range(90..210), random.random_range(10..60));
    let (mut node_lives, mut worker_lives) = (true, true);
    while node_lives || worker_lives {
        if node_lives && sender.acknowledged() >= stored {
            kill(&mut node);
            node_lives = false;
            println!("{:.0?}: the node died after {} photos", started.elapsed(), sender.acknowledged());
        }
        let now = cluster.counts(session).await.ready;
        if worker_lives && now >= ready {
            kill(&mut first);
            worker_lives = false;
            println!("{:.0?}: a worker died after {now} photos", started.elapsed());
        }
        assert!(started.elapsed() < START, "nothing moves{}", cluster.logs());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    sending.await.expect("every photo was taken");
    let [there, here] = sender.taken.each_ref().map(|taken| taken.load(Ordering::SeqCst));
    println!("{:.0?}: {there} photos went to one node, {here} to the other", started.elapsed());
    assert!(there + here == PHOTOS && there >= 90 && here > 0, "{there} and {here}");

    // The other worker too, and one that is new in its place: it finds what the dead have left.
    cluster.wait_for(session, random.random_range(80..200)).await;
    kill(&mut second);
    let left = cluster.queue().await;
    println!("{:.0?}: no worker lives, {left:?}", started.elapsed());
    assert!(left.leased > 0, "nobody was in the middle of a photo");
    let third = cluster.worker("worker-3");
    cluster.wait_for(session, PHOTOS).await;
    println!("{:.0?}: all are ready", started.elapsed());

    assert_heard(&page).await;
    assert_once(&cluster, session, &sender, &photos).await;
    assert_ledger(&sender, &photos).await;
    assert_found(&survivor, &id, &photos).await;
    drop(third);
    assert_files(&cluster, session).await;
}

/// The page at the node that lives on knows of everything that came through the others. What a worker had just
/// done when it died it may not have told any more; the counts are the rows' own.
async fn assert_heard(page: &Mutex<Heard>) {
    let started = Instant::now();
    loop {
        let (heard, counts) = {
            let page = page.lock().expect("no holder panics");
            (page.ready.len(), page.counts["ready"].clone())
        };
        if counts == PHOTOS {
            println!("the open page heard of {heard} photos");
            assert!(heard > PHOTOS * 9 / 10, "the page heard of {heard} photos only");
            return;
        }
        assert!(started.elapsed() < START, "the page was told of {heard} photos and last {counts}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// `kill -9`, while it is alive.
fn kill(process: &mut Server) {
    assert!(process.child.try_wait().expect("was started here").is_none(), "died by itself");
    process.child.kill().expect("was started here");
    process.child.wait().expect("was started here");
}

/// What was acknowledged is there under the id that was told, once; rows and vectors say the same.
async fn assert_once(cluster: &Cluster, session: PhotoSessionId, sender: &Sender, photos: &[PathBuf]) {
    let store = &cluster.store;
    let ids = store.photos().ids(session).await.expect("rows can be read");
    let rows = store.photos().get_many(&ids).await.expect("rows can be read");
    let by_name: BTreeMap<String, PhotoId> = rows.iter().map(|row| (row.filename.clone(), row.id)).collect();
    assert_eq!((rows.len(), by_name.len()), (PHOTOS, PHOTOS), "a photo is there twice, or missing");
    assert_eq!(by_name, *sender.acknowledged.lock().expect("no holder panics"));
    let hashes: BTreeSet<&str> = rows.iter().map(|row| row.sha256.as_str()).collect();
    let sent: Vec<String> = photos.iter().map(|photo| sha256(photo)).collect();
    assert_eq!(hashes, sent.iter().map(String::as_str).collect());
    assert!(rows.iter().all(|row| row.state == PhotoState::Ready));
    assert_eq!(cluster.queue().await, QueueDepth::default());

    let mut faces: HashMap<FaceId, PhotoId> = HashMap::new();
    let mut model = None;
    for photo in &ids {
        for found in store.faces().of_photo(*photo).await.expect("rows can be read") {
            assert_eq!(faces.insert(found.face.id, *photo), None, "a face is there twice");
            model.get_or_insert((found.face.model, found.face.embedding.len()));
        }
    }
    let (model, dimension) = model.expect("the photos have faces");
    let settings = QdrantSettings {
        url: cluster.qdrant.url(),
        api_key: Some(QDRANT_KEY.to_owned()),
        prefix: "pixora".to_owned(),
        replication: 1,
        shards: None,
    };
    let index = QdrantIndex::open(&settings, &model, dimension).await.expect("the server answers");
    assert_eq!(index.total().await.expect("the server answers"), faces.len() as u64);
    assert_eq!(index.faces(session).await.expect("the server answers"), faces);
    let shown = &cluster.pixora.json(&["session", "show", &session.to_string(), "--json"])["photos"];
    assert_eq!((&shown["ready"], &shown["faces"]), (&json!(PHOTOS), &json!(faces.len())));
}

/// The surviving node accounts for every file.
async fn assert_ledger(sender: &Sender, photos: &[PathBuf]) {
    let name = |photo: &PathBuf| text(photo).rsplit('/').next().unwrap_or_default().to_owned();
    let files = photos.iter().map(|photo| json!({ "filename": name(photo), "sha256": sha256(photo) }));
    let base = format!("http://{}/api/photo-sessions/{}", sender.nodes[1], sender.session);
    let ask = async |request: reqwest::RequestBuilder| -> Value {
        let answer = request.bearer_auth(&sender.token).send().await.expect("the node answers");
        answer.error_for_status().expect("answers well").json().await.expect("JSON")
    };
    let files: Vec<Value> = files.collect();
    let ledger = ask(sender.client.post(format!("{base}/ledger")).json(&json!({ "files": files }))).await;
    let numbers = ["sent", "stored", "indexed", "queued", "rejected", "missing"].map(|key| &ledger[key]);
    assert_eq!(numbers, [&json!(PHOTOS), &json!(PHOTOS), &json!(PHOTOS), &json!(0), &json!(0), &json!(0)]);
    let counts = &ask(sender.client.get(format!("{base}/photos"))).await["counts"];
    assert_eq!(
        (&counts["ready"], &counts["queued"], &counts["rejected"]),
        (&json!(PHOTOS), &json!(0), &json!(0))
    );
}

/// A guest at the surviving node finds exactly their photos, each once.
async fn assert_found(node: &Server, session: &str, photos: &[PathBuf]) {
    for (selfie, sources) in PEOPLE {
        let form = Form::new().part(
            "selfie",
            Part::bytes(std::fs::read(sample(selfie)).expect("the sample can be read")).file_name("me.jpg"),
        );
        let url = format!("http://{}/api/v1/sessions/{session}/search", node.address);
        let answer = reqwest::Client::new().post(url).multipart(form).send().await.expect("the node answers");
        let answer: Value = answer.json().await.expect("JSON");
        assert_eq!((&answer["photos_total"], &answer["photos_pending"]), (&json!(PHOTOS), &json!(0)));
        let matches = answer["matches"].as_array().expect("a list").iter();
        let mut found: Vec<&str> = matches.filter_map(|found| found["filename"].as_str()).collect();
        found.sort_unstable();
        let theirs = photos.iter().enumerate().filter(|(n, _)| sources.contains(&(n % pictures::SOURCES)));
        let theirs: Vec<&str> = theirs.filter_map(|(_, photo)| text(photo).rsplit('/').next()).collect();
        assert_eq!(found, theirs, "by {selfie}");
    }
}

/// Every original is whole, and after `doctor --fix` no file is there that no row knows.
async fn assert_files(cluster: &Cluster, session: PhotoSessionId) {
    let shared = cluster.pixora.data().join("blobs");
    let blobs = Blobs::open_folder(&shared).expect("the folder is there");
    let ids = cluster.store.photos().ids(session).await.expect("rows can be read");
    let rows = cluster.store.photos().get_many(&ids).await.expect("rows can be read");
    for row in &rows {
        let original = blobs.get(BlobKey::original(session, row.id)).await.expect("is there");
        assert_eq!(hex::encode(Sha256::digest(&original)), row.sha256, "{} is damaged", row.filename);
    }
    assert!(doctor(&cluster.pixora, &["--fix"]).0);
    assert_eq!(doctor(&cluster.pixora, &[]), (true, vec![]));
    let expected: BTreeSet<String> = rows.iter().flat_map(files_of).collect();
    let there = files(&shared.join(format!("sessions/{session}")));
    let odd: Vec<&String> = there.symmetric_difference(&expected).collect();
    assert!(odd.is_empty(), "nobody's, or missing: {odd:?}");
}

fn sha256(photo: &Path) -> String {
    hex::encode(Sha256::digest(std::fs::read(photo).expect("can be read")))
}
