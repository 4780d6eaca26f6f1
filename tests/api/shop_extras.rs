//! What is counted beside the items of an order: payment by hand, tax, promo codes, delivery.

use chrono::{TimeDelta, Utc};
use futures::future::join_all;
use pixora::domain::{Role, StudioId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    helpers::{TestApp, TestUser, assert_problem, start},
    shop::{BUNDLE, PRINT, TestCart, buyer},
};

struct Studio {
    app: TestApp,
    id: StudioId,
    admin: TestUser,
}

async fn studio() -> Studio {
    let app = start().await;
    let id = app.studio().await;
    let admin = app.user(Role::Admin, &[id]).await;
    app.sells(id).await;
    Studio { app, id, admin }
}

impl Studio {
    async fn set(&self, settings: Value) -> Value {
        let path = format!("/api/studios/{}/shop-settings", self.id);
        let set = self.app.send_as(&self.admin, Method::PUT, &path, settings).await;
        assert_eq!(set.status(), StatusCode::OK);
        set.json().await.unwrap()
    }

    async fn promo(&self, changes: Value) -> Value {
        let mut new = json!({ "code": "Anna-10", "percent": 10, "active": true });
        new.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let path = format!("/api/studios/{}/promo-codes", self.id);
        let made = self.app.send_as(&self.admin, Method::POST, &path, new).await;
        assert_eq!(made.status(), StatusCode::CREATED);
        made.json().await.unwrap()
    }

    async fn uses(&self) -> u64 {
        let list = self.app.get_as(&self.admin, &format!("/api/studios/{}/promo-codes", self.id)).await;
        list["promo_codes"][0]["uses"].as_u64().unwrap()
    }

    /// With three copies of one print.
    async fn prints(&self) -> TestCart {
        let session = self.app.session().await;
        let photo = self.app.photo(session, "a.jpg").await.id;
        let cart = self.app.cart(session).await;
        self.app
            .put(&cart, json!([{ "price_id": cart.prices.print, "photo_id": photo, "quantity": 3 }]))
            .await;
        cart
    }

    /// With the whole session.
    async fn bundle(&self) -> TestCart {
        let session = self.app.session().await;
        let cart = self.app.cart(session).await;
        self.app
            .put(&cart, json!([{ "price_id": cart.prices.bundle, "photo_id": null, "quantity": 1 }]))
            .await;
        cart
    }

    async fn choose(&self, cart: &TestCart, choice: Value) -> reqwest::Response {
        let request = self.app.request(Method::PATCH, &format!("/api/carts/{}", cart.token));
        request.json(&choice).send().await.unwrap()
    }

    async fn chosen(&self, cart: &TestCart, choice: Value) -> Value {
        let answer = self.choose(cart, choice).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.unwrap()
    }
}

fn settings(changes: Value) -> Value {
    let mut all = json!({ "payment_instructions": null, "seller": null, "tax": null, "shipping": [] });
    all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    all
}

fn ways() -> Value {
    let way = |ru: &str, en: &str, amount, needs_address| json!({ "name": { "ru": ru, "en": en }, "amount": amount, "needs_address": needs_address, "active": true });
    json!([way("Самовывоз", "Pick-up", 0, false), way("Почта", "Post", 35_000, true)])
}

fn address() -> Value {
    json!({ "street": "Example street 1", "postal_code": "00000", "city": "Exampleton" })
}

