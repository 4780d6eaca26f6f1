//! The only way to CPU work. One rayon pool; each of its threads owns one worker state `W` (for us a
//! face engine with its ONNX sessions), so throughput scales with cores and memory stays bounded.
//!
//! Two lanes share the threads. Interactive work (a guest's selfie) goes first, fairly among those who ask
//! ([`fair`]); batch work (a photographer's 5,000 photos) lets it in between its steps, and has a part of the time
//! that nobody can take from it ([`share`]). Interactive work is admitted while it can be done within its deadline,
//! by what its kind has taken so far ([`queues`]); else it is refused at once, with the time to come back.
//!
//! Work that nobody waits for any more leaves its lane at once, and ends at its next step where it has begun
//! ([`Worker::next_step`]).
//!
//! Work must not use rayon inside: a thread that waits in rayon may pick up another photo on the same
//! stack, and with it the same worker state.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::sync::oneshot;
use tracing::Span;

use crate::telemetry::{self, PoolLoad};

mod fair;
mod queues;
mod share;

pub use fair::Asker;
pub use queues::Capacity;

use queues::{Queues, Taken};

/// No step of any work takes so long: a pool without a sign of life since then is stuck.
const STUCK: Duration = Duration::from_secs(60);

/// The queue of a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A person is waiting.
    Interactive,
    /// Nobody is.
    Batch,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComputeError {
    #[error("too much work is waiting; try again in {} s", retry_after.as_secs())]
    Full { retry_after: Duration },
    #[error("the work did not finish in time")]
    TimedOut,
    #[error("the work failed unexpectedly: {0}")]
    Panicked(String),
}

impl ComputeError {
    /// Whether there was too much to do, which says nothing of the work itself.
    #[must_use]
    pub fn is_overload(&self) -> bool {
        matches!(self, Self::Full { .. } | Self::TimedOut)
    }
}

/// Nobody waits for the work any more, or its time is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody waits for this work any more")]
pub struct Abandoned;

/// The terms on which the pool takes a piece of work.
#[derive(Debug, Clone, Copy)]
pub struct Terms {
    pub lane: Lane,
    /// From asking for it to its end.
    pub deadline: Duration,
    /// Pieces of work that take about as long have the same name; their average decides whether more are admitted.
    pub kind: &'static str,
    /// How many of the kind this is: several selfies in one search.
    pub units: u32,
    pub asker: Asker,
    /// Goes on with something that was admitted before: it is not refused, and goes first.
    pub is_begun: bool,
}

impl Terms {
    /// One piece of work of a pool that does one kind for everybody alike.
    #[must_use]
    pub fn new(lane: Lane, deadline: Duration) -> Self {
        let kind = match lane {
            Lane::Interactive => "interactive",
            Lane::Batch => "batch",
        };
        Self { lane, deadline, kind, units: 1, asker: Asker::default(), is_begun: false }
    }
}

type Task<W> = Box<dyn FnOnce(&mut Worker<'_, W>) + Send>;

struct Shared<W> {
    name: &'static str,
    queues: Mutex<Queues<Task<W>>>,
    /// One state a thread; each lock is only ever taken by its own thread.
    states: Vec<Mutex<W>>,
}

/// Handle to the pool; cheap to clone.
pub struct Compute<W> {
    pool: Arc<rayon::ThreadPool>,
    shared: Arc<Shared<W>>,
}

impl<W> Clone for Compute<W> {
    fn clone(&self) -> Self {
        Self { pool: Arc::clone(&self.pool), shared: Arc::clone(&self.shared) }
    }
}

/// Whether a piece of work is still wanted.
struct Wanted {
    expires: Instant,
    abandoned: AtomicBool,
}

impl Wanted {
    fn check(&self) -> Result<(), Abandoned> {
        let over = self.abandoned.load(Ordering::Relaxed) || Instant::now() >= self.expires;
        if over { Err(Abandoned) } else { Ok(()) }
    }
}

/// The thread of a piece of work: its state, and the means to let urgent work go first.
pub struct Worker<'a, W> {
    pub state: &'a mut W,
    shared: &'a Shared<W>,
    lane: Lane,
    wanted: Option<Arc<Wanted>>,
    /// Since when its time has not been charged.
    since: Instant,
}

