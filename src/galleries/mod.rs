//! Many photos as one archive.
//!
//! [`Archives`] puts files into a ZIP whose every byte is known beforehand, so that nothing is built and any
//! range can be sent. Knows no prices and no orders: who may have what is asked before.
//!
//! # How an archive is sent
//!
//! `galleries/zip.rs` lays an archive out without any file: entries are stored, lengths and CRC-32 stand in
//! rows (`photo_files`, written with the photo's other rows; found out once for photos that are older), so
//! for any offset it can say which header, part of a file or piece of the directory stands there. Pure,
//! property-tested against slices of the whole and a reader of its own. No library does this: those that
//! write ZIP write it from the beginning. `galleries/archive.rs` walks the layout and takes file parts from
//! the storage; nothing is built, in memory lies one piece.
//!
//! A guest's archive is a row with the photos' ids and the digest of what it held. At each request the
//! layout is made anew from the rows; another digest means that a client could not resume it, and it is
//! told so (410). A file that is gone or has another length than its row says, after the first byte, breaks
//! the connection rather than the archive.

mod archive;
mod archives;
mod credits;
mod named;
mod names;
mod small;
mod zip;

pub use archive::Archive;
pub use archives::{ArchiveError, Archives, Begun, Copies, Delivered, MOST_PHOTOS};
pub use credits::{credit_segments, segments_tag, with_segments};
pub use named::{Named, NamedFiles};
pub use names::{clean as clean_name, extension};
pub use small::archive_of;
