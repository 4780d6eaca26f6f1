//! Files with faults that every viewer forgives: shown as libjpeg and libpng show them, and counted as damaged.

use image::ImageFormat;
use mozjpeg::{ColorSpace, Compress};
use pixora_vision::imaging::{ImageError, Picture, decode, read_header};

use crate::fixtures::{difference, dynamic, encoded, jpeg, picture, with_segment};

fn read(bytes: &[u8]) -> Result<Picture, ImageError> {
    let header = read_header(bytes)?;
    decode(bytes, &header, header.long_side())
}

fn progressive(picture: &Picture) -> Vec<u8> {
    let mut compress = Compress::new(ColorSpace::JCS_RGB);
    compress.set_size(picture.width as usize, picture.height as usize);
    compress.set_progressive_mode();
    let mut started = compress.start_compress(Vec::new()).unwrap();
    started.write_scanlines(&picture.rgb).unwrap();
    started.finish().unwrap()
}

/// Where the segments of a JPEG begin, up to its first scan.
fn segments(jpeg: &[u8]) -> Vec<usize> {
    let mut at = 2;
    let mut found = Vec::new();
    loop {
        found.push(at);
        if jpeg[at + 1] == 0xDA {
            return found;
        }
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
}

fn inserted(whole: &[u8], at: usize, bytes: &[u8]) -> Vec<u8> {
    [&whole[..at], bytes, &whole[at..]].concat()
}

/// A trailer as Samsung's phones write it, in the place of the end marker.
const TRAILER: &[u8] = b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1718031600000SEFH\x6b\0\0\0\x01\0\0\0SEFT";

/// Every fault of a JPEG whose pixels are all there, by name.
fn faulty(whole: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let end = whole.len() - 2;
    assert_eq!(&whole[end..], [0xFF, 0xD9]);
    let places = segments(whole);
    let scan = places[places.len() - 1];
    let stray = [0x12, 0x00, 0x34, 0xFF, 0x00, 0x56];
    // A comment whose length says less than it holds.
    let mut short = with_segment(whole, 0xFE, b"a comment of thirty letters...");
    short[5] = 10;
    vec![
        ("no end marker", whole[..end].to_vec()),
        ("a trailer in its place", [&whole[..end], TRAILER].concat()),
        ("half an end marker", whole[..end + 1].to_vec()),
        ("bytes before the start", [&b"\r\n--boundary\r\n\r\n"[..], whole].concat()),
        ("bytes after the start marker", inserted(whole, 2, &[0; 5])),
        ("bytes between segments", inserted(whole, places[1], &stray)),
        ("bytes before the scan", inserted(whole, scan, &stray)),
        ("a segment that is longer than it says", short),
    ]
}

#[test]
fn a_jpeg_with_faults_around_its_pixels_is_shown_whole() {
    let original = picture(160, 120);
    for whole in [jpeg(&original), progressive(&original)] {
        let shown = read(&whole).unwrap();
        assert_eq!(shown.damage, None);
        for (fault, bytes) in faulty(&whole) {
            let picture = read(&bytes).unwrap_or_else(|error| panic!("{fault}: {error}"));
            assert!(difference(&picture, &shown) < 0.2, "{fault}: the same picture");
            assert!(picture.damage.is_some_and(|readable| readable > 90), "{fault}: {:?}", picture.damage);
        }
    }
}

#[test]
fn what_follows_the_end_is_no_fault() {
    let whole = jpeg(&picture(96, 64));
    for behind in [TRAILER, b"\0\0\0\0", &whole] {
        assert_eq!(read(&[&whole, behind].concat()).unwrap().damage, None);
    }
}

#[test]
fn a_jpeg_cut_late_is_shown_with_how_much_of_it_is_there() {
    let original = picture(320, 240);
    let whole = jpeg(&original);
    let shown = read(&whole).unwrap();
    for cut in [1, 2, 3, 10, 40] {
        let picture = read(&whole[..whole.len() - cut]).unwrap();
        assert!(
            picture.damage.is_some_and(|readable| readable > 80),
            "less {cut} bytes: {:?}",
            picture.damage
        );
    }
    let late = read(&whole[..whole.len() * 85 / 100]).unwrap();
    let readable = usize::from(late.damage.expect("is damaged"));
    assert!((70..95).contains(&readable), "{readable} %");
    let rows = 240 * readable / 100;
    let there = rows * 320 * 3;
    assert_eq!(
        late.rgb[..there - 16 * 320 * 3],
        shown.rgb[..there - 16 * 320 * 3],
        "the upper part is untouched"
    );
}

#[test]
fn a_hopeless_file_is_refused_with_how_much_of_it_is_there() {
    let whole = jpeg(&picture(320, 240));
    let png = encoded(&dynamic(&picture(320, 240)), ImageFormat::Png);
    for (whole, least) in [(whole, 20), (png, 20)] {
        let Err(ImageError::Truncated { readable }) = read(&whole[..whole.len() / 2]) else {
            panic!("half a file is no photo");
        };
        assert!((least..66).contains(&readable), "{readable} %");
        for part in [4, 40] {
            let start = &whole[..whole.len() / part];
            assert_eq!(read(start).unwrap_err().code(), "truncated", "{} bytes", start.len());
        }
    }
}

#[test]
fn a_progressive_jpeg_is_shown_once_its_first_scans_are_there() {
    let original = picture(160, 120);
    let whole = progressive(&original);
    let scans: Vec<usize> =
        whole.windows(2).enumerate().filter(|(_, pair)| *pair == [0xFF, 0xDA]).map(|(at, _)| at).collect();
    let blurred = read(&whole[..scans[scans.len() - 1]]).expect("the last scan only refines");
    assert!(blurred.damage.is_some());
    assert!(difference(&blurred, &original) < 8.0);
    assert_eq!(read(&whole[..scans[0] + 20]).unwrap_err().code(), "truncated");
}

#[test]
fn a_png_without_its_end_is_shown_whole_and_one_cut_late_in_part() {
    for original in [picture(160, 120), picture(1, 1)] {
        let whole = encoded(&dynamic(&original), ImageFormat::Png);
        let end = whole.windows(4).position(|name| name == b"IEND").unwrap() - 4;
        for cut in [whole.len() - 1, whole.len() - 4, end + 8, end] {
            let picture =
                read(&whole[..cut]).unwrap_or_else(|error| panic!("{cut} of {}: {error}", whole.len()));
            assert_eq!(picture.rgb, original.rgb);
            assert_eq!(picture.damage, Some(100));
        }
    }
    let original = picture(320, 240);
    let whole = encoded(&dynamic(&original), ImageFormat::Png);
    let late = read(&whole[..whole.len() * 9 / 10]).unwrap();
    let rows = 240 * usize::from(late.damage.unwrap()) / 100;
    assert!((150..239).contains(&rows), "{rows} rows");
    assert_eq!(late.rgb[..rows * 960], original.rgb[..rows * 960]);
    assert!(late.rgb[239 * 960..].iter().all(|&value| value == 255), "what is missing is white");
}

/// The smallest pictures that were reported, where they lie beside the sources.
#[test]
fn reported_files_are_shown() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/min");
    for name in ["no_eoi.jpg", "stray_bytes_between_segments.jpg", "no_iend.png"] {
        let Ok(bytes) = std::fs::read(folder.join(name)) else { continue };
        let picture = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(picture.damage.is_some(), "{name}");
    }
}

