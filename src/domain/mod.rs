//! The words of the product as types. Pure: no I/O, no async, no framework.

mod account;
mod face;
mod ids;
mod mail;
mod photo;
mod photo_session;
mod watermark;
mod webhook;

pub use account::{Email, Invalid, Phone, Role, Scope, Studio, User};
pub use face::{FaceRow, RelativeBox};
pub use ids::{
    ApiKeyId, ArchiveId, ConsentId, DeliveryId, DeviceSessionId, FaceId, JobId, MailId, PhotoId,
    PhotoSessionId, SearchId, SignInId, StudioId, UploadId, UserId, WebhookId,
};
pub use mail::Mail;
pub use photo::{DERIVATIVE_SIZES, Derivative, Photo, PhotoState};
pub use photo_session::{PhotoSession, STATUSES};
pub use watermark::{Watermark, WatermarkKind};
pub use webhook::{Announced, SessionEvent};

/// What time it is, for a test to say.
pub type Clock = std::sync::Arc<dyn Fn() -> chrono::DateTime<chrono::Utc> + Send + Sync>;
