//! The consents of a studio or a session, for those who have to account for them.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{
    app::AppState,
    consents::{Consent, ConsentFilter, ConsentsOf, Newest},
    domain::{ConsentPurpose, PhotoSessionId, StudioId},
    http::{
        extract::{Params, PathId},
        guard::Caller,
        messages::Code,
        paging,
        problem::Problem,
        shared::time,
        studio::{check_studio, managed},
        words,
    },
};

/// A consent. It says nothing of who gave it.
#[derive(Serialize, ToSchema)]
pub struct ConsentJson {
    consent_id: Uuid,
    session_id: Uuid,
    purpose: words::ConsentPurpose,
    /// Of the text that was agreed to.
    version: String,
    /// That it was read in.
    language: words::Language,
    #[schema(format = DateTime)]
    given_at: String,
    #[schema(format = DateTime)]
    withdrawn_at: Option<String>,
}

impl From<Consent> for ConsentJson {
    fn from(consent: Consent) -> Self {
        Self {
            consent_id: consent.id.0,
            session_id: consent.photo_session_id.0,
            purpose: consent.purpose.into(),
            version: consent.version,
            language: consent.language.into(),
            given_at: time(consent.created_at),
            withdrawn_at: consent.withdrawn_at.map(time),
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only those for this purpose.
    #[param(value_type = Option<words::ConsentPurpose>)]
    purpose: Option<String>,
    /// `true`: only those that stand; `false`: only those that were withdrawn.
    stands: Option<bool>,
    limit: Option<String>,
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct ConsentList {
    /// The newest first.
    consents: Vec<ConsentJson>,
    next_cursor: Option<String>,
}

async fn list(app: &AppState, of: ConsentsOf, query: ListQuery) -> Result<Json<ConsentList>, Problem> {
    let limit = paging::limit(query.limit.as_deref(), paging::USUAL)?;
    let purpose: Option<ConsentPurpose> =
        query.purpose.map(|purpose| purpose.parse().map_err(|_| Code::UnknownPurpose)).transpose()?;
    let filter = ConsentFilter { purpose, stands: query.stands };
    let after = paging::after(query.cursor)?;
    let mut consents = app.consents.list(of, filter, after, limit + 1).await?;
    let next_cursor =
        paging::cut(&mut consents, limit, |last| Newest::after(last.created_at, last.id).to_string());
    Ok(Json(ConsentList { consents: consents.into_iter().map(ConsentJson::from).collect(), next_cursor }))
}

/// What guests of a session agreed to
#[utoipa::path(
    get,
    path = "/api/photo-sessions/{session_id}/consents",
    operation_id = "list_session_consents",
    tag = "studio",
    params(("session_id" = Uuid, Path), ListQuery),
    responses((status = 200, body = ConsentList))
)]
pub async fn of_session(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    query: Params<ListQuery>,
) -> Result<Json<ConsentList>, Problem> {
    managed(&app, &caller, id).await?;
    list(&app, ConsentsOf::Session(id), query.0).await
}

/// What guests of a studio's sessions agreed to
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/consents",
    operation_id = "list_studio_consents",
    tag = "studio",
    params(("studio_id" = Uuid, Path), ListQuery),
    responses((status = 200, body = ConsentList))
)]
pub async fn of_studio(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
    query: Params<ListQuery>,
) -> Result<Json<ConsentList>, Problem> {
    check_studio(&caller, id)?;
    list(&app, ConsentsOf::Studio(id), query.0).await
}
