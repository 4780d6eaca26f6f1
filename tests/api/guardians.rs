//! Children whom a selfie finds only with a guardian's yes: no way of finding them is left open without it.

use std::time::Instant;

use pixora::{
    domain::{ConsentId, Photo, PhotoSessionId, RelativeBox, SearchId},
    search::{Followed, Match, SearchAnswer},
};
use reqwest::{
    Method,
    header::{COOKIE, SET_COOKIE},
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    events::Stream,
    helpers::{TestApp, TestUser, assert_problem, start},
    people::{ANNA, BORIS, VERA, change, gallery, grouped, keeper, people, with_people},
};

/// Where the n-th face of `photo_showing` is.
fn face(n: u8) -> RelativeBox {
    RelativeBox { x: 0.1 + 0.2 * f32::from(n), y: 0.25, w: 0.125, h: 0.25 }
}

fn matched(photo: &Photo, n: u8, score: f32) -> Match {
    Match { photo: photo.clone(), external_ids: Vec::new(), score, rect: face(n) }
}

/// A session where Vera, a child, is in three photos: alone, with Anna, and in one of `later`.
struct Party {
    app: TestApp,
    admin: TestUser,
    session: PhotoSessionId,
    alone: Photo,
    both: Photo,
    anna: Photo,
    vera: String,
}

async fn party() -> Party {
    let app = start().await;
    let (admin, session) = with_people(&app).await;
    let alone = app.photo_showing(session, "alone.jpg", &[VERA]).await;
    let both = app.photo_showing(session, "both.jpg", &[ANNA, VERA]).await;
    let anna = app.photo_showing(session, "anna.jpg", &[ANNA, BORIS]).await;
    grouped(&mut keeper(&app, "test")).await;
    let faces = format!("/api/photo-sessions/{session}/people");
    let mut vera = None;
    for person in people(&app, &admin, session).await {
        let id = person["person_id"].as_str().unwrap().to_owned();
        let shown = app.get_as(&admin, &format!("{faces}/{id}/faces")).await;
        if shown["faces"].as_array().unwrap().iter().any(|it| it["filename"] == "alone.jpg") {
            vera = Some(id);
        }
    }
    let vera = vera.expect("Vera is somebody");
    change(&app, &admin, session, &vera, json!({ "is_child": true })).await;
    Party { app, admin, session, alone, both, anna, vera }
}

/// A guest: the consent, its code, and the cookie of the search once there was one.
struct Guest {
    consent: String,
    code: String,
    cookie: Option<String>,
}

impl Party {
    async fn ask_guardians(&self, guardian: bool) {
        let path = format!("/api/photo-sessions/{}/people/switches", self.session);
        let body = json!({ "is_on": true, "for_guests": true, "guardian": guardian });
        let answer = self.app.send_as(&self.admin, Method::PUT, &path, body).await;
        assert_eq!(answer.json::<Value>().await.unwrap()["guardian"], guardian);
    }

    async fn give(&self, purpose: &str, code: Option<&str>) -> Value {
        let path = format!("/api/v1/sessions/{}/consents", self.session);
        let texts = self.app.get_json(&format!("/api/v1/sessions/{}/consent-texts", self.session)).await;
        let text = texts["texts"].as_array().unwrap().iter().find(|it| it["purpose"] == purpose).unwrap();
        let given = json!({ "version": text["version"], "language": "en", "purpose": purpose, "code": code });
        let given = self.app.request(Method::POST, &path).json(&given).send().await.unwrap();
        assert_eq!(given.status(), 201);
        given.json().await.unwrap()
    }

    async fn guest(&self) -> Guest {
        let given = self.give("match", None).await;
        let text = |name: &str| given[name].as_str().unwrap().to_owned();
        Guest { consent: text("consent_id"), code: text("code"), cookie: None }
    }

    /// The names of what is found, surely and perhaps.
    async fn search(
        &self,
        guest: &mut Guest,
        sure: Vec<Match>,
        perhaps: Vec<Match>,
    ) -> (Vec<String>, Vec<String>) {
        let (probing, session) = (self.app.probing.clone(), self.session);
        let consent: ConsentId = guest.consent.parse().unwrap();
        *self.app.search.again.lock().unwrap() = sure.clone();
        self.app.search.answer(move |_| {
            let id = SearchId::generate();
            let found = [].into();
            let probes = vec![vec![1.0; 4]].into();
            probing.keep(
                id,
                Followed { session, consent, model: "test".into(), probes, found },
                Instant::now(),
            );
            Ok(SearchAnswer {
                id,
                model: "test".into(),
                faces: Vec::new(),
                matches: sure.clone(),
                perhaps: perhaps.clone(),
                photos_total: 1,
                photos_pending: 0,
            })
        });
        let selfie = Part::bytes(vec![7; 3]).file_name("me.jpg").mime_str("image/jpeg").unwrap();
        let form = Form::new().part("selfie", selfie).text("consent_id", guest.consent.clone());
        let path = format!("/api/v1/sessions/{session}/search");
        let answer = self.app.request(Method::POST, &path).multipart(form).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let cookie = answer.headers()[SET_COOKIE].to_str().unwrap();
        guest.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        let answer: Value = answer.json().await.unwrap();
        (names(&answer["matches"]), names(&answer["perhaps"]))
    }

