//! Mails to buyers. They contain no text that a buyer wrote: whoever orders in somebody else's name
//! must not be able to write to them through us.

use crate::domain::{Language, Mail, Money, Order, PaymentMethod, PriceId};

/// The order has been placed. `link` opens it; `instructions` say how to pay by hand.
pub fn placed(order: &Order, instructions: Option<&str>, link: &str) -> Option<Mail> {
    let (things, sums) = (things(order), sums(order));
    let pay = how_to_pay(order, instructions);
    let text = match order.buyer.language {
        Language::Russian => format!("Спасибо за заказ!\n\n{things}\n\n{sums}\n\n{pay}"),
        Language::English => format!("Thank you for your order!\n\n{things}\n\n{sums}\n\n{pay}"),
    };
    mail(order, &text, link)
}

fn how_to_pay(order: &Order, instructions: Option<&str>) -> String {
    let number = &order.number;
    let is_manual = order.payment == PaymentMethod::Manual;
    match (order.buyer.language, instructions.filter(|_| is_manual)) {
        (Language::Russian, _) if order.total.amount() == 0 => "Платить за заказ не нужно.".to_owned(),
        (Language::English, _) if order.total.amount() == 0 => "There is nothing to pay.".to_owned(),
        (Language::Russian, Some(how)) => format!("Как оплатить (в назначении укажите {number}):\n\n{how}"),
        (Language::English, Some(how)) => format!("How to pay (with the reference {number}):\n\n{how}"),
        (Language::Russian, None) if is_manual => "Как оплатить, вам сообщит студия.".to_owned(),
        (Language::English, None) if is_manual => "The studio will tell you how to pay.".to_owned(),
        (Language::Russian, None) => "Оплатить можно на странице заказа.".to_owned(),
        (Language::English, None) => "You can pay on the page of your order.".to_owned(),
    }
}

/// What the things come to, with what was taken off and what came on top.
fn sums(order: &Order) -> String {
    let mut lines: Vec<String> = sum_lines(order).into_iter().map(|[name, sum]| format!("{name}: {sum}")).collect();
    lines.extend(held_tax(order));
    lines.join("\n")
}

/// The steps from the sum of the lines to the total, which is the last one: a name and an amount each.
pub(super) fn sum_lines(order: &Order) -> Vec<[String; 2]> {
    let language = order.buyer.language;
    let word = |ru: &str, en: &str| match language {
        Language::Russian => ru.to_owned(),
        Language::English => en.to_owned(),
    };
    let added = order.tax.filter(|line| !line.tax.included);
    let mut lines = Vec::new();
    if order.discount.is_some() || order.shipping.is_some() || added.is_some() {
        lines.push([word("Сумма", "Subtotal"), amount(order.items(), language)]);
    }
    if let Some(discount) = &order.discount {
        let name = format!("{} {}", word("Промокод", "Promo code"), discount.word);
        lines.push([name, format!("−{}", amount(discount.amount, language))]);
    }
    if let Some(shipping) = &order.shipping {
        lines.push([shipping.name.of(language).to_owned(), amount(shipping.amount, language)]);
    }
    if let Some(line) = added {
        let tax = line.tax;
        lines.push([word(&format!("Налог {tax} %"), &format!("Tax {tax}%")), amount(line.amount, language)]);
    }
    lines.push([word("Итого", "Total"), amount(order.total, language)]);
    lines
}

/// The tax that the total holds already, if it is one of those.
pub(super) fn held_tax(order: &Order) -> Option<String> {
    let line = order.tax.filter(|line| line.tax.included)?;
    let (tax, sum) = (line.tax, amount(line.amount, order.buyer.language));
    Some(match order.buyer.language {
        Language::Russian => format!("В том числе налог {tax} %: {sum}"),
        Language::English => format!("Including tax {tax}%: {sum}"),
    })
}

/// The order has been paid.
pub fn paid(order: &Order, link: &str) -> Option<Mail> {
    let (files, prints) = (order.lines.iter().any(|line| line.kind.is_digital()), !order.is_digital());
    let text = match (order.buyer.language, files, prints) {
        (Language::Russian, true, false) => "Оплата получена. Фотографии можно скачать на странице заказа.",
        (Language::Russian, true, true) => {
            "Оплата получена. Файлы уже можно скачать на странице заказа. Когда будут готовы отпечатки, мы напишем."
        }
        (Language::Russian, false, _) => "Оплата получена. Когда заказ будет готов, мы напишем.",
        (Language::English, true, false) => {
            "Your payment has arrived. Download your photos from the page of your order."
        }
        (Language::English, true, true) => {
            "Your payment has arrived. Your files can be downloaded from the page of your order. We will write \
             again when the prints are ready."
        }
        (Language::English, false, _) => {
            "Your payment has arrived. We will write again when your order is ready."
        }
    };
    mail(order, text, link)
}

/// The order is ready. One without prints was ready when it was paid, and that mail said so.
pub fn ready(order: &Order, link: &str) -> Option<Mail> {
    if order.is_digital() {
        return None;
    }
    let text = match order.buyer.language {
        Language::Russian => "Ваш заказ готов. О получении договоритесь, пожалуйста, со студией.",
        Language::English => "Your order is ready. Please agree with the studio on how you get it.",
    };
    mail(order, text, link)
}

/// `None` when there is no address any more.
fn mail(order: &Order, text: &str, link: &str) -> Option<Mail> {
    let to = order.buyer.email.clone()?;
    let (number, studio, session) = (&order.number, &order.studio_name, &order.session_name);
    let (subject, ending) = match order.buyer.language {
        Language::Russian => (
            format!("Заказ {number}: {session}"),
            format!(
                "Ваш заказ {number}: {link}\nСохраните эту ссылку: она открывает заказ без пароля.\n\n{studio}"
            ),
        ),
        Language::English => (
            format!("Order {number}: {session}"),
            format!(
                "Your order {number}: {link}\nKeep this link: it opens the order without a password.\n\n{studio}"
            ),
        ),
    };
    Some(Mail { to, subject, body: format!("{text}\n\n{ending}\n") })
}

/// Lines of one price, however many photos there are of it.
pub(super) struct Group {
    pub name: String,
    pub quantity: u64,
    /// Of one piece.
    pub unit: Money,
    pub amount: Money,
}

/// The lines of an order by their price, in the order in which they come.
pub(super) fn grouped(order: &Order) -> Vec<Group> {
    let mut groups: Vec<(PriceId, Group)> = Vec::new();
    for line in &order.lines {
        let place = groups.iter().position(|(id, _)| *id == line.price_id).unwrap_or_else(|| {
            let size = line.size.as_ref().map_or_else(String::new, |size| format!(", {size}"));
            let name = format!("{}{size}", line.name.of(order.buyer.language));
            let amount = Money::zero(line.amount.currency());
            groups.push((line.price_id, Group { name, quantity: 0, unit: line.unit, amount }));
            groups.len() - 1
        });
        let (_, group) = &mut groups[place];
        group.quantity += u64::from(line.quantity);
        group.amount =
            group.amount.checked_add(line.amount).expect("the order's total, which is larger, could be counted");
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn things(order: &Order) -> String {
    let language = order.buyer.language;
    let thing = |group: Group| format!("{} × {}: {}", group.quantity, group.name, amount(group.amount, language));
    grouped(order).into_iter().map(thing).collect::<Vec<_>>().join("\n")
}

pub(super) fn amount(money: Money, language: Language) -> String {
    match language {
        Language::Russian => money.to_string().replace('.', ","),
        Language::English => money.to_string(),
    }
}
