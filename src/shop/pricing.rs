//! The price of a cart. The same pure function prices a cart that is shown and one that becomes an order.

use std::collections::{HashMap, HashSet};

use crate::{
    domain::{
        Line, LineId, Money, Names, Part, Photo, PhotoId, PhotoSessionId, Price, PriceId, PriceKind,
        PriceList, PromoValue, Tax, TaxLine,
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

/// How far a part of a package is filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling {
    pub part: Part,
    /// Photos that it takes, for all packages of its line. None for the whole session, which nobody chooses.
    pub wanted: u32,
    /// Copies counted; never more than are wanted.
    pub chosen: u32,
}

/// A package in a cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    pub price: PriceId,
    pub name: Names,
    pub parts: Vec<Filling>,
}

impl Package {
    #[must_use]
    pub fn missing(&self) -> u32 {
        self.parts.iter().map(|part| part.wanted - part.chosen).sum()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// In the order of the items; what is in a package follows it.
    pub lines: Vec<Line>,
    pub packages: Vec<Package>,
    /// The sum of the lines' amounts.
    pub items: Money,
    /// What the promo code takes off the items; nothing is taken off the delivery.
    pub discount: Money,
    pub shipping: Option<Money>,
    /// Of items and delivery, without the discount.
    pub tax: Option<TaxLine>,
    pub total: Money,
    /// Items that can be bought no more: the photo is not to be seen, the price is off the list, or the package takes
    /// fewer photos than it did.
    pub gone: Vec<CartItem>,
}

impl Priced {
    /// Photos that are missing in the packages.
    #[must_use]
    pub fn missing(&self) -> u32 {
        self.packages.iter().map(Package::missing).sum()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PricingError {
    #[error("the total is more than can be counted")]
    TooMuch,
}

/// Prices the items of a session's cart. `photos` may hold any photos: only the session's own that guests
/// see can be bought. A digital photo that a bundle or a package holds already is covered and costs nothing.
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
    let photos: HashMap<PhotoId, &Photo> = photos
        .into_iter()
        .filter(|photo| photo.photo_session_id == session && photo.is_for_sale())
        .map(|photo| (photo.id, photo))
        .collect();
    let mut taken = Taken { list, photos, lines: Vec::new(), packages: Vec::new(), kept: HashSet::new() };
    for item in items {
        taken.take(item, items);
    }
    let Taken { mut lines, packages, kept, .. } = taken;
    let gone = items.iter().filter(|item| !kept.contains(&item.id)).cloned().collect();
    let sum = cover(&mut lines, Money::zero(list.currency)).ok_or(PricingError::TooMuch)?;
    with_extras(lines, packages, sum, gone, extras).ok_or(PricingError::TooMuch)
}

/// What of a cart can be bought.
struct Taken<'a> {
    list: &'a PriceList,
    photos: HashMap<PhotoId, &'a Photo>,
    lines: Vec<Line>,
    packages: Vec<Package>,
    /// The items of the lines.
    kept: HashSet<LineId>,
}

impl Taken<'_> {
    /// The line of an item, and of what else the cart has in it, where it is a package. What is in a package is passed
    /// over: it comes with that.
    fn take(&mut self, item: &CartItem, items: &[CartItem]) {
        let Some(price) = self.list.sold(item.price_id) else { return };
        let Some(photo) = self.photo(item, price.kind) else { return };
        let line = self.line(item, (price.kind, &price.size), &price.name, photo);
        self.lines.push(Line { unit: price.amount, ..line });
        self.kept.insert(item.id);
        if price.kind == PriceKind::Package {
            self.fill(item, price, items);
        }
    }

    fn fill(&mut self, package: &CartItem, price: &Price, items: &[CartItem]) {
        let mut parts = Vec::with_capacity(price.parts.len());
        for part in &price.parts {
            let mut filling = Filling { part: part.clone(), wanted: 0, chosen: 0 };
            if part.kind.is_of_a_photo() {
                filling.wanted = part.quantity.saturating_mul(package.quantity);
                for item in items.iter().filter(|item| item.price_id == part.id) {
                    let Some(photo) = self.photo(item, part.kind) else { continue };
                    if item.quantity > filling.wanted - filling.chosen {
                        continue;
                    }
                    filling.chosen += item.quantity;
                    let line = self.line(item, (part.kind, &part.size), &price.name, photo);
                    self.lines.push(Line { package: Some(price.id), ..line });
                    self.kept.insert(item.id);
                }
            } else {
                let (id, price_id) = (LineId::of_part(package.id, part.id), part.id);
                let item = CartItem { id, price_id, photo_id: None, quantity: 1 };
                let line = self.line(&item, (part.kind, &part.size), &price.name, None);
                self.lines.push(Line { package: Some(price.id), ..line });
            }
            parts.push(filling);
        }
        self.packages.push(Package { price: price.id, name: price.name.clone(), parts });
    }

    /// The photo of an item, which is nothing where its kind is of none; `None` when it cannot be bought so.
    fn photo(&self, item: &CartItem, kind: PriceKind) -> Option<Option<&Photo>> {
        match item.photo_id {
            Some(id) if kind.is_of_a_photo() => Some(Some(*self.photos.get(&id)?)),
            None if !kind.is_of_a_photo() => Some(None),
            _ => None,
        }
    }

    /// A line that costs nothing.
    fn line(
        &self,
        item: &CartItem,
        (kind, size): (PriceKind, &Option<String>),
        name: &Names,
        photo: Option<&Photo>,
    ) -> Line {
        let nothing = Money::zero(self.list.currency);
        Line {
            id: item.id,
            price_id: item.price_id,
            kind,
            size: size.clone(),
            name: name.clone(),
            package: None,
            photo_id: photo.map(|photo| photo.id),
            filename: photo.map(|photo| photo.filename.clone()),
            quantity: item.quantity,
            unit: nothing,
            amount: nothing,
            covered: false,
        }
    }
}

/// Marks the files that a bundle or a package holds already, says what each line costs, and adds them up; `None` for
/// more than can be counted.
fn cover(lines: &mut [Line], nothing: Money) -> Option<Money> {
    let bundled = lines.iter().any(|line| line.kind == PriceKind::Bundle);
    let packed: HashSet<PhotoId> = lines
        .iter()
        .filter(|line| line.package.is_some() && line.kind == PriceKind::Digital)
        .filter_map(|line| line.photo_id)
        .collect();
    let mut sum = nothing;
    for line in lines.iter_mut().filter(|line| line.package.is_none()) {
        let has_it = bundled || line.photo_id.is_some_and(|photo| packed.contains(&photo));
        line.covered = line.kind == PriceKind::Digital && has_it;
        if !line.covered {
            line.amount = line.unit.checked_times(line.quantity)?;
            sum = sum.checked_add(line.amount)?;
        }
    }
    Some(sum)
}

/// `None` for more than can be counted.
fn with_extras(
    lines: Vec<Line>,
    packages: Vec<Package>,
    items: Money,
    gone: Vec<CartItem>,
    extras: Extras,
) -> Option<Priced> {
    let nothing = Money::zero(items.currency());
    let discount = extras.off.and_then(|off| off.off(items)).unwrap_or(nothing);
    let is_made = lines.iter().any(|line| line.kind.is_made());
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
    Some(Priced { lines, packages, items, discount, shipping, tax, total, gone })
}

#[cfg(test)]
mod tests;
