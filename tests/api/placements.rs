//! Placement orders and customers' pictures: every message, every code, whose they are, and the balance when
//! many order at once.

use chrono::{TimeDelta, Utc};
use image::{ImageFormat, Rgb, RgbImage};
use pixora::domain::{Role, UserId};
use reqwest::{
    Method, Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

/// An order that says everything.
fn order() -> Value {
    json!({
        "title": "Autumn collection", "description": "The poster with the red coat.",
        "target_url": "https://example.com/autumn", "total_amount": 150_000,
        "geo": { "country": "Россия", "city": "Казань" },
        "deadline": (Utc::now() + TimeDelta::days(14)).to_rfc3339(), "platforms": ["Instagram", "VK"],
    })
}

fn with(mut order: Value, field: &str, value: Value) -> Value {
    order[field] = value;
    order
}

fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let pixel = |x: u32, y: u32| Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, 90]);
    RgbImage::from_fn(width, height, pixel).write_to(&mut bytes, ImageFormat::Jpeg).unwrap();
    bytes.into_inner()
}

/// The same with a place and a device in its EXIF, turned by a quarter.
pub fn jpeg_with_exif(width: u32, height: u32) -> Vec<u8> {
    // Little endian, one entry: orientation 6; then text that must not come out.
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
    exif.extend(b"SECRET-PLACE 55.75N 37.61E");
    let plain = jpeg(width, height);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&plain[..2], &[0xFF, 0xE1], &length, &exif, &plain[2..]].concat()
}

async fn create(app: &TestApp, user: &TestUser, order: Value) -> Response {
    app.send_as(user, Method::POST, "/api/orders", order).await
}

async fn created(app: &TestApp, user: &TestUser, order: Value) -> Value {
    let response = create(app, user, order).await;
    assert_eq!(response.status(), 201);
    response.json().await.expect("JSON")
}

async fn change(app: &TestApp, user: &TestUser, id: &Value, change: Value) -> Response {
    app.send_as(user, Method::PATCH, &format!("/api/orders/{}", id.as_str().unwrap()), change).await
}

async fn send(app: &TestApp, user: &TestUser, path: &str, form: Form) -> Response {
    app.request(Method::POST, path).bearer_auth(&user.access_token).multipart(form).send().await.unwrap()
}

fn file(bytes: Vec<u8>) -> Form {
    Form::new().part("image", Part::bytes(bytes).file_name("poster.jpg"))
}

async fn uploaded(app: &TestApp, user: &TestUser, bytes: Vec<u8>) -> String {
    let response = send(app, user, "/api/images", file(bytes)).await;
    assert_eq!(response.status(), 201);
    response.json::<Value>().await.unwrap()["image_url"].as_str().expect("is told").to_owned()
}

async fn process(app: &TestApp, user: &TestUser, image: &str, target: &str) -> Response {
    let input = json!({ "image_url": image, "target_url": target });
    app.send_as(user, Method::POST, "/api/images/process", input).await
}

async fn picture(app: &TestApp, user: &TestUser, url: &str) -> Vec<u8> {
    let response = app.send_as(user, Method::GET, url, json!({})).await;
    assert_eq!(response.status(), 200, "{url}");
    assert_eq!(response.headers()["content-type"], "image/jpeg");
    response.bytes().await.unwrap().to_vec()
}

/// What a scanner reads, and the picture's size.
#[expect(clippy::disallowed_methods, reason = "the picture is one that we made")]
fn scanned(jpeg: &[u8]) -> (String, u32, u32) {
    let luma = image::load_from_memory(jpeg).expect("is a JPEG").to_luma8();
    let (width, height) = luma.dimensions();
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
            luma.get_pixel(x as u32, y as u32).0[0]
        });
    let (_, text) = prepared.detect_grids()[0].decode().expect("the code can be read");
    (text, width, height)
}

/// For the walk over the table of rights.
pub async fn a_draft_with_a_picture(app: &TestApp, customer: &TestUser) -> (String, String) {
    let image = uploaded(app, customer, jpeg(300, 200)).await;
    let draft = created(app, customer, json!({ "draft": true, "image_url": image })).await;
    let image = image.trim_start_matches("/api/images/").to_owned();
    (draft["id"].as_str().unwrap().to_owned(), image)
}

