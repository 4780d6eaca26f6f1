//! Photo sessions as guests meet them: is this link valid, and what does it open?
//!
//! Offers [`PhotoSessions`], which asks one or more [`SessionSource`]s and remembers the answers for a
//! short while, [`StudioSessions`], which makes and changes our own, and [`SessionSync`], which notices
//! changes in a source that is not ours. Must not know HTTP, SQL, or what is inside a session (photos, faces).

mod external;
mod own;
mod service;
mod source;
mod studio;
mod sync;

pub use external::ExternalSource;
pub use own::OwnSource;
pub use service::{PhotoSessions, SessionError, Validation};
pub use source::{SessionSource, SourceError};
pub use studio::{NewSession, SessionChange, StudioError, StudioSessions};
pub use sync::SessionSync;
