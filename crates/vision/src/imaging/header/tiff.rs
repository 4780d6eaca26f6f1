//! TIFF 6.0. Most RAW files are TIFF too, and are told by what only they have.

use super::{Format, Header, raw};
use crate::imaging::{
    ImageError,
    ifd::{Directory, Kind, Tiff},
    sources::Sources,
};

pub(super) fn header(bytes: &[u8]) -> Result<Header, ImageError> {
    let tiff = Tiff::read(bytes).ok_or(ImageError::CUT)?;
    if raw::kind(&tiff, bytes).is_some() {
        return raw::in_tiff(bytes);
    }
    let number = |tag| tiff.get(Kind::Main(0), tag).and_then(|entry| tiff.number(&entry, 0));
    let (Some(width), Some(height)) = (number(0x0100), number(0x0101)) else {
        return Err(ImageError::CUT);
    };
    let part = |tag| tiff.get(Kind::Main(0), tag).map(|entry| tiff.bytes(&entry));
    let sources = Sources { exif: Some(bytes), xmp: part(0x02BC), iptc: part(0x83BB) };
    let header = Header::new(Format::Tiff, width, height).with_facts(sources.read());
    // Pages behind the first, but for smaller copies of it.
    let is_page = |directory: &Directory| {
        let kind = directory.get(0x00FE).and_then(|entry| tiff.number(&entry, 0)).unwrap_or(0);
        matches!(directory.kind, Kind::Main(1..)) && kind & 1 == 0 && directory.get(0x0100).is_some()
    };
    Ok(Header {
        animated: tiff.directories.iter().any(is_page),
        channels: number(0x0115).and_then(|n| u8::try_from(n).ok()).unwrap_or(1),
        bit_depth: number(0x0102).and_then(|n| u8::try_from(n).ok()).unwrap_or(1),
        ..header
    })
}