#[tokio::test]
async fn an_order_is_placed_listed_and_shown_to_its_customer_and_admins() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    let placed = created(&app, &customer, order()).await;
    assert_eq!(placed["status"], "placed");
    assert_eq!(placed["customer_id"], customer.id.to_string());
    assert_eq!(placed["total_amount"], 150_000);
    assert_eq!(placed["currency"], "RUB");
    assert_eq!(placed["geo"], json!({ "country": "Россия", "region": null, "city": "Казань" }));
    assert_eq!(placed["platforms"], json!(["Instagram", "VK"]));
    let path = format!("/api/orders/{}", placed["id"].as_str().unwrap());
    let mut shown = app.get_as(&customer, &path).await;
    assert_eq!(shown.as_object_mut().unwrap().remove("source_image_url"), Some(Value::Null));
    assert_eq!(shown, placed);
    let list = app.get_as(&customer, "/api/orders").await;
    assert_eq!(list, json!({ "orders": [placed], "next_cursor": null, "balance": null }));

    let another = app.user(Role::Customer, &[]).await;
    assert_problem(app.send_as(&another, Method::GET, &path, json!({})).await, 404, "placement_not_found")
        .await;
    assert_eq!(app.get_as(&another, "/api/orders").await["orders"], json!([]));
    for role in [Role::Admin, Role::SuperAdmin] {
        let admin = app.user(role, &[]).await;
        assert_eq!(app.get_as(&admin, &path).await["id"], placed["id"]);
        assert_eq!(app.get_as(&admin, "/api/orders?status=placed").await["orders"][0]["id"], placed["id"]);
        assert_eq!(app.get_as(&admin, "/api/orders?status=draft").await["orders"], json!([]));
    }
    let photographer = app.user(Role::Photographer, &[]).await;
    assert_problem(app.send_as(&photographer, Method::GET, &path, json!({})).await, 403, "forbidden").await;
    let bad = app.send_as(&customer, Method::GET, "/api/orders?status=unheard", json!({})).await;
    assert_problem(bad, 422, "malformed_query").await;
}

#[tokio::test]
async fn the_list_comes_in_pages() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    for n in 0..3 {
        created(&app, &customer, json!({ "draft": true, "title": format!("Draft {n}") })).await;
    }
    let first = app.get_as(&customer, "/api/orders?limit=2").await;
    assert_eq!(first["orders"][0]["title"], "Draft 2", "newest first");
    let rest = app
        .get_as(&customer, &format!("/api/orders?cursor={}", first["next_cursor"].as_str().unwrap()))
        .await;
    assert_eq!(rest["orders"].as_array().map(Vec::len), Some(1));
    assert_eq!(rest["next_cursor"], Value::Null);
}

/// In the page's order: whoever may not order learns nothing of what is wrong with the order.
#[tokio::test]
async fn each_refusal_has_the_words_of_the_page() {
    let app = start().await;
    let russian = async |token: Option<&str>, body: Value, status: u16, code: &str, title: &str| -> Value {
        let mut request =
            app.request(Method::POST, "/api/orders").header("accept-language", "ru").json(&body);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let problem = assert_problem(request.send().await.unwrap(), status, code).await;
        assert_eq!(problem["title"], title);
        problem
    };
    russian(None, order(), 401, "sign_in_required", "Требуется авторизация").await;

    let gone = app.user(Role::Customer, &[]).await;
    forget(&app, gone.id).await;
    let title = "Пользователь не найден";
    russian(Some(&gone.access_token), order(), 404, "user_not_found", title).await;

    for role in [Role::SuperAdmin, Role::Admin, Role::Photographer, Role::Operator] {
        let user = app.user(role, &[]).await;
        let title = "Создавать заказы могут только заказчики";
        for body in [order(), json!({}), json!("no order at all")] {
            russian(Some(&user.access_token), body, 403, "customers_only", title).await;
        }
    }

    let customer = app.user(Role::Customer, &[]).await;
    let title = "Не все поля заполнены";
    let everything =
        ["title", "description", "target_url", "total_amount", "geo.country", "deadline", "platforms"];
    let token = Some(customer.access_token.as_str());
    let problem = russian(token, json!({}), 400, "placement_incomplete", title).await;
    assert_eq!(problem["fields"], json!(everything));
    for field in everything {
        for nothing in [Value::Null, json!(if field == "platforms" { json!([" "]) } else { json!("  ") })] {
            let body = match field {
                "geo.country" => with(order(), "geo", json!({ "country": nothing, "city": "Казань" })),
                "total_amount" | "deadline" => with(order(), field, Value::Null),
                field => with(order(), field, nothing),
            };
            let problem = russian(token, body, 400, "placement_incomplete", title).await;
            assert_eq!(problem["fields"], json!([field]));
        }
    }
}

