//! Work that waits in rows, and the one loop that does it: photos, webhooks, mails, the bot's updates and messages.
//!
//! A row is taken for a while (or belongs to a duty that one node has), acted upon, and settled. When the process
//! dies in between, the row is still there. How long something that failed waits is a [`BackOff`] of the work's own.

use std::{collections::HashMap, time::Duration};

use tokio::{
    sync::Notify,
    task::{Id, JoinError, JoinSet},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::store::StoreError;

pub use crate::domain::BackOff;

/// How fast a queue is worked off.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Pieces of work in hand at the same time.
    pub at_once: usize,
    /// Between looks when nobody says that there is something new: rows that were put off become due without a
    /// word, and another process cannot wake us.
    pub poll: Duration,
    /// How long a lane rests after each of its pieces.
    pub rest: Duration,
    /// How long what is in hand at the end may take; without one it is finished however long it takes.
    pub farewell: Option<Duration>,
}

/// Rows, and what is done with one.
pub trait Work: Clone + Send + Sync + 'static {
    type Item: Send + 'static;
    type Outcome: Send + 'static;

    /// For the log.
    const NAME: &'static str;

    /// Up to `room` rows that are due; those of a lane that is busy may be among them.
    fn due(&self, room: usize) -> impl Future<Output = Result<Vec<Self::Item>, StoreError>> + Send;

    /// Does it and settles the row, so that it is not due any more.
    fn act(self, item: Self::Item) -> impl Future<Output = Self::Outcome> + Send;

    /// The lane in which a piece must be done before the next one begins.
    fn lane(&self, _item: &Self::Item) -> Option<i64> {
        None
    }

    /// Called when nothing has been in hand for [`Work::IDLE`] after there was something.
    fn idle(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    const IDLE: Duration = Duration::from_secs(20);
}

/// Works until cancelled; `more` says that there is something new, `settled` is told of every piece.
pub async fn run<W: Work>(
    work: W,
    pace: Pace,
    more: &Notify,
    stop: &CancellationToken,
    mut settled: impl FnMut(W::Outcome),
) {
    let mut hands = Hands { tasks: JoinSet::new(), busy: HashMap::new(), resting: HashMap::new(), pace };
    let mut last_work: Option<Instant> = None;
    while !stop.is_cancelled() {
        // Not dropped in the middle: what it has leased would have to wait for the end of the lease.
        hands.take(&work).await;
        if !hands.tasks.is_empty() {
            last_work = Some(Instant::now());
        } else if last_work.is_some_and(|last| last.elapsed() >= W::IDLE) {
            last_work = None;
            work.idle().await;
        }
        let again = hands.next_look();
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            Some(done) = hands.tasks.join_next_with_id() => hands.settle(done, W::NAME, &mut settled),
            () = more.notified() => {}
            () = sleep_until(again) => {}
        }
    }
    let finish = async {
        while let Some(done) = hands.tasks.join_next_with_id().await {
            hands.settle(done, W::NAME, &mut settled);
        }
    };
    match pace.farewell {
        // Dropping what is left then is safe: its row is still there.
        Some(farewell) => drop(timeout(farewell, finish).await),
        None => finish.await,
    }
}

/// The work in progress.
struct Hands<O> {
    tasks: JoinSet<O>,
    /// Lanes that a task is in.
    busy: HashMap<Id, i64>,
    resting: HashMap<i64, Instant>,
    pace: Pace,
}

impl<O: Send + 'static> Hands<O> {
    fn room(&self) -> usize {
        self.pace.at_once.saturating_sub(self.tasks.len())
    }

    /// Begins what is due, as far as there is room.
    async fn take<W: Work<Outcome = O>>(&mut self, work: &W) {
        let now = Instant::now();
        self.resting.retain(|_, until| *until > now);
        let room = self.room();
        if room == 0 {
            return;
        }
        let due = match work.due(room).await {
            Ok(due) => due,
            Err(error) => {
                tracing::error!(queue = W::NAME, %error, "the queue cannot be read");
                return;
            }
        };
        for item in due {
            let lane = work.lane(&item);
            let free = lane.is_none_or(|lane| {
                !self.resting.contains_key(&lane) && !self.busy.values().any(|busy| *busy == lane)
            });
            if free && self.room() > 0 {
                let id = self.tasks.spawn(work.clone().act(item)).id();
                self.busy.extend(lane.map(|lane| (id, lane)));
            }
        }
    }

    fn next_look(&self) -> Instant {
        let poll = Instant::now() + self.pace.poll;
        self.resting.values().copied().min().unwrap_or(poll).min(poll)
    }

    fn settle(&mut self, done: Result<(Id, O), JoinError>, name: &str, settled: &mut impl FnMut(O)) {
        let id = match done {
            Ok((id, outcome)) => {
                settled(outcome);
                id
            }
            Err(error) => {
                tracing::error!(queue = name, %error, "a piece of work ended abnormally; it will come again");
                error.id()
            }
        };
        if let Some(lane) = self.busy.remove(&id) {
            self.resting.insert(lane, Instant::now() + self.pace.rest);
        }
    }
}
