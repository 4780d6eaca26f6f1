//! Guests find themselves and nobody else.

use crate::{
    OBAMA, found, ingest, search,
    support::{Pixora, sample},
};

#[test]
fn each_person_finds_all_of_their_photos_and_no_other() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Reception");
    let report = ingest(&pixora, &session, &[&sample("officials"), &sample("groups")]);
    assert_eq!((&report["accepted"], &report["indexed"]), (&13.into(), &13.into()), "{report}");

    for selfie in ["obama.jpg", "obama_partial_face.jpg", "32bit.png"] {
        let matches = search(&pixora, &session, &sample("officials").join(selfie));
        assert_eq!(found(&matches), OBAMA, "by {selfie}");
        let scores: Vec<f64> = matches.iter().filter_map(|found| found["score"].as_f64()).collect();
        assert!(scores.len() == 6 && scores.is_sorted_by(|a, b| a >= b), "best first: {scores:?}");
        assert!(scores[0] > 0.9 && scores[0] <= 1.0, "itself: {scores:?}");
    }
    let matches = search(&pixora, &session, &sample("officials/biden.jpg"));
    assert_eq!(found(&matches), ["biden.jpg"]);
    // One of a group, the largest in the middle: found there, and not among the two.
    let matches = search(&pixora, &session, &sample("groups/sample1.jpg"));
    let names = found(&matches);
    assert!(names.contains(&"sample1.jpg"), "{names:?}");
    assert!(names.iter().all(|name| name.starts_with("sample")), "{names:?}");
}

#[test]
fn a_search_sees_its_own_session_only() {
    let Some(pixora) = Pixora::new() else { return };
    let (wedding, empty) = (pixora.session("Wedding"), pixora.session("Nothing yet"));
    ingest(&pixora, &wedding, &[&sample("officials/obama2.jpg")]);
    let selfie = sample("officials/obama.jpg");
    assert_eq!(found(&search(&pixora, &wedding, &selfie)), ["obama2.jpg"]);

    let answer = pixora.json(&["search", "--json", "--session", &empty, crate::text(&selfie)]);
    assert_eq!(answer["matches"], serde_json::json!([]));
    assert_eq!((&answer["photos_total"], &answer["photos_pending"]), (&0.into(), &0.into()));
}

#[test]
fn a_photo_given_twice_is_one_photo() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Twice");
    let folder = pixora.folder.path().join("card");
    std::fs::create_dir(&folder).expect("can be made");
    for name in ["a.jpg", "same bytes.JPG"] {
        std::fs::copy(sample("officials/biden.jpg"), folder.join(name)).expect("can be copied");
    }
    let report = ingest(&pixora, &session, &[&folder]);
    assert_eq!((&report["accepted"], &report["duplicates"]), (&1.into(), &1.into()), "{report}");
    let report = ingest(&pixora, &session, &[&folder, &folder.join("a.jpg")]);
    assert_eq!((&report["accepted"], &report["duplicates"]), (&0.into(), &3.into()), "{report}");
    assert_eq!((&report["indexed"], &report["faces"]), (&0.into(), &0.into()), "{report}");

    let photos = &pixora.json(&["session", "show", &session, "--json"])["photos"];
    assert_eq!((&photos["total"], &photos["ready"], &photos["faces"]), (&1.into(), &1.into(), &1.into()));
    assert_eq!(search(&pixora, &session, &folder.join("a.jpg")).len(), 1);

    // Another session has a photo of its own.
    let other = pixora.session("Elsewhere");
    assert_eq!(ingest(&pixora, &other, &[&folder])["accepted"], 1);
}