/// As an operator would with the database in hand; the interface removes nobody.
async fn forget(app: &TestApp, user: UserId) {
    let url = crate::database::database_url(app.data.path()).await;
    sqlx::any::install_default_drivers();
    let pool = sqlx::AnyPool::connect(&url).await.expect("opens");
    let sql = format!("DELETE FROM users WHERE id = '{user}'");
    if url.starts_with("sqlite:") {
        sqlx::query("PRAGMA foreign_keys = ON").execute(&pool).await.expect("is set");
    }
    let done = sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.expect("is done");
    assert_eq!(done.rows_affected(), 1);
    pool.close().await;
}

#[tokio::test]
async fn what_a_field_says_is_held_to_its_limits() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    let cases = [
        ("total_amount", json!(9_999), "below_minimum"),
        ("total_amount", json!(0), "below_minimum"),
        ("total_amount", json!(i64::MAX), "too_large"),
        ("deadline", json!((Utc::now() - TimeDelta::seconds(1)).to_rfc3339()), "in_the_past"),
        ("deadline", json!("tomorrow"), "malformed"),
        ("target_url", json!("example.com"), "malformed"),
        ("target_url", json!("javascript:alert(1)"), "malformed"),
        ("title", json!("x".repeat(201)), "too_long"),
        ("description", json!("x".repeat(5001)), "too_long"),
        ("platforms", json!(["x".repeat(41)]), "too_long"),
        ("platforms", json!((0..21).map(|n| n.to_string()).collect::<Vec<_>>()), "too_many"),
        ("image_url", json!("/api/images/0192f0c1-7a3b-7c4d-8e5f-001122334455"), "unknown"),
    ];
    for (field, value, fault) in cases {
        let response = create(&app, &customer, with(order(), field, value)).await;
        let problem = assert_problem(response, 422, "placement_invalid").await;
        assert_eq!(problem["fields"], json!([field]), "{fault}");
        assert_eq!(problem["faults"], json!({ field: fault }));
    }
    created(&app, &customer, with(order(), "total_amount", json!(10_000))).await;
    for (field, value) in
        [("total_amount", json!("150.5")), ("total_amount", json!(150.5)), ("platforms", json!(7))]
    {
        assert_problem(create(&app, &customer, with(order(), field, value)).await, 422, "malformed_body")
            .await;
    }
    let elsewhere = with(order(), "image_url", json!("https://elsewhere.example/poster.jpg"));
    assert_problem(create(&app, &customer, elsewhere).await, 422, "foreign_image_url").await;
    // Old clients write in camel case; who orders is never theirs to say.
    let mut old = order();
    for (name, written) in [("target_url", "targetUrl"), ("total_amount", "totalAmount")] {
        let value = old.as_object_mut().unwrap().remove(name).unwrap();
        old[written] = value;
    }
    old["customer_id"] = json!(UserId::generate().to_string());
    let placed = created(&app, &customer, old).await;
    assert_eq!(placed["total_amount"], 150_000);
    assert_eq!(placed["customer_id"], customer.id.to_string());
}

