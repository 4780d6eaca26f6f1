//! Group commit: one thread writes to the shard, and everybody who is waiting shares one flush.
//!
//! A flush costs about as much for a hundred faces as for one, and only after it are faces durable.
//! While one flush runs, writes gather in the channel; the next round takes them all.

use std::{
    io,
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender, TryRecvError},
    },
    thread::{self, JoinHandle},
};

use qdrant_edge::{
    EdgeShard, Filter, PointId, PointInsertOperations, PointOperations, PointStruct, PointStructPersisted,
    UpdateOperation,
};
use serde_json::json;
use tokio::sync::oneshot;

use super::{
    IndexError, IndexedFace,
    rewrite::{Answer, Copying},
    shard::{Engine, PHOTO, SESSION, unavailable},
};
use crate::{disk::NoRoom, domain::PhotoSessionId};

/// Points written under one flush; bounds the memory of a round and how long the first one waits.
const ROUND: usize = 8192;

#[derive(Clone)]
enum Write {
    Upsert(Vec<PointStructPersisted>),
    Delete(Filter),
}

struct Waiting {
    write: Write,
    done: oneshot::Sender<Result<(), IndexError>>,
}

enum Command {
    Write(Waiting),
    /// All of the index is to be written anew.
    Rewrite(Answer),
}

/// The way to the writing thread, which ends when this is dropped.
pub(super) struct Writer {
    queue: Option<Sender<Command>>,
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

    /// Writes all of the index anew; returns when nothing of what was deleted before is on the disk.
    pub(super) async fn rewrite(&self) -> Result<(), IndexError> {
        self.send(Command::Rewrite).await
    }

    async fn write(&self, write: Write) -> Result<(), IndexError> {
        self.send(|done| Command::Write(Waiting { write, done })).await
    }

    async fn send(&self, command: impl FnOnce(Answer) -> Command) -> Result<(), IndexError> {
        let stopped = || IndexError::Unavailable("the index writer has stopped".to_owned());
        let (done, answer) = oneshot::channel();
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(command(done)).map_err(|_| stopped())?;
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

fn run(engine: &Engine, queue: &Receiver<Command>) {
    // A rewrite that is under way, and who waits for the next one: what they had deleted may be in this copy.
    let mut copying: Option<Copying> = None;
    let mut asked: Vec<Answer> = Vec::new();
    loop {
        let mut next = match (&copying, queue.try_recv()) {
            (_, Ok(command)) => Some(command),
            (None, Err(TryRecvError::Empty)) => match queue.recv() {
                Ok(command) => Some(command),
                Err(_) => return,
            },
            (Some(_), Err(TryRecvError::Empty)) => None,
            (_, Err(TryRecvError::Disconnected)) => return,
        };
        let (mut round, mut points) = (Vec::new(), 0);
        while let Some(command) = next {
            match command {
                Command::Rewrite(done) => asked.push(done),
                Command::Write(waiting) => {
                    points += waiting.write.points();
                    round.push(waiting);
                }
            }
            next = if points < ROUND { queue.try_recv().ok() } else { None };
        }
        if !commit(engine, round, copying.as_ref().map(Copying::target))
            && let Some(copying) = copying.take()
        {
            copying.give_up(IndexError::Unavailable("a write failed; see the log".to_owned()));
        }
        copying = match copying {
            Some(copying) => copying.step(engine),
            None if asked.is_empty() => None,
            None => Copying::begin(engine, std::mem::take(&mut asked)),
        };
        if copying.is_none() && !asked.is_empty() {
            copying = Copying::begin(engine, std::mem::take(&mut asked));
        }
    }
}

/// Applies a round in order, flushes once, then answers everybody. What the disk has no room for is refused before
/// the engine hears of it. `false` when a copy in the making has missed something.
fn commit(engine: &Engine, round: Vec<Waiting>, copy: Option<&EdgeShard>) -> bool {
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
    round.is_empty() || engine.room.watched(|| apply(engine, round, copy))
}

fn apply(engine: &Engine, round: Vec<Waiting>, copy: Option<&EdgeShard>) -> bool {
    let shard = engine.shard();
    let mut is_copied = true;
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
        if let Some(copy) = copy {
            is_copied &= copy.update(write.clone().into()).is_ok();
        }
        let result = shard.update(write.into()).map_err(failed);
        answers.push((together, result));
    }
    let flushed = shard.flush().map_err(failed);
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
    is_copied
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
