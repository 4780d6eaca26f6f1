//! Galleries that a studio has closed: a PIN, an end, a moment from which photos are shown, what may be saved.

use chrono::{TimeDelta, Utc};
use pixora::domain::{PhotoSessionId, Role};
use reqwest::{
    Method, Response,
    header::{COOKIE, SET_COOKIE},
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

struct Shoot {
    app: TestApp,
    owner: TestUser,
    id: PhotoSessionId,
    picture: String,
    large: String,
    /// Made before the gallery was closed.
    archive: String,
}

async fn shoot() -> Shoot {
    let app = start().await;
    let studio = app.studio().await;
    let owner = app.user(Role::Photographer, &[studio]).await;
    let id = app.session_of(&owner, studio).await;
    app.photo(id, "a.jpg").await;
    let photos = app.get_json(&format!("/api/v1/sessions/{id}/photos")).await;
    let url = |member: &str| photos["photos"][0][member].as_str().unwrap().to_owned();
    let path = format!("/api/v1/sessions/{id}/archives");
    let begun = app.request(Method::POST, &path).json(&json!({ "all": true })).send().await.unwrap();
    let archive = begun.json::<Value>().await.unwrap()["url"].as_str().unwrap().to_owned();
    Shoot { picture: url("thumb_url"), large: url("full_url"), archive, app, owner, id }
}

impl Shoot {
    async fn change(&self, change: Value) -> Value {
        let path = format!("/api/photo-sessions/{}", self.id);
        let changed = self.app.send_as(&self.owner, Method::PATCH, &path, change).await;
        assert_eq!(changed.status(), 200);
        changed.json().await.unwrap()
    }

    async fn ask(&self, method: Method, path: &str, cookie: &str) -> Response {
        self.app.request(method, path).header(COOKIE, cookie).send().await.unwrap()
    }

    async fn type_in(&self, pin: &str) -> Response {
        let path = format!("/api/v1/sessions/{}/pin", self.id);
        self.app.request(Method::POST, &path).json(&json!({ "pin": pin })).send().await.unwrap()
    }

    /// Every door that shows photos, with what it says.
    async fn doors(&self, cookie: &str) -> Vec<(String, u16)> {
        let api = format!("/api/v1/sessions/{}", self.id);
        let gets = ["photos", "photos/ids", "prices", "qr.svg", "events"].map(|end| format!("{api}/{end}"));
        let gets = gets.into_iter().chain([self.picture.clone(), self.large.clone(), self.archive.clone()]);
        let mut told = Vec::new();
        for path in gets {
            told.push((path.clone(), self.ask(Method::GET, &path, cookie).await.status().as_u16()));
            let head = self.ask(Method::HEAD, &path, cookie).await.status().as_u16();
            told.push((format!("HEAD {path}"), head));
        }
        for (path, body) in [
            ("archives", json!({ "all": true })),
            ("carts", json!({})),
            ("consents", json!({ "version": "1", "language": "en" })),
        ] {
            let request = self.app.request(Method::POST, &format!("{api}/{path}")).header(COOKIE, cookie);
            told.push((path.to_owned(), request.json(&body).send().await.unwrap().status().as_u16()));
        }
        let ranged =
            self.app.request(Method::GET, &self.picture).header(COOKIE, cookie).header("range", "bytes=0-1");
        told.push(("Range".to_owned(), ranged.send().await.unwrap().status().as_u16()));
        told
    }
}

#[tokio::test]
async fn a_gallery_with_a_pin_is_closed_at_every_door_until_it_is_typed_in() {
    let shoot = shoot().await;
    for (path, status) in shoot.doors("").await {
        assert!((200..300).contains(&status), "open: {path} {status}");
    }
    let changed = shoot.change(json!({ "pin": " 4711 " })).await;
    assert_eq!(changed["pin"], "4711", "its studio reads it");
    for (path, status) in shoot.doors("").await {
        assert_eq!(status, 403, "closed: {path}");
    }
    let page = shoot.app.get(&format!("/session/{}", shoot.id)).await.text().await.unwrap();
    assert!(page.contains("pin_required") && !page.contains("Anna"), "the page says nothing of the session");
    let selfie = Part::bytes(vec![7; 3]).file_name("me.jpg").mime_str("image/jpeg").unwrap();
    let path = format!("/api/v1/sessions/{}/search", shoot.id);
    let search = shoot.app.request(Method::POST, &path).multipart(Form::new().part("selfie", selfie));
    assert_problem(search.send().await.unwrap(), 403, "pin_required").await;
    assert_problem(shoot.type_in("4712").await, 403, "pin_wrong").await;

    let open = shoot.type_in("4711").await;
    assert_eq!(open.status(), 204);
    let set = open.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"), "{set}");
    let cookie = set.split(';').next().unwrap().to_owned();
    for (path, status) in shoot.doors(&cookie).await {
        assert!((200..300).contains(&status), "open again: {path} {status}");
    }
    // The studio needs no PIN; another PIN closes the gallery again.
    let own = shoot.app.request(Method::GET, &shoot.large).bearer_auth(&shoot.owner.access_token);
    assert_eq!(own.send().await.unwrap().status(), 200);
    shoot.change(json!({ "pin": "0815a" })).await;
    for (path, status) in shoot.doors(&cookie).await {
        assert_eq!(status, 403, "closed: {path}");
    }
    shoot.change(json!({ "pin": null })).await;
    assert_eq!(shoot.app.get(&shoot.picture).await.status(), 200);
}

#[tokio::test]
async fn pins_cannot_be_tried_through() {
    let shoot = shoot().await;
    shoot.change(json!({ "pin": "4711" })).await;
    let mut refused = None;
    for n in 0..30 {
        let answer = shoot.type_in(&format!("{n:04}")).await;
        if answer.status() == 429 {
            refused = Some(n);
            assert!(answer.headers().contains_key("retry-after"));
            break;
        }
    }
    assert_eq!(refused, Some(10));
    for wrong in [json!("123"), json!("x".repeat(33)), json!("12 34")] {
        let path = format!("/api/photo-sessions/{}", shoot.id);
        let answer = shoot.app.send_as(&shoot.owner, Method::PATCH, &path, json!({ "pin": wrong })).await;
        assert_problem(answer, 422, "invalid_terms").await;
    }
}

#[tokio::test]
async fn photos_are_shown_from_the_moment_that_was_said_until_the_end() {
    let shoot = shoot().await;
    let soon = (Utc::now() + TimeDelta::hours(1)).to_rfc3339();
    shoot.change(json!({ "reveals_at": soon })).await;
    let listed = shoot.app.get_json(&format!("/api/v1/sessions/{}/photos", shoot.id)).await;
    assert_eq!((&listed["photos"], &listed["total"], &listed["pending"]), (&json!([]), &json!(0), &json!(0)));
    assert_problem(shoot.app.get(&shoot.picture).await, 404, "photo_not_found").await;
    assert_eq!(shoot.app.get(&shoot.archive).await.status(), 410);
    let status = shoot.app.get_json(&format!("/api/v1/sessions/{}/facepass-status", shoot.id)).await;
    assert_eq!((&status["photos_ready"], &status["faces_indexed"]), (&json!(0), &json!(0)));
    let consents = format!("/api/v1/sessions/{}/consents", shoot.id);
    let yes = json!({ "version": "1", "language": "en" });
    let agreed = shoot.app.request(Method::POST, &consents).json(&yes).send().await.unwrap();
    assert_problem(agreed, 404, "not_revealed").await;
    shoot.app.later(3601);
    assert_eq!(shoot.app.get(&shoot.picture).await.status(), 200);

    let path = format!("/api/photo-sessions/{}", shoot.id);
    let before = json!({ "ends_at": Utc::now().to_rfc3339() });
    let refused = shoot.app.send_as(&shoot.owner, Method::PATCH, &path, before).await;
    assert_problem(refused, 422, "invalid_terms").await;
    let end = (Utc::now() + TimeDelta::hours(2)).to_rfc3339();
    shoot.change(json!({ "ends_at": end })).await;
    assert_eq!(shoot.app.get(&shoot.picture).await.status(), 200);
    shoot.app.later(3600);
    assert_problem(shoot.app.get(&shoot.picture).await, 404, "facepass_disabled").await;
}

#[tokio::test]
async fn guests_save_what_their_studio_lets_them_save() {
    let shoot = shoot().await;
    let archives = format!("/api/v1/sessions/{}/archives", shoot.id);
    let begin = async || {
        shoot.app.request(Method::POST, &archives).json(&json!({ "all": true })).send().await.unwrap()
    };
    let save = async |path: &str| shoot.app.get(&format!("{path}?download=1")).await;
    shoot.change(json!({ "downloads": "off" })).await;
    assert_problem(begin().await, 403, "downloads_off").await;
    assert_problem(shoot.app.get(&shoot.archive).await, 403, "downloads_off").await;
    assert_problem(save(&shoot.picture).await, 403, "downloads_off").await;
    assert_eq!(shoot.app.get(&shoot.large).await.status(), 200, "they look");
    shoot.change(json!({ "downloads": "web" })).await;
    assert_eq!(save(&shoot.picture).await.status(), 200);
    assert_problem(save(&shoot.large).await, 403, "downloads_off").await;
    let web = begin().await.json::<Value>().await.unwrap();
    let web = shoot.app.get(web["url"].as_str().unwrap()).await.bytes().await.unwrap();
    assert!(web.windows(7).any(|part| part == b"1024 px"), "the copy for the screen");
    assert_eq!(shoot.app.get(&shoot.archive).await.status(), 410, "made of other copies");
    shoot.change(json!({ "downloads": "full" })).await;
    assert_eq!(save(&shoot.large).await.status(), 200);
    assert_eq!(shoot.app.get(&shoot.archive).await.status(), 200);
}
