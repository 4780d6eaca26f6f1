//! Every failure a client can be told of: its stable `code` and HTTP status. Its words stand under its name in
//! `locales/*/errors.json`. The detail of a 5xx says nothing of our inside.

use axum::http::StatusCode;

use crate::{domain::Language, words::Words};

/// A title (what happened) and a detail (what to do about it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    pub title: &'static str,
    pub detail: &'static str,
}

macro_rules! codes {
    ($($code:ident $name:literal $status:ident)*) => {
        /// Why a request failed. The name (`Code::name`) is a promise to clients.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($code),* }

        impl Code {
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            /// The `code` member of the problem.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$code => $name),* }
            }

            #[must_use]
            pub fn status(self) -> StatusCode {
                // The number that tus has for it; there is no name for the number.
                if self == Self::ChecksumMismatch {
                    return StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST);
                }
                match self { $(Self::$code => StatusCode::$status),* }
            }

            #[must_use]
            pub fn message(self, language: Language) -> Message {
                let text = |part| Words(language).say(&format!("errors.{}.{part}", self.name()));
                Message { title: text("title"), detail: text("detail") }
            }
        }
    };
}

codes! {
    MalformedId "malformed_id" UNPROCESSABLE_ENTITY
    SessionNotFound "session_not_found" NOT_FOUND
    FacepassDisabled "facepass_disabled" NOT_FOUND
    FaceSearchOff "face_search_off" NOT_FOUND
    PinRequired "pin_required" FORBIDDEN
    PinWrong "pin_wrong" FORBIDDEN
    NotRevealed "not_revealed" NOT_FOUND
    DownloadsOff "downloads_off" FORBIDDEN
    InvalidTerms "invalid_terms" UNPROCESSABLE_ENTITY
    StudioNotFound "studio_not_found" NOT_FOUND
    ErasureNotFound "erasure_not_found" NOT_FOUND
    ErasureNotConfirmed "erasure_not_confirmed" CONFLICT
    WebhookNotFound "webhook_not_found" NOT_FOUND
    DeliveryNotFound "delivery_not_found" NOT_FOUND
    InvalidWebhookUrl "invalid_webhook_url" UNPROCESSABLE_ENTITY
    PrivateWebhookUrl "private_webhook_url" UNPROCESSABLE_ENTITY
    InvalidWebhookEvents "invalid_webhook_events" UNPROCESSABLE_ENTITY
    TooManyWebhooks "too_many_webhooks" UNPROCESSABLE_ENTITY
    PhotoNotFound "photo_not_found" NOT_FOUND
    PhotoNotInBin "photo_not_in_bin" NOT_FOUND
    PhotoNotFailed "photo_not_failed" CONFLICT
    ChapterNotFound "chapter_not_found" NOT_FOUND
    InvalidChapterName "invalid_chapter_name" UNPROCESSABLE_ENTITY
    TooManyChapters "too_many_chapters" UNPROCESSABLE_ENTITY
    GuestPhotosOff "guest_photos_off" FORBIDDEN
    InvalidSenderName "invalid_sender_name" UNPROCESSABLE_ENTITY
    TooManyFromGuest "too_many_from_guest" CONFLICT
    TooManyFromGuests "too_many_from_guests" CONFLICT
    NotFromGuest "not_from_guest" NOT_FOUND
    NotOwnPhoto "not_own_photo" NOT_FOUND
    InvalidReport "invalid_report" UNPROCESSABLE_ENTITY
    PhotoFromGuest "photo_from_guest" CONFLICT
    CommentsOff "comments_off" FORBIDDEN
    InvalidComment "invalid_comment" UNPROCESSABLE_ENTITY
    TooManyCommentsFromGuest "too_many_comments_from_guest" CONFLICT
    TooManyComments "too_many_comments" CONFLICT
    CommentNotFound "comment_not_found" NOT_FOUND
    NotAPhoto "not_a_photo" UNPROCESSABLE_ENTITY
    ListNotFound "list_not_found" NOT_FOUND
    SelectionFull "selection_full" CONFLICT
    InvalidListName "invalid_list_name" UNPROCESSABLE_ENTITY
    InvalidSelectionLimit "invalid_selection_limit" UNPROCESSABLE_ENTITY
    NotTheCouples "not_the_couples" CONFLICT
    HidingNotAllowed "hiding_not_allowed" FORBIDDEN
    HidingOverruled "hiding_overruled" CONFLICT
    InvalidMarks "invalid_marks" UNPROCESSABLE_ENTITY
    PeopleOff "people_off" NOT_FOUND
    PersonNotFound "person_not_found" NOT_FOUND
    PersonFaceNotFound "person_face_not_found" NOT_FOUND
    InvalidPersonName "invalid_person_name" UNPROCESSABLE_ENTITY
    PersonNameTaken "person_name_taken" CONFLICT
    PeopleShareAPhoto "people_share_a_photo" CONFLICT
    NobodyLeft "nobody_left" CONFLICT
    NotFoundYet "not_found_yet" CONFLICT
    NewsChannelOff "news_channel_off" CONFLICT
    InvalidNewsAddress "invalid_news_address" UNPROCESSABLE_ENTITY
    InvalidPushSubscription "invalid_push_subscription" UNPROCESSABLE_ENTITY
    UnknownNotice "unknown_notice" UNPROCESSABLE_ENTITY
    NewsNotFound "news_not_found" NOT_FOUND
    NothingToHide "nothing_to_hide" UNPROCESSABLE_ENTITY
    WishNotFound "wish_not_found" NOT_FOUND
    TooManyPeople "too_many_people" UNPROCESSABLE_ENTITY
    ConsentNotFound "consent_not_found" NOT_FOUND
    UnknownConsent "unknown_consent" UNPROCESSABLE_ENTITY
    InvalidConsent "invalid_consent" UNPROCESSABLE_ENTITY
    LastSuperAdmin "last_super_admin" CONFLICT
    AccountHasOrders "account_has_orders" CONFLICT
    ConsentOutdated "consent_outdated" CONFLICT
    RecordNotFound "record_not_found" NOT_FOUND
    InvalidConsentText "invalid_consent_text" UNPROCESSABLE_ENTITY
    UnknownPurpose "unknown_purpose" UNPROCESSABLE_ENTITY
    NoFace "no_face" UNPROCESSABLE_ENTITY
    LowQuality "low_quality" UNPROCESSABLE_ENTITY
    UnknownFace "unknown_face" UNPROCESSABLE_ENTITY
    MissingSelfie "missing_selfie" UNPROCESSABLE_ENTITY
    TooManySelfies "too_many_selfies" UNPROCESSABLE_ENTITY
    SelfieTooLarge "selfie_too_large" PAYLOAD_TOO_LARGE
    SelfieTooManyPixels "selfie_too_many_pixels" PAYLOAD_TOO_LARGE
    UndecodableImage "undecodable_image" UNPROCESSABLE_ENTITY
    UnsupportedType "unsupported_type" UNSUPPORTED_MEDIA_TYPE
    InvalidClock "invalid_clock" UNPROCESSABLE_ENTITY
    FtpOff "ftp_off" NOT_FOUND
    LibraryOff "library_off" NOT_FOUND
    LibraryFolderNotAllowed "library_folder_not_allowed" UNPROCESSABLE_ENTITY
    UnknownCamera "unknown_camera" UNPROCESSABLE_ENTITY
    UnsupportedEncoding "unsupported_encoding" UNSUPPORTED_MEDIA_TYPE
    UnknownField "unknown_field" UNPROCESSABLE_ENTITY
    UnknownParameter "unknown_parameter" UNPROCESSABLE_ENTITY
    UnknownClient "unknown_client" UNPROCESSABLE_ENTITY
    LibraryFileNotFound "library_file_not_found" UNPROCESSABLE_ENTITY
    LibraryChanged "library_changed" SERVICE_UNAVAILABLE
    InvalidExternalId "invalid_external_id" UNPROCESSABLE_ENTITY
    PhotoRejected "photo_rejected" UNPROCESSABLE_ENTITY
    InvalidReturnUrl "invalid_return_url" UNPROCESSABLE_ENTITY
    InvalidOrigin "invalid_origin" UNPROCESSABLE_ENTITY
    TooManyOrigins "too_many_origins" UNPROCESSABLE_ENTITY
    InvalidHost "invalid_host" UNPROCESSABLE_ENTITY
    HostOfInstallation "host_of_installation" CONFLICT
    HostTaken "host_taken" CONFLICT
    HostsUnavailable "hosts_unavailable" CONFLICT
    HostNotFound "host_not_found" NOT_FOUND
    NotUnderThisHost "not_under_this_host" NOT_FOUND
    InvalidBatch "invalid_batch" UNPROCESSABLE_ENTITY
    BatchNotFound "batch_not_found" NOT_FOUND
    TooManyBatches "too_many_batches" TOO_MANY_REQUESTS
    IndexingInterrupted "indexing_interrupted" SERVICE_UNAVAILABLE
    MalformedBody "malformed_body" UNPROCESSABLE_ENTITY
    MalformedQuery "malformed_query" UNPROCESSABLE_ENTITY
    InvalidCursor "invalid_cursor" UNPROCESSABLE_ENTITY
    InvalidLimit "invalid_limit" UNPROCESSABLE_ENTITY
    TooManyIds "too_many_ids" UNPROCESSABLE_ENTITY
    BodyTooSlow "body_too_slow" REQUEST_TIMEOUT
    NetworkBusy "network_busy" TOO_MANY_REQUESTS
    BodyTooLarge "body_too_large" PAYLOAD_TOO_LARGE
    RangeNotSatisfiable "range_not_satisfiable" RANGE_NOT_SATISFIABLE
    HttpsRequired "https_required" BAD_REQUEST
    NotFound "not_found" NOT_FOUND
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED
    TusVersionUnsupported "tus_version_unsupported" PRECONDITION_FAILED
    MalformedUpload "malformed_upload" BAD_REQUEST
    InvalidUploadMetadata "invalid_upload_metadata" UNPROCESSABLE_ENTITY
    UploadTooLarge "upload_too_large" PAYLOAD_TOO_LARGE
    UploadNotFound "upload_not_found" NOT_FOUND
    UploadOffsetMismatch "upload_offset_mismatch" CONFLICT
    UploadLocked "upload_locked" LOCKED
    UploadInterrupted "upload_interrupted" CONFLICT
    ChecksumMismatch "checksum_mismatch" BAD_REQUEST
    MissingPhoto "missing_photo" UNPROCESSABLE_ENTITY
    TooManyFiles "too_many_files" UNPROCESSABLE_ENTITY
    SignInRequired "sign_in_required" UNAUTHORIZED
    Forbidden "forbidden" FORBIDDEN
    CsrfRequired "csrf_required" FORBIDDEN
    InvalidCredentials "invalid_credentials" UNAUTHORIZED
    TooManyAttempts "too_many_attempts" TOO_MANY_REQUESTS
    TooManySearches "too_many_searches" TOO_MANY_REQUESTS
    InvalidRefreshToken "invalid_refresh_token" UNAUTHORIZED
    RefreshTokenReused "refresh_token_reused" UNAUTHORIZED
    SetupLinkInvalid "setup_link_invalid" NOT_FOUND
    InvalidEmail "invalid_email" UNPROCESSABLE_ENTITY
    InvalidPhone "invalid_phone" UNPROCESSABLE_ENTITY
    InvalidName "invalid_name" UNPROCESSABLE_ENTITY
    WeakPassword "weak_password" UNPROCESSABLE_ENTITY
    SecondStepRequired "second_step_required" UNAUTHORIZED
    SecondStepExpired "second_step_expired" UNAUTHORIZED
    InvalidCode "invalid_code" UNAUTHORIZED
    AuthenticatorThere "authenticator_there" CONFLICT
    NoAuthenticator "no_authenticator" NOT_FOUND
    TwoStepOff "two_step_off" CONFLICT
    PasskeysOff "passkeys_off" CONFLICT
    PasskeyRefused "passkey_refused" UNAUTHORIZED
    PasskeyNotFound "passkey_not_found" NOT_FOUND
    TooManyPasskeys "too_many_passkeys" CONFLICT
    ResetLinkInvalid "reset_link_invalid" NOT_FOUND
    EmailLinkInvalid "email_link_invalid" NOT_FOUND
    MemberNotFound "member_not_found" NOT_FOUND
    InvalidRole "invalid_role" UNPROCESSABLE_ENTITY
    InvalidEnd "invalid_end" UNPROCESSABLE_ENTITY
    LastOwner "last_owner" CONFLICT
    InvalidHeir "invalid_heir" UNPROCESSABLE_ENTITY
    InvalidPhotographer "invalid_photographer" UNPROCESSABLE_ENTITY
    InvitationNotFound "invitation_not_found" NOT_FOUND
    InvitationInvalid "invitation_invalid" NOT_FOUND
    RoleDiffers "role_differs" CONFLICT
    MailOff "mail_off" CONFLICT
    LoginTaken "login_taken" CONFLICT
    DeviceSessionNotFound "device_session_not_found" NOT_FOUND
    ApiKeyNotFound "api_key_not_found" NOT_FOUND
    InvalidScopes "invalid_scopes" UNPROCESSABLE_ENTITY
    QrCodeNotFound "qr_code_not_found" NOT_FOUND
    QrCodeSettled "qr_code_settled" CONFLICT
    InvalidDescription "invalid_description" UNPROCESSABLE_ENTITY
    InvalidStatus "invalid_status" UNPROCESSABLE_ENTITY
    InvalidTime "invalid_time" UNPROCESSABLE_ENTITY
    InvalidIdempotencyKey "invalid_idempotency_key" UNPROCESSABLE_ENTITY
    IdempotencyKeyReused "idempotency_key_reused" UNPROCESSABLE_ENTITY
    InvalidPictureSize "invalid_size" UNPROCESSABLE_ENTITY
    InvalidTimeZone "invalid_time_zone" UNPROCESSABLE_ENTITY
    InvalidLanguage "invalid_language" UNPROCESSABLE_ENTITY
    InvalidContact "invalid_contact" UNPROCESSABLE_ENTITY
    InvalidSite "invalid_site" UNPROCESSABLE_ENTITY
    LinkNotFound "link_not_found" NOT_FOUND
    InvalidLabel "invalid_label" UNPROCESSABLE_ENTITY
    TooManyLinks "too_many_links" UNPROCESSABLE_ENTITY
    InvalidDesign "invalid_design" UNPROCESSABLE_ENTITY
    TooManyCards "too_many_cards" UNPROCESSABLE_ENTITY
    NoCover "no_cover" CONFLICT
    InvalidColour "invalid_colour" UNPROCESSABLE_ENTITY
    InvalidCredits "invalid_credits" UNPROCESSABLE_ENTITY
    InvalidLogo "invalid_logo" UNPROCESSABLE_ENTITY
    LogoTooLarge "logo_too_large" PAYLOAD_TOO_LARGE
    TooManyPhotos "too_many_photos" UNPROCESSABLE_ENTITY
    InvalidWatermark "invalid_watermark" UNPROCESSABLE_ENTITY
    ArchiveTooLarge "archive_too_large" UNPROCESSABLE_ENTITY
    ArchiveChanged "archive_changed" GONE
    ArchivePreparing "archive_preparing" SERVICE_UNAVAILABLE
    WebhookSignatureInvalid "webhook_signature_invalid" BAD_REQUEST
    LinkInvalid "link_invalid" NOT_FOUND
    PicturesBusy "pictures_busy" SERVICE_UNAVAILABLE
    TicketNotFound "ticket_not_found" NOT_FOUND
    AttachmentNotFound "attachment_not_found" NOT_FOUND
    InvalidTicket "invalid_ticket" UNPROCESSABLE_ENTITY
    InvalidAssignee "invalid_assignee" UNPROCESSABLE_ENTITY
    TicketClosed "ticket_closed" CONFLICT
    TicketStatusRefused "ticket_status_refused" CONFLICT
    TooManyAttachments "too_many_attachments" UNPROCESSABLE_ENTITY
    AttachmentTooLarge "attachment_too_large" PAYLOAD_TOO_LARGE
    UnsupportedAttachment "unsupported_attachment" UNSUPPORTED_MEDIA_TYPE
    EmptyAttachment "empty_attachment" UNPROCESSABLE_ENTITY
    InvalidCurrency "invalid_currency" UNPROCESSABLE_ENTITY
    InvalidPrice "invalid_price" UNPROCESSABLE_ENTITY
    TooManyPrices "too_many_prices" UNPROCESSABLE_ENTITY
    InvalidShopSettings "invalid_shop_settings" UNPROCESSABLE_ENTITY
    InvalidPromoCode "invalid_promo_code" UNPROCESSABLE_ENTITY
    PromoCodeNotFound "promo_code_not_found" NOT_FOUND
    PromoCodeTaken "promo_code_taken" CONFLICT
    TooManyPromoCodes "too_many_promo_codes" UNPROCESSABLE_ENTITY
    PromoCodeUnknown "promo_code_unknown" UNPROCESSABLE_ENTITY
    PromoCodeNotYet "promo_code_not_yet" UNPROCESSABLE_ENTITY
    PromoCodeOver "promo_code_over" UNPROCESSABLE_ENTITY
    PromoCodeUsedUp "promo_code_used_up" UNPROCESSABLE_ENTITY
    PromoCodeUsed "promo_code_used" UNPROCESSABLE_ENTITY
    UnknownShipping "unknown_shipping" UNPROCESSABLE_ENTITY
    ShippingRequired "shipping_required" UNPROCESSABLE_ENTITY
    InvalidAddress "invalid_address" UNPROCESSABLE_ENTITY
    CartNotFound "cart_not_found" NOT_FOUND
    CartOrdered "cart_ordered" CONFLICT
    CartEmpty "cart_empty" UNPROCESSABLE_ENTITY
    CartFull "cart_full" UNPROCESSABLE_ENTITY
    PackageNotInCart "package_not_in_cart" UNPROCESSABLE_ENTITY
    PackageFull "package_full" UNPROCESSABLE_ENTITY
    PackageNotFilled "package_not_filled" UNPROCESSABLE_ENTITY
    UnknownPrice "unknown_price" UNPROCESSABLE_ENTITY
    PhotoNotForSale "photo_not_for_sale" UNPROCESSABLE_ENTITY
    InvalidCartItem "invalid_cart_item" UNPROCESSABLE_ENTITY
    InvalidQuantity "invalid_quantity" UNPROCESSABLE_ENTITY
    TotalChanged "total_changed" CONFLICT
    InvalidNote "invalid_note" UNPROCESSABLE_ENTITY
    PaymentMethodUnavailable "payment_method_unavailable" UNPROCESSABLE_ENTITY
    PaymentProviderUnavailable "payment_provider_unavailable" SERVICE_UNAVAILABLE
    PaymentProviderRefused "payment_provider_refused" CONFLICT
    OrderBeingPaid "order_being_paid" CONFLICT
    OrderNotFound "order_not_found" NOT_FOUND
    OrderNotPayable "order_not_payable" CONFLICT
    OrderTransitionRefused "order_transition_refused" CONFLICT
    InvalidOrderStatus "invalid_order_status" UNPROCESSABLE_ENTITY
    UserNotFound "user_not_found" NOT_FOUND
    CustomersOnly "customers_only" FORBIDDEN
    PlacementIncomplete "placement_incomplete" BAD_REQUEST
    PlacementInvalid "placement_invalid" UNPROCESSABLE_ENTITY
    PlacementNotFound "placement_not_found" NOT_FOUND
    PlacementNotDraft "placement_not_draft" CONFLICT
    PlacementTransitionRefused "placement_transition_refused" CONFLICT
    InsufficientBalance "insufficient_balance" CONFLICT
    ImageNotFound "image_not_found" NOT_FOUND
    MissingImage "missing_image" UNPROCESSABLE_ENTITY
    ImageTooLarge "image_too_large" PAYLOAD_TOO_LARGE
    ForeignImageUrl "foreign_image_url" UNPROCESSABLE_ENTITY
    InvalidTargetUrl "invalid_target_url" UNPROCESSABLE_ENTITY
    QrDoesNotFit "qr_does_not_fit" UNPROCESSABLE_ENTITY
    QrUnreadable "qr_unreadable" UNPROCESSABLE_ENTITY
    TooManyStreams "too_many_streams" SERVICE_UNAVAILABLE
    QueueFull "queue_full" SERVICE_UNAVAILABLE
    StorageFull "storage_full" SERVICE_UNAVAILABLE
    HandoffNotFound "handoff_not_found" NOT_FOUND
    HandoffExpired "handoff_expired" GONE
    HandoffFull "handoff_full" CONFLICT
    HandoffCompleted "handoff_completed" CONFLICT
    HandoffStatusRefused "handoff_status_refused" CONFLICT
    InvalidHandoffType "invalid_handoff_type" UNPROCESSABLE_ENTITY
    InvalidHandoffStatus "invalid_handoff_status" UNPROCESSABLE_ENTITY
    InvalidPhotoType "invalid_photo_type" UNPROCESSABLE_ENTITY
    InvalidTelegramUser "invalid_telegram_user" UNPROCESSABLE_ENTITY
    HandoffDataTooLarge "handoff_data_too_large" PAYLOAD_TOO_LARGE
    HandoffPhotoTooLarge "handoff_photo_too_large" PAYLOAD_TOO_LARGE
    UnusablePicture "unusable_picture" UNPROCESSABLE_ENTITY
    ResultNotFound "result_not_found" NOT_FOUND
    StorageUnavailable "storage_unavailable" SERVICE_UNAVAILABLE
    PictureBeingMade "picture_being_made" SERVICE_UNAVAILABLE
    TooManyHandoffs "too_many_handoffs" SERVICE_UNAVAILABLE
    TimedOut "timed_out" SERVICE_UNAVAILABLE
    DatabaseUnavailable "database_unavailable" SERVICE_UNAVAILABLE
    SourceUnavailable "source_unavailable" INTERNAL_SERVER_ERROR
    Internal "internal" INTERNAL_SERVER_ERROR
}