/// `files/lossy.webp` has 96 × 192 pixels of noise, made for this test.
#[test]
fn a_webp_cut_late_is_shown_in_part() {
    let bytes = include_bytes!("files/lossy.webp");
    let whole = read(bytes).unwrap();
    assert_eq!((whole.width, whole.height, whole.damage), (96, 192, None));
    let late = read(&bytes[..bytes.len() * 9 / 10]).unwrap();
    let readable = late.damage.expect("it is told");
    assert!((70..=95).contains(&readable), "{readable} %");
    let rows = 192 * usize::from(readable) / 100;
    assert_eq!(late.rgb[..rows * 288], whole.rgb[..rows * 288], "what is shown is what was there");
    assert!(late.rgb[191 * 288..].iter().all(|&grey| grey == 128), "what is missing is grey");
    for part in [3, 5] {
        let error = read(&bytes[..bytes.len() * part / 10]).unwrap_err();
        let Some(readable) = error.readable() else { panic!("{error}") };
        assert!(usize::from(readable) <= part * 10, "of {part} tenths {readable} % were readable");
    }
    // Only the end is missing, where nothing of the picture is.
    let with_end = [&bytes[..4], &(bytes.len() as u32 + 92).to_le_bytes(), &bytes[8..]].concat();
    assert_eq!(read(&with_end).unwrap().damage, Some(100));
}
