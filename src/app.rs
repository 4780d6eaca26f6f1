//! The application: features wired to their means. Only this file names concrete adapters.

use std::sync::Arc;

use crate::{
    blobs::Blobs,
    config::Settings,
    index::FaceIndex,
    jobs::Jobs,
    photo_sessions::PhotoSessions,
    search::SelfieSearch,
    store::{Store, Usage},
};

/// What doors share.
pub type AppState = Arc<App>;

pub struct App {
    pub settings: Settings,
    pub store: Store,
    pub blobs: Blobs,
    pub jobs: Jobs,
    pub usage: Usage,
    pub index: Arc<dyn FaceIndex>,
    pub sessions: PhotoSessions,
    pub search: Arc<dyn SelfieSearch>,
}
