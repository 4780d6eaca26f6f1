//! Measurements that `pixora bench` prints.

mod search;

pub use search::{SearchLatency, measure_search};
