//! A machine that runs out of something: photos wait, and none is lost by it.

use std::{
    fs::File,
    io::Write,
    net::TcpStream,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use pixora::{
    domain::PhotoId,
    store::{JobKind, Queue, Store},
};
use serde_json::{Value, json};

use crate::{
    account, ingest,
    remote::machine,
    support::{Pixora, START, Server, free_address, sample},
    text,
};

/// Starts a server by way of a shell, in which `before` is done first; `wrap` is what starts the shell.
fn serve_after(pixora: &Pixora, wrap: &[&str], before: &str) -> Server {
    let address = free_address();
    let program = pixora.command(&["serve", "--bind", &address]);
    let log = File::create(pixora.folder.path().join("serve.log")).expect("the log can be written");
    let script = format!("{before} && exec \"$0\" \"$@\"");
    let mut shell: Vec<&str> = wrap.to_vec();
    shell.extend(["sh", "-c", &script]);
    let mut command = Command::new(shell[0]);
    command.args(&shell[1..]).arg(program.get_program()).args(program.get_args());
    for (name, value) in program.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let folder = program.get_current_dir().expect("is set");
    let child = command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
    Server { child: child.expect("a shell starts"), address }
}

async fn is_ready(pixora: &Pixora, server: &Server) {
    let started = Instant::now();
    // Not `/readyz`: it tells of a small disk, too.
    let url = format!("http://{}/healthz", server.address);
    while reqwest::get(&url).await.is_err() {
        assert!(started.elapsed() < START, "the server does not answer: {}", pixora.server_log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn counts(pixora: &Pixora, session: &str) -> (u64, u64, u64) {
    let photos = &pixora.json(&["session", "show", session, "--json"])["photos"];
    let count = |state: &str| photos[state].as_u64().expect("a number");
    (count("ready"), count("queued"), count("rejected"))
}

/// Until as many photos are ready.
async fn are_ready(pixora: &Pixora, session: &str, photos: u64) {
    let started = Instant::now();
    loop {
        let (ready, queued, rejected) = counts(pixora, session);
        assert_eq!(rejected, 0, "{}", pixora.server_log());
        if ready == photos {
            assert_eq!(queued, 0);
            return;
        }
        assert!(started.elapsed() < START, "{ready} ready, {queued} queued: {}", pixora.server_log());
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// A failure that counts is one of eight after which a photo is set aside.
fn nothing_was_counted(pixora: &Pixora) {
    let log = pixora.server_log();
    assert!(!log.contains("photo will be tried again") && !log.contains("set aside"), "{log}");
}

/// 12 of 31 acknowledged photos ended as `processing_failed`.
#[tokio::test]
async fn pictures_on_a_disk_of_their_own_that_fills_wait_until_there_is_room() {
    let Some(pixora) = Pixora::new() else { return };
    let user_namespace = ["unshare", "--user", "--map-root-user", "--mount"];
    let allowed = Command::new(user_namespace[0]).args(&user_namespace[1..]).arg("true").output();
    if !allowed.is_ok_and(|tried| tried.status.success()) {
        println!("SKIPPED: this machine lets nobody mount a disk of their own (unshare --user --mount)");
        return;
    }
    let session = pixora.session("Full");
    let blobs = pixora.data().join("blobs");
    std::fs::create_dir_all(&blobs).expect("can be made");
    let mount = format!("mount -t tmpfs -o size=24m none {}", blobs.display());
    let server = serve_after(&pixora, &user_namespace, &mount);
    is_ready(&pixora, &server).await;

    let machine = machine(&pixora, &server).await;
    let report = machine.ingest_without_waiting(&session, &[&sample("groups"), &sample("officials")]);
    assert_eq!(report["accepted"], 13, "{report}");
    let inside = format!("/proc/{}/root{}/filler", server.child.id(), text(&blobs));
    fill(&inside);
    let (_, queued, _) = counts(&pixora, &session);
    assert!(queued > 0, "the photos were faster than the disk was full");
    let started = Instant::now();
    while pixora.server_log().matches("photo waits").count() < 6 {
        assert!(started.elapsed() < START, "nothing waits: {}", pixora.server_log());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    nothing_was_counted(&pixora);
    let (ready, queued, rejected) = counts(&pixora, &session);
    assert_eq!((ready + queued, rejected), (13, 0));
    assert!(queued > 0, "the disk is full");

    std::fs::remove_file(&inside).expect("makes room");
    are_ready(&pixora, &session, 13).await;
    nothing_was_counted(&pixora);
}

/// Takes all the room that is left.
fn fill(path: &str) {
    let mut filler = File::create(path).expect("can be made");
    for piece in [vec![1; 64 << 10], vec![1; 4 << 10]] {
        while filler.write_all(&piece).is_ok() {}
    }
}

fn limits(server: &Server) -> (String, String) {
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.child.id())).expect("is there");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("is there");
    let mut words = line.split_whitespace().skip(3).map(str::to_owned);
    (words.next().expect("soft"), words.next().expect("hard"))
}

/// 1,000 open pages stopped a server with the usual limit, and destroyed its queue: `EMFILE` was taken for the fault
/// of 522 photos.
#[tokio::test]
async fn a_server_without_descriptors_keeps_its_photos() {
    if !cfg!(target_os = "linux") {
        println!("SKIPPED: what a process may open is read from /proc");
        return;
    }
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Crowded");
    let server = serve_after(&pixora, &[], "ulimit -Sn 100 && ulimit -Hn 160");
    is_ready(&pixora, &server).await;
    assert_eq!(limits(&server), ("160".into(), "160".into()), "the soft limit is raised to the hard one");

    // As many as there are: the system takes more into its queue.
    let crowd: Vec<TcpStream> = (0..400).map_while(|_| TcpStream::connect(&server.address).ok()).collect();
    assert!(crowd.len() > 160, "{}", crowd.len());
    let report = ingest(&pixora, &session, &[&sample("groups")]);
    assert_eq!(report["accepted"], 6, "{report}");
    tokio::time::sleep(Duration::from_secs(10)).await;
    nothing_was_counted(&pixora);
    drop(crowd);
    are_ready(&pixora, &session, 6).await;
    nothing_was_counted(&pixora);
    assert_eq!(
        reqwest::get(format!("http://{}/healthz", server.address)).await.expect("answers").status(),
        200
    );
}

#[tokio::test]
async fn retry_queues_photos_again_that_failed_by_our_fault() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Again");
    // Answers, and works on nothing.
    let server = pixora.serve_soon_with(&["--no-worker"]);
    is_ready(&pixora, &server).await;
    account::add(&pixora);
    let report = ingest(&pixora, &session, &[&sample("officials/biden.jpg"), &sample("officials/obama.jpg")]);
    assert_eq!(report["accepted"], 2, "{report}");
    let url = format!("sqlite:{}", pixora.data().join("pixora.db").display());
    let store = Store::open(&url).await.expect("the database opens");
    let queue = Queue { kind: JobKind::ProcessPhoto, owner: "test" };
    let give_up = async || {
        let leased = store.jobs().lease(queue, 10, Duration::ZERO, chrono::Utc::now()).await.expect("leases");
        for job in &leased {
            let photos = store.photos();
            let done = photos.set_aside(PhotoId(job.subject), job.id, "no memory", "test").await;
            assert!(done.expect("is written"));
        }
        leased.len()
    };
    assert_eq!(give_up().await, 2);
    assert_eq!(counts(&pixora, &session), (0, 0, 2));

    let some = pixora.json(&["retry", "--session", &session, "--json"]);
    assert_eq!((&some["retried"], some["photos"].as_array().map(Vec::len)), (&json!(2), Some(2)), "{some}");
    assert_eq!(counts(&pixora, &session), (0, 2, 0));
    assert_eq!(pixora.json(&["retry", "--json"]), json!({ "retried": 0, "photos": [] }));
    assert_eq!(give_up().await, 2);
    let photo = some["photos"][0].as_str().expect("an id");
    let one: Value = pixora.json(&["retry", "--photo", photo, "--json"]);
    assert_eq!(one["photos"], json!([photo]));
    crate::assert_fails(&pixora, &["retry", "--photo", &session], 1, "[photo_not_found]");
    store.close().await;
    drop(server);

    // The other one is tried again by the next server that works.
    let _server = pixora.serve();
    are_ready(&pixora, &session, 2).await;
}
