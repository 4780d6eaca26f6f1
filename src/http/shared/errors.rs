//! How failures that several doors meet are answered. The failures of one door stand beside that door.

use std::{sync::Arc, time::Duration};

use crate::{
    app::{BlobError, StoreError},
    cards::{CardError, LogoError, QrError},
    consents::ConsentError,
    events::TooManyWatchers,
    galleries::ArchiveError,
    guests::{CommentError, GuestError},
    http::{messages::Code, problem::Problem},
    marks::MarkError,
    photo_sessions::{SessionError, StudioError},
    photos::{EraseError, LibraryError},
};

/// A storage that was away is asked again.
const STORAGE_BACK: Duration = Duration::from_secs(15);
/// When to try again where too many are watching.
const WAIT: Duration = Duration::from_secs(30);

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::NotFound => Code::SessionNotFound.into(),
            SessionError::FacePassDisabled => Code::FacepassDisabled.into(),
            SessionError::FaceSearchOff => Code::FaceSearchOff.into(),
            SessionError::PinRequired => Code::PinRequired.into(),
            SessionError::NotRevealed => Code::NotRevealed.into(),
            SessionError::Unavailable(cause) => Self::new(Code::SourceUnavailable).because(cause),
        }
    }
}

impl From<GuestError> for Problem {
    fn from(error: GuestError) -> Self {
        match error {
            GuestError::Session(error) => error.into(),
            GuestError::Consent(error) => error.into(),
            GuestError::TooManySearches(wait) => Self::new(Code::TooManySearches).retry_after(wait),
            GuestError::WrongPin => Code::PinWrong.into(),
            GuestError::LinkNotFound => Code::LinkNotFound.into(),
            GuestError::SendingOff => Code::GuestPhotosOff.into(),
            GuestError::InvalidSenderName => Code::InvalidSenderName.into(),
            GuestError::TooManyFromGuest(most) => Self::new(Code::TooManyFromGuest).with("most", most),
            GuestError::TooManyFromGuests => Code::TooManyFromGuests.into(),
            GuestError::NotFromGuest => Code::NotFromGuest.into(),
            GuestError::NotOwnPhoto => Code::NotOwnPhoto.into(),
            GuestError::InvalidReport => Code::InvalidReport.into(),
            GuestError::Comment(error) => error.into(),
            GuestError::TooManySent(wait) => Self::new(Code::TooManyAttempts).retry_after(wait),
            GuestError::TooManyPins(wait)
            | GuestError::TooManyConsents(wait)
            | GuestError::TooManyLinks(wait) => Self::new(Code::TooManyAttempts).retry_after(wait),
            GuestError::Search(error) => error.into(),
            GuestError::Mark(error) => error.into(),
            GuestError::Store(error) => error.into(),
        }
    }
}

impl From<CommentError> for Problem {
    fn from(error: CommentError) -> Self {
        match error {
            CommentError::Off => Code::CommentsOff.into(),
            CommentError::Invalid => Code::InvalidComment.into(),
            CommentError::TooManyFromGuest(most) => {
                Self::new(Code::TooManyCommentsFromGuest).with("most", most)
            }
            CommentError::TooMany => Code::TooManyComments.into(),
            CommentError::PhotoNotFound => Code::PhotoNotFound.into(),
            CommentError::NotFound => Code::CommentNotFound.into(),
        }
    }
}

impl From<ConsentError> for Problem {
    fn from(error: ConsentError) -> Self {
        match error {
            ConsentError::Invalid => Code::InvalidConsent.into(),
            ConsentError::Outdated(version) => Self::new(Code::ConsentOutdated).with("version", version),
            ConsentError::NotFound => Code::ConsentNotFound.into(),
            ConsentError::RecordNotFound => Code::RecordNotFound.into(),
            ConsentError::TooMany(wait) => Self::new(Code::TooManyAttempts).retry_after(wait),
            ConsentError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_full() { Self::storage_full(error) } else { Self::failed(&error) }
    }
}

impl From<BlobError> for Problem {
    fn from(error: BlobError) -> Self {
        match error {
            // Erased between the row and the file.
            BlobError::NotFound => Code::PhotoNotFound.into(),
            error if error.is_full() => Self::storage_full(error),
            error if error.passes() => {
                Self::new(Code::StorageUnavailable).because(error).retry_after(STORAGE_BACK)
            }
            other => Self::failed(&other),
        }
    }
}

impl From<ArchiveError> for Problem {
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::NoPhotos => Code::PhotoNotFound.into(),
            ArchiveError::TooManyPhotos => Code::ArchiveTooLarge.into(),
            ArchiveError::DownloadsOff => Code::DownloadsOff.into(),
            ArchiveError::BadLink => Code::LinkInvalid.into(),
            ArchiveError::Changed => Code::ArchiveChanged.into(),
            ArchiveError::Preparing { done, photos } => {
                Self::new(Code::ArchivePreparing).with("prepared", done).with("photos", photos)
            }
            ArchiveError::Mark(error) => error.into(),
            ArchiveError::Blob(error) => error.into(),
            ArchiveError::Store(error) => error.into(),
        }
    }
}

