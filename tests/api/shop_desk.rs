use chrono::{TimeDelta, Utc};
use pixora::domain::{OrderActor, OrderId, OrderStatus, Role};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    helpers::{TestApp, TestUser, assert_problem, start},
    shop::{BUNDLE, DIGITAL, PRINT, TestOrder, buyer},
};

/// Ways to each status that an order of prints can stand in.
const WAYS: [(&str, &[&str]); 5] = [
    ("placed", &[]),
    ("paid", &["paid"]),
    ("fulfilled", &["paid", "fulfilled"]),
    ("cancelled", &["cancelled"]),
    ("refunded", &["paid", "refunded"]),
];

async fn cancel(app: &TestApp, order: &TestOrder) -> Response {
    app.request(Method::POST, &order.path("/cancel")).send().await.expect("answers")
}

/// Every status × every step, as the studio, as the guest and as a provider.
#[tokio::test]
async fn an_order_goes_where_the_table_says_and_nowhere_else() {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await.id;
    let statuses: Vec<&str> = OrderStatus::ALL.iter().map(|status| status.as_str()).collect();
    let order_in = async |way: &[&str]| {
        let cart = app.cart(session).await;
        app.put(&cart, json!([{ "price_id": cart.prices.print, "photo_id": photo, "quantity": 1 }])).await;
        // Not over HTTP: this is more orders than one address may place.
        let new = pixora::shop::NewOrder {
            name: "Anna Example".into(),
            email: "anna@mail.example".into(),
            phone: None,
            note: None,
            address: None,
            language: pixora::domain::Language::English,
            payment: pixora::domain::PaymentMethod::Manual,
            expected_total: PRINT,
        };
        let found = app.app.sessions.get(session).await.expect("is there");
        let address = [192, 0, 2, cart.token.as_bytes()[0]].into();
        let by = pixora::shop::CheckoutBy { token: &cart.token, address };
        let order = app.app.shop.orders.checkout(by, &found, new, None, Utc::now()).await.expect("is placed");
        for step in way {
            assert_eq!(app.step(&admin, &order.id.to_string(), step).await.status(), StatusCode::OK);
        }
        order.id
    };
    for (from, way) in WAYS {
        let id = order_in(way).await;
        let shown = app.get_as(&admin, &format!("/api/shop/orders/{id}")).await;
        assert_eq!(shown["status"], from);
        let actions: Vec<&str> =
            shown["actions"].as_array().unwrap().iter().map(|a| a.as_str().unwrap()).collect();
        for to in &statuses {
            let id = order_in(way).await.to_string();
            let answer = app.step(&admin, &id, to).await;
            if actions.contains(to) {
                assert_eq!(answer.status(), StatusCode::OK, "{from} {to}");
                assert_eq!(answer.json::<Value>().await.unwrap()["status"], *to);
            } else {
                let problem = assert_problem(answer, 409, "order_transition_refused").await;
                assert_eq!((&problem["from"], &problem["to"]), (&json!(from), &json!(to)));
                let shown = app.get_as(&admin, &format!("/api/shop/orders/{id}")).await;
                assert_eq!(shown["status"], from, "a refused step moves nothing");
            }
        }
        let expected: &[&str] = match from {
            "placed" => &["paid", "cancelled"],
            "paid" => &["fulfilled", "refunded"],
            "fulfilled" => &["refunded"],
            _ => &[],
        };
        assert_eq!(actions, expected, "{from}");
        // Guest and provider, by the service that both come through.
        for actor in [OrderActor::Guest, OrderActor::Provider, OrderActor::System] {
            for to in OrderStatus::ALL {
                let id = order_in(way).await;
                let before: OrderStatus = from.parse().unwrap();
                let moved = app.app.shop.orders.transition(id, *to, actor, None, Utc::now()).await;
                assert_eq!(moved.is_ok(), before.may_become(*to, actor), "{from} {to} {actor}");
            }
        }
    }
}

#[tokio::test]
async fn a_guest_cancels_before_the_order_is_paid_and_not_after() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let session = app.session().await;
    let order = app.order(session).await;
    let cancelled: Value = cancel(&app, &order).await.json().await.unwrap();
    assert_eq!((&cancelled["status"], &cancelled["actions"]), (&json!("cancelled"), &json!([])));
    assert!(cancelled["cancelled_at"].is_string());
    assert_problem(cancel(&app, &order).await, 409, "order_transition_refused").await;
    let order = app.order(session).await;
    app.step(&admin, &order.id, "paid").await;
    assert_problem(cancel(&app, &order).await, 409, "order_transition_refused").await;
    for step in ["pay", "paid", "fulfilled", "refunded"] {
        let answer = app.request(Method::POST, &order.path(&format!("/{step}"))).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{step}");
    }
}

