//! How fast photos become searchable, and how fast the plain way would be.

use std::{
    io::Cursor,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use futures::{StreamExt, TryStreamExt, stream};
use image::{ExtendedColorType, ImageEncoder, codecs::jpeg::JpegEncoder, imageops::FilterType};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{Node, Parts},
    config::Settings,
    domain::{DERIVATIVE_SIZES, PhotoSessionId},
    imaging::{Filter, Picture, decode, encode_jpeg, read_header, resize_by},
    photos::{Outcome, StageTimes, Worker},
    vision::{FaceEngine, PictureKind},
};

/// A usual camera's picture, pixels.
const WIDTH: u32 = 6000;
const HEIGHT: u32 = 4000;
/// Files taken in at the same time, as `pixora ingest` does.
const RECEIVED_AT_ONCE: usize = 3;

/// One run of the pipeline.
#[derive(Debug, Clone)]
pub struct IngestSpeed {
    pub photos: usize,
    pub faces: usize,
    pub wall: Duration,
    /// Sums over all photos.
    pub stages: StageTimes,
    pub workers: usize,
}

impl IngestSpeed {
    #[must_use]
    pub fn photos_per_second(&self) -> f64 {
        self.photos as f64 / self.wall.as_secs_f64()
    }

    /// Wall time × cores over the time spent in the stages' kernels; 1 would be no overhead at all.
    #[must_use]
    pub fn overhead(&self) -> f64 {
        let kernels: Duration = self.stages.each().iter().map(|(_, time)| *time).sum();
        self.wall.as_secs_f64() * self.workers as f64 / kernels.as_secs_f64()
    }
}

/// Writes `count` 24-megapixel JPEGs into `into`, each a mosaic of four of the photos in `samples` with
/// sensor-like noise, so that they hold real faces and cost what a camera's files cost to decode.
///
/// # Errors
/// A sentence when there are no usable photos or a file cannot be written.
pub fn generate_photos(samples: &Path, into: &Path, count: usize) -> Result<Vec<PathBuf>, String> {
    let mut paths: Vec<PathBuf> = walkdir::WalkDir::new(samples)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect();
    paths.sort();
    let read = |path: &PathBuf| -> Option<Picture> {
        let bytes = std::fs::read(path).ok()?;
        let header = read_header(&bytes).ok()?;
        decode(&bytes, &header, header.long_side()).ok()
    };
    let pictures: Vec<Picture> = paths.iter().filter_map(read).collect();
    if pictures.is_empty() {
        return Err(format!("no photos in {}; `make setup` fetches some", samples.display()));
    }
    let write = |n: usize| {
        let jpeg = encode_jpeg(&mosaic(&pictures, n), 92).map_err(|error| error.to_string())?;
        let path = into.join(format!("{n:04}.jpg"));
        std::fs::write(&path, jpeg).map_err(|error| error.to_string())?;
        Ok(path)
    };
    (0..count).map(write).collect()
}

fn mosaic(pictures: &[Picture], n: usize) -> Picture {
    let mut random = SmallRng::seed_from_u64(n as u64);
    let mut rgb = vec![90_u8; (WIDTH * HEIGHT * 3) as usize];
    let (cell_w, cell_h) = (WIDTH / 2, HEIGHT / 2);
    for cell in 0..4_u32 {
        let sample = &pictures[(n * 4 + cell as usize) % pictures.len()];
        let factor = f64::min(
            f64::from(cell_w) / f64::from(sample.width),
            f64::from(cell_h) / f64::from(sample.height),
        );
        let (w, h) = (
            ((f64::from(sample.width) * factor) as u32).min(cell_w),
            ((f64::from(sample.height) * factor) as u32).min(cell_h),
        );
        let fitted = fit(sample, w, h);
        let (left, top) = (cell % 2 * cell_w + (cell_w - w) / 2, cell / 2 * cell_h + (cell_h - h) / 2);
        for y in 0..h {
            let from = (y * w * 3) as usize;
            let to = (((top + y) * WIDTH + left) * 3) as usize;
            rgb[to..to + (w * 3) as usize].copy_from_slice(&fitted[from..from + (w * 3) as usize]);
        }
    }
    for value in &mut rgb {
        *value = value.saturating_add_signed(random.random_range(-5..=5));
    }
    Picture::new(WIDTH, HEIGHT, rgb)
}

