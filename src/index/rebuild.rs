//! Bringing the index back in step with the rows, which are the truth.

use futures::future::try_join_all;

use super::{FaceIndex, IndexError, IndexedFace};
use crate::{
    domain::PhotoSessionId,
    store::{SessionFace, Store, StoreError},
};

/// Faces read and written at a time: a few megabytes.
const PAGE: u32 = 2000;

#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What [`reconcile`] had to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reconciled {
    /// Index and rows agreed.
    InStep,
    /// These many sessions did not agree and were written again.
    Sessions(u64),
    /// The whole index was written again, so many faces.
    Rebuilt(u64),
}

/// Empties the index and fills it from the rows. `progress` hears (faces written, faces in all).
pub async fn rebuild(
    store: &Store,
    index: &dyn FaceIndex,
    model: &str,
    mut progress: impl FnMut(u64, u64),
) -> Result<u64, RebuildError> {
    let total = store.faces().total(model).await?;
    index.clear().await?;
    let (mut written, mut after) = (0, None);
    loop {
        let page = store.faces().page(model, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(written);
        };
        after = Some((last.photo_session_id, last.face.id));
        written += page.len() as u64;
        write(index, page).await?;
        progress(written, total);
    }
}

/// Compares index and rows by count and mends what differs; for the start, before anything is
/// processed. A killed process leaves faces in the index whose photo is not ready yet, so a
/// difference is no damage: only the sessions concerned are written again. When that is not enough
/// (sessions that were erased, or an index that was lost) everything is.
pub async fn reconcile(
    store: &Store,
    index: &dyn FaceIndex,
    model: &str,
    progress: impl FnMut(u64, u64),
) -> Result<Reconciled, RebuildError> {
    let total = store.faces().total(model).await?;
    let indexed = index.total().await?;
    if indexed == total {
        return Ok(Reconciled::InStep);
    }
    if indexed > 0 {
        let mended = mend_sessions(store, index, model).await?;
        if index.total().await? == total {
            return Ok(Reconciled::Sessions(mended));
        }
    }
    Ok(Reconciled::Rebuilt(rebuild(store, index, model, progress).await?))
}

async fn mend_sessions(store: &Store, index: &dyn FaceIndex, model: &str) -> Result<u64, RebuildError> {
    let mut mended = 0;
    for (session, faces) in store.faces().by_session(model).await? {
        if index.count(session).await? == faces {
            continue;
        }
        index.delete_session(session).await?;
        let mut after = None;
        loop {
            let page = store.faces().page_of_session(session, model, after, PAGE).await?;
            let Some(last) = page.last() else {
                break;
            };
            after = Some(last.face.id);
            write(index, page).await?;
        }
        mended += 1;
    }
    Ok(mended)
}

/// Writes a page, one call for each of its sessions, all at once so that they share a commit.
async fn write(index: &dyn FaceIndex, page: Vec<SessionFace>) -> Result<(), IndexError> {
    let mut sessions: Vec<(PhotoSessionId, Vec<IndexedFace>)> = Vec::new();
    for SessionFace { photo_session_id, face } in page {
        let face = IndexedFace { id: face.id, photo_id: face.photo_id, vector: face.embedding };
        match sessions.last_mut() {
            Some((session, faces)) if *session == photo_session_id => faces.push(face),
            _ => sessions.push((photo_session_id, vec![face])),
        }
    }
    try_join_all(sessions.into_iter().map(|(session, faces)| index.upsert(session, faces))).await?;
    Ok(())
}
