//! How carts look in JSON.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    json::{LineJson, TaxJson},
    prices::PartJson,
};
use crate::{
    domain::{Language, Money, ShippingMethod},
    http::messages::Code,
    shop::{Cart, Filling, Package},
};

/// A promo code in a cart.
#[derive(Serialize, ToSchema)]
pub struct CartPromo {
    /// In capitals.
    code: String,
    /// Why it does not count, as the `code` of a problem; without this it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
    /// The same in words, in the language of `Accept-Language`.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'static str>,
}

/// A way of delivery.
#[derive(Serialize, ToSchema)]
pub struct ShippingWay {
    id: Uuid,
    /// In the language of `Accept-Language`.
    name: String,
    /// Minor units.
    amount: i64,
    /// Whether the checkout needs an `address`.
    needs_address: bool,
}

/// How far a part of a package in a cart is filled.
#[derive(Serialize, ToSchema)]
pub struct FillingJson {
    #[serde(flatten)]
    part: PartJson,
    /// Photos that it takes for all packages of its line; 0 for the whole session, which nobody chooses.
    wanted: u32,
    /// Photos in it, copies counted.
    chosen: u32,
}

/// A package in a cart.
#[derive(Serialize, ToSchema)]
pub struct CartPackage {
    price_id: Uuid,
    /// In the language of `Accept-Language`.
    name: String,
    /// Photos that are still to be put into it before it can be ordered.
    missing: u32,
    parts: Vec<FillingJson>,
}

impl CartPackage {
    fn new(package: &Package, language: Language) -> Self {
        let part = |filling: &Filling| FillingJson {
            part: (&filling.part).into(),
            wanted: filling.wanted,
            chosen: filling.chosen,
        };
        Self {
            price_id: package.price.0,
            name: package.name.of(language).to_owned(),
            missing: package.missing(),
            parts: package.parts.iter().map(part).collect(),
        }
    }
}

#[derive(Serialize, ToSchema)]
pub struct RemovedPhoto {
    photo_id: Uuid,
}

#[derive(Serialize, ToSchema)]
pub struct CartJson {
    session_id: Uuid,
    /// ISO 4217; `null` when the studio has stopped selling.
    currency: Option<String>,
    /// In the order in which they were added; what is in a package follows it.
    lines: Vec<LineJson>,
    /// The packages of the lines.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    packages: Vec<CartPackage>,
    /// The sum of the lines, in minor units.
    items_amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    promo: Option<CartPromo>,
    /// What the promo code takes off the items.
    discount_amount: i64,
    /// The ways of delivery to choose from; none where nothing has to be made, or the studio offers none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    shipping: Vec<ShippingWay>,
    /// The chosen one.
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_id: Option<Uuid>,
    shipping_amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax: Option<TaxJson>,
    /// Items without the discount, with the delivery, and with a tax that is not included.
    total_amount: i64,
    /// The sum of the quantities; a package counts, and not what is in it.
    count: u64,
    /// The order that the cart became; the cart cannot be changed any more then.
    order_id: Option<Uuid>,
    /// Photos that were removed since the cart was last read, with their lines. Only the first answer lists them.
    removed: Vec<RemovedPhoto>,
    /// How many photos a bundle holds now.
    bundle_photos: u64,
}

impl CartJson {
    pub fn new(cart: &Cart, language: Language) -> Self {
        let sums = cart.sums.as_ref();
        let bought = cart.lines.iter().filter(|line| line.package.is_none());
        let way = |method: &ShippingMethod| ShippingWay {
            id: method.id.0,
            name: method.name.of(language).to_owned(),
            amount: method.amount,
            needs_address: method.needs_address,
        };
        Self {
            session_id: cart.session.0,
            currency: cart.currency.map(|currency| currency.to_string()),
            lines: cart
                .lines
                .iter()
                .map(|line| LineJson::new(line, (&cart.photos, &cart.crops), language))
                .collect(),
            packages: sums
                .iter()
                .flat_map(|sums| &sums.packages)
                .map(|package| CartPackage::new(package, language))
                .collect(),
            items_amount: sums.map_or(0, |sums| sums.items.amount()),
            promo: cart.promo.as_ref().map(|(word, counts)| {
                let problem = counts.err().map(Code::from);
                CartPromo {
                    code: word.to_string(),
                    problem: problem.map(Code::name),
                    detail: problem.map(|code| code.message(language).detail),
                }
            }),
            discount_amount: sums.map_or(0, |sums| sums.discount.amount()),
            shipping: cart.ways.iter().map(way).collect(),
            shipping_id: cart.shipping.map(|id| id.0),
            shipping_amount: sums.and_then(|sums| sums.shipping).map_or(0, Money::amount),
            tax: sums.and_then(|sums| sums.tax).map(Into::into),
            total_amount: sums.map_or(0, |sums| sums.total.amount()),
            count: bought.map(|line| u64::from(line.quantity)).sum(),
            order_id: cart.order.map(|id| id.0),
            removed: cart.removed.iter().map(|id| RemovedPhoto { photo_id: id.0 }).collect(),
            bundle_photos: cart.bundle_photos,
        }
    }
}
