//! One TOML file per model says everything that is special about it; the format is explained in
//! `models/README.md`. A model is added by adding its manifest.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::{
    VisionError,
    geometry::Point,
    weights::{self, Unfit},
};

/// A checked manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    pub name: String,
    /// File name inside the model directory.
    pub file: String,
    /// Of that file, lower-case hex; the weights are checked by it when they are loaded.
    pub sha256: Option<String>,
    pub input: Input,
    pub model: Model,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    Detector(DetectorModel),
    Proposals(ProposalModel),
    Landmarks(LandmarkModel),
    Embedder(EmbedderModel),
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
    /// A portrait is brought to this side, enlarged at most `portrait_enlarge` times.
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
            portrait_side: 640,
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
    /// Side of the square crop, pixels.
    pub size: u32,
    pub template: [Point; 5],
    /// Whether the landmark model improves the detector's points before alignment.
    pub refine: bool,
    /// Whether the embedding is averaged with the mirrored crop's.
    pub mirror: bool,
    /// Cosine from which two faces count as one person.
    pub match_threshold: f32,
}

impl Manifest {
    /// # Errors
    /// [`VisionError::Manifest`] with the file and what is wrong.
    pub fn parse(path: &Path, text: &str) -> Result<Self, VisionError> {
        let wrong = |reason: String| VisionError::Manifest { path: path.to_owned(), reason };
        let raw: RawManifest = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        raw.check().map_err(wrong)
    }

    /// Compares the weights with the hash in the manifest, since a flipped bit would change every vector and no
    /// error would tell of it, and looks for denormal weights.
    ///
    /// # Errors
    /// [`VisionError::Weights`] and [`VisionError::Denormal`]; [`VisionError::Model`] when they cannot be read.
    pub fn check_weights(&self, model_dir: &Path) -> Result<(), VisionError> {
        let (name, path) = (self.name.clone(), model_dir.join(&self.file));
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            // Told with how to mend it by who opens the model.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(VisionError::Model { name, path, reason: error.to_string() }),
        };
        match weights::check(&bytes, self.sha256.as_deref()) {
            Ok(()) => Ok(()),
            Err(Unfit::Hash) => Err(VisionError::Weights { name, path }),
            Err(Unfit::Denormal(count)) => Err(VisionError::Denormal { name, path, count }),
            Err(Unfit::NotOnnx(reason)) => Err(VisionError::Model { name, path, reason }),
        }
    }

    /// Every `*.toml` of a directory, by file name.
    ///
    /// # Errors
    /// [`VisionError::Manifest`] when the directory or a manifest cannot be read, or two share a name.
    pub fn load_dir(dir: &Path) -> Result<Vec<Self>, VisionError> {
        let wrong = |path: &Path, reason: String| VisionError::Manifest { path: path.to_owned(), reason };
        let mut paths: Vec<PathBuf> = std::fs::read_dir(dir)
            .map_err(|error| wrong(dir, error.to_string()))?
            .filter_map(|entry| entry.ok().map(|entry| entry.path()))
            .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
            .collect();
        paths.sort();
        let mut manifests: Vec<Self> = Vec::with_capacity(paths.len());
        for path in paths {
            let text = std::fs::read_to_string(&path).map_err(|error| wrong(&path, error.to_string()))?;
            let manifest = Self::parse(&path, &text)?;
            if manifests.iter().any(|other| other.name == manifest.name) {
                return Err(wrong(
                    &path,
                    format!("the name {:?} is taken by another manifest", manifest.name),
                ));
            }
            manifests.push(manifest);
        }
        Ok(manifests)
    }
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

/// The file as written. What only the set-up script needs (`source`, `prepare`) is left out.
#[derive(Deserialize)]
struct RawManifest {
    name: String,
    kind: Kind,
    file: String,
    sha256: Option<String>,
    input: Input,
    output: toml::Table,
    #[serde(default)]
    threshold: RawThreshold,
    alignment: Option<RawAlignment>,
    five_points: Option<RawFivePoints>,
    #[serde(default)]
    search: DetectorSearch,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Detector,
    Proposals,
    Landmarks,
    Embedder,
}

#[derive(Deserialize, Default)]
struct RawThreshold {
    score: Option<f32>,
    nms_iou: Option<f32>,
    r#match: Option<f32>,
}

#[derive(Deserialize)]
struct RawAlignment {
    template: [[f32; 2]; 5],
    #[serde(default = "yes")]
    refine: bool,
    #[serde(default = "yes")]
    mirror: bool,
}

