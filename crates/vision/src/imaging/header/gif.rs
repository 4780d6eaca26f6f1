//! GIF89a: a screen, and blocks of which some are pictures.

use super::{Format, Header, le16};
use crate::imaging::ImageError;

/// Blocks that are looked at to find a second picture.
const MAX_BLOCKS: usize = 1_000;
const END: u8 = 0x3B;

pub(super) fn header(bytes: &[u8]) -> Result<Header, ImageError> {
    let (Some(width), Some(height), Some(&flags)) = (le16(bytes, 6), le16(bytes, 8), bytes.get(10)) else {
        return Err(ImageError::CUT);
    };
    let at = 13 + palette(flags);
    match pictures(bytes, at) {
        (0, _) if bytes.get(at) == Some(&END) => Err(ImageError::Damaged("a GIF without a picture".into())),
        (count, has_faults) => {
            Ok(Header { animated: count > 1, has_faults, ..Header::new(Format::Gif, width, height) })
        }
    }
}

/// Bytes of the palette that the flags of a screen or a picture announce.
fn palette(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// How many there are, of which two at most are counted, and whether the end is missing behind a single one.
fn pictures(bytes: &[u8], mut at: usize) -> (usize, bool) {
    let mut found = 0;
    for _ in 0..MAX_BLOCKS {
        match bytes.get(at) {
            Some(0x2C) => {
                found += 1;
                let Some(&flags) = bytes.get(at + 9) else { return (found, true) };
                // Behind the descriptor and its palette one byte says how wide the codes are.
                at += 10 + palette(flags) + 1;
            }
            Some(0x21) => at += 2,
            other => return (found, other != Some(&END)),
        }
        if found == 2 {
            break;
        }
        while let Some(&length) = bytes.get(at) {
            at += 1 + usize::from(length);
            if length == 0 {
                break;
            }
        }
    }
    (found, false)
}
