//! Files that are broken, lying or not pictures: each is refused by its own code or read, and none panics.

use image::{DynamicImage, ImageFormat};
use mozjpeg::{ColorSpace, Compress};
use pixora::imaging::{Format, ImageError, Orientation, Picture, decode, read_header};
use proptest::prelude::*;

use crate::fixtures::{dynamic, encoded, jpeg, picture, tiff, with_exif};

fn read(bytes: &[u8]) -> Result<Picture, ImageError> {
    let header = read_header(bytes)?;
    decode(bytes, &header, header.long_side())
}

fn code(bytes: &[u8]) -> &'static str {
    match read(bytes) {
        Ok(picture) => panic!("{}x{} came out of a file that must be refused", picture.width, picture.height),
        Err(error) => error.code(),
    }
}

fn samples() -> [Vec<u8>; 3] {
    let picture = picture(160, 120);
    [
        jpeg(&picture),
        encoded(&dynamic(&picture), ImageFormat::Png),
        encoded(&dynamic(&picture), ImageFormat::WebP),
    ]
}

/// Largest difference of a channel, on average over the picture.
fn difference(a: &Picture, b: &Picture) -> f64 {
    assert_eq!((a.width, a.height), (b.width, b.height));
    let sum: u64 = a.rgb.iter().zip(&b.rgb).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.rgb.len() as f64
}

#[test]
fn content_decides_not_the_name() {
    let formats = samples().map(|bytes| read_header(&bytes).unwrap().format);
    assert_eq!(formats, [Format::Jpeg, Format::Png, Format::WebP]);
}

#[test]
fn an_empty_file_is_empty() {
    assert_eq!(code(b""), "empty_file");
}

#[test]
fn other_types_are_named() {
    let cases: [(&[u8], &str); 7] = [
        (b"\0\0\0\x18ftypisom\0\0\0\0", "unsupported_type"),
        (b"GIF89a\x01\0\x01\0", "truncated"),
        (b"GIF89a\x01\0\x01\0\0\0\0;", "damaged"),
        (b"II*\0\x08\0\0\0", "truncated"),
        (b"BM\0\0\0\0", "unsupported_type"),
        (b"%PDF-1.7", "unsupported_type"),
        (b"hello, I am a photo.jpg", "unsupported_type"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(code(bytes), expected, "{}", bytes.escape_ascii());
    }
}

/// Width and height in the first frame header of a baseline JPEG.
fn with_jpeg_size(mut jpeg: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let sof = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a baseline JPEG");
    jpeg[sof + 5..sof + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[sof + 7..sof + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

fn with_png_size(mut png: Vec<u8>, width: u32, height: u32) -> Vec<u8> {
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    png
}

#[test]
fn a_bomb_is_refused_by_its_header_at_no_cost() {
    let [jpeg, png, _] = samples();
    let before = peak_rss_kb();
    assert_eq!(code(&with_jpeg_size(jpeg, 65_000, 65_000)), "too_many_pixels");
    assert_eq!(code(&with_png_size(png.clone(), 65_000, 65_000)), "too_many_pixels");
    // The claim alone is enough: nothing of the picture needs to be there.
    assert_eq!(code(&with_png_size(png, 65_000, 65_000)[..60]), "too_many_pixels");
    assert!(peak_rss_kb().saturating_sub(before) < MARGIN_KB, "a refusal must not allocate the picture");
}

/// The kernel counts in batches and code pages count too; the pictures would take 240 MB and 12 GB.
const MARGIN_KB: u64 = 96 << 10;

fn peak_rss_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("Linux says the peak");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("in kB")
}

#[test]
fn no_pixels_is_an_empty_picture() {
    let [jpeg, png, _] = samples();
    assert_eq!(code(&with_jpeg_size(jpeg, 0, 0)), "empty_picture");
    assert_eq!(code(&with_png_size(png, 0, 0)), "empty_picture");
}

#[test]
fn a_jpeg_too_short_for_its_claim_is_refused_unread() {
    let [jpeg, ..] = samples();
    let before = peak_rss_kb();
    assert_eq!(code(&with_jpeg_size(jpeg, 9_000, 9_000)), "truncated");
    assert!(peak_rss_kb().saturating_sub(before) < MARGIN_KB, "a refusal must not allocate the picture");
}

#[test]
fn endless_scans_are_too_complex() {
    let mut progressive = Compress::new(ColorSpace::JCS_RGB);
    progressive.set_size(64, 64);
    progressive.set_progressive_mode();
    let mut started = progressive.start_compress(Vec::new()).unwrap();
    started.write_scanlines(&picture(64, 64).rgb).unwrap();
    let whole = started.finish().unwrap();
    let last_scan = whole.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap();
    let scan = &whole[last_scan..whole.len() - 2];
    let mut bomb = whole[..whole.len() - 2].to_vec();
    (0..200).for_each(|_| bomb.extend(scan));
    bomb.extend([0xFF, 0xD9]);
    assert_eq!(code(&bomb), "too_complex");
}

#[test]
fn sixteen_bit_grey_and_alpha_are_read() {
    let original = picture(90, 70);
    let whole = dynamic(&original);
    let deep = encoded(&DynamicImage::ImageRgb16(whole.to_rgb16()), ImageFormat::Png);
    assert_eq!(read_header(&deep).unwrap().bit_depth, 16);
    assert!(difference(&read(&deep).unwrap(), &original) < 0.1);

    let grey = encoded(&DynamicImage::ImageLuma8(whole.to_luma8()), ImageFormat::Png);
    let grey = read(&grey).unwrap();
    assert!(grey.rgb.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]));

    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let clear = image::RgbaImage::from_pixel(8, 8, image::Rgba([200, 0, 0, 0]));
        let shown = read(&encoded(&DynamicImage::ImageRgba8(clear), format)).unwrap();
        assert!(shown.rgb.iter().all(|&c| c == 255), "what is transparent shows the white below");
    }
}

