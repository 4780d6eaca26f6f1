//! Small files made by code.

use pixora_vision::imaging::Picture;

pub use crate::small_files::*;

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
    tiff_at(b"II*\0\x08\0\0\0", main, others)
}

/// The same behind a longer head, which names the place of the main directory.
pub fn tiff_at(head: &[u8], main: &[TiffEntry], others: &[(u16, &[TiffEntry])]) -> Vec<u8> {
    let length = |entries: &[TiffEntry]| {
        let values: usize = entries.iter().map(|it| if it.3.len() > 4 { it.3.len() } else { 0 }).sum();
        2 + 12 * entries.len() + 4 + values
    };
    let mut at = head.len() + length(main) + 12 * others.len();
    let mut all: Vec<Vec<TiffEntry>> = vec![main.to_vec()];
    for (tag, entries) in others {
        all[0].push(long(*tag, at as u32));
        all.push(entries.to_vec());
        at += length(entries);
    }
    all[0].sort_by_key(|entry| entry.0);
    let mut tiff = head.to_vec();
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