impl<W> Worker<'_, W> {
    /// To be called between two steps. Batch work lets interactive work in here, so that a selfie waits for one
    /// step of one photo at most.
    ///
    /// # Errors
    /// [`Abandoned`]: the rest need not be done.
    pub fn next_step(&mut self) -> Result<(), Abandoned> {
        self.wanted.as_ref().map_or(Ok(()), |wanted| wanted.check())?;
        if self.lane == Lane::Interactive {
            return Ok(());
        }
        let mut queues = lock(&self.shared.queues);
        queues.share.charge(Lane::Batch, self.since.elapsed(), true);
        queues.last_sign = Instant::now();
        while let Some(taken) = queues.next_interactive(Instant::now()) {
            self.shared.report_load(&queues);
            drop(queues);
            self.shared.execute(taken, self.state);
            queues = lock(&self.shared.queues);
        }
        drop(queues);
        self.since = Instant::now();
        self.wanted.as_ref().map_or(Ok(()), |wanted| wanted.check())
    }
}

impl<W: Send + 'static> Compute<W> {
    /// Starts one thread for each of `states`; `name` is theirs, and the pool's in metrics.
    ///
    /// # Errors
    /// When the operating system refuses a thread.
    pub fn start(
        name: &'static str,
        states: Vec<W>,
        capacity: Capacity,
    ) -> Result<Self, rayon::ThreadPoolBuildError> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(states.len().max(1))
            .thread_name(move |n| format!("{name}-{n}"))
            .build()?;
        let queues = Mutex::new(Queues::new(capacity, states.len()));
        let shared = Shared { name, queues, states: states.into_iter().map(Mutex::new).collect() };
        Ok(Self { pool: Arc::new(pool), shared: Arc::new(shared) })
    }

    /// Number of threads, which is how much batch work can be in hand at once.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.shared.states.len()
    }

    /// Work waiting in a lane.
    #[must_use]
    pub fn waiting(&self, lane: Lane) -> usize {
        lock(&self.shared.queues).waiting(lane)
    }

    /// Whether such work would be taken now.
    ///
    /// # Errors
    /// [`ComputeError::Full`].
    pub fn admits(&self, terms: &Terms) -> Result<(), ComputeError> {
        lock(&self.shared.queues).admits(terms)
    }

    /// Whether the threads get on with what there is, however much it is.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        let queues = lock(&self.shared.queues);
        let is_idle =
            queues.busy == 0 && queues.waiting(Lane::Interactive) + queues.waiting(Lane::Batch) == 0;
        is_idle || queues.last_sign.elapsed() < STUCK
    }

    /// Runs `work` on a pool thread and waits for its result; see [`Compute::run_on`].
    ///
    /// # Errors
    /// [`ComputeError`], see there.
    pub async fn run<T: Send + 'static>(
        &self,
        lane: Lane,
        deadline: Duration,
        work: impl FnOnce(&mut Worker<'_, W>) -> T + Send + 'static,
    ) -> Result<T, ComputeError> {
        self.run_on(Terms::new(lane, deadline), work).await
    }

    /// Runs `work` on a pool thread and waits for its result. When the caller goes away or the deadline passes, the
    /// work leaves its lane at once, or ends at its next step.
    ///
    /// # Errors
    /// [`ComputeError`], see there.
    pub async fn run_on<T: Send + 'static>(
        &self,
        terms: Terms,
        work: impl FnOnce(&mut Worker<'_, W>) -> T + Send + 'static,
    ) -> Result<T, ComputeError> {
        let (answer, result) = oneshot::channel();
        let span = Span::current();
        let wanted =
            Arc::new(Wanted { expires: Instant::now() + terms.deadline, abandoned: AtomicBool::new(false) });
        let task: Task<W> = Box::new({
            let wanted = Arc::clone(&wanted);
            move |worker| {
                worker.wanted = Some(wanted);
                let outcome = span.in_scope(|| catch_unwind(AssertUnwindSafe(|| work(worker))));
                // The caller may have left meanwhile; then nobody wants the answer.
                let _ = answer.send(outcome.map_err(|panic| ComputeError::Panicked(panic_text(&*panic))));
            }
        });
        let _place = self.enter(terms, task, Arc::clone(&wanted))?;
        let shared = Arc::clone(&self.shared);
        // One wake-up for each task; whichever thread wakes takes the most urgent one.
        self.pool.spawn(move || run_next(&shared));
        match tokio::time::timeout(terms.deadline, result).await {
            Ok(Ok(outcome)) => outcome,
            // Taken out unanswered: it could not be done in time any more, or others had to be let in.
            Ok(Err(_)) | Err(_) => Err(ComputeError::TimedOut),
        }
    }

    fn enter(&self, terms: Terms, task: Task<W>, wanted: Arc<Wanted>) -> Result<Place<W>, ComputeError> {
        let mut queues = lock(&self.shared.queues);
        if self.shared.is_idle(&queues) {
            // Nothing was due until now.
            queues.last_sign = Instant::now();
        }
        let id = queues.enter(terms, task)?;
        self.shared.report_load(&queues);
        drop(queues);
        Ok(Place { id, shared: Arc::clone(&self.shared), wanted })
    }
}

