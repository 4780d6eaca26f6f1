//! `pixora reindex --model NAME` and `--rollback`: another embedding model takes over.
//!
//! The photos are looked at by the new model beside the running server, which goes on answering with the old one.
//! What is done is in the rows, so that a killed run is gone on with by the next. When no photo lacks the new
//! model, one row says that it is used from the next start on; a photo that comes in between is looked at again
//! then. The old vectors stay in the rows, so that `--rollback` is one row too.

use std::time::Instant;

use indicatif::ProgressBar;
use serde_json::json;

use super::{CliError, print_json};
use crate::{
    app::{EMBEDDER_BEFORE, EMBEDDER_IN_USE, OpenError, Parts, embedder_in_use, index_place, load_models},
    config::Settings,
    domain::PhotoId,
    index::{IndexError, reconcile},
    photos::Reembedder,
    store::Store,
    vision::{FaceEngine, VisionError},
};

/// Photos that are read from the rows at a time.
const PAGE: u32 = 50;

/// Has the model look at every photo, then use it.
pub(super) async fn reembed(
    model: &str,
    full_speed: bool,
    json: bool,
    settings: &Settings,
) -> Result<(), CliError> {
    let parts = Parts::open(settings).await?;
    let models = load_models(settings).map_err(OpenError::from)?;
    let old = embedder_in_use(settings, &models, &parts.store).await?;
    let engine = FaceEngine::with_embedder(&models, model).map_err(OpenError::from)?;
    if settings.search.embedder.is_some() {
        return Err(CliError::Usage(
            "PIXORA_EMBEDDER chooses the model; remove it, so that the rows can say which one is used".into(),
        ));
    }
    if old == model {
        return Err(CliError::failed("model_in_use", format!("{model} is the model in use")));
    }
    let place = index_place(settings);
    let index = place.open(model, engine.embedder().dimension).await.map_err(|error| match error {
        IndexError::Locked => {
            CliError::failed("index_locked", format!("another process has the index of {model} open"))
        }
        error => CliError::failed("index_unavailable", error),
    })?;
    let mut work = Reembedder { store: parts.store.clone(), blobs: parts.blobs.clone(), index, engine };
    let outcome = every_photo(&mut work, model, full_speed).await?;
    let failed = |error: &dyn std::fmt::Display| CliError::failed("reindex_failed", error);
    let Reembedder { store, index, .. } = work;
    // Photos that were erased meanwhile have no rows, and now no vectors either.
    reconcile(&store, &*index, model, &place.to_string(), |_, _| {}).await.map_err(|error| failed(&error))?;
    index.maintain().await.map_err(|error| failed(&error))?;
    if outcome.left > 0 {
        return Err(CliError::failed(
            "photos_left",
            format!(
                "{} photos could not be looked at, {old} stays in use; run it again when their originals can be read",
                outcome.left
            ),
        ));
    }
    switch(&store, &old, model).await.map_err(|error| failed(&error))?;
    if json {
        return print_json(
            &json!({ "model": model, "before": old, "photos": outcome.photos, "faces": outcome.faces }),
        );
    }
    outln!(
        "{} photos with {} faces are embedded by {model}; it is used from the next start on",
        outcome.photos,
        outcome.faces
    );
    Ok(())
}

struct Done {
    photos: u64,
    faces: u64,
    left: u64,
}

async fn every_photo(work: &mut Reembedder, model: &str, full_speed: bool) -> Result<Done, CliError> {
    let failed = |error: &dyn std::fmt::Display| CliError::failed("reindex_failed", error);
    let mut done = Done { photos: 0, faces: 0, left: 0 };
    let bar =
        ProgressBar::new(work.store.photos().count_lacking(model).await.map_err(|error| failed(&error))?);
    let mut after: Option<PhotoId> = None;
    loop {
        let page = work.store.photos().lacking(model, after, PAGE).await.map_err(|error| failed(&error))?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for photo in &page {
            let started = Instant::now();
            match work.reembed(photo).await {
                Ok(Some(faces)) => {
                    done.photos += 1;
                    done.faces += faces as u64;
                }
                Ok(None) => {}
                Err(error) if error.is_of_one_photo() => {
                    done.left += 1;
                    eprintln!("{}: {error}", photo.id);
                }
                Err(error) => return Err(failed(&error)),
            }
            bar.inc(1);
            if !full_speed {
                // Half of a core at most: guests and new photos go first.
                tokio::time::sleep(started.elapsed()).await;
            }
        }
    }
    bar.finish_and_clear();
    Ok(done)
}

async fn switch(store: &Store, old: &str, new: &str) -> Result<(), crate::store::StoreError> {
    store.agree(EMBEDDER_BEFORE, old).await?;
    store.agree(EMBEDDER_IN_USE, new).await
}

/// Uses the model before again, from the next start on.
pub(super) async fn rollback(json: bool, settings: &Settings) -> Result<(), CliError> {
    let parts = Parts::open(settings).await?;
    let failed = |error: &dyn std::fmt::Display| CliError::failed("reindex_failed", error);
    let agreed = |name| parts.store.agreed(name);
    let (now, before) = (
        agreed(EMBEDDER_IN_USE).await.map_err(|error| failed(&error))?,
        agreed(EMBEDDER_BEFORE).await.map_err(|error| failed(&error))?,
    );
    let (Some(now), Some(before)) = (now, before) else {
        return Err(CliError::failed("no_model_before", "no model has taken over from another here"));
    };
    let models = load_models(settings).map_err(OpenError::from)?;
    if !models.embedders().any(|info| info.name == before) {
        return Err(OpenError::from(VisionError::UnknownEmbedder(before)).into());
    }
    switch(&parts.store, &now, &before).await.map_err(|error| failed(&error))?;
    if json {
        return print_json(&json!({ "model": before, "before": now }));
    }
    outln!("{before} is used from the next start on");
    Ok(())
}