#[tokio::test]
async fn what_is_digital_is_fulfilled_when_it_is_paid_and_prints_when_they_are_ready() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let session = app.session().await;
    let order = app.order(session).await;
    let paid: Value = app.step(&admin, &order.id, "paid").await.json().await.unwrap();
    assert_eq!((&paid["status"], &paid["paid_at"]), (&json!("fulfilled"), &paid["fulfilled_at"]));
    let events = app.get_as(&admin, &format!("/api/shop/orders/{}/events", order.id)).await;
    let steps: Vec<_> = events["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| format!("{} {} {}", event["from"], event["to"], event["actor"]).replace('"', ""))
        .collect();
    assert_eq!(steps, ["draft placed guest", "placed paid user:Test admin", "paid fulfilled system"]);
    let words: Vec<_> = app.mails().await.into_iter().map(|mail| mail.body).collect();
    assert_eq!(words.len(), 2, "placed, and paid with the link: nothing more to tell");
    assert!(words[1].starts_with("Your payment has arrived. Download"), "{}", words[1]);
    assert!(words[1].contains(&order.key));

    let prints = app.order_with_prints(session).await;
    let paid: Value = app.step(&admin, &prints.id, "paid").await.json().await.unwrap();
    assert_eq!((&paid["status"], &paid["fulfilled_at"]), (&json!("paid"), &Value::Null));
    let path = format!("/api/shop/orders/{}/transitions", prints.id);
    let note = json!({ "to": "fulfilled", "note": " Handed over " });
    assert_eq!(app.send_as(&admin, Method::POST, &path, note).await.status(), StatusCode::OK);
    let events = app.get_as(&admin, &format!("/api/shop/orders/{}/events", prints.id)).await;
    assert_eq!(events["events"][2]["note"], "Handed over");
    let words: Vec<_> = app.mails().await.into_iter().map(|mail| mail.body).collect();
    assert_eq!(words.len(), 5);
    assert!(
        words[3].contains("prints are ready") && words[4].starts_with("Your order is ready"),
        "{words:?}"
    );
    for wrong in [json!({ "to": "done" }), json!({ "to": "" })] {
        let refused = app.send_as(&admin, Method::POST, &path, wrong).await;
        assert_problem(refused, 422, "invalid_order_status").await;
    }
    let long = json!({ "to": "refunded", "note": "x".repeat(1_001) });
    assert_problem(app.send_as(&admin, Method::POST, &path, long).await, 422, "invalid_note").await;
}

#[tokio::test]
async fn steps_at_once_are_taken_once() {
    let app = start().await;
    let session = app.session().await;
    let order = app.order_with_prints(session).await;
    let orders = &app.app.shop.orders;
    let pay = || orders.transition(order.id(), OrderStatus::Paid, OrderActor::Provider, None, Utc::now());
    let cancel =
        || orders.transition(order.id(), OrderStatus::Cancelled, OrderActor::Guest, None, Utc::now());
    let moved = futures::join!(pay(), cancel(), pay(), cancel(), pay(), pay());
    let worked =
        [moved.0, moved.1, moved.2, moved.3, moved.4, moved.5].iter().filter(|it| it.is_ok()).count();
    assert_eq!(worked, 1);
    assert_eq!(
        app.app.store.orders().events(order.id()).await.unwrap().len(),
        2,
        "placed, and that one step"
    );
}