/// The place of a piece of work, which it loses when its caller stops waiting.
struct Place<W> {
    id: u64,
    shared: Arc<Shared<W>>,
    wanted: Arc<Wanted>,
}

impl<W> Drop for Place<W> {
    fn drop(&mut self) {
        self.wanted.abandoned.store(true, Ordering::Relaxed);
        let mut queues = lock(&self.shared.queues);
        queues.leave(self.id);
        self.shared.report_load(&queues);
    }
}

impl<W> Shared<W> {
    fn is_idle(&self, queues: &Queues<Task<W>>) -> bool {
        queues.busy == 0 && queues.waiting(Lane::Interactive) + queues.waiting(Lane::Batch) == 0
    }

    fn report_load(&self, queues: &Queues<Task<W>>) {
        let (interactive, batch) = (queues.waiting(Lane::Interactive), queues.waiting(Lane::Batch));
        telemetry::pool_seen(
            self.name,
            PoolLoad { threads: self.states.len(), busy: queues.busy, interactive, batch },
        );
    }

    /// Does a piece of work on this thread, and notes what it has taken.
    fn execute(&self, Taken { terms, charged, task }: Taken<Task<W>>, state: &mut W) {
        let is_batch = usize::from(terms.lane == Lane::Batch);
        lock(&self.queues).batch_in_hand += is_batch;
        let began = Instant::now();
        let mut worker = Worker { state, shared: self, lane: terms.lane, wanted: None, since: began };
        task(&mut worker);
        let since = worker.since;
        let mut queues = lock(&self.queues);
        let batch_waits = queues.batch_waits();
        queues.batch_in_hand -= is_batch;
        queues.share.charge(terms.lane, since.elapsed(), batch_waits);
        if terms.lane == Lane::Interactive {
            queues.measured(&terms, charged, began.elapsed());
        }
        queues.last_sign = Instant::now();
    }
}

fn run_next<W>(shared: &Shared<W>) {
    let index = rayon::current_thread_index().expect("run_next is only spawned on the pool");
    let mut state = lock(&shared.states[index]);
    let taken = {
        let mut queues = lock(&shared.queues);
        let taken = queues.next(Instant::now());
        queues.busy += usize::from(taken.is_some());
        queues.last_sign = Instant::now();
        shared.report_load(&queues);
        taken
    };
    // None when batch work has let this task in already, or nobody waits for it any more.
    if let Some(taken) = taken {
        shared.execute(taken, &mut state);
        let mut queues = lock(&shared.queues);
        queues.busy -= 1;
        shared.report_load(&queues);
    }
}

/// A poisoned lock only says that a task panicked; tasks are caught, and queues stay valid.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests;
