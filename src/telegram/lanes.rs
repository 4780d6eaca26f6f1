//! Work that waits in rows, in order within a chat, with several chats at the same time.

use std::{collections::HashMap, time::Duration};

use tokio::{
    sync::Notify,
    task::{Id, JoinSet},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::chats::{StoreError, Waiting};

/// Rows that were put off become due without a word.
const POLL: Duration = Duration::from_secs(1);
/// What is in hand at the end may still be finished; what is not comes again.
const FAREWELL: Duration = Duration::from_secs(5);

/// Rows, and what is done with one.
pub(super) trait Work: Clone + Send + Sync + 'static {
    type Key: Send + 'static;
    /// Chats that are served at the same time: each may hold pictures of some 20 MB.
    const AT_ONCE: usize;
    /// How long a chat rests after each.
    const PAUSE: Duration;

    /// The first of each chat, where that is due.
    fn due(&self) -> impl Future<Output = Result<Vec<Waiting<Self::Key>>, StoreError>> + Send;

    /// Does it, so that it is not due any more.
    fn act(self, item: Waiting<Self::Key>) -> impl Future<Output = ()> + Send;
}

/// Works until cancelled; `more` says that there is something new.
pub(super) async fn run<W: Work>(work: W, more: &Notify, stop: &CancellationToken) {
    let mut tasks = JoinSet::new();
    let mut busy: HashMap<Id, i64> = HashMap::new();
    let mut resting: HashMap<i64, Instant> = HashMap::new();
    while !stop.is_cancelled() {
        let now = Instant::now();
        resting.retain(|_, until| *until > now);
        match work.due().await {
            Ok(due) => {
                for item in due {
                    let chat = item.chat;
                    let free = !resting.contains_key(&chat) && !busy.values().any(|served| *served == chat);
                    if free && tasks.len() < W::AT_ONCE {
                        busy.insert(tasks.spawn(work.clone().act(item)).id(), chat);
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the bot cannot read what waits"),
        }
        let again = resting.values().copied().min().unwrap_or(now + POLL).min(now + POLL);
        tokio::select! {
            () = stop.cancelled() => break,
            Some(done) = tasks.join_next_with_id() => {
                let id = match &done {
                    Ok((id, ())) => *id,
                    Err(error) => {
                        tracing::error!(%error, "the bot stumbled");
                        error.id()
                    }
                };
                if let Some(chat) = busy.remove(&id) {
                    resting.insert(chat, Instant::now() + W::PAUSE);
                }
            }
            () = more.notified() => {}
            () = sleep_until(again) => {}
        }
    }
    // Dropping what is left then is safe: its row is still there.
    let _ = timeout(FAREWELL, async { while tasks.join_next().await.is_some() {} }).await;
}
