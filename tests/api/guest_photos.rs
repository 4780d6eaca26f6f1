//! Photos that guests send: who may, how many, who looks at them, who takes them back, and what is done when one is
//! reported.

use std::io::Cursor;

use base64::{Engine, prelude::BASE64_STANDARD};
use pixora::{
    domain::{PhotoId, PhotoSessionId, Role},
    notices::NoticeKeeper,
};
use reqwest::{
    Method, Response,
    header::{COOKIE, RANGE},
};
use serde_json::{Value, json};

use crate::{
    erasures::{erase, kept, state},
    events::Stream,
    helpers::{TestApp, TestUser, assert_problem, start},
};

struct Shoot {
    app: TestApp,
    owner: TestUser,
    id: PhotoSessionId,
    /// Of a guest, to the publication of what they send.
    consent: String,
}

async fn shoot(mode: &str) -> Shoot {
    let app = start().await;
    let studio = app.studio().await;
    let owner = app.user(Role::Photographer, &[studio]).await;
    let id = app.session_of(&owner, studio).await;
    let mut shoot = Shoot { app, owner, id, consent: String::new() };
    assert_eq!(shoot.change(json!({ "guest_photos": mode })).await.status(), 200);
    if mode != "off" {
        shoot.consent = shoot.agree().await;
    }
    shoot
}

/// A picture of its own colour.
fn picture(shade: u8) -> Vec<u8> {
    let mut jpeg = Cursor::new(Vec::new());
    image::RgbImage::from_pixel(64, 48, image::Rgb([shade, 90, 120]))
        .write_to(&mut jpeg, image::ImageFormat::Jpeg)
        .unwrap();
    jpeg.into_inner()
}

fn header(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> =
        pairs.iter().map(|(name, value)| format!("{name} {}", BASE64_STANDARD.encode(value))).collect();
    pairs.join(",")
}

impl Shoot {
    async fn change(&self, change: Value) -> Response {
        let path = format!("/api/photo-sessions/{}", self.id);
        self.app.send_as(&self.owner, Method::PATCH, &path, change).await
    }

    /// A guest's yes.
    async fn agree(&self) -> String {
        let given = self.give().await;
        assert_eq!(given.status(), 201);
        given.json::<Value>().await.unwrap()["consent_id"].as_str().unwrap().to_owned()
    }

    async fn give(&self) -> Response {
        let path = format!("/api/v1/sessions/{}/consents", self.id);
        let given = json!({ "version": "2026-11.1", "language": "en", "purpose": "sharing" });
        self.app.request(Method::POST, &path).json(&given).send().await.unwrap()
    }

