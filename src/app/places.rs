//! Where the settings want rows, files and vectors to be.

use std::sync::Arc;

use crate::{
    blobs::{BlobPlace, LibraryPlace, S3Bucket, S3Keys},
    config::{Bucket, ConfigError, LibraryTemplate, QdrantSettings, S3Settings, Settings},
    domain::PhotoSessionId,
    index::{IndexPlace, QdrantServer},
    photos::LibraryPlaces,
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
    Ok(BlobPlace::S3(s3_bucket(settings.s3.clone()?, bucket)))
}

/// Where the libraries of sessions may lie.
///
/// # Errors
/// When one is in a bucket and the settings do not say how to reach it.
pub fn library_places(settings: &Settings) -> Result<LibraryPlaces, ConfigError> {
    let library = settings.library.clone();
    let needs_bucket = library.templates.iter().any(|template| matches!(template, LibraryTemplate::S3(_)));
    let s3 = needs_bucket.then(|| library.s3.clone()).transpose()?;
    let place = move |template: LibraryTemplate, base: LibraryTemplate| match (template, base, &s3) {
        (LibraryTemplate::Folder(root), LibraryTemplate::Folder(base), _) => {
            Some(LibraryPlace::Folder { root: root.into(), base: base.into() })
        }
        (LibraryTemplate::S3(bucket), _, Some(s3)) => Some(LibraryPlace::S3(s3_bucket(s3.clone(), bucket))),
        _ => None,
    };
    let templates = library.templates.clone();
    let bases = templates.iter().filter_map(|template| place(template.base(), template.base())).collect();
    let of = Arc::new(move |session: PhotoSessionId| {
        let session = session.to_string();
        templates.iter().filter_map(|template| place(template.of(&session), template.base())).collect()
    });
    Ok(LibraryPlaces { of, bases, roots: library.roots })
}

fn s3_bucket(settings: S3Settings, bucket: Bucket) -> S3Bucket {
    let Bucket { name, prefix } = bucket;
    let S3Settings { endpoint, region, keys, path_style } = settings;
    let keys = keys.map(|keys| S3Keys {
        id: keys.id.expose().to_owned(),
        secret: keys.secret.expose().to_owned(),
        session_token: keys.session_token.map(|token| token.expose().to_owned()),
    });
    S3Bucket { name, prefix, endpoint, region, keys, path_style }
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