#[tokio::test]
async fn settings_are_the_studio_s_and_what_is_wrong_changes_nothing() {
    let studio = studio().await;
    let (app, admin) = (&studio.app, &studio.admin);
    let path = format!("/api/studios/{}/shop-settings", studio.id);
    assert_eq!(app.get_as(admin, &path).await, settings(json!({})));
    let set = studio
        .set(settings(json!({
            "payment_instructions": "  Account 0000\r\nExample Bank  ", "seller": "Example Studio",
            "tax": { "rate": 1_900, "included": true }, "shipping": ways(),
        })))
        .await;
    assert_eq!(set["payment_instructions"], "Account 0000\nExample Bank");
    assert_eq!(app.get_as(admin, &path).await, set);
    for (pointer, value, field) in [
        ("/payment_instructions", json!("x".repeat(2_001)), "payment_instructions"),
        ("/payment_instructions", json!("a\u{0}b"), "payment_instructions"),
        ("/seller", json!("x".repeat(501)), "seller"),
        ("/tax/rate", json!(5_001), "tax"),
        ("/shipping/1/amount", json!(-1), "amount"),
        ("/shipping/1/amount", json!(1_000_000_001_i64), "amount"),
        ("/shipping/1/name/ru", json!(" "), "name"),
        ("/shipping/1/id", set["shipping"][0]["id"].clone(), "id"),
        ("/shipping/1/id", json!(StudioId::generate()), "id"),
        ("/shipping", json!(vec![ways()[0].clone(); 21]), "shipping"),
    ] {
        let mut wrong = set.clone();
        *wrong.pointer_mut(pointer).expect("is there") = value;
        let answer = app.send_as(admin, Method::PUT, &path, wrong).await;
        let problem = assert_problem(answer, 422, "invalid_shop_settings").await;
        assert_eq!(problem["field"], field, "{pointer}");
        assert_eq!(
            problem["index"],
            if pointer.contains("/1/") { json!(1) } else { json!(null) },
            "{pointer}"
        );
    }
    assert_eq!(app.get_as(admin, &path).await, set);
    let stranger = app.user(Role::Admin, &[app.other_studio().await]).await;
    assert_problem(app.send_as(&stranger, Method::PUT, &path, set).await, 404, "studio_not_found").await;
}

#[tokio::test]
async fn who_pays_by_hand_reads_the_studio_s_instructions_until_it_is_paid() {
    let studio = studio().await;
    let app = &studio.app;
    studio.set(settings(json!({ "payment_instructions": "Account 0000\nExample Bank" }))).await;
    let cart = studio.bundle().await;
    let order = app.placed(&cart, BUNDLE).await;
    assert_eq!(order.json["payment_instructions"], "Account 0000\nExample Bank");
    let body = &app.mails().await[0].body;
    let number = order.json["number"].as_str().unwrap();
    assert!(
        body.contains(&format!("(with the reference {number}):\n\nAccount 0000\nExample Bank")),
        "{body}"
    );
    assert_eq!(app.step(&studio.admin, &order.id, "paid").await.status(), StatusCode::OK);
    assert_eq!(app.get_json(&order.path("")).await["payment_instructions"], Value::Null);
}

#[tokio::test]
async fn a_tax_is_in_the_prices_or_on_top_of_them_and_the_same_everywhere() {
    let studio = studio().await;
    let app = &studio.app;
    for (included, tax, total, words) in [
        (true, 14_370, 3 * PRINT, "Total: 900.00 RUB\nIncluding tax 19%: 143.70 RUB"),
        (false, 17_100, 3 * PRINT + 17_100, "Tax 19%: 171.00 RUB\nTotal: 1071.00 RUB"),
    ] {
        studio.set(settings(json!({ "tax": { "rate": 1_900, "included": included } }))).await;
        let cart = studio.prints().await;
        let shown = app.get_json(&format!("/api/carts/{}", cart.token)).await;
        let line = json!({ "rate": 1_900, "included": included, "amount": tax });
        assert_eq!((&shown["tax"], &shown["total_amount"]), (&line, &json!(total)));
        let order = app.placed(&cart, total).await;
        assert_eq!((&order.json["tax"], &order.json["items_amount"]), (&line, &json!(3 * PRINT)));
        let body = app.mails().await.pop().unwrap().body;
        assert!(body.contains(words), "{body}");
        let csv = app.request(Method::GET, "/api/shop/orders.csv").bearer_auth(&studio.admin.access_token);
        let csv = csv.send().await.unwrap().text().await.unwrap();
        assert!(csv.contains(&format!(",19,{included},{tax},")), "{csv}");
        // The order keeps its tax, whatever the studio sets later.
        studio.set(settings(json!({}))).await;
        assert_eq!(app.get_json(&order.path("")).await["tax"], line);
    }
}

