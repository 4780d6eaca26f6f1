//! What every room may stand on: settings, telemetry, TLS, secrets, throttles and open files.

#![warn(clippy::unwrap_used)]

pub mod config;
pub mod descriptors;
pub mod secrets;
pub mod telemetry;
pub mod throttle;
pub mod tls;

pub(crate) use pixora_domain as domain;
