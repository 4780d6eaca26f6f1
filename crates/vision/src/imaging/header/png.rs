//! PNG (third edition, 5.3): chunks one after the other, whose content is skipped.

use super::{Format, Header, be32};
use crate::imaging::{ImageError, sources::Sources};

/// A text that an editor's packet of XMP lies in (XMP part 3, 1.1.5).
const XMP_KEYWORD: &[u8] = b"XML:com.adobe.xmp\0\0\0\0\0";

/// A file without its end passes when the pixels have begun; how many are there, the decoder finds out.
pub(super) fn header(bytes: &[u8]) -> Result<Header, ImageError> {
    let mut header: Option<Header> = None;
    let mut sources = Sources::default();
    let mut has_pixels = false;
    let mut animated = false;
    let mut has_end = false;
    let mut at = 8;
    while let (Some(length), Some(kind)) = (be32(bytes, at), bytes.get(at + 4..at + 8)) {
        let data = at + 8;
        let end = data + length as usize;
        match (kind, &header) {
            (b"IHDR", None) => header = Some(begin(bytes.get(data..data + 13).ok_or(ImageError::CUT)?)?),
            (_, None) => return Err(ImageError::Damaged("a PNG that does not begin with IHDR".into())),
            (b"acTL", _) => animated = true,
            (b"eXIf", _) => sources.exif = bytes.get(data..end),
            (b"iTXt", _) => {
                let text = bytes.get(data..end).and_then(|text| text.strip_prefix(XMP_KEYWORD));
                sources.xmp = sources.xmp.or(text);
            }
            (b"IDAT", _) => has_pixels = true,
            (b"IEND", _) => {
                has_end = data + 4 <= bytes.len();
                break;
            }
            _ => {}
        }
        at = end + 4;
    }
    let header = header.ok_or(ImageError::CUT)?;
    // A picture that cannot be taken is refused for that, not for its missing end.
    let is_refused = header.width == 0 || header.height == 0 || header.is_too_large();
    if !has_pixels && !is_refused {
        return Err(ImageError::CUT);
    }
    Ok(Header { animated, has_faults: !has_end, ..header.with_facts(sources.read()) })
}

fn begin(ihdr: &[u8]) -> Result<Header, ImageError> {
    let (bit_depth, colour_type, interlace) = (ihdr[8], ihdr[9], ihdr[12]);
    let channels = match colour_type {
        0 => 1,
        2 | 3 => 3,
        4 => 2,
        6 => 4,
        other => return Err(ImageError::Damaged(format!("PNG colour type {other}"))),
    };
    let size = |at| be32(ihdr, at).unwrap_or(0);
    let header = Header::new(Format::Png, size(0), size(4));
    Ok(Header { channels, bit_depth, interlaced: interlace != 0, ..header })
}
