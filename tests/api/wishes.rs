//! Guests who ask to be left out: the wish, its receipt, later photos, and taking it back.

use std::time::Instant;

use pixora::{
    domain::{ConsentId, Photo, PhotoSessionId, RelativeBox, Role, SearchId},
    search::{Followed, Match, SearchAnswer},
};
use reqwest::{
    Method, Response,
    header::{COOKIE, SET_COOKIE},
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::{
    events::Stream,
    helpers::{TestApp, assert_problem, start},
    people::{ANNA, ANNA_TURNED, BORIS, Leaks, change, grouped, keeper, people, with_people},
};

/// Where the first face of `photo_showing` is.
fn first_face() -> RelativeBox {
    RelativeBox { x: 0.1, y: 0.25, w: 0.125, h: 0.25 }
}

/// The cookie of a guest whose search found these photos.
pub async fn found(app: &TestApp, session: PhotoSessionId, photos: &[&Photo]) -> String {
    let path = format!("/api/v1/sessions/{session}/consents");
    let given = app.request(Method::POST, &path).json(&json!({ "version": "1", "language": "en" })).send();
    let given: Value = given.await.unwrap().json().await.unwrap();
    let consent: ConsentId = serde_json::from_value(given["consent_id"].clone()).unwrap();
    let matches: Vec<Match> = photos
        .iter()
        .map(|photo| Match {
            photo: (*photo).clone(),
            external_ids: Vec::new(),
            score: 0.9,
            rect: first_face(),
        })
        .collect();
    let probing = app.probing.clone();
    *app.search.again.lock().unwrap() = matches.clone();
    app.search.answer(move |_| {
        let id = SearchId::generate();
        let found = matches.iter().map(|found| found.photo.id).collect();
        let probes = vec![vec![1.0; 4]].into();
        probing.keep(id, Followed { session, consent, model: "test".into(), probes, found }, Instant::now());
        Ok(SearchAnswer {
            id,
            model: "test".into(),
            faces: Vec::new(),
            matches: matches.clone(),
            perhaps: Vec::new(),
            photos_total: 1,
            photos_pending: 0,
        })
    });
    let selfie = Part::bytes(vec![7; 3]).file_name("me.jpg").mime_str("image/jpeg").unwrap();
    let form = Form::new().part("selfie", selfie).text("consent_id", consent.to_string());
    let path = format!("/api/v1/sessions/{session}/search");
    let answer = app.request(Method::POST, &path).multipart(form).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn ask(app: &TestApp, session: PhotoSessionId, cookie: Option<&str>, more: Value) -> Response {
    let mut body = json!({ "version": "2026-11.1", "language": "en" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let path = format!("/api/v1/sessions/{session}/hide-requests");
    let request = app.request(Method::POST, &path).json(&body);
    let request = cookie.into_iter().fold(request, |request, cookie| request.header(COOKIE, cookie));
    request.send().await.unwrap()
}

async fn seen(app: &TestApp, session: PhotoSessionId) -> Vec<String> {
    let page = app.get_json(&format!("/api/v1/sessions/{session}/photos")).await;
    let name = |photo: &Value| photo["filename"].as_str().unwrap().to_owned();
    let mut names: Vec<String> = page["photos"].as_array().unwrap().iter().map(name).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn a_guest_is_left_out_once_the_photographer_agrees_and_later_photos_are_held_back() {
    let app = start().await;
    let studio = app.studio().await;
    let (admin, session) = (app.user(Role::Admin, &[studio]).await, app.session().await);
    let one = app.photo_showing(session, "one.jpg", &[ANNA, BORIS]).await;
    let two = app.photo_showing(session, "two.jpg", &[ANNA_TURNED]).await;
    app.photo_showing(session, "boris.jpg", &[BORIS]).await;
    assert_problem(ask(&app, session, None, json!({})).await, 409, "not_found_yet").await;
    let cookie = found(&app, session, &[&one, &two]).await;
    let bad = json!({ "version": "a text with spaces" });
    assert_problem(ask(&app, session, Some(&cookie), bad).await, 422, "invalid_consent").await;
    let made = ask(&app, session, Some(&cookie), json!({})).await;
    assert_eq!(made.status(), 201);
    let made: Value = made.json().await.unwrap();
    assert_eq!(
        (&made["state"], &made["photos_asked"], &made["photos_hidden"]),
        (&json!("asked"), &json!(2), &json!(0))
    );
    assert_eq!(seen(&app, session).await.len(), 3, "nothing is hidden before the photographer agrees");

    let code = made["code"].as_str().unwrap();
    let receipt = format!("/api/hide-requests/{code}");
    assert_problem(app.get("/api/hide-requests/guessed").await, 404, "wish_not_found").await;
    let base = format!("/api/photo-sessions/{session}/hide-requests");
    let listed = app.get_as(&admin, &base).await;
    let wish = &listed["hide_requests"][0];
    assert_eq!(
        (&wish["photos_asked"], &wish["version"], &listed["by_itself"]),
        (&json!(2), &json!("2026-11.1"), &json!(false))
    );
    assert!(!listed.to_string().contains(code), "only the guest has the code");
    let answer = format!("{base}/{}", wish["hide_request_id"].as_str().unwrap());
    let say = async |accept: bool| {
        app.send_as(&admin, Method::POST, &answer, json!({ "accept": accept })).await.status()
    };
    assert_eq!(say(true).await, 204);
    // Nothing of the session was looked at before: all of it waits until it is known whom it shows.
    assert!(seen(&app, session).await.is_empty());
    let mut keeper = keeper(&app, "test");
    grouped(&mut keeper).await;
    assert_eq!(seen(&app, session).await, ["boris.jpg"]);
    let thumb = format!("/media/{session}/{}/320-00000000000000a1.jpg", two.id);
    assert_problem(app.get(&thumb).await, 404, "photo_not_found").await;

    // People are off here: later photos are compared with this guest alone, and nobody else is grouped.
    app.photo_showing(session, "later.jpg", &[ANNA]).await;
    app.photo_showing(session, "later too.jpg", &[BORIS]).await;
    assert_eq!(seen(&app, session).await, ["boris.jpg"], "until they are looked at");
    grouped(&mut keeper).await;
    assert_eq!(seen(&app, session).await, ["boris.jpg", "later too.jpg"]);
    assert_eq!(app.app.store.people().count(session).await.unwrap(), 1);
    let told = app.get_json(&receipt).await;
    assert_eq!(
        (&told["state"], &told["photos_hidden"], &told["photos_held_back"]),
        (&json!("hidden"), &json!(2), &json!(1))
    );
    assert!(told["settled_at"].is_string());

    // The guest takes it back: everything is seen, and what was grouped for it is erased.
    let back = app.request(Method::DELETE, &receipt).send().await.unwrap();
    assert_eq!(back.status(), 204);
    assert_eq!(seen(&app, session).await.len(), 5);
    assert_eq!(app.app.store.people().count(session).await.unwrap(), 0);
    assert_eq!(app.get_json(&receipt).await["state"], "withdrawn");
    let answer = app.send_as(&admin, Method::POST, &answer, json!({ "accept": true })).await;
    assert_problem(answer, 404, "wish_not_found").await;
}

#[tokio::test]
async fn chosen_photos_go_at_once_where_the_session_does_it_by_itself() {
    let app = start().await;
    let studio = app.studio().await;
    let (admin, session) = (app.user(Role::Admin, &[studio]).await, app.session().await);
    let one = app.photo_showing(session, "one.jpg", &[ANNA]).await;
    let two = app.photo_showing(session, "two.jpg", &[ANNA]).await;
    let other = app.photo_showing(session, "other.jpg", &[BORIS]).await;
    let base = format!("/api/photo-sessions/{session}/hide-requests");
    let on = app.send_as(&admin, Method::PATCH, &base, json!({ "by_itself": true })).await;
    assert_eq!(on.status(), 204);
    let cookie = found(&app, session, &[&one, &two]).await;
    let strangers = ask(&app, session, Some(&cookie), json!({ "photo_ids": [other.id] })).await;
    assert_problem(strangers, 422, "nothing_to_hide").await;
    let made = ask(&app, session, Some(&cookie), json!({ "photo_ids": [two.id, other.id] })).await;
    let made: Value = made.json().await.unwrap();
    assert_eq!((&made["state"], &made["photos_hidden"]), (&json!("hidden"), &json!(1)));
    assert_eq!(seen(&app, session).await, ["one.jpg", "other.jpg"], "nobody hides what is not theirs");
    assert_eq!(app.app.store.people().count(session).await.unwrap(), 0, "later photos were not asked for");

    // The photographer may still say no, and yes again.
    let id = app.get_as(&admin, &base).await["hide_requests"][0]["hide_request_id"].clone();
    let answer = format!("{base}/{}", id.as_str().unwrap());
    for (accept, count) in [(false, 3), (true, 2)] {
        app.send_as(&admin, Method::POST, &answer, json!({ "accept": accept })).await;
        assert_eq!(seen(&app, session).await.len(), count, "{accept}");
    }
    let receipt = app.eraser.session(session).await.unwrap();
    assert_eq!(receipt.rows.map(|rows| rows.hide_requests), Some(1));
    let code = made["code"].as_str().unwrap();
    assert_problem(app.get(&format!("/api/hide-requests/{code}")).await, 404, "wish_not_found").await;
}

#[tokio::test]
async fn who_is_left_out_is_nowhere_and_is_back_once_the_wish_is_taken_back() {
    let app = start().await;
    let studio = app.studio().await;
    let (admin, session) = (app.user(Role::Admin, &[studio]).await, app.session().await);
    let hidden = app.photo_showing(session, "hidden.jpg", &[ANNA, BORIS]).await;
    let other = app.photo_showing(session, "other.jpg", &[BORIS]).await;
    let base = format!("/api/photo-sessions/{session}/hide-requests");
    app.send_as(&admin, Method::PATCH, &base, json!({ "by_itself": true })).await;
    let cookie = found(&app, session, &[&hidden]).await;
    let (leaks, cart) = Leaks::of(&app, &admin, session, &hidden, &other).await;
    leaks.assert_seen(true).await;
    let mut page = Stream::of(app.get(&format!("/api/v1/sessions/{session}/events")).await);
    let chosen = json!({ "photo_ids": [hidden.id] });
    let made: Value = ask(&app, session, Some(&cookie), chosen).await.json().await.unwrap();
    let (_, told) = page.event().await.unwrap();
    assert_eq!((&told["photo_id"], &told["is_selected"]), (&json!(hidden.id), &json!(false)));
    leaks.assert_seen(false).await;

    let receipt = format!("/api/hide-requests/{}", made["code"].as_str().unwrap());
    assert_eq!(app.request(Method::DELETE, &receipt).send().await.unwrap().status(), 204);
    let (_, told) = page.event().await.unwrap();
    assert_eq!((&told["photo_id"], &told["is_selected"]), (&json!(hidden.id), &json!(true)));
    leaks.cart_is_filled_again(&cart).await;
    leaks.assert_seen(true).await;
}

#[tokio::test]
async fn a_wish_leaves_what_the_photographer_has_said_of_people() {
    let app = start().await;
    let (admin, session) = with_people(&app).await;
    let one = app.photo_showing(session, "one.jpg", &[ANNA, BORIS]).await;
    let two = app.photo_showing(session, "two.jpg", &[ANNA]).await;
    let mut keeper = keeper(&app, "test");
    grouped(&mut keeper).await;
    let anna = people(&app, &admin, session).await[0]["person_id"].as_str().unwrap().to_owned();
    change(&app, &admin, session, &anna, json!({ "name": "Anna", "is_child": true })).await;
    let named = async |is_hidden: bool, count: usize| {
        let people = people(&app, &admin, session).await;
        assert_eq!(people.len(), 2, "{people:?}");
        let found = &people[0];
        assert_eq!(
            (&found["name"], &found["is_child"], &found["is_hidden"], &found["photos"]),
            (&json!("Anna"), &json!(true), &json!(is_hidden), &json!(count)),
        );
    };
    let cookie = found(&app, session, &[&one, &two]).await;
    let made: Value = ask(&app, session, Some(&cookie), json!({})).await.json().await.unwrap();
    named(false, 2).await;
    let base = format!("/api/photo-sessions/{session}/hide-requests");
    let wish = app.get_as(&admin, &base).await["hide_requests"][0]["hide_request_id"].clone();
    let answer = format!("{base}/{}", wish.as_str().unwrap());
    app.send_as(&admin, Method::POST, &answer, json!({ "accept": true })).await;
    grouped(&mut keeper).await;
    named(true, 2).await;
    // The photographer cannot show against the wish whom it hides.
    change(&app, &admin, session, &anna, json!({ "is_hidden": false })).await;
    assert!(seen(&app, session).await.is_empty());
    let later = app.photo_showing(session, "later.jpg", &[ANNA]).await;
    grouped(&mut keeper).await;
    named(true, 3).await;
    assert!(seen(&app, session).await.is_empty());

    // Erasing people erases the name, and what the guest has asked for still stands.
    let everybody = format!("/api/photo-sessions/{session}/people");
    let erased = app.send_as(&admin, Method::DELETE, &everybody, json!({}));
    assert!(erased.await.status().is_success());
    assert!(seen(&app, session).await.is_empty());
    grouped(&mut keeper).await;
    let after = people(&app, &admin, session).await;
    let of_anna = after.iter().find(|person| person["photos"] == 3).unwrap();
    assert_eq!((&of_anna["name"], &of_anna["is_hidden"]), (&Value::Null, &json!(true)));

    let receipt = format!("/api/hide-requests/{}", made["code"].as_str().unwrap());
    assert_eq!(app.get_json(&receipt).await["photos_held_back"], 1, "{}", later.id);
    assert_eq!(app.request(Method::DELETE, &receipt).send().await.unwrap().status(), 204);
    assert_eq!(seen(&app, session).await, ["later.jpg", "one.jpg", "two.jpg"]);
    grouped(&mut keeper).await;
    let after = people(&app, &admin, session).await;
    assert!(after.iter().all(|person| person["is_hidden"] == false), "{after:?}");
    assert_eq!(after.len(), 2, "who was grouped for the wish is grouped anew, as people are on");
}
