//! Regressions of the doors: who is let in, how fast they are told, and what a key opens.

use std::{net::IpAddr, time::Duration};

use pixora::{
    accounts::{AccountError, Client},
    domain::Role,
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};

use crate::helpers::{PASSWORD, TestApp, TestUser, assert_problem, start};

const WRONG: &str = "a wrong password";

fn from(ip: impl Into<IpAddr>) -> Client {
    Client { ip: ip.into(), user_agent: "test".into() }
}

async fn login(app: &TestApp, user: &TestUser, password: &str, cookie: Option<&str>) -> Response {
    let mut request = app.request(Method::POST, "/api/auth/login");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    request.json(&json!({ "login": user.email, "password": password })).send().await.expect("answers")
}

/// By which the device is known from now on, as the browser sends it back.
fn known_device(answer: &Response) -> String {
    let cookies = answer.headers().get_all("set-cookie").iter().map(|cookie| cookie.to_str().unwrap());
    let cookie = cookies.into_iter().find(|cookie| cookie.starts_with("pixora_device_")).expect("is set");
    for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/api/auth"] {
        assert!(cookie.split("; ").any(|p| p == part), "{part} in {cookie}");
    }
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_stranger_locks_no_account_out() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let mut refused = 0;
    for round in 0..20 {
        for _ in 0..3 {
            let guess = app.app.accounts.sign_in(&user.email, WRONG.into(), &from([192, 0, 2, 66])).await;
            refused += u32::from(matches!(guess, Err(AccountError::TooManyAttempts(_))));
        }
        let owner = app.app.accounts.sign_in(&user.email, PASSWORD.into(), &from([198, 51, 100, 7])).await;
        owner.unwrap_or_else(|error| panic!("the owner is kept out in round {round}: {error}"));
    }
    assert!(refused >= 45, "the stranger is slowed down: {refused} of 60");
}

#[tokio::test]
async fn a_known_device_waits_for_no_stranger_behind_the_same_address() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let other = app.user(Role::Admin, &[]).await;
    let cookie = known_device(&login(&app, &user, PASSWORD, None).await);
    let others = known_device(&login(&app, &other, PASSWORD, None).await);
    let mut tries = 0;
    while login(&app, &user, WRONG, None).await.status() != StatusCode::TOO_MANY_REQUESTS {
        tries += 1;
        assert!(tries < 12, "a stranger is slowed down");
    }
    assert_problem(login(&app, &user, PASSWORD, None).await, 429, "too_many_attempts").await;
    // Another account's device, and one that nobody has signed, are strangers too.
    let forged = cookie.replacen("pixora_device_", "pixora_device_x", 1).replace('.', ".x");
    for stranger in [others.as_str(), forged.as_str()] {
        assert_problem(login(&app, &user, PASSWORD, Some(stranger)).await, 429, "too_many_attempts").await;
    }
    let both = format!("{others}; {cookie}");
    let renewed = login(&app, &user, PASSWORD, Some(&both)).await;
    assert_eq!(renewed.status(), StatusCode::OK);
    // The device has tries of its own, and a thief of it no more than a stranger.
    let cookie = known_device(&renewed);
    for _ in 0..10 {
        assert_problem(login(&app, &user, WRONG, Some(&cookie)).await, 401, "invalid_credentials").await;
    }
    assert_problem(login(&app, &user, WRONG, Some(&cookie)).await, 429, "too_many_attempts").await;
    // Another password makes all earlier devices strangers.
    let body = json!({ "current_password": PASSWORD, "new_password": "seven purple lanterns" });
    let changed = app.send_as(&user, Method::POST, "/api/auth/password", body).await;
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
    let here = known_device(&changed);
    let again = login(&app, &user, "seven purple lanterns", Some(&both)).await;
    assert_problem(again, 429, "too_many_attempts").await;
    assert_eq!(login(&app, &user, "seven purple lanterns", Some(&here)).await.status(), StatusCode::OK);
}

/// The database's only turn to write, taken by somebody else; `None` on PostgreSQL.
async fn write_lock(app: &TestApp) -> Option<SqliteConnection> {
    if std::env::var_os("PIXORA_TEST_DATABASE_URL").is_some() {
        return None;
    }
    let url = format!("sqlite:{}", app.data.path().join("pixora.db").display());
    let mut lock = SqliteConnection::connect(&url).await.expect("opens");
    sqlx::query("BEGIN IMMEDIATE").execute(&mut lock).await.expect("takes the turn");
    Some(lock)
}

