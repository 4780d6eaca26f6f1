//! Hearts of guests, the couple's selection, and what the photographer takes back of both.

use pixora::domain::{Photo, PhotoSessionId, Role};
use reqwest::{
    Method, Response,
    header::{CONTENT_TYPE, COOKIE, SET_COOKIE},
};
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

/// Somebody with a browser of their own.
struct Device<'a> {
    app: &'a TestApp,
    session: PhotoSessionId,
    cookie: String,
}

impl<'a> Device<'a> {
    fn new(app: &'a TestApp, session: PhotoSessionId) -> Self {
        Self { app, session, cookie: String::new() }
    }

    async fn send(&mut self, method: Method, end: &str, body: Option<Value>) -> Response {
        let path = format!("/api/v1/sessions/{}/{end}", self.session);
        let mut request = self.app.request(method, &path).header(COOKIE, &self.cookie);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        for set in answer.headers().get_all(SET_COOKIE) {
            let set = set.to_str().unwrap();
            if set.starts_with("pixora_hearts=") {
                assert!(set.contains("HttpOnly") && set.contains("SameSite=Strict"), "{set}");
                assert!(set.contains(&format!("Path=/api/v1/sessions/{}", self.session)), "{set}");
                self.cookie = set.split(';').next().unwrap().to_owned();
            }
        }
        answer
    }

    async fn heart(&mut self, photo: &Photo) -> Response {
        self.send(Method::PUT, &format!("hearts/{}", photo.id), None).await
    }

    async fn hearts(&mut self) -> Value {
        let answer = self.send(Method::GET, "hearts", None).await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    async fn change(&mut self, change: Value) -> Response {
        self.send(Method::PATCH, "hearts", Some(change)).await
    }
}

struct Shoot {
    app: TestApp,
    owner: TestUser,
    session: PhotoSessionId,
    photos: Vec<Photo>,
}

async fn shoot() -> Shoot {
    let app = start().await;
    let owner = app.user(Role::Admin, &[app.studio().await]).await;
    let session = app.session().await;
    let mut photos = Vec::new();
    for name in ["one.jpg", "two.jpg", "three.jpg"] {
        photos.push(app.photo(session, name).await);
    }
    Shoot { app, owner, session, photos }
}

impl Shoot {
    fn path(&self, end: &str) -> String {
        format!("/api/photo-sessions/{}/{end}", self.session)
    }

