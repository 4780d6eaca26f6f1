//! What a file is, from its first bytes and its structure, before any pixel is decoded.

use chrono::NaiveDateTime;

use super::{
    ImageError,
    exif::{self, ExifFacts, Orientation},
};

/// The largest picture that is decoded.
pub const MAX_PIXELS: u64 = 100_000_000;

/// A progressive JPEG may repeat its scans without end and cost minutes; encoders write about ten.
const MAX_SCANS: u32 = 100;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Jpeg,
    Png,
    WebP,
}

impl Format {
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }

    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
        }
    }
}

/// What the file says of itself. Width and height are as stored; see [`Header::upright_size`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub format: Format,
    pub width: u32,
    pub height: u32,
    pub orientation: Orientation,
    /// EXIF `DateTimeOriginal`, else digitised, else modified; by the camera's clock.
    pub taken_at: Option<NaiveDateTime>,
    /// Colour components as stored: 1 grey, 3 colour, 4 CMYK (JPEG) or with alpha (PNG, WebP), 2 grey
    /// with alpha. A palette counts as 3.
    pub channels: u8,
    /// Bits of one component as stored: 1, 2, 4, 8 or 16.
    pub bit_depth: u8,
    /// Progressive (JPEG) or interlaced (PNG): cannot be decoded row by row.
    pub interlaced: bool,
}

impl Header {
    /// Width and height as a person sees the picture.
    #[must_use]
    pub fn upright_size(&self) -> (u32, u32) {
        if self.orientation.swaps_sides() { (self.height, self.width) } else { (self.width, self.height) }
    }

    #[must_use]
    pub fn long_side(&self) -> u32 {
        self.width.max(self.height)
    }
}

/// Reads the header by content; the file's name is not asked.
///
/// # Errors
/// [`ImageError`]: nothing that passes is known to be unreadable by its structure alone.
pub fn probe(bytes: &[u8]) -> Result<Header, ImageError> {
    let header = match bytes {
        [] => return Err(ImageError::EmptyFile),
        [0xFF, 0xD8, 0xFF, ..] => jpeg(bytes)?,
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => png(bytes)?,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => webp(bytes)?,
        _ => return Err(refuse(bytes)),
    };
    let Header { width, height, .. } = header;
    if width == 0 || height == 0 {
        return Err(ImageError::EmptyPicture { width, height });
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(ImageError::TooManyPixels { width, height });
    }
    Ok(header)
}

/// Names what the file is, so that the answer helps.
fn refuse(bytes: &[u8]) -> ImageError {
    let name = match bytes {
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4) {
            Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1") => {
                return ImageError::HeicUnsupported;
            }
            Some(b"avif" | b"avis") => "AVIF",
            Some(b"crx ") => "RAW",
            _ => "video",
        },
        [0xFF, 0xD8, ..] | [0xFF] | [0x89, b'P', ..] => return ImageError::Truncated,
        [b'G', b'I', b'F', b'8', ..] => "GIF",
        [b'B', b'M', ..] => "BMP",
        [b'%', b'P', b'D', b'F', ..] => "PDF",
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => "TIFF or RAW",
        [b'F', b'U', b'J', b'I', b'F', b'I', b'L', b'M', ..] | [b'I', b'I', b'R' | b'U', ..] => "RAW",
        [b'8', b'B', b'P', b'S', ..] => "Photoshop",
        [0xFF, 0x0A, ..] | [0, 0, 0, 0x0C, b'J', b'X', b'L', ..] => "JPEG XL",
        [0x1A, 0x45, 0xDF, 0xA3, ..] => "video",
        [b'P', b'K', 3, 4, ..] => "a ZIP archive",
        _ => "this type of file",
    };
    ImageError::UnsupportedType(name)
}

fn be16(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?)))
}

fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn le32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

