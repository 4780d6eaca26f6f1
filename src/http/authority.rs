//! The certificate of our own authority, for phones that are to trust it.

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};

use super::{messages::Code, problem::Problem, words::Binary};
use crate::{app::AppState, config::Tls, tls};

/// Get the certificate of the server's own authority, in DER
///
/// Only under `--tls self-signed`. A phone that installs it opens the pages without a warning.
#[utoipa::path(
    get,
    path = "/ca.crt",
    operation_id = "get_authority_certificate",
    tag = "operations",
    responses((status = 200, body = Binary, content_type = "application/x-x509-ca-cert"), (status = 404))
)]
pub async fn certificate(State(app): State<AppState>) -> Result<Response, Problem> {
    if !matches!(app.settings.tls, Tls::SelfSigned) {
        return Err(Code::NotFound.into());
    }
    let der = tls::authority_certificate(&app.settings.tls_folder()).ok_or(Code::NotFound)?;
    let headers = [
        (header::CONTENT_TYPE, "application/x-x509-ca-cert"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"pixora-ca.crt\""),
    ];
    Ok((headers, der).into_response())
}
