//! An aligned face to a vector.

use super::{
    VisionError,
    align::AlignedFace,
    manifest::{EmbedderModel, Norms},
    onnx::Net,
};

/// A face as a point on the unit sphere; the cosine of two says how alike they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding {
    /// `[dimension] f32`, L2-normalised.
    pub vector: Vec<f32>,
    /// Length before normalisation, small for a face of which the network can make little: 0 at its
    /// manifest's `least_norm` or below, 1 at `clear_norm` or above. 1 when the manifest gives no limits.
    pub clarity: f32,
}

impl Embedding {
    fn of(mut vector: Vec<f32>, norms: Option<Norms>) -> Self {
        let norm = normalise(&mut vector);
        let clarity =
            norms.map_or(1.0, |Norms { least, clear }| ((norm - least) / (clear - least)).clamp(0.0, 1.0));
        Self { vector, clarity }
    }

    /// Vectors one after the other, each with the same say in the cosine; as clear as the least clear of them.
    fn joined(parts: Vec<Self>) -> Self {
        let share = (parts.len().max(1) as f32).sqrt().recip();
        let clarity = parts.iter().map(|part| part.clarity).fold(1.0, f32::min);
        let vector = parts.into_iter().flat_map(|part| part.vector).map(|value| value * share).collect();
        Self { vector, clarity }
    }

    /// Cosine similarity, -1..=1.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> f32 {
        self.vector.iter().zip(&other.vector).map(|(a, b)| a * b).sum()
    }
}

/// Brings a vector to length 1 and returns the length that it had.
fn normalise(vector: &mut [f32]) -> f32 {
    let norm = vector.iter().map(|v| v * v).sum::<f32>().sqrt();
    let divisor = norm.max(f32::MIN_POSITIVE);
    vector.iter_mut().for_each(|v| *v /= divisor);
    norm
}

/// One embedding network.
pub(super) struct Part {
    name: String,
    model: EmbedderModel,
    net: Net,
}

impl Part {
    pub fn new(name: String, model: EmbedderModel, net: Net) -> Self {
        Self { name, model, net }
    }

    fn embed(&mut self, face: &AlignedFace, mirror: bool) -> Result<Embedding, VisionError> {
        let mut sum = self.raw(face)?;
        if mirror && self.model.alignment.mirror {
            let mirrored = self.raw(&face.mirrored())?;
            sum.iter_mut().zip(mirrored).for_each(|(a, b)| *a = (*a + b) / 2.0);
        }
        Ok(Embedding::of(sum, self.model.norms))
    }

    fn raw(&mut self, face: &AlignedFace) -> Result<Vec<f32>, VisionError> {
        let side = face.size as usize;
        let vector =
            self.net.run(&face.rgb, side, side, [&self.model.output], |[vector]| vector.1.to_vec())?;
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

/// One network, or several whose vectors are joined.
pub(super) struct Embedder {
    parts: Vec<Part>,
}

impl Embedder {
    pub fn new(parts: Vec<Part>) -> Self {
        Self { parts }
    }

    /// `mirror`: average with the mirrored face where the manifest allows it.
    pub fn embed(&mut self, face: &AlignedFace, mirror: bool) -> Result<Embedding, VisionError> {
        let mut parts =
            self.parts.iter_mut().map(|part| part.embed(face, mirror)).collect::<Result<Vec<_>, _>>()?;
        if parts.len() == 1 { Ok(parts.remove(0)) } else { Ok(Embedding::joined(parts)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_joined_vector_has_length_one_and_its_cosine_is_the_mean() {
        let part = |numbers: &[f32]| Embedding::of(numbers.to_vec(), None);
        let a = Embedding::joined(vec![part(&[3.0, 4.0]), part(&[0.0, 2.0, 0.0])]);
        let b = Embedding::joined(vec![part(&[4.0, 3.0]), part(&[0.0, 0.0, 5.0])]);
        assert_eq!(a.vector.len(), 5);
        assert!((a.cosine(&a) - 1.0).abs() < 1e-6);
        assert!((a.cosine(&b) - (0.96 + 0.0) / 2.0).abs() < 1e-6);
    }

    #[test]
    fn clarity_rises_between_the_two_norms_and_the_worst_part_counts() {
        let norms = Some(Norms { least: 2.0, clear: 4.0 });
        let of = |length: f32| Embedding::of(vec![0.0, length], norms);
        assert_eq!([1.0, 2.0, 3.0, 4.0, 9.0].map(|length| of(length).clarity), [0.0, 0.0, 0.5, 1.0, 1.0]);
        assert_eq!(Embedding::joined(vec![of(3.0), of(9.0)]).clarity, 0.5);
    }
}
