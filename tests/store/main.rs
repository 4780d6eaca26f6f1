//! Rows, queue, files and index: what each promises, and that `kill -9` does not break it.

#![expect(clippy::disallowed_methods, reason = "a test may look at the clock")]

#[path = "../support/bucket.rs"]
mod bucket;
#[path = "../support/database.rs"]
mod database;
mod fixtures;

mod blobs;
mod crash;
mod files;
mod full_disk;
mod index;
mod jobs;
mod libraries;
mod nodes;
#[path = "../support/qdrant.rs"]
mod qdrant;
mod rebuild;
mod rows;
#[path = "../support/s3.rs"]
mod s3;
mod s3_faults;
mod server;
mod set_aside;
mod shop;
#[path = "../support/full_disk.rs"]
mod small_disk;
mod takeovers;
mod upgrade;
