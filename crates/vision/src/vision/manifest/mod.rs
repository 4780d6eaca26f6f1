//! One TOML file per model says everything that is special about it; the format is explained in
//! `models/README.md`. A model is added by adding its manifest.

mod raw;

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{VisionError, geometry::Point};

/// A checked manifest.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub name: String,
    /// The network file; absent for a model that joins others.
    pub network: Option<Network>,
    pub model: Model,
}

/// A file that ONNX Runtime loads.
#[derive(Debug, Clone)]
pub struct Network {
    /// File name inside the model directory.
    pub file: String,
    /// Of the file, in hexadecimal; without it any file will do.
    pub sha256: Option<String>,
    pub input: Input,
}

#[derive(Debug, Clone)]
pub enum Model {
    Detector(DetectorModel),
    Proposals(ProposalModel),
    Landmarks(LandmarkModel),
    Embedder(EmbedderModel),
    /// Several embedders whose vectors are one after the other.
    Joined(JoinedModel),
}

/// The kind of a model; of each kind one is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Detector,
    Landmarks,
    Embedder,
}

impl Kind {
    /// As it stands in a manifest, and in sentences.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Detector => "detector",
            Self::Landmarks => "landmarks",
            Self::Embedder => "embedder",
        }
    }

    /// The setting that chooses one of several.
    #[must_use]
    pub fn setting(self) -> &'static str {
        match self {
            Self::Detector => "PIXORA_DETECTOR",
            Self::Landmarks => "PIXORA_LANDMARKS",
            Self::Embedder => "PIXORA_EMBEDDER",
        }
    }
}

impl Model {
    /// None for a model that only serves another.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Detector(_) => Some(Kind::Detector),
            Self::Landmarks(_) => Some(Kind::Landmarks),
            Self::Embedder(_) | Self::Joined(_) => Some(Kind::Embedder),
            Self::Proposals(_) => None,
        }
    }

    /// Names of the models that this one calls on.
    pub(super) fn refers_to(&self) -> Vec<&str> {
        match self {
            Self::Detector(model) => model.proposals.iter().map(String::as_str).collect(),
            Self::Joined(model) => model.parts.iter().map(String::as_str).collect(),
            Self::Proposals(_) | Self::Landmarks(_) | Self::Embedder(_) => Vec::new(),
        }
    }
}

/// How pixels become the network's numbers: `(p − mean) / std`, channel by channel, NCHW.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Input {
    pub name: String,
    pub color: Color,
    /// One per channel.
    pub mean: Vec<f32>,
    pub std: Vec<f32>,
    /// Fixed size of the input; a detector has none.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// Both sides are padded to a multiple of this.
    #[serde(default = "one")]
    pub multiple_of: u32,
}

fn one() -> u32 {
    1
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Color {
    Rgb,
    Bgr,
    Grey,
}

impl Color {
    #[must_use]
    pub fn channels(self) -> usize {
        if self == Self::Grey { 1 } else { 3 }
    }
}

/// CenterFace: a heat map, sizes, offsets and landmarks, one cell per `stride` × `stride` pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct DetectorModel {
    pub stride: u32,
    pub heatmap: String,
    pub size: String,
    pub offset: String,
    pub landmarks: String,
    /// Least score of a face, 0..1.
    pub score: f32,
    pub nms_iou: f32,
    pub search: DetectorSearch,
    /// Name of the proposals model that says where small faces may be.
    pub proposals: Option<String>,
}

/// At which sizes pictures are searched; `detect.rs` explains the steps and the measurements behind the
/// defaults. All sides are long sides in pixels.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DetectorSearch {
    /// A photo up to this side is looked at once, whole.
    pub whole_side: u32,
    /// First look at a larger photo: who is large in it.
    pub coarse_side: u32,
    /// Where the proposals model looks for small faces.
    pub proposal_side: u32,
    /// Where the detector looks at what was proposed.
    pub fine_side: u32,
    /// A face of this side or more in the coarse look cannot have been missed by it.
    pub coarse_face: f32,
    /// Least side of a window of the fine look.
    pub window: f32,
    /// Windows where a smaller face than this is proposed (side, fine look) are enlarged…
    pub tiny_face: f32,
    /// …so many times.
    pub tiny_enlarge: f32,
    /// A portrait is brought to this side, enlarged at most `portrait_enlarge` times. 480 finds as much as 640 in a
    /// little more than half of the time: `pixora eval --half 1` prints .0 to .5 points more selfie recall.
    pub portrait_side: u32,
    pub portrait_enlarge: f64,
    /// A portrait up to this side gets a black border, since its face may fill it.
    pub tiny_side: u32,
    /// The border, as a fraction of the long side.
    pub tiny_border: f64,
}

