//! `pixora reindex`

use super::{CliError, print_json, reembed};
use crate::{
    app::{
        OpenError, Parts, check_dimension, embedded_place, embedder_in_use, index_place, load_models,
        remove_embedded_copy, server_place,
    },
    config::{Settings, qdrant_url},
    index::{IndexError, rebuild},
    vision::FaceEngine,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Fill another index than the one in use: `edge` (the embedded one) or a Qdrant server's address.
    /// The running server goes on with its own; restart it with or without QDRANT_URL afterwards
    #[arg(long, value_name = "edge|URL")]
    to: Option<String>,
    /// Have the service look at every photo with another embedding model, in the background, and use it then
    #[arg(long, value_name = "NAME", conflicts_with_all = ["to", "rollback", "forget"])]
    model: Option<String>,
    /// With --model: stay until it has taken over
    #[arg(long, requires = "model")]
    wait: bool,
    /// End what --model began, or use the model before again
    #[arg(long, conflicts_with_all = ["to", "forget"])]
    rollback: bool,
    /// Erase the vectors of the model before now, not only after two weeks
    #[arg(long, conflicts_with = "to")]
    forget: bool,
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    if let Some(model) = &args.model {
        return reembed::begin(model, args.wait, args.json, &settings).await;
    }
    if args.rollback {
        return reembed::rollback(args.json, &settings).await;
    }
    if args.forget {
        return reembed::forget(args.json, &settings).await;
    }
    let place = match args.to.as_deref() {
        None => index_place(&settings),
        Some("edge") => embedded_place(&settings),
        Some(url) => {
            let url = qdrant_url(url)
                .map_err(|expected| CliError::Usage(format!("--to expects edge or {expected}")))?;
            server_place(&settings, url)
        }
    };
    let parts = Parts::open(&settings).await?;
    let models = load_models(&settings).map_err(OpenError::from)?;
    let model = embedder_in_use(&settings, &models, &parts.store).await?;
    let engine = FaceEngine::with_embedder(&models, &model).map_err(OpenError::from)?;
    check_dimension(&parts.store, engine.embedder()).await.map_err(OpenError::from)?;
    let model = engine.embedder_name();
    let index = place.open(model, engine.embedder().dimension).await.map_err(|error| match error {
        IndexError::Locked => CliError::failed(
            "server_running",
            "a server has the embedded index of this data directory open; stop it first",
        ),
        error => CliError::failed("index_unavailable", error),
    })?;
    let bar = indicatif::ProgressBar::new(0);
    let report = |done, total| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let failed = |error: &dyn std::error::Error| CliError::failed("reindex_failed", error);
    let faces = rebuild(&parts.store, &*index, model, report).await.map_err(|error| failed(&error))?;
    index.maintain().await.map_err(|error| failed(&error))?;
    bar.finish_and_clear();
    if args.to.is_none() && place.is_shared() {
        remove_embedded_copy(&settings).await;
    }
    if args.json {
        return print_json(
            &serde_json::json!({ "model": model, "faces": faces, "place": place.to_string() }),
        );
    }
    outln!("{faces} faces written to the index of {model} ({place})");
    Ok(())
}
