//! Signing in and staying signed in, on the real app.

use chrono::{DateTime, TimeDelta, Utc};
use pixora::{
    app::{self, App},
    domain::{DeviceSessionId, Role},
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::helpers::{PASSWORD, TestApp, TestUser, assert_problem, start};

impl TestApp {
    async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).json(body).send().await.expect("answers")
    }

    async fn post_as(&self, user: &TestUser, path: &str, body: &Value) -> Response {
        let request = self.request(Method::POST, path).bearer_auth(&user.access_token);
        request.json(body).send().await.expect("answers")
    }

    async fn login(&self, login: &str, password: &str) -> Response {
        self.post("/api/auth/login", &json!({ "login": login, "password": password })).await
    }

    async fn me(&self, access_token: &str) -> StatusCode {
        let request = self.request(Method::GET, "/api/auth/me").bearer_auth(access_token);
        request.send().await.expect("answers").status()
    }

    async fn refresh(&self, token: &str) -> Response {
        self.post("/api/auth/refresh", &json!({ "refresh_token": token })).await
    }
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_else(|| panic!("{key} of {value}")).to_owned()
}

#[tokio::test]
async fn a_password_opens_the_door_by_address_or_number() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    let response = app.login(&user.email.to_uppercase(), PASSWORD).await;
    assert_eq!(response.status(), StatusCode::OK);
    let tokens: Value = response.json().await.unwrap();
    assert_eq!(tokens["expires_in"], 900);
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["user"]["role"], "photographer");
    assert_eq!(tokens["user"]["studios"][0]["name"], "Studio");
    assert_eq!(app.me(&text(&tokens, "access_token")).await, StatusCode::OK);

    let new = pixora::accounts::NewUser {
        email: None,
        phone: Some("8 900 000-00-01".into()),
        name: "By number".into(),
        role: Role::Customer,
        password: PASSWORD.into(),
        studios: Vec::new(),
    };
    app.app.accounts.add_user(new).await.expect("is made");
    assert_eq!(app.login("+7 (900) 000-00-01", PASSWORD).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_name_and_a_wrong_password_look_alike() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let disabled = app.user(Role::Admin, &[]).await;
    app.app.accounts.set_disabled(&disabled.email, true).await.expect("is kept out");
    let mut answers = Vec::new();
    for (login, password) in [
        (user.email.as_str(), "a wrong password"),
        ("nobody@example.com", PASSWORD),
        ("not even an address", PASSWORD),
        (&disabled.email, PASSWORD),
    ] {
        let mut problem = assert_problem(app.login(login, password).await, 401, "invalid_credentials").await;
        problem["request_id"] = Value::Null;
        answers.push(problem);
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(app.me(&disabled.access_token).await, StatusCode::UNAUTHORIZED, "what is signed in stops");
    assert_problem(app.refresh(&disabled.refresh_token).await, 401, "invalid_refresh_token").await;

    app.app.accounts.set_disabled(&disabled.email, false).await.expect("is let in again");
    assert_eq!(
        app.me(&disabled.access_token).await,
        StatusCode::UNAUTHORIZED,
        "but what was ended stays ended"
    );
    assert_eq!(app.login(&disabled.email, PASSWORD).await.status(), StatusCode::OK);

    // Written beside the answer.
    let history = loop {
        let history = app.get_as(&user, "/api/sessions/history").await;
        if history["entries"].as_array().unwrap().len() > 1 {
            break history;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(history["entries"][0]["success"], false);
    assert_eq!(history["entries"][0]["reason"], "invalid_credentials");
    assert_eq!(history["entries"][0]["ip"], "127.0.0.1");
    assert_eq!(history["entries"][1]["success"], true);
    for bad in ["0", "201", "many"] {
        let request = app.request(Method::GET, &format!("/api/sessions/history?limit={bad}"));
        let response = request.bearer_auth(&user.access_token).send().await.unwrap();
        assert_problem(response, 422, "invalid_limit").await;
    }
}

/// Not a race against a clock: the same work is done, which the two means, taken in turns, must show.
#[tokio::test]
async fn a_name_that_nobody_has_costs_the_same_work() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for round in 0..8_u8 {
        for (login, times) in [(user.email.as_str(), &mut known), ("nobody@example.com", &mut unknown)] {
            let client = pixora::accounts::Client { ip: [10, 0, 0, round].into(), user_agent: String::new() };
            let begun = std::time::Instant::now();
            app.app.accounts.sign_in(login, "a wrong password".into(), &client).await.expect_err("is wrong");
            times.push(begun.elapsed());
        }
    }
    known.sort_unstable();
    unknown.sort_unstable();
    // Without the hash it would be a hundredth.
    assert!(unknown[4] * 3 > known[4], "unknown {unknown:?}, known {known:?}");
}

#[tokio::test]
async fn guessing_is_slowed_down_for_one_account_and_for_one_address() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let mut refused = None;
    for _ in 0..11 {
        let response = app.login(&user.email, "a wrong password").await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(response);
            break;
        }
    }
    assert_problem(refused.expect("the eleventh try at the latest"), 429, "too_many_attempts").await;
    let other = app.user(Role::Admin, &[]).await;
    assert_eq!(app.login(&other.email, PASSWORD).await.status(), StatusCode::OK, "others are let in");
    let mut tries = 0;
    loop {
        tries += 1;
        let response = app.login(&format!("nobody{tries}@example.com"), "x").await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            break;
        }
        assert!(tries < 40, "an address is slowed down too");
    }
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_second_use_ends_the_device() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let first = app.refresh(&user.refresh_token).await;
    assert_eq!(first.status(), StatusCode::OK);
    let first: Value = first.json().await.unwrap();
    let second: Value = app.refresh(&text(&first, "refresh_token")).await.json().await.unwrap();
    assert_eq!(app.me(&text(&second, "access_token")).await, StatusCode::OK);

    // The thief, or the victim, comes with one that was used before.
    assert_problem(app.refresh(&user.refresh_token).await, 401, "refresh_token_reused").await;
    assert_problem(app.refresh(&text(&second, "refresh_token")).await, 401, "invalid_refresh_token").await;
    assert_eq!(app.me(&text(&second, "access_token")).await, StatusCode::UNAUTHORIZED);
    assert_problem(app.refresh("nonsense").await, 401, "invalid_refresh_token").await;
    assert_problem(app.post("/api/auth/refresh", &json!({})).await, 401, "invalid_refresh_token").await;
}

