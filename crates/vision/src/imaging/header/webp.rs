//! WebP (RFC 9649): a simple file holds one `VP8 ` or `VP8L` chunk, an extended one begins with `VP8X`.

use super::{Format, Header, le32};
use crate::imaging::{ImageError, sources::Sources};

pub(super) fn header(bytes: &[u8]) -> Result<Header, ImageError> {
    let riff = le32(bytes, 4).ok_or(ImageError::CUT)? as usize;
    let kind = bytes.get(12..16).ok_or(ImageError::CUT)?;
    let chunk = bytes.get(20..).ok_or(ImageError::CUT)?;
    let (width, height, alpha) = match kind {
        b"VP8 " => {
            let size = chunk.get(6..10).ok_or(ImageError::CUT)?;
            let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
            (side(size[0], size[1]), side(size[2], size[3]), false)
        }
        b"VP8L" => {
            let bits = le32(chunk, 1).ok_or(ImageError::CUT)?;
            ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bits >> 28 & 1 == 1)
        }
        b"VP8X" => {
            let data = chunk.get(..10).ok_or(ImageError::CUT)?;
            let side = |at: usize| u32::from_le_bytes([data[at], data[at + 1], data[at + 2], 0]) + 1;
            (side(4), side(7), data[0] & 0x10 != 0)
        }
        _ => return Err(ImageError::Damaged("a WebP without a picture".into())),
    };
    let is_extended = kind == b"VP8X";
    let header = Header::new(Format::WebP, width, height);
    let animated = is_extended && chunk[0] & 0x02 != 0;
    let is_cut = riff + 8 > bytes.len();
    // Of a picture that breaks off, the rows above can be shown, and of several the first when it is whole.
    let has_begun = || {
        let has = |kind: &[u8; 4]| self::chunk(bytes, kind).is_some_and(|chunk| chunk.data.len() > 10);
        has(b"VP8 ") || has(b"VP8L")
    };
    let has_first = || self::chunk(bytes, b"ANMF").is_some_and(|chunk| chunk.data.len() == chunk.length);
    if !header.is_too_large() && is_cut && !(if animated { has_first() } else { has_begun() }) {
        return Err(ImageError::CUT);
    }
    let sources = if is_extended { sources(bytes) } else { Sources::default() };
    Ok(Header {
        animated,
        has_faults: is_cut,
        channels: if alpha { 4 } else { 3 },
        ..header.with_facts(sources.read())
    })
}

fn sources(bytes: &[u8]) -> Sources<'_> {
    let mut sources = Sources::default();
    let mut at = 12;
    while let (Some(kind), Some(length)) = (bytes.get(at..at + 4), le32(bytes, at + 4)) {
        let length = length as usize;
        let data = bytes.get(at + 8..at + 8 + length);
        match (kind, data) {
            (b"EXIF", Some(data)) => sources.exif = Some(data.strip_prefix(b"Exif\0\0").unwrap_or(data)),
            (b"XMP ", Some(data)) => sources.xmp = Some(data),
            _ => {}
        }
        // Chunks are padded to even lengths.
        at += 8 + length + (length & 1);
    }
    sources
}

/// The content of a chunk as far as it is there, and how long it says that it is.
pub(in crate::imaging) struct Chunk<'a> {
    pub data: &'a [u8],
    pub length: usize,
}

/// The first chunk of a kind.
pub(in crate::imaging) fn chunk<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<Chunk<'a>> {
    let mut at = 12;
    loop {
        let (name, length) = (bytes.get(at..at + 4)?, le32(bytes, at + 4)? as usize);
        let data = at + 8;
        if name == kind {
            return Some(Chunk { data: &bytes[data..bytes.len().min(data.checked_add(length)?)], length });
        }
        at = data.checked_add(length)?.checked_add(length & 1)?;
    }
}
