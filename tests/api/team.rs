//! The team of a studio: who may do what to whom, invitations, the end of a membership, several photographers in a session.

use chrono::{DateTime, TimeDelta, Utc};
use pixora::domain::{PhotoSessionId, Role, StudioId};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::helpers::{PASSWORD, TestApp, TestUser, assert_problem, start, start_without_mail};

const NEW: &str = "four violet teapots sing";

async fn post(app: &TestApp, path: &str, body: Value) -> Response {
    app.request(Method::POST, path).json(&body).send().await.expect("answers")
}

async fn team(app: &TestApp, by: &TestUser, studio: StudioId) -> Value {
    app.get_as(by, &format!("/api/studios/{studio}/team")).await
}

async fn change(app: &TestApp, by: &TestUser, studio: StudioId, whom: &TestUser, body: Value) -> Response {
    app.send_as(by, Method::PATCH, &format!("/api/studios/{studio}/team/{}", whom.id), body).await
}

async fn remove(app: &TestApp, by: &TestUser, studio: StudioId, whom: &TestUser, heir: Value) -> Response {
    let path = format!("/api/studios/{studio}/team/{}/removal", whom.id);
    app.send_as(by, Method::POST, &path, json!({ "heir_id": heir })).await
}

async fn invite(app: &TestApp, by: &TestUser, studio: StudioId, body: Value) -> Response {
    app.send_as(by, Method::POST, &format!("/api/studios/{studio}/team/invitations"), body).await
}

/// The token of a new invitation's link.
async fn token(app: &TestApp, by: &TestUser, studio: StudioId, body: Value) -> String {
    let made = invite(app, by, studio, body).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let made: Value = made.json().await.expect("JSON");
    let (_, token) = made["url"].as_str().expect("a link").split_once("/join#").expect("a token");
    token.to_owned()
}

async fn accept(app: &TestApp, token: &str, email: &str, password: &str) -> Response {
    let body = json!({ "token": token, "email": email, "name": "Vera Nova", "password": password });
    post(app, "/api/invitations/accept", body).await
}

async fn sign_in(app: &TestApp, email: &str, password: &str) -> Value {
    let answer = post(app, "/api/auth/login", json!({ "login": email, "password": password })).await;
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.expect("JSON")
}

fn later(app: &TestApp, seconds: i64) -> String {
    let ahead = app.ahead.load(std::sync::atomic::Ordering::SeqCst);
    (Utc::now() + TimeDelta::seconds(ahead + seconds)).to_rfc3339()
}

async fn sees(app: &TestApp, user: &TestUser, session: PhotoSessionId) -> bool {
    let listed = app.get_as(user, "/api/photo-sessions").await;
    let listed = listed["sessions"].as_array().expect("a list").iter();
    let is_listed = listed.clone().any(|it| it["id"] == session.to_string());
    let photos = app.request(Method::GET, &format!("/api/photo-sessions/{session}/photos"));
    let status = photos.bearer_auth(&user.access_token).send().await.expect("answers").status();
    assert_eq!(is_listed, status == StatusCode::OK, "the list and the session agree");
    is_listed
}

#[tokio::test]
async fn an_invitation_by_mail_makes_an_account_in_the_studio_once() {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let body = json!({ "role": "photographer", "email": "Vera@example.com" });
    let token = token(&app, &admin, studio, body).await;
    let mails = app.mails().await;
    assert_eq!(mails[0].to.as_str(), "vera@example.com");
    assert!(mails[0].body.contains(&format!("https://photos.example/join#{token}")), "{}", mails[0].body);
    let opened: Value =
        post(&app, "/api/invitations/open", json!({ "token": token })).await.json().await.expect("JSON");
    assert_eq!((&opened["role"], &opened["email"]), (&json!("photographer"), &json!("vera@example.com")));
    assert_problem(accept(&app, &token, "vera@example.com", "password12").await, 422, "weak_password").await;
    assert_eq!(accept(&app, &token, "vera@example.com", NEW).await.status(), StatusCode::NO_CONTENT);
    let me = sign_in(&app, "vera@example.com", NEW).await;
    assert_eq!(me["user"]["role"], "photographer");
    assert_eq!(me["user"]["studios"][0]["id"], studio.to_string());
    assert_problem(accept(&app, &token, "other@example.com", NEW).await, 404, "invitation_invalid").await;
    assert!(team(&app, &admin, studio).await["invitations"].as_array().expect("a list").is_empty());
}

