//! A photo and what the pipeline has made of it.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

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
    /// The long side that was asked for: 320, 1024 or 2048. Names the derivative in its URL.
    pub size: u32,
    pub width: u32,
    pub height: u32,
    /// First 16 hex digits of the file's SHA-256: new content gets a new URL.
    pub hash: String,
}

/// Long sides of the derivatives, in pixels, smallest first.
pub const DERIVATIVE_SIZES: [u32; 3] = [320, 1024, 2048];

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
    /// As the camera's clock said; cameras seldom know their zone.
    pub taken_at: Option<NaiveDateTime>,
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