#[tokio::test]
async fn a_promo_code_is_taken_in_any_case_and_told_wherever_the_total_is() {
    let studio = studio().await;
    let app = &studio.app;
    let promo = studio.promo(json!({})).await;
    assert_eq!((&promo["code"], &promo["uses"]), (&json!("ANNA-10"), &json!(0)));
    let cart = studio.prints().await;
    let total = 3 * PRINT * 9 / 10;
    let shown = studio.chosen(&cart, json!({ "promo_code": " anna-10 " })).await;
    assert_eq!(shown["promo"], json!({ "code": "ANNA-10" }));
    assert_eq!((&shown["discount_amount"], &shown["total_amount"]), (&json!(3 * PRINT / 10), &json!(total)));
    assert_problem(studio.choose(&cart, json!({ "promo_code": "no such" })).await, 422, "promo_code_unknown")
        .await;
    let shown = app.get_json(&format!("/api/carts/{}", cart.token)).await;
    assert_eq!(shown["promo"]["code"], "ANNA-10", "a wrong code leaves the one before");
    assert_problem(app.checkout(&cart, &buyer(3 * PRINT)).await, 409, "total_changed").await;
    let order = app.placed(&cart, total).await;
    assert_eq!(order.json["discount"], json!({ "code": "ANNA-10", "amount": 3 * PRINT / 10 }));
    let body = app.mails().await.pop().unwrap().body;
    assert!(body.contains("Promo code ANNA-10: −90.00 RUB\nTotal: 810.00 RUB"), "{body}");
    let csv = app.request(Method::GET, "/api/shop/orders.csv").bearer_auth(&studio.admin.access_token);
    let csv = csv.send().await.unwrap().text().await.unwrap();
    assert!(csv.contains(",90000,ANNA-10,9000,"), "{csv}");
    assert_eq!(studio.uses().await, 1);
    // The order keeps it when the code is gone.
    let path = format!("/api/studios/{}/promo-codes/{}", studio.id, promo["id"].as_str().unwrap());
    assert_eq!(
        app.send_as(&studio.admin, Method::DELETE, &path, json!({})).await.status(),
        StatusCode::NO_CONTENT
    );
    assert_problem(
        app.send_as(&studio.admin, Method::DELETE, &path, json!({})).await,
        404,
        "promo_code_not_found",
    )
    .await;
    assert_eq!(app.get_json(&order.path("")).await["discount"]["amount"], 3 * PRINT / 10);
}

