//! `/api/studios/{studio_id}/consent-texts…`: the words that a studio's guests agree to.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    accounts,
    app::AppState,
    consents::{Text, TextError},
    domain::{ConsentPurpose, Language, StudioId},
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
        sessions::consents::AskedText,
        shared::time,
        studio::check_studio,
    },
};

#[derive(Serialize, ToSchema)]
pub struct StudioText {
    #[serde(flatten)]
    text: AskedText,
    /// When the studio wrote it; `null` for Pixora's own.
    #[schema(format = DateTime)]
    since: Option<String>,
    /// Guests are asked this one now.
    is_current: bool,
}

impl From<Text> for StudioText {
    fn from(text: Text) -> Self {
        Self { since: text.since.map(time), is_current: text.is_current, text: text.into() }
    }
}

#[derive(Serialize, ToSchema)]
pub struct StudioTexts {
    texts: Vec<StudioText>,
}

#[derive(Deserialize, ToSchema)]
pub struct NewText {
    /// By language, in Russian and in English at least: paragraphs with an empty line between them; where one has more lines, the
    /// first is its title.
    #[schema(example = json!({"en": "We compare your face.", "ru": "Мы сравним ваше лицо."}))]
    text: BTreeMap<String, String>,
}

impl From<TextError> for Problem {
    fn from(error: TextError) -> Self {
        match error {
            TextError::Invalid => Code::InvalidConsentText.into(),
            TextError::Store(error) => error.into(),
        }
    }
}

/// A studio and a purpose.
type TextPath = Result<Path<(String, String)>, PathRejection>;

fn of(caller: &accounts::Caller, path: TextPath) -> Result<(StudioId, ConsentPurpose), Problem> {
    let Path((studio, purpose)) = path.map_err(|_| Code::MalformedId)?;
    let studio = extract::id(&studio)?;
    check_studio(caller, studio)?;
    Ok((studio, purpose.parse().map_err(|_| Code::UnknownPurpose)?))
}

/// The texts that guests of the studio are asked to agree to now
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/consent-texts",
    operation_id = "list_studio_consent_texts",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = StudioTexts))
)]
pub async fn list(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<Json<StudioTexts>, Problem> {
    check_studio(&caller, id)?;
    let texts = app.consents.all_current(id).await?.into_iter().map(StudioText::from).collect();
    Ok(Json(StudioTexts { texts }))
}

/// Every version of a text that guests of the studio may have agreed to
///
/// The newest first: the studio's own, then Pixora's.
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/consent-texts/{purpose}",
    operation_id = "list_consent_text_versions",
    tag = "studio",
    params(("studio_id" = Uuid, Path), ("purpose" = crate::http::words::ConsentPurpose, Path)),
    responses((status = 200, body = StudioTexts))
)]
pub async fn versions(
    State(app): State<AppState>,
    Caller(caller): Caller,
    path: TextPath,
) -> Result<Json<StudioTexts>, Problem> {
    let (id, purpose) = of(&caller, path)?;
    let texts = app.consents.versions(id, purpose).await?.into_iter().map(StudioText::from).collect();
    Ok(Json(StudioTexts { texts }))
}

/// Have guests of the studio agree to other words
///
/// A new version; the earlier ones stay. Guests who agreed to an earlier one are asked anew. The same words again change
/// nothing.
#[utoipa::path(
    put,
    path = "/api/studios/{studio_id}/consent-texts/{purpose}",
    operation_id = "set_consent_text",
    tag = "studio",
    params(("studio_id" = Uuid, Path), ("purpose" = crate::http::words::ConsentPurpose, Path)),
    request_body = NewText,
    responses((status = 200, body = StudioText))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    path: TextPath,
    new: Result<extract::Json<NewText>, Problem>,
) -> Result<Json<StudioText>, Problem> {
    let (id, purpose) = of(&caller, path)?;
    let extract::Json(NewText { text }) = new?;
    let known = |(language, body): (String, String)| Some((language.parse::<Language>().ok()?, body));
    let bodies = text.into_iter().map(known).collect::<Option<_>>().ok_or(Code::InvalidConsentText)?;
    let text = app.consents.set_text(id, purpose, Some(bodies), app.now()).await?;
    Ok(Json(text.into()))
}

/// Have guests of the studio agree to Pixora's own words again
#[utoipa::path(
    delete,
    path = "/api/studios/{studio_id}/consent-texts/{purpose}",
    operation_id = "reset_consent_text",
    tag = "studio",
    params(("studio_id" = Uuid, Path), ("purpose" = crate::http::words::ConsentPurpose, Path)),
    responses((status = 200, body = StudioText))
)]
pub async fn reset(
    State(app): State<AppState>,
    Caller(caller): Caller,
    path: TextPath,
) -> Result<Json<StudioText>, Problem> {
    let (id, purpose) = of(&caller, path)?;
    Ok(Json(app.consents.set_text(id, purpose, None, app.now()).await?.into()))
}
