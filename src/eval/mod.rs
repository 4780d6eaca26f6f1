//! How good the matching is, measured on a folder of one folder per person.
//!
//! Verification looks at every pair of photos by plain cosine. Everything else runs the product's own
//! [`score_photos`](crate::search::score_photos): the dataset is one session's gallery, or sessions are drawn from
//! it. A gallery holds the labelled faces only, so a second person in a photo cannot be counted as wrong.

mod dataset;
mod groups;
mod hard;
mod metrics;
mod people;
mod plot;
mod selfie;
mod sessions;

pub use dataset::{Dataset, Sample, Shrunk};
pub use groups::{Group, GroupRates, read_groups};
pub use hard::{CONDITIONS, CleanSelfie, Condition, HardOutcome, search_hard, take_clean_selfies};
pub use metrics::{Verification, verify};
pub use people::{People, group_people};
pub use plot::draw;
pub use selfie::{Selfie, search_selfies};
pub use sessions::{Outcome, Outcomes, Plan, search_sessions};

use sha2::{Digest, Sha256};

/// The half to which a person belongs, by their name: the search's numbers were chosen on half 0.
#[must_use]
pub fn half_of(name: &str) -> u8 {
    Sha256::digest(name)[0] % 2
}
