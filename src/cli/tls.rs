//! TLS of `pixora serve`, and of commands that ask it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::CliError;
use crate::{
    app::{self, App, DirectoryAsker},
    config::{Settings, Tls},
    telemetry, tls,
};

/// Between looks at the certificate: a file that has changed, an address that is new, an end that comes near.
const LOOKED_AFTER: Duration = Duration::from_secs(60);

/// As the settings want it. Says to who stands at the terminal what a phone will ask.
pub(super) fn open(settings: &Settings) -> Result<Option<(tls::Server, tls::Keeper)>, CliError> {
    let tls = app::tls(settings).map_err(|error| CliError::failed(error.code(), error))?;
    if let Some(fingerprint) = tls.as_ref().and_then(|(server, _)| server.fingerprint()) {
        let url = &settings.public_url;
        let text = format!(
            "Phones open {url} after a warning, once. To be without the warning, a phone installs\n\
             {url}/ca.crt if its SHA-256 fingerprint is\n\n    {fingerprint}"
        );
        telemetry::say(settings.log_format, &text);
    }
    if matches!(settings.tls, Tls::Acme(_)) && settings.bind.port() != 443 {
        let port = settings.bind.port();
        tracing::warn!(port, "the ACME directory looks at port 443: it must be forwarded to this one");
    }
    Ok(tls)
}

/// With ACME this node asks the directory, and no other one may.
pub(super) async fn directory_asker(app: &App) -> Result<Option<DirectoryAsker>, CliError> {
    Ok(match app.settings.tls {
        Tls::Acme(_) => Some(DirectoryAsker::take(&app.store).await?),
        _ => None,
    })
}

/// Sees to the certificates until `stop`.
pub(super) fn look_after(
    app: &App,
    server: &tls::Server,
    keeper: tls::Keeper,
    asker: Option<DirectoryAsker>,
    stop: &CancellationToken,
) {
    tokio::spawn(keeper.run(LOOKED_AFTER, stop.clone()));
    if let Some(more) = server.more() {
        tokio::spawn(app.hosts.clone().certify(more, stop.clone()));
    }
    if let Some(asker) = asker {
        tokio::spawn(asker.keep(app.store.clone(), stop.clone()));
    }
}

/// A client of the server on this data directory, whose certificate only its own authority may vouch for.
pub(super) fn client(settings: &Settings) -> reqwest::Result<reqwest::Client> {
    let authority = tls::authority_certificate(&settings.tls_folder());
    let authority = authority.map(|der| reqwest::Certificate::from_der(&der)).transpose()?;
    reqwest::Client::builder().tls_certs_merge(authority).build()
}
