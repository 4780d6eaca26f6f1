//! What leaves the house: pictures under a studio's watermark, and many files as one archive.
//!
//! [`Marks`] makes and keeps the copies that guests see while a watermark is set; [`Archives`] puts files into
//! a ZIP whose every byte is known beforehand, so that nothing is built and any range can be sent. Knows no
//! prices and no orders: who may have what is asked before.
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
//! layout is made anew from the rows; another digest means that a client could not go on with it, and it is
//! told so (410). A file that is gone or has another length than its row says, after the first byte, breaks
//! the connection rather than the archive.
//!
//! # How a watermark is drawn
//!
//! `imaging/mark.rs` draws the mark: one tilted tile (the words as SVG by resvg, or the logo, white with a
//! dark edge), laid over the picture again and again in one pass. A picture of 2048 × 1365 costs 37 ms of
//! one core: decoding 10, the mark 6, encoding 21; a mark's first picture 20 to 80 more for its tile
//! (`cargo bench --bench stages watermark`). `galleries/marks.rs` makes a copy when it is first asked for,
//! on two threads of its own, and keeps it beside the derivatives as `{size}-{hash}-{mark}.jpg`. The mark's
//! hash is over everything that it looks like, so nothing is ever overwritten and caches need no
//! invalidation. Copies with an earlier mark are found by their rows and removed within a minute; those of
//! an erased photo go with its folder, and a copy that is finished after its photo was erased finds no row
//! to belong to and is deleted by who made it. Which address a viewer gets is decided where JSON is made
//! (`Picture::new`), whether it is honoured in `http/media.rs`.

mod archive;
mod archives;
mod marks;
mod names;
mod zip;

pub use archive::Archive;
pub use archives::{ArchiveError, Archives, Begun, Copies, MOST_PHOTOS};
pub use marks::{CLEAN, MarkError, Marks, StudioMark};
pub use names::{clean as clean_name, extension};
