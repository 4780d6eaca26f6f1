use pixora::domain::{PhotoId, PriceKind, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    helpers::{assert_problem, start},
    shop::{BUNDLE, DIGITAL, PRINT},
};

#[tokio::test]
async fn a_cart_survives_a_reload_and_knows_its_total() {
    let app = start().await;
    let session = app.session().await;
    let (first, second) = (app.photo(session, "a.jpg").await, app.photo(session, "b.jpg").await);
    let cart = app.cart(session).await;
    assert_eq!(cart.token.len(), 43, "256 bits");
    let empty = app.get_json(&format!("/api/carts/{}", cart.token)).await;
    assert_eq!(
        empty,
        json!({ "session_id": session, "currency": "RUB", "lines": [], "items_amount": 0,
                "discount_amount": 0, "shipping_amount": 0, "total_amount": 0, "count": 0,
                "order_id": null, "removed": [], "bundle_photos": 2 })
    );
    let filled = app
        .put(
            &cart,
            json!([{ "price_id": cart.prices.digital, "photo_id": first.id, "quantity": 1 },
                   { "price_id": cart.prices.print, "photo_id": first.id, "quantity": 3 },
                   { "price_id": cart.prices.print, "photo_id": second.id, "quantity": 1 }]),
        )
        .await;
    assert_eq!(app.get_json(&format!("/api/carts/{}", cart.token)).await, filled);
    assert_eq!(filled["total_amount"], DIGITAL + 4 * PRINT);
    assert_eq!(filled["count"], 5);
    let line = &filled["lines"][1];
    assert_eq!(
        line,
        &json!({ "line_id": line["line_id"], "price_id": cart.prices.print, "kind": "print", "size": "10x15 cm",
                 "name": "Print", "photo_id": first.id, "filename": "a.jpg", "quantity": 3,
                 "thumb_url": format!("/media/{session}/{}/320-00000000000000a1.jpg", first.id),
                 "unit_amount": PRINT, "amount": 3 * PRINT, "covered": false })
    );

    // Quantities are set, not added; what is not named stays.
    let fewer = app
        .put(
            &cart,
            json!([{ "price_id": cart.prices.print, "photo_id": first.id, "quantity": 1 },
                   { "price_id": cart.prices.print, "photo_id": second.id, "quantity": 0 }]),
        )
        .await;
    assert_eq!(fewer["total_amount"], DIGITAL + PRINT);
    // A bundle covers the files and not the prints.
    let bundled =
        app.put(&cart, json!([{ "price_id": cart.prices.bundle, "photo_id": null, "quantity": 1 }])).await;
    assert_eq!(bundled["total_amount"], BUNDLE + PRINT);
    let covered: Vec<_> = bundled["lines"].as_array().unwrap().iter().map(|line| &line["covered"]).collect();
    assert_eq!(covered, [true, false, false]);
    assert_eq!(
        (&bundled["lines"][0]["amount"], &bundled["lines"][0]["unit_amount"]),
        (&json!(0), &json!(DIGITAL))
    );
}

