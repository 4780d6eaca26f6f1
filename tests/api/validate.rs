use pixora::domain::PhotoSessionId;
use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{MALFORMED, TestApp, assert_problem, start};

#[tokio::test]
async fn a_valid_session_is_shown_exactly_as_the_contract_says() {
    let app = start().await;
    let id = app.session().await;
    let studio = app.studio().await;
    let photographer = app.app.sessions.get(id).await.unwrap().photographer_id;
    let text = app.get(&format!("/api/v1/sessions/validate/{id}")).await.text().await.unwrap();
    let expected = format!(
        "{{\"valid\":true,\"session\":{{\"id\":\"{id}\",\"name\":\"Anna & Ivan\",\"studio_id\":\"{studio}\",\
         \"facepass_enabled\":true,\"photographer_id\":\"{}\",\"status\":\"active\",\
         \"created_at\":\"2026-02-18T17:55:51.746000+00:00\",\"updated_at\":\"2026-02-18T17:55:51.746000+00:00\"}},\
         \"error\":null}}",
        photographer.expect("the helper sets one"),
    );
    assert_eq!(text, expected);
}

#[tokio::test]
async fn a_session_that_is_not_there_or_switched_off_is_a_200_that_says_so() {
    let app = start().await;
    let off = app.session().await;
    app.set_facepass(off, false).await;
    let refused = |error| json!({ "valid": false, "session": null, "error": error });
    let absent = PhotoSessionId::generate();
    let path = |id| format!("/api/v1/sessions/validate/{id}");
    assert_eq!(app.get_json(&path(absent)).await, refused("Session not found"));
    assert_eq!(app.get_json(&path(off)).await, refused("FacePass is not enabled"));
}

#[tokio::test]
async fn a_malformed_id_is_a_422() {
    let app = start().await;
    for id in MALFORMED {
        let response = app.get(&format!("/api/v1/sessions/validate/{id}")).await;
        assert_problem(response, 422, "malformed_id").await;
    }
}

#[tokio::test]
async fn a_source_that_is_away_is_a_500_that_tells_nothing() {
    let app = start().await;
    app.source.down.store(true, std::sync::atomic::Ordering::SeqCst);
    let response = app.get(&format!("/api/v1/sessions/validate/{}", PhotoSessionId::generate())).await;
    let problem = assert_problem(response, 500, "source_unavailable").await.to_string();
    for secret in ["hunter2", "postgres", "db.internal", "switched"] {
        assert!(!problem.contains(secret), "{problem}");
    }
}

async fn batch(app: &TestApp, body: &Value) -> reqwest::Response {
    app.request(Method::POST, "/api/v1/sessions/validate").json(body).send().await.unwrap()
}

#[tokio::test]
async fn a_batch_answers_each_id_in_order_and_as_often_as_asked() {
    let app = start().await;
    let (valid, off) = (app.session().await, app.session().await);
    app.set_facepass(off, false).await;
    let absent = PhotoSessionId::generate();
    let ids = [absent, valid, off, valid];
    for name in ["session_ids", "sessionIds"] {
        let answer: Value = batch(&app, &json!({ name: ids })).await.json().await.unwrap();
        let results = answer["results"].as_array().unwrap();
        let seen: Vec<PhotoSessionId> =
            results.iter().map(|r| r["session_id"].as_str().unwrap().parse().unwrap()).collect();
        assert_eq!(seen, ids);
        let errors: Vec<_> = results.iter().map(|r| r["error"].as_str().unwrap_or("none")).collect();
        assert_eq!(errors, ["Session not found", "none", "FacePass is not enabled", "none"]);
        assert_eq!(results[1]["session"]["id"], json!(valid));
        assert_eq!(results[1]["valid"], true);
    }
}

#[tokio::test]
async fn a_batch_has_its_limits() {
    let app = start().await;
    let ids = |n| json!({ "session_ids": vec![PhotoSessionId::generate(); n] });
    assert_eq!(batch(&app, &ids(0)).await.status(), 200);
    assert_eq!(batch(&app, &ids(100)).await.status(), 200);
    assert_problem(batch(&app, &ids(101)).await, 422, "too_many_ids").await;
    assert_problem(batch(&app, &json!({ "session_ids": ["nonsense"] })).await, 422, "malformed_id").await;
    assert_problem(batch(&app, &json!({ "session_ids": 5 })).await, 422, "malformed_body").await;
    assert_problem(batch(&app, &json!({})).await, 422, "malformed_body").await;
    let long = json!({ "session_ids": ["x".repeat(300 << 10)] });
    assert_problem(batch(&app, &long).await, 413, "body_too_large").await;
    let post = || app.request(Method::POST, "/api/v1/sessions/validate");
    let broken = post().header("content-type", "application/json").body("{").send().await.unwrap();
    assert_problem(broken, 422, "malformed_body").await;
    let untyped = post().body("{\"session_ids\":[]}").send().await.unwrap();
    assert_problem(untyped, 415, "unsupported_type").await;
}