#[tokio::test]
async fn an_invitation_ends_with_its_week_and_when_it_is_taken_back() {
    let app = start_without_mail().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let mailed = json!({ "role": "photographer", "email": "vera@example.com" });
    assert_problem(invite(&app, &admin, studio, mailed).await, 409, "mail_off").await;
    let first = token(&app, &admin, studio, json!({ "role": "photographer" })).await;
    let listed = team(&app, &admin, studio).await;
    let id = listed["invitations"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/studios/{studio}/team/invitations/{id}");
    let withdrawn = app.send_as(&admin, Method::DELETE, &path, json!({})).await;
    assert_eq!(withdrawn.status(), StatusCode::NO_CONTENT);
    assert_problem(accept(&app, &first, "vera@example.com", NEW).await, 404, "invitation_invalid").await;
    let again = app.send_as(&admin, Method::DELETE, &path, json!({})).await;
    assert_problem(again, 404, "invitation_not_found").await;
    let second = token(&app, &admin, studio, json!({ "role": "photographer" })).await;
    app.later(7 * 24 * 60 * 60 + 1);
    assert_problem(accept(&app, &second, "vera@example.com", NEW).await, 404, "invitation_invalid").await;
}

#[tokio::test]
async fn somebody_with_an_account_joins_with_its_password_and_keeps_their_role_elsewhere() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let admin = app.user(Role::Admin, &[here]).await;
    let photographer = app.user(Role::Photographer, &[there]).await;
    let link = token(&app, &admin, here, json!({ "role": "photographer" })).await;
    let wrong = accept(&app, &link, &photographer.email, NEW).await;
    assert_problem(wrong, 401, "invalid_credentials").await;
    assert_eq!(accept(&app, &link, &photographer.email, PASSWORD).await.status(), StatusCode::NO_CONTENT);
    let me = app.get_as(&photographer, "/api/auth/me").await;
    assert_eq!(me["user"]["studios"].as_array().expect("a list").len(), 2);
    // An invitation to one studio makes nobody an admin of another.
    let owner = app.user(Role::SuperAdmin, &[here]).await;
    let link = token(&app, &owner, here, json!({ "role": "admin" })).await;
    let refused = accept(&app, &link, &photographer.email, PASSWORD).await;
    assert_problem(refused, 409, "role_differs").await;
    assert_eq!(app.get_as(&photographer, "/api/auth/me").await["user"]["role"], "photographer");
}

#[tokio::test]
async fn an_admin_gives_roles_below_their_own_to_those_of_their_studio_alone() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let admin = app.user(Role::Admin, &[here]).await;
    for role in ["admin", "super_admin", "king"] {
        let refused = invite(&app, &admin, here, json!({ "role": role })).await;
        assert_problem(refused, 422, "invalid_role").await;
    }
    let refused = invite(&app, &admin, there, json!({ "role": "photographer" })).await;
    assert_problem(refused, 404, "studio_not_found").await;

    let photographer = app.user(Role::Photographer, &[here]).await;
    let raised = change(&app, &admin, here, &photographer, json!({ "role": "admin" })).await;
    assert_problem(raised, 422, "invalid_role").await;
    let moved = change(&app, &admin, here, &photographer, json!({ "role": "operator" })).await;
    assert_eq!(moved.status(), StatusCode::NO_CONTENT);
    assert_eq!(app.get_as(&photographer, "/api/auth/me").await["user"]["role"], "operator", "at once");

    let fellow = app.user(Role::Admin, &[here]).await;
    let owner = app.user(Role::SuperAdmin, &[here]).await;
    let shared = app.user(Role::Photographer, &[here, there]).await;
    for (whom, body) in [
        (&fellow, json!({ "role": "photographer" })),
        (&fellow, json!({ "disabled": true })),
        (&owner, json!({ "disabled": true })),
        (&owner, json!({ "ends_at": later(&app, 60) })),
        (&shared, json!({ "disabled": true })),
        (&shared, json!({ "role": "customer" })),
    ] {
        assert_problem(change(&app, &admin, here, whom, body).await, 403, "forbidden").await;
    }
    for whom in [&fellow, &owner, &shared] {
        for path in ["reset-link", "two-step"] {
            let method = if path == "two-step" { Method::DELETE } else { Method::POST };
            let path = format!("/api/studios/{here}/team/{}/{path}", whom.id);
            assert_problem(app.send_as(&admin, method, &path, json!({})).await, 403, "forbidden").await;
        }
    }
    let stranger = app.user(Role::Photographer, &[there]).await;
    let refused = change(&app, &admin, here, &stranger, json!({ "disabled": true })).await;
    assert_problem(refused, 404, "member_not_found").await;
}

