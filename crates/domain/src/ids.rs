//! Identifiers. Each thing has its own type, so that a photo's id cannot be passed for a face's.
//! An id that opens something to whoever knows it is a UUIDv4: 122 random bits, nothing else. The others are UUIDv7,
//! which sort by time; two of one millisecond differ in some 32 bits only, so none of them may be a secret.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        id!($(#[$doc])* $name, Uuid::now_v7());
    };
    ($(#[$doc:meta])* $name:ident, unguessable) => {
        id!($(#[$doc])* $name, Uuid::new_v4());
    };
    ($(#[$doc:meta])* $name:ident, $make:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id.
            #[must_use]
            pub fn generate() -> Self {
                Self($make)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            /// Accepts the hyphenated form only: one resource has one URL.
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                // `try_parse` alone would also take the 32-digit, braced and URN forms.
                let hyphenated = if text.len() == 36 { text } else { "" };
                Uuid::parse_str(hyphenated).map(Self)
            }
        }
    };
}

id!(
    /// One shoot; its id is also the link in the QR code.
    PhotoSessionId,
    unguessable
);
id!(PhotoId);
id!(
    /// Somebody in the photos of one session.
    PersonId
);
id!(
    /// A guest's device that sends photos to one session, writes on them, or reports something.
    SenderId
);
id!(
    /// What a guest has written on a photo.
    CommentId
);
id!(
    /// A guest's wish to be left out.
    HideRequestId
);
id!(
    /// A face that was put to a person.
    PersonFaceId
);
id!(
    /// Photos that somebody has chosen.
    ChoiceListId,
    unguessable
);
id!(
    /// A part of a session's day.
    ChapterId
);
id!(StudioId);
id!(
    /// One answered selfie search; whoever knows it receives new matches.
    SearchId,
    unguessable
);
id!(
    /// One recorded "yes" to face matching; whoever knows it may take it back.
    ConsentId,
    unguessable
);
id!(
    /// A list of library keys that are indexed one after the other.
    FaceBatchId
);
id!(JobId);
id!(UserId);
id!(
    /// One signed-in device of one user.
    DeviceSessionId
);
id!(ApiKeyId);
id!(InvitationId);
id!(PasskeyId);
id!(
    /// Photos that a guest takes along at once.
    ArchiveId,
    unguessable
);
id!(
    /// One try to sign in.
    SignInId
);
id!(MailId);
id!(NoticeId);
id!(
    /// One message of news on its way.
    NewsMessageId
);
id!(
    /// One erasure that somebody asked for, and its receipt.
    ErasureId
);
id!(WebhookId);
id!(
    /// One event on its way to one webhook; the same through all attempts.
    DeliveryId
);
id!(
    /// One file on its way in; whoever knows it and owns it may resume it.
    UploadId,
    unguessable
);
id!(
    /// One photobooth's hand-off session; whoever knows it may read and write.
    HandoffId,
    unguessable
);
id!(TicketId);
id!(TicketReplyId);
id!(
    /// One file sent with a ticket or a reply.
    AttachmentId
);
id!(
    /// Something that a studio sells, at its price.
    PriceId
);
id!(
    /// A promo code of a studio.
    PromoId
);
id!(
    /// A way of delivery of a studio.
    ShippingId
);
id!(CartId, unguessable);
id!(
    /// One line of a cart or of an order.
    LineId
);
id!(
    /// One sale. Its link is signed: the id alone opens nothing.
    OrderId
);
id!(OrderEventId);
id!(
    /// One placement order.
    PlacementId
);
id!(
    /// One picture of a customer.
    CustomerImageId
);
id!(HandoffPhotoId, unguessable);

/// One detected face in one photo, under one embedding model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FaceId(pub Uuid);

impl FaceId {
    /// Derived from photo, face number and model, so that indexing a photo twice writes the same
    /// points again instead of new ones.
    #[must_use]
    pub fn derive(photo: PhotoId, number: u32, model: &str) -> Self {
        Self(Uuid::new_v5(&photo.0, format!("{number}/{model}").as_bytes()))
    }
}

impl LineId {
    /// Of a package's part that nobody puts photos into, beside the line of its package: the same each time that the
    /// cart is priced.
    #[must_use]
    pub fn of_part(package: Self, part: PriceId) -> Self {
        Self(Uuid::new_v5(&package.0, part.0.as_bytes()))
    }
}

impl fmt::Display for FaceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_id_depends_on_photo_number_and_model() {
        let photo = PhotoId::generate();
        let id = FaceId::derive(photo, 0, "a");
        assert_eq!(id, FaceId::derive(photo, 0, "a"));
        assert_ne!(id, FaceId::derive(photo, 1, "a"));
        assert_ne!(id, FaceId::derive(photo, 0, "b"));
        assert_ne!(id, FaceId::derive(PhotoId::generate(), 0, "a"));
    }

    #[test]
    fn an_id_that_opens_something_is_random() {
        let made = [
            PhotoSessionId::generate().0,
            HandoffId::generate().0,
            HandoffPhotoId::generate().0,
            ConsentId::generate().0,
            SearchId::generate().0,
            ArchiveId::generate().0,
            CartId::generate().0,
            UploadId::generate().0,
        ];
        for id in made {
            assert_eq!(id.get_version_num(), 4, "{id}");
        }
    }

    #[test]
    fn only_the_hyphenated_form_is_an_id() {
        let id = PhotoSessionId::generate();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(id.0.simple().to_string().parse::<PhotoSessionId>().is_err());
        assert!("{}".parse::<PhotoSessionId>().is_err());
    }
}
