//! Commands that scripts rely on: statuses, codes, and an index that can always be made again.

use image::{DynamicImage, RgbImage};

use crate::{
    OBAMA, account, assert_fails, found, ingest,
    pictures::jpeg,
    search,
    support::{Pixora, sample},
    text,
};

#[test]
fn failures_have_a_status_and_a_code() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Quiet");
    let wall = pixora.folder.path().join("wall.jpg");
    let grey = DynamicImage::ImageRgb8(RgbImage::from_pixel(640, 480, image::Rgb([127, 120, 110])));
    std::fs::write(&wall, jpeg(&grey, 90)).expect("can be written");
    let wall = text(&wall);
    let stranger = "01980000-0000-7000-8000-000000000001";

    assert_fails(&pixora, &["search", "--json", "--session", &session, wall], 1, "[no_face]");
    assert_fails(&pixora, &["search", "--json", "--session", stranger, wall], 1, "[session_not_found]");
    assert_fails(&pixora, &["ingest", "--json", "--session", stranger, wall], 1, "[session_not_found]");
    assert_fails(&pixora, &["session", "show", stranger, "--json"], 1, "[session_not_found]");
    assert_fails(&pixora, &["search", "--session", &session, "gone.jpg"], 1, "[unreadable]");

    assert_fails(&pixora, &["worker"], 1, "[worker_needs_postgres]");

    assert_fails(&pixora, &["search", "--session", "not-an-id", wall], 2, "--session");
    assert_fails(&pixora, &["search", "--session", &session], 2, "SELFIE");
    assert_fails(&pixora, &["ingest", wall], 2, "--session");
    assert_fails(&pixora, &["erase"], 2, "--session");
    assert_fails(&pixora, &["session", "create", "--name", " "], 2, "[usage]");
    assert_fails(&pixora, &["doctor", "--workers", "none"], 2, "[invalid_setting]");
    assert_fails(&pixora, &["develop"], 2, "develop");
}

#[test]
fn accounts_are_made_listed_and_switched() {
    let Some(pixora) = Pixora::new() else { return };
    account::add(&pixora);
    let list = || pixora.json(&["user", "list", "--json"]);
    let user = &list()[0];
    assert_eq!((&user["email"], &user["role"]), (&"sender@example.com".into(), &"super_admin".into()));
    assert_eq!(list().as_array().expect("a list").len(), 1);
    for (command, disabled) in [("disable", true), ("enable", false)] {
        assert!(pixora.command(&["user", command, "Sender@Example.com"]).status().expect("starts").success());
        assert_eq!(list()[0]["disabled"], disabled);
    }
    assert_fails(&pixora, &["user", "disable", "nobody@example.com"], 1, "[user_not_found]");
    assert_fails(&pixora, &["user", "add", "--email", "a@example.com", "--role", "king"], 2, "--role");
}

#[test]
fn a_lost_index_is_made_again_from_the_rows() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Index lost");
    ingest(&pixora, &session, &[&sample("officials"), &sample("groups/sample1.jpg")]);
    let selfie = sample("officials/obama.jpg");
    assert_eq!(found(&search(&pixora, &session, &selfie)), OBAMA);
    let lose = || std::fs::remove_dir_all(pixora.data().join("index")).expect("the index is a folder");

    lose();
    assert_eq!(found(&search(&pixora, &session, &selfie)), OBAMA, "made again at the start");
    lose();
    let faces = pixora.json(&["session", "show", &session, "--json"])["photos"]["faces"].clone();
    assert_eq!(pixora.json(&["reindex", "--json"])["faces"], faces);
    assert_eq!(found(&search(&pixora, &session, &selfie)), OBAMA, "made again by `reindex`");

    let checks = pixora.json(&["doctor", "--json"]);
    assert_eq!(checks["ok"], true, "{checks}");
}

#[test]
fn doctor_finds_a_lost_original() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Disk lost");
    ingest(&pixora, &session, &[&sample("officials/biden.jpg"), &sample("officials/obama2.jpg")]);
    assert_eq!(pixora.json(&["doctor", "--json"])["ok"], true);
    let originals = pixora.data().join(format!("blobs/sessions/{session}/originals"));
    let one = std::fs::read_dir(&originals).expect("is a folder").next().expect("has files");
    std::fs::remove_file(one.expect("can be read").path()).expect("can be removed");

    let output = pixora.command(&["doctor", "--json"]).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    let checks: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("one document all the same");
    let failed: Vec<_> =
        checks["checks"].as_array().expect("a list").iter().filter(|c| c["ok"] == false).collect();
    assert!(failed.len() == 1 && failed[0]["name"] == "files", "{checks}");
    // The photo itself is still found: its faces and its smaller pictures are not lost.
    assert_eq!(found(&search(&pixora, &session, &sample("officials/obama.jpg"))), ["obama2.jpg"]);
}
