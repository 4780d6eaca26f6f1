//! A photo's way from a file to a gallery in which faces can be found.
//!
//! [`Receiver`] stores originals and queues them; [`Processor`] makes derivatives and vectors of one
//! photo; [`Worker`] keeps the processor busy; [`Eraser`] undoes all of it.

mod analyse;
mod erase;
mod process;
mod receive;
mod worker;

pub use analyse::{AnalyseError, Analysed, StageTimes, analyse};
pub use erase::{EraseError, Eraser, Left, Receipt};
pub use process::{Outcome, Processor};
pub use receive::{MAX_BYTES, ReceiveError, Receiver};
pub use worker::Worker;
