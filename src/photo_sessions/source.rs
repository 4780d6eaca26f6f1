//! Where sessions come from: our own rows, or the studio's database.

use async_trait::async_trait;

use crate::domain::{PhotoSession, PhotoSessionId};

/// A source that did not answer. The text is for the log only.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the session source {source_name:?} is not available: {reason}")]
pub struct SourceError {
    pub source_name: &'static str,
    pub reason: String,
}

/// Somewhere that photo sessions live. Read only.
#[async_trait]
pub trait SessionSource: Send + Sync + 'static {
    /// A short name for logs and `/readyz`.
    fn name(&self) -> &'static str;

    /// `Ok(None)` means that the source is sure that it has no such session.
    async fn get(&self, id: PhotoSessionId) -> Result<Option<PhotoSession>, SourceError>;

    /// Every session that is there, newest first.
    async fn list(&self) -> Result<Vec<PhotoSession>, SourceError>;

    /// Answers quickly whether `get` can be served.
    async fn health(&self) -> Result<(), SourceError>;
}
