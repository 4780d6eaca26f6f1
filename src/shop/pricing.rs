//! The price of a cart. The same pure function prices a cart that is shown and one that becomes an order.

use std::collections::HashMap;

use crate::{
    domain::{
        Line, Money, Photo, PhotoId, PhotoSessionId, Price, PriceId, PriceKind, PriceList, PromoValue, Tax,
        TaxLine,
    },
    store::CartItem,
};

/// What is counted beside the items of a cart.
#[derive(Debug, Clone, Copy, Default)]
pub struct Extras {
    /// Of a promo code that counts.
    pub off: Option<PromoValue>,
    /// Of the chosen way of delivery, in minor units; counted where something has to be made.
    pub shipping: Option<i64>,
    pub tax: Option<Tax>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// In the order of the items.
    pub lines: Vec<Line>,
    /// The sum of the lines' amounts.
    pub items: Money,
    /// What the promo code takes off the items; nothing is taken off the delivery.
    pub discount: Money,
    pub shipping: Option<Money>,
    /// Of items and delivery, without the discount.
    pub tax: Option<TaxLine>,
    pub total: Money,
    /// Items that can be bought no more: the photo is not to be seen, or the price is off the list.
    pub gone: Vec<CartItem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    #[error("the total is more than can be counted")]
    TooMuch,
}

/// Prices the items of a session's cart. `photos` may hold any photos: only the session's own that guests
/// see can be bought. Beside a bundle every digital photo is covered and costs nothing.
///
/// # Errors
/// [`PricingError::TooMuch`]; nothing is cut, and nothing is rounded but the tax and a percentage, once each.
pub fn price<'a>(
    session: PhotoSessionId,
    items: &[CartItem],
    list: &PriceList,
    photos: impl IntoIterator<Item = &'a Photo>,
    extras: Extras,
) -> Result<Priced, PricingError> {
    let prices: HashMap<PriceId, &Price> =
        list.prices.iter().filter(|price| price.active).map(|price| (price.id, price)).collect();
    let photos: HashMap<PhotoId, &Photo> = photos
        .into_iter()
        .filter(|photo| photo.photo_session_id == session && photo.is_for_sale())
        .map(|photo| (photo.id, photo))
        .collect();
    let mut gone = Vec::new();
    let mut wanted = Vec::new();
    for item in items {
        let photo = item.photo_id.map(|id| photos.get(&id).copied());
        match (prices.get(&item.price_id).copied(), photo) {
            (Some(price), None) if !price.kind.is_of_a_photo() => wanted.push((item, price, None)),
            (Some(price), Some(Some(photo))) if price.kind.is_of_a_photo() => {
                wanted.push((item, price, Some(photo)));
            }
            _ => gone.push(item.clone()),
        }
    }
    let bundled = wanted.iter().any(|(_, price, _)| price.kind == PriceKind::Bundle);
    let mut sum = Money::zero(list.currency);
    let mut lines = Vec::with_capacity(wanted.len());
    for (item, price, photo) in wanted {
        let covered = bundled && price.kind == PriceKind::Digital;
        let amount = if covered {
            Money::zero(list.currency)
        } else {
            price.amount.checked_times(item.quantity).ok_or(PricingError::TooMuch)?
        };
        sum = sum.checked_add(amount).ok_or(PricingError::TooMuch)?;
        lines.push(Line {
            id: item.id,
            price_id: price.id,
            kind: price.kind,
            size: price.size.clone(),
            name: price.name.clone(),
            photo_id: photo.map(|photo| photo.id),
            filename: photo.map(|photo| photo.filename.clone()),
            quantity: item.quantity,
            unit: price.amount,
            amount,
            covered,
        });
    }
    with_extras(lines, sum, gone, extras).ok_or(PricingError::TooMuch)
}

/// `None` for more than can be counted.
fn with_extras(lines: Vec<Line>, items: Money, gone: Vec<CartItem>, extras: Extras) -> Option<Priced> {
    let nothing = Money::zero(items.currency());
    let discount = extras.off.and_then(|off| off.off(items)).unwrap_or(nothing);
    let is_made = lines.iter().any(|line| !line.kind.is_digital());
    let shipping = match extras.shipping.filter(|_| is_made) {
        Some(amount) => Some(Money::new(amount, items.currency()).ok()?),
        None => None,
    };
    let sum = items.checked_sub(discount)?.checked_add(shipping.unwrap_or(nothing))?;
    let tax = match extras.tax {
        Some(tax) => Some(tax.of(sum)?),
        None => None,
    };
    let total = match tax {
        Some(line) if !line.tax.included => sum.checked_add(line.amount)?,
        _ => sum,
    };
    Some(Priced { lines, items, discount, shipping, tax, total, gone })
}

#[cfg(test)]
mod tests;
