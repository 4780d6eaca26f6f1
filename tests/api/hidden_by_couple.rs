//! Photos that the couple hides from other guests: at every door, and what the studio may do about it.

use pixora::domain::{Photo, PhotoId, PhotoSessionId, Role, Viewer};
use reqwest::{
    Method, Response,
    header::{COOKIE, RANGE, SET_COOKIE},
};
use serde_json::{Value, json};

use crate::{
    events::Stream,
    helpers::{TestApp, TestUser, assert_problem, start},
};

struct Shoot {
    app: TestApp,
    owner: TestUser,
    session: PhotoSessionId,
    shown: Photo,
    hidden: Photo,
}

async fn shoot() -> Shoot {
    let app = start().await;
    let studio = app.studio().await;
    let owner = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&owner, studio).await;
    let (shown, hidden) = (app.photo(session, "shown.jpg").await, app.photo(session, "hidden.jpg").await);
    Shoot { app, owner, session, shown, hidden }
}

impl Shoot {
    fn guests(&self, end: &str) -> String {
        format!("/api/v1/sessions/{}/{end}", self.session)
    }

    async fn studio(&self, method: Method, end: &str, body: Value) -> Response {
        let path = format!("/api/photo-sessions/{}/{end}", self.session);
        self.app.send_as(&self.owner, method, &path, body).await
    }

    /// The couple's selection as the studio sees it after a change.
    async fn selection(&self, change: Value) -> Value {
        let answer = self.studio(Method::PUT, "selection", change).await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    /// A device on which the couple's link was opened.
    async fn couple(&self) -> Device<'_> {
        let selection = self.selection(json!({})).await;
        let key = selection["url"].as_str().unwrap().split_once("#choose=").unwrap().1.to_owned();
        let mut device = Device { shoot: self, cookies: Vec::new() };
        let opened =
            device.send(Method::POST, &self.guests("hearts/open"), Some(json!({ "key": key }))).await;
        assert_eq!(opened.status(), 200);
        device
    }

    fn guest(&self) -> Device<'_> {
        Device { shoot: self, cookies: Vec::new() }
    }

    fn picture(&self, size: u32, hash: &str) -> String {
        format!("/media/{}/{}/{size}-{hash}.jpg", self.session, self.hidden.id)
    }

    async fn batch(&self, action: &str) -> Response {
        let body = json!({ "photo_ids": [self.hidden.id], "action": action });
        self.studio(Method::POST, "photos/batch", body).await
    }
}

struct Device<'a> {
    shoot: &'a Shoot,
    cookies: Vec<(String, String)>,
}

impl Device<'_> {
    async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> Response {
        let held: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.shoot.app.request(method, path).header(COOKIE, held.join("; "));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        for set in answer.headers().get_all(SET_COOKIE) {
            let set = set.to_str().unwrap();
            let same_site = if set.starts_with("pixora_gallery_couple") { "Lax" } else { "Strict" };
            assert!(set.contains("HttpOnly") && set.contains(&format!("SameSite={same_site}")), "{set}");
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|(known, _)| known != name);
            self.cookies.push((name.to_owned(), value.to_owned()));
        }
        answer
    }

    async fn get(&mut self, end: &str) -> Value {
        let answer = self.send(Method::GET, &self.shoot.guests(end), None).await;
        assert_eq!(answer.status(), 200, "{end}");
        answer.json().await.unwrap()
    }

    async fn hide(&mut self, photo: PhotoId, is_hidden: bool) -> Response {
        let body = json!({ "photo_ids": [photo], "is_hidden": is_hidden });
        self.send(Method::POST, &self.shoot.guests("hidden"), Some(body)).await
    }

    async fn post(&mut self, end: &str, body: Value) -> Value {
        let answer = self.send(Method::POST, &self.shoot.guests(end), Some(body)).await;
        assert!(answer.status().is_success(), "{end}: {}", answer.status());
        answer.json().await.unwrap()
    }
}

