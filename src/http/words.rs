//! Words of a fixed set, as JSON has them and the description of the interface lists them.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, ObjectBuilder, RefOr, SchemaFormat,
        schema::{Schema, Type},
    },
};

use crate::domain::{self, Words};

/// One word of a set of the domain's.
#[derive(Debug, Clone, Copy)]
pub struct Word<T>(pub T);

impl<T> From<T> for Word<T> {
    fn from(word: T) -> Self {
        Self(word)
    }
}

impl<T: Words> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

fn one_of(words: impl IntoIterator<Item = String>) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}

impl<T: Words> PartialSchema for Word<T> {
    fn schema() -> RefOr<Schema> {
        one_of(T::ALL.iter().map(ToString::to_string))
    }
}

impl<T: Words> ToSchema for Word<T> {
    fn name() -> Cow<'static, str> {
        T::NAME.into()
    }
}

// The derived schemas know these by one name; with a type in brackets they would put the two names together.
pub type DeliveryState = Word<crate::webhooks::DeliveryState>;
pub type AtEnd = Word<domain::AtEnd>;
pub type ColourLabel = Word<domain::ColourLabel>;
pub type CommentState = Word<domain::CommentState>;
pub type Comments = Word<domain::Comments>;
pub type ConsentPurpose = Word<domain::ConsentPurpose>;
pub type Downloads = Word<domain::Downloads>;
pub type HandoffKind = Word<domain::HandoffKind>;
pub type HandoffPhotoType = Word<domain::HandoffPhotoType>;
pub type HandoffStatus = Word<domain::HandoffStatus>;
pub type ChoiceKind = Word<domain::ChoiceKind>;
pub type HideState = Word<domain::HideState>;
pub type Language = Word<domain::Language>;
pub type NewsChannel = Word<domain::NewsChannel>;
pub type NoticeKind = Word<domain::NoticeKind>;
pub type OrderStatus = Word<domain::OrderStatus>;
pub type PaymentMethod = Word<domain::PaymentMethod>;
pub type PhotoSort = Word<domain::PhotoSort>;
pub type PhotoState = Word<domain::PhotoState>;
pub type PlacementStatus = Word<domain::PlacementStatus>;
pub type GuestPhotos = Word<domain::GuestPhotos>;
pub type Previews = Word<domain::Previews>;
pub type PriceKind = Word<domain::PriceKind>;
pub type Role = Word<domain::Role>;
pub type Scope = Word<domain::Scope>;
pub type SessionEvent = Word<domain::SessionEvent>;
pub type TicketCategory = Word<domain::TicketCategory>;
pub type TicketPriority = Word<domain::TicketPriority>;
pub type TicketStatus = Word<domain::TicketStatus>;

/// The status of one of our own sessions. A session of an external database may have others, so answers that
/// show those too have plain text.
pub struct SessionStatus;

impl PartialSchema for SessionStatus {
    fn schema() -> RefOr<Schema> {
        one_of(domain::SessionStatus::OURS.map(String::from))
    }
}

impl ToSchema for SessionStatus {
    fn name() -> Cow<'static, str> {
        "SessionStatus".into()
    }
}

/// Bytes that are no text: a picture, an archive.
pub struct Binary;

impl PartialSchema for Binary {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

impl ToSchema for Binary {
    fn name() -> Cow<'static, str> {
        "Binary".into()
    }
}
