//! How fast photos of another program become findable, beside photos that are uploaded.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::Serialize;
use tokio::sync::mpsc;

use super::upload::{Server, Way, contents, text};
use crate::{
    config::Settings,
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
    let server = Server::start(settings).await?;
    let (outcomes, mut done) = mpsc::unbounded_channel();
    let worker =
        tokio::spawn(Worker::new(server.node.processor.clone()).run(server.stop.clone(), move |outcome| {
            // The receiver outlives the worker.
            let _ = outcomes.send(outcome.clone());
        }));

    let files = contents(files)?;
    let (mut index_only, mut upload) = (Duration::ZERO, Duration::ZERO);
    for round in 0..=ROUNDS {
        let started = Instant::now();
        server.round(Way::Form, &files).await?;
        ready(&mut done, files.len()).await?;
        let uploaded = started.elapsed();
        let indexed = server.round(Way::IndexOnly, &files).await?;
        // The first round warms up: connections, models, the disk's cache, the database.
        if round > 0 {
            upload += uploaded;
            index_only += indexed;
        }
    }
    server.stop.cancel();
    worker.await.map_err(text)?;
    server.stop().await?;
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
