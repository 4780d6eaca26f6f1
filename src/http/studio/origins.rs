//! `/api/studios/{studio_id}/web-origins`: the studio's own web sites.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::branding::check;
use crate::{
    app::AppState,
    domain::{StudioId, WebOrigin},
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
    },
    studios::OriginsError,
};

/// The studio's own web sites
#[derive(Serialize, Deserialize, ToSchema)]
pub struct WebOriginsJson {
    /// Each as a browser names it: `https://studio.example`, with a port where it is not the usual one. Plain http
    /// counts for `localhost` and `127.0.0.1` only; there is no wildcard.
    #[schema(max_items = 20)]
    origins: Vec<String>,
}

impl From<Vec<WebOrigin>> for WebOriginsJson {
    fn from(origins: Vec<WebOrigin>) -> Self {
        Self { origins: origins.iter().map(ToString::to_string).collect() }
    }
}

/// Get the web sites whose pages may read the interface of the studio's sessions and show the search in a frame
#[utoipa::path(
    get,
    path = "/api/studios/{studio_id}/web-origins",
    operation_id = "get_web_origins",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    responses((status = 200, body = WebOriginsJson))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
) -> Result<Json<WebOriginsJson>, Problem> {
    check(&caller, id)?;
    Ok(Json(app.studios.origins(id).await?.into()))
}

/// Change the web sites whose pages may read the interface of the studio's sessions and show the search in a frame
#[utoipa::path(
    put,
    path = "/api/studios/{studio_id}/web-origins",
    operation_id = "set_web_origins",
    tag = "studio",
    params(("studio_id" = Uuid, Path)),
    request_body = WebOriginsJson,
    responses((status = 200, body = WebOriginsJson))
)]
pub async fn change(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<StudioId>,
    new: Result<extract::Json<WebOriginsJson>, Problem>,
) -> Result<Json<WebOriginsJson>, Problem> {
    check(&caller, id)?;
    let extract::Json(WebOriginsJson { origins }) = new?;
    let parsed = origins.iter().map(|text| {
        let shown: String = text.chars().take(100).collect();
        text.parse::<WebOrigin>().map_err(|_| Problem::new(Code::InvalidOrigin).with("origin", shown))
    });
    let origins = parsed.collect::<Result<Vec<_>, Problem>>()?;
    Ok(Json(app.studios.set_origins(id, &origins, app.now()).await?.into()))
}

impl From<OriginsError> for Problem {
    fn from(error: OriginsError) -> Self {
        match error {
            OriginsError::TooMany => Code::TooManyOrigins.into(),
            OriginsError::Store(error) => error.into(),
        }
    }
}
