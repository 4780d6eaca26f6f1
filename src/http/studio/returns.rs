//! `/api/studios/{studio_id}/return-url`: where a found photo leads.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::branding::check;
use crate::{
    app::AppState,
    domain::{ReturnUrl, StudioId},
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
    },
};

/// Where a found photo leads
#[derive(Serialize, Deserialize, ToSchema)]
pub struct ReturnUrlJson {
    /// An https address with `{session_id}`, `{photo_id}` and `{external_id}` behind its host; `null`: nowhere.
    #[serde(alias = "returnUrl")]
    #[schema(max_length = 500)]
    return_url: Option<String>,
}

impl From<Option<ReturnUrl>> for ReturnUrlJson {
    fn from(url: Option<ReturnUrl>) -> Self {
        Self { return_url: url.map(|url| url.to_string()) }
    }
}

/// Get where a found photo leads
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/return-url",
    operation_id = "get_return_url",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = ReturnUrlJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<Json<ReturnUrlJson>, Problem> {
    check(&caller, id)?;
    Ok(Json(app.studios.return_url(id).await?.into()))
}

/// Change where a found photo leads: the studio's own page of it, or its cart
#[utoipa::path(
    put,
    path = "/api/studios/{studio_id}/return-url",
    operation_id = "set_return_url",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    request_body = ReturnUrlJson,
    responses((status = 200, body = ReturnUrlJson))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
    new: Result<extract::Json<ReturnUrlJson>, Problem>,
) -> Result<Json<ReturnUrlJson>, Problem> {
    check(&caller, id)?;
    let extract::Json(ReturnUrlJson { return_url }) = new?;
    let url = return_url.filter(|url| !url.is_empty()).map(|url| url.parse::<ReturnUrl>()).transpose();
    let url = url.map_err(|_| Code::InvalidReturnUrl)?;
    app.studios.set_return_url(id, url.as_ref(), app.now()).await?;
    Ok(Json(url.into()))
}
