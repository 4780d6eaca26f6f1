//! Orders: placing one out of a cart, and moving it, each with its log and its mails in one transaction.
//! The rules of ordering are not decided here.

use chrono::{DateTime, Datelike, Utc};
use sqlx::{Any, AnyConnection, Row, Transaction, any::AnyRow};

use super::{
    Once, OnceKey, Store, StoreError, flag, mails, micros, once, optional_text, optional_time, photos,
    promo_codes,
    shop_carts::{self, CartRow},
    shop_prices::{self, money, names, written},
    shop_settings, text, time, unsigned,
};
use crate::domain::{
    Address, Buyer, CartId, Currency, Discount, Email, Line, Mail, Order, OrderEvent, OrderId, OrderStatus,
    PaymentPage, Photo, PhotoId, PriceList, Promo, PromoUses, Shipping, ShopSettings, StudioId, TaxLine,
    Viewer,
};

pub struct OrderRows<'a>(pub(super) &'a Store);

/// The data on which a checkout is decided. None of it changes before the decision is written.
#[derive(Debug)]
pub struct Basket {
    pub cart: CartRow,
    pub prices: Option<PriceList>,
    pub settings: ShopSettings,
    /// The studio's promo code of the word in the cart, and how often it was used.
    pub promo: Option<(Promo, PromoUses)>,
    /// The photos of the cart that guests of its session see.
    pub photos: Vec<Photo>,
    /// That the order will have.
    pub number: String,
}

/// The rows that a checkout writes.
#[derive(Debug)]
pub struct Placing {
    pub order: Order,
    pub events: Vec<OrderEvent>,
    pub mails: Vec<Mail>,
}

/// The outcome of a checkout.
#[derive(Debug)]
pub enum Placed {
    New(Box<Order>),
    /// The same request was answered before, with this order.
    Again(OrderId),
    /// Its key was used for another request.
    KeyReused,
    /// The cart is an order already.
    Ordered,
    NoCart,
}

/// The rows that a change of an order's status writes.
#[derive(Debug)]
pub struct Moved {
    pub events: Vec<OrderEvent>,
    pub mails: Vec<Mail>,
}