#[tokio::test]
async fn a_promo_code_counts_in_its_time_and_session_and_a_cart_says_why_it_does_not() {
    let studio = studio().await;
    let app = &studio.app;
    let now = app.app.now();
    let at = |hours| (now + TimeDelta::hours(hours)).to_rfc3339();
    studio.promo(json!({ "code": "LATER", "from": at(1), "until": at(3) })).await;
    let elsewhere = app.session().await;
    studio.promo(json!({ "code": "ELSEWHERE", "session_id": elsewhere })).await;
    studio.promo(json!({ "code": "OFF", "active": false })).await;
    let cart = studio.prints().await;
    let refused = async |word: &str, code: &str| {
        assert_problem(studio.choose(&cart, json!({ "promo_code": word })).await, 422, code).await
    };
    refused("later", "promo_code_not_yet").await;
    refused("ELSEWHERE", "promo_code_unknown").await;
    refused("OFF", "promo_code_unknown").await;
    app.later(2 * 3600);
    assert_eq!(
        studio.chosen(&cart, json!({ "promo_code": "later" })).await["discount_amount"],
        3 * PRINT / 10
    );
    app.later(2 * 3600);
    refused("later", "promo_code_over").await;
    // It was chosen while it counted: the cart says that it does not any more, and nothing is ordered with it.
    let shown = app.get_json(&format!("/api/carts/{}", cart.token)).await;
    assert_eq!(
        (&shown["promo"]["problem"], &shown["discount_amount"]),
        (&json!("promo_code_over"), &json!(0))
    );
    assert!(
        shown["promo"]["detail"].as_str().is_some_and(|words| words.starts_with("Order without it")),
        "{shown}"
    );
    assert_problem(app.checkout(&cart, &buyer(3 * PRINT)).await, 422, "promo_code_over").await;
    assert_eq!(studio.chosen(&cart, json!({ "promo_code": null })).await["promo"], Value::Null);
    app.placed(&cart, 3 * PRINT).await;
    assert_problem(studio.choose(&cart, json!({ "promo_code": "later" })).await, 422, "promo_code_over")
        .await;
    assert_problem(studio.choose(&cart, json!({ "promo_code": null })).await, 409, "cart_ordered").await;
}

#[tokio::test]
async fn of_two_buyers_at_once_one_gets_the_last_use_and_a_cancelled_order_gives_it_back() {
    let studio = studio().await;
    let app = &studio.app;
    studio.promo(json!({ "most_uses": 1 })).await;
    let carts = [studio.bundle().await, studio.bundle().await, studio.bundle().await];
    for cart in &carts {
        studio.chosen(cart, json!({ "promo_code": "ANNA-10" })).await;
    }
    let total = BUNDLE * 9 / 10;
    let answers = join_all(carts.iter().map(async |cart| app.checkout(cart, &buyer(total)).await)).await;
    let (mut placed, mut refused) = (None, Vec::new());
    for (answer, cart) in answers.into_iter().zip(&carts) {
        match answer.status() {
            StatusCode::CREATED => {
                let answer: Value = answer.json().await.unwrap();
                assert!(placed.replace(answer["order"]["id"].as_str().unwrap().to_owned()).is_none());
            }
            _ => {
                assert_problem(answer, 422, "promo_code_used_up").await;
                refused.push(cart);
            }
        }
    }
    let placed = placed.expect("one has it");
    assert_eq!((studio.uses().await, refused.len()), (1, 2));
    assert_eq!(app.step(&studio.admin, &placed, "cancelled").await.status(), StatusCode::OK);
    assert_eq!(studio.uses().await, 0);
    app.placed(refused[0], total).await;
    assert_eq!(studio.uses().await, 1);
}

#[tokio::test]
async fn an_address_uses_a_promo_code_once_where_it_is_so_set() {
    let studio = studio().await;
    let app = &studio.app;
    studio.promo(json!({ "once_per_email": true })).await;
    let total = BUNDLE * 9 / 10;
    let first = studio.bundle().await;
    studio.chosen(&first, json!({ "promo_code": "ANNA-10" })).await;
    app.placed(&first, total).await;
    let second = studio.bundle().await;
    studio.chosen(&second, json!({ "promo_code": "ANNA-10" })).await;
    let mut same = buyer(total);
    same["email"] = json!("ANNA@mail.example");
    assert_problem(app.checkout(&second, &same).await, 422, "promo_code_used").await;
    let mut other = buyer(total);
    other["email"] = json!("ivan@mail.example");
    assert_eq!(app.checkout(&second, &other).await.status(), StatusCode::CREATED);
}

