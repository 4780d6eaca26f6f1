//! The price of a cart. The same pure function prices a cart that is shown and one that becomes an order.

use std::collections::HashMap;

use crate::{
    domain::{Line, Money, Photo, PhotoId, PhotoSessionId, Price, PriceId, PriceKind, PriceList},
    store::CartItem,
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// In the order of the items.
    pub lines: Vec<Line>,
    /// The sum of the lines' amounts.
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
/// [`PricingError::TooMuch`]; nothing is rounded or cut.
pub fn price<'a>(
    session: PhotoSessionId,
    items: &[CartItem],
    list: &PriceList,
    photos: impl IntoIterator<Item = &'a Photo>,
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
    let mut total = Money::zero(list.currency);
    let mut lines = Vec::with_capacity(wanted.len());
    for (item, price, photo) in wanted {
        let covered = bundled && price.kind == PriceKind::Digital;
        let amount = if covered {
            Money::zero(list.currency)
        } else {
            price.amount.checked_times(item.quantity).ok_or(PricingError::TooMuch)?
        };
        total = total.checked_add(amount).ok_or(PricingError::TooMuch)?;
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
    Ok(Priced { lines, total, gone })
}

#[cfg(test)]
mod tests;
