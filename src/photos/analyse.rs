//! The CPU work of one photo: decode once, make the derivatives, find and embed the faces.

use std::time::{Duration, Instant};

use crate::{
    compute::{Abandoned, Worker},
    domain::{DERIVATIVE_SIZES, Derivative, LARGEST, PhotoFacts, PhotoWords, TILE},
    imaging::{self, Filter, Header, ImageError, Picture, PictureSource, Written},
    vision::{Face, FaceEngine, PictureKind, VisionError},
};
use bytes::Bytes;
use chrono::NaiveDateTime;
use sha2::{Digest, Sha256};

/// JPEG quality of the derivatives: at 82 no difference is seen on a phone, at half the bytes of 92.
const JPEG_QUALITY: u8 = 82;
/// That of tiles, which are seen small and beside many others: 12 KB instead of 15 at 82 with 320 pixels, 34 KB instead of 44
/// with 640.
const TILE_QUALITY: u8 = 72;

#[derive(Debug, thiserror::Error)]
pub enum AnalyseError {
    /// The file is to blame.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The disk is: these are not the bytes that were stored.
    #[error("the original is not what was stored")]
    Changed,
    /// We are.
    #[error(transparent)]
    Vision(#[from] VisionError),
    /// Nobody is.
    #[error(transparent)]
    Abandoned(#[from] Abandoned),
}

/// Seconds of one core, by stage.
#[derive(Debug, Clone, Copy, Default)]
pub struct StageTimes {
    pub decode: Duration,
    pub derivatives: Duration,
    pub detect: Duration,
    pub align: Duration,
    pub embed: Duration,
}

impl StageTimes {
    /// Name and time of each stage, in order.
    #[must_use]
    pub fn each(&self) -> [(&'static str, Duration); 5] {
        [
            ("decode", self.decode),
            ("derivatives", self.derivatives),
            ("detect", self.detect),
            ("align", self.align),
            ("embed", self.embed),
        ]
    }
}

impl std::ops::AddAssign for StageTimes {
    fn add_assign(&mut self, other: Self) {
        self.decode += other.decode;
        self.derivatives += other.derivatives;
        self.detect += other.detect;
        self.align += other.align;
        self.embed += other.embed;
    }
}

/// All that the pipeline makes of one photo.
pub struct Analysed {
    /// Upright, pixels of the original.
    pub width: u32,
    pub height: u32,
    pub taken_at: Option<NaiveDateTime>,
    pub facts: PhotoFacts,
    pub thumbhash: Vec<u8>,
    /// Smallest first, each with its JPEG. Nothing is enlarged: a small original has its own size.
    pub derivatives: Vec<(Derivative, Bytes)>,
    /// For each embedder that looked, in the order asked: its name and the faces.
    pub faces: Vec<(String, Vec<Face>)>,
    pub times: StageTimes,
}

/// Runs every stage, letting waiting selfies in between them, and stopping there when nobody waits any more.
/// `header`: of these bytes, where it was read before. `models`: the embedders that look, by name.
///
/// # Errors
/// [`AnalyseError`].
pub fn analyse(
    worker: &mut Worker<'_, FaceEngine>,
    bytes: &[u8],
    header: Option<Header>,
    models: &[String],
) -> Result<Analysed, AnalyseError> {
    let header = header.map_or_else(|| imaging::read_header(bytes), Ok)?;
    let source = PictureSource { bytes, header: &header };
    let mut times = StageTimes::default();

    let picture = timed("decode", &mut times.decode, || source.at_least(LARGEST))?;
    worker.next_step()?;
    let (derivatives, thumbhash) = timed("derivatives", &mut times.derivatives, || derivatives(&picture))?;
    worker.next_step()?;
    let faces = faces(worker, &picture, source, models, &mut times)?;
    let (width, height) = header.upright_size();
    let Header { taken_at, animated, facts, .. } = header;
    let facts = known(facts, animated, picture.damage);
    Ok(Analysed { width, height, taken_at, facts, thumbhash, derivatives, faces, times })
}

/// The faces of a picture, as each of the embedders sees them.
fn faces(
    worker: &mut Worker<'_, FaceEngine>,
    picture: &Picture,
    source: PictureSource<'_>,
    models: &[String],
    times: &mut StageTimes,
) -> Result<Vec<(String, Vec<Face>)>, AnalyseError> {
    let found = timed("detect", &mut times.detect, || worker.state.detect(picture, PictureKind::Photo))?;
    worker.next_step()?;
    let larger =
        timed("align", &mut times.align, || worker.state.picture_for_crops(picture, source, &found))?;
    let mut seen = Vec::with_capacity(models.len());
    for model in models {
        worker.state.use_embedder(model)?;
        let crops = timed("align", &mut times.align, || {
            worker.state.align(larger.as_ref().unwrap_or(picture), &found)
        })?;
        let mut faces = Vec::with_capacity(crops.len());
        for crop in crops {
            worker.next_step()?;
            faces.push(timed("embed", &mut times.embed, || worker.state.embed(crop))?);
        }
        seen.push((model.clone(), faces));
    }
    Ok(seen)
}

/// The faces of a file, as each of the embedders sees them, and nothing else of it. It is decoded as large as the
/// pipeline decodes a photo, so that both find the same faces.
///
/// # Errors
/// [`AnalyseError`].
pub(super) fn find_faces(
    worker: &mut Worker<'_, FaceEngine>,
    bytes: &[u8],
    header: &Header,
    models: &[String],
) -> Result<Vec<(String, Vec<Face>)>, AnalyseError> {
    let source = PictureSource { bytes, header };
    let picture = source.at_least(LARGEST)?;
    worker.next_step()?;
    faces(worker, &picture, source, models, &mut StageTimes::default())
}

/// The metadata that is kept of a file.
fn known(facts: imaging::Facts, animated: bool, readable: Option<u8>) -> PhotoFacts {
    let imaging::Facts { camera, written, .. } = facts;
    let Written { taken, rating, label, keywords, caption, creator, copyright } = written;
    PhotoFacts {
        readable,
        offset_minutes: taken.and_then(|taken| taken.offset_minutes),
        camera,
        rating,
        label,
        words: PhotoWords { keywords, caption, creator, copyright, animated },
    }
}

/// Each size is made from the next larger one, so that the large picture is read once.
fn derivatives(picture: &Picture) -> Result<(Vec<(Derivative, Bytes)>, Vec<u8>), ImageError> {
    let mut made = Vec::with_capacity(DERIVATIVE_SIZES.len());
    let mut last: Option<Picture> = None;
    for size in DERIVATIVE_SIZES.into_iter().rev() {
        let next = imaging::resize(last.as_ref().unwrap_or(picture), size, Filter::CatmullRom);
        let jpeg = imaging::encode_jpeg(&next, if size <= TILE { TILE_QUALITY } else { JPEG_QUALITY })?;
        let hash = hex::encode(&Sha256::digest(&jpeg)[..8]);
        made.push((Derivative { size, width: next.width, height: next.height, hash }, jpeg.into()));
        last = Some(next);
    }
    made.reverse();
    Ok((made, imaging::thumbhash(last.as_ref().unwrap_or(picture))))
}

/// A stage of its own in traces too.
fn timed<T>(stage: &'static str, total: &mut Duration, work: impl FnOnce() -> T) -> T {
    let started = Instant::now();
    let result = tracing::info_span!("stage", stage).in_scope(work);
    *total += started.elapsed();
    result
}
