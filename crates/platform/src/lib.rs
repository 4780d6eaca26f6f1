//! What every room may stand on: settings, telemetry, TLS, secrets, throttles, open files, and what a disk or a
//! network says when it fails.

#![warn(clippy::unwrap_used)]
#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "a test may look at the clock"))]

pub mod allocator;
pub mod clock;
pub mod config;
pub mod descriptors;
pub mod disk;
pub mod reach;
pub mod secrets;
pub mod telemetry;
pub mod throttle;
pub mod tls;

pub(crate) use pixora_domain as domain;
