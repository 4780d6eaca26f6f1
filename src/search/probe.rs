//! Selfies to probe vectors: which face is meant, and is it good enough to search with.

use bytes::Bytes;

use super::{ProbeFace, SearchError};
use crate::{
    compute::{Abandoned, Worker},
    domain::RelativeBox,
    imaging::{self, Header, ImageError, PictureSource},
    vision::{Face, FaceEngine, Fault, PictureKind, Rect, VisionError, largest_central, most_prominent},
};

/// Long side at which a selfie is looked at; its face is large.
const LONG_SIDE: u32 = 1280;

/// The size of common phone pictures: 24 megapixels, with some margin.
const MOST_PIXELS: u64 = 25_000_000;
/// A photograph has many more bytes than this for its pixels; what claims less is made to cost memory.
const MOST_PIXELS_A_BYTE: u64 = 1_000;

/// An encoded picture of a guest.
pub(super) struct Selfie {
    bytes: Bytes,
    header: Header,
}

impl Selfie {
    pub(super) fn read(bytes: Bytes) -> Result<Self, SearchError> {
        Ok(Self { header: imaging::read_header(&bytes)?, bytes })
    }

    /// Refuses what no phone sends, by its header, before any work is asked for or waited for.
    pub(super) fn check_size(&self) -> Result<(), SearchError> {
        let pixels = u64::from(self.header.width) * u64::from(self.header.height);
        if pixels > MOST_PIXELS {
            return Err(SearchError::TooManyPixels);
        }
        if pixels / MOST_PIXELS_A_BYTE > self.bytes.len() as u64 {
            return Err(SearchError::Undecodable { readable: None });
        }
        Ok(())
    }
}

/// The faces in the selfies of one guest.
pub struct Probes {
    /// `[n][dimension] f32`, L2-normalised: one for each selfie with a usable face.
    pub vectors: Vec<Vec<f32>>,
    pub faces: Vec<ProbeFace>,
}

/// Embeds the chosen face of each selfie and keeps the best half of the faces by quality, at least two: a live
/// camera sends several frames of one moment, of which the worst only cost time. With several selfies one good one is
/// enough.
///
/// `choice`: which face, counted in the order of the answer; else the largest central one, or in a picture of several
/// people the first of them who is clear.
/// `lenient`: take a poor face rather than ask for a better one; for operators, who have no other.
///
/// # Errors
/// `no_face`, `low_quality`, `unknown_face`, or what is wrong with the file; `timed_out` when nobody waits any more.
pub(super) fn embed_selfies(
    worker: &mut Worker<'_, FaceEngine>,
    selfies: &[Selfie],
    choice: Option<usize>,
    lenient: bool,
) -> Result<Probes, SearchError> {
    let mut faces = Vec::new();
    let mut found: Vec<(usize, Face)> = Vec::new();
    let mut complaint = None;
    for (number, selfie) in selfies.iter().enumerate() {
        let wanted = Wanted { number, choice, lenient };
        match look(worker, selfie, wanted, &mut faces) {
            Ok(face) if lenient || face.quality.faults.is_empty() => found.push((number, face)),
            Ok(face) => complaint = Some(SearchError::LowQuality { reasons: reasons(&face) }),
            Err(SearchError::NoFace) => complaint = complaint.or(Some(SearchError::NoFace)),
            Err(error) => return Err(error),
        }
    }
    if let Some(complaint) = complaint.filter(|_| found.is_empty()) {
        return Err(complaint);
    }
    found.sort_by(|(_, a), (_, b)| b.quality.score.total_cmp(&a.quality.score));
    found.truncate(selfies.len().div_ceil(2).max(2));
    faces.iter_mut().for_each(|face: &mut ProbeFace| {
        face.chosen &= found.iter().any(|(selfie, _)| *selfie == face.selfie);
    });
    Ok(Probes { vectors: found.into_iter().map(|(_, face)| face.embedding.vector).collect(), faces })
}

/// Of people as large as the largest, so many are tried.
const RIVALS: usize = 4;

/// The face that is looked for in a selfie.
#[derive(Clone, Copy)]
struct Wanted {
    /// Of the selfie in the request.
    number: usize,
    choice: Option<usize>,
    lenient: bool,
}