#[test]
fn a_large_png_is_averaged_down_as_it_is_read() {
    let original = picture(403, 302);
    let png = encoded(&dynamic(&original), ImageFormat::Png);
    let header = read_header(&png).unwrap();
    let reduced = decode(&png, &header, 100).unwrap();
    // 403 / 4 still leaves 100.
    assert_eq!((reduced.width, reduced.height, reduced.scale), (101, 76, 0.25));
    for (x, y) in [(0, 0), (50, 40), (100, 75)] {
        let (mut sum, mut n) = (0, 0);
        for py in (y * 4..y * 4 + 4).filter(|&py| py < 302) {
            for px in (x * 4..x * 4 + 4).filter(|&px| px < 403) {
                sum += u32::from(original.rgb[(py * 403 + px) * 3 + 1]);
                n += 1;
            }
        }
        let got = u32::from(reduced.rgb[(y * 101 + x) * 3 + 1]);
        assert!(got.abs_diff(sum / n) <= 1, "({x}, {y}): {got} for {}", sum / n);
    }
}

fn mozjpeg_of(space: ColorSpace, samples: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut compress = Compress::new(space);
    compress.set_size(width, height);
    compress.set_quality(98.0);
    let mut started = compress.start_compress(Vec::new()).unwrap();
    started.write_scanlines(samples).unwrap();
    started.finish().unwrap()
}

#[test]
fn grey_and_cmyk_jpegs_are_read() {
    let original = picture(96, 64);
    let luma = dynamic(&original).to_luma8();
    let grey = mozjpeg_of(ColorSpace::JCS_GRAYSCALE, luma.as_raw(), 96, 64);
    assert_eq!(read_header(&grey).unwrap().channels, 1);
    let grey = read(&grey).unwrap();
    assert!(grey.rgb.chunks_exact(3).all(|p| p[0] == p[1] && p[1] == p[2]));

    // As Adobe stores it: inverted, so 255 is no ink.
    let cmyk: Vec<u8> = original.rgb.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect();
    let cmyk = mozjpeg_of(ColorSpace::JCS_CMYK, &cmyk, 96, 64);
    assert_eq!(read_header(&cmyk).unwrap().channels, 4);
    assert!(difference(&read(&cmyk).unwrap(), &original) < 3.0);
}

#[test]
fn exif_is_read_and_never_trusted() {
    let plain = jpeg(&picture(64, 48));
    let header = read_header(&with_exif(&plain, &tiff(6))).unwrap();
    assert_eq!(header.orientation, Orientation::Rotate90);
    assert_eq!(header.upright_size(), (48, 64));
    assert_eq!(header.taken_at.unwrap().to_string(), "2026-05-17 18:30:05");

    let whole = tiff(6);
    let mut endless = whole.clone();
    // The directory's "next" points back at itself.
    endless[34..38].copy_from_slice(&8_u32.to_be_bytes());
    let broken: [&[u8]; 6] = [b"", b"MM", b"garbage garbage", &whole[..20], &tiff(99), &endless];
    for tiff in broken {
        let bytes = with_exif(&plain, tiff);
        assert!(read(&bytes).is_ok(), "EXIF {} must not fail a photo", tiff.escape_ascii());
    }
}

#[test]
fn what_we_write_has_no_metadata() {
    let with = with_exif(&jpeg(&picture(64, 48)), &tiff(1));
    let written = jpeg(&read(&with).unwrap());
    assert!(!written.windows(4).any(|bytes| bytes == b"Exif"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_never_panic(start in 0_usize..4, tail in proptest::collection::vec(any::<u8>(), 0..400)) {
        let starts: [&[u8]; 4] =
            [b"", &[0xFF, 0xD8, 0xFF], b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR", b"RIFF\0\0\0\0WEBPVP8 "];
        let _ = read(&[starts[start], &tail].concat());
    }

    #[test]
    fn damaged_pictures_never_panic(
        kind in 0_usize..3,
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = samples()[kind].clone();
        for (at, value) in hits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Ok(header) = read_header(&bytes) {
            // A damaged header may claim a large picture; its cost is bounded elsewhere.
            if u64::from(header.width) * u64::from(header.height) < 1_000_000 {
                let _ = decode(&bytes, &header, 64);
            }
        }
    }
}
