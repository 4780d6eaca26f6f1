//! The shapes of hand-offs, and of what clients send. The old booths' camelCase is taken too.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::App,
    domain::{HandoffId, HandoffPhoto, HandoffSession},
    http::{extract, shared::time, words},
};

/// A hand-off.
#[derive(Serialize, ToSchema)]
pub struct HandoffJson {
    id: Uuid,
    r#type: words::HandoffKind,
    status: words::HandoffStatus,
    #[schema(format = DateTime)]
    expires_at: String,
    telegram_user_id: Option<i64>,
    telegram_username: Option<String>,
    /// As the booth gave it.
    data: Option<Value>,
    #[schema(format = DateTime)]
    created_at: String,
    /// Photos of the guest.
    photo_count: u32,
    /// Whether the booth has left a picture.
    has_result: bool,
    /// The path of the phone's page on this service.
    phone_url: String,
    /// Opens the bot at this hand-off; `null` without a bot.
    telegram_url: Option<String>,
}

impl HandoffJson {
    pub fn new(app: &App, from: HandoffSession) -> Self {
        Self {
            id: from.id.0,
            r#type: from.kind.into(),
            status: from.status.into(),
            expires_at: time(from.expires_at),
            telegram_user_id: from.telegram_user_id,
            telegram_username: from.telegram_username,
            data: from.data,
            created_at: time(from.created_at),
            photo_count: from.uploads,
            has_result: from.results > 0,
            phone_url: phone_path(from.id),
            telegram_url: app.telegram.as_ref().and_then(|bot| bot.link(from.id)),
        }
    }
}

/// A hand-off with what the booth shows on its screen.
#[derive(Serialize, ToSchema)]
pub struct ShownHandoffJson {
    #[serde(flatten)]
    handoff: HandoffJson,
    /// The phone's page as a QR code: an SVG picture.
    qr_svg: String,
}

impl ShownHandoffJson {
    pub fn new(app: &App, from: HandoffSession) -> Result<Self, qrcode::types::QrError> {
        let qr_svg = crate::http::qr_svg(&format!("{}{}", app.settings.public_url, phone_path(from.id)))?;
        Ok(Self { handoff: HandoffJson::new(app, from), qr_svg })
    }
}

fn phone_path(id: HandoffId) -> String {
    format!("/handoff/{id}")
}

/// A picture of a hand-off.
#[derive(Serialize, ToSchema, Clone)]
pub struct HandoffPhotoJson {
    id: Uuid,
    session_id: Uuid,
    photo_type: words::HandoffPhotoType,
    /// The path of the JPEG on this service; valid until the hand-off ends.
    url: String,
    /// From 0, in the order of arrival, for each type.
    order_index: u32,
    telegram_file_id: Option<String>,
    #[schema(format = DateTime)]
    created_at: String,
    /// The JPEG in base64, with `?include=data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    photo_data: Option<String>,
}

impl HandoffPhotoJson {
    pub fn new(photo: HandoffPhoto, photo_data: Option<String>) -> Self {
        Self {
            id: photo.id.0,
            session_id: photo.handoff.0,
            photo_type: photo.photo_type.into(),
            url: format!("/api/session/{}/photos/{}", photo.handoff, photo.id),
            order_index: photo.order_index,
            telegram_file_id: photo.telegram_file_id,
            created_at: time(photo.created_at),
            photo_data,
        }
    }
}

#[derive(Deserialize, ToSchema)]
pub struct NewHandoffJson {
    /// `upload` (the phone sends to the booth) or `download` (the booth leaves a picture for the phone).
    #[schema(value_type = words::HandoffKind)]
    pub r#type: Option<String>,
    #[serde(default, alias = "telegramUserId", deserialize_with = "telegram_id")]
    #[schema(minimum = 1)]
    pub telegram_user_id: Option<i64>,
    #[serde(alias = "telegramUsername")]
    #[schema(max_length = 32)]
    pub telegram_username: Option<String>,
    /// Anything that the booth wants to find again; up to 16 KB.
    pub data: Option<Value>,
}

/// Members that are left out stay as they are; `null` clears a member.
#[derive(Deserialize, ToSchema)]
pub struct HandoffChangeJson {
    /// The type cannot be changed; if it is given, it must be the present one.
    #[schema(value_type = Option<words::HandoffKind>)]
    pub r#type: Option<String>,
    /// Forward only.
    #[schema(value_type = Option<words::HandoffStatus>)]
    pub status: Option<String>,
    #[serde(default, alias = "telegramUserId", deserialize_with = "given_telegram_id")]
    #[schema(value_type = Option<i64>)]
    pub telegram_user_id: Option<Option<i64>>,
    #[serde(default, alias = "telegramUsername", deserialize_with = "extract::given")]
    #[schema(value_type = Option<String>)]
    pub telegram_username: Option<Option<String>>,
    #[serde(default, deserialize_with = "extract::given")]
    #[schema(value_type = Option<Value>)]
    pub data: Option<Option<Value>>,
}

/// Some JSON writes large numbers as text.
#[derive(Deserialize)]
#[serde(untagged)]
enum TelegramId {
    Number(i64),
    Text(String),
}

fn telegram_id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    match Option::<TelegramId>::deserialize(from)? {
        None => Ok(None),
        Some(TelegramId::Number(id)) => Ok(Some(id)),
        Some(TelegramId::Text(text)) if text.is_empty() => Ok(None),
        Some(TelegramId::Text(text)) => text.parse().map(Some).map_err(serde::de::Error::custom),
    }
}

fn given_telegram_id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<i64>>, D::Error> {
    telegram_id(from).map(Some)
}
