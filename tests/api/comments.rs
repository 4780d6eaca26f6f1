//! Comments that guests write on photos: who may, who sees them, who takes them away, and what is done when one is reported.

use pixora::{
    domain::{PhotoId, PhotoSessionId, Role},
    notices::NoticeKeeper,
    photo_sessions::SessionChange,
};
use reqwest::{
    Method, Response,
    header::{COOKIE, SET_COOKIE},
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
    photo: PhotoId,
    /// Of a guest, to the publication of what they write.
    consent: String,
}

async fn shoot(mode: &str) -> Shoot {
    let app = start().await;
    let studio = app.studio().await;
    let owner = app.user(Role::Photographer, &[studio]).await;
    let id = app.session_of(&owner, studio).await;
    let photo = app.photo(id, "a.jpg").await.id;
    let mut shoot = Shoot { app, owner, id, photo, consent: String::new() };
    shoot.change(json!({ "comments": mode })).await;
    if mode != "off" {
        shoot.consent = shoot.agree().await;
    }
    shoot
}

/// The cookie of a guest's device, if the answer sets it.
fn cookie_of(answer: &Response) -> Option<String> {
    let set = answer.headers().get(SET_COOKIE)?.to_str().unwrap();
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.contains("Path=/api/v1/sessions/"),
        "{set}"
    );
    Some(set.split(';').next().unwrap().to_owned())
}

fn texts(list: &Value) -> Vec<&str> {
    list["comments"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap()).collect()
}

impl Shoot {
    fn guests(&self, end: &str) -> String {
        format!("/api/v1/sessions/{}/{end}", self.id)
    }

    fn on(&self, photo: PhotoId) -> String {
        self.guests(&format!("gallery/{photo}/comments"))
    }

    fn desk(&self) -> String {
        format!("/api/photo-sessions/{}/comments", self.id)
    }

    async fn change(&self, change: Value) -> Value {
        let path = format!("/api/photo-sessions/{}", self.id);
        let changed = self.app.send_as(&self.owner, Method::PATCH, &path, change).await;
        assert_eq!(changed.status(), 200);
        changed.json().await.unwrap()
    }

    async fn give(&self) -> Response {
        let given = json!({ "version": "2026-11.1", "language": "en", "purpose": "commenting" });
        self.app.request(Method::POST, &self.guests("consents")).json(&given).send().await.unwrap()
    }

    async fn agree(&self) -> String {
        let given = self.give().await;
        assert_eq!(given.status(), 201);
        given.json::<Value>().await.unwrap()["consent_id"].as_str().unwrap().to_owned()
    }

    /// Sends something from a device with this cookie, or a new one.
    async fn send(&self, cookie: &str, method: Method, path: &str, body: Option<Value>) -> Response {
        let request = self.app.request(method, path).header(COOKIE, cookie);
        let request = if let Some(body) = body { request.json(&body) } else { request };
        request.send().await.unwrap()
    }

    async fn try_to_write(&self, cookie: &str, text: &str, name: &str) -> Response {
        let body = json!({ "text": text, "name": name, "consent_id": self.consent });
        self.send(cookie, Method::POST, &self.on(self.photo), Some(body)).await
    }

    /// Writes; the device's cookie and the comment.
    async fn write(&self, cookie: &str, text: &str) -> (String, Value) {
        let written = self.try_to_write(cookie, text, "Aunt Olga").await;
        assert_eq!(written.status(), 201, "{:?}", written.text().await);
        let cookie = cookie_of(&written).unwrap_or_else(|| cookie.to_owned());
        (cookie, written.json().await.unwrap())
    }

    async fn read(&self, cookie: &str) -> Value {
        let answer = self.send(cookie, Method::GET, &self.on(self.photo), None).await;
        assert_eq!(answer.status(), 200);
        answer.json().await.unwrap()
    }

    async fn counts(&self) -> Value {
        self.app.get_json(&self.guests("comments")).await["photos"].clone()
    }

    async fn to_look_at(&self) -> Value {
        self.app.get_as(&self.owner, &self.desk()).await
    }