#[tokio::test]
async fn a_failed_sign_in_is_answered_before_it_is_written_down() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let disabled = app.user(Role::Admin, &[]).await;
    app.app.accounts.set_disabled(&disabled.email, true).await.expect("is kept out");
    let Some(lock) = write_lock(&app).await else { return };
    for (who, password) in [(&user, WRONG), (&disabled, PASSWORD)] {
        let answer = tokio::time::timeout(Duration::from_secs(5), login(&app, who, password, None)).await;
        let answer = answer.expect("does not wait for the write, which would tell that there is such a user");
        assert_problem(answer, 401, "invalid_credentials").await;
    }
    drop(lock);
    let written = async {
        while app.get_as(&user, "/api/sessions/history").await["entries"][0]["success"] != false {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), written).await.expect("it is written all the same");
}

#[tokio::test]
async fn a_busy_database_is_a_503_that_says_when_to_come_again() {
    let app = start().await;
    let user = app.user(Role::Admin, &[app.studio().await]).await;
    let session = app.session().await;
    let Some(lock) = write_lock(&app).await else { return };
    let post = |path: &str, body: Value| {
        let request = app.request(Method::POST, path).json(&body);
        async move { request.send().await.expect("answers") }
    };
    let consent = json!({ "version": "1", "language": "en" });
    let answers = tokio::join!(
        login(&app, &user, PASSWORD, None),
        post("/api/auth/refresh", json!({ "refresh_token": user.refresh_token })),
        post("/api/qr-auth/generate", json!({})),
        post("/api/session/create", json!({ "type": "upload" })),
        app.send_as(&user, Method::POST, "/api/photo-sessions", json!({ "name": "Busy" })),
        app.send_as(&user, Method::POST, "/api/ticket", json!({ "subject": "Busy", "message": "Very" })),
        post(&format!("/api/v1/sessions/{session}/consents"), consent),
    );
    let (a, b, c, d, e, f, g) = answers;
    for answer in [a, b, c, d, e, f, g] {
        assert_problem(answer, 503, "database_unavailable").await;
    }
    drop(lock);
}

#[tokio::test]
async fn an_easy_password_is_none() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    for easy in ["aaaaaaaaaa", "1234567890", "qwertyuiop", "Password2026!", &user.email] {
        let body = json!({ "current_password": PASSWORD, "new_password": easy });
        let answer = app.send_as(&user, Method::POST, "/api/auth/password", body).await;
        assert_problem(answer, 422, "weak_password").await;
        app.later(40);
    }
}

async fn key(app: &TestApp, user: &TestUser, scope: &str) -> Response {
    app.send_as(user, Method::POST, "/api/keys", json!({ "name": "script", "scopes": [scope] })).await
}

async fn key_text(app: &TestApp, user: &TestUser, scope: &str) -> String {
    let made: Value = key(app, user, scope).await.json().await.expect("JSON");
    made["key"].as_str().expect("a key").to_owned()
}

async fn opens(app: &TestApp, key: &str) -> StatusCode {
    app.request(Method::GET, "/api/photo-sessions").bearer_auth(key).send().await.expect("answers").status()
}

