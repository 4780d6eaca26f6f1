//! Folders as photographers have them, disks that are busy, and readers that go away.

use std::{
    io::Read,
    os::unix::fs::symlink,
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use sqlx::Connection;

use crate::{
    remote::machine,
    support::{Pixora, sample},
    text,
};

#[test]
fn a_folder_of_dangling_links_is_told_link_by_link_and_is_a_failure() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Nothing there");
    let folder = pixora.folder.path().join("card");
    std::fs::create_dir(&folder).expect("can be made");
    for number in 0..30 {
        symlink("/nonexistent/x.jpg", folder.join(format!("{number}.jpg"))).expect("can be linked");
    }
    let output = pixora.command(&["ingest", "--json", "--session", &session, text(&folder)]).output();
    let output = output.expect("the program starts");
    let report: Value = serde_json::from_slice(&output.stdout).expect("one document all the same");
    let rejected = report["rejected"].as_array().expect("a list");
    assert_eq!((rejected.len(), &report["accepted"]), (30, &json!(0)), "{report}");
    assert!(rejected.iter().all(|refused| refused["code"] == "broken_link"), "{report}");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("[nothing_taken]"));
}

#[test]
fn a_fifo_loops_and_litter_hold_up_nothing_and_are_told() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("NAS");
    let folder = pixora.folder.path().join("nas");
    let litter = folder.join("@eaDir/obama.jpg");
    std::fs::create_dir_all(&litter).expect("can be made");
    std::fs::copy(sample("officials/obama.jpg"), folder.join("obama.jpg")).expect("can be copied");
    std::fs::copy(sample("officials/biden.jpg"), litter.join("SYNOPHOTO_THUMB_XL.jpg"))
        .expect("can be copied");
    symlink(".", folder.join("loop")).expect("can be linked");
    let pipe = folder.join("pipe.jpg");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo starts").success());

    let report = pixora.json(&["ingest", "--json", "--session", &session, text(&folder), text(&pipe)]);
    assert_eq!((&report["accepted"], &report["indexed"]), (&json!(1), &json!(1)), "{report}");
    let codes = |list: &str| {
        let each = report[list].as_array().expect("a list").iter();
        each.map(|one| one["code"].as_str().expect("a code").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes("rejected"), ["not_a_file", "not_a_file"]);
    assert_eq!(codes("left_out"), ["litter", "link_loop"]);
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Head");
    for arguments in [
        &["ingest", "--json", "--session", &session, text(&sample("officials/obama.jpg"))][..],
        &["session", "list"],
        &["doctor"],
    ] {
        let mut command = pixora.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
        drop(child.stdout.take());
        let mut log = String::new();
        child.stderr.take().expect("is piped").read_to_string(&mut log).expect("is text");
        let status = child.wait().expect("was started here");
        assert!(status.success() && !log.contains("panicked"), "{arguments:?} ended with {status}: {log}");
    }
}

#[tokio::test]
async fn a_database_that_is_busy_for_long_is_waited_for() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Busy disk");
    let server = pixora.serve();
    // Somebody has the turn to write, as a disk that does not come to an end would.
    let url = format!("sqlite:{}", pixora.data().join("pixora.db").display());
    let mut busy = sqlx::SqliteConnection::connect(&url).await.expect("opens");
    sqlx::query("BEGIN IMMEDIATE").execute(&mut busy).await.expect("takes the turn");
    let mut command =
        pixora.command(&["ingest", "--json", "--session", &session, text(&sample("officials/obama.jpg"))]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(25) {
        assert!(child.try_wait().expect("was started here").is_none(), "the command gave up");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    sqlx::query("ROLLBACK").execute(&mut busy).await.expect("gives it back");
    let output = tokio::task::spawn_blocking(|| child.wait_with_output()).await.expect("no panic");
    let output = output.expect("was started here");
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    assert!(log.contains("waiting: the database is not available") && log.contains("going on"), "{log}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("one document");
    assert_eq!(report["accepted"], 1, "{report}");
    drop(server);
}

#[tokio::test]
async fn what_the_begin_of_a_file_says_is_refused_before_it_is_sent() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Sent from elsewhere");
    let server = pixora.serve();
    let machine = machine(&pixora, &server).await;
    let video = pixora.folder.path().join("MVI_0001.MP4");
    std::fs::write(&video, b"\0\0\0\x18ftypmp42\0\0\0\0isommp42").expect("can be written");
    let file = std::fs::OpenOptions::new().write(true).open(&video).expect("is there");
    file.set_len(60_000_000).expect("a file may have holes");
    let heavy = pixora.folder.path().join("heavy.jpg");
    std::fs::File::create(&heavy).and_then(|file| file.set_len(100_000_001)).expect("can be made");
    let report = machine.ingest(&session, &[&sample("officials/obama.jpg"), &video, &heavy]);
    let mut codes: Vec<_> =
        report["rejected"].as_array().expect("a list").iter().map(|one| one["code"].clone()).collect();
    codes.sort_by_key(ToString::to_string);
    assert_eq!(codes, [json!("too_large"), json!("unsupported_type")], "{report}");
    assert_eq!(report["ledger"]["sent"], 1, "the server never heard of the others: {report}");
}
