//! What a studio says of its sales beside its prices: payment by hand, tax, ways of delivery.

use chrono::{DateTime, Utc};

use super::prices::{MOST_AMOUNT, names};
use crate::{
    domain::{Language, ShippingId, ShippingMethod, ShopSettings, StudioId, Tax},
    store::{Store, StoreError},
};

const MOST_METHODS: usize = 20;
/// Characters of what buyers read who pay by hand.
const INSTRUCTIONS: usize = 2_000;
/// Characters of a studio's details on receipts.
const SELLER: usize = 500;

#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// `index` counts the ways of delivery from 0, where one of them is wrong.
    #[error("the settings are wrong in their {field}")]
    Wrong { field: &'static str, index: Option<usize> },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A way of delivery as a studio writes it.
#[derive(Debug, Clone)]
pub struct NewShipping {
    /// Of one that there is already; without it, it is new.
    pub id: Option<ShippingId>,
    pub name: Vec<(Language, String)>,
    pub amount: i64,
    pub needs_address: bool,
    pub active: bool,
}

/// Settings as a studio writes them.
#[derive(Debug, Clone)]
pub struct NewSettings {
    pub payment_instructions: Option<String>,
    pub seller: Option<String>,
    pub tax: Option<Tax>,
    pub shipping: Vec<NewShipping>,
}

#[derive(Clone)]
pub struct Settings {
    store: Store,
}

impl Settings {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, studio: StudioId) -> Result<ShopSettings, StoreError> {
        self.store.shop_settings().get(studio).await
    }

    /// Sets all of a studio's. Carts follow; orders keep what they were placed with.
    ///
    /// # Errors
    /// [`SettingsError`]; nothing is changed then.
    pub async fn set(
        &self,
        studio: StudioId,
        new: NewSettings,
        now: DateTime<Utc>,
    ) -> Result<ShopSettings, SettingsError> {
        let wrong = |field, index| SettingsError::Wrong { field, index };
        if new.shipping.len() > MOST_METHODS {
            return Err(wrong("shipping", None));
        }
        if new.tax.is_some_and(|tax| tax.rate > Tax::MOST_RATE) {
            return Err(wrong("tax", None));
        }
        let known = self.get(studio).await?.shipping;
        let mut shipping: Vec<ShippingMethod> = Vec::with_capacity(new.shipping.len());
        for (index, method) in new.shipping.into_iter().enumerate() {
            let is_mine = |id: &ShippingId| {
                known.iter().any(|method| method.id == *id) && !shipping.iter().any(|method| method.id == *id)
            };
            if method.id.as_ref().is_some_and(|id| !is_mine(id)) {
                return Err(wrong("id", Some(index)));
            }
            shipping.push(checked(method).map_err(|field| wrong(field, Some(index)))?);
        }
        let settings = ShopSettings {
            payment_instructions: paragraph(new.payment_instructions, INSTRUCTIONS)
                .ok_or(wrong("payment_instructions", None))?,
            seller: paragraph(new.seller, SELLER).ok_or(wrong("seller", None))?,
            tax: new.tax,
            shipping,
        };
        self.store.shop_settings().replace(studio, &settings, now).await?;
        Ok(settings)
    }
}

/// The way of delivery, or the name of the field that is wrong in it.
fn checked(new: NewShipping) -> Result<ShippingMethod, &'static str> {
    let name = names(new.name).ok_or("name")?;
    if !(0..=MOST_AMOUNT).contains(&new.amount) {
        return Err("amount");
    }
    let id = new.id.unwrap_or_else(ShippingId::generate);
    Ok(ShippingMethod { id, name, amount: new.amount, needs_address: new.needs_address, active: new.active })
}

/// Lines of text without the space around them, if there are any; `None` when they cannot be taken.
fn paragraph(text: Option<String>, most: usize) -> Option<Option<String>> {
    let text = text.map(|text| text.replace("\r\n", "\n").trim().to_owned()).filter(|text| !text.is_empty());
    let is_sound = |text: &String| {
        text.chars().count() <= most && text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\t'))
    };
    text.as_ref().is_none_or(is_sound).then_some(text)
}