#[derive(Deserialize)]
struct RawFivePoints {
    left_eye: Vec<usize>,
    right_eye: Vec<usize>,
    nose: Vec<usize>,
    left_mouth: Vec<usize>,
    right_mouth: Vec<usize>,
    #[serde(default = "one_box")]
    box_factor: f32,
}

fn one_box() -> f32 {
    1.0
}

#[derive(Deserialize)]
struct DetectorOutput {
    decoder: String,
    stride: u32,
    heatmap: String,
    size: String,
    offset: String,
    landmarks: String,
}

#[derive(Deserialize)]
struct SsdOutput {
    decoder: String,
    scores: String,
    boxes: String,
}

#[derive(Deserialize)]
struct PointsOutput {
    decoder: String,
    points: String,
    count: usize,
}

#[derive(Deserialize)]
struct EmbedderOutput {
    embedding: String,
    dimension: usize,
}

impl RawManifest {
    fn check(self) -> Result<Manifest, String> {
        let channels = self.input.color.channels();
        if self.input.mean.len() != channels || self.input.std.len() != channels {
            return Err(format!("input.mean and input.std need {channels} numbers"));
        }
        if self.input.std.contains(&0.0) || self.input.multiple_of == 0 {
            return Err("input.std and input.multiple_of must not be zero".into());
        }
        let model = match self.kind {
            Kind::Detector => {
                let output: DetectorOutput = self.output.try_into().map_err(|e| format!("output: {e}"))?;
                known(&output.decoder, "centerface")?;
                Model::Detector(DetectorModel {
                    stride: output.stride,
                    heatmap: output.heatmap,
                    size: output.size,
                    offset: output.offset,
                    landmarks: output.landmarks,
                    score: self.threshold.score.ok_or("threshold.score is missing")?,
                    nms_iou: self.threshold.nms_iou.ok_or("threshold.nms_iou is missing")?,
                    search: self.search,
                })
            }
            Kind::Proposals => {
                let output: SsdOutput = self.output.try_into().map_err(|e| format!("output: {e}"))?;
                known(&output.decoder, "ssd")?;
                let (Some(width), Some(height)) = (self.input.width, self.input.height) else {
                    return Err("input.width and input.height are missing".into());
                };
                Model::Proposals(ProposalModel {
                    scores: output.scores,
                    boxes: output.boxes,
                    width,
                    height,
                    score: self.threshold.score.ok_or("threshold.score is missing")?,
                })
            }
            Kind::Landmarks => {
                let output: PointsOutput = self.output.try_into().map_err(|e| format!("output: {e}"))?;
                known(&output.decoder, "points")?;
                let five = self.five_points.ok_or("[five_points] is missing")?;
                let box_factor = five.box_factor;
                let five = [five.left_eye, five.right_eye, five.nose, five.left_mouth, five.right_mouth];
                if five.iter().any(|of| of.is_empty() || of.iter().any(|&n| n >= output.count)) {
                    return Err(format!("five_points must name points 0..{}", output.count));
                }
                square(&self.input)?;
                Model::Landmarks(LandmarkModel {
                    output: output.points,
                    count: output.count,
                    five,
                    box_factor,
                })
            }
            Kind::Embedder => {
                let output: EmbedderOutput = self.output.try_into().map_err(|e| format!("output: {e}"))?;
                let alignment = self.alignment.ok_or("[alignment] is missing")?;
                Model::Embedder(EmbedderModel {
                    output: output.embedding,
                    dimension: output.dimension,
                    size: square(&self.input)?,
                    template: alignment.template.map(|[x, y]| Point::new(x, y)),
                    refine: alignment.refine,
                    mirror: alignment.mirror,
                    match_threshold: self.threshold.r#match.ok_or("threshold.match is missing")?,
                })
            }
        };
        let sha256 = self.sha256.map(|hash| hash.to_ascii_lowercase()).filter(|hash| !hash.is_empty());
        Ok(Manifest { name: self.name, file: self.file, sha256, input: self.input, model })
    }
}

fn known(decoder: &str, expected: &str) -> Result<(), String> {
    if decoder == expected { Ok(()) } else { Err(format!("output.decoder {decoder:?} is not {expected:?}")) }
}

fn square(input: &Input) -> Result<u32, String> {
    match (input.width, input.height) {
        (Some(w), Some(h)) if w == h && w > 0 => Ok(w),
        _ => Err("input.width and input.height must be equal and above zero".into()),
    }
}
