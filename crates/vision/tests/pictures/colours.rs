//! Profiles against the values that littlecms 2 computes (perceptual intent, to its built-in sRGB).
//!
//! The expected values were printed by Pillow's ImageCms for profiles of the same numbers as those made here.

use std::io::Cursor;

use mozjpeg::{ColorSpace, Compress};
use pixora_vision::imaging::{Picture, decode, encode_jpeg, read_header};

use crate::fixtures::{ascii, short, tiff_of, with_exif, with_segment};

type Rgb = [u8; 3];

const INPUT: [Rgb; 8] = [
    [220, 60, 40],
    [60, 180, 60],
    [50, 80, 200],
    [230, 180, 150],
    [128, 128, 128],
    [240, 220, 40],
    [33, 11, 7],
    [255, 255, 255],
];
const P3: [f64; 9] = [0.5151, 0.2412, -0.0011, 0.2920, 0.6922, 0.0419, 0.1571, 0.0666, 0.7841];
const ADOBE: [f64; 9] = [0.6097, 0.3111, 0.0195, 0.2053, 0.6257, 0.0609, 0.1492, 0.0632, 0.7446];
const PROPHOTO: [f64; 9] = [0.7977, 0.2880, 0.0, 0.1352, 0.7119, 0.0, 0.0313, 0.0001, 0.8249];
const SRGB: [f64; 9] = [0.4361, 0.2225, 0.0139, 0.3851, 0.7169, 0.0971, 0.1431, 0.0606, 0.7141];
const OF_P3: [Rgb; 8] = [
    [239, 35, 17],
    [0, 183, 30],
    [40, 81, 208],
    [239, 177, 145],
    [128, 128, 128],
    [244, 219, 0],
    [36, 9, 6],
    [255, 255, 255],
];
const OF_ADOBE: [Rgb; 8] = [
    [254, 57, 34],
    [0, 181, 42],
    [21, 79, 205],
    [247, 181, 150],
    [129, 129, 129],
    [248, 221, 0],
    [33, 3, 1],
    [255, 255, 255],
];
const OF_PROPHOTO: [Rgb; 8] = [
    [255, 0, 42],
    [0, 209, 11],
    [0, 104, 222],
    [255, 182, 161],
    [146, 146, 146],
    [255, 223, 0],
    [62, 0, 3],
    [255, 255, 255],
];
const OF_LINEAR: [Rgb; 8] = [
    [239, 133, 110],
    [133, 219, 133],
    [122, 152, 229],
    [244, 219, 202],
    [188, 188, 188],
    [248, 239, 110],
    [101, 59, 46],
    [255, 255, 255],
];

fn fixed(value: f64) -> [u8; 4] {
    ((value * 65536.0).round() as i32).to_be_bytes()
}

fn xyz(values: &[f64]) -> Vec<u8> {
    [b"XYZ \0\0\0\0".to_vec(), values.iter().flat_map(|value| fixed(*value)).collect()].concat()
}

/// A power, or sRGB's curve where it is zero.
fn curve(gamma: f64) -> Vec<u8> {
    if gamma == 0.0 {
        let numbers = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045].map(fixed).concat();
        return [&b"para\0\0\0\0\0\x03\0\0"[..], &numbers].concat();
    }
    let gamma = (gamma * 256.0).round() as u16;
    [&b"curv\0\0\0\0\0\0\0\x01"[..], &gamma.to_be_bytes()].concat()
}

