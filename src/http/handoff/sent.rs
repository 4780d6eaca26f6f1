//! A picture as a client sends it: base64 in JSON, as the old booths do, or a form.

use axum::extract::{FromRequest, Multipart, Request, multipart::Field};
use base64::{
    Engine,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::Bytes;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    domain::HandoffPhotoType,
    handoff::{MAX_PHOTO_BYTES, NewPhoto},
    http::{
        extract,
        messages::Code,
        problem::Problem,
        shared::{bodies::Held, idempotency},
        words::{self, Binary},
    },
};

/// The largest picture in base64, and some room for the fields around it.
pub(super) const BODY_BYTES: usize = MAX_PHOTO_BYTES / 3 * 4 + (64 << 10);
/// Of a form's other fields.
const TEXT_BYTES: usize = 256;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Deserialize, ToSchema)]
pub struct SentPhotoJson {
    /// JPEG, PNG or WebP in base64, at most 15 MB; a data URL is taken too.
    #[serde(alias = "photoData")]
    photo_data: Option<String>,
    /// If it is given, it must be the same as in the address.
    #[serde(alias = "photoType")]
    #[schema(value_type = Option<words::HandoffPhotoType>)]
    photo_type: Option<String>,
    /// The id of the Telegram file; a file that is sent again is not stored twice.
    #[serde(alias = "telegramFileId")]
    #[schema(max_length = 256)]
    telegram_file_id: Option<String>,
    /// Old booths send it. It has no effect: photos are in the order of arrival.
    #[serde(alias = "orderIndex")]
    #[expect(dead_code, reason = "taken because old booths send it, and not used")]
    order_index: Option<u32>,
}

/// The same as a form, for the documentation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read field by field, see `form`")]
pub struct SentPhotoForm {
    /// JPEG, PNG or WebP, at most 15 MB.
    #[schema(value_type = Binary)]
    photo: Vec<u8>,
    #[schema(value_type = Option<words::HandoffPhotoType>)]
    photo_type: Option<String>,
    telegram_file_id: Option<String>,
    /// Old booths send it. It has no effect: photos are in the order of arrival.
    order_index: Option<u32>,
}

/// One picture with what was said of it.
pub struct SentPhoto {
    bytes: Bytes,
    photo_type: Option<String>,
    telegram_file_id: Option<String>,
    idempotency_key: Option<String>,
}

impl SentPhoto {
    /// The picture, if it came to the right address.
    pub fn of_type(&self, photo_type: HandoffPhotoType) -> Result<NewPhoto, Problem> {
        if self.photo_type.as_deref().is_some_and(|said| said != photo_type.as_str()) {
            return Err(Code::InvalidPhotoType.into());
        }
        let telegram_file_id = self.telegram_file_id.clone().filter(|id| !id.is_empty());
        if telegram_file_id.as_ref().is_some_and(|id| id.len() > TEXT_BYTES) {
            return Err(Code::MalformedBody.into());
        }
        let idempotency_key = self.idempotency_key.clone();
        Ok(NewPhoto { bytes: self.bytes.clone(), photo_type, telegram_file_id, idempotency_key })
    }
}

impl SentPhoto {
    /// Reads a request's body. Whoever calls this has found the hand-off: nothing is read for one that is not there.
    ///
    /// # Errors
    /// `unsupported_type`, `missing_photo`, `unknown_field`, `malformed_body`, `unusable_picture`, and those of
    /// bodies.
    pub async fn read(request: Request) -> Result<Self, Problem> {
        let essence = extract::media_type(request.headers());
        let idempotency_key = idempotency::key(request.headers())?;
        let (bytes, photo_type, telegram_file_id) = if essence == "multipart/form-data" {
            form(Multipart::from_request(request, &()).await?).await?
        } else if essence == "application/json" {
            json(request).await?
        } else {
            return Err(Code::UnsupportedType.into());
        };
        Ok(Self { bytes, photo_type, telegram_file_id, idempotency_key })
    }
}

type Fields = (Bytes, Option<String>, Option<String>);

async fn json(request: Request) -> Result<Fields, Problem> {
    let held = request.extensions().get::<Held>().cloned();
    let body = extract::json_bytes(request, &()).await?;
    // It is there three times for a moment: as JSON, as the text in it, and as the picture in that.
    if let Some(held) = held {
        held.grow(2 * body.len())?;
    }
    let read = move || -> Result<Fields, Problem> {
        let sent: SentPhotoJson = extract::from_json(&body)?;
        let text = sent.photo_data.ok_or(Code::MissingPhoto)?;
        Ok((decode(text)?, sent.photo_type, sent.telegram_file_id))
    };
    // Twenty megabytes would hold up everybody whom this thread serves.
    tokio::task::spawn_blocking(read).await.map_err(Problem::internal)?
}

async fn form(mut multipart: Multipart) -> Result<Fields, Problem> {
    let (mut photo, mut photo_type, mut telegram_file_id) = (None, None, None);
    while let Some(field) = multipart.next_field().await? {
        match extract::snake_case(field.name().unwrap_or_default()).as_str() {
            "photo" if photo.is_none() => photo = Some(field.bytes().await?),
            "photo_type" => photo_type = Some(text(field).await?),
            "telegram_file_id" => telegram_file_id = Some(text(field).await?),
            "order_index" => _ = text(field).await?,
            other => return Err(extract::unknown_field(other)),
        }
    }
    Ok((photo.ok_or(Code::MissingPhoto)?, photo_type, telegram_file_id))
}

async fn text(field: Field<'_>) -> Result<String, Problem> {
    let text = field.text().await?;
    if text.len() > TEXT_BYTES { Err(Code::MalformedBody.into()) } else { Ok(text) }
}

/// Base64 of either alphabet, with or without padding, line breaks and the head of a data URL.
fn decode(text: String) -> Result<Bytes, Problem> {
    let unreadable = || Problem::new(Code::UnusablePicture).with("reason", "not_base64");
    let is_url = text.get(..5).is_some_and(|head| head.eq_ignore_ascii_case("data:"));
    let start = if is_url {
        let (head, _) = text.split_once(',').ok_or_else(unreadable)?;
        if !head.to_ascii_lowercase().ends_with(";base64") {
            return Err(unreadable());
        }
        head.len() + 1
    } else {
        0
    };
    let mut letters = text.into_bytes().split_off(start);
    letters.retain(|letter| !letter.is_ascii_whitespace());
    for letter in &mut letters {
        match letter {
            b'-' => *letter = b'+',
            b'_' => *letter = b'/',
            _ => {}
        }
    }
    BASE64.decode(letters).map(Bytes::from).map_err(|_| unreadable())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_in_every_spelling_that_clients_use() {
        let picture: &[u8] = &[0xFB, 0xFF, 0xFE, 0x00];
        for text in [
            "+//+AA==",
            "+//+AA",
            "-__-AA",
            "+//+\r\nAA==",
            "data:image/jpeg;base64,+//+AA==",
            "DATA:image/png;charset=utf-8;BASE64,+//+AA==",
        ] {
            assert_eq!(decode(text.to_owned()).ok().as_deref(), Some(picture), "{text}");
        }
        for text in ["+//+A*==", "data:image/svg+xml,<svg/>", "data:", "не base64"] {
            assert!(decode(text.to_owned()).is_err(), "{text}");
        }
    }
}
