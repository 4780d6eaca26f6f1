use std::collections::BTreeSet;

use futures::future::join_all;
use pixora::domain::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    helpers::{TestApp, assert_problem, start},
    shop::{BUNDLE, DIGITAL, PRINT, TestCart, buyer},
};

/// A cart with three copies of one print.
async fn filled(app: &TestApp) -> TestCart {
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await.id;
    let cart = app.cart(session).await;
    app.put(&cart, json!([{ "price_id": cart.prices.print, "photo_id": photo, "quantity": 3 }])).await;
    cart
}

#[tokio::test]
async fn a_checkout_answers_with_the_order_its_link_and_no_page_to_pay() {
    let app = start().await;
    let cart = filled(&app).await;
    let answer = app.checkout(&cart, &buyer(3 * PRINT)).await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    let answer: Value = answer.json().await.unwrap();
    let order = &answer["order"];
    let id = order["id"].as_str().unwrap();
    let line = &order["lines"][0];
    assert_eq!(
        order,
        &json!({
            "id": id, "number": order["number"], "status": "placed",
            "session_id": order["session_id"], "session_name": "Anna & Ivan",
            "studio_id": app.studio().await, "studio_name": "Studio",
            "name": "Anna Example", "email": "anna@mail.example", "phone": "+79000000000", "note": "Please ring twice",
            "language": "en", "payment": "manual", "currency": "RUB", "items_amount": 3 * PRINT,
            "total_amount": 3 * PRINT, "mail": true,
            "lines": [{
                "line_id": line["line_id"], "price_id": cart.prices.print, "kind": "print", "size": "10x15 cm",
                "name": "Print", "photo_id": line["photo_id"], "thumb_url": line["thumb_url"], "filename": "a.jpg",
                "quantity": 3, "unit_amount": PRINT, "amount": 3 * PRINT, "covered": false, "download_url": null
            }],
            "created_at": order["created_at"], "placed_at": order["created_at"], "paid_at": null,
            "fulfilled_at": null, "cancelled_at": null, "refunded_at": null,
            "archive_url": null, "payment_url": null, "actions": ["cancelled"],
        })
    );
    assert!(line["thumb_url"].as_str().is_some_and(|url| url.starts_with("/media/")), "{line}");
    let number = order["number"].as_str().unwrap();
    assert!(number.len() == 11 && number.ends_with("-000001"), "{number}");
    assert_eq!(answer["payment_url"], Value::Null);
    let url = answer["order_url"].as_str().unwrap();
    let shown = app.get_json(&format!("/api/shop{}", url.replace("/order/", "/orders/"))).await;
    assert_eq!(shown, *order, "the link opens what was answered");
    let cart = app.get_json(&format!("/api/carts/{}", cart.token)).await;
    assert_eq!(cart["order_id"], id);

    // The mail: in the buyer's language, with the link, and with no word of the buyer's.
    let mails = app.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to.as_str(), "anna@mail.example");
    assert_eq!(mails[0].subject, format!("Order {number}: Anna & Ivan"));
    let body = &mails[0].body;
    assert!(body.contains(&format!("https://photos.example{url}")), "{body}");
    assert!(body.contains("3 × Print, 10x15 cm: 900.00 RUB") && body.contains("Total: 900.00 RUB"), "{body}");
    assert!(!body.contains("Anna Example") && !body.contains("ring twice"), "{body}");
}

#[tokio::test]
async fn no_amount_of_the_client_s_is_ever_used() {
    let app = start().await;
    let cart = filled(&app).await;
    for forged in [0, 1, -1, 3 * PRINT - 1, 3 * PRINT + 1, PRINT, i64::MAX, i64::MIN] {
        let problem = assert_problem(app.checkout(&cart, &buyer(forged)).await, 409, "total_changed").await;
        assert_eq!(problem["total_amount"], 3 * PRINT);
    }
    for forged in [json!(1.5), json!("90000"), json!(null), json!(1e30), json!([1])] {
        let mut body = buyer(0);
        body["expected_total"] = forged;
        assert_problem(app.checkout(&cart, &body).await, 422, "malformed_body").await;
    }
    // Amounts in other places are refused by their names.
    for name in ["amount", "total_amount", "unit_amount", "currency", "status", "number", "lines", "id"] {
        let mut body = buyer(3 * PRINT);
        body[name] = json!(1);
        let problem = assert_problem(app.checkout(&cart, &body).await, 422, "unknown_field").await;
        assert_eq!(problem["field"], name);
    }
    let answer: Value = app.checkout(&cart, &buyer(3 * PRINT)).await.json().await.unwrap();
    assert_eq!(
        (&answer["order"]["total_amount"], &answer["order"]["status"]),
        (&json!(3 * PRINT), &json!("placed"))
    );
    assert_eq!(app.mails().await.len(), 1, "a refused checkout tells nobody");
}

