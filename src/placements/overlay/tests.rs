//! The whole picture is given to the scanner, as anybody's would be, and smaller versions of it.

use super::*;

const SHORT: &str = "https://example.com/autumn";
const LONG: &str = "https://shop.example.com/collections/autumn-2026/dresses?utm_source=pixora&utm_medium=qr&\
     utm_campaign=placement-0192f0c1-7a3b-7c4d-8e5f-001122334455&utm_content=poster";

/// The same on every machine.
fn noise(seed: u32) -> impl FnMut() -> u8 {
    let mut state = seed.wrapping_mul(2_654_435_761).max(1);
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 24) as u8
    }
}

fn picture(width: u32, height: u32, kind: &str) -> Picture {
    let mut random = noise(width ^ height);
    let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let rgb = pixels.flat_map(|(x, y)| match kind {
        "light" => [250, 248, 240],
        "dark" => [12, 10, 14],
        // Black and white squares, the worst neighbours of a code.
        "chequered" => [if (x / 12 + y / 12) % 2 == 0 { 0 } else { 255 }; 3],
        "noise" => [random(), random(), random()],
        _ => [(x * 255 / width) as u8, (y * 255 / height) as u8, 128],
    });
    Picture::new(width, height, rgb.collect())
}

fn read(jpeg: &[u8], url: &str) -> bool {
    reads(&decode(jpeg).expect("is a JPEG"), url)
}

/// Draws, and checks everything that is promised of a drawn code.
fn drawn(picture: Picture, url: &str, what: &str) -> Drawn {
    let (width, height) = (picture.width, picture.height);
    let drawn = draw(picture, url).unwrap_or_else(|error| panic!("{what}: {error}"));
    let CodeArea { x, y, size } = drawn.area;
    assert!(x + size <= width && y + size <= height, "{what}: {:?}", drawn.area);
    assert!(f64::from(size) <= f64::from(width.min(height)) * LARGEST, "{what}: {size} px");
    assert!(read(&drawn.whole, url), "{what}: the whole picture");
    assert!(read(&drawn.preview, url), "{what}: the preview");
    drawn
}

#[test]
fn a_code_is_read_on_light_dark_and_busy_pictures_of_every_shape() {
    for (width, height) in [(200, 200), (320, 240), (480, 853), (1080, 1080), (300, 1800), (2400, 260)] {
        for kind in ["light", "dark", "chequered", "noise"] {
            for url in [SHORT, LONG] {
                // A long link on the smallest pictures has a test of its own.
                if url == LONG && width.min(height) < 240 {
                    continue;
                }
                let what = format!("{width}x{height} {kind} {} bytes", url.len());
                drawn(picture(width, height, kind), url, &what);
            }
        }
    }
}

#[test]
fn a_code_is_read_on_the_largest_picture_and_in_a_feed() {
    for (width, height) in [(4000, 6000), (6000, 600)] {
        let what = format!("{width}x{height}");
        let drawn = drawn(picture(width, height, "gradient"), SHORT, &what);
        // A feed shows it at 1080 pixels across, compressed again.
        if height > 1000 {
            let small = imaging::resize(&decode(&drawn.whole).expect("is a JPEG"), 1080, Filter::Area);
            assert!(read(&imaging::encode_jpeg(&small, 70).expect("is made"), SHORT), "{what}: in a feed");
        }
    }
}

#[test]
fn modules_are_whole_pixels_with_four_white_ones_around() {
    let drawn = drawn(picture(900, 700, "dark"), SHORT, "plate");
    let modules = QrMatrix::new(SHORT, Resilience::Quarter).expect("fits").side + 2 * QUIET;
    assert_eq!(drawn.area.size as usize % modules, 0);
    let module = drawn.area.size as usize / modules;
    assert!(module >= 3);
    let whole = decode(&drawn.whole).expect("is a JPEG");
    let luma = luminance(&whole.rgb);
    let at = |x: u32, y: u32| luma[(y * whole.width + x) as usize];
    let CodeArea { x, y, size } = drawn.area;
    for n in 1..size - 1 {
        for inside in [1, (QUIET * module) as u32 - 2] {
            for (x, y) in [
                (x + n, y + inside),
                (x + n, y + size - 1 - inside),
                (x + inside, y + n),
                (x + size - 1 - inside, y + n),
            ] {
                assert!(at(x, y) > 225, "the border at {x},{y} is {}", at(x, y));
            }
        }
    }
    assert!(
        at(x + (QUIET * module) as u32 + 1, y + (QUIET * module) as u32 + 1) < 30,
        "the finder begins there"
    );
}

#[test]
fn a_link_that_does_not_fit_is_refused_not_drawn_badly() {
    let long = format!("https://example.com/{}", "a".repeat(900));
    let refused = draw(picture(200, 200, "light"), &long);
    assert!(matches!(refused, Err(OverlayError::DoesNotFit { width: 200, height: 200 })));
    let refused = draw(picture(60, 4000, "light"), SHORT);
    assert!(matches!(refused, Err(OverlayError::DoesNotFit { .. })));
    drawn(picture(2000, 2000, "dark"), &long, "there is room");
}

#[test]
fn a_picture_full_of_finder_patterns_is_answered_in_time() {
    let finder = |x: u32, y: u32| {
        let (x, y) = (x % 24 / 3, y % 24 / 3);
        let ring = x.min(6 - x.min(6)).min(y).min(6 - y.min(6));
        x < 7 && y < 7 && ring != 1
    };
    let pixels = (0..1200).flat_map(|y| (0..1600).map(move |x| (x, y)));
    let rgb = pixels.flat_map(|(x, y)| [if finder(x, y) { 0 } else { 255 }; 3]);
    let begun = std::time::Instant::now();
    let outcome = draw(Picture::new(1600, 1200, rgb.collect()), SHORT);
    // Either answer is honest; not to come to one is not.
    assert!(matches!(outcome, Ok(_) | Err(OverlayError::Unreadable)));
    assert!(begun.elapsed() < 3 * PATIENCE, "{:?}", begun.elapsed());
}

/// Photographs of the sample packages, where they have been fetched.
#[test]
fn a_code_is_read_on_photographs() {
    let samples = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(".build/samples/groups");
    let Ok(folder) = std::fs::read_dir(&samples) else { return };
    for photo in
        folder.flatten().map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "jpg"))
    {
        let bytes = std::fs::read(&photo).expect("is readable");
        let picture = decode(&bytes).expect("is a photograph");
        drawn(picture, LONG, &photo.display().to_string());
    }
}