#[tokio::test]
async fn who_is_kept_out_is_out_at_once_and_a_link_gives_a_member_another_password() {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let photographer = app.user(Role::Photographer, &[studio]).await;
    let path = format!("/api/studios/{studio}/team/{}/reset-link", photographer.id);
    let link: Value = app.send_as(&admin, Method::POST, &path, json!({})).await.json().await.expect("JSON");
    let (_, token) = link["url"].as_str().expect("a link").split_once("/reset#").expect("a token");
    let chosen = post(&app, "/api/auth/reset/confirm", json!({ "token": token, "password": NEW })).await;
    assert_eq!(chosen.status(), StatusCode::NO_CONTENT);
    sign_in(&app, &photographer.email, NEW).await;
    let out = change(&app, &admin, studio, &photographer, json!({ "disabled": true })).await;
    assert_eq!(out.status(), StatusCode::NO_CONTENT);
    let refused =
        post(&app, "/api/auth/login", json!({ "login": photographer.email, "password": NEW })).await;
    assert_problem(refused, 401, "invalid_credentials").await;
    let listed = team(&app, &admin, studio).await;
    let listed = listed["members"].as_array().expect("a list").iter();
    let member = listed.clone().find(|it| it["id"] == photographer.id.to_string()).expect("is there");
    assert_eq!(member["disabled"], true);
    let again = change(&app, &admin, studio, &photographer, json!({ "disabled": false })).await;
    assert_eq!(again.status(), StatusCode::NO_CONTENT);
    sign_in(&app, &photographer.email, NEW).await;
}

#[tokio::test]
async fn a_membership_ends_by_itself() {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let photographer = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&photographer, studio).await;
    let over = change(&app, &admin, studio, &photographer, json!({ "ends_at": later(&app, -60) })).await;
    assert_problem(over, 422, "invalid_end").await;
    let ends = change(&app, &admin, studio, &photographer, json!({ "ends_at": later(&app, 600) })).await;
    assert_eq!(ends.status(), StatusCode::NO_CONTENT);
    assert!(sees(&app, &photographer, session).await);
    app.later(601);
    assert!(!sees(&app, &photographer, session).await);
    let back = change(&app, &admin, studio, &photographer, json!({ "ends_at": null })).await;
    assert_eq!(back.status(), StatusCode::NO_CONTENT);
    assert!(sees(&app, &photographer, session).await);

    // An invitation may bring the end along.
    let body = json!({ "role": "photographer", "member_until": later(&app, 600) });
    let link = token(&app, &admin, studio, body).await;
    assert_eq!(accept(&app, &link, "vera@example.com", NEW).await.status(), StatusCode::NO_CONTENT);
    let listed = team(&app, &admin, studio).await;
    let listed = listed["members"].as_array().expect("a list").iter();
    let vera = listed.clone().find(|it| it["email"] == "vera@example.com").expect("is there");
    let end: DateTime<Utc> = vera["ends_at"].as_str().expect("an end").parse().expect("a time");
    assert!((590..=610).contains(&(end - (Utc::now() + TimeDelta::seconds(601))).num_seconds()), "{end}");
}

#[tokio::test]
async fn whoever_is_removed_leaves_their_sessions_to_an_heir_or_to_the_admins() {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let (leaving, heir) =
        (app.user(Role::Photographer, &[studio]).await, app.user(Role::Photographer, &[studio]).await);
    let session = app.session_of(&leaving, studio).await;
    app.app.accounts.renew_camera_account(session).await.expect("is made");
    for no_heir in [leaving.id.to_string(), PhotoSessionId::generate().to_string()] {
        let refused = remove(&app, &admin, studio, &leaving, json!(no_heir)).await;
        assert_problem(refused, 422, "invalid_heir").await;
    }
    assert!(sees(&app, &leaving, session).await && !sees(&app, &heir, session).await);
    let removed = remove(&app, &admin, studio, &leaving, json!(heir.id)).await;
    assert_eq!(removed.status(), StatusCode::NO_CONTENT);
    assert!(sees(&app, &heir, session).await);
    assert!(app.app.accounts.camera_account(session).await.expect("is read").is_none(), "the cameras' ends");
    let me = app.request(Method::GET, "/api/auth/me").bearer_auth(&leaving.access_token);
    assert_eq!(me.send().await.expect("answers").status(), StatusCode::UNAUTHORIZED, "signed out");
    let me = sign_in(&app, &leaving.email, PASSWORD).await;
    assert_eq!(me["user"]["studios"], json!([]), "the account is there, and sees nothing of the studio");
    assert_problem(remove(&app, &admin, studio, &leaving, json!(null)).await, 404, "member_not_found").await;

    assert_eq!(remove(&app, &admin, studio, &heir, json!(null)).await.status(), StatusCode::NO_CONTENT);
    assert!(sees(&app, &admin, session).await, "the studio's admins keep it");
}

