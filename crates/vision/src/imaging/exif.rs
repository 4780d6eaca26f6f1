//! EXIF: tags of EXIF 2.32, tables 4 to 15. Broken EXIF is read as far as it goes and never fails a photo.

use chrono::{NaiveDateTime, TimeDelta};

use super::{
    facts::{Facts, Orientation, Written},
    ifd::{Kind, Tiff},
    when::{self, Taken},
};

const ORIENTATION: u16 = 0x0112;
/// Time, its fraction and its zone: of the shutter, of the digital file, of the last change.
const ORIGINAL: [u16; 3] = [0x9003, 0x9291, 0x9011];
const DIGITIZED: [u16; 3] = [0x9004, 0x9292, 0x9012];
const MODIFIED: [u16; 3] = [0x0132, 0x9290, 0x9010];

/// Reads a TIFF structure (the EXIF payload without its `Exif\0\0` prefix). The second value is the time of the
/// last change, which counts only when nothing else is known.
pub(super) fn read(bytes: &[u8]) -> (Facts, Option<Taken>) {
    let Some(tiff) = Tiff::read(bytes) else { return Default::default() };
    let gps = gps_time(&tiff);
    let time = |tags| time(&tiff, tags, gps);
    let taken = time(ORIGINAL).or_else(|| time(DIGITIZED));
    let text = |tag| find(&tiff, tag).and_then(|entry| tiff.text(&entry));
    let facts = Facts {
        orientation: tiff
            .get(Kind::Main(0), ORIENTATION)
            .and_then(|entry| tiff.number(&entry, 0))
            .map(Orientation::from_exif),
        camera: camera(text(0x010F), text(0x0110), text(0xA431)),
        written: Written {
            taken: taken.or_else(|| gps.map(|local| Taken { local, offset_minutes: Some(0) })),
            rating: find(&tiff, 0x4746)
                .and_then(|entry| tiff.number(&entry, 0))
                .and_then(|stars| i8::try_from(stars).ok())
                .filter(|stars| (1..=5).contains(stars)),
            caption: text(0x010E).filter(|caption| !is_boilerplate(caption)),
            creator: text(0x013B),
            copyright: text(0x8298),
            ..Written::default()
        },
        is_adobe_rgb: is_adobe_rgb(&tiff),
    };
    (facts, time(MODIFIED))
}

/// Most programs keep to the directory that a tag belongs into, some do not.
fn find(tiff: &Tiff, tag: u16) -> Option<super::ifd::Entry> {
    tiff.get(Kind::Exif, tag).or_else(|| tiff.get(Kind::Main(0), tag))
}

fn time(tiff: &Tiff, [time, fraction, zone]: [u16; 3], gps: Option<NaiveDateTime>) -> Option<Taken> {
    let text = |tag| find(tiff, tag).and_then(|entry| tiff.text(&entry));
    let mut taken = when::parse(&text(time)?)?;
    if let Some(digits) = text(fraction).filter(|_| taken.local.and_utc().timestamp_subsec_micros() == 0) {
        taken.local += TimeDelta::microseconds(i64::from(when::fraction(&digits)));
    }
    taken.offset_minutes = taken
        .offset_minutes
        .or_else(|| when::offset(&text(zone)?))
        .or_else(|| when::offset_between(taken.local, gps?));
    Some(taken)
}

/// GPSDateStamp and GPSTimeStamp, which are UTC.
fn gps_time(tiff: &Tiff) -> Option<NaiveDateTime> {
    let day = when::parse(&tiff.text(&tiff.get(Kind::Gps, 0x1D)?)?)?.local.date();
    let time = tiff.get(Kind::Gps, 0x07)?;
    let [hours, minutes, seconds] = [0, 1, 2].map(|n| tiff.fraction(&time, n));
    let (hours, minutes, seconds) = (hours?, minutes?, seconds.unwrap_or(0.0));
    let is_time =
        (0.0..24.0).contains(&hours) && (0.0..60.0).contains(&minutes) && (0.0..61.0).contains(&seconds);
    let micros = (hours * 3600.0 + minutes * 60.0 + seconds) * 1e6;
    is_time
        .then(|| day.and_hms_opt(0, 0, 0)?.checked_add_signed(TimeDelta::microseconds(micros as i64)))
        .flatten()
}

/// "Canon EOS R5", "NIKON Z 8 ·4711": the maker is said once, of a serial number only the end is kept.
fn camera(make: Option<String>, model: Option<String>, serial: Option<String>) -> Option<String> {
    let model = model.or_else(|| make.clone())?;
    let maker = make.as_deref().and_then(|make| make.split_whitespace().next()).unwrap_or_default();
    let named = model.to_lowercase().starts_with(&maker.to_lowercase());
    let mut name = if named { model } else { format!("{maker} {model}") };
    let digits: Vec<char> = serial.unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).collect();
    if digits.iter().any(|c| *c != '0') {
        name.push_str(" ·");
        name.extend(&digits[digits.len().saturating_sub(4)..]);
    }
    Some(name.chars().take(80).collect())
}

/// Captions that cameras write into every picture.
fn is_boilerplate(caption: &str) -> bool {
    let caption = caption.to_lowercase();
    ["olympus digital camera", "digital camera", "dcim", "sony dsc", "default"].contains(&caption.as_str())
        || caption.starts_with("dcim\\")
}

fn is_adobe_rgb(tiff: &Tiff) -> bool {
    let space = tiff.get(Kind::Exif, 0xA001).and_then(|entry| tiff.number(&entry, 0));
    let index = tiff.get(Kind::Interoperability, 0x0001).and_then(|entry| tiff.text(&entry));
    // Some cameras write 2, which no standard knows, and mean the same.
    space == Some(2) || (space != Some(1) && index.as_deref() == Some("R03"))
}
