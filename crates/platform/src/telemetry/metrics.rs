//! Numbers for Prometheus: every metric's name, labels and meaning.
//!
//! Labels have few values each, all of them known when the program is written (or patterns of routes).

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use metrics::{counter, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::Instrument;

use super::process;

/// Upper bounds in seconds; the same for every duration, so that dashboards can compare them.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only rises, until the process starts again.
    Counter,
    Gauge,
    Histogram,
}

pub struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    pub help: &'static str,
}

/// Every metric there is. The dashboard in `docs/grafana` shows each; a test holds both together.
pub const METRICS: [Metric; 37] = [
    counted("http_requests_total", "Answered HTTP requests by matched route."),
    timed("http_request_duration_seconds", "Until the answer's headers, by matched route."),
    timed("pixora_search_duration_seconds", "Selfie in, matches out; by outcome."),
    timed("pixora_search_stage_seconds", "A search's stages, repeated searches of open pages included."),
    measured("pixora_watchers", "Open streams of events."),
    counted("pixora_upload_bytes_total", "Bytes of photos that came in."),
    counted("pixora_photos_processed_total", "Photos that left the pipeline, by outcome."),
    timed(
        "pixora_photo_stage_seconds",
        "Stages of a photo: decode to embed in time of one core, the others by the clock.",
    ),
    counted("pixora_faces_indexed_total", "Faces written to the face index."),
    measured("pixora_queue_depth", "Jobs waiting or being worked on, by kind."),
    measured("pixora_queue_leased", "Jobs being worked on, by kind."),
    measured("pixora_queue_failed", "Jobs that were given up, by kind."),
    measured("pixora_queue_age_seconds", "Age of the oldest job that is not done, by kind."),
    measured("pixora_compute_threads", "Threads of a pool for work of the processor."),
    measured("pixora_compute_busy_threads", "Threads of a pool that are working."),
    measured("pixora_compute_waiting", "Work that waits for a thread, by pool and lane."),
    measured("pixora_index_faces", "Faces in the face index."),
    counted("pixora_webhook_attempts_total", "Attempts to deliver a webhook, by outcome."),
    measured("pixora_webhook_backlog", "Deliveries that are not settled."),
    counted("pixora_mail_attempts_total", "Attempts to send a mail, by outcome."),
    counted("pixora_push_attempts_total", "Attempts to send a push notification, by outcome."),
    measured("pixora_mail_backlog", "Mails that wait for the mail server."),
    measured("pixora_telegram_backlog", "Updates and messages of the bot that wait."),
    measured("pixora_erasures_pending", "Deleted photos of which something is still to be removed."),
    counted("pixora_cache_requests_total", "Questions to a cache, by its name and result."),
    measured("pixora_database_connections", "Connections of a pool, by state."),
    timed("pixora_database_write_wait_seconds", "Until a transaction that writes has its turn."),
    measured("pixora_disk_free_bytes", "Free for us where the data directory lies."),
    counted("pixora_scrub_bytes_total", "Bytes of what is kept that were compared with what was written."),
    counted("pixora_scrub_faults_total", "Files and vectors that were not what was written, by fault."),
    measured(
        "pixora_scrub_finished_seconds",
        "When everything was last looked at by this process, in Unix time.",
    ),
    measured("pixora_build_info", "Always 1; the version is its label."),
    counted("process_cpu_seconds_total", "Processor time of this process, all threads."),
    measured("process_resident_memory_bytes", "Memory of this process that is in RAM."),
    measured("process_open_fds", "Open files and connections of this process."),
    measured("process_threads", "Threads of this process."),
    measured("process_start_time_seconds", "When this process began to count, in Unix time."),
];

const fn counted(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, help }
}

const fn measured(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, help }
}

const fn timed(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram, help }
}

/// The metrics of this process. The first call starts collecting.
pub fn metrics() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let recorder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
            .expect("the list of buckets is not empty")
            .build_recorder();
        let handle = recorder.handle();
        // Fails only when another recorder is installed, which nothing but this function does.
        let _ = metrics::set_global_recorder(recorder);
        for Metric { name, kind, help } in METRICS {
            match kind {
                Kind::Counter => metrics::describe_counter!(name, help),
                Kind::Gauge => metrics::describe_gauge!(name, help),
                Kind::Histogram => metrics::describe_histogram!(name, help),
            }
        }
        gauge!("pixora_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        gauge!("process_start_time_seconds").set(unix_seconds());
        // A rate needs the zero that was before the first.
        counter!("pixora_upload_bytes_total").absolute(0);
        counter!("pixora_faces_indexed_total").absolute(0);
        counter!("pixora_scrub_bytes_total").absolute(0);
        handle
    })
}

/// One answered request. `route` is the pattern (`/media/{session}/…`), never the path.
pub fn request_answered(route: &str, method: &'static str, status: u16, took: Duration) {
    let route = route.to_owned();
    counter!("http_requests_total", "route" => route.clone(), "method" => method, "status" => status.to_string())
        .increment(1);
    histogram!("http_request_duration_seconds", "route" => route, "method" => method).record(took);
}

/// Bytes of photos that came in, whatever becomes of them.
pub fn uploaded(bytes: u64) {
    counter!("pixora_upload_bytes_total").increment(bytes);
}

/// A photo left the pipeline: `outcome` is `ready` or the code of its rejection.
pub fn photo_processed(outcome: &'static str, faces: u64) {
    counter!("pixora_photos_processed_total", "outcome" => outcome).increment(1);
    counter!("pixora_faces_indexed_total").increment(faces);
}

/// One stage of a photo.
pub fn photo_stage(stage: &'static str, took: Duration) {
    histogram!("pixora_photo_stage_seconds", "stage" => stage).record(took);
}

