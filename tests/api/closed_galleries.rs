//! Galleries that a studio has closed: a PIN, an end, a moment from which photos are shown, what may be saved.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use pixora::{
    blobs::BlobKey,
    domain::{PhotoId, PhotoSessionId, Role, SessionStatus, StudioId, Watermark, WatermarkKind},
    photo_sessions::SessionChange,
};
use reqwest::{
    Method, Response,
    header::{COOKIE, RANGE, SET_COOKIE},
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    events::Stream,
    helpers::{TestApp, TestUser, assert_problem, start},
};

struct Shoot {
    app: TestApp,
    owner: TestUser,
    studio: StudioId,
    id: PhotoSessionId,
    small: String,
    middle: String,
    large: String,
    photo: PhotoId,
    /// Made before the gallery was closed, as the cart was.
    archive: String,
    cart: String,
}

async fn shoot() -> Shoot {
    let app = start().await;
    let studio = app.studio().await;
    let owner = app.user(Role::Photographer, &[studio]).await;
    let id = app.session_of(&owner, studio).await;
    let photo = app.photo(id, "a.jpg").await;
    app.app.blobs.put(BlobKey::original(id, photo.id), "the original").await.unwrap();
    let photos = app.get_json(&format!("/api/v1/sessions/{id}/photos")).await;
    let url = |member: &str| photos["photos"][0][member].as_str().unwrap().to_owned();
    let archive = text_of(begin(&app, id).await, "url").await;
    let carts = format!("/api/v1/sessions/{id}/carts");
    let cart = text_of(app.request(Method::POST, &carts).send().await.unwrap(), "cart_token").await;
    let (small, middle, large) = (url("thumb_url"), url("preview_url"), url("full_url"));
    let photo = photo.id;
    Shoot { small, middle, large, photo, archive, cart, app, owner, studio, id }
}

async fn begin(app: &TestApp, id: PhotoSessionId) -> Response {
    let path = format!("/api/v1/sessions/{id}/archives");
    app.request(Method::POST, &path).json(&json!({ "all": true })).send().await.unwrap()
}

async fn text_of(answer: Response, member: &str) -> String {
    answer.json::<Value>().await.unwrap()[member].as_str().expect("is text").to_owned()
}

/// The answer of a door: its status, and the code of a refusal.
type Said = (u16, String);

impl Shoot {
    async fn change(&self, change: Value) -> Value {
        let path = format!("/api/photo-sessions/{}", self.id);
        let changed = self.app.send_as(&self.owner, Method::PATCH, &path, change).await;
        assert_eq!(changed.status(), 200);
        changed.json().await.unwrap()
    }

    /// Lets time pass; the owner signs in again.
    async fn later(&mut self, seconds: i64) {
        self.app.later(seconds);
        self.owner = self.app.user(Role::Admin, &[self.studio]).await;
    }

    async fn type_in(&self, pin: &str) -> Response {
        let path = format!("/api/v1/sessions/{}/pin", self.id);
        self.app.request(Method::POST, &path).json(&json!({ "pin": pin })).send().await.unwrap()
    }

