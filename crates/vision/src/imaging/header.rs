//! Reads the kind and the size of a file from its first bytes and its structure, before any pixel is decoded.

mod bmff;
mod gif;
mod jpeg;
mod png;
mod raw;
mod tiff;
mod webp;

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

pub(super) use jpeg::scans;
pub(super) use webp::{Chunk as WebPChunk, chunk as webp_chunk};

use super::{
    ImageError,
    facts::{Facts, Orientation},
    heif, jxl,
};

/// The largest picture that is decoded. What one costs is bounded in bytes, see [`super::decode()`].
pub const MAX_PIXELS: u64 = 250_000_000;
/// How far into a file a JPEG may begin that something else was written before.
const FARTHEST_START: usize = 64 << 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    Jpeg,
    Png,
    WebP,
    Tiff,
    Gif,
    Heic,
    Avif,
    JpegXl,
    /// Shown by the JPEG in it.
    Raw(RawKind),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RawKind {
    CanonCr2,
    CanonCr3,
    NikonNef,
    SonyArw,
    FujifilmRaf,
    OlympusOrf,
    PanasonicRw2,
    AdobeDng,
    PentaxPef,
}

impl Format {
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Tiff => "image/tiff",
            Self::Gif => "image/gif",
            Self::Heic => "image/heic",
            Self::Avif => "image/avif",
            Self::JpegXl => "image/jxl",
            Self::Raw(RawKind::CanonCr2) => "image/x-canon-cr2",
            Self::Raw(RawKind::CanonCr3) => "image/x-canon-cr3",
            Self::Raw(RawKind::NikonNef) => "image/x-nikon-nef",
            Self::Raw(RawKind::SonyArw) => "image/x-sony-arw",
            Self::Raw(RawKind::FujifilmRaf) => "image/x-fuji-raf",
            Self::Raw(RawKind::OlympusOrf) => "image/x-olympus-orf",
            Self::Raw(RawKind::PanasonicRw2) => "image/x-panasonic-rw2",
            Self::Raw(RawKind::AdobeDng) => "image/x-adobe-dng",
            Self::Raw(RawKind::PentaxPef) => "image/x-pentax-pef",
        }
    }

    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Tiff => "tif",
            Self::Gif => "gif",
            Self::Heic => "heic",
            Self::Avif => "avif",
            Self::JpegXl => "jxl",
            Self::Raw(RawKind::CanonCr2) => "cr2",
            Self::Raw(RawKind::CanonCr3) => "cr3",
            Self::Raw(RawKind::NikonNef) => "nef",
            Self::Raw(RawKind::SonyArw) => "arw",
            Self::Raw(RawKind::FujifilmRaf) => "raf",
            Self::Raw(RawKind::OlympusOrf) => "orf",
            Self::Raw(RawKind::PanasonicRw2) => "rw2",
            Self::Raw(RawKind::AdobeDng) => "dng",
            Self::Raw(RawKind::PentaxPef) => "pef",
        }
    }
}

/// The header of a file. Width and height are as stored; see [`Header::upright_size`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    pub format: Format,
    pub width: u32,
    pub height: u32,
    pub orientation: Orientation,
    /// By the camera's clock.
    pub taken_at: Option<NaiveDateTime>,
    /// Colour components as stored: 1 grey, 3 colour, 4 CMYK (JPEG, TIFF) or with alpha (others), 2 grey with
    /// alpha. A palette counts as 3.
    pub channels: u8,
    /// Bits of one component as stored.
    pub bit_depth: u8,
    /// Progressive (JPEG) or interlaced (PNG): cannot be decoded row by row.
    pub interlaced: bool,
    /// There are more pictures behind the one that is shown.
    pub animated: bool,
    pub facts: Facts,
    /// Where the shown picture begins in the file.
    pub(super) at: usize,
    /// The structure has faults that decoders skip over, such as a missing end.
    pub(super) has_faults: bool,
}

impl Header {
    pub(super) fn new(format: Format, width: u32, height: u32) -> Self {
        Self {
            format,
            width,
            height,
            orientation: Orientation::Upright,
            taken_at: None,
            channels: 3,
            bit_depth: 8,
            interlaced: false,
            animated: false,
            facts: Facts::default(),
            at: 0,
            has_faults: false,
        }
    }

