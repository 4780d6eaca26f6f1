//! Rows, queue, files and index: what each promises, and that `kill -9` does not break it.

mod fixtures;

mod blobs;
mod crash;
mod files;
mod index;
mod jobs;
mod rebuild;
mod rows;
mod shop;