#[tokio::test]
async fn a_german_buyer_gets_a_german_mail() {
    let app = start().await;
    let cart = filled(&app).await;
    let mut german = buyer(3 * PRINT);
    german["language"] = json!("de");
    assert_eq!(app.checkout(&cart, &german).await.status(), StatusCode::CREATED);
    let mail = app.mails().await.remove(0);
    assert!(mail.subject.starts_with("Bestellung "), "{}", mail.subject);
    assert!(mail.body.contains("Vielen Dank") && mail.body.contains(",00 "), "{}", mail.body);
}

#[tokio::test]
async fn what_changed_since_the_buyer_looked_is_not_ordered() {
    let app = start().await;
    let (session, studio) = (app.session().await, app.studio().await);
    let (kept, gone) = (app.photo(session, "a.jpg").await.id, app.photo(session, "b.jpg").await.id);
    let cart = app.cart(session).await;
    let item = |photo| json!({ "price_id": cart.prices.digital, "photo_id": photo, "quantity": 1 });
    let bundle = json!({ "price_id": cart.prices.bundle, "photo_id": null, "quantity": 1 });
    app.put(&cart, json!([item(kept), item(gone), bundle])).await;
    // A covered photo costs nothing, and still the buyer counts on it.
    app.app.store.photos().set_selected(session, &[gone], false).await.unwrap();
    let problem = assert_problem(app.checkout(&cart, &buyer(BUNDLE)).await, 409, "total_changed").await;
    assert_eq!(problem["total_amount"], BUNDLE);
    let told = app.get_json(&format!("/api/carts/{}", cart.token)).await;
    assert_eq!(told["removed"], json!([{ "photo_id": gone }]), "a refused checkout has not told it yet");

    let admin = app.user(Role::Admin, &[studio]).await;
    let path = format!("/api/studios/{studio}/prices");
    let mut list = app.get_as(&admin, &path).await;
    list["prices"][1]["amount"] = json!(BUNDLE - 1);
    app.send_as(&admin, Method::PUT, &path, list.clone()).await;
    assert_problem(app.checkout(&cart, &buyer(BUNDLE)).await, 409, "total_changed").await;
    let order = app.placed(&cart, BUNDLE - 1).await;

    // What the studio changes afterwards is none of the order's affair.
    list["prices"] = json!([list["prices"][2]]);
    list["currency"] = json!("EUR");
    app.send_as(&admin, Method::PUT, &path, list).await;
    let shown = app.get_json(&order.path("")).await;
    assert_eq!((&shown["total_amount"], &shown["currency"]), (&json!(BUNDLE - 1), &json!("RUB")));
    assert_eq!(shown["lines"], order.json["lines"]);
}

#[tokio::test]
async fn a_buyer_says_who_they_are() {
    let app = start().await;
    let cart = filled(&app).await;
    let wrong = [
        ("name", json!(""), "invalid_name"),
        ("name", json!("  "), "invalid_name"),
        ("name", json!("x".repeat(101)), "invalid_name"),
        ("name", json!("Anna\r\nBcc: a@b.example"), "invalid_name"),
        ("email", json!("anna"), "invalid_email"),
        ("email", json!("anna@mail.example, ivan@mail.example"), "invalid_email"),
        ("email", json!("anna@mail.example\r\nBcc: ivan@mail.example"), "invalid_email"),
        ("phone", json!("12"), "invalid_phone"),
        ("note", json!("x".repeat(1_001)), "invalid_note"),
        ("note", json!("a\u{0}b"), "invalid_note"),
        ("language", json!("fr"), "invalid_language"),
        ("payment", json!("gold"), "payment_method_unavailable"),
        ("payment", json!("stripe"), "payment_method_unavailable"),
        ("email", json!(null), "malformed_body"),
    ];
    for (field, value, code) in wrong {
        let mut body = buyer(3 * PRINT);
        body[field] = value;
        assert_problem(app.checkout(&cart, &body).await, 422, code).await;
    }
    assert_eq!(app.get_json("/api/payments").await, json!({ "methods": ["manual"], "mail": true }));
    let mut least = buyer(3 * PRINT);
    (least["phone"], least["note"], least["language"]) = (json!(""), json!(" "), json!("ru"));
    let answer: Value = app.checkout(&cart, &least).await.json().await.unwrap();
    assert_eq!((&answer["order"]["phone"], &answer["order"]["note"]), (&Value::Null, &Value::Null));
    let mail = app.mails().await.remove(0);
    assert!(mail.subject.starts_with("Заказ ") && mail.body.contains("Итого: 900,00 RUB"), "{mail:?}");
}

#[tokio::test]
async fn an_empty_cart_is_no_order() {
    let app = start().await;
    let session = app.session().await;
    let cart = app.cart(session).await;
    assert_problem(app.checkout(&cart, &buyer(0)).await, 422, "cart_empty").await;
    let nobody = TestCart { token: "x".into(), prices: cart.prices };
    assert_problem(app.checkout(&nobody, &buyer(0)).await, 404, "cart_not_found").await;
}