#[tokio::test]
async fn a_draft_is_saved_as_it_is_typed_and_then_placed() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    let draft = created(&app, &customer, json!({ "draft": true })).await;
    let id = &draft["id"];
    assert_eq!(draft["status"], "draft");
    // Half a link, too little money and a past deadline are what typing looks like.
    let half = json!({ "title": "  Autumn ", "target_url": "https:/", "total_amount": 5, "deadline": "2020-01-01T00:00:00Z" });
    let saved: Value = change(&app, &customer, id, half).await.json().await.unwrap();
    assert_eq!(
        (&saved["title"], &saved["total_amount"], &saved["status"]),
        (&json!("Autumn"), &json!(5), &json!("draft"))
    );
    let long = change(&app, &customer, id, json!({ "title": "x".repeat(201) })).await;
    assert_problem(long, 422, "placement_invalid").await;

    let early = change(&app, &customer, id, json!({ "status": "placed" })).await;
    let problem = assert_problem(early, 400, "placement_incomplete").await;
    assert_eq!(problem["fields"], json!(["description", "geo.country", "platforms"]));
    let rest = json!({ "description": "Text", "geo": { "country": "Россия", "region": "Татарстан" }, "platforms": ["VK", "VK", " Telegram "], "status": "placed" });
    let problem =
        assert_problem(change(&app, &customer, id, rest.clone()).await, 422, "placement_invalid").await;
    assert_eq!(problem["fields"], json!(["total_amount", "deadline", "target_url"]));
    // The failed try wrote nothing.
    let path = format!("/api/orders/{}", id.as_str().unwrap());
    assert_eq!(app.get_as(&customer, &path).await["description"], "");

    let mut whole = order();
    whole["status"] = json!("placed");
    whole["geo"] = json!(null);
    let emptied = change(&app, &customer, id, whole.clone()).await;
    assert_eq!(assert_problem(emptied, 400, "placement_incomplete").await["fields"], json!(["geo.country"]));
    whole["geo"] = rest["geo"].clone();
    whole["platforms"] = rest["platforms"].clone();
    let placed: Value = change(&app, &customer, id, whole).await.json().await.unwrap();
    assert_eq!(placed["status"], "placed");
    assert_eq!(placed["platforms"], json!(["VK", "Telegram"]));
    assert_eq!(placed["geo"]["region"], "Татарстан");
    assert_problem(
        change(&app, &customer, id, json!({ "title": "Other" })).await,
        409,
        "placement_not_draft",
    )
    .await;
    assert_problem(
        app.send_as(&customer, Method::DELETE, &path, json!({})).await,
        409,
        "placement_not_draft",
    )
    .await;
}

#[tokio::test]
async fn an_order_moves_as_its_sides_say() {
    let app = start().await;
    let (customer, admin) = (app.user(Role::Customer, &[]).await, app.user(Role::Admin, &[]).await);
    let another = app.user(Role::Customer, &[]).await;
    let id = created(&app, &customer, order()).await["id"].clone();
    let to = async |user: &TestUser, status: &str| change(&app, user, &id, json!({ "status": status })).await;
    assert_problem(to(&another, "cancelled").await, 404, "placement_not_found").await;
    for status in ["in_progress", "completed", "draft"] {
        let problem = assert_problem(to(&customer, status).await, 409, "placement_transition_refused").await;
        assert_eq!((&problem["from"], &problem["to"]), (&json!("placed"), &json!(status)));
    }
    assert_problem(to(&customer, "unheard").await, 422, "placement_invalid").await;
    assert_problem(change(&app, &admin, &id, json!({ "title": "Mine" })).await, 403, "forbidden").await;
    assert_eq!(to(&admin, "in_progress").await.status(), 200);
    assert_problem(to(&customer, "cancelled").await, 409, "placement_transition_refused").await;
    assert_eq!(to(&admin, "completed").await.status(), 200);
    assert_eq!(to(&admin, "completed").await.status(), 200, "an answer that was lost is asked for again");
    assert_problem(to(&admin, "cancelled").await, 409, "placement_transition_refused").await;
}

#[tokio::test]
async fn a_draft_can_be_thrown_away_by_its_customer_only() {
    let app = start().await;
    let (customer, another) = (app.user(Role::Customer, &[]).await, app.user(Role::Customer, &[]).await);
    let draft = created(&app, &customer, json!({ "draft": true })).await;
    let path = format!("/api/orders/{}", draft["id"].as_str().unwrap());
    assert_problem(app.send_as(&another, Method::DELETE, &path, json!({})).await, 404, "placement_not_found")
        .await;
    assert_eq!(app.send_as(&customer, Method::DELETE, &path, json!({})).await.status(), 204);
    assert_problem(app.send_as(&customer, Method::GET, &path, json!({})).await, 404, "placement_not_found")
        .await;
}