    async fn own(&self, cookie: &str) -> Value {
        let path = format!("/api/v1/sessions/{}/guest-photos", self.id);
        let answer = self.app.request(Method::GET, &path).header(COOKIE, cookie).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// The states of a guest's photos, the newest first.
    async fn states(&self, cookie: &str) -> Vec<String> {
        let own = self.own(cookie).await;
        let photos = own["photos"].as_array().unwrap();
        photos.iter().map(|photo| photo["state"].as_str().unwrap().to_owned()).collect()
    }

    async fn take_back(&self, cookie: &str, photo: PhotoId) -> Response {
        let path = format!("/api/v1/sessions/{}/guest-photos/{photo}", self.id);
        self.app.request(Method::DELETE, &path).header(COOKIE, cookie).send().await.unwrap()
    }

    async fn is_there(&self, photo: PhotoId) -> bool {
        self.app.app.store.photos().get(photo).await.unwrap().is_some()
    }

    fn uploads(&self) -> String {
        format!("/api/v1/sessions/{}/guest-uploads", self.id)
    }

    async fn announce(&self, cookie: &str, filename: &str, bytes: usize) -> Response {
        let request = self.app.request(Method::POST, &self.uploads()).header("tus-resumable", "1.0.0");
        let request = request.header("upload-length", bytes).header(COOKIE, cookie);
        let metadata = header(&[("filename", filename), ("name", "Aunt Olga"), ("consent", &self.consent)]);
        request.header("upload-metadata", metadata).send().await.unwrap()
    }

    async fn part(&self, cookie: &str, path: &str, offset: usize, bytes: &[u8]) -> Response {
        let request = self.app.request(Method::PATCH, path).header("tus-resumable", "1.0.0");
        let request = request.header("upload-offset", offset).header(COOKIE, cookie);
        let request = request.header("content-type", "application/offset+octet-stream");
        request.body(bytes.to_vec()).send().await.unwrap()
    }

    /// Sends a whole file; the sender's cookie and the photo.
    async fn send(&self, cookie: &str, filename: &str, bytes: &[u8]) -> (String, PhotoId) {
        let begun = self.announce(cookie, filename, bytes.len()).await;
        assert_eq!(begun.status(), 201, "{:?}", begun.text().await);
        let cookie = cookie_of(&begun).unwrap_or_else(|| cookie.to_owned());
        let sent = self.part(&cookie, &path_of(&begun), 0, bytes).await;
        assert_eq!(
            (sent.status().as_u16(), &sent.headers()["pixora-result"]),
            (204, &"stored".parse().unwrap())
        );
        let photo: PhotoId = sent.headers()["pixora-photo-id"].to_str().unwrap().parse().unwrap();
        self.app.make_ready(photo).await;
        (cookie, photo)
    }

    async fn seen(&self) -> Vec<Value> {
        let photos = self.app.get_json(&format!("/api/v1/sessions/{}/photos", self.id)).await;
        photos["photos"].as_array().unwrap().clone()
    }

    fn desk(&self) -> String {
        format!("/api/photo-sessions/{}/guest-photos", self.id)
    }

    async fn to_look_at(&self) -> Vec<Value> {
        self.app.get_as(&self.owner, &self.desk()).await["photos"].as_array().unwrap().clone()
    }

    async fn decide(&self, photo: PhotoId, show: bool) {
        let decision = json!({ "photo_ids": [photo], "show": show });
        let answer = self.app.send_as(&self.owner, Method::POST, &self.desk(), decision).await;
        assert_eq!(answer.status(), 200);
    }

    /// By a device with this cookie, or a new one.
    async fn report(&self, cookie: &str, photo: PhotoId, note: &str) -> Response {
        let path = format!("/api/v1/sessions/{}/gallery/{photo}/reports", self.id);
        let request = self.app.request(Method::POST, &path).header(COOKIE, cookie);
        request.json(&json!({ "note": note })).send().await.unwrap()
    }

    /// What a guest is told of a photo at every door; 404 everywhere is nothing.
    async fn doors(&self, photo: PhotoId, url: &str) -> Vec<(&'static str, u16)> {
        let api = |end: &str| format!("/api/v1/sessions/{}/{end}", self.id);
        let one = json!({ "photo_ids": [photo] });
        let table = [
            ("picture", Method::GET, url.to_owned(), None),
            ("head of a picture", Method::HEAD, url.to_owned(), None),
            ("part of a picture", Method::GET, url.to_owned(), Some(json!("range"))),
            ("saved picture", Method::GET, format!("{url}?download=1"), None),
            ("photo", Method::GET, api(&format!("gallery/{photo}")), None),
            ("page of the photo", Method::GET, format!("/session/{}/photo/{photo}", self.id), None),
            ("archive", Method::POST, api("archives"), Some(one)),
            ("heart", Method::PUT, api(&format!("hearts/{photo}")), None),
            ("report", Method::POST, api(&format!("gallery/{photo}/reports")), Some(json!({ "note": "" }))),
        ];
        let mut said = Vec::new();
        for (name, method, path, body) in table {
            let request = self.app.request(method, &path);
            let request = match body {
                None => request,
                Some(Value::String(_)) => request.header(RANGE, "bytes=0-1"),
                Some(body) => request.json(&body),
            };
            said.push((name, request.send().await.unwrap().status().as_u16()));
        }
        said
    }
}

fn cookie_of(answer: &Response) -> Option<String> {
    let set = answer.headers().get("set-cookie")?.to_str().unwrap();
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.contains("Path=/api/v1/sessions/"),
        "{set}"
    );
    Some(set.split(';').next().unwrap().to_owned())
}

