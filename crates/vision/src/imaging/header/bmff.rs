//! Boxes of ISO 14496-12, as far as CR3 needs them.

use super::be32;

/// Boxes that are looked at on one level.
const MAX_BOXES: usize = 256;

/// The content of the first box of a kind.
pub(super) fn find<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    let mut at: usize = 0;
    for _ in 0..MAX_BOXES {
        let length = be32(bytes, at)? as usize;
        let (begin, end) = match length {
            // The box goes on to the end of the file.
            0 => (at + 8, bytes.len()),
            1 => (at + 16, at.checked_add(usize::try_from(be64(bytes, at + 8)?).ok()?)?),
            _ => (at + 8, at.checked_add(length)?),
        };
        if bytes.get(at + 4..at + 8)? == kind {
            return bytes.get(begin..end.min(bytes.len()));
        }
        if end <= at {
            return None;
        }
        at = end;
    }
    None
}

fn be64(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from(be32(bytes, at)?) << 32 | u64::from(be32(bytes, at + 4)?))
}