#[tokio::test]
async fn the_same_request_twice_makes_one_order() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    let body = order();
    let send = async |body: Value| {
        let request = app.request(Method::POST, "/api/orders").bearer_auth(&customer.access_token);
        request.header("idempotency-key", "order-1").json(&body).send().await.unwrap()
    };
    // A refused order does not use the key up.
    assert_problem(send(json!({})).await, 400, "placement_incomplete").await;
    let answers = futures::future::join_all((0..8).map(|_| send(body.clone()))).await;
    let mut ids = std::collections::BTreeSet::new();
    for answer in answers {
        assert_eq!(answer.status(), 201);
        ids.insert(answer.json::<Value>().await.unwrap()["id"].to_string());
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(app.get_as(&customer, "/api/orders").await["orders"].as_array().map(Vec::len), Some(1));
    let other = with(body, "title", json!("Another"));
    assert_problem(send(other).await, 422, "idempotency_key_reused").await;
}

#[tokio::test]
async fn a_balance_is_reserved_released_and_spent_with_the_order() {
    let app = start().await;
    let (customer, admin) = (app.user(Role::Customer, &[]).await, app.user(Role::SuperAdmin, &[]).await);
    app.app.store.balances().add(customer.id, 400_000, Utc::now()).await.unwrap().expect("is added");
    let balance = async || app.get_as(&customer, "/api/orders").await["balance"].clone();
    let is =
        |amount: i64, reserved: i64| json!({ "amount": amount, "reserved": reserved, "currency": "RUB" });
    created(&app, &customer, with(order(), "draft", json!(true))).await;
    assert_eq!(balance().await, is(400_000, 0), "a draft costs nothing");
    let first = created(&app, &customer, order()).await;
    let second = created(&app, &customer, order()).await;
    assert_eq!(balance().await, is(400_000, 300_000));
    let problem = assert_problem(create(&app, &customer, order()).await, 409, "insufficient_balance").await;
    assert_eq!(problem["available"], 100_000);
    // What is reserved cannot be taken away.
    assert_eq!(app.app.store.balances().add(customer.id, -100_001, Utc::now()).await.unwrap(), None);
    assert_eq!(change(&app, &customer, &first["id"], json!({ "status": "cancelled" })).await.status(), 200);
    assert_eq!(change(&app, &customer, &first["id"], json!({ "status": "cancelled" })).await.status(), 200);
    assert_eq!(balance().await, is(400_000, 150_000), "released once");
    for status in ["in_progress", "completed"] {
        assert_eq!(change(&app, &admin, &second["id"], json!({ "status": status })).await.status(), 200);
    }
    assert_eq!(balance().await, is(250_000, 0), "spent");
    assert_eq!(app.get_as(&admin, "/api/orders").await["balance"], Value::Null);
}

#[tokio::test]
async fn orders_that_come_at_once_never_take_more_than_there_is() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    // Enough for seven of them.
    app.app
        .store
        .balances()
        .add(customer.id, 7 * 150_000 + 149_999, Utc::now())
        .await
        .unwrap()
        .expect("is added");
    let drafts = futures::future::join_all(
        (0..20).map(|_| created(&app, &customer, with(order(), "draft", json!(true)))),
    )
    .await;
    let new = futures::future::join_all((0..20).map(|_| create(&app, &customer, order())));
    let placed =
        drafts.iter().map(|draft| change(&app, &customer, &draft["id"], json!({ "status": "placed" })));
    let (new, placed) = futures::join!(new, futures::future::join_all(placed));
    let mut taken = 0;
    for answer in new.into_iter().chain(placed) {
        match answer.status().as_u16() {
            200 | 201 => taken += 1,
            _ => drop(assert_problem(answer, 409, "insufficient_balance").await),
        }
    }
    assert_eq!(taken, 7);
    let balance = app.app.store.balances().get(customer.id).await.unwrap().expect("is there");
    assert_eq!((balance.amount, balance.reserved), (7 * 150_000 + 149_999, 7 * 150_000));
}

