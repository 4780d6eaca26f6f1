//! Erased means gone.

use std::{collections::BTreeSet, fs, path::PathBuf};

use crate::{
    assert_fails, found, ingest, search,
    support::{Pixora, sample},
    text,
};

/// Every file and folder of the data directory whose path or content names `id`.
fn traces(pixora: &Pixora, id: &str) -> BTreeSet<PathBuf> {
    let names_it = |entry: &walkdir::DirEntry| {
        let inside = || fs::read(entry.path()).expect("can be read");
        entry.path().display().to_string().contains(id)
            || entry.file_type().is_file() && inside().windows(id.len()).any(|part| part == id.as_bytes())
    };
    let entries = walkdir::WalkDir::new(pixora.data()).into_iter().map(|entry| entry.expect("can be walked"));
    entries.filter(names_it).map(walkdir::DirEntry::into_path).collect()
}

#[test]
fn an_erased_session_leaves_no_row_no_file_and_no_face() {
    let Some(pixora) = Pixora::new() else { return };
    let (erased, kept) = (pixora.session("Erased"), pixora.session("Kept"));
    let selfie = sample("officials/obama.jpg");
    ingest(&pixora, &erased, &[&sample("officials")]);
    ingest(&pixora, &kept, &[&sample("officials/obama2.jpg"), &sample("officials/biden.jpg")]);
    let before = search(&pixora, &erased, &selfie);
    let photo = before[0]["photo_id"].as_str().expect("a match has an id").to_owned();
    assert!(traces(&pixora, &erased).len() > 7 && traces(&pixora, &photo).len() > 3);

    let receipt = pixora.json(&["erase", "--session", &erased, "--receipt"]);
    assert_eq!((&receipt["rows"]["photos"], &receipt["rows"]["photo_sessions"]), (&7.into(), &1.into()));
    // Seven originals, each with four derivatives.
    assert_eq!((&receipt["files"], &receipt["vectors"]), (&35.into(), &receipt["rows"]["faces"]));
    let left = receipt["left"].as_object().expect("a receipt says what is left");
    assert!(left.len() == 4 && left.values().all(|count| count == 0), "{receipt}");

    assert_eq!(traces(&pixora, &erased), BTreeSet::new());
    assert_eq!(traces(&pixora, &photo), BTreeSet::new());
    assert_fails(&pixora, &["search", "--session", &erased, text(&selfie)], 1, "[session_not_found]");
    assert_fails(&pixora, &["session", "show", &erased], 1, "[session_not_found]");
    assert_eq!(found(&search(&pixora, &kept, &selfie)), ["obama2.jpg"], "the neighbour is untouched");
    assert_eq!(pixora.json(&["doctor", "--json"])["ok"], true);
}

#[test]
fn an_erased_photo_is_found_no_more() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("One wish");
    let selfie = sample("officials/obama.jpg");
    ingest(&pixora, &session, &[&sample("officials/obama2.jpg"), &sample("officials/obama3.jpg")]);
    let matches = search(&pixora, &session, &selfie);
    let photo = matches.iter().find(|found| found["filename"] == "obama2.jpg").expect("was stored");
    let photo = photo["photo_id"].as_str().expect("a match has an id");

    let receipt = pixora.json(&["erase", "--photo", photo, "--receipt"]);
    assert_eq!((&receipt["files"], &receipt["vectors"]), (&5.into(), &1.into()), "{receipt}");
    assert_eq!(traces(&pixora, photo), BTreeSet::new());
    assert_eq!(found(&search(&pixora, &session, &selfie)), ["obama3.jpg"]);
    assert_fails(&pixora, &["erase", "--photo", photo, "--receipt"], 1, "[photo_not_found]");
    assert_fails(&pixora, &["erase", "--order", photo], 1, "[order_not_found]");
}