#[tokio::test]
async fn two_that_refresh_at_once_are_a_reuse() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let (a, b) = tokio::join!(app.refresh(&user.refresh_token), app.refresh(&user.refresh_token));
    let mut statuses = [a.status().as_u16(), b.status().as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401]);
    assert_eq!(app.me(&user.access_token).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn tokens_run_out() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    app.later(15 * 60 + 29);
    assert_eq!(app.me(&user.access_token).await, StatusCode::OK, "half a minute of skew is forgiven");
    app.later(2);
    assert_eq!(app.me(&user.access_token).await, StatusCode::UNAUTHORIZED);
    let fresh: Value = app.refresh(&user.refresh_token).await.json().await.unwrap();
    assert_eq!(app.me(&text(&fresh, "access_token")).await, StatusCode::OK);
    app.later(30 * 24 * 3600);
    assert_problem(app.refresh(&text(&fresh, "refresh_token")).await, 401, "invalid_refresh_token").await;
    app.app.accounts.sweep().await.expect("sweeps");
    let again = app.login(&user.email, PASSWORD).await.json::<Value>().await.unwrap();
    let devices = app.request(Method::GET, "/api/sessions").bearer_auth(text(&again, "access_token"));
    let devices: Value = devices.send().await.unwrap().json().await.unwrap();
    assert_eq!(devices["sessions"].as_array().unwrap().len(), 1, "the old device is gone");
}

