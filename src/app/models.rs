//! The models of this installation, and the change from one embedder to another.

use std::sync::Arc;

use super::OpenError;
use crate::{
    config::{SearchSettings, Settings},
    store::Store,
    vision::{Choice, Models, VisionError},
};

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
/// [`VisionError`] when the model is not registered; `StoreError`.
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
    if let Some(model) = store.takeovers().plan().await?.used {
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
