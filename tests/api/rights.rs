//! Every operation × every role × signed out × another studio: the table of rights, tried on the real app.

use chrono::Utc;
use pixora::{
    domain::{HandoffKind, HandoffSession, PhotoSessionId, Role, SessionEvent, StudioId},
    http::rights::{Row, TABLE, Who},
    photos::NewUpload,
};
use reqwest::{
    Method, Response, StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

/// What belongs to somebody, by the parameter of the path that names it.
struct Belongings {
    owner: TestUser,
    studio: StudioId,
    session: PhotoSessionId,
    photo: String,
    upload: String,
    device: String,
    key: String,
    webhook: String,
    delivery: String,
    ticket: String,
    attachment: String,
    order: String,
    cart: String,
    placement: String,
    image: String,
    handoff: String,
}

async fn belongings(app: &TestApp, studio: StudioId) -> Belongings {
    let owner = app.user(Role::Photographer, &[studio]).await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await.id.to_string();
    let devices = app.get_as(&owner, "/api/sessions").await;
    let key = app
        .request(Method::POST, "/api/keys")
        .bearer_auth(&owner.access_token)
        .json(&json!({ "name": "script", "scopes": ["sessions:read"] }))
        .send()
        .await
        .expect("answers");
    let key: Value = key.json().await.expect("JSON");
    let upload = NewUpload {
        session,
        user: owner.id,
        filename: "a.jpg".into(),
        bytes: 3,
        sha256: None,
        guest_id: None,
        begins_selected: true,
        replaces: false,
        metadata: String::new(),
    };
    let upload = app.app.uploads.create(upload).await;
    let events = SessionEvent::ALL.to_vec();
    let webhook = app
        .app
        .webhooks
        .register(studio, "https://hooks.example/", events, Utc::now())
        .await
        .expect("is made");
    app.set_facepass(session, false).await;
    app.set_facepass(session, true).await;
    let log = app.app.webhooks.deliveries(None, None, 1).await.expect("is read");
    let form = Form::new().text("subject", "Lost").text("message", "Where?");
    let form = form.part("attachment", Part::text("a note").file_name("a.txt"));
    let ticket = app.request(Method::POST, "/api/ticket").bearer_auth(&owner.access_token).multipart(form);
    let ticket: Value = ticket.send().await.expect("answers").json().await.expect("JSON");
    let cart = app.cart(session).await;
    let handoff = HandoffSession::begin(HandoffKind::Upload, Utc::now());
    app.app.handoff.begin(&handoff, None).await.expect("is begun");
    let customer = app.user(Role::Customer, &[]).await;
    let (placement, image) = crate::placements::a_draft_with_a_picture(app, &customer).await;
    Belongings {
        ticket: ticket["id"].as_str().expect("has an id").into(),
        attachment: ticket["attachments"][0]["id"].as_str().expect("has an id").into(),
        order: app.order(session).await.id,
        cart: cart.token,
        placement,
        image,
        handoff: handoff.id.to_string(),
        webhook: webhook.webhook.id.to_string(),
        delivery: log[0].id.to_string(),
        studio,
        session,
        photo,
        upload: upload.expect("is begun").upload.id.to_string(),
        device: devices["sessions"][0]["id"].as_str().expect("has an id").into(),
        key: key["id"].as_str().expect("has an id").into(),
        owner,
    }
}

/// The row's path with real ids in it.
fn path(row: &Row, of: &Belongings) -> String {
    let own = if row.path.starts_with("/api/keys") { &of.key } else { &of.device };
    row.path
        .replace("{session_id}", &of.session.to_string())
        .replace("{photo_id}", &of.photo)
        .replace("{upload_id}", &of.upload)
        .replace("{studio_id}", &of.studio.to_string())
        .replace("{placement_id}", &of.placement)
        .replace("{image_id}", &of.image)
        .replace("{id}", own)
        .replace("{webhook_id}", &of.webhook)
        .replace("{delivery_id}", &of.delivery)
        .replace("{ticket_id}", &of.ticket)
        .replace("{attachment_id}", &of.attachment)
        .replace("{order_id}", &of.order)
        .replace("{cart_token}", &of.cart)
        .replace("{*path}", "css/base.css")
        .replace("{version}", "x")
        .replace("{file}", "320-00000000000000a1.jpg")
        .replace("{code}", "nobody-has-this-code")
        .replace("{method}", "stripe")
        .replace("{handoff_id}", &of.handoff)
        .replace("{handoff_photo_id}", &PhotoSessionId::generate().to_string())
        .replace("{member_id}", &of.owner.id.to_string())
        .replace("{invitation_id}", &PhotoSessionId::generate().to_string())
        .replace("{passkey_id}", &PhotoSessionId::generate().to_string())
        .replace("{promo_id}", &PhotoSessionId::generate().to_string())
        .replace("{rejection_id}", &PhotoSessionId::generate().to_string())
        .replace("{erasure_id}", &PhotoSessionId::generate().to_string())
        .replace("{hide_request_id}", &PhotoSessionId::generate().to_string())
        .replace("{person_id}", &PhotoSessionId::generate().to_string())
        .replace("{list_id}", &PhotoSessionId::generate().to_string())
        .replace("{comment_id}", &PhotoSessionId::generate().to_string())
        .replace("{batch_id}", &PhotoSessionId::generate().to_string())
        .replace("{external_id}", "a%2Fb")
        .replace("{consent_id}", &PhotoSessionId::generate().to_string())
        .replace("{user_id}", &of.owner.id.to_string())
        .replace("{purpose}", "match")
}

async fn call(app: &TestApp, row: &Row, of: &Belongings, token: Option<&str>, accept: &str) -> Response {
    let method = Method::from_bytes(row.method.as_bytes()).expect("a method");
    let mut request = app.request(method.clone(), &path(row, of)).header("accept", accept);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if row.path.starts_with("/api/uploads") {
        request = request.header("tus-resumable", "1.0.0").header("upload-offset", "0");
        request = request.header("content-type", "application/offset+octet-stream");
    }
    if matches!(method, Method::POST | Method::PATCH | Method::PUT) {
        request = request.json(&json!({}));
    }
    request.send().await.expect("answers")
}

async fn code(response: Response) -> (StatusCode, String) {
    let status = response.status();
    // An event stream has no end to wait for.
    if response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream") {
        return (status, String::new());
    }
    let body = response.bytes().await.unwrap_or_default();
    let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
    // The answer to a HEAD has no words.
    let unsaid = match status.as_u16() {
        401 if body.is_empty() => "sign_in_required",
        403 if body.is_empty() => "forbidden",
        _ => "",
    };
    (status, problem["code"].as_str().unwrap_or(unsaid).to_owned())
}