fn path_of(answer: &Response) -> String {
    let location = answer.headers()["location"].to_str().unwrap();
    format!("/api{}", location.split_once("/api").unwrap().1)
}

#[tokio::test]
async fn a_moderated_photo_is_seen_when_its_studio_has_looked_at_it() {
    let shoot = shoot("moderated").await;
    let (cookie, photo) = shoot.send("", "IMG_0001.JPG", &picture(10)).await;
    assert_eq!(shoot.seen().await.len(), 0);
    let waiting = shoot.to_look_at().await;
    assert_eq!(
        (waiting.len(), &waiting[0]["photo_id"], &waiting[0]["sender"]),
        (1, &json!(photo), &json!("Aunt Olga"))
    );
    assert_eq!((&waiting[0]["is_from_guest"], &waiting[0]["is_shown"]), (&json!(true), &json!(false)));
    shoot.decide(photo, true).await;
    let seen = shoot.seen().await;
    assert_eq!((seen.len(), &seen[0]["is_from_guest"]), (1, &json!(true)));
    let name = seen[0]["filename"].as_str().unwrap();
    assert!(
        name.starts_with("guest-") && name.ends_with(" IMG_0001.JPG"),
        "no name of the photographer's: {name}"
    );
    assert_eq!(shoot.to_look_at().await.len(), 0);

    let (_, refused) = shoot.send(&cookie, "IMG_0002.JPG", &picture(20)).await;
    assert_eq!(shoot.states(&cookie).await, ["waiting", "shown"]);
    shoot.decide(refused, false).await;
    assert_eq!((shoot.seen().await.len(), shoot.to_look_at().await.len()), (1, 0));
    assert!(!shoot.is_there(refused).await);
    assert_eq!(shoot.states(&cookie).await, ["declined", "shown"], "their sender is told");
    let own = shoot.own(&cookie).await;
    assert_eq!((&own["name"], &own["photos"][0]["filename"]), (&json!("Aunt Olga"), &json!("IMG_0002.JPG")));
    assert!(own["photos"][1]["picture"]["thumb_url"].is_string() && own["photos"][0]["picture"].is_null());
    assert_eq!(shoot.own("").await["photos"], json!([]), "nobody else sees the list");

    // Whoever hides one among the session's photos has looked at it, too.
    let path = format!("/api/photos/{photo}");
    shoot.app.send_as(&shoot.owner, Method::PATCH, &path, json!({ "is_selected": false })).await;
    assert_eq!(shoot.states(&cookie).await, ["declined", "hidden"]);
    assert_eq!(shoot.to_look_at().await.len(), 0);

    let stranger = shoot.app.user(Role::Photographer, &[]).await;
    let decision = json!({ "photo_ids": [photo], "show": false });
    let other = shoot.app.send_as(&stranger, Method::POST, &shoot.desk(), decision).await;
    assert_problem(other, 404, "session_not_found").await;
    // A photo of the photographer's own is not deleted by this door.
    let own = shoot.app.photo(shoot.id, "own.jpg").await.id;
    shoot.decide(own, false).await;
    assert!(shoot.app.app.store.photos().get(own).await.unwrap().is_some());
}

#[tokio::test]
async fn a_photo_that_waits_or_was_declined_is_behind_no_door() {
    let shoot = shoot("moderated").await;
    let mut guest = Stream::open(&shoot.app, shoot.id, "").await;
    guest.counts().await;
    let (_, photo) = shoot.send("", "a.jpg", &picture(10)).await;
    let url = shoot.to_look_at().await[0]["thumb_url"].as_str().unwrap().to_owned();
    let nothing = |said: Vec<(&'static str, u16)>| {
        for (name, status) in said {
            let is_refused = [404, 409, 422].contains(&status);
            assert!(is_refused, "{name}: {status}");
        }
    };
    nothing(shoot.doors(photo, &url).await);
    let owner = shoot.app.send_as(&shoot.owner, Method::GET, &url, json!({})).await;
    assert_eq!(owner.status(), 200, "its studio looks at it");
    let api = |end: &str| format!("/api/v1/sessions/{}/{end}", shoot.id);
    assert_eq!(shoot.app.get_json(&api("photos/ids")).await["photo_ids"], json!([]));
    assert_eq!(shoot.app.get_json(&api("facepass-status")).await["photos_ready"], 0);

    shoot.decide(photo, true).await;
    let open = shoot.doors(photo, &url).await;
    assert!(open.iter().all(|(_, status)| *status < 300), "{open:?}");
    // Nothing was said of it until now.
    let (kind, data) = guest.event().await.unwrap();
    assert_eq!((kind.as_str(), &data["is_selected"]), ("photo", &json!(true)));
    // The report is told to panels, and says nothing new to guests.
    assert_eq!(guest.event().await.unwrap().1, data);
    shoot.decide(photo, false).await;
    let (_, data) = guest.event().await.unwrap();
    assert_eq!((&data["photo_id"], &data["is_selected"]), (&json!(photo), &json!(false)));
    nothing(shoot.doors(photo, &url).await);
    let owner = shoot.app.send_as(&shoot.owner, Method::GET, &url, json!({})).await;
    assert_eq!(owner.status(), 404);
}

