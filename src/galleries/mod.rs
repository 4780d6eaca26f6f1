//! What leaves the house: pictures under a studio's watermark, and many files as one archive.
//!
//! [`Marks`] makes and keeps the copies that guests see while a watermark is set; [`Archives`] puts files into
//! a ZIP whose every byte is known beforehand, so that nothing is built and any range can be sent. Knows no
//! prices and no orders: who may have what is asked before.

mod archive;
mod archives;
mod marks;
mod names;
mod zip;

pub use archive::Archive;
pub use archives::{ArchiveError, Archives, Begun, Copies, MOST_PHOTOS};
pub use marks::{CLEAN, MarkError, Marks, StudioMark};
pub use names::{clean as clean_name, extension};
