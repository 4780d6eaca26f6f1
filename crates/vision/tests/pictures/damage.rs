//! Files with faults that every viewer forgives: shown as libjpeg and libpng show them, and counted as damaged.

use image::ImageFormat;
use pixora_vision::imaging::{ImageError, Picture, decode, read_header};

use crate::{
    damaged_files::{TRAILER, faulty_jpegs, interlaced_png, progressive},
    fixtures::{difference, dynamic, encoded, jpeg, picture},
};

fn read(bytes: &[u8]) -> Result<Picture, ImageError> {
    let header = read_header(bytes)?;
    decode(bytes, &header, header.long_side())
}

#[test]
fn a_jpeg_with_faults_around_its_pixels_is_shown_whole() {
    let original = picture(160, 120);
    for whole in [jpeg(&original), progressive(&original)] {
        let shown = read(&whole).unwrap();
        assert_eq!(shown.damage, None);
        for (fault, bytes) in faulty_jpegs(&whole) {
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

/// `files/restarts.jpg` has 96 × 96 pixels and a restart marker behind each six blocks; it was made for this test.
/// A fault between two of the markers was taken for the end of the picture.
#[test]
fn a_jpeg_goes_on_behind_a_fault_where_it_has_restart_markers() {
    let bytes = include_bytes!("files/restarts.jpg");
    let whole = read(bytes).unwrap();
    assert_eq!(whole.damage, None);
    let markers: Vec<usize> = bytes
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair[0] == 0xFF && (0xD0..=0xD7).contains(&pair[1]))
        .map(|(at, _)| at)
        .collect();
    let third = markers[markers.len() / 3];
    let (before, behind) = (&bytes[..third], &bytes[third + 2..]);
    let cases = [
        ("a missing marker", [before, behind].concat()),
        ("a marker of another number", [before, &[0xFF, 0xD0 | (bytes[third + 1] + 3) & 7], behind].concat()),
        ("an interval cut short", [&bytes[..third - 20], &bytes[third..]].concat()),
    ];
    for (name, bytes) in cases {
        let picture = read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(picture.damage, Some(100), "{name}");
        assert!(difference(&picture, &whole) < 12.0, "{name}: {}", difference(&picture, &whole));
    }
    let late = read(&bytes[..bytes.len() * 85 / 100]).unwrap();
    assert!(late.damage.is_some_and(|readable| (66..95).contains(&readable)), "{:?}", late.damage);
    assert_eq!(read(&bytes[..bytes.len() / 2]).unwrap_err().code(), "truncated");
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

#[test]
fn an_interlaced_png_cut_late_has_the_rows_above_for_those_that_are_missing() {
    for original in [picture(160, 121), picture(1, 1), picture(3, 2)] {
        let whole = interlaced_png(&original);
        let shown = read(&whole).unwrap();
        assert_eq!((&shown.rgb, shown.damage), (&original.rgb, None));
        let shown = read(&whole[..whole.len() - 12]).unwrap();
        assert_eq!((&shown.rgb, shown.damage), (&original.rgb, Some(100)), "without IEND");
    }
    let original = picture(160, 121);
    let whole = interlaced_png(&original);
    let late = read(&whole[..whole.len() * 9 / 10]).unwrap();
    assert!(late.damage.is_some_and(|readable| (85..=91).contains(&readable)), "{:?}", late.damage);
    let row = |picture: &Picture, y: usize| picture.rgb[y * 480..(y + 1) * 480].to_vec();
    assert_eq!(row(&late, 1), row(&original, 1));
    assert_eq!(row(&late, 120), row(&original, 120));
    assert_eq!(row(&late, 119), row(&original, 118));
    let Err(ImageError::Truncated { readable }) = read(&whole[..whole.len() / 2]) else {
        panic!("half a file is no photo");
    };
    assert!((40..=50).contains(&readable), "{readable} %");
}

/// A GIF of 64 colours in which no row is like another.
fn gif(interlaced: bool) -> Vec<u8> {
    let (width, height) = (120_u16, 90_u16);
    let palette: Vec<u8> = (0..64_u8).flat_map(|n| [n * 4, 255 - n * 4, n]).collect();
    let stored: Vec<usize> = if interlaced {
        [(0, 8), (4, 8), (2, 4), (1, 2)].into_iter().flat_map(|(from, by)| (from..90).step_by(by)).collect()
    } else {
        (0..90).collect()
    };
    let number = |x: usize, y: usize| ((x * 7 + y * y * 5 + x * y) % 64) as u8;
    let pixels = stored.iter().flat_map(|&y| (0..120).map(move |x| number(x, y))).collect::<Vec<_>>();
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, width, height, &palette).unwrap();
    let frame = gif::Frame { width, height, interlaced, buffer: pixels.into(), ..gif::Frame::default() };
    encoder.write_frame(&frame).unwrap();
    drop(encoder);
    bytes
}

#[test]
fn a_gif_cut_late_is_shown_in_part() {
    for interlaced in [false, true] {
        let bytes = gif(interlaced);
        let whole = read(&bytes).unwrap();
        assert_eq!(whole.damage, None);
        assert_eq!(whole.rgb, read(&gif(!interlaced)).unwrap().rgb, "the order of rows changes nothing");
        let without_end = read(&bytes[..bytes.len() - 1]).unwrap();
        assert_eq!((without_end.damage, &without_end.rgb), (Some(100), &whole.rgb));
        let late = read(&bytes[..bytes.len() * 85 / 100]).unwrap();
        let readable = usize::from(late.damage.expect("it is told"));
        assert!((70..95).contains(&readable), "{readable} %");
        let row = |picture: &Picture, y: usize| picture.rgb[y * 360..(y + 1) * 360].to_vec();
        let rows = 90 * readable / 100;
        if interlaced {
            assert_eq!(row(&late, 88), row(&whole, 88));
            assert_eq!(row(&late, 89), row(&whole, 88), "the row above stands in");
        } else {
            assert_eq!(late.rgb[..rows * 360], whole.rgb[..rows * 360]);
            assert!(row(&late, 89).iter().all(|&value| value == 255), "what is missing is white");
        }
        let Err(ImageError::Truncated { readable }) = read(&bytes[..bytes.len() / 2]) else {
            panic!("half a file is no photo");
        };
        assert!((30..60).contains(&readable), "{readable} %");
    }
}

#[test]
fn a_lossless_webp_cut_late_is_shown_in_part() {
    let original = picture(200, 300);
    let bytes = encoded(&dynamic(&original), ImageFormat::WebP);
    let late = read(&bytes[..bytes.len() * 9 / 10]).unwrap();
    let readable = usize::from(late.damage.expect("it is told"));
    assert!((70..=95).contains(&readable), "{readable} %");
    let rows = 300 * readable / 100;
    assert_eq!(late.rgb[..rows * 600], original.rgb[..rows * 600]);
    assert!(late.rgb[299 * 600..].iter().all(|&grey| grey == 128), "what is missing is grey");
    assert_eq!(read(&bytes[..bytes.len() / 2]).unwrap_err().code(), "truncated");
}

#[test]
fn an_animated_webp_cut_behind_its_first_picture_shows_it() {
    let bytes = include_bytes!("files/moving.webp");
    let whole = read(bytes).unwrap();
    let frames: Vec<usize> =
        bytes.windows(4).enumerate().filter(|(_, name)| *name == b"ANMF").map(|(at, _)| at).collect();
    for cut in [frames[1], frames[1] + 6, frames[1] + 40, bytes.len() - 1] {
        let late = read(&bytes[..cut]).unwrap_or_else(|error| panic!("{cut} of {}: {error}", bytes.len()));
        assert_eq!((late.damage, &late.rgb), (Some(100), &whole.rgb));
    }
    assert_eq!(read(&bytes[..frames[1] - 10]).unwrap_err().code(), "truncated");
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