    /// Every door that shows a guest something of the session, with what it says to somebody who holds this cookie.
    async fn doors(&self, cookie: &str) -> Vec<(&'static str, Said)> {
        let api = |end: &str| format!("/api/v1/sessions/{}/{end}", self.id);
        let cart = |end: &str| format!("/api/carts/{}{end}", self.cart);
        let (get, head, post, put) = (Method::GET, Method::HEAD, Method::POST, Method::PUT);
        let agreed = json!({ "version": "1", "language": "en" });
        let buyer = json!({ "name": "Anna", "email": "anna@example.com", "language": "en", "payment_method": "manual",
                            "expected_total": 0 });
        let photo = self.small.split('/').nth(3).expect("is the photo's id");
        let one = api(&format!("gallery/{photo}"));
        let table = [
            ("small picture", get.clone(), self.small.clone(), None),
            ("large picture", get.clone(), self.large.clone(), None),
            ("head of a picture", head.clone(), self.small.clone(), None),
            ("part of a picture", get.clone(), self.small.clone(), Some(json!("range"))),
            ("saved picture", get.clone(), format!("{}?download=1", self.small), None),
            ("earlier archive", get.clone(), self.archive.clone(), None),
            ("head of an archive", head, self.archive.clone(), None),
            ("part of an archive", get.clone(), self.archive.clone(), Some(json!("range"))),
            ("new archive", post.clone(), api("archives"), Some(json!({ "all": true }))),
            ("photos", get.clone(), api("photos"), None),
            ("ids of photos", get.clone(), api("photos/ids"), None),
            ("hours of photos", get.clone(), api("photos/hours"), None),
            ("one photo", get.clone(), one, None),
            ("live events", get.clone(), api("events"), None),
            ("search", post.clone(), api("search"), Some(json!("selfie"))),
            ("consent", post.clone(), api("consents"), Some(agreed)),
            ("earlier visit", get.clone(), api("visit"), None),
            ("hearts", get.clone(), api("hearts"), None),
            ("chosen photos", get.clone(), api("hearts/photos"), None),
            ("heart", put.clone(), format!("{}/{}", api("hearts"), self.photo), None),
            ("shared list", get.clone(), api("lists/0.0"), None),
            ("couple's link", post.clone(), api("hearts/open"), Some(json!({ "key": "0.0" }))),
            ("prices", get.clone(), api("prices"), None),
            ("new cart", post.clone(), api("carts"), None),
            ("earlier cart", get.clone(), cart(""), None),
            ("change of a cart", put, cart("/items"), Some(json!({ "items": [] }))),
            ("checkout", post, cart("/checkout"), Some(buyer)),
            ("code", get.clone(), api("qr.svg"), None),
            ("status", get.clone(), api("facepass-status"), None),
            ("data of the session", get.clone(), api("").trim_end_matches('/').to_owned(), None),
            ("public JSON", get, format!("/api/photo-sessions/{}", self.id), None),
        ];
        let mut told = Vec::new();
        for (name, method, path, body) in table {
            let cookie = format!("pixora_visit={}; {cookie}", "x".repeat(43));
            let request = self.app.request(method.clone(), &path).header(COOKIE, cookie);
            let request = match body {
                None => request,
                Some(Value::String(what)) if what == "range" => request.header(RANGE, "bytes=0-1"),
                Some(Value::String(_)) => {
                    let selfie = Part::bytes(vec![7; 3]).file_name("me.jpg").mime_str("image/jpeg").unwrap();
                    request.multipart(Form::new().part("selfie", selfie))
                }
                Some(body) => request.json(&body),
            };
            let answer = request.send().await.expect("the server answers");
            let status = answer.status().as_u16();
            let is_problem =
                answer.headers().get("content-type").is_some_and(|it| it == "application/problem+json");
            let code = if is_problem && method != Method::HEAD {
                text_of(answer, "code").await
            } else {
                String::new()
            };
            told.push((name, (status, code)));
        }
        told
    }
}