/// Walks the marker segments (ITU-T T.81, B.1) up to the first scan. A block of 8 × 8 costs at least a bit,
/// two in a sequential file (one for DC, one to end AC): a file too short for its claim is refused unread.
fn jpeg(bytes: &[u8]) -> Result<Header, ImageError> {
    let mut facts = ExifFacts::default();
    let mut frame = None;
    let mut at = 2;
    loop {
        // Any number of 0xFF may fill before a marker.
        while bytes.get(at) == Some(&0xFF) && bytes.get(at + 1) == Some(&0xFF) {
            at += 1;
        }
        let (Some(0xFF), Some(&marker)) = (bytes.get(at), bytes.get(at + 1)) else {
            return Err(if at + 1 >= bytes.len() {
                ImageError::Truncated
            } else {
                ImageError::Damaged("a JPEG marker was expected".into())
            });
        };
        if matches!(marker, 0x01 | 0xD0..=0xD8) {
            at += 2;
            continue;
        }
        if marker == 0xD9 {
            return Err(ImageError::Damaged("a JPEG without a picture".into()));
        }
        let length = be16(bytes, at + 2).ok_or(ImageError::Truncated)? as usize;
        let segment = bytes.get(at + 4..(at + 2 + length).max(at + 4)).ok_or(ImageError::Truncated)?;
        match marker {
            0xE1 if facts == ExifFacts::default() => {
                if let Some(tiff) = segment.strip_prefix(b"Exif\0\0") {
                    facts = exif::read(tiff);
                }
            }
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                if !matches!(marker, 0xC0..=0xC2) {
                    return Err(ImageError::UnsupportedType("lossless or arithmetic-coded JPEG"));
                }
                let &[bit_depth, h1, h0, w1, w0, channels, ..] = segment else {
                    return Err(ImageError::Truncated);
                };
                if bit_depth != 8 {
                    return Err(ImageError::UnsupportedType("12-bit JPEG"));
                }
                if !matches!(channels, 1 | 3 | 4) {
                    return Err(ImageError::Damaged(format!("a JPEG of {channels} components")));
                }
                frame = Some(Header {
                    format: Format::Jpeg,
                    width: u32::from(u16::from_be_bytes([w1, w0])),
                    height: u32::from(u16::from_be_bytes([h1, h0])),
                    orientation: Orientation::Upright,
                    taken_at: None,
                    channels,
                    bit_depth,
                    interlaced: marker == 0xC2,
                });
            }
            0xDA => break,
            _ => {}
        }
        at += 2 + length;
    }
    let frame = frame.ok_or_else(|| ImageError::Damaged("a JPEG scan before its frame".into()))?;
    let blocks = u64::from(frame.width.div_ceil(8)) * u64::from(frame.height.div_ceil(8));
    let least_bits = if frame.interlaced { 1 } else { 2 };
    if frame.width as u64 * frame.height as u64 <= MAX_PIXELS
        && blocks * least_bits / 8 > (bytes.len() - at) as u64
    {
        return Err(ImageError::Truncated);
    }
    if frame.interlaced && scans(&bytes[at..]) > MAX_SCANS {
        return Err(ImageError::TooComplex);
    }
    Ok(Header { orientation: facts.orientation, taken_at: facts.taken_at, ..frame })
}

/// Start-of-scan markers in entropy-coded data, where every other 0xFF is followed by 0 or a restart.
fn scans(entropy_coded: &[u8]) -> u32 {
    let mut count = 0;
    for pair in entropy_coded.windows(2) {
        match pair {
            [0xFF, 0xDA] => count += 1,
            [0xFF, 0xD9] => break,
            _ => {}
        }
    }
    count
}

