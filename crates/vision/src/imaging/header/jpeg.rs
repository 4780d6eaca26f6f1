//! JPEG (ITU-T T.81), walked as libjpeg walks it: what is no marker is skipped, and a segment is as long as it says.

use super::{Format, Header, be16};
use crate::imaging::{ImageError, iptc, sources::Sources};

/// A file may repeat its scans without end and cost minutes; encoders write about ten.
const MAX_SCANS: usize = 100;
/// What the coefficients of a picture that comes in several scans may take, in bytes: libjpeg keeps them all.
/// A hundred megapixels without subsampling take as much.
const MAX_COEFFICIENTS: u64 = 600_000_000;

/// Segments before the first scan, and stray bytes before each of them. Long profiles take two hundred segments; a
/// RAW is searched for JPEGs, and no wrong beginning may cost a walk through all of it.
const MAX_SEGMENTS: usize = 4_000;
const MAX_STRAY: usize = 64 << 10;

/// A frame header (T.81, B.2.2).
struct Frame {
    marker: u8,
    width: u32,
    height: u32,
    bit_depth: u8,
    /// Horizontal and vertical sampling factors of each component.
    sampling: Vec<(u32, u32)>,
}

impl Frame {
    fn read(marker: u8, segment: &[u8]) -> Result<Self, ImageError> {
        let &[bit_depth, h1, h0, w1, w0, channels, ref components @ ..] = segment else {
            return Err(ImageError::CUT);
        };
        if !matches!(marker, 0xC0..=0xC2 | 0xC9 | 0xCA) {
            return Err(ImageError::UnsupportedType("lossless JPEG"));
        }
        if bit_depth != 8 {
            return Err(ImageError::UnsupportedType("12-bit JPEG"));
        }
        if !matches!(channels, 1 | 3 | 4) {
            return Err(ImageError::Damaged(format!("a JPEG of {channels} components")));
        }
        let factors = components.chunks_exact(3).take(usize::from(channels));
        let sampling: Vec<_> =
            factors.map(|each| (u32::from(each[1] >> 4).max(1), u32::from(each[1] & 15).max(1))).collect();
        if sampling.len() < usize::from(channels) {
            return Err(ImageError::CUT);
        }
        Ok(Self {
            marker,
            width: u32::from(u16::from_be_bytes([w1, w0])),
            height: u32::from(u16::from_be_bytes([h1, h0])),
            bit_depth,
            sampling,
        })
    }

    fn is_progressive(&self) -> bool {
        matches!(self.marker, 0xC2 | 0xCA)
    }

    /// Bytes of all coefficients, two for each sample of each component.
    fn coefficients(&self) -> u64 {
        let most = |of: fn(&(u32, u32)) -> u32| self.sampling.iter().map(of).max().unwrap_or(1);
        let (across, down) = (most(|it| it.0), most(|it| it.1));
        let side =
            |length: u32, own: u32, most: u32| u64::from((length * own).div_ceil(most).next_multiple_of(8));
        let of = |(h, v): &(u32, u32)| side(self.width, *h, across) * side(self.height, *v, down);
        self.sampling.iter().map(of).sum::<u64>() * 2
    }
}

/// Walks the segments up to the first scan. A block of 8 × 8 costs at least a bit, two in a sequential file (one
/// for DC, one to end AC): a file too short for its claim is refused unread.
pub(super) fn header(bytes: &[u8]) -> Result<Header, ImageError> {
    let mut sources = Sources::default();
    let mut frame = None;
    let mut has_faults = false;
    let mut at = 2;
    let mut segments = 0;
    let first_scan = loop {
        let start = at;
        let window = &bytes[..bytes.len().min(at + MAX_STRAY)];
        let Some((marker, behind)) = next_marker(window, at).filter(|_| segments < MAX_SEGMENTS) else {
            let is_end = window.len() == bytes.len() && segments < MAX_SEGMENTS;
            return Err(if is_end {
                ImageError::CUT
            } else {
                ImageError::Damaged("a JPEG marker was expected".into())
            });
        };
        segments += 1;
        // Any number of 0xFF may fill before a marker; other bytes should not be there.
        has_faults |= bytes[start..behind - 1].iter().any(|&byte| byte != 0xFF);
        at = behind;
        match marker {
            0x01 | 0xD0..=0xD7 => continue,
            0xD8 => return Err(ImageError::Damaged("a JPEG within a JPEG".into())),
            0xD9 => return Err(ImageError::Damaged("a JPEG without a picture".into())),
            _ => {}
        }
        let length = length(bytes, at).ok_or(ImageError::CUT)?;
        has_faults |= length.is_wrong;
        let length = length.bytes;
        let segment = bytes.get(at + 2..at + length).ok_or(ImageError::CUT)?;
        match marker {
            0xE1 => application_1(segment, &mut sources),
            0xED if sources.iptc.is_none() => sources.iptc = iptc::in_photoshop(segment),
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) && frame.is_none() => {
                frame = Some(Frame::read(marker, segment)?);
            }
            0xDA => break (at + length, segment.first().copied().unwrap_or(0)),
            _ => {}
        }
        at += length;
    };
    let frame = frame.ok_or_else(|| ImageError::Damaged("a JPEG scan before its frame".into()))?;
    let mut header = Header::new(Format::Jpeg, frame.width, frame.height).with_facts(sources.read());
    header.channels = frame.sampling.len() as u8;
    header.bit_depth = frame.bit_depth;
    header.interlaced = frame.is_progressive();
    header.has_faults = has_faults;
    bound(&header, &frame, &bytes[first_scan.0..], first_scan.1)?;
    Ok(header)
}

