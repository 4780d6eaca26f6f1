//! Pictures and faces: pure computation, without tokio, rows or HTTP.

#![warn(clippy::unwrap_used)]

pub mod imaging;
pub mod vision;
