//! The words of the product as types. Pure: no I/O, no async, no framework.

mod account;
mod face;
mod ids;
mod photo;
mod photo_session;

pub use account::{Email, Invalid, Phone, Role, Scope, Studio, User};
pub use face::{FaceRow, RelativeBox};
pub use ids::{
    ApiKeyId, ConsentId, DeviceSessionId, FaceId, JobId, PhotoId, PhotoSessionId, SearchId, SignInId,
    StudioId, UploadId, UserId,
};
pub use photo::{DERIVATIVE_SIZES, Derivative, Photo, PhotoState};
pub use photo_session::{PhotoSession, STATUSES};

/// What time it is, for a test to say.
pub type Clock = std::sync::Arc<dyn Fn() -> chrono::DateTime<chrono::Utc> + Send + Sync>;
