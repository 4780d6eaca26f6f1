//! Hand-offs: a photobooth and a guest's phone, or Telegram, that meet for half an hour.
//!
//! Offers [`Handoff`], whose verbs lie in files by what they are about: the hand-off itself ([`life`]), its
//! pictures ([`photos`]), who watches it ([`watching`]), and what is left when it is over ([`sweep`]). The id
//! is the secret that opens a hand-off. Must not know HTTP or Telegram.
//!
//! Every request asks first whether the time is over. Rows go before files: a folder of pictures without a
//! row is what a crash has left, and goes with the next sweep.
//!
//! # How a hand-off goes
//!
//! `handoff/` is the half hour in which a photobooth and a phone meet; the id is the secret that opens it.
//! A picture is drawn anew on a thread of its own (`compute/`), its file is written, then the row gets its
//! place: the row's transaction counts, so that of two photos for the last place one is refused, and its
//! file goes again. When the time is over rows go first; then every folder of pictures without a row goes,
//! in the same sweep, each minute and at the start. A row is there before its folder and an id is never
//! used twice, so what has no row is dead: a killed process or a storage that was away leaves nothing
//! behind. A removed hand-off is told from an unknown one for a day, by a hash of its id. Booth, phone and bot watch
//! one topic of `events/`, and read the row anew when something happened.

use std::{net::IpAddr, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};

use crate::{
    blobs::{BlobError, Blobs},
    compute::{Capacity, Compute, ComputeError},
    domain::{Clock, HandoffRefusal, HandoffStatus},
    events::Events,
    imaging::ImageError,
    store::{Store, StoreError},
    throttle::Throttle,
};

mod life;
mod photos;
mod sender;
mod sweep;
mod watching;

pub use life::{Change, Maker, NewHandoff};
pub use photos::{Added, MAX_PHOTO_BYTES, NewPhoto};
pub use sender::Sender;
pub use watching::HandoffEvent;

pub use crate::store::Newest;

#[derive(Debug, thiserror::Error)]
pub enum HandoffError {
    #[error("there is no such hand-off")]
    NotFound,
    #[error("the hand-off's time is over")]
    Expired,
    #[error("the hand-off takes no more pictures of this type")]
    Full,
    #[error("the booth has finished with the hand-off")]
    Completed,
    #[error("a hand-off cannot go from {from} to {to}")]
    Status { from: HandoffStatus, to: HandoffStatus },
    #[error("there is no such picture")]
    PhotoNotFound,
    #[error("a picture may have {} MiB", MAX_PHOTO_BYTES >> 20)]
    PhotoTooLarge,
    /// The picture is to blame.
    #[error(transparent)]
    Picture(ImageError),
    #[error("the booth's data are too long")]
    DataTooLarge,
    #[error("not a Telegram user")]
    InvalidTelegramUser,
    /// From this address.
    #[error("too many new hand-offs")]
    TooMany(Duration),
    /// In this house.
    #[error("too many hand-offs live already")]
    TooManyLive,
    #[error("too many pictures are waiting")]
    QueueFull { retry_after: Duration },
    #[error("the picture was not drawn in time")]
    TimedOut,
    /// A fault of ours.
    #[error("a picture could not be drawn: {0}")]
    Drawing(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Blob(#[from] BlobError),
}

impl From<HandoffRefusal> for HandoffError {
    fn from(refusal: HandoffRefusal) -> Self {
        match refusal {
            HandoffRefusal::Expired => Self::Expired,
            HandoffRefusal::Full => Self::Full,
            HandoffRefusal::Completed => Self::Completed,
            HandoffRefusal::Status { from, to } => Self::Status { from, to },
        }
    }
}

impl From<ComputeError> for HandoffError {
    fn from(error: ComputeError) -> Self {
        match error {
            ComputeError::Full { retry_after } => Self::QueueFull { retry_after },
            ComputeError::TimedOut => Self::TimedOut,
            ComputeError::Panicked(text) => Self::Drawing(text),
        }
    }
}

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Handoff {
    store: Store,
    blobs: Blobs,
    events: Events,
    /// A thread of its own, so that neither selfies nor photos wait for a booth.
    compute: Compute<()>,
    strangers: Arc<Throttle<IpAddr>>,
    clock: Clock,
}

impl Handoff {
    /// # Errors
    /// When the operating system refuses a thread.
    pub fn start(
        store: Store,
        blobs: Blobs,
        events: Events,
        clock: Clock,
    ) -> Result<Self, rayon::ThreadPoolBuildError> {
        // A picture takes a good half second at worst.
        let compute = Compute::start("handoff", vec![()], Capacity { interactive: 32, batch: 1 })?;
        // Sixty at once, then one every five seconds: a booth behind one address makes one for each guest.
        let strangers = Arc::new(Throttle::new(60, Duration::from_secs(5)));
        Ok(Self { store, blobs, events, compute, strangers, clock })
    }

    fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }
}