#[tokio::test]
async fn forged_tokens_open_nothing() {
    let app = start().await;
    let user = app.user(Role::SuperAdmin, &[]).await;
    let parts: Vec<_> = user.access_token.split('.').collect();
    let none = {
        use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as URL};
        let header: Value = serde_json::from_slice(&URL.decode(parts[0]).unwrap()).unwrap();
        URL.encode(json!({ "alg": "none", "typ": "JWT", "kid": header["kid"] }).to_string())
    };
    let mut tampered = parts[1].to_owned();
    tampered.replace_range(10..11, if tampered.as_bytes()[10] == b'A' { "B" } else { "A" });
    for token in [
        format!("{none}.{}.", parts[1]),
        format!("{none}.{}.{}", parts[1], parts[2]),
        format!("{}.{tampered}.{}", parts[0], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
    ] {
        assert_eq!(app.me(&token).await, StatusCode::UNAUTHORIZED, "{token}");
    }
    // Well signed, but of a device that never was.
    let keys = app.app.settings.data_dir.join("keys/access.json");
    let ours = pixora::accounts::AccessTokens::open(&keys, Utc::now()).expect("the keys are there");
    let stray = ours.issue(user.id, DeviceSessionId::generate(), Utc::now());
    assert_eq!(app.me(&stray).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_eleventh_device_takes_the_place_of_the_quietest() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let mut tokens = vec![user.access_token.clone()];
    // Ten tries at one account are the most that one node takes at once.
    let clock = {
        let ahead = app.ahead.clone();
        std::sync::Arc::new(move || {
            Utc::now() + TimeDelta::seconds(ahead.load(std::sync::atomic::Ordering::SeqCst))
        })
    };
    let other_node = app::accounts(&app.app.settings, &app.app.store, app.app.postbox.clone(), clock)
        .expect("the keys are read");
    for device in 1..=10_u8 {
        app.later(61);
        let client = pixora::accounts::Client { ip: [10, 1, 1, device].into(), user_agent: String::new() };
        // The first device is used, so the second is the quietest.
        assert_eq!(app.me(&tokens[0]).await, StatusCode::OK);
        let accounts = if device < 6 { &app.app.accounts } else { &other_node };
        let signed_in = accounts.sign_in(&user.email, PASSWORD.into(), &client).await;
        tokens.push(signed_in.expect("is let in").access_token);
    }
    assert_eq!(app.me(&tokens[1]).await, StatusCode::UNAUTHORIZED);
    for (number, token) in tokens.iter().enumerate().filter(|(number, _)| *number != 1) {
        assert_eq!(app.me(token).await, StatusCode::OK, "device {number}");
    }
    let devices = app.get_as(&user, "/api/sessions").await;
    assert_eq!(devices["sessions"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn devices_are_listed_and_ended() {
    let app = start().await;
    let user = app.user(Role::Customer, &[]).await;
    let login = app.request(Method::POST, "/api/auth/login").header(
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
    );
    let login = login.json(&json!({ "login": user.email, "password": PASSWORD })).send().await.unwrap();
    let second: Value = login.json().await.unwrap();

    let sessions = app.get_as(&user, "/api/sessions").await["sessions"].clone();
    let of = |current: bool| sessions.as_array().unwrap().iter().find(|s| s["current"] == current).unwrap();
    assert_eq!(sessions.as_array().unwrap().len(), 2);
    let other = of(false);
    assert_eq!(other["browser"], "Chrome 140");
    assert_eq!((&other["device"], &other["os"]), (&json!("computer"), &json!("Linux")));
    assert_eq!(other["ip"], "127.0.0.1");
    assert_eq!(other["location"], Value::Null, "no place database, no place");

    let end = async |path: String| {
        app.request(Method::DELETE, &path).bearer_auth(&user.access_token).send().await.unwrap()
    };
    let path = format!("/api/sessions/{}", text(other, "id"));
    assert_eq!(end(path.clone()).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(app.me(&text(&second, "access_token")).await, StatusCode::UNAUTHORIZED, "at once");
    assert_problem(app.refresh(&text(&second, "refresh_token")).await, 401, "invalid_refresh_token").await;
    assert_problem(end(path).await, 404, "device_session_not_found").await;

    for _ in 0..2 {
        app.login(&user.email, PASSWORD).await;
    }
    let ended: Value = end("/api/sessions/others/all".into()).await.json().await.unwrap();
    assert_eq!(ended, json!({ "ended": 2 }));
    assert_eq!(app.me(&user.access_token).await, StatusCode::OK);
}

#[tokio::test]
async fn a_browser_gets_cookies_that_scripts_cannot_read_and_other_sites_cannot_use() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let response = app.login(&user.email, PASSWORD).await;
    let cookies: Vec<_> =
        response.headers().get_all("set-cookie").iter().map(|c| c.to_str().unwrap().to_owned()).collect();
    let cookie = |name: &str| cookies.iter().find(|c| c.starts_with(name)).expect("is set").clone();
    let (access, refresh, csrf) = (cookie("pixora_access"), cookie("pixora_refresh"), cookie("pixora_csrf"));
    for (cookie, parts) in [
        (&access, ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"]),
        (&refresh, ["HttpOnly", "SameSite=Strict", "Secure", "Path=/api/auth"]),
        (&csrf, ["SameSite=Lax", "Secure", "Path=/", "Max-Age=2592000"]),
    ] {
        for part in parts {
            assert!(cookie.split("; ").any(|p| p == part), "{part} in {cookie}");
        }
    }
    assert!(!csrf.contains("HttpOnly"));

    let pair = |cookie: &str| cookie.split(';').next().unwrap().to_owned();
    let value = |cookie: &str| pair(cookie).split_once('=').unwrap().1.to_owned();
    let send = async |method: Method, path: &str, token: Option<&str>| {
        let mut request = app.request(method, path).header("cookie", format!("a=b; {}", pair(&access)));
        if let Some(token) = token {
            request = request.header("x-csrf-token", token);
        }
        request.json(&json!({ "name": "x", "scopes": ["sessions:read"] })).send().await.unwrap()
    };
    assert_eq!(send(Method::GET, "/api/auth/me", None).await.status(), StatusCode::OK);
    assert_problem(send(Method::POST, "/api/keys", None).await, 403, "csrf_required").await;
    assert_problem(send(Method::POST, "/api/keys", Some(&user.csrf)).await, 403, "csrf_required").await;
    assert_eq!(send(Method::POST, "/api/keys", Some(&value(&csrf))).await.status(), StatusCode::CREATED);

    // With a stale access cookie the refresh cookie goes on, and signing out takes all three away.
    let refreshed = app.request(Method::POST, "/api/auth/refresh").header("cookie", pair(&refresh));
    let refreshed = refreshed.json(&json!({})).send().await.unwrap();
    assert_eq!(refreshed.status(), StatusCode::OK);
    let successor = refreshed.headers().get_all("set-cookie").iter().map(|c| c.to_str().unwrap());
    let successor = successor.into_iter().find(|c| c.starts_with("pixora_refresh")).unwrap().to_owned();
    let out = app.request(Method::POST, "/api/auth/logout").header("cookie", pair(&successor));
    let out = out.send().await.unwrap();
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    let cleared =
        out.headers().get_all("set-cookie").iter().filter(|c| c.to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(cleared.count(), 3);
    assert_eq!(send(Method::GET, "/api/auth/me", None).await.status(), StatusCode::UNAUTHORIZED);
    // Nobody's cookies are taken away for a request that brings none.
    let stranger = app.post("/api/auth/logout", &json!({})).await;
    assert_eq!(stranger.headers().get_all("set-cookie").iter().count(), 0);
}

#[tokio::test]
async fn a_changed_password_signs_the_other_devices_out() {
    let app = start().await;
    let user = app.user(Role::Operator, &[]).await;
    let other: Value = app.login(&user.email, PASSWORD).await.json().await.unwrap();
    let change = async |current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        app.post_as(&user, "/api/auth/password", &body).await
    };
    assert_problem(change("wrong", "another invented one").await, 401, "invalid_credentials").await;
    for weak in ["short", &user.email.to_uppercase(), &"x".repeat(201)] {
        assert_problem(change(PASSWORD, weak).await, 422, "weak_password").await;
    }
    assert_eq!(change(PASSWORD, "another invented one").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(app.me(&text(&other, "access_token")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(app.me(&user.access_token).await, StatusCode::OK);
    assert_eq!(app.login(&user.email, PASSWORD).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(app.login(&user.email, "another invented one").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn keys_are_shown_once_work_until_revoked_and_are_named_well() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    for (body, problem) in [
        (json!({ "name": "", "scopes": ["sessions:read"] }), "invalid_name"),
        (json!({ "name": "x", "scopes": [] }), "invalid_scopes"),
        (json!({ "name": "x", "scopes": ["everything"] }), "invalid_scopes"),
    ] {
        assert_problem(app.post_as(&user, "/api/keys", &body).await, 422, problem).await;
    }
    let body = json!({ "name": "Lightroom", "scopes": ["photos:write", "sessions:read", "photos:write"] });
    let created: Value = app.post_as(&user, "/api/keys", &body).await.json().await.unwrap();
    assert_eq!(created["scopes"], json!(["sessions:read", "photos:write"]));
    let key = text(&created, "key");
    assert!(key.starts_with(&text(&created, "prefix")) && key.len() > 40, "{key}");

    // Valid, but not for this.
    let request = app.request(Method::GET, "/api/auth/me").bearer_auth(&key);
    assert_problem(request.send().await.unwrap(), 403, "forbidden").await;
    let listed = app.get_as(&user, "/api/keys").await;
    assert!(listed["keys"][0]["last_used_at"].is_string(), "its use was noted");
    assert!(!listed.to_string().contains(&key), "the key is not shown again");

    let path = format!("/api/keys/{}", text(&created, "id"));
    let revoke =
        async || app.request(Method::DELETE, &path).bearer_auth(&user.access_token).send().await.unwrap();
    assert_eq!(revoke().await.status(), StatusCode::NO_CONTENT);
    assert_problem(revoke().await, 404, "api_key_not_found").await;
    let request = app.request(Method::GET, "/api/auth/me").bearer_auth(&key);
    assert_problem(request.send().await.unwrap(), 401, "sign_in_required").await;
}

#[tokio::test]
async fn the_first_account_is_made_once_through_the_link() {
    let app = start().await;
    let session = app.session().await;
    let token = app.app.accounts.new_setup_token().await.unwrap().expect("nobody has an account");
    let newer = app.app.accounts.new_setup_token().await.unwrap().expect("still nobody");
    let with = |token: &str, email: &str, password: &str| json!({ "token": token, "email": email, "password": password, "name": "Anna", "studio_name": "Light & Co" });
    let set_up = async |body: Value| app.post("/api/auth/setup", &body).await;
    for body in [with("wrong", "anna@example.com", PASSWORD), with(&token, "anna@example.com", PASSWORD)] {
        assert_problem(set_up(body).await, 404, "setup_link_invalid").await;
    }
    assert_problem(set_up(with(&newer, "anna", PASSWORD)).await, 422, "invalid_email").await;
    assert_problem(set_up(with(&newer, "anna@example.com", "short")).await, 422, "weak_password").await;

    app.later(24 * 3600);
    assert_problem(set_up(with(&newer, "anna@example.com", PASSWORD)).await, 404, "setup_link_invalid").await;
    let fresh = app.app.accounts.new_setup_token().await.unwrap().expect("still nobody");
    let response = set_up(with(&fresh, "anna@example.com", PASSWORD)).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers().get_all("set-cookie").iter().count(), 4);
    let tokens: Value = response.json().await.unwrap();
    assert_eq!(tokens["user"]["role"], "super_admin");
    assert_eq!(tokens["user"]["studios"][0]["name"], "Light & Co");
    // The studio of sessions made before is the one that was named.
    let studio = app.app.store.sessions().get(session).await.unwrap().unwrap().studio_id;
    assert_eq!(tokens["user"]["studios"][0]["id"], studio.to_string());

    assert_problem(set_up(with(&fresh, "ivan@example.com", PASSWORD)).await, 404, "setup_link_invalid").await;
    assert_eq!(app.app.accounts.new_setup_token().await.unwrap(), None, "somebody has an account now");
}

#[tokio::test]
async fn a_login_belongs_to_one_account() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let again = pixora::accounts::NewUser {
        email: Some(user.email.to_uppercase()),
        phone: None,
        name: "Again".into(),
        role: Role::Customer,
        password: PASSWORD.into(),
        studios: Vec::new(),
    };
    assert_eq!(app.app.accounts.add_user(again.clone()).await.expect_err("is taken").code(), "login_taken");
    for (change, code) in [
        (pixora::accounts::NewUser { email: Some("none".into()), ..again.clone() }, "invalid_email"),
        (pixora::accounts::NewUser { email: None, ..again.clone() }, "invalid_email"),
        (pixora::accounts::NewUser { phone: Some("12".into()), ..again.clone() }, "invalid_phone"),
        (pixora::accounts::NewUser { name: "\n".into(), ..again }, "invalid_name"),
    ] {
        assert_eq!(app.app.accounts.add_user(change).await.expect_err("is refused").code(), code);
    }
}

mod qr {
    use super::*;

    async fn generate(app: &TestApp) -> (String, String) {
        let (code, scanned, _) = generate_in_browser(app, None).await;
        (code, scanned)
    }

    /// Asks what became of a code as a page does, with what its browser keeps.
    async fn poll(app: &TestApp, code: &str, cookie: &str) -> Response {
        let request = app.request(Method::POST, "/api/qr-auth/status").header("cookie", cookie);
        request.json(&json!({ "code": code })).send().await.expect("answers")
    }

    /// The codes, and the cookie that the browser is given; `cookie` is what it has from before.
    async fn generate_in_browser(app: &TestApp, cookie: Option<&str>) -> (String, String, String) {
        let mut request = app.request(Method::POST, "/api/qr-auth/generate");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.json(&json!({})).send().await.expect("answers");
        assert_eq!(response.status(), StatusCode::CREATED);
        let cookie = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/api/qr-auth"] {
            assert!(cookie.split("; ").any(|p| p == part), "{part} in {cookie}");
        }
        let code: Value = response.json().await.unwrap();
        assert_eq!(code["expires_in"], 60);
        assert!(text(&code, "qr_svg").contains("<svg"));
        let url = text(&code, "confirm_url");
        let scanned =
            url.strip_prefix("https://photos.example/qr-login?code=").expect("our own page").to_owned();
        assert_eq!(text(&code, "app_url"), format!("pixora://qr-login?code={scanned}"));
        (text(&code, "code"), scanned, cookie.split(';').next().unwrap().to_owned())
    }

    /// Login CSRF: an attacker lets themself be confirmed and leads a victim's browser to the code.
    #[tokio::test]
    async fn no_link_with_a_code_signs_a_browser_in() {
        let app = start().await;
        let attacker = app.user(Role::Admin, &[]).await;
        let (code, scanned) = generate(&app).await;
        app.post_as(&attacker, "/api/qr-auth/confirm", &json!({ "code": scanned })).await;
        let path = format!("/api/qr-auth/status/{code}");
        // By a link, a redirect, a window, a frame, or a script of another site.
        for (mode, site) in [
            ("navigate", "cross-site"),
            ("navigate", "none"),
            ("no-cors", "cross-site"),
            ("cors", "same-site"),
        ] {
            let led = app.request(Method::GET, &path).header("sec-fetch-mode", mode);
            let led = led.header("sec-fetch-site", site).send().await.unwrap();
            assert_eq!(led.headers().get_all("set-cookie").iter().count(), 0, "{mode} {site}");
            assert_eq!(led.json::<Value>().await.unwrap(), json!({ "status": "confirmed", "tokens": null }));
        }
        // A form of another site cannot send JSON; a page of ours in the victim's browser has another cookie, or none.
        let form = app.request(Method::POST, "/api/qr-auth/status").body(format!("code={code}"));
        let form = form.header("content-type", "text/plain").send().await.unwrap();
        assert_problem(form, 415, "unsupported_type").await;
        let (_, _, victims) = generate_in_browser(&app, None).await;
        for cookie in ["", "pixora_qr=", victims.as_str()] {
            let polled = poll(&app, &code, cookie).await;
            assert_eq!(polled.headers().get_all("set-cookie").iter().count(), 0, "{cookie}");
            assert_eq!(polled.json::<Value>().await.unwrap(), json!({ "status": "expired", "tokens": null }));
        }
        // A program without cookies is given the tokens, and no cookies.
        let program = app.get(&path).await;
        assert_eq!(program.headers().get_all("set-cookie").iter().count(), 0);
        assert!(program.json::<Value>().await.unwrap()["tokens"]["access_token"].is_string());
    }

    #[tokio::test]
    async fn two_tabs_of_a_browser_wait_for_their_codes_at_the_same_time() {
        let app = start().await;
        let user = app.user(Role::Admin, &[]).await;
        let (first, scanned, cookie) = generate_in_browser(&app, None).await;
        let (second, _, again) = generate_in_browser(&app, Some(&cookie)).await;
        assert_eq!(cookie, again);
        let planted = generate_in_browser(&app, Some("pixora_qr=chosen-by-somebody")).await.2;
        assert_ne!(planted, "pixora_qr=chosen-by-somebody");
        app.post_as(&user, "/api/qr-auth/confirm", &json!({ "code": scanned })).await;
        let status = async |code: &str| {
            poll(&app, code, &cookie).await.json::<Value>().await.unwrap()["status"].clone()
        };
        assert_eq!((status(&second).await, status(&first).await), (json!("pending"), json!("confirmed")));
    }

    async fn status(app: &TestApp, code: &str) -> Value {
        app.get_json(&format!("/api/qr-auth/status/{code}")).await
    }

    #[tokio::test]
    async fn a_confirmed_code_hands_the_tokens_out_once_to_who_asked() {
        let app = start().await;
        let user = app.user(Role::Photographer, &[app.studio().await]).await;
        let (code, scanned) = generate(&app).await;
        assert_ne!(code, scanned);
        assert_eq!(status(&app, &code).await, json!({ "status": "pending", "tokens": null }));

        let asking = app.get_as(&user, &format!("/api/qr-auth/request/{scanned}")).await;
        assert_eq!(asking["status"], "pending");
        assert_eq!(asking["ip"], "127.0.0.1");
        let confirm = json!({ "code": scanned });
        assert_eq!(
            app.post_as(&user, "/api/qr-auth/confirm", &confirm).await.status(),
            StatusCode::NO_CONTENT
        );
        assert_problem(app.post_as(&user, "/api/qr-auth/reject", &confirm).await, 409, "qr_code_settled")
            .await;

        // Whoever photographed the screen has this code, and gets nothing for it.
        assert_eq!(status(&app, &scanned).await["status"], "expired");
        let (a, b) = tokio::join!(status(&app, &code), status(&app, &code));
        let confirmed: Vec<_> = [a, b].into_iter().filter(|s| s["status"] == "confirmed").collect();
        assert_eq!(confirmed.len(), 1, "two polls at once get the tokens once");
        let tokens = &confirmed[0]["tokens"];
        assert_eq!(tokens["user"]["id"], user.id.to_string());
        assert_eq!(app.me(&text(tokens, "access_token")).await, StatusCode::OK);
        assert_eq!(status(&app, &code).await, json!({ "status": "expired", "tokens": null }));
        let history = app.get_as(&user, "/api/sessions/history?limit=1").await;
        assert_eq!(history["entries"][0]["method"], "qr");
    }

    #[tokio::test]
    async fn the_tokens_come_with_cookies_for_the_browser_that_asked() {
        let app = start().await;
        let user = app.user(Role::Customer, &[]).await;
        let (code, scanned, cookie) = generate_in_browser(&app, None).await;
        app.post_as(&user, "/api/qr-auth/confirm", &json!({ "code": scanned })).await;
        let response = poll(&app, &code, &cookie).await;
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 4);
        assert_eq!(response.headers()["cache-control"], "no-store");
        let tokens: Value = response.json().await.unwrap();
        assert_eq!(app.me(&text(&tokens["tokens"], "access_token")).await, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_rejected_code_signs_nobody_in() {
        let app = start().await;
        let user = app.user(Role::Customer, &[]).await;
        let (code, scanned) = generate(&app).await;
        let body = json!({ "code": scanned });
        assert_eq!(app.post_as(&user, "/api/qr-auth/reject", &body).await.status(), StatusCode::NO_CONTENT);
        assert_eq!(status(&app, &code).await, json!({ "status": "rejected", "tokens": null }));
        assert_problem(app.post_as(&user, "/api/qr-auth/confirm", &body).await, 409, "qr_code_settled").await;
    }

    #[tokio::test]
    async fn a_code_lives_for_a_minute() {
        let app = start().await;
        let user = app.user(Role::Customer, &[]).await;
        let (code, scanned) = generate(&app).await;
        // A client that draws its own picture from the polled code can confirm by it.
        let (own, _) = generate(&app).await;
        assert_eq!(
            app.post_as(&user, "/api/qr-auth/confirm", &json!({ "code": own })).await.status(),
            StatusCode::NO_CONTENT
        );
        app.later(61);
        assert_eq!(status(&app, &code).await["status"], "expired");
        assert_eq!(app.get_as(&user, &format!("/api/qr-auth/request/{scanned}")).await["status"], "settled");
        let body = json!({ "code": scanned });
        assert_problem(app.post_as(&user, "/api/qr-auth/confirm", &body).await, 404, "qr_code_not_found")
            .await;
        app.later(60);
        assert_eq!(status(&app, &own).await["status"], "expired", "a confirmation nobody fetched lapses");
        app.app.accounts.sweep().await.expect("sweeps");
        let gone = app.request(Method::GET, &format!("/api/qr-auth/request/{scanned}"));
        let gone = gone.bearer_auth(&user.access_token).send().await.unwrap();
        assert_problem(gone, 404, "qr_code_not_found").await;
    }

    #[tokio::test]
    async fn asking_for_codes_is_slowed_down() {
        let app = start().await;
        let mut refused = None;
        for _ in 0..40 {
            let response = app.post("/api/qr-auth/generate", &json!({})).await;
            if response.status() == StatusCode::TOO_MANY_REQUESTS {
                refused = Some(response);
                break;
            }
        }
        assert_problem(refused.expect("is refused at last"), 429, "too_many_attempts").await;
    }
}

/// Devices, keys and codes are rows: a restart changes nothing.
#[tokio::test]
async fn a_restart_keeps_everybody_signed_in() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let App { settings, store, postbox, .. } = &*app.app;
    let clock = || std::sync::Arc::new(Utc::now as fn() -> DateTime<Utc>);
    let restarted = app::accounts(settings, store, postbox.clone(), clock()).expect("the keys are read");
    let client = pixora::accounts::Client { ip: [127, 0, 0, 1].into(), user_agent: String::new() };
    let caller = restarted.authenticate(&user.access_token, &client).await.expect("answers");
    assert_eq!(caller.expect("is honoured").user, user.id);
    let nobody = restarted.authenticate("pxk_nonsense", &client).await.expect("answers");
    assert!(nobody.is_none());
}
