//! The price list of a studio.

use chrono::{DateTime, Utc};

use crate::{
    domain::{
        Currency, Language, Money, Names, Part, PhotoSession, Price, PriceId, PriceKind, PriceList, StudioId,
    },
    store::{Store, StoreError},
};

/// Of one price, in minor units: ten million of most currencies. Together with the limits of a cart it keeps
/// every total below 2^53, which JavaScript can count.
pub(super) const MOST_AMOUNT: i64 = 1_000_000_000;
const MOST_PRICES: usize = 100;
/// Characters.
const NAME: usize = 100;
const SIZE: usize = 40;
const MOST_PARTS: usize = 10;
/// Photos that one package takes, all of its parts together: so many a buyer can still choose.
const MOST_PACKED: u32 = 200;

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
    pub name: Vec<(Language, String)>,
    pub amount: i64,
    pub active: bool,
    /// Of a package.
    pub parts: Vec<NewPart>,
}

/// What a package holds of one kind, as a studio writes it.
#[derive(Debug, Clone)]
pub struct NewPart {
    /// Of a part that the package has already; without one it is new.
    pub id: Option<PriceId>,
    pub kind: PriceKind,
    pub size: Option<String>,
    pub quantity: u32,
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
            let before = known.iter().find(|price| Some(price.id) == new.id);
            let price = checked(new, before, currency).map_err(wrong)?;
            list.prices.push(price);
        }
        self.store.prices().replace(studio, &list, now).await?;
        Ok(list)
    }
}

/// The price, or the name of the field that is wrong in it.
fn checked(new: NewPrice, before: Option<&Price>, currency: Currency) -> Result<Price, &'static str> {
    let size = size(new.size, new.kind).ok_or("size")?;
    let name = names(new.name).ok_or("name")?;
    let parts = parts(new.parts, before.map_or(&[], |price| &price.parts)).ok_or("parts")?;
    if parts.is_empty() == (new.kind == PriceKind::Package) {
        return Err("parts");
    }
    if !(1..=MOST_AMOUNT).contains(&new.amount) {
        return Err("amount");
    }
    let amount = Money::new(new.amount, currency).map_err(|_| "amount")?;
    let id = new.id.unwrap_or_else(PriceId::generate);
    Ok(Price { id, kind: new.kind, size, name, amount, active: new.active, parts })
}

/// A print has a size and nothing else does; `None` when it is not so.
fn size(size: Option<String>, kind: PriceKind) -> Option<Option<String>> {
    let size = match size {
        Some(size) => Some(words(&size, SIZE)?),
        None => None,
    };
    (size.is_some() == (kind == PriceKind::Print)).then_some(size)
}

/// What a package holds, each kind and size once; `None` when it cannot be sold so. `known` are the package's parts as
/// they were.
fn parts(new: Vec<NewPart>, known: &[Part]) -> Option<Vec<Part>> {
    let mut parts: Vec<Part> = Vec::with_capacity(new.len().min(MOST_PARTS));
    for NewPart { id, kind, size: written, quantity } in new {
        let size = size(written, kind)?;
        let again = |part: &Part| Some(part.id) == id || (part.kind == kind && part.size == size);
        let known = id.is_none_or(|id| known.iter().any(|part| part.id == id));
        let most = if kind == PriceKind::Bundle { 1 } else { MOST_PACKED };
        if kind == PriceKind::Package || !known || parts.iter().any(again) || !(1..=most).contains(&quantity)
        {
            return None;
        }
        parts.push(Part { id: id.unwrap_or_else(PriceId::generate), kind, size, quantity });
    }
    let packed: u32 = parts.iter().filter(|part| part.kind.is_of_a_photo()).map(|part| part.quantity).sum();
    (parts.len() <= MOST_PARTS && packed <= MOST_PACKED).then_some(parts)
}

/// A name of which no text is wrong; `None` for no text at all.
pub(super) fn names(written: Vec<(Language, String)>) -> Option<Names> {
    let texts = written.into_iter().map(|(language, text)| Some((language, words(&text, NAME)?)));
    Names::new(texts.collect::<Option<Vec<_>>>()?)
}

/// One line of text without the space around it; `None` when it cannot be taken.
pub(super) fn words(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let sound = (1..=most).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    sound.then(|| text.to_owned())
}
