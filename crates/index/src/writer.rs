//! Group commit: one thread writes to the shard, and everybody who is waiting shares one flush.
//!
//! A flush costs about as much for a hundred faces as for one, and only after it are faces durable.
//! While one flush runs, writes gather in the channel; the next round takes them all.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
};

use qdrant_edge::{
    Filter, PointId, PointInsertOperations, PointOperations, PointStruct, PointStructPersisted,
    UpdateOperation,
};
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    IndexError, IndexedFace,
    shard::{Engine, PHOTO, SESSION, unavailable},
};
use crate::{disk::NoRoom, domain::PhotoSessionId};

/// Points written under one flush; bounds the memory of a round and how long the first one waits.
const ROUND: usize = 8192;

enum Write {
    Upsert(Vec<PointStructPersisted>),
    Delete(Filter),
}

struct Waiting {
    write: Write,
    done: oneshot::Sender<Result<(), IndexError>>,
}

/// The way to the writing thread, which ends when this is dropped.
pub(super) struct Writer {
    queue: Option<Sender<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn spawn(engine: Arc<Engine>) -> io::Result<Self> {
        let (queue, waiting) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("face-index-writer".to_owned())
            .spawn(move || run(&engine, &waiting))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Returns when the faces are on the disk.
    pub(super) async fn upsert(
        &self,
        session: PhotoSessionId,
        faces: Vec<IndexedFace>,
    ) -> Result<(), IndexError> {
        let session = session.to_string();
        let point = |face: IndexedFace| {
            let payload = json!({ SESSION: session, PHOTO: face.photo_id.to_string() });
            PointStruct::new(PointId::Uuid(face.id.0), face.vector, payload).into()
        };
        self.write(Write::Upsert(faces.into_iter().map(point).collect())).await
    }

    /// Deletes what the filter matches; returns when that is on the disk.
    pub(super) async fn delete(&self, filter: Filter) -> Result<(), IndexError> {
        self.write(Write::Delete(filter)).await
    }

    /// `false` after a panic in the engine: nothing can be written until the index is opened again.
    pub(super) fn is_alive(&self) -> bool {
        self.thread.as_ref().is_some_and(|thread| !thread.is_finished())
    }

    async fn write(&self, write: Write) -> Result<(), IndexError> {
        let stopped = || IndexError::Unavailable("the index writer has stopped".to_owned());
        let (done, answer) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(Waiting { write, done }).map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    /// Waits for the thread, so that the index can be opened again at once.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            // It has nothing to say, and a panic there has already been printed.
            let _ = thread.join();
        }
    }
}

fn run(engine: &Engine, queue: &Receiver<Waiting>) {
    while let Ok(first) = queue.recv() {
        let mut round = vec![first];
        let mut points = 0;
        while points < ROUND
            && let Ok(next) = queue.try_recv()
        {
            points += next.write.points();
            round.push(next);
        }
        commit(engine, round);
    }
}

/// Applies a round in order, flushes once, then answers everybody. What the disk has no room for is refused before
/// the engine hears of it.
fn commit(engine: &Engine, round: Vec<Waiting>) {
    let points: usize =
        round.iter().filter(|waiting| waiting.write.adds()).map(|waiting| waiting.write.points()).sum();
    let may_add = points == 0 || engine.room.for_points(points, engine.dimension);
    let may_delete = round.iter().all(|waiting| waiting.write.adds()) || engine.room.for_deletion();
    let (round, refused): (Vec<_>, Vec<_>) =
        round.into_iter().partition(|waiting| if waiting.write.adds() { may_add } else { may_delete });
    if !refused.is_empty() {
        tracing::warn!(
            writes = refused.len(),
            "the disk is full: the face index takes no more until there is room"
        );
    }
    for Waiting { done, .. } in refused {
        let _ = done.send(Err(IndexError::Full(NoRoom)));
    }
    if !round.is_empty() {
        engine.room.watched(|| apply(engine, round));
    }
}

fn apply(engine: &Engine, round: Vec<Waiting>) {
    let failed = |error| if engine.room.is_short() { IndexError::Full(NoRoom) } else { unavailable(error) };
    let mut answers = Vec::with_capacity(round.len());
    let mut round = round.into_iter().peekable();
    while let Some(Waiting { mut write, done }) = round.next() {
        let mut together = vec![done];
        // Neighbouring upserts become one operation.
        if let Write::Upsert(points) = &mut write {
            while let Some(Waiting { write: Write::Upsert(more), done }) =
                round.next_if(|next| matches!(next.write, Write::Upsert(_)))
            {
                points.extend(more);
                together.push(done);
            }
        }
        let result = engine.shard.update(write.into()).map_err(failed);
        answers.push((together, result));
    }
    let flushed = engine.shard.flush().map_err(failed);
    let broken = flushed.is_err() || answers.iter().any(|(_, result)| result.is_err());
    engine.set_broken(broken);
    for (together, result) in answers {
        let result = result.and(flushed.clone());
        if let Err(error) = &result {
            tracing::error!(%error, "writing to the face index failed");
        }
        for done in together {
            // A caller that has gone away needs no answer.
            let _ = done.send(result.clone());
        }
    }
}

impl Write {
    fn adds(&self) -> bool {
        matches!(self, Self::Upsert(_))
    }

    fn points(&self) -> usize {
        match self {
            Self::Upsert(points) => points.len(),
            Self::Delete(_) => 1,
        }
    }
}

impl From<Write> for UpdateOperation {
    fn from(write: Write) -> Self {
        Self::PointOperation(match write {
            Write::Upsert(points) => PointOperations::UpsertPoints(PointInsertOperations::PointsList(points)),
            Write::Delete(filter) => PointOperations::DeletePointsByFilter(filter),
        })
    }
}