fn roles(who: Who) -> Option<&'static [Role]> {
    match who {
        Who::Anyone => None,
        Who::Roles(roles) | Who::Page(roles) => Some(roles),
    }
}

/// Signing out would end the walk's own tokens.
fn ends_the_walk(row: &Row) -> bool {
    row.path == "/api/auth/logout" || row.path == "/api/sessions/others/all"
}

#[tokio::test]
async fn signed_out_everything_is_closed_but_what_the_table_opens() {
    let app = start().await;
    let of = belongings(&app, app.studio().await).await;
    for row in TABLE {
        for token in [None, Some("nonsense"), Some("pxk_nonsense")] {
            let answer = code(call(&app, row, &of, token, "application/json").await).await;
            let closed = answer == (StatusCode::UNAUTHORIZED, "sign_in_required".into());
            assert_eq!(closed, row.who != Who::Anyone, "{} {}: {answer:?}", row.method, row.path);
        }
        if let Who::Page(_) = row.who {
            let response = call(&app, row, &of, None, "text/html").await;
            assert_eq!(response.status(), StatusCode::SEE_OTHER, "{}", row.path);
            let to = response.headers()["location"].to_str().unwrap();
            let door = if row.path.starts_with("/dashboard/customer") {
                "/auth/signin?role=customer&"
            } else {
                "/login?"
            };
            assert!(to.starts_with(&format!("{door}next=%2F")), "{to}");
        }
    }
}

