//! How two lanes share the threads: interactive work goes first, and batch work has a part of the time that no
//! number of guests can take from it.

use std::time::Duration;

use super::Lane;

/// The part of the threads' time that batch work gets while interactive work never ends. One sixth leaves a crowd
/// of guests five sixths, and makes 200 photos ready within minutes on two cores.
pub(super) const BATCH: f64 = 1.0 / 6.0;
/// So many seconds of work may one lane be ahead of the other. A crowd that comes to a busy machine is served alone
/// for six seconds of a thread, before photos begin to take their part.
const AHEAD: f64 = 1.0;

/// Decides which lane goes first when both have work.
#[derive(Debug, Default)]
pub(super) struct Share {
    /// Seconds of work that batch work is owed; below zero, it has had more than its part.
    owed: f64,
}

impl Share {
    /// Notes work that was done. `batch_waits`: whether batch work could have been done instead.
    pub(super) fn charge(&mut self, lane: Lane, spent: Duration, batch_waits: bool) {
        let spent = spent.as_secs_f64();
        match lane {
            Lane::Interactive if batch_waits => self.owed += spent * BATCH,
            Lane::Interactive => {}
            Lane::Batch => self.owed -= spent * (1.0 - BATCH),
        }
        self.owed = self.owed.clamp(-AHEAD, AHEAD);
    }

    pub(super) fn batch_goes_first(&self) -> bool {
        self.owed > 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One thread, and guests without end: steps of 150 ms for a selfie and 250 ms for a photo.
    #[test]
    fn batch_work_gets_its_part_of_the_time_whatever_guests_do() {
        let (mut share, mut batch, mut total) = (Share::default(), 0.0, 0.0);
        while total < 600.0 {
            let (lane, seconds) =
                if share.batch_goes_first() { (Lane::Batch, 0.25) } else { (Lane::Interactive, 0.15) };
            share.charge(lane, Duration::from_secs_f64(seconds), true);
            batch += if lane == Lane::Batch { seconds } else { 0.0 };
            total += seconds;
        }
        assert!((batch / total - BATCH).abs() < 0.01, "{}", batch / total);
    }

    #[test]
    fn a_lone_selfie_goes_before_the_photos() {
        let mut share = Share::default();
        share.charge(Lane::Batch, Duration::from_secs(600), true);
        assert!(!share.batch_goes_first());
        share.charge(Lane::Interactive, Duration::from_millis(200), true);
        assert!(!share.batch_goes_first());
    }

    #[test]
    fn work_that_kept_nobody_waiting_is_not_held_against_its_lane() {
        let mut share = Share::default();
        share.charge(Lane::Interactive, Duration::from_secs(600), false);
        assert!(!share.batch_goes_first());
    }
}
