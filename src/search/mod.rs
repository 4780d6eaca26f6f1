//! A selfie in, the photos that show this guest out.
//!
//! # How a search goes
//!
//! `http/sessions/search.rs` or `telegram/talk.rs` → `guests/`, which holds what every door owes a guest
//! (an open session, the consent) → `search/service.rs`: embed the chosen face on the interactive lane
//! (`search/probe.rs`), ask the index (`search/matcher.rs`), add rows, count, answer. The selfie lives in
//! that one call. Its embedding stays in memory for the guest's visit, when a consent was given
//! (`search/live.rs`), and is written nowhere.
//!
//! The matcher clusters the probe with its 300 nearest faces of the session by average linkage
//! (`search/cluster.rs`) and scores a face by how it joins the probe's cluster. Measured against the
//! plain cosine, one step of query expansion, and several others, on people that the constants were not
//! chosen on; `pixora eval` shows the outcome. Kept because `eval` says so: landmark refinement, mirrored
//! averaging. Not kept: query expansion (clustering does more and lets fewer strangers in), more crops a
//! face, landmark averaging, and matching poor faces to the finished cluster (at most .3 % more photos). Not tried:
//! offering photos from behind that were taken within seconds of confirmed ones, because no labelled set at hand has
//! times.
//!
//! `search/judge.rs` says how likely a face is the guest's in this session, and from when on its photo is shown:
//! that probability is the score that is shown. A few photos just below are offered as doubtful. Two faces of
//! one photo never join one cluster, and faces of poor quality are neither matched nor support others.

mod cluster;
mod facts;
mod judge;
mod live;
mod matcher;
mod probe;
mod service;

use std::{net::IpAddr, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    domain::{ConsentId, Photo, PhotoId, PhotoSessionId, RelativeBox, SearchId},
    index::IndexError,
    store::StoreError,
    throttle::network,
};

pub use cluster::{dot, spread};
pub use facts::{ModelFacts, RowFacts};
pub use judge::{Judge, SessionFacts, different_people};
pub use live::{Followed, Following, LONGEST as LONGEST_VISIT, Probing};
pub use matcher::{
    FaceFacts, Gallery, MatchError, MatchOptions, OnThisThread, PhotoMatch, Threads, find_photos,
    score_photos,
};
pub use probe::embed_selfie_with;
pub use service::SearchService;

/// The client that asks. Within a session, clients take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asker {
    /// A guest's page, see [`Asker::at`].
    Address(IpAddr),
    /// A chat of the bot.
    Chat(i64),
    /// The command line.
    Operator,
}

impl Asker {
    /// The asker at this address; the many addresses of a household count as one.
    #[must_use]
    pub fn at(address: IpAddr) -> Self {
        Self::Address(network(address))
    }
}

/// A guest's search request.
#[derive(Debug, Clone)]
pub struct SearchRequest {
    pub session: PhotoSessionId,
    pub asker: Asker,
    /// 1 to 5 encoded pictures of one guest.
    pub selfies: Vec<Bytes>,
    /// The chosen face of a single selfie; else the largest central one.
    pub face: Option<usize>,
    pub consent: Option<ConsentId>,
    /// Search with a poor face rather than ask for a better selfie. Guests can take another; an
    /// operator with one picture cannot.
    pub lenient: bool,
    /// Photos of an earlier answer's `perhaps` of which the guest says that they show them: the faces found there
    /// count as further selfies in this search. Nothing of it is stored.
    pub confirmed: Vec<PhotoId>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct SearchAnswer {
    pub id: SearchId,
    /// Name of the embedder.
    pub model: String,
    /// Every face of every selfie; at most one of each is chosen.
    pub faces: Vec<ProbeFace>,
    /// Surely the guest's, best first.
    pub matches: Vec<Match>,
    /// A few that may be, for the guest to confirm or dismiss.
    pub perhaps: Vec<Match>,
    /// Photos that can be shown now, and photos still in the queue.
    pub photos_total: u64,
    pub photos_pending: u64,
}

/// A face in a selfie.
#[derive(Debug, Clone, PartialEq)]
pub struct ProbeFace {
    /// Position in its selfie, counted from 0.
    pub index: usize,
    /// Position of the selfie in the request.
    pub selfie: usize,
    pub rect: RelativeBox,
    /// 0..1, see `vision::quality`.
    pub quality: f32,
    pub chosen: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    pub photo: Photo,
    /// What other programs call it.
    pub external_ids: Vec<String>,
    /// How likely this is the guest, 0..1.
    pub score: f32,
    /// The matched face.
    pub rect: RelativeBox,
}

#[derive(Debug, thiserror::Error)]
pub enum SearchError {
    #[error("no face was found in the selfie")]
    NoFace,
    #[error("the face is not clear enough: {}", reasons.join(", "))]
    LowQuality { reasons: Vec<&'static str> },
    #[error("the chosen face is not in the selfie")]
    UnknownFace,
    #[error("the consent was not given in this session")]
    UnknownConsent,
    #[error("the selfie is of a type that cannot be read")]
    UnsupportedType,
    #[error("the selfie is damaged")]
    Undecodable {
        /// Per cent of it that could be read, where it breaks off.
        readable: Option<u8>,
    },
    #[error("the selfie has more pixels than a phone's camera takes")]
    TooManyPixels,
    #[error("too many searches are waiting")]
    QueueFull { retry_after: Duration },
    #[error("the search did not finish in time")]
    TimedOut,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Index(#[from] IndexError),
    /// Ours, not the guest's; the text is for the log.
    #[error("{0}")]
    Internal(String),
}

impl SearchError {
    /// Stable name of the failure.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoFace => "no_face",
            Self::LowQuality { .. } => "low_quality",
            Self::UnknownFace => "unknown_face",
            Self::UnknownConsent => "unknown_consent",
            Self::UnsupportedType => "unsupported_type",
            Self::Undecodable { .. } => "undecodable_image",
            Self::TooManyPixels => "selfie_too_many_pixels",
            Self::QueueFull { .. } => "queue_full",
            Self::TimedOut => "timed_out",
            Self::Store(error) if error.is_full() => "storage_full",
            Self::Store(_) | Self::Index(_) | Self::Internal(_) => "internal",
        }
    }
}

/// The search as doors see it, so that a door's tests need no models.
#[async_trait]
pub trait SelfieSearch: Send + Sync + 'static {
    async fn search(&self, request: SearchRequest) -> Result<SearchAnswer, SearchError>;

    /// Whether a search would be taken now; for doors that have much to read before they can ask.
    ///
    /// # Errors
    /// `QueueFull`.
    fn admits(&self, session: PhotoSessionId, asker: Asker) -> Result<(), SearchError>;

    /// Repeats a search with the probes of an earlier one; records and counts nothing. Finds nothing when the
    /// embedder that made the probes has gone.
    async fn again(&self, followed: &Followed) -> Result<Vec<Match>, SearchError>;

    /// The embedders that a search in the session may be repeated with, the one that answers now first.
    async fn models(&self, session: PhotoSessionId) -> Result<Vec<String>, SearchError>;

    /// Whether models are loaded and a search could run now; the text is for the log and `/readyz`.
    async fn health(&self) -> Result<(), String>;
}
