//! What other machines ask about hosts of studios: whether one leads here, and whether a proxy may get a certificate.

use axum::{
    extract::{Path, Request, State, rejection::PathRejection},
    http::StatusCode,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{client::Peer, extract::Params, hosts, messages::Code, problem::Problem};
use crate::app::AppState;

/// Show that a studio's host leads to this installation
#[utoipa::path(
    get,
    path = "/.well-known/pixora-host/{token}",
    operation_id = "prove_host",
    tag = "operations",
    params(("token" = String, Path, description = "What the studio has put into DNS")),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 404))
)]
pub async fn answer(
    State(app): State<AppState>,
    token: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<String, Problem> {
    let Path(token) = token.map_err(|_| Code::NotFound)?;
    let host = hosts::named(request.headers(), request.uri()).unwrap_or_default();
    Ok(app.hosts.answer(host, &token).await?.ok_or(Code::NotFound)?)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    domain: Option<String>,
}

/// Say whether a proxy may get a certificate for a host
///
/// For a proxy of the installation itself, such as Caddy with `on_demand_tls`: a request that comes from elsewhere, or that
/// a proxy has forwarded, is answered as if there were nothing here.
#[utoipa::path(
    get,
    path = "/tls/allowed",
    operation_id = "is_host_allowed",
    tag = "operations",
    params(Asked),
    responses((status = 204), (status = 404))
)]
pub async fn allowed(
    State(app): State<AppState>,
    Params(asked): Params<Asked>,
    request: Request,
) -> Result<StatusCode, Problem> {
    let is_ours = |Peer(ip): &Peer| {
        let ip = ip.to_canonical();
        ip.is_loopback() || app.settings.trusted_proxies.contains(&ip)
    };
    let forwarded = ["x-forwarded-for", "forwarded", "via"];
    let is_direct = forwarded.iter().all(|name| !request.headers().contains_key(*name));
    if !request.extensions().get().is_some_and(is_ours) || !is_direct {
        return Err(Code::NotFound.into());
    }
    let host = asked.domain.unwrap_or_default();
    if app.hosts.is_proven(&host).await? { Ok(StatusCode::NO_CONTENT) } else { Err(Code::NotFound.into()) }
}