/// Runs one of a photo's stages that are no work of the processor: a span of its own, and its time.
pub async fn waiting_stage<T>(stage: &'static str, work: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let done = work.instrument(tracing::info_span!("stage", stage)).await;
    photo_stage(stage, started.elapsed());
    done
}

/// A selfie search ended: `outcome` is `hit`, `empty` or the code of its failure.
pub fn search_answered(outcome: &'static str, started: Instant) {
    histogram!("pixora_search_duration_seconds", "outcome" => outcome).record(started.elapsed());
}

/// Runs one stage of a search: a span of its own, and its time.
pub async fn search_stage<T>(stage: &'static str, work: impl Future<Output = T>) -> T {
    let started = Instant::now();
    let done = work.instrument(tracing::info_span!("stage", stage)).await;
    histogram!("pixora_search_stage_seconds", "stage" => stage).record(started.elapsed());
    done
}

/// An attempt to deliver a webhook: `outcome` is `delivered` or the code of its failure.
pub fn webhook_attempted(outcome: &'static str) {
    counter!("pixora_webhook_attempts_total", "outcome" => outcome).increment(1);
}

/// An attempt to send a mail: `outcome` is `sent`, `postponed` or `given_up`.
pub fn mail_attempted(outcome: &'static str) {
    counter!("pixora_mail_attempts_total", "outcome" => outcome).increment(1);
}

/// An attempt to send a push notification: `outcome` is `sent`, `gone`, or the code of its failure.
pub fn push_attempted(outcome: &'static str) {
    counter!("pixora_push_attempts_total", "outcome" => outcome).increment(1);
}

/// Somebody asked a cache, and it knew or did not.
pub fn cache_asked(cache: &'static str, knew: bool) {
    let result = if knew { "hit" } else { "miss" };
    counter!("pixora_cache_requests_total", "cache" => cache, "result" => result).increment(1);
}

/// A transaction that writes waited so long for its turn.
pub fn write_waited(since: Instant) {
    histogram!("pixora_database_write_wait_seconds").record(since.elapsed());
}

/// A pool of threads as it is now.
#[derive(Debug, Clone, Copy)]
pub struct PoolLoad {
    pub threads: usize,
    pub busy: usize,
    /// Waiting work for which a person waits too.
    pub interactive: usize,
    pub batch: usize,
}

pub fn pool_seen(pool: &'static str, load: PoolLoad) {
    gauge!("pixora_compute_threads", "pool" => pool).set(load.threads as f64);
    gauge!("pixora_compute_busy_threads", "pool" => pool).set(load.busy as f64);
    for (lane, waiting) in [("interactive", load.interactive), ("batch", load.batch)] {
        gauge!("pixora_compute_waiting", "pool" => pool, "lane" => lane).set(waiting as f64);
    }
}

/// The jobs of one kind as they are now; `oldest` is the age of the one that has waited longest.
pub fn queue_seen(kind: &'static str, depth: u64, leased: u64, failed: u64, oldest: Option<Duration>) {
    gauge!("pixora_queue_depth", "kind" => kind).set(depth as f64);
    gauge!("pixora_queue_leased", "kind" => kind).set(leased as f64);
    gauge!("pixora_queue_failed", "kind" => kind).set(failed as f64);
    gauge!("pixora_queue_age_seconds", "kind" => kind).set(oldest.unwrap_or_default());
}

/// The face index as it is now.
pub fn index_seen(faces: u64) {
    gauge!("pixora_index_faces").set(faces as f64);
}

/// The numbers of rows that wait to be sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Backlog {
    pub webhooks: u64,
    pub mails: u64,
    pub telegram: u64,
    pub erasures: u64,
}

pub fn backlog_seen(backlog: Backlog) {
    gauge!("pixora_webhook_backlog").set(backlog.webhooks as f64);
    gauge!("pixora_mail_backlog").set(backlog.mails as f64);
    gauge!("pixora_telegram_backlog").set(backlog.telegram as f64);
    gauge!("pixora_erasures_pending").set(backlog.erasures as f64);
}

/// Connections of one pool to the database: `open` of them, `idle` of these unused.
pub fn connections_seen(pool: &'static str, open: usize, idle: usize) {
    for (state, connections) in [("used", open.saturating_sub(idle)), ("idle", idle)] {
        gauge!("pixora_database_connections", "pool" => pool, "state" => state).set(connections as f64);
    }
}

/// Something that is kept was read and compared: its bytes, and the codes of what was wrong with it.
pub fn scrubbed(bytes: u64, faults: impl Iterator<Item = &'static str>) {
    counter!("pixora_scrub_bytes_total").increment(bytes);
    for fault in faults {
        counter!("pixora_scrub_faults_total", "fault" => fault).increment(1);
    }
}

/// Everything that is kept has been looked at.
pub fn scrub_finished() {
    gauge!("pixora_scrub_finished_seconds").set(unix_seconds());
}

fn unix_seconds() -> f64 {
    crate::clock::now().timestamp_micros() as f64 / 1e6
}

pub fn watchers_seen(watchers: usize) {
    gauge!("pixora_watchers").set(watchers as f64);
}

pub fn disk_seen(free_bytes: u64) {
    gauge!("pixora_disk_free_bytes").set(free_bytes as f64);
}

/// This process as the operating system sees it now, where it says so.
pub fn process_seen() {
    let Some(usage) = process::usage() else { return };
    counter!("process_cpu_seconds_total").absolute(usage.cpu_seconds);
    gauge!("process_resident_memory_bytes").set(usage.resident_bytes as f64);
    gauge!("process_open_fds").set(usage.open_files as f64);
    gauge!("process_threads").set(usage.threads as f64);
}