impl OrderRows<'_> {
    /// Makes an order of a cart as `decide` says, and files it as the answer to `key`: both or neither are
    /// there after a crash. Of two checkouts of one cart the second finds the first's order. When `decide`
    /// refuses, nothing is written and the key is free.
    pub async fn place<E: Send>(
        &self,
        (token_hash, buyer): (&str, Option<&Email>),
        studio: StudioId,
        (id, key): (OrderId, Option<&OnceKey>),
        now: DateTime<Utc>,
        decide: impl FnOnce(Basket) -> Result<Placing, E> + Send,
    ) -> Result<Result<Placed, E>, StoreError> {
        let mut tx = self.0.write().await?;
        if let Some(key) = key {
            match once::claim(&mut tx, key, &id.to_string(), now).await? {
                Once::First => {}
                Once::Again(answer) => {
                    let id = answer.parse().map_err(|_| StoreError::Corrupt("column answer".into()))?;
                    return Ok(Ok(Placed::Again(id)));
                }
                Once::Reused => return Ok(Ok(Placed::KeyReused)),
            }
        }
        shop_carts::hold(&mut tx, token_hash, now).await?;
        let Some((cart, _)) = shop_carts::cart(&mut tx, token_hash).await? else {
            return Ok(Ok(Placed::NoCart));
        };
        if cart.order.is_some() {
            return Ok(Ok(Placed::Ordered));
        }
        let wanted: Vec<PhotoId> = cart.items.iter().filter_map(|item| item.photo_id).collect();
        let cart_id = cart.id;
        let promo = match &cart.promo {
            Some(word) => promo_codes::find(&mut tx, studio, word, buyer).await?,
            None => None,
        };
        let basket = Basket {
            prices: shop_prices::list(&mut tx, studio).await?,
            settings: shop_settings::settings(&mut tx, studio).await?,
            promo,
            photos: photos::ready_of(&mut tx, cart.session, &wanted, Viewer::Guest).await?,
            number: next_number(&mut tx, studio, now).await?,
            cart,
        };
        let Placing { order, events, mails } = match decide(basket) {
            Ok(placing) => placing,
            Err(refused) => return Ok(Err(refused)),
        };
        insert(&mut tx, &order, cart_id).await?;
        log(&mut tx, order.id, &events).await?;
        mails::enqueue(&mut tx, &mails, now).await?;
        tx.commit().await?;
        Ok(Ok(Placed::New(Box::new(order))))
    }

    /// With its lines.
    pub async fn get(&self, id: OrderId) -> Result<Option<Order>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        get(&mut reading, id).await
    }

    /// Moves an order as `step` says, in one transaction with its log and its mails; `None` when there is no
    /// such order. When `step` refuses, nothing is written.
    pub async fn change<E: Send>(
        &self,
        id: OrderId,
        now: DateTime<Utc>,
        step: impl FnOnce(&mut Order) -> Result<Moved, E> + Send,
    ) -> Result<Option<Result<Order, E>>, StoreError> {
        let mut tx = self.0.write().await?;
        let Some(mut order) = get(&mut tx, id).await? else { return Ok(None) };
        let Moved { events, mails } = match step(&mut order) {
            Ok(moved) => moved,
            Err(refused) => return Ok(Some(Err(refused))),
        };
        save(&mut tx, &order).await?;
        log(&mut tx, id, &events).await?;
        mails::enqueue(&mut tx, &mails, now).await?;
        tx.commit().await?;
        Ok(Some(Ok(order)))
    }

    /// Takes the address out of orders that were done before this moment; returns how many.
    pub async fn forget_addresses(&self, done_before: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        let emptied = sqlx::query(
            "UPDATE shop_orders SET address = NULL WHERE address IS NOT NULL AND status IN ('fulfilled', 'cancelled', \
             'refunded') AND COALESCE(refunded_at, cancelled_at, fulfilled_at, created_at) < $1",
        )
        .bind(micros(done_before))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(emptied.rows_affected())
    }

    /// Notes the page on which the order is to be paid; `false` when it is no longer to be paid.
    pub async fn set_payment_page(&self, id: OrderId, page: &PaymentPage) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let noted = sqlx::query(
            "UPDATE shop_orders SET payment_url = $2, payment_reference = $3 WHERE id = $1 AND status = $4",
        )
        .bind(id.to_string())
        .bind(page.url.as_str())
        .bind(page.reference.as_str())
        .bind(OrderStatus::Placed.as_str())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(noted.rows_affected() > 0)
    }
}

/// The next number of the studio's year.
async fn next_number(
    tx: &mut Transaction<'static, Any>,
    studio: StudioId,
    now: DateTime<Utc>,
) -> Result<String, StoreError> {
    sqlx::query(
        "INSERT INTO shop_order_numbers (studio_id, year, last) VALUES ($1, $2, 1) \
         ON CONFLICT (studio_id, year) DO UPDATE SET last = shop_order_numbers.last + 1",
    )
    .bind(studio.to_string())
    .bind(i64::from(now.year()))
    .execute(&mut **tx)
    .await?;
    let row = sqlx::query("SELECT last FROM shop_order_numbers WHERE studio_id = $1 AND year = $2")
        .bind(studio.to_string())
        .bind(i64::from(now.year()))
        .fetch_one(&mut **tx)
        .await?;
    let last: u64 = unsigned(&row, "last")?;
    Ok(format!("{}-{last:06}", now.year()))
}

/// The text of an order that a search looks through.
fn searchable(order: &Order) -> String {
    let email = order.buyer.email.as_ref().map_or("", |email| email.as_str());
    format!("{}\n{}\n{email}", order.number, order.buyer.name).to_lowercase()
}

