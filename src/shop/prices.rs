//! The price list of a studio.

use chrono::{DateTime, Utc};

use crate::{
    domain::{Currency, Money, Names, PhotoSession, Price, PriceId, PriceKind, PriceList, StudioId},
    store::{Store, StoreError},
};

/// Of one price, in minor units: ten million of most currencies. Together with the limits of a cart it keeps
/// every total below 2^53, which JavaScript can count.
pub(super) const MOST_AMOUNT: i64 = 1_000_000_000;
const MOST_PRICES: usize = 100;
/// Characters.
pub(super) const NAME: usize = 100;
const SIZE: usize = 40;

#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    #[error("not a currency of ISO 4217")]
    Currency,
    /// Counted from 0.
    #[error("price {index} is wrong in its {field}")]
    Price { index: usize, field: &'static str },
    #[error("a list may have {MOST_PRICES} prices")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A price as a studio writes it.
#[derive(Debug, Clone)]
pub struct NewPrice {
    /// Of a price that the list has already; without one it is new.
    pub id: Option<PriceId>,
    pub kind: PriceKind,
    pub size: Option<String>,
    pub name: Names,
    pub amount: i64,
    pub active: bool,
}

#[derive(Clone)]
pub struct PriceLists {
    store: Store,
}

impl PriceLists {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    /// `None` for a studio that sells nothing.
    pub async fn get(&self, studio: StudioId) -> Result<Option<PriceList>, StoreError> {
        self.store.prices().list(studio).await
    }

    /// The studio's list as it is sold in one session: what is not offered there is inactive.
    pub async fn offered(&self, session: &PhotoSession) -> Result<Option<PriceList>, StoreError> {
        Ok(self.get(session.studio_id).await?.map(|list| session.terms.offered(list)))
    }

    /// Sets a studio's whole list. Carts follow it; orders keep what they were made of.
    ///
    /// # Errors
    /// [`PriceError`]; the list is as before then.
    pub async fn set(
        &self,
        studio: StudioId,
        currency: &str,
        prices: Vec<NewPrice>,
        now: DateTime<Utc>,
    ) -> Result<PriceList, PriceError> {
        let currency: Currency = currency.parse().map_err(|_| PriceError::Currency)?;
        if prices.len() > MOST_PRICES {
            return Err(PriceError::TooMany);
        }
        let known = self.get(studio).await?.map_or_else(Vec::new, |list| list.prices);
        let mut list = PriceList { currency, prices: Vec::with_capacity(prices.len()) };
        for (index, new) in prices.into_iter().enumerate() {
            let wrong = |field| PriceError::Price { index, field };
            let mine = |id: &PriceId| {
                known.iter().any(|price| price.id == *id) && !list.prices.iter().any(|price| price.id == *id)
            };
            if new.id.as_ref().is_some_and(|id| !mine(id)) {
                return Err(wrong("id"));
            }
            let price = checked(new, currency).map_err(wrong)?;
            list.prices.push(price);
        }
        self.store.prices().replace(studio, &list, now).await?;
        Ok(list)
    }
}

/// The price, or the name of the field that is wrong in it.
fn checked(new: NewPrice, currency: Currency) -> Result<Price, &'static str> {
    let size = new.size.map(|size| words(&size, SIZE).ok_or("size")).transpose()?;
    if size.is_some() != (new.kind == PriceKind::Print) {
        return Err("size");
    }
    let name =
        Names { ru: words(&new.name.ru, NAME).ok_or("name")?, en: words(&new.name.en, NAME).ok_or("name")? };
    if !(1..=MOST_AMOUNT).contains(&new.amount) {
        return Err("amount");
    }
    let amount = Money::new(new.amount, currency).map_err(|_| "amount")?;
    let id = new.id.unwrap_or_else(PriceId::generate);
    Ok(Price { id, kind: new.kind, size, name, amount, active: new.active })
}

/// One line of text without the space around it; `None` when it cannot be taken.
pub(super) fn words(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let sound = (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    sound.then(|| text.to_owned())
}
