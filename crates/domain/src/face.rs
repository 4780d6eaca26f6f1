//! A face as rows and index keep it.

use serde::{Deserialize, Serialize};

use super::{FaceId, PhotoId};

/// A box as fractions (0..1) of the upright picture, so that it fits every derivative.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RelativeBox {
    pub x: f32,
    pub y: f32,
    pub w: f32,
    pub h: f32,
}

impl RelativeBox {
    /// From pixels of a `width` × `height` picture, `[left, top, width, height]`; cut to the picture.
    #[must_use]
    pub fn from_pixels([x, y, w, h]: [f32; 4], width: u32, height: u32) -> Self {
        let (across, down) = (width.max(1) as f32, height.max(1) as f32);
        let (left, top) = ((x / across).clamp(0.0, 1.0), (y / down).clamp(0.0, 1.0));
        let (right, bottom) = (((x + w) / across).clamp(left, 1.0), ((y + h) / down).clamp(top, 1.0));
        Self { x: left, y: top, w: right - left, h: bottom - top }
    }

    /// Whether both are boxes of one face: another model, or a file that was sent again, moves a box a little.
    #[must_use]
    pub fn is_same_face(&self, other: &Self) -> bool {
        let across = (self.x + self.w).min(other.x + other.w) - self.x.max(other.x);
        let down = (self.y + self.h).min(other.y + other.h) - self.y.max(other.y);
        let shared = across.max(0.0) * down.max(0.0);
        shared > 0.5 * (self.w * self.h + other.w * other.h - shared)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct FaceRow {
    pub id: FaceId,
    pub photo_id: PhotoId,
    /// Position in the photo, counted from 0.
    pub number: u32,
    /// Name of the embedder that made the vector.
    pub model: String,
    pub rect: RelativeBox,
    /// 0..1, see `vision::quality`.
    pub quality: f32,
    /// `[dimension] f32`, L2-normalised.
    pub embedding: Vec<f32>,
}
