//! Selfies to probe vectors: which face is meant, and is it good enough to search with.

use super::{ProbeFace, SearchError};
use crate::{
    compute::{Abandoned, Worker},
    domain::RelativeBox,
    imaging::{self, ImageError, PictureSource},
    vision::{DetectOptions, FaceCrop, FaceEngine, Fault, Rect, VisionError, largest_central},
};

/// Long side at which a selfie is looked at; its face is large.
const LONG_SIDE: u32 = 1280;

/// What was seen in the selfies of one guest.
pub struct Probes {
    /// `[n][dimension] f32`, L2-normalised: one for each selfie with a usable face.
    pub vectors: Vec<Vec<f32>>,
    pub faces: Vec<ProbeFace>,
}

/// Embeds the chosen face of each selfie. With several selfies one good one is enough.
///
/// `choice`: which face, counted in the order of the answer; else the largest central one.
/// `lenient`: take a poor face rather than ask for a better one; for operators, who have no other.
///
/// # Errors
/// `no_face`, `low_quality`, `unknown_face`, or what is wrong with the file; `timed_out` when nobody waits any more.
pub fn embed_selfies<B: AsRef<[u8]>>(
    worker: &mut Worker<'_, FaceEngine>,
    selfies: &[B],
    choice: Option<usize>,
    lenient: bool,
) -> Result<Probes, SearchError> {
    let mut probes = Probes { vectors: Vec::new(), faces: Vec::new() };
    let mut complaint = None;
    for (selfie, bytes) in selfies.iter().enumerate() {
        match embed_selfie(worker, bytes.as_ref(), selfie, choice, lenient, &mut probes.faces) {
            Ok(vector) => probes.vectors.push(vector),
            Err(error @ (SearchError::NoFace | SearchError::LowQuality { .. })) => complaint = Some(error),
            Err(error) => return Err(error),
        }
    }
    match complaint {
        Some(complaint) if probes.vectors.is_empty() => Err(complaint),
        _ => Ok(probes),
    }
}

fn embed_selfie(
    worker: &mut Worker<'_, FaceEngine>,
    bytes: &[u8],
    selfie: usize,
    choice: Option<usize>,
    lenient: bool,
    seen: &mut Vec<ProbeFace>,
) -> Result<Vec<f32>, SearchError> {
    let header = imaging::probe(bytes)?;
    worker.next_step()?;
    let picture = PictureSource { bytes, header: &header }.at_least(LONG_SIDE)?;
    let (width, height) = header.upright_size();
    worker.next_step()?;
    let found = worker.state.detect(&picture, DetectOptions::Portrait)?;
    let largest = largest_central(&found, width, height).ok_or(SearchError::NoFace)?;
    let crops = worker.state.align(&picture, &found)?;
    let chosen = choice.unwrap_or(largest);
    let relative = |Rect { x, y, w, h }: Rect| RelativeBox::from_pixels([x, y, w, h], width, height);
    seen.extend(crops.iter().map(|crop| ProbeFace {
        index: crop.number as usize,
        selfie,
        rect: relative(crop.rect),
        quality: crop.quality.score,
        chosen: crop.number as usize == chosen,
    }));
    let crop = crops.into_iter().find(|crop| crop.number as usize == chosen);
    let crop = crop.ok_or(if choice.is_some() { SearchError::UnknownFace } else { SearchError::NoFace })?;
    let reasons = faults(&crop);
    if !reasons.is_empty() && !lenient {
        return Err(SearchError::LowQuality { reasons });
    }
    worker.next_step()?;
    Ok(worker.state.embed(crop)?.embedding.vector)
}

fn faults(crop: &FaceCrop) -> Vec<&'static str> {
    let name = |fault: &Fault| match fault {
        Fault::TooSmall => "too_small",
        Fault::TooDark => "too_dark",
        Fault::TooBright => "too_bright",
        Fault::Blurred => "blurred",
        Fault::TurnedAway => "turned_away",
    };
    crop.quality.faults.iter().map(name).collect()
}

impl From<Abandoned> for SearchError {
    fn from(_: Abandoned) -> Self {
        Self::TimedOut
    }
}

impl From<ImageError> for SearchError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::UnsupportedType(_)
            | ImageError::HeicUnsupported
            | ImageError::AnimatedUnsupported => Self::UnsupportedType,
            ImageError::EmptyFile
            | ImageError::EmptyPicture { .. }
            | ImageError::TooManyPixels { .. }
            | ImageError::Truncated
            | ImageError::TooComplex
            | ImageError::Damaged(_) => Self::Undecodable,
        }
    }
}

impl From<VisionError> for SearchError {
    fn from(error: VisionError) -> Self {
        Self::Internal(error.to_string())
    }
}
