//! Mails to buyers. They contain no text that a buyer wrote: whoever orders in somebody else's name
//! must not be able to write to them through us.

use crate::{
    domain::{Language, Line, Mail, Money, Order, PaymentMethod, PriceId, PriceKind},
    words::{Named, Words},
};

/// What a mail to a buyer ends with.
pub struct Ending {
    /// Opens the order.
    pub link: String,
    /// How the studio is reached, a line each; empty where it has said nothing.
    pub contacts: Vec<String>,
}

/// The order has been placed. `instructions` say how to pay by hand.
pub fn placed(order: &Order, instructions: Option<&str>, ending: &Ending) -> Option<Mail> {
    let words = Words(order.buyer.language);
    let (things, sums, pay) = (things(order), sums(order), how_to_pay(order, instructions));
    let text = words.fill("mails.shop.placed", &[("things", &things), ("sums", &sums), ("pay", &pay)]);
    mail(order, &text, ending)
}

fn how_to_pay(order: &Order, instructions: Option<&str>) -> String {
    let words = Words(order.buyer.language);
    if order.total.amount() == 0 {
        return words.say("mails.shop.pay.nothing").to_owned();
    }
    match (order.payment, instructions) {
        (PaymentMethod::Manual, Some(how)) => {
            words.fill("mails.shop.pay.instructions", &[("number", &order.number), ("how", &how)])
        }
        (PaymentMethod::Manual, None) => words.say("mails.shop.pay.manual").to_owned(),
        (PaymentMethod::Stripe | PaymentMethod::Yookassa, _) => words.say("mails.shop.pay.online").to_owned(),
    }
}

/// What the things come to, with what was taken off and what came on top.
fn sums(order: &Order) -> String {
    let mut lines: Vec<String> =
        sum_lines(order).into_iter().map(|[name, sum]| format!("{name}: {sum}")).collect();
    lines.extend(held_tax(order));
    lines.join("\n")
}

/// The steps from the sum of the lines to the total, which is the last one: a name and an amount each.
pub(super) fn sum_lines(order: &Order) -> Vec<[String; 2]> {
    let language = order.buyer.language;
    let words = Words(language);
    let added = order.tax.filter(|line| !line.tax.included);
    let mut lines = Vec::new();
    if order.discount.is_some() || order.shipping.is_some() || added.is_some() {
        lines.push([words.say("mails.shop.sum.items").to_owned(), amount(order.items(), language)]);
    }
    if let Some(discount) = &order.discount {
        let name = words.fill("mails.shop.sum.promo", &[("code", &discount.word)]);
        lines.push([name, format!("−{}", amount(discount.amount, language))]);
    }
    if let Some(shipping) = &order.shipping {
        lines.push([shipping.name.of(language).to_owned(), amount(shipping.amount, language)]);
    }
    if let Some(line) = added {
        let name = words.fill("mails.shop.sum.tax", &[("percent", &line.tax)]);
        lines.push([name, amount(line.amount, language)]);
    }
    lines.push([words.say("mails.shop.sum.total").to_owned(), amount(order.total, language)]);
    lines
}

/// The tax that the total holds already, if it is one of those.
pub(super) fn held_tax(order: &Order) -> Option<String> {
    let line = order.tax.filter(|line| line.tax.included)?;
    let sum = amount(line.amount, order.buyer.language);
    let values: [Named; 2] = [("percent", &line.tax), ("amount", &sum)];
    Some(Words(order.buyer.language).fill("mails.shop.sum.tax_held", &values))
}

/// The order has been paid.
pub fn paid(order: &Order, ending: &Ending) -> Option<Mail> {
    let (files, prints) = (order.lines.iter().any(|line| line.kind.is_file()), !order.is_digital());
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

/// Lines of one price, however many photos there are of it.
pub(super) struct Group {
    pub name: String,
    pub quantity: u64,
    /// Of one piece.
    unit: Money,
    amount: Money,
    /// Something else that was bought has them.
    is_covered: bool,
}

impl Group {
    /// What one of them costs; nothing is said of what a package has.
    pub fn each(&self, language: Language) -> String {
        match self.is_covered && self.unit.amount() == 0 {
            true => String::new(),
            false => amount(self.unit, language),
        }
    }

    /// What they come to.
    pub fn cost(&self, language: Language) -> String {
        match self.is_covered && self.amount.amount() == 0 {
            true => Words(language).say("mails.shop.included").to_owned(),
            false => amount(self.amount, language),
        }
    }
}

/// The lines of an order by their price, in the order in which they come.
pub(super) fn grouped(order: &Order) -> Vec<Group> {
    let mut groups: Vec<(PriceId, Group)> = Vec::new();
    for line in &order.lines {
        let place = groups.iter().position(|(id, _)| *id == line.price_id).unwrap_or_else(|| {
            let name = line_name(line, order.buyer.language);
            let amount = Money::zero(line.amount.currency());
            let is_covered = line.covered || line.package.is_some();
            groups.push((line.price_id, Group { name, quantity: 0, unit: line.unit, amount, is_covered }));
            groups.len() - 1
        });
        let (_, group) = &mut groups[place];
        group.quantity += u64::from(line.quantity);
        let sum = group.amount.checked_add(line.amount);
        group.amount = sum.expect("the order's total, which is larger, could be counted");
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// What a line is called; of a part of a package, what it holds.
fn line_name(line: &Line, language: Language) -> String {
    let name = line.name.of(language);
    let size = line.size.as_ref().map_or_else(String::new, |size| format!(", {size}"));
    if line.package.is_none() {
        return format!("{name}{size}");
    }
    let part = match line.kind {
        PriceKind::Print => "mails.shop.part.print",
        PriceKind::Bundle => "mails.shop.part.bundle",
        PriceKind::Digital | PriceKind::Package => "mails.shop.part.digital",
    };
    Words(language).fill(part, &[("name", &name), ("size", &size)])
}

fn things(order: &Order) -> String {
    let language = order.buyer.language;
    let thing = |group: Group| format!("{} × {}: {}", group.quantity, group.name, group.cost(language));
    grouped(order).into_iter().map(thing).collect::<Vec<_>>().join("\n")
}

pub(super) fn amount(money: Money, language: Language) -> String {
    money.to_string().replace('.', Words(language).say("mails.decimal_mark"))
}
