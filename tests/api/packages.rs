//! Packages of a price list: made, put into a cart, filled, ordered, delivered.

use futures::future::join_all;
use pixora::domain::{PhotoId, PhotoSessionId, Role, StudioId};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    helpers::{TestApp, TestUser, assert_problem, start},
    shop::{TestCart, buyer},
};

const PACKAGE: i64 = 5_000;
const FILE: i64 = 900;

struct Studio {
    app: TestApp,
    id: StudioId,
    admin: TestUser,
    session: PhotoSessionId,
    photos: Vec<PhotoId>,
    list: Value,
}

/// The price list: two prints and three files for `PACKAGE`, a package of the whole session, and a file for `FILE`.
fn price_list() -> Value {
    let price = |kind: &str, name: &str, amount: i64, parts: Value| {
        json!({
            "kind": kind, "size": null, "name": { "en": name }, "amount": amount, "active": true, "parts": parts
        })
    };
    json!({ "currency": "EUR", "prices": [
        price("package", "Memories", PACKAGE, json!([
            { "kind": "print", "size": "10x15 cm", "quantity": 2 }, { "kind": "digital", "quantity": 3 }
        ])),
        price("package", "Everything", 20_000, json!([{ "kind": "bundle", "quantity": 1 }])),
        price("digital", "File", FILE, json!([])),
    ] })
}

async fn studio() -> Studio {
    let app = start().await;
    let id = app.studio().await;
    let admin = app.user(Role::Admin, &[id]).await;
    let list = app.send_as(&admin, Method::PUT, &format!("/api/studios/{id}/prices"), price_list()).await;
    assert_eq!(list.status(), StatusCode::OK);
    let list = list.json().await.unwrap();
    let session = app.session().await;
    let mut photos = Vec::new();
    for name in ["a.jpg", "b.jpg", "c.jpg", "d.jpg"] {
        photos.push(crate::downloads::photo(&app, session, name).await.id);
    }
    Studio { app, id, admin, session, photos, list }
}

fn item(id: &Value, photo: Option<PhotoId>, quantity: u32) -> Value {
    json!({ "price_id": id, "photo_id": photo, "quantity": quantity })
}

impl Studio {
    fn price(&self, n: usize) -> &Value {
        &self.list["prices"][n]["id"]
    }

    fn prints(&self) -> &Value {
        &self.list["prices"][0]["parts"][0]["id"]
    }

    fn files(&self) -> &Value {
        &self.list["prices"][0]["parts"][1]["id"]
    }

    async fn set(&self, list: Value) -> reqwest::Response {
        self.app.send_as(&self.admin, Method::PUT, &format!("/api/studios/{}/prices", self.id), list).await
    }

    async fn cart(&self) -> TestCart {
        self.app.cart_of_any(self.session).await
    }

    async fn put(&self, cart: &TestCart, items: &[Value]) -> reqwest::Response {
        self.app.put_json(&format!("/api/carts/{}/items", cart.token), &json!({ "items": items })).await
    }

    async fn look(&self, cart: &TestCart) -> Value {
        self.app.get_json(&format!("/api/carts/{}", cart.token)).await
    }

    /// What fills the package of prints and files.
    fn filling(&self) -> Vec<Value> {
        let mut items = vec![item(self.price(0), None, 1), item(self.prints(), Some(self.photos[0]), 2)];
        items.extend(self.photos[..3].iter().map(|photo| item(self.files(), Some(*photo), 1)));
        items
    }
}

