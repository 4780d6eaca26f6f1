//! Names of files, built from ids and numbers only.

use object_store::path::Path;

use crate::domain::{
    AttachmentId, CustomerImageId, Derivative, HandoffId, HandoffPhotoId, PhotoId, PhotoSessionId, TicketId,
    UserId,
};

/// The name of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlobKey {
    /// The photographer's file, byte for byte.
    Original { session: PhotoSessionId, photo: PhotoId },
    /// A smaller picture. `hash` is of its content: a key's content never changes.
    Derivative { session: PhotoSessionId, photo: PhotoId, size: u32, hash: u64 },
    /// A copy of that derivative with a studio's watermark over it; `mark` is the watermark's hash.
    Marked { session: PhotoSessionId, photo: PhotoId, size: u32, hash: u64, mark: u64 },
    /// An attachment of a support ticket or of a reply, byte for byte.
    Attachment { ticket: TicketId, attachment: AttachmentId },
    /// A customer's picture, or the small one beside it. Its content never changes.
    CustomerImage { customer: UserId, image: CustomerImageId, preview: bool },
    /// A picture between a photobooth and a phone.
    Handoff { handoff: HandoffId, photo: HandoffPhotoId },
    /// The mark by which nodes know that they have the same storage.
    Installation,
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
        Some(Self::Derivative { session, photo, size, hash: hash_of(hash)? })
    }

    /// The copy of a derivative that carries a watermark; `None` for what is no derivative.
    #[must_use]
    pub fn marked(self, mark: u64) -> Option<Self> {
        match self {
            Self::Derivative { session, photo, size, hash } => {
                Some(Self::Marked { session, photo, size, hash, mark })
            }
            _ => None,
        }
    }

    /// The file's own name, beside others of the same photo or picture.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Original { .. } => "original".to_owned(),
            Self::Installation => "mark".to_owned(),
            Self::Attachment { attachment, .. } => attachment.to_string(),
            Self::CustomerImage { preview: true, .. } => "preview.jpg".to_owned(),
            Self::CustomerImage { preview: false, .. } => "whole.jpg".to_owned(),
            Self::Handoff { photo, .. } => format!("{photo}.jpg"),
            Self::Derivative { size, hash, .. } => format!("{size}-{hash:016x}.jpg"),
            Self::Marked { size, hash, mark, .. } => format!("{size}-{hash:016x}-{mark:016x}.jpg"),
        }
    }

    /// The way back from [`BlobKey::name`] of a derivative or a marked one, also for a name from a URL.
    #[must_use]
    pub fn named(session: PhotoSessionId, photo: PhotoId, name: &str) -> Option<Self> {
        let mut parts = name.strip_suffix(".jpg")?.splitn(3, '-');
        let size = parts.next()?.parse().ok()?;
        let key = Self::derivative_of(session, photo, size, parts.next()?)?;
        let key = parts.next().map_or(Some(key), |mark| key.marked(hash_of(mark)?))?;
        // One file has one name: no leading zeros.
        (key.name() == name).then_some(key)
    }

    pub(super) fn path(self) -> Path {
        match self {
            Self::Original { session, photo } => originals_of(session).join(photo.to_string()),
            Self::Derivative { session, photo, .. } | Self::Marked { session, photo, .. } => {
                derivatives_of(session, photo).join(self.name())
            }
            Self::Attachment { ticket, attachment } => attachments_of(ticket).join(attachment.to_string()),
            Self::CustomerImage { customer, image, .. } => {
                Path::from_iter(["customers".to_owned(), customer.to_string()])
                    .join(image.to_string())
                    .join(self.name())
            }
            Self::Handoff { handoff, .. } => handoff_folder(handoff).join(self.name()),
            // As deep as all others, so that a copy of the storage has it too.
            Self::Installation => Path::from_iter(["installation", "nodes"]).join(self.name()),
        }
    }
}

/// 16 hex digits.
fn hash_of(text: &str) -> Option<u64> {
    let is_hash = text.len() == 16 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    is_hash.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

/// All sessions' files.
pub(super) fn sessions() -> Path {
    Path::from("sessions")
}

pub(super) fn session(session: PhotoSessionId) -> Path {
    sessions().join(session.to_string())
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

    #[test]
    fn a_name_leads_back_to_its_file_and_nothing_else_does() {
        let (session, photo) = (PhotoSessionId::generate(), PhotoId::generate());
        let clean = BlobKey::Derivative { session, photo, size: 2048, hash: 0xff };
        for key in [clean, clean.marked(0xabc).expect("is a derivative")] {
            assert_eq!(BlobKey::named(session, photo, &key.name()), Some(key));
        }
        for hostile in [
            "02048-00000000000000ff.jpg",
            "2048-00000000000000ff.png",
            "2048-00000000000000ff-.jpg",
            "2048-00000000000000ff-0000000000000abc-0000000000000abc.jpg",
            "2048-00000000000000ff-../../../original.jpg",
            "+2048-00000000000000ff.jpg",
            "original",
        ] {
            assert_eq!(BlobKey::named(session, photo, hostile), None, "{hostile}");
        }
    }
}
