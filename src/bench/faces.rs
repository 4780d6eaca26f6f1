//! How fast photos of another program become findable, beside photos that are uploaded.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use bytes::Bytes;
use reqwest::Client;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::upload::{Sender, Way, session, sign_in, text};
use crate::{
    app::{Node, Parts},
    config::Settings,
    http,
    photos::{Outcome, Worker},
};

/// Each way in turn, so that a disturbance of the machine meets both.
const ROUNDS: u32 = 2;

/// Photos a second, from the first byte until the last of them can be found.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct FacesSpeed {
    /// `PUT …/photos/{external_id}`: looked at and not kept.
    pub index_only_photos_per_s: f64,
    /// Forms of one file each, and the pipeline behind.
    pub upload_photos_per_s: f64,
    pub ratio: f64,
}

/// Serves a fresh data directory with its pipeline and sends it `files` both ways.
///
/// # Errors
/// A sentence when the server does not start or does not take a file.
pub async fn measure_faces(
    settings: &Settings,
    directory: &Path,
    files: &[PathBuf],
) -> Result<FacesSpeed, String> {
    let settings = Settings { data_dir: directory.to_owned(), ..settings.clone() };
    let parts = Parts::open(&settings).await.map_err(text)?;
    let node = Node::open(settings, parts.clone()).await.map_err(text)?;
    let token = sign_in(&node).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(text)?;
    let server = format!("http://{}", listener.local_addr().map_err(text)?);
    let stop = CancellationToken::new();
    let router = http::router(node.app.clone());
    let serving =
        tokio::spawn(http::serve(listener, router, http::Limits::default(), stop.clone().cancelled_owned()));
    let (outcomes, mut done) = mpsc::unbounded_channel();
    let worker = tokio::spawn(Worker::new(node.processor.clone()).run(stop.clone(), move |outcome| {
        // The receiver outlives the worker.
        let _ = outcomes.send(outcome.clone());
    }));

    let files: Vec<Bytes> = files
        .iter()
        .map(|file| std::fs::read(file).map(Bytes::from))
        .collect::<Result<_, _>>()
        .map_err(text)?;
    let sender = Sender { http: Client::new(), server, token };
    let (mut index_only, mut upload) = (Duration::ZERO, Duration::ZERO);
    for round in 0..=ROUNDS {
        let started = Instant::now();
        sender.round(Way::Form, session(&parts).await?, &files).await?;
        ready(&mut done, files.len()).await?;
        let uploaded = started.elapsed();
        let indexed = sender.round(Way::IndexOnly, session(&parts).await?, &files).await?;
        // The first round warms up: connections, models, the disk's cache, the database.
        if round > 0 {
            upload += uploaded;
            index_only += indexed;
        }
    }
    stop.cancel();
    worker.await.map_err(text)?;
    serving.await.map_err(text)?;
    let speed = |wall: Duration| f64::from(ROUNDS) * files.len() as f64 / wall.as_secs_f64();
    Ok(FacesSpeed {
        index_only_photos_per_s: speed(index_only),
        upload_photos_per_s: speed(upload),
        ratio: speed(index_only) / speed(upload),
    })
}

/// Waits until so many photos can be found.
async fn ready(done: &mut mpsc::UnboundedReceiver<Outcome>, photos: usize) -> Result<(), String> {
    let mut ready = 0;
    while ready < photos {
        match done.recv().await {
            Some(Outcome::Ready { .. }) => ready += 1,
            Some(Outcome::Postponed | Outcome::Waiting | Outcome::Gone) => {}
            Some(Outcome::Rejected(code)) => return Err(format!("a generated photo was rejected: {code}")),
            None => return Err("the worker stopped early".into()),
        }
    }
    Ok(())
}
