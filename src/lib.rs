//! Pixora: a guest takes a selfie and finds every photo that they are in.
//!
//! `docs/ARCHITECTURE.md` shows the rooms. An arrow only ever points down:
//! doors (`http`, `cli`, `bench`) → features (`accounts`, `photo_sessions`, `photos`, `search`, `support`) →
//! means (`jobs`, `compute`, `store`, `index`, `blobs`) → ground (`imaging`, `vision`, `domain`).

// Here and not in Cargo.toml, where it would hold for the helpers of tests too.
#![warn(clippy::unwrap_used)]

pub mod accounts;
pub mod app;
pub mod backup;
pub mod bench;
pub mod blobs;
pub mod cards;
pub mod cli;
pub mod compute;
pub mod config;
pub mod domain;
pub mod eval;
pub mod events;
pub mod galleries;
pub mod guests;
pub mod handoff;
pub mod http;
pub mod imaging;
pub mod index;
pub mod jobs;
pub mod live;
pub mod mail;
pub mod photo_sessions;
pub mod photos;
pub mod placements;
pub mod search;
pub mod secrets;
pub mod shop;
pub mod store;
pub mod support;
pub mod telegram;
pub mod telemetry;
pub mod throttle;
pub mod tls;
pub mod vision;
pub mod webhooks;
