//! Checks the files and vectors of photos: each that a row names exists, and none exists that no row names.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use serde::Serialize;

use crate::{
    app::{Node, Parts},
    domain::{Photo, PhotoId, PhotoSessionId},
    jobs::JobKind,
    photos::{Care, CareError, Fault},
    store::SessionFace,
};

/// Photos named in a sentence; the document names all.
const NAMED: usize = 20;
/// Rows read in one go.
const PAGE: u32 = 500;
/// A vector in the index is the row's, but for rounding.
const ROUNDING: f32 = 1e-3;
/// The same face may stand in the index more than once, in copies of one photo.
const ALIKE: usize = 50;

/// The result of the check of everything.
#[derive(Default)]
pub(super) struct Kept {
    photos: usize,
    /// Files that belong to no photo; removed, if that was wanted.
    orphans: usize,
    damaged: Vec<Damaged>,
}

struct Damaged {
    photo: Photo,
    faults: Vec<Fault>,
    /// The faults that nothing here can repair.
    lost: Vec<Fault>,
}

/// One fault, for scripts.
#[derive(Serialize)]
pub(super) struct Named {
    photo: PhotoId,
    fault: &'static str,
    /// Whether it was made again, or will be by the running server.
    mended: bool,
}

impl Kept {
    /// Looks at everything; `deep` reads it, too.
    pub(super) async fn look(parts: &Parts, fix: bool, deep: bool) -> Result<Self, String> {
        let mut kept = Self::default();
        // Also of sessions that are not there any more: a copy may have been made while they were erased.
        let mut sessions = BTreeSet::from_iter(parts.blobs.sessions().await.map_err(text)?);
        for source in &parts.sources {
            sessions.extend(source.list().await.map_err(text)?.iter().map(|session| session.id));
        }
        let care = Care::new(parts.store.clone(), parts.blobs.clone(), Arc::clone(&parts.clock));
        for session in sessions {
            kept.session(parts, &care, session, fix, deep).await?;
        }
        Ok(kept)
    }

    async fn session(
        &mut self,
        parts: &Parts,
        care: &Care,
        session: PhotoSessionId,
        fix: bool,
        deep: bool,
    ) -> Result<(), String> {
        // The files first: a file is there before its row.
        let lengths = parts.blobs.lengths(session).await.map_err(text)?;
        let rows = parts.store.photos().ids(session).await.map_err(text)?;
        self.photos += rows.len();
        self.orphans += parts.blobs.unfinished(session, fix).await.map_err(text)? as usize;
        let known: HashSet<PhotoId> = parts.store.photos().file_ids(session).await.map_err(text)?;
        let pictured: HashSet<PhotoId> = lengths.keys().map(|(photo, _)| *photo).collect();
        for orphan in pictured.difference(&known) {
            self.orphans += 1;
            if fix {
                parts.blobs.delete_photo(session, *orphan).await.map_err(text)?;
            }
        }
        let mut suspects = Vec::new();
        for photo in parts.store.photos().get_many(&rows).await.map_err(text)? {
            let faults = if deep {
                care.look(&photo).await.map_err(text)?.faults
            } else {
                care.glance(&photo, &lengths).await.map_err(text)?
            };
            suspects.extend((!faults.is_empty()).then_some((photo.id, faults)));
        }
        if !suspects.is_empty() {
            self.look_again(parts, care, session, &suspects, deep).await.map_err(text)?;
        }
        Ok(())
    }

    /// A server may have made or erased them meanwhile.
    async fn look_again(
        &mut self,
        parts: &Parts,
        care: &Care,
        session: PhotoSessionId,
        suspects: &[(PhotoId, Vec<Fault>)],
        deep: bool,
    ) -> Result<(), CareError> {
        let lengths = parts.blobs.lengths(session).await?;
        for (id, _) in suspects {
            let Some(photo) = parts.store.photos().get(*id).await? else { continue };
            let faults =
                if deep { care.look(&photo).await?.faults } else { care.glance(&photo, &lengths).await? };
            if !faults.is_empty() {
                self.damaged.push(Damaged { photo, faults, lost: Vec::new() });
            }
        }
        Ok(())
    }

    /// Has everything made again that can be; by `node`, or by the server that runs.
    pub(super) async fn mend(&mut self, parts: &Parts, node: Option<&Node>) -> Result<(), String> {
        let care = Care::new(parts.store.clone(), parts.blobs.clone(), Arc::clone(&parts.clock));
        for damaged in &mut self.damaged {
            damaged.lost = care.mend(&damaged.photo, &damaged.faults).await.map_err(text)?;
        }
        let Some(node) = node else { return Ok(()) };
        // They are the first of the queue.
        let wanted: HashSet<PhotoId> = self.damaged.iter().map(|damaged| damaged.photo.id).collect();
        let now = parts.now();
        let most = u32::try_from(wanted.len()).unwrap_or(u32::MAX);
        for job in parts.jobs.lease(JobKind::ProcessPhoto, most, now).await.map_err(text)? {
            if wanted.contains(&PhotoId(job.subject)) {
                node.processor.process(&job).await.map_err(text)?;
            } else {
                parts.jobs.release(&[job], now).await.map_err(text)?;
            }
        }
        for damaged in &mut self.damaged {
            let Some(photo) = parts.store.photos().get(damaged.photo.id).await.map_err(text)? else {
                continue;
            };
            let left = care.look(&photo).await.map_err(text)?.faults;
            damaged.lost = damaged.faults.iter().copied().filter(|fault| left.contains(fault)).collect();
        }
        Ok(())
    }

