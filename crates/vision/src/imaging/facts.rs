//! The metadata of a file.

use serde::{Deserialize, Serialize};

use super::when::Taken;

/// EXIF orientation: what to do with the stored rows to see the picture upright.
/// Numbered as in EXIF 2.32, table 6, tag 0x0112.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
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

/// Texts and ratings about a picture, from EXIF, XMP or IPTC; every field may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Written {
    pub taken: Option<Taken>,
    /// Stars, 1 to 5; -1 is "rejected".
    pub rating: Option<i8>,
    /// Colour label, in the editor's own language.
    pub label: Option<String>,
    pub keywords: Vec<String>,
    pub caption: Option<String>,
    pub creator: Option<String>,
    pub copyright: Option<String>,
}

impl Written {
    /// Takes each field that is absent here from `other`.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            taken: self.taken.or(other.taken),
            rating: self.rating.or(other.rating),
            label: self.label.or(other.label),
            keywords: if self.keywords.is_empty() { other.keywords } else { self.keywords },
            caption: self.caption.or(other.caption),
            creator: self.creator.or(other.creator),
            copyright: self.copyright.or(other.copyright),
        }
    }
}

/// The metadata of a file; every field may be absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facts {
    pub(super) orientation: Option<Orientation>,
    /// Maker and model, and four digits that tell two of the same model apart.
    pub camera: Option<String>,
    pub written: Written,
    /// EXIF says that the numbers are Adobe RGB (EXIF 2.32, 4.6.5 and DCF 2.0: "R03").
    pub(super) is_adobe_rgb: bool,
}