#[tokio::test]
async fn guests_never_get_the_file_of_another_guest_which_says_where_it_was_taken() {
    let shoot = shoot("open").await;
    shoot.change(json!({ "downloads": "original" })).await;
    let (_, photo) = shoot.send("", "a.png", &picture(10)).await;
    let path = format!("/api/v1/sessions/{}/archives", shoot.id);
    let begun = shoot.app.request(Method::POST, &path).json(&json!({ "all": true })).send().await.unwrap();
    let url = begun.json::<Value>().await.unwrap()["url"].as_str().unwrap().to_owned();
    let archive = shoot.app.get(&url).await.bytes().await.unwrap();
    let has = |wanted: &[u8]| archive.windows(wanted.len()).any(|it| it == wanted);
    assert!(has(b"2048 px") && has(b".jpg") && !has(b".png"), "the largest copy of it");
    // Their studio has what was sent.
    let path = format!("/api/photos/{photo}/original");
    let sent = shoot.app.send_as(&shoot.owner, Method::GET, &path, json!({})).await;
    assert_eq!(sent.bytes().await.unwrap(), picture(10));
}

#[tokio::test]
async fn reports_of_three_devices_hide_a_photo_that_its_studio_has_not_looked_at() {
    let shoot = shoot("open").await;
    let (sender, photo) = shoot.send("", "a.jpg", &picture(10)).await;
    assert_eq!(shoot.seen().await.len(), 1, "seen at once");
    let first = shoot.report("", photo, "I do not want to be in it").await;
    assert_eq!(first.status(), 204);
    let device = cookie_of(&first).expect("the device is known from now on");
    for _ in 0..3 {
        assert_eq!(shoot.report(&device, photo, "").await.status(), 204);
    }
    assert_eq!(shoot.report("", photo, "").await.status(), 204);
    assert_eq!(shoot.seen().await.len(), 1, "two devices hide nothing, however often they report it");
    let waiting = shoot.to_look_at().await;
    assert_eq!(
        (&waiting[0]["reports"], &waiting[0]["notes"], &waiting[0]["is_shown"]),
        (&json!(2), &json!(["I do not want to be in it"]), &json!(true))
    );
    let mut guest = Stream::open(&shoot.app, shoot.id, "").await;
    guest.counts().await;
    assert_eq!(shoot.report("", photo, "").await.status(), 204);
    assert_eq!(shoot.seen().await.len(), 0);
    let told = guest.event().await.unwrap();
    assert_eq!(told.1["is_selected"], false, "open pages hear of it");
    assert_eq!(shoot.states(&sender).await, ["waiting"]);

    shoot.decide(photo, true).await;
    assert_eq!((shoot.seen().await.len(), shoot.to_look_at().await.len()), (1, 0));
    shoot.app.later(1);
    for _ in 0..4 {
        assert_eq!(shoot.report("", photo, "").await.status(), 204);
    }
    assert_eq!(shoot.seen().await.len(), 1, "the studio has looked at it");
    assert_eq!(shoot.to_look_at().await[0]["reports"], 4, "and is told all the same");
    assert_problem(shoot.report("", photo, "").await, 429, "too_many_attempts").await;
}