fn description(text: &str) -> Vec<u8> {
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let length = u32::try_from(utf16.len()).unwrap().to_be_bytes();
    [&b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS"[..], &length, &28_u32.to_be_bytes(), &utf16].concat()
}

/// ICC.1:2022, 7.2 and 7.3.
fn icc(
    class: &[u8; 4],
    space: &[u8; 4],
    connection: &[u8; 4],
    name: &str,
    tags: &[(&[u8; 4], Vec<u8>)],
) -> Vec<u8> {
    let white = (&b"wtpt"[..], xyz(&[0.9642, 1.0, 0.8249]));
    let mut all = vec![(&b"desc"[..], description(name)), (&b"cprt"[..], description("test")), white];
    all.extend(tags.iter().map(|(tag, data)| (&tag[..], data.clone())));
    let start = 128 + 4 + 12 * all.len();
    let (mut table, mut data) = (Vec::new(), Vec::new());
    for (tag, mut content) in all {
        table.extend(tag);
        table.extend(((start + data.len()) as u32).to_be_bytes());
        table.extend((content.len() as u32).to_be_bytes());
        content.resize(content.len().next_multiple_of(4), 0);
        data.extend(content);
    }
    let mut head = ((start + data.len()) as u32).to_be_bytes().to_vec();
    head.extend(b"test\x02\x10\0\0");
    head.extend(
        [&class[..], space, connection, &[7, 232, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0], b"acspAPPL"].concat(),
    );
    head.resize(68, 0);
    head.extend([fixed(0.9642), fixed(1.0), fixed(0.8249)].concat());
    head.resize(128, 0);
    [head, ((tags.len() + 3) as u32).to_be_bytes().to_vec(), table, data].concat()
}

fn matrix(name: &str, columns: &[f64; 9], gamma: f64, padding: usize) -> Vec<u8> {
    let mut tags: Vec<(&[u8; 4], Vec<u8>)> = vec![
        (b"rXYZ", xyz(&columns[..3])),
        (b"gXYZ", xyz(&columns[3..6])),
        (b"bXYZ", xyz(&columns[6..])),
        (b"rTRC", curve(gamma)),
        (b"gTRC", curve(gamma)),
        (b"bTRC", curve(gamma)),
    ];
    if padding > 0 {
        tags.push((b"vcgt", [b"vcgt".to_vec(), vec![0; padding]].concat()));
    }
    icc(b"mntr", b"RGB ", b"XYZ ", name, &tags)
}

fn grey(gamma: f64) -> Vec<u8> {
    icc(b"mntr", b"GRAY", b"XYZ ", "grey", &[(b"kTRC", curve(gamma))])
}

/// A table from ink to L*a*b* with three steps of each ink (`lut8Type`), made by a formula of no press.
fn ink() -> Vec<u8> {
    let mut lut = b"mft1\0\0\0\0\x04\x03\x03\0".to_vec();
    lut.extend([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0].map(fixed).concat());
    (0..4).for_each(|_| lut.extend(0..=255_u8));
    for n in 0..81_u8 {
        let [c, m, y, k] = [27, 9, 3, 1].map(|step| f64::from(n / step % 3) / 2.0);
        let lightness = (1.0 - k * 0.9) * (100.0 - 35.0 * c - 45.0 * m - 8.0 * y + 5.0 * c * m);
        let a = (1.0 - k) * (-35.0 * c + 70.0 * m - 5.0 * y);
        let b = (1.0 - k) * (-45.0 * c - 5.0 * m + 90.0 * y);
        lut.extend(
            [lightness * 2.55, a + 128.0, b + 128.0].map(|value| value.round().clamp(0.0, 255.0) as u8),
        );
    }
    (0..3).for_each(|_| lut.extend(0..=255_u8));
    icc(b"prtr", b"CMYK", b"Lab ", "ink", &[(b"A2B0", lut)])
}

fn with_icc(mut jpeg: Vec<u8>, icc: &[u8]) -> Vec<u8> {
    let parts: Vec<&[u8]> = icc.chunks(60_000).collect();
    for (n, part) in parts.iter().enumerate().rev() {
        let numbers = [n as u8 + 1, parts.len() as u8];
        jpeg = with_segment(&jpeg, 0xE2, &[&b"ICC_PROFILE\0"[..], &numbers, part].concat());
    }
    jpeg
}

const PATCH: usize = 16;

/// Patches beside one another, without loss but for JPEG's own rounding.
fn patches<const N: usize>(space: ColorSpace, colours: &[[u8; N]]) -> Vec<u8> {
    let row: Vec<u8> = colours.iter().flat_map(|colour| colour.repeat(PATCH)).collect();
    let mut compress = Compress::new(space);
    compress.set_size(colours.len() * PATCH, PATCH);
    compress.set_quality(100.0);
    compress.set_chroma_sampling_pixel_sizes((1, 1), (1, 1));
    let mut started = compress.start_compress(Vec::new()).unwrap();
    started.write_scanlines(&row.repeat(PATCH)).unwrap();
    started.finish().unwrap()
}

fn shown(bytes: &[u8]) -> Picture {
    let header = read_header(bytes).unwrap();
    decode(bytes, &header, header.long_side()).unwrap()
}

/// The colour in the middle of each patch.
fn middles(picture: &Picture) -> Vec<Rgb> {
    let at = |x: usize| (picture.height as usize / 2 * picture.width as usize + x) * 3;
    let middle = |n: usize| {
        let at = at(n * PATCH + PATCH / 2);
        [picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]]
    };
    (0..picture.width as usize / PATCH).map(middle).collect()
}

