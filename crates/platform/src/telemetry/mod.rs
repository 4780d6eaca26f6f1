//! Observability: logs on stderr, Prometheus metrics, traces by OTLP.
//!
//! Nothing personal goes into any of them: no query strings, file names, addresses, and no session ids,
//! because a session's id is the key to its gallery. Features name what happened through the functions here,
//! so that every metric's name and labels are in one place; what of a span may leave is one list in `traces`.
//!
//! # Metrics, spans and logs
//!
//! `telemetry/` is the one room that knows how the program is watched. The others say what happened by its
//! functions (`photo_processed`, `webhook_attempted`) and open `tracing` spans; they know neither
//! Prometheus nor OpenTelemetry.
//!
//! - **Metrics** are one table (`METRICS`), from which they are described, and with which tests compare the
//!   dashboard and the alerts in `docs/`. What is a state rather than an event (queue, backlogs, disk, this
//!   process) is read when `/metrics` is asked, by the same handler on every kind of node.
//! - **Spans**: a request, a webhook, a mail, a payment, a message of the bot, and a photo's job each begin
//!   a trace, or a request continues its caller's (`traceparent`); their stages are children. `compute/`
//!   takes the span along into its threads. A photo's job is not tied to the upload that brought it: they
//!   may lie hours, processes and machines apart, and a row would have to carry it.
//! - **What leaves is a list.** Spans also feed the log, where ids help. The exporter sends the fields of
//!   `ATTRIBUTES` (`telemetry/traces.rs`), under OpenTelemetry's names, and no other, no events and no
//!   other library's spans. So a new field of a span cannot leak; it has to be let out.
//! - **Off costs nothing**: without a collector there is no layer, and `traceparent` is passed on as
//!   before. On, a thread of its own sends batches from a queue of 4096 spans; what finds no room or no
//!   collector is dropped, and said once.
//! - **The log in JSON** is a format of our own (`telemetry/logging.rs`, 60 lines): the library's nests the
//!   fields of spans, so that a line's request id would stand elsewhere in a stage than in its request.

mod logging;
mod metrics;
mod process;
mod traceparent;
mod traces;

use tracing_subscriber::{Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::Settings;

pub use self::metrics::{
    Backlog, Kind, METRICS, Metric, PoolLoad, backlog_seen, cache_asked, connections_seen, disk_seen,
    index_seen, mail_attempted, metrics, photo_processed, photo_stage, pool_seen, process_seen,
    push_attempted, queue_seen, request_answered, scrub_finished, scrubbed, search_answered, search_stage,
    uploaded, waiting_stage, watchers_seen, webhook_attempted, write_waited,
};
pub use logging::{say, say_failure};
pub use traceparent::TraceParent;
pub use traces::{adopt, here};

/// Logs and traces, as long as the program runs.
pub struct Telemetry(Option<traces::Export>);

/// Starts logging to stderr and, where a collector is configured, sending traces there. Called once, by the
/// command line, within the runtime that the sending uses.
///
/// # Errors
/// When the filter or the collector cannot be used, or when this was called before.
pub fn start(settings: &Settings) -> Result<Telemetry, Box<dyn std::error::Error + Send + Sync>> {
    let export = settings.otlp.as_ref().map(traces::Export::start).transpose()?;
    let filter = tracing_subscriber::EnvFilter::try_new(&settings.log)?;
    tracing_subscriber::registry()
        .with(export.as_ref().map(traces::Export::layer))
        .with(logging::layer(settings.log_format, std::io::stderr).with_filter(filter))
        .try_init()?;
    logging::log_panics(settings.log_format);
    Ok(Telemetry(export))
}

impl Telemetry {
    /// Sends what is left, for a few seconds at most. The runtime must still run.
    pub fn stop(self) {
        if let Some(export) = self.0 {
            export.stop();
        }
    }
}
