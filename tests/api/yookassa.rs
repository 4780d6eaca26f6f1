//! Orders that are paid by YooKassa, with a stand-in for it.

use std::sync::Arc;

use pixora::{
    domain::Role,
    shop::{PaymentProvider, YooKassa, YooKassaAccount},
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    helpers::{TestApp, TestUser, assert_problem, start_with_provider},
    shop::{DIGITAL, PRINT, TestOrder, buyer},
    yookassa_stand_in::{SECRET_KEY, SHOP_ID, StandIn, notification},
};

struct Shop {
    app: TestApp,
    yookassa: StandIn,
    admin: TestUser,
}

async fn shop(vat_code: Option<u8>) -> Shop {
    let (yookassa, api_url) = StandIn::start().await;
    let account =
        YooKassaAccount { shop_id: SHOP_ID.into(), secret_key: SECRET_KEY.into(), api_url, vat_code };
    let provider: Arc<dyn PaymentProvider> =
        Arc::new(YooKassa::new(account).expect("there are certificates"));
    let app = start_with_provider(provider).await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    Shop { app, yookassa, admin }
}

impl Shop {
    /// A file and two prints.
    async fn order(&self) -> (TestOrder, Value) {
        let session = self.app.session().await;
        let cart = self.app.cart(session).await;
        let photo = self.app.photo(session, "a.jpg").await.id;
        let items = json!([{ "price_id": cart.prices.print, "photo_id": photo, "quantity": 2 },
                           { "price_id": cart.prices.digital, "photo_id": photo, "quantity": 1 }]);
        self.app.put(&cart, items).await;
        let mut body = buyer(2 * PRINT + DIGITAL);
        body["payment"] = json!("yookassa");
        let answer = self.app.checkout(&cart, &body).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let answer: Value = answer.json().await.expect("JSON");
        let url = answer["order_url"].as_str().expect("a link");
        let id = answer["order"]["id"].as_str().expect("an id").to_owned();
        let key = url.split_once("key=").expect("a key").1.to_owned();
        (TestOrder { id, key, json: answer["order"].clone() }, answer)
    }

    async fn send(&self, body: &str) -> Response {
        let request = self.app.request(Method::POST, "/api/payments/yookassa/webhook");
        let request = request.header("content-type", "application/json");
        request.body(body.to_owned()).send().await.expect("answers")
    }

    async fn notify(&self, event: &str, object: &Value) {
        let answer = self.send(&notification(event, object).to_string()).await;
        assert_eq!(answer.status(), StatusCode::OK, "{event} {object}");
    }

    async fn shown(&self, order: &TestOrder) -> Value {
        self.app.get_json(&order.path("")).await
    }

    fn payment(&self, nth: usize) -> (String, Value) {
        let payment = self.yookassa.payments()[nth].clone();
        (payment["id"].as_str().expect("an id").to_owned(), payment)
    }
}

#[tokio::test]
async fn an_order_is_paid_at_yookassa_and_its_money_goes_back_when_the_studio_asks() {
    let shop = shop(Some(1)).await;
    assert_eq!(
        shop.app.get_json("/api/payments").await,
        json!({ "methods": ["manual", "yookassa"], "mail": true })
    );
    let (order, answer) = shop.order().await;
    assert_eq!(shop.yookassa.refused(), Vec::<String>::new());
    let (id, payment) = shop.payment(0);
    assert_eq!(answer["payment_url"], payment["confirmation"]["confirmation_url"]);
    assert_eq!(payment["metadata"]["order_id"], order.id.as_str());
    assert_eq!(payment["receipt"]["items"].as_array().map(Vec::len), Some(2));
    shop.yookassa.change(&id, "succeeded");
    shop.notify("payment.succeeded", &payment).await;
    assert_eq!(shop.shown(&order).await["status"], "paid");
    shop.notify("payment.succeeded", &payment).await;

    let asked: Value = shop.app.step(&shop.admin, &order.id, "refunded").await.json().await.expect("JSON");
    assert_eq!(asked["status"], "paid", "until YooKassa says that the money is on its way");
    assert!(asked["refund_asked_at"].is_string(), "{asked}");
    let refund = shop.yookassa.refunds()[0].clone();
    assert_eq!(refund["amount"], payment["amount"]);
    shop.notify("refund.succeeded", &refund).await;
    let shown = shop.shown(&order).await;
    assert_eq!((&shown["status"], &shown["refund_asked_at"]), (&json!("refunded"), &Value::Null));
    shop.notify("refund.succeeded", &refund).await;
    let log = shop.app.get_as(&shop.admin, &format!("/api/shop/orders/{}/events", order.id)).await;
    assert_eq!(log["events"].as_array().map(Vec::len), Some(4), "{log}");
    assert_eq!(shop.yookassa.refused(), Vec::<String>::new());
}

