//! What every room may stand on: settings, telemetry, TLS, secrets and throttles.

#![warn(clippy::unwrap_used)]

pub mod config;
pub mod secrets;
pub mod telemetry;
pub mod throttle;
pub mod tls;

pub(crate) use pixora_domain as domain;