    /// An open page that follows the guest's search.
    async fn page(&self, guest: &Guest) -> Stream {
        let cookie = guest.cookie.clone().expect("searched before");
        let path = format!("/api/v1/sessions/{}/visit", self.session);
        let visit = self.app.request(Method::GET, &path).header(COOKIE, cookie).send().await.unwrap();
        let visit: Value = visit.json().await.unwrap();
        let search = visit["search_id"].as_str().unwrap();
        Stream::open(&self.app, self.session, &format!("?search_id={search}")).await
    }

    async fn returned(&self, guest: &Guest) -> Vec<String> {
        let path = format!("/api/v1/sessions/{}/visit", self.session);
        let cookie = guest.cookie.clone().expect("searched before");
        let answer = self.app.request(Method::GET, &path).header(COOKIE, cookie).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        names(&answer.json::<Value>().await.unwrap()["matches"])
    }
}

fn names(photos: &Value) -> Vec<String> {
    let name = |photo: &Value| photo["filename"].as_str().unwrap().to_owned();
    photos.as_array().unwrap().iter().map(name).collect()
}

#[tokio::test]
async fn a_childs_photos_are_found_by_a_selfie_only_with_a_guardians_yes() {
    let party = party().await;
    let of_vera = || vec![matched(&party.alone, 0, 0.99), matched(&party.both, 1, 0.9)];
    let mut guest = party.guest().await;
    let all = ["alone.jpg", "both.jpg"];
    assert_eq!(party.search(&mut guest, of_vera(), Vec::new()).await.0, all, "the session asks no guardian");

    party.ask_guardians(true).await;
    let nothing: (Vec<String>, Vec<String>) = Default::default();
    assert_eq!(party.search(&mut guest, of_vera(), vec![matched(&party.anna, 0, 0.3)]).await, nothing);
    assert!(party.returned(&guest).await.is_empty(), "nor when the guest comes back");
    // A wish to be left out is about what was found.
    let path = format!("/api/v1/sessions/{}/hide-requests", party.session);
    let wish = party.app.request(Method::POST, &path).header(COOKIE, guest.cookie.clone().unwrap());
    let wish = wish.json(&json!({ "version": "2026-11.1", "language": "en" })).send().await.unwrap();
    assert_problem(wish, 422, "nothing_to_hide").await;
    // Without a certain match, and without a consent.
    assert_eq!(party.search(&mut guest, Vec::new(), of_vera()).await, nothing);
    let form = Form::new().part("selfie", Part::bytes(vec![7; 3]).file_name("me.jpg"));
    let path = format!("/api/v1/sessions/{}/search", party.session);
    let answer = party.app.request(Method::POST, &path).multipart(form).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!((names(&answer["matches"]), names(&answer["perhaps"])), nothing);
    let yes = party.give("guardian", Some(&guest.code)).await;
    assert_eq!(party.search(&mut guest, of_vera(), Vec::new()).await.0, all);
    assert_eq!(party.returned(&guest).await, all);
    let mut other = party.guest().await;
    assert_eq!(party.search(&mut other, of_vera(), Vec::new()).await, nothing, "one yes is one guest's");

    let path = format!("/api/v1/sessions/{}/consents/{}", party.session, yes["consent_id"].as_str().unwrap());
    assert_eq!(party.app.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
    assert!(party.returned(&guest).await.is_empty(), "the guardian has taken it back");
    party.give("guardian", Some(&guest.code)).await;
    assert_eq!(party.returned(&guest).await, all);
    let studio = party.app.studio().await;
    let text = json!({ "text": { "ru": "Иначе", "en": "In other words" } });
    let path = format!("/api/studios/{studio}/consent-texts/guardian");
    assert_eq!(party.app.send_as(&party.admin, Method::PUT, &path, text).await.status(), 200);
    assert!(party.returned(&guest).await.is_empty(), "a changed text asks again");
    party.give("guardian", Some(&guest.code)).await;
    assert_eq!(party.returned(&guest).await, all);
}

#[tokio::test]
async fn others_find_themselves_beside_a_child_and_not_the_child() {
    let party = party().await;
    party.ask_guardians(true).await;
    let mut guest = party.guest().await;
    // Anna is like Vera in one photo, by mistake.
    let found =
        vec![matched(&party.both, 0, 0.99), matched(&party.anna, 0, 0.95), matched(&party.alone, 0, 0.6)];
    assert_eq!(party.search(&mut guest, found, Vec::new()).await.0, ["both.jpg", "anna.jpg"]);
    assert_eq!(gallery(&party.app, party.session).await.len(), 3, "the gallery is what it was");

    // A new photo may show the child until it is known whom it shows.
    let later = party.app.photo_showing(party.session, "later.jpg", &[VERA]).await;
    let found = || vec![matched(&party.anna, 0, 0.95), matched(&later, 0, 0.9)];
    assert_eq!(party.search(&mut guest, found(), Vec::new()).await.0, ["anna.jpg"]);
    let own = party.app.photo_showing(party.session, "own.jpg", &[ANNA]).await;
    let own = || vec![matched(&party.anna, 0, 0.95), matched(&own, 0, 0.9)];
    assert_eq!(party.search(&mut guest, own(), Vec::new()).await.0, ["anna.jpg"]);
    // It is looked at also when people are switched off meanwhile.
    let studio = party.app.studio().await;
    let off = json!({ "is_on": false });
    party.app.send_as(&party.admin, Method::PUT, &format!("/api/studios/{studio}/people"), off).await;
    grouped(&mut keeper(&party.app, "test")).await;
    assert_eq!(party.search(&mut guest, own(), Vec::new()).await.0, ["anna.jpg", "own.jpg"]);
    assert_eq!(
        party.search(&mut guest, found(), Vec::new()).await.0,
        Vec::<String>::new(),
        "half of it is Vera"
    );
}

#[tokio::test]
async fn an_open_page_is_told_of_a_childs_photo_only_with_a_guardians_yes() {
    let party = party().await;
    party.ask_guardians(true).await;
    let mut guest = party.guest().await;
    // Nothing is known of whom the new photos show, or they show Vera: only that of Anna is told.
    let new = [(&party.alone, 0), (&party.anna, 0)].map(|(photo, n)| matched(photo, n, 0.9));
    party.search(&mut guest, Vec::new(), Vec::new()).await;
    *party.app.search.again.lock().unwrap() = vec![new[1].clone(), new[0].clone(), new[1].clone()];
    let mut page = party.page(&guest).await;
    assert_eq!(page.event().await.expect("is told").1["photo_id"], json!(party.anna.id));
    party.give("guardian", Some(&guest.code)).await;
    let mut page = party.page(&guest).await;
    let mut told = Vec::new();
    for _ in 0..2 {
        let (name, found) = page.event().await.expect("is told");
        assert_eq!(name, "match");
        told.push(found["photo_id"].as_str().unwrap().to_owned());
    }
    assert!(told.contains(&party.alone.id.to_string()), "{told:?}");
}

#[tokio::test]
async fn guests_are_not_offered_a_child_to_filter_by() {
    let party = party().await;
    party.ask_guardians(false).await;
    let strip = format!("/api/v1/sessions/{}/people", party.session);
    let by_person = format!("/api/v1/sessions/{}/photos?person={}", party.session, party.vera);
    let ids = format!("/api/v1/sessions/{}/photos/ids?person={}", party.session, party.vera);
    let offered = async || party.app.get_json(&strip).await.to_string().contains(&party.vera);
    assert!(offered().await);
    assert_eq!(party.app.get_json(&by_person).await["photos"].as_array().unwrap().len(), 2);
    party.ask_guardians(true).await;
    assert!(!offered().await);
    assert!(party.app.get_json(&by_person).await["photos"].as_array().unwrap().is_empty());
    assert!(party.app.get_json(&ids).await["photo_ids"].as_array().unwrap().is_empty());
    let all = people(&party.app, &party.admin, party.session).await;
    assert!(all.iter().any(|person| person["person_id"] == party.vera), "the photographer sees them");
    // A client that knows nothing of guardians leaves the switch as it is.
    let path = format!("/api/photo-sessions/{}/people/switches", party.session);
    let old = json!({ "is_on": true, "for_guests": true });
    party.app.send_as(&party.admin, Method::PUT, &path, old).await;
    assert!(!offered().await);
}
