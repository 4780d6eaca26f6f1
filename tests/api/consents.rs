use pixora::{
    domain::{ConsentId, Language, PhotoSessionId, SearchId},
    store::NewSearch,
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::helpers::{TestApp, assert_problem, created_at, start};

async fn give(app: &TestApp, session: PhotoSessionId, body: &Value) -> Response {
    app.request(Method::POST, &format!("/api/v1/sessions/{session}/consents"))
        .json(body)
        .send()
        .await
        .unwrap()
}

async fn withdraw(app: &TestApp, session: PhotoSessionId, consent: &str) -> Response {
    app.request(Method::DELETE, &format!("/api/v1/sessions/{session}/consents/{consent}"))
        .send()
        .await
        .unwrap()
}

async fn given(app: &TestApp, session: PhotoSessionId) -> ConsentId {
    let response = give(app, session, &json!({ "version": "2026-11", "language": "ru" })).await;
    assert_eq!(response.status(), 201);
    let body: Value = response.json().await.unwrap();
    body["consent_id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_consent_is_recorded_with_what_was_agreed_to() {
    let app = start().await;
    let session = app.session().await;
    let id = given(&app, session).await;
    let consent = app.app.store.guests().consent(id).await.unwrap().expect("is in the database");
    assert_eq!(
        (consent.photo_session_id, &*consent.version, consent.language),
        (session, "2026-11", Language::Russian)
    );
}

#[tokio::test]
async fn withdrawing_erases_the_consent_and_its_searches_once() {
    let app = start().await;
    let session = app.session().await;
    let id = given(&app, session).await;
    let search =
        NewSearch { id: SearchId::generate(), photo_session_id: session, consent_id: Some(id), matches: 1 };
    app.app.store.guests().record_search(&search, created_at()).await.unwrap();
    // Also after the photographer closed the session.
    app.set_facepass(session, false).await;
    app.later(30);
    assert_eq!(withdraw(&app, session, &id.to_string()).await.status(), 204);
    assert_eq!(app.app.store.guests().consent(id).await.unwrap(), None);
    assert_eq!(app.app.store.guests().searches(session).await.unwrap(), 0);
    assert_problem(withdraw(&app, session, &id.to_string()).await, 404, "consent_not_found").await;
}

#[tokio::test]
async fn a_consent_of_another_session_cannot_be_withdrawn() {
    let app = start().await;
    let (session, other) = (app.session().await, app.session().await);
    let id = given(&app, session).await;
    assert_problem(withdraw(&app, other, &id.to_string()).await, 404, "consent_not_found").await;
    assert!(app.app.store.guests().consent(id).await.unwrap().is_some());
    assert_problem(withdraw(&app, session, "x").await, 422, "malformed_id").await;
}

#[tokio::test]
async fn only_a_sound_consent_to_an_open_session_is_recorded() {
    let app = start().await;
    let session = app.session().await;
    for (version, language) in
        [("", "ru"), ("2026-11", "de"), ("2026 11", "en"), ("<b>", "en"), (&"1".repeat(33), "en")]
    {
        let response = give(&app, session, &json!({ "version": version, "language": language })).await;
        assert_problem(response, 422, "invalid_consent").await;
    }
    assert_problem(give(&app, session, &json!({ "version": "1" })).await, 422, "malformed_body").await;
    let sound = json!({ "version": "2026-11", "language": "en" });
    assert_problem(give(&app, PhotoSessionId::generate(), &sound).await, 404, "session_not_found").await;
    app.set_facepass(session, false).await;
    app.later(30);
    assert_problem(give(&app, session, &sound).await, 404, "facepass_disabled").await;
}
