//! Bad files among the good: each is named with its own code, none stops the batch, the numbers add up.

use std::{collections::BTreeSet, fs::File};

use image::DynamicImage;
use pixora::imaging;

use crate::{
    found, ingest,
    pictures::{animated_webp, cmyk_jpeg, jpeg, photograph, png_claiming, with_exif},
    rejections, search,
    support::{Pixora, sample},
};

#[test]
fn every_file_ends_as_accepted_duplicate_or_rejected() {
    let Some(pixora) = Pixora::new() else { return };
    let session = pixora.session("Mixed bag");
    let folder = pixora.folder.path().join("card");
    std::fs::create_dir(&folder).expect("can be made");
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).expect("can be written");

    let original = std::fs::read(sample("officials/obama.jpg")).expect("the sample can be read");
    let portrait = photograph(&sample("officials/obama.jpg"), 900);
    let saved = |picture: &DynamicImage, name: &str| picture.save(folder.join(name)).expect("can be written");
    let good = ["as it is.jpg", "broken exif.jpg", "cmyk.jpg", "deep.png", "grey.jpg", "lossless.webp"];
    write("as it is.jpg", &original);
    write("broken exif.jpg", &with_exif(&jpeg(&portrait, 90), b"MM\0\x2A\xFF\xFF\xFF\xF0 is nowhere"));
    write("cmyk.jpg", &cmyk_jpeg(&portrait));
    saved(&DynamicImage::ImageRgb16(portrait.to_rgb16()), "deep.png");
    write("grey.jpg", &jpeg(&DynamicImage::ImageLuma8(portrait.to_luma8()), 90));
    saved(&portrait, "lossless.webp");
    write("again.jpg", &original);

    let bad = [
        ("animated.webp", "damaged"),
        ("empty.jpg", "empty_file"),
        ("gif.jpg", "damaged"),
        ("huge.png", "too_many_pixels"),
        ("nothing to see.jpg", "damaged"),
        ("phone.jpg", if imaging::heif_support().0 { "damaged" } else { "heic_unsupported" }),
        ("text.jpg", "unsupported_type"),
        ("torn.jpg", "truncated"),
        ("without a side.png", "empty_picture"),
        ("heavy.jpg", "too_large"),
        ("not there.jpg", "unreadable"),
    ];
    write("animated.webp", &animated_webp());
    write("empty.jpg", b"");
    write("gif.jpg", b"GIF89a\x01\0\x01\0\0\0\0;");
    write("huge.png", &png_claiming(65_000, 65_000));
    write("nothing to see.jpg", b"\xFF\xD8\xFF\xD9");
    write("phone.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    write("text.jpg", b"Dear guests, the photos come later.");
    write("torn.jpg", &original[..original.len() / 2]);
    write("without a side.png", &png_claiming(0, 600));
    let heavy = File::create(folder.join("heavy.jpg")).expect("can be made");
    heavy.set_len(100_000_001).expect("a file may have holes");
    write(".hidden.jpg", b"not even looked at");

    let report = ingest(&pixora, &session, &[&folder, &folder.join("not there.jpg")]);
    let expected: BTreeSet<(String, String)> =
        bad.iter().map(|(file, code)| ((*file).to_owned(), (*code).to_owned())).collect();
    assert_eq!(rejections(&report), expected);
    assert_eq!(report["accepted"], good.len(), "{report}");
    assert_eq!(report["duplicates"], 1, "{report}");
    assert_eq!(report["indexed"], good.len(), "{report}");
    assert_eq!(report["faces"], good.len(), "one in each: {report}");

    // What could be read was read right: the face is the same in every one of them.
    let matches = search(&pixora, &session, &sample("officials/obama3.jpg"));
    let names = found(&matches);
    assert_eq!(names.len(), good.len(), "{names:?}");
    assert!(good.iter().all(|name| names.contains(name) || *name == "as it is.jpg"), "{names:?}");

    // Whoever was rejected by the pipeline, not at the door, has a row that says so; the rest left nothing.
    let photos = &pixora.json(&["session", "show", &session, "--json"])["photos"];
    assert_eq!((&photos["ready"], &photos["queued"]), (&good.len().into(), &0.into()));
    assert_eq!(pixora.json(&["doctor", "--json"])["ok"], true);
}
