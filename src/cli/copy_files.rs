//! `pixora copy-files`: pictures from a folder into a bucket, and back.

use super::{CliError, print_json};
use crate::{
    app::{bucket_place, folder_place, storage_place},
    blobs::{BlobError, BlobPlace, copy},
    config::{ConfigError, Settings, bucket},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Copy from there [default: where the settings have pictures]
    #[arg(long, value_name = "folder|s3://BUCKET/FOLDER")]
    from: Option<String>,
    /// Copy there [default: where the settings have pictures]. `folder` is the one in the data directory.
    /// Copies what is not there yet and deletes nothing. The running server goes on with its own: restart it
    /// with or without PIXORA_STORAGE_URL afterwards, then copy what came meanwhile
    #[arg(long, value_name = "folder|s3://BUCKET/FOLDER")]
    to: Option<String>,
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    let unset = |error: ConfigError| CliError::Usage(error.to_string());
    let place = |option, value: Option<&str>| match value {
        None => storage_place(&settings).map_err(unset),
        Some("folder") => Ok(folder_place(&settings)),
        Some(url) => {
            let bucket = bucket(url)
                .map_err(|expected| CliError::Usage(format!("{option} expects folder or {expected}")))?;
            bucket_place(&settings, bucket).map_err(unset)
        }
    };
    let (from, to) = (place("--from", args.from.as_deref())?, place("--to", args.to.as_deref())?);
    if from.to_string() == to.to_string() {
        return Err(CliError::Usage(format!("pictures are in {from} already: name another place")));
    }
    let failed = |place: &BlobPlace| {
        let place = place.to_string();
        move |error: BlobError| CliError::failed(error.code(), format!("{place}: {error}"))
    };
    let (source, target) = (from.open().map_err(failed(&from))?, to.open().map_err(failed(&to))?);
    source.health().await.map_err(failed(&from))?;
    target.check().await.map_err(failed(&to))?;

    let bar = indicatif::ProgressBar::new(0);
    let report = |progress: crate::blobs::Progress| {
        bar.set_length(progress.of);
        bar.set_position(progress.folders);
        bar.set_message(format!("{} files copied", progress.copied.copied));
    };
    let copied = copy(&source, &target, report).await;
    let copied = copied
        .map_err(|error| CliError::failed("copy_failed", format!("{error}; the same command goes on")))?;
    bar.finish_and_clear();
    if args.json {
        return print_json(
            &serde_json::json!({ "from": from.to_string(), "to": to.to_string(), "files": copied }),
        );
    }
    outln!(
        "{} files ({} bytes) copied from {from} to {to}; {} were there",
        copied.copied,
        copied.bytes,
        copied.present
    );
    outln!(
        "Nothing was deleted. When the server runs with {to} and a last copy has found nothing more, delete {from}."
    );
    Ok(())
}
