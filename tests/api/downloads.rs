use pixora::{
    blobs::BlobKey,
    domain::{Photo, PhotoSessionId, Role},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::{
    archives::assert_sound,
    helpers::{TestApp, TestUser, assert_problem, start},
    shop::{BUNDLE, DIGITAL, PRINT, TestOrder},
};

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("is text"))
}

async fn with(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Response {
    let request = app.request(Method::GET, path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("answers")
}

/// A photo whose original is stored: its text is longer than one byte, which is what the helper says it has.
pub async fn photo(app: &TestApp, session: PhotoSessionId, filename: &str) -> Photo {
    let photo = app.photo(session, filename).await;
    let bytes = format!("original of {filename}");
    app.app.blobs.put(BlobKey::original(session, photo.id), bytes.clone()).await.expect("is written");
    let database = crate::database::database_url(app.data.path()).await;
    let pool = sqlx::AnyPool::connect(&database).await.expect("opens");
    sqlx::query("UPDATE photos SET bytes = $2 WHERE id = $1")
        .bind(photo.id.to_string())
        .bind(bytes.len() as i64)
        .execute(&pool)
        .await
        .expect("is written");
    photo
}

/// An order of two files, two prints of the first, in a session with a third photo.
async fn order(app: &TestApp) -> (PhotoSessionId, Vec<Photo>, TestOrder, TestUser) {
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let session = app.session().await;
    let mut photos = Vec::new();
    for name in ["Жених \"1\".JPG", "b.jpeg", "not-bought.jpg"] {
        photos.push(photo(app, session, name).await);
    }
    let cart = app.cart(session).await;
    let items = json!([{ "price_id": cart.prices.digital, "photo_id": photos[0].id, "quantity": 1 },
                       { "price_id": cart.prices.digital, "photo_id": photos[1].id, "quantity": 1 },
                       { "price_id": cart.prices.print, "photo_id": photos[0].id, "quantity": 2 }]);
    app.put(&cart, items).await;
    let order = app.placed(&cart, 2 * DIGITAL + 2 * PRINT).await;
    (session, photos, order, admin)
}

fn url(json: &Value) -> String {
    json.as_str().expect("a link").to_owned()
}

#[tokio::test]
async fn originals_open_when_the_order_is_paid_and_close_when_it_is_refunded() {
    let app = start().await;
    let (_, photos, order, admin) = order(&app).await;
    assert_eq!(order.json["archive_url"], Value::Null);
    assert!(order.json["lines"].as_array().unwrap().iter().all(|line| line["download_url"].is_null()));
    app.step(&admin, &order.id, "paid").await;
    let paid = app.get_json(&order.path("")).await;
    let lines = paid["lines"].as_array().unwrap();
    assert!(
        lines.iter().all(|line| line["download_url"].is_string() == (line["kind"] == "digital")),
        "{paid}"
    );
    let line =
        lines.iter().find(|line| line["photo_id"] == photos[0].id.to_string() && line["kind"] == "digital");
    let one = url(&line.unwrap()["download_url"]);
    let response = app.get(&one).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "image/jpeg");
    assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    assert_eq!(
        header(&response, "content-disposition"),
        "attachment; filename=\"_____ 1.JPG\"; filename*=UTF-8''%D0%96%D0%B5%D0%BD%D0%B8%D1%85%201.JPG"
    );
    let etag = header(&response, "etag").to_owned();
    let whole = response.bytes().await.unwrap();
    assert_eq!(whole, "original of Жених \"1\".JPG".as_bytes());

    let part = with(&app, &one, &[("range", "bytes=5-"), ("if-range", &etag)]).await;
    assert_eq!((part.status().as_u16(), header(&part, "etag")), (206, &*etag));
    assert_eq!(part.bytes().await.unwrap(), whole[5..]);
    let changed = with(&app, &one, &[("range", "bytes=5-"), ("if-range", "\"other\"")]).await;
    assert_eq!(changed.bytes().await.unwrap(), whole);
    assert_eq!(with(&app, &one, &[("if-none-match", &etag)]).await.status(), 304);
    assert_problem(with(&app, &one, &[("range", "bytes=999-")]).await, 416, "range_not_satisfiable").await;
    let head = app.request(Method::HEAD, &one).send().await.unwrap();
    assert_eq!(header(&head, "content-length"), whole.len().to_string());

    let all = url(&paid["archive_url"]);
    let response = app.get(&all).await;
    let (etag, bytes) = (header(&response, "etag").to_owned(), response.bytes().await.unwrap());
    let mut names = ["Жених 1.JPG", "b.jpeg"];
    if photos[0].taken_at > photos[1].taken_at {
        names.reverse();
    }
    assert_sound(&bytes, &names);
    let rest = with(&app, &all, &[("range", "bytes=40-"), ("if-range", &etag)]).await;
    assert_eq!(rest.bytes().await.unwrap(), bytes[40..]);

    app.step(&admin, &order.id, "refunded").await;
    for link in [one, all] {
        assert_problem(app.get(&link).await, 404, "link_invalid").await;
    }
    assert_eq!(app.get_json(&order.path("")).await["archive_url"], Value::Null);
}

#[tokio::test]
async fn a_link_opens_what_it_was_made_for_and_nothing_else() {
    let app = start().await;
    let (_, photos, mine, admin) = order(&app).await;
    let (_, others, theirs, _) = order(&app).await;
    for order in [&mine, &theirs] {
        app.step(&admin, &order.id, "paid").await;
    }
    let paid = app.get_json(&mine.path("")).await;
    let (all, one) = (url(&paid["archive_url"]), url(&paid["lines"][0]["download_url"]));
    let (_, all_query) = all.split_once('?').unwrap();
    let (path, query) = one.split_once('?').unwrap();
    let (expires, key) = query.split_once("&key=").unwrap();
    let order_key = &mine.key;
    let mut bad = vec![
        format!("/api/shop/orders/{}/archive.zip", mine.id),
        format!("/api/shop/orders/{}/archive.zip?key={order_key}", mine.id),
        format!("/api/shop/orders/{}/archive.zip?{expires}&key={order_key}", mine.id),
        format!("/api/shop/orders/{}/archive.zip?{query}", mine.id),
        format!("/api/shop/orders/{}/archive.zip?{all_query}", theirs.id),
        format!("{path}?{all_query}"),
        format!("{path}?expires=99999999999&key={key}"),
        format!("{path}?expires=1&key={key}"),
        format!("{path}?{expires}&key={}", key.to_lowercase()),
    ];
    // A photo that was only printed or not bought, one of another order, one of another's order.
    for photo in [&photos[1], &photos[2], &others[0]] {
        bad.push(format!("/api/shop/orders/{}/photos/{}?{query}", mine.id, photo.id));
        bad.push(format!("/api/shop/orders/{}/photos/{}?{query}", theirs.id, photo.id));
    }
    for bad in bad.iter().filter(|bad| **bad != one) {
        assert_problem(app.get(bad).await, 404, "link_invalid").await;
    }
    // We signed it, and it has run out.
    let id = format!("{}/{}", mine.id, photos[0].id);
    let past = chrono::DateTime::from_timestamp(1_000_000_000, 0).unwrap();
    let key = app.app.links.sign("order-photo", &id, Some(past));
    let old = format!("/api/shop/orders/{}/photos/{}?expires=1000000000&key={key}", mine.id, photos[0].id);
    assert_problem(app.get(&old).await, 404, "link_invalid").await;
}

#[tokio::test]
async fn a_bundle_is_all_that_guests_see_and_what_was_erased_is_left_out() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let session = app.session().await;
    let first = photo(&app, session, "a.jpg").await;
    let second = photo(&app, session, "b.jpg").await;
    let hidden = photo(&app, session, "hidden.jpg").await;
    app.app.store.photos().set_selected(session, &[hidden.id], false).await.unwrap();
    let cart = app.cart(session).await;
    let items = json!([{ "price_id": cart.prices.bundle, "photo_id": null, "quantity": 1 },
                       { "price_id": cart.prices.digital, "photo_id": first.id, "quantity": 1 }]);
    app.put(&cart, items).await;
    let order = app.placed(&cart, BUNDLE).await;
    app.step(&admin, &order.id, "paid").await;
    let archive = url(&app.get_json(&order.path("")).await["archive_url"]);
    let mut names = vec!["a.jpg", "b.jpg"];
    if first.taken_at > second.taken_at {
        names.reverse();
    }
    let response = app.get(&archive).await;
    let etag = header(&response, "etag").to_owned();
    assert_sound(&response.bytes().await.unwrap(), &names);
    // Hidden since, what was bought by name stays.
    app.app.store.photos().set_selected(session, &[first.id, second.id], false).await.unwrap();
    let response = with(&app, &archive, &[("range", "bytes=10-"), ("if-range", &etag)]).await;
    assert_eq!(response.status(), 200, "not the same any more: from the beginning");
    assert_sound(&response.bytes().await.unwrap(), &["a.jpg"]);
    app.eraser.photo(first.id).await.unwrap();
    assert_problem(app.get(&archive).await, 404, "photo_not_found").await;
    let shown = app.get_json(&order.path("")).await;
    assert!(shown["lines"].as_array().unwrap().iter().all(|line| line["download_url"].is_null()), "{shown}");
}

