//! Pictures in and out of a hand-off.
//!
//! Every picture is drawn anew: upright, at most 4096 pixels, JPEG, without metadata. A booth gets what it
//! can print (10 × 15 cm at 300 dpi are 1800 pixels) and nothing of where the phone has been.

use std::time::Duration;

use bytes::Bytes;

use super::{Handoff, HandoffError};
use crate::{
    blobs::{BlobError, BlobKey, BlobStream},
    compute::Lane,
    domain::{HandoffId, HandoffPhoto, HandoffPhotoId, HandoffPhotoType},
    events::{Event, Topic},
    imaging::{self, Filter, ImageError},
    store::{NewHandoffPhoto, PicturePlaced},
};

pub const MAX_PHOTO_BYTES: usize = 15 << 20;
const LONGEST_SIDE: u32 = 4096;
/// Between this and the original no difference is seen in print.
const JPEG_QUALITY: u8 = 92;
/// A picture that waits longer than this has too many before it.
const DEADLINE: Duration = Duration::from_secs(30);

/// A picture as it came.
#[derive(Debug, Clone)]
pub struct NewPhoto {
    /// JPEG, PNG or WebP.
    pub bytes: Bytes,
    pub photo_type: HandoffPhotoType,
    /// The file of one message is taken once, however often the message comes.
    pub telegram_file_id: Option<String>,
    /// The same for other senders, who choose a key of their own.
    pub idempotency_key: Option<String>,
}

/// A picture that is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    pub photo: HandoffPhoto,
    /// `false`: the same message or request had brought it before.
    pub is_new: bool,
}

impl Handoff {
    /// Takes a picture, after those of its type that are there. The file is written before the row; the row
    /// decides, so that of two that come at the same time for the last place one is refused.
    ///
    /// # Errors
    /// `NotFound`, `Expired`, `Full`, `Completed`, `PhotoTooLarge`, `Picture`, `QueueFull`, `TimedOut`.
    pub async fn add_photo(&self, id: HandoffId, new: NewPhoto) -> Result<Added, HandoffError> {
        let mut handoff = self.get(id).await?;
        let by_message = new.telegram_file_id.as_ref().map(|file| format!("telegram:{file}"));
        let once = by_message.or(new.idempotency_key.map(|key| format!("key:{key}")));
        if once.is_none() {
            // Before the work; what counts is said with the row.
            handoff.take(new.photo_type)?;
        }
        let jpeg = self.draw(new.bytes).await?;
        let photo = NewHandoffPhoto {
            id: HandoffPhotoId::generate(),
            handoff: id,
            photo_type: new.photo_type,
            telegram_file_id: new.telegram_file_id,
            once,
            bytes: jpeg.len() as u64,
        };
        let key = BlobKey::Handoff { handoff: id, photo: photo.id };
        self.blobs.put(key, jpeg).await?;
        // When it cannot be said whether the row is there, the file stays until the hand-off goes.
        let placed = self.store.handoffs().place(&photo, self.now()).await?;
        let added = match placed {
            PicturePlaced::Added(photo) => {
                self.publish(&photo);
                return Ok(Added { photo, is_new: true });
            }
            PicturePlaced::Before(photo) => Ok(Added { photo, is_new: false }),
            PicturePlaced::Refused(refusal) => Err(refusal.into()),
            PicturePlaced::NoSuchHandoff => Err(HandoffError::NotFound),
        };
        if matches!(added, Err(HandoffError::NotFound)) {
            self.blobs.delete_handoff(id).await?;
        } else {
            self.blobs.delete(key).await?;
        }
        added
    }

    /// Pictures of one type, in order.
    ///
    /// # Errors
    /// `NotFound`, `Expired`.
    pub async fn photos(
        &self,
        id: HandoffId,
        photo_type: HandoffPhotoType,
    ) -> Result<Vec<HandoffPhoto>, HandoffError> {
        self.get(id).await?;
        Ok(self.store.handoffs().photos(id, photo_type).await?)
    }

    /// The results of the booth, in order.
    ///
    /// # Errors
    /// `NotFound`, `Expired`.
    pub async fn results(&self, id: HandoffId) -> Result<Vec<HandoffPhoto>, HandoffError> {
        self.photos(id, HandoffPhotoType::Result).await
    }

    /// One picture.
    ///
    /// # Errors
    /// `NotFound`, `Expired`, `PhotoNotFound`.
    pub async fn photo(&self, id: HandoffId, photo: HandoffPhotoId) -> Result<HandoffPhoto, HandoffError> {
        self.get(id).await?;
        self.store.handoffs().photo(id, photo).await?.ok_or(HandoffError::PhotoNotFound)
    }

    /// A picture with its whole JPEG, for a door that sends it in one piece.
    ///
    /// # Errors
    /// As [`Handoff::photo`], and `Blob`.
    pub async fn picture(
        &self,
        id: HandoffId,
        photo: HandoffPhotoId,
    ) -> Result<(HandoffPhoto, Bytes), HandoffError> {
        let photo = self.photo(id, photo).await?;
        let jpeg = self.blobs.get(BlobKey::Handoff { handoff: id, photo: photo.id }).await?;
        Ok((photo, jpeg))
    }

    /// The JPEG of a picture that was just found, as it is read.
    ///
    /// # Errors
    /// `PhotoNotFound` when it is gone meanwhile; `Blob`.
    pub async fn content(&self, photo: &HandoffPhoto) -> Result<BlobStream, HandoffError> {
        let key = BlobKey::Handoff { handoff: photo.handoff, photo: photo.id };
        match self.blobs.get_stream(key, None).await {
            Err(BlobError::NotFound) => Err(HandoffError::PhotoNotFound),
            other => Ok(other?),
        }
    }

    async fn draw(&self, bytes: Bytes) -> Result<Vec<u8>, HandoffError> {
        if bytes.len() > MAX_PHOTO_BYTES {
            return Err(HandoffError::PhotoTooLarge);
        }
        let drawn = self.compute.run(Lane::Interactive, DEADLINE, move |_| draw(&bytes)).await?;
        drawn.map_err(HandoffError::Picture)
    }

    fn publish(&self, photo: &HandoffPhoto) {
        self.events.publish(photo.handoff, Event::Handoff);
        if photo.photo_type == HandoffPhotoType::Result {
            self.events.publish(Topic::HandoffResults, Event::HandoffResult(photo.handoff));
        }
    }
}

fn draw(bytes: &[u8]) -> Result<Vec<u8>, ImageError> {
    let header = imaging::read_header(bytes)?;
    let mut picture = imaging::decode(bytes, &header, LONGEST_SIDE)?;
    if picture.long_side() > LONGEST_SIDE {
        picture = imaging::resize(&picture, LONGEST_SIDE, Filter::CatmullRom);
    }
    imaging::encode_jpeg(&picture, JPEG_QUALITY)
}
