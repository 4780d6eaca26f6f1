//! Helpers of several handlers: reading bodies, and answering.

mod attachment;
pub mod bodies;
pub mod compression;
mod conditional;
mod errors;
pub mod idempotency;
mod picture;
pub mod sse;
mod time;

pub use attachment::{attachment, saved_as, shown_as};
pub use conditional::{Part, not_modified, part, partial};
pub use picture::{Focus, LINK_NAME, Picture, file_name, picture_urls};
pub use time::{camera_time, parsed_time, parsed_zone, time, time_in};
