//! Names of files, built from ids and numbers only.

use object_store::path::Path;

use crate::domain::{
    AttachmentId, CustomerImageId, Derivative, HandoffId, HandoffPhotoId, PhotoId, PhotoSessionId, TicketId,
    UserId,
};

/// The name of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlobKey {
    /// What the photographer sent, byte for byte.
    Original { session: PhotoSessionId, photo: PhotoId },
    /// A smaller picture. `hash` is of its content: a key's content never changes.
    Derivative { session: PhotoSessionId, photo: PhotoId, size: u32, hash: u64 },
    /// What came with a support ticket or a reply to it, byte for byte.
    Attachment { ticket: TicketId, attachment: AttachmentId },
    /// A customer's picture, or the small one beside it. Its content never changes.
    CustomerImage { customer: UserId, image: CustomerImageId, preview: bool },
    /// A picture between a photobooth and a phone.
    Handoff { handoff: HandoffId, photo: HandoffPhotoId },
}

impl BlobKey {
    #[must_use]
    pub fn original(session: PhotoSessionId, photo: PhotoId) -> Self {
        Self::Original { session, photo }
    }

    /// `None` when the hash is not the 16 hex digits that [`Derivative`] promises; a client's URL may
    /// hold anything.
    #[must_use]
    pub fn derivative(session: PhotoSessionId, photo: PhotoId, derivative: &Derivative) -> Option<Self> {
        Self::derivative_of(session, photo, derivative.size, &derivative.hash)
    }

    /// Like [`BlobKey::derivative`], from the parts of a URL.
    #[must_use]
    pub fn derivative_of(session: PhotoSessionId, photo: PhotoId, size: u32, hash: &str) -> Option<Self> {
        let is_hash =
            hash.len() == 16 && hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        let hash = is_hash.then(|| u64::from_str_radix(hash, 16).ok()).flatten()?;
        Some(Self::Derivative { session, photo, size, hash })
    }

    pub(super) fn path(self) -> Path {
        match self {
            Self::Original { session, photo } => originals_of(session).join(photo.to_string()),
            Self::Derivative { session, photo, size, hash } => {
                derivatives_of(session, photo).join(format!("{size}-{hash:016x}.jpg"))
            }
            Self::Attachment { ticket, attachment } => attachments_of(ticket).join(attachment.to_string()),
            Self::CustomerImage { customer, image, preview } => {
                let name = if preview { "preview.jpg" } else { "whole.jpg" };
                Path::from_iter(["customers".to_owned(), customer.to_string()])
                    .join(image.to_string())
                    .join(name)
            }
            Self::Handoff { handoff, photo } => handoff_folder(handoff).join(format!("{photo}.jpg")),
        }
    }
}

pub(super) fn session(session: PhotoSessionId) -> Path {
    Path::from_iter(["sessions".to_owned(), session.to_string()])
}

pub(super) fn originals_of(id: PhotoSessionId) -> Path {
    session(id).join("originals")
}

pub(super) fn derivatives_of(id: PhotoSessionId, photo: PhotoId) -> Path {
    session(id).join("derivatives").join(photo.to_string())
}

/// All tickets' files.
pub(super) fn tickets() -> Path {
    Path::from("tickets")
}

pub(super) fn attachments_of(ticket: TicketId) -> Path {
    tickets().join(ticket.to_string())
}

pub(super) fn handoffs() -> Path {
    Path::from("handoffs")
}

pub(super) fn handoff_folder(id: HandoffId) -> Path {
    handoffs().join(id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_from_a_url_cannot_leave_the_folder() {
        let (session, photo) = (PhotoSessionId::generate(), PhotoId::generate());
        for hostile in [
            "../../../../etc/p",
            "0123456789abcde",
            "0123456789ABCDEF",
            "+123456789abcdef",
            "",
            "%2e%2e%2f%2e%2e%2f%",
        ] {
            assert_eq!(BlobKey::derivative_of(session, photo, 320, hostile), None, "{hostile}");
        }
        let key = BlobKey::derivative_of(session, photo, 320, "00ff00ff00ff00ff");
        let path = key.map(|key| key.path().to_string());
        assert_eq!(path, Some(format!("sessions/{session}/derivatives/{photo}/320-00ff00ff00ff00ff.jpg")));
    }
}
