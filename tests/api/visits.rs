//! A guest who comes back within their visit.

use std::time::Instant;

use pixora::{
    domain::{ConsentId, Photo, PhotoSessionId, RelativeBox, SearchId},
    search::{Followed, Match, SearchAnswer, SearchError},
};
use reqwest::{
    Method, Response,
    header::{COOKIE, SET_COOKIE},
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::helpers::{TestApp, assert_problem, start};

fn matching(photo: &Photo) -> Match {
    Match {
        photo: photo.clone(),
        external_ids: Vec::new(),
        score: 0.75,
        rect: RelativeBox { x: 0.5, y: 0.25, w: 0.25, h: 0.125 },
    }
}

async fn consent(app: &TestApp, session: PhotoSessionId) -> ConsentId {
    let path = format!("/api/v1/sessions/{session}/consents");
    let given = app.request(Method::POST, &path).json(&json!({ "version": "1", "language": "en" })).send();
    let given: Value = given.await.unwrap().json().await.unwrap();
    serde_json::from_value(given["consent_id"].clone()).unwrap()
}

/// A search that finds the photo and, as the real one does, keeps its probe under the consent.
async fn search(
    app: &TestApp,
    session: PhotoSessionId,
    photo: &Photo,
    consent: Option<ConsentId>,
) -> Response {
    search_holding(app, session, photo, consent, None).await
}

/// The same with what the page shows in the header of visits.
async fn search_holding(
    app: &TestApp,
    session: PhotoSessionId,
    photo: &Photo,
    consent: Option<ConsentId>,
    held: Option<&str>,
) -> Response {
    let (probing, found) = (app.probing.clone(), photo.clone());
    app.search.answer(move |request| {
        let id = SearchId::generate();
        if let Some(consent) = request.consent {
            let probes = vec![vec![1.0; 4]].into();
            let followed =
                Followed { session, consent, model: "test".into(), probes, found: [found.id].into() };
            probing.keep(id, followed, Instant::now());
        }
        let (matches, model) = (vec![matching(&found)], "test".to_owned());
        Ok(SearchAnswer {
            id,
            model,
            faces: Vec::new(),
            matches,
            perhaps: Vec::new(),
            photos_total: 1,
            photos_pending: 0,
        })
    });
    let selfie = Part::bytes(vec![7; 3]).file_name("me.jpg").mime_str("image/jpeg").unwrap();
    let mut form = Form::new().part("selfie", selfie);
    if let Some(consent) = consent {
        form = form.text("consent_id", consent.to_string());
    }
    let path = format!("/api/v1/sessions/{session}/search");
    let mut request = app.request(Method::POST, &path).multipart(form);
    if let Some(held) = held {
        request = request.header("pixora-visit", held);
    }
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200);
    answer
}

