//! The face index at a node's start: in step with the rows, or on its way there where the disk is full.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{App, OpenError};
use crate::{
    embedders::Embedder,
    index::{FaceIndex, IndexPlace, RebuildError, Reconciled, reconcile},
    store::Store,
};

/// Between looks whether there is room now.
const AGAIN: Duration = Duration::from_secs(30);

/// How the index stands to the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    InStep,
    /// It lacks faces, for which the disk has no room. Searches find the others.
    Behind,
}

/// Brings the index in step with the rows, as far as the disk lets it.
///
/// # Errors
/// Every other failure of index and rows.
pub(super) async fn bring_in_step(
    store: &Store,
    index: &dyn FaceIndex,
    model: &str,
    place: &IndexPlace,
) -> Result<Standing, OpenError> {
    match reconcile(store, index, model, &place.to_string(), report).await {
        Ok(Reconciled::InStep) => {}
        Ok(Reconciled::Sessions(sessions)) => tracing::info!(sessions, "face index mended from the rows"),
        Ok(Reconciled::Filled(faces)) => tracing::info!(faces, "face index filled from the rows"),
        Err(error) if is_full(&error) => {
            tracing::error!(
                %error,
                code = "storage_full",
                "the face index lacks faces until there is room on the disk; searches go on without them"
            );
            return Ok(Standing::Behind);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Standing::InStep)
}

/// Until cancelled or in step: tries again, now that there may be room.
pub(super) async fn catch_up(app: &App, embedder: &Embedder, place: &IndexPlace, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(AGAIN)).await.is_some() {
        match bring_in_step(&app.store, &*embedder.index, &embedder.info.name, place).await {
            Ok(Standing::InStep) => return,
            Ok(Standing::Behind) => {}
            Err(error) => {
                tracing::error!(%error, "the face index could not be brought in step with the rows")
            }
        }
    }
}

fn is_full(error: &RebuildError) -> bool {
    match error {
        RebuildError::Index(error) => error.is_full(),
        RebuildError::Store(error) => error.is_full(),
    }
}

fn report(done: u64, total: u64) {
    tracing::info!(done, total, "writing the face index again");
}