#[tokio::test]
async fn nothing_in_a_message_is_believed_before_yookassa_was_asked() {
    let shop = shop(None).await;
    let (order, _) = shop.order().await;
    let (id, payment) = shop.payment(0);
    // It is pending still, whatever the message says of itself.
    let mut lie = payment.clone();
    lie["status"] = json!("succeeded");
    let send = async |body: Value| shop.send(&body.to_string()).await;
    assert_problem(send(notification("payment.succeeded", &lie)).await, 400, "webhook_signature_invalid")
        .await;
    let unknown = json!({ "id": "22222222-000f-5000-9000-145f6df21d6f" });
    for event in ["payment.succeeded", "refund.succeeded"] {
        assert_problem(send(notification(event, &unknown)).await, 400, "webhook_signature_invalid").await;
    }
    for id in ["", "../payments", "a/b", "a?b", &"1".repeat(65)] {
        let lie = notification("payment.succeeded", &json!({ "id": id }));
        assert_problem(send(lie).await, 422, "malformed_body").await;
    }
    assert_problem(shop.send("{}").await, 422, "malformed_body").await;
    shop.notify("payment.canceled", &payment).await;
    assert_eq!(shop.shown(&order).await["status"], "placed");
    // Without an answer from YooKassa the message has to come again.
    shop.yookassa.change(&id, "succeeded");
    shop.yookassa.set_away(true);
    assert_problem(
        send(notification("payment.succeeded", &payment)).await,
        503,
        "payment_provider_unavailable",
    )
    .await;
    shop.yookassa.set_away(false);
    shop.notify("payment.succeeded", &payment).await;
    assert_eq!(shop.shown(&order).await["status"], "paid");
}

#[tokio::test]
async fn a_payment_that_was_given_up_makes_room_for_another_and_an_order_being_paid_is_not_cancelled() {
    let shop = shop(None).await;
    let (order, answer) = shop.order().await;
    let pay = async || shop.app.request(Method::POST, &order.path("/pay")).send().await.expect("answers");
    let again: Value = pay().await.json().await.expect("JSON");
    assert_eq!(again["payment_url"], answer["payment_url"]);
    shop.yookassa.change(&shop.payment(0).0, "canceled");
    let next: Value = pay().await.json().await.expect("JSON");
    assert_ne!(next["payment_url"], answer["payment_url"]);
    assert_eq!(shop.yookassa.payments().len(), 2);

    let cancel =
        async || shop.app.request(Method::POST, &order.path("/cancel")).send().await.expect("answers");
    shop.yookassa.change(&shop.payment(1).0, "succeeded");
    assert_problem(cancel().await, 409, "order_being_paid").await;
    shop.yookassa.change(&shop.payment(1).0, "pending");
    assert_eq!(cancel().await.status(), StatusCode::OK);
}

#[tokio::test]
async fn only_roubles_are_charged() {
    let shop = shop(None).await;
    let session = shop.app.session().await;
    let studio = shop.app.studio().await;
    let prices = &shop.app.app.shop.prices;
    prices.set(studio, "EUR", crate::shop::price_list(), chrono::Utc::now()).await.expect("is sound");
    let cart = shop.app.cart(session).await;
    let items = json!([{ "price_id": cart.prices.bundle, "photo_id": null, "quantity": 1 }]);
    shop.app.put(&cart, items).await;
    let mut body = buyer(crate::shop::BUNDLE);
    body["payment"] = json!("yookassa");
    assert_problem(shop.app.checkout(&cart, &body).await, 422, "payment_method_unavailable").await;
    assert_eq!(shop.yookassa.payments(), Vec::<Value>::new());
}