/// The chosen face of one selfie. Without a choice it is the first clear one of those whose picture it may be: in a
/// picture of several people the guest then sees that they have to choose, instead of being asked for another one.
fn look(
    worker: &mut Worker<'_, FaceEngine>,
    Selfie { bytes, header }: &Selfie,
    wanted: Wanted,
    seen: &mut Vec<ProbeFace>,
) -> Result<Face, SearchError> {
    let Wanted { number, choice, lenient } = wanted;
    worker.next_step()?;
    let picture = PictureSource { bytes, header }.at_least(LONG_SIDE)?;
    let (width, height) = header.upright_size();
    worker.next_step()?;
    let found = worker.state.detect(&picture, PictureKind::Portrait)?;
    let order = choice.map_or_else(|| most_prominent(&found, width, height), |choice| vec![choice]);
    if found.is_empty() {
        return Err(SearchError::NoFace);
    }
    let mut crops = worker.state.align(&picture, &found)?;
    let relative = |Rect { x, y, w, h }: Rect| RelativeBox::from_pixels([x, y, w, h], width, height);
    let before = seen.len();
    seen.extend(crops.iter().map(|crop| ProbeFace {
        index: crop.number as usize,
        selfie: number,
        rect: relative(crop.rect),
        quality: crop.quality.score,
        chosen: false,
    }));
    let mut best: Option<Face> = None;
    for face in order.into_iter().take(RIVALS) {
        let Some(at) = crops.iter().position(|crop| crop.number as usize == face) else { continue };
        worker.next_step()?;
        let face = worker.state.embed_probe(crops.swap_remove(at))?;
        let is_clear = lenient || face.quality.faults.is_empty();
        if is_clear || best.is_none() {
            best = Some(face);
        }
        if is_clear {
            break;
        }
    }
    let missing = if choice.is_some() { SearchError::UnknownFace } else { SearchError::NoFace };
    let face = best.ok_or(missing)?;
    let chosen = face.number as usize;
    seen[before..].iter_mut().for_each(|other| other.chosen = other.index == chosen);
    Ok(face)
}

/// The vector of a single selfie, or why a guest would be asked for another; for `pixora eval`.
///
/// # Errors
/// As [`embed_selfies`].
pub fn embed_selfie_with(engine: &mut FaceEngine, bytes: &[u8]) -> Result<Vec<f32>, SearchError> {
    let header = imaging::read_header(bytes)?;
    let picture = PictureSource { bytes, header: &header }.at_least(LONG_SIDE)?;
    let (width, height) = header.upright_size();
    let found = engine.detect(&picture, PictureKind::Portrait)?;
    let largest = largest_central(&found, width, height).ok_or(SearchError::NoFace)?;
    let crop = engine.align(&picture, &found[largest..=largest])?.pop().ok_or(SearchError::NoFace)?;
    let face = engine.embed_probe(crop)?;
    if face.quality.faults.is_empty() {
        return Ok(face.embedding.vector);
    }
    Err(SearchError::LowQuality { reasons: reasons(&face) })
}

fn reasons(face: &Face) -> Vec<&'static str> {
    let name = |fault: &Fault| match fault {
        Fault::TooSmall => "too_small",
        Fault::TooDark => "too_dark",
        Fault::TooBright => "too_bright",
        Fault::Blurred => "blurred",
        Fault::TurnedAway => "turned_away",
        Fault::Unclear => "unclear",
    };
    face.quality.faults.iter().map(name).collect()
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
            | ImageError::RawWithoutPreview { .. } => Self::UnsupportedType,
            ImageError::TooManyPixels { .. } => Self::TooManyPixels,
            ImageError::EmptyFile
            | ImageError::EmptyPicture { .. }
            | ImageError::Truncated { .. }
            | ImageError::TooComplex
            | ImageError::Damaged(_) => Self::Undecodable { readable: error.readable() },
        }
    }
}

impl From<VisionError> for SearchError {
    fn from(error: VisionError) -> Self {
        Self::Internal(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG's header and end; nothing of it can be decoded.
    fn claims(width: u32, height: u32, filler: usize) -> Vec<u8> {
        let chunk = |kind: &[u8; 4], data: &[u8]| {
            let length = u32::try_from(data.len()).unwrap().to_be_bytes();
            [&length[..], kind, data, &[0; 4]].concat()
        };
        let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
        let header = [&size[..], &[8, 2, 0, 0, 0]].concat();
        let data = vec![0; filler];
        [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &header), chunk(b"IDAT", &data), chunk(b"IEND", &[])]
            .concat()
    }

    #[test]
    fn a_selfie_of_a_few_bytes_that_claims_megapixels_is_refused_before_any_work() {
        let check = |selfie: Vec<u8>| Selfie::read(selfie.into())?.check_size();
        assert!(matches!(check(claims(9000, 9000, 0)), Err(SearchError::TooManyPixels)));
        assert!(matches!(check(claims(20_000, 20_000, 0)), Err(SearchError::TooManyPixels)));
        assert!(matches!(check(claims(5000, 4000, 40)), Err(SearchError::Undecodable { readable: None })));
        // 24 megapixels, as phones send them.
        assert!(check(claims(5712, 4284, 30_000)).is_ok());
    }
}
