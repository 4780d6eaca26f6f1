//! Orders after their checkout: looked at, moved, paid.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{limits::Limits, mails, payment::PaymentError, payment::Payments};
use crate::{
    domain::{
        Addresses, Mail, Order, OrderActor, OrderId, OrderStatus, PaymentMethod, PaymentPage, Photo, PhotoId,
        PhotoSessionId, StudioId, TransitionRefused,
    },
    mail::Postbox,
    secrets::LinkSigner,
    store::{ListedOrder, LoggedEvent, Moved, OrderFilter, OrderTotals, SalesHour, Store, StoreError},
};

/// The purpose in the signature of an order's link.
const PURPOSE: &str = "order";
/// How long an address stays after its order is done: a parcel may come back.
pub const ADDRESS_KEPT: TimeDelta = TimeDelta::days(30);
/// Characters of a note.
pub(super) const NOTE: usize = 1_000;

#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    #[error("there is no such order")]
    NotFound,
    #[error(transparent)]
    Refused(#[from] TransitionRefused),
    #[error("a note has up to {NOTE} characters")]
    InvalidNote,
    #[error("the order is not to be paid online, or not any more")]
    NotPayable,
    #[error("somebody has just paid the order, or is doing so")]
    BeingPaid,
    #[error(transparent)]
    Payment(#[from] PaymentError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Orders {
    pub(super) store: Store,
    pub(super) links: LinkSigner,
    pub(super) postbox: Postbox,
    addresses: Addresses,
    pub(super) payments: Payments,
    pub(super) limits: Limits,
}

impl Orders {
    pub(super) fn new(
        store: Store,
        links: LinkSigner,
        postbox: Postbox,
        addresses: Addresses,
        payments: Payments,
        limits: Limits,
    ) -> Self {
        Self { store, links, postbox, addresses, payments, limits }
    }

    /// With its lines.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        self.store.orders().get(id).await
    }

    /// Orders that the filter lets through, newest first; `after` is the last one of the page before.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn list(
        &self,
        filter: &OrderFilter,
        after: Option<OrderId>,
        limit: u32,
    ) -> Result<Vec<ListedOrder>, StoreError> {
        self.store.orders().list(filter, after, limit).await
    }

    /// The sums of all orders that the filter lets through, by currency.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn totals(&self, filter: &OrderFilter) -> Result<Vec<OrderTotals>, StoreError> {
        self.store.orders().totals(filter).await
    }

    /// The history of an order, oldest first.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn events(&self, id: OrderId) -> Result<Vec<LoggedEvent>, StoreError> {
        self.store.orders().events(id).await
    }

    /// The sales of a session by the hour, oldest first.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn sales(
        &self,
        session: PhotoSessionId,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<SalesHour>, StoreError> {
        self.store.orders().sales(session, from, to).await
    }

    /// What a buyer of the studio reads who pays by hand, as long as the order is to be paid so.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn payment_instructions(&self, order: &Order) -> Result<Option<String>, StoreError> {
        if order.status != OrderStatus::Placed || order.payment != PaymentMethod::Manual {
            return Ok(None);
        }
        Ok(self.store.shop_settings().get(order.studio_id).await?.payment_instructions)
    }

    /// Takes addresses out of orders that were done [`ADDRESS_KEPT`] ago; returns how many.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn forget_addresses(&self, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.store.orders().forget_addresses(now - ADDRESS_KEPT).await
    }

    /// The photos of an order's lines that are still there, whether guests see them or not.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn photos(&self, order: &Order) -> Result<HashMap<PhotoId, Photo>, StoreError> {
        let ids: Vec<PhotoId> = order.lines.iter().filter_map(|line| line.photo_id).collect();
        let photos = self.store.photos().get_many(&ids).await?;
        Ok(photos.into_iter().map(|photo| (photo.id, photo)).collect())
    }

    /// Where pictures of these photos are cut, of those that have faces.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn crops(&self, photos: &[PhotoId]) -> Result<HashMap<PhotoId, (f64, f64)>, StoreError> {
        self.store.faces().crops(photos).await
    }

    /// The ways to pay that a checkout may choose from.
    #[must_use]
    pub fn payments(&self) -> &Payments {
        &self.payments
    }

    /// The path and query that open the order to whoever has them. Made anew each time: it is stored nowhere.
    #[must_use]
    pub fn path(&self, id: OrderId) -> String {
        format!("/order/{id}?key={}", self.key(id))
    }

    /// Whether `key` is from the order's link.
    #[must_use]
    pub fn opens(&self, id: OrderId, key: &str, now: DateTime<Utc>) -> bool {
        self.links.verify(PURPOSE, &id.to_string(), None, now, key)
    }

    fn key(&self, id: OrderId) -> String {
        self.links.sign(PURPOSE, &id.to_string(), None)
    }

    /// The address that a mail or a provider is given.
    fn url(&self, studio: StudioId, id: OrderId) -> String {
        format!("{}?key={}", self.addresses.order(studio, id), self.key(id))
    }

    /// What mails about an order of the studio end with.
    pub(super) async fn ending(&self, studio: StudioId, id: OrderId) -> Result<mails::Ending, StoreError> {
        let brand = self.store.studios().brand(studio).await?;
        let contacts =
            brand.map_or_else(Vec::new, |brand| brand.contact.into_iter().chain(brand.site).collect());
        Ok(mails::Ending { link: self.url(studio, id), contacts })
    }

    /// Moves an order, with its log and its mails. A paid one in which nothing has to be made is fulfilled at
    /// once. The one way for anybody (guest, studio, provider) to move an order. One that is cancelled cannot be paid
    /// any more; one whose money the provider has to give back stays as it is until the provider has done so, with
    /// [`Order::refund_asked_at`].
    ///
    /// # Errors
    /// [`OrderError::NotFound`], [`OrderError::Refused`], [`OrderError::InvalidNote`], [`OrderError::BeingPaid`],
    /// [`OrderError::Payment`], [`OrderError::Store`].
    pub async fn transition(
        &self,
        id: OrderId,
        to: OrderStatus,
        actor: OrderActor,
        note: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<Order, OrderError> {
        let note = checked_note(note).ok_or(OrderError::InvalidNote)?;
        match (to, actor) {
            (OrderStatus::Cancelled, _) => self.end_page(id).await?,
            (OrderStatus::Refunded, OrderActor::User(_)) => {
                if let Some(asked) = self.ask_refund(id, actor, note.as_deref(), now).await? {
                    return Ok(asked);
                }
            }
            _ => {}
        }
        let known = self.get(id).await?.ok_or(OrderError::NotFound)?;
        let ending = self.ending(known.studio_id, id).await?;
        let step = |order: &mut Order| -> Result<Moved, TransitionRefused> {
            let mut events = vec![order.step(to, actor, note, now)?];
            if to == OrderStatus::Paid && order.is_digital() {
                events.push(order.step(OrderStatus::Fulfilled, OrderActor::System, None, now)?);
            }
            let mail = match to {
                OrderStatus::Paid => mails::paid(order, &ending),
                OrderStatus::Fulfilled => mails::ready(order, &ending),
                OrderStatus::Draft | OrderStatus::Placed | OrderStatus::Cancelled | OrderStatus::Refunded => {
                    None
                }
            };
            Ok(Moved { events, mails: self.mails(mail) })
        };
        let order = self.store.orders().change(id, now, step).await?.ok_or(OrderError::NotFound)??;
        self.postbox.wake();
        Ok(order)
    }

    /// Begins, or begins again, to pay an order online; the address of the page.
    ///
    /// # Errors
    /// [`OrderError::NotFound`], [`OrderError::NotPayable`], [`OrderError::Payment`], [`OrderError::Store`].
    pub async fn pay(&self, id: OrderId) -> Result<String, OrderError> {
        let order = self.get(id).await?.ok_or(OrderError::NotFound)?;
        Ok(self.begin(&order).await?.ok_or(OrderError::NotPayable)?.url)
    }

    /// `None` when there is nothing to pay online.
    pub(super) async fn begin(&self, order: &Order) -> Result<Option<PaymentPage>, OrderError> {
        let provider = self.payments.provider(order.payment).filter(|_| order.status == OrderStatus::Placed);
        let Some(provider) = provider else { return Ok(None) };
        let page = provider.begin(order, &self.url(order.studio_id, order.id)).await?;
        if let Some(page) = &page
            && !self.store.orders().set_payment_page(order.id, page).await?
        {
            // Cancelled, or paid by other means, in the meantime.
            provider.end(page).await?;
            return Ok(None);
        }
        Ok(page)
    }

    pub(super) fn mails(&self, mail: Option<Mail>) -> Vec<Mail> {
        mail.into_iter().filter(|_| self.postbox.enabled()).collect()
    }
}

/// The note without the space around it, if there is anything in it; `None` when it cannot be taken.
pub(super) fn checked_note(note: Option<String>) -> Option<Option<String>> {
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    let sound = |note: &String| {
        note.chars().count() <= NOTE
            && note.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
    };
    note.as_ref().is_none_or(sound).then_some(note)
}
