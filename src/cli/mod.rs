//! The command line: `--json` prints one document to stdout, everything else goes to stderr;
//! exit status 0, 1 (failed) or 2 (wrong usage).

/// A line on stdout. Whoever read it may have gone (`| head`): that is no failure.
macro_rules! outln {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout().lock(), $($text)*);
    }};
}

mod backup;
mod bench;
mod copy_files;
mod doctor;
mod erase;
mod eval;
mod ingest;
mod intake;
mod outage;
mod ready;
mod reembed;
mod reindex;
mod remote;
mod retry;
mod search;
mod serve;
mod session;
mod tls;
mod user;
mod walk;
mod watch;
mod worker;

use std::{io::Write, net::SocketAddr, process::ExitCode};

use clap::{Parser, Subcommand};
use serde::Serialize;
use tokio::net::TcpListener;

use crate::{
    allocator,
    app::{Node, OpenError, Parts, data_dir},
    config::{ConfigArgs, LogFormat, Settings, log_format},
    descriptors,
    domain::{PhotoSession, PhotoSessionId},
    http,
    index::IndexError,
    store::StoreError,
    telemetry,
};

#[derive(Debug, Parser)]
#[command(name = "pixora", version, about = "A guest takes a selfie and finds every photo that they are in.")]
struct Cli {
    #[command(flatten)]
    config: ConfigArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the guest pages and the API, and work through the queue
    Serve(serve::Args),
    /// Work through the queue of a server on the same PostgreSQL, without answering guests
    Worker(worker::Args),
    /// Make, list and change photo sessions
    #[command(subcommand)]
    Session(session::Command),
    /// Make, list and switch accounts
    #[command(subcommand)]
    User(user::Command),
    /// Store photos and make them searchable
    Ingest(ingest::Args),
    /// Process photos again that failed by Pixora's own fault
    Retry(retry::Args),
    /// Find the photos that show whom a selfie shows
    Search(search::Args),
    /// Measure accuracy on a folder of one folder per person
    Eval(eval::Args),
    /// Measure speed and memory on this machine
    Bench(bench::Args),
    /// Copy rows, files and keys into a folder, beside the running server
    Backup(backup::Args),
    /// Put a back-up into an empty data directory
    Restore(backup::RestoreArgs),
    /// Ask whether the server on this machine can serve: exit status 0 if so
    Ready(ready::Args),
    /// Write the face index again from the rows
    Reindex(reindex::Args),
    /// Copy pictures from the data directory into a bucket, or back
    CopyFiles(copy_files::Args),
    /// Erase a session, a photo or a guest's consent, and show that it is complete
    Erase(erase::Args),
    /// Print the description of the HTTP interface (OpenAPI 3.1), from which clients are generated
    Openapi,
    /// Check that everything Pixora needs is there and agrees
    Doctor(doctor::Args),
}

/// Why a command failed, with the exit status and a code for scripts.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error("{0}")]
    Usage(String),
    #[error("{message}")]
    Failed { code: String, message: String },
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl CliError {
    fn failed(code: impl Into<String>, message: impl ToString) -> Self {
        Self::Failed { code: code.into(), message: message.to_string() }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::failed(error.code(), error)
    }
}

impl From<crate::accounts::AccountError> for CliError {
    fn from(error: crate::accounts::AccountError) -> Self {
        Self::failed(error.code(), error)
    }
}

impl From<crate::mail::MailError> for CliError {
    fn from(error: crate::mail::MailError) -> Self {
        Self::failed("mail_unusable", error)
    }
}

impl From<std::io::Error> for CliError {
    fn from(error: std::io::Error) -> Self {
        Self::failed("io", error)
    }
}

/// Runs the program with the process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    data_dir::make_private_files();
    crate::tls::install_provider();
    descriptors::raise();
    allocator::give_back_large_blocks();
    let cli = Cli::parse();
    let settings = match Settings::load(&cli.config) {
        Ok(settings) => settings,
        Err(error) => return say(log_format(&cli.config), 2, error.code(), &error.to_string()),
    };
    let say = |status, code: &str, message: &str| say(settings.log_format, status, code, message);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return say(1, "io", &error.to_string()),
    };
    let inside = runtime.enter();
    let telemetry = match telemetry::start(&settings) {
        Ok(telemetry) => telemetry,
        Err(error) => return say(2, "invalid_setting", &error.to_string()),
    };
    drop(inside);
    let outcome = runtime.block_on(run(cli.command, settings.clone()));
    let status = match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(CliError::Usage(message)) => say(2, "usage", &message),
        Err(CliError::Failed { code, message }) => say(1, &code, &message),
        Err(CliError::Open(error)) => say(1, error.code(), &error.to_string()),
    };
    telemetry.stop();
    status
}

async fn run(command: Command, settings: Settings) -> Result<(), CliError> {
    match command {
        Command::Serve(args) => serve::run(args, settings).await,
        Command::Worker(args) => worker::run(args, settings).await,
        Command::Session(command) => session::run(command, &settings).await,
        Command::User(command) => user::run(command, settings).await,
        Command::Ingest(args) => ingest::run(args, settings).await,
        Command::Retry(args) => retry::run(args, settings).await,
        Command::Search(args) => search::run(args, settings).await,
        Command::Eval(args) => eval::run(args, &settings).await,
        Command::Bench(args) => bench::run(args, settings).await,
        Command::Backup(args) => backup::make(args, settings).await,
        Command::Restore(args) => backup::restore(args, settings).await,
        Command::Ready(args) => ready::run(args, &settings).await,
        Command::Reindex(args) => reindex::run(args, settings).await,
        Command::CopyFiles(args) => copy_files::run(args, settings).await,
        Command::Erase(args) => erase::run(args, settings).await,
        Command::Openapi => print_json(&http::description(&settings.public_url)),
        Command::Doctor(args) => doctor::run(args, settings).await,
    }
}

fn say(format: LogFormat, status: u8, code: &str, message: &str) -> ExitCode {
    telemetry::say_failure(format, code, message);
    ExitCode::from(status)
}

/// Prints the one JSON document of a command.
fn print_json(document: &impl Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string_pretty(document).map_err(|error| CliError::failed("internal", error))?;
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Takes a port; `flag` is where another is named.
async fn listen(address: SocketAddr, flag: &str) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|error| {
        CliError::failed(
            "port_taken",
            format!("cannot listen on {address} ({error}); choose another with {flag}"),
        )
    })
}

/// The node, or `None` when a server holds this data directory.
async fn node_unless_served(settings: Settings, parts: Parts) -> Result<Option<Node>, CliError> {
    match Node::open(settings, parts).await {
        Ok(node) => Ok(Some(node)),
        Err(OpenError::Index(IndexError::Locked)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The node, for work that only the holder of the index can do.
async fn node(settings: Settings) -> Result<Node, CliError> {
    let parts = Parts::open(&settings).await?;
    node_unless_served(settings, parts).await?.ok_or_else(|| {
        CliError::failed("server_running", "a server is running on this data directory; stop it first")
    })
}

/// A session of our own or of the studio's database.
async fn existing_session(parts: &Parts, id: PhotoSessionId) -> Result<PhotoSession, CliError> {
    let session = parts.session(id).await.map_err(|error| {
        tracing::warn!(%error, "a source of sessions does not answer");
        CliError::failed(
            "source_unavailable",
            "the database with the sessions does not answer; try again later",
        )
    })?;
    session.ok_or_else(|| CliError::failed("session_not_found", format!("there is no session {id}")))
}