#[tokio::test]
async fn a_picture_is_kept_upright_without_metadata_and_is_ones_own() {
    let app = start().await;
    let (customer, another) = (app.user(Role::Customer, &[]).await, app.user(Role::Customer, &[]).await);
    let sent = jpeg_with_exif(640, 480);
    assert!(sent.windows(6).any(|part| part == b"SECRET"));
    let response = send(&app, &customer, "/api/images", file(sent)).await;
    let told: Value = response.json().await.unwrap();
    assert_eq!((&told["width"], &told["height"]), (&json!(480), &json!(640)), "turned as its EXIF says");
    let url = told["image_url"].as_str().unwrap();
    for url in [url, told["preview_url"].as_str().unwrap()] {
        let kept = picture(&app, &customer, url).await;
        assert!(!kept.windows(6).any(|part| part == b"SECRET" || part == b"Exif\0\0"), "{url}");
    }
    assert_problem(app.send_as(&another, Method::GET, url, json!({})).await, 404, "image_not_found").await;
    assert_problem(app.get(url).await, 401, "sign_in_required").await;
    let admin = app.user(Role::Admin, &[]).await;
    picture(&app, &admin, url).await;
    // Nor can it be built into another's order, or be drawn on.
    let theirs = with(order(), "image_url", json!(url));
    assert_eq!(
        assert_problem(create(&app, &another, theirs).await, 422, "placement_invalid").await["faults"]["image_url"],
        "unknown"
    );
    assert_problem(process(&app, &another, url, "https://example.com").await, 404, "image_not_found").await;
}

#[tokio::test]
async fn only_pictures_are_taken_by_content_and_size() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    let cases: [(Vec<u8>, u16, &str); 5] = [
        (b"BM, not taken".to_vec(), 415, "unsupported_type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), 415, "unsupported_type"),
        (Vec::new(), 422, "undecodable_image"),
        (jpeg(300, 200)[..400].to_vec(), 422, "undecodable_image"),
        (vec![0xFF; (20 << 20) + 1], 413, "image_too_large"),
    ];
    for (bytes, status, code) in cases {
        assert_problem(send(&app, &customer, "/api/images", file(bytes)).await, status, code).await;
    }
    assert_problem(
        send(&app, &customer, "/api/images", Form::new().text("target_url", "x")).await,
        422,
        "missing_image",
    )
    .await;
    let strange = send(&app, &customer, "/api/images", Form::new().text("photo", "x")).await;
    assert_eq!(assert_problem(strange, 422, "unknown_field").await["field"], "photo");
    let json = app.send_as(&customer, Method::POST, "/api/images", json!({})).await;
    assert_problem(json, 415, "unsupported_type").await;
}