#[tokio::test]
async fn the_last_owner_cannot_be_removed_demoted_or_kept_out() {
    let app = start().await;
    let studio = app.studio().await;
    let owner = app.user(Role::SuperAdmin, &[studio]).await;
    assert_problem(remove(&app, &owner, studio, &owner, json!(null)).await, 409, "last_owner").await;
    for body in [json!({ "role": "admin" }), json!({ "disabled": true })] {
        assert_problem(change(&app, &owner, studio, &owner, body).await, 409, "last_owner").await;
    }
    // Two who take each other out at once: one stays.
    let second = app.user(Role::SuperAdmin, &[studio]).await;
    let (first, other) = tokio::join!(
        change(&app, &owner, studio, &second, json!({ "role": "admin" })),
        change(&app, &second, studio, &owner, json!({ "role": "admin" })),
    );
    let done = [first.status(), other.status()].iter().filter(|it| **it == StatusCode::NO_CONTENT).count();
    assert_eq!(done, 1, "{} and {}", first.status(), other.status());
    let owners = app.app.store.users().list().await.expect("is read");
    assert_eq!(owners.iter().filter(|user| user.role == Role::SuperAdmin && !user.disabled).count(), 1);
    // Whoever is at the terminal can: the account may have been stolen, and they can let its owner in again.
    for account in [&owner, &second] {
        app.app.accounts.set_disabled(&account.email, true).await.expect("is kept out");
    }
}

#[tokio::test]
async fn several_photographers_run_a_session_and_its_orders() {
    let app = start().await;
    let (studio, there) = (app.studio().await, app.other_studio().await);
    let owner = app.user(Role::Photographer, &[studio]).await;
    let second = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&owner, studio).await;
    let path = format!("/api/photo-sessions/{session}/photographers");
    assert!(!sees(&app, &second, session).await);
    let stranger = app.user(Role::Photographer, &[there]).await;
    let customer = app.user(Role::Customer, &[studio]).await;
    for nobody in [stranger.id, customer.id] {
        let refused = app.send_as(&owner, Method::PUT, &path, json!({ "photographer_ids": [nobody] })).await;
        assert_problem(refused, 422, "invalid_photographer").await;
    }
    let body = json!({ "photographer_ids": [second.id, owner.id] });
    let set: Value = app.send_as(&owner, Method::PUT, &path, body).await.json().await.expect("JSON");
    let all = set["photographers"].as_array().expect("a list");
    let of = |user: &TestUser| all.iter().find(|it| it["id"] == user.id.to_string()).expect("is there");
    assert_eq!((&of(&owner)["is_owner"], &of(&owner)["takes_part"]), (&json!(true), &json!(false)));
    assert_eq!(of(&second)["takes_part"], true);
    assert!(sees(&app, &second, session).await && !sees(&app, &stranger, session).await);
    let orders = app.get_as(&second, &format!("/api/shop/orders?session_id={session}")).await;
    assert!(orders["orders"].is_array(), "{orders}");
    let own = format!("/api/photo-sessions/{session}");
    let renamed = app.send_as(&second, Method::PATCH, &own, json!({ "name": "Renamed" })).await;
    assert_eq!(renamed.status(), StatusCode::OK);
    // Whoever leaves the studio is out of its sessions too.
    app.app.store.team().remove(studio, second.id, None, Utc::now()).await.expect("is removed");
    let set = app.get_as(&owner, &path).await;
    assert_eq!(set["photographers"].as_array().expect("a list").len(), 1);
    // An erased session says nothing of who took part in it.
    app.app.store.team().set_photographers(session, &[owner.id]).await.expect("is written");
    let receipt = app.eraser.session(session).await.expect("is erased");
    let receipt = serde_json::to_value(&receipt).expect("JSON");
    assert_eq!(receipt["rows"]["session_photographers"], 1, "{receipt}");
}
