//! The only way to CPU work. One rayon pool; each of its threads owns one worker state `W` (for us a
//! face engine with its ONNX sessions), so throughput scales with cores and memory stays bounded.
//!
//! Two lanes share the threads. Interactive work (a guest's selfie) always goes first; batch work (a
//! photographer's 5,000 photos) additionally lets it in between its steps, through
//! [`Worker::let_interactive_in`]. A full lane is refused, not queued without end.
//!
//! Work must not use rayon inside: a thread that waits in rayon may pick up another photo on the same
//! stack, and with it the same worker state.

use std::{
    any::Any,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;
use tracing::Span;

use crate::telemetry::{self, PoolLoad};

/// Which queue work waits in.
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

/// How many pieces of work may wait in each lane.
#[derive(Debug, Clone, Copy)]
pub struct Capacity {
    pub interactive: usize,
    pub batch: usize,
}

type Task<W> = Box<dyn FnOnce(&mut Worker<'_, W>) + Send>;

struct Queues<W> {
    interactive: VecDeque<Task<W>>,
    batch: VecDeque<Task<W>>,
    /// Threads that have work in hand.
    busy: usize,
}

struct Shared<W> {
    name: &'static str,
    queues: Mutex<Queues<W>>,
    capacity: Capacity,
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

/// What a piece of work runs on: its thread's state, and the way to let urgent work pass.
pub struct Worker<'a, W> {
    pub state: &'a mut W,
    shared: &'a Shared<W>,
}

impl<W> Worker<'_, W> {
    /// Runs the interactive work that is waiting, here and now. Batch work calls this between its steps,
    /// so that a selfie waits for one step of one photo at most.
    pub fn let_interactive_in(&mut self) {
        loop {
            let task = {
                let mut queues = lock(&self.shared.queues);
                let task = queues.interactive.pop_front();
                task.inspect(|_| self.shared.tell(&queues))
            };
            let Some(task) = task else { return };
            task(&mut Worker { state: self.state, shared: self.shared });
        }
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
        let shared = Shared {
            name,
            queues: Mutex::new(Queues { interactive: VecDeque::new(), batch: VecDeque::new(), busy: 0 }),
            capacity,
            states: states.into_iter().map(Mutex::new).collect(),
        };
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
        let queues = lock(&self.shared.queues);
        match lane {
            Lane::Interactive => queues.interactive.len(),
            Lane::Batch => queues.batch.len(),
        }
    }

    /// Runs `work` on a pool thread and waits for its result. If the caller goes away or `deadline`
    /// passes before a thread is free, the work is skipped.
    ///
    /// # Errors
    /// [`ComputeError`], see there.
    pub async fn run<T: Send + 'static>(
        &self,
        lane: Lane,
        deadline: Duration,
        work: impl FnOnce(&mut Worker<'_, W>) -> T + Send + 'static,
    ) -> Result<T, ComputeError> {
        let (answer, result) = oneshot::channel();
        let (span, expires) = (Span::current(), Instant::now() + deadline);
        let task: Task<W> = Box::new(move |worker| {
            if answer.is_closed() || Instant::now() > expires {
                return;
            }
            let outcome = span.in_scope(|| catch_unwind(AssertUnwindSafe(|| work(worker))));
            // The caller may have left meanwhile; then nobody wants the answer.
            let _ = answer.send(outcome.map_err(|panic| ComputeError::Panicked(panic_text(&*panic))));
        });
        self.push(lane, task)?;
        let shared = Arc::clone(&self.shared);
        // One wake-up for each task; whichever thread wakes takes the most urgent one.
        self.pool.spawn(move || run_next(&shared));
        match tokio::time::timeout(deadline, result).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => Err(ComputeError::TimedOut),
        }
    }

    fn push(&self, lane: Lane, task: Task<W>) -> Result<(), ComputeError> {
        let capacity = self.shared.capacity;
        let mut queues = lock(&self.shared.queues);
        let (queue, limit) = match lane {
            Lane::Interactive => (&mut queues.interactive, capacity.interactive),
            Lane::Batch => (&mut queues.batch, capacity.batch),
        };
        if queue.len() >= limit {
            return Err(ComputeError::Full { retry_after: Duration::from_secs(2) });
        }
        queue.push_back(task);
        self.shared.tell(&queues);
        Ok(())
    }
}

