//! Work that waits in rows, in order within a chat, with several chats at the same time.

use std::{collections::HashMap, time::Duration};

use tokio::{
    sync::Notify,
    task::{Id, JoinSet},
};
use tokio_util::sync::CancellationToken;

use crate::store::{StoreError, Waiting};

/// Chats that are served at the same time. Each may hold a picture of 20 MB.
const AT_ONCE: usize = 8;
/// Rows that were put off become due without a word.
const POLL: Duration = Duration::from_secs(1);
/// What is in hand at the end may still be finished; what is not comes again.
const FAREWELL: Duration = Duration::from_secs(5);

/// Rows, and what is done with one.
pub(super) trait Work: Clone + Send + Sync + 'static {
    type Key: Send + 'static;

    /// The first of each chat, where that is due.
    fn due(&self) -> impl Future<Output = Result<Vec<Waiting<Self::Key>>, StoreError>> + Send;

    /// Does it, so that it is not due any more.
    fn act(self, item: Waiting<Self::Key>) -> impl Future<Output = ()> + Send;
}

/// Works until cancelled; `more` says that there is something new.
pub(super) async fn run<W: Work>(work: W, more: &Notify, stop: &CancellationToken) {
    let mut tasks = JoinSet::new();
    let mut busy: HashMap<Id, i64> = HashMap::new();
    while !stop.is_cancelled() {
        match work.due().await {
            Ok(due) => {
                for item in due {
                    if tasks.len() < AT_ONCE && !busy.values().any(|chat| *chat == item.chat) {
                        let chat = item.chat;
                        busy.insert(tasks.spawn(work.clone().act(item)).id(), chat);
                    }
                }
            }
            Err(error) => tracing::warn!(%error, "the bot cannot read what waits"),
        }
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
                busy.remove(&id);
            }
            () = more.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    // Dropping what is left then is safe: its row is still there.
    let _ = tokio::time::timeout(FAREWELL, async { while tasks.join_next().await.is_some() {} }).await;
}