/// The stand-in refuses a receipt that does not come to the amount.
#[tokio::test]
async fn a_receipt_comes_to_the_amount_with_a_discount_delivery_and_a_tax() {
    let shop = shop(Some(1)).await;
    let (app, admin) = (&shop.app, &shop.admin);
    let studio = app.studio().await;
    app.sells(studio).await;
    let way = json!({ "name": { "ru": "Почта", "en": "Post" }, "amount": 35_000, "needs_address": false, "active": true });
    let settings = json!({ "payment_instructions": null, "seller": null,
        "tax": { "rate": 2_000, "included": false }, "shipping": [way] });
    let path = format!("/api/studios/{studio}/shop-settings");
    let set: Value = app.send_as(admin, Method::PUT, &path, settings).await.json().await.unwrap();
    let promo = json!({ "code": "SEVEN", "percent": 7, "active": true });
    let path = format!("/api/studios/{studio}/promo-codes");
    assert_eq!(app.send_as(admin, Method::POST, &path, promo).await.status(), StatusCode::CREATED);
    let session = app.session().await;
    let cart = app.cart(session).await;
    let photo = app.photo(session, "a.jpg").await.id;
    let items = json!([{ "price_id": cart.prices.print, "photo_id": photo, "quantity": 3 },
                       { "price_id": cart.prices.digital, "photo_id": photo, "quantity": 1 }]);
    app.put(&cart, items).await;
    let choice = json!({ "promo_code": "seven", "shipping_id": set["shipping"][0]["id"] });
    let request = app.request(Method::PATCH, &format!("/api/carts/{}", cart.token)).json(&choice);
    let chosen: Value = request.send().await.unwrap().json().await.unwrap();
    let mut body = buyer(chosen["total_amount"].as_i64().unwrap());
    body["payment"] = json!("yookassa");
    assert_eq!(app.checkout(&cart, &body).await.status(), StatusCode::CREATED);
    assert_eq!(shop.yookassa.refused(), Vec::<String>::new());
    let (_, payment) = shop.payment(0);
    let items = payment["receipt"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 3);
    assert!(items.iter().all(|item| item["vat_code"] == 4), "the rate of the studio: {items:?}");
    assert_eq!(items[2]["description"], "Post");
}

/// A line of nothing is none for the tax office.
#[tokio::test]
async fn a_receipt_names_a_package_and_nothing_that_is_in_it() {
    let shop = shop(Some(1)).await;
    let (app, admin) = (&shop.app, &shop.admin);
    let studio = app.studio().await;
    let package = json!({ "kind": "package", "size": null, "name": { "en": "Memories" }, "amount": 5_000, "active": true,
        "parts": [{ "kind": "print", "size": "A5", "quantity": 1 }, { "kind": "bundle", "quantity": 1 }] });
    let path = format!("/api/studios/{studio}/prices");
    let list = json!({ "currency": "RUB", "prices": [package] });
    let list: Value = app.send_as(admin, Method::PUT, &path, list).await.json().await.unwrap();
    let session = app.session().await;
    let cart = app.cart_of_any(session).await;
    let photo = app.photo(session, "a.jpg").await.id;
    let items = json!([{ "price_id": list["prices"][0]["id"], "photo_id": null, "quantity": 1 },
                       { "price_id": list["prices"][0]["parts"][0]["id"], "photo_id": photo, "quantity": 1 }]);
    app.put(&cart, items).await;
    let mut body = buyer(5_000);
    body["payment"] = json!("yookassa");
    assert_eq!(app.checkout(&cart, &body).await.status(), StatusCode::CREATED);
    assert_eq!(shop.yookassa.refused(), Vec::<String>::new());
    let (_, payment) = shop.payment(0);
    let items = payment["receipt"]["items"].as_array().unwrap();
    assert_eq!(items.len(), 1);
    assert_eq!(
        (&items[0]["description"], &items[0]["payment_subject"]),
        (&json!("Memories"), &json!("commodity"))
    );
}
