//! Where the settings want rows, files and vectors to be.

use crate::{
    blobs::{BlobPlace, S3Bucket, S3Keys},
    config::{Bucket, ConfigError, QdrantSettings, S3Settings, Settings},
    index::{IndexPlace, QdrantServer},
};

/// Where the settings want the face index.
#[must_use]
pub fn index_place(settings: &Settings) -> IndexPlace {
    match &settings.qdrant.url {
        Some(url) => server_place(settings, url.clone()),
        None => embedded_place(settings),
    }
}

/// The face index in the data directory.
#[must_use]
pub fn embedded_place(settings: &Settings) -> IndexPlace {
    IndexPlace::Embedded(settings.data_dir.join("index"))
}

/// Where the settings want pictures.
///
/// # Errors
/// When they want a bucket and do not say how to reach it.
pub fn storage_place(settings: &Settings) -> Result<BlobPlace, ConfigError> {
    match &settings.storage {
        Some(bucket) => bucket_place(settings, bucket.clone()),
        None => Ok(folder_place(settings)),
    }
}

/// Pictures in the data directory.
#[must_use]
pub fn folder_place(settings: &Settings) -> BlobPlace {
    BlobPlace::Folder(settings.data_dir.join("blobs"))
}

/// Pictures in this bucket.
///
/// # Errors
/// When the settings do not say how to reach it.
pub fn bucket_place(settings: &Settings, bucket: Bucket) -> Result<BlobPlace, ConfigError> {
    let Bucket { name, prefix } = bucket;
    let S3Settings { endpoint, region, keys, path_style } = settings.s3.clone()?;
    let keys = keys.map(|keys| S3Keys {
        id: keys.id.expose().to_owned(),
        secret: keys.secret.expose().to_owned(),
        session_token: keys.session_token.map(|token| token.expose().to_owned()),
    });
    Ok(BlobPlace::S3(S3Bucket { name, prefix, endpoint, region, keys, path_style }))
}

/// Removes the embedded index after a move to a server. Nobody keeps it up any more: what is erased from now
/// on would stay in it.
pub async fn remove_embedded_copy(settings: &Settings) {
    if let Err(error) = embedded_place(settings).remove().await {
        tracing::warn!(%error, "the embedded face index is still there; `pixora reindex` removes it");
    }
}

/// The face index on the Qdrant server with this address.
#[must_use]
pub fn server_place(settings: &Settings, url: String) -> IndexPlace {
    let QdrantSettings { api_key, prefix, replication, shards, .. } = &settings.qdrant;
    IndexPlace::Server(QdrantServer {
        url,
        api_key: api_key.as_ref().map(|key| key.expose().to_owned()),
        prefix: prefix.clone(),
        replication: *replication,
        shards: *shards,
    })
}
