//! How good the matching is, measured on a folder of one folder per person.
//!
//! Verification looks at every pair of photos by plain cosine. Selfie search runs the product's own
//! [`score_photos`](crate::search::score_photos): the dataset is one session's gallery.

mod dataset;
mod metrics;
mod plot;
mod selfie;

pub use dataset::{Dataset, Sample};
pub use metrics::{Verification, verify};
pub use plot::draw;
pub use selfie::{Selfie, search_selfies};
