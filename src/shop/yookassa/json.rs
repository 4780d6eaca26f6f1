//! The objects of YooKassa's interface, as far as they are used: <https://yookassa.ru/developers/api>.

use serde::{Deserialize, Serialize};

use crate::domain::{Line, Money, Order, OrderId};

/// Characters of a description.
const DESCRIPTION: usize = 128;
/// Characters of one of their ids.
const ID: usize = 64;

#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Amount {
    /// `1234.50`
    value: String,
    currency: String,
}

impl Amount {
    fn of(money: Money) -> Self {
        Self { value: money.decimal(), currency: money.currency().to_string() }
    }

    /// `None` for what is no money that we know.
    pub fn money(&self) -> Option<Money> {
        Money::from_decimal(&self.value, self.currency.parse().ok()?).ok()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    WaitingForCapture,
    Succeeded,
    Canceled,
    #[serde(other)]
    Other,
}

#[derive(Debug, Default, Deserialize)]
pub struct Failure {
    #[serde(default)]
    pub code: String,
    #[serde(default)]
    pub parameter: String,
}

#[derive(Debug, Deserialize)]
pub struct Confirmation {
    pub confirmation_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Metadata {
    order_id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct TheirPayment {
    pub id: String,
    pub status: Status,
    pub amount: Amount,
    refunded_amount: Option<Amount>,
    pub confirmation: Option<Confirmation>,
    #[serde(default)]
    metadata: Metadata,
}

impl TheirPayment {
    /// The order of ours that it is for.
    pub fn order(&self) -> Option<OrderId> {
        self.metadata.order_id.as_deref()?.parse().ok()
    }

    /// How much of it has been given back.
    pub fn returned(&self) -> Option<Money> {
        self.refunded_amount.as_ref()?.money()
    }

    pub fn is_returned(&self) -> bool {
        self.returned().is_some_and(|returned| Some(returned) == self.amount.money())
    }

    /// How much of it has not been given back.
    pub fn rest(&self) -> Option<Money> {
        let (whole, returned) = (self.amount.money()?, self.returned());
        let returned = returned.map_or(0, Money::amount);
        Money::new(whole.amount() - returned, whole.currency()).ok()
    }
}

#[derive(Debug, Deserialize)]
pub struct TheirRefund {
    pub id: String,
    pub payment_id: String,
    pub status: Status,
}

/// Something happened; what, is asked for.
#[derive(Debug, Deserialize)]
pub struct Notification {
    pub event: String,
    pub object: Named,
}

#[derive(Debug, Deserialize)]
pub struct Named {
    pub id: String,
}

impl Notification {
    /// Whether the id can be one of theirs: it becomes a part of an address.
    pub fn is_sound(&self) -> bool {
        let id = &self.object.id;
        (1..=ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    }
}

#[derive(Debug, Serialize)]
pub struct NewPayment {
    amount: Amount,
    /// Paid is paid: nothing is held and captured later.
    capture: bool,
    confirmation: Redirect,
    description: String,
    metadata: OrderRef,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
}

#[derive(Debug, Serialize)]
struct Redirect {
    r#type: &'static str,
    return_url: String,
    locale: &'static str,
}

#[derive(Debug, Serialize)]
struct OrderRef {
    order_id: String,
}

impl NewPayment {
    pub fn of(order: &Order, return_url: String, receipt: Option<Receipt>) -> Self {
        let locale = match order.buyer.language {
            crate::domain::Language::Russian => "ru_RU",
            crate::domain::Language::German => "de_DE",
            crate::domain::Language::English => "en_US",
        };
        Self {
            amount: Amount::of(order.total),
            capture: true,
            confirmation: Redirect { r#type: "redirect", return_url, locale },
            description: cut(&format!("{} {}", order.studio_name, order.number)),
            metadata: OrderRef { order_id: order.id.to_string() },
            receipt,
        }
    }
}

#[derive(Debug, Serialize)]
pub struct NewRefund {
    payment_id: String,
    amount: Amount,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt>,
}

impl NewRefund {
    pub fn of(payment: &str, amount: Money, receipt: Option<Receipt>) -> Self {
        Self { payment_id: payment.to_owned(), amount: Amount::of(amount), receipt }
    }
}

/// For the tax office, sent to the buyer by YooKassa.
#[derive(Debug, Serialize)]
pub struct Receipt {
    customer: Customer,
    items: Vec<Item>,
}

#[derive(Debug, Serialize)]
struct Customer {
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
}

#[derive(Debug, Serialize)]
struct Item {
    description: String,
    quantity: String,
    /// Of one piece.
    amount: Amount,
    vat_code: u8,
    payment_mode: &'static str,
    payment_subject: &'static str,
}

impl Receipt {
    /// Its items come to the order's total: a discount and a tax on top are spread over them. `vat_code` is the
    /// account's; an order whose studio says its rate has that one's.
    pub fn of(order: &Order, vat_code: u8) -> Self {
        let vat_code = order.tax.and_then(|line| code_of(line.tax.rate)).unwrap_or(vat_code);
        let language = order.buyer.language;
        let item = |description: &str, quantity: u32, amount: Money, subject| Item {
            description: cut(description),
            quantity: format!("{quantity}.00"),
            amount: Amount::of(amount),
            vat_code,
            payment_mode: "full_payment",
            payment_subject: subject,
        };
        let amounts: Vec<i64> = order.lines.iter().map(|line| line.amount.amount()).collect();
        let discount = order.discount.as_ref().map_or(0, |discount| discount.amount.amount());
        let mut amounts = spread(&amounts, amounts.iter().sum::<i64>() - discount);
        amounts.extend(order.shipping.as_ref().map(|shipping| shipping.amount.amount()));
        let amounts = spread(&amounts, order.total.amount());
        let money = |amount: i64| Money::new(amount, order.total.currency()).ok().filter(|_| amount > 0);
        let mut items = Vec::new();
        for (line, amount) in order.lines.iter().zip(&amounts) {
            let Some(amount) = money(*amount) else { continue };
            let name = line.name.of(language);
            let name = line.size.as_ref().map_or_else(|| name.to_owned(), |size| format!("{name}, {size}"));
            // What is in a package makes it one or the other.
            let within = |part: &Line| part.id == line.id || part.package == Some(line.price_id);
            let is_made = order.lines.iter().any(|part| within(part) && part.kind.is_made());
            let subject = if is_made { "commodity" } else { "service" };
            items.push(match line.unit.checked_times(line.quantity) == Some(amount) {
                true => item(&name, line.quantity, line.unit, subject),
                // What is taken off cannot be divided by the pieces without a rest.
                false => item(&format!("{name} × {}", line.quantity), 1, amount, subject),
            });
        }
        if let Some(shipping) = &order.shipping
            && let Some(amount) = amounts.last().copied().and_then(money)
        {
            items.push(item(shipping.name.of(language), 1, amount, "service"));
        }
        let email = order.buyer.email.as_ref().map(|email| email.as_str().to_owned());
        Self { customer: Customer { email }, items }
    }
}

/// YooKassa's number for a rate of tax, in hundredths of a percent.
fn code_of(rate: u32) -> Option<u8> {
    [(0, 2), (1_000, 3), (2_000, 4), (500, 7), (700, 8), (2_200, 11)]
        .into_iter()
        .find_map(|(known, code)| (known == rate).then_some(code))
}

/// Makes amounts come to another sum, each in proportion. What rounding leaves goes to the next one, so that nothing is
/// lost.
fn spread(amounts: &[i64], sum: i64) -> Vec<i64> {
    let before: i128 = amounts.iter().map(|amount| i128::from(*amount)).sum();
    let (mut seen, mut given) = (0_i128, 0_i128);
    amounts
        .iter()
        .map(|amount| {
            seen += i128::from(*amount);
            let until = (seen * i128::from(sum)).checked_div(before).unwrap_or(0);
            let own = until - std::mem::replace(&mut given, until);
            i64::try_from(own).unwrap_or(i64::MAX)
        })
        .collect()
}

fn cut(text: &str) -> String {
    text.chars().take(DESCRIPTION).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::spread;

    proptest! {
        #[test]
        fn what_is_spread_comes_to_the_sum_and_nothing_grows_by_more_than_its_share(
            amounts in prop::collection::vec(0..=1_000_000_i64, 1..20),
            part in 0..=200_i64,
        ) {
            let before: i64 = amounts.iter().sum();
            prop_assume!(before > 0);
            let sum = before * part / 100;
            let after = spread(&amounts, sum);
            prop_assert_eq!(after.iter().sum::<i64>(), sum);
            for (amount, spread) in amounts.iter().zip(&after) {
                prop_assert!(*spread >= 0 && (*spread * before - *amount * sum).abs() <= before);
            }
        }
    }
}