#[tokio::test]
async fn what_the_couple_hides_leaves_every_door_of_guests() {
    let shoot = shoot().await;
    let Shoot { app, hidden, shown, .. } = &shoot;
    let name = hidden.id.to_string();
    shoot.selection(json!({ "may_hide": true })).await;
    let mut couple = shoot.couple().await;
    // What a guest had before: a list that is shared, an archive, a cart, an open page. The photo is the cover, too.
    let mut guest = shoot.guest();
    let heart = shoot.guests(&format!("hearts/{}", hidden.id));
    assert_eq!(guest.send(Method::PUT, &heart, None).await.status(), 200);
    let shared = guest.send(Method::PATCH, &shoot.guests("hearts"), Some(json!({ "is_shared": true }))).await;
    let shared: Value = shared.json().await.unwrap();
    let list = shared["share_url"].as_str().unwrap().split_once("#list=").unwrap().1.to_owned();
    let archive = guest.post("archives", json!({ "all": true })).await;
    assert_eq!(archive["photos"], 2);
    let cart = app.cart(shoot.session).await;
    let items = json!([{ "price_id": cart.prices.digital, "photo_id": hidden.id, "quantity": 1 }]);
    app.put(&cart, items).await;
    let path = format!("/api/photo-sessions/{}", shoot.session);
    let terms = json!({ "cover_photo_id": hidden.id, "previews": "cover" });
    assert_eq!(app.send_as(&shoot.owner, Method::PATCH, &path, terms).await.status(), 200);
    let mut page = Stream::open(app, shoot.session, "").await;

    assert_eq!(couple.hide(hidden.id, true).await.status(), 200);
    let told = json!({ "photo_id": hidden.id, "state": "ready", "is_selected": false });
    assert_eq!(page.event().await, Some(("photo".into(), told)), "an open page lets go of it");
    for path in [shoot.picture(320, "00000000000000a1"), shoot.picture(2048, "00000000000000c3")] {
        assert_problem(guest.send(Method::GET, &path, None).await, 404, "photo_not_found").await;
        assert_eq!(guest.send(Method::HEAD, &path, None).await.status(), 404);
        let part = app.request(Method::GET, &path).header(RANGE, "bytes=0-1").send().await.unwrap();
        assert_eq!(part.status(), 404);
    }
    let gallery = guest.get("photos").await;
    assert_eq!((&gallery["total"], gallery["photos"].as_array().map(Vec::len)), (&json!(1), Some(1)));
    assert_eq!(guest.get("photos/ids").await, json!({ "photo_ids": [shown.id] }));
    assert_eq!(guest.get("photos/hours").await["hours"][0]["photos"], 1);
    let one = shoot.guests(&format!("gallery/{}", hidden.id));
    assert_problem(guest.send(Method::GET, &one, None).await, 404, "photo_not_found").await;
    assert_problem(guest.send(Method::PUT, &heart, None).await, 404, "photo_not_found").await;
    assert_eq!(guest.get("hearts").await["photo_ids"], json!([]));
    assert_eq!(guest.get("hearts/photos").await["photos"], json!([]));
    assert_eq!(guest.get(&format!("lists/{list}")).await["photos"], json!([]));
    let earlier = guest.send(Method::GET, archive["url"].as_str().unwrap(), None).await;
    assert_problem(earlier, 410, "archive_changed").await;
    assert_eq!(guest.post("archives", json!({ "all": true })).await["photos"], 1);
    let basket = app.get_json(&format!("/api/carts/{}", cart.token)).await;
    assert_eq!(basket["lines"], json!([]), "{basket}");
    for page in ["", "/show", &format!("/photo/{}", hidden.id)] {
        let path = format!("/session/{}{page}", shoot.session);
        let html = app.request(Method::GET, &path).header("accept", "text/html").send().await.unwrap();
        let html = html.text().await.unwrap().replace(&format!("/photo/{name}"), "");
        assert!(!html.contains(&name), "{path}");
    }
    let interface = app.get(&shoot.guests("interface")).await.text().await.unwrap();
    assert!(!interface.contains(&name), "{interface}");
    // What a search names, here and in the bot.
    assert_eq!(app.app.store.photos().findable(shoot.session, &[hidden.id]).await.unwrap(), []);
    assert_eq!(app.get_json(&shoot.guests("facepass-status")).await["photos_ready"], 1);
}

