//! `/g/{code}`: a short link, which leads to its session's page.

use axum::{
    extract::{Path, State, rejection::PathRejection},
    response::Redirect,
};

use crate::{
    app::{App, AppState},
    http::{client::Client, messages::Code, problem::Problem},
    usage::UsageKind,
};

/// Follow a short link
#[utoipa::path(
    get,
    path = "/g/{code}",
    operation_id = "page_link",
    tag = "pages",
    params(("code" = String, Path)),
    responses((status = 303, description = "See `Location`"))
)]
pub async fn small(
    State(app): State<AppState>,
    Client(client): Client,
    path: Result<Path<String>, PathRejection>,
) -> Result<Redirect, Problem> {
    follow(&app, &client, path).await
}

/// Follow a short link as QR codes have it: in capitals a code is coarser
#[utoipa::path(
    get,
    path = "/G/{code}",
    operation_id = "page_link_in_capitals",
    tag = "pages",
    params(("code" = String, Path)),
    responses((status = 303, description = "See `Location`"))
)]
pub async fn capital(
    State(app): State<AppState>,
    Client(client): Client,
    path: Result<Path<String>, PathRejection>,
) -> Result<Redirect, Problem> {
    follow(&app, &client, path).await
}

/// A browser takes the part of the address behind `#` along, where a printed code may have the PIN.
async fn follow(
    app: &App,
    client: &crate::accounts::Client,
    path: Result<Path<String>, PathRejection>,
) -> Result<Redirect, Problem> {
    let Path(code) = path.map_err(|_| Code::LinkNotFound)?;
    let (code, session) = app.guests.follow(&code, client.ip).await?;
    app.usage.bump(session, UsageKind::Link(code), app.now());
    Ok(Redirect::to(&format!("/session/{session}")))
}
