//! The objects of YooKassa's interface, as far as they are used: <https://yookassa.ru/developers/api>.

use serde::{Deserialize, Serialize};

use crate::domain::{Money, Order, OrderId};

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
    pub fn of(order: &Order, vat_code: u8) -> Self {
        let paid = order.lines.iter().filter(|line| !line.covered && line.unit.amount() > 0);
        let item = |line: &crate::domain::Line| Item {
            description: cut(&match &line.size {
                Some(size) => format!("{}, {size}", line.name.of(order.buyer.language)),
                None => line.name.of(order.buyer.language).to_owned(),
            }),
            quantity: format!("{}.00", line.quantity),
            amount: Amount::of(line.unit),
            vat_code,
            payment_mode: "full_payment",
            payment_subject: if line.kind.is_digital() { "service" } else { "commodity" },
        };
        let email = order.buyer.email.as_ref().map(|email| email.as_str().to_owned());
        Self { customer: Customer { email }, items: paid.map(item).collect() }
    }
}

fn cut(text: &str) -> String {
    text.chars().take(DESCRIPTION).collect()
}
