//! Rows, queue, files and index: what each promises, and that `kill -9` does not break it.

#[path = "../support/database.rs"]
mod database;
mod fixtures;

mod blobs;
mod crash;
mod index;
mod jobs;
mod rebuild;
mod rows;
