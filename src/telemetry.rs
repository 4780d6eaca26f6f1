//! Logs on stderr and Prometheus numbers.
//!
//! Nothing personal goes into either: no query strings, file names, addresses, and no session ids,
//! because a session's id is the key to its gallery. Features name what happened through the
//! functions here, so that every metric's name and labels are in one place.

use std::{
    io::IsTerminal,
    sync::OnceLock,
    time::{Duration, Instant},
};

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{LogFormat, Settings};

/// Upper bounds in seconds; the same for every duration, so that dashboards can compare them.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

/// Starts logging to stderr. Called once, by the command line.
///
/// # Errors
/// When logging was already started.
pub fn start_logging(settings: &Settings) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let filter = EnvFilter::try_new(&settings.log)?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match settings.log_format {
        LogFormat::Pretty => builder.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init(),
        LogFormat::Json => {
            builder.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init()
        }
    }
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
        describe();
        handle
    })
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("http_requests_total", "Answered HTTP requests by matched route.");
    describe_histogram!(
        "http_request_duration_seconds",
        Unit::Seconds,
        "Until the answer's headers, by matched route."
    );
    describe_gauge!("pixora_queue_depth", "Jobs waiting or being worked on.");
    describe_gauge!("pixora_queue_age_seconds", Unit::Seconds, "Age of the oldest waiting job.");
    describe_counter!("pixora_photos_processed_total", "Photos that left the pipeline, by outcome.");
    describe_histogram!(
        "pixora_photo_stage_seconds",
        Unit::Seconds,
        "Analysis of a photo on one core, by stage."
    );
    describe_counter!("pixora_faces_indexed_total", "Faces written to the face index.");
    describe_histogram!(
        "pixora_search_duration_seconds",
        Unit::Seconds,
        "Selfie in, matches out; by outcome."
    );
    describe_gauge!("pixora_index_faces", "Faces in the face index.");
}

/// One answered request. `route` is the pattern (`/media/{session}/…`), never the path.
pub fn request_answered(route: &str, method: &'static str, status: u16, took: Duration) {
    let route = route.to_owned();
    metrics::counter!("http_requests_total", "route" => route.clone(), "method" => method, "status" => status.to_string())
        .increment(1);
    metrics::histogram!("http_request_duration_seconds", "route" => route, "method" => method).record(took);
}

/// A photo left the pipeline: `outcome` is `ready` or the code of its rejection.
pub fn photo_processed(outcome: &'static str, faces: u64) {
    metrics::counter!("pixora_photos_processed_total", "outcome" => outcome).increment(1);
    metrics::counter!("pixora_faces_indexed_total").increment(faces);
}

/// One stage of a photo's analysis, in time of one core.
pub fn photo_stage(stage: &'static str, took: Duration) {
    metrics::histogram!("pixora_photo_stage_seconds", "stage" => stage).record(took);
}

/// A selfie search ended: `outcome` is `hit`, `empty` or the code of its failure.
pub fn search_answered(outcome: &'static str, started: Instant) {
    metrics::histogram!("pixora_search_duration_seconds", "outcome" => outcome).record(started.elapsed());
}

/// The queue as it is now; `oldest` is the age of the job that has waited longest.
#[expect(clippy::cast_precision_loss, reason = "Prometheus numbers are f64")]
pub fn queue_seen(depth: u64, oldest: Option<Duration>) {
    metrics::gauge!("pixora_queue_depth").set(depth as f64);
    metrics::gauge!("pixora_queue_age_seconds").set(oldest.unwrap_or_default());
}

/// The face index as it is now.
#[expect(clippy::cast_precision_loss, reason = "Prometheus numbers are f64")]
pub fn index_seen(faces: u64) {
    metrics::gauge!("pixora_index_faces").set(faces as f64);
}