    /// Every file belongs to a photo, and every photo has its original.
    pub(super) fn files(&self, fix: bool) -> Result<String, String> {
        let lost = self.damaged.iter().filter(|damaged| damaged.faults.iter().any(|f| f.is_of_original()));
        let lost: Vec<PhotoId> = lost.map(|damaged| damaged.photo.id).collect();
        match (lost.len(), self.orphans) {
            (0, 0) => Ok(format!("{} originals, one for each photo", self.photos)),
            (0, orphans) if fix => Ok(format!("{orphans} files without a photo removed")),
            (0, orphans) => Err(format!(
                "{orphans} files belong to no photo; `pixora doctor --fix` removes them when nothing is being uploaded"
            )),
            (photos, _) => Err(format!(
                "{photos} photos have lost their original or hold a damaged one ({}); restore them from a back-up, or \
                 send the files again after deleting these photos",
                list(&lost)
            )),
        }
    }

    /// Checks that the derivatives exist and are whole.
    pub(super) fn made(&self, fix: bool, served: bool) -> Result<String, String> {
        let of = |all: fn(&Damaged) -> &Vec<Fault>| -> Vec<PhotoId> {
            let made = self.damaged.iter().filter(|it| all(it).iter().any(|fault| !fault.is_of_original()));
            made.map(|damaged| damaged.photo.id).collect()
        };
        let (broken, lost) = (of(|damaged| &damaged.faults), of(|damaged| &damaged.lost));
        match (broken.len(), lost.len()) {
            (0, _) => Ok("as they were made".to_owned()),
            (photos, _) if !fix => Err(format!(
                "{photos} photos have lost pictures or vectors, or hold damaged ones ({}); `pixora doctor --fix` makes \
                 them again from the originals",
                list(&broken)
            )),
            (_, photos @ 1..) => {
                Err(format!("{photos} photos could not be made again from their originals ({})", list(&lost)))
            }
            (photos, 0) if served => {
                Ok(format!("{photos} photos are being made again by the running server"))
            }
            (photos, 0) => Ok(format!("{photos} photos made again from their originals")),
        }
    }

    pub(super) fn named(&self, fix: bool) -> Vec<Named> {
        let of = |damaged: &Damaged| {
            let named = |fault: &Fault| Named {
                photo: damaged.photo.id,
                fault: fault.code(),
                mended: fix && !fault.is_of_original() && !damaged.lost.contains(fault),
            };
            damaged.faults.iter().map(named).collect::<Vec<_>>()
        };
        self.damaged.iter().flat_map(of).collect()
    }
}

/// Every vector of the index is its row's. Those that are not are written again, if that is wanted.
pub(super) async fn vectors(node: &Node, fix: bool) -> Result<String, String> {
    let (store, index, model) = (&node.app.store, &node.embedder.index, &node.embedder.info.name);
    let (mut after, mut faces, mut wrong) = (None, 0, 0);
    loop {
        let page = store.faces().page(model, after, PAGE).await.map_err(text)?;
        let Some(last) = page.last() else { break };
        after = Some((last.photo_session_id, last.face.id));
        for SessionFace { photo_session_id: session, face } in page {
            faces += 1;
            let hits = index.search(session, &face.embedding, ALIKE, 0.5).await.map_err(text)?;
            let is_its = |vector: &[f32]| {
                vector.iter().zip(&face.embedding).all(|(stored, row)| (stored - row).abs() < ROUNDING)
            };
            if hits.iter().any(|hit| hit.face_id == face.id && is_its(&hit.vector)) {
                continue;
            }
            wrong += 1;
            if fix {
                let again = crate::index::IndexedFace {
                    id: face.id,
                    photo_id: face.photo_id,
                    vector: face.embedding.clone(),
                };
                index.upsert(session, vec![again]).await.map_err(text)?;
            }
        }
    }
    match wrong {
        0 => Ok(format!("{faces} vectors, as in the rows")),
        wrong if fix => Ok(format!("{wrong} vectors written again from the rows")),
        wrong => Err(format!(
            "{wrong} vectors are not those of the rows; `pixora doctor --deep --fix` writes them again"
        )),
    }
}

fn list(photos: &[PhotoId]) -> String {
    let named: Vec<String> = photos.iter().take(NAMED).map(ToString::to_string).collect();
    let more = photos.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", named.join(", ")) } else { named.join(", ") }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