/// ISO/CIE 11664-4 and -6: L*a*b* of sRGB under D65, then CIEDE2000.
fn lab(rgb: Rgb) -> [f64; 3] {
    let [r, g, b] = rgb.map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    let f = |t: f64| if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 };
    let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.950_47);
    let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
    let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn delta_e(first: Rgb, second: Rgb) -> f64 {
    let ([l1, a1, b1], [l2, a2, b2]) = (lab(first), lab(second));
    let mean_c = (a1.hypot(b1) + a2.hypot(b2)) / 2.0;
    let g = 0.5 * (1.0 - (mean_c.powi(7) / (mean_c.powi(7) + 25_f64.powi(7))).sqrt());
    let (a1, a2) = (a1 * (1.0 + g), a2 * (1.0 + g));
    let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
    let hue =
        |a: f64, b: f64| if a == 0.0 && b == 0.0 { 0.0 } else { b.atan2(a).to_degrees().rem_euclid(360.0) };
    let (h1, h2) = (hue(a1, b1), hue(a2, b2));
    let grey = c1 * c2 == 0.0;
    let turn = match h2 - h1 {
        _ if grey => 0.0,
        turn if turn > 180.0 => turn - 360.0,
        turn if turn < -180.0 => turn + 360.0,
        turn => turn,
    };
    let (dl, dc) = (l2 - l1, c2 - c1);
    let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
    let (l, c) = (f64::midpoint(l1, l2), f64::midpoint(c1, c2));
    let h = match (h1 - h2).abs() {
        _ if grey => h1 + h2,
        apart if apart <= 180.0 => f64::midpoint(h1, h2),
        _ if h1 + h2 < 360.0 => f64::midpoint(h1, h2) + 180.0,
        _ => f64::midpoint(h1, h2) - 180.0,
    };
    let cos = |degrees: f64| degrees.to_radians().cos();
    let t = 1.0 - 0.17 * cos(h - 30.0) + 0.24 * cos(2.0 * h) + 0.32 * cos(3.0 * h + 6.0)
        - 0.2 * cos(4.0 * h - 63.0);
    let sl = 1.0 + 0.015 * (l - 50.0).powi(2) / (20.0 + (l - 50.0).powi(2)).sqrt();
    let (sc, sh) = (1.0 + 0.045 * c, 1.0 + 0.015 * c * t);
    let rc = 2.0 * (c.powi(7) / (c.powi(7) + 25_f64.powi(7))).sqrt();
    let rt = -rc * (60.0 * (-((h - 275.0) / 25.0).powi(2)).exp()).to_radians().sin();
    let (l, c, h) = (dl / sl, dc / sc, dh / sh);
    (l * l + c * c + h * h + rt * c * h).sqrt()
}

fn assert_close(what: &str, got: &[Rgb], expected: &[Rgb]) {
    let off: Vec<f64> = got.iter().zip(expected).map(|(got, expected)| delta_e(*got, *expected)).collect();
    let (mean, largest) =
        (off.iter().sum::<f64>() / off.len() as f64, off.iter().fold(0.0_f64, |a, b| a.max(*b)));
    assert!(
        mean <= 1.0 && largest <= 3.0,
        "{what}: mean {mean:.2}, largest {largest:.2}: {got:?}, not {expected:?}"
    );
}

#[test]
fn the_measure_is_ciede2000() {
    assert!(delta_e([10, 20, 30], [10, 20, 30]).abs() < 1e-9);
    // Black and white are 100 apart.
    assert!((delta_e([0, 0, 0], [255, 255, 255]) - 100.0).abs() < 0.1);
}

