//! How long a library takes to be looked through, and how much memory.

use std::{path::Path, time::Instant};

use futures::{StreamExt, TryStreamExt, stream};
use reqwest::Client;
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::{
    memory_mb, peak_memory_mb, reset_peak_memory,
    upload::{session, text},
};
use crate::{
    app::{Node, Parts},
    config::{Bucket, LibrarySettings, LibraryTemplate, S3Keys, S3Settings, Secret, Settings},
    domain::PhotoSessionId,
    imaging::{Picture, encode_jpeg},
};

/// Objects that are written at the same time.
const WRITTEN_AT_ONCE: usize = 8;
/// A tests' store asks that somebody signs, and does not look who.
const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00";

/// A library of small pictures in a bucket.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct LibrarySpeed {
    pub keys: usize,
    /// The first sync: every picture is read and taken in.
    pub first_s: f64,
    /// The second one: nothing has changed.
    pub again_s: f64,
    /// What the process had in memory before the second one, and at most in it; `None` where the system does not tell.
    pub before_mb: Option<f64>,
    pub peak_mb: Option<f64>,
}

/// Fills a bucket of a tests' store (`http://host:port/bucket`) with `keys` pictures of one session, and syncs it twice.
///
/// # Errors
/// A sentence when the store or the node does not do it.
pub async fn measure_library(
    settings: &Settings,
    directory: &Path,
    bucket: &str,
    keys: usize,
) -> Result<LibrarySpeed, String> {
    let (endpoint, name) = bucket.rsplit_once('/').ok_or("a bucket is http://host:port/bucket")?;
    let keys_of_tests = S3Keys {
        id: Secret::new("test".to_owned()),
        secret: Secret::new("password".to_owned()),
        session_token: None,
    };
    let s3 = S3Settings {
        endpoint: Some(endpoint.to_owned()),
        region: "us-east-1".to_owned(),
        keys: Some(keys_of_tests),
        path_style: true,
    };
    let prefix = "library/{session_id}".to_owned();
    let library = LibrarySettings {
        templates: vec![LibraryTemplate::S3(Bucket { name: name.to_owned(), prefix })],
        s3: Ok(s3),
        ..settings.library.clone()
    };
    let settings = Settings { data_dir: directory.to_owned(), workers: 1, library, ..settings.clone() };
    let parts = Parts::open(&settings).await.map_err(text)?;
    let node = Node::open(settings, parts.clone()).await.map_err(text)?;
    let session = session(&parts).await?;
    fill(bucket, session, keys).await?;

    let first_s = sync(&node, &parts, session, keys).await?;
    let before_mb = memory_mb();
    reset_peak_memory();
    let again_s = sync(&node, &parts, session, keys).await?;
    Ok(LibrarySpeed { keys, first_s, again_s, before_mb, peak_mb: peak_memory_mb() })
}

/// Writes the pictures, each with other content.
async fn fill(bucket: &str, session: PhotoSessionId, keys: usize) -> Result<(), String> {
    let grey = Picture::new(64, 48, vec![128; 64 * 48 * 3]);
    let jpeg = encode_jpeg(&grey, 80).map_err(text)?;
    let http = Client::new();
    let written = stream::iter(0..keys).map(|number| {
        let mut bytes = jpeg.clone();
        // What follows the end of a JPEG makes another file of it.
        bytes.extend_from_slice(number.to_string().as_bytes());
        let url = format!("{bucket}/library/{session}/IMG_{number:07}.jpg");
        let request = http.put(url).header("authorization", SIGNED).body(bytes);
        async move { request.send().await.and_then(reqwest::Response::error_for_status).map_err(text) }
    });
    written.buffer_unordered(WRITTEN_AT_ONCE).try_for_each(|_| async { Ok(()) }).await
}

/// Seconds of one sync, after which every key is a photo.
async fn sync(node: &Node, parts: &Parts, session: PhotoSessionId, keys: usize) -> Result<f64, String> {
    let libraries = &node.app.libraries;
    libraries.want(session).await.map_err(text)?;
    let row = parts.store.library().get(session).await.map_err(text)?.ok_or("the sync is not wanted")?;
    let started = Instant::now();
    libraries.sync(&row, &CancellationToken::new()).await.map_err(text)?;
    let seconds = started.elapsed().as_secs_f64();
    let row = parts.store.library().get(session).await.map_err(text)?.ok_or("the sync is not noted")?;
    let all = keys as u64;
    let is_whole = row.listed == all && row.taken == all;
    is_whole.then_some(seconds).ok_or_else(|| format!("{} of {} keys are photos", row.taken, row.listed))
}
