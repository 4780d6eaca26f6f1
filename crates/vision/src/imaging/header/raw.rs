//! RAW files: kept as they are, shown by the JPEG that the camera put into them.
//!
//! Every maker keeps that JPEG in another place (a sub-directory, a maker note, a track, behind a header of its
//! own), but it is a whole JPEG everywhere. So it is looked for by its first bytes, and of all that are found the
//! largest is taken. What is compressed losslessly is the sensor's data and no picture.

use super::{Format, Header, RawKind, bmff, jpeg};
use crate::imaging::{
    ImageError,
    facts::{Facts, Written},
    ifd::{Kind, Tiff},
    sources::Sources,
};

/// Candidates that are looked at; a DNG has one for each of its tiles.
const MAX_CANDIDATES: usize = 20_000;
/// Of these, progressive ones: to bound their scans the rest of the file is looked through.
const MAX_COSTLY: usize = 16;
/// Long side below which a JPEG is a thumbnail.
const LEAST_SIDE: u32 = 1_000;
/// Compressions that only sensors' data have: Nikon, Sony, Kodak, Samsung, Pentax.
const SENSOR_COMPRESSIONS: [u32; 7] = [34713, 32767, 32769, 32770, 32772, 65000, 65535];
/// Photometric interpretations of sensors' data: colour filter array, linear raw (TIFF/EP, DNG 1.6).
const SENSOR_PHOTOMETRICS: [u32; 2] = [32803, 34892];

/// The kind of RAW of a TIFF structure; `None` when it is an ordinary TIFF.
pub(super) fn kind(tiff: &Tiff, bytes: &[u8]) -> Option<RawKind> {
    match bytes.get(..10)? {
        [b'I', b'I', b'R', ..] | [b'M', b'M', b'O', ..] => return Some(RawKind::OlympusOrf),
        [b'I', b'I', b'U', ..] => return Some(RawKind::PanasonicRw2),
        [.., b'C', b'R'] => return Some(RawKind::CanonCr2),
        _ => {}
    }
    if tiff.get(Kind::Main(0), 0xC612).is_some() {
        return Some(RawKind::AdobeDng);
    }
    let pictures = tiff.directories.iter().filter(|it| matches!(it.kind, Kind::Main(_) | Kind::Sub));
    let is_sensor = |directory: &crate::imaging::ifd::Directory| {
        let number = |tag| directory.get(tag).and_then(|entry| tiff.number(&entry, 0));
        number(0x0103).is_some_and(|it| SENSOR_COMPRESSIONS.contains(&it))
            || number(0x0106).is_some_and(|it| SENSOR_PHOTOMETRICS.contains(&it))
    };
    pictures.into_iter().any(is_sensor).then(|| {
        let maker = tiff.get(Kind::Main(0), 0x010F).and_then(|entry| tiff.text(&entry)).unwrap_or_default();
        match maker.to_ascii_lowercase() {
            maker if maker.starts_with("nikon") => RawKind::NikonNef,
            maker if maker.starts_with("sony") => RawKind::SonyArw,
            maker if maker.starts_with("pentax") || maker.starts_with("ricoh") => RawKind::PentaxPef,
            // Other makers write what is DNG in all but name.
            _ => RawKind::AdobeDng,
        }
    })
}

pub(super) fn in_tiff(bytes: &[u8]) -> Result<Header, ImageError> {
    let tiff = Tiff::read(bytes).ok_or(ImageError::CUT)?;
    let kind = kind(&tiff, bytes).ok_or(ImageError::CUT)?;
    let part = |tag| tiff.get(Kind::Main(0), tag).map(|entry| tiff.bytes(&entry));
    let sources = Sources { exif: Some(bytes), xmp: part(0x02BC), iptc: part(0x83BB) };
    preview(bytes, kind, sources.read())
}

/// Fujifilm's own header; EXIF is in the JPEG.
pub(super) fn raf(bytes: &[u8]) -> Result<Header, ImageError> {
    preview(bytes, RawKind::FujifilmRaf, Facts::default())
}

/// Canon's CR3 keeps the directories of EXIF in boxes of their own: `CMT1` the main one, `CMT2` EXIF's.
pub(super) fn cr3(bytes: &[u8]) -> Result<Header, ImageError> {
    let canon = bmff::find(bytes, b"moov").and_then(|moov| bmff::find(moov, b"uuid"));
    // Behind the box's own sixteen bytes of identity.
    let canon = canon.and_then(|uuid| uuid.get(16..)).unwrap_or_default();
    let facts =
        |kind| bmff::find(canon, kind).map(|exif| Sources { exif: Some(exif), ..Sources::default() }.read());
    let main = facts(b"CMT1").unwrap_or_default();
    let exif = facts(b"CMT2").unwrap_or_default();
    let taken = exif.written.taken.or(main.written.taken);
    let written = Written { taken, ..main.written };
    preview(bytes, RawKind::CanonCr3, Facts { written, ..main })
}

/// The largest JPEG in a file, under the RAW's own facts where it has any.
fn preview(bytes: &[u8], kind: RawKind, facts: Facts) -> Result<Header, ImageError> {
    let starts = bytes.windows(3).enumerate().filter(|(_, three)| *three == [0xFF, 0xD8, 0xFF]);
    let mut largest: Option<(usize, Header)> = None;
    let mut costly = 0;
    for (at, _) in starts.take(MAX_CANDIDATES) {
        let candidate = jpeg::header(&bytes[at..]);
        costly += match &candidate {
            Ok(header) => usize::from(header.interlaced),
            Err(error) => usize::from(*error == ImageError::TooComplex),
        };
        if costly > MAX_COSTLY {
            return Err(ImageError::TooComplex);
        }
        if let Ok(header) = candidate
            && largest.as_ref().is_none_or(|(_, known)| header.pixels() > known.pixels())
        {
            largest = Some((at, header));
        }
    }
    let largest = largest.filter(|(_, header)| header.long_side() >= LEAST_SIDE);
    let Some((at, shown)) = largest else {
        let camera = facts.camera.unwrap_or_else(|| "this camera".to_owned());
        return Err(ImageError::RawWithoutPreview { camera });
    };
    let of_preview = shown.facts.clone();
    let facts = Facts {
        orientation: facts.orientation.or(of_preview.orientation),
        camera: facts.camera.or(of_preview.camera),
        written: facts.written.or(of_preview.written),
        ..facts
    };
    Ok(Header { format: Format::Raw(kind), at, ..shown.with_facts(facts) })
}
