//! Two-step sign-in: codes of an app (each once), recovery codes, passkeys, and who can take it away.

use chrono::Utc;
use pixora::{accounts::Client, domain::Role};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

use crate::helpers::{PASSWORD, TestApp, TestUser, assert_problem, start};

async fn post(app: &TestApp, path: &str, body: Value) -> Response {
    app.request(Method::POST, path).json(&body).send().await.expect("answers")
}

async fn as_user(app: &TestApp, user: &TestUser, path: &str, body: Value) -> Response {
    app.send_as(user, Method::POST, path, body).await
}

/// The code of a step, counted from now; the tests' clock can be ahead.
fn code(app: &TestApp, totp: &Totp, steps: i64) -> String {
    let ahead = app.ahead.load(std::sync::atomic::Ordering::SeqCst);
    let at = Utc::now().timestamp() + ahead + steps * 30;
    totp.generate(u64::try_from(at).expect("after 1970")).to_string()
}

/// Sets an app up; returns it with the code that did so and the recovery codes.
async fn with_app(app: &TestApp, user: &TestUser) -> (Totp, String, Vec<String>) {
    let begun = as_user(app, user, "/api/auth/two-step/app", json!({ "password": PASSWORD })).await;
    assert_eq!(begun.status(), StatusCode::CREATED);
    let begun: Value = begun.json().await.expect("JSON");
    let secret = begun["secret"].as_str().expect("a secret");
    assert!(begun["uri"].as_str().expect("an address").contains(&format!("secret={secret}")));
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).expect("base32")).build();
    let totp = totp.expect("is sound");
    let path = "/api/auth/two-step/app/confirm";
    assert_problem(as_user(app, user, path, json!({ "code": "000000" })).await, 401, "invalid_code").await;
    let used = code(app, &totp, 0);
    let confirmed = as_user(app, user, path, json!({ "code": used })).await;
    assert_eq!(confirmed.status(), StatusCode::OK);
    let confirmed: Value = confirmed.json().await.expect("JSON");
    let codes = confirmed["recovery_codes"].as_array().expect("codes").iter();
    (totp, used, codes.map(|it| it.as_str().expect("a code").to_owned()).collect())
}

/// Gives the right password; returns what the second step needs.
async fn first_step(app: &TestApp, user: &TestUser) -> Value {
    let answer = post(app, "/api/auth/login", json!({ "login": user.email, "password": PASSWORD })).await;
    assert!(answer.headers().get("set-cookie").is_none(), "nobody is signed in yet");
    let problem = assert_problem(answer, 401, "second_step_required").await;
    assert!(problem.get("access_token").is_none());
    problem
}

async fn second_step(app: &TestApp, step: &Value, code: &str) -> Response {
    post(app, "/api/auth/login/code", json!({ "step_token": step["step_token"], "code": code })).await
}

#[tokio::test]
async fn with_an_app_a_password_alone_signs_nobody_in_and_each_code_counts_once() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    let wrong = as_user(&app, &user, "/api/auth/two-step/app", json!({ "password": "wrong" })).await;
    assert_problem(wrong, 401, "invalid_credentials").await;
    let (totp, used, recovery) = with_app(&app, &user).await;
    assert_eq!(recovery.len(), 10);
    let told = app.mails().await;
    assert_eq!((told.len(), told[0].to.as_str()), (1, user.email.as_str()));
    let again = as_user(&app, &user, "/api/auth/two-step/app", json!({ "password": PASSWORD })).await;
    assert_problem(again, 409, "authenticator_there").await;

    let step = first_step(&app, &user).await;
    assert_eq!(step["methods"], json!(["totp", "recovery_code"]));
    // The code that set the app up was used by that.
    assert_problem(second_step(&app, &step, &used).await, 401, "invalid_code").await;
    let next = code(&app, &totp, 1);
    let signed_in = second_step(&app, &step, &next).await;
    assert_eq!(signed_in.status(), StatusCode::OK);
    let signed_in: Value = signed_in.json().await.expect("JSON");
    assert_eq!(signed_in["user"]["email"], user.email.as_str());
    let replayed = second_step(&app, &first_step(&app, &user).await, &next).await;
    assert_problem(replayed, 401, "invalid_code").await;
    // A failure is written down behind the answer.
    let mut counted = (0, 0);
    for _ in 0..100 {
        let history = app.get_as(&user, "/api/sessions/history").await;
        let entries = history["entries"].as_array().expect("a list");
        let of = |success: bool| {
            entries.iter().filter(|entry| entry["method"] == "totp" && entry["success"] == success).count()
        };
        counted = (of(true), of(false));
        if counted.1 == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(counted, (1, 2));
}