/// Walks the chunks (PNG, third edition, 5.3) to the end, skipping their content.
fn png(bytes: &[u8]) -> Result<Header, ImageError> {
    let mut header = None;
    let mut facts = ExifFacts::default();
    let mut at = 8;
    loop {
        let length = be32(bytes, at).ok_or(ImageError::Truncated)? as usize;
        let kind = bytes.get(at + 4..at + 8).ok_or(ImageError::Truncated)?;
        let data = at + 8;
        match (kind, header.as_ref()) {
            (b"IHDR", None) => {
                header = Some(png_header(bytes.get(data..data + 13).ok_or(ImageError::Truncated)?)?)
            }
            (_, None) => return Err(ImageError::Damaged("a PNG that does not begin with IHDR".into())),
            (b"acTL", _) => return Err(ImageError::AnimatedUnsupported),
            (b"eXIf", _) => facts = exif::read(bytes.get(data..data + length).ok_or(ImageError::Truncated)?),
            (b"IEND", Some(header)) if data + 4 <= bytes.len() => {
                return Ok(Header {
                    orientation: facts.orientation,
                    taken_at: facts.taken_at,
                    ..header.clone()
                });
            }
            // A picture that cannot be taken is refused for that, not for its missing end.
            (b"IDAT", Some(header)) if u64::from(header.width) * u64::from(header.height) > MAX_PIXELS => {
                return Ok(header.clone());
            }
            _ => {}
        }
        at = data + length + 4;
        if at > bytes.len() {
            return match header {
                Some(header) if header.width == 0 || header.height == 0 => Ok(header),
                Some(header) if u64::from(header.width) * u64::from(header.height) > MAX_PIXELS => Ok(header),
                _ => Err(ImageError::Truncated),
            };
        }
    }
}

fn png_header(ihdr: &[u8]) -> Result<Header, ImageError> {
    let (bit_depth, colour_type, interlace) = (ihdr[8], ihdr[9], ihdr[12]);
    let channels = match colour_type {
        0 => 1,
        2 | 3 => 3,
        4 => 2,
        6 => 4,
        other => return Err(ImageError::Damaged(format!("PNG colour type {other}"))),
    };
    Ok(Header {
        format: Format::Png,
        width: be32(ihdr, 0).unwrap_or(0),
        height: be32(ihdr, 4).unwrap_or(0),
        orientation: Orientation::Upright,
        taken_at: None,
        channels,
        bit_depth,
        interlaced: interlace != 0,
    })
}

/// RFC 9649: a simple file holds one `VP8 ` or `VP8L` chunk, an extended one begins with `VP8X`.
fn webp(bytes: &[u8]) -> Result<Header, ImageError> {
    let riff = le32(bytes, 4).ok_or(ImageError::Truncated)? as usize;
    let kind = bytes.get(12..16).ok_or(ImageError::Truncated)?;
    let chunk = bytes.get(20..).ok_or(ImageError::Truncated)?;
    let (width, height, alpha) = match kind {
        b"VP8 " => {
            let size = chunk.get(6..10).ok_or(ImageError::Truncated)?;
            let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
            (side(size[0], size[1]), side(size[2], size[3]), false)
        }
        b"VP8L" => {
            let bits = le32(chunk, 1).ok_or(ImageError::Truncated)?;
            ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bits >> 28 & 1 == 1)
        }
        b"VP8X" => {
            let data = chunk.get(..10).ok_or(ImageError::Truncated)?;
            if data[0] & 0x02 != 0 {
                return Err(ImageError::AnimatedUnsupported);
            }
            let side = |at: usize| u32::from_le_bytes([data[at], data[at + 1], data[at + 2], 0]) + 1;
            (side(4), side(7), data[0] & 0x10 != 0)
        }
        _ => return Err(ImageError::Damaged("a WebP without a picture".into())),
    };
    if u64::from(width) * u64::from(height) <= MAX_PIXELS && riff + 8 > bytes.len() {
        return Err(ImageError::Truncated);
    }
    let facts = if kind == b"VP8X" { webp_exif(bytes) } else { ExifFacts::default() };
    Ok(Header {
        format: Format::WebP,
        width,
        height,
        orientation: facts.orientation,
        taken_at: facts.taken_at,
        channels: if alpha { 4 } else { 3 },
        bit_depth: 8,
        interlaced: false,
    })
}

fn webp_exif(bytes: &[u8]) -> ExifFacts {
    let mut at = 12;
    while let (Some(kind), Some(length)) = (bytes.get(at..at + 4), le32(bytes, at + 4)) {
        let data = at + 8;
        if kind == b"EXIF" {
            return bytes.get(data..data + length as usize).map_or_else(ExifFacts::default, |payload| {
                exif::read(payload.strip_prefix(b"Exif\0\0").unwrap_or(payload))
            });
        }
        // Chunks are padded to even lengths.
        at = data + length as usize + (length as usize & 1);
    }
    ExifFacts::default()
}