#[tokio::test]
async fn keys_end_with_the_password_unless_they_are_to_be_kept() {
    let app = start().await;
    let user = app.user(Role::Admin, &[app.studio().await]).await;
    let script = key_text(&app, &user, "sessions:read").await;
    let change = async |current: &str, new: &str, keep: bool| {
        let body = json!({ "current_password": current, "new_password": new, "keep_api_keys": keep });
        app.send_as(&user, Method::POST, "/api/auth/password", body).await.status()
    };
    assert_eq!(change(PASSWORD, "seven purple lanterns", true).await, StatusCode::NO_CONTENT);
    assert_eq!(opens(&app, &script).await, StatusCode::OK);
    assert_eq!(change("seven purple lanterns", PASSWORD, false).await, StatusCode::NO_CONTENT);
    assert_eq!(opens(&app, &script).await, StatusCode::UNAUTHORIZED);
    assert_eq!(app.get_as(&user, "/api/keys").await["keys"], json!([]));

    // An operator's new password, and being kept out, end them too; being let in again brings none back.
    let script = key_text(&app, &user, "sessions:read").await;
    assert_eq!(
        app.app.accounts.reset_password(&user.email, "eleven green lanterns", false).await.unwrap(),
        1
    );
    assert_eq!(opens(&app, &script).await, StatusCode::UNAUTHORIZED);
    let signed_in =
        app.app.accounts.sign_in(&user.email, "eleven green lanterns".into(), &from([10, 9, 8, 7])).await;
    let user = TestUser { access_token: signed_in.expect("is let in").access_token, ..user };
    let script = key_text(&app, &user, "sessions:read").await;
    app.app.accounts.set_disabled(&user.email, true).await.unwrap();
    app.app.accounts.set_disabled(&user.email, false).await.unwrap();
    assert_eq!(opens(&app, &script).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_key_has_scopes_of_its_users_role_only() {
    let app = start().await;
    let studio = app.studio().await;
    for (role, offered) in [
        (Role::Customer, json!(["photos:write"])),
        (Role::Operator, json!(["handoff"])),
        (Role::Photographer, json!(["sessions:read", "sessions:write", "photos:write", "handoff", "faces"])),
    ] {
        let user = app.user(role, &[studio]).await;
        assert_eq!(app.get_as(&user, "/api/keys").await["offered_scopes"], offered, "{role}");
        let refused = assert_problem(key(&app, &user, "metrics:read").await, 422, "invalid_scopes").await;
        assert_eq!(refused["offered"], offered);
    }
    let customer = app.user(Role::Customer, &[]).await;
    assert_problem(key(&app, &customer, "handoff").await, 422, "invalid_scopes").await;

    // Of a key that was made when its user was something else, only what the role of today has use for is left.
    let user = app.user(Role::Operator, &[]).await;
    let booth = key_text(&app, &user, "handoff").await;
    let url = crate::database::database_url(app.data.path()).await;
    let pool = sqlx::AnyPool::connect(&url).await.expect("opens");
    let changed = sqlx::query("UPDATE users SET role = 'customer' WHERE id = $1").bind(user.id.to_string());
    assert_eq!(changed.execute(&pool).await.expect("is changed").rows_affected(), 1);
    let create = async || {
        let new = app.request(Method::POST, "/api/session/create").bearer_auth(&booth);
        new.json(&json!({ "type": "upload" })).send().await.expect("answers").status()
    };
    let mut made = 0;
    while create().await == StatusCode::CREATED {
        made += 1;
        assert!(made <= 62, "a customer's key is throttled as a stranger");
    }
    pool.close().await;
}

#[tokio::test]
async fn a_draft_is_its_customers_and_an_order_its_studios_admins() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let customer = app.user(Role::Customer, &[here]).await;
    let [ours, another] = [app.user(Role::Admin, &[here]).await, app.user(Role::Admin, &[there]).await];
    let draft =
        app.send_as(&customer, Method::POST, "/api/orders", json!({ "draft": true, "title": "Mine" })).await;
    let draft: Value = draft.json().await.expect("JSON");
    let path = format!("/api/orders/{}", draft["id"].as_str().expect("has an id"));
    let change = async |user: &TestUser, body: Value| app.send_as(user, Method::PATCH, &path, body).await;
    for admin in [&ours, &another] {
        for body in [
            json!({}),
            json!({ "status": "draft" }),
            json!({ "status": "placed" }),
            json!({ "title": "Yours" }),
        ] {
            assert_problem(change(admin, body).await, 404, "placement_not_found").await;
        }
    }
    let mut after = app.get_as(&customer, &path).await;
    after.as_object_mut().unwrap().remove("source_image_url");
    assert_eq!(after, draft, "nothing of it has changed, not even its time");

    let whole = json!({
        "description": "Shown in the town", "target_url": "https://example.com/", "total_amount": 10_000,
        "geo": { "country": "Utopia" }, "deadline": "2100-01-01T00:00:00Z", "platforms": ["VK"], "status": "placed",
    });
    assert_eq!(change(&customer, whole).await.status(), StatusCode::OK);
    assert_problem(change(&another, json!({ "status": "in_progress" })).await, 403, "forbidden").await;
    assert_eq!(change(&ours, json!({ "status": "in_progress" })).await.status(), StatusCode::OK);
}
