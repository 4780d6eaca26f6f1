//! Mails to buyers. They contain no text that a buyer wrote: whoever orders in somebody else's name
//! must not be able to write to them through us.

use crate::domain::{Language, Mail, Money, Order, PaymentMethod, PriceId};

/// What a mail to a buyer ends with.
pub struct Ending {
    /// Opens the order.
    pub link: String,
    /// How the studio is reached, a line each; empty where it has said nothing.
    pub contacts: Vec<String>,
}

/// The order has been placed.
pub fn placed(order: &Order, ending: &Ending) -> Option<Mail> {
    let total = amount(order.total, order.buyer.language);
    let things = things(order);
    let text = match (order.buyer.language, order.payment) {
        (Language::Russian, method) => {
            let pay = match method {
                PaymentMethod::Manual => "Как оплатить, вам сообщит студия.",
                PaymentMethod::Stripe | PaymentMethod::Yookassa => "Оплатить можно на странице заказа.",
            };
            format!("Спасибо за заказ!\n\n{things}\n\nИтого: {total}\n\n{pay}")
        }
        (Language::English, method) => {
            let pay = match method {
                PaymentMethod::Manual => "The studio will tell you how to pay.",
                PaymentMethod::Stripe | PaymentMethod::Yookassa => "You can pay on the page of your order.",
            };
            format!("Thank you for your order!\n\n{things}\n\nTotal: {total}\n\n{pay}")
        }
    };
    mail(order, &text, ending)
}

/// The order has been paid.
pub fn paid(order: &Order, ending: &Ending) -> Option<Mail> {
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
    mail(order, text, ending)
}

/// The order is ready. One without prints was ready when it was paid, and that mail said so.
pub fn ready(order: &Order, ending: &Ending) -> Option<Mail> {
    if order.is_digital() {
        return None;
    }
    let text = match order.buyer.language {
        Language::Russian => "Ваш заказ готов. О получении договоритесь, пожалуйста, со студией.",
        Language::English => "Your order is ready. Please agree with the studio on how you get it.",
    };
    mail(order, text, ending)
}

/// `None` when there is no address any more.
fn mail(order: &Order, text: &str, Ending { link, contacts }: &Ending) -> Option<Mail> {
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
    let signature: String = contacts.iter().map(|line| format!("\n{line}")).collect();
    Some(Mail { to, subject, body: format!("{text}\n\n{ending}{signature}\n") })
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
