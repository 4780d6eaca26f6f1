//! A ready photo is looked at by another embedding model, from its original, beside what it has.
//!
//! Every step may run again after a crash: vectors are named by photo, face number and model, and the rows, with
//! the note that the model has looked at the photo, come last in one transaction.

use std::sync::Arc;

use super::process::face_rows;
use crate::{
    blobs::{BlobError, BlobKey, Blobs},
    domain::{FaceId, Photo},
    imaging::{self, ImageError, PictureSource},
    index::{FaceIndex, IndexError, IndexedFace},
    store::{Store, StoreError},
    vision::{DetectOptions, Face, FaceEngine, VisionError},
};

/// As large as the pipeline decodes a photo, so that both find the same faces.
const LONG_SIDE: u32 = crate::domain::DERIVATIVE_SIZES[2];

#[derive(Debug, thiserror::Error)]
pub enum ReembedError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the original: {0}")]
    Blob(#[from] BlobError),
    #[error("the original: {0}")]
    Image(#[from] ImageError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Vision(#[from] VisionError),
}

impl ReembedError {
    /// Whether only this photo is concerned, so that the others can be gone on with.
    #[must_use]
    pub fn is_of_one_photo(&self) -> bool {
        matches!(self, Self::Blob(BlobError::NotFound) | Self::Image(_))
    }
}

pub struct Reembedder {
    pub store: Store,
    pub blobs: Blobs,
    /// Of the new model.
    pub index: Arc<dyn FaceIndex>,
    pub engine: FaceEngine,
}

impl Reembedder {
    /// Returns how many faces the photo has, or `None` when it was erased meanwhile.
    ///
    /// # Errors
    /// [`ReembedError`]; the photo is as before.
    pub async fn reembed(&mut self, photo: &Photo) -> Result<Option<usize>, ReembedError> {
        let session = photo.photo_session_id;
        let bytes = self.blobs.get(BlobKey::original(session, photo.id)).await?;
        let engine = &mut self.engine;
        #[expect(
            clippy::disallowed_methods,
            reason = "the command's only task: nothing else waits for this thread"
        )]
        let (faces, width, height) = tokio::task::block_in_place(|| look(engine, &bytes))?;
        let model = self.engine.embedder_name().to_owned();
        let rows = face_rows(photo.id, &model, &faces, width, height);
        let ids: Vec<FaceId> = rows.iter().map(|row| row.id).collect();
        let vectors = rows.iter().map(|row| IndexedFace {
            id: row.id,
            photo_id: photo.id,
            vector: row.embedding.clone(),
        });
        self.index.upsert(session, vectors.collect()).await?;
        if self.store.photos().add_model(photo.id, &model, &rows).await? {
            return Ok(Some(rows.len()));
        }
        self.index.delete_faces(session, &ids).await?;
        Ok(None)
    }
}

fn look(engine: &mut FaceEngine, bytes: &[u8]) -> Result<(Vec<Face>, u32, u32), ReembedError> {
    let header = imaging::probe(bytes)?;
    let source = PictureSource { bytes, header: &header };
    let picture = source.at_least(LONG_SIDE)?;
    let found = engine.detect(&picture, DetectOptions::Photo)?;
    let larger = engine.picture_for_crops(&picture, source, &found)?;
    let crops = engine.align(larger.as_ref().unwrap_or(&picture), &found)?;
    let faces = crops.into_iter().map(|crop| engine.embed(crop)).collect::<Result<Vec<_>, _>>()?;
    let (width, height) = header.upright_size();
    Ok((faces, width, height))
}