#[tokio::test]
async fn an_order_of_nothing_is_paid_as_it_is_placed() {
    let studio = studio().await;
    let app = &studio.app;
    studio.promo(json!({ "percent": 100 })).await;
    let cart = studio.bundle().await;
    studio.chosen(&cart, json!({ "promo_code": "anna-10" })).await;
    let mut sent = buyer(0);
    sent["payment"] = json!("manual");
    let request = || {
        let path = format!("/api/carts/{}/checkout", cart.token);
        app.request(Method::POST, &path).header("idempotency-key", "k").json(&sent).send()
    };
    let answer: Value = request().await.unwrap().json().await.unwrap();
    assert_eq!((&answer["order"]["status"], &answer["payment_url"]), (&json!("fulfilled"), &json!(null)));
    let again: Value = request().await.unwrap().json().await.unwrap();
    assert_eq!(again["order"]["status"], "fulfilled");
    let body = app.mails().await.pop().unwrap().body;
    assert!(body.contains("There is nothing to pay."), "{body}");
}

#[tokio::test]
async fn promo_codes_are_checked_and_are_the_studio_s_alone() {
    let studio = studio().await;
    let (app, admin) = (&studio.app, &studio.admin);
    let path = format!("/api/studios/{}/promo-codes", studio.id);
    let made = studio.promo(json!({ "amount": 5_000, "percent": null })).await;
    assert_eq!((&made["amount"], &made["currency"]), (&json!(5_000), &json!("RUB")));
    let now = Utc::now();
    for (changes, field) in [
        (json!({ "code": "ab" }), "code"),
        (json!({ "code": "a b c" }), "code"),
        (json!({ "percent": 0 }), "percent"),
        (json!({ "percent": 101 }), "percent"),
        (json!({ "percent": 10, "amount": 100 }), "percent"),
        (json!({ "percent": null }), "amount"),
        (json!({ "percent": null, "amount": 0 }), "amount"),
        (json!({ "most_uses": 0 }), "most_uses"),
        (json!({ "from": now.to_rfc3339(), "until": now.to_rfc3339() }), "until"),
        (json!({ "session_id": StudioId::generate() }), "session_id"),
    ] {
        let mut new = json!({ "code": "NEW-ONE", "percent": 10, "active": true });
        new.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let answer = app.send_as(admin, Method::POST, &path, new).await;
        assert_eq!(assert_problem(answer, 422, "invalid_promo_code").await["field"], field, "{changes}");
    }
    let same = json!({ "code": "anna-10", "percent": 5, "active": true });
    assert_problem(app.send_as(admin, Method::POST, &path, same.clone()).await, 409, "promo_code_taken")
        .await;
    let own = format!("{path}/{}", made["id"].as_str().unwrap());
    let changed: Value = app.send_as(admin, Method::PUT, &own, same.clone()).await.json().await.unwrap();
    assert_eq!((&changed["percent"], &changed["amount"]), (&json!(5), &json!(null)));
    let none = format!("{path}/{}", StudioId::generate());
    assert_problem(app.send_as(admin, Method::PUT, &none, same.clone()).await, 404, "promo_code_not_found")
        .await;
    let other = app.other_studio().await;
    let stranger = app.user(Role::Admin, &[other]).await;
    assert_problem(app.send_as(&stranger, Method::PUT, &own, same.clone()).await, 404, "studio_not_found")
        .await;
    let theirs = format!("/api/studios/{other}/promo-codes/{}", made["id"].as_str().unwrap());
    assert_problem(app.send_as(&stranger, Method::PUT, &theirs, same).await, 404, "promo_code_not_found")
        .await;
}

#[tokio::test]
async fn who_tries_promo_codes_again_and_again_has_to_wait() {
    let studio = studio().await;
    studio.promo(json!({})).await;
    let cart = studio.prints().await;
    for n in 0..30 {
        let answer = studio.choose(&cart, json!({ "promo_code": format!("GUESS-{n}") })).await;
        assert_problem(answer, 422, "promo_code_unknown").await;
    }
    let answer = studio.choose(&cart, json!({ "promo_code": "ANNA-10" })).await;
    assert_problem(answer, 429, "too_many_attempts").await;
}

