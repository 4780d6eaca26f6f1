use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::domain::{
    Buyer, Currency, Line, LineId, Names, OrderId, PaymentMethod, PhotoSessionId, PriceId, PriceKind,
    StudioId,
};

fn money(amount: i64, currency: &str) -> Money {
    Money::new(amount, currency.parse::<Currency>().expect("is one")).expect("is not negative")
}

fn order(status: OrderStatus) -> Order {
    let now = Utc::now();
    let (unit, total) = (money(15_000, "RUB"), money(15_000, "RUB"));
    let line = Line {
        id: LineId::generate(),
        price_id: PriceId::generate(),
        kind: PriceKind::Digital,
        size: None,
        name: Names::new([(Language::English, "File".into())]).expect("is one"),
        package: None,
        photo_id: None,
        filename: None,
        quantity: 1,
        unit,
        amount: unit,
        covered: false,
    };
    Order {
        id: OrderId(Uuid::nil()),
        number: "2026-000001".into(),
        status,
        session_id: PhotoSessionId::generate(),
        session_name: "Anna & Ivan".into(),
        studio_id: StudioId::generate(),
        studio_name: "Studio".into(),
        photographer_id: None,
        buyer: Buyer {
            name: "Anna Example".into(),
            email: None,
            phone: None,
            note: None,
            language: Language::English,
        },
        payment: PaymentMethod::Stripe,
        payment_page: None,
        lines: vec![line],
        discount: None,
        shipping: None,
        tax: None,
        total,
        created_at: now,
        placed_at: Some(now),
        paid_at: None,
        fulfilled_at: None,
        cancelled_at: None,
        refunded_at: None,
        refund_asked_at: None,
    }
}

fn payment(reference: &str) -> Payment {
    Payment {
        reference: reference.into(),
        order: OrderId(Uuid::nil()),
        is_paid: false,
        amount: None,
        accepted: false,
        returned: false,
    }
}

const RIGHT: PaymentEvent = PaymentEvent::Returned { amount: None, whole: true };

fn paid(amount: i64, currency: &str) -> PaymentEvent {
    PaymentEvent::Paid(Some(money(amount, currency)))
}

/// The steps as words, remarks as `!`.
fn told(order: &mut Order, payment: &mut Payment, events: &[PaymentEvent]) -> Vec<String> {
    let mut steps = Vec::new();
    for event in events {
        for event in settle(order, payment, *event, Utc::now()).0 {
            steps.push(if event.from == event.to { "!".to_owned() } else { event.to.to_string() });
        }
    }
    steps
}

#[test]
fn only_the_orders_own_amount_in_its_own_currency_pays_it() {
    for (event, expected) in [
        (paid(15_000, "RUB"), vec!["paid", "fulfilled"]),
        (paid(14_999, "RUB"), vec!["!"]),
        (paid(15_001, "RUB"), vec!["!"]),
        (paid(15_000, "EUR"), vec!["!"]),
        (paid(0, "RUB"), vec!["!"]),
        (PaymentEvent::Paid(None), vec!["!"]),
    ] {
        let (mut order, mut payment) = (order(OrderStatus::Placed), payment("pi_1"));
        assert_eq!(told(&mut order, &mut payment, &[event]), expected, "{event:?}");
        assert_eq!(payment.accepted, expected.len() == 2);
    }
}

#[test]
fn a_refund_ends_the_order_before_and_after_the_payment() {
    for events in [[paid(15_000, "RUB"), RIGHT], [RIGHT, paid(15_000, "RUB")]] {
        let (mut order, mut payment) = (order(OrderStatus::Placed), payment("pi_1"));
        assert_eq!(told(&mut order, &mut payment, &events), ["paid", "fulfilled", "refunded"], "{events:?}");
        assert_eq!(order.status, OrderStatus::Refunded);
        // Whatever is said again, says nothing new.
        assert_eq!(told(&mut order, &mut payment, &[events, events].concat()), Vec::<String>::new());
    }
}

#[test]
fn money_for_an_order_that_does_not_want_it_is_remarked_and_moves_nothing() {
    for status in [OrderStatus::Cancelled, OrderStatus::Paid, OrderStatus::Fulfilled, OrderStatus::Refunded] {
        let (mut order, mut payment) = (order(status), payment("pi_2"));
        assert_eq!(told(&mut order, &mut payment, &[paid(15_000, "RUB")]), ["!"], "{status}");
        assert!(!payment.accepted && payment.is_paid);
        // Given back, that is remarked, and an order that others have paid stays paid.
        assert_eq!(told(&mut order, &mut payment, &[RIGHT]), ["!"], "{status}");
        assert_eq!(order.status, status);
    }
}

#[test]
fn a_part_that_is_given_back_is_remarked() {
    let (mut order, mut payment) = (order(OrderStatus::Placed), payment("pi_1"));
    let part = PaymentEvent::Returned { amount: Some(money(5_000, "RUB")), whole: false };
    assert_eq!(told(&mut order, &mut payment, &[paid(15_000, "RUB"), part]), ["paid", "fulfilled", "!"]);
    assert_eq!(order.status, OrderStatus::Fulfilled);
    let (events, _) = settle(&mut order, &mut payment, part, Utc::now());
    assert_eq!(events[0].note.as_deref(), Some("Part of the payment was given back: 50.00 RUB (pi_1)."));
}

#[test]
fn a_refund_that_failed_is_remarked_once_and_may_be_asked_for_again() {
    let (mut order, mut payment) = (order(OrderStatus::Placed), payment("pi_1"));
    told(&mut order, &mut payment, &[paid(15_000, "RUB")]);
    assert_eq!(told(&mut order, &mut payment, &[PaymentEvent::NotReturned]), Vec::<String>::new());
    order.refund_asked_at = Some(Utc::now());
    let twice = [PaymentEvent::NotReturned, PaymentEvent::NotReturned];
    assert_eq!(told(&mut order, &mut payment, &twice), ["!"]);
    assert_eq!((order.status, order.refund_asked_at), (OrderStatus::Fulfilled, None));
}

#[test]
fn whoever_is_refunded_at_once_gets_no_mail_that_it_is_paid() {
    let (mut order, mut payment) = (order(OrderStatus::Placed), payment("pi_1"));
    assert!(!settle(&mut order, &mut payment, RIGHT, Utc::now()).1);
    assert!(!settle(&mut order, &mut payment, paid(15_000, "RUB"), Utc::now()).1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Two payments of one order, their events in any order and any number of times.
    #[test]
    fn an_order_is_paid_once_and_refunded_only_with_what_paid_it(
        events in proptest::collection::vec((0..2_usize, 0..4_usize), 0..12),
    ) {
        let mut order = order(OrderStatus::Placed);
        let mut payments = [payment("pi_1"), payment("pi_2")];
        let mut steps = Vec::new();
        for (which, what) in events {
            let part = PaymentEvent::Returned { amount: Some(money(1, "RUB")), whole: false };
            let event = [paid(15_000, "RUB"), paid(1, "RUB"), RIGHT, part][what];
            steps.extend(told(&mut order, &mut payments[which], &[event]));
        }
        let count = |step: &str| steps.iter().filter(|it| *it == step).count();
        prop_assert!(count("paid") <= 1 && count("refunded") <= 1);
        prop_assert_eq!(payments.iter().filter(|payment| payment.accepted).count(), count("paid"));
        let returned = payments.iter().any(|payment| payment.accepted && payment.returned);
        prop_assert_eq!(order.status == OrderStatus::Refunded, returned);
    }
}
