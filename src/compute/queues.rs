//! The queues in front of the threads, and the choice of the next piece of work.

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};

use super::{
    ComputeError, Lane, Terms,
    fair::{Entry, Fair},
    share::{BATCH, Share},
};

/// How much the last measurement counts in a kind's average.
const LATEST: f64 = 0.2;
/// Nobody is told to come back sooner.
const SOONEST: Duration = Duration::from_secs(1);

/// How many pieces of work may wait in each lane.
#[derive(Debug, Clone, Copy)]
pub struct Capacity {
    pub interactive: usize,
    pub batch: usize,
}

/// One piece of work that was taken out of its lane.
pub(super) struct Taken<T> {
    pub(super) terms: Terms,
    /// What its asker was charged for it beforehand.
    pub(super) charged: f64,
    pub(super) task: T,
}

/// The two lanes. Interactive work that goes on with what was begun comes before all other.
pub(super) struct Queues<T> {
    begun: VecDeque<Entry<(Terms, T)>>,
    interactive: Fair<(Terms, T)>,
    batch: VecDeque<Entry<(Terms, T)>>,
    capacity: Capacity,
    threads: usize,
    last_id: u64,
    /// Seconds that one unit of each kind takes, as measured.
    seconds: HashMap<&'static str, f64>,
    pub(super) share: Share,
    /// Threads that have work in hand.
    pub(super) busy: usize,
    /// Batch work in hand, also where interactive work was let in.
    pub(super) batch_in_hand: usize,
    /// When a thread last began, went on with, or ended a piece of work.
    pub(super) last_sign: Instant,
}

impl<T> Queues<T> {
    pub(super) fn new(capacity: Capacity, threads: usize) -> Self {
        Self {
            begun: VecDeque::new(),
            interactive: Fair::default(),
            batch: VecDeque::new(),
            capacity,
            threads: threads.max(1),
            last_id: 0,
            seconds: HashMap::new(),
            share: Share::default(),
            busy: 0,
            batch_in_hand: 0,
            last_sign: Instant::now(),
        }
    }

    pub(super) fn waiting(&self, lane: Lane) -> usize {
        match lane {
            Lane::Interactive => self.begun.len() + self.interactive.len(),
            Lane::Batch => self.batch.len(),
        }
    }

    pub(super) fn batch_waits(&self) -> bool {
        self.batch_in_hand > 0 || !self.batch.is_empty()
    }

    /// How long work of this kind takes; nothing is known before the first was measured.
    fn seconds(&self, terms: &Terms) -> f64 {
        self.seconds.get(terms.kind).copied().unwrap_or_default() * f64::from(terms.units.max(1))
    }

    /// Notes how long a piece of work has taken.
    pub(super) fn measured(&mut self, terms: &Terms, charged: f64, spent: Duration) {
        let per_unit = spent.as_secs_f64() / f64::from(terms.units.max(1));
        let average = self.seconds.entry(terms.kind).or_insert(per_unit);
        *average += LATEST * (per_unit - *average);
        if terms.lane == Lane::Interactive {
            self.interactive.charge(terms.asker, spent.as_secs_f64() - charged);
        }
    }

    /// Whether there is a place for such work, and time to do it within its deadline.
    ///
    /// # Errors
    /// `Full`, with the time until there will be, if nobody else comes.
    pub(super) fn admits(&self, terms: &Terms) -> Result<(), ComputeError> {
        let own = self.seconds(terms);
        if terms.lane == Lane::Batch {
            let full = self.batch.len() >= self.capacity.batch;
            return if full { Err(full_for(own)) } else { Ok(()) };
        }
        // Begun work is small, and no more than was admitted before.
        if terms.is_begun {
            return Ok(());
        }
        let begun: f64 = self.begun.iter().map(|entry| entry.seconds).sum();
        let ahead = begun + self.interactive.ahead_of(terms.asker, own);
        let part = if self.batch_waits() { 1.0 - BATCH } else { 1.0 };
        let waits = ahead / (self.threads as f64 * part);
        let late = waits + own - terms.deadline.as_secs_f64();
        // With nothing ahead it is tried however long it took the last time: else one bad measurement would stay.
        if ahead > 0.0 && late > 0.0 { Err(full_for(late)) } else { Ok(()) }
    }

    /// Puts work into its lane and returns its number there.
    ///
    /// # Errors
    /// As [`Queues::admits`].
    pub(super) fn enter(&mut self, terms: Terms, task: T) -> Result<u64, ComputeError> {
        self.admits(&terms)?;
        let seconds = self.seconds(&terms);
        if terms.lane == Lane::Interactive
            && !terms.is_begun
            && self.interactive.len() >= self.capacity.interactive
        {
            // Dropping it tells whoever waits for it.
            self.interactive.displace(terms.asker).ok_or_else(|| full_for(seconds))?;
        }
        self.last_id += 1;
        let id = self.last_id;
        let expires = Instant::now() + terms.deadline;
        let entry = Entry { id, asker: terms.asker, seconds, expires, task: (terms, task) };
        match (terms.lane, terms.is_begun) {
            (Lane::Interactive, true) => self.begun.push_back(entry),
            (Lane::Interactive, false) => self.interactive.enter(entry),
            (Lane::Batch, _) => self.batch.push_back(entry),
        }
        Ok(id)
    }

    /// Takes work out that nobody waits for any more, wherever it waits.
    pub(super) fn leave(&mut self, id: u64) {
        self.begun.retain(|entry| entry.id != id);
        self.batch.retain(|entry| entry.id != id);
        self.interactive.remove(id);
    }

    /// The interactive work that is to be done now, if any goes before batch work.
    pub(super) fn next_interactive(&mut self, now: Instant) -> Option<Taken<T>> {
        if self.batch_waits() && self.share.batch_goes_first() {
            return None;
        }
        loop {
            let (entry, charged) = match self.begun.pop_front() {
                Some(entry) => (entry, 0.0),
                None => {
                    let entry = self.interactive.next()?;
                    let charged = entry.seconds;
                    (entry, charged)
                }
            };
            // Work that cannot end in time would only take time from other work. A kind that seems to take longer than
            // its deadline is tried all the same.
            let needs = entry.seconds.min(entry.task.0.deadline.as_secs_f64() / 2.0);
            if entry.expires.saturating_duration_since(now).as_secs_f64() >= needs {
                return Some(taken(entry, charged));
            }
            self.interactive.charge(entry.asker, -charged);
        }
    }

    /// The next piece of work for a free thread.
    pub(super) fn next(&mut self, now: Instant) -> Option<Taken<T>> {
        if let Some(urgent) = self.next_interactive(now) {
            return Some(urgent);
        }
        match self.batch.pop_front() {
            Some(entry) => Some(taken(entry, 0.0)),
            // Batch work goes first, but all of it is in hand already.
            None if !self.begun.is_empty() || !self.interactive.is_empty() => self.next_whoever(now),
            None => None,
        }
    }

    /// Interactive work although batch work is owed time: a thread that has none must not stand idle.
    fn next_whoever(&mut self, now: Instant) -> Option<Taken<T>> {
        let owed = std::mem::take(&mut self.share);
        let next = self.next_interactive(now);
        self.share = owed;
        next
    }
}

fn taken<T>(entry: Entry<(Terms, T)>, charged: f64) -> Taken<T> {
    let (terms, task) = entry.task;
    Taken { terms, charged, task }
}

fn full_for(seconds: f64) -> ComputeError {
    let wait = Duration::try_from_secs_f64(seconds.ceil()).unwrap_or(SOONEST);
    ComputeError::Full { retry_after: wait.max(SOONEST) }
}
