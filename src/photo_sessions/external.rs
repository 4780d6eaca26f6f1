//! Sessions in the studio's own database.

use async_trait::async_trait;

use super::{SessionSource, SourceError};
use crate::{
    domain::{PhotoSession, PhotoSessionId},
    store::{ExternalDatabase, StoreError},
};

const NAME: &str = "external";
const PAGE: u32 = 500;

pub struct ExternalSource {
    database: ExternalDatabase,
}

impl ExternalSource {
    #[must_use]
    pub fn new(database: ExternalDatabase) -> Self {
        Self { database }
    }
}

#[async_trait]
impl SessionSource for ExternalSource {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn get(&self, id: PhotoSessionId) -> Result<Option<PhotoSession>, SourceError> {
        self.database.session(id).await.map_err(unavailable)
    }

    async fn list(&self) -> Result<Vec<PhotoSession>, SourceError> {
        let mut all = Vec::new();
        let mut cursor = None;
        loop {
            let (page, next) = self.database.changed_after(cursor, PAGE).await.map_err(unavailable)?;
            all.extend(page);
            if next.is_none() {
                break;
            }
            cursor = next;
        }
        all.sort_by_key(|session| std::cmp::Reverse((session.created_at, session.id)));
        Ok(all)
    }

    async fn health(&self) -> Result<(), SourceError> {
        self.database.ping().await.map_err(unavailable)
    }
}

fn unavailable(error: StoreError) -> SourceError {
    SourceError { source_name: NAME, reason: error.to_string() }
}
