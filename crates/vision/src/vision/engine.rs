//! The models in order, as one worker uses them.

use std::sync::Arc;

use super::{
    VisionError,
    align::{self, AlignedFace},
    detect::{Detection, Detector, PictureKind},
    embed::{Embedder, Embedding},
    geometry::{Landmarks, Point, Rect, Similarity},
    models::{EmbedderInfo, Models, Sessions},
    quality::{self, Quality},
    refine::Refiner,
};
use crate::imaging::{ImageError, Picture, PictureSource};

/// A face cut out, ready to be embedded. Pixels are those of the original.
#[derive(Debug, Clone, PartialEq)]
pub struct FaceCrop {
    /// Position in the photo, counted from 0, best detection first.
    pub number: u32,
    pub rect: Rect,
    /// Refined.
    pub landmarks: Landmarks,
    pub detection_score: f32,
    pub quality: Quality,
    pub aligned: AlignedFace,
}

/// Everything known of one face. Pixels are those of the upright original.
#[derive(Debug, Clone, PartialEq)]
pub struct Face {
    /// Position in the photo, counted from 0, best detection first.
    pub number: u32,
    pub rect: Rect,
    pub landmarks: Landmarks,
    pub detection_score: f32,
    pub quality: Quality,
    pub embedding: Embedding,
}

/// One worker's sessions. Not shared: ONNX Runtime sessions run one call at a time.
pub struct FaceEngine {
    detector: Detector,
    refiner: Option<Refiner>,
    embedder: Embedder,
    info: EmbedderInfo,
    models: Arc<Models>,
    /// Embedders that were used before, see [`FaceEngine::use_embedder`].
    spare: Vec<(EmbedderInfo, Embedder)>,
}

/// A face box lower than this (pixels of the decoded picture) is cut out of the larger original instead. Mean
/// cosine to the same face in full detail, from half and from full size: box of 40 pixels at half size .891
/// and .994, 50 .952 and .996, 60 .977 and .997, 80 .993 and .998.
const SMALL_IN_PICTURE: f32 = 64.0;

/// Faces of a photo below this quality are averaged with their mirror image. In a prototype the average was worth
/// .001 of recall over all faces at twice the time, so that clear faces go without. Where the limit is best has not
/// been measured.
const MIRROR_BELOW: f32 = 0.8;
/// Side of the cut-out whose focus is judged, pixels.
const FOCUS_SIDE: u32 = 112;

impl FaceEngine {
    /// With the chosen models.
    ///
    /// # Errors
    /// [`VisionError`] when a model is missing or does not load.
    pub fn new(models: &Arc<Models>) -> Result<Self, VisionError> {
        Self::with_embedder(models, models.chosen_embedder()?)
    }

    /// With the embedder of that manifest name.
    ///
    /// # Errors
    /// [`VisionError::UnknownEmbedder`], or as [`FaceEngine::new`].
    pub fn with_embedder(models: &Arc<Models>, name: &str) -> Result<Self, VisionError> {
        let Sessions { detector, refiner, embedder, info } = models.sessions(name)?;
        Ok(Self { detector, refiner, embedder, info, models: Arc::clone(models), spare: Vec::new() })
    }

    /// From now on faces are aligned for this embedder and embedded by it. It is loaded when it is first asked for, and
    /// the one before is kept: while one takes over from another, both are used in turns.
    ///
    /// # Errors
    /// [`VisionError::UnknownEmbedder`], or when it does not load; the embedder is then the one before.
    pub fn use_embedder(&mut self, name: &str) -> Result<(), VisionError> {
        if self.info.name == name {
            return Ok(());
        }
        let (info, embedder) = match self.spare.iter().position(|(info, _)| info.name == name) {
            Some(at) => self.spare.swap_remove(at),
            None => self.models.embedder(name)?,
        };
        let before =
            (std::mem::replace(&mut self.info, info), std::mem::replace(&mut self.embedder, embedder));
        self.spare.push(before);
        Ok(())
    }

    /// Name of the embedder: every stored vector carries it.
    #[must_use]
    pub fn embedder_name(&self) -> &str {
        &self.info.name
    }

