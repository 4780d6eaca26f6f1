//! The one who looks at a picture that is not kept.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Semaphore;

use crate::{
    compute::{Compute, ComputeError, Lane},
    domain::{Clock, FaceId, FaceRow, PhotoId, PhotoSessionId},
    embedders::{EmbedderError, Embedders, EveryIndex},
    imaging::{Header, ImageError},
    index::{FaceIndex, IndexError},
    photos::{
        analyse::{AnalyseError, find_faces},
        process::{face_rows, vectors},
    },
    vision::{FaceEngine, VisionError},
};

/// Less than a request may take.
const DEADLINE: Duration = Duration::from_secs(110);

#[derive(Debug, thiserror::Error)]
pub enum FindError {
    #[error(transparent)]
    Picture(#[from] ImageError),
    #[error(transparent)]
    Compute(#[from] ComputeError),
    #[error(transparent)]
    Embedder(#[from] EmbedderError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Vision(#[from] VisionError),
}

impl FindError {
    /// Whether something is away or overloaded, which says nothing of the picture.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Compute(error) => error.is_overload(),
            Self::Embedder(error) => error.is_outage(),
            Self::Index(error) => error.is_outage(),
            Self::Picture(_) | Self::Vision(_) => false,
        }
    }
}

/// The faces of one photo, by the model that embedded them, the one in use first.
pub type PhotoFaces = Vec<(String, Vec<FaceRow>)>;

/// What was seen in a picture.
#[derive(Debug, Clone)]
pub struct Found {
    /// Upright; pixels.
    pub width: u32,
    pub height: u32,
    pub faces: PhotoFaces,
}

/// Finds the faces of a picture, and writes their vectors.
#[async_trait]
pub trait FaceFinder: Send + Sync {
    /// The models that look at a new picture, the one in use first.
    async fn models(&self) -> Result<Vec<String>, FindError>;

    /// Looks at a picture with each of them; nothing is written.
    async fn look(&self, photo: PhotoId, picture: Bytes, header: Header) -> Result<Found, FindError>;

    /// Writes the vectors of faces. `Ok` means durable.
    async fn write(&self, session: PhotoSessionId, faces: &PhotoFaces) -> Result<(), FindError>;

    /// Removes vectors, from the index of every model.
    async fn take_back(&self, session: PhotoSessionId, faces: &[FaceId]) -> Result<(), FindError>;
}

/// Finds faces as the pipeline does.
pub struct PipelineFinder {
    pub embedders: Embedders,
    pub compute: Compute<FaceEngine>,
    /// So many pictures at a time: the others of the lane are the pipeline's.
    pub looking: Semaphore,
    pub clock: Clock,
}

impl PipelineFinder {
    #[must_use]
    pub fn shared(embedders: Embedders, compute: Compute<FaceEngine>, clock: Clock) -> Arc<dyn FaceFinder> {
        let looking = Semaphore::new(compute.threads() + 1);
        Arc::new(Self { embedders, compute, looking, clock })
    }
}

#[async_trait]
impl FaceFinder for PipelineFinder {
    async fn models(&self) -> Result<Vec<String>, FindError> {
        let looking = self.embedders.looking((self.clock)()).await?;
        Ok(looking.iter().map(|embedder| embedder.info.name.clone()).collect())
    }

    async fn look(&self, photo: PhotoId, picture: Bytes, header: Header) -> Result<Found, FindError> {
        // Nobody closes the semaphore.
        let _turn = self.looking.acquire().await;
        let models = self.models().await?;
        let work = move |worker: &mut crate::compute::Worker<'_, FaceEngine>| {
            find_faces(worker, &picture, &header, &models).map(|faces| (faces, header.upright_size()))
        };
        let (seen, (width, height)) = match self.compute.run(Lane::Batch, DEADLINE, work).await? {
            Ok(seen) => seen,
            Err(AnalyseError::Image(error)) => return Err(error.into()),
            Err(AnalyseError::Vision(error)) => return Err(error.into()),
            Err(AnalyseError::Abandoned(_) | AnalyseError::Changed) => {
                return Err(ComputeError::TimedOut.into());
            }
        };
        let faces = seen.into_iter().map(|(model, faces)| {
            let rows = face_rows(photo, &model, &faces, width, height);
            (model, rows)
        });
        Ok(Found { width, height, faces: faces.collect() })
    }

    async fn write(&self, session: PhotoSessionId, faces: &PhotoFaces) -> Result<(), FindError> {
        for (model, rows) in faces {
            self.embedders.get(model).await?.index.upsert(session, vectors(rows)).await?;
        }
        Ok(())
    }

    async fn take_back(&self, session: PhotoSessionId, faces: &[FaceId]) -> Result<(), FindError> {
        Ok(EveryIndex(self.embedders.clone()).delete_faces(session, faces).await?)
    }
}
