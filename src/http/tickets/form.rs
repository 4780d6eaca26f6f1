//! A message with or without files: JSON, or a form whose files are `attachment`.

use std::time::Duration;

use axum::{
    body::to_bytes,
    extract::{
        FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{
    accounts,
    app::AppState,
    domain::{OnceKey, TicketId},
    http::{BODY_BYTES, extract, messages::Code, problem::Problem, shared::idempotency},
    photos::plain_filename,
    support::{MOST_FILES, ReceiveError, Received},
};

/// Of one field that is no file.
const TEXT_BYTES: usize = 64 << 10;
/// A connection that has sent nothing for so long is let go.
const IDLE: Duration = Duration::from_secs(60);

/// The sent form; its files lie under the ticket's id and wait for their rows.
pub struct Sent<T> {
    pub body: T,
    pub files: Vec<Received>,
    key: Option<(String, [u8; 32])>,
}

impl<T> Sent<T> {
    /// The request's `Idempotency-Key`, for this caller's requests of one kind, `about` one thing.
    pub fn key(
        &self,
        caller: &accounts::Caller,
        operation: &'static str,
        about: &impl ToString,
    ) -> Option<OnceKey> {
        let (key, digest) = self.key.clone()?;
        let body = Sha256::new_with_prefix(about.to_string()).chain_update(digest).finalize();
        Some(OnceKey { caller: caller.user.to_string(), operation, key, body: hex::encode(body) })
    }
}

/// Reads a request. When it fails, the files that had come are removed again.
///
/// # Errors
/// `malformed_body`, `unsupported_type`, `body_too_large`, `unknown_field`, and those of the files.
pub async fn read<T: DeserializeOwned>(
    app: &AppState,
    ticket: TicketId,
    request: Request,
) -> Result<Sent<T>, Problem> {
    let key = idempotency::key(request.headers())?;
    let is_json = extract::is_json(request.headers());
    let mut files = Vec::new();
    let read = async {
        if is_json {
            let bytes = within(to_bytes(request.into_body(), BODY_BYTES)).await?;
            let bytes = bytes.map_err(|_| Code::BodyTooLarge)?;
            Ok((extract::from_json(&bytes)?, Sha256::digest(&bytes).into()))
        } else {
            let form = Multipart::from_request(request, app).await?;
            let (fields, digest) = read_form(app, ticket, form, &mut files).await?;
            Ok::<(T, [u8; 32]), Problem>((extract::from_value(fields)?, digest))
        }
    };
    match read.await {
        Ok((body, digest)) => Ok(Sent { body, files, key: key.map(|key| (key, digest)) }),
        Err(problem) => {
            app.support.discard(ticket, &files).await;
            Err(problem)
        }
    }
}

/// The text fields as a JSON object, and a digest of the whole form that does not depend on its boundary.
async fn read_form(
    app: &AppState,
    ticket: TicketId,
    mut form: Multipart,
    files: &mut Vec<Received>,
) -> Result<(Value, [u8; 32]), Problem> {
    let mut fields = Map::new();
    let mut digest = Sha256::new();
    while let Some(field) = within(form.next_field()).await?? {
        let name = extract::snake_case(field.name().unwrap_or_default());
        digest.update((name.len() as u64).to_le_bytes());
        digest.update(&name);
        match name.as_str() {
            "attachment" if files.len() == MOST_FILES => return Err(Code::TooManyAttachments.into()),
            "attachment" => {
                let filename = field.file_name().and_then(plain_filename).unwrap_or_default();
                digest.update((filename.len() as u64).to_le_bytes());
                digest.update(&filename);
                let received = app.support.receive(ticket, &filename, field).await;
                let received = received.map_err(|error| refused(error, filename))?;
                digest.update(received.sha256);
                files.push(received);
            }
            "subject" | "message" | "priority" | "category" => {
                let text = read_text(field).await?;
                digest.update(Sha256::digest(&text));
                fields.insert(name, text.into());
            }
            "is_internal" => {
                let text = read_text(field).await?;
                digest.update(Sha256::digest(&text));
                let flag: bool = text.parse().map_err(|_| Code::MalformedBody)?;
                fields.insert(name, flag.into());
            }
            other => return Err(extract::unknown_field(other)),
        }
    }
    Ok((fields.into(), digest.finalize().into()))
}

/// No time limit of the server's own stands over bodies with files.
async fn within<T>(part: impl Future<Output = T>) -> Result<T, Problem> {
    tokio::time::timeout(IDLE, part).await.map_err(|_| Code::TimedOut.into())
}

async fn read_text(mut field: Field<'_>) -> Result<String, Problem> {
    let mut text = Vec::new();
    while let Some(chunk) = within(field.chunk()).await?? {
        if text.len() + chunk.len() > TEXT_BYTES {
            return Err(Code::BodyTooLarge.into());
        }
        text.extend_from_slice(&chunk);
    }
    String::from_utf8(text).map_err(|_| Code::MalformedBody.into())
}

fn refused(error: ReceiveError<MultipartError>, filename: String) -> Problem {
    let of_file = |code| Problem::new(code).with("filename", filename);
    match error {
        ReceiveError::TooLarge => of_file(Code::AttachmentTooLarge),
        ReceiveError::Empty => of_file(Code::EmptyAttachment),
        ReceiveError::Unsupported => of_file(Code::UnsupportedAttachment),
        ReceiveError::Interrupted => Code::TimedOut.into(),
        ReceiveError::Body(error) => error.into(),
        ReceiveError::Blob(error) => error.into(),
        ReceiveError::Store(error) => error.into(),
    }
}
