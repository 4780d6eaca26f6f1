//! A command that meets an outage waits for its end, says so, and ends only when it is told to.

use std::time::Duration;

use tokio::time::Instant;

/// The longest pause between two tries.
const LONGEST: Duration = Duration::from_secs(15);
/// That it still waits is said this often.
const SAID_EVERY: Duration = Duration::from_secs(60);

/// One outage after another, while one thing is tried.
#[derive(Debug, Default)]
pub(super) struct Outage {
    tries: u32,
    said: Option<Instant>,
}

impl Outage {
    /// Says what is waited for, now and then, and waits: half a second, then twice as long, up to 15.
    pub(super) async fn wait(&mut self, what: &str) {
        self.tries += 1;
        if self.said.is_none_or(|said| said.elapsed() >= SAID_EVERY) {
            self.said = Some(Instant::now());
            eprintln!("waiting: {what}; this goes on by itself, Ctrl-C ends it");
        }
        tokio::time::sleep(Duration::from_millis(250 << self.tries.min(6)).min(LONGEST)).await;
    }

    /// It is over, if there was one.
    pub(super) fn over(&mut self) {
        if self.said.is_some() {
            eprintln!("going on");
        }
        *self = Self::default();
    }
}

/// Tries until it works or fails for a reason that waiting does not help against; `passes` knows which.
///
/// # Errors
/// The first failure that does not pass.
pub(super) async fn outlast<T, E: std::fmt::Display, F: Future<Output = Result<T, E>>>(
    mut attempt: impl FnMut() -> F,
    passes: impl Fn(&E) -> bool,
) -> Result<T, E> {
    let mut outage = Outage::default();
    loop {
        match attempt().await {
            Err(error) if passes(&error) => outage.wait(&error.to_string()).await,
            other => {
                outage.over();
                return other;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_passes_is_waited_for_and_what_does_not_is_told() {
        let tries = AtomicU32::new(0);
        let attempt = || {
            let number = tries.fetch_add(1, Ordering::SeqCst);
            async move {
                match number {
                    0 => Err("busy"),
                    1 => Ok("stored"),
                    _ => Err("broken"),
                }
            }
        };
        assert_eq!(outlast(attempt, |error| *error == "busy").await, Ok("stored"));
        assert_eq!(outlast(attempt, |error| *error == "busy").await, Err("broken"));
        assert_eq!(tries.load(Ordering::SeqCst), 3);
    }
}
