//! A plain scan over vectors in memory: the oracle that the other indexes are tested against, and
//! what `pixora eval` searches. Nothing is durable.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use async_trait::async_trait;

use super::{FaceIndex, Hit, IndexError, IndexedFace, check_dimension};
use crate::domain::{FaceId, PhotoId, PhotoSessionId};

type Sessions = HashMap<PhotoSessionId, HashMap<FaceId, (PhotoId, Vec<f32>)>>;

#[derive(Debug)]
pub struct ExactIndex {
    dimension: usize,
    sessions: RwLock<Sessions>,
}

impl ExactIndex {
    #[must_use]
    pub fn new(dimension: usize) -> Self {
        Self { dimension, sessions: RwLock::default() }
    }

    fn read(&self) -> RwLockReadGuard<'_, Sessions> {
        self.sessions.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Sessions> {
        self.sessions.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl FaceIndex for ExactIndex {
    async fn upsert(&self, session: PhotoSessionId, faces: Vec<IndexedFace>) -> Result<(), IndexError> {
        for face in &faces {
            check_dimension(self.dimension, &face.vector)?;
        }
        let mut sessions = self.write();
        let stored = sessions.entry(session).or_default();
        stored.extend(faces.into_iter().map(|face| (face.id, (face.photo_id, face.vector))));
        Ok(())
    }

    async fn search(
        &self,
        session: PhotoSessionId,
        probe: &[f32],
        limit: usize,
        min_cosine: f32,
    ) -> Result<Vec<Hit>, IndexError> {
        check_dimension(self.dimension, probe)?;
        let sessions = self.read();
        let mut found: Vec<_> = sessions
            .get(&session)
            .into_iter()
            .flatten()
            .map(|(id, (photo_id, vector))| (cosine(probe, vector), *id, *photo_id, vector))
            .filter(|(cosine, ..)| *cosine >= min_cosine)
            .collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(limit);
        let hit = |(cosine, face_id, photo_id, vector): (f32, FaceId, PhotoId, &Vec<f32>)| Hit {
            face_id,
            photo_id,
            cosine,
            vector: vector.clone(),
        };
        Ok(found.into_iter().map(hit).collect())
    }

    async fn delete_faces(&self, session: PhotoSessionId, ids: &[FaceId]) -> Result<(), IndexError> {
        if let Some(stored) = self.write().get_mut(&session) {
            for id in ids {
                stored.remove(id);
            }
        }
        Ok(())
    }

    async fn delete_session(&self, session: PhotoSessionId) -> Result<(), IndexError> {
        self.write().remove(&session);
        Ok(())
    }

    async fn count(&self, session: PhotoSessionId) -> Result<u64, IndexError> {
        Ok(self.read().get(&session).map_or(0, HashMap::len) as u64)
    }

    async fn total(&self) -> Result<u64, IndexError> {
        Ok(self.read().values().map(HashMap::len).sum::<usize>() as u64)
    }

    async fn counts(&self) -> Result<HashMap<PhotoSessionId, u64>, IndexError> {
        let filled = self.read();
        let filled = filled.iter().filter(|(_, faces)| !faces.is_empty());
        Ok(filled.map(|(session, faces)| (*session, faces.len() as u64)).collect())
    }

    async fn faces(&self, session: PhotoSessionId) -> Result<HashMap<FaceId, PhotoId>, IndexError> {
        let sessions = self.read();
        let faces = sessions.get(&session).into_iter().flatten();
        Ok(faces.map(|(face, (photo, _))| (*face, *photo)).collect())
    }

    async fn health(&self) -> Result<(), IndexError> {
        Ok(())
    }

    async fn maintain(&self) -> Result<(), IndexError> {
        Ok(())
    }
}

/// Both are L2-normalised, so the dot product is the cosine. Summed in f64: this is the oracle.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum::<f64>() as f32
}
