//! From a photograph to a found guest: the binary, the real models, real photographs.

#![expect(clippy::disallowed_methods, reason = "a test may look at the clock")]

#[path = "../support/account.rs"]
mod account;
mod backup;
#[path = "../support/bucket.rs"]
mod bucket;
#[path = "../support/ftp.rs"]
mod camera;
mod commands;
mod doors;
mod erasing;
mod external;
mod external_photos;
mod folders;
mod full_disk;
mod kept;
mod library;
mod library_faults;
mod library_limits;
mod moving;
mod orientation;
mod otlp;
mod people;
mod pictures;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/qdrant.rs"]
mod qdrant;
mod rejections;
mod remote;
#[path = "../support/s3.rs"]
mod s3;
mod server;
#[path = "../support/full_disk.rs"]
mod small_disk;
mod starved;
mod storage;
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod unreachable;
mod watched;

use std::{collections::BTreeSet, path::Path};

use serde_json::Value;
use support::Pixora;

/// The photos of one of the two people.
const OBAMA: [&str; 6] = [
    "32bit.png",
    "obama.jpg",
    "obama2.jpg",
    "obama3.jpg",
    "obama_partial_face.jpg",
    "obama_partial_face2.jpg",
];

fn text(path: &Path) -> &str {
    path.to_str().expect("test paths are text")
}

/// Stores files and folders; the report of `ingest --json`.
fn ingest(pixora: &Pixora, session: &str, paths: &[&Path]) -> Value {
    let mut arguments = vec!["ingest", "--json", "--session", session];
    arguments.extend(paths.iter().map(|path| text(path)));
    pixora.json(&arguments)
}

/// The matches of `search --json`.
fn search(pixora: &Pixora, session: &str, selfie: &Path) -> Vec<Value> {
    let answer = pixora.json(&["search", "--json", "--session", session, text(selfie)]);
    answer["matches"].as_array().expect("an answer has matches").clone()
}

/// File names, sorted; a photo found twice stands there twice.
fn found(matches: &[Value]) -> Vec<&str> {
    let mut names: Vec<&str> = matches.iter().filter_map(|found| found["filename"].as_str()).collect();
    names.sort_unstable();
    names
}

/// `x`, `y`, `w`, `h` of a match's box.
fn rect(found: &Value) -> [f64; 4] {
    ["x", "y", "w", "h"].map(|side| found["box"][side].as_f64().expect("a box has four numbers"))
}

/// The codes of a report's rejections, each with its file's name.
fn rejections(report: &Value) -> BTreeSet<(String, String)> {
    let rejected = report["rejected"].as_array().expect("a report has a list of the rejected");
    let name = |file: &str| file.rsplit('/').next().unwrap_or(file).to_owned();
    let one = |entry: &Value| {
        (
            name(entry["file"].as_str().unwrap_or_default()),
            entry["code"].as_str().unwrap_or_default().to_owned(),
        )
    };
    rejected.iter().map(one).collect()
}

/// Runs what must fail: nothing on stdout, this status, and this code at the end of the sentence.
fn assert_fails(pixora: &Pixora, arguments: &[&str], status: i32, code: &str) {
    let output = pixora.command(arguments).output().expect("the program starts");
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments:?}:\n{log}");
    assert!(log.contains(code), "{arguments:?} does not say {code}:\n{log}");
    assert!(output.stdout.is_empty(), "{arguments:?} failed and yet printed a document");
}
