//! Faces: find them, turn them upright, judge them, and give each a vector that can be compared.
//!
//! `detect → refine → align → quality → embed`, each a call of [`FaceEngine`], so that the caller may time
//! a stage or stop between two. Everything special to a model comes from its [`Manifest`].
//! This room knows nothing of sessions, guests, rows or threads.

mod align;
mod detect;
mod embed;
mod engine;
mod geometry;
mod manifest;
mod models;
mod onnx;
mod propose;
mod quality;
mod refine;
mod weights;

use std::path::PathBuf;

pub use align::{AlignedFace, align};
pub use detect::{Detection, PictureKind, largest_central, most_prominent};
pub use embed::Embedding;
pub use engine::{Face, FaceCrop, FaceEngine};
pub use geometry::{Landmarks, Point, QuarterTurns, Rect, Similarity};
pub use manifest::{Manifest, Matching, Model};
pub use models::{Choice, EmbedderInfo, Models};
pub use quality::{Fault, POOR, Quality};

/// Why faces cannot be computed. None of these is the photo's fault.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VisionError {
    #[error("model manifest {}: {reason}", path.display())]
    Manifest { path: PathBuf, reason: String },
    #[error("no manifest of a {0} in the manifest directory")]
    NoModel(&'static str),
    #[error("no embedder is called {0:?}")]
    UnknownEmbedder(String),
    #[error("no {kind} is called {name:?}")]
    UnknownModel { kind: &'static str, name: String },
    #[error("there are several models of the kind {kind} ({names}): choose one of them by {setting}")]
    Ambiguous { kind: &'static str, names: String, setting: &'static str },
    /// Every vector would be another than it should be.
    #[error("model {name} ({}) is damaged: its SHA-256 is not the one in its manifest; fetch it again with `make setup`, or correct the manifest", path.display())]
    Weights { name: String, path: PathBuf },
    #[error("model {name} ({}) has {count} denormal weights, which make many processors ten times slower: prepare it with a [prepare] table in its manifest and `make setup`", path.display())]
    Denormal { name: String, path: PathBuf, count: usize },
    #[error("ONNX Runtime {}: {reason}", path.display())]
    Runtime { path: PathBuf, reason: String },
    #[error("model {name} ({}): {reason}", path.display())]
    Model { name: String, path: PathBuf, reason: String },
    #[error("model {name} failed: {reason}")]
    Inference { name: String, reason: String },
}

impl VisionError {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Manifest { .. } => "bad_manifest",
            Self::NoModel(_) => "no_model",
            Self::UnknownEmbedder(_) => "unknown_embedder",
            Self::UnknownModel { .. } => "unknown_model",
            Self::Ambiguous { .. } => "ambiguous_model",
            Self::Weights { .. } => "model_damaged",
            Self::Denormal { .. } => "model_has_denormals",
            Self::Runtime { .. } => "onnx_runtime_unusable",
            Self::Model { .. } => "model_unusable",
            Self::Inference { .. } => "inference_failed",
        }
    }
}