#[tokio::test]
async fn a_code_is_drawn_and_can_be_scanned() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    let target = "https://пример.рф/осень?utm_source=pixora";
    let source = uploaded(&app, &customer, jpeg(1600, 1200)).await;
    let processed: Value = process(&app, &customer, &source, target).await.json().await.unwrap();
    let expected = "https://xn--e1afmkfd.xn--p1ai/%D0%BE%D1%81%D0%B5%D0%BD%D1%8C?utm_source=pixora";
    let whole = picture(&app, &customer, processed["image_url"].as_str().unwrap()).await;
    assert_eq!(scanned(&whole), (expected.to_owned(), 1600, 1200));
    let (text, width, _) =
        scanned(&picture(&app, &customer, processed["preview_url"].as_str().unwrap()).await);
    assert_eq!(text, expected);
    assert!(width <= 1024);
    let [x, y, size] = ["x", "y", "size"].map(|name| processed["qr"][name].as_u64().expect("is told"));
    assert!(x + size <= 1600 && y + size <= 1200 && size > 100, "{processed}");

    // Another link is drawn on the picture below, not over the first code.
    let first = processed["image_url"].as_str().unwrap();
    let again: Value = process(&app, &customer, first, "https://example.com/2").await.json().await.unwrap();
    assert_eq!(
        scanned(&picture(&app, &customer, again["image_url"].as_str().unwrap()).await).0,
        "https://example.com/2"
    );
    // And in one form, as a script would.
    let form = file(jpeg(640, 900)).text("target_url", "https://example.com/3");
    let response = send(&app, &customer, "/api/images/process", form).await;
    assert_eq!(response.status(), 200);
    let third: Value = response.json().await.unwrap();
    assert_eq!(
        scanned(&picture(&app, &customer, third["image_url"].as_str().unwrap()).await).0,
        "https://example.com/3"
    );

    // An order cannot show a code that leads elsewhere.
    let image = again["image_url"].clone();
    let order = with(order(), "image_url", image);
    let problem =
        assert_problem(create(&app, &customer, order.clone()).await, 422, "placement_invalid").await;
    assert_eq!(problem["faults"], json!({ "image_url": "leads_elsewhere" }));
    let placed = created(&app, &customer, with(order, "target_url", json!("https://example.com/2"))).await;
    let shown = app.get_as(&customer, &format!("/api/orders/{}", placed["id"].as_str().unwrap())).await;
    assert_eq!(shown["source_image_url"], source.as_str());
}

#[tokio::test]
async fn nothing_is_fetched_and_no_link_but_to_the_web_is_drawn() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let inside =
        format!("http://{}/api/images/0192f0c1-7a3b-7c4d-8e5f-001122334455", listener.local_addr().unwrap());
    let foreign = [
        inside.as_str(),
        "https://elsewhere.example/poster.jpg",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "//elsewhere.example/api/images/0192f0c1-7a3b-7c4d-8e5f-001122334455",
        "/api/images/../keys",
        "/api/images/",
        "",
        "https://photos.example.elsewhere.example/api/images/0192f0c1-7a3b-7c4d-8e5f-001122334455",
    ];
    for url in foreign {
        assert_problem(process(&app, &customer, url, "https://example.com").await, 422, "foreign_image_url")
            .await;
    }
    assert!(futures::FutureExt::now_or_never(listener.accept()).is_none(), "nobody came");
    let image = uploaded(&app, &customer, jpeg(300, 300)).await;
    let ours = format!("https://photos.example{image}");
    assert_eq!(
        process(&app, &customer, &ours, "https://example.com").await.status(),
        200,
        "our own name before it"
    );
    for target in
        ["example.com", "ftp://example.com", "javascript:alert(1)", "https://me:hunter2@example.com"]
    {
        assert_problem(process(&app, &customer, &image, target).await, 422, "invalid_target_url").await;
    }
    let unsaid =
        app.send_as(&customer, Method::POST, "/api/images/process", json!({ "image_url": image })).await;
    let unsaid = assert_problem(unsaid, 400, "placement_incomplete").await;
    assert_eq!(unsaid["fields"], json!(["target_url"]));
    let nothing = json!({ "target_url": "https://example.com" });
    assert_problem(
        app.send_as(&customer, Method::POST, "/api/images/process", nothing).await,
        400,
        "placement_incomplete",
    )
    .await;
    let long = format!("https://example.com/{}", "a".repeat(1500));
    assert_problem(process(&app, &customer, &image, &long).await, 422, "qr_does_not_fit").await;
    let photographer = app.user(Role::Photographer, &[]).await;
    assert_problem(process(&app, &photographer, &image, "https://example.com").await, 403, "forbidden").await;
}

