//! Erases from every model's index, not only from the one in use.

use std::collections::HashMap;

use async_trait::async_trait;

use super::{Embedder, EmbedderError, Embedders};
use crate::{
    domain::{FaceId, PhotoId, PhotoSessionId},
    index::{FaceIndex, Hit, IndexError, IndexedFace, Wiped},
};

/// The indexes of all models as one: deletions reach all of them, counts are sums. Faces are written to and searched in
/// the index of the model in use.
pub struct EveryIndex(pub Embedders);

impl EveryIndex {
    async fn all(&self) -> Result<Vec<std::sync::Arc<Embedder>>, IndexError> {
        self.0.all().await.map_err(words)
    }

    async fn used(&self) -> Result<std::sync::Arc<Embedder>, IndexError> {
        let roles = self.0.roles().await.map_err(words)?;
        self.0.get(&roles.used).await.map_err(words)
    }
}

fn words(error: EmbedderError) -> IndexError {
    match error {
        EmbedderError::Index(error) => error,
        error => IndexError::Unavailable(error.to_string()),
    }
}

#[async_trait]
impl FaceIndex for EveryIndex {
    async fn upsert(&self, session: PhotoSessionId, faces: Vec<IndexedFace>) -> Result<(), IndexError> {
        self.used().await?.index.upsert(session, faces).await
    }

    async fn search(
        &self,
        session: PhotoSessionId,
        probe: &[f32],
        limit: usize,
        min_cosine: f32,
    ) -> Result<Vec<Hit>, IndexError> {
        self.used().await?.index.search(session, probe, limit, min_cosine).await
    }

    async fn delete_faces(&self, session: PhotoSessionId, ids: &[FaceId]) -> Result<(), IndexError> {
        for each in self.all().await? {
            each.index.delete_faces(session, ids).await?;
        }
        Ok(())
    }

    async fn delete_session(&self, session: PhotoSessionId) -> Result<(), IndexError> {
        for each in self.all().await? {
            each.index.delete_session(session).await?;
        }
        Ok(())
    }

    async fn count(&self, session: PhotoSessionId) -> Result<u64, IndexError> {
        let mut count = 0;
        for each in self.all().await? {
            count += each.index.count(session).await?;
        }
        Ok(count)
    }

    async fn total(&self) -> Result<u64, IndexError> {
        let mut total = 0;
        for each in self.all().await? {
            total += each.index.total().await?;
        }
        Ok(total)
    }

    async fn counts(&self) -> Result<HashMap<PhotoSessionId, u64>, IndexError> {
        let mut counts: HashMap<PhotoSessionId, u64> = HashMap::new();
        for each in self.all().await? {
            for (session, count) in each.index.counts().await? {
                *counts.entry(session).or_default() += count;
            }
        }
        Ok(counts)
    }

    async fn faces(&self, session: PhotoSessionId) -> Result<HashMap<FaceId, PhotoId>, IndexError> {
        let mut faces = HashMap::new();
        for each in self.all().await? {
            faces.extend(each.index.faces(session).await?);
        }
        Ok(faces)
    }

    async fn health(&self) -> Result<(), IndexError> {
        self.0.first().index.health().await
    }

    async fn maintain(&self) -> Result<(), IndexError> {
        for each in self.all().await? {
            each.index.maintain().await?;
        }
        Ok(())
    }

    async fn wipe(&self) -> Result<Wiped, IndexError> {
        self.0.wipe().await.map_err(words)
    }
}
