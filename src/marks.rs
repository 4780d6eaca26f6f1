//! Watermarks: which one a studio has set, and the copies that carry it.
//!
//! A copy is made when it is first asked for, on threads of its own, and kept under a name that holds the
//! mark's hash. While a mark is set guests get nothing larger than [`CLEAN`] without it. Copies with an
//! earlier mark are removed by [`Marks::tidy`], those of an erased photo with the photo.
//!
//! # How a watermark is drawn
//!
//! `imaging/mark.rs` draws the mark: one tilted tile (the words as SVG by resvg, or the logo, white with a
//! dark edge), laid over the picture again and again in one pass. A picture of 2048 × 1365 costs 37 ms of
//! one core: decoding 10, the mark 6, encoding 21; a mark's first picture 20 to 80 more for its tile
//! (`cargo bench --bench stages watermark`). [`Marks`] makes a copy when it is first asked for,
//! on two threads of its own, and keeps it beside the derivatives as `{size}-{hash}-{mark}.jpg`. The mark's
//! hash is over everything that it looks like, so nothing is ever overwritten and caches need no
//! invalidation. Copies with an earlier mark are found by their rows and removed within a minute; those of
//! an erased photo go with its folder, and a copy that is finished after its photo was erased finds no row
//! to belong to and is deleted by who made it. Which address a viewer gets is decided where JSON is made
//! (`Picture::new`), whether it is honoured in `guests/visit.rs`.

mod link_picture;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use moka::future::Cache;
use sha2::{Digest, Sha256};

use crate::{
    blobs::{BlobError, BlobKey, Blobs},
    compute::{Capacity, Compute, ComputeError, Lane},
    domain::{Clock, Derivative, Photo, PhotoId, PhotoSession, StudioId, Watermark, WatermarkKind},
    imaging::{self, EmptyMark, ImageError, Mark, Picture},
    store::{FileSum, Remake, Store, StoreError},
    telemetry,
};

pub use link_picture::LINK_PICTURE;

/// Long side, in pixels, of what guests see without a mark.
pub const CLEAN: u32 = 320;
/// A change of how marks are drawn needs a new number: it is in the name of every copy.
const DRAWING: &str = "pixora mark 1";
const JPEG_QUALITY: u8 = 82;
/// A guest's page waits for a picture no longer.
const DEADLINE: Duration = Duration::from_secs(20);
/// Of copies that were just made or read: a crowd opens the same pictures.
const KEPT_BYTES: u64 = 64 << 20;
const KEPT_FOR: Duration = Duration::from_secs(30);
/// Copies removed in one transaction.
const REMOVED_AT_ONCE: u32 = 200;

