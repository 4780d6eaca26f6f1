//! The seam to those who take payments, with one that does what the test says.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use chrono::Utc;
use pixora::{
    domain::{Addresses, Language, Order, OrderActor, OrderStatus, PaymentMethod, PaymentPage},
    mail::Postbox,
    shop::{CheckoutBy, NewOrder, OrderError, PaymentError, PaymentProvider, Payments, Shop},
};
use serde_json::json;

use crate::{
    helpers::{TestApp, start},
    shop::BUNDLE,
};

#[derive(Default)]
struct FakeProvider {
    down: AtomicBool,
    begun: AtomicUsize,
}

#[async_trait]
impl PaymentProvider for FakeProvider {
    fn method(&self) -> PaymentMethod {
        PaymentMethod::Stripe
    }

    async fn begin(&self, order: &Order, return_url: &str) -> Result<Option<PaymentPage>, PaymentError> {
        if self.down.load(Ordering::SeqCst) {
            return Err(PaymentError::Unavailable("the test says so".into()));
        }
        assert!(
            return_url.starts_with(&format!("https://photos.example/order/{}?key=", order.id)),
            "{return_url}"
        );
        let n = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(Some(PaymentPage { url: format!("https://pay.example/{n}"), reference: format!("ref_{n}") }))
    }
}

/// A shop over the same rows that has the provider, and no mail server.
fn shop(app: &TestApp, provider: &Arc<FakeProvider>) -> Shop {
    let (store, links) = (app.app.store.clone(), app.app.links.clone());
    let payments = Payments::new(vec![provider.clone()]);
    Shop::new(store, links, Postbox::default(), Addresses::new("https://photos.example"), payments)
}

async fn ordered(app: &TestApp, shop: &Shop) -> Order {
    let session = app.session().await;
    let cart = app.cart(session).await;
    app.put(&cart, json!([{ "price_id": cart.prices.bundle, "photo_id": null, "quantity": 1 }])).await;
    let new = NewOrder {
        name: "Anna Example".into(),
        email: "anna@mail.example".into(),
        phone: None,
        note: None,
        address: None,
        language: Language::Russian,
        payment: PaymentMethod::Stripe,
        expected_total: BUNDLE,
    };
    let session = app.app.guests.open(session, &pixora::guests::Pass::none()).await.expect("is there");
    let by = CheckoutBy { token: &cart.token, address: [192, 0, 2, 1].into() };
    shop.orders.checkout(by, &session, new, None, Utc::now()).await.expect("is placed")
}

#[tokio::test]
async fn a_hosted_payment_is_begun_with_the_order_and_may_be_begun_again() {
    let app = start().await;
    let provider = Arc::new(FakeProvider::default());
    let shop = shop(&app, &provider);
    assert_eq!(shop.orders.payments().methods(), [PaymentMethod::Manual, PaymentMethod::Stripe]);
    let order = ordered(&app, &shop).await;
    let page = order.payment_page.clone().expect("is begun");
    assert_eq!((page.url.as_str(), page.reference.as_str()), ("https://pay.example/1", "ref_1"));
    assert_eq!(shop.orders.get(order.id).await.unwrap().unwrap().payment_page, Some(page));
    assert_eq!(shop.orders.pay(order.id).await.unwrap(), "https://pay.example/2");
    let key = app.app.links.sign("order", &order.id.to_string(), None);
    let shown = app.get_json(&format!("/api/shop/orders/{}?key={key}", order.id)).await;
    assert_eq!(shown["payment_url"], "https://pay.example/2");

    let pay = async |to, actor| shop.orders.transition(order.id, to, actor, None, Utc::now()).await;
    let paid = pay(OrderStatus::Paid, OrderActor::Provider).await.unwrap();
    assert_eq!(paid.status, OrderStatus::Fulfilled);
    assert!(matches!(shop.orders.pay(order.id).await, Err(OrderError::NotPayable)));
    let shown = app.get_json(&format!("/api/shop/orders/{}?key={key}", order.id)).await;
    assert_eq!(shown["payment_url"], json!(null), "what is paid is not paid again");
    // The provider's events come twice, and in any order.
    assert!(matches!(pay(OrderStatus::Paid, OrderActor::Provider).await, Err(OrderError::Refused(_))));
    assert!(matches!(pay(OrderStatus::Fulfilled, OrderActor::Provider).await, Err(OrderError::Refused(_))));
    assert_eq!(pay(OrderStatus::Refunded, OrderActor::Provider).await.unwrap().status, OrderStatus::Refunded);
    assert!(app.mails().await.is_empty(), "without a mail server nothing is queued");
}

#[tokio::test]
async fn an_order_outlives_a_provider_that_is_away() {
    let app = start().await;
    let provider = Arc::new(FakeProvider::default());
    let shop = shop(&app, &provider);
    provider.down.store(true, Ordering::SeqCst);
    let order = ordered(&app, &shop).await;
    assert_eq!((order.status, &order.payment_page), (OrderStatus::Placed, &None));
    assert!(matches!(shop.orders.pay(order.id).await, Err(OrderError::Payment(_))));
    provider.down.store(false, Ordering::SeqCst);
    assert_eq!(shop.orders.pay(order.id).await.unwrap(), "https://pay.example/1");
}
