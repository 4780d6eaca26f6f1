//! Why the application cannot start.

use std::path::PathBuf;

use crate::{
    accounts::{AccountError, PlacesError},
    blobs::BlobError,
    config::ConfigError,
    embedders::EmbedderError,
    index::{IndexError, RebuildError},
    push::PushKeyError,
    secrets::KeyFileError,
    store::StoreError,
    vision::VisionError,
};

/// Why the application cannot start; each sentence says how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the data directory {path} cannot be made or written ({reason}); choose another with PIXORA_DATA_DIR"
    )]
    DataDirectory { path: PathBuf, reason: std::io::Error },
    #[error("the database cannot be opened: {0}")]
    Store(#[from] StoreError),
    #[error("the file storage cannot be opened: {0}")]
    Blobs(#[from] BlobError),
    #[error(transparent)]
    Settings(#[from] ConfigError),
    #[error(
        "{0}; `make setup` fetches models and ONNX Runtime, PIXORA_MODEL_DIR and ORT_DYLIB_PATH name other places"
    )]
    Vision(#[from] VisionError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error("the face index cannot be rebuilt: {0}")]
    Rebuild(#[from] RebuildError),
    #[error(transparent)]
    Embedder(#[from] EmbedderError),
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    #[error(transparent)]
    PushKeys(#[from] PushKeyError),
    #[error(transparent)]
    Places(#[from] PlacesError),
    #[error(transparent)]
    Accounts(#[from] AccountError),
    #[error("payments need certificates to trust, and the system has none: {0}")]
    Payments(reqwest::Error),
    #[error("threads cannot be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    #[error(
        "the database is empty, but there are files of an installation beside it (PIXORA_DATA_DIR, \
         PIXORA_STORAGE_URL): its rows are missing. Nothing was changed. Put the database back (`pixora.db`, or the \
         right DATABASE_URL), or move the files away and run `pixora restore`; for a new installation choose an \
         empty data directory and an empty bucket"
    )]
    DatabaseMissing,
    #[error(
        "another node works on this database, and one of the two keeps the face index to itself: each would find \
         only some of the photos; set QDRANT_URL on every node"
    )]
    SeveralNodesNeedQdrant,
    #[error(
        "the nodes on this database sign with another key, so that none would honour what this one signs; set \
         PIXORA_SECRET_KEY to the same value on every node"
    )]
    SecretKeyDiffers,
    #[error(
        "the file storage is not the one that belongs to this database: its file `installation/nodes/mark` is missing or \
         another's. Give every node the same storage; after a move or a restore see \"Several nodes\" in \
         docs/OPERATIONS.md"
    )]
    StorageDiffers,
    #[error(
        "another node on this database gets certificates from an ACME directory, which would ask either of the two; for \
         several nodes put a TLS proxy before them, or give each the same files with PIXORA_TLS=files"
    )]
    AcmeNeedsOneNode,
}

impl OpenError {
    /// Stable name of the failure, for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SeveralNodesNeedQdrant => "several_nodes_need_qdrant",
            Self::SecretKeyDiffers => "secret_key_differs",
            Self::StorageDiffers => "storage_differs",
            Self::AcmeNeedsOneNode => "acme_needs_one_node",
            Self::DatabaseMissing => "database_missing",
            Self::Store(
                error @ (StoreError::Newer
                | StoreError::Full(_)
                | StoreError::Damaged(_)
                | StoreError::Unavailable(_)),
            ) => error.code(),
            Self::Index(IndexError::Full(_)) => "storage_full",
            Self::Embedder(EmbedderError::Dimension { .. }) => "model_dimension",
            Self::Vision(
                error @ (VisionError::Weights { .. }
                | VisionError::Denormal { .. }
                | VisionError::UnknownEmbedder(_)
                | VisionError::UnknownModel { .. }
                | VisionError::Ambiguous { .. }),
            ) => error.code(),
            _ => "cannot_start",
        }
    }
}