fn cookie(answer: &Response) -> String {
    answer.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

async fn visit(app: &TestApp, method: Method, session: PhotoSessionId, cookie: &str) -> Response {
    let path = format!("/api/v1/sessions/{session}/visit");
    app.request(method, &path).header(COOKIE, cookie).send().await.unwrap()
}

#[tokio::test]
async fn a_guest_who_reloads_finds_what_they_found_and_what_came_since() {
    let app = start().await;
    let session = app.session().await;
    let (first, second) = (app.photo(session, "a.jpg").await, app.photo(session, "b.jpg").await);
    let yes = consent(&app, session).await;
    let answer = search(&app, session, &first, Some(yes)).await;
    let set = answer.headers()[SET_COOKIE].to_str().unwrap().to_owned();
    let path = format!("Path=/api/v1/sessions/{session}");
    for part in ["HttpOnly", "SameSite=Strict", "Max-Age=43200", &path] {
        assert!(set.contains(part), "{set} lacks {part}");
    }
    let cookie = cookie(&answer);
    let found: Value = answer.json().await.unwrap();

    *app.search.again.lock().unwrap() = vec![matching(&first), matching(&second)];
    let back: Value = visit(&app, Method::GET, session, &cookie).await.json().await.unwrap();
    assert_eq!((&back["search_id"], &back["consent_id"]), (&found["search_id"], &json!(yes)));
    assert_eq!(back["matches"][0], found["matches"][0]);
    assert_eq!(back["matches"][1]["photo_id"], json!(second.id));
    assert_eq!((&back["photos_total"], &back["photos_pending"]), (&json!(2), &json!(0)));
}

#[tokio::test]
async fn only_the_device_that_searched_under_a_consent_comes_back() {
    let app = start().await;
    let (session, other) = (app.session().await, app.session().await);
    let photo = app.photo(session, "a.jpg").await;
    let without = search(&app, session, &photo, None).await;
    assert!(!without.headers().contains_key(SET_COOKIE), "nothing is kept without a consent");
    let yes = consent(&app, session).await;
    let mine = cookie(&search(&app, session, &photo, Some(yes)).await);
    let none = app.get(&format!("/api/v1/sessions/{session}/visit")).await;
    assert_eq!(none.status(), 204, "without the cookie");
    assert_eq!(visit(&app, Method::GET, session, "pixora_visit=guessed").await.status(), 204);
    assert_eq!(visit(&app, Method::GET, other, &mine).await.status(), 204, "another session");
    let newer = cookie(&search(&app, session, &photo, Some(yes)).await);
    assert_eq!(visit(&app, Method::GET, session, &mine).await.status(), 204, "the newer search counts");
    assert_eq!(visit(&app, Method::GET, session, &newer).await.status(), 200);

    *app.search.full.lock().unwrap() = Some(std::time::Duration::from_secs(3));
    let busy = visit(&app, Method::GET, session, &newer).await;
    assert_problem(busy, 503, SearchError::QueueFull { retry_after: Default::default() }.code()).await;
    *app.search.full.lock().unwrap() = None;
    app.set_facepass(session, false).await;
    app.later(30);
    assert_problem(visit(&app, Method::GET, session, &newer).await, 404, "facepass_disabled").await;
}

#[tokio::test]
async fn forget_me_takes_everything_back_also_after_the_session_was_closed() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await;
    let yes = consent(&app, session).await;
    let mine = cookie(&search(&app, session, &photo, Some(yes)).await);
    app.set_facepass(session, false).await;
    app.later(30);
    let forgotten = visit(&app, Method::DELETE, session, &mine).await;
    assert_eq!(forgotten.status(), 204);
    assert!(forgotten.headers()[SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
    assert!(app.probing.is_empty());
    assert_eq!(app.app.store.guests().consent(yes).await.unwrap(), None);
    app.set_facepass(session, true).await;
    app.later(30);
    assert_eq!(visit(&app, Method::GET, session, &mine).await.status(), 204);
    assert_eq!(visit(&app, Method::DELETE, session, &mine).await.status(), 204, "twice is as good as once");
}

#[tokio::test]
async fn a_page_without_cookies_keeps_its_visit_by_a_header() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await;
    let yes = consent(&app, session).await;
    *app.search.again.lock().unwrap() = vec![matching(&photo)];
    let shown = async |method: Method, token: &str| {
        let path = format!("/api/v1/sessions/{session}/visit");
        app.request(method, &path).header("pixora-visit", token).send().await.unwrap()
    };

    let answer = search_holding(&app, session, &photo, Some(yes), Some("new")).await;
    assert!(!answer.headers().contains_key(SET_COOKIE), "no cookie beside the token");
    let found: Value = answer.json().await.unwrap();
    let first = found["visit_token"].as_str().expect("a token").to_owned();
    let back: Value = shown(Method::GET, &first).await.json().await.unwrap();
    assert_eq!((&back["search_id"], &back["consent_id"]), (&found["search_id"], &json!(yes)));

    // The next search takes the place of the one before, as with a cookie.
    let found = search_holding(&app, session, &photo, Some(yes), Some(&first)).await;
    let found: Value = found.json().await.unwrap();
    let token = found["visit_token"].as_str().expect("a token");
    assert_eq!(shown(Method::GET, &first).await.status(), 204);
    assert_eq!(shown(Method::GET, token).await.status(), 200);
    for strange in ["new", "", "guessed"] {
        let none = shown(Method::GET, strange).await;
        assert_eq!(none.status(), 204, "{strange}");
        assert!(!none.headers().contains_key(SET_COOKIE), "{strange}");
    }
    // The header goes before a cookie, which may be another guest's.
    let cookie = format!("pixora_visit={token}");
    let path = format!("/api/v1/sessions/{session}/visit");
    let both = app.request(Method::GET, &path).header(COOKIE, &cookie).header("pixora-visit", "new");
    assert_eq!(both.send().await.unwrap().status(), 204);

    // Without a consent nothing is kept, and a page with cookies is told no token.
    let plain: Value = search_holding(&app, session, &photo, None, Some("new")).await.json().await.unwrap();
    assert_eq!(plain.get("visit_token"), None);
    let other = consent(&app, session).await;
    let with_cookie: Value = search(&app, session, &photo, Some(other)).await.json().await.unwrap();
    assert_eq!(with_cookie.get("visit_token"), None, "a script of our own page never sees it");

    let wish = json!({ "version": "1", "language": "en" });
    let path = format!("/api/v1/sessions/{session}/hide-requests");
    let asked = app.request(Method::POST, &path).json(&wish).header("pixora-visit", "guessed").send();
    assert_problem(asked.await.unwrap(), 409, "not_found_yet").await;

    assert_eq!(shown(Method::GET, token).await.status(), 200);
    let forgotten = shown(Method::DELETE, token).await;
    assert_eq!(forgotten.status(), 204);
    assert_eq!(shown(Method::GET, token).await.status(), 204);
    assert_eq!(app.app.store.guests().consent(yes).await.unwrap(), None);
}
