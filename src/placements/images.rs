//! Customers' pictures: taken in, kept without metadata, given a code, swept away when nothing needs them.

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Placements, Viewer,
    overlay::{self, CodeArea, Drawn, OverlayError},
    rules,
};
use crate::{
    blobs::{BlobError, BlobKey},
    compute::{ComputeError, Lane},
    domain::{CustomerImage, CustomerImageId, ImageCode, UserId},
    imaging::{self, Filter, ImageError, Picture},
    store::StoreError,
};

/// Of a file that comes in.
pub const MAX_IMAGE_BYTES: usize = 20 << 20;
/// Long side of what is kept, in pixels; a larger picture is made smaller.
const LARGEST: u32 = 6000;
/// JPEG quality of a kept picture.
const QUALITY: u8 = 92;
/// A picture is worked on for a second or two; who waits longer has too many before them.
const DEADLINE: Duration = Duration::from_secs(60);
/// Within this somebody may still be writing the order for a new picture.
const NEW: TimeDelta = TimeDelta::hours(24);

/// Why a picture is not taken, made or shown.
#[derive(Debug, thiserror::Error)]
pub enum ImageRefusal {
    #[error("there is no such picture")]
    NotFound,
    #[error("the target of the code is no http or https link")]
    InvalidTarget,
    /// No picture, or of a kind that we do not take.
    #[error(transparent)]
    Unsupported(ImageError),
    #[error(transparent)]
    TooLarge(ImageError),
    #[error(transparent)]
    Undecodable(ImageError),
    /// A code for this link cannot be had on a picture of this size.
    #[error(transparent)]
    DoesNotFit(OverlayError),
    #[error(transparent)]
    Unreadable(OverlayError),
    #[error("too many pictures are waiting")]
    QueueFull { retry_after: Duration },
    #[error("the picture was not made in time")]
    TimedOut,
    #[error("the picture cannot be made: {0}")]
    Drawing(String),
    #[error(transparent)]
    Blob(BlobError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ImageError> for ImageRefusal {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::UnsupportedType(_)
            | ImageError::HeicUnsupported
            | ImageError::RawWithoutPreview { .. } => Self::Unsupported(error),
            ImageError::TooManyPixels { .. } | ImageError::TooComplex => Self::TooLarge(error),
            ImageError::EmptyFile
            | ImageError::EmptyPicture { .. }
            | ImageError::Truncated { .. }
            | ImageError::Damaged(_) => Self::Undecodable(error),
        }
    }
}

impl From<OverlayError> for ImageRefusal {
    fn from(error: OverlayError) -> Self {
        match error {
            OverlayError::Image(error) => error.into(),
            OverlayError::DoesNotFit { .. } => Self::DoesNotFit(error),
            OverlayError::Unreadable => Self::Unreadable(error),
        }
    }
}

impl From<ComputeError> for ImageRefusal {
    fn from(error: ComputeError) -> Self {
        match error {
            ComputeError::Full { retry_after } => Self::QueueFull { retry_after },
            ComputeError::TimedOut => Self::TimedOut,
            ComputeError::Panicked(text) => Self::Drawing(text),
        }
    }
}

impl From<BlobError> for ImageRefusal {
    fn from(error: BlobError) -> Self {
        match error {
            // A crash between its row and its file, or the sweep between ours.
            BlobError::NotFound => Self::NotFound,
            other => Self::Blob(other),
        }
    }
}

/// The picture on which a code is drawn.
pub enum PictureSource {
    /// A file as it came in.
    File(Bytes),
    /// A picture that is here; if it has a code already, the picture without the code.
    Stored(CustomerImageId),
}

/// A picture with its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Processed {
    pub image: CustomerImage,
    pub area: CodeArea,
}

/// A picture as its two files.
struct Made {
    whole: Vec<u8>,
    preview: Vec<u8>,
    width: u32,
    height: u32,
}

impl Placements {
    /// Takes a picture in: JPEG, PNG or WebP by its content. Kept upright, without metadata, as JPEG.
    ///
    /// # Errors
    /// `Unsupported`, `TooLarge`, `Undecodable`, and when the server is busy or broken.
    pub async fn take(
        &self,
        customer: UserId,
        file: Bytes,
        now: DateTime<Utc>,
    ) -> Result<CustomerImage, ImageRefusal> {
        let made = self.compute.run(Lane::Interactive, DEADLINE, move |_| kept(&file)).await??;
        self.keep(customer, None, made, now).await
    }