#[tokio::test]
async fn pictures_that_no_order_needs_are_swept_after_a_day() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    let unused = uploaded(&app, &customer, jpeg(300, 200)).await;
    let of_draft = uploaded(&app, &customer, jpeg(300, 300)).await;
    let below = uploaded(&app, &customer, jpeg(400, 300)).await;
    let target = order()["target_url"].as_str().unwrap().to_owned();
    let coded: Value = process(&app, &customer, &below, &target).await.json().await.unwrap();
    let coded = coded["image_url"].as_str().unwrap();
    let draft = created(&app, &customer, json!({ "draft": true, "image_url": of_draft })).await;
    let with_code = created(&app, &customer, json!({ "draft": true, "image_url": coded })).await;
    let sweep =
        async |hours: i64| app.app.placements.sweep(Utc::now() + TimeDelta::hours(hours)).await.unwrap();
    let there = async |url: &str| app.send_as(&customer, Method::GET, url, json!({})).await.status() == 200;

    assert_eq!(sweep(23).await, 0, "somebody may still be writing");
    assert_eq!(sweep(25).await, 1);
    assert!(!there(&unused).await);
    assert!(there(&of_draft).await && there(coded).await && there(&below).await);
    // Once placed, the order shows the picture with its code; what lies below is not needed any more.
    let mut whole = order();
    whole["status"] = json!("placed");
    assert_eq!(change(&app, &customer, &with_code["id"], whole).await.status(), 200);
    let path = format!("/api/orders/{}", draft["id"].as_str().unwrap());
    assert_eq!(app.send_as(&customer, Method::DELETE, &path, json!({})).await.status(), 204);
    assert_eq!(sweep(25).await, 2);
    assert!(!there(&below).await && !there(&of_draft).await && there(coded).await);
    let folder = app.data.path().join("blobs/customers").join(customer.id.to_string());
    let files = walkdir::WalkDir::new(folder).into_iter().flatten().filter(|file| file.file_type().is_file());
    assert_eq!(files.count(), 2, "the files went with their rows");
}

#[tokio::test]
async fn a_customer_lands_on_their_orders() {
    let app = start().await;
    let customer = app.user(Role::Customer, &[]).await;
    let home =
        app.request(Method::GET, "/dashboard").bearer_auth(&customer.access_token).send().await.unwrap();
    assert_eq!(home.headers()["location"], "/dashboard/customer");
    let door = app
        .request(Method::GET, "/dashboard/customer/create-order?draft=1")
        .header("accept", "text/html")
        .send()
        .await
        .unwrap();
    let to = "/auth/signin?role=customer&next=%2Fdashboard%2Fcustomer%2Fcreate%2Dorder%3Fdraft%3D1";
    assert_eq!(door.headers()["location"], to);
    assert_eq!(app.get("/auth/signin?role=customer").await.status(), 200);
}

#[tokio::test]
async fn the_other_side_is_told_of_each_step_by_mail() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let customer = app.user(Role::Customer, &[here]).await;
    let admin = app.user(Role::Admin, &[here]).await;
    // Neither another studio's admin nor somebody who is kept out moves the order on.
    app.user(Role::Admin, &[there]).await;
    let out = app.user(Role::Admin, &[here]).await;
    app.app.accounts.set_disabled(&out.email, true).await.expect("is kept out");
    let told =
        async || app.mails().await.into_iter().map(|mail| mail.to.as_str().to_owned()).collect::<Vec<_>>();

    let draft = created(&app, &customer, json!({ "draft": true })).await;
    assert!(told().await.is_empty(), "a draft is its customer's alone");
    let placed = created(&app, &customer, order()).await;
    assert_eq!(told().await, [admin.email.as_str()]);
    let placed_later = change(&app, &customer, &draft["id"], with(order(), "status", json!("placed"))).await;
    assert_eq!(placed_later.status(), reqwest::StatusCode::OK);
    assert_eq!(told().await.len(), 2);
    let cancelled = change(&app, &customer, &draft["id"], json!({ "status": "cancelled" })).await;
    assert_eq!(cancelled.status(), reqwest::StatusCode::OK);
    assert_eq!(told().await.len(), 3);
    for status in ["in_progress", "in_progress", "completed"] {
        let moved = change(&app, &admin, &placed["id"], json!({ "status": status })).await;
        assert_eq!(moved.status(), reqwest::StatusCode::OK);
    }
    let told = told().await;
    assert_eq!(told[3..], [customer.email.as_str(), customer.email.as_str()], "once for each step");
    let listed = app.get_as(&admin, "/api/orders").await;
    assert_eq!(listed["orders"][0]["customer_name"], "Test customer");
    let own = app.get_as(&customer, "/api/orders").await;
    assert_eq!(own["orders"][0]["customer_name"], Value::Null);
}