    async fn decide(&self, comment: &Value, state: &str) {
        let decision = json!({ "comment_ids": [comment["id"]], "state": state });
        let answer = self.app.send_as(&self.owner, Method::POST, &self.desk(), decision).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({ "changed": 1 }));
    }

    async fn remove(&self, cookie: &str, comment: &Value) -> Response {
        let path = self.guests(&format!("comments/{}", comment["id"].as_str().unwrap()));
        self.send(cookie, Method::DELETE, &path, None).await
    }

    async fn report(&self, cookie: &str, comment: &Value, note: &str) -> Response {
        let path = self.guests(&format!("comments/{}/reports", comment["id"].as_str().unwrap()));
        self.send(cookie, Method::POST, &path, Some(json!({ "note": note }))).await
    }

    async fn batch(&self, action: &str) {
        let path = format!("/api/photo-sessions/{}/photos/batch", self.id);
        let body = json!({ "photo_ids": [self.photo], "action": action });
        assert_eq!(self.app.send_as(&self.owner, Method::POST, &path, body).await.status(), 200);
    }

    /// The cookies of a device on which the couple's link was opened.
    async fn couple(&self) -> String {
        let path = format!("/api/photo-sessions/{}/selection", self.id);
        let made = self.app.send_as(&self.owner, Method::PUT, &path, json!({ "may_hide": true })).await;
        let url = made.json::<Value>().await.unwrap()["url"].as_str().unwrap().to_owned();
        let key = json!({ "key": url.split_once("#choose=").unwrap().1 });
        let opened = self.send("", Method::POST, &self.guests("hearts/open"), Some(key)).await;
        let cookies = opened.headers().get_all(SET_COOKIE).iter();
        let cookies = cookies.map(|set| set.to_str().unwrap().split(';').next().unwrap().to_owned());
        cookies.collect::<Vec<_>>().join("; ")
    }

    /// What a stranger is told of a comment at every door.
    async fn doors(&self, comment: &Value) -> Vec<(&'static str, u16, String)> {
        let one = self.guests(&format!("comments/{}", comment["id"].as_str().unwrap()));
        let new = json!({ "text": "Another one", "consent_id": self.consent });
        let table = [
            ("list", Method::GET, self.on(self.photo), None),
            ("new comment", Method::POST, self.on(self.photo), Some(new)),
            ("report", Method::POST, format!("{one}/reports"), Some(json!({ "note": "" }))),
            ("removal", Method::DELETE, one, None),
            ("counts", Method::GET, self.guests("comments"), None),
            ("page", Method::GET, format!("/session/{}", self.id), None),
            ("page of the photo", Method::GET, format!("/session/{}/photo/{}", self.id, self.photo), None),
            ("photos", Method::GET, self.guests("photos"), None),
        ];
        let mut said = Vec::new();
        for (name, method, path, body) in table {
            let answer = self.send("", method, &path, body).await;
            said.push((name, answer.status().as_u16(), answer.text().await.unwrap()));
        }
        said
    }

    /// Nothing of the comment is behind any door, where its photo is not seen.
    async fn is_behind_no_door(&self, comment: &Value, why: &str) {
        for (door, status, text) in self.doors(comment).await {
            assert!(!text.contains(comment["text"].as_str().unwrap()), "{why}: {door} says it");
            let says_nothing = match door {
                "page" | "page of the photo" | "photos" => true,
                "counts" if status == 200 => text == r#"{"photos":[]}"#,
                _ => [403, 404].contains(&status),
            };
            assert!(says_nothing, "{why}: {door}: {status} {text}");
        }
    }

    /// The same where its photo is seen, and the comment is not.
    async fn is_not_seen(&self, comment: &Value, why: &str) {
        assert_eq!(self.read("").await, json!({ "comments": [], "total": 0, "next_cursor": null }), "{why}");
        assert_eq!(self.counts().await, json!([]), "{why}");
        for answer in [self.report("", comment, "").await, self.remove("", comment).await] {
            assert_problem(answer, 404, "comment_not_found").await;
        }
    }
}