/// Refuses what would cost more than it can be worth. `rest` is what follows the first scan's header, which
/// names `components`.
fn bound(header: &Header, frame: &Frame, rest: &[u8], components: u8) -> Result<(), ImageError> {
    if header.is_too_large() {
        return Ok(());
    }
    let blocks = u64::from(frame.width.div_ceil(8)) * u64::from(frame.height.div_ceil(8));
    let least_bits = if frame.is_progressive() { 1 } else { 2 };
    // Arithmetic coding has no such floor.
    if frame.marker < 0xC9 && blocks * least_bits / 8 > rest.len() as u64 {
        return Err(ImageError::CUT);
    }
    if frame.is_progressive() || components < header.channels {
        let scans =
            rest.windows(2).take_while(|pair| *pair != [0xFF, 0xD9]).filter(|pair| *pair == [0xFF, 0xDA]);
        if scans.take(MAX_SCANS).count() >= MAX_SCANS || frame.coefficients() > MAX_COEFFICIENTS {
            return Err(ImageError::TooComplex);
        }
    }
    Ok(())
}

fn application_1<'a>(segment: &'a [u8], sources: &mut Sources<'a>) {
    // A second zero is missing in what some phones write.
    if let Some(exif) = segment.strip_prefix(b"Exif\0") {
        sources.exif = sources.exif.or(Some(exif.strip_prefix(b"\0").unwrap_or(exif)));
    } else if let Some(xmp) = segment.strip_prefix(b"http://ns.adobe.com/xap/1.0/\0") {
        sources.xmp = sources.xmp.or(Some(xmp));
    }
}

/// How long a segment is with the two bytes that say so.
struct Length {
    bytes: usize,
    /// It says less than those two bytes take. libjpeg goes on behind them.
    is_wrong: bool,
}

fn length(bytes: &[u8], at: usize) -> Option<Length> {
    let said = be16(bytes, at)? as usize;
    Some(Length { bytes: said.max(2), is_wrong: said < 2 })
}

/// The next marker from `at` on, and where its segment begins.
fn next_marker(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xFF)?;
        at += bytes[at..].iter().position(|&byte| byte != 0xFF)?;
        match bytes[at] {
            0 => {}
            marker => return Some((marker, at + 1)),
        }
    }
}

/// The parts of a progressive JPEG that its scans cover.
pub(in crate::imaging) struct Scans {
    /// Every component has a first scan of its mean values that came to its end: the picture is there, if blurred.
    pub covers_picture: bool,
}

/// Looks through the scans of a file that may break off in any of them.
pub(in crate::imaging) fn scans(bytes: &[u8], channels: u8) -> Scans {
    let mut covered: Vec<u8> = Vec::new();
    let mut current: Vec<u8> = Vec::new();
    let mut at = 2;
    while let Some((marker, behind)) = next_marker(bytes, at) {
        at = behind;
        if matches!(marker, 0x01 | 0xD0..=0xD7) {
            continue;
        }
        // Whatever follows a scan, the scan came to its end.
        covered.append(&mut current);
        if marker == 0xD9 {
            break;
        }
        let Some(Length { bytes: length, .. }) = length(bytes, at) else { break };
        let Some(segment) = bytes.get(at + 2..at + length) else { break };
        at += length;
        if marker == 0xDA {
            current = first_scan_of(segment);
        }
    }
    covered.sort_unstable();
    covered.dedup();
    Scans { covers_picture: covered.len() >= usize::from(channels) }
}

/// The components of a scan header (T.81, B.2.3) that begins with mean values and is no refinement.
fn first_scan_of(segment: &[u8]) -> Vec<u8> {
    let count = usize::from(segment.first().copied().unwrap_or(0));
    let Some(&[from, _, approximation]) =
        segment.get(1 + count * 2..).and_then(|rest| rest.first_chunk::<3>())
    else {
        return Vec::new();
    };
    if from != 0 || approximation >> 4 != 0 {
        return Vec::new();
    }
    segment[1..=count * 2].chunks_exact(2).map(|component| component[0]).collect()
}
