//! `pixora reindex --model NAME`, `--rollback` and `--forget`: another embedding model takes over.
//!
//! The command writes down what is wanted; the running service does it (`photos/reembed.rs`), as it does after a restart.
//! `--wait` watches it.

use std::time::Duration;

use indicatif::ProgressBar;
use serde_json::json;

use super::{CliError, print_json};
use crate::{
    app::{OpenError, Parts, check_dimension, embedder_in_use, load_models},
    config::Settings,
    photos::MODEL_KEPT,
    store::Store,
    vision::VisionError,
};

/// Between looks how far the service has come.
const LOOK: Duration = Duration::from_millis(500);

/// Has the service look at every photo with the model, and use it then.
pub(super) async fn begin(model: &str, wait: bool, json: bool, settings: &Settings) -> Result<(), CliError> {
    let parts = Parts::open(settings).await?;
    let store = &parts.store;
    let models = load_models(settings).map_err(OpenError::from)?;
    let Some(info) = models.embedders().find(|info| info.name == model) else {
        return Err(OpenError::from(VisionError::UnknownEmbedder(model.to_owned())).into());
    };
    check_dimension(store, info).await.map_err(OpenError::from)?;
    if settings.search.embedder.is_some() {
        return Err(CliError::Usage(
            "PIXORA_EMBEDDER chooses the model; remove it, so that the rows can say which one is used".into(),
        ));
    }
    let used = embedder_in_use(settings, &models, store).await?;
    let plan = store.takeovers().plan().await?;
    match (&plan.next, &plan.before) {
        (Some(next), _) if next != model => {
            return Err(CliError::failed(
                "model_takes_over",
                format!("{next} is taking over; `pixora reindex --rollback` ends that"),
            ));
        }
        (Some(_), _) => {}
        (None, _) if used == model => {
            return Err(CliError::failed("model_in_use", format!("{model} is the model in use")));
        }
        (None, Some((before, until))) => {
            return Err(CliError::failed(
                "model_kept",
                format!(
                    "{before} is kept until {}; `pixora reindex --rollback` goes back to it, --forget erases it",
                    until.format("%Y-%m-%d")
                ),
            ));
        }
        (None, None) => store.takeovers().begin(&used, model).await?,
    }
    let (photos, lacking) = store.photos().count_lacking(model).await?;
    if !wait {
        if json {
            return print_json(&json!({ "model": model, "before": used, "photos": photos, "left": lacking }));
        }
        outln!(
            "the service looks at {lacking} of {photos} photos with {model}; searches are answered by {used}, in each \
             session until all of its photos have been looked at"
        );
        return Ok(());
    }
    watch(store, model).await?;
    if json {
        return print_json(&json!({ "model": model, "before": used, "photos": photos, "left": 0 }));
    }
    outln!("{model} is used from now on; {used} is kept for {} days", MODEL_KEPT.num_days());
    Ok(())
}

/// Until the model has taken over.
async fn watch(store: &Store, model: &str) -> Result<(), CliError> {
    let bar = ProgressBar::new(0);
    while store.takeovers().plan().await?.next.as_deref() == Some(model) {
        let (photos, lacking) = store.photos().count_lacking(model).await?;
        bar.set_length(photos);
        bar.set_position(photos - lacking);
        tokio::time::sleep(LOOK).await;
    }
    bar.finish_and_clear();
    match store.takeovers().plan().await?.used {
        Some(used) if used == model => Ok(()),
        _ => Err(CliError::failed("rolled_back", format!("{model} did not take over: somebody went back"))),
    }
}

/// Ends a takeover, or uses the model before again.
pub(super) async fn rollback(json: bool, settings: &Settings) -> Result<(), CliError> {
    let parts = Parts::open(settings).await?;
    let now = (parts.clock)();
    if !parts.store.takeovers().go_back(now, now + MODEL_KEPT).await? {
        return Err(nothing_kept());
    }
    let used = parts.store.takeovers().plan().await?.used.unwrap_or_default();
    if json {
        return print_json(&json!({ "model": used }));
    }
    outln!("{used} is used");
    Ok(())
}

/// Has the service erase the model before now.
pub(super) async fn forget(json: bool, settings: &Settings) -> Result<(), CliError> {
    let parts = Parts::open(settings).await?;
    if !parts.store.takeovers().end_keeping((parts.clock)()).await? {
        return Err(nothing_kept());
    }
    if json {
        return print_json(&json!({ "forgotten": true }));
    }
    outln!("the service erases the vectors of the model before");
    Ok(())
}

fn nothing_kept() -> CliError {
    CliError::failed(
        "no_model_before",
        "no model has taken over from another here, or the one before is erased",
    )
}