/// How to do better, for one reason of `low_quality`. `None` for a reason that has no words.
#[must_use]
pub fn selfie_advice(reason: &str, language: Language) -> Option<&'static str> {
    Words(language).find(&format!("errors.advice.{reason}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_has_words_in_every_language() {
        for (code, &language) in
            Code::ALL.iter().flat_map(|code| Language::ALL.iter().map(move |it| (code, it)))
        {
            let message = code.message(language);
            assert!(!message.title.is_empty() && !message.detail.is_empty(), "{code:?} {language}");
        }
        let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), Code::ALL.len(), "a name is used twice");
    }

    #[test]
    fn no_words_stand_for_a_code_that_is_not_there() {
        let told = crate::words::keys("errors");
        for key in told.iter().filter(|key| !key.starts_with("errors.advice.")) {
            let code = key.split('.').nth(1).unwrap_or_default();
            assert!(Code::ALL.iter().any(|known| known.name() == code), "{key}");
        }
    }

    #[test]
    fn every_code_is_documented_with_its_status() {
        let documentation = include_str!("../../docs/API.md");
        for code in Code::ALL {
            let row = format!("| {} |", code.status().as_u16());
            let name = format!("`{}`", code.name());
            assert!(documentation.lines().any(|l| l.starts_with(&row) && l.contains(&name)), "{row} {name}");
        }
    }

    #[test]
    fn every_reason_for_low_quality_has_advice_on_pages_and_in_chats() {
        for (reason, language) in ["too_small", "too_dark", "too_bright", "blurred", "turned_away", "unclear"]
            .into_iter()
            .flat_map(|reason| Language::ALL.iter().map(move |&language| (reason, language)))
        {
            assert!(selfie_advice(reason, language).is_some(), "{reason}");
            assert!(Words(language).find(&format!("bot.hints.{reason}")).is_some(), "{reason}");
        }
    }
}
