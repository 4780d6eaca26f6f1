//! A photo's way from a file to a gallery in which faces can be found.
//!
//! [`Uploads`] puts together what comes in piece by piece and [`ledger`] accounts for it;
//! [`Receiver`] stores originals and queues them; [`Processor`] makes derivatives and vectors of one
//! photo; [`Worker`] keeps the processor busy; [`GalleryKeeper`] shows, hides and deletes; [`Eraser`] undoes
//! all of it.

mod analyse;
mod erase;
mod gallery;
mod ledger;
mod process;
mod receive;
mod uploads;
mod worker;

pub use analyse::{AnalyseError, Analysed, StageTimes, analyse};
pub use erase::{EraseError, Eraser, Left, Receipt};
pub use gallery::GalleryKeeper;
pub use ledger::{Ledger, SentFile, Standing, ledger};
pub use process::{Outcome, Processor};
pub use receive::{Incoming, MAX_BYTES, ReceiveError, Receiver};
pub use uploads::{KEPT, NewUpload, Part, Progress, Swept, UploadError, Uploads, plain_filename};
pub use worker::Worker;
