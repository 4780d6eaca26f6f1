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
    let language = order.buyer.language;
    let mut lines = Vec::new();
    if let Some(discount) = &order.discount {
        let (word, off) = (&discount.word, amount(discount.amount, language));
        lines.push(match language {
            Language::Russian => format!("Промокод {word}: −{off}"),
            Language::English => format!("Promo code {word}: −{off}"),
        });
    }
    if let Some(shipping) = &order.shipping {
        lines.push(format!("{}: {}", shipping.name.of(language), amount(shipping.amount, language)));
    }
    let total = amount(order.total, language);
    let tax = order.tax.map(|line| (line.tax, amount(line.amount, language)));
    match language {
        Language::Russian => {
            lines.extend(tax.iter().filter(|(tax, _)| !tax.included).map(|(tax, sum)| format!("Налог {tax} %: {sum}")));
            lines.push(format!("Итого: {total}"));
            lines.extend(tax.iter().filter(|(tax, _)| tax.included).map(|(tax, sum)| format!("В том числе налог {tax} %: {sum}")));
        }
        Language::English => {
            lines.extend(tax.iter().filter(|(tax, _)| !tax.included).map(|(tax, sum)| format!("Tax {tax}%: {sum}")));
            lines.push(format!("Total: {total}"));
            lines.extend(tax.iter().filter(|(tax, _)| tax.included).map(|(tax, sum)| format!("Including tax {tax}%: {sum}")));
        }
    }
    lines.join("\n")
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
    match language {
        Language::Russian => money.to_string().replace('.', ","),
        Language::English => money.to_string(),
    }
}
