//! A photo and what the pipeline has made of it.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::{ChapterId, PhotoId, PhotoSessionId, Words};

/// Where a stored photo stands. Every state but `Queued` is final until the photo is re-embedded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PhotoState {
    /// Stored, waiting for the pipeline.
    Queued,
    /// Derivatives written, faces indexed.
    Ready,
    /// Faces indexed, and nothing else kept: it is found, and its picture is another program's to show.
    Indexed,
    /// Cannot be shown; `Photo::reject_code` says why.
    Rejected,
}

impl Words for PhotoState {
    const NAME: &'static str = "PhotoState";
    const ALL: &'static [Self] = &[Self::Queued, Self::Ready, Self::Indexed, Self::Rejected];
}

impl fmt::Display for PhotoState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queued => "queued",
            Self::Ready => "ready",
            Self::Indexed => "indexed",
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
            "indexed" => Ok(Self::Indexed),
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
/// The long side of the derivative that a gallery's tile needs on a phone. Photos from before there was one have none.
pub const TILE: u32 = 640;
/// The long side of the largest derivative, which decoding serves.
pub const LARGEST: u32 = DERIVATIVE_SIZES[DERIVATIVE_SIZES.len() - 1];

/// The metadata of a photo's file. Every field may be absent.
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

/// Texts and ratings that people wrote into the file.
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

/// The RAW of a shot, beside the picture of it that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFile {
    /// Under which id it lies among the originals.
    pub file: PhotoId,
    pub filename: String,
    /// Lower-case hex.
    pub sha256: String,
    pub bytes: u64,
    pub media_type: String,
}

/// A file of a photo as it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SentFile<'a> {
    /// Under which id it lies among the originals.
    pub file: PhotoId,
    pub filename: &'a str,
    /// Lower-case hex.
    pub sha256: &'a str,
    pub bytes: u64,
    pub media_type: &'a str,
}

impl SentFile<'_> {
    #[must_use]
    pub fn is_raw(&self) -> bool {
        is_raw(self.media_type)
    }
}

/// How much of a session's photos somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    Guest,
    /// Also what they hide from other guests.
    Couple,
    /// Everything that is ready.
    Studio,
}

/// The couple has hidden a photo from other guests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoupleHides {
    pub at: DateTime<Utc>,
    /// The studio shows it all the same.
    pub is_overruled: bool,
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
    /// Under which id the original lies: the photo's own, or that of the upload whose file took the first one's place.
    pub original: PhotoId,
    pub raw: Option<RawFile>,
    /// The derivatives were made from the file before this one.
    pub is_replaced: bool,
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
    /// It shows somebody who is hidden, or may.
    pub is_withheld: bool,
    /// The couple's wish that other guests do not see it.
    pub couple_hides: Option<CoupleHides>,
    /// It is in the bin, and is erased then. For guests it is deleted already.
    pub bin_until: Option<DateTime<Utc>>,
    /// The chapter that it was put into by hand.
    pub chapter: Option<ChapterId>,
    /// A guest has sent it: it is shown as such, and never sold.
    pub is_from_guest: bool,
    pub state: PhotoState,
    pub reject_code: Option<String>,
    pub thumbhash: Option<Vec<u8>>,
    pub derivatives: Vec<Derivative>,
    pub faces: u32,
    pub created_at: DateTime<Utc>,
}

impl Photo {
    /// Whether guests of the photo's session see it. The rows say the same in SQL (`VISIBLE` in
    /// `store/sight.rs`); nobody else decides it.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        self.is_for(Viewer::Guest)
    }

    /// Whether such a viewer sees it.
    #[must_use]
    pub fn is_for(&self, viewer: Viewer) -> bool {
        match viewer {
            Viewer::Studio => self.state == PhotoState::Ready,
            Viewer::Couple => self.may_be_shown() && !self.is_withheld,
            Viewer::Guest => self.is_for(Viewer::Couple) && !self.is_hidden_by_couple(),
        }
    }

    /// Whether the couple hides it from other guests, and the studio has not overruled that.
    #[must_use]
    pub fn is_hidden_by_couple(&self) -> bool {
        self.couple_hides.is_some_and(|hides| !hides.is_overruled)
    }

    /// Whether guests may buy it.
    #[must_use]
    pub fn is_for_sale(&self) -> bool {
        self.is_visible() && !self.is_from_guest
    }

    /// Whether guests would see it, were it not for whom it shows.
    #[must_use]
    pub fn is_only_withheld(&self) -> bool {
        self.may_be_shown() && self.is_withheld && !self.is_hidden_by_couple()
    }

    fn may_be_shown(&self) -> bool {
        self.state == PhotoState::Ready && self.is_selected && !self.is_in_bin()
    }

    #[must_use]
    pub fn is_in_bin(&self) -> bool {
        self.bin_until.is_some()
    }

    /// Whether derivatives of its original are still to be made.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.state == PhotoState::Queued || self.is_replaced
    }

    /// The original that is shown.
    #[must_use]
    pub fn original_file(&self) -> SentFile<'_> {
        let Self { original: file, filename, sha256, bytes, media_type, .. } = self;
        SentFile { file: *file, filename, sha256, bytes: *bytes, media_type }
    }

    /// The RAW of the shot, where there is one beside it.
    #[must_use]
    pub fn raw_file(&self) -> Option<SentFile<'_>> {
        let RawFile { file, filename, sha256, bytes, media_type } = self.raw.as_ref()?;
        Some(SentFile { file: *file, filename, sha256, bytes: *bytes, media_type })
    }

    /// Its originals.
    pub fn files(&self) -> impl Iterator<Item = SentFile<'_>> {
        std::iter::once(self.original_file()).chain(self.raw_file())
    }

    /// Ids under which its originals lie.
    pub fn originals(&self) -> impl Iterator<Item = PhotoId> {
        self.files().map(|sent| sent.file)
    }

    /// The properties that tell it from other photos of the same name.
    #[must_use]
    pub fn shot(&self) -> Shot<'_> {
        Shot { taken_at: self.taken_at, camera: self.facts.camera.as_deref() }
    }

    /// Whether the original is a RAW, which no guest gets.
    #[must_use]
    pub fn is_raw(&self) -> bool {
        is_raw(&self.media_type)
    }

    /// Whether it failed by our fault, so that it may be tried again.
    #[must_use]
    pub fn is_set_aside(&self) -> bool {
        self.state == PhotoState::Rejected && self.reject_code.as_deref() == Some(PROCESSING_FAILED)
    }
}

