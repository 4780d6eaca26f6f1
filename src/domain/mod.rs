//! The words of the product as types. Pure: no I/O, no async, no framework.

// Before the rest: its macro `words!` is used by others.
#[macro_use]
mod account;
mod face;
mod handoff;
mod ids;
mod mail;
mod photo;
mod photo_session;
mod webhook;

pub use account::{Email, Invalid, Phone, Role, Scope, Studio, User};
pub use face::{FaceRow, RelativeBox};
pub use handoff::{
    ENOUGH_HANDOFF_UPLOADS, HANDOFF_LIFE, HandoffKind, HandoffPhoto, HandoffPhotoType, HandoffRefusal,
    HandoffSession, HandoffStatus, MOST_HANDOFF_UPLOADS,
};
pub use ids::{
    ApiKeyId, AttachmentId, ConsentId, DeliveryId, DeviceSessionId, FaceId, HandoffId, HandoffPhotoId, JobId,
    MailId, PhotoId, PhotoSessionId, SearchId, SignInId, StudioId, TicketId, TicketReplyId, UploadId, UserId,
    WebhookId,
};
pub use mail::Mail;
pub use photo::{DERIVATIVE_SIZES, Derivative, Photo, PhotoState};
pub use photo_session::{PhotoSession, STATUSES};
pub use webhook::{Announced, SessionEvent};

/// What time it is, for a test to say.
pub type Clock = std::sync::Arc<dyn Fn() -> chrono::DateTime<chrono::Utc> + Send + Sync>;