#[tokio::test]
async fn a_lab_gets_each_print_by_size_and_number_with_a_table_and_nobody_else_does() {
    let app = start().await;
    let (_, photos, order, admin) = order(&app).await;
    let path = format!("/api/shop/orders/{}/prints.zip", order.id);
    let number = order.json["number"].as_str().unwrap();
    let ask = async |headers: &[(&str, &str)]| {
        let request = app.request(Method::GET, &path).bearer_auth(&admin.access_token);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        request.send().await.expect("answers")
    };
    let response = ask(&[]).await;
    assert_eq!(response.status(), 200);
    let (etag, bytes) = (header(&response, "etag").to_owned(), response.bytes().await.unwrap());
    let file = format!("10x15 cm/{number} 2x Жених 1.JPG");
    assert_sound(&bytes, &[&file, "prints.csv"]);
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("original of Жених \"1\".JPG"), "the photographer's own file");
    let [width, height] = [photos[0].width, photos[0].height];
    assert!(text.contains(&format!("{file},10x15 cm,2,{width},{height},")), "{text}");
    let rest = ask(&[("range", "bytes=40-"), ("if-range", &etag)]).await;
    assert_eq!(rest.status(), 206);
    assert_eq!(rest.bytes().await.unwrap(), bytes[40..]);

    assert_problem(app.get(&format!("{path}?key={}", order.key)).await, 401, "sign_in_required").await;
    let stranger = app.user(Role::Admin, &[app.other_studio().await]).await;
    let theirs = app.request(Method::GET, &path).bearer_auth(&stranger.access_token).send().await.unwrap();
    assert_problem(theirs, 404, "order_not_found").await;
}
