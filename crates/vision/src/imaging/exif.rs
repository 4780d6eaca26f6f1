//! The two things we read from EXIF. Broken EXIF is read as far as it goes and never fails a photo.

use chrono::NaiveDateTime;
use exif::{In, Reader, Tag, Value};

/// EXIF orientation: what to do with the stored rows to see the picture upright.
/// Numbered as in EXIF 2.32, table 6, tag 0x0112.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum Orientation {
    #[default]
    Upright = 1,
    FlipHorizontal = 2,
    Rotate180 = 3,
    FlipVertical = 4,
    Transpose = 5,
    Rotate90 = 6,
    Transverse = 7,
    Rotate270 = 8,
}

impl Orientation {
    /// Numbers outside 1..=8 mean nothing and are read as upright.
    #[must_use]
    pub fn from_exif(number: u32) -> Self {
        match number {
            2 => Self::FlipHorizontal,
            3 => Self::Rotate180,
            4 => Self::FlipVertical,
            5 => Self::Transpose,
            6 => Self::Rotate90,
            7 => Self::Transverse,
            8 => Self::Rotate270,
            _ => Self::Upright,
        }
    }

    #[must_use]
    pub fn swaps_sides(self) -> bool {
        self as u8 >= 5
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct ExifFacts {
    pub orientation: Orientation,
    /// By the camera's clock, whose zone is not known.
    pub taken_at: Option<NaiveDateTime>,
}

/// More than this is not two tags but somebody's thumbnail collection, or an attack.
const MAX_EXIF_BYTES: usize = 1 << 20;

/// Reads a TIFF structure (the EXIF payload without its `Exif\0\0` prefix).
pub(super) fn read(tiff: &[u8]) -> ExifFacts {
    if tiff.len() > MAX_EXIF_BYTES {
        return ExifFacts::default();
    }
    let parsed = Reader::new()
        .continue_on_error(true)
        .read_raw(tiff.to_vec())
        .or_else(|error| error.distill_partial_result(|_| ()));
    let Ok(exif) = parsed else {
        return ExifFacts::default();
    };
    let orientation = exif
        .get_field(Tag::Orientation, In::PRIMARY)
        .and_then(|field| field.value.get_uint(0))
        .map_or(Orientation::Upright, Orientation::from_exif);
    let taken_at = [Tag::DateTimeOriginal, Tag::DateTimeDigitized, Tag::DateTime]
        .into_iter()
        .filter_map(|tag| exif.get_field(tag, In::PRIMARY))
        .find_map(|field| match &field.value {
            Value::Ascii(lines) => date_time(lines.first()?),
            _ => None,
        });
    ExifFacts { orientation, taken_at }
}

/// `YYYY:MM:DD HH:MM:SS`; cameras without a set clock write zeros or spaces, which are no date.
fn date_time(ascii: &[u8]) -> Option<NaiveDateTime> {
    let text = std::str::from_utf8(ascii.get(..19)?).ok()?;
    NaiveDateTime::parse_from_str(text, "%Y:%m:%d %H:%M:%S").ok()
}
