//! Another password by a link: once, for half an hour, the same answer for everybody, and a mail about it.

use std::time::{Duration, Instant};

use pixora::domain::Role;
use reqwest::{Method, Response, StatusCode};
use serde_json::json;

use crate::helpers::{PASSWORD, TestApp, assert_problem, start, start_without_mail};

const NEW: &str = "four violet teapots sing";

async fn post(app: &TestApp, path: &str, body: serde_json::Value) -> Response {
    app.request(Method::POST, path).json(&body).send().await.expect("answers")
}

async fn ask(app: &TestApp, login: &str) -> Response {
    post(app, "/api/auth/reset", json!({ "login": login })).await
}

async fn confirm(app: &TestApp, token: &str, password: &str) -> Response {
    post(app, "/api/auth/reset/confirm", json!({ "token": token, "password": password })).await
}

async fn sign_in(app: &TestApp, login: &str, password: &str) -> StatusCode {
    post(app, "/api/auth/login", json!({ "login": login, "password": password })).await.status()
}

fn token_in(text: &str) -> String {
    let (_, token) = text.split_once("https://photos.example/reset#").expect("a link");
    token.split_whitespace().next().expect("a token").to_owned()
}

/// The token of the last mail to somebody. There when the answer is.
async fn mailed(app: &TestApp, to: &str) -> String {
    let mails = app.mails().await;
    token_in(&mails.iter().rev().find(|mail| mail.to.as_str() == to).expect("a mail").body)
}

async fn link(app: &TestApp, login: &str) -> String {
    token_in(&app.app.accounts.reset_link(login).await.expect("is made"))
}

#[tokio::test]
async fn a_mailed_link_gives_another_password_once_and_ends_every_session_and_key() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    let key = app.send_as(
        &user,
        Method::POST,
        "/api/keys",
        json!({ "name": "script", "scopes": ["sessions:read"] }),
    );
    let key: serde_json::Value = key.await.json().await.expect("JSON");
    assert_eq!(ask(&app, &user.email.to_uppercase()).await.status(), StatusCode::ACCEPTED);
    let token = mailed(&app, &user.email).await;
    assert_problem(confirm(&app, &token, "password12").await, 422, "weak_password").await;
    assert_eq!(sign_in(&app, &user.email, PASSWORD).await, StatusCode::OK, "nothing has changed yet");
    assert_eq!(confirm(&app, &token, NEW).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(sign_in(&app, &user.email, NEW).await, StatusCode::OK);
    assert_eq!(sign_in(&app, &user.email, PASSWORD).await, StatusCode::UNAUTHORIZED);
    for credential in [user.access_token.as_str(), key["key"].as_str().expect("a key")] {
        let sessions = app.request(Method::GET, "/api/photo-sessions").bearer_auth(credential);
        assert_eq!(sessions.send().await.unwrap().status(), StatusCode::UNAUTHORIZED, "it has ended");
    }
    let refreshed = post(&app, "/api/auth/refresh", json!({ "refresh_token": user.refresh_token })).await;
    assert_problem(refreshed, 401, "invalid_refresh_token").await;
    assert_problem(confirm(&app, &token, "nine orange ladders hum").await, 404, "reset_link_invalid").await;
    assert_eq!(sign_in(&app, &user.email, NEW).await, StatusCode::OK);
}

/// A code that was confirmed before, and not fetched yet, is a session that is about to begin.
#[tokio::test]
async fn a_confirmed_qr_code_signs_nobody_in_after_the_password_has_changed() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    let code: serde_json::Value =
        post(&app, "/api/qr-auth/generate", json!({})).await.json().await.expect("JSON");
    let code = code["code"].as_str().expect("a code");
    let confirmed = app.send_as(&user, Method::POST, "/api/qr-auth/confirm", json!({ "code": code })).await;
    assert_eq!(confirmed.status(), StatusCode::NO_CONTENT);
    let token = link(&app, &user.email).await;
    assert_eq!(confirm(&app, &token, NEW).await.status(), StatusCode::NO_CONTENT);
    let polled = app.get_json(&format!("/api/qr-auth/status/{code}")).await;
    assert_eq!((polled["status"].as_str(), &polled["tokens"]), (Some("expired"), &serde_json::Value::Null));
}

#[tokio::test]
async fn every_change_of_a_password_is_told_by_mail() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let token = link(&app, &user.email).await;
    assert_eq!(confirm(&app, &token, NEW).await.status(), StatusCode::NO_CONTENT);
    let other = app.user(Role::Admin, &[studio]).await;
    let change = json!({ "current_password": PASSWORD, "new_password": NEW });
    let changed = app.send_as(&other, Method::POST, "/api/auth/password", change).await;
    assert_eq!(changed.status(), StatusCode::NO_CONTENT);
    let third = app.user(Role::Operator, &[]).await;
    app.app.accounts.reset_password(&third.email, NEW, false).await.expect("is changed");
    let mails = app.mails().await;
    assert_eq!(mails.len(), 3, "one of each");
    for (mail, to) in mails.iter().zip([&user.email, &other.email, &third.email]) {
        assert_eq!(mail.to.as_str(), to);
        assert!(mail.body.contains("https://photos.example/reset") && !mail.body.contains('#'), "{mail:?}");
    }
}

