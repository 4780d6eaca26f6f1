//! Helpers of the shop's tests, and tests of the price lists.

use chrono::Utc;
use pixora::{
    domain::{Language, OrderId, PhotoSessionId, PriceKind, Role, StudioId},
    shop::NewPrice,
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

/// What the studio of the tests sells, in kopecks.
pub const DIGITAL: i64 = 15_000;
pub const BUNDLE: i64 = 500_000;
pub const PRINT: i64 = 30_000;

/// The ids of the three prices.
#[derive(Debug, Clone, Default)]
pub struct Prices {
    pub digital: String,
    pub bundle: String,
    pub print: String,
}

pub struct TestCart {
    pub token: String,
    pub prices: Prices,
}

/// A placed order and the key of its link.
pub struct TestOrder {
    pub id: String,
    pub key: String,
    pub json: Value,
}

impl TestOrder {
    pub fn id(&self) -> OrderId {
        self.id.parse().expect("is one")
    }

    /// Its address, with the key of its link.
    pub fn path(&self, more: &str) -> String {
        format!("/api/shop/orders/{}{more}?key={}", self.id, self.key)
    }
}

pub fn price_list() -> Vec<NewPrice> {
    let price = |kind, size: Option<&str>, ru: &str, en: &str, amount| NewPrice {
        id: None,
        kind,
        size: size.map(Into::into),
        name: vec![(Language::Russian, ru.into()), (Language::English, en.into())],
        amount,
        active: true,
        parts: Vec::new(),
    };
    vec![
        price(PriceKind::Digital, None, "Файл", "File", DIGITAL),
        price(PriceKind::Bundle, None, "Вся съёмка", "Everything", BUNDLE),
        price(PriceKind::Print, Some("10x15 cm"), "Отпечаток", "Print", PRINT),
    ]
}

/// What a buyer sends at the checkout.
pub fn buyer(expected_total: i64) -> Value {
    json!({ "name": "Anna Example", "email": "anna@mail.example", "phone": "+7 900 000-00-00",
            "note": "Please ring twice", "language": "en", "payment": "manual", "expected_total": expected_total })
}

impl TestApp {
    pub async fn put_json(&self, path: &str, body: &Value) -> Response {
        self.request(Method::PUT, path).json(body).send().await.expect("the server answers")
    }

    pub async fn post_json(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await.expect("the server answers")
    }

    /// Lets a studio sell the three things; the same again when it does already.
    pub async fn sells(&self, studio: StudioId) -> Prices {
        let lists = &self.app.shop.prices;
        let list = match lists.get(studio).await.expect("is read") {
            Some(list) => list,
            None => lists.set(studio, "RUB", price_list(), Utc::now()).await.expect("is sound"),
        };
        let id = |n: usize| list.prices[n].id.to_string();
        Prices { digital: id(0), bundle: id(1), print: id(2) }
    }

    /// An empty cart in a session whose studio sells.
    pub async fn cart(&self, session: PhotoSessionId) -> TestCart {
        let studio = self.app.sessions.get(session).await.expect("is there").studio_id;
        let prices = self.sells(studio).await;
        TestCart { prices, ..self.cart_of_any(session).await }
    }

    /// An empty cart, whatever is sold in the session.
    pub async fn cart_of_any(&self, session: PhotoSessionId) -> TestCart {
        let made = self.request(Method::POST, &format!("/api/v1/sessions/{session}/carts")).send().await;
        let made = made.expect("the server answers");
        assert_eq!(made.status(), StatusCode::CREATED);
        let made: Value = made.json().await.expect("JSON");
        let token = made["cart_token"].as_str().expect("a token").into();
        TestCart { token, prices: Prices::default() }
    }

    /// Puts things into a cart; the cart.
    pub async fn put(&self, cart: &TestCart, items: Value) -> Value {
        let path = format!("/api/carts/{}/items", cart.token);
        let answer = self.put_json(&path, &json!({ "items": items })).await;
        assert_eq!(answer.status(), StatusCode::OK, "{}", answer.text().await.unwrap_or_default());
        answer.json().await.expect("JSON")
    }

    pub async fn checkout(&self, cart: &TestCart, body: &Value) -> Response {
        self.post_json(&format!("/api/carts/{}/checkout", cart.token), body).await
    }

    /// An order of a whole session.
    pub async fn order(&self, session: PhotoSessionId) -> TestOrder {
        let cart = self.cart(session).await;
        self.put(&cart, json!([{ "price_id": cart.prices.bundle, "photo_id": null, "quantity": 1 }])).await;
        self.placed(&cart, BUNDLE).await
    }

    /// An order of two prints and one file.
    pub async fn order_with_prints(&self, session: PhotoSessionId) -> TestOrder {
        let photo = self.photo(session, "IMG_0001.JPG").await.id;
        let cart = self.cart(session).await;
        let items = json!([{ "price_id": cart.prices.print, "photo_id": photo, "quantity": 2 },
                           { "price_id": cart.prices.digital, "photo_id": photo, "quantity": 1 }]);
        self.put(&cart, items).await;
        self.placed(&cart, 2 * PRINT + DIGITAL).await
    }

    pub async fn placed(&self, cart: &TestCart, total: i64) -> TestOrder {
        let answer = self.checkout(cart, &buyer(total)).await;
        assert_eq!(answer.status(), StatusCode::CREATED);
        let answer: Value = answer.json().await.expect("JSON");
        let url = answer["order_url"].as_str().expect("a link");
        let id = answer["order"]["id"].as_str().expect("an id").to_owned();
        let key =
            url.strip_prefix(&format!("/order/{id}?key=")).expect("the link names the order").to_owned();
        TestOrder { id, key, json: answer["order"].clone() }
    }

    pub async fn step(&self, user: &TestUser, order: &str, to: &str) -> Response {
        let path = format!("/api/shop/orders/{order}/transitions");
        self.send_as(user, Method::POST, &path, json!({ "to": to })).await
    }
}

#[tokio::test]
async fn guests_see_what_is_sold_in_their_language_and_nothing_where_nothing_is() {
    let app = start().await;
    let session = app.session().await;
    let path = format!("/api/v1/sessions/{session}/prices");
    assert_eq!(app.get_json(&path).await, json!({ "currency": null, "prices": [], "watermarked": false }));
    let prices = app.sells(app.studio().await).await;
    let shown = app.get_json(&path).await;
    assert_eq!(shown["currency"], "RUB");
    assert_eq!(
        shown["prices"][2],
        json!({ "id": prices.print, "kind": "print", "size": "10x15 cm", "name": "Print", "amount": PRINT })
    );
    let russian = app.request(Method::GET, &path).header("accept-language", "ru").send().await.unwrap();
    assert_eq!(russian.json::<Value>().await.unwrap()["prices"][1]["name"], "Вся съёмка");
    app.set_facepass(session, false).await;
    app.later(60);
    assert_problem(app.get(&path).await, 404, "facepass_disabled").await;
}

#[tokio::test]
async fn a_list_keeps_its_ids_and_one_that_is_wrong_changes_nothing() {
    let app = start().await;
    let studio = app.studio().await;
    app.sells(studio).await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let path = format!("/api/studios/{studio}/prices");
    let list = app.get_as(&admin, &path).await;
    let other = {
        let there = app.other_studio().await;
        app.sells(there).await.digital
    };
    let wrong: [(&str, Value); 15] = [
        ("/prices/0/amount", json!(0)),
        ("/prices/0/amount", json!(-1)),
        ("/prices/0/amount", json!(1_000_000_001_i64)),
        ("/prices/0/size", json!("10x15 cm")),
        ("/prices/2/size", json!(null)),
        ("/prices/2/size", json!("  ")),
        ("/prices/1/name/ru", json!("")),
        ("/prices/1/name/en", json!("x".repeat(101))),
        ("/prices/1/name/en", json!("a\nb")),
        ("/prices/1/name", json!({ "fr": "Tout" })),
        ("/prices/1/name", json!({})),
        ("/prices/1/kind", json!("gift")),
        ("/prices/1/id", list["prices"][0]["id"].clone()),
        ("/prices/1/id", json!(other)),
        ("/prices/1/id", json!(OrderId::generate().to_string())),
    ];
    for (pointer, value) in wrong {
        let mut sent = list.clone();
        *sent.pointer_mut(pointer).expect("is there") = value;
        let problem =
            assert_problem(app.send_as(&admin, Method::PUT, &path, sent).await, 422, "invalid_price").await;
        assert_eq!(problem["index"].to_string(), pointer[8..9], "{pointer}");
        assert!(pointer.contains(problem["field"].as_str().unwrap()), "{pointer} {problem}");
    }
    for currency in [json!(null), json!("rub"), json!("XXX"), json!("")] {
        let sent = json!({ "currency": currency, "prices": list["prices"] });
        assert_problem(app.send_as(&admin, Method::PUT, &path, sent).await, 422, "invalid_currency").await;
    }
    let many = json!({ "currency": "RUB", "prices": vec![list["prices"][0].clone(); 101] });
    assert_problem(app.send_as(&admin, Method::PUT, &path, many).await, 422, "too_many_prices").await;
    assert_eq!(app.get_as(&admin, &path).await, list);

    // The order of the list is the studio's, one that is not active is not for sale.
    let mut turned = list.clone();
    turned["prices"].as_array_mut().unwrap().reverse();
    turned["prices"][0]["active"] = json!(false);
    let set = app.send_as(&admin, Method::PUT, &path, turned.clone()).await;
    assert_eq!(set.json::<Value>().await.unwrap(), turned);
    let session = app.session().await;
    let shown = app.get_json(&format!("/api/v1/sessions/{session}/prices")).await;
    let kinds: Vec<_> = shown["prices"].as_array().unwrap().iter().map(|price| &price["kind"]).collect();
    assert_eq!(kinds, ["bundle", "digital"]);
}

#[tokio::test]
async fn a_name_is_written_in_any_language_and_read_in_every_one() {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let path = format!("/api/studios/{studio}/prices");
    let price =
        |name: Value| json!({ "kind": "digital", "size": null, "name": name, "amount": 100, "active": true });
    let sent = json!({ "currency": "EUR", "prices": [
        price(json!({ "ru": "Файл", "en": "File", "de": "Datei" })), price(json!({ "de": "Datei" })),
        price(json!({ "ru": "Файл", "en": "File" })),
    ] });
    let set: Value = app.send_as(&admin, Method::PUT, &path, sent).await.json().await.unwrap();
    let names = |list: &Value| -> Vec<Value> {
        list["prices"].as_array().unwrap().iter().map(|price| price["name"].clone()).collect()
    };
    // Clients of two languages find both, and whoever reads German something, whatever the studio wrote.
    let expected = [
        json!({ "ru": "Файл", "en": "File", "de": "Datei" }),
        json!({ "ru": "Datei", "en": "Datei", "de": "Datei" }),
        json!({ "ru": "Файл", "en": "File", "de": "File" }),
    ];
    assert_eq!(names(&set), expected);
    // What they send back changes nothing: the filled-in texts are not taken for written ones.
    let again: Value = app.send_as(&admin, Method::PUT, &path, set.clone()).await.json().await.unwrap();
    assert_eq!(again, set);
    let mut renamed = set.clone();
    renamed["prices"][1]["name"] = json!({ "de": "Foto" });
    let renamed: Value = app.send_as(&admin, Method::PUT, &path, renamed).await.json().await.unwrap();
    assert_eq!(renamed["prices"][1]["name"], json!({ "ru": "Foto", "en": "Foto", "de": "Foto" }));
    let session = app.session().await;
    for (language, shown) in [
        ("de", ["Datei", "Foto", "File"]),
        ("ru", ["Файл", "Foto", "Файл"]),
        ("en", ["File", "Foto", "File"]),
    ] {
        let request = app.request(Method::GET, &format!("/api/v1/sessions/{session}/prices"));
        let answer: Value =
            request.header("accept-language", language).send().await.unwrap().json().await.unwrap();
        assert_eq!(json!(names(&answer)), json!(shown));
    }
}
