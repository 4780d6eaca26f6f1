//! Bringing the index in step with the rows, which are the truth.
//!
//! Other nodes may be at work meanwhile, each at any of these steps, so nothing here empties the index or a
//! session: what is missing is added and what is too much goes, face by face, after a second look at the
//! rows. Doing it twice, or on several nodes at once, does no harm.

use std::collections::{HashMap, HashSet};

use futures::{StreamExt, TryStreamExt, stream};

use super::{FaceIndex, IndexError, IndexedFace};
use crate::{
    domain::{FaceId, PhotoId, PhotoSessionId, PhotoState},
    store::{SessionFace, Store, StoreError},
};

/// Faces read and written at a time: a few megabytes.
const PAGE: u32 = 2000;
/// Sessions of a page that are written at the same time; the embedded index lets them share a commit.
const WRITES_AT_ONCE: usize = 64;

#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The outcome of [`reconcile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reconciled {
    /// Index and rows agreed.
    InStep,
    /// These many sessions did not agree and were mended.
    Sessions(u64),
    /// The index was empty; so many faces were written.
    Filled(u64),
}

/// Writes every face again and removes what the rows do not have. Searches go on meanwhile. `progress`
/// hears (faces written, faces in all). Returns how many were written.
pub async fn rebuild(
    store: &Store,
    index: &dyn FaceIndex,
    model: &str,
    progress: impl FnMut(u64, u64),
) -> Result<u64, RebuildError> {
    let written = fill(store, index, model, progress).await?;
    mend(store, index, model, true).await?;
    Ok(written)
}

/// Compares index and rows and mends what differs; for the start of a node. `place` says where the index
/// is. Where it was at the last start too, counting is enough: what a crash leaves behind changes the
/// number of a session's faces. Where it was not (moved to a server or back, or restored), every session's
/// ids are compared, because photos may have come and gone since the copy was made.
pub async fn reconcile(
    store: &Store,
    index: &dyn FaceIndex,
    model: &str,
    place: &str,
    progress: impl FnMut(u64, u64),
) -> Result<Reconciled, RebuildError> {
    let before = store.faces().index_place(model).await?;
    let moved = before.as_deref() != Some(place);
    let indexed = index.total().await?;
    let done = if !moved && indexed == store.faces().total(model).await? {
        Reconciled::InStep
    } else if indexed == 0 {
        match fill(store, index, model, progress).await? {
            0 => Reconciled::InStep,
            faces => Reconciled::Filled(faces),
        }
    } else {
        match mend(store, index, model, moved).await? {
            0 => Reconciled::InStep,
            sessions => Reconciled::Sessions(sessions),
        }
    };
    if moved {
        store.faces().set_index_place(model, place).await?;
        if let Some(before) = before {
            tracing::warn!(
                before,
                "the face index has moved; what is left there is no longer kept up: remove it"
            );
        }
    }
    Ok(done)
}

async fn fill(
    store: &Store,
    index: &dyn FaceIndex,
    model: &str,
    mut progress: impl FnMut(u64, u64),
) -> Result<u64, RebuildError> {
    let total = store.faces().total(model).await?;
    let (mut written, mut after) = (0, None);
    loop {
        let page = store.faces().page(model, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(written);
        };
        after = Some((last.photo_session_id, last.face.id));
        written += page.len() as u64;
        write(store, index, page).await?;
        progress(written, total.max(written));
    }
}

/// Mends the sessions whose counts differ, or `all`; returns how many needed it.
async fn mend(store: &Store, index: &dyn FaceIndex, model: &str, all: bool) -> Result<u64, RebuildError> {
    let rows: HashMap<_, _> = store.faces().by_session(model).await?.into_iter().collect();
    let indexed = index.counts().await?;
    let sessions: HashSet<PhotoSessionId> = rows.keys().chain(indexed.keys()).copied().collect();
    let mut mended = 0;
    for session in sessions {
        if all || rows.get(&session) != indexed.get(&session) {
            mended += u64::from(mend_session(store, index, model, session).await?);
        }
    }
    Ok(mended)
}

async fn mend_session(
    store: &Store,
    index: &dyn FaceIndex,
    model: &str,
    session: PhotoSessionId,
) -> Result<bool, RebuildError> {
    let indexed = index.faces(session).await?;
    let rows: HashSet<FaceId> = store.faces().ids_of_session(session, model).await?.into_iter().collect();
    let mut mended = false;
    if rows.iter().any(|id| !indexed.contains_key(id)) {
        mended = true;
        let mut after = None;
        loop {
            let mut page = store.faces().page_of_session(session, model, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.face.id);
            page.retain(|found| !indexed.contains_key(&found.face.id));
            write(store, index, page).await?;
        }
    }
    let surplus = indexed.into_iter().filter(|(id, _)| !rows.contains(id)).collect();
    let surplus = without_owner(store, surplus).await?;
    index.delete_faces(session, &surplus).await?;
    Ok(mended || !surplus.is_empty())
}

/// The faces of this list that no photo has or will have. A node writes a photo's vectors before its rows, so
/// what a waiting photo has in the index is not too much: its job ends with the rows, or takes them away.
async fn without_owner(store: &Store, faces: HashMap<FaceId, PhotoId>) -> Result<Vec<FaceId>, StoreError> {
    let photos: Vec<PhotoId> = faces.values().copied().collect::<HashSet<_>>().into_iter().collect();
    let waiting = store.photos().get_many(&photos).await?.into_iter();
    let waiting: HashSet<PhotoId> =
        waiting.filter(|photo| photo.state == PhotoState::Queued).map(|photo| photo.id).collect();
    let settled = faces.into_iter().filter(|(_, photo)| !waiting.contains(photo));
    let settled: Vec<FaceId> = settled.map(|(face, _)| face).collect();
    // A photo's rows come in one commit with the end of its wait: they are there by now, or never will be.
    let rows = store.faces().by_ids(&settled).await?;
    Ok(settled.into_iter().filter(|face| !rows.contains_key(face)).collect())
}

/// Writes a page, one call for each of its sessions. A face that was erased between the reading and the
/// writing is taken away again: whoever erased it may have been at the index before us.
async fn write(store: &Store, index: &dyn FaceIndex, page: Vec<SessionFace>) -> Result<(), RebuildError> {
    let mut sessions: Vec<(PhotoSessionId, Vec<IndexedFace>)> = Vec::new();
    for SessionFace { photo_session_id, face } in page {
        let face = IndexedFace { id: face.id, photo_id: face.photo_id, vector: face.embedding };
        match sessions.last_mut() {
            Some((session, faces)) if *session == photo_session_id => faces.push(face),
            _ => sessions.push((photo_session_id, vec![face])),
        }
    }
    let ids = |faces: &[IndexedFace]| faces.iter().map(|face| face.id).collect::<Vec<_>>();
    let written: Vec<_> = sessions.iter().map(|(session, faces)| (*session, ids(faces))).collect();
    let writes = sessions.into_iter().map(|(session, faces)| index.upsert(session, faces));
    stream::iter(writes).buffer_unordered(WRITES_AT_ONCE).try_collect::<()>().await?;
    let every: Vec<FaceId> = written.iter().flat_map(|(_, ids)| ids).copied().collect();
    let rows = store.faces().by_ids(&every).await?;
    for (session, mut ids) in written {
        ids.retain(|id| !rows.contains_key(id));
        index.delete_faces(session, &ids).await?;
    }
    Ok(())
}