impl<W> Shared<W> {
    fn tell(&self, queues: &Queues<W>) {
        let (interactive, batch) = (queues.interactive.len(), queues.batch.len());
        telemetry::pool_seen(
            self.name,
            PoolLoad { threads: self.states.len(), busy: queues.busy, interactive, batch },
        );
    }
}

fn run_next<W>(shared: &Shared<W>) {
    let index = rayon::current_thread_index().expect("run_next is only spawned on the pool");
    let mut state = lock(&shared.states[index]);
    let task = {
        let mut queues = lock(&shared.queues);
        let task = queues.interactive.pop_front().or_else(|| queues.batch.pop_front());
        queues.busy += usize::from(task.is_some());
        shared.tell(&queues);
        task
    };
    // None when batch work has let this task in already.
    if let Some(task) = task {
        task(&mut Worker { state: &mut state, shared });
        let mut queues = lock(&shared.queues);
        queues.busy -= 1;
        shared.tell(&queues);
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
mod tests {
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    fn one_thread(batch: usize) -> Compute<Vec<&'static str>> {
        Compute::start("test", vec![Vec::new()], Capacity { interactive: 8, batch }).expect("one thread")
    }

    /// Occupies the only thread until the returned sender is dropped or used.
    fn block(compute: &Compute<Vec<&'static str>>) -> (mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
        let (release, gate) = mpsc::channel::<()>();
        let (started, has_started) = mpsc::channel();
        let handle = compute.clone();
        let task = tokio::spawn(async move {
            let work = move |worker: &mut Worker<'_, Vec<&'static str>>| {
                started.send(()).expect("test waits");
                let _ = gate.recv();
                worker.let_interactive_in();
                worker.state.push("batch, second half");
            };
            handle.run(Lane::Batch, LONG, work).await.expect("runs");
        });
        has_started.recv_timeout(LONG).expect("the work starts");
        (release, task)
    }

    async fn until(condition: impl Fn() -> bool) {
        for _ in 0..3000 {
            if condition() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("waited 30 s in vain");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn interactive_work_is_let_in_between_the_steps_of_batch_work() {
        let compute = one_thread(8);
        let (release, first) = block(&compute);
        let batch = compute.clone();
        let second =
            tokio::spawn(async move { batch.run(Lane::Batch, LONG, |w| w.state.push("batch, next")).await });
        until(|| compute.waiting(Lane::Batch) == 1).await;
        let urgent = compute.clone();
        let selfie =
            tokio::spawn(
                async move { urgent.run(Lane::Interactive, LONG, |w| w.state.push("selfie")).await },
            );
        until(|| compute.waiting(Lane::Interactive) == 1).await;
        release.send(()).expect("the work waits");
        first.await.expect("no panic");
        second.await.expect("no panic").expect("runs");
        selfie.await.expect("no panic").expect("runs");
        let order = compute.run(Lane::Batch, LONG, |w| w.state.clone()).await.expect("runs");
        assert_eq!(order, ["selfie", "batch, second half", "batch, next"]);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_full_lane_refuses_and_the_other_still_takes() {
        let compute = one_thread(1);
        let (release, first) = block(&compute);
        let queued = compute.clone();
        let waiting = tokio::spawn(async move { queued.run(Lane::Batch, LONG, |_| ()).await });
        until(|| compute.waiting(Lane::Batch) == 1).await;
        let refused = compute.run(Lane::Batch, LONG, |_| ()).await;
        assert!(matches!(refused, Err(ComputeError::Full { .. })), "{refused:?}");
        let selfie = compute.run(Lane::Interactive, LONG, |_| "found");
        drop(release);
        assert_eq!(selfie.await, Ok("found"));
        first.await.expect("no panic");
        waiting.await.expect("no panic").expect("runs");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn abandoned_work_is_skipped() {
        let compute = one_thread(8);
        let (release, first) = block(&compute);
        let late = compute.run(Lane::Batch, Duration::from_millis(20), |w| w.state.push("abandoned")).await;
        assert_eq!(late, Err(ComputeError::TimedOut));
        drop(release);
        first.await.expect("no panic");
        let order = compute.run(Lane::Batch, LONG, |w| w.state.clone()).await.expect("runs");
        assert_eq!(order, ["batch, second half"]);
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_thread_lives_on() {
        let compute = one_thread(8);
        let failed = compute.run(Lane::Batch, LONG, |_| panic!("broken picture")).await;
        assert_eq!(failed, Err::<(), _>(ComputeError::Panicked("broken picture".to_owned())));
        assert_eq!(compute.run(Lane::Batch, LONG, |_| 7).await, Ok(7));
    }
}