#[tokio::test]
async fn only_what_may_be_bought_goes_into_a_cart() {
    let app = start().await;
    let (session, other) = (app.session().await, app.session_named("Another").await);
    let photo = app.photo(session, "a.jpg").await.id;
    let elsewhere = app.photo(other, "b.jpg").await.id;
    let waiting = app.queued_photo(session, "c.jpg").await;
    let hidden = app.photo(session, "d.jpg").await.id;
    app.app.store.photos().set_selected(session, &[hidden], false).await.unwrap();
    let cart = app.cart(session).await;
    let path = format!("/api/carts/{}/items", cart.token);
    let good = json!({ "price_id": cart.prices.print, "photo_id": photo, "quantity": 1 });
    let foreign_price = {
        let there = app.other_studio().await;
        app.sells(there).await.print
    };
    let item = |price: &str, photo: Value, quantity: i64| json!({ "price_id": price, "photo_id": photo, "quantity": quantity });
    let refused = [
        (item(&cart.prices.digital, json!(elsewhere), 1), 422, "photo_not_for_sale"),
        (item(&cart.prices.digital, json!(waiting), 1), 422, "photo_not_for_sale"),
        (item(&cart.prices.digital, json!(hidden), 1), 422, "photo_not_for_sale"),
        (item(&cart.prices.digital, json!(PhotoId::generate()), 1), 422, "photo_not_for_sale"),
        (item(&cart.prices.digital, json!(null), 1), 422, "invalid_cart_item"),
        (item(&cart.prices.print, json!(null), 1), 422, "invalid_cart_item"),
        (item(&cart.prices.bundle, json!(photo), 1), 422, "invalid_cart_item"),
        (item(&foreign_price, json!(photo), 1), 422, "unknown_price"),
        (item(&PhotoId::generate().to_string(), json!(photo), 1), 422, "unknown_price"),
        (item(&cart.prices.digital, json!(photo), 2), 422, "invalid_quantity"),
        (item(&cart.prices.bundle, json!(null), 2), 422, "invalid_quantity"),
        (item(&cart.prices.print, json!(photo), 101), 422, "invalid_quantity"),
        (item(&cart.prices.print, json!(photo), -1), 422, "malformed_body"),
        (item(&cart.prices.print, json!(photo), 1 << 40), 422, "malformed_body"),
    ];
    for (wrong, status, code) in refused {
        let answer = app.put_json(&path, &json!({ "items": [good, wrong] })).await;
        assert_problem(answer, status, code).await;
    }
    let many = json!({ "items": vec![good.clone(); 501] });
    assert_problem(app.put_json(&path, &many).await, 422, "cart_full").await;
    let cart = app.get_json(&format!("/api/carts/{}", cart.token)).await;
    assert_eq!(cart["lines"], json!([]), "a refused change changes nothing");
}

#[tokio::test]
async fn a_cart_holds_a_thousand_lines() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await.id;
    let cart = app.cart(session).await;
    let studio = app.studio().await;
    // A thousand and one lines by store: as many photos would take long to make.
    let list = app.app.shop.prices.get(studio).await.unwrap().unwrap();
    let print = list.prices.iter().find(|price| price.kind == PriceKind::Print).unwrap().id;
    let lines = |n: usize| -> Vec<_> {
        let item =
            |_| pixora::store::NewItem { price_id: print, photo_id: Some(PhotoId::generate()), quantity: 1 };
        (0..n).map(item).collect()
    };
    let hash = pixora::secrets::hash(&cart.token);
    let set = app
        .app
        .store
        .carts()
        .set_items(&hash, (&[], &lines(1_000)), chrono::Utc::now(), |_| Ok::<_, ()>(()))
        .await
        .unwrap();
    assert_eq!(set, Ok(pixora::store::ItemsSet::Set));
    let item = json!({ "items": [{ "price_id": cart.prices.print, "photo_id": photo, "quantity": 1 }] });
    let answer = app.put_json(&format!("/api/carts/{}/items", cart.token), &item).await;
    assert_problem(answer, 422, "cart_full").await;
}