#[tokio::test]
async fn only_what_guests_have_sent_is_reported_in_few_words() {
    let shoot = shoot("open").await;
    let (_, photo) = shoot.send("", "a.jpg", &picture(10)).await;
    assert_problem(shoot.report("", photo, &"x".repeat(301)).await, 422, "invalid_report").await;
    let own = shoot.app.photo(shoot.id, "own.jpg").await.id;
    assert_problem(shoot.report("", own, "").await, 404, "not_from_guest").await;
    assert_eq!(shoot.to_look_at().await[0]["reports"], 0);
}

#[tokio::test]
async fn a_guest_takes_back_their_own_photo_and_nobody_else_does() {
    let shoot = shoot("open").await;
    let (anna, photo) = shoot.send("", "a.jpg", &picture(10)).await;
    let (boris, other) = shoot.send("", "b.jpg", &picture(20)).await;
    for wrong in ["", boris.as_str(), "pixora_guest=x"] {
        assert_problem(shoot.take_back(wrong, photo).await, 404, "not_own_photo").await;
    }
    assert!(shoot.is_there(photo).await);
    let mut guest = Stream::open(&shoot.app, shoot.id, "").await;
    guest.counts().await;
    // Also after the gallery was closed, and when it takes no more.
    shoot.change(json!({ "guest_photos": "off", "pin": "4711" })).await;
    assert_eq!(shoot.take_back(&anna, photo).await.status(), 204);
    assert!(!shoot.is_there(photo).await && shoot.is_there(other).await);
    assert_problem(shoot.take_back(&anna, photo).await, 404, "not_own_photo").await;
    shoot.change(json!({ "guest_photos": "open", "pin": null })).await;
    assert_eq!(shoot.own(&anna).await["photos"], json!([]));
    // One that was declined is forgotten in the same way.
    shoot.decide(other, false).await;
    assert_eq!(shoot.take_back(&boris, other).await.status(), 204);
    assert_eq!(shoot.own(&boris).await["photos"], json!([]));
}

#[tokio::test]
async fn photos_are_sent_by_consent_and_go_with_it() {
    let mut shoot = shoot("open").await;
    let (cookie, photo) = shoot.send("", "a.jpg", &picture(10)).await;
    let given = std::mem::replace(&mut shoot.consent, "00000000-0000-4000-8000-000000000000".to_owned());
    assert_problem(shoot.announce(&cookie, "b.jpg", 10).await, 422, "unknown_consent").await;
    shoot.consent = "no id".to_owned();
    let wrong =
        assert_problem(shoot.announce(&cookie, "b.jpg", 10).await, 422, "invalid_upload_metadata").await;
    assert_eq!(wrong["field"], "consent");
    // A yes to something else is none to this.
    let path = format!("/api/v1/sessions/{}/consents", shoot.id);
    let other = json!({ "version": "2026-11.4", "language": "en" });
    let other = shoot.app.request(Method::POST, &path).json(&other).send().await.unwrap();
    shoot.consent = other.json::<Value>().await.unwrap()["consent_id"].as_str().unwrap().to_owned();
    assert_problem(shoot.announce(&cookie, "b.jpg", 10).await, 422, "unknown_consent").await;

    // What is on its way goes as well, whoever still sends it.
    shoot.consent = given.clone();
    let bytes = picture(20);
    let begun = path_of(&shoot.announce(&cookie, "b.jpg", bytes.len()).await);
    let withdraw = format!("{path}/{given}");
    assert_eq!(shoot.app.request(Method::DELETE, &withdraw).send().await.unwrap().status(), 204);
    assert!(!shoot.is_there(photo).await);
    assert_eq!(shoot.seen().await.len(), 0);
    assert_problem(shoot.part(&cookie, &begun, 0, &bytes).await, 404, "upload_not_found").await;
    assert_problem(shoot.announce(&cookie, "c.jpg", 10).await, 422, "unknown_consent").await;

    shoot.change(json!({ "guest_photos": "off" })).await;
    assert_problem(shoot.give().await, 403, "guest_photos_off").await;
}

