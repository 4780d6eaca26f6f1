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
