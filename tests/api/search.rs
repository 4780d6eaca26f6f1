use std::time::Duration;

use pixora::{
    domain::{ConsentId, PhotoSessionId, RelativeBox, Role, SearchId},
    search::{Match, ProbeFace, SearchAnswer, SearchError},
};
use reqwest::{
    Method, Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::helpers::{TestApp, assert_problem, start};

const MB: usize = 1 << 20;

fn selfie(bytes: usize) -> Part {
    Part::bytes(vec![7; bytes]).file_name("me.jpg").mime_str("image/jpeg").expect("a type")
}

async fn search(app: &TestApp, session: impl std::fmt::Display, form: Form) -> Response {
    let path = format!("/api/v1/sessions/{session}/search");
    app.request(Method::POST, &path).multipart(form).send().await.expect("the server answers")
}

fn rect(x: f32) -> RelativeBox {
    RelativeBox { x, y: 0.25, w: 0.5, h: 0.125 }
}

#[tokio::test]
async fn matches_come_with_everything_the_page_needs() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await;
    let unsure = app.photo(session, "b.jpg").await;
    let (id, found, doubtful) = (SearchId::generate(), photo.clone(), unsure.clone());
    app.search.answer(move |request| {
        assert_eq!(request.session, session);
        assert_eq!(request.selfies.iter().map(bytes::Bytes::len).collect::<Vec<_>>(), [3, 5]);
        Ok(SearchAnswer {
            id,
            model: "test".into(),
            faces: vec![
                ProbeFace { index: 0, selfie: 0, rect: rect(0.0), quality: 0.5, chosen: true },
                ProbeFace { index: 0, selfie: 1, rect: rect(0.5), quality: 0.25, chosen: false },
            ],
            matches: vec![Match {
                photo: found.clone(),
                external_ids: Vec::new(),
                score: 0.75,
                rect: rect(0.25),
            }],
            perhaps: vec![Match {
                photo: doubtful.clone(),
                external_ids: Vec::new(),
                score: 0.2,
                rect: rect(0.5),
            }],
            photos_total: 9,
            photos_pending: 2,
        })
    });
    let response =
        search(&app, session, Form::new().part("selfie", selfie(3)).part("selfie", selfie(5))).await;
    assert_eq!(response.status(), 200);
    let mut answered = response.json::<Value>().await.unwrap();
    let perhaps = answered["perhaps"].take();
    assert_eq!((&perhaps[0]["photo_id"], &perhaps[0]["filename"]), (&json!(unsure.id), &json!("b.jpg")));
    let url = |name: &str| format!("/media/{session}/{}/{name}.jpg", photo.id);
    let expected = json!({
        "search_id": id, "session_id": session, "model": "test", "photos_total": 9, "photos_pending": 2, "perhaps": null,
        "faces": [
            { "index": 0, "selfie": 0, "box": { "x": 0.0, "y": 0.25, "w": 0.5, "h": 0.125 }, "quality": 0.5, "chosen": true },
            { "index": 0, "selfie": 1, "box": { "x": 0.5, "y": 0.25, "w": 0.5, "h": 0.125 }, "quality": 0.25, "chosen": false },
        ],
        "matches": [{
            "photo_id": photo.id, "photo_session_id": session, "filename": "a.jpg", "external_id": null, "has_picture": true, "return_url": null, "score": 0.75,
            "box": { "x": 0.25, "y": 0.25, "w": 0.5, "h": 0.125 }, "width": 4000, "height": 2000,
            "thumbhash": "AQID", "taken_at": "2026-06-20T17:00:00", "thumb_url": url("320-00000000000000a1"),
            "tile_url": url("320-00000000000000a1"),
            "preview_url": url("1024-00000000000000b2"), "full_url": url("2048-00000000000000c3"),
        }],
    });
    assert_eq!(answered, expected);
    let admin = app.user(Role::SuperAdmin, &[]).await;
    let metrics = app.request(Method::GET, "/metrics").bearer_auth(&admin.access_token);
    let metrics = metrics.send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("pixora_search_duration_seconds_count{outcome=\"hit\"}"), "{metrics}");
}

#[tokio::test]
async fn the_chosen_face_the_consent_and_confirmed_photos_reach_the_search() {
    let app = start().await;
    let session = app.session().await;
    let given = json!({ "version": "1", "language": "en" });
    let given = app.post_json(&format!("/api/v1/sessions/{session}/consents"), &given).await;
    let given: Value = given.json().await.unwrap();
    let consent: ConsentId = given["consent_id"].as_str().unwrap().parse().unwrap();
    let (seen, sees) = std::sync::mpsc::channel();
    app.search.answer(move |request| {
        seen.send((request.face, request.consent, request.confirmed)).expect("the test listens");
        Err(SearchError::NoFace)
    });
    search(&app, session, Form::new().part("selfie", selfie(1))).await;
    assert_eq!(sees.try_recv(), Ok((None, None, Vec::new())));
    let photo = pixora::domain::PhotoId::generate();
    let form =
        Form::new().text("consent_id", consent.to_string()).text("face", "2").part("selfie", selfie(1));
    search(&app, session, form.text("confirmed", photo.to_string())).await;
    assert_eq!(sees.try_recv(), Ok((Some(2), Some(consent), vec![photo])));
}

