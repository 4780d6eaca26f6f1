//! A node among others on one PostgreSQL: what they must have in common, and what one does at a time.

use std::{pin::pin, time::Duration};

use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::OpenError;
use crate::{
    blobs::{BlobError, BlobKey, Blobs},
    secrets::LinkSigner,
    store::{Duty, JoinRefused, Membership, Store, StoreError},
};

/// Between tries to take over what another node does.
const AGAIN: Duration = Duration::from_secs(3);
/// A node that is started again meets what its predecessor has not let go yet.
const PATIENCE: Duration = Duration::from_secs(5);
const STORAGE: &str = "storage";

/// A node's place among the others, and on which terms it has it.
pub(super) struct Place {
    membership: Membership,
    shares_index: bool,
    secret: String,
}

impl Place {
    /// Takes a place, unless this node does not fit to those that are there.
    ///
    /// # Errors
    /// [`OpenError::SeveralNodesNeedQdrant`], [`OpenError::SecretKeyDiffers`].
    pub(super) async fn take(
        store: &Store,
        shares_index: bool,
        links: &LinkSigner,
    ) -> Result<Self, OpenError> {
        // Nodes with the same key make the same signature, and the key cannot be derived from it.
        let secret = links.sign("installation", "nodes", None);
        let membership = join(store, shares_index, &secret).await?;
        Ok(Self { membership, shares_index, secret })
    }

    pub(super) async fn give_up(self) {
        self.membership.give_up().await;
    }

    /// Keeps the place until cancelled, also when the database goes and comes back.
    pub(super) async fn keep(mut self, store: Store, stop: CancellationToken) {
        loop {
            if stop.run_until_cancelled(self.membership.lost()).await.is_none() {
                return self.give_up().await;
            }
            tracing::warn!("the database does not answer; this node's place is taken again when it does");
            loop {
                if stop.run_until_cancelled(sleep(AGAIN)).await.is_none() {
                    return;
                }
                match join(&store, self.shares_index, &self.secret).await {
                    Ok(membership) => break self.membership = membership,
                    Err(OpenError::Store(_)) => {}
                    // The other came while we were away. It may know more than we do: it was let in.
                    Err(error) => tracing::error!(%error, "this node must be stopped"),
                }
            }
        }
    }
}

/// The one node that gets certificates from an ACME directory.
pub struct DirectoryAsker(Membership);

impl DirectoryAsker {
    /// Becomes it, unless another node is.
    ///
    /// # Errors
    /// [`OpenError::AcmeNeedsOneNode`], [`OpenError::Store`].
    pub async fn take(store: &Store) -> Result<Self, OpenError> {
        let until = Instant::now() + PATIENCE;
        let mut membership = store.membership().await?;
        while !membership.lead(Duty::Certificates).await? {
            if Instant::now() > until {
                membership.give_up().await;
                return Err(OpenError::AcmeNeedsOneNode);
            }
            sleep(PATIENCE / 10).await;
        }
        Ok(Self(membership))
    }

    pub async fn give_up(self) {
        self.0.give_up().await;
    }

    /// Stays it until cancelled, also when the database goes and comes back.
    pub async fn keep(mut self, store: Store, stop: CancellationToken) {
        loop {
            if stop.run_until_cancelled(self.0.lost()).await.is_none() {
                return self.give_up().await;
            }
            loop {
                if stop.run_until_cancelled(sleep(AGAIN)).await.is_none() {
                    return;
                }
                match Self::take(&store).await {
                    Ok(asker) => break self = asker,
                    Err(OpenError::Store(_)) => {}
                    Err(error) => tracing::error!(%error, "this node must be stopped"),
                }
            }
        }
    }
}

async fn join(store: &Store, shares_index: bool, secret: &str) -> Result<Membership, OpenError> {
    let until = Instant::now() + PATIENCE;
    loop {
        let mut membership = store.membership().await?;
        let refused = match membership.join(store, shares_index, secret).await? {
            Ok(()) => return Ok(membership),
            Err(refused) => refused,
        };
        membership.give_up().await;
        if Instant::now() > until {
            return Err(match refused {
                JoinRefused::IndexNotShared => OpenError::SeveralNodesNeedQdrant,
                JoinRefused::SecretDiffers => OpenError::SecretKeyDiffers,
            });
        }
        sleep(PATIENCE / 10).await;
    }
}

/// Makes sure that all nodes on these rows have the same files: the storage bears a mark that the rows know.
///
/// # Errors
/// [`OpenError::StorageDiffers`].
pub(super) async fn agree_on_storage(store: &Store, blobs: &Blobs) -> Result<(), OpenError> {
    if !store.is_shared() {
        return Ok(());
    }
    // One after the other: two that come first at once would each leave a mark.
    let mut membership = store.membership().await?;
    while !membership.lead(Duty::Storage).await? {
        sleep(PATIENCE / 50).await;
    }
    let agreed = compare(store, blobs).await;
    membership.give_up().await;
    agreed
}

async fn compare(store: &Store, blobs: &Blobs) -> Result<(), OpenError> {
    let mark = match blobs.get(BlobKey::Installation).await {
        Ok(mark) => Some(String::from_utf8_lossy(&mark).trim().to_owned()),
        Err(BlobError::NotFound) => None,
        Err(error) => return Err(error.into()),
    };
    match (store.agreed(STORAGE).await?, mark) {
        (Some(agreed), Some(mark)) if agreed == mark => Ok(()),
        (Some(_), _) => Err(OpenError::StorageDiffers),
        (None, Some(mark)) => Ok(store.agree(STORAGE, &mark).await?),
        (None, None) => {
            let mark = uuid::Uuid::now_v7().to_string();
            blobs.put(BlobKey::Installation, mark.clone()).await?;
            Ok(store.agree(STORAGE, &mark).await?)
        }
    }
}

/// Does `work` while no other node does, until `stop`. What it is given is cancelled when the lead is lost; then
/// another node takes over, and this one stands by.
pub(super) async fn while_leading<W: Future<Output = ()>>(
    store: &Store,
    duty: Duty,
    stop: &CancellationToken,
    work: impl Fn(CancellationToken) -> W,
) {
    while !stop.is_cancelled() {
        if let Err(error) = lead_once(store, duty, stop, &work).await {
            tracing::warn!(%error, ?duty, "a duty cannot be taken over");
        }
        stop.run_until_cancelled(sleep(AGAIN)).await;
    }
}

/// Stands by until the lead can be had, then leads until `stop`, or until it is lost.
async fn lead_once<W: Future<Output = ()>>(
    store: &Store,
    duty: Duty,
    stop: &CancellationToken,
    work: &impl Fn(CancellationToken) -> W,
) -> Result<(), StoreError> {
    let mut membership = store.membership().await?;
    while !membership.lead(duty).await? {
        if stop.run_until_cancelled(sleep(AGAIN)).await.is_none() {
            return Ok(());
        }
    }
    let term = stop.child_token();
    let mut working = pin!(work(term.clone()));
    tokio::select! {
        () = &mut working => {}
        () = membership.lost() => {
            tracing::warn!(?duty, "the database does not answer; this node stops what only one may do");
            term.cancel();
            working.await;
        }
    }
    membership.give_up().await;
    Ok(())
}