impl From<MarkError> for Problem {
    fn from(error: MarkError) -> Self {
        (&error).into()
    }
}

impl From<Arc<MarkError>> for Problem {
    fn from(error: Arc<MarkError>) -> Self {
        (&*error).into()
    }
}

impl From<&MarkError> for Problem {
    fn from(error: &MarkError) -> Self {
        match error {
            MarkError::NotFound => Code::PhotoNotFound.into(),
            MarkError::Remaking => Code::PictureBeingMade.into(),
            MarkError::Empty(_) => Code::InvalidWatermark.into(),
            MarkError::QueueFull { retry_after } => Self::new(Code::PicturesBusy).retry_after(*retry_after),
            MarkError::TimedOut => Code::TimedOut.into(),
            MarkError::Blob(blob) if blob.is_full() => Self::storage_full(blob),
            MarkError::Blob(blob) if blob.passes() => Self::new(Code::StorageUnavailable).because(error),
            MarkError::Drawing(_) | MarkError::Blob(_) | MarkError::Store(_) => Self::failed(error),
        }
    }
}

impl From<StudioError> for Problem {
    fn from(error: StudioError) -> Self {
        match error {
            StudioError::InvalidTerms(field) => Self::new(Code::InvalidTerms).with("field", field),
            StudioError::InvalidName => Code::InvalidName.into(),
            StudioError::InvalidDescription => Code::InvalidDescription.into(),
            StudioError::InvalidStatus { from, to } => {
                Self::new(Code::InvalidStatus).with("from", from.as_str()).with("to", to.as_str())
            }
            StudioError::NotFound => Code::SessionNotFound.into(),
            StudioError::UnknownClient => Code::UnknownClient.into(),
            StudioError::Store(error) => error.into(),
        }
    }
}

impl From<EraseError> for Problem {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::Store(error) => error.into(),
            EraseError::Blob(error) => error.into(),
            EraseError::Index(error) => Self::failed(&error),
        }
    }
}

impl From<LibraryError> for Problem {
    fn from(error: LibraryError) -> Self {
        match error {
            LibraryError::Off => Code::LibraryOff.into(),
            LibraryError::FolderNotAllowed => Code::LibraryFolderNotAllowed.into(),
            LibraryError::NotThere => Code::LibraryFileNotFound.into(),
            LibraryError::Changed => Code::LibraryChanged.into(),
            LibraryError::Store(error) => error.into(),
            LibraryError::Blob(error) => error.into(),
            LibraryError::Erase(error) => error.into(),
            other @ (LibraryError::Empty
            | LibraryError::TooMany(_)
            | LibraryError::Stopped
            | LibraryError::Receive(_)) => Self::failed(&other),
        }
    }
}

impl From<CardError> for Problem {
    fn from(error: CardError) -> Self {
        match error {
            CardError::Qr(QrError::TooSmall { .. }) => Code::InvalidPictureSize.into(),
            CardError::Logo(LogoError::TooLarge(_)) => Code::LogoTooLarge.into(),
            CardError::Logo(LogoError::NotPng | LogoError::Damaged(_) | LogoError::Size { .. }) => {
                Code::InvalidLogo.into()
            }
            CardError::QueueFull { retry_after } => Self::new(Code::QueueFull).retry_after(retry_after),
            CardError::TimedOut => Code::TimedOut.into(),
            other @ (CardError::Qr(_) | CardError::Drawing(_)) => Self::failed(&other),
        }
    }
}

impl From<TooManyWatchers> for Problem {
    fn from(_: TooManyWatchers) -> Self {
        Self::new(Code::TooManyStreams).retry_after(WAIT)
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;

    use super::*;

    #[test]
    fn a_storage_that_is_away_is_told_from_a_file_that_is_not_there() {
        let status = |error| Problem::from(error).into_response().status().as_u16();
        assert_eq!(status(BlobError::NotFound), 404);
        assert_eq!(status(BlobError::late()), 503);
        assert_eq!(status(BlobError::Source(std::io::ErrorKind::StorageFull.into())), 503);
        // EMFILE
        assert_eq!(status(BlobError::Source(std::io::Error::from_raw_os_error(24))), 503);
        assert_eq!(status(BlobError::Source(std::io::ErrorKind::PermissionDenied.into())), 500);
    }
}