#[tokio::test]
async fn photos_that_went_away_are_told_once() {
    let app = start().await;
    let session = app.session().await;
    let mut photos = Vec::new();
    for name in ["a.jpg", "b.jpg", "c.jpg"] {
        photos.push(app.photo(session, name).await.id);
    }
    let cart = app.cart(session).await;
    let item = |photo: &PhotoId| json!({ "price_id": cart.prices.digital, "photo_id": photo, "quantity": 1 });
    app.put(&cart, photos.iter().map(item).collect()).await;
    app.app.store.photos().set_selected(session, &photos[..1], false).await.unwrap();
    app.app.gallery.delete(session, &photos[1..2]).await.unwrap();
    let path = format!("/api/carts/{}", cart.token);
    let told = app.get_json(&path).await;
    let removed: Vec<_> = photos[..2].iter().map(|id| json!({ "photo_id": id })).collect();
    assert_eq!((&told["removed"], &told["total_amount"]), (&json!(removed), &json!(DIGITAL)));
    assert_eq!(told["bundle_photos"], 1);
    assert_eq!(app.get_json(&path).await["removed"], json!([]));
    // Shown again, it is not in the cart again by itself; taking out what has gone is fine.
    app.app.store.photos().set_selected(session, &photos[..1], true).await.unwrap();
    assert_eq!(app.get_json(&path).await["count"], 1);
    let gone = json!([{ "price_id": cart.prices.digital, "photo_id": photos[1], "quantity": 0 }]);
    assert_eq!(app.put(&cart, gone).await["count"], 1);
}

#[tokio::test]
async fn prices_that_change_change_the_cart() {
    let app = start().await;
    let (session, studio) = (app.session().await, app.studio().await);
    let photo = app.photo(session, "a.jpg").await.id;
    let cart = app.cart(session).await;
    app.put(&cart, json!([{ "price_id": cart.prices.digital, "photo_id": photo, "quantity": 1 }])).await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let path = format!("/api/studios/{studio}/prices");
    let mut list = app.get_as(&admin, &path).await;
    list["prices"][0]["amount"] = json!(DIGITAL + 1);
    app.send_as(&admin, Method::PUT, &path, list.clone()).await;
    let cart_path = format!("/api/carts/{}", cart.token);
    assert_eq!(app.get_json(&cart_path).await["total_amount"], DIGITAL + 1);
    list["prices"][0]["active"] = json!(false);
    app.send_as(&admin, Method::PUT, &path, list).await;
    let emptied = app.get_json(&cart_path).await;
    assert_eq!((&emptied["lines"], &emptied["removed"]), (&json!([]), &json!([{ "photo_id": photo }])));
}

#[tokio::test]
async fn a_cart_is_opened_by_its_token_alone_in_its_session_while_that_is_open() {
    let app = start().await;
    let session = app.session().await;
    let cart = app.cart(session).await;
    let id = pixora::secrets::hash(&cart.token);
    for token in ["x", &id, &cart.token[1..], &format!("{}x", cart.token), "%00", &session.to_string()] {
        assert_problem(app.get(&format!("/api/carts/{token}")).await, 404, "cart_not_found").await;
        let nothing = json!({ "items": [] });
        let answer = app.put_json(&format!("/api/carts/{token}/items"), &nothing).await;
        assert_problem(answer, 404, "cart_not_found").await;
    }
    let nowhere = PhotoId::generate();
    let answer =
        app.request(Method::POST, &format!("/api/v1/sessions/{nowhere}/carts")).send().await.unwrap();
    assert_problem(answer, 404, "session_not_found").await;
    app.set_facepass(session, false).await;
    app.later(60);
    assert_problem(app.get(&format!("/api/carts/{}", cart.token)).await, 404, "facepass_disabled").await;
}

#[tokio::test]
async fn a_cart_that_nobody_comes_back_to_is_removed() {
    let app = start().await;
    let session = app.session().await;
    let cart = app.cart(session).await;
    let now = chrono::Utc::now();
    let carts = &app.app.shop.carts;
    assert_eq!(carts.sweep(now + chrono::TimeDelta::days(29)).await.unwrap(), 0);
    // Looking at it is use.
    carts.find(&cart.token, now + chrono::TimeDelta::days(20)).await.unwrap();
    assert_eq!(carts.sweep(now + chrono::TimeDelta::days(49)).await.unwrap(), 0);
    assert_eq!(carts.sweep(now + chrono::TimeDelta::days(51)).await.unwrap(), 1);
    assert_problem(app.get(&format!("/api/carts/{}", cart.token)).await, 404, "cart_not_found").await;
}