fn cookie_of(unlocked: &Response) -> String {
    unlocked.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_gallery_with_a_pin_is_closed_at_every_door_until_it_is_typed_in() {
    let mut shoot = shoot().await;
    let open = shoot.doors("").await;
    for (door, (_, code)) in &open {
        assert!(!code.contains("pin"), "open: {door} {code}");
    }
    let changed = shoot.change(json!({ "pin": " 4711a " })).await;
    assert_eq!(changed["pin"], "4711a", "its studio reads it");
    for (door, (status, code)) in shoot.doors("").await {
        let expected = if door.starts_with("head") { "" } else { "pin_required" };
        assert_eq!((status, code.as_str()), (403, expected), "closed: {door}");
    }
    let page = shoot.app.get(&format!("/session/{}", shoot.id)).await.text().await.unwrap();
    assert!(page.contains("pin_required") && !page.contains("Anna"), "the page says nothing of the session");
    let validated = shoot.app.get_json(&format!("/api/v1/sessions/validate/{}", shoot.id)).await;
    assert_eq!((&validated["valid"], &validated["session"]["name"]), (&json!(true), &json!("")));
    assert_problem(shoot.type_in("4712a").await, 403, "pin_wrong").await;

    let unlocked = shoot.type_in("4711A").await;
    assert_eq!(unlocked.status(), 204, "phones write the first letter large");
    let set = unlocked.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");
    let cookie = cookie_of(&unlocked);
    assert_eq!(shoot.doors(&cookie).await, open, "as if it were open");
    let id = shoot.app.session_of(&shoot.owner, shoot.studio).await;
    shoot.app.photo(id, "b.jpg").await;
    let path = format!("/api/photo-sessions/{id}");
    shoot.app.send_as(&shoot.owner, Method::PATCH, &path, json!({ "pin": "4711a" })).await;
    let other =
        shoot.app.request(Method::GET, &format!("/api/v1/sessions/{id}/photos")).header(COOKIE, &cookie);
    assert_problem(other.send().await.unwrap(), 403, "pin_required").await;

    // The studio needs no PIN; another PIN closes the gallery again, and so does time.
    let own = shoot.app.request(Method::GET, &shoot.large).bearer_auth(&shoot.owner.access_token);
    assert_eq!(own.send().await.unwrap().status(), 200);
    let told = shoot.app.get_as(&shoot.owner, &format!("/api/photo-sessions/{}", shoot.id)).await;
    assert_eq!((&told["name"], &told["pin"]), (&json!("Anna & Ivan"), &json!("4711a")));
    shoot.change(json!({ "pin": "0815" })).await;
    assert!(shoot.doors(&cookie).await.iter().all(|(_, (status, _))| *status == 403));
    let cookie = cookie_of(&shoot.type_in("0815").await);
    shoot.later(12 * 3600 + 1).await;
    assert!(shoot.doors(&cookie).await.iter().all(|(_, (status, _))| *status == 403), "a visit is over");
    shoot.change(json!({ "pin": null })).await;
    assert_eq!(shoot.app.get(&shoot.small).await.status(), 200);
}

#[tokio::test]
async fn pins_cannot_be_tried_through_nor_passes_made_up() {
    let shoot = shoot().await;
    shoot.change(json!({ "pin": "4711" })).await;
    let made_up = format!("pixora_gallery_00000000={}.{}", Utc::now().timestamp() + 3600, "A".repeat(43));
    assert!(shoot.doors(&made_up).await.iter().all(|(_, (status, _))| *status == 403));
    for _ in 0..20 {
        assert_eq!(shoot.type_in("4711").await.status(), 204, "the right one is never too often");
    }
    for n in 0..10 {
        assert_problem(shoot.type_in(&format!("{n:04}")).await, 403, "pin_wrong").await;
    }
    let refused = shoot.type_in("4711").await;
    assert!(refused.headers().contains_key("retry-after"));
    assert_problem(refused, 429, "too_many_attempts").await;
    for wrong in [json!("123"), json!("x".repeat(33)), json!("12 34")] {
        let path = format!("/api/photo-sessions/{}", shoot.id);
        let answer = shoot.app.send_as(&shoot.owner, Method::PATCH, &path, json!({ "pin": wrong })).await;
        let problem = assert_problem(answer, 422, "invalid_terms").await;
        assert_eq!(problem["field"], "pin");
    }
    let path = format!("/api/photo-sessions/{}", shoot.id);
    for wrong in [json!({ "downloads": "some" }), json!({ "at_end": "burn" })] {
        let answer = shoot.app.send_as(&shoot.owner, Method::PATCH, &path, wrong).await;
        assert_problem(answer, 422, "malformed_body").await;
    }
}

#[tokio::test]
async fn an_open_page_of_a_gallery_that_gets_a_pin_hears_no_more() {
    let shoot = shoot().await;
    let mut page = Stream::of(shoot.app.get(&format!("/api/v1/sessions/{}/events", shoot.id)).await);
    page.block().await;
    shoot.change(json!({ "pin": "4711" })).await;
    while page.block().await.is_some() {}
    shoot.app.photo(shoot.id, "b.jpg").await;
}

#[tokio::test]
async fn photos_are_shown_from_the_moment_that_was_said_until_the_end() {
    let mut shoot = shoot().await;
    let soon = (Utc::now() + TimeDelta::hours(1)).to_rfc3339();
    shoot.change(json!({ "reveals_at": soon })).await;
    for (door, (status, code)) in shoot.doors("").await {
        let expected = match door {
            "small picture" | "large picture" | "part of a picture" | "saved picture" | "new archive"
            | "one photo" => (404, "photo_not_found"),
            "head of a picture" => (404, ""),
            "earlier archive" | "part of an archive" => (410, "archive_changed"),
            "head of an archive" => (410, ""),
            "search" | "consent" | "earlier visit" => (404, "not_revealed"),
            _ => continue,
        };
        assert_eq!((status, code.as_str()), expected, "not shown yet: {door}");
    }
    let listed = shoot.app.get_json(&format!("/api/v1/sessions/{}/photos", shoot.id)).await;
    assert_eq!((&listed["photos"], &listed["total"], &listed["pending"]), (&json!([]), &json!(0), &json!(0)));
    let ids = shoot.app.get_json(&format!("/api/v1/sessions/{}/photos/ids", shoot.id)).await;
    assert_eq!(ids["photo_ids"], json!([]));
    let status = shoot.app.get_json(&format!("/api/v1/sessions/{}/facepass-status", shoot.id)).await;
    assert_eq!((&status["photos_ready"], &status["faces_indexed"]), (&json!(0), &json!(0)));
    let public = shoot.app.get_json(&format!("/api/photo-sessions/{}", shoot.id)).await;
    assert_eq!(public["photos"], json!({ "ready": 0, "queued": 0 }));
    let mut live = Stream::of(shoot.app.get(&format!("/api/v1/sessions/{}/events", shoot.id)).await);
    live.block().await;
    assert!(live.block().await.unwrap().contains("\"ready\":0"), "nor counted");
    shoot.later(3601).await;
    assert_eq!(shoot.app.get(&shoot.small).await.status(), 200);

    let path = format!("/api/photo-sessions/{}", shoot.id);
    let before = (Utc::now() + TimeDelta::minutes(30)).to_rfc3339();
    let refused = shoot.app.send_as(&shoot.owner, Method::PATCH, &path, json!({ "ends_at": before })).await;
    assert_eq!(assert_problem(refused, 422, "invalid_terms").await["field"], "ends_at");
    let end = (Utc::now() + TimeDelta::hours(2)).to_rfc3339();
    shoot.change(json!({ "ends_at": end })).await;
    assert_eq!(shoot.app.get(&shoot.small).await.status(), 200);
    shoot.later(3600).await;
    for (door, (status, code)) in shoot.doors("").await {
        // The public description of a closed session stays public.
        if !["status", "data of the session", "public JSON"].contains(&door) {
            let expected = if door.starts_with("head") { "" } else { "facepass_disabled" };
            assert_eq!((status, code.as_str()), (404, expected), "over: {door}");
        }
    }
}

#[tokio::test]
async fn guests_save_what_their_studio_lets_them_save() {
    let shoot = shoot().await;
    let save = async |path: &str| shoot.app.get(&format!("{path}?download=1")).await;
    shoot.change(json!({ "downloads": "off" })).await;
    assert_problem(begin(&shoot.app, shoot.id).await, 403, "downloads_off").await;
    assert_problem(shoot.app.get(&shoot.archive).await, 403, "downloads_off").await;
    assert_problem(save(&shoot.small).await, 403, "downloads_off").await;
    assert_eq!(shoot.app.get(&shoot.middle).await.status(), 200, "they look");
    assert_problem(shoot.app.get(&shoot.large).await, 403, "downloads_off").await;

    shoot.change(json!({ "downloads": "web" })).await;
    assert_eq!(save(&shoot.middle).await.status(), 200);
    for path in [&shoot.large, &format!("{}?download=1", shoot.large)] {
        assert_problem(shoot.app.get(path).await, 403, "downloads_off").await;
    }
    let photos = shoot.app.get_json(&format!("/api/v1/sessions/{}/photos", shoot.id)).await;
    assert_eq!(photos["photos"][0]["full_url"], shoot.middle, "no page is sent to what is refused");
    let web = text_of(begin(&shoot.app, shoot.id).await, "url").await;
    let web = shoot.app.get(&web).await.bytes().await.unwrap();
    assert!(web.windows(7).any(|part| part == b"1024 px"), "the copy for the screen");
    assert_eq!(shoot.app.get(&shoot.archive).await.status(), 410, "made of other copies");

    shoot.change(json!({ "downloads": "full" })).await;
    assert_eq!(save(&shoot.large).await.status(), 200);
    assert_eq!(shoot.app.get(&shoot.archive).await.status(), 200);
    shoot.change(json!({ "downloads": "original" })).await;
    let original = text_of(begin(&shoot.app, shoot.id).await, "url").await;
    assert_eq!(shoot.app.get(&original).await.status(), 200);
    assert_eq!(shoot.app.get(&shoot.archive).await.status(), 410, "made of other copies");
}

#[tokio::test]
async fn what_is_sold_is_not_free() {
    let shoot = shoot().await;
    shoot.change(json!({ "downloads": "original" })).await;
    let prices = shoot.app.sells(shoot.studio).await;
    assert_problem(shoot.app.get(&shoot.large).await, 403, "downloads_off").await;
    assert_problem(shoot.app.get(&format!("{}?download=1", shoot.large)).await, 403, "downloads_off").await;
    let copies = text_of(begin(&shoot.app, shoot.id).await, "url").await;
    let copies = shoot.app.get(&copies).await.bytes().await.unwrap();
    assert!(copies.windows(7).any(|part| part == b"1024 px"), "no originals for nothing");
    let own = shoot.app.request(Method::GET, &shoot.large).bearer_auth(&shoot.owner.access_token);
    assert_eq!(own.send().await.unwrap().status(), 200);

    // Prints do not compete with files.
    shoot.change(json!({ "prices": [prices.print] })).await;
    let offered = shoot.app.get_json(&format!("/api/v1/sessions/{}/prices", shoot.id)).await;
    let kinds: Vec<_> = offered["prices"].as_array().unwrap().iter().map(|price| &price["kind"]).collect();
    assert_eq!(kinds, ["print"]);
    assert_eq!(shoot.app.get(&shoot.large).await.status(), 200);
    let photo = shoot.small.split('/').nth(3).unwrap();
    let item = |price: &str| json!({ "items": [{ "price_id": price, "photo_id": photo, "quantity": 1 }] });
    let items = format!("/api/carts/{}/items", shoot.cart);
    let put = async |body: Value| shoot.app.request(Method::PUT, &items).json(&body).send().await.unwrap();
    assert_problem(put(item(&prices.digital)).await, 422, "unknown_price").await;
    assert_eq!(put(item(&prices.print)).await.status(), 200);
    // A price that is offered no more leaves the cart.
    shoot.change(json!({ "prices": [] })).await;
    let cart = shoot.app.get_json(&format!("/api/carts/{}", shoot.cart)).await;
    assert_eq!((&cart["lines"], &cart["removed"]), (&json!([]), &json!([{ "photo_id": photo }])));
    shoot.change(json!({ "prices": null })).await;
    let offered = shoot.app.get_json(&format!("/api/v1/sessions/{}/prices", shoot.id)).await;
    assert_eq!(offered["prices"].as_array().unwrap().len(), 3);

    // A package of files competes with them, one of prints does not.
    let admin = shoot.app.user(Role::Admin, &[shoot.studio]).await;
    shoot.change(json!({ "prices": null })).await;
    for (kind, size, status) in [("digital", Value::Null, 403), ("print", json!("A5"), 200)] {
        let part = json!({ "kind": kind, "size": size, "quantity": 1 });
        let package = json!({ "kind": "package", "size": null, "name": { "en": "Memories" }, "amount": 100,
            "active": true, "parts": [part] });
        let list = json!({ "currency": "RUB", "prices": [package] });
        let path = format!("/api/studios/{}/prices", shoot.studio);
        assert_eq!(shoot.app.send_as(&admin, Method::PUT, &path, list).await.status(), 200);
        assert_eq!(shoot.app.get(&shoot.large).await.status(), status, "{kind}");
    }
}

#[tokio::test]
async fn a_session_shows_its_pictures_with_or_without_the_studio_s_watermark() {
    let shoot = shoot().await;
    let mark = Watermark { kind: WatermarkKind::Text, text: Some("Studio".into()), logo: None, opacity: 50 };
    shoot.app.app.marks.set(shoot.studio, Some(mark), Utc::now()).await.unwrap();
    assert_eq!(shoot.app.get(&shoot.large).await.status(), 404, "no clean copy");
    shoot.change(json!({ "watermark": false })).await;
    assert_eq!(shoot.app.get(&shoot.large).await.status(), 200);
    let photos = shoot.app.get_json(&format!("/api/v1/sessions/{}/photos", shoot.id)).await;
    assert_eq!(photos["photos"][0]["full_url"], shoot.large);
    let prices = shoot.app.get_json(&format!("/api/v1/sessions/{}/prices", shoot.id)).await;
    assert_eq!(prices["watermarked"], false);
}

#[tokio::test]
async fn an_end_is_told_once_then_the_session_is_put_away_or_erased() {
    let shoot = shoot().await;
    let studio = &shoot.app.app.studio;
    let now = Utc::now();
    let end = now + TimeDelta::days(30);
    let mails = async || {
        let due = shoot.app.app.store.mails().lease_due(9, Duration::ZERO, now + TimeDelta::days(99)).await;
        due.unwrap().into_iter().map(|queued| queued.mail).collect::<Vec<_>>()
    };
    let told = async |days| {
        let queued =
            studio.remind("https://photos.example", None, now + TimeDelta::days(days)).await.unwrap();
        (queued, mails().await.len())
    };
    shoot.change(json!({ "ends_at": end.to_rfc3339(), "at_end": "erase" })).await;
    assert_eq!(told(22).await, (0, 0), "too early");
    assert_eq!(told(24).await, (1, 1));
    let mail = mails().await.remove(0);
    assert_eq!(mail.to.as_str(), shoot.owner.email);
    let link = format!("https://photos.example/dashboard/photo-sessions/{}", shoot.id);
    assert!(mail.body.contains(&link) && mail.body.contains("erased"), "{}", mail.body);
    for words in ["Eine Woche danach", "Через неделю", "(UTC)"] {
        assert!(mail.body.contains(words), "{words} is not in {}", mail.body);
    }
    assert_eq!(told(25).await, (0, 1), "once");
    shoot.change(json!({ "ends_at": (end + TimeDelta::days(1)).to_rfc3339() })).await;
    assert_eq!(told(25).await, (1, 2), "another end is told again");
    shoot.change(json!({ "ends_at": "2099-06-20T09:30:00Z", "time_zone": "Asia/Vladivostok" })).await;
    let end_of_time = "2099-06-15T00:00:00Z".parse().unwrap();
    assert_eq!(studio.remind("https://photos.example", None, end_of_time).await.unwrap(), 1);
    let mail = shoot
        .app
        .app
        .store
        .mails()
        .lease_due(9, Duration::ZERO, end_of_time + TimeDelta::days(9))
        .await
        .unwrap();
    let body = &mail.last().unwrap().mail.body;
    assert!(body.contains("2099-06-20 19:30 (Asia/Vladivostok)"), "{body}");
    shoot.change(json!({ "ends_at": (end + TimeDelta::days(1)).to_rfc3339() })).await;

    let after = |days| end + TimeDelta::days(days);
    let status = async || {
        let session = shoot.app.app.sessions.get(shoot.id).await.unwrap();
        session.status.to_string()
    };
    assert_eq!(studio.put_away(after(0)).await.unwrap(), []);
    assert_eq!(status().await, "active");
    assert_eq!(studio.put_away(after(1)).await.unwrap(), []);
    assert_eq!(status().await, "archived");
    assert_eq!(studio.put_away(after(7)).await.unwrap(), [], "there is a week to think again");
    assert_eq!(studio.put_away(after(8)).await.unwrap(), [shoot.id]);
    // Bringing the session back takes its end away.
    let change = SessionChange { status: Some(SessionStatus::Completed), ..Default::default() };
    let back = studio.change(shoot.id, change, after(9)).await.unwrap().session;
    assert_eq!((back.status, back.terms.ends_at), (SessionStatus::Completed, None));
    assert_eq!(studio.put_away(after(99)).await.unwrap(), []);
}
