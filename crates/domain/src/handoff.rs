//! A photobooth and a guest's phone (or Telegram) that meet for half an hour, and the rules of it.

use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};

use super::{HandoffId, HandoffPhotoId, Invalid, StudioId};

/// How long a hand-off lives.
pub const HANDOFF_LIFE: TimeDelta = TimeDelta::minutes(30);
/// How many hand-offs may live at the same time, unless a booth's key makes one more.
pub const MOST_STRANGERS_HANDOFFS: u64 = 1_000;
/// The same for those made with a key.
pub const MOST_HANDOFFS: u64 = 10_000;
/// Pictures that a phone may send in one hand-off.
pub const MOST_HANDOFF_UPLOADS: u32 = 5;
/// With so many pictures the booth has enough to begin.
pub const ENOUGH_HANDOFF_UPLOADS: u32 = 3;
/// Pictures that a booth may leave in one hand-off; more than one only where it makes several prints.
pub const MOST_HANDOFF_RESULTS: u32 = 5;

words! {
    /// The direction in which the pictures go.
    HandoffKind "type of a hand-off" {
        /// The phone sends pictures to the booth.
        Upload "upload",
        /// The booth leaves a picture for the phone.
        Download "download",
    }
}

words! {
    HandoffStatus "status of a hand-off" {
        Pending "pending",
        /// There are pictures enough.
        Ready "ready",
        /// The booth is done with it; the phone sends nothing more.
        Completed "completed",
        /// Its time is over, or the booth gave it up.
        Expired "expired",
    }
}

words! {
    HandoffPhotoType "type of a hand-off's picture" {
        /// Sent by the guest.
        Uploaded "uploaded",
        /// Made by the booth.
        Result "result",
    }
}

/// One hand-off. Its id is the secret that opens it.
#[derive(Debug, Clone, PartialEq)]
pub struct HandoffSession {
    pub id: HandoffId,
    pub kind: HandoffKind,
    pub status: HandoffStatus,
    /// Made with a booth's key; strangers' are fewer.
    pub by_key: bool,
    /// Of that key.
    pub studio: Option<StudioId>,
    pub telegram_user_id: Option<i64>,
    /// Without the `@`.
    pub telegram_username: Option<String>,
    /// Data that the booth keeps with the hand-off; the service never reads it.
    pub data: Option<serde_json::Value>,
    /// Pictures of each type that are there.
    pub uploads: u32,
    pub results: u32,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

/// A picture in a hand-off, without its bytes: an upright JPEG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoffPhoto {
    pub id: HandoffPhotoId,
    pub handoff: HandoffId,
    pub photo_type: HandoffPhotoType,
    /// From 0, in the order of arrival, counted for each type.
    pub order_index: u32,
    /// Of the message that brought it, so that the bot never stores it twice.
    pub telegram_file_id: Option<String>,
    /// Of the JPEG.
    pub bytes: u64,
    pub created_at: DateTime<Utc>,
}

/// Why a hand-off does not do what it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandoffRefusal {
    #[error("its time is over")]
    Expired,
    #[error("it takes no more pictures of this type")]
    Full,
    #[error("the booth has finished with it")]
    Completed,
    #[error("it cannot go from {from} to {to}")]
    Status { from: HandoffStatus, to: HandoffStatus },
}

impl HandoffSession {
    /// A new one, from now on for half an hour.
    #[must_use]
    pub fn begin(kind: HandoffKind, now: DateTime<Utc>) -> Self {
        Self {
            id: HandoffId::generate(),
            kind,
            status: HandoffStatus::Pending,
            by_key: false,
            studio: None,
            telegram_user_id: None,
            telegram_username: None,
            data: None,
            uploads: 0,
            results: 0,
            created_at: now,
            expires_at: now + HANDOFF_LIFE,
        }
    }