#[tokio::test]
async fn prints_are_delivered_in_a_way_of_the_studio_s_and_files_are_not() {
    let studio = studio().await;
    let app = &studio.app;
    let set = studio.set(settings(json!({ "shipping": ways() }))).await;
    let way = |n: usize| set["shipping"][n]["id"].clone();
    let files = studio.bundle().await;
    assert_eq!(app.get_json(&format!("/api/carts/{}", files.token)).await["shipping"], Value::Null);
    assert_eq!(app.placed(&files, BUNDLE).await.json["shipping"], Value::Null);

    let cart = studio.prints().await;
    let shown = app.get_json(&format!("/api/carts/{}", cart.token)).await;
    assert_eq!(
        shown["shipping"][1],
        json!({ "id": way(1), "name": "Post", "amount": 35_000, "needs_address": true })
    );
    assert_problem(app.checkout(&cart, &buyer(3 * PRINT)).await, 422, "shipping_required").await;
    let none = json!({ "shipping_id": StudioId::generate() });
    assert_problem(studio.choose(&cart, none).await, 422, "unknown_shipping").await;
    let shown = studio.chosen(&cart, json!({ "shipping_id": way(1) })).await;
    let total = 3 * PRINT + 35_000;
    assert_eq!((&shown["shipping_amount"], &shown["total_amount"]), (&json!(35_000), &json!(total)));
    let mut sent = buyer(total);
    assert_problem(app.checkout(&cart, &sent).await, 422, "invalid_address").await;
    for (field, value) in [
        ("street", json!("  ")),
        ("street", json!("a\nb")),
        ("postal_code", json!("0".repeat(17))),
        ("city", json!("")),
        ("country", json!("x".repeat(121))),
    ] {
        sent["address"] = address();
        sent["address"][field] = value;
        assert_problem(app.checkout(&cart, &sent).await, 422, "invalid_address").await;
    }
    sent["address"] = address();
    let answer: Value = app.checkout(&cart, &sent).await.json().await.unwrap();
    let shipping = &answer["order"]["shipping"];
    assert_eq!((&shipping["name"], &shipping["amount"]), (&json!("Post"), &json!(35_000)));
    assert_eq!(shipping["address"]["street"], "Example street 1");
    let body = app.mails().await.pop().unwrap().body;
    assert!(
        body.contains("Post: 350.00 RUB\nTotal: 1250.00 RUB") && !body.contains("Example street"),
        "{body}"
    );
    let csv = app.request(Method::GET, "/api/shop/orders.csv").bearer_auth(&studio.admin.access_token);
    let csv = csv.send().await.unwrap().text().await.unwrap();
    assert!(csv.contains(",Post,35000,\"Example street 1\n00000 Exampleton\","), "{csv}");

    // Who picks it up is not asked where they live, and what is sent all the same is not kept.
    let cart = studio.prints().await;
    studio.chosen(&cart, json!({ "shipping_id": way(0) })).await;
    let mut sent = buyer(3 * PRINT);
    sent["address"] = address();
    let answer: Value = app.checkout(&cart, &sent).await.json().await.unwrap();
    assert_eq!(answer["order"]["shipping"], json!({ "name": "Pick-up", "amount": 0 }));

    // A way that is offered no more has to be chosen anew.
    let cart = studio.prints().await;
    studio.chosen(&cart, json!({ "shipping_id": way(1) })).await;
    let mut fewer = set.clone();
    fewer["shipping"][1]["active"] = json!(false);
    studio.set(fewer).await;
    assert_problem(app.checkout(&cart, &buyer(3 * PRINT)).await, 422, "shipping_required").await;
}