#[derive(Debug, thiserror::Error)]
pub enum MarkError {
    /// The photo or its file is gone.
    #[error("there is no such picture")]
    NotFound,
    /// Its file is gone or damaged, and is being made again.
    #[error("the picture is being made again from its original")]
    Remaking,
    #[error(transparent)]
    Empty(#[from] EmptyMark),
    #[error("too many pictures are waiting for their mark")]
    QueueFull { retry_after: Duration },
    #[error("the mark was not drawn in time")]
    TimedOut,
    #[error("the mark cannot be drawn: {0}")]
    Drawing(String),
    #[error(transparent)]
    Blob(BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ComputeError> for MarkError {
    fn from(error: ComputeError) -> Self {
        match error {
            ComputeError::Full { retry_after } => Self::QueueFull { retry_after },
            ComputeError::TimedOut => Self::TimedOut,
            ComputeError::Panicked(text) => Self::Drawing(text),
        }
    }
}

impl From<BlobError> for MarkError {
    fn from(error: BlobError) -> Self {
        match error {
            BlobError::NotFound => Self::NotFound,
            other => Self::Blob(other),
        }
    }
}

impl From<ImageError> for MarkError {
    fn from(error: ImageError) -> Self {
        Self::Drawing(error.to_string())
    }
}

/// The mark that a studio's guests see now.
pub struct StudioMark {
    pub studio: StudioId,
    /// Over everything that changes how it looks.
    pub hash: u64,
    mark: Mark,
}

impl StudioMark {
    /// The hash as it stands in names: 16 hex digits.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{:016x}", self.hash)
    }

    /// Where the copy of a derivative that guests get lies: the derivative itself where it is small.
    #[must_use]
    pub fn key_of(&self, clean: BlobKey) -> BlobKey {
        match clean {
            BlobKey::Derivative { size, .. } if size > CLEAN => clean.marked(self.hash).unwrap_or(clean),
            other => other,
        }
    }
}

/// Makes and keeps marked copies. Cheap to clone.
#[derive(Clone)]
pub struct Marks {
    store: Store,
    blobs: Blobs,
    compute: Compute<()>,
    clock: Clock,
    current: Cache<StudioId, Option<Arc<StudioMark>>>,
    made: Cache<BlobKey, Bytes>,
    links: Cache<BlobKey, Bytes>,
}

impl Marks {
    /// # Errors
    /// When the operating system refuses a thread.
    pub fn start(
        store: Store,
        blobs: Blobs,
        threads: usize,
        clock: Clock,
    ) -> Result<Self, rayon::ThreadPoolBuildError> {
        let compute =
            Compute::start("marks", vec![(); threads.max(1)], Capacity { interactive: 256, batch: 64 })?;
        let weigher = |_: &BlobKey, bytes: &Bytes| u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let kept =
            |bytes| Cache::builder().weigher(weigher).max_capacity(bytes).time_to_live(KEPT_FOR).build();
        Ok(Self {
            store,
            blobs,
            compute,
            clock,
            current: Cache::builder().max_capacity(1_000).time_to_live(KEPT_FOR).build(),
            made: kept(KEPT_BYTES),
            links: kept(KEPT_BYTES / 8),
        })
    }

    /// The studio's watermark; `None` when it has none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn setting(&self, studio: StudioId) -> Result<Option<Watermark>, StoreError> {
        self.store.watermarks().get(studio).await
    }

    /// Sets a mark or, with `None`, removes it. Guests see the change at once; earlier copies go within a
    /// minute.
    ///
    /// # Errors
    /// [`MarkError::Empty`] when it would show nothing.
    pub async fn set(
        &self,
        studio: StudioId,
        watermark: Option<Watermark>,
        now: DateTime<Utc>,
    ) -> Result<(), MarkError> {
        if let Some(watermark) = &watermark {
            self.drawn(studio, watermark.clone()).await?;
        }
        self.store.watermarks().set(studio, watermark.as_ref(), now).await?;
        self.forget(studio).await;
        Ok(())
    }

    /// The studio's logo or name may have changed.
    pub async fn forget(&self, studio: StudioId) {
        self.current.invalidate(&studio).await;
    }

    /// The mark that guests see over a session's pictures; `None` when the session or its studio has none.
    ///
    /// # Errors
    /// [`MarkError`]; nothing clean may be shown then.
    pub async fn over(&self, session: &PhotoSession) -> Result<Option<Arc<StudioMark>>, Arc<MarkError>> {
        if session.terms.watermark { self.current(session.studio_id).await } else { Ok(None) }
    }

    /// The studio's mark; `None` when there is none.
    async fn current(&self, studio: StudioId) -> Result<Option<Arc<StudioMark>>, Arc<MarkError>> {
        let load = async {
            let Some(watermark) = self.setting(studio).await? else { return Ok(None) };
            match self.drawn(studio, watermark).await {
                // The logo has gone since: something must still protect the pictures.
                Err(MarkError::Empty(_)) => {
                    let stand_in = Watermark {
                        kind: WatermarkKind::Text,
                        text: Some("©".to_owned()),
                        logo: None,
                        opacity: 50,
                    };
                    self.drawn(studio, stand_in).await.map(Some)
                }
                other => other.map(Some),
            }
        };
        let mark = self.current.entry(studio).or_try_insert_with(load).await;
        mark.map(|mark| {
            telemetry::cache_asked("marks", !mark.is_fresh());
            mark.into_value()
        })
    }

    async fn drawn(&self, studio: StudioId, watermark: Watermark) -> Result<Arc<StudioMark>, MarkError> {
        let Watermark { kind, text, logo, opacity } = watermark;
        let logo = match (kind, logo) {
            (WatermarkKind::Logo, None) => {
                self.store.studios().branding(studio).await?.and_then(|branding| branding.logo)
            }
            (_, logo) => logo,
        };
        let draw = move || {
            let (shown, mark) = match kind {
                WatermarkKind::Text => {
                    let text = text.unwrap_or_default();
                    let mark = Mark::text(&text, opacity)?;
                    (text.into_bytes(), mark)
                }
                WatermarkKind::Logo => {
                    let logo = logo.ok_or(EmptyMark)?;
                    let mark = Mark::logo(&logo, opacity)?;
                    (logo, mark)
                }
            };
            let digest = Sha256::new_with_prefix(DRAWING).chain_update(format!(" {kind} {opacity} "));
            let digest = digest.chain_update(shown).finalize();
            let hash = digest[..8].iter().fold(0, |hash, byte| hash << 8 | u64::from(*byte));
            Ok(Arc::new(StudioMark { studio, hash, mark }))
        };
        self.compute.run(Lane::Interactive, DEADLINE, move |_| draw()).await?
    }

    /// The copy of a derivative that carries the mark, as JPEG.
    async fn copy(
        &self,
        photo: &Photo,
        derivative: &Derivative,
        mark: &Arc<StudioMark>,
    ) -> Result<Bytes, Arc<MarkError>> {
        let clean = key(photo, derivative)?;
        let key = mark.key_of(clean);
        let load = async {
            if key == clean {
                return self.clean(photo.id, clean).await;
            }
            match self.blobs.get(key).await {
                Ok(bytes) if self.is_sound(photo.id, key, &bytes).await? => Ok(bytes),
                Ok(_) | Err(BlobError::NotFound) => {
                    self.make(photo.id, clean, mark, Lane::Interactive).await.map(|(jpeg, _)| jpeg)
                }
                Err(error) => Err(error.into()),
            }
        };
        let copy = self.made.entry(key).or_try_insert_with(load).await;
        copy.map(|copy| {
            telemetry::cache_asked("marked_pictures", !copy.is_fresh());
            copy.into_value()
        })
    }

    /// A derivative as guests see it: with the mark, where there is one.
    ///
    /// # Errors
    /// [`MarkError`].
    pub async fn picture(
        &self,
        photo: &Photo,
        derivative: &Derivative,
        mark: Option<&Arc<StudioMark>>,
    ) -> Result<Bytes, Arc<MarkError>> {
        match mark {
            Some(mark) => self.copy(photo, derivative, mark).await,
            None => Ok(self.clean(photo.id, key(photo, derivative)?).await?),
        }
    }

    /// A derivative as the pipeline made it. One that is gone or damaged is queued to be made again.
    ///
    /// # Errors
    /// [`MarkError::Remaking`] until that is done; `NotFound` when the photo or its original is gone, too.
    async fn clean(&self, photo: PhotoId, key: BlobKey) -> Result<Bytes, MarkError> {
        let fault = match self.blobs.get(key).await {
            Ok(bytes) if self.is_sound(photo, key, &bytes).await? => return Ok(bytes),
            Ok(_) => "derivative_damaged",
            Err(BlobError::NotFound) => "derivative_missing",
            Err(error) => return Err(error.into()),
        };
        let BlobKey::Derivative { session, .. } = key else { return Err(MarkError::NotFound) };
        let original = self.store.photos().get(photo).await?.map_or(photo, |photo| photo.original);
        if self.blobs.length(BlobKey::original(session, original)).await?.is_none() {
            return Err(MarkError::NotFound);
        }
        match self.store.jobs().remake(photo, (self.clock)()).await? {
            Remake::NotReady => Err(MarkError::NotFound),
            Remake::Waiting => Err(MarkError::Remaking),
            Remake::Queued => {
                tracing::error!(%photo, code = fault, "a picture is made again from its original");
                Err(MarkError::Remaking)
            }
        }
    }

    /// Whether a file is what was written, as far as that was noted.
    async fn is_sound(&self, photo: PhotoId, key: BlobKey, bytes: &[u8]) -> Result<bool, StoreError> {
        let sum = self.store.files().sum(photo, &key.name()).await?;
        Ok(sum.is_none_or(|sum| sum.is_of(bytes)))
    }

    /// Makes a marked copy and keeps it: the file first, then its row, which says that it is whole.
    ///
    /// # Errors
    /// [`MarkError`].
    pub(crate) async fn make(
        &self,
        photo: PhotoId,
        clean: BlobKey,
        mark: &Arc<StudioMark>,
        lane: Lane,
    ) -> Result<(Bytes, FileSum), MarkError> {
        let key = mark.key_of(clean);
        let bytes = self.clean(photo, clean).await?;
        let with = Arc::clone(mark);
        let draw = move || -> Result<_, MarkError> {
            let header = imaging::read_header(&bytes)?;
            let mut picture = imaging::decode(&bytes, &header, header.long_side())?;
            with.mark.lay_over(&mut picture);
            let jpeg = imaging::encode_jpeg(&picture, JPEG_QUALITY)?;
            let crc32 = crc32fast::hash(&jpeg);
            Ok((Bytes::from(jpeg), crc32))
        };
        let (jpeg, crc32) = self.compute.run(lane, DEADLINE, move |_| draw()).await??;
        self.blobs.put(key, jpeg.clone()).await?;
        let sum = FileSum {
            name: key.name(),
            bytes: jpeg.len() as u64,
            crc32,
            mark: Some((mark.studio, mark.id())),
        };
        if !self.store.files().keep(photo, &sum).await? {
            // Erased while we drew: nothing of it may stay.
            self.blobs.delete(key).await?;
            return Err(MarkError::NotFound);
        }
        Ok((jpeg, sum))
    }

    /// A sample under a mark that need not be set: light, dark and colours, as JPEG.
    ///
    /// # Errors
    /// [`MarkError`].
    pub async fn sample(&self, studio: StudioId, watermark: Option<Watermark>) -> Result<Vec<u8>, MarkError> {
        let mark = match watermark {
            Some(watermark) => Some(self.drawn(studio, watermark).await?),
            None => None,
        };
        let draw = move || {
            let mut picture = sample();
            if let Some(mark) = mark {
                mark.mark.lay_over(&mut picture);
            }
            Ok(imaging::encode_jpeg(&picture, JPEG_QUALITY)?)
        };
        self.compute.run(Lane::Interactive, DEADLINE, move |_| draw()).await?
    }

    /// Removes copies whose mark is not shown any more; returns how many. Call it now and then.
    ///
    /// # Errors
    /// [`MarkError`]; the rest goes the next time.
    pub async fn tidy(&self) -> Result<u64, Arc<MarkError>> {
        let mut removed = 0;
        for (studio, mark) in self.store.files().marks().await.map_err(MarkError::from)? {
            if self.current(studio).await?.is_some_and(|current| current.id() == mark) {
                continue;
            }
            removed += self.remove(studio, &mark).await?;
        }
        Ok(removed)
    }

    async fn remove(&self, studio: StudioId, mark: &str) -> Result<u64, MarkError> {
        let mut removed = 0;
        loop {
            let copies = self.store.files().marked(studio, mark, REMOVED_AT_ONCE).await?;
            if copies.is_empty() {
                return Ok(removed);
            }
            removed += copies.len() as u64;
            for (session, photo, name) in &copies {
                if let Some(key) = BlobKey::named(*session, *photo, name) {
                    self.blobs.delete(key).await?;
                }
            }
            let rows: Vec<_> = copies.into_iter().map(|(_, photo, name)| (photo, name)).collect();
            self.store.files().forget(&rows).await?;
        }
    }
}

/// # Errors
/// A row that names no file.
pub(crate) fn key(photo: &Photo, derivative: &Derivative) -> Result<BlobKey, MarkError> {
    BlobKey::derivative(photo.photo_session_id, photo.id, derivative).ok_or(MarkError::NotFound)
}

/// From dark on the left to light on the right, in the colours of skin, grass and sky.
fn sample() -> Picture {
    const WIDTH: u32 = 1024;
    const HEIGHT: u32 = 683;
    let bands: [[f32; 3]; 3] = [[0.62, 0.78, 1.0], [1.0, 0.82, 0.7], [0.6, 0.85, 0.5]];
    let pixel = |x: u32, y: u32| {
        let light = 18.0 + 232.0 * x as f32 / WIDTH as f32;
        let band = bands[(y * 3 / HEIGHT) as usize];
        band.map(|part| (light * part) as u8)
    };
    let rgb = (0..HEIGHT).flat_map(|y| (0..WIDTH).flat_map(move |x| pixel(x, y))).collect();
    Picture::new(WIDTH, HEIGHT, rgb)
}
