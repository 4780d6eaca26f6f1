//! The words of the product as types. Pure: no I/O, no async, no framework.

#![warn(clippy::unwrap_used)]
#![cfg_attr(test, expect(clippy::disallowed_methods, reason = "a test may look at the clock"))]

#[macro_use]
mod account;
mod addresses;
mod back_off;
mod chapter;
mod choice;
mod colour;
mod comment;
mod consent;
mod crop;
mod erasure;
mod external_id;
mod face;
mod gallery;
mod handoff;
mod hide;
mod ids;
mod label;
mod language;
mod link;
mod mail;
mod money;
mod news;
mod notice;
mod once;
mod order;
mod payment;
mod person;
mod photo;
mod photo_session;
mod placement;
mod price;
mod return_url;
mod sale;
mod ticket;
mod time_zone;
mod watermark;
mod web_origin;
mod webhook;

pub use account::{Email, Invalid, MOST_DEVICES, Phone, Role, Scope, Studio, User, Words};
pub use addresses::Addresses;
pub use back_off::BackOff;
pub use chapter::{Chapter, ChapterSpan, Chapters, suggested_starts};
pub use choice::{ChoiceKind, ChoiceList};
pub use colour::{Colour, Tones};
pub use comment::{CommentState, CommentText, Comments, LONGEST_COMMENT, visible_words};
pub use consent::ConsentPurpose;
pub use crop::{kept_by_crops, part_of_shape};
pub use erasure::Erasable;
pub use external_id::{EXTERNAL_ID_BYTES, ExternalId};
pub use face::{FaceRow, RelativeBox};
pub use gallery::{AtEnd, Downloads, ERASED_AFTER, GalleryTerms, GuestPhotos, PhotoSort, Previews, WEB};
pub use handoff::{
    ENOUGH_HANDOFF_UPLOADS, HANDOFF_LIFE, HandoffKind, HandoffPhoto, HandoffPhotoType, HandoffRefusal,
    HandoffSession, HandoffStatus, MOST_HANDOFF_UPLOADS, MOST_HANDOFFS, MOST_STRANGERS_HANDOFFS,
};
pub use hide::HideState;
pub use ids::{
    ApiKeyId, ArchiveId, AttachmentId, CartId, ChapterId, ChoiceListId, CommentId, ConsentId,
    CustomerImageId, DeliveryId, DeviceSessionId, ErasureId, FaceBatchId, FaceId, HandoffId, HandoffPhotoId,
    HideRequestId, InvitationId, JobId, LineId, MailId, NewsMessageId, NoticeId, OrderEventId, OrderId,
    PasskeyId, PersonFaceId, PersonId, PhotoId, PhotoSessionId, PlacementId, PriceId, PromoId, SearchId,
    SenderId, ShippingId, SignInId, StudioId, TicketId, TicketReplyId, UploadId, UserId, WebhookId,
};
pub use label::ColourLabel;
pub use language::Language;
pub use link::{LinkCode, SessionLink};
pub use mail::Mail;
pub use money::{Currency, Money};
pub use news::NewsChannel;
pub use notice::NoticeKind;
pub use once::{Once, OnceKey};
pub use order::{
    Buyer, Line, Order, OrderActor, OrderEvent, OrderStatus, PaymentMethod, PaymentPage, TransitionRefused,
};
pub use payment::{Payment, PaymentEvent, PaymentNotice};
pub use person::{Company, PersonSummary};
pub use photo::{
    CoupleHides, DERIVATIVE_SIZES, Derivative, LARGEST, PROCESSING_FAILED, Photo, PhotoFacts, PhotoState,
    PhotoWords, RawFile, SentFile, Shot, TILE, Viewer, folded_name, is_raw, name_key, stem_key,
};
pub use photo_session::{PhotoSession, SessionStatus};
pub use placement::{Balance, CustomerImage, Geo, ImageCode, PLACEMENT_CURRENCY, Placement, PlacementStatus};
pub use price::{Names, Part, Price, PriceKind, PriceList};
pub use return_url::ReturnUrl;
pub use sale::{
    Address, Discount, Promo, PromoRefused, PromoUses, PromoValue, PromoWord, Shipping, ShippingMethod,
    ShopSettings, Tax, TaxLine,
};
pub use ticket::{
    Attachment, Person, Ticket, TicketCategory, TicketPriority, TicketReply, TicketSight, TicketStatus,
};
pub use time_zone::TimeZone;
pub use watermark::{Watermark, WatermarkKind};
pub use web_origin::WebOrigin;
pub use webhook::{Announced, SessionEvent};

/// A time as everything that we write shows it, as clients of the old service expect it:
/// `2026-02-18T17:55:51.746000+00:00`.
#[must_use]
pub fn timestamp(time: chrono::DateTime<chrono::Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

/// The clock; tests hand in their own.
pub type Clock = std::sync::Arc<dyn Fn() -> chrono::DateTime<chrono::Utc> + Send + Sync>;
