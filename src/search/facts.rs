//! Facts about a session's faces from the rows, for the matcher.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use moka::future::Cache;

use super::{
    cluster::dot,
    judge::{SessionFacts, different_people},
    matcher::{FaceFacts, MatchError},
};
use crate::{
    domain::{FaceId, PhotoId, PhotoSessionId},
    store::{Store, StoreError},
    vision::POOR,
};

/// Photos with several faces that are looked at for how alike a session's different people are.
const PHOTOS: u32 = 80;
/// Faces of one photo that are compared with each other; a group of hundred would drown all other photos.
const FACES: usize = 12;
/// How long what was found out is believed, while the session grows by less than a quarter.
const BELIEVED: Duration = Duration::from_secs(600);

/// Cheap to clone.
#[derive(Clone)]
pub struct RowFacts {
    store: Store,
    /// By the session, the model, and how often the session's number of faces has grown by a quarter.
    different: Cache<(PhotoSessionId, Arc<str>, u32), f32>,
}

impl RowFacts {
    #[must_use]
    pub fn new(store: Store) -> Self {
        let different = Cache::builder().max_capacity(10_000).time_to_live(BELIEVED).build();
        Self { store, different }
    }

    /// The facts of the faces that this embedder found.
    #[must_use]
    pub fn of(&self, model: &str) -> ModelFacts<'_> {
        ModelFacts { rows: self, model: model.into() }
    }
}

pub struct ModelFacts<'a> {
    rows: &'a RowFacts,
    model: Arc<str>,
}

impl ModelFacts<'_> {
    async fn different(&self, session: PhotoSessionId) -> Result<f32, StoreError> {
        let faces = self.rows.store.faces().of_group_photos(session, &self.model, PHOTOS, POOR).await?;
        let mut photos: HashMap<PhotoId, Vec<Vec<f32>>> = HashMap::new();
        for (photo, vector) in faces {
            photos.entry(photo).or_default().push(vector);
        }
        let mut cosines = Vec::new();
        for faces in photos.into_values() {
            let faces = &faces[..faces.len().min(FACES)];
            for (n, one) in faces.iter().enumerate() {
                cosines.extend(faces[n + 1..].iter().map(|other| dot(one, other)));
            }
        }
        Ok(different_people(cosines))
    }
}

impl FaceFacts for ModelFacts<'_> {
    async fn poor(&self, faces: &[FaceId]) -> Result<HashSet<FaceId>, MatchError> {
        Ok(self.rows.store.faces().below(faces, POOR).await?)
    }

    async fn session(&self, session: PhotoSessionId) -> Result<SessionFacts, MatchError> {
        let faces = self.rows.store.faces().count(session, &self.model).await?;
        let grown = ((faces.max(1) as f32).ln() / 1.25_f32.ln()) as u32;
        let key = (session, Arc::clone(&self.model), grown);
        let different = match self.rows.different.get(&key).await {
            Some(different) => different,
            None => {
                let different = self.different(session).await?;
                self.rows.different.insert(key, different).await;
                different
            }
        };
        Ok(SessionFacts { faces, different })
    }
}
