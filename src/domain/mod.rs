//! The words of the product as types. Pure: no I/O, no async, no framework.

mod face;
mod ids;
mod photo;
mod photo_session;

pub use face::{FaceRow, RelativeBox};
pub use ids::{ConsentId, FaceId, JobId, PhotoId, PhotoSessionId, SearchId, StudioId};
pub use photo::{DERIVATIVE_SIZES, Derivative, Photo, PhotoState};
pub use photo_session::{PhotoSession, STATUSES};
