//! Mails to buyers. They contain no text that a buyer wrote: whoever orders in somebody else's name
//! must not be able to write to them through us.

use crate::{
    domain::{Language, Mail, Money, Order, PaymentMethod, PriceId},
    words::{Named, Words},
};

/// What a mail to a buyer ends with.
pub struct Ending {
    /// Opens the order.
    pub link: String,
    /// How the studio is reached, a line each; empty where it has said nothing.
    pub contacts: Vec<String>,
}

/// The order has been placed.
pub fn placed(order: &Order, ending: &Ending) -> Option<Mail> {
    let words = Words(order.buyer.language);
    let pay = match order.payment {
        PaymentMethod::Manual => words.say("mails.shop.pay.manual"),
        PaymentMethod::Stripe | PaymentMethod::Yookassa => words.say("mails.shop.pay.online"),
    };
    let (things, total) = (things(order), amount(order.total, order.buyer.language));
    let text = words.fill("mails.shop.placed", &[("things", &things), ("total", &total), ("pay", &pay)]);
    mail(order, &text, ending)
}

/// The order has been paid.
pub fn paid(order: &Order, ending: &Ending) -> Option<Mail> {
    let (files, prints) = (order.lines.iter().any(|line| line.kind.is_digital()), !order.is_digital());
    let text = match (files, prints) {
        (true, false) => "mails.shop.paid.files",
        (true, true) => "mails.shop.paid.both",
        (false, _) => "mails.shop.paid.prints",
    };
    mail(order, Words(order.buyer.language).say(text), ending)
}

/// The order is ready. One without prints was ready when it was paid, and that mail said so.
pub fn ready(order: &Order, ending: &Ending) -> Option<Mail> {
    if order.is_digital() {
        return None;
    }
    mail(order, Words(order.buyer.language).say("mails.shop.ready"), ending)
}

/// `None` when there is no address any more.
fn mail(order: &Order, text: &str, Ending { link, contacts }: &Ending) -> Option<Mail> {
    let to = order.buyer.email.clone()?;
    let values: [Named; 5] = [
        ("text", &text),
        ("number", &order.number),
        ("session", &order.session_name),
        ("link", &link),
        ("studio", &order.studio_name),
    ];
    let words = Words(order.buyer.language);
    let (subject, body) = (words.fill("mails.shop.subject", &values), words.fill("mails.shop.body", &values));
    let signature: String = contacts.iter().map(|line| format!("\n{line}")).collect();
    Some(Mail { to, subject, body: format!("{}{signature}\n", body.trim_end()) })
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
