//! `pixora ingest` through a running server: what it has is not sent again, an upload that was begun is resumed,
//! and in the end the server's account says where every file is.

mod memory;
mod server;
mod tus;

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
    time::Duration,
};

use futures::{StreamExt, stream};
use indicatif::ProgressBar;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;

use super::{
    CliError,
    intake::{Report, Sent},
    walk::Found,
};
use crate::{
    domain::PROCESSING_FAILED,
    photos::{HEAD, refused_unread},
};
pub(super) use server::Server;
use server::{Account, Accounted};

/// Files on their way at the same time.
pub(super) const SENT_AT_ONCE: usize = 4;
const POLL: Duration = Duration::from_millis(500);
/// Pieces that a file is hashed in.
const PIECE: usize = 1 << 20;

/// A file as it was when it was hashed.
#[derive(Debug, Clone)]
pub(super) struct LocalFile {
    path: PathBuf,
    name: String,
    bytes: u64,
    /// Lower-case hex.
    sha256: String,
}

/// A file on this side: to be sent, or refused by what its begin says.
enum Local {
    ToSend(LocalFile),
    Refused(&'static str),
}

impl LocalFile {
    /// Looks at the begin of a file, and hashes it if it may be worth sending.
    async fn read(path: PathBuf) -> Local {
        match Self::look(path).await {
            Ok(local) => local,
            Err(_) => Local::Refused("unreadable"),
        }
    }

    async fn look(path: PathBuf) -> std::io::Result<Local> {
        let mut file = tokio::fs::File::open(&path).await?;
        let mut head = Vec::with_capacity(HEAD);
        (&mut file).take(HEAD as u64).read_to_end(&mut head).await?;
        if let Some(code) = refused_unread(&path.to_string_lossy(), &head, file.metadata().await?.len()) {
            return Ok(Local::Refused(code));
        }
        let (mut hash, mut bytes) = (Sha256::new_with_prefix(&head), head.len() as u64);
        let mut piece = vec![0; PIECE];
        loop {
            let read = file.read(&mut piece).await?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            hash.update(&piece[..read]);
        }
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Ok(Local::ToSend(Self { name, path, bytes, sha256: hex::encode(hash.finalize()) }))
    }
}

/// Sends one file, unless the server has it.
///
/// # Errors
/// When the server cannot be asked or refuses us; what has come over stays there.
pub(super) async fn send_one(server: &Server, path: PathBuf) -> Result<Sent, CliError> {
    let file = match LocalFile::read(path).await {
        Local::ToSend(file) => file,
        Local::Refused(code) => return Ok(Sent::Rejected(code.to_owned())),
    };
    let account = server.account(std::slice::from_ref(&file)).await?;
    match account.files.first().and_then(known) {
        Some(known) => Ok(known),
        None => tus::send(server, &file).await,
    }
}

/// The outcome of a file that need not be sent; `None` when it must be sent.
fn known(file: &Accounted) -> Option<Sent> {
    match (file.state.as_str(), &file.code) {
        ("indexed" | "queued", _) => Some(Sent::Duplicate),
        ("sidecar", _) => Some(Sent::Sidecar),
        // A file that was damaged on its way is sent again, and one that failed by the server's fault goes on.
        ("rejected", Some(code)) if code != "checksum_mismatch" && code != PROCESSING_FAILED => {
            Some(Sent::Rejected(code.clone()))
        }
        _ => None,
    }
}

/// Sends all files and asks for the account; with `wait`, until none is in the server's queue.
///
/// # Errors
/// As [`send_one`].
pub(super) async fn ingest(
    server: &Server,
    found: Found,
    wait: bool,
    bar: &ProgressBar,
) -> Result<Report, CliError> {
    let Found { files: paths, refused, left_out } = found;
    let mut report = Report { rejected: refused, left_out, ..Report::default() };
    bar.set_message("hashing");
    let mut files = Vec::with_capacity(paths.len());
    let mut hashed = stream::iter(paths)
        .map(|path| async { (LocalFile::read(path.clone()).await, path) })
        .buffered(SENT_AT_ONCE);
    while let Some((read, path)) = hashed.next().await {
        match read {
            Local::ToSend(file) => files.push(file),
            Local::Refused(code) => report.reject(&path, code),
        }
    }
    bar.set_message("");

    // Each content once; the first file with it stands for the others.
    let mut hashes = HashSet::new();
    let (firsts, copies): (Vec<LocalFile>, Vec<LocalFile>) =
        files.into_iter().partition(|file| hashes.insert(file.sha256.clone()));
    report.duplicates += copies.len();
    let mut missing = Vec::new();
    for (file, known) in firsts.iter().zip(server.account(&firsts).await?.files.iter().map(known)) {
        match known {
            Some(Sent::Rejected(code)) => report.reject(&file.path, &code),
            Some(Sent::Sidecar) => report.sidecars += 1,
            Some(_) => report.duplicates += 1,
            None => missing.push(file),
        }
    }
    bar.set_position((report.duplicates + report.sidecars + report.rejected.len()) as u64);

    let mut stored: BTreeMap<&str, &Path> = BTreeMap::new();
    let mut sent = stream::iter(missing)
        .map(|file| async move { (tus::send(server, file).await, file) })
        .buffer_unordered(SENT_AT_ONCE);
    while let Some((outcome, file)) = sent.next().await {
        match outcome? {
            Sent::Stored => {
                stored.insert(&file.sha256, &file.path);
            }
            Sent::Duplicate => report.duplicates += 1,
            Sent::Sidecar => report.sidecars += 1,
            Sent::Rejected(code) => report.reject(&file.path, &code),
        }
        bar.inc(1);
    }
    drop(sent);

    let account = loop {
        let account = server.account(&firsts).await?;
        if !wait || account.queued == 0 {
            break account;
        }
        bar.set_message(format!("{} in the server's queue", account.queued));
        tokio::time::sleep(POLL).await;
    };
    settle(&mut report, &stored, &account);
    report.ledger = Some(account.sums());
    Ok(report)
}

/// A photo that the pipeline rejects counts as rejected, not as accepted.
fn settle(report: &mut Report, stored: &BTreeMap<&str, &Path>, account: &Account) {
    for file in &account.files {
        let Some(path) = stored.get(file.sha256.as_str()) else { continue };
        match file.state.as_str() {
            "rejected" => report.reject(path, file.code.as_deref().unwrap_or("rejected")),
            "missing" => report.reject(path, "erased"),
            state => {
                report.accepted += 1;
                report.indexed += usize::from(state == "indexed");
                report.faces += u64::from(file.faces.unwrap_or(0));
            }
        }
    }
}