    #[must_use]
    pub fn embedder(&self) -> &EmbedderInfo {
        &self.info
    }

    /// All faces, best first, in pixels of the original.
    ///
    /// # Errors
    /// [`VisionError::Inference`].
    pub fn detect(&mut self, picture: &Picture, kind: PictureKind) -> Result<Vec<Detection>, VisionError> {
        self.detector.detect(picture, kind)
    }

    /// A better picture to cut these faces from than the one at hand: the original decoded larger, when a
    /// face is small in the picture and the original has more to give.
    ///
    /// # Errors
    /// As [`crate::imaging::decode`].
    pub fn picture_for_crops(
        &self,
        picture: &Picture,
        source: PictureSource<'_>,
        found: &[Detection],
    ) -> Result<Option<Picture>, ImageError> {
        let small = |face: &Detection| face.rect.h * picture.scale < SMALL_IN_PICTURE;
        let side = source.largest_side();
        if side <= picture.long_side() || !found.iter().any(small) {
            return Ok(None);
        }
        source.at_least(side).map(Some)
    }

    /// Refines, aligns and judges the faces found, in their order. A face whose landmarks make no shape is
    /// left out; the numbers of the others stay.
    ///
    /// # Errors
    /// [`VisionError::Inference`].
    pub fn align(&mut self, picture: &Picture, found: &[Detection]) -> Result<Vec<FaceCrop>, VisionError> {
        let alignment = &self.info.alignment;
        let mut crops = Vec::with_capacity(found.len());
        for (number, face) in found.iter().enumerate() {
            let rect = face.rect.scaled(picture.scale);
            let landmarks = match &mut self.refiner {
                Some(refiner) if alignment.refine => refiner.refine(picture, &rect, face.turn)?,
                _ => face.landmarks.map(|p| p.scaled(picture.scale)),
            };
            let Some(aligned) = align::align(picture, &landmarks, &alignment.template, alignment.size) else {
                continue;
            };
            let middle = FOCUS_SIDE as f32 / 2.0;
            let scale = FOCUS_SIDE as f32 / rect.h.max(1.0);
            let to_focus = Similarity::about(rect.center(), scale, face.turn, Point::new(middle, middle));
            let focus = align::warp(picture, &to_focus, FOCUS_SIDE);
            crops.push(FaceCrop {
                number: number as u32,
                rect: face.rect,
                landmarks: landmarks.map(|p| p.scaled(1.0 / picture.scale)),
                detection_score: face.score,
                quality: quality::judge(&aligned, &focus, &landmarks, face.rect.h),
                aligned,
            });
        }
        Ok(crops)
    }

    /// A face of a photo: poor ones are averaged with their mirror image.
    ///
    /// # Errors
    /// [`VisionError::Inference`].
    pub fn embed(&mut self, crop: FaceCrop) -> Result<Face, VisionError> {
        let mirror = crop.quality.score < MIRROR_BELOW;
        self.embed_with(crop, mirror)
    }

    /// A face to search with, of which there is one: always averaged with its mirror image.
    ///
    /// # Errors
    /// [`VisionError::Inference`].
    pub fn embed_probe(&mut self, crop: FaceCrop) -> Result<Face, VisionError> {
        self.embed_with(crop, true)
    }

    fn embed_with(&mut self, crop: FaceCrop, mirror: bool) -> Result<Face, VisionError> {
        let embedding = self.embedder.embed(&crop.aligned, mirror)?;
        let FaceCrop { number, rect, landmarks, detection_score, mut quality, .. } = crop;
        quality.see(embedding.clarity);
        Ok(Face { number, rect, landmarks, detection_score, quality, embedding })
    }

    /// All steps at once, for a picture already decoded.
    ///
    /// # Errors
    /// [`VisionError::Inference`].
    pub fn faces(&mut self, picture: &Picture, kind: PictureKind) -> Result<Vec<Face>, VisionError> {
        let found = self.detect(picture, kind)?;
        self.align(picture, &found)?.into_iter().map(|crop| self.embed(crop)).collect()
    }
}
