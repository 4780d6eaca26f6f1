//! The operator's commands about access: file permissions, passwords, API keys.

use std::{
    fs,
    io::Write,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    process::Stdio,
};

use serde_json::Value;

use crate::{
    account, assert_fails, ingest,
    support::{Pixora, sample},
};

/// What of a folder anybody but its owner can do anything with.
fn open_to_others(folder: &Path) -> Vec<String> {
    let entries = walkdir::WalkDir::new(folder).into_iter().map(|entry| entry.expect("can be walked"));
    let open = entries.filter(|entry| entry.metadata().expect("is there").mode() & 0o077 != 0);
    open.map(|entry| entry.path().display().to_string()).collect()
}

fn data_directory(pixora: &Pixora, arguments: &[&str]) -> Value {
    let output = pixora.command(arguments).output().expect("the program starts");
    let document: Value = serde_json::from_slice(&output.stdout).expect("doctor prints JSON");
    let checks = document["checks"].as_array().expect("has checks");
    checks.iter().find(|check| check["name"] == "data directory").expect("is checked").clone()
}

#[test]
fn data_at_rest_is_its_owners_alone() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Private");
    ingest(&pixora, &session, &[&sample("officials/biden.jpg")]);
    let server = pixora.serve();
    assert!(pixora.data().join("pixora.db-wal").exists(), "the log is looked at too");
    assert_eq!(open_to_others(&pixora.data()), Vec::<String>::new());
    drop(server);

    // As an earlier version left it.
    let mode =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("is ours");
    let database = pixora.data().join("pixora.db");
    mode(&pixora.data(), 0o755);
    mode(&database, 0o644);
    assert_eq!(data_directory(&pixora, &["doctor", "--json"])["ok"], false);
    assert_eq!(data_directory(&pixora, &["doctor", "--json", "--fix"])["ok"], true);
    assert_eq!(data_directory(&pixora, &["doctor", "--json"])["ok"], true);
    mode(&pixora.data(), 0o755);
    mode(&database, 0o644);
    drop(pixora.serve());
    assert_eq!(open_to_others(&pixora.data()), Vec::<String>::new(), "a start closes it");
}

#[test]
fn an_operator_gives_another_password_and_ends_keys() {
    let Some(pixora) = Pixora::new() else { return };
    account::add(&pixora);
    const LOGIN: &str = "sender@example.com";
    let run = |arguments: &[&str], password: &str| {
        let mut command = pixora.command(arguments);
        let mut running = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts");
        writeln!(running.stdin.take().expect("is a pipe"), "{password}").expect("can be written");
        running.wait_with_output().expect("ends")
    };
    let easy = run(&["user", "password", LOGIN, "--password-stdin"], "qwertyuiop");
    assert!(String::from_utf8_lossy(&easy.stderr).contains("weak_password"), "{easy:?}");
    let changed = run(&["user", "password", LOGIN, "--password-stdin"], "seven purple lanterns");
    assert!(changed.status.success(), "{changed:?}");
    assert_eq!(pixora.json(&["user", "keys", LOGIN, "--json"]), serde_json::json!([]));
    let revoked = pixora.json(&["user", "keys", LOGIN, "--revoke", "--json"]);
    assert_eq!(revoked, serde_json::json!({ "revoked": 0 }));
    let id = "0192f0c1-7a3b-7c4d-8e5f-001122334455";
    assert_fails(&pixora, &["user", "keys", LOGIN, &format!("--revoke={id}")], 1, "[api_key_not_found]");
    assert_fails(&pixora, &["user", "keys", "nobody@example.com"], 1, "[user_not_found]");
}

#[test]
fn every_kind_of_erasure_has_a_receipt_that_counts() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Counted");
    ingest(&pixora, &session, &[&sample("officials/biden.jpg")]);
    let receipt = pixora.json(&["erase", "--session", &session, "--receipt"]);
    assert_eq!(
        (&receipt["rows"]["photos"], &receipt["files"], &receipt["vectors"]),
        (&1.into(), &5.into(), &1.into())
    );
    assert_eq!(receipt["database"], serde_json::json!({ "free_pages": 0, "log_pages": 0, "mentions": 0 }));
}
