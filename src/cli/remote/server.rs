//! The server as a script sees it: an address, a key, a session.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{LocalFile, memory::Memory};
use crate::{
    cli::{CliError, intake::Sums, outage::Outage},
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
    /// Files take the places of photos of their names.
    pub(super) replaces: bool,
    /// It is there, and takes our key.
    has_answered: AtomicBool,
}

/// Where files are, as the server counts them.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Account {
    sent: usize,
    stored: usize,
    indexed: usize,
    pub(super) queued: usize,
    rejected: usize,
    #[serde(default)]
    sidecars: usize,
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
        let &Self { sent, stored, indexed, queued, rejected, sidecars, missing, .. } = self;
        Sums { sent, stored, indexed, queued, rejected, sidecars, missing }
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
        Ok(Some(Self {
            http,
            base,
            key,
            session,
            memory: Memory::open(),
            replaces: false,
            has_answered: AtomicBool::new(false),
        }))
    }

    /// The same, for files that take the places of photos of their names, or not.
    pub(in crate::cli) fn replacing(self, replaces: bool) -> Self {
        Self { replaces, ..self }
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
    /// When the server refuses us, or has never answered.
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
            whole.sidecars += part.sidecars;
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
                    Ok(account) => {
                        self.has_answered.store(true, Ordering::Relaxed);
                        wait.over();
                        return Ok(account);
                    }
                    Err(error) => error.into(),
                },
                Ok(answer) if passes(answer.status()) => Failure::of(answer.status()),
                Ok(answer) => return Err(refusal(answer).await),
                Err(error) => error.into(),
            };
            wait.after(self, &failed).await?;
        }
    }
}

/// Whether a failure may be gone the next time.
pub(super) fn passes(status: StatusCode) -> bool {
    status.is_server_error() || matches!(status.as_u16(), 408 | 409 | 423 | 429 | 460)
}

/// The error in a server's refusal.
pub(super) async fn refusal(answer: Response) -> CliError {
    let status = answer.status();
    let problem: Value = answer.json().await.unwrap_or_default();
    let text = |key| problem.get(key).and_then(Value::as_str).map(str::to_owned);
    CliError::failed(
        text("code").unwrap_or_else(|| "server_refused".to_owned()),
        text("detail").unwrap_or_else(|| format!("the server answered {status}")),
    )
}

/// A failure that may pass at the next try.
#[derive(Debug)]
pub(super) enum Failure {
    /// The server is away, busy or full, which says nothing of the file.
    Outage(String),
    /// It answers, but not what was hoped for.
    Answer(String),
}

impl Failure {
    pub(super) fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            429 | 502 | 503 | 504 | 507 => Self::Outage(status.to_string()),
            _ => Self::Answer(status.to_string()),
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Outage(error.to_string())
    }
}

/// Waits longer and longer between tries that get nowhere. An outage of a server that has answered before is waited
/// for without end; anything else is enough after ten tries, about a minute and a half.
#[derive(Debug, Default)]
pub(super) struct Wait {
    tries: u32,
    outage: Outage,
}

impl Wait {
    pub(super) async fn after(&mut self, server: &Server, failure: &Failure) -> Result<(), CliError> {
        let (Failure::Outage(text) | Failure::Answer(text)) = failure;
        let is_patient = matches!(failure, Failure::Outage(_)) && server.has_answered.load(Ordering::Relaxed);
        self.tries += u32::from(!is_patient);
        if self.tries > 10 {
            return Err(CliError::failed(
                "server_unreachable",
                format!(
                    "the server does not take it ({text}); what came over is kept, the same command goes on from here"
                ),
            ));
        }
        self.outage.wait(&format!("the server does not take it ({text})")).await;
        Ok(())
    }

    /// Something came over.
    pub(super) fn over(&mut self) {
        self.tries = 0;
        self.outage.over();
    }
}
