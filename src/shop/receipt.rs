//! The words of a receipt: an order as its buyer keeps it, in the language of the buyer.

use chrono::{DateTime, Utc};

use super::{
    Orders,
    mails::{amount, grouped, held_tax, sum_lines},
};
use crate::{
    cards::ReceiptContent,
    domain::{Language, Order, ShopSettings},
    store::StoreError,
};

impl Orders {
    /// What stands on the receipt of an order, whatever has become of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn receipt(&self, order: &Order) -> Result<ReceiptContent, StoreError> {
        let settings = self.store.shop_settings().get(order.studio_id).await?;
        Ok(content(order, &settings))
    }
}

fn content(order: &Order, settings: &ShopSettings) -> ReceiptContent {
    let language = order.buyer.language;
    let pick = |ru: &str, en: &str| match language {
        Language::Russian => ru.to_owned(),
        Language::English => en.to_owned(),
    };
    let number = &order.number;
    let title = match order.paid_at {
        Some(_) => format!("{} {number}", pick("Квитанция", "Receipt")),
        None => format!("{} {number}", pick("Заказ", "Order")),
    };
    let mut seller = vec![order.studio_name.clone()];
    seller.extend(settings.seller.iter().flat_map(|seller| seller.lines()).map(ToOwned::to_owned));
    seller.dedup();
    let mut facts = vec![[pick("Номер заказа", "Order number"), number.clone()]];
    let placed = order.placed_at.unwrap_or(order.created_at);
    facts.push([pick("Оформлен", "Placed"), day(placed, language)]);
    if !order.buyer.name.is_empty() {
        facts.push([pick("Покупатель", "Buyer"), order.buyer.name.clone()]);
    }
    if !order.session_name.is_empty() {
        facts.push([pick("Съёмка", "Photo session"), order.session_name.clone()]);
    }
    let lines = grouped(order).into_iter().map(|group| {
        [
            group.name,
            group.quantity.to_string(),
            amount(group.unit, language),
            amount(group.amount, language),
        ]
    });
    ReceiptContent {
        title,
        seller,
        facts,
        head: [pick("Позиция", "Item"), pick("Штук", "Quantity"), pick("Цена", "Price"), pick("Сумма", "Amount")],
        lines: lines.collect(),
        sums: sum_lines(order),
        notes: notes(order, pick),
    }
}

/// What became of the money, and the tax that the total holds.
fn notes(order: &Order, pick: impl Fn(&str, &str) -> String) -> Vec<String> {
    let language = order.buyer.language;
    let at = |ru: &str, en: &str, moment: DateTime<Utc>| format!("{} {}", pick(ru, en), day(moment, language));
    let mut notes: Vec<String> = held_tax(order).into_iter().collect();
    match (order.paid_at, order.cancelled_at) {
        (Some(paid), _) => notes.push(at("Оплачено", "Paid on", paid)),
        (None, Some(cancelled)) => notes.push(at("Отменено", "Cancelled on", cancelled)),
        (None, None) => notes.push(pick("Ещё не оплачено", "Not paid yet")),
    }
    match (order.refunded_at, order.refund_asked_at) {
        (Some(refunded), _) => notes.push(at("Деньги возвращены", "Refunded on", refunded)),
        (None, Some(asked)) => notes.push(at("Возврат запрошен", "A refund was requested on", asked)),
        (None, None) => {}
    }
    notes
}

/// A day in UTC, as the times of the interface are.
fn day(moment: DateTime<Utc>, language: Language) -> String {
    let form = match language {
        Language::Russian => "%d.%m.%Y",
        Language::English => "%Y-%m-%d",
    };
    moment.format(form).to_string()
}