#[tokio::test]
async fn a_moderated_comment_is_seen_when_its_studio_has_looked_at_it() {
    let shoot = shoot("moderated").await;
    let (olga, comment) = shoot.write("", " How lovely!\r\n\r\n<b>Anna</b> ").await;
    assert_eq!(
        (&comment["text"], &comment["name"], &comment["state"], &comment["is_own"], &comment["may_remove"]),
        (
            &json!("How lovely!\n\n<b>Anna</b>"),
            &json!("Aunt Olga"),
            &json!("waiting"),
            &json!(true),
            &json!(true)
        )
    );
    shoot.is_not_seen(&comment, "waiting").await;
    assert_eq!(shoot.read(&olga).await["comments"], json!([comment]), "whoever wrote it sees it");
    let waiting = shoot.to_look_at().await;
    let first = &waiting["comments"][0];
    assert_eq!(
        (&waiting["waiting"], &first["id"], &first["name"], &first["photo"]["photo_id"]),
        (&json!(1), &comment["id"], &json!("Aunt Olga"), &json!(shoot.photo))
    );

    shoot.decide(&comment, "shown").await;
    let seen = shoot.read("").await;
    assert_eq!((texts(&seen), &seen["total"]), (vec!["How lovely!\n\n<b>Anna</b>"], &json!(1)));
    assert_eq!(
        (&seen["comments"][0]["is_own"], &seen["comments"][0]["may_remove"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(shoot.counts().await, json!([{ "photo_id": shoot.photo, "comments": 1 }]));
    assert_eq!(shoot.to_look_at().await["comments"], json!([]));
    let shown = shoot.app.get_as(&shoot.owner, &format!("{}?state=shown", shoot.desk())).await;
    assert_eq!(shown["comments"][0]["id"], comment["id"]);

    shoot.decide(&comment, "declined").await;
    shoot.is_not_seen(&comment, "declined").await;
    assert_eq!(shoot.read(&olga).await["comments"][0]["state"], "declined", "whoever wrote it is told");
    let declined = shoot.app.get_as(&shoot.owner, &format!("{}?state=declined", shoot.desk())).await;
    assert_eq!(declined["comments"][0]["id"], comment["id"]);
    shoot.decide(&comment, "waiting").await;
    assert_eq!(shoot.to_look_at().await["waiting"], 1, "a decision is taken back");

    let path = format!("{}?state=x", shoot.desk());
    let wrong = shoot.app.send_as(&shoot.owner, Method::GET, &path, json!({})).await;
    assert_problem(wrong, 422, "malformed_query").await;
    let too_many = json!({ "comment_ids": vec![comment["id"].clone(); 501], "state": "shown" });
    let refused = shoot.app.send_as(&shoot.owner, Method::POST, &shoot.desk(), too_many).await;
    assert_problem(refused, 422, "too_many_ids").await;
    let stranger = shoot.app.user(Role::Photographer, &[]).await;
    let decision = json!({ "comment_ids": [comment["id"]], "state": "shown" });
    let other = shoot.app.send_as(&stranger, Method::POST, &shoot.desk(), decision).await;
    assert_problem(other, 404, "session_not_found").await;
}

#[tokio::test]
async fn no_comment_comes_through_any_door_that_its_photo_does_not_come_through() {
    let mut shoot = shoot("open").await;
    let (olga, comment) = shoot.write("", "seen with its photo").await;
    assert_eq!(comment["state"], "shown");
    let is_open = async |shoot: &Shoot| {
        assert_eq!(texts(&shoot.read("").await), ["seen with its photo"]);
        assert_eq!(shoot.counts().await[0]["comments"], 1);
    };
    is_open(&shoot).await;
    for (closed, open) in [
        (json!({ "pin": "4711" }), json!({ "pin": null })),
        (json!({ "gallery_open": false }), json!({ "gallery_open": true })),
        (json!({ "comments": "off" }), json!({ "comments": "open" })),
        (json!({ "reveals_at": "2099-01-01T00:00:00Z" }), json!({ "reveals_at": null })),
    ] {
        shoot.change(closed.clone()).await;
        shoot.is_behind_no_door(&comment, &closed.to_string()).await;
        shoot.change(open).await;
        is_open(&shoot).await;
    }
    for (hides, shows) in [("hide", "select"), ("bin", "restore")] {
        shoot.batch(hides).await;
        shoot.is_behind_no_door(&comment, hides).await;
        let gone = shoot.send(&olga, Method::GET, &shoot.on(shoot.photo), None).await;
        assert_problem(gone, 404, "photo_not_found").await;
        if hides == "bin" {
            assert_eq!(shoot.to_look_at().await["comments"], json!([]), "nor in the desk");
        }
        shoot.batch(shows).await;
        is_open(&shoot).await;
    }
    // What the couple hides from the others it still sees itself.
    let couple = shoot.couple().await;
    let hidden = json!({ "photo_ids": [shoot.photo], "is_hidden": true });
    let hid = shoot.send(&couple, Method::POST, &shoot.guests("hidden"), Some(hidden)).await;
    assert_eq!(hid.status(), 200);
    shoot.is_behind_no_door(&comment, "hidden by the couple").await;
    assert_eq!(texts(&shoot.read(&couple).await), ["seen with its photo"]);
    let back = json!({ "photo_ids": [shoot.photo], "is_hidden": false });
    shoot.send(&couple, Method::POST, &shoot.guests("hidden"), Some(back)).await;

    // A comment is under its own session alone.
    let other = shoot.app.session_of(&shoot.owner, shoot.app.studio().await).await;
    let path = format!("/api/photo-sessions/{other}");
    shoot.app.send_as(&shoot.owner, Method::PATCH, &path, json!({ "comments": "open" })).await;
    let foreign = format!("/api/v1/sessions/{other}/gallery/{}/comments", shoot.photo);
    assert_problem(shoot.app.get(&foreign).await, 404, "photo_not_found").await;
    let foreign = format!("/api/v1/sessions/{other}/comments/{}", comment["id"].as_str().unwrap());
    assert_problem(shoot.send(&olga, Method::DELETE, &foreign, None).await, 404, "comment_not_found").await;
    let decision = json!({ "comment_ids": [comment["id"]], "state": "declined" });
    let foreign = format!("/api/photo-sessions/{other}/comments");
    let none = shoot.app.send_as(&shoot.owner, Method::POST, &foreign, decision).await;
    assert_eq!(none.json::<Value>().await.unwrap(), json!({ "changed": 0 }));

    is_open(&shoot).await;
    let archived = SessionChange { status: Some("completed".to_owned().into()), ..Default::default() };
    shoot.app.app.studio.change(shoot.id, archived, shoot.app.app.now()).await.unwrap();
    shoot.change(json!({ "status": "archived" })).await;
    shoot.is_behind_no_door(&comment, "archived").await;
    // Whoever wrote it takes it back all the same.
    assert_eq!(shoot.remove(&olga, &comment).await.status(), 204);
    shoot.owner = shoot.app.user(Role::Admin, &[shoot.app.studio().await]).await;
    assert_eq!(shoot.to_look_at().await["comments"], json!([]));
}

#[tokio::test]
async fn open_pages_hear_of_a_comment_within_seconds_and_of_none_that_waits() {
    let shoot = shoot("moderated").await;
    let mut guest = Stream::open(&shoot.app, shoot.id, "").await;
    guest.counts().await;
    let path = format!("/api/photo-sessions/{}/events", shoot.id);
    let mut panel = Stream::of(shoot.app.send_as(&shoot.owner, Method::GET, &path, json!({})).await);
    panel.counts().await;
    let told = |n: u64| ("comments".to_owned(), json!({ "photo_id": shoot.photo, "comments": n }));
    let (olga, comment) = shoot.write("", "Lovely").await;
    assert_eq!(panel.event().await.unwrap(), told(0), "the desk hears of what waits");
    shoot.decide(&comment, "shown").await;
    assert_eq!(guest.event().await.unwrap(), told(1), "guests only of what they see");
    shoot.decide(&comment, "declined").await;
    assert_eq!(guest.event().await.unwrap(), told(0));
    shoot.decide(&comment, "shown").await;
    guest.event().await;
    assert_eq!(shoot.remove(&olga, &comment).await.status(), 204);
    assert_eq!(guest.event().await.unwrap(), told(0), "taken back");

    shoot.change(json!({ "comments": "open" })).await;
    guest.event().await;
    shoot.write(&olga, "Again").await;
    assert_eq!(guest.event().await.unwrap(), told(1));
    let withdraw = shoot.guests(&format!("consents/{}", shoot.consent));
    assert_eq!(shoot.send("", Method::DELETE, &withdraw, None).await.status(), 204);
    assert_eq!(guest.event().await.unwrap(), told(0), "with the consent");
    assert_eq!(texts(&shoot.read(&olga).await), Vec::<&str>::new());
    // Of a photo that guests do not see they are not told anything.
    shoot.batch("hide").await;
    let (kind, _) = guest.event().await.unwrap();
    assert_eq!(kind, "photo");
    let rows = shoot.app.app.store.comments();
    assert_eq!(rows.shown_on(shoot.photo).await.unwrap(), 0);
    shoot.app.app.guests.tell_comments(shoot.id, [shoot.photo]).await.unwrap();
    shoot.batch("select").await;
    assert_eq!(guest.event().await.unwrap().0, "photo");
}

#[tokio::test]
async fn comments_are_plain_words_of_some_length_and_no_more_than_a_guest_may_write() {
    let shoot = shoot("open").await;
    for nothing in ["", " \n\t", "\u{202e}\u{200b}", &"x".repeat(501)] {
        assert_problem(shoot.try_to_write("", nothing, "").await, 422, "invalid_comment").await;
    }
    let unseen = shoot.try_to_write("", "a\u{202e}b\u{0}c", "Ol\u{202e}ga").await;
    let cookie = cookie_of(&unseen).unwrap();
    let unseen: Value = unseen.json().await.unwrap();
    assert_eq!((&unseen["text"], &unseen["name"]), (&json!("abc"), &json!("Olga")));
    for name in ["x".repeat(61), "two\nlines".to_owned()] {
        assert_problem(shoot.try_to_write("", "Hi", &name).await, 422, "invalid_sender_name").await;
    }
    // An answer that got lost makes nobody write twice.
    let (_, again) = shoot.write(&cookie, "abc").await;
    assert_eq!(again["id"], unseen["id"]);
    for n in 1..50 {
        shoot.write(&cookie, &format!("Comment {n}")).await;
    }
    let refused = shoot.try_to_write(&cookie, "One more", "").await;
    assert_eq!(assert_problem(refused, 409, "too_many_comments_from_guest").await["most"], 50);

    // Page by page, the newest first.
    let page = shoot.app.get_json(&format!("{}?limit=20", shoot.on(shoot.photo))).await;
    assert_eq!((texts(&page)[0], texts(&page).len(), &page["total"]), ("Comment 49", 20, &json!(50)));
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = shoot.app.get_json(&format!("{}?limit=200&cursor={cursor}", shoot.on(shoot.photo))).await;
    assert_eq!((texts(&next)[0], texts(&next).len()), ("Comment 29", 30));
    assert_eq!(next["next_cursor"], Value::Null);

    // A network writes a hundred and twenty at once; 59 were tried by now.
    let mut tried = 0;
    let refused = loop {
        tried += 1;
        let answer = shoot.try_to_write("", "", "").await;
        if answer.status() == 429 || tried > 200 {
            break answer;
        }
    };
    assert!((55..=80).contains(&tried), "{tried}");
    assert!(refused.headers().contains_key("retry-after"));
    assert_problem(refused, 429, "too_many_attempts").await;
}

#[tokio::test]
async fn a_session_takes_two_thousand_comments() {
    let shoot = shoot("open").await;
    let mut rows = shoot.app.rows().await;
    let sql = "INSERT INTO photo_comments (id, photo_session_id, photo_id, sender_id, consent_id, name, body, is_shown, \
               created_at) VALUES ($1, $2, $3, 'x', 'x', '', 'x', 1, 1)";
    for n in 0..1_999 {
        let id = format!("00000000-0000-7000-8000-{n:012}");
        let row = sqlx::query(sql).bind(id).bind(shoot.id.to_string()).bind(shoot.photo.to_string());
        row.execute(&mut rows).await.unwrap();
    }
    shoot.write("", "The last one").await;
    assert_problem(shoot.try_to_write("", "One more", "").await, 409, "too_many_comments").await;
}

#[tokio::test]
async fn comments_are_written_by_consent_and_only_where_they_are_taken() {
    let mut shoot = shoot("off").await;
    assert_problem(shoot.give().await, 403, "comments_off").await;
    shoot.consent = "00000000-0000-4000-8000-000000000000".to_owned();
    assert_problem(shoot.try_to_write("", "Hi", "").await, 403, "comments_off").await;
    assert_problem(shoot.app.get(&shoot.on(shoot.photo)).await, 403, "comments_off").await;
    assert_problem(shoot.app.get(&shoot.guests("comments")).await, 403, "comments_off").await;
    assert_eq!(shoot.change(json!({ "comments": "open" })).await["comments"], "open");
    assert_problem(shoot.try_to_write("", "Hi", "").await, 422, "unknown_consent").await;
    shoot.consent = "no id".to_owned();
    assert_problem(shoot.try_to_write("", "Hi", "").await, 422, "malformed_id").await;
    // A yes to something else is none to this.
    let other = json!({ "version": "2026-11.4", "language": "en" });
    let other = shoot.app.request(Method::POST, &shoot.guests("consents")).json(&other).send().await.unwrap();
    shoot.consent = other.json::<Value>().await.unwrap()["consent_id"].as_str().unwrap().to_owned();
    assert_problem(shoot.try_to_write("", "Hi", "").await, 422, "unknown_consent").await;
    shoot.consent = shoot.agree().await;
    shoot.write("", "Hi").await;
}

#[tokio::test]
async fn a_guest_takes_back_their_own_comment_and_the_couple_and_the_studio_take_away_any() {
    let shoot = shoot("open").await;
    let (olga, comment) = shoot.write("", "Mine").await;
    let (boris, other) = shoot.write("", "His").await;
    for wrong in ["", boris.as_str(), "pixora_guest=x"] {
        assert_problem(shoot.remove(wrong, &comment).await, 404, "comment_not_found").await;
    }
    shoot.change(json!({ "comments": "off", "pin": "4711" })).await;
    assert_eq!(shoot.remove(&olga, &comment).await.status(), 204, "also after the gallery was closed");
    assert_problem(shoot.remove(&olga, &comment).await, 404, "comment_not_found").await;
    shoot.change(json!({ "comments": "open", "pin": null })).await;
    assert_eq!(texts(&shoot.read("").await), ["His"]);

    let couple = shoot.couple().await;
    assert_eq!(shoot.read(&couple).await["comments"][0]["may_remove"], true);
    assert_eq!(shoot.remove(&couple, &other).await.status(), 204);
    assert_eq!(texts(&shoot.read("").await), Vec::<&str>::new());
    assert_problem(shoot.remove(&couple, &other).await, 404, "comment_not_found").await;
    assert_eq!(shoot.read(&boris).await["comments"][0]["state"], "declined");
    shoot.decide(&other, "shown").await;
    assert_eq!(texts(&shoot.read("").await), ["His"], "the studio has the last word");
}

#[tokio::test]
async fn a_studio_answers_in_its_own_name() {
    let shoot = shoot("open").await;
    let (_, comment) = shoot.write("", "When do we get the prints?").await;
    let path = format!("{}/{}/answer", shoot.desk(), comment["id"].as_str().unwrap());
    let answer =
        async |text: &str| shoot.app.send_as(&shoot.owner, Method::PUT, &path, json!({ "text": text })).await;
    assert_problem(answer(&"x".repeat(501)).await, 422, "invalid_comment").await;
    assert_eq!(answer(" In May ").await.status(), 204);
    let said = shoot.read("").await["comments"][0]["answer"].clone();
    assert_eq!(said["text"], "In May");
    assert!(!said["studio"].as_str().unwrap().is_empty());
    assert_eq!(shoot.to_look_at().await["comments"][0]["answer"], said);
    assert_eq!(answer(" ").await.status(), 204);
    assert_eq!(shoot.read("").await["comments"][0]["answer"], Value::Null);
    let nothing = format!("{}/{}/answer", shoot.desk(), PhotoId::generate());
    let refused = shoot.app.send_as(&shoot.owner, Method::PUT, &nothing, json!({ "text": "x" })).await;
    assert_problem(refused, 404, "comment_not_found").await;
}

#[tokio::test]
async fn reports_of_three_devices_hide_a_comment_that_its_studio_has_not_looked_at() {
    let shoot = shoot("open").await;
    let (olga, comment) = shoot.write("", "Rude words").await;
    let first = shoot.report("", &comment, "This hurts").await;
    assert_eq!(first.status(), 204);
    let device = cookie_of(&first).expect("the device is known from now on");
    assert_eq!(shoot.report(&device, &comment, "").await.status(), 204);
    assert_eq!(shoot.report("", &comment, "").await.status(), 204);
    assert_eq!(texts(&shoot.read("").await), ["Rude words"], "two devices hide nothing");
    let waiting = shoot.to_look_at().await;
    let first = &waiting["comments"][0];
    assert_eq!(
        (&first["reports"], &first["notes"], &first["state"]),
        (&json!(2), &json!(["This hurts"]), &json!("shown"))
    );
    assert_eq!(shoot.report("", &comment, "").await.status(), 204);
    shoot.is_not_seen(&comment, "reported").await;
    assert_eq!(shoot.read(&olga).await["comments"][0]["state"], "waiting");
    shoot.decide(&comment, "shown").await;
    shoot.app.later(1);
    for _ in 0..3 {
        assert_eq!(shoot.report("", &comment, "").await.status(), 204);
    }
    assert_eq!(texts(&shoot.read("").await), ["Rude words"], "the studio has looked at it");
    assert_eq!(shoot.to_look_at().await["comments"][0]["reports"], 3, "and is told all the same");
    assert_problem(shoot.report("", &comment, &"x".repeat(301)).await, 422, "invalid_report").await;
    let nothing = json!({ "id": PhotoId::generate() });
    assert_problem(shoot.report("", &nothing, "").await, 404, "comment_not_found").await;
    for _ in 0..2 {
        shoot.report("", &comment, "").await;
    }
    assert_problem(shoot.report("", &comment, "").await, 429, "too_many_attempts").await;
}

#[tokio::test]
async fn a_studio_is_told_once_of_comments_that_wait_and_of_reports() {
    let shoot = shoot("moderated").await;
    let look = async || {
        NoticeKeeper(shoot.app.app.notices.clone()).round().await.unwrap();
        let told = shoot.app.app.notices.list(shoot.owner.id, None, 100).await.unwrap();
        told.iter().map(|notice| notice.kind.to_string()).collect::<Vec<_>>()
    };
    let (olga, comment) = shoot.write("", "One").await;
    assert_eq!(look().await, ["comments"]);
    shoot.write(&olga, "Two").await;
    assert_eq!(look().await, ["comments"], "not of each");
    shoot.decide(&comment, "shown").await;
    shoot.app.later(5);
    shoot.report("", &comment, "").await;
    shoot.report("", &comment, "").await;
    assert_eq!(look().await, ["comment_reported", "comments"]);
    shoot.app.later(61);
    NoticeKeeper(shoot.app.app.notices.clone()).round().await.unwrap();
    let mail = &shoot.app.mails().await[0];
    assert!(mail.body.contains("comments of guests wait") && mail.body.contains("1 comment was reported"));
    assert_eq!(look().await.len(), 2, "each once");
}

#[tokio::test]
async fn nothing_of_a_comment_is_left_when_its_guest_photo_consent_or_session_goes() {
    let shoot = shoot("open").await;
    let store = shoot.app.app.store.clone();
    let left = async || store.comments().exported(shoot.id).await.unwrap().len();
    let (olga, comment) = shoot.write("", "Mine").await;
    shoot.write("", "His").await;
    shoot.report(&olga, &comment, "").await;
    let forgotten = shoot.send(&olga, Method::DELETE, &shoot.guests("visit"), None).await;
    assert_eq!(forgotten.status(), 204);
    assert_eq!(texts(&shoot.read("").await), ["His"], "forgotten");

    let (_, other) = shoot.write("", "Under the same consent").await;
    shoot.report("", &other, "").await;
    let mut guest = Stream::open(&shoot.app, shoot.id, "").await;
    guest.counts().await;
    let admin = shoot.app.user(Role::Admin, &[shoot.app.studio().await]).await;
    let path = format!("/api/photo-sessions/{}/consents/{}/erasure", shoot.id, shoot.consent);
    let erasure = erase(&shoot.app, &admin, &path).await;
    assert_eq!(guest.event().await.unwrap().1["comments"], 0, "open pages hear of it");
    kept(&shoot.app).await;
    let receipt = state(&shoot.app, &admin, &erasure).await;
    assert_eq!((&receipt["state"], &receipt["receipt"]["rows"]["comments"]), (&json!("complete"), &json!(2)));
    assert_eq!(left().await, 0);

    let mut shoot = shoot;
    shoot.consent = shoot.agree().await;
    let (_, third) = shoot.write("", "Third").await;
    shoot.report("", &third, "").await;
    let rows = store.erasures().begin(shoot.photo, shoot.app.app.now()).await.unwrap().unwrap().rows;
    assert_eq!(rows.comments, 2, "the comment and the report of it go with the photo");

    shoot.photo = shoot.app.photo(shoot.id, "b.jpg").await.id;
    let (_, fourth) = shoot.write("", "Fourth").await;
    shoot.report("", &fourth, "").await;
    let erased = store.erase_session(shoot.id).await.unwrap();
    assert_eq!(erased.comments, 2, "and with the session");
    assert_eq!(store.comments().exported(shoot.id).await.unwrap(), []);
}

#[tokio::test]
async fn nobody_writes_on_a_photo_that_goes_or_under_a_consent_that_goes_at_that_moment() {
    let shoot = shoot("open").await;
    let rows = shoot.app.app.store.comments();
    let (_, comment) = shoot.write("", "Before").await;
    let written = rows.get(comment["id"].as_str().unwrap().parse().unwrap()).await.unwrap().unwrap();
    let sender = pixora::store::Sender { id: written.sender, session: shoot.id, name: String::new() };
    let new = pixora::store::NewComment {
        id: pixora::domain::CommentId::generate(),
        photo: shoot.photo,
        consent: shoot.consent.parse().unwrap(),
        name: String::new(),
        text: "After".parse().unwrap(),
        is_shown: true,
    };
    shoot.batch("bin").await;
    let refused = rows.write(&sender, &new, (9, 9), shoot.app.app.now()).await.unwrap();
    assert_eq!(refused, Err(pixora::store::CommentRefused::NoPhoto));
    shoot.batch("restore").await;
    let withdraw = shoot.guests(&format!("consents/{}", shoot.consent));
    assert_eq!(shoot.send("", Method::DELETE, &withdraw, None).await.status(), 204);
    let refused = rows.write(&sender, &new, (9, 9), shoot.app.app.now()).await.unwrap();
    assert_eq!(refused, Err(pixora::store::CommentRefused::Gone));
}

#[tokio::test]
async fn comments_are_exported_as_a_table_in_which_nothing_is_a_formula() {
    let shoot = shoot("open").await;
    let evil = shoot.try_to_write("", "=1+1\nsecond line", "@olga").await;
    assert_eq!(evil.status(), 201);
    let path = format!("{}/export", shoot.desk());
    let table = shoot.app.send_as(&shoot.owner, Method::GET, &path, json!({})).await;
    assert_eq!(table.headers()["content-type"], "text/csv; charset=utf-8");
    let table = table.text().await.unwrap();
    assert!(table.contains("filename,name,text,answer,state,created_at,photo_id,id"), "{table}");
    assert!(table.contains("a.jpg,'@olga,\"'=1+1\nsecond line\",,shown,"), "{table}");
}
