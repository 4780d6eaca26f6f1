//! Creator, copyright and contact in the files that guests take home, as their studio wishes.

use bytes::Bytes;

use crate::{domain::Photo, imaging::Credit, store::Credits};

/// Bytes of a JPEG before which nothing may stand.
pub(super) const START: [u8; 2] = [0xFF, 0xD8];

/// The segments that follow the first two bytes of a photo's derivative; empty where the studio has no credits.
#[must_use]
pub fn credit_segments(credits: &Credits, photo: &Photo) -> Bytes {
    // It is not the studio's work.
    if photo.is_from_guest {
        return Bytes::new();
    }
    let words = &photo.facts.words;
    let own = |text: &Option<String>| text.clone().filter(|_| credits.from_photos);
    let creator = own(&words.creator).or_else(|| credits.creator.clone());
    let copyright = own(&words.copyright).or_else(|| credits.copyright.clone());
    let credit = Credit {
        creator: creator.as_deref(),
        copyright: copyright.as_deref(),
        contact: credits.contact.as_deref(),
    };
    credit.segments().into()
}

/// Differs when any byte of the segments does: 8 hex digits.
#[must_use]
pub fn segments_tag(segments: &[u8]) -> String {
    format!("{:08x}", crc32fast::hash(segments))
}

/// A derivative with these segments in it.
#[must_use]
pub fn with_segments(jpeg: &Bytes, segments: &Bytes) -> Bytes {
    match jpeg.strip_prefix(&START) {
        Some(rest) if !segments.is_empty() => [&START[..], segments, rest].concat().into(),
        _ => jpeg.clone(),
    }
}

/// The CRC-32 of a file that begins as a JPEG does once segments are in it, worked out from that of the file without
/// them (`crc32`, over `bytes`): no byte of the file is read.
#[must_use]
pub(super) fn crc_with(segments: &[u8], crc32: u32, bytes: u64) -> u32 {
    let rest = bytes.saturating_sub(START.len() as u64);
    let start = crc32fast::hash(&START);
    // A CRC is linear: what the start adds to that of the whole is taken away again.
    let mut shifted = crc32fast::Hasher::new_with_initial_len(start, START.len() as u64);
    shifted.combine(&crc32fast::Hasher::new_with_initial_len(0, rest));
    let of_rest = crc32 ^ shifted.finalize();
    let mut whole = crc32fast::Hasher::new();
    whole.update(&START);
    whole.update(segments);
    whole.combine(&crc32fast::Hasher::new_with_initial_len(of_rest, rest));
    whole.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_with_segments_is_that_of_the_bytes() {
        for length in [0, 1, 500, 70_000] {
            let rest: Vec<u8> = (0..length).map(|n: u32| (n * 31 % 253) as u8).collect();
            let jpeg = Bytes::from([&START[..], &rest].concat());
            let segments = Bytes::from_static(b"\xFF\xFE\0\x04ab");
            let whole = with_segments(&jpeg, &segments);
            let expected = crc32fast::hash(&whole);
            assert_eq!(crc_with(&segments, crc32fast::hash(&jpeg), jpeg.len() as u64), expected, "{length}");
        }
    }
}