#[tokio::test]
async fn a_file_that_was_taken_back_while_it_came_in_is_seen_by_nobody() {
    let shoot = shoot("open").await;
    let bytes = picture(10);
    let begun = shoot.announce("", "a.jpg", bytes.len()).await;
    let (cookie, path) = (cookie_of(&begun).unwrap(), path_of(&begun));
    assert_eq!(shoot.part(&cookie, &path, 0, &bytes[..50]).await.status(), 204);
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    let upload = shoot.app.app.store.uploads().get(id).await.unwrap().unwrap();
    let forgotten = format!("/api/v1/sessions/{}/visit", shoot.id);
    let forgotten =
        shoot.app.request(Method::DELETE, &forgotten).header(COOKIE, &cookie).send().await.unwrap();
    assert_eq!(forgotten.status(), 204);
    // As another node would that had the whole file in hand.
    let photo = pixora::store::NewPhoto {
        id: upload.photo,
        photo_session_id: shoot.id,
        guest_id: None,
        is_selected: true,
        filename: upload.filename,
        sha256: format!("{:064x}", 7),
        bytes: bytes.len() as u64,
        media_type: "image/jpeg".into(),
        width: 64,
        height: 48,
        taken_at: None,
        camera: None,
        crc32: None,
        header: None,
        replaces: false,
    };
    shoot.app.app.store.photos().receive(&photo, shoot.app.app.now()).await.unwrap();
    assert!(!shoot.is_there(upload.photo).await);
    let due = shoot.app.app.store.erasures().due(None).await.unwrap();
    assert_eq!(
        due.iter().map(|erasure| erasure.photo).collect::<Vec<_>>(),
        [upload.photo],
        "its file goes, too"
    );
}

#[tokio::test]
async fn a_guest_who_is_forgotten_leaves_no_photo_behind() {
    let shoot = shoot("open").await;
    let (cookie, photo) = shoot.send("", "a.jpg", &picture(10)).await;
    let (_, other) = shoot.send("", "b.jpg", &picture(20)).await;
    assert_eq!(shoot.report(&cookie, other, "").await.status(), 204);
    let path = format!("/api/v1/sessions/{}/visit", shoot.id);
    let forgotten = shoot.app.request(Method::DELETE, &path).header(COOKIE, &cookie).send().await.unwrap();
    assert_eq!(forgotten.status(), 204);
    let cookies: Vec<_> = forgotten.headers().get_all("set-cookie").iter().collect();
    assert!(cookies.iter().any(|it| it.to_str().unwrap().starts_with("pixora_guest=;")), "{cookies:?}");
    assert!(!shoot.is_there(photo).await && shoot.is_there(other).await);
    assert_eq!(shoot.own(&cookie).await, json!({ "name": "", "photos": [] }));
    assert_problem(shoot.take_back(&cookie, other).await, 404, "not_own_photo").await;
}

#[tokio::test]
async fn a_studio_is_told_of_photos_that_wait_and_of_reports_once() {
    let shoot = shoot("moderated").await;
    let look = async || {
        NoticeKeeper(shoot.app.app.notices.clone()).round().await.unwrap();
        let told = shoot.app.app.notices.list(shoot.owner.id, None, 100).await.unwrap();
        told.iter().map(|notice| notice.kind.to_string()).collect::<Vec<_>>()
    };
    let (cookie, photo) = shoot.send("", "a.jpg", &picture(10)).await;
    assert_eq!(look().await, ["guest_photos"]);
    shoot.send(&cookie, "b.jpg", &picture(20)).await;
    assert_eq!(look().await, ["guest_photos"], "not for each");
    shoot.decide(photo, true).await;
    shoot.app.later(5);
    shoot.report("", photo, "").await;
    shoot.report("", photo, "").await;
    assert_eq!(look().await, ["photo_reported", "guest_photos"]);
    assert_eq!(look().await.len(), 2, "each is told once");
    shoot.app.later(3_700);
    assert_eq!(look().await, ["guest_photos", "photo_reported", "guest_photos"], "of what came since");
    shoot.app.later(3_700);
    assert_eq!(look().await.len(), 3, "nothing has come since");
}