#[test]
fn a_profile_is_judged_by_its_numbers() {
    let cases = [
        ("Display P3", matrix("Display P3", &P3, 0.0, 0), OF_P3),
        ("named as Samsung does", matrix("DCI-P3 D65 Gamut with sRGB Transfer", &P3, 0.0, 0), OF_P3),
        ("Adobe RGB", matrix("Adobe RGB (1998)", &ADOBE, 2.199_218_75, 0), OF_ADOBE),
        ("of 20 KB", matrix("Adobe RGB (1998)", &ADOBE, 2.199_218_75, 20_000), OF_ADOBE),
        ("of three segments", matrix("Adobe RGB (1998)", &ADOBE, 2.199_218_75, 150_000), OF_ADOBE),
        ("ProPhoto RGB", matrix("ProPhoto RGB", &PROPHOTO, 1.8, 0), OF_PROPHOTO),
        ("linear", matrix("linear", &SRGB, 1.0, 0), OF_LINEAR),
        ("sRGB under another name", matrix("Display P3", &SRGB, 0.0, 0), INPUT),
    ];
    for (what, icc, expected) in cases {
        let jpeg = with_icc(patches(ColorSpace::JCS_RGB, &INPUT), &icc);
        assert_close(what, &middles(&shown(&jpeg)), &expected);
    }
    for broken in [&b"nonsense"[..], &matrix("cut", &P3, 0.0, 0)[..200], &[0; 200]] {
        let jpeg = with_icc(patches(ColorSpace::JCS_RGB, &INPUT), broken);
        assert_close("a broken profile is none", &middles(&shown(&jpeg)), &INPUT);
    }
}

#[test]
fn grey_is_read_by_its_own_curve() {
    let input = [[0], [16], [64], [128], [200], [255]];
    let cases = [
        (1.0, [0, 71, 137, 188, 229, 255]),
        (1.8, [0, 20, 81, 146, 210, 255]),
        (2.2, [0, 7, 62, 129, 201, 255]),
    ];
    for (gamma, expected) in cases {
        let jpeg = with_icc(patches(ColorSpace::JCS_GRAYSCALE, &input), &grey(gamma));
        assert_close(&format!("gamma {gamma}"), &middles(&shown(&jpeg)), &expected.map(|value| [value; 3]));
    }
    let jpeg = with_icc(patches(ColorSpace::JCS_GRAYSCALE, &input), &matrix("linear", &SRGB, 1.0, 0));
    let expected = [0, 71, 137, 188, 229, 255].map(|value| [value; 3]);
    assert_close("a profile for colour", &middles(&shown(&jpeg)), &expected);
}

#[test]
fn ink_is_shown_through_its_profile() {
    let inks: [[u8; 4]; 8] = [
        [0, 0, 0, 0],
        [255, 0, 0, 0],
        [0, 255, 0, 0],
        [0, 0, 255, 0],
        [0, 0, 0, 255],
        [60, 120, 180, 30],
        [200, 40, 90, 10],
        [30, 30, 30, 120],
    ];
    let expected: [Rgb; 8] = [
        [255, 255, 255],
        [0, 177, 238],
        [232, 58, 143],
        [255, 233, 0],
        [24, 24, 24],
        [186, 128, 67],
        [105, 158, 156],
        [127, 122, 119],
    ];
    let inverted = inks.map(|ink| ink.map(|value| 255 - value));
    for space in [ColorSpace::JCS_CMYK, ColorSpace::JCS_YCCK] {
        let mut compress = Compress::new(ColorSpace::JCS_CMYK);
        compress.set_color_space(space);
        compress.set_size(inks.len() * PATCH, PATCH);
        compress.set_quality(100.0);
        compress.set_chroma_sampling_pixel_sizes((1, 1), (1, 1));
        let row: Vec<u8> = inverted.iter().flat_map(|colour| colour.repeat(PATCH)).collect();
        let mut started = compress.start_compress(Vec::new()).unwrap();
        started.write_scanlines(&row.repeat(PATCH)).unwrap();
        let jpeg = with_icc(started.finish().unwrap(), &ink());
        assert_close("ink", &middles(&shown(&jpeg)), &expected);
    }
}

