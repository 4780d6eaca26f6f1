//! Carts: what a guest has put aside, found by the hash of a token that only the guest has.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AnyConnection, Row, any::AnyRow};

use super::{Store, StoreError, micros, optional_text, text, time, unsigned};
use crate::domain::{CartId, LineId, OrderId, PhotoId, PhotoSessionId, PriceId, PromoWord, ShippingId};

/// Use is noted this exactly, so that looking at a cart seldom costs a write.
const NOTED: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartItem {
    pub id: LineId,
    pub price_id: PriceId,
    /// `None` for a bundle and for a package.
    pub photo_id: Option<PhotoId>,
    pub quantity: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartRow {
    pub id: CartId,
    pub session: PhotoSessionId,
    /// The order that was made from the cart; the cart does not change any more then.
    pub order: Option<OrderId>,
    /// In the order in which they were added.
    pub items: Vec<CartItem>,
    /// The promo code that its buyer wrote, whether it counts or not.
    pub promo: Option<PromoWord>,
    pub shipping: Option<ShippingId>,
}

/// What a buyer chose beside the items; a field that is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct CartChoice {
    pub promo: Option<Option<PromoWord>>,
    pub shipping: Option<Option<ShippingId>>,
}

/// How many of something a cart is to hold; none removes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewItem {
    pub price_id: PriceId,
    pub photo_id: Option<PhotoId>,
    pub quantity: u32,
}

/// The outcome of a change of a cart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemsSet {
    Set,
    /// The cart is an order already.
    Ordered,
    NoCart,
}

pub struct CartRows<'a>(pub(super) &'a Store);

impl CartRows<'_> {
    pub async fn create(
        &self,
        id: CartId,
        token_hash: &str,
        session: PhotoSessionId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query(
            "INSERT INTO carts (id, token_hash, photo_session_id, created_at, used_at) VALUES ($1, $2, $3, $4, $4)",
        )
        .bind(id.to_string())
        .bind(token_hash)
        .bind(session.to_string())
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }

    /// The cart, which counts as used by that.
    pub async fn get(&self, token_hash: &str, now: DateTime<Utc>) -> Result<Option<CartRow>, StoreError> {
        let mut reading = self.0.reads.acquire().await?;
        let Some((cart, used_at)) = cart(&mut reading, token_hash).await? else { return Ok(None) };
        drop(reading);
        if now - used_at >= NOTED {
            let mut tx = self.0.write().await?;
            hold(&mut tx, token_hash, now).await?;
            tx.commit().await?;
        }
        Ok(Some(cart))
    }

    /// Takes out everything of the `emptied` prices, then sets the quantities of these items; others stay. Nothing is
    /// changed when `check` refuses what the cart would hold then.
    pub async fn set_items<E: Send>(
        &self,
        token_hash: &str,
        (emptied, items): (&[PriceId], &[NewItem]),
        now: DateTime<Utc>,
        check: impl FnOnce(&[CartItem]) -> Result<(), E> + Send,
    ) -> Result<Result<ItemsSet, E>, StoreError> {
        let mut tx = self.0.write().await?;
        let cart = match open(&mut tx, token_hash, now).await? {
            Ok(cart) => cart,
            Err(refused) => return Ok(Ok(refused)),
        };
        for price in emptied {
            sqlx::query("DELETE FROM cart_items WHERE cart_id = $1 AND price_id = $2")
                .bind(cart.id.to_string())
                .bind(price.to_string())
                .execute(&mut *tx)
                .await?;
        }
        for item in items {
            set_item(&mut tx, cart.id, item).await?;
        }
        if let Err(refused) = check(&items_of(&mut tx, cart.id).await?) {
            return Ok(Err(refused));
        }
        tx.commit().await?;
        Ok(Ok(ItemsSet::Set))
    }

    /// Notes what the buyer chose beside the items.
    pub async fn choose(
        &self,
        token_hash: &str,
        choice: &CartChoice,
        now: DateTime<Utc>,
    ) -> Result<ItemsSet, StoreError> {
        let mut tx = self.0.write().await?;
        let cart = match open(&mut tx, token_hash, now).await? {
            Ok(cart) => cart,
            Err(refused) => return Ok(refused),
        };
        let promo = choice.promo.clone().unwrap_or(cart.promo);
        let shipping = choice.shipping.unwrap_or(cart.shipping);
        sqlx::query("UPDATE carts SET promo_word = $2, shipping_id = $3 WHERE id = $1")
            .bind(cart.id.to_string())
            .bind(promo.as_ref().map(PromoWord::as_str))
            .bind(shipping.map(|id| id.to_string()))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(ItemsSet::Set)
    }

    /// Removes items that can be bought no more; those of an ordered cart stay as they are.
    pub async fn drop_items(&self, cart: CartId, items: &[LineId]) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for item in items {
            sqlx::query(
                "DELETE FROM cart_items WHERE id = $1 AND cart_id = $2 \
                 AND NOT EXISTS (SELECT 1 FROM shop_orders WHERE cart_id = $2)",
            )
            .bind(item.to_string())
            .bind(cart.to_string())
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Removes carts that nobody has used since; returns how many.
    pub async fn sweep(&self, unused_since: DateTime<Utc>) -> Result<u64, StoreError> {
        let mut tx = self.0.write().await?;
        let swept = sqlx::query("DELETE FROM carts WHERE used_at < $1")
            .bind(micros(unused_since))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(swept.rows_affected())
    }
}

