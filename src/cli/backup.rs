//! `pixora backup` and `pixora restore`

use std::{
    io::{self, IsTerminal as _},
    path::PathBuf,
};

use indicatif::{HumanBytes, ProgressBar};

use super::{CliError, print_json};
use crate::{
    app::Parts,
    backup::{self, BackupError, FilesAre, Progress, RowsAre},
    config::Settings,
    store::Store,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of the back-up; a second one into the same folder copies only what is new
    folder: PathBuf,
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct RestoreArgs {
    #[command(flatten)]
    from: Args,
    /// A folder with receipts of erasures that were made after the back-up; what they name is not restored
    #[arg(long)]
    receipts: Option<PathBuf>,
}

impl From<BackupError> for CliError {
    fn from(error: BackupError) -> Self {
        Self::failed(error.code(), error)
    }
}

pub(super) async fn make(args: Args, settings: Settings) -> Result<(), CliError> {
    let parts = Parts::open(&settings).await?;
    let (bar, report) = progress();
    let made =
        backup::make(&parts.store, parts.blobs.folder(), &settings.data_dir, &args.folder, report).await?;
    bar.finish_and_clear();
    if made.rows == RowsAre::Dumped {
        eprintln!("The rows are in PostgreSQL: this back-up goes with the dump that was made before it.");
    }
    if made.files == FilesAre::Elsewhere {
        eprintln!("The files are in a store with back-ups of its own; there are none in this back-up.");
    }
    if args.json {
        print_json(&made)?;
    } else {
        let size = HumanBytes(made.file_bytes);
        outln!("{} photos, {} files, {size}; {} files were new", made.photos, made.file_count, made.copied);
    }
    lost(made.missing.len())
}

pub(super) async fn restore(args: RestoreArgs, settings: Settings) -> Result<(), CliError> {
    let RestoreArgs { from: args, receipts } = args;
    let kept = || settings.receipts.clone().filter(|folder| folder.is_dir());
    let receipts = match receipts.or_else(kept).or_else(ask_for_receipts) {
        Some(folder) => backup::read_receipts(&folder)?,
        None => Vec::new(),
    };
    let database = match &settings.database {
        Some(url) => Some(Store::open(url.expose()).await?),
        None => None,
    };
    let (bar, report) = progress();
    let restored = backup::restore(&args.folder, &settings.data_dir, database, &receipts, report).await?;
    bar.finish_and_clear();
    if args.json {
        print_json(&restored)?;
    } else {
        outln!("{} photos, {} files, {}", restored.photos, restored.files, HumanBytes(restored.bytes));
        if !receipts.is_empty() {
            outln!(
                "{} receipts; {} of what they name was in the back-up",
                receipts.len(),
                restored.carried_out
            );
        }
    }
    lost(restored.damaged.len())
}

/// Whoever restores at a terminal is asked; a script is told.
fn ask_for_receipts() -> Option<PathBuf> {
    eprintln!(
        "Who was erased after this back-up is in it. Receipts of those erasures keep them out (--receipts)."
    );
    if !io::stdin().is_terminal() {
        return None;
    }
    eprint!("Folder with the receipts (Enter if nobody was erased): ");
    let mut line = String::new();
    io::stdin().read_line(&mut line).ok()?;
    Some(line.trim()).filter(|folder| !folder.is_empty()).map(PathBuf::from)
}

/// Everything else is there all the same.
fn lost(photos: usize) -> Result<(), CliError> {
    match photos {
        0 => Ok(()),
        photos => {
            Err(CliError::failed("originals_missing", format!("{photos} photos have lost their original")))
        }
    }
}

fn progress() -> (ProgressBar, impl FnMut(Progress) + Send + 'static) {
    let bar = ProgressBar::new_spinner();
    let shown = bar.clone();
    let report = move |done: Progress| {
        shown.set_message(format!(
            "{} files, {} copied, {}",
            done.files,
            done.copied,
            HumanBytes(done.bytes)
        ));
        shown.inc(1);
    };
    (bar, report)
}