#[tokio::test]
async fn an_address_is_kept_for_as_long_as_its_order_needs_it() {
    let studio = studio().await;
    let app = &studio.app;
    let set = studio.set(settings(json!({ "shipping": ways() }))).await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        let cart = studio.prints().await;
        studio.chosen(&cart, json!({ "shipping_id": set["shipping"][1]["id"] })).await;
        let mut sent = buyer(3 * PRINT + 35_000);
        sent["address"] = address();
        let answer: Value = app.checkout(&cart, &sent).await.json().await.unwrap();
        orders.push(answer["order"]["id"].as_str().unwrap().to_owned());
    }
    // The access token is over by then.
    let shown = async |id: &str| {
        let order = app.app.store.orders().get(id.parse().unwrap()).await.unwrap().unwrap();
        order.shipping.unwrap().address.is_some()
    };
    for to in ["paid", "fulfilled"] {
        assert_eq!(app.step(&studio.admin, &orders[0], to).await.status(), StatusCode::OK);
    }
    assert_eq!(app.step(&studio.admin, &orders[1], "paid").await.status(), StatusCode::OK);
    assert_eq!(
        app.app.shop.orders.forget_addresses(app.app.now()).await.unwrap(),
        0,
        "a parcel may come back"
    );
    app.later(31 * 24 * 3600);
    assert_eq!(app.app.shop.orders.forget_addresses(app.app.now()).await.unwrap(), 1);
    assert!(!shown(&orders[0]).await);
    assert!(shown(&orders[1]).await, "it is still to be sent");
    let erased = app.app.store.erase_buyer(orders[1].parse().unwrap()).await.unwrap();
    assert!(erased && !shown(&orders[1]).await);
    assert!(shown(&orders[2]).await);
}

#[tokio::test]
async fn a_session_that_is_erased_takes_its_promo_codes_along() {
    let studio = studio().await;
    let session = studio.app.session().await;
    studio.promo(json!({ "session_id": session })).await;
    studio.promo(json!({ "code": "EVERYWHERE" })).await;
    let erased = studio.app.app.store.erase_session(session).await.unwrap();
    assert_eq!(erased.promo_codes, 1);
    let list = studio.app.get_as(&studio.admin, &format!("/api/studios/{}/promo-codes", studio.id)).await;
    let left: Vec<&Value> =
        list["promo_codes"].as_array().unwrap().iter().map(|promo| &promo["code"]).collect();
    assert_eq!(left, ["EVERYWHERE"]);
}

#[tokio::test]
async fn a_receipt_is_for_the_link_and_for_who_manages_the_session() {
    let studio = studio().await;
    let app = &studio.app;
    studio.set(settings(json!({ "seller": "Example Studio\nExample street 1", "shipping": ways() }))).await;
    let order = app.placed(&studio.bundle().await, BUNDLE).await;
    let path = format!("/api/shop/orders/{}/receipt.pdf", order.id);
    let answer = app.request(Method::GET, &order.path("/receipt.pdf")).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert!(answer.bytes().await.unwrap().starts_with(b"%PDF-"));
    let own = app.request(Method::GET, &path).bearer_auth(&studio.admin.access_token).send().await.unwrap();
    assert_eq!(own.status(), StatusCode::OK);
    assert_problem(app.get(&path).await, 404, "order_not_found").await;
    assert_problem(app.get(&format!("{path}?key=wrong")).await, 404, "order_not_found").await;
    let of = async || {
        let order = app.app.shop.orders.get(order.id()).await.unwrap().unwrap();
        app.app.shop.orders.receipt(&order, None).await.unwrap()
    };
    let content = of().await;
    assert_eq!(content.seller, ["Studio", "Example Studio", "Example street 1"]);
    assert_eq!(content.lines, [["Everything", "1", "5000.00 RUB", "5000.00 RUB"]]);
    assert_eq!((content.sums.len(), content.notes[0].as_str()), (1, "Not paid yet"));
    assert!(content.title.starts_with("Order 20"), "{}", content.title);
    for to in ["paid", "refunded"] {
        assert_eq!(app.step(&studio.admin, &order.id, to).await.status(), StatusCode::OK);
    }
    let content = of().await;
    assert!(content.title.starts_with("Receipt 20") && content.notes[1].starts_with("Refunded on 20"));
}