    async fn selection(&self, change: Value) -> Value {
        let answer = self.app.send_as(&self.owner, Method::PUT, &self.path("selection"), change).await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// Names of photos that were chosen.
    async fn chosen(&self, query: &str) -> Vec<String> {
        let path = self.path(&format!("choices{query}"));
        let choices = self.app.get_as(&self.owner, &path).await["choices"].clone();
        let name = |choice: &Value| choice["filename"].as_str().unwrap().to_owned();
        choices.as_array().unwrap().iter().map(name).collect()
    }

    async fn hide(&self, photo: &Photo) {
        let path = format!("/api/photos/{}", photo.id);
        let hidden =
            self.app.send_as(&self.owner, Method::PATCH, &path, json!({ "is_selected": false })).await;
        assert_eq!(hidden.status(), 200);
    }
}

fn key_of(url: &Value, sign: &str) -> String {
    url.as_str().unwrap().split_once(sign).unwrap().1.to_owned()
}

#[tokio::test]
async fn a_guest_gives_hearts_without_an_account_and_nobody_else_has_them() {
    let shoot = shoot().await;
    let [one, two, _] = &shoot.photos[..] else { unreachable!() };
    let mut guest = Device::new(&shoot.app, shoot.session);
    let none = guest.hearts().await;
    assert_eq!((&none["kind"], &none["photo_ids"]), (&json!("guest"), &json!([])));
    assert_problem(guest.change(json!({ "name": "Vera" })).await, 404, "list_not_found").await;
    for (photo, held) in [(one, 1), (two, 2), (two, 2)] {
        assert_eq!(guest.heart(photo).await.json::<Value>().await.unwrap()["photos"], held);
    }
    let changed: Value = guest.change(json!({ "name": " Vera " })).await.json().await.unwrap();
    assert_eq!((&changed["name"], &changed["photo_ids"]), (&json!("Vera"), &json!([one.id, two.id])));
    let shown: Value = guest.send(Method::GET, "hearts/photos", None).await.json().await.unwrap();
    let shown: Vec<&Value> =
        shown["photos"].as_array().unwrap().iter().map(|photo| &photo["filename"]).collect();
    assert_eq!(shown, ["one.jpg", "two.jpg"]);
    for name in ["x".repeat(61), "two\nlines".to_owned()] {
        assert_problem(guest.change(json!({ "name": name })).await, 422, "invalid_list_name").await;
    }
    let left = guest.send(Method::DELETE, &format!("hearts/{}", one.id), None).await;
    assert_eq!(left.json::<Value>().await.unwrap()["photos"], 1);

    let mut stranger = Device::new(&shoot.app, shoot.session);
    assert_eq!(stranger.hearts().await["photo_ids"], json!([]));
    // The key of a list opens it in its own session only, and a changed one opens nothing.
    let other = shoot.app.session().await;
    let mut elsewhere = Device { app: &shoot.app, session: other, cookie: guest.cookie.clone() };
    assert_eq!(elsewhere.hearts().await["photo_ids"], json!([]));
    let mut forged = Device::new(&shoot.app, shoot.session);
    forged.cookie = format!("{}A", &guest.cookie[..guest.cookie.len() - 1]);
    if forged.cookie != guest.cookie {
        assert_eq!(forged.hearts().await["photo_ids"], json!([]));
    }
}

#[tokio::test]
async fn only_what_a_guest_sees_can_be_chosen_and_what_is_hidden_leaves_every_list() {
    let shoot = shoot().await;
    let [one, two, three] = &shoot.photos[..] else { unreachable!() };
    shoot.hide(three).await;
    let mut guest = Device::new(&shoot.app, shoot.session);
    assert_problem(guest.heart(three).await, 404, "photo_not_found").await;
    assert_eq!(guest.cookie, "", "a photo that is not there makes no list");
    let elsewhere = shoot.app.photo(shoot.app.session().await, "other.jpg").await;
    assert_problem(guest.heart(&elsewhere).await, 404, "photo_not_found").await;
    guest.heart(one).await;
    guest.heart(two).await;
    let shared: Value = guest.change(json!({ "is_shared": true })).await.json().await.unwrap();
    let key = key_of(&shared["share_url"], "#list=");
    let path = format!("/api/v1/sessions/{}/lists/{key}", shoot.session);
    assert_eq!(shoot.app.get_json(&path).await["photos"].as_array().map(Vec::len), Some(2));
    shoot.hide(two).await;
    assert_eq!(guest.hearts().await["photo_ids"], json!([one.id]));
    let seen = shoot.app.get_json(&path).await;
    assert_eq!(seen["photos"].as_array().map(Vec::len), Some(1));
    assert_eq!(seen["photos"][0]["photo_id"], json!(one.id));
    assert_eq!(shoot.chosen("").await, ["one.jpg", "two.jpg"], "the studio sees all of them");
}

#[tokio::test]
async fn a_list_is_looked_at_only_while_it_is_shared_and_the_link_changes_nothing() {
    let shoot = shoot().await;
    let mut guest = Device::new(&shoot.app, shoot.session);
    guest.heart(&shoot.photos[0]).await;
    assert_eq!(guest.hearts().await["share_url"], Value::Null);
    let shared: Value =
        guest.change(json!({ "is_shared": true, "name": "Vera" })).await.json().await.unwrap();
    let key = key_of(&shared["share_url"], "#list=");
    let path = format!("/api/v1/sessions/{}/lists/{key}", shoot.session);
    assert_eq!(shoot.app.get_json(&path).await["name"], "Vera");
    // The link is no key of the owner's, nor of the couple's.
    let mut reader = Device::new(&shoot.app, shoot.session);
    reader.cookie = format!("pixora_hearts={key}");
    assert_eq!(reader.hearts().await["photo_ids"], json!([]));
    let opened = reader.send(Method::POST, "hearts/open", Some(json!({ "key": key }))).await;
    assert_problem(opened, 404, "list_not_found").await;
    guest.change(json!({ "is_shared": false })).await;
    assert_problem(shoot.app.get(&path).await, 404, "list_not_found").await;
    for key in ["", "x", "x.y", "01a22b8c-7bc4-476f-afba-a2579446e553.AAAA"] {
        let path = format!("/api/v1/sessions/{}/lists/{key}", shoot.session);
        assert_eq!(shoot.app.get(&path).await.status(), 404, "{key}");
    }
}

#[tokio::test]
async fn the_couple_chooses_on_several_devices_up_to_the_limit_and_says_when_it_is_done() {
    let shoot = shoot().await;
    let [one, two, three] = &shoot.photos[..] else { unreachable!() };
    let made = shoot.selection(json!({ "limit": 2 })).await;
    assert_eq!((&made["limit"], &made["photos"], &made["done_at"]), (&json!(2), &json!(0), &Value::Null));
    let key = key_of(&made["url"], "#choose=");
    let mut bride = Device::new(&shoot.app, shoot.session);
    // What she chose as a guest comes along.
    bride.heart(three).await;
    let opened = bride.send(Method::POST, "hearts/open", Some(json!({ "key": key }))).await;
    let opened: Value = opened.json().await.unwrap();
    assert_eq!((&opened["kind"], &opened["limit"]), (&json!("couple"), &json!(2)));
    let mut groom = Device::new(&shoot.app, shoot.session);
    groom.send(Method::POST, "hearts/open", Some(json!({ "key": key }))).await;
    assert_eq!(groom.heart(one).await.json::<Value>().await.unwrap(), json!({ "photos": 2, "limit": 2 }));
    let refused = assert_problem(bride.heart(two).await, 409, "selection_full").await;
    assert_eq!(refused["limit"], 2);
    assert_eq!(bride.hearts().await["photo_ids"], json!([three.id, one.id]));
    assert_eq!(bride.change(json!({ "is_done": true })).await.status(), 200);
    let lists = shoot.app.get_as(&shoot.owner, &shoot.path("choice-lists")).await;
    assert!(lists["selection"]["done_at"].is_string() && lists["lists"] == json!([]), "{lists}");
    groom.send(Method::DELETE, &format!("hearts/{}", one.id), None).await;
    assert_eq!(groom.hearts().await["done_at"], Value::Null, "who goes on choosing is not done");
    for limit in [json!(0), json!(10_001)] {
        let path = shoot.path("selection");
        let refused = shoot.app.send_as(&shoot.owner, Method::PUT, &path, json!({ "limit": limit })).await;
        assert_problem(refused, 422, "invalid_selection_limit").await;
    }

    // A link that was given to the wrong people is renewed; what was chosen stays.
    let renewed = shoot.selection(json!({ "renew_link": true })).await;
    assert_eq!((&renewed["limit"], &renewed["photos"]), (&json!(2), &json!(1)));
    assert_eq!(bride.hearts().await["photo_ids"], json!([]));
    let old = bride.send(Method::POST, "hearts/open", Some(json!({ "key": key }))).await;
    assert_problem(old, 404, "list_not_found").await;
    let guest = Device::new(&shoot.app, shoot.session).change(json!({ "is_done": true })).await;
    assert_problem(guest, 404, "list_not_found").await;
    let mut guest = Device::new(&shoot.app, shoot.session);
    guest.heart(one).await;
    assert_problem(guest.change(json!({ "is_done": true })).await, 409, "not_the_couples").await;
}

#[tokio::test]
async fn two_devices_that_choose_at_once_do_not_get_past_the_limit() {
    let shoot = shoot().await;
    let made = shoot.selection(json!({ "limit": 1 })).await;
    let key = key_of(&made["url"], "#choose=");
    let mut devices = Vec::new();
    for _ in &shoot.photos {
        let mut device = Device::new(&shoot.app, shoot.session);
        device.send(Method::POST, "hearts/open", Some(json!({ "key": key }))).await;
        devices.push(device);
    }
    let tries = devices.iter_mut().zip(&shoot.photos).map(|(device, photo)| device.heart(photo));
    let answers = futures::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status() == 200).count(), 1);
    assert_eq!(devices[0].hearts().await["photo_ids"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_editor_takes_back_hearts_and_selection_as_names_table_and_sidecars() {
    let shoot = shoot().await;
    let [one, two, _] = &shoot.photos[..] else { unreachable!() };
    let made = shoot.selection(json!({ "limit": null })).await;
    let mut couple = Device::new(&shoot.app, shoot.session);
    let key = key_of(&made["url"], "#choose=");
    couple.send(Method::POST, "hearts/open", Some(json!({ "key": key }))).await;
    couple.heart(one).await;
    let mut guest = Device::new(&shoot.app, shoot.session);
    guest.heart(one).await;
    guest.heart(two).await;
    guest.change(json!({ "name": "Vera" })).await;

    let choices = shoot.app.get_as(&shoot.owner, &shoot.path("choices")).await;
    let first = &choices["choices"][0];
    assert_eq!(
        (&first["filename"], &first["hearts"], &first["by_couple"]),
        (&json!("one.jpg"), &json!(1), &json!(true))
    );
    assert!(!choices.to_string().contains("Vera"), "who it was is not said");
    assert_eq!(shoot.chosen("?by=couple").await, ["one.jpg"]);
    assert_eq!(shoot.chosen("?by=hearts").await, ["one.jpg", "two.jpg"]);
    assert!(shoot.chosen("?by=orders").await.is_empty());
    let lists = shoot.app.get_as(&shoot.owner, &shoot.path("choice-lists")).await;
    assert_eq!((&lists["lists"][0]["name"], &lists["lists"][0]["photos"]), (&json!("Vera"), &json!(2)));
    let list = lists["lists"][0]["list_id"].as_str().unwrap();
    assert_eq!(shoot.chosen(&format!("?list={list}")).await, ["one.jpg", "two.jpg"]);

    let export = async |query: &str| {
        let path = shoot.path(&format!("choices/export?{query}"));
        let answer =
            shoot.app.request(Method::GET, &path).bearer_auth(&shoot.owner.access_token).send().await;
        let answer = answer.unwrap();
        let kind = answer.headers()[CONTENT_TYPE].to_str().unwrap().to_owned();
        (kind, answer.bytes().await.unwrap())
    };
    let (kind, names) = export("form=names").await;
    assert_eq!((kind.as_str(), &names[..]), ("text/plain; charset=utf-8", &b"one, two"[..]));
    let (kind, table) = export("form=csv&by=couple").await;
    let table = String::from_utf8(table.to_vec()).unwrap();
    assert_eq!((kind.as_str(), table.lines().count()), ("text/csv; charset=utf-8", 2));
    assert!(table.contains(&format!("one.jpg,,true,1,0,0,{}", one.id)), "{table}");
    let (kind, zip) = export("form=xmp").await;
    assert_eq!(kind, "application/zip");
    let text = String::from_utf8_lossy(&zip).into_owned();
    assert!(text.contains("one.xmp") && text.contains("two.xmp") && text.contains("xmp:Rating=\"5\""));
    for query in ["choices/export?form=pdf", "choices?by=nobody", "choices?by=couple&list=1"] {
        let path = shoot.path(query);
        let refused =
            shoot.app.request(Method::GET, &path).bearer_auth(&shoot.owner.access_token).send().await;
        assert_eq!(refused.unwrap().status(), 422, "{query}");
    }

    // The photographer removes a list whose name is no name.
    let path = shoot.path(&format!("choice-lists/{list}"));
    assert_eq!(shoot.app.send_as(&shoot.owner, Method::DELETE, &path, json!(null)).await.status(), 204);
    assert_eq!(shoot.chosen("").await, ["one.jpg"]);
    assert_eq!(guest.hearts().await["photo_ids"], json!([]));
    let stranger = shoot.app.user(Role::Photographer, &[shoot.app.studio().await]).await;
    for end in ["choice-lists", "choices", "choices/export?form=csv"] {
        let refused = shoot.app.request(Method::GET, &shoot.path(end)).bearer_auth(&stranger.access_token);
        assert_problem(refused.send().await.unwrap(), 404, "session_not_found").await;
    }
}

#[tokio::test]
async fn forget_me_takes_a_guests_hearts_along_and_the_end_of_a_session_takes_all() {
    let shoot = shoot().await;
    let mut guest = Device::new(&shoot.app, shoot.session);
    guest.heart(&shoot.photos[0]).await;
    let kept = guest.cookie.clone();
    assert_eq!(guest.send(Method::DELETE, "visit", None).await.status(), 204);
    assert_eq!(guest.cookie, "pixora_hearts=");
    guest.cookie = kept;
    assert_eq!(guest.hearts().await["photo_ids"], json!([]), "the row is gone, not the cookie alone");
    assert!(shoot.chosen("").await.is_empty());

    // The couple's selection is the photographer's to remove.
    let key = key_of(&shoot.selection(json!({})).await["url"], "#choose=");
    let mut couple = Device::new(&shoot.app, shoot.session);
    couple.send(Method::POST, "hearts/open", Some(json!({ "key": key }))).await;
    couple.heart(&shoot.photos[1]).await;
    assert_eq!(couple.send(Method::DELETE, "hearts", None).await.status(), 204);
    assert_eq!(shoot.chosen("").await, ["two.jpg"]);
    let mut another = Device::new(&shoot.app, shoot.session);
    another.heart(&shoot.photos[0]).await;
    let receipt = shoot.app.eraser.session(shoot.session).await.unwrap();
    assert_eq!(receipt.rows.map(|rows| rows.choice_lists), Some(2));
    let mut rows = shoot.app.rows().await;
    let left = sqlx::query("SELECT list_id FROM choice_photos UNION ALL SELECT id FROM choice_lists");
    assert!(left.fetch_all(&mut rows).await.unwrap().is_empty());
}
