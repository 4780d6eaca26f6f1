//! Placement orders: what a customer wants shown where, for how much and until when; their pictures; and
//! the code that is drawn on them.
//!
//! An order begins as a draft, which may say as little as it likes, and is held to [`rules`] when it is
//! placed. Rules are checked inside the transaction that writes, which also reserves the customer's balance.
//! What the other side is told goes by mail with the change. Must not know requests, nor fetch anything: a picture comes in as bytes, or was stored here before.
//!
//! # How an order is checked and its code drawn
//!
//! `placements/rules.rs` is the one place that says what an order must hold; `store/placements.rs` runs it
//! inside the transaction that writes, with the picture's row, claims the `Idempotency-Key` and reserves
//! the balance there. A reservation is one conditional `UPDATE`, so orders that come at once never take
//! more than there is.
//!
//! `placements/overlay.rs` draws the code and plays the scanner (`rqrr`) on what it made: the JPEG, the
//! JPEG compressed again, smaller, and the preview, whose code is drawn anew so that its modules are whole
//! pixels there too. The scanner sees the code with two modules of picture around it: a picture full of
//! false finder patterns would make it try every three of them. It runs on a thread of its own behind
//! `compute/`, eight pictures are in memory at most. A picture's row comes before its files and is marked
//! before they go, so that a crash leaves nothing that the hourly sweep does not find.

mod images;
mod mails;
mod overlay;
mod place;
mod rules;

use std::collections::HashMap;

use chrono::{DateTime, Utc};

pub use images::{ImageRefusal, MAX_IMAGE_BYTES, PictureSource, Processed};
pub use overlay::{CodeArea, OverlayError};
pub use rules::{MINIMUM, PlacementChange, Refusal};

use crate::{
    blobs::Blobs,
    compute::{Capacity, Compute},
    domain::{Balance, Email, Geo, Mail, Placement, PlacementId, PlacementStatus, Role, StudioId, UserId},
    mail::Postbox,
    store::{Once, OnceKey, PlacementFilter, Store, StoreError},
};

/// On whose behalf orders are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Sees their own; what is another's is not there.
    Customer(UserId),
    /// Sees all, and moves them on.
    Admin,
}

impl Viewer {
    fn sees(self, customer: UserId) -> bool {
        match self {
            Self::Customer(id) => id == customer,
            Self::Admin => true,
        }
    }
}

/// Orders and pictures of customers. Cheap to clone.
#[derive(Clone)]
pub struct Placements {
    store: Store,
    blobs: Blobs,
    postbox: Postbox,
    /// Of this installation, for links in mails.
    public_url: String,
    /// A thread of its own: a picture takes up to a few seconds, and neither guests nor photos wait for it.
    compute: Compute<()>,
}

impl Placements {
    /// # Errors
    /// When the operating system refuses a thread.
    pub fn start(
        store: Store,
        blobs: Blobs,
        postbox: Postbox,
        public_url: String,
    ) -> Result<Self, rayon::ThreadPoolBuildError> {
        let compute = Compute::start("placements", vec![()], Capacity { interactive: 16, batch: 1 })?;
        Ok(Self { store, blobs, postbox, public_url, compute })
    }

    /// A new order, placed or as a draft. `once` is its request, `answer` what that gets; the same request
    /// gets its first answer again.
    ///
    /// # Errors
    /// In this order: `UserNotFound`, `CustomersOnly`, `Incomplete`, `Invalid`, `InsufficientBalance`.
    pub async fn create(
        &self,
        (customer, role): (UserId, Role),
        new: PlacementChange,
        once: Option<&OnceKey>,
        answer: impl Fn(&Placement) -> String,
        now: DateTime<Utc>,
    ) -> Result<(Once, String), Refusal> {
        self.may_order(customer, role).await?;
        let status = new.status.unwrap_or(PlacementStatus::Placed);
        if !matches!(status, PlacementStatus::Draft | PlacementStatus::Placed) {
            return Err(Refusal::Transition { from: PlacementStatus::Draft, to: status });
        }
        let mut placement = Placement {
            id: PlacementId::generate(),
            customer,
            status,
            title: String::new(),
            description: String::new(),
            target_url: String::new(),
            total_amount: None,
            geo: Geo::default(),
            deadline: None,
            platforms: Vec::new(),
            image: None,
            qr_code_url: String::new(),
            reserved: 0,
            created_at: now,
            updated_at: now,
        };
        new.write_into(&mut placement);
        let answer = answer(&placement);
        let check = |placement: &_, image: Option<&_>| rules::check(placement, image, now);
        let once = once.map(|key| (key, answer.as_str()));
        let desk =
            if status == PlacementStatus::Placed { self.desk(customer, now).await? } else { Vec::new() };
        let told = mails::to_desk(&placement, &self.public_url, &desk);
        let once = self.store.placements().create_once(&placement, check, once, &told).await??;
        self.postbox.wake();
        Ok((once, answer))
    }

