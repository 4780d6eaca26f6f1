//! Measurements that `pixora bench` prints.

mod ingest;
mod search;

pub use ingest::{
    IngestSpeed, generate_photos, measure_ingest, measure_plain, peak_memory_mb, reset_peak_memory,
};
pub use search::{SearchLatency, measure_search};
