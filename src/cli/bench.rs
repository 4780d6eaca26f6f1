//! `pixora bench`

#![expect(clippy::disallowed_methods, reason = "the command's only task: nothing else waits for this thread")]

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{CliError, print_json};
use crate::{
    app::load_models,
    bench::{
        FacesSpeed, IngestSpeed, LibrarySpeed, WorkersSpeed, generate_photos, measure_faces, measure_ingest,
        measure_library, measure_people, measure_plain, measure_search, measure_sign_in, measure_upload,
        measure_workers, peak_memory_mb, reset_peak_memory,
    },
    config::{QdrantSettings, Secret, Settings},
    vision::FaceEngine,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Photos with faces, from which 24-megapixel ones are made
    #[arg(long, value_name = "DIR", default_value = ".build/samples")]
    photos: PathBuf,
    /// How many 24-megapixel photos
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..=1000))]
    count: u16,
    /// Sizes of the face index to search in; 1,000,000 faces take 2.2 GB of disk for a minute or two
    #[arg(long, value_delimiter = ',', default_value = "10000,1000000")]
    faces: Vec<usize>,
    /// An empty PostgreSQL database that nobody needs, to measure `pixora worker` processes on; they also need
    /// a Qdrant server, QDRANT_URL
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// How many worker processes, run after run
    #[arg(long, value_delimiter = ',', default_value = "1,2,4")]
    processes: Vec<usize>,
    /// A bucket of a tests' store, http://host:port/bucket, that is filled with pictures to measure the sync of a
    /// library; `python3 tools/s3.py` runs one
    #[arg(long, value_name = "URL")]
    bucket: Option<String>,
    /// How many pictures are in the library, run after run
    #[arg(long, value_delimiter = ',', default_value = "2000,20000")]
    keys: Vec<usize>,
    /// Measure only these
    #[arg(long, value_delimiter = ',')]
    only: Vec<Only>,
    /// Only put so many made-up faces of one session to people, and say how long that takes and how much memory
    #[arg(long, value_name = "FACES")]
    people: Option<usize>,
    #[arg(long)]
    json: bool,
}

/// What can be measured alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Only {
    /// The sync of a library
    Library,
    /// Photos of other programs beside uploads
    Faces,
}

/// Numbers of an embedding, as the shipped models make them.
const DIMENSION: usize = 640;

fn people(faces: usize, json: bool) -> Result<(), CliError> {
    let speed = tokio::task::block_in_place(|| measure_people(faces, DIMENSION));
    if json {
        return print_json(&speed);
    }
    outln!(
        "{} faces of {} people: {} found in {:.1} s; {:.1} ms for each of the last photos; {} MB more memory at most",
        speed.faces,
        speed.people,
        speed.found,
        speed.seconds,
        speed.last_ms_a_photo,
        speed.peak_mb.map_or_else(|| "an unknown number of".to_owned(), |peak| format!("{peak:.0}"))
    );
    Ok(())
}

