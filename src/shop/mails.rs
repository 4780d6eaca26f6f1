//! Mails to buyers. They contain no text that a buyer wrote: whoever orders in somebody else's name
//! must not be able to write to them through us.

use crate::{
    domain::{Language, Mail, Money, Order, PaymentMethod, PriceId},
    words::{Named, Words},
};

/// The order has been placed. `link` opens it.
pub fn placed(order: &Order, link: &str) -> Option<Mail> {
    let words = Words(order.buyer.language);
    let pay = match order.payment {
        PaymentMethod::Manual => words.say("mails.shop.pay.manual"),
        PaymentMethod::Stripe | PaymentMethod::Yookassa => words.say("mails.shop.pay.online"),
    };
    let (things, total) = (things(order), amount(order.total, order.buyer.language));
    let text = words.fill("mails.shop.placed", &[("things", &things), ("total", &total), ("pay", &pay)]);
    mail(order, &text, link)
}

/// The order has been paid.
pub fn paid(order: &Order, link: &str) -> Option<Mail> {
    let (files, prints) = (order.lines.iter().any(|line| line.kind.is_digital()), !order.is_digital());
    let text = match (files, prints) {
        (true, false) => "mails.shop.paid.files",
        (true, true) => "mails.shop.paid.both",
        (false, _) => "mails.shop.paid.prints",
    };
    mail(order, Words(order.buyer.language).say(text), link)
}

/// The order is ready. One without prints was ready when it was paid, and that mail said so.
pub fn ready(order: &Order, link: &str) -> Option<Mail> {
    if order.is_digital() {
        return None;
    }
    mail(order, Words(order.buyer.language).say("mails.shop.ready"), link)
}

/// `None` when there is no address any more.
fn mail(order: &Order, text: &str, link: &str) -> Option<Mail> {
    let to = order.buyer.email.clone()?;
    let values: [Named; 5] = [
        ("text", &text),
        ("number", &order.number),
        ("session", &order.session_name),
        ("link", &link),
        ("studio", &order.studio_name),
    ];
    let words = Words(order.buyer.language);
    Some(Mail {
        to,
        subject: words.fill("mails.shop.subject", &values),
        body: words.fill("mails.shop.body", &values),
    })
}

/// One line for each price, however many photos there are of it.
fn things(order: &Order) -> String {
    let mut of_price: Vec<(PriceId, u64, Money)> = Vec::new();
    for line in &order.lines {
        let place = of_price.iter().position(|(id, ..)| *id == line.price_id).unwrap_or_else(|| {
            of_price.push((line.price_id, 0, Money::zero(line.amount.currency())));
            of_price.len() - 1
        });
        let (_, quantity, sum) = &mut of_price[place];
        *quantity += u64::from(line.quantity);
        *sum = sum.checked_add(line.amount).expect("the order's total, which is larger, could be counted");
    }
    let language = order.buyer.language;
    let thing = |(id, quantity, sum): (PriceId, u64, Money)| {
        let line = order.lines.iter().find(|line| line.price_id == id).expect("it is where the id is from");
        let size = line.size.as_ref().map_or_else(String::new, |size| format!(", {size}"));
        format!("{quantity} × {}{size}: {}", line.name.of(language), amount(sum, language))
    };
    of_price.into_iter().map(thing).collect::<Vec<_>>().join("\n")
}

fn amount(money: Money, language: Language) -> String {
    money.to_string().replace('.', Words(language).say("mails.decimal_mark"))
}