/// Whether this is the media type of a RAW: no standard has one, so all of them begin with `x-`.
#[must_use]
pub fn is_raw(media_type: &str) -> bool {
    media_type.starts_with("image/x-")
}

/// A name as it is compared with others: letters composed, without capitals.
#[must_use]
pub fn folded_name(filename: &str) -> String {
    filename.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// What the files of one shot have in common in their names: the folded name without its extension, and without what
/// phones append to tell the RAW from the picture (`….RAW-01.COVER.jpg`, `….RAW-02.ORIGINAL.dng`).
#[must_use]
pub fn stem_key(filename: &str) -> String {
    let folded = folded_name(filename);
    let stem = folded.rsplit_once('.').map_or(folded.as_str(), |(stem, _)| stem);
    let of_phone = stem.rsplit_once(".raw-").filter(|(_, part)| {
        part.strip_prefix(['0', '1', '2', '3']).is_some_and(|rest| {
            rest.ends_with(".cover") || rest.ends_with(".original") || rest.ends_with(".mp")
        })
    });
    of_phone.map_or(stem, |(stem, _)| stem).to_owned()
}

/// The properties that tell shots of one name apart.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shot<'a> {
    /// By the camera's clock.
    pub taken_at: Option<NaiveDateTime>,
    pub camera: Option<&'a str>,
}

impl Shot<'_> {
    /// Both files say when they were taken, and that it was the same second, with the same camera.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.taken_at.is_some() && other.taken_at.is_some() && !self.contradicts(other)
    }

    /// The files say different things of when they were taken, or with which camera.
    #[must_use]
    pub fn contradicts(&self, other: &Self) -> bool {
        let seconds = |shot: &Self| shot.taken_at.map(|taken| taken.and_utc().timestamp());
        let times = seconds(self).zip(seconds(other)).is_some_and(|(one, other)| one != other);
        let cameras = self.camera.zip(other.camera).is_some_and(|(one, other)| !is_one_camera(one, other));
        times || cameras
    }
}

/// The end of the serial number, behind ` ·`, counts where both names have it.
fn is_one_camera(one: &str, other: &str) -> bool {
    let parts = |name: &'_ str| {
        let (model, serial) =
            name.split_once(" ·").map_or((name, None), |(model, serial)| (model, Some(serial)));
        (model.to_lowercase(), serial.map(str::to_owned))
    };
    let ((model, serial), (other_model, other_serial)) = (parts(one), parts(other));
    model == other_model && serial.zip(other_serial).is_none_or(|(one, other)| one == other)
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
    use chrono::NaiveDate;

    use super::{Shot, name_key, stem_key};

    #[test]
    fn files_of_one_shot_have_one_stem() {
        for pair in [
            ["IMG_0001.JPG", "img_0001.CR3"],
            ["\u{439}.jpg", "\u{438}\u{306}.NEF"],
            ["PXL_20240603_1.RAW-01.COVER.jpg", "PXL_20240603_1.RAW-02.ORIGINAL.dng"],
        ] {
            assert_eq!(stem_key(pair[0]), stem_key(pair[1]), "{pair:?}");
        }
        for pair in [["IMG_1.jpg", "IMG_01.jpg"], ["a.raw-file.jpg", "a.dng"], ["a.b.jpg", "a.c.jpg"]] {
            assert_ne!(stem_key(pair[0]), stem_key(pair[1]), "{pair:?}");
        }
    }

    #[test]
    fn a_shot_is_known_by_its_second_and_its_camera() {
        let at =
            |second, millis| NaiveDate::from_ymd_opt(2024, 6, 3)?.and_hms_milli_opt(10, 0, second, millis);
        let shot = |taken_at, camera| Shot { taken_at, camera };
        let raw = shot(at(1, 450), Some("Canon EOS R5 ·4711"));
        assert!(raw.is_same(&shot(at(1, 0), Some("Canon EOS R5"))), "the picture leaves the rest out");
        assert!(raw.is_same(&shot(at(1, 0), None)));
        for other in [
            shot(at(2, 450), Some("Canon EOS R5 ·4711")),
            shot(at(1, 450), Some("Canon EOS R5 ·4712")),
            shot(at(1, 450), Some("NIKON Z 8")),
        ] {
            assert!(!raw.is_same(&other) && raw.contradicts(&other), "{other:?}");
        }
        let unknown = shot(None, Some("Canon EOS R5"));
        assert!(!raw.is_same(&unknown) && !raw.contradicts(&unknown));
    }

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