    pub(super) fn with_facts(self, facts: Facts) -> Self {
        Self {
            orientation: facts.orientation.unwrap_or_default(),
            taken_at: facts.written.taken.map(|taken| taken.local),
            facts,
            ..self
        }
    }

    /// Width and height as a person sees the picture.
    #[must_use]
    pub fn upright_size(&self) -> (u32, u32) {
        if self.orientation.swaps_sides() { (self.height, self.width) } else { (self.width, self.height) }
    }

    #[must_use]
    pub fn long_side(&self) -> u32 {
        self.width.max(self.height)
    }

    pub(super) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    pub(super) fn is_too_large(&self) -> bool {
        self.pixels() > MAX_PIXELS
    }
}

/// Reads the header by content; the file's name is not asked.
///
/// # Errors
/// [`ImageError`]: nothing that passes is known to be unreadable by its structure alone.
pub fn read_header(bytes: &[u8]) -> Result<Header, ImageError> {
    let header = match bytes {
        [] => return Err(ImageError::EmptyFile),
        [0xFF, 0xD8, _, ..] => jpeg::header(bytes)?,
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => png::header(bytes)?,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp::header(bytes)?,
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => gif::header(bytes)?,
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => tiff::header(bytes)?,
        [b'I', b'I', b'R' | b'U', ..] | [b'M', b'M', b'O', b'R', ..] => raw::in_tiff(bytes)?,
        [b'F', b'U', b'J', b'I', b'F', b'I', b'L', b'M', ..] => raw::raf(bytes)?,
        [0xFF, 0x0A, ..] | [0, 0, 0, 0x0C, b'J', b'X', b'L', b' ', ..] => jxl::header(bytes)?,
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => iso_media(bytes)?,
        _ => late_jpeg(bytes).ok_or_else(|| refuse(bytes))?,
    };
    let Header { width, height, .. } = header;
    if width == 0 || height == 0 {
        return Err(ImageError::EmptyPicture { width, height });
    }
    if header.is_too_large() {
        return Err(ImageError::TooManyPixels { width, height });
    }
    Ok(header)
}

/// HEIC, AVIF and Canon's CR3 are told apart by their brands (ISO 14496-12, 4.3): the main one, else any other.
fn iso_media(bytes: &[u8]) -> Result<Header, ImageError> {
    let length = be32(bytes, 0).unwrap_or(0) as usize;
    let brands = bytes.get(8..length.clamp(12, 256).min(bytes.len())).ok_or(ImageError::CUT)?;
    let main = brands.first_chunk::<4>().ok_or(ImageError::CUT)?;
    for brand in brands.chunks_exact(4) {
        match brand {
            b"avif" | b"avis" => return heif::header(bytes, Format::Avif),
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" => {
                return heif::header(bytes, Format::Heic);
            }
            b"crx " => return raw::cr3(bytes),
            _ => {}
        }
    }
    match main {
        b"mif1" | b"msf1" => heif::header(bytes, Format::Heic),
        _ => Err(ImageError::UnsupportedType("video")),
    }
}

/// A JPEG behind something that a transfer or a rescue program wrote before it.
fn late_jpeg(bytes: &[u8]) -> Option<Header> {
    let head = &bytes[..bytes.len().min(FARTHEST_START)];
    let starts = head.windows(3).enumerate().filter(|(_, three)| *three == [0xFF, 0xD8, 0xFF]);
    let found = starts.take(8).find_map(|(at, _)| Some((at, jpeg::header(&bytes[at..]).ok()?)));
    found.map(|(at, header)| Header { at, has_faults: true, ..header })
}

/// Names what the file is, so that the answer helps.
fn refuse(bytes: &[u8]) -> ImageError {
    let name = match bytes {
        [0xFF, 0xD8] | [0xFF] | [0x89, b'P', ..] => return ImageError::CUT,
        [b'B', b'M', ..] => "BMP",
        [b'%', b'P', b'D', b'F', ..] => "PDF",
        [b'8', b'B', b'P', b'S', ..] => "Photoshop",
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "video",
        [b'P', b'K', 3, 4, ..] => "a ZIP archive",
        _ => "this type of file",
    };
    ImageError::UnsupportedType(name)
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?)))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn le16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?)))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
