//! `pixora ingest` through a server elsewhere, and a watched folder.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    account, rejections,
    support::{Pixora, Server, sample},
    text,
};

/// What a photographer's own machine has: the address of a server, and a key.
pub struct Machine<'a> {
    pixora: &'a Pixora,
    url: String,
    key: String,
}

pub async fn machine<'a>(pixora: &'a Pixora, server: &Server) -> Machine<'a> {
    account::add(pixora);
    let (url, token) = (format!("http://{}", server.address), account::sign_in(&server.address).await);
    let new = json!({ "name": "card reader", "scopes": ["photos:write"] });
    let request = reqwest::Client::new().post(format!("{url}/api/keys")).bearer_auth(token).json(&new);
    let key: Value = request.send().await.expect("the server answers").json().await.expect("JSON");
    Machine { pixora, url, key: key["key"].as_str().expect("is shown once").to_owned() }
}

impl Machine<'_> {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.pixora.command(arguments);
        command
            .env("PIXORA_URL", &self.url)
            .env("PIXORA_API_KEY", &self.key)
            .env("PIXORA_DATA_DIR", self.pixora.folder.path().join("no data here"))
            .env("XDG_STATE_HOME", self.pixora.folder.path().join("state"));
        command
    }

    pub fn ingest(&self, session: &str, paths: &[&Path]) -> Value {
        self.ingest_with(&["--wait", "--session", session], paths)
    }

    /// Returns when everything is safe on the server's disk.
    pub fn ingest_without_waiting(&self, session: &str, paths: &[&Path]) -> Value {
        self.ingest_with(&["--session", session], paths)
    }

    fn ingest_with(&self, more: &[&str], paths: &[&Path]) -> Value {
        let mut arguments = vec!["ingest", "--json"];
        arguments.extend(more);
        arguments.extend(paths.iter().map(|path| text(path)));
        let output = self.command(&arguments).output().expect("the program starts");
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{log}\n{}", self.pixora.server_log());
        serde_json::from_slice(&output.stdout).expect("one document")
    }

    /// Begins an upload and sends half of it; its address.
    async fn send_half(&self, session: &str, bytes: &[u8]) -> String {
        let encoded = |text: &str| BASE64_STANDARD.encode(text);
        let metadata = format!("photo_session_id {},filename {}", encoded(session), encoded("half.jpg"));
        let request = reqwest::Client::new().post(format!("{}/api/uploads", self.url)).bearer_auth(&self.key);
        let request = request.header("tus-resumable", "1.0.0").header("upload-length", bytes.len());
        let request = request.header("content-type", "application/offset+octet-stream");
        let request = request.header("upload-metadata", metadata).body(bytes[..bytes.len() / 2].to_vec());
        let answer = request.send().await.expect("the server answers");
        answer.headers()["location"].to_str().expect("text").to_owned()
    }
}

#[tokio::test]
async fn a_card_is_sent_to_a_server_once_and_accounted_for() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Sent from elsewhere");
    let server = pixora.serve();
    let machine = machine(&pixora, &server).await;
    let (officials, groups) = (sample("officials"), sample("groups"));

    let report = machine.ingest(&session, &[&officials]);
    assert_eq!((&report["accepted"], &report["indexed"]), (&json!(7), &json!(7)), "{report}");
    assert!(report["faces"].as_u64() >= Some(7), "{report}");
    let sums = json!({ "sent": 7, "stored": 7, "indexed": 7, "queued": 0, "rejected": 0, "sidecars": 0, "missing": 0 });
    assert_eq!(report["ledger"], sums);

    // Half of one has been sent by a run that ended there.
    let half = std::fs::read(groups.join("sample1.jpg")).expect("the sample can be read");
    let address = machine.send_half(&session, &half).await;
    let upload = format!("{}/ {session} {}", machine.url, hex::encode(Sha256::digest(&half)));
    let state = pixora.folder.path().join("state/pixora");
    std::fs::create_dir_all(&state).expect("can be made");
    let memory = json!({ upload: address }).to_string();
    std::fs::write(state.join("uploads.json"), memory).expect("can be written");

    let note = pixora.folder.path().join("note.jpg");
    std::fs::write(&note, &half[..half.len() / 2]).expect("can be written");
    let report = machine.ingest(&session, &[&groups, &officials, &note]);
    let counts = (&report["accepted"], &report["duplicates"], &report["ledger"]["indexed"]);
    assert_eq!(counts, (&json!(6), &json!(7), &json!(13)), "{report}");
    assert_eq!(rejections(&report), [("note.jpg".into(), "truncated".into())].into());
    assert_eq!((&report["ledger"]["sent"], &report["ledger"]["rejected"]), (&json!(14), &json!(1)));
    let head = reqwest::Client::new().head(&address).bearer_auth(&machine.key);
    let head = head.header("tus-resumable", "1.0.0").send().await.expect("the server answers");
    assert_eq!(head.headers()["pixora-result"], "stored", "the half was resumed");
    assert_eq!(std::fs::read_to_string(state.join("uploads.json")).expect("is there"), "{}");

    let stranger = Machine { key: "pxk_nobody".into(), ..machine };
    let output = stranger.command(&["ingest", "--session", &session, text(&officials)]).output();
    let output = output.expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("[sign_in_required]"));
}

#[tokio::test]
async fn a_watched_folder_is_taken_in_as_its_files_become_whole() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Tethered");
    let server = pixora.serve();
    let machine = machine(&pixora, &server).await;
    let folder = pixora.folder.path().join("export");
    std::fs::create_dir(&folder).expect("can be made");
    std::fs::copy(sample("officials/obama.jpg"), folder.join("early.jpg")).expect("can be copied");

    let mut watching = machine
        .command(&["ingest", "--session", &session, "--watch", text(&folder)])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut lines = BufReader::new(watching.stdout.take().expect("is a pipe")).lines();
    let mut next = || lines.next().expect("goes on").expect("is text");
    let line = next();
    assert!(line.starts_with("stored") && line.ends_with("early.jpg"), "{line}");

    // A camera writes slowly; a program writes under another name first.
    let bytes = std::fs::read(sample("officials/biden.jpg")).expect("the sample can be read");
    let mut slow = File::create(folder.join("slow.jpg")).expect("can be made");
    for part in bytes.chunks(bytes.len().div_ceil(4)) {
        slow.write_all(part).expect("can be written");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    drop(slow);
    let line = next();
    assert!(line.starts_with("stored") && line.ends_with("slow.jpg"), "{line}");
    let unfinished = folder.join("renamed.jpg.tmp");
    std::fs::copy(sample("officials/obama2.jpg"), &unfinished).expect("can be copied");
    tokio::time::sleep(Duration::from_secs(3)).await;
    std::fs::rename(unfinished, folder.join("renamed.jpg")).expect("can be renamed");
    let line = next();
    assert!(line.starts_with("stored") && line.ends_with("renamed.jpg"), "{line}");

    let interrupted = Command::new("kill").args(["-INT", &watching.id().to_string()]).status();
    assert!(interrupted.expect("kill starts").success());
    assert_eq!(watching.wait().expect("was started here").code(), Some(0));
}
