//! What those who look after a session are told of it.

use std::{fmt, str::FromStr};

use super::Invalid;

words! {
    /// The occasion of a notice.
    NoticeKind "kind of notice" {
        /// A guest has opened the session's page for the first time.
        FirstVisit "first_visit",
        /// Somebody has ordered photos.
        Order "order",
        /// Files that were begun do not come any further.
        UploadStalled "upload_stalled",
        /// A guest has asked to be left out.
        HideRequest "hide_request",
        /// Photos that guests have sent wait to be looked at.
        GuestPhotos "guest_photos",
        /// Somebody has reported a photo that a guest has sent.
        PhotoReported "photo_reported",
        /// Comments of guests wait to be looked at.
        Comments "comments",
        /// Somebody has reported a comment.
        CommentReported "comment_reported",
    }
}