async fn insert(tx: &mut Transaction<'static, Any>, order: &Order, cart: CartId) -> Result<(), StoreError> {
    let shipping = order.shipping.as_ref();
    let address = shipping.and_then(|shipping| shipping.address.as_ref()).map(serde_json::to_string);
    let address = address.transpose().map_err(|error| StoreError::Corrupt(error.to_string()))?;
    sqlx::query(
        "INSERT INTO shop_orders (id, number, cart_id, status, photo_session_id, session_name, studio_id, \
         studio_name, photographer_id, name, email, phone, note, search, language, payment, currency, \
         total_amount, created_at, placed_at, paid_at, fulfilled_at, tax_rate, tax_included, tax_amount, promo_id, \
         promo_word, discount_amount, shipping_names, shipping_amount, address) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, \
         $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)",
    )
    .bind(order.id.to_string())
    .bind(order.number.as_str())
    .bind(cart.to_string())
    .bind(order.status.as_str())
    .bind(order.session_id.to_string())
    .bind(order.session_name.as_str())
    .bind(order.studio_id.to_string())
    .bind(order.studio_name.as_str())
    .bind(order.photographer_id.map(|id| id.to_string()))
    .bind(order.buyer.name.as_str())
    .bind(order.buyer.email.as_ref().map(|email| email.as_str()))
    .bind(order.buyer.phone.as_ref().map(|phone| phone.as_str()))
    .bind(order.buyer.note.as_deref())
    .bind(searchable(order))
    .bind(order.buyer.language.as_str())
    .bind(order.payment.as_str())
    .bind(order.total.currency().as_str())
    .bind(order.total.amount())
    .bind(micros(order.created_at))
    .bind(order.placed_at.map(micros))
    .bind(order.paid_at.map(micros))
    .bind(order.fulfilled_at.map(micros))
    .bind(order.tax.map(|line| i64::from(line.tax.rate)))
    .bind(order.tax.map(|line| i64::from(line.tax.included)))
    .bind(order.tax.map(|line| line.amount.amount()))
    .bind(order.discount.as_ref().map(|discount| discount.promo_id.to_string()))
    .bind(order.discount.as_ref().map(|discount| discount.word.as_str()))
    .bind(order.discount.as_ref().map(|discount| discount.amount.amount()))
    .bind(shipping.map(|shipping| written(&shipping.name)).transpose()?)
    .bind(shipping.map(|shipping| shipping.amount.amount()))
    .bind(address)
    .execute(&mut **tx)
    .await?;
    for (position, line) in (0_i64..).zip(&order.lines) {
        sqlx::query(
            "INSERT INTO shop_order_lines (id, order_id, position, price_id, kind, size, names, package_id, \
             photo_id, filename, quantity, unit_amount, amount, covered) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(line.id.to_string())
        .bind(order.id.to_string())
        .bind(position)
        .bind(line.price_id.to_string())
        .bind(line.kind.as_str())
        .bind(line.size.as_deref())
        .bind(written(&line.name)?)
        .bind(line.package.map(|package| package.to_string()))
        .bind(line.photo_id.map(|photo| photo.to_string()))
        .bind(line.filename.as_deref())
        .bind(i64::from(line.quantity))
        .bind(line.unit.amount())
        .bind(line.amount.amount())
        .bind(i64::from(line.covered))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Writes where the order stands.
pub(super) async fn save(tx: &mut Transaction<'static, Any>, order: &Order) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE shop_orders SET status = $2, placed_at = $3, paid_at = $4, fulfilled_at = $5, \
         cancelled_at = $6, refunded_at = $7, refund_asked_at = $8 WHERE id = $1",
    )
    .bind(order.id.to_string())
    .bind(order.status.as_str())
    .bind(order.placed_at.map(micros))
    .bind(order.paid_at.map(micros))
    .bind(order.fulfilled_at.map(micros))
    .bind(order.cancelled_at.map(micros))
    .bind(order.refunded_at.map(micros))
    .bind(order.refund_asked_at.map(micros))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn log(
    tx: &mut Transaction<'static, Any>,
    order: OrderId,
    events: &[OrderEvent],
) -> Result<(), StoreError> {
    for event in events {
        sqlx::query(
            "INSERT INTO shop_order_events (id, order_id, at, from_status, to_status, actor, note) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(event.id.to_string())
        .bind(order.to_string())
        .bind(micros(event.at))
        .bind(event.from.as_str())
        .bind(event.to.as_str())
        .bind(event.actor.to_string())
        .bind(event.note.as_deref())
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

pub(super) async fn get(connection: &mut AnyConnection, id: OrderId) -> Result<Option<Order>, StoreError> {
    let row = sqlx::query("SELECT * FROM shop_orders WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(&mut *connection)
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut order = order(&row)?;
    let currency = order.total.currency();
    order.lines = sqlx::query("SELECT * FROM shop_order_lines WHERE order_id = $1 ORDER BY position")
        .bind(id.to_string())
        .fetch_all(connection)
        .await?
        .iter()
        .map(|row| line(row, currency))
        .collect::<Result<_, _>>()?;
    Ok(Some(order))
}

/// Without its lines.
pub(super) fn order(row: &AnyRow) -> Result<Order, StoreError> {
    let currency = text(row, "currency")?;
    let (url, reference): (Option<String>, Option<String>) =
        (row.try_get("payment_url")?, row.try_get("payment_reference")?);
    Ok(Order {
        id: text(row, "id")?,
        number: row.try_get("number")?,
        status: text(row, "status")?,
        session_id: text(row, "photo_session_id")?,
        session_name: row.try_get("session_name")?,
        studio_id: text(row, "studio_id")?,
        studio_name: row.try_get("studio_name")?,
        photographer_id: optional_text(row, "photographer_id")?,
        buyer: Buyer {
            name: row.try_get("name")?,
            email: optional_text(row, "email")?,
            phone: optional_text(row, "phone")?,
            note: row.try_get("note")?,
            language: text(row, "language")?,
        },
        payment: text(row, "payment")?,
        payment_page: url.zip(reference).map(|(url, reference)| PaymentPage { url, reference }),
        lines: Vec::new(),
        discount: discount(row, currency)?,
        shipping: shipping(row, currency)?,
        tax: match shop_settings::tax(row)? {
            Some(tax) => Some(TaxLine { tax, amount: money(row, "tax_amount", currency)? }),
            None => None,
        },
        total: money(row, "total_amount", currency)?,
        created_at: time(row, "created_at")?,
        placed_at: optional_time(row, "placed_at")?,
        paid_at: optional_time(row, "paid_at")?,
        fulfilled_at: optional_time(row, "fulfilled_at")?,
        cancelled_at: optional_time(row, "cancelled_at")?,
        refunded_at: optional_time(row, "refunded_at")?,
        refund_asked_at: optional_time(row, "refund_asked_at")?,
    })
}

fn discount(row: &AnyRow, currency: Currency) -> Result<Option<Discount>, StoreError> {
    let Some(promo_id) = optional_text(row, "promo_id")? else { return Ok(None) };
    let (word, amount) = (text(row, "promo_word")?, money(row, "discount_amount", currency)?);
    Ok(Some(Discount { promo_id, word, amount }))
}

fn shipping(row: &AnyRow, currency: Currency) -> Result<Option<Shipping>, StoreError> {
    if row.try_get::<Option<&str>, _>("shipping_names")?.is_none() {
        return Ok(None);
    }
    let address: Option<String> = row.try_get("address")?;
    let address: Option<Address> = address
        .map(|address| serde_json::from_str(&address))
        .transpose()
        .map_err(|_| StoreError::Corrupt("column address".into()))?;
    let (name, amount) = (names(row, "shipping_names")?, money(row, "shipping_amount", currency)?);
    Ok(Some(Shipping { name, amount, address }))
}

fn line(row: &AnyRow, currency: Currency) -> Result<Line, StoreError> {
    Ok(Line {
        id: text(row, "id")?,
        price_id: text(row, "price_id")?,
        kind: text(row, "kind")?,
        size: row.try_get("size")?,
        name: names(row, "names")?,
        package: optional_text(row, "package_id")?,
        photo_id: optional_text(row, "photo_id")?,
        filename: row.try_get("filename")?,
        quantity: unsigned(row, "quantity")?,
        unit: money(row, "unit_amount", currency)?,
        amount: money(row, "amount", currency)?,
        covered: flag(row, "covered")?,
    })
}
