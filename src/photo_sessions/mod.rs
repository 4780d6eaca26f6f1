//! Photo sessions as guests meet them: is this link valid, and what does it open?
//!
//! Offers [`PhotoSessions`], which asks one or more [`SessionSource`]s and remembers the answers for a
//! short while. Must not know HTTP, SQL, or what is inside a session (photos, faces).

mod own;
mod service;
mod source;

pub use own::OwnSource;
pub use service::{PhotoSessions, SessionError, Validation};
pub use source::{SessionSource, SourceError};
