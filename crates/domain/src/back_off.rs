//! How long to wait before something that failed is tried again.

use std::time::Duration;

/// The waits between attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackOff {
    /// `first`, then twice as long each time, up to `longest`; without end.
    Doubling { first: Duration, longest: Duration },
    /// These, and then no more.
    Steps(&'static [Duration]),
}

impl BackOff {
    #[must_use]
    pub const fn doubling(first: Duration, longest: Duration) -> Self {
        Self::Doubling { first, longest }
    }

    /// How long to wait after the given attempt, counted from 1; `None` after the last.
    #[must_use]
    pub fn after(&self, attempt: u32) -> Option<Duration> {
        let past = attempt.saturating_sub(1);
        match self {
            Self::Doubling { first, longest } => {
                Some(first.checked_mul(1 << past.min(20)).map_or(*longest, |wait| wait.min(*longest)))
            }
            Self::Steps(steps) => steps.get(past as usize).copied(),
        }
    }

    /// The same, where the waits have no end; the longest where they have.
    #[must_use]
    pub fn wait(&self, attempt: u32) -> Duration {
        match self {
            Self::Doubling { longest, .. } => self.after(attempt).unwrap_or(*longest),
            Self::Steps(steps) => self.after(attempt).or(steps.last().copied()).unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_limit() {
        let waits = BackOff::doubling(Duration::from_secs(1), Duration::from_secs(300));
        let after = |attempt| waits.wait(attempt).as_secs();
        assert_eq!([0, 1, 2, 3, 5, 9, 10, u32::MAX].map(after), [1, 1, 2, 4, 16, 256, 300, 300]);
    }

    #[test]
    fn steps_come_to_an_end() {
        const WAITS: BackOff = BackOff::Steps(&[Duration::from_secs(5), Duration::from_secs(30)]);
        let after = |attempt| WAITS.after(attempt).map(|wait| wait.as_secs());
        assert_eq!([1, 2, 3].map(after), [Some(5), Some(30), None]);
        assert_eq!(WAITS.wait(9).as_secs(), 30);
    }
}