    /// Draws a code for `target_url` on a picture.
    ///
    /// # Errors
    /// `InvalidTarget`, `NotFound`, `DoesNotFit`, `Unreadable`, and as [`Placements::take`].
    pub async fn process(
        &self,
        customer: UserId,
        source: PictureSource,
        target_url: &str,
        now: DateTime<Utc>,
    ) -> Result<Processed, ImageRefusal> {
        let url = rules::target(target_url).ok_or(ImageRefusal::InvalidTarget)?;
        let source = match source {
            PictureSource::File(file) => self.take(customer, file, now).await?.id,
            PictureSource::Stored(id) => {
                let image = self.image(Viewer::Customer(customer), id).await?;
                image.code.map_or(id, |code| code.source)
            }
        };
        let file = self.blobs.get(BlobKey::CustomerImage { customer, image: source, preview: false }).await?;
        let drawn = self.compute.run(Lane::Interactive, DEADLINE, move |_| coded(&file, &url)).await??;
        let made =
            Made { whole: drawn.whole, preview: drawn.preview, width: drawn.width, height: drawn.height };
        let code = ImageCode { source, target_url: target_url.trim().to_owned() };
        let image = self.keep(customer, Some(code), made, now).await?;
        Ok(Processed { image, area: drawn.area })
    }

    /// The row of a picture.
    ///
    /// # Errors
    /// `NotFound`, also for what is another's.
    pub async fn image(&self, viewer: Viewer, id: CustomerImageId) -> Result<CustomerImage, ImageRefusal> {
        let image = self.store.customer_images().get(id).await?;
        image.filter(|image| viewer.sees(image.customer)).ok_or(ImageRefusal::NotFound)
    }

    /// The file of a picture: JPEG.
    ///
    /// # Errors
    /// As [`Placements::image`].
    pub async fn file(
        &self,
        viewer: Viewer,
        id: CustomerImageId,
        preview: bool,
    ) -> Result<Bytes, ImageRefusal> {
        let CustomerImage { customer, .. } = self.image(viewer, id).await?;
        Ok(self.blobs.get(BlobKey::CustomerImage { customer, image: id, preview }).await?)
    }

    /// Below what lies on a picture, for whoever resumes the draft.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn source_of(&self, id: CustomerImageId) -> Result<Option<CustomerImageId>, StoreError> {
        self.store.customer_images().source_of(id).await
    }

    /// The row first: a file without a row would be found by nobody.
    async fn keep(
        &self,
        customer: UserId,
        code: Option<ImageCode>,
        made: Made,
        now: DateTime<Utc>,
    ) -> Result<CustomerImage, ImageRefusal> {
        let Made { whole, preview, width, height } = made;
        let id = CustomerImageId::generate();
        let image = CustomerImage { id, customer, code, width, height, created_at: now };
        self.store.customer_images().add(&image).await?;
        for (preview, file) in [(false, whole), (true, preview)] {
            self.blobs.put(BlobKey::CustomerImage { customer, image: id, preview }, file).await?;
        }
        Ok(image)
    }

    /// Removes pictures that no order needs and that are not new; returns how many.
    ///
    /// # Errors
    /// Remaining pictures are removed next time.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<usize, ImageRefusal> {
        let doomed = self.store.customer_images().doom_unused(now - NEW).await?;
        for &(customer, image) in &doomed {
            for preview in [false, true] {
                self.blobs.delete(BlobKey::CustomerImage { customer, image, preview }).await?;
            }
            self.store.customer_images().remove(image).await?;
        }
        Ok(doomed.len())
    }
}

fn coded(file: &[u8], url: &str) -> Result<Drawn, OverlayError> {
    let header = imaging::read_header(file)?;
    overlay::draw(imaging::decode(file, &header, header.long_side())?, url)
}

fn kept(file: &[u8]) -> Result<Made, ImageError> {
    let header = imaging::read_header(file)?;
    let picture = imaging::decode(file, &header, LARGEST)?;
    let picture: Picture = imaging::resize(&picture, LARGEST, Filter::CatmullRom);
    Ok(Made {
        whole: imaging::encode_jpeg(&picture, QUALITY)?,
        preview: imaging::encode_jpeg(
            &imaging::resize(&picture, overlay::PREVIEW, Filter::CatmullRom),
            QUALITY,
        )?,
        width: picture.width,
        height: picture.height,
    })
}
