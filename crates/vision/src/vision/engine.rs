//! The models in order, as one worker uses them.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ort::environment::Environment;

use super::{
    VisionError,
    align::{self, AlignedFace},
    detect::{Detection, Detector, PictureKind},
    embed::{Embedder, Embedding},
    geometry::{Landmarks, Rect},
    manifest::{EmbedderModel, Manifest, Model},
    onnx::{self, Net},
    propose::Proposer,
    quality::{self, Quality},
    refine::Refiner,
};
use crate::imaging::{ImageError, Picture, PictureSource};

/// The embedder used when none is named.
pub const DEFAULT_EMBEDDER: &str = "fr_feature";

/// The manifests and where their files lie, checked once and shared by all workers.
#[derive(Debug)]
pub struct Models {
    environment: Environment,
    model_dir: PathBuf,
    manifests: Vec<Manifest>,
}

impl Models {
    /// Reads the manifests, loads ONNX Runtime, compares every model with the hash in its manifest, and opens it
    /// once to see that it fits.
    ///
    /// # Errors
    /// [`VisionError`] naming the file at fault.
    pub fn load(model_dir: &Path, manifest_dir: &Path, dylib: &Path) -> Result<Arc<Self>, VisionError> {
        let manifests = Manifest::load_dir(manifest_dir)?;
        manifests.iter().try_for_each(|manifest| manifest.check_weights(model_dir))?;
        let environment = onnx::environment(dylib)?;
        let models = Arc::new(Self { environment, model_dir: model_dir.to_owned(), manifests });
        let names: Vec<String> = models.embedders().map(|(name, _)| name.to_owned()).collect();
        if names.is_empty() {
            return Err(VisionError::NoModel("embedder"));
        }
        for name in &names {
            FaceEngine::with_embedder(&models, name)?;
        }
        Ok(models)
    }

    /// Names of the registered embedders with what their manifests say.
    pub fn embedders(&self) -> impl Iterator<Item = (&str, &EmbedderModel)> {
        self.manifests.iter().filter_map(|manifest| match &manifest.model {
            Model::Embedder(model) => Some((manifest.name.as_str(), model)),
            _ => None,
        })
    }

    fn net(&self, manifest: &Manifest) -> Result<Net, VisionError> {
        let net = Net::load(&self.environment, &self.model_dir, manifest)?;
        let outputs: Vec<&String> = match &manifest.model {
            Model::Detector(model) => vec![&model.heatmap, &model.size, &model.offset, &model.landmarks],
            Model::Proposals(model) => vec![&model.scores, &model.boxes],
            Model::Landmarks(model) => vec![&model.output],
            Model::Embedder(model) => vec![&model.output],
        };
        match outputs.into_iter().find(|output| !net.has_output(output)) {
            None => Ok(net),
            Some(output) => Err(VisionError::Model {
                name: manifest.name.clone(),
                path: self.model_dir.join(&manifest.file),
                reason: format!("it has no output {output:?}"),
            }),
        }
    }
}

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
}

/// A face box lower than this (pixels of the decoded picture) is cut out of the larger original instead. Mean
/// cosine to the same face in full detail, from half and from full size: box of 40 pixels at half size .891
/// and .994, 50 .952 and .996, 60 .977 and .997, 80 .993 and .998.
const SMALL_IN_PICTURE: f32 = 64.0;

impl FaceEngine {
    /// With the default embedder, or the only one there is.
    ///
    /// # Errors
    /// [`VisionError`] when a model is missing or does not load.
    pub fn new(models: &Arc<Models>) -> Result<Self, VisionError> {
        let names: Vec<&str> = models.embedders().map(|(name, _)| name).collect();
        let name = names
            .iter()
            .find(|name| **name == DEFAULT_EMBEDDER)
            .or(names.first())
            .ok_or(VisionError::NoModel("embedder"))?;
        Self::with_embedder(models, name)
    }

    /// With the embedder of that manifest name.
    ///
    /// # Errors
    /// [`VisionError::UnknownEmbedder`], or as [`FaceEngine::new`].
    pub fn with_embedder(models: &Arc<Models>, name: &str) -> Result<Self, VisionError> {
        let (mut detector, mut proposer, mut refiner, mut embedder) = (None, None, None, None);
        for manifest in &models.manifests {
            match &manifest.model {
                Model::Detector(model) if detector.is_none() => {
                    detector = Some((models.net(manifest)?, model.clone()));
                }
                Model::Proposals(model) if proposer.is_none() => {
                    proposer = Some(Proposer::new(models.net(manifest)?, model.clone()));
                }
                Model::Landmarks(model) if refiner.is_none() => {
                    refiner = Some(Refiner::new(models.net(manifest)?, model.clone(), &manifest.input));
                }
                Model::Embedder(model) if manifest.name == name => {
                    embedder = Some(Embedder::new(name.to_owned(), model.clone(), models.net(manifest)?));
                }
                _ => {}
            }
        }
        let (net, model) = detector.ok_or(VisionError::NoModel("detector"))?;
        Ok(Self {
            detector: Detector::new(net, model, proposer),
            refiner,
            embedder: embedder.ok_or_else(|| VisionError::UnknownEmbedder(name.to_owned()))?,
        })
    }

    /// Name of the embedder: every stored vector carries it.
    #[must_use]
    pub fn embedder_name(&self) -> &str {
        &self.embedder.name
    }

    #[must_use]
    pub fn embedder_model(&self) -> &EmbedderModel {
        &self.embedder.model
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
        let model = &self.embedder.model;
        let mut crops = Vec::with_capacity(found.len());
        for (number, face) in found.iter().enumerate() {
            let rect = face.rect.scaled(picture.scale);
            let landmarks = match &mut self.refiner {
                Some(refiner) if model.refine => refiner.refine(picture, &rect)?,
                _ => face.landmarks.map(|p| p.scaled(picture.scale)),
            };
            let Some(aligned) = align::align(picture, &landmarks, &model.template, model.size) else {
                continue;
            };
            crops.push(FaceCrop {
                number: number as u32,
                rect: face.rect,
                landmarks: landmarks.map(|p| p.scaled(1.0 / picture.scale)),
                detection_score: face.score,
                quality: quality::judge(&aligned, &landmarks, face.rect.h),
                aligned,
            });
        }
        Ok(crops)
    }

    /// # Errors
    /// [`VisionError::Inference`].
    pub fn embed(&mut self, crop: FaceCrop) -> Result<Face, VisionError> {
        let embedding = self.embedder.embed(&crop.aligned)?;
        let FaceCrop { number, rect, landmarks, detection_score, quality, .. } = crop;
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
