//! What a file says of its picture besides the pixels: EXIF, XMP and IPTC, of which each may be missing, broken
//! or contradict the others.

use super::{exif, iptc, when::Taken, xmp};

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

/// What the file says; everything may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    pub(super) orientation: Option<Orientation>,
    pub taken: Option<Taken>,
    /// Maker and model, and four digits that tell two of the same model apart.
    pub camera: Option<String>,
    /// Stars, 1 to 5; -1 is "rejected".
    pub rating: Option<i8>,
    /// Colour label, in the editor's own language.
    pub label: Option<String>,
    pub keywords: Vec<String>,
    pub caption: Option<String>,
    pub creator: Option<String>,
    pub copyright: Option<String>,
    /// EXIF says that the numbers are Adobe RGB (EXIF 2.32, 4.6.5 and DCF 2.0: "R03").
    pub(super) is_adobe_rgb: bool,
}

/// Longest text that is kept of one field, in characters.
const LONGEST: usize = 2_000;
const MOST_KEYWORDS: usize = 100;

/// The parts of a file that hold facts.
#[derive(Default, Clone, Copy)]
pub(super) struct Sources<'a> {
    /// A TIFF structure.
    pub exif: Option<&'a [u8]>,
    pub xmp: Option<&'a [u8]>,
    /// IPTC-IIM records.
    pub iptc: Option<&'a [u8]>,
}

impl Sources<'_> {
    /// Reads all of them. What editors write (stars, words) is newest in XMP; the shutter's moment is the camera's,
    /// which is EXIF, before anybody's copy of it.
    pub fn read(self) -> Facts {
        let (mut facts, modified) = self.exif.map(exif::read).unwrap_or_default();
        let xmp = self.xmp.map(xmp::read).unwrap_or_default();
        let iptc = self.iptc.map(iptc::read).unwrap_or_default();
        facts.taken = facts.taken.or(xmp.taken).or(iptc.taken).or(modified);
        facts.rating = xmp.rating.or(facts.rating);
        facts.label = xmp.label;
        facts.keywords = if xmp.keywords.is_empty() { iptc.keywords } else { xmp.keywords };
        facts.keywords.truncate(MOST_KEYWORDS);
        facts.caption = xmp.caption.or(iptc.caption).or(facts.caption);
        facts.creator = xmp.creator.or(iptc.creator).or(facts.creator);
        facts.copyright = xmp.copyright.or(iptc.copyright).or(facts.copyright);
        facts
    }
}

/// A text without control characters and empty ends; `None` when nothing is left.
pub(super) fn plain(text: &str) -> Option<String> {
    let kept: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// UTF-8, else Latin-1: old programs wrote the one, everybody else writes the other.
pub(super) fn decoded(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect(), str::to_owned)
}
