//! A photo and what the pipeline has made of it.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::{PhotoId, PhotoSessionId, Words};

/// Where a stored photo stands. Every state but `Queued` is final until the photo is re-embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoState {
    /// Stored, waiting for the pipeline.
    Queued,
    /// Derivatives written, faces indexed.
    Ready,
    /// Cannot be shown; `Photo::reject_code` says why.
    Rejected,
}

impl Words for PhotoState {
    const NAME: &'static str = "PhotoState";
    const ALL: &'static [Self] = &[Self::Queued, Self::Ready, Self::Rejected];
}

impl fmt::Display for PhotoState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queued => "queued",
            Self::Ready => "ready",
            Self::Rejected => "rejected",
        })
    }
}

impl FromStr for PhotoState {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "queued" => Ok(Self::Queued),
            "ready" => Ok(Self::Ready),
            "rejected" => Ok(Self::Rejected),
            other => Err(format!("unknown photo state {other:?}")),
        }
    }
}

/// The reject code of a photo that failed by our fault. It can be tried again; any other code is the file's fault.
pub const PROCESSING_FAILED: &str = "processing_failed";

/// A smaller JPEG made from the original.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derivative {
    /// The long side that was asked for: 320, 640, 1024 or 2048. Names the derivative in its URL.
    pub size: u32,
    pub width: u32,
    pub height: u32,
    /// First 16 hex digits of the file's SHA-256: new content gets a new URL.
    pub hash: String,
}

/// Long sides of the derivatives, in pixels, smallest first.
pub const DERIVATIVE_SIZES: [u32; 4] = [320, TILE, 1024, 2048];
/// What a tile of a gallery takes on a phone; photos from before it was made have none.
pub const TILE: u32 = 640;

/// What the file says of the photo besides its pixels. Everything may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PhotoFacts {
    /// Per cent of the picture that could be read, where the file is damaged.
    pub readable: Option<u8>,
    /// Minutes that the camera's clock was ahead of UTC.
    pub offset_minutes: Option<i32>,
    /// Maker, model, and the end of the serial number.
    pub camera: Option<String>,
    /// Stars, 1 to 5; -1 is "rejected".
    pub rating: Option<i8>,
    /// The editor's colour label, in its language.
    pub label: Option<String>,
    pub words: PhotoWords,
}

/// What people wrote into the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhotoWords {
    pub keywords: Vec<String>,
    pub caption: Option<String>,
    pub creator: Option<String>,
    pub copyright: Option<String>,
    /// The file holds more pictures than the one that is shown.
    pub animated: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Photo {
    pub id: PhotoId,
    pub photo_session_id: PhotoSessionId,
    /// Whom the studio took it for, in its own words: the older way of attaching photos.
    pub guest_id: Option<String>,
    pub filename: String,
    /// Lower-case hex.
    pub sha256: String,
    pub bytes: u64,
    pub media_type: String,
    /// Upright, that is after EXIF orientation; pixels.
    pub width: u32,
    pub height: u32,
    /// As the camera's clock said.
    pub taken_at: Option<NaiveDateTime>,
    /// Its place in the gallery: the moment of the shot with clocks corrected, else of upload.
    pub ordered_at: DateTime<Utc>,
    /// Which of two photos of one moment comes first, see [`name_key`].
    pub name_key: String,
    pub facts: PhotoFacts,
    pub is_selected: bool,
    pub state: PhotoState,
    pub reject_code: Option<String>,
    pub thumbhash: Option<Vec<u8>>,
    pub derivatives: Vec<Derivative>,
    pub faces: u32,
    pub created_at: DateTime<Utc>,
}

impl Photo {
    /// Whether guests of the photo's session see it. The rows say the same in SQL (`VISIBLE` in
    /// `store/photos.rs`); nobody else decides it.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.state == PhotoState::Ready && self.is_selected
    }

    /// Whether it failed by our fault, so that it may be tried again.
    #[must_use]
    pub fn is_set_aside(&self) -> bool {
        self.state == PhotoState::Rejected && self.reject_code.as_deref() == Some(PROCESSING_FAILED)
    }
}

/// Bytes of a name that count for its order.
const KEY_BYTES: usize = 64;

/// A name as hex digits whose order is the one in which people count: `IMG_9` before `IMG_10`, whatever its
/// capitals are and however its letters are composed. Any collation of a database orders it the same.
#[must_use]
pub fn name_key(filename: &str) -> String {
    let folded: String = filename.nfc().flat_map(char::to_lowercase).collect();
    let mut key = Vec::with_capacity(KEY_BYTES);
    let mut rest = folded.as_str();
    while let Some(first) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            let (letter, behind) = rest.split_at(first.len_utf8());
            key.extend(letter.bytes());
            rest = behind;
        } else {
            let (number, behind) = rest.split_at(digits);
            // A number of more digits is larger, so their count goes before them.
            let number = number.trim_start_matches('0');
            key.extend([b'0', u8::try_from(number.len()).unwrap_or(u8::MAX)]);
            key.extend(number.bytes());
            rest = behind;
        }
    }
    key.truncate(KEY_BYTES);
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::name_key;

    #[test]
    fn names_are_ordered_as_people_count() {
        let ordered = [
            "DSC_0999.jpg",
            "dsc_1000.jpg",
            "IMG_9.jpg",
            "IMG_10.jpg",
            "IMG_10a.jpg",
            "IMG_100.jpg",
            "img_0101.jpg",
            "Й.jpg",
            "я 2.jpg",
            "я 11.jpg",
        ];
        for pair in ordered.windows(2) {
            assert!(name_key(pair[0]) < name_key(pair[1]), "{} comes before {}", pair[0], pair[1]);
        }
        assert_eq!(name_key("\u{439}.jpg"), name_key("\u{438}\u{306}.JPG"), "however it is composed");
        assert!(name_key(&"9".repeat(1000)).len() <= 128);
    }
}