#[tokio::test]
async fn every_role_may_do_what_the_table_says_and_nothing_else() {
    let app = start().await;
    let studio = app.studio().await;
    let of = belongings(&app, studio).await;
    for role in Role::ALL {
        let user = app.user(*role, &[studio]).await;
        for row in TABLE.iter().filter(|row| !ends_the_walk(row)) {
            let answer = code(call(&app, row, &of, Some(&user.access_token), "application/json").await).await;
            // A page for customers says so in its own words.
            let refused = ["sign_in_required", "forbidden", "csrf_required"].contains(&answer.1.as_str())
                || (matches!(row.who, Who::Page(_)) && answer.1 == "customers_only");
            let allowed = roles(row.who).is_none_or(|roles| roles.contains(role));
            assert_eq!(!refused, allowed, "{role} {} {}: {answer:?}", row.method, row.path);
            if !allowed {
                assert_eq!(answer.0, StatusCode::FORBIDDEN, "{role} {} {}", row.method, row.path);
            }
        }
    }
}

/// What has an owner: rows behind a role whose path names something. Pages are empty frames.
fn owned() -> impl Iterator<Item = &'static Row> {
    let named = |row: &&Row| row.path.contains('{') && !row.path.contains("{code}");
    TABLE.iter().filter(|row| matches!(row.who, Who::Roles(_))).filter(named)
}

#[tokio::test]
async fn what_is_anothers_is_not_there() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let of = belongings(&app, here).await;
    let strangers = [
        app.user(Role::Admin, &[there]).await,
        app.user(Role::Photographer, &[there]).await,
        // In the same studio, but not theirs.
        app.user(Role::Photographer, &[here]).await,
        app.user(Role::Customer, &[]).await,
        app.user(Role::Operator, &[]).await,
    ];
    let mut tried = 0;
    for row in owned() {
        // Placement orders belong to no studio: every admin looks after all of them.
        let of_no_studio = row.path.contains("{placement_id}") || row.path.contains("{image_id}");
        for stranger in strangers.iter().skip(usize::from(of_no_studio)) {
            // Tickets are what an operator is there for.
            if row.path.starts_with("/api/ticket/") && stranger.role == Role::Operator {
                continue;
            }
            let response = call(&app, row, &of, Some(&stranger.access_token), "application/json").await;
            let (status, code) = code(response).await;
            let hidden = status == StatusCode::NOT_FOUND || code == "forbidden";
            assert!(hidden, "{} {}: {status} {code}", row.method, row.path);
            tried += 1;
        }
    }
    assert!(tried >= 10, "the walk has something to walk");
    // Nothing was touched.
    let devices = app.get_as(&of.owner, "/api/sessions").await;
    assert_eq!(devices["sessions"][0]["id"], of.device.as_str());
    assert_eq!(app.get_as(&of.owner, "/api/keys").await["keys"][0]["id"], of.key.as_str());
}

#[tokio::test]
async fn a_key_opens_what_its_scope_says() {
    let app = start().await;
    let studio = app.studio().await;
    let of = belongings(&app, studio).await;
    let admin = app.user(Role::SuperAdmin, &[studio]).await;
    for scope in pixora::domain::Scope::ALL {
        let created = app
            .request(Method::POST, "/api/keys")
            .bearer_auth(&admin.access_token)
            .json(&json!({ "name": "script", "scopes": [scope.as_str()] }))
            .send()
            .await
            .unwrap();
        assert_eq!(created.status(), StatusCode::CREATED);
        let key = created.json::<Value>().await.unwrap()["key"].as_str().unwrap().to_owned();
        for row in TABLE.iter().filter(|row| row.who != Who::Anyone) {
            let answer = code(call(&app, row, &of, Some(&key), "application/json").await).await;
            let allowed = row.scope == Some(*scope)
                && roles(row.who).is_none_or(|roles| roles.contains(&Role::SuperAdmin));
            let refused =
                answer.1 == "forbidden" || (matches!(row.who, Who::Page(_)) && answer.1 == "customers_only");
            assert_eq!(!refused, allowed, "{scope} {} {}: {answer:?}", row.method, row.path);
        }
    }
}

#[tokio::test]
async fn a_method_without_a_row_is_not_allowed_even_signed_in() {
    let app = start().await;
    let user = app.user(Role::SuperAdmin, &[]).await;
    let response =
        app.request(Method::PUT, "/api/keys").bearer_auth(&user.access_token).send().await.unwrap();
    assert_eq!(response.headers()["allow"], "GET,HEAD,POST");
    assert_problem(response, 405, "method_not_allowed").await;
}