async fn keyed(app: &TestApp, cart: &TestCart, key: &str, body: &Value) -> reqwest::Response {
    let path = format!("/api/carts/{}/checkout", cart.token);
    app.request(Method::POST, &path).header("idempotency-key", key).json(body).send().await.expect("answers")
}

#[tokio::test]
async fn the_same_request_gets_the_first_answer() {
    let app = start().await;
    let cart = filled(&app).await;
    let body = buyer(3 * PRINT);
    // A refused request leaves the key free.
    assert_problem(keyed(&app, &cart, "k", &buyer(1)).await, 409, "total_changed").await;
    let first: Value = keyed(&app, &cart, "k", &body).await.json().await.unwrap();
    let again = keyed(&app, &cart, "k", &body).await;
    assert_eq!(again.status(), StatusCode::CREATED);
    assert_eq!(again.json::<Value>().await.unwrap(), first);
    // Also after the order has gone on, and the session's price list with it.
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let id = first["order"]["id"].as_str().unwrap();
    assert_eq!(app.step(&admin, id, "paid").await.status(), StatusCode::OK);
    assert_eq!(keyed(&app, &cart, "k", &body).await.json::<Value>().await.unwrap(), first);

    let mut other = body.clone();
    other["name"] = json!("Ivan Example");
    assert_problem(keyed(&app, &cart, "k", &other).await, 422, "idempotency_key_reused").await;
    assert_problem(keyed(&app, &cart, "another", &body).await, 409, "cart_ordered").await;
    assert_problem(app.checkout(&cart, &body).await, 409, "cart_ordered").await;
    assert_problem(keyed(&app, &cart, &"k".repeat(256), &body).await, 422, "invalid_idempotency_key").await;
    let item = json!({ "items": [{ "price_id": cart.prices.bundle, "photo_id": null, "quantity": 1 }] });
    let answer = app.put_json(&format!("/api/carts/{}/items", cart.token), &item).await;
    assert_problem(answer, 409, "cart_ordered").await;
    // A key is its cart's: another cart with the same one is another request.
    let second = filled(&app).await;
    let second: Value = keyed(&app, &second, "k", &body).await.json().await.unwrap();
    assert_ne!(second["order"]["id"], first["order"]["id"]);
    // The token is kept by hash.
    for file in ["pixora.db", "pixora.db-wal"] {
        // On PostgreSQL there are none.
        let written = std::fs::read(app.data.path().join(file)).unwrap_or_default();
        assert!(!written.windows(43).any(|window| window == cart.token.as_bytes()), "{file}");
    }
}

#[tokio::test]
async fn many_checkouts_of_one_cart_at_once_make_one_order() {
    let app = start().await;
    let cart = filled(&app).await;
    let body = buyer(3 * PRINT);
    // Half with the same key, half with none.
    let sent =
        (0..16).map(|n| {
            let (app, cart, body) = (&app, &cart, &body);
            async move {
                if n % 2 == 0 { keyed(app, cart, "k", body).await } else { app.checkout(cart, body).await }
            }
        });
    let mut orders = BTreeSet::new();
    for answer in join_all(sent).await {
        let status = answer.status();
        let answer: Value = answer.json().await.unwrap();
        match status {
            StatusCode::CREATED => drop(orders.insert(answer["order"]["id"].as_str().unwrap().to_owned())),
            _ => assert_eq!((status.as_u16(), &answer["code"]), (409, &json!("cart_ordered"))),
        }
    }
    assert_eq!(orders.len(), 1);
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    assert_eq!(app.get_as(&admin, "/api/shop/orders").await["totals"]["count"], 1);
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn orders_at_once_have_numbers_of_their_own() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await.id;
    let mut carts = Vec::new();
    for _ in 0..12 {
        let cart = app.cart(session).await;
        app.put(&cart, json!([{ "price_id": cart.prices.digital, "photo_id": photo, "quantity": 1 }])).await;
        carts.push(cart);
    }
    let placed = join_all(carts.iter().map(|cart| app.placed(cart, DIGITAL))).await;
    let numbers: BTreeSet<_> = placed.iter().map(|order| order.json["number"].as_str().unwrap()).collect();
    assert_eq!(numbers.len(), 12);
    assert!(numbers.last().unwrap().ends_with("-000012"), "{numbers:?}");
    // Another studio counts for itself.
    let there = app.other_studio().await;
    let photographer = app.user(Role::Photographer, &[there]).await;
    let order = app.order(app.session_of(&photographer, there).await).await;
    assert!(order.json["number"].as_str().unwrap().ends_with("-000001"));
}

#[tokio::test]
async fn one_address_does_not_order_without_end() {
    let app = start().await;
    let session = app.session().await;
    let cart = app.cart(session).await;
    for _ in 0..30 {
        assert_problem(app.checkout(&cart, &buyer(0)).await, 422, "cart_empty").await;
    }
    assert_problem(app.checkout(&cart, &buyer(0)).await, 429, "too_many_attempts").await;
}