#[tokio::test]
async fn a_code_of_another_time_or_shape_and_a_late_or_forged_step_are_refused() {
    let app = start().await;
    let user = app.user(Role::Customer, &[]).await;
    let other = app.user(Role::Customer, &[]).await;
    let (totp, ..) = with_app(&app, &user).await;
    let step = first_step(&app, &user).await;
    for wrong in [code(&app, &totp, 5), String::new(), "+12345".into()] {
        assert_problem(second_step(&app, &step, &wrong).await, 401, "invalid_code").await;
    }
    let token = step["step_token"].as_str().expect("a token");
    let of_other = token.replace(&user.id.to_string(), &other.id.to_string());
    for forged in ["", "x.y.z", &token[1..], &of_other] {
        let answer = second_step(&app, &json!({ "step_token": forged }), &code(&app, &totp, 1)).await;
        assert_problem(answer, 401, "second_step_expired").await;
    }
    app.later(5 * 60 + 1);
    let late = second_step(&app, &step, &code(&app, &totp, 0)).await;
    assert_problem(late, 401, "second_step_expired").await;
    // Another password makes a step that was begun worthless.
    let step = first_step(&app, &user).await;
    app.app
        .accounts
        .reset_password(&user.email, "four violet teapots sing", false)
        .await
        .expect("is changed");
    let answer = second_step(&app, &step, &code(&app, &totp, 0)).await;
    assert_problem(answer, 401, "second_step_expired").await;
}

