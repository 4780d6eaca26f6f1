//! One file over tus 1.0, however often the connection breaks.

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{Body, Method, RequestBuilder, Response, StatusCode, Url};
use tokio::io::AsyncSeekExt;
use tokio_util::io::ReaderStream;

use super::{
    LocalFile,
    server::{Failure, Server, Wait, passes, refusal},
};
use crate::cli::{CliError, intake::Sent};

/// Why a try came to nothing.
enum Trouble {
    /// Worth another try; the bytes that the server had at its beginning.
    Passing(u64, Failure),
    Final(CliError),
}

impl From<CliError> for Trouble {
    fn from(error: CliError) -> Self {
        Self::Final(error)
    }
}

/// Sends the file, going on where an earlier run or a broken connection left it.
///
/// # Errors
/// When the server refuses us, or answers ten times what gets nowhere.
pub(super) async fn send(server: &Server, file: &LocalFile) -> Result<Sent, CliError> {
    let (mut wait, mut reached) = (Wait::default(), 0);
    let upload = format!("{} {} {}", server.address("/")?, server.session, file.sha256);
    loop {
        match attempt(server, file, &upload).await {
            Ok(sent) => {
                wait.over();
                server.memory.forget(&upload);
                return Ok(sent);
            }
            Err(Trouble::Passing(there, failure)) => {
                if there > reached {
                    wait.over();
                    reached = there;
                }
                wait.after(server, &failure).await?;
            }
            Err(Trouble::Final(error)) => return Err(error),
        }
    }
}

async fn attempt(server: &Server, file: &LocalFile, upload: &str) -> Result<Sent, Trouble> {
    let mut begun = None;
    if let Some(address) = server.memory.get(upload) {
        let answer = said(0, tus(server, Method::HEAD, server.address(&address)?).send().await)?;
        match offset(&answer) {
            Some(at) if answer.status().is_success() => match outcome(&answer) {
                Some(sent) => return Ok(sent),
                None => begun = Some((address, at)),
            },
            _ if passes(answer.status()) => return Err(Trouble::Passing(0, Failure::of(answer.status()))),
            // Expired, or another's: begun anew.
            _ => server.memory.forget(upload),
        }
    }
    let (address, at) = match begun {
        Some(begun) => begun,
        None => {
            let answer = said(0, creation(server, file)?.send().await)?;
            match answer.status() {
                StatusCode::CREATED => {}
                StatusCode::PAYLOAD_TOO_LARGE => return Ok(Sent::Rejected("too_large".to_owned())),
                status if passes(status) => return Err(Trouble::Passing(0, Failure::of(status))),
                _ => return Err(refusal(answer).await.into()),
            }
            if let Some(sent) = outcome(&answer) {
                return Ok(sent);
            }
            let address = header(&answer, "location").ok_or_else(|| {
                CliError::failed("server_answer", "the server did not say where to send the file")
            })?;
            server.memory.remember(upload.to_owned(), address.clone());
            (address, 0)
        }
    };
    let answer = said(at, part(server, file, &address, at).await?.send().await)?;
    match (answer.status(), outcome(&answer)) {
        (status, Some(sent)) if status.is_success() => Ok(sent),
        (StatusCode::NOT_FOUND | StatusCode::GONE, _) => {
            server.memory.forget(upload);
            Err(Trouble::Passing(at, Failure::Answer("the upload has expired".to_owned())))
        }
        (status, _) if status.is_success() || passes(status) => {
            Err(Trouble::Passing(at, Failure::of(status)))
        }
        _ => Err(refusal(answer).await.into()),
    }
}

fn said(at: u64, answer: reqwest::Result<Response>) -> Result<Response, Trouble> {
    answer.map_err(|error| Trouble::Passing(at, error.into()))
}

fn tus(server: &Server, method: Method, address: Url) -> RequestBuilder {
    server.request(method, address).header("tus-resumable", "1.0.0")
}

fn creation(server: &Server, file: &LocalFile) -> Result<RequestBuilder, CliError> {
    let session = server.session.to_string();
    let pairs = [("photo_session_id", &session), ("filename", &file.name), ("sha256", &file.sha256)];
    let pairs = pairs.map(|(name, value)| format!("{name} {}", BASE64_STANDARD.encode(value)));
    let mut pairs = pairs.to_vec();
    if server.replaces {
        pairs.push(format!("replace {}", BASE64_STANDARD.encode("name")));
    }
    Ok(tus(server, Method::POST, server.address("/api/uploads")?)
        .header("upload-length", file.bytes)
        .header("upload-metadata", pairs.join(",")))
}

/// All that is missing, in one part: a break costs nothing of what came over.
async fn part(server: &Server, file: &LocalFile, address: &str, at: u64) -> Result<RequestBuilder, Trouble> {
    let unreadable = |error| CliError::failed("unreadable", format!("{}: {error}", file.path.display()));
    let mut source = tokio::fs::File::open(&file.path).await.map_err(unreadable)?;
    source.seek(std::io::SeekFrom::Start(at)).await.map_err(unreadable)?;
    let body = Body::wrap_stream(ReaderStream::with_capacity(source, 256 << 10));
    Ok(tus(server, Method::PATCH, server.address(address)?)
        .header("upload-offset", at)
        .header("content-type", "application/offset+octet-stream")
        .header("content-length", file.bytes.saturating_sub(at))
        .body(body))
}

fn header(answer: &Response, name: &str) -> Option<String> {
    answer.headers().get(name)?.to_str().ok().map(str::to_owned)
}

fn offset(answer: &Response) -> Option<u64> {
    header(answer, "upload-offset")?.parse().ok()
}

fn outcome(answer: &Response) -> Option<Sent> {
    match header(answer, "pixora-result")?.as_str() {
        "stored" => Some(Sent::Stored),
        "duplicate" => Some(Sent::Duplicate),
        "sidecar" => Some(Sent::Sidecar),
        _ => {
            let code = header(answer, "pixora-reject-code").unwrap_or_else(|| "rejected".to_owned());
            Some(Sent::Rejected(code))
        }
    }
}