/// The cart with that token, and when it was last used.
pub(super) async fn cart(
    connection: &mut AnyConnection,
    token_hash: &str,
) -> Result<Option<(CartRow, DateTime<Utc>)>, StoreError> {
    let row = sqlx::query(
        "SELECT c.id AS id, c.photo_session_id AS photo_session_id, c.used_at AS used_at, o.id AS order_id, \
         c.promo_word AS promo_word, c.shipping_id AS shipping_id \
         FROM carts c LEFT JOIN shop_orders o ON o.cart_id = c.id WHERE c.token_hash = $1",
    )
    .bind(token_hash)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let id: CartId = text(&row, "id")?;
    let items = items_of(connection, id).await?;
    let session = text(&row, "photo_session_id")?;
    let order = optional_text(&row, "order_id")?;
    let (promo, shipping) = (optional_text(&row, "promo_word")?, optional_text(&row, "shipping_id")?);
    Ok(Some((CartRow { id, session, order, items, promo, shipping }, time(&row, "used_at")?)))
}

/// In the order in which they were added.
async fn items_of(connection: &mut AnyConnection, cart: CartId) -> Result<Vec<CartItem>, StoreError> {
    let rows = sqlx::query("SELECT * FROM cart_items WHERE cart_id = $1 ORDER BY id")
        .bind(cart.to_string())
        .fetch_all(connection)
        .await?;
    rows.iter().map(item).collect()
}

fn item(row: &AnyRow) -> Result<CartItem, StoreError> {
    let photo: &str = row.try_get("photo_id")?;
    Ok(CartItem {
        id: text(row, "id")?,
        price_id: text(row, "price_id")?,
        photo_id: if photo.is_empty() { None } else { Some(text(row, "photo_id")?) },
        quantity: unsigned(row, "quantity")?,
    })
}

async fn set_item(tx: &mut AnyConnection, cart: CartId, item: &NewItem) -> Result<(), StoreError> {
    let photo = item.photo_id.map_or_else(String::new, |photo| photo.to_string());
    let query = if item.quantity == 0 {
        sqlx::query("DELETE FROM cart_items WHERE cart_id = $1 AND price_id = $2 AND photo_id = $3")
            .bind(cart.to_string())
            .bind(item.price_id.to_string())
            .bind(photo)
    } else {
        sqlx::query(
            "INSERT INTO cart_items (cart_id, price_id, photo_id, quantity, id) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (cart_id, price_id, photo_id) DO UPDATE SET quantity = excluded.quantity",
        )
        .bind(cart.to_string())
        .bind(item.price_id.to_string())
        .bind(photo)
        .bind(i64::from(item.quantity))
        .bind(LineId::generate().to_string())
    };
    query.execute(tx).await?;
    Ok(())
}

/// The cart, held to be changed; otherwise why it cannot be.
async fn open(
    tx: &mut AnyConnection,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<Result<CartRow, ItemsSet>, StoreError> {
    hold(tx, token_hash, now).await?;
    Ok(match cart(tx, token_hash).await? {
        None => Err(ItemsSet::NoCart),
        Some((cart, _)) if cart.order.is_some() => Err(ItemsSet::Ordered),
        Some((cart, _)) => Ok(cart),
    })
}

/// Notes that the cart is used. Whoever else wants to change it waits from here to the end of the transaction,
/// also in a database with several writers.
pub(super) async fn hold(
    tx: &mut AnyConnection,
    token_hash: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query("UPDATE carts SET used_at = $2 WHERE token_hash = $1")
        .bind(token_hash)
        .bind(micros(now))
        .execute(tx)
        .await?;
    Ok(())
}
