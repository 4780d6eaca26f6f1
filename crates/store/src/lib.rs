//! Rows, and the queue that commits with them.

#![warn(clippy::unwrap_used)]

pub mod jobs;
pub mod store;

pub(crate) use pixora_domain as domain;
pub(crate) use pixora_platform::{disk, reach, secrets, telemetry};