#[tokio::test]
async fn an_upload_goes_on_where_it_was_and_is_nobody_elses() {
    let shoot = shoot("open").await;
    let bytes = picture(10);
    let begun = shoot.announce("", "a.jpg", bytes.len()).await;
    let (cookie, path) = (cookie_of(&begun).expect("the device is known from now on"), path_of(&begun));
    assert_eq!(shoot.part(&cookie, &path, 0, &bytes[..100]).await.headers()["upload-offset"], "100");
    let head = async |cookie: &str| {
        let request = shoot.app.request(Method::HEAD, &path).header("tus-resumable", "1.0.0");
        request.header(COOKIE, cookie).send().await.unwrap()
    };
    assert_eq!(head(&cookie).await.headers()["upload-offset"], "100");
    assert_eq!(head("").await.status(), 404);
    let other = shoot.announce("", "b.jpg", bytes.len()).await;
    assert_eq!(head(&cookie_of(&other).unwrap()).await.status(), 404, "another guest's");
    assert_problem(shoot.part("", &path, 100, &bytes[100..]).await, 404, "upload_not_found").await;
    // The gallery shuts this door too, also for what was begun.
    for closed in
        [json!({ "gallery_open": false }), json!({ "pin": "4711" }), json!({ "guest_photos": "off" })]
    {
        shoot.change(closed.clone()).await;
        let part = shoot.part(&cookie, &path, 100, &bytes[100..]).await;
        assert!([403, 404].contains(&part.status().as_u16()), "{closed}");
        let begun = shoot.announce(&cookie, "c.jpg", bytes.len()).await;
        assert!([403, 404].contains(&begun.status().as_u16()), "{closed}");
        shoot.change(json!({ "gallery_open": true, "pin": null, "guest_photos": "open" })).await;
    }
    // Until photos are shown guests only send.
    let later = (chrono::Utc::now() + chrono::TimeDelta::hours(1)).to_rfc3339();
    shoot.change(json!({ "reveals_at": later })).await;
    assert_eq!(shoot.part(&cookie, &path, 100, &bytes[100..]).await.headers()["pixora-result"], "stored");
    assert_eq!(shoot.seen().await.len(), 0);
}

#[tokio::test]
async fn guests_send_photos_only_and_no_more_than_they_may() {
    let shoot = shoot("open").await;
    for (filename, bytes) in [("a.xmp", 10), ("a.CR3", 10), ("a", 10), ("a.jpg", 50_000_001)] {
        assert_problem(shoot.announce("", filename, bytes).await, 422, "not_a_photo").await;
    }
    shoot.change(json!({ "most_from_a_guest": 2, "most_from_guests": 3 })).await;
    let (cookie, _) = shoot.send("", "a.jpg", &picture(10)).await;
    shoot.send(&cookie, "b.jpg", &picture(20)).await;
    let refused = shoot.announce(&cookie, "c.jpg", 100).await;
    assert_eq!(assert_problem(refused, 409, "too_many_from_guest").await["most"], 2);
    let (other, _) = shoot.send("", "c.jpg", &picture(30)).await;
    assert_problem(shoot.announce(&other, "d.jpg", 100).await, 409, "too_many_from_guests").await;
    // A file that is none leaves no place taken.
    shoot.change(json!({ "most_from_guests": 4 })).await;
    let begun = shoot.announce(&other, "d.jpg", 4).await;
    let sent = shoot.part(&other, &path_of(&begun), 0, b"none").await;
    assert_eq!(sent.headers()["pixora-result"], "rejected");
    shoot.send(&other, "e.jpg", &picture(40)).await;

    for wrong in [json!({ "most_from_a_guest": 0 }), json!({ "most_from_guests": 10_001 })] {
        let field = wrong.as_object().unwrap().keys().next().unwrap().clone();
        let refused = shoot.change(wrong).await;
        assert_eq!(assert_problem(refused, 422, "invalid_terms").await["field"], field.as_str());
    }
    let request = shoot.app.request(Method::POST, &shoot.uploads()).header("tus-resumable", "1.0.0");
    let metadata = header(&[("filename", "a.jpg"), ("name", &"x".repeat(61)), ("consent", &shoot.consent)]);
    let long = request.header("upload-length", 10).header("upload-metadata", metadata).send().await.unwrap();
    assert_problem(long, 422, "invalid_sender_name").await;
}