/// A million faces in a thousand sessions is what the embedded index is measured by.
const FACES_IN_A_SESSION: usize = 1000;
const QUERIES: usize = 1000;

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    let failed = |error: String| CliError::failed("bench_failed", error);
    if let Some(faces) = args.people {
        return people(faces, args.json);
    }
    let shared = shared(&settings, args.database.as_deref());
    // One process with everything embedded, also on a machine that is set up for more: nothing that is measured
    // may end up among what is kept there.
    let settings = Settings {
        database: None,
        external_databases: Vec::new(),
        storage: None,
        qdrant: QdrantSettings { url: None, ..settings.qdrant },
        ..settings
    };
    let scratch = Scratch::new(&settings.data_dir)?;
    let say = |text: &str| eprintln!("… {text}");

    let files = if args.only == [Only::Library] { Vec::new() } else { photos(&args, &scratch)? };
    let studios = studios(&args, &settings, &scratch, &files).await?;
    if !args.only.is_empty() {
        if args.json {
            return print_json(&studios);
        }
        studios.print();
        return Ok(());
    }

    say("ingesting on all cores");
    reset_peak_memory();
    let all =
        measure_ingest(&settings, &scratch.folder("all")?, &files, settings.workers).await.map_err(failed)?;
    let peak = peak_memory_mb();
    say("ingesting on one core");
    let one = measure_ingest(&settings, &scratch.folder("one")?, &files, 1).await.map_err(failed)?;
    say("the same the plain way");
    let models = load_models(&settings).map_err(|error| CliError::failed(error.code(), error))?;
    let mut engine = FaceEngine::new(&models).map_err(|error| CliError::failed(error.code(), error))?;
    let plain = tokio::task::block_in_place(|| measure_plain(&mut engine, &files)).map_err(failed)?;
    let plain = files.len() as f64 / plain.as_secs_f64();

    say("signing in, alone and while photos are ingested");
    let (idle, busy) =
        measure_sign_in(&settings, &scratch.folder("sign-in")?, &files).await.map_err(failed)?;

    say("sending the photos over loopback");
    let upload = measure_upload(&settings, &scratch.folder("upload")?, &files).await.map_err(failed)?;

    let workers = match &shared {
        Ok(shared) => {
            say("ingesting with worker processes on PostgreSQL and a Qdrant server");
            let folder = scratch.folder("workers")?;
            let speeds = measure_workers(shared, &folder, &files, &args.processes, &engine).await;
            Some(speeds.map_err(failed)?)
        }
        Err(why) => {
            eprintln!("SKIPPED worker processes: {why}");
            None
        }
    };

    let mut search = Vec::new();
    for &faces in &args.faces {
        say(&format!("searching among {faces} faces"));
        let folder = scratch.folder(&format!("index-{faces}"))?;
        let dimension = engine.embedder().dimension;
        let sessions = faces.div_ceil(FACES_IN_A_SESSION).max(1);
        let latency = measure_search(&folder, dimension, faces, sessions, QUERIES).await;
        search.push(latency.map_err(|error| failed(error.to_string()))?);
        std::fs::remove_dir_all(&folder)?;
    }

    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let document = json!({
        "ingest": {
            "photos": all.photos,
            "faces": all.faces,
            "cores": all.workers,
            "photos_per_s": all.photos_per_second(),
            "one_core_photos_per_s": one.photos_per_second(),
            "baseline_photos_per_s": plain,
            "ratio": all.photos_per_second() / plain,
            "one_core_ratio": one.photos_per_second() / plain,
            "overhead": all.overhead(),
            "ms": milliseconds(&one),
        },
        "sign_in": { "idle": idle, "during_ingest": busy },
        "upload": upload,
        "faces": studios.faces,
        "library": studios.library,
        "workers": workers,
        "cores": cores,
        "search": search,
        "peak_rss_mb": peak,
    });
    if args.json {
        return print_json(&document);
    }
    outln!(
        "ingest: {:.2} photos/s on {} cores, {:.2} on one; the plain way {:.2}: ratio {:.1} and {:.1}; overhead {:.2}",
        all.photos_per_second(),
        all.workers,
        one.photos_per_second(),
        plain,
        all.photos_per_second() / plain,
        one.photos_per_second() / plain,
        all.overhead()
    );
    for (stage, time) in milliseconds(&one) {
        outln!("  {stage:12} {:7.1} ms a photo", time.as_f64().unwrap_or_default());
    }
    for (speed, when) in [(idle, "on an idle machine"), (busy, "while photos are ingested")] {
        outln!(
            "sign-in {when}: {:.1} a second, p50 {:.0} ms, p99 {:.0} ms",
            speed.per_s,
            speed.p50_ms,
            speed.p99_ms
        );
    }
    outln!(
        "upload over loopback: {:.0} MB/s resumable, {:.0} MB/s as plain forms: ratio {:.2}",
        upload.tus_mb_per_s,
        upload.multipart_mb_per_s,
        upload.ratio
    );
    studios.print();
    for WorkersSpeed { workers, photos_per_s, ratio, .. } in workers.iter().flatten() {
        outln!(
            "worker processes on PostgreSQL, {workers} on {cores} cores: {photos_per_s:.2} photos/s: ratio {ratio:.2}"
        );
    }
    for latency in search {
        outln!(
            "search among {} faces in {} sessions: p50 {:.2} ms, p99 {:.2} ms",
            latency.faces,
            latency.sessions,
            latency.p50_ms,
            latency.p99_ms
        );
    }
    if let Some(peak) = peak {
        outln!("peak memory while ingesting: {peak:.0} MB");
    }
    Ok(())
}

