//! An aligned face to a vector.

use super::{VisionError, align::AlignedFace, manifest::EmbedderModel, onnx::Net};

/// A face as a point on the unit sphere; the cosine of two says how alike they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding {
    /// `[dimension] f32`, L2-normalised.
    pub vector: Vec<f32>,
    /// Length before normalisation: small for faces the network can make little of.
    pub raw_norm: f32,
}

impl Embedding {
    fn of(mut vector: Vec<f32>) -> Self {
        let raw_norm = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
        let divisor = raw_norm.max(f32::MIN_POSITIVE);
        vector.iter_mut().for_each(|v| *v /= divisor);
        Self { vector, raw_norm }
    }

    /// Cosine similarity, -1..=1.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> f32 {
        self.vector.iter().zip(&other.vector).map(|(a, b)| a * b).sum()
    }
}

pub(super) struct Embedder {
    pub name: String,
    pub model: EmbedderModel,
    net: Net,
}

impl Embedder {
    pub fn new(name: String, model: EmbedderModel, net: Net) -> Self {
        Self { name, model, net }
    }

    pub fn embed(&mut self, face: &AlignedFace) -> Result<Embedding, VisionError> {
        let mut sum = self.raw(face)?;
        if self.model.mirror {
            let mirrored = self.raw(&face.mirrored())?;
            sum.iter_mut().zip(mirrored).for_each(|(a, b)| *a = (*a + b) / 2.0);
        }
        Ok(Embedding::of(sum))
    }

    fn raw(&mut self, face: &AlignedFace) -> Result<Vec<f32>, VisionError> {
        let side = face.size as usize;
        let vector =
            self.net.run(&face.rgb, side, side, [&self.model.output], |[(_, numbers)]| numbers.to_vec())?;
        if vector.len() != self.model.dimension {
            return Err(VisionError::Inference {
                name: self.name.clone(),
                reason: format!(
                    "{} numbers came out, the manifest says {}",
                    vector.len(),
                    self.model.dimension
                ),
            });
        }
        Ok(vector)
    }
}
