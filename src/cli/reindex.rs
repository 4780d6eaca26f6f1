//! `pixora reindex`

use super::{CliError, node, print_json};
use crate::{config::Settings, index::rebuild};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    let node = node(settings).await?;
    let model = &node.processor.model;
    let bar = indicatif::ProgressBar::new(0);
    let report = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let faces = rebuild(&node.app.store, &*node.app.index, model, report)
        .await
        .map_err(|error| CliError::failed("reindex_failed", error))?;
    node.app.index.maintain().await.map_err(|error| CliError::failed("reindex_failed", error))?;
    bar.finish_and_clear();
    if args.json {
        return print_json(&serde_json::json!({ "model": model, "faces": faces }));
    }
    println!("{faces} faces written to the index of {model}");
    Ok(())
}