#[tokio::test]
async fn guesses_of_codes_must_wait_also_those_of_recovery_codes() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let (totp, ..) = with_app(&app, &user).await;
    let step = first_step(&app, &user).await;
    let mut refused = 0;
    for guess in 0..10 {
        let guess = if guess % 2 == 0 { format!("{guess:06}") } else { format!("abcde-fgh{guess}") };
        refused +=
            u32::from(second_step(&app, &step, &guess).await.status() == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(refused >= 5, "{refused}");
    let right = second_step(&app, &step, &code(&app, &totp, 1)).await;
    assert_problem(right, 429, "too_many_attempts").await;
}

#[tokio::test]
async fn a_recovery_code_counts_once_and_new_ones_end_the_old() {
    let app = start().await;
    let user = app.user(Role::Operator, &[]).await;
    let (.., recovery) = with_app(&app, &user).await;
    let step = first_step(&app, &user).await;
    let typed = recovery[0].replace('-', " ").to_uppercase();
    assert_eq!(second_step(&app, &step, &typed).await.status(), StatusCode::OK);
    assert_problem(second_step(&app, &step, &recovery[0]).await, 401, "invalid_code").await;
    assert_eq!(app.get_as(&user, "/api/auth/two-step").await["recovery_codes"], 9);
    let path = "/api/auth/two-step/recovery-codes";
    let renewed = as_user(&app, &user, path, json!({ "password": PASSWORD })).await;
    let renewed: Value = renewed.json().await.expect("JSON");
    assert_problem(second_step(&app, &step, &recovery[1]).await, 401, "invalid_code").await;
    let fresh = renewed["recovery_codes"][0].as_str().expect("a code");
    assert_eq!(second_step(&app, &step, fresh).await.status(), StatusCode::OK);
    // A stolen database opens nothing: neither codes nor the app's secret stand in it.
    let rows: Vec<(String,)> = sqlx::query_as("SELECT code_hash FROM recovery_codes")
        .fetch_all(&mut app.rows().await)
        .await
        .expect("is read");
    let plain = fresh.replace('-', "");
    assert!(rows.iter().all(|(hash,)| !hash.contains(&plain) && *hash != pixora::secrets::hash(&plain)));
    let (stored,): (String,) = sqlx::query_as("SELECT secret FROM authenticators")
        .fetch_one(&mut app.rows().await)
        .await
        .expect("is read");
    assert!(Secret::try_from_base32(&stored).is_err());
}

#[tokio::test]
async fn without_its_last_way_the_second_step_is_off_and_its_recovery_codes_are_gone() {
    let app = start().await;
    let user = app.user(Role::Admin, &[]).await;
    let password = json!({ "password": PASSWORD });
    let path = "/api/auth/two-step/recovery-codes";
    assert_problem(as_user(&app, &user, path, password.clone()).await, 409, "two_step_off").await;
    let removal = "/api/auth/two-step/app/removal";
    assert_problem(as_user(&app, &user, removal, password.clone()).await, 404, "no_authenticator").await;
    with_app(&app, &user).await;
    let wrong = as_user(&app, &user, removal, json!({ "password": "wrong" })).await;
    assert_problem(wrong, 401, "invalid_credentials").await;
    assert_eq!(as_user(&app, &user, removal, password).await.status(), StatusCode::NO_CONTENT);
    let state = app.get_as(&user, "/api/auth/two-step").await;
    assert_eq!((&state["app"], &state["recovery_codes"]), (&json!(false), &json!(0)));
    let client = Client { ip: [192, 0, 2, 9].into(), user_agent: String::new() };
    app.app.accounts.sign_in(&user.email, PASSWORD.into(), &client).await.expect("a password is enough");
    assert_eq!(app.mails().await.len(), 2, "both changes are told");
}

#[tokio::test]
async fn an_admin_and_an_operator_take_the_second_step_away_from_who_has_lost_it() {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let user = app.user(Role::Photographer, &[studio]).await;
    with_app(&app, &user).await;
    let path = format!("/api/studios/{studio}/team/{}/two-step", user.id);
    let taken = app.send_as(&admin, Method::DELETE, &path, json!({})).await;
    assert_eq!(taken.status(), StatusCode::NO_CONTENT);
    let client = Client { ip: [192, 0, 2, 9].into(), user_agent: String::new() };
    app.app.accounts.sign_in(&user.email, PASSWORD.into(), &client).await.expect("a password is enough");
    with_app(&app, &user).await;
    app.app.accounts.end_two_step(&user.email).await.expect("is taken away");
    app.app.accounts.sign_in(&user.email, PASSWORD.into(), &client).await.expect("a password is enough");
}

#[tokio::test]
async fn a_passkeys_challenge_is_answered_once_and_by_whom_it_was_made_for() {
    let app = start().await;
    let user = app.user(Role::Photographer, &[app.studio().await]).await;
    let asked = post(&app, "/api/auth/login/passkey/options", json!({})).await;
    assert_eq!(asked.status(), StatusCode::CREATED);
    let asked: Value = asked.json().await.expect("JSON");
    assert_eq!((&asked["rp_id"], &asked["credential_ids"]), (&json!("photos.example"), &json!([])));
    let client_data = json!({
        "type": "webauthn.get", "challenge": asked["challenge"], "origin": "https://photos.example",
    });
    let encoded = base64::Engine::encode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, client_data.to_string());
    let answer = json!({
        "credential_id": "bm9ib2R5", "client_data": encoded, "authenticator_data": "", "signature": "",
    });
    for _ in 0..2 {
        let refused = post(&app, "/api/auth/login/passkey", answer.clone()).await;
        assert_problem(refused, 401, "passkey_refused").await;
    }
    let new = json!({ "name": "Phone", "client_data": encoded, "attestation_object": "" });
    assert_problem(as_user(&app, &user, "/api/auth/passkeys", new).await, 401, "passkey_refused").await;
    let nobody = json!({ "name": " ", "client_data": encoded, "attestation_object": "" });
    assert_problem(as_user(&app, &user, "/api/auth/passkeys", nobody).await, 422, "invalid_name").await;
    let late = post(&app, "/api/auth/login/passkey/options", json!({ "step_token": "x" })).await;
    assert_problem(late, 401, "second_step_expired").await;
}
