//! What an operator sees: logs on stderr, Prometheus numbers, traces by OTLP.
//!
//! Nothing personal goes into any of them: no query strings, file names, addresses, and no session ids,
//! because a session's id is the key to its gallery. Features name what happened through the functions here,
//! so that every metric's name and labels are in one place; what of a span may leave is one list in `traces`.

mod logging;
mod metrics;
mod process;
mod traceparent;
mod traces;

use tracing_subscriber::{Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::Settings;

pub use self::metrics::{
    Backlog, Kind, METRICS, Metric, PoolLoad, backlog_seen, cache_asked, connections_seen, disk_seen,
    index_seen, mail_attempted, metrics, photo_processed, photo_stage, pool_seen, process_seen, queue_seen,
    request_answered, search_answered, search_stage, uploaded, waiting_stage, watchers_seen,
    webhook_attempted, write_waited,
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