#[tokio::test]
async fn the_couple_sees_what_it_hides_on_all_its_devices_and_takes_it_back() {
    let shoot = shoot().await;
    let Shoot { app, hidden, shown, .. } = &shoot;
    let made = shoot.selection(json!({ "limit": 5 })).await;
    assert_eq!((&made["may_hide"], &made["hidden"]), (&json!(false), &json!(0)));
    let mut groom = shoot.couple().await;
    assert_problem(groom.hide(hidden.id, true).await, 403, "hiding_not_allowed").await;
    assert!(groom.get("hearts").await.get("hidden_ids").is_none());
    // A device that has opened the link before hears of the right with its hearts.
    shoot.selection(json!({ "may_hide": true })).await;
    assert_eq!(groom.get("hearts").await["hidden_ids"], json!([]));
    let mut bride = shoot.couple().await;
    let chosen = bride.send(Method::PUT, &shoot.guests(&format!("hearts/{}", hidden.id)), None).await;
    assert_eq!(chosen.status(), 200);
    let now: Value = bride.hide(hidden.id, true).await.json().await.unwrap();
    assert_eq!(now, json!({ "photo_ids": [hidden.id] }));
    assert_eq!(bride.hide(hidden.id, true).await.status(), 200, "twice is once");

    for device in [&mut groom, &mut bride] {
        let hearts = device.get("hearts").await;
        assert_eq!((&hearts["hidden_ids"], &hearts["photo_ids"]), (&json!([hidden.id]), &json!([hidden.id])));
        assert_eq!(device.get("hidden").await["photos"][0]["photo_id"], json!(hidden.id));
        let gallery = device.get("photos").await;
        assert_eq!((&gallery["total"], gallery["photos"].as_array().map(Vec::len)), (&json!(2), Some(2)));
        let picture = device.send(Method::GET, &shoot.picture(320, "00000000000000a1"), None).await;
        assert_eq!(picture.text().await.unwrap(), "320 px");
        assert_eq!(device.post("archives", json!({ "all": true })).await["photos"], 2);
        // A slideshow on the couple's computer is looked at by everybody.
        assert_eq!(device.get("photos/ids?for_all=true").await, json!({ "photo_ids": [shown.id] }));
    }
    // Whoever gets the couple's archive is no couple by that.
    let archive = bride.post("archives", json!({ "all": true })).await;
    let taken = app.get(archive["url"].as_str().unwrap()).await.bytes().await.unwrap();
    assert!(!String::from_utf8_lossy(&taken).contains("hidden.jpg"));

    assert_eq!(groom.hide(hidden.id, false).await.json::<Value>().await.unwrap(), json!({ "photo_ids": [] }));
    assert_eq!(app.get(&shoot.picture(320, "00000000000000a1")).await.status(), 200);
    // Only what the couple sees, in its own session.
    let elsewhere = app.photo(app.session().await, "other.jpg").await;
    assert_problem(groom.hide(elsewhere.id, true).await, 404, "photo_not_found").await;
    for (body, status, code) in [
        (json!({ "photo_ids": [], "is_hidden": true }), 422, "malformed_body"),
        (json!({ "photo_ids": vec![shown.id; 501], "is_hidden": true }), 422, "too_many_photos"),
    ] {
        let refused = groom.send(Method::POST, &shoot.guests("hidden"), Some(body)).await;
        assert_problem(refused, status, code).await;
    }
    // Whoever lets go of the selection on a device sees no more than other guests there.
    groom.hide(hidden.id, true).await;
    assert_eq!(groom.send(Method::DELETE, &shoot.guests("hearts"), None).await.status(), 204);
    assert_eq!(groom.get("photos/ids").await, json!({ "photo_ids": [shown.id] }));
}

#[tokio::test]
async fn only_the_couple_of_the_session_hides_and_only_while_the_photographer_lets_it() {
    let shoot = shoot().await;
    let hidden = shoot.hidden.id;
    shoot.selection(json!({ "may_hide": true })).await;
    let mut couple = shoot.couple().await;
    let mut guest = shoot.guest();
    guest.send(Method::PUT, &shoot.guests(&format!("hearts/{}", shoot.shown.id)), None).await;
    assert_problem(guest.hide(hidden, true).await, 403, "hiding_not_allowed").await;
    let listed = guest.send(Method::GET, &shoot.guests("hidden"), None).await;
    assert_problem(listed, 403, "hiding_not_allowed").await;
    // The key of a guest's own list, of the couple's hearts, and a changed one are no key to this.
    let of = |name: &str, device: &Device| {
        let cookie = device.cookies.iter().find(|(known, _)| known.starts_with(name));
        cookie.expect("is set").clone()
    };
    let (couples, own) = (of("pixora_gallery_couple", &couple), of("pixora_hearts", &couple));
    for value in [of("pixora_hearts", &guest).1, own.1, format!("{}x", couples.1), "x".into(), "0.0".into()] {
        let mut forged = shoot.guest();
        forged.cookies.push((couples.0.clone(), value));
        assert_problem(forged.hide(hidden, true).await, 403, "hiding_not_allowed").await;
    }
    // A couple of another session.
    let other = shoot.app.session().await;
    let photo = shoot.app.photo(other, "other.jpg").await;
    let path = format!("/api/v1/sessions/{other}/hidden");
    let body = json!({ "photo_ids": [photo.id], "is_hidden": true });
    assert_problem(couple.send(Method::POST, &path, Some(body)).await, 403, "hiding_not_allowed").await;

    couple.hide(hidden, true).await;
    let kept = shoot.selection(json!({ "may_hide": false })).await;
    assert_eq!(kept["hidden"], 1, "what was hidden stays so");
    assert_problem(couple.hide(hidden, false).await, 403, "hiding_not_allowed").await;
    assert_eq!(couple.get("photos/ids").await, json!({ "photo_ids": [shoot.shown.id] }));
    assert!(couple.get("hearts").await.get("hidden_ids").is_none());
    shoot.selection(json!({ "may_hide": true, "renew_link": true })).await;
    assert_problem(couple.hide(hidden, false).await, 403, "hiding_not_allowed").await;
    let mut again = shoot.couple().await;
    assert_eq!(again.get("hearts").await["hidden_ids"], json!([hidden]));
}

