//! `/api/v1/sessions/{session_id}/consents`: a guest's yes, and its withdrawal; the texts that are agreed to.

use std::collections::BTreeMap;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    app::{App, AppState},
    consents::{NewConsent, Text},
    domain::{ConsentId, ConsentPurpose, PhotoSessionId},
    guests::Visit,
    http::{
        client::Client,
        extract::{self, PathId, PathIds},
        holder::Holder,
        messages::Code,
        problem::Problem,
        words,
    },
};

#[derive(Deserialize, ToSchema)]
pub struct GivenConsent {
    /// The version of the text that the guest agreed to.
    #[schema(example = "2026-11", max_length = 32)]
    version: String,
    /// The language in which the guest read the text.
    #[schema(value_type = words::Language)]
    language: String,
    /// `match`, if it is left out, `guardian`, `sharing` or `commenting`. The others are given where they are used.
    #[schema(value_type = Option<words::ConsentPurpose>)]
    purpose: Option<String>,
    /// Of another consent of the same guest in this session: both then belong to one record.
    code: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct RecordedConsent {
    consent_id: Uuid,
    /// For the guest to keep: it opens the record of their consents.
    code: String,
}

#[derive(Serialize, ToSchema)]
pub struct AskedText {
    purpose: words::ConsentPurpose,
    /// To be named in the consent.
    version: String,
    /// By language: paragraphs with an empty line between them; where one has more lines, the first is its title.
    #[schema(example = json!({"en": "We compare your face.", "ru": "Мы сравним ваше лицо."}))]
    text: BTreeMap<&'static str, String>,
}

impl From<Text> for AskedText {
    fn from(text: Text) -> Self {
        let bodies = text.bodies.into_iter().map(|(language, body)| (language.as_str(), body));
        Self { purpose: text.purpose.into(), version: text.version, text: bodies.collect() }
    }
}

#[derive(Serialize, ToSchema)]
pub struct AskedTexts {
    texts: Vec<AskedText>,
}

/// The texts that guests are asked to agree to
#[utoipa::path(
    get,
    path = "/api/v1/sessions/{session_id}/consent-texts",
    operation_id = "list_consent_texts",
    tag = "search",
    params(("session_id" = Uuid, Path)),
    responses((status = 200, body = AskedTexts))
)]
pub async fn texts(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Holder(pass): Holder,
) -> Result<Json<AskedTexts>, Problem> {
    let texts = app.guests.asked(id, &pass).await?.into_iter().map(AskedText::from).collect();
    Ok(Json(AskedTexts { texts }))
}

/// Record a guest's consent to face matching or to the publication of what they send or write, or a guardian's
///
/// `409 consent_outdated` where the text has changed meanwhile.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/{session_id}/consents",
    operation_id = "give_consent",
    tag = "search",
    params(("session_id" = Uuid, Path)),
    request_body = GivenConsent,
    responses((status = 201, body = RecordedConsent))
)]
pub async fn create(
    State(app): State<AppState>,
    PathId(id): PathId<PhotoSessionId>,
    Client(client): Client,
    Holder(pass): Holder,
    extract::Json(given): extract::Json<GivenConsent>,
) -> Result<(StatusCode, Json<RecordedConsent>), Problem> {
    let GivenConsent { version, language, purpose, code } = given;
    let purpose = match purpose.as_deref().map(str::parse) {
        None | Some(Ok(ConsentPurpose::Match)) => ConsentPurpose::Match,
        Some(Ok(ConsentPurpose::Guardian)) => ConsentPurpose::Guardian,
        Some(Ok(asked @ (ConsentPurpose::Sharing | ConsentPurpose::Commenting))) => asked,
        Some(_) => return Err(Code::UnknownPurpose.into()),
    };
    app.guests.admit_consent(id, &pass, purpose, client.ip).await?;
    let language = language.parse().map_err(|_| Code::InvalidConsent)?;
    let beside = code.map(|code| app.consents.by_code(&code, app.now())).transpose()?;
    let new = NewConsent { id: ConsentId::generate(), purpose, version, language, beside };
    let consent = app.guests.agree(id, &pass, new, app.now()).await?;
    let code = app.consents.code(consent.record);
    Ok((StatusCode::CREATED, Json(RecordedConsent { consent_id: consent.id.0, code })))
}

/// Withdraw a consent and erase what was done under it
///
/// Works also after the session was closed. That it was given and withdrawn stays on record until it is erased.
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session_id}/consents/{consent_id}",
    operation_id = "withdraw_consent",
    tag = "search",
    params(("session_id" = Uuid, Path), ("consent_id" = Uuid, Path)),
    responses((status = 204, description = "Withdrawn"))
)]
pub async fn withdraw(
    State(app): State<AppState>,
    PathIds(id, consent_id): PathIds<PhotoSessionId, ConsentId>,
) -> Result<StatusCode, Problem> {
    app.guests.withdraw(id, consent_id, app.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The versions of the words that a visit is asked: for the guest's yes, and a guardian's where one is asked.
pub(super) async fn versions(app: &App, visit: &Visit) -> Result<(String, Option<String>), Problem> {
    let studio = visit.session.studio_id;
    let guardian = match visit.asks_guardian().await? {
        true => Some(app.consents.current(studio, ConsentPurpose::Guardian).await?.version),
        false => None,
    };
    Ok((app.consents.current(studio, ConsentPurpose::Match).await?.version, guardian))
}