#[tokio::test]
async fn a_guest_s_photo_is_never_sold_and_goes_with_its_session() {
    let shoot = shoot("open").await;
    let studio = shoot.app.studio().await;
    let prices = shoot.app.sells(studio).await;
    let (_, photo) = shoot.send("", "a.jpg", &picture(10)).await;
    shoot.report("", photo, "").await;
    let own = shoot.app.photo(shoot.id, "own.jpg").await.id;
    let carts = format!("/api/v1/sessions/{}/carts", shoot.id);
    let cart: Value = shoot.app.request(Method::POST, &carts).send().await.unwrap().json().await.unwrap();
    let items = format!("/api/carts/{}/items", cart["cart_token"].as_str().unwrap());
    let put = async |photo: PhotoId| {
        let body = json!({ "items": [{ "price_id": prices.digital, "photo_id": photo, "quantity": 1 }] });
        shoot.app.request(Method::PUT, &items).json(&body).send().await.unwrap()
    };
    assert_eq!(put(own).await.status(), 200);
    assert_problem(put(photo).await, 422, "photo_not_for_sale").await;
    let erased = shoot.app.app.store.erase_session(shoot.id).await.unwrap();
    assert_eq!(
        erased.guest_photos, 4,
        "who sent it and who reported it, that they sent and that they reported"
    );
}

#[tokio::test]
async fn the_couples_selection_takes_no_photos_of_guests_and_a_guests_hearts_do() {
    let shoot = shoot("open").await;
    let (_, photo) = shoot.send("", "a.jpg", &picture(10)).await;
    let path = format!("/api/v1/sessions/{}/hearts/{photo}", shoot.id);
    let hearted = shoot.app.request(Method::PUT, &path).send().await.unwrap();
    assert!(hearted.status().is_success());
    let cookie = |answer: &Response| {
        answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
    };
    let selection = format!("/api/photo-sessions/{}/selection", shoot.id);
    let made = shoot.app.send_as(&shoot.owner, Method::PUT, &selection, json!({})).await;
    let link = made.json::<Value>().await.unwrap()["url"].as_str().unwrap().to_owned();
    let key = link.split_once("#choose=").unwrap().1;
    let open = format!("/api/v1/sessions/{}/hearts/open", shoot.id);
    let opening = shoot.app.request(Method::POST, &open).header(COOKIE, cookie(&hearted));
    let opened = opening.json(&json!({ "key": key })).send().await.unwrap();
    let couple = cookie(&opened);
    let opened: Value = opened.json().await.unwrap();
    assert_eq!(
        (&opened["kind"], &opened["photo_ids"]),
        (&json!("couple"), &json!([])),
        "it does not come along"
    );
    let chosen = shoot.app.request(Method::PUT, &path).header(COOKIE, couple).send().await.unwrap();
    assert_problem(chosen, 409, "photo_from_guest").await;
}

#[tokio::test]
async fn an_erased_consent_takes_the_photos_along_that_were_sent_under_it() {
    let shoot = shoot("open").await;
    let (cookie, photo) = shoot.send("", "a.jpg", &picture(10)).await;
    let mut guest = Stream::open(&shoot.app, shoot.id, "").await;
    guest.counts().await;
    let admin = shoot.app.user(Role::Admin, &[shoot.app.studio().await]).await;
    let path = format!("/api/photo-sessions/{}/consents/{}/erasure", shoot.id, shoot.consent);
    let erasure = erase(&shoot.app, &admin, &path).await;
    assert!(!shoot.is_there(photo).await);
    assert_eq!(guest.event().await.unwrap().1["photo_id"], json!(photo), "open pages hear of it");
    assert_eq!(shoot.own(&cookie).await["photos"], json!([]));
    assert!(shoot.app.app.blobs.count_session(shoot.id).await.unwrap() > 0, "files go in the background");
    kept(&shoot.app).await;
    assert_eq!(state(&shoot.app, &admin, &erasure).await["state"], "complete");
    assert_eq!(shoot.app.app.blobs.count_session(shoot.id).await.unwrap(), 0, "before there is a receipt");
}
