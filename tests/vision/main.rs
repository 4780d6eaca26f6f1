//! Pictures and faces with the real models on the sample photographs (`make setup` fetches both).

mod detection;
mod embedders;
mod fixtures;
mod hostile;
mod orientation;
mod people;
mod quality;
#[path = "../../crates/vision/tests/pictures/small_files.rs"]
mod small_files;
