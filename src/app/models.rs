//! Which models this installation uses, and how one embedder takes over from another.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::OpenError;
use crate::{
    config::{SearchSettings, Settings},
    store::{JobKind, Store, StoreError},
    vision::{Choice, Models, VisionError},
};

/// What the rows call the embedder that took over from another, and the one before it.
pub const EMBEDDER_IN_USE: &str = "embedder";
pub const EMBEDDER_BEFORE: &str = "embedder_before";

/// The models that the settings choose.
///
/// # Errors
/// [`VisionError`], see [`Models::load`].
pub fn load_models(settings: &Settings) -> Result<Arc<Models>, VisionError> {
    let SearchSettings { detector, landmarks, embedder, .. } = settings.search.clone();
    let choice = Choice { detector, landmarks, embedder };
    Models::load(&settings.model_dir, &settings.model_dir, &settings.ort_dylib, choice)
}

/// The embedder whose vectors are written and searched: the one that the settings name, the one that took over
/// from another by `pixora reindex --model`, or the one that is chosen by itself. Where the rows hold vectors of
/// another model only, that one goes on, because the vectors of two models cannot be compared; so an upgrade that
/// brings a new embedder changes nothing for what is there.
///
/// # Errors
/// [`VisionError`] when the model is not registered; [`StoreError`].
pub async fn embedder_in_use(
    settings: &Settings,
    models: &Models,
    store: &Store,
) -> Result<String, OpenError> {
    let chosen = models.chosen_embedder()?.to_owned();
    if settings.search.embedder.is_some() {
        return Ok(chosen);
    }
    let known = |model: String| {
        let known = models.embedders().any(|info| info.name == model);
        if known { Ok(model) } else { Err(OpenError::from(VisionError::UnknownEmbedder(model))) }
    };
    if let Some(model) = store.agreed(EMBEDDER_IN_USE).await? {
        return known(model);
    }
    let written = store.faces().models().await?;
    let Some((other, faces)) = written.first() else { return Ok(chosen) };
    if written.iter().any(|(model, _)| *model == chosen) {
        return Ok(chosen);
    }
    tracing::warn!(
        model = %other, faces, instead_of = %chosen,
        "the faces that are here were embedded by an earlier model, which is used on"
    );
    known(other.clone())
}

/// Photos that came in while a model was taking over were looked at by the model before it only: they are
/// processed again. Returns how many there are.
///
/// # Errors
/// [`StoreError`].
pub(super) async fn look_again(store: &Store, model: &str, now: DateTime<Utc>) -> Result<usize, StoreError> {
    const PAGE: u32 = 500;
    if store.agreed(EMBEDDER_IN_USE).await?.as_deref() != Some(model) {
        return Ok(0);
    }
    let (mut photos, mut after) = (0, None);
    loop {
        let page = store.photos().lacking(model, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(photos) };
        after = Some(last.id);
        photos += page.len();
        for photo in page {
            store.jobs().enqueue(JobKind::ProcessPhoto, photo.id.0, now).await?;
        }
    }
}