impl Default for DetectorSearch {
    fn default() -> Self {
        Self {
            whole_side: 1024,
            coarse_side: 800,
            proposal_side: 2048,
            fine_side: 3072,
            coarse_face: 28.0,
            window: 128.0,
            tiny_face: 30.0,
            tiny_enlarge: 1.5,
            portrait_side: 480,
            portrait_enlarge: 2.0,
            tiny_side: 160,
            tiny_border: 0.25,
        }
    }
}

/// A cheap network that says where faces may be.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposalModel {
    pub scores: String,
    pub boxes: String,
    /// Input size, pixels.
    pub width: u32,
    pub height: u32,
    /// Least score of a proposal, 0..1.
    pub score: f32,
}

/// Points of a face inside a square crop, of which five are made.
#[derive(Debug, Clone, PartialEq)]
pub struct LandmarkModel {
    pub output: String,
    pub count: usize,
    /// Numbers of the points whose mean each alignment point is.
    pub five: [Vec<usize>; 5],
    /// Side of the square crop in heights of the face box.
    pub box_factor: f32,
}

#[derive(Debug, Clone, PartialEq)]
pub struct EmbedderModel {
    pub output: String,
    pub dimension: usize,
    pub alignment: Alignment,
    pub matching: Matching,
    pub norms: Option<Norms>,
}

/// Lengths of a vector before it is normalised, which tell how much the network made of a face.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Norms {
    /// At this length and below nothing was recognised.
    pub least: f32,
    /// From this length on the face is as clear as any.
    pub clear: f32,
}

/// The square crop that an embedder takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Alignment {
    /// Side of the crop, pixels.
    pub size: u32,
    pub template: [Point; 5],
    /// Whether the landmark model improves the detector's points before alignment.
    pub refine: bool,
    /// Whether the embeddings of selfies and of poor faces are averaged with the mirrored crop's.
    pub mirror: bool,
}

/// Several embedders as one: each vector has length 1 before they are put one after the other, and the whole
/// has length 1 again, so that its cosine is the mean of theirs.
#[derive(Debug, Clone, PartialEq)]
pub struct JoinedModel {
    /// Names of the embedders, at least two, all with the same alignment.
    pub parts: Vec<String>,
    pub dimension: usize,
    pub matching: Matching,
}

/// Numbers of the search that differ from one embedder to another.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Matching {
    /// The cosine from which the search counts how alike two faces are; see `search::judge`.
    #[serde(rename = "match")]
    pub threshold: f32,
}

impl Manifest {
    /// # Errors
    /// [`VisionError::Manifest`] with the file and what is wrong.
    pub fn parse(path: &Path, text: &str) -> Result<Self, VisionError> {
        let wrong = |reason: String| VisionError::Manifest { path: path.to_owned(), reason };
        let raw: raw::Manifest = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        raw.check().map_err(wrong)
    }

    /// Every `*.toml` of a directory, by file name.
    ///
    /// # Errors
    /// [`VisionError::Manifest`] when the directory or a manifest cannot be read, when two share a name, or
    /// when one refers to a model that is not there.
    pub fn load_dir(dir: &Path) -> Result<Vec<Self>, VisionError> {
        let wrong = |path: &Path, reason: String| VisionError::Manifest { path: path.to_owned(), reason };
        let mut paths: Vec<PathBuf> = std::fs::read_dir(dir)
            .map_err(|error| wrong(dir, error.to_string()))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .collect();
        paths.sort();
        let mut manifests: Vec<Self> = Vec::with_capacity(paths.len());
        for path in &paths {
            let text = std::fs::read_to_string(path).map_err(|error| wrong(path, error.to_string()))?;
            let manifest = Self::parse(path, &text)?;
            if manifests.iter().any(|other| other.name == manifest.name) {
                return Err(wrong(
                    path,
                    format!("the name {:?} is taken by another manifest", manifest.name),
                ));
            }
            manifests.push(manifest);
        }
        for (manifest, path) in manifests.iter().zip(&paths) {
            for name in manifest.model.refers_to() {
                if !manifests.iter().any(|other| other.name == name && other.can_serve(&manifest.model)) {
                    return Err(wrong(
                        path,
                        format!("it refers to {name:?}, which is no model that it can use"),
                    ));
                }
            }
        }
        Ok(manifests)
    }

    /// Whether that model may call on this one.
    fn can_serve(&self, other: &Model) -> bool {
        matches!(
            (&self.model, other),
            (Model::Proposals(_), Model::Detector(_)) | (Model::Embedder(_), Model::Joined(_))
        )
    }
}