/// 24-megapixel photos, made once.
fn photos(args: &Args, scratch: &Scratch) -> Result<Vec<PathBuf>, CliError> {
    let folder = scratch.folder("photos")?;
    let (samples, count) = (&args.photos, usize::from(args.count));
    eprintln!("… making 24-megapixel photos");
    let made = tokio::task::block_in_place(|| generate_photos(samples, &folder, count));
    made.map_err(|error| CliError::failed("bench_failed", error))
}

/// What is measured of photos that need no upload.
#[derive(Debug, serde::Serialize)]
struct Studios {
    /// `null` where it is not wanted.
    faces: Option<FacesSpeed>,
    /// One for each number of keys; empty where there is no bucket.
    library: Vec<LibrarySpeed>,
}

async fn studios(
    args: &Args,
    settings: &Settings,
    scratch: &Scratch,
    files: &[PathBuf],
) -> Result<Studios, CliError> {
    let failed = |error: String| CliError::failed("bench_failed", error);
    let is_wanted = |part: Only| args.only.is_empty() || args.only.contains(&part);
    let mut library = Vec::new();
    match &args.bucket {
        Some(bucket) if is_wanted(Only::Library) => {
            for &keys in &args.keys {
                eprintln!("… looking through a library of {keys} pictures");
                let folder = scratch.folder(&format!("library-{keys}"))?;
                library.push(measure_library(settings, &folder, bucket, keys).await.map_err(failed)?);
            }
        }
        None if is_wanted(Only::Library) => {
            eprintln!("SKIPPED a library: there is no bucket; give one by --bucket")
        }
        _ => {}
    }
    let faces = if is_wanted(Only::Faces) {
        eprintln!("… indexing photos of other programs, and uploading them");
        Some(measure_faces(settings, &scratch.folder("faces")?, files).await.map_err(failed)?)
    } else {
        None
    };
    Ok(Studios { faces, library })
}

impl Studios {
    fn print(&self) {
        for LibrarySpeed { keys, first_s, again_s, before_mb, peak_mb } in &self.library {
            let grown = before_mb
                .zip(*peak_mb)
                .map(|(before, peak)| format!(", memory {before:.0} MB before and {peak:.0} MB at most"));
            outln!(
                "library of {keys} keys: {first_s:.1} s to take in, {again_s:.1} s when nothing has changed{}",
                grown.unwrap_or_default()
            );
        }
        if let Some(FacesSpeed { index_only_photos_per_s, upload_photos_per_s, ratio }) = self.faces {
            outln!(
                "photos of other programs: {index_only_photos_per_s:.2} photos/s indexed only, \
                 {upload_photos_per_s:.2} uploaded until they are found: ratio {ratio:.2}"
            );
        }
    }
}

/// Settings of processes that share their means, or why there are none to measure.
fn shared(settings: &Settings, database: Option<&str>) -> Result<Settings, &'static str> {
    let database = database.ok_or("there is no PostgreSQL; give an empty database by --database")?;
    if settings.qdrant.url.is_none() {
        return Err("they need a Qdrant server; give its address by QDRANT_URL");
    }
    let database = Some(Secret::new(database.to_owned()));
    Ok(Settings { database, external_databases: Vec::new(), storage: None, ..settings.clone() })
}

/// Milliseconds of one core a photo, by stage; from the run on one core, where no other disturbs it.
fn milliseconds(speed: &IngestSpeed) -> Map<String, Value> {
    let mean = |time: std::time::Duration| time.as_secs_f64() * 1000.0 / speed.photos.max(1) as f64;
    speed.stages.each().into_iter().map(|(stage, time)| (stage.to_owned(), json!(mean(time)))).collect()
}

/// A folder for the measurement, on the disk that the data would be on; removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(data_dir: &Path) -> Result<Self, CliError> {
        let folder = data_dir.join(format!("bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    fn folder(&self, name: &str) -> Result<PathBuf, CliError> {
        let folder = self.0.join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} could not be removed: {error}", self.0.display());
        }
    }
}