/// Kind, quantity and amount of each line, and whether it is part of a package.
fn lines(of: &Value) -> Vec<(String, u64, i64, bool)> {
    let line = |line: &Value| {
        let number = |name: &str| line[name].as_i64().unwrap();
        (
            line["kind"].as_str().unwrap().to_owned(),
            number("quantity").unsigned_abs(),
            number("amount"),
            line["package_id"].is_string(),
        )
    };
    of["lines"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn a_package_keeps_the_ids_of_its_parts_and_one_that_is_wrong_changes_nothing() {
    let studio = studio().await;
    let part = |n: usize| &studio.list["prices"][0]["parts"][n];
    assert_eq!(part(0)["size"], "10x15 cm");
    let path = format!("/api/studios/{}/prices", studio.id);
    let foreign = studio.list["prices"][1]["parts"][0]["id"].clone();
    for (pointer, value) in [
        ("/prices/0/parts", json!([])),
        ("/prices/0/parts", json!(vec![json!({ "kind": "digital", "quantity": 1 }); 2])),
        (
            "/prices/0/parts",
            json!(
                (0..11)
                    .map(|n| json!({ "kind": "print", "size": n.to_string(), "quantity": 1 }))
                    .collect::<Vec<_>>()
            ),
        ),
        ("/prices/0/parts/0/kind", json!("package")),
        ("/prices/0/parts/0/kind", json!("gift")),
        ("/prices/0/parts/0/size", json!(null)),
        ("/prices/0/parts/1/size", json!("10x15 cm")),
        ("/prices/0/parts/0/quantity", json!(0)),
        ("/prices/0/parts/0/quantity", json!(201)),
        ("/prices/0/parts/1/quantity", json!(199)),
        ("/prices/1/parts/0/quantity", json!(2)),
        ("/prices/0/parts/0/id", foreign),
        ("/prices/0/parts/0/id", part(1)["id"].clone()),
        ("/prices/2/parts", json!([{ "kind": "digital", "quantity": 1 }])),
    ] {
        let mut sent = studio.list.clone();
        match sent.pointer_mut(pointer) {
            Some(there) => *there = value,
            None => {
                let (object, name) = pointer.rsplit_once('/').unwrap();
                sent.pointer_mut(object).unwrap()[name] = value;
            }
        }
        let problem = assert_problem(studio.set(sent).await, 422, "invalid_price").await;
        assert_eq!(
            (problem["index"].to_string().as_str(), &problem["field"]),
            (&pointer[8..9], &json!("parts")),
            "{pointer}"
        );
    }
    assert_eq!(studio.app.get_as(&studio.admin, &path).await, studio.list);
    let set = studio.set(studio.list.clone()).await;
    assert_eq!(set.json::<Value>().await.unwrap(), studio.list, "the same ids");
    // Guests see what is in it.
    let shown = studio.app.get_json(&format!("/api/v1/sessions/{}/prices", studio.session)).await;
    assert_eq!(shown["prices"][0]["parts"], studio.list["prices"][0]["parts"]);
    assert_eq!(shown["prices"][2].get("parts"), None);
}

#[tokio::test]
async fn a_package_is_filled_step_by_step_and_takes_no_more_than_it_has_room_for() {
    let studio = studio().await;
    let cart = studio.cart().await;
    let (files, photos) = (studio.files(), &studio.photos);
    // Nothing goes into a package that is not there, and nobody chooses the whole session.
    let put = studio.put(&cart, &[item(files, Some(photos[0]), 1)]).await;
    assert_problem(put, 422, "package_not_in_cart").await;
    let whole = &studio.list["prices"][1]["parts"][0]["id"];
    assert_problem(studio.put(&cart, &[item(whole, None, 1)]).await, 422, "unknown_price").await;
    assert_problem(
        studio.put(&cart, &[item(studio.price(0), Some(photos[0]), 1)]).await,
        422,
        "invalid_cart_item",
    )
    .await;
    assert_problem(studio.put(&cart, &[item(studio.price(0), None, 5)]).await, 422, "invalid_quantity").await;

    let put = studio.put(&cart, &[item(studio.price(0), None, 1), item(files, Some(photos[0]), 1)]).await;
    let filled: Value = put.json().await.unwrap();
    assert_eq!((&filled["total_amount"], &filled["count"]), (&json!(PACKAGE), &json!(1)));
    let package = &filled["packages"][0];
    assert_eq!(
        (&package["price_id"], &package["name"], &package["missing"]),
        (studio.price(0), &json!("Memories"), &json!(4))
    );
    let parts: Vec<_> =
        package["parts"].as_array().unwrap().iter().map(|part| (&part["wanted"], &part["chosen"])).collect();
    assert_eq!(parts, [(&json!(2), &json!(0)), (&json!(3), &json!(1))]);
    assert_eq!(
        (&filled["lines"][1]["package_id"], &filled["lines"][1]["price_id"]),
        (studio.price(0), files)
    );

    assert_problem(studio.put(&cart, &[item(files, Some(photos[1]), 2)]).await, 422, "invalid_quantity")
        .await;
    let too_many: Vec<Value> = photos.iter().map(|photo| item(files, Some(*photo), 1)).collect();
    let problem = assert_problem(studio.put(&cart, &too_many).await, 422, "package_full").await;
    assert_eq!(problem["wanted"], 3);
    let three_copies = [item(studio.prints(), Some(photos[0]), 3)];
    assert_problem(studio.put(&cart, &three_copies).await, 422, "package_full").await;
    // A second package has room for as many again, and cannot be given back while they are in it.
    let two = [vec![item(studio.price(0), None, 2)], too_many].concat();
    let twice: Value = studio.put(&cart, &two).await.json().await.unwrap();
    assert_eq!((&twice["total_amount"], &twice["packages"][0]["missing"]), (&json!(2 * PACKAGE), &json!(6)));
    assert_problem(studio.put(&cart, &[item(studio.price(0), None, 1)]).await, 422, "package_full").await;

    // What is in it goes with it, and none of it is told as gone.
    let empty: Value = studio.put(&cart, &[item(studio.price(0), None, 0)]).await.json().await.unwrap();
    assert_eq!((&empty["lines"], &empty["removed"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn photos_at_once_never_overfill_a_package() {
    let studio = studio().await;
    let cart = studio.cart().await;
    studio.put(&cart, &[item(studio.price(0), None, 1)]).await;
    let puts = studio.photos.iter().map(|photo| {
        let one = [item(studio.files(), Some(*photo), 1)];
        let (studio, cart) = (&studio, &cart);
        async move { studio.put(cart, &one).await.status() }
    });
    let refused =
        join_all(puts).await.into_iter().filter(|status| *status == StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.count(), 1);
    assert_eq!(studio.look(&cart).await["packages"][0]["parts"][1]["chosen"], 3);
}

#[tokio::test]
async fn a_package_is_ordered_when_it_is_full_and_its_order_is_delivered_like_any_other() {
    let studio = studio().await;
    let app = &studio.app;
    let cart = studio.cart().await;
    let mut filling = studio.filling();
    let last = filling.pop().unwrap();
    studio.put(&cart, &filling).await;
    let refused = app.checkout(&cart, &buyer(PACKAGE)).await;
    assert_eq!(assert_problem(refused, 422, "package_not_filled").await["missing"], 1);
    // Beside a package that has it, a file costs nothing.
    studio.put(&cart, &[last, item(studio.price(2), Some(studio.photos[0]), 1)]).await;
    studio.put(&cart, &[item(studio.price(2), Some(studio.photos[3]), 1)]).await;
    let shown = studio.look(&cart).await;
    let expected = [
        ("package".to_owned(), 1, PACKAGE, false),
        ("print".to_owned(), 2, 0, true),
        ("digital".to_owned(), 1, 0, true),
        ("digital".to_owned(), 1, 0, true),
        ("digital".to_owned(), 1, 0, true),
        ("digital".to_owned(), 1, 0, false),
        ("digital".to_owned(), 1, FILE, false),
    ];
    assert_eq!(lines(&shown), expected);
    assert_eq!(shown["lines"][5]["covered"], true);
    let order = app.placed(&cart, PACKAGE + FILE).await;
    assert_eq!(lines(&order.json), expected);
    assert_eq!(order.json["items_amount"], PACKAGE + FILE);
    let mail = &app.mails().await[0].body;
    for words in [
        "1 × Memories: 50.00 EUR",
        "2 × In “Memories”: prints, 10x15 cm: included",
        "3 × In “Memories”: files: included",
    ] {
        assert!(mail.contains(words), "{mail}");
    }

    // The price of the list changes nothing of an order, and its prints wait to be made.
    studio.set(json!({ "currency": "EUR", "prices": [] })).await;
    let paid: Value = app.step(&studio.admin, &order.id, "paid").await.json().await.unwrap();
    assert_eq!(paid["status"], "paid");
    let shown = app.get_json(&order.path("")).await;
    assert_eq!(lines(&shown), expected);
    assert!(shown["archive_url"].is_string());
    for line in shown["lines"].as_array().unwrap() {
        assert_eq!(line["download_url"].is_string(), line["kind"] == "digital", "{line}");
    }
    let file = app.get(shown["lines"][2]["download_url"].as_str().unwrap()).await;
    assert_eq!(file.bytes().await.unwrap(), "original of a.jpg".as_bytes());
    let prints = app
        .app
        .shop
        .orders
        .prints(&app.app.shop.orders.get(order.id()).await.unwrap().unwrap())
        .await
        .unwrap();
    assert_eq!(
        prints.iter().map(|print| (print.photo, print.copies)).collect::<Vec<_>>(),
        [(studio.photos[0], 2)]
    );
    let receipt = app.get(&order.path("/receipt.pdf")).await;
    assert!(receipt.bytes().await.unwrap().starts_with(b"%PDF"));
    app.step(&studio.admin, &order.id, "refunded").await;
    assert_eq!(app.get_json(&order.path("")).await["lines"][2]["download_url"], Value::Null);
}

#[tokio::test]
async fn a_package_of_the_whole_session_gives_every_file_and_prints_alone_give_none() {
    let studio = studio().await;
    let app = &studio.app;
    let cart = studio.cart().await;
    let put = studio
        .put(&cart, &[item(studio.price(1), None, 1), item(studio.price(2), Some(studio.photos[0]), 1)])
        .await;
    let shown: Value = put.json().await.unwrap();
    assert_eq!((&shown["packages"][0]["missing"], &shown["total_amount"]), (&json!(0), &json!(20_000)));
    assert_eq!(lines(&shown)[1], ("bundle".to_owned(), 1, 0, true));
    assert_eq!(studio.look(&cart).await, shown, "the ids of the lines stay");
    let order = app.placed(&cart, 20_000).await;
    let paid: Value = app.step(&studio.admin, &order.id, "paid").await.json().await.unwrap();
    assert_eq!(paid["status"], "fulfilled", "nothing in it has to be made");
    let placed = app.app.shop.orders.get(order.id()).await.unwrap().unwrap();
    assert_eq!(app.app.shop.orders.photos_of(&placed).await.unwrap().len(), 1 + 4);

    let prints = json!({ "currency": "EUR", "prices": [{
        "kind": "package", "size": null, "name": { "en": "Prints" }, "amount": 700, "active": true,
        "parts": [{ "kind": "print", "size": "A5", "quantity": 1 }]
    }] });
    let list: Value = studio.set(prints).await.json().await.unwrap();
    let cart = studio.cart().await;
    let (package, part) = (&list["prices"][0]["id"], &list["prices"][0]["parts"][0]["id"]);
    studio.put(&cart, &[item(package, None, 1), item(part, Some(studio.photos[0]), 1)]).await;
    let order = app.placed(&cart, 700).await;
    app.step(&studio.admin, &order.id, "paid").await;
    assert_eq!(app.get_json(&order.path("")).await["archive_url"], Value::Null);
    assert!(app.mails().await.last().unwrap().body.contains("when your order is ready"));
}

#[tokio::test]
async fn photos_that_go_leave_the_package_with_room() {
    let studio = studio().await;
    let app = &studio.app;
    let cart = studio.cart().await;
    studio.put(&cart, &studio.filling()).await;
    assert_eq!(studio.look(&cart).await["packages"][0]["missing"], 0);
    app.app.store.photos().set_selected(studio.session, &studio.photos[1..2], false).await.unwrap();
    assert_problem(app.checkout(&cart, &buyer(PACKAGE)).await, 409, "total_changed").await;
    let shown = studio.look(&cart).await;
    assert_eq!(shown["removed"], json!([{ "photo_id": studio.photos[1] }]));
    assert_eq!(shown["packages"][0]["missing"], 1);
    assert_problem(app.checkout(&cart, &buyer(PACKAGE)).await, 422, "package_not_filled").await;
    // A smaller package keeps what fits, and one that is off the list takes all of it along.
    let mut smaller = studio.list.clone();
    smaller["prices"][0]["parts"][1]["quantity"] = json!(1);
    studio.set(smaller.clone()).await;
    let shown = studio.look(&cart).await;
    assert_eq!(
        (&shown["packages"][0]["missing"], &shown["removed"]),
        (&json!(0), &json!([{ "photo_id": studio.photos[2] }]))
    );
    smaller["prices"][0]["active"] = json!(false);
    studio.set(smaller).await;
    let shown = studio.look(&cart).await;
    assert_eq!(
        (&shown["lines"], &shown["removed"]),
        (&json!([]), &json!([{ "photo_id": studio.photos[0] }]))
    );
    assert_problem(app.checkout(&cart, &buyer(0)).await, 422, "cart_empty").await;
}

#[tokio::test]
async fn a_package_counts_for_promo_code_delivery_and_tax_as_any_line() {
    let studio = studio().await;
    let (app, admin) = (&studio.app, &studio.admin);
    let way = json!({ "name": { "en": "Post" }, "amount": 500, "needs_address": false, "active": true });
    let settings = json!({ "payment_instructions": null, "seller": null,
        "tax": { "rate": 1_900, "included": false }, "shipping": [way] });
    let path = format!("/api/studios/{}/shop-settings", studio.id);
    let set: Value = app.send_as(admin, Method::PUT, &path, settings).await.json().await.unwrap();
    let promo = json!({ "code": "TEN", "percent": 10, "active": true });
    let path = format!("/api/studios/{}/promo-codes", studio.id);
    assert_eq!(app.send_as(admin, Method::POST, &path, promo).await.status(), StatusCode::CREATED);
    let cart = studio.cart().await;
    studio.put(&cart, &studio.filling()).await;
    let choice = json!({ "promo_code": "ten" });
    let request = app.request(Method::PATCH, &format!("/api/carts/{}", cart.token)).json(&choice);
    let chosen: Value = request.send().await.unwrap().json().await.unwrap();
    // 50.00 − 5.00, and 19 % on top of that.
    assert_eq!((&chosen["discount_amount"], &chosen["total_amount"]), (&json!(500), &json!(5_355)));
    // The prints of a package are delivered, which its file alone would not be.
    assert_problem(app.checkout(&cart, &buyer(5_355)).await, 422, "shipping_required").await;
    let choice = json!({ "shipping_id": set["shipping"][0]["id"] });
    let request = app.request(Method::PATCH, &format!("/api/carts/{}", cart.token)).json(&choice);
    let chosen: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!((&chosen["tax"]["amount"], &chosen["total_amount"]), (&json!(950), &json!(5_950)));
    let order = app.placed(&cart, 5_950).await;
    let request = app.request(Method::GET, "/api/shop/orders.csv").bearer_auth(&admin.access_token);
    let csv = request.send().await.unwrap().text().await.unwrap();
    let row = csv.lines().find(|row| row.contains(&order.id)).unwrap();
    assert!(row.contains(",5950,EUR,") && row.contains(",5000,TEN,500,Post,500,"), "{row}");
}
