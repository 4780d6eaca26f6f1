//! A photo's way from a file to a gallery in which faces can be found.
//!
//! [`Uploads`] puts together what comes in piece by piece and [`ledger`] accounts for it;
//! [`Receiver`] stores originals and queues them; [`Processor`] makes derivatives and vectors of one
//! photo; [`Worker`] keeps the processor busy; [`GalleryKeeper`] shows, hides and deletes; [`Eraser`] undoes
//! all of it.
//!
//! # A photo from its bytes to its faces
//!
//! `receive → (hash, dedupe) → file → row + job in one transaction → acknowledge` in `photos/receive.rs`;
//! then, by the queue, `decode → derivatives → detect → align → quality → embed` in `photos/analyse.rs` and
//! `derivatives' files → vectors → rows + end of the job in one transaction` in `photos/process.rs`.
//!
//! - **Acknowledged is durable.** The original is written and fsynced under its photo's id, then row and
//!   job commit together (SQLite in WAL mode with `synchronous=FULL`, or PostgreSQL), then we answer. A
//!   crash before the commit leaves a file without a row, which `pixora doctor --fix` removes.
//! - **Every step may run twice.** Derivatives are named by their content, vectors by photo, face number
//!   and model; the rows come last. A photo erased while it is processed is noticed at that last commit,
//!   and its files and vectors are taken away again.
//! - **Nothing is stuck.** A job is leased; what a dead process held is taken back at the next start (with
//!   SQLite one process at a time holds the data directory, so every such lease is a dead one's), or a
//!   minute after its last sign of life by another node. Overload and outages (a full disk, no descriptors,
//!   a database, index or storage that is away) make a photo wait and count no attempt. Any other failure of
//!   ours is retried with back-off and, after eight attempts, the photo is set aside as `processing_failed`,
//!   unless another worker has made it ready meanwhile. Its job stays as given up, and it is tried again when
//!   a worker starts, when somebody says so, or when the same file comes again. A fault of the file rejects
//!   that photo with its own code. `tests/crash/` kills a lone
//!   process twenty times, and a node and both workers of a PostgreSQL, in the middle of what they do.
//! - **Large faces are cheap, small ones are paid for when they are there.** A JPEG is decoded at the
//!   smallest DCT scale that serves the 2048-pixel derivative. The detector looks coarsely first and
//!   closely only where something small is proposed; crops of small faces are cut from the original at full
//!   size.
//!
//! # A file that is uploaded
//!
//! `http/uploads/` speaks tus 1.0; `photos/uploads.rs` puts the parts together in the spool
//! (`blobs/spool.rs`) and, with the last byte, hands the file to `Receiver::receive_spooled`.
//!
//! - **The file's length is the truth.** No row says how far an upload has come. Whoever asks is told the
//!   spooled file's length after it has been flushed; a row could be ahead of the disk, or behind it.
//! - **A part is written by a task of its own**, fed through a channel of four pieces: that is all the
//!   memory an upload takes, and what has come counts even when the request that carried it is dropped.
//!   Only the check of the header reads a file whole, 256 MiB of them at a time at most.
//! - **A checksummed part has a mark beside the file**, saying where the part began, until it is verified;
//!   after a crash the part is cut off there.
//! - **Finishing may run twice.** The photo's id is given when the upload begins. The complete file is
//!   hard-linked to where the original belongs (copied where that is impossible, as into S3), then row and
//!   job commit, then the upload's row says what has become of it, then the spooled name goes. A crash in
//!   between is mended by the next question about the upload or by the sweep at the start and every ten
//!   minutes, which also removes uploads that nobody has resumed for a day.
//! - The spool is a local folder also when originals live elsewhere: S3 cannot append, and an acknowledged
//!   part must not wait for it.
//!
//! `pixora ingest` with `PIXORA_URL` (`cli/remote/`) is a client of the same interface: the ledger first,
//! so that nothing is sent that is there; then what an earlier run began; then the rest, four files at a
//! time; then the ledger again.
//!
//! # A photo that is deleted
//!
//! `photos/bin.rs` keeps it for a while for those who manage its session. When that is over, or where it is erased at once:
//!
//! Row, faces and jobs go in one transaction that writes down what is left to remove (`erasures`). From
//! that commit guests are refused. Vectors and files follow at once; what a crash or a full disk left is
//! removed at the next start or a minute later. If a worker had the photo in hand, files and vectors are
//! removed once more ten minutes later. An ordinary deletion removes the points from the index without
//! rewriting it, see `docs/PRIVACY.md`.

mod analyse;
mod bin;
mod care;
mod chapters;
mod erase;
mod external;
mod from_guests;
mod gallery;
mod ledger;
mod library;
mod litter;
mod process;
mod receive;
mod reembed;
mod scrub;
mod uploads;
mod worker;

pub use crate::{
    blobs::Checksum,
    imaging::heif_support,
    store::{
        CameraClock, GalleryCursor, Marked, Marks, Narrowed, PhotoCounts, PhotoFilter, PhotoOrder,
        PhotoPlace, Rejection, RejectionCursor, SessionZone, Upload, UploadResult,
    },
};
pub use analyse::{AnalyseError, Analysed, StageTimes, analyse};
pub use care::{Care, CareError, Fault, Looked};
pub use chapters::{ChapterError, MOST_CHAPTERS, WantedChapter};
pub use erase::{EraseError, Eraser, Left, Receipt};
pub use external::{
    BatchWorker, ExternalError, ExternalPhotos, FaceFinder, FindError, Found, Given, MOST_IN_BATCH,
    PhotoFaces, PipelineFinder, Sent, Standing as ExternalStanding,
};
pub use gallery::GalleryKeeper;
pub use ledger::{Ledger, SentFile, Standing};
pub use library::{Libraries, LibraryError, LibraryLimits, LibraryPlaces, LibraryState, RowCatalogue};
pub use litter::unwanted;
pub use process::{Outcome, Processor};
pub use receive::{HEAD, Incoming, MAX_BYTES, ReceiveError, Receiver, is_sidecar, refused_unread};
pub use reembed::{MODEL_KEPT, Reembedder, Takeover};
pub use scrub::Scrubber;
pub use uploads::{About, KEPT, NewUpload, Part, Progress, Swept, UploadError, Uploads, plain_filename};
pub use worker::Worker;