/// `[h * w * 3]` bytes of the sample at that size, enlarged if need be.
fn fit(sample: &Picture, w: u32, h: u32) -> Vec<u8> {
    let smaller = resize_by(sample, f64::from(w) / f64::from(sample.width), Filter::Area);
    let buffer = image::RgbImage::from_raw(smaller.width, smaller.height, smaller.rgb);
    let buffer = buffer.unwrap_or_else(|| image::RgbImage::new(1, 1));
    image::imageops::resize(&buffer, w, h, FilterType::Triangle).into_raw()
}

/// Ingests `files` into a fresh data directory with `workers` threads, storing included.
///
/// # Errors
/// A sentence when the node does not start or a file is refused.
pub async fn measure_ingest(
    settings: &Settings,
    directory: &Path,
    files: &[PathBuf],
    workers: usize,
) -> Result<IngestSpeed, String> {
    let settings = Settings { data_dir: directory.to_owned(), workers, ..settings.clone() };
    let parts = Parts::open(&settings).await.map_err(|error| error.to_string())?;
    let node = Node::open(settings, parts.clone()).await.map_err(|error| error.to_string())?;
    let session = PhotoSessionId::generate();
    let (outcomes, mut done) = mpsc::unbounded_channel();
    let stop = CancellationToken::new();
    let started = Instant::now();
    let worker = tokio::spawn(Worker::new(node.processor.clone()).run(stop.clone(), move |outcome| {
        // The receiver outlives the worker.
        let _ = outcomes.send(outcome.clone());
    }));
    let receiver = parts.receiver();
    let received = stream::iter(files.iter().cloned()).map(|file| receiver.receive_file(session, file));
    received
        .buffer_unordered(RECEIVED_AT_ONCE)
        .try_for_each(|_| async { Ok(()) })
        .await
        .map_err(|error| error.to_string())?;
    let mut speed =
        IngestSpeed { photos: 0, faces: 0, wall: Duration::ZERO, stages: StageTimes::default(), workers };
    while speed.photos < files.len() {
        match done.recv().await {
            Some(Outcome::Ready { faces, times }) => {
                speed.photos += 1;
                speed.faces += faces;
                speed.stages += times;
            }
            Some(Outcome::Postponed | Outcome::Waiting | Outcome::Gone) => {}
            Some(Outcome::Rejected(code)) => return Err(format!("a generated photo was rejected: {code}")),
            None => return Err("the worker stopped early".into()),
        }
    }
    speed.wall = started.elapsed();
    stop.cancel();
    worker.await.map_err(|error| error.to_string())?;
    Ok(speed)
}

/// The same work the plain way: one photo after the other, decoded in full and resized by `image`, each
/// derivative from the original; faces by the same models. Returns the wall time.
///
/// # Errors
/// A sentence when a file cannot be read or a model fails.
pub fn measure_plain(engine: &mut FaceEngine, files: &[PathBuf]) -> Result<Duration, String> {
    let started = Instant::now();
    for file in files {
        let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
        #[expect(
            clippy::disallowed_methods,
            reason = "the plain way is what is measured, on files made here"
        )]
        let decoded = image::load_from_memory(&bytes).map_err(|error| error.to_string())?;
        for size in DERIVATIVE_SIZES {
            let derivative = decoded.resize(size, size, FilterType::CatmullRom).into_rgb8();
            let mut jpeg = Cursor::new(Vec::new());
            JpegEncoder::new_with_quality(&mut jpeg, 82)
                .write_image(
                    derivative.as_raw(),
                    derivative.width(),
                    derivative.height(),
                    ExtendedColorType::Rgb8,
                )
                .map_err(|error| error.to_string())?;
        }
        let rgb = decoded.into_rgb8();
        let picture = Picture::new(rgb.width(), rgb.height(), rgb.into_raw());
        engine.faces(&picture, PictureKind::Photo).map_err(|error| error.to_string())?;
    }
    Ok(started.elapsed())
}

/// Largest resident memory of this process since [`reset_peak_memory`], in megabytes; `None` where the
/// system does not tell.
#[must_use]
pub fn peak_memory_mb() -> Option<f64> {
    of_status("VmHWM:")
}

/// Resident memory of this process now, in megabytes; `None` where the system does not tell.
#[must_use]
pub fn memory_mb() -> Option<f64> {
    of_status("VmRSS:")
}

fn of_status(name: &str) -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: f64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes / 1000.0)
}

/// Forgets the peak so far (Linux; elsewhere the peak is not told either).
pub fn reset_peak_memory() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}
