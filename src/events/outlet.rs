//! Events for other nodes: a bounded queue, and a flag when it was too short.

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
pub struct Published {
    pub topic: Topic,
    pub event: Event,
}

pub(super) struct Inlet {
    sender: mpsc::Sender<Published>,
    overflowed: Arc<AtomicBool>,
}

/// Where what was published here comes out.
pub struct Outlet {
    receiver: mpsc::Receiver<Published>,
    overflowed: Arc<AtomicBool>,
}

pub(super) fn pair() -> (Inlet, Outlet) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let overflowed = Arc::new(AtomicBool::new(false));
    (Inlet { sender, overflowed: Arc::clone(&overflowed) }, Outlet { receiver, overflowed })
}

impl Inlet {
    /// Never waits: who publishes has other things to do.
    pub(super) fn put(&self, published: Published) {
        if self.sender.try_send(published).is_err() {
            self.overflowed.store(true, Ordering::Relaxed);
        }
    }
}

impl Outlet {
    /// The events since the last call, once there are any; of two equal ones in a row one is kept.
    /// `None` when nobody can publish any more. May be dropped while it waits without losing an event.
    pub async fn next(&mut self) -> Option<Vec<Published>> {
        let mut published = Vec::new();
        self.receiver.recv_many(&mut published, WAITING).await;
        published.dedup();
        (!published.is_empty()).then_some(published)
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
        let published = |event| Published { topic: PhotoSessionId::generate().into(), event };
        for _ in 0..=WAITING {
            inlet.put(published(Event::Counts));
        }
        assert_eq!(outlet.next().await.map(|published| published.len()), Some(WAITING));
        assert!(outlet.overflowed() && !outlet.overflowed());
        inlet.put(published(Event::Handoff));
        assert_eq!(outlet.next().await.map(|published| published.len()), Some(1));
        drop(inlet);
        assert_eq!(outlet.next().await, None);
    }
}
