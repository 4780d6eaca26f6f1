//! One TOML file per model says everything that is special about it; the format is explained in
//! `models/README.md`. A model is added by adding its manifest.

mod raw;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;

use super::{VisionError, decoders::Decoder, geometry::Point};

/// A checked manifest.
#[derive(Debug, Clone)]
pub struct Manifest {
    pub name: String,
    /// What is computed; none for a model that joins others.
    pub network: Option<Network>,
    pub model: Model,
}

/// A file that ONNX Runtime loads.
#[derive(Debug, Clone)]
pub struct Network {
    /// File name inside the model directory.
    pub file: String,
    /// Of the file, in hexadecimal.
    pub sha256: String,
    pub input: Input,
}

#[derive(Debug, Clone)]
pub enum Model {
    Detector(DetectorModel),
    Landmarks(LandmarkModel),
    Embedder(EmbedderModel),
    /// Several embedders whose vectors are one after the other.
    Joined(JoinedModel),
}

/// Which kind of work a model does; of each kind one is used.
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
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Detector(_) => Kind::Detector,
            Self::Landmarks(_) => Kind::Landmarks,
            Self::Embedder(_) | Self::Joined(_) => Kind::Embedder,
        }
    }

    /// Names of the models that this one calls on.
    pub(super) fn refers_to(&self) -> Vec<&str> {
        match self {
            Self::Detector(model) => model.second_look.iter().map(String::as_str).collect(),
            Self::Joined(model) => model.parts.iter().map(String::as_str).collect(),
            Self::Landmarks(_) | Self::Embedder(_) => Vec::new(),
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

#[derive(Debug, Clone)]
pub struct DetectorModel {
    /// Reads the network's outputs.
    pub(super) decoder: Arc<dyn Decoder>,
    /// Least score of a face, 0..1.
    pub score: f32,
    pub nms_iou: f32,
    pub search: DetectorSearch,
    /// The detector that looks again at what this one is not sure of.
    pub second_look: Option<String>,
}

/// At which sizes pictures are searched; `detect` explains the steps and the measurements behind the
/// defaults. All sides are long sides in pixels.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DetectorSearch {
    /// The looks at a whole photo, smallest first: large faces are found in the first, small ones in the last.
    /// A look that would enlarge the photo is left out, except the first one.
    pub whole_sides: Vec<u32>,
    /// A face of this score or more that is not sure is looked at again.
    pub unsure: f32,
    /// Where the second look happens.
    pub fine_side: u32,
    /// Least side of a window of the second look.
    pub window: f32,
    /// Windows where a smaller face than this is proposed (side, second look) are enlarged…
    pub tiny_face: f32,
    /// …so many times.
    pub tiny_enlarge: f32,
    /// So many windows at most, those of the best scores, so that a photo of leaves or letters costs no minute.
    pub most_windows: usize,
    /// The looks at a portrait, which is enlarged at most `portrait_enlarge` times.
    pub portrait_sides: Vec<u32>,
    pub portrait_enlarge: f64,
    /// A portrait up to this side gets a black border, since its face may fill it.
    pub tiny_side: u32,
    /// The border, as a fraction of the long side.
    pub tiny_border: f64,
}

impl Default for DetectorSearch {
    fn default() -> Self {
        Self {
            whole_sides: vec![800],
            unsure: 0.1,
            fine_side: 3072,
            window: 128.0,
            tiny_face: 30.0,
            tiny_enlarge: 1.5,
            most_windows: 48,
            portrait_sides: vec![640],
            portrait_enlarge: 2.0,
            tiny_side: 160,
            tiny_border: 0.25,
        }
    }
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
    /// The search's score from which a photo is shown, in a session of 400 faces and at the default budget;
    /// see `search::judge`.
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
                    let kind = manifest.model.kind().name();
                    return Err(wrong(
                        path,
                        format!("it refers to {name:?}, which is no {kind} with a file"),
                    ));
                }
            }
        }
        Ok(manifests)
    }

    /// Whether another model of that kind may call on this one.
    fn can_serve(&self, other: &Model) -> bool {
        self.network.is_some() && self.model.kind() == other.kind() && self.model.refers_to().is_empty()
    }
}
