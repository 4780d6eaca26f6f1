//! Removes everything of a hand-off that is over.

use super::{Handoff, HandoffError};
use crate::{domain::HandoffId, events::Event};

/// Removed in one transaction, so that others may write in between.
const SWEPT_AT_ONCE: u32 = 500;

impl Handoff {
    /// Drops what this process remembers of addresses that have not come for a while.
    pub fn forget_old(&self) {
        self.strangers.forget_old();
    }

    /// Removes the hand-offs whose time is over, with rows and pictures; returns how many. Then every folder of
    /// pictures without a row goes: a killed process or a storage that was away has left it.
    ///
    /// # Errors
    /// [`HandoffError`] of rows and files; another call continues where this one stopped.
    pub async fn sweep(&self) -> Result<usize, HandoffError> {
        let mut removed = 0;
        loop {
            let over = self.store.handoffs().remove_over(self.now(), SWEPT_AT_ONCE).await?;
            removed += over.len();
            for id in &over {
                self.events.publish(*id, Event::Handoff);
            }
            if over.len() < SWEPT_AT_ONCE as usize {
                break;
            }
        }
        // A row is there before its folder, and an id is never used again: what has no row now is dead.
        let folders: Vec<HandoffId> = self.blobs.handoffs().await?;
        for dead in self.store.handoffs().without_row(&folders).await? {
            self.blobs.delete_handoff(dead).await?;
        }
        Ok(removed)
    }
}
