use chrono::Utc;
use futures::future::join_all;
use pixora::domain::Role;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    helpers::{TestApp, TestUser, assert_problem, start, start_with_payments},
    shop::{BUNDLE, DIGITAL, PRINT, TestCart, TestOrder, buyer},
    stripe_stand_in::{SECRET_KEY, StandIn, WEBHOOK_SECRET, charge, event, signature},
};

const WEBHOOK: &str = "/api/payments/stripe/webhook";

struct Shop {
    app: TestApp,
    stripe: StandIn,
    admin: TestUser,
}

async fn shop() -> Shop {
    let (stripe, url) = StandIn::start().await;
    let app = start_with_payments(&url, SECRET_KEY, WEBHOOK_SECRET).await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    Shop { app, stripe, admin }
}

async fn notify_signed(app: &TestApp, body: &str, header: &str) -> Response {
    let request =
        app.request(Method::POST, WEBHOOK).header("content-type", "application/json; charset=utf-8");
    request.header("stripe-signature", header).body(body.to_owned()).send().await.expect("answers")
}

impl Shop {
    /// A placed order that is to be paid online: a file and two prints, or a bundle.
    async fn order(&self, with_prints: bool) -> (TestOrder, Value) {
        let session = self.app.session().await;
        let cart = self.app.cart(session).await;
        let total = if with_prints {
            let photo = self.app.photo(session, "a.jpg").await.id;
            let items = json!([{ "price_id": cart.prices.print, "photo_id": photo, "quantity": 2 },
                               { "price_id": cart.prices.digital, "photo_id": photo, "quantity": 1 }]);
            self.app.put(&cart, items).await;
            2 * PRINT + DIGITAL
        } else {
            let items = json!([{ "price_id": cart.prices.bundle, "photo_id": null, "quantity": 1 }]);
            self.app.put(&cart, items).await;
            BUNDLE
        };
        let answer = self.checkout(&cart, total).await;
        let url = answer["order_url"].as_str().expect("a link");
        let id = answer["order"]["id"].as_str().expect("an id").to_owned();
        let key = url.split_once("key=").expect("a key").1.to_owned();
        (TestOrder { id, key, json: answer["order"].clone() }, answer)
    }

    async fn checkout(&self, cart: &TestCart, total: i64) -> Value {
        let mut body = buyer(total);
        body["payment"] = json!("stripe");
        let answer = self.app.checkout(cart, &body).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        answer.json().await.expect("JSON")
    }

    /// Tells an event as Stripe does.
    async fn notify(&self, event: &Value) {
        let body = event.to_string();
        let answer =
            notify_signed(&self.app, &body, &signature(&body, WEBHOOK_SECRET, Utc::now().timestamp())).await;
        assert_eq!(answer.status(), StatusCode::OK, "{event}");
    }

    async fn status(&self, order: &TestOrder) -> String {
        self.app.get_json(&order.path("")).await["status"].as_str().expect("a status").to_owned()
    }

    /// The log as `from>to`, with the note where nothing moved.
    async fn log(&self, order: &TestOrder) -> Vec<String> {
        let path = format!("/api/shop/orders/{}/events", order.id);
        let log = self.app.get_as(&self.admin, &path).await;
        let line = |event: &Value| {
            let [from, to, note] =
                ["from", "to", "note"].map(|name| event[name].as_str().unwrap_or_default());
            if from == to { note.to_owned() } else { format!("{from}>{to}") }
        };
        log["events"].as_array().expect("events").iter().map(line).collect()
    }
}

