//! Rows, queue, files and index: what each promises, and that `kill -9` does not break it.

#[path = "../support/database.rs"]
mod database;
mod fixtures;

mod blobs;
mod crash;
mod files;
mod index;
mod jobs;
#[path = "../support/qdrant.rs"]
mod qdrant;
mod rebuild;
mod rows;
mod server;
mod shop;
mod upgrade;
