//! Sessions made in this product.

use std::error::Error;

use async_trait::async_trait;

use super::{SessionSource, SourceError};
use crate::{
    domain::{PhotoSession, PhotoSessionId},
    store::{Store, StoreError},
};

const NAME: &str = "own";
const PAGE: u32 = 500;

pub struct OwnSource {
    store: Store,
}

impl OwnSource {
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

#[async_trait]
impl SessionSource for OwnSource {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn get(&self, id: PhotoSessionId) -> Result<Option<PhotoSession>, SourceError> {
        self.store.sessions().get(id).await.map_err(unavailable)
    }

    async fn list(&self) -> Result<Vec<PhotoSession>, SourceError> {
        let mut all: Vec<PhotoSession> = Vec::new();
        loop {
            let page =
                self.store.sessions().list(all.last().map(|s| s.id), PAGE).await.map_err(unavailable)?;
            if page.is_empty() {
                return Ok(all);
            }
            all.extend(page);
        }
    }

    async fn health(&self) -> Result<(), SourceError> {
        self.store.ping().await.map_err(unavailable)
    }
}

fn unavailable(error: StoreError) -> SourceError {
    let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
    SourceError { source_name: NAME, reason: format!("{error}{cause}") }
}