#[tokio::test]
async fn an_order_is_paid_on_a_page_of_the_providers_that_asks_for_exactly_its_total() {
    let shop = shop().await;
    assert_eq!(
        shop.app.get_json("/api/payments").await,
        json!({ "methods": ["manual", "stripe"], "mail": true })
    );
    let (order, answer) = shop.order(true).await;
    let session = &shop.stripe.sessions()[0];
    assert_eq!(shop.stripe.refused(), Vec::<String>::new());
    assert_eq!(answer["payment_url"], session["url"]);
    assert_eq!(answer["order"]["payment_url"], session["url"]);
    assert_eq!(session["amount_total"], 2 * PRINT + DIGITAL);
    assert_eq!(session["currency"], "rub");
    assert_eq!(session["client_reference_id"], order.id.as_str());
    assert_eq!(session["customer_email"], "anna@mail.example");
    let back = format!("https://photos.example/order/{}?key={}", order.id, order.key);
    assert_eq!(session["success_url"], format!("{back}&payment=done"));
    assert_eq!(session["cancel_url"], format!("{back}&payment=cancelled"));

    let id = session["id"].as_str().unwrap();
    let session = shop.stripe.change(id, "complete", "paid");
    shop.notify(&event("evt_1", "checkout.session.completed", &session)).await;
    assert_eq!(shop.status(&order).await, "paid", "prints are still to be made");
    let shown = shop.app.get_json(&order.path("")).await;
    assert_eq!(shown["payment_url"], Value::Null);
    assert!(shown["paid_at"].is_string());
    assert_eq!(shop.log(&order).await, ["draft>placed", "placed>paid"]);
    // What is only files is ready with that.
    let (order, _) = shop.order(false).await;
    let session = shop.stripe.change("cs_test_0002", "complete", "paid");
    shop.notify(&event("evt_2", "checkout.session.completed", &session)).await;
    assert_eq!(shop.log(&order).await, ["draft>placed", "placed>paid", "paid>fulfilled"]);
}

#[tokio::test]
async fn paying_begun_again_leads_to_the_same_page_until_it_has_run_out() {
    let shop = shop().await;
    let (order, answer) = shop.order(false).await;
    let pay = async || shop.app.request(Method::POST, &order.path("/pay")).send().await.unwrap();
    let again: Value = pay().await.json().await.unwrap();
    assert_eq!(again["payment_url"], answer["payment_url"]);
    assert_eq!(shop.stripe.sessions().len(), 1, "one order has one open page, so it is not paid twice");
    shop.stripe.change("cs_test_0001", "expired", "unpaid");
    let next: Value = pay().await.json().await.unwrap();
    assert_eq!(next["payment_url"], "https://checkout.stripe.example/c/pay/cs_test_0002");
    assert_eq!(shop.stripe.sessions().len(), 2);
    // Paid, and not yet reported.
    shop.stripe.change("cs_test_0002", "complete", "paid");
    assert_problem(pay().await, 409, "order_not_payable").await;
    assert_eq!(shop.stripe.refused(), Vec::<String>::new());
    // The studio has changed to another account, which knows nothing of the page.
    shop.stripe.forget();
    assert_eq!(pay().await.status(), 200);
    assert_eq!(shop.stripe.sessions().len(), 1);
}

#[tokio::test]
async fn an_order_stands_while_the_provider_is_away() {
    let shop = shop().await;
    shop.stripe.set_away(true);
    let (order, answer) = shop.order(false).await;
    assert_eq!((&answer["payment_url"], &answer["order"]["status"]), (&Value::Null, &json!("placed")));
    let pay = async || shop.app.request(Method::POST, &order.path("/pay")).send().await.unwrap();
    let problem = pay().await;
    assert_eq!(problem.status().as_u16() / 100, 5);
    let problem = problem.text().await.unwrap();
    assert!(problem.contains("payment_provider_unavailable") && !problem.contains("sk_test"), "{problem}");
    shop.stripe.set_away(false);
    let page: Value = pay().await.json().await.unwrap();
    assert!(page["payment_url"].is_string(), "{page}");
    // Many clicks at once are one page.
    let (other, _) = shop.order(false).await;
    let path = other.path("/pay");
    let clicks = join_all((0..5).map(|_| shop.app.request(Method::POST, &path).send())).await;
    let mut urls = std::collections::BTreeSet::new();
    for click in clicks {
        urls.insert(click.unwrap().json::<Value>().await.unwrap()["payment_url"].to_string());
    }
    assert_eq!(urls.len(), 1);
}

