//! Erasing an account: what goes, what stays without a name, who may, and who has to stay.

use pixora::{
    domain::{Role, UserId},
    erasures::ErasureKeeper,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection, Row};

use crate::{
    database::database_url,
    helpers::{PASSWORD, TestApp, TestUser, assert_problem, start},
};

fn path(user: UserId) -> String {
    format!("/api/users/{user}/erasure")
}

async fn preview(app: &TestApp, by: &TestUser, of: UserId) -> Value {
    let answer = app.send_as(by, Method::POST, &path(of), json!({})).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.expect("JSON")
}

async fn erase(app: &TestApp, by: &TestUser, of: UserId) -> Value {
    let confirm = preview(app, by, of).await["confirm"].clone();
    let answer = app.send_as(by, Method::POST, &path(of), json!({ "confirm": confirm })).await;
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    answer.json().await.expect("JSON")
}

async fn kept(app: &TestApp) -> usize {
    ErasureKeeper(app.app.erasures.clone()).round().await.expect("the rows answer")
}

/// Rows that name the user in a column of users, by table; a new table that an erasure forgets fails the tests.
async fn rows_of(app: &TestApp, user: UserId) -> Vec<String> {
    sqlx::any::install_default_drivers();
    let url = database_url(app.data.path()).await;
    let mut connection = sqlx::AnyConnection::connect(&url).await.expect("the rows answer");
    let columns = if app.app.store.is_embedded() {
        "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND c.name = 'user_id'"
    } else {
        "SELECT table_name::text, column_name::text FROM information_schema.columns \
         WHERE table_schema = 'public' AND column_name = 'user_id'"
    };
    let mut found = Vec::new();
    for row in sqlx::query(columns).fetch_all(&mut connection).await.expect("read") {
        let (table, column): (String, String) = (row.get(0), row.get(1));
        // Who sends a file stands there a day, as an id.
        if table == "uploads" {
            continue;
        }
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} = '{user}'");
        let count = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(&mut connection).await.expect("counted");
        if count.get::<i64, _>(0) > 0 {
            found.push(table);
        }
    }
    found
}

#[tokio::test]
async fn an_account_goes_with_its_tickets_and_devices_and_its_sessions_stay_without_a_name() {
    let app = start().await;
    let studio = app.studio().await;
    let boss = app.user(Role::SuperAdmin, &[studio]).await;
    let owner = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&owner, studio).await;
    let ticket = json!({ "subject": "Help", "message": "My number is +70000000000" });
    let ticket: Value =
        app.send_as(&owner, Method::POST, "/api/ticket", ticket).await.json().await.expect("JSON");
    let ticket = ticket["ticket_id"].as_str().or(ticket["id"].as_str()).expect("an id").to_owned();
    let (steps, now) = (app.app.store.two_steps(), chrono::Utc::now());
    steps.put_authenticator(owner.id, "sealed", now).await.expect("is written");
    steps.replace_recovery_codes(owner.id, &["hash".into()]).await.expect("is written");
    let challenge = pixora::store::Challenge { user: Some(owner.id), registers: true };
    steps.put_challenge("hash", challenge, now + chrono::TimeDelta::days(1)).await.expect("is written");
    app.app.store.team().set_photographers(session, &[owner.id]).await.expect("is written");
    let found = rows_of(&app, owner.id).await;
    for table in ["authenticators", "recovery_codes", "passkey_challenges", "session_photographers"] {
        assert!(found.iter().any(|it| it == table), "{table} among {found:?}");
    }

    let seen = preview(&app, &owner, owner.id).await;
    assert_eq!(
        (&seen["goes"]["accounts"], &seen["goes"]["tickets"], &seen["stays"]["sessions"]),
        (&json!(1), &json!(1), &json!(1)),
        "{seen}"
    );
    assert!(seen["goes"]["devices"].as_u64() > Some(0), "{seen}");
    let erasure = erase(&app, &owner, owner.id).await;
    assert_eq!((&erasure["kind"], &erasure["session_id"]), (&json!("account"), &Value::Null));
    let me = app.request(Method::GET, "/api/auth/me").bearer_auth(&owner.access_token).send().await.unwrap();
    assert_eq!(me.status(), StatusCode::UNAUTHORIZED, "signed out at once");
    assert_eq!(kept(&app).await, 1);
    let done = app.get_as(&boss, &format!("/api/erasures/{}", erasure["id"].as_str().unwrap())).await;
    assert_eq!(done["state"], "complete", "{done}");
    let receipt = &done["receipt"];
    assert_eq!(
        (&receipt["account"], &receipt["rows"]["tickets"]),
        (&json!(owner.id), &json!(1)),
        "{receipt}"
    );
    assert_eq!(receipt["stays"]["sessions"], 1, "{receipt}");
    assert!(receipt["left"].as_object().unwrap().values().all(|left| left == 0), "{receipt}");
    assert_eq!(rows_of(&app, owner.id).await, Vec::<String>::new());
    let gone = app.send_as(&boss, Method::GET, &format!("/api/ticket/{ticket}"), json!({})).await;
    assert_problem(gone, 404, "ticket_not_found").await;
    assert_eq!(
        app.get(&format!("/api/v1/sessions/{session}")).await.status(),
        200,
        "the studio's session stays"
    );
    let again = app.send_as(&boss, Method::POST, &path(owner.id), json!({})).await;
    assert_problem(again, 404, "user_not_found").await;
    let listed = app.app.store.users().list().await.unwrap();
    assert!(listed.iter().all(|user| user.id != owner.id));
    let sign_in = json!({ "login": owner.email, "password": PASSWORD });
    let sign_in = app.request(Method::POST, "/api/auth/login").json(&sign_in).send().await.unwrap();
    assert_problem(sign_in, 401, "invalid_credentials").await;
}