#[tokio::test]
async fn an_order_opens_by_its_own_key_or_to_who_manages_its_session() {
    let app = start().await;
    let here = app.studio().await;
    let owner = app.user(Role::Photographer, &[here]).await;
    let session = app.session_of(&owner, here).await;
    let (order, other) = (app.order(session).await, app.order(session).await);
    let id = &order.id;
    let changed = format!("{}{}", if order.key.starts_with('A') { 'B' } else { 'A' }, &order.key[1..]);
    let archive = app.app.links.sign("archive", id, None);
    for key in ["", "x", &other.key, &changed, &order.key[1..], &archive, "%00", id] {
        for (method, more) in [(Method::GET, ""), (Method::POST, "/pay"), (Method::POST, "/cancel")] {
            let path = format!("/api/shop/orders/{id}{more}?key={key}");
            assert_problem(app.request(method, &path).send().await.unwrap(), 404, "order_not_found").await;
        }
    }
    let nowhere = OrderId::generate().to_string();
    let key = app.app.links.sign("order", &nowhere, None);
    assert_problem(app.get(&format!("/api/shop/orders/{nowhere}?key={key}")).await, 404, "order_not_found")
        .await;
    assert_problem(app.get(&format!("/api/shop/orders/{id}")).await, 404, "order_not_found").await;

    let path = format!("/api/shop/orders/{id}");
    for user in [&owner, &app.user(Role::Admin, &[here]).await, &app.user(Role::SuperAdmin, &[]).await] {
        assert_eq!(app.get_as(user, &path).await["actions"], json!(["paid", "cancelled"]));
    }
    for user in strangers(&app).await {
        let answer = app.send_as(&user, Method::GET, &path, json!({})).await;
        assert_problem(answer, 404, "order_not_found").await;
        // Who has the link is a guest, whoever they are elsewhere.
        let answer = app.send_as(&user, Method::GET, &order.path(""), json!({})).await;
        assert_eq!(answer.json::<Value>().await.unwrap()["actions"], json!(["cancelled"]));
    }
    // A closed session does not close what was bought in it.
    app.set_facepass(session, false).await;
    app.later(60);
    assert_eq!(app.get_json(&order.path("")).await["status"], "placed");
    assert_problem(
        app.request(Method::POST, &order.path("/pay")).send().await.unwrap(),
        409,
        "order_not_payable",
    )
    .await;
}

async fn strangers(app: &TestApp) -> Vec<TestUser> {
    let (here, there) = (app.studio().await, app.other_studio().await);
    vec![
        app.user(Role::Admin, &[there]).await,
        app.user(Role::Photographer, &[there]).await,
        app.user(Role::Photographer, &[here]).await,
        app.user(Role::Customer, &[here]).await,
        app.user(Role::Operator, &[here]).await,
    ]
}