#[tokio::test]
async fn only_messages_that_the_provider_signed_just_now_are_heard() {
    let shop = shop().await;
    let (order, _) = shop.order(false).await;
    let session = shop.stripe.change("cs_test_0001", "complete", "paid");
    let body = event("evt_1", "checkout.session.completed", &session).to_string();
    let now = Utc::now().timestamp();
    let good = signature(&body, WEBHOOK_SECRET, now);
    for header in [
        String::new(),
        "t=1,v1=".into(),
        signature(&body, "whsec_another", now),
        signature(&body, SECRET_KEY, now),
        signature(&body, WEBHOOK_SECRET, now - 301),
        signature(&body, WEBHOOK_SECRET, now + 360),
        signature(&format!("{body} "), WEBHOOK_SECRET, now),
        good.replace("v1=", "v0="),
    ] {
        assert_problem(notify_signed(&shop.app, &body, &header).await, 400, "webhook_signature_invalid")
            .await;
    }
    let without = shop.app.request(Method::POST, WEBHOOK).body(body.clone()).send().await.unwrap();
    assert_problem(without, 400, "webhook_signature_invalid").await;
    assert_eq!(shop.status(&order).await, "placed");
    // While a secret is replaced there are two.
    let two = format!("{},{}", signature(&body, "whsec_old", now), good.split_once(',').unwrap().1);
    assert_eq!(notify_signed(&shop.app, &body, &two).await.status(), 200);
    assert_eq!(shop.status(&order).await, "fulfilled");
    // Signed, and still nothing that could be read.
    for body in
        ["", "{}", "[1]", r#"{"id":"evt_9","type":"checkout.session.completed","data":{"object":{}}}"#]
    {
        let header = signature(body, WEBHOOK_SECRET, now);
        assert_problem(notify_signed(&shop.app, body, &header).await, 422, "malformed_body").await;
    }
    // Where nobody takes payments there is nothing.
    let plain = start().await;
    assert_problem(notify_signed(&plain, &body, &good).await, 404, "not_found").await;
}

#[tokio::test]
async fn a_message_that_comes_again_changes_nothing() {
    let shop = shop().await;
    let (order, _) = shop.order(false).await;
    let session = shop.stripe.change("cs_test_0001", "complete", "paid");
    let first = event("evt_1", "checkout.session.completed", &session);
    let notified = (0..8).map(|_| shop.notify(&first));
    join_all(notified).await;
    // Stripe may say the same in another message.
    shop.notify(&event("evt_2", "checkout.session.async_payment_succeeded", &session)).await;
    assert_eq!(shop.log(&order).await, ["draft>placed", "placed>paid", "paid>fulfilled"]);
    let payments: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM shop_payments WHERE order_id = $1")
        .bind(order.id().to_string())
        .fetch_one(&mut shop.app.rows().await)
        .await
        .unwrap();
    assert_eq!(payments, 1);
}

#[tokio::test]
async fn a_bank_transfer_pays_when_it_has_arrived_and_not_before() {
    let shop = shop().await;
    let (order, _) = shop.order(false).await;
    let session = shop.stripe.change("cs_test_0001", "complete", "unpaid");
    shop.notify(&event("evt_1", "checkout.session.completed", &session)).await;
    assert_eq!(shop.status(&order).await, "placed");
    shop.notify(&event("evt_2", "checkout.session.async_payment_failed", &session)).await;
    assert_eq!(shop.status(&order).await, "placed");
    let session = shop.stripe.change("cs_test_0001", "complete", "paid");
    shop.notify(&event("evt_3", "checkout.session.async_payment_succeeded", &session)).await;
    assert_eq!(shop.status(&order).await, "fulfilled");
}

#[tokio::test]
async fn what_is_not_about_our_orders_is_taken_in_and_left_alone() {
    let shop = shop().await;
    let (order, _) = shop.order(false).await;
    let session = shop.stripe.change("cs_test_0001", "expired", "unpaid");
    let mut foreign = session.clone();
    foreign["client_reference_id"] = json!("an order of another shop");
    foreign["payment_status"] = json!("paid");
    let mut unknown = foreign.clone();
    unknown["client_reference_id"] = json!("0192f0c1-7a3b-7c4d-8e5f-001122334455");
    let mut bare = charge(&session, 1);
    bare["metadata"] = json!({});
    for (n, (kind, object)) in [
        ("checkout.session.expired", &session),
        ("customer.created", &json!({ "id": "cus_1" })),
        ("invoice.paid", &json!(null)),
        ("checkout.session.completed", &foreign),
        ("checkout.session.completed", &unknown),
        ("charge.refunded", &bare),
    ]
    .into_iter()
    .enumerate()
    {
        shop.notify(&event(&format!("evt_{n}"), kind, object)).await;
    }
    assert_eq!(shop.log(&order).await, ["draft>placed"]);
}

#[tokio::test]
async fn another_amount_or_currency_does_not_pay_and_the_studio_is_told() {
    let shop = shop().await;
    for (n, (amount, currency, words)) in [
        (json!(BUNDLE - 1), "rub", "4999.99 RUB"),
        (json!(BUNDLE * 100), "rub", "500000.00 RUB"),
        (json!(BUNDLE), "eur", "5000.00 EUR"),
        (json!(BUNDLE), "jpy", "500000 JPY"),
        (json!(-BUNDLE), "rub", "?"),
        (json!(BUNDLE), "xxx", "?"),
    ]
    .into_iter()
    .enumerate()
    {
        let (order, _) = shop.order(false).await;
        let id = format!("cs_test_{:04}", n + 1);
        let mut session = shop.stripe.change(&id, "complete", "paid");
        session["amount_total"] = amount;
        session["currency"] = json!(currency);
        shop.notify(&event(&format!("evt_{n}"), "checkout.session.completed", &session)).await;
        let log = shop.log(&order).await;
        assert_eq!(log.len(), 2, "{log:?}");
        assert!(log[1].contains(words) && log[1].contains(&id.replace("cs_", "pi_")), "{}", log[1]);
        assert_eq!(shop.status(&order).await, "placed");
        assert_eq!(shop.app.get_json(&order.path("")).await["archive_url"], Value::Null);
    }
}

#[tokio::test]
async fn a_refund_told_before_the_payment_still_ends_the_order() {
    let shop = shop().await;
    let (order, _) = shop.order(false).await;
    let session = shop.stripe.change("cs_test_0001", "complete", "paid");
    shop.notify(&event("evt_2", "charge.refunded", &charge(&session, BUNDLE))).await;
    assert_eq!(shop.status(&order).await, "placed");
    shop.notify(&event("evt_1", "checkout.session.completed", &session)).await;
    assert_eq!(
        shop.log(&order).await,
        ["draft>placed", "placed>paid", "paid>fulfilled", "fulfilled>refunded"]
    );
}

#[tokio::test]
async fn a_part_that_is_given_back_leaves_the_order_and_the_rest_ends_it_and_its_links() {
    let shop = shop().await;
    let (order, _) = shop.order(true).await;
    let session = shop.stripe.change("cs_test_0001", "complete", "paid");
    shop.notify(&event("evt_1", "checkout.session.completed", &session)).await;
    let archive = shop.app.get_json(&order.path("")).await["archive_url"].as_str().unwrap().to_owned();
    shop.notify(&event("evt_2", "charge.refunded", &charge(&session, 5_000))).await;
    assert_eq!(shop.status(&order).await, "paid");
    let log = shop.log(&order).await;
    assert!(log[2].contains("50.00 RUB"), "{log:?}");
    shop.notify(&event("evt_3", "charge.refunded", &charge(&session, 2 * PRINT + DIGITAL))).await;
    assert_eq!(shop.status(&order).await, "refunded");
    assert_problem(shop.app.get(&archive).await, 404, "link_invalid").await;
    shop.notify(&event("evt_4", "charge.refunded", &charge(&session, 2 * PRINT + DIGITAL))).await;
    assert_eq!(shop.log(&order).await.len(), 4);
}

#[tokio::test]
async fn money_for_a_cancelled_or_paid_order_is_shown_to_the_studio() {
    let shop = shop().await;
    let (order, _) = shop.order(false).await;
    let cancelled = shop.app.request(Method::POST, &order.path("/cancel")).send().await.unwrap();
    assert_eq!(cancelled.status(), 200);
    let session = shop.stripe.change("cs_test_0001", "complete", "paid");
    shop.notify(&event("evt_1", "checkout.session.completed", &session)).await;
    let log = shop.log(&order).await;
    assert!(log[2].contains("5000.00 RUB") && log[2].contains("cancelled"), "{log:?}");
    assert_eq!(shop.status(&order).await, "cancelled");
    shop.notify(&event("evt_2", "charge.refunded", &charge(&session, BUNDLE))).await;
    assert_eq!(shop.log(&order).await.len(), 4, "given back");

    let (order, _) = shop.order(false).await;
    assert_eq!(shop.app.step(&shop.admin, &order.id, "paid").await.status(), 200);
    let session = shop.stripe.change("cs_test_0002", "complete", "paid");
    shop.notify(&event("evt_3", "checkout.session.completed", &session)).await;
    let log = shop.log(&order).await;
    assert!(log.last().unwrap().contains("paid before"), "{log:?}");
    shop.notify(&event("evt_4", "charge.refunded", &charge(&session, BUNDLE))).await;
    assert_eq!(shop.status(&order).await, "fulfilled", "the other payment stands");
}

#[tokio::test]
async fn an_order_that_is_cancelled_cannot_be_paid_any_more() {
    let shop = shop().await;
    let (order, _) = shop.order(false).await;
    let cancel = async || shop.app.request(Method::POST, &order.path("/cancel")).send().await.unwrap();
    // Somebody has paid, and we have not heard of it.
    shop.stripe.change("cs_test_0001", "complete", "paid");
    assert_problem(cancel().await, 409, "order_being_paid").await;
    assert_problem(shop.app.step(&shop.admin, &order.id, "cancelled").await, 409, "order_being_paid").await;
    // Nobody knows whether somebody has paid.
    shop.stripe.change("cs_test_0001", "open", "unpaid");
    shop.stripe.set_away(true);
    assert_problem(cancel().await, 503, "payment_provider_unavailable").await;
    assert_eq!(shop.status(&order).await, "placed");
    shop.stripe.set_away(false);
    shop.stripe.refused();
    assert_eq!(cancel().await.status(), 200);
    assert_eq!(shop.stripe.sessions()[0]["status"], "expired");
    assert_eq!(shop.stripe.refused(), Vec::<String>::new());
    // A page that has run out by itself, and one that the account does not know.
    for forgotten in [false, true] {
        let (order, answer) = shop.order(false).await;
        let id = answer["payment_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        shop.stripe.change(&id, "expired", "unpaid");
        if forgotten {
            shop.stripe.forget();
        }
        let cancelled = shop.app.step(&shop.admin, &order.id, "cancelled").await;
        assert_eq!(cancelled.status(), 200);
    }
}

#[tokio::test]
async fn a_refund_is_asked_of_stripe_and_ends_the_order_when_stripe_says_so() {
    let shop = shop().await;
    let (order, _) = shop.order(false).await;
    let session = shop.stripe.change("cs_test_0001", "complete", "paid");
    shop.notify(&event("evt_1", "checkout.session.completed", &session)).await;
    let step = async || shop.app.step(&shop.admin, &order.id, "refunded").await;
    shop.stripe.set_away(true);
    assert_problem(step().await, 503, "payment_provider_unavailable").await;
    shop.stripe.set_away(false);
    shop.stripe.set_keeps(true);
    assert_problem(step().await, 409, "payment_provider_refused").await;
    shop.stripe.set_keeps(false);
    assert_eq!(shop.app.get_json(&order.path("")).await["refund_asked_at"], Value::Null);
    shop.stripe.refused();
    for _ in 0..2 {
        let asked: Value = step().await.json().await.unwrap();
        assert_eq!(asked["status"], "fulfilled");
        assert!(asked["refund_asked_at"].is_string(), "{asked}");
    }
    assert_eq!(shop.stripe.refunds(), ["pi_test_0001"], "once, however often it is asked for");
    let asked = shop.log(&order).await;
    assert_eq!(asked.len(), 4, "{asked:?}");
    assert!(asked[3].contains("5000.00 RUB") && asked[3].contains("pi_test_0001"), "{asked:?}");

    // It did not work, is asked for again, and works.
    let failed = json!({ "id": "re_test_1", "payment_intent": "pi_test_0001", "status": "failed",
                         "metadata": { "order_id": order.id } });
    shop.notify(&event("evt_2", "refund.failed", &failed)).await;
    assert_eq!(shop.app.get_json(&order.path("")).await["refund_asked_at"], Value::Null);
    assert!(shop.log(&order).await[4].contains("could not"));
    assert_eq!(step().await.status(), 200);
    shop.notify(&event("evt_3", "charge.refunded", &charge(&session, BUNDLE))).await;
    let shown = shop.app.get_json(&order.path("")).await;
    assert_eq!((&shown["status"], &shown["refund_asked_at"]), (&json!("refunded"), &Value::Null));
    assert_problem(step().await, 409, "order_transition_refused").await;
    assert_eq!(shop.stripe.refused(), Vec::<String>::new());
}

#[tokio::test]
async fn an_order_that_was_paid_by_hand_is_refunded_by_hand() {
    let shop = shop().await;
    let (order, _) = shop.order(false).await;
    for to in ["paid", "refunded"] {
        assert_eq!(shop.app.step(&shop.admin, &order.id, to).await.status(), 200);
    }
    assert_eq!((shop.status(&order).await.as_str(), shop.stripe.refunds()), ("refunded", vec![]));
}
