//! The server as a script sees it: an address, a key, a session.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{LocalFile, memory::Memory};
use crate::{
    cli::{CliError, intake::Sums},
    config::Elsewhere,
    domain::PhotoSessionId,
};

/// Files in one question for the account.
const PAGE: usize = 5000;
const CONNECT: Duration = Duration::from_secs(10);
/// Without a byte from the server for so long, the connection is given up.
const SILENCE: Duration = Duration::from_secs(120);

pub(in crate::cli) struct Server {
    http: reqwest::Client,
    base: Url,
    key: String,
    pub(super) session: PhotoSessionId,
    pub(super) memory: Memory,
}

/// Where files are, as the server counts them.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Account {
    sent: usize,
    stored: usize,
    indexed: usize,
    pub(super) queued: usize,
    rejected: usize,
    missing: usize,
    pub(super) files: Vec<Accounted>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Accounted {
    pub(super) sha256: String,
    pub(super) state: String,
    pub(super) code: Option<String>,
    pub(super) faces: Option<u32>,
}

impl Account {
    pub(super) fn sums(&self) -> Sums {
        let &Self { sent, stored, indexed, queued, rejected, missing, .. } = self;
        Sums { sent, stored, indexed, queued, rejected, missing }
    }
}

impl Server {
    /// The server that the settings name, with its key; `None` when none is named.
    ///
    /// # Errors
    /// When the address is none or the key is missing.
    pub(in crate::cli) fn named(
        settings: &Elsewhere,
        session: PhotoSessionId,
    ) -> Result<Option<Self>, CliError> {
        let Some(address) = &settings.url else { return Ok(None) };
        let base = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let base =
            base.ok_or_else(|| CliError::Usage("PIXORA_URL is not an http:// or https:// URL".into()))?;
        let key = settings.api_key.as_ref().map(|key| key.expose().to_owned()).ok_or_else(|| {
            let make = "make a key with the scope photos:write in the dashboard";
            CliError::Usage(format!("PIXORA_URL is set, PIXORA_API_KEY is not; {make}"))
        })?;
        let http = reqwest::Client::builder().connect_timeout(CONNECT).read_timeout(SILENCE).build();
        let http = http.map_err(|error| CliError::failed("internal", error))?;
        Ok(Some(Self { http, base, key, session, memory: Memory::open() }))
    }

    /// An address on the server, also one that it told.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn address(&self, path: &str) -> Result<Url, CliError> {
        self.base.join(path).map_err(|error| CliError::failed("server_answer", error))
    }

    pub(super) fn request(&self, method: Method, address: Url) -> RequestBuilder {
        self.http.request(method, address).bearer_auth(&self.key)
    }

    /// Where these files are.
    ///
    /// # Errors
    /// When the server does not answer for a minute or refuses us.
    pub(super) async fn account(&self, files: &[LocalFile]) -> Result<Account, CliError> {
        let mut whole = Account::default();
        for page in files.chunks(PAGE) {
            let entry = |file: &LocalFile| json!({ "filename": file.name, "sha256": file.sha256 });
            let body = json!({ "files": page.iter().map(entry).collect::<Vec<_>>() });
            let part = self.ask(&format!("/api/photo-sessions/{}/ledger", self.session), &body).await?;
            whole.sent += part.sent;
            whole.stored += part.stored;
            whole.indexed += part.indexed;
            whole.queued += part.queued;
            whole.rejected += part.rejected;
            whole.missing += part.missing;
            whole.files.extend(part.files);
        }
        Ok(whole)
    }

    async fn ask(&self, path: &str, body: &Value) -> Result<Account, CliError> {
        let mut wait = Wait::default();
        loop {
            let asked = self.request(Method::POST, self.address(path)?).json(body).send().await;
            let failed = match asked {
                Ok(answer) if answer.status().is_success() => match answer.json().await {
                    Ok(account) => return Ok(account),
                    Err(error) => error.to_string(),
                },
                Ok(answer) if passes(answer.status()) => answer.status().to_string(),
                Ok(answer) => return Err(refusal(answer).await),
                Err(error) => error.to_string(),
            };
            wait.after(&failed).await?;
        }
    }
}

/// Whether a failure may be gone the next time.
pub(super) fn passes(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 409 | 423 | 429 | 460)
}

/// What a server says when it will not.
pub(super) async fn refusal(answer: Response) -> CliError {
    let status = answer.status();
    let problem: Value = answer.json().await.unwrap_or_default();
    let text = |key| problem.get(key).and_then(Value::as_str).map(str::to_owned);
    CliError::failed(
        text("code").unwrap_or_else(|| "server_refused".to_owned()),
        text("detail").unwrap_or_else(|| format!("the server answered {status}")),
    )
}

/// Waits longer and longer between tries that get nowhere: half a second, then twice as long up to 15; after
/// ten in a row, about a minute and a half, it is enough.
#[derive(Debug, Default)]
pub(super) struct Wait {
    tries: u32,
}

impl Wait {
    pub(super) async fn after(&mut self, failure: &str) -> Result<(), CliError> {
        self.tries += 1;
        if self.tries > 10 {
            return Err(CliError::failed(
                "server_unreachable",
                format!(
                    "the server does not take it ({failure}); what came over is kept, the same command goes on from here"
                ),
            ));
        }
        tracing::debug!(failure, tries = self.tries, "trying again");
        let wait = Duration::from_millis(250 << self.tries).min(Duration::from_secs(15));
        tokio::time::sleep(wait).await;
        Ok(())
    }
}