#[tokio::test]
async fn an_unknown_address_gets_the_same_answer_and_no_mail() {
    let app = start().await;
    let disabled = app.user(Role::Admin, &[app.studio().await]).await;
    app.app.accounts.set_disabled(&disabled.email, true).await.expect("is kept out");
    let user = app.user(Role::Admin, &[app.studio().await]).await;
    for login in ["nobody@example.com", "not an address", &disabled.email, &user.email] {
        let answer = ask(&app, login).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "{login}");
        assert!(answer.bytes().await.expect("a body").is_empty());
    }
    let mails = app.mails().await;
    assert_eq!(mails.len(), 1, "to the one who has an account");
    assert_eq!(mails[0].to.as_str(), user.email);
}

/// Hashing a password, or a write that only one of them makes, would show here. The fastest answers are compared: whatever
/// else the machine does only makes answers slower.
#[tokio::test]
async fn an_unknown_address_is_answered_as_slowly_as_a_known_one() {
    let app = start().await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for number in 0..9 {
        let user = app.user(Role::Customer, &[]).await;
        for (login, times) in
            [(user.email.clone(), &mut known), (format!("nobody{number}@example.com"), &mut unknown)]
        {
            let begun = Instant::now();
            assert_eq!(ask(&app, &login).await.status(), StatusCode::ACCEPTED);
            times.push(begun.elapsed());
        }
    }
    let fastest = |times: Vec<Duration>| times.into_iter().min().expect("some were measured");
    let (known, unknown) = (fastest(known), fastest(unknown));
    let apart = known.abs_diff(unknown);
    assert!(apart < Duration::from_millis(5) + known.min(unknown), "{known:?} and {unknown:?}");
}

#[tokio::test]
async fn a_link_is_good_for_half_an_hour_and_the_last_one_only() {
    let app = start().await;
    let user = app.user(Role::Customer, &[]).await;
    let first = link(&app, &user.email).await;
    let second = link(&app, &user.email).await;
    assert_problem(confirm(&app, &first, NEW).await, 404, "reset_link_invalid").await;
    assert_problem(confirm(&app, "made up", NEW).await, 404, "reset_link_invalid").await;
    app.later(30 * 60 + 1);
    assert_problem(confirm(&app, &second, NEW).await, 404, "reset_link_invalid").await;
    assert_eq!(sign_in(&app, &user.email, PASSWORD).await, StatusCode::OK);
    // A link that was asked for before the password changed in another way is of no use after it.
    let third = link(&app, &user.email).await;
    app.app.accounts.reset_password(&user.email, NEW, false).await.expect("is changed");
    assert_problem(confirm(&app, &third, "nine orange ladders hum").await, 404, "reset_link_invalid").await;
    // Nor one of somebody who is kept out since, for whom no new one is made.
    let fourth = link(&app, &user.email).await;
    app.app.accounts.set_disabled(&user.email, true).await.expect("is kept out");
    assert_problem(confirm(&app, &fourth, "nine orange ladders hum").await, 404, "reset_link_invalid").await;
    assert!(app.app.accounts.reset_link(&user.email).await.is_err());
}

#[tokio::test]
async fn mails_to_one_address_are_few_and_guesses_must_wait() {
    let app = start().await;
    let user = app.user(Role::Admin, &[app.studio().await]).await;
    for login in [user.email.as_str(), "nobody@example.com"] {
        for _ in 0..3 {
            assert_eq!(ask(&app, login).await.status(), StatusCode::ACCEPTED);
        }
        let again = ask(&app, &format!(" {} ", login.to_uppercase())).await;
        assert_problem(again, 429, "too_many_attempts").await;
    }
    let mut refused = 0;
    for guess in 0..60 {
        let answer = confirm(&app, &format!("guess {guess}"), NEW).await;
        refused += u32::from(answer.status() == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(refused > 20, "{refused}");
}

#[tokio::test]
async fn where_no_mail_is_sent_the_answer_says_so_and_an_operators_link_works() {
    let app = start_without_mail().await;
    let user = app.user(Role::Admin, &[app.studio().await]).await;
    for login in [user.email.as_str(), "nobody@example.com"] {
        assert_problem(ask(&app, login).await, 409, "mail_off").await;
    }
    let token = link(&app, &user.email).await;
    assert_eq!(confirm(&app, &token, NEW).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(sign_in(&app, &user.email, NEW).await, StatusCode::OK);
    assert!(app.mails().await.is_empty());
}
