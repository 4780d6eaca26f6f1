//! `POST /api/photo-sessions/{session_id}/ledger`: what the sender has against what is here.

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{protocol::is_sha256, session};
use crate::{
    app::AppState,
    domain::PhotoSessionId,
    http::{
        extract::{self, PathId},
        guard::Caller,
        messages::Code,
        problem::Problem,
    },
    photos::{SentFile, Standing},
};

const MOST_FILES: usize = 5000;
/// 5,000 long names with their hashes.
pub(super) const BODY_BYTES: usize = 4 << 20;

#[derive(Deserialize, ToSchema)]
pub struct Sent {
    #[serde(default)]
    #[schema(max_items = 5000)]
    files: Vec<SentEntry>,
}

#[derive(Deserialize, ToSchema)]
pub struct SentEntry {
    filename: String,
    /// Hex.
    #[schema(min_length = 64, max_length = 64)]
    sha256: String,
}

#[derive(Serialize, ToSchema)]
pub struct Account {
    /// `indexed + queued + rejected + sidecars + missing`
    sent: usize,
    /// Files whose bytes are kept, including photos that were rejected only after they came in.
    stored: usize,
    indexed: usize,
    queued: usize,
    rejected: usize,
    /// Files of XMP beside pictures, which have been read.
    sidecars: usize,
    missing: usize,
    /// The files in the order in which the request names them.
    files: Vec<AccountedFile>,
}

/// Where a file stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileState {
    Indexed,
    Queued,
    Rejected,
    Sidecar,
    Missing,
}

#[derive(Serialize, ToSchema)]
pub struct AccountedFile {
    filename: String,
    sha256: String,
    state: FileState,
    photo_id: Option<Uuid>,
    code: Option<String>,
    /// The number of faces of an indexed photo.
    faces: Option<u32>,
    /// The file has faults, and what could be read of it is shown.
    damaged: bool,
}

impl From<(SentFile, Standing)> for AccountedFile {
    fn from((SentFile { filename, sha256 }, standing): (SentFile, Standing)) -> Self {
        let damaged = matches!(standing, Standing::Indexed(_, _, true));
        let (state, photo, code, faces) = match standing {
            Standing::Indexed(photo, faces, _) => (FileState::Indexed, Some(photo), None, Some(faces)),
            Standing::Queued(photo) => (FileState::Queued, Some(photo), None, None),
            Standing::Rejected(photo, code) => (FileState::Rejected, photo, Some(code), None),
            Standing::Sidecar => (FileState::Sidecar, None, None, None),
            Standing::Missing => (FileState::Missing, None, None, None),
        };
        Self { filename, sha256, state, photo_id: photo.map(|photo| photo.0), code, faces, damaged }
    }
}

/// Compare a list of sent files with the stored files
///
/// Files are compared by content: a file counts as stored when its bytes are stored, whatever its name.
#[utoipa::path(
    post,
    path = "/api/photo-sessions/{session_id}/ledger",
    operation_id = "account_for_files",
    tag = "uploads",
    params(("session_id" = Uuid, Path)),
    request_body = Sent,
    responses((status = 200, body = Account))
)]
pub async fn show(
    State(app): State<AppState>,
    Caller(caller): Caller,
    PathId(id): PathId<PhotoSessionId>,
    extract::Json(Sent { files }): extract::Json<Sent>,
) -> Result<Json<Account>, Problem> {
    session(&app, &caller, id).await?;
    if files.len() > MOST_FILES {
        return Err(Code::TooManyFiles.into());
    }
    let file = |SentEntry { filename, sha256 }: SentEntry| {
        let sha256 = sha256.to_ascii_lowercase();
        if is_sha256(&sha256) { Ok(SentFile { filename, sha256 }) } else { Err(Code::MalformedBody) }
    };
    let files = files.into_iter().map(file).collect::<Result<_, _>>()?;
    let account = app.uploads.ledger(id, files).await?;
    Ok(Json(Account {
        sent: account.sent,
        stored: account.stored,
        indexed: account.indexed,
        queued: account.queued,
        rejected: account.rejected,
        sidecars: account.sidecars,
        missing: account.missing,
        files: account.files.into_iter().map(AccountedFile::from).collect(),
    }))
}
