//! Pixora: a guest takes a selfie and finds every photo that they are in.
//!
//! `docs/ARCHITECTURE.md` shows the rooms. An arrow only ever points down:
//! doors (`http`, `cli`, `bench`) → features (`accounts`, `photo_sessions`, `photos`, `search`, `support`) →
//! means (`jobs`, `compute`, `store`, `index`, `blobs`) → ground (`imaging`, `vision`, `domain`).

// Here and not in Cargo.toml, where it would hold for the helpers of tests too.
#![warn(clippy::unwrap_used)]
#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "a test may look at the clock"))]

pub mod accounts;
pub mod app;
pub mod backup;
pub mod bench;
pub mod blobs;
pub mod cards;
pub mod chats;
pub mod choices;
pub mod cli;
pub mod compute;
pub mod consents;
pub mod embedders;
pub mod erasures;
pub mod eval;
pub mod events;
pub mod ftp;
pub mod galleries;
pub mod guests;
pub mod handoff;
pub mod hosts;
pub mod http;
pub mod live;
pub mod mail;
pub mod marks;
pub mod news;
pub mod notices;
pub mod people;
pub mod photo_sessions;
pub mod photos;
pub mod placements;
pub mod push;
pub mod queue;
pub mod search;
pub mod shop;
pub mod studios;
pub mod support;
pub mod targets;
pub mod telegram;
pub mod usage;
pub mod webhooks;
pub mod words;

// The crates below, under the names by which the rooms call them.
pub use pixora_domain as domain;
pub use pixora_index as index;
pub use pixora_platform::{
    allocator, clock, config, descriptors, disk, reach, secrets, telemetry, throttle, tls,
};
pub use pixora_store::{jobs, store};
pub use pixora_vision::{imaging, vision};
