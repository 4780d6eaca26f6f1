//! The words of a receipt: an order as its buyer keeps it, in the language of the buyer.

use chrono::{DateTime, Utc};

use super::{
    Orders,
    mails::{grouped, held_tax, sum_lines},
};
use crate::{
    cards::ReceiptContent,
    domain::{Order, ShopSettings, TimeZone},
    store::StoreError,
    words::Words,
};

impl Orders {
    /// What stands on the receipt of an order, whatever has become of it, with days on the clocks of `zone`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn receipt(&self, order: &Order, zone: Option<TimeZone>) -> Result<ReceiptContent, StoreError> {
        let settings = self.store.shop_settings().get(order.studio_id).await?;
        Ok(content(order, &settings, zone))
    }
}

fn content(order: &Order, settings: &ShopSettings, zone: Option<TimeZone>) -> ReceiptContent {
    let language = order.buyer.language;
    let words = Words(language);
    let say = |key: &str| words.say(key).to_owned();
    let title = match order.paid_at {
        Some(_) => words.fill("mails.shop.receipt.title", &[("number", &order.number)]),
        None => words.fill("mails.shop.receipt.order", &[("number", &order.number)]),
    };
    let mut seller = vec![order.studio_name.clone()];
    seller.extend(settings.seller.iter().flat_map(|seller| seller.lines()).map(ToOwned::to_owned));
    seller.dedup();
    let placed = order.placed_at.unwrap_or(order.created_at);
    let mut facts = vec![
        [say("mails.shop.receipt.number"), order.number.clone()],
        [say("mails.shop.receipt.placed"), day(words, placed, zone)],
    ];
    if !order.buyer.name.is_empty() {
        facts.push([say("mails.shop.receipt.buyer"), order.buyer.name.clone()]);
    }
    if !order.session_name.is_empty() {
        facts.push([say("mails.shop.receipt.session"), order.session_name.clone()]);
    }
    let lines = grouped(order).into_iter().map(|group| {
        let (each, cost) = (group.each(language), group.cost(language));
        [group.name, group.quantity.to_string(), each, cost]
    });
    ReceiptContent {
        title,
        seller,
        facts,
        head: [
            say("mails.shop.receipt.item"),
            say("mails.shop.receipt.quantity"),
            say("mails.shop.receipt.price"),
            say("mails.shop.receipt.amount"),
        ],
        lines: lines.collect(),
        sums: sum_lines(order),
        notes: notes(order, words, zone),
    }
}

/// What became of the money, and the tax that the total holds.
fn notes(order: &Order, words: Words, zone: Option<TimeZone>) -> Vec<String> {
    let at = |key: &str, moment| words.fill(key, &[("day", &day(words, moment, zone))]);
    let mut notes: Vec<String> = held_tax(order).into_iter().collect();
    notes.push(match (order.paid_at, order.cancelled_at) {
        (Some(paid), _) => at("mails.shop.receipt.paid", paid),
        (None, Some(cancelled)) => at("mails.shop.receipt.cancelled", cancelled),
        (None, None) => words.say("mails.shop.receipt.unpaid").to_owned(),
    });
    match (order.refunded_at, order.refund_asked_at) {
        (Some(refunded), _) => notes.push(at("mails.shop.receipt.refunded", refunded)),
        (None, Some(asked)) => notes.push(at("mails.shop.receipt.refund_asked", asked)),
        (None, None) => {}
    }
    notes
}

fn day(words: Words, at: DateTime<Utc>, zone: Option<TimeZone>) -> String {
    let clock = zone.map_or(at.naive_utc(), |zone| zone.clock(at));
    clock.format(words.say("mails.shop.receipt.day")).to_string()
}