#[tokio::test]
async fn an_account_is_erased_by_whoever_has_it_and_by_those_who_run_it() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let boss = app.user(Role::SuperAdmin, &[here]).await;
    let admin = app.user(Role::Admin, &[here]).await;
    let photographer = app.user(Role::Photographer, &[here]).await;
    let of_both = app.user(Role::Photographer, &[here, there]).await;
    let customer = app.user(Role::Customer, &[]).await;
    for (by, of, may) in [
        (&photographer, &photographer, true),
        (&customer, &customer, true),
        (&admin, &photographer, true),
        (&boss, &customer, true),
        (&boss, &admin, true),
        (&admin, &of_both, false),
        (&admin, &customer, false),
        (&admin, &boss, false),
        (&photographer, &customer, false),
        (&customer, &photographer, false),
    ] {
        let answer = app.send_as(by, Method::POST, &path(of.id), json!({})).await;
        if may {
            assert_eq!(answer.status(), StatusCode::OK);
        } else {
            assert_problem(answer, 404, "user_not_found").await;
        }
    }
}

#[tokio::test]
async fn the_last_super_admin_and_whoever_has_an_open_order_stay() {
    let app = start().await;
    let boss = app.user(Role::SuperAdmin, &[app.studio().await]).await;
    let confirm = preview(&app, &boss, boss.id).await["confirm"].clone();
    let refused = app.send_as(&boss, Method::POST, &path(boss.id), json!({ "confirm": confirm })).await;
    assert_problem(refused, 409, "last_super_admin").await;
    let second = app.user(Role::SuperAdmin, &[app.studio().await]).await;
    erase(&app, &boss, boss.id).await;
    let customer = app.user(Role::Customer, &[]).await;
    let order = json!({
        "title": "Autumn", "description": "The poster", "target_url": "https://example.com/autumn",
        "total_amount": 150_000, "geo": { "country": "Россия" }, "deadline": "2099-12-31", "platforms": ["Telegram"],
    });
    let image = reqwest::multipart::Part::bytes(crate::uploads::jpeg(1)).file_name("a.jpg");
    let form = reqwest::multipart::Form::new().part("image", image);
    let request = app.request(Method::POST, "/api/images").bearer_auth(&customer.access_token);
    let image: Value = request.multipart(form).send().await.unwrap().json().await.unwrap();
    let mut order = order;
    order["image_url"] = image["image_url"].clone();
    let placed = app.send_as(&customer, Method::POST, "/api/orders", order).await;
    assert_eq!(placed.status(), 201, "{:?}", placed.text().await);
    let confirm = preview(&app, &second, customer.id).await["confirm"].clone();
    let refused = app.send_as(&second, Method::POST, &path(customer.id), json!({ "confirm": confirm })).await;
    assert_problem(refused, 409, "account_has_orders").await;
}