#[tokio::test]
async fn the_studio_sees_what_the_couple_hides_and_may_overrule_it() {
    let shoot = shoot().await;
    let Shoot { app, hidden, .. } = &shoot;
    shoot.selection(json!({ "may_hide": true })).await;
    let mut couple = shoot.couple().await;
    couple.hide(hidden.id, true).await;
    let listed = async || {
        let path = format!("/api/photo-sessions/{}/photos", shoot.session);
        let photos = app.get_as(&shoot.owner, &path).await["photos"].clone();
        photos.as_array().unwrap().iter().find(|photo| photo["photo_id"] == json!(hidden.id)).unwrap().clone()
    };
    let photo = listed().await;
    assert!(photo["couple_hid_at"].is_string() && photo["is_selected"] == true, "{photo}");
    assert_eq!(photo["is_withheld"], false, "no guest has wished it");
    let picture = shoot.picture(320, "00000000000000a1");
    let own = app.request(Method::GET, &picture).bearer_auth(&shoot.owner.access_token).send().await.unwrap();
    assert_eq!(own.status(), 200, "the studio sees its photos");

    let mut page = Stream::open(app, shoot.session, "").await;
    assert_eq!(shoot.batch("overrule").await.json::<Value>().await.unwrap(), json!({ "changed": 1 }));
    let told = json!({ "photo_id": hidden.id, "state": "ready", "is_selected": true });
    assert_eq!(page.event().await, Some(("photo".into(), told)));
    assert_eq!(app.get(&picture).await.status(), 200);
    assert_eq!(listed().await["couple_overruled"], true);
    let refused = assert_problem(couple.hide(hidden.id, true).await, 409, "hiding_overruled").await;
    assert_eq!(refused["photo_ids"], json!([hidden.id]));
    assert_eq!(couple.get("hearts").await["hidden_ids"], json!([]));
    assert_eq!(shoot.batch("leave_to_couple").await.status(), 200);
    assert_eq!(app.get(&picture).await.status(), 404, "the wish still stands");

    // Each of the three that hide does so by itself.
    assert_eq!(shoot.batch("hide").await.status(), 200);
    assert_eq!(couple.send(Method::GET, &picture, None).await.status(), 404, "hidden by the studio");
    assert_problem(couple.hide(hidden.id, false).await, 404, "photo_not_found").await;
    shoot.batch("select").await;
    assert_eq!(app.get(&picture).await.status(), 404);
    assert_eq!(couple.send(Method::GET, &picture, None).await.status(), 200);
    couple.hide(hidden.id, false).await;
    assert_eq!(app.get(&picture).await.status(), 200);
    // What is not hidden by the couple cannot be overruled beforehand.
    shoot.batch("overrule").await;
    assert_eq!(couple.hide(hidden.id, true).await.status(), 200);

    // The studio of another session sees and changes nothing.
    let stranger = app.user(Role::Photographer, &[app.studio().await]).await;
    let path = format!("/api/photo-sessions/{}/photos/batch", shoot.session);
    let body = json!({ "photo_ids": [hidden.id], "action": "overrule" });
    let refused = app.send_as(&stranger, Method::POST, &path, body).await;
    assert_problem(refused, 404, "session_not_found").await;
    assert_eq!(
        app.app.store.photos().ready_of(shoot.session, &[hidden.id], Viewer::Guest).await.unwrap(),
        []
    );
}
