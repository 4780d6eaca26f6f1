//! Small files made by code.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use pixora_vision::imaging::{Picture, encode_jpeg};

/// A picture with edges, gradients and a little noise.
pub fn picture(width: u32, height: u32) -> Picture {
    let mut seed = 1_u32;
    let rgb = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .flat_map(|(x, y)| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 28) as u8;
            let edge = if (x / 16 + y / 16) % 2 == 0 { 40 } else { 0 };
            [
                (x * 200 / width) as u8 + edge,
                (y * 200 / height) as u8 + noise,
                ((x + y) * 200 / (width + height)) as u8,
            ]
        })
        .collect();
    Picture::new(width, height, rgb)
}

pub fn jpeg(picture: &Picture) -> Vec<u8> {
    encode_jpeg(picture, 95).expect("a small picture can be encoded")
}

pub fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("a small picture can be encoded");
    bytes.into_inner()
}

pub fn dynamic(picture: &Picture) -> DynamicImage {
    let buffer = image::RgbImage::from_raw(picture.width, picture.height, picture.rgb.clone());
    DynamicImage::ImageRgb8(buffer.expect("RGB8 of that size"))
}

/// The JPEG with an APP1 segment behind its first marker.
pub fn with_exif(jpeg: &[u8], tiff: &[u8]) -> Vec<u8> {
    let length = u16::try_from(2 + 6 + tiff.len()).expect("a segment holds 64 KB");
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1];
    bytes.extend(length.to_be_bytes());
    bytes.extend(b"Exif\0\0");
    bytes.extend(tiff);
    bytes.extend(&jpeg[2..]);
    bytes
}

/// A TIFF structure with an orientation and the date 2026-05-17 18:30:05.
pub fn tiff(orientation: u16) -> Vec<u8> {
    let mut tiff = b"MM\0*\0\0\0\x08".to_vec();
    tiff.extend(2_u16.to_be_bytes());
    tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1]);
    tiff.extend(orientation.to_be_bytes());
    tiff.extend([0, 0]);
    tiff.extend([0x01, 0x32, 0, 2, 0, 0, 0, 20, 0, 0, 0, 38]);
    tiff.extend([0, 0, 0, 0]);
    tiff.extend(b"2026:05:17 18:30:05\0");
    tiff
}

/// A segment behind a JPEG's first marker.
pub fn with_segment(jpeg: &[u8], marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(2 + content.len()).expect("a segment holds 64 KB");
    [&[0xFF, 0xD8, 0xFF, marker][..], &length.to_be_bytes(), content, &jpeg[2..]].concat()
}

/// Difference of a channel, on average over the picture.
pub fn difference(a: &Picture, b: &Picture) -> f64 {
    assert_eq!((a.width, a.height), (b.width, b.height));
    let sum: u64 = a.rgb.iter().zip(&b.rgb).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / a.rgb.len() as f64
}

/// Entries of a TIFF directory: tag, type, count, and the values, which lie in the entry where they fit.
pub type TiffEntry = (u16, u16, u32, Vec<u8>);

pub fn ascii(tag: u16, text: &str) -> TiffEntry {
    (tag, 2, text.len() as u32 + 1, [text.as_bytes(), b"\0"].concat())
}

pub fn short(tag: u16, value: u16) -> TiffEntry {
    (tag, 3, 1, value.to_le_bytes().to_vec())
}

pub fn long(tag: u16, value: u32) -> TiffEntry {
    (tag, 4, 1, value.to_le_bytes().to_vec())
}

/// A little-endian TIFF structure: the main directory, and others with the tag that points to each.
pub fn tiff_of(main: &[TiffEntry], others: &[(u16, &[TiffEntry])]) -> Vec<u8> {
    let length = |entries: &[TiffEntry]| {
        let values: usize = entries.iter().map(|it| if it.3.len() > 4 { it.3.len() } else { 0 }).sum();
        2 + 12 * entries.len() + 4 + values
    };
    let mut at = 8 + length(main) + 12 * others.len();
    let mut all: Vec<Vec<TiffEntry>> = vec![main.to_vec()];
    for (tag, entries) in others {
        all[0].push(long(*tag, at as u32));
        all.push(entries.to_vec());
        at += length(entries);
    }
    all[0].sort_by_key(|entry| entry.0);
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    for entries in all {
        let mut values = tiff.len() + 2 + 12 * entries.len() + 4;
        tiff.extend((entries.len() as u16).to_le_bytes());
        let mut behind = Vec::new();
        for (tag, kind, count, value) in entries {
            tiff.extend(tag.to_le_bytes());
            tiff.extend(kind.to_le_bytes());
            tiff.extend(count.to_le_bytes());
            if value.len() > 4 {
                tiff.extend((values as u32).to_le_bytes());
                values += value.len();
                behind.extend(value);
            } else {
                tiff.extend(value.iter().chain(&[0; 4]).take(4));
            }
        }
        tiff.extend([0; 4]);
        tiff.extend(behind);
    }
    tiff
}