#[tokio::test]
async fn the_list_shows_one_s_own_orders_and_narrows_them() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let owner = app.user(Role::Photographer, &[here]).await;
    let admin = app.user(Role::Admin, &[here]).await;
    let (mine, colleague_s) = (app.session_of(&owner, here).await, app.session().await);
    let stranger = app.user(Role::Admin, &[there]).await;
    let elsewhere = app.session_of(&stranger, there).await;
    let (first, second) = (app.order(mine).await, app.order_with_prints(mine).await);
    let third = app.order(colleague_s).await;
    let fourth = app.order(elsewhere).await;
    app.step(&admin, &second.id, "paid").await;
    app.step(&admin, &first.id, "paid").await;
    app.step(&admin, &first.id, "refunded").await;

    let ids = async |user: &TestUser, query: &str| {
        let page = app.get_as(user, &format!("/api/shop/orders{query}")).await;
        let orders = page["orders"].as_array().unwrap().clone();
        assert_eq!(page["totals"]["count"], orders.len());
        orders.iter().map(|order| order["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&owner, "").await, [&*second.id, &*first.id]);
    assert_eq!(ids(&admin, "").await, [&*third.id, &*second.id, &*first.id]);
    assert_eq!(ids(&stranger, "").await, [&*fourth.id]);
    let everything = app.user(Role::SuperAdmin, &[]).await;
    assert_eq!(ids(&everything, "").await.len(), 4);
    assert_eq!(ids(&admin, "?status=paid").await, [&*second.id]);
    assert_eq!(ids(&admin, &format!("?session_id={mine}")).await, [&*second.id, &*first.id]);
    // Nothing of others is found by naming it.
    assert!(ids(&stranger, &format!("?session_id={mine}")).await.is_empty());
    assert!(ids(&owner, &format!("?session_id={colleague_s}")).await.is_empty());
    let number = third.json["number"].as_str().unwrap();
    assert_eq!(ids(&admin, &format!("?q={number}")).await, [&*third.id]);
    assert_eq!(ids(&admin, "?q=ANNA@MAIL").await.len(), 3);
    assert_eq!(ids(&admin, "?q=%20exAMple%20").await.len(), 3);
    for nothing in ["?q=Ivan", "?q=%25", "?q=a_na", "?q=%5C", "?q='", "?status=fulfilled"] {
        assert!(ids(&admin, nothing).await.is_empty(), "{nothing}");
    }
    let hour = |hours| (Utc::now() + TimeDelta::hours(hours)).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    assert_eq!(ids(&admin, &format!("?from={}&to={}", hour(-1), hour(1))).await.len(), 3);
    assert!(ids(&admin, &format!("?from={}", hour(1))).await.is_empty());
    assert!(ids(&admin, &format!("?to={}", hour(-1))).await.is_empty());

    let page = app.get_as(&admin, "/api/shop/orders?limit=2").await;
    let totals = json!({ "count": 3, "paid_amount": 2 * PRINT + DIGITAL, "currency": "RUB" });
    assert_eq!(page["totals"], totals, "of all pages; what was refunded is not income");
    assert_eq!(page["orders"][1]["line_count"], 2);
    assert_eq!(page["orders"][1]["actions"], json!(["fulfilled", "refunded"]));
    let next = page["next_cursor"].as_str().unwrap();
    let page = app.get_as(&admin, &format!("/api/shop/orders?limit=2&cursor={next}")).await;
    assert_eq!((&page["orders"][0]["id"], &page["next_cursor"]), (&json!(first.id), &Value::Null));
    for (query, code) in [
        ("status=done", "invalid_order_status"),
        ("session_id=1", "malformed_id"),
        ("from=yesterday", "invalid_time"),
        ("cursor=1", "invalid_cursor"),
        ("limit=0", "invalid_limit"),
        (&format!("q={}", "x".repeat(201)), "malformed_query"),
    ] {
        let answer = app.send_as(&admin, Method::GET, &format!("/api/shop/orders?{query}"), json!({})).await;
        assert_problem(answer, 422, code).await;
    }
}

#[tokio::test]
async fn the_table_for_a_spreadsheet_holds_no_formula() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let session = app.session().await;
    let cart = app.cart(session).await;
    app.put(&cart, json!([{ "price_id": cart.prices.bundle, "photo_id": null, "quantity": 1 }])).await;
    let mut body = buyer(BUNDLE);
    body["name"] = json!("=HYPERLINK(\"https://evil.example\")");
    body["note"] = json!("two\nlines, \"quoted\"");
    assert_eq!(app.checkout(&cart, &body).await.status(), StatusCode::CREATED);
    app.order(session).await;
    let answer = app.send_as(&admin, Method::GET, "/api/shop/orders.csv", json!({})).await;
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    let text = answer.text().await.unwrap();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert!(text.starts_with('\u{feff}') && lines[0].starts_with("number,status,created_at"), "{text}");
    assert!(
        text.contains(r#","'=HYPERLINK(""https://evil.example"")",anna@mail.example,'+79000000000,"#),
        "{text}"
    );
    assert!(text.contains("\"two\nlines, \"\"quoted\"\"\",en,manual,1,500000,RUB,"), "{text}");
    assert_eq!(lines.len(), 4, "a head, two orders, one note of two lines");
    let none = app.send_as(&admin, Method::GET, "/api/shop/orders.csv?status=paid", json!({})).await;
    assert_eq!(none.text().await.unwrap().lines().count(), 1);
}

#[tokio::test]
async fn sales_are_part_of_a_session_s_analytics() {
    let app = start().await;
    let studio = app.studio().await;
    let owner = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&owner, studio).await;
    let (whole, prints, refunded) =
        (app.order(session).await, app.order_with_prints(session).await, app.order(session).await);
    app.order(session).await;
    for order in [&whole, &prints, &refunded] {
        app.step(&owner, &order.id, "paid").await;
    }
    app.step(&owner, &refunded.id, "refunded").await;
    let path = format!("/api/photo-sessions/{session}/analytics");
    let answer = app.get_as(&owner, &path).await;
    let revenue = BUNDLE + 2 * PRINT + DIGITAL;
    assert_eq!(answer["totals"]["orders"], 2);
    assert_eq!(answer["totals"]["revenue_amount"], revenue);
    assert_eq!(answer["currency"], "RUB");
    let hours = answer["hours"].as_array().unwrap();
    let sum: i64 = hours.iter().map(|hour| hour["revenue_amount"].as_i64().unwrap()).sum();
    assert_eq!(sum, revenue);
    let csv = app.send_as(&owner, Method::GET, &format!("{path}.csv"), json!({})).await.text().await.unwrap();
    assert!(
        csv.starts_with("hour,page_view,search,hit,empty,download,orders,revenue_amount,currency\n"),
        "{csv}"
    );
    assert!(csv.trim_end().ends_with(",RUB"), "{csv}");
    let before = app.get_as(&owner, &format!("{path}?to=2026-01-01T00:00:00Z")).await;
    assert_eq!((&before["totals"]["orders"], &before["hours"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn an_erased_session_leaves_amounts_and_nobody_s_name() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let (session, kept) = (app.session().await, app.session_named("Kept").await);
    let order = app.order_with_prints(session).await;
    let other = app.order(kept).await;
    let cart = app.cart(session).await;
    let path = format!("/api/shop/orders/{}/transitions", order.id);
    app.send_as(&admin, Method::POST, &path, json!({ "to": "paid", "note": "Anna paid in cash" })).await;
    let receipt = app.eraser.session(session).await.unwrap();
    let rows = receipt.rows.unwrap();
    assert_eq!((rows.carts, rows.orders_emptied), (2, 1), "the ordered cart and the other");
    assert_problem(app.get(&format!("/api/carts/{}", cart.token)).await, 404, "cart_not_found").await;
    let shown = app.get_as(&admin, &format!("/api/shop/orders/{}", order.id)).await;
    assert_eq!(
        (&shown["name"], &shown["email"], &shown["phone"], &shown["note"], &shown["session_name"]),
        (&json!(""), &Value::Null, &Value::Null, &Value::Null, &json!(""))
    );
    assert_eq!((&shown["total_amount"], &shown["status"]), (&json!(2 * PRINT + DIGITAL), &json!("paid")));
    assert_eq!(shown["lines"][0]["filename"], Value::Null);
    let events = app.get_as(&admin, &format!("/api/shop/orders/{}/events", order.id)).await;
    assert_eq!((&events["events"][1]["to"], &events["events"][1]["note"]), (&json!("paid"), &Value::Null));
    assert_eq!(
        app.get_as(&admin, "/api/shop/orders?q=anna").await["totals"]["count"],
        1,
        "the other session's"
    );
    assert_eq!(app.get_json(&other.path("")).await["email"], "anna@mail.example");
    // What waits for the mail server is of the other order.
    let waiting = app.mails().await;
    assert!(waiting.len() == 1 && waiting[0].body.contains(&other.id), "{waiting:?}");
    // Its studio can still finish it, and there is nobody to write to.
    assert_eq!(app.step(&admin, &order.id, "fulfilled").await.status(), StatusCode::OK);
    assert_eq!(app.mails().await.len(), 1);
}

#[tokio::test]
async fn a_buyer_who_asks_is_taken_out_of_their_order_and_no_other() {
    let app = start().await;
    let session = app.session().await;
    let (order, other) = (app.order(session).await, app.order(session).await);
    assert!(app.app.store.erase_buyer(order.id()).await.unwrap());
    let shown = app.get_json(&order.path("")).await;
    assert_eq!(
        (&shown["name"], &shown["email"], &shown["total_amount"]),
        (&json!(""), &Value::Null, &json!(BUNDLE))
    );
    assert_eq!(app.get_json(&other.path("")).await["email"], "anna@mail.example");
    assert!(!app.app.store.erase_buyer(OrderId::generate()).await.unwrap());
}

#[tokio::test]
async fn an_editor_hears_which_photos_were_chosen_and_not_by_whom() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let session = app.session().await;
    let path = format!("/api/photo-sessions/{session}/choices");
    assert_eq!(app.get_as(&admin, &path).await, json!({ "choices": [] }));
    app.order(session).await;
    let first = app.order_with_prints(session).await;
    let photo = first.json["lines"][0]["photo_id"].clone();
    let cart = app.cart(session).await;
    let items = json!([{ "price_id": cart.prices.digital, "photo_id": photo, "quantity": 1 }]);
    app.put(&cart, items).await;
    app.placed(&cart, DIGITAL).await;
    let chosen = json!({ "photo_id": photo, "filename": "IMG_0001.JPG", "raw_filename": null, "orders": 2, "quantity": 4,
                         "hearts": 0, "by_couple": false, "rating": null, "label": null });
    assert_eq!(app.get_as(&admin, &path).await, json!({ "choices": [chosen] }));
    assert_eq!(app.step(&admin, &first.id, "cancelled").await.status(), StatusCode::OK);
    let left = app.get_as(&admin, &path).await;
    assert_eq!((&left["choices"][0]["orders"], &left["choices"][0]["quantity"]), (&1.into(), &1.into()));
    let photographer = app.user(Role::Photographer, &[app.studio().await]).await;
    let refused = app.request(Method::GET, &path).bearer_auth(&photographer.access_token).send().await;
    assert_problem(refused.expect("answers"), 404, "session_not_found").await;
}
