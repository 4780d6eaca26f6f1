//! Photo sessions as guests meet them: is this link valid, and what does it open?
//!
//! Offers [`PhotoSessions`], which asks one or more [`SessionSource`]s and remembers the answers for a
//! short while, [`StudioSessions`], which makes and changes our own, and [`SessionSync`], which notices
//! changes in a source that is not ours. Must not know HTTP, SQL, or what is inside a session (photos, faces).
//!
//! # Sessions of the studio's own database, and webhooks
//!
//! `photo_sessions` asks its sources in order: our rows, then the studio's PostgreSQL (`store/external.rs`,
//! the one file with connections and SQL of its own: that database is not ours, always PostgreSQL, and only
//! read). Its pools connect when first asked, ask the replica first that answered last, and once none
//! answers they fail at once until a task that looks every second finds one back, so that an outage costs a
//! crowd nothing but the answer. `photo_sessions/sync.rs` reads what changed, notes what it saw
//! (`external_sessions_seen`), and hands it to the cache.
//!
//! A webhook's delivery is a row that commits with the change that causes it (`store/webhooks.rs`,
//! `announce`): in the sync's transaction for external sessions, in the change's own for ours. The
//! deliveries are a queue of their own: they wait for hours, keep a log and are sent again by hand.
//! `webhooks/target.rs` decides where one may go, as the HTTP client's resolver, at the moment of the
//! connection.

mod ends;
mod external;
mod links;
mod own;
mod service;
mod source;
mod studio;
mod sync;

pub use crate::store::{Newest, SessionFilter, StudioSession};
pub use external::ExternalSource;
pub use links::LinkError;
pub use own::OwnSource;
pub use service::{PhotoSessions, SessionError, Validation};
pub use source::{SessionSource, SourceError};
pub use studio::{NewSession, SessionChange, StudioError, StudioSessions, TermsChange};
pub use sync::SessionSync;
