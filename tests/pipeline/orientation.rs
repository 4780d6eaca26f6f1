//! Cameras store rows as the sensor lay; people see pictures upright.

use crate::{
    found, ingest,
    pictures::{beside, jpeg, orientation_tiff, photograph, stored_as, with_exif},
    rect, search,
    support::{Pixora, sample},
};

#[test]
fn the_same_faces_lie_at_the_same_places_however_the_camera_was_held() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Held in all ways");
    let (one, other) = (sample("officials/obama2.jpg"), sample("officials/biden.jpg"));
    let upright = beside(&photograph(&one, 700), &photograph(&other, 700));
    let folder = pixora.folder.path().join("card");
    std::fs::create_dir(&folder).expect("can be made");
    for orientation in 1..=8 {
        let stored = jpeg(&stored_as(&upright, orientation), 95);
        let file = with_exif(&stored, &orientation_tiff(orientation));
        std::fs::write(folder.join(format!("{orientation}.jpg")), file).expect("can be written");
    }
    let report = ingest(&pixora, &session, &[&folder]);
    assert_eq!((&report["indexed"], &report["faces"]), (&8.into(), &16.into()), "{report}");

    let split = f64::from(photograph(&one, 700).width()) / f64::from(upright.width());
    for (selfie, is_left) in [("obama.jpg", true), ("biden.jpg", false)] {
        let matches = search(&pixora, &session, &sample("officials").join(selfie));
        let names: Vec<String> = (1..=8).map(|orientation| format!("{orientation}.jpg")).collect();
        assert_eq!(found(&matches), names, "by {selfie}");
        let straight = matches.iter().find(|found| found["filename"] == "1.jpg").map(rect);
        let straight = straight.expect("was found above");
        assert_eq!(straight[0] + straight[2] / 2.0 < split, is_left, "{selfie} is found on their side");
        for found in &matches {
            let apart = rect(found).iter().zip(straight).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(
                apart < 0.02,
                "{} has the face at {:?}, not {straight:?}",
                found["filename"],
                rect(found)
            );
        }
    }
}
