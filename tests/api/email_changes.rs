//! Another e-mail address: it counts once its link is followed, and the old one is told.

use pixora::domain::Role;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::helpers::{PASSWORD, TestApp, TestUser, assert_problem, start, start_without_mail};

const NEW: &str = "new.address@example.com";

async fn ask(app: &TestApp, user: &TestUser, email: &str, password: &str) -> Response {
    app.send_as(user, Method::POST, "/api/auth/email", json!({ "email": email, "password": password })).await
}

async fn confirm(app: &TestApp, token: &str) -> Response {
    let request = app.request(Method::POST, "/api/auth/email/confirm").json(&json!({ "token": token }));
    request.send().await.expect("answers")
}

/// The token in the last mail to somebody.
async fn mailed(app: &TestApp, to: &str) -> String {
    let mails = app.mails().await;
    let mail = mails.iter().rev().find(|mail| mail.to.as_str() == to).expect("a mail");
    let (_, token) = mail.body.split_once("https://photos.example/confirm-email#").expect("a link");
    token.split_whitespace().next().expect("a token").to_owned()
}

async fn email(app: &TestApp, user: &TestUser) -> Value {
    app.get_as(user, "/api/auth/me").await["user"]["email"].clone()
}

#[tokio::test]
async fn an_address_counts_once_its_link_is_followed_and_the_old_one_is_told() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    assert_problem(ask(&app, &user, NEW, "not the password").await, 401, "invalid_credentials").await;
    assert_problem(ask(&app, &user, "no address", PASSWORD).await, 422, "invalid_email").await;
    assert!(app.mails().await.is_empty());
    assert_eq!(ask(&app, &user, "New.Address@Example.com", PASSWORD).await.status(), StatusCode::ACCEPTED);
    assert_eq!(email(&app, &user).await, user.email.as_str(), "nothing has changed yet");
    let settings = app.get_as(&user, "/api/auth/account").await;
    assert_eq!((&settings["awaited_email"], &settings["mail"]), (&json!(NEW), &json!(true)));

    // A link for another password that went to the old address must not outlive it.
    let reset = app.app.accounts.reset_link(&user.email).await.expect("is made");
    let token = mailed(&app, NEW).await;
    let confirmed: Value = confirm(&app, &token).await.json().await.expect("JSON");
    assert_eq!(confirmed["email"], NEW);
    assert_eq!(email(&app, &user).await, NEW);
    assert_eq!(app.get_as(&user, "/api/auth/account").await["awaited_email"], Value::Null);
    let told = app.mails().await;
    let told = told.iter().find(|mail| mail.to.as_str() == user.email).expect("the old address is told");
    assert!(told.body.contains(NEW), "{}", told.body);
    assert_problem(confirm(&app, &token).await, 404, "email_link_invalid").await;
    let (_, token) = reset.split_once('#').expect("has a token");
    let body = json!({ "token": token, "password": "four violet teapots sing" });
    let reset = app.request(Method::POST, "/api/auth/reset/confirm").json(&body).send().await.unwrap();
    assert_problem(reset, 404, "reset_link_invalid").await;
}

#[tokio::test]
async fn an_address_of_somebody_else_is_refused_when_asked_for_and_when_confirmed() {
    let app = start().await;
    let (user, other) = (app.user(Role::Admin, &[]).await, app.user(Role::Admin, &[]).await);
    assert_problem(ask(&app, &user, &other.email, PASSWORD).await, 409, "login_taken").await;
    assert_eq!(ask(&app, &user, NEW, PASSWORD).await.status(), StatusCode::ACCEPTED);
    let token = mailed(&app, NEW).await;
    app.app.accounts.set_email(&other.email, NEW).await.expect("is free");
    assert_problem(confirm(&app, &token).await, 409, "login_taken").await;
    assert_eq!(email(&app, &user).await, user.email.as_str());
}

#[tokio::test]
async fn a_link_ends_with_its_day_with_the_next_one_and_when_it_is_given_up() {
    let app = start().await;
    let user = app.user(Role::Customer, &[]).await;
    assert_eq!(ask(&app, &user, NEW, PASSWORD).await.status(), StatusCode::ACCEPTED);
    let first = mailed(&app, NEW).await;
    assert_eq!(ask(&app, &user, "third@example.com", PASSWORD).await.status(), StatusCode::ACCEPTED);
    assert_problem(confirm(&app, &first).await, 404, "email_link_invalid").await;
    let second = mailed(&app, "third@example.com").await;
    app.later(24 * 60 * 60 + 1);
    assert_problem(confirm(&app, &second).await, 404, "email_link_invalid").await;
    app.later(-24 * 60 * 60 - 1);
    let given_up = app.send_as(&user, Method::DELETE, "/api/auth/email", json!({})).await;
    assert_eq!(given_up.status(), StatusCode::NO_CONTENT);
    assert_problem(confirm(&app, &second).await, 404, "email_link_invalid").await;
    assert_eq!(email(&app, &user).await, user.email.as_str());
}

#[tokio::test]
async fn one_address_gets_few_mails_and_without_mail_none_can_be_confirmed() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    for _ in 0..3 {
        assert_eq!(ask(&app, &user, NEW, PASSWORD).await.status(), StatusCode::ACCEPTED);
    }
    assert_problem(ask(&app, &user, NEW, PASSWORD).await, 429, "too_many_attempts").await;

    let app = start_without_mail().await;
    let user = app.user(Role::Admin, &[]).await;
    assert_problem(ask(&app, &user, NEW, PASSWORD).await, 409, "mail_off").await;
    app.app.accounts.set_email(&user.email, NEW).await.expect("an operator changes it");
    assert_eq!(email(&app, &user).await, NEW);
}