#[test]
fn exif_says_adobe_rgb_where_there_is_no_profile() {
    let exif = |space: u16, index: &str| {
        tiff_of(&[], &[(0x8769, &[short(0xA001, space)]), (0xA005, &[ascii(0x0001, index)])])
    };
    let plain = patches(ColorSpace::JCS_RGB, &INPUT);
    let with = |tiff: &[u8]| middles(&shown(&with_exif(&plain, tiff)));
    assert_close("uncalibrated, R03", &with(&exif(0xFFFF, "R03")), &OF_ADOBE);
    assert_close("sRGB, R98", &with(&exif(1, "R98")), &INPUT);
    assert_close("uncalibrated, R98", &with(&exif(0xFFFF, "R98")), &INPUT);
    let both = with_icc(with_exif(&plain, &exif(0xFFFF, "R03")), &matrix("P3", &P3, 0.0, 0));
    assert_close("the profile counts", &middles(&shown(&both)), &OF_P3);
}

/// A PNG of the patches with these chunks before its pixels.
fn png(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let row: Vec<u8> = INPUT.iter().flat_map(|colour| colour.repeat(PATCH)).collect();
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = png::Encoder::new(&mut bytes, (INPUT.len() * PATCH) as u32, PATCH as u32);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    for (name, content) in chunks {
        writer.write_chunk(png::chunk::ChunkType(**name), content).unwrap();
    }
    writer.write_image_data(&row.repeat(PATCH)).unwrap();
    writer.finish().unwrap();
    bytes.into_inner()
}

#[test]
fn a_png_says_its_colours_in_four_ways() {
    let numbers = |values: &[u32]| values.iter().flat_map(|value| value.to_be_bytes()).collect::<Vec<u8>>();
    let p3_points = numbers(&[31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000]);
    type Chunks<'a> = Vec<(&'a [u8; 4], Vec<u8>)>;
    let cases: [(&str, Chunks<'_>, [Rgb; 8]); 5] = [
        ("nothing", vec![], INPUT),
        ("cICP Display P3", vec![(b"cICP", vec![12, 13, 0, 1])], OF_P3),
        ("cICP sRGB", vec![(b"cICP", vec![1, 13, 0, 1])], INPUT),
        ("linear gAMA", vec![(b"gAMA", numbers(&[100_000]))], OF_LINEAR),
        ("sRGB beside gAMA", vec![(b"gAMA", numbers(&[45455])), (b"sRGB", vec![0])], INPUT),
    ];
    for (what, chunks, expected) in cases {
        assert_close(what, &middles(&shown(&png(&chunks))), &expected);
    }
    // P3's primaries with a plain power of 2.2, near enough to sRGB's curve for these patches but the darkest.
    let primaries = middles(&shown(&png(&[(b"gAMA", numbers(&[45455])), (b"cHRM", p3_points)])));
    assert_close("cHRM Display P3", &primaries[..6], &OF_P3[..6]);
}

#[test]
fn what_we_write_is_srgb_and_says_nothing() {
    let jpeg = with_icc(patches(ColorSpace::JCS_RGB, &INPUT), &matrix("Display P3", &P3, 0.0, 0));
    let written = encode_jpeg(&shown(&jpeg), 95).unwrap();
    assert!(!written.windows(11).any(|part| part == b"ICC_PROFILE"));
    let again: Vec<Rgb> = middles(&shown(&written));
    assert_close("written and read", &again[2..5], &OF_P3[2..5]);
}

/// The profiles that were reported, where they lie beside the sources: patches of six columns and four rows.
#[test]
fn reported_profiles_are_converted() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/min");
    for (name, red) in [("icc_p3_samsung_name.jpg", [241, 35, 17]), ("icc_adobe_20k.jpg", [254, 57, 34])] {
        let Ok(bytes) = std::fs::read(folder.join(name)) else { continue };
        let picture = shown(&bytes);
        let at = (picture.height as usize / 8 * picture.width as usize + picture.width as usize / 12) * 3;
        assert_close(name, &[[picture.rgb[at], picture.rgb[at + 1], picture.rgb[at + 2]]], &[red]);
    }
}
