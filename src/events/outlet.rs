//! What other nodes should hear: a queue with an end, and a word when it was too short.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{Event, Topic};

/// Events that may wait for their way out; a wedding's worth of them.
const WAITING: usize = 4096;

/// An event with what it happened to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    pub topic: Topic,
    pub event: Event,
}

pub(super) struct Inlet {
    sender: mpsc::Sender<News>,
    overflowed: Arc<AtomicBool>,
}

/// Where what was published here comes out.
pub struct Outlet {
    receiver: mpsc::Receiver<News>,
    overflowed: Arc<AtomicBool>,
}

pub(super) fn pair() -> (Inlet, Outlet) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let overflowed = Arc::new(AtomicBool::new(false));
    (Inlet { sender, overflowed: Arc::clone(&overflowed) }, Outlet { receiver, overflowed })
}

impl Inlet {
    /// Never waits: who publishes has other things to do.
    pub(super) fn put(&self, news: News) {
        if self.sender.try_send(news).is_err() {
            self.overflowed.store(true, Ordering::Relaxed);
        }
    }
}

impl Outlet {
    /// What has been published since the last time, once there is any; what came twice in a row is there once.
    /// `None` when nobody can publish any more. May be dropped while it waits without losing an event.
    pub async fn next(&mut self) -> Option<Vec<News>> {
        let mut news = Vec::new();
        self.receiver.recv_many(&mut news, WAITING).await;
        news.dedup();
        (!news.is_empty()).then_some(news)
    }

    /// Whether some were lost since the last time because the queue was full.
    pub fn overflowed(&self) -> bool {
        self.overflowed.swap(false, Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PhotoSessionId;

    #[tokio::test]
    async fn a_full_queue_says_so_once() {
        let (inlet, mut outlet) = pair();
        let news = |event| News { topic: PhotoSessionId::generate().into(), event };
        for _ in 0..=WAITING {
            inlet.put(news(Event::Counts));
        }
        assert_eq!(outlet.next().await.map(|news| news.len()), Some(WAITING));
        assert!(outlet.overflowed() && !outlet.overflowed());
        inlet.put(news(Event::Handoff));
        assert_eq!(outlet.next().await.map(|news| news.len()), Some(1));
        drop(inlet);
        assert_eq!(outlet.next().await, None);
    }
}