#[tokio::test]
async fn every_failure_of_a_search_has_its_status_and_code() {
    let app = start().await;
    let session = app.session().await;
    let cases: [(fn() -> SearchError, u16); 9] = [
        (|| SearchError::NoFace, 422),
        (|| SearchError::LowQuality { reasons: vec!["too_dark", "blurred"] }, 422),
        (|| SearchError::UnknownFace, 422),
        (|| SearchError::UnknownConsent, 422),
        (|| SearchError::UnsupportedType, 415),
        (|| SearchError::Undecodable { readable: Some(40) }, 422),
        (|| SearchError::QueueFull { retry_after: Duration::from_secs(7) }, 503),
        (|| SearchError::TimedOut, 503),
        (|| SearchError::Internal("/var/lib/pixora is full".into()), 500),
    ];
    for (error, status) in cases {
        app.search.answer(move |_| Err(error()));
        let response = search(&app, session, Form::new().part("selfie", selfie(1))).await;
        let retry_after = response.headers().get("retry-after").cloned();
        let problem = assert_problem(response, status, error().code()).await;
        assert!(!problem.to_string().contains("/var/lib"), "{problem}");
        match error() {
            SearchError::LowQuality { .. } => {
                assert_eq!(problem["reasons"], json!(["too_dark", "blurred"]));
                let detail = problem["detail"].as_str().unwrap();
                assert!(
                    detail.contains("brighter") && detail.contains("still"),
                    "says how to do better: {detail}"
                );
            }
            SearchError::Undecodable { .. } => assert_eq!(problem["readable"], 40),
            SearchError::QueueFull { .. } => assert_eq!(retry_after.unwrap(), "7"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_search_that_panics_is_a_500_and_the_service_goes_on() {
    let app = start().await;
    let session = app.session().await;
    app.search.answer(|_| panic!("on purpose, in a test"));
    let response = search(&app, session, Form::new().part("selfie", selfie(1))).await;
    let problem = assert_problem(response, 500, "internal").await;
    assert!(!problem.to_string().contains("on purpose"), "{problem}");
    assert_eq!(app.get("/healthz").await.status(), 200);
}

#[tokio::test]
async fn a_form_is_held_to_its_limits() {
    let app = start().await;
    let session = app.session().await;
    let send = async |form| search(&app, session, form).await;

    assert_problem(send(Form::new().text("face", "0")).await, 422, "missing_selfie").await;
    let six = (0..6).fold(Form::new(), |form, _| form.part("selfie", selfie(1)));
    assert_problem(send(six).await, 422, "too_many_selfies").await;
    assert_problem(send(Form::new().part("selfie", selfie(10 * MB + 1))).await, 413, "selfie_too_large")
        .await;
    assert_problem(send(Form::new().part("selfie", selfie(10 * MB))).await, 422, "no_face").await;
    let form = Form::new().part("selfie", selfie(1)).text("face", "first");
    assert_problem(send(form).await, 422, "unknown_face").await;
    let form = Form::new().part("selfie", selfie(1)).text("consent_id", "x");
    assert_problem(send(form).await, 422, "malformed_id").await;
    let form = Form::new().part("selfie", selfie(1)).text("consent_id", "x".repeat(100));
    assert_problem(send(form).await, 422, "malformed_body").await;
    let form = Form::new().part("selfie", selfie(1)).text("session_id", "x");
    assert_eq!(assert_problem(send(form).await, 422, "unknown_field").await["field"], "session_id");
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let app = start().await;
    let session = app.session().await;
    let post = || app.request(Method::POST, &format!("/api/v1/sessions/{session}/search"));
    let json = post().json(&json!({ "selfie": "x" })).send().await.unwrap();
    assert_problem(json, 415, "unsupported_type").await;
    let cut = post().header("content-type", "multipart/form-data; boundary=x");
    let cut =
        cut.body("--x\r\nContent-Disposition: form-data; name=\"selfie\"\r\n\r\nabc").send().await.unwrap();
    assert_problem(cut, 422, "malformed_body").await;
}

#[tokio::test]
async fn only_an_open_session_is_searched() {
    let app = start().await;
    let session = app.session().await;
    let form = || Form::new().part("selfie", selfie(1));
    assert_problem(search(&app, PhotoSessionId::generate(), form()).await, 404, "session_not_found").await;
    assert_problem(search(&app, "x", form()).await, 422, "malformed_id").await;
    assert_problem(search(&app, session, form()).await, 422, "no_face").await;
    app.set_facepass(session, false).await;
    app.later(30);
    assert_problem(search(&app, session, form()).await, 404, "facepass_disabled").await;
}

/// Guests who search without pause took every core.
#[tokio::test]
async fn an_address_that_searches_without_pause_is_told_to_wait() {
    let app = start().await;
    let session = app.session().await;
    let mut refused = None;
    // The budget of an address is 600 at once and 20 more a second.
    for _ in 0..40 {
        let burst = (0..50).map(|_| search(&app, session, Form::new().part("selfie", selfie(1))));
        let answers = futures::future::join_all(burst).await;
        refused = answers.into_iter().find(|answer| answer.status() == 429);
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.expect("2,000 searches are more than the budget");
    assert_problem(refused, 429, "too_many_searches").await;
    // Others of the session are not concerned: the address is.
    let other = app
        .app
        .guests
        .admit(session, &pixora::guests::Pass::none(), pixora::search::Asker::at([203, 0, 113, 9].into()))
        .await;
    assert!(other.is_ok());
}

#[tokio::test]
async fn a_search_that_cannot_be_done_in_time_is_refused_before_its_pictures_are_read() {
    let app = start().await;
    let session = app.session().await;
    *app.search.full.lock().unwrap() = Some(Duration::from_millis(6_500));
    // The form is not even one.
    let post = app.request(Method::POST, &format!("/api/v1/sessions/{session}/search"));
    let response =
        post.header("content-type", "multipart/form-data; boundary=x").body("no form").send().await.unwrap();
    assert_eq!(response.headers()["retry-after"], "7", "rounded up, so that it is true");
    assert_problem(response, 503, "queue_full").await;
    *app.search.full.lock().unwrap() = None;
    assert_problem(search(&app, session, Form::new().part("selfie", selfie(1))).await, 422, "no_face").await;
}
