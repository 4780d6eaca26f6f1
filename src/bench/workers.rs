//! How fast several `pixora worker` processes go through one queue.

use std::{
    fs::File,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use crate::{
    app::{self, Parts},
    config::{Secret, Settings},
    domain::PhotoSessionId,
    jobs::JobKind,
    vision::FaceEngine,
};

/// The prefix of the collection on the Qdrant server, which nobody else uses.
const COLLECTION: &str = "pixora-bench";
/// Every file is ingested into so many sessions: the first photo's wait for a worker to look is to count little.
const SESSIONS: usize = 3;
/// Files taken in at the same time.
const RECEIVED_AT_ONCE: usize = 3;
const START: Duration = Duration::from_secs(60);
/// A photo takes less than a second; unoptimised, and on a machine that does much else, a minute.
const STUCK: Duration = Duration::from_secs(300);
const LOOK: Duration = Duration::from_millis(20);

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct WorkersSpeed {
    /// Processes of one thread each.
    pub workers: usize,
    pub photos: usize,
    pub photos_per_s: f64,
    /// To the first run's.
    pub ratio: f64,
}

/// Ingests `files` with as many processes as each of `counts` says, on the PostgreSQL and the Qdrant server of
/// the settings. Rows stay in the database, which must be empty; the collection is emptied at the end.
///
/// # Errors
/// A sentence when the database is not empty, a worker does not start, or photos are not ready in time.
pub async fn measure_workers(
    settings: &Settings,
    directory: &Path,
    files: &[PathBuf],
    counts: &[usize],
    engine: &FaceEngine,
) -> Result<Vec<WorkersSpeed>, String> {
    let mut settings = Settings { data_dir: directory.to_owned(), ..settings.clone() };
    settings.qdrant.prefix = COLLECTION.to_owned();
    let parts = Parts::open(&settings).await.map_err(text)?;
    let (model, dimension) = (engine.embedder_name(), engine.embedder().dimension);
    if parts.store.faces().total(model).await.map_err(text)? > 0 {
        return Err("the database to measure workers on is not empty; give one that nobody needs".to_owned());
    }
    let mut speeds: Vec<WorkersSpeed> = Vec::new();
    let mut sessions = Vec::new();
    for &count in counts {
        let workers = Workers::start(&settings, directory, count).await?;
        let into: Vec<_> = (0..SESSIONS).map(|_| PhotoSessionId::generate()).collect();
        let photos = files.len() * SESSIONS;
        let wall = ingest(&parts, files, &into).await?;
        drop(workers);
        sessions.extend(into);
        let photos_per_s = photos as f64 / wall.as_secs_f64();
        let ratio = photos_per_s / speeds.first().map_or(photos_per_s, |first| first.photos_per_s);
        speeds.push(WorkersSpeed { workers: count, photos, photos_per_s, ratio });
    }
    let index = app::index_place(&settings).open(model, dimension).await.map_err(text)?;
    for session in sessions {
        index.delete_session(session).await.map_err(text)?;
    }
    parts.store.close().await;
    Ok(speeds)
}

/// From the first file's arrival until every photo is ready.
async fn ingest(parts: &Parts, files: &[PathBuf], into: &[PhotoSessionId]) -> Result<Duration, String> {
    let started = Instant::now();
    let receiver = parts.receiver();
    let arrivals = into.iter().flat_map(|session| files.iter().map(|file| (*session, file.clone())));
    let received = stream::iter(arrivals).map(|(session, file)| receiver.receive_file(session, file));
    received.buffer_unordered(RECEIVED_AT_ONCE).try_for_each(|_| async { Ok(()) }).await.map_err(text)?;
    let (mut before, mut moved) = (u64::MAX, Instant::now());
    loop {
        let depth = parts.jobs.depth(JobKind::ProcessPhoto, parts.now()).await.map_err(text)?;
        if depth.queued == 0 {
            break;
        }
        if depth.queued < before {
            (before, moved) = (depth.queued, Instant::now());
        } else if moved.elapsed() > STUCK {
            return Err(format!("the workers stand still with {} photos to do", depth.queued));
        }
        tokio::time::sleep(LOOK).await;
    }
    let wall = started.elapsed();
    let counts = parts.store.photos().counts_of(into).await.map_err(text)?;
    let ready: u64 = counts.values().map(|counts| counts.ready).sum();
    if ready != (files.len() * into.len()) as u64 {
        return Err(format!("only {ready} of the photos became ready"));
    }
    Ok(wall)
}

/// Processes that work until they are dropped.
struct Workers(Vec<Child>);

impl Workers {
    /// Returns when all are ready: loading the models is not what is measured.
    async fn start(settings: &Settings, directory: &Path, count: usize) -> Result<Self, String> {
        let mut workers = Self(Vec::new());
        let mut addresses = Vec::new();
        for n in 0..count {
            let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
            let address = free.map_err(text)?.to_string();
            let log = directory.join(format!("worker-{count}-{n}.log"));
            let mut command = command(settings).map_err(text)?;
            command.args(["--ops-bind", &address]).stderr(File::create(log).map_err(text)?);
            workers.0.push(command.spawn().map_err(text)?);
            addresses.push(address);
        }
        let (client, started) = (reqwest::Client::new(), Instant::now());
        for address in addresses {
            let ready = async || {
                let answer = client.get(format!("http://{address}/readyz")).send().await;
                answer.is_ok_and(|answer| answer.status().is_success())
            };
            while !ready().await {
                if started.elapsed() > START {
                    return Err("a worker does not become ready".to_owned());
                }
                tokio::time::sleep(LOOK).await;
            }
        }
        Ok(workers)
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        for worker in &mut self.0 {
            let _ = worker.kill();
            let _ = worker.wait();
        }
    }
}

/// A worker of one thread that knows what it needs and nothing else: no bot, no mail server, no settings file.
fn command(settings: &Settings) -> std::io::Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    let system = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"];
    let system = system.into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    let secret = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
    let ours = [
        ("DATABASE_URL", secret(&settings.database)),
        ("QDRANT_URL", settings.qdrant.url.clone()),
        ("QDRANT_API_KEY", secret(&settings.qdrant.api_key)),
        ("PIXORA_QDRANT_COLLECTION", Some(settings.qdrant.prefix.clone())),
        ("PIXORA_SECRET_KEY", secret(&settings.secret_key)),
    ];
    command
        .args(["worker", "--workers", "1"])
        .env_clear()
        .envs(system)
        .envs(ours.into_iter().filter_map(|(name, value)| Some((name, value?))))
        .env("PIXORA_DATA_DIR", std::path::absolute(&settings.data_dir)?)
        .env("PIXORA_MODEL_DIR", std::path::absolute(&settings.model_dir)?)
        .env("ORT_DYLIB_PATH", std::path::absolute(&settings.ort_dylib)?)
        .current_dir(&settings.data_dir)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    Ok(command)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