    /// The addresses of those who move a customer's orders on; none where no mail is sent.
    async fn desk(&self, customer: UserId, now: DateTime<Utc>) -> Result<Vec<Email>, StoreError> {
        if !self.postbox.enabled() {
            return Ok(Vec::new());
        }
        self.store.placements().desk(customer, now).await
    }

    /// The mails that tell of a change: the viewer's other side is told.
    async fn tellers(
        &self,
        viewer: Viewer,
        id: PlacementId,
        now: DateTime<Utc>,
    ) -> Result<impl FnOnce(&Placement) -> Vec<Mail> + Send + use<>, Refusal> {
        let url = self.public_url.clone();
        let customer = self.get(viewer, id).await?.customer;
        let (desk, reader) = match viewer {
            Viewer::Customer(_) => (self.desk(customer, now).await?, None),
            Viewer::Admin if self.postbox.enabled() => {
                (Vec::new(), self.store.users().get(customer).await?.and_then(|user| user.email))
            }
            Viewer::Admin => (Vec::new(), None),
        };
        Ok(move |placement: &Placement| match viewer {
            Viewer::Customer(_) => mails::to_desk(placement, &url, &desk),
            Viewer::Admin => mails::to_customer(placement, &url, reader),
        })
    }

    /// # Errors
    /// `UserNotFound`, `CustomersOnly`: both come before anything that the order says.
    pub async fn may_order(&self, customer: UserId, role: Role) -> Result<(), Refusal> {
        if self.store.users().get(customer).await?.is_none() {
            return Err(Refusal::UserNotFound);
        }
        if role == Role::Customer { Ok(()) } else { Err(Refusal::CustomersOnly) }
    }

    /// Newest first; `after` is the last order of the page before.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn list(
        &self,
        viewer: Viewer,
        status: Option<PlacementStatus>,
        after: Option<PlacementId>,
        limit: u32,
    ) -> Result<Vec<Placement>, StoreError> {
        let customer = match viewer {
            Viewer::Customer(id) => Some(id),
            Viewer::Admin => None,
        };
        self.store.placements().list(PlacementFilter { customer, status }, after, limit).await
    }

    /// The names of those whose orders these are.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn customer_names(&self, orders: &[Placement]) -> Result<HashMap<UserId, String>, StoreError> {
        let mut names = HashMap::new();
        for order in orders {
            if !names.contains_key(&order.customer)
                && let Some(user) = self.store.users().get(order.customer).await?
            {
                names.insert(order.customer, user.name);
            }
        }
        Ok(names)
    }

    /// # Errors
    /// `NotFound`, also for what is another's.
    pub async fn get(&self, viewer: Viewer, id: PlacementId) -> Result<Placement, Refusal> {
        let placement = self.store.placements().get(id).await?;
        placement.filter(|placement| viewer.sees(placement.customer)).ok_or(Refusal::NotFound)
    }

    /// Whether a customer's orders are to be moved on by the admins of these studios: the customer belongs to one of
    /// them, or to none.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn are_of(
        &self,
        customer: UserId,
        studios: &[StudioId],
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let theirs = self.store.users().studios_of(customer, now).await?;
        Ok(theirs.is_empty() || theirs.iter().any(|studio| studios.contains(&studio.id)))
    }

    /// Writes into a draft, or moves an order on.
    ///
    /// # Errors
    /// `NotFound`, `NotDraft`, `Forbidden`, `Transition`, and as [`Placements::create`].
    pub async fn change(
        &self,
        viewer: Viewer,
        id: PlacementId,
        change: PlacementChange,
        now: DateTime<Utc>,
    ) -> Result<Placement, Refusal> {
        let edit = |placement: &mut Placement| rules::apply(placement, viewer, change, now);
        let check = |placement: &_, image: Option<&_>| rules::check(placement, image, now);
        let told = self.tellers(viewer, id, now).await?;
        let changed =
            self.store.placements().change(id, edit, check, told).await?.ok_or(Refusal::NotFound)??;
        self.postbox.wake();
        Ok(changed)
    }

    /// Removes a draft for good. Its pictures follow with the next sweep that finds them old.
    ///
    /// # Errors
    /// `NotFound`, `NotDraft`.
    pub async fn delete_draft(&self, customer: UserId, id: PlacementId) -> Result<(), Refusal> {
        self.get(Viewer::Customer(customer), id).await?;
        if self.store.placements().delete_draft(id).await? { Ok(()) } else { Err(Refusal::NotDraft) }
    }

    /// The customer's account of money, if they have one.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn balance(&self, viewer: Viewer) -> Result<Option<Balance>, StoreError> {
        match viewer {
            Viewer::Customer(id) => self.store.balances().get(id).await,
            Viewer::Admin => Ok(None),
        }
    }
}