    #[must_use]
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.status == HandoffStatus::Expired || self.expires_at <= now
    }

    /// Makes room for one picture; returns its place among those of its type. The third upload makes the
    /// hand-off ready, and so does the picture that a phone came to fetch.
    ///
    /// # Errors
    /// [`HandoffRefusal`].
    pub fn take(&mut self, photo_type: HandoffPhotoType) -> Result<u32, HandoffRefusal> {
        let (count, most) = match photo_type {
            HandoffPhotoType::Uploaded if self.status == HandoffStatus::Completed => {
                return Err(HandoffRefusal::Completed);
            }
            HandoffPhotoType::Uploaded => (&mut self.uploads, MOST_HANDOFF_UPLOADS),
            HandoffPhotoType::Result => (&mut self.results, MOST_HANDOFF_RESULTS),
        };
        if *count >= most {
            return Err(HandoffRefusal::Full);
        }
        let place = *count;
        *count += 1;
        let enough = self.uploads >= ENOUGH_HANDOFF_UPLOADS
            || (self.kind == HandoffKind::Download && self.results > 0);
        if enough && self.status == HandoffStatus::Pending {
            self.status = HandoffStatus::Ready;
        }
        Ok(place)
    }

    /// Another status, as a client asks: forward only, and to `expired` from anywhere. The same again is no
    /// change.
    ///
    /// # Errors
    /// [`HandoffRefusal::Status`].
    pub fn go_to(&mut self, to: HandoffStatus) -> Result<(), HandoffRefusal> {
        // In the order of their declaration: pending, ready, completed, expired.
        if to < self.status {
            return Err(HandoffRefusal::Status { from: self.status, to });
        }
        self.status = to;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_third_upload_makes_it_ready_and_the_sixth_is_one_too_many() {
        let mut handoff = HandoffSession::begin(HandoffKind::Upload, Utc::now());
        for place in 0..MOST_HANDOFF_UPLOADS {
            assert_eq!(handoff.take(HandoffPhotoType::Uploaded), Ok(place));
            let expected = if place < 2 { HandoffStatus::Pending } else { HandoffStatus::Ready };
            assert_eq!(handoff.status, expected, "after {} pictures", place + 1);
        }
        assert_eq!(handoff.take(HandoffPhotoType::Uploaded), Err(HandoffRefusal::Full));
        assert_eq!(handoff.take(HandoffPhotoType::Result), Ok(0), "results have places of their own");
    }

    #[test]
    fn what_is_fetched_is_ready_with_its_first_picture_and_what_is_sent_is_not() {
        let after_result = |kind| {
            let mut handoff = HandoffSession::begin(kind, Utc::now());
            handoff.take(HandoffPhotoType::Result).expect("there is room");
            handoff.status
        };
        assert_eq!(after_result(HandoffKind::Download), HandoffStatus::Ready);
        assert_eq!(after_result(HandoffKind::Upload), HandoffStatus::Pending);
    }

    #[test]
    fn a_status_goes_forward_only() {
        use HandoffStatus::{Completed, Expired, Pending, Ready};
        for (from, to, may) in [
            (Pending, Ready, true),
            (Pending, Completed, true),
            (Ready, Ready, true),
            (Ready, Pending, false),
            (Completed, Ready, false),
            (Completed, Expired, true),
            (Pending, Expired, true),
        ] {
            let mut handoff =
                HandoffSession { status: from, ..HandoffSession::begin(HandoffKind::Upload, Utc::now()) };
            assert_eq!(handoff.go_to(to).is_ok(), may, "{from} to {to}");
            assert_eq!(handoff.status, if may { to } else { from });
        }
        let mut done =
            HandoffSession { status: Completed, ..HandoffSession::begin(HandoffKind::Upload, Utc::now()) };
        assert_eq!(done.take(HandoffPhotoType::Uploaded), Err(HandoffRefusal::Completed));
        assert_eq!(done.take(HandoffPhotoType::Result), Ok(0), "the booth may still leave its picture");
    }

    #[test]
    fn it_is_over_after_half_an_hour() {
        let begun = Utc::now();
        let handoff = HandoffSession::begin(HandoffKind::Upload, begun);
        assert!(!handoff.is_over(begun + TimeDelta::seconds(1799)));
        assert!(handoff.is_over(begun + TimeDelta::minutes(30)));
    }
}
