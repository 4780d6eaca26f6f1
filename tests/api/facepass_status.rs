use pixora::domain::PhotoSessionId;
use serde_json::json;

use crate::helpers::{assert_problem, start};

#[tokio::test]
async fn it_counts_what_is_indexed_and_what_waits() {
    let app = start().await;
    let id = app.session().await;
    app.photo(id, "a.jpg").await;
    app.photo(id, "b.jpg").await;
    app.queued_photo(id, "c.jpg").await;
    let path = format!("/api/v1/sessions/{id}/facepass-status");
    let expected = |enabled| {
        json!({
            "session_id": id, "facepass_enabled": enabled, "status": "active", "photos_total": 3, "photos_ready": 2,
            "photos_indexed": 2, "faces_indexed": 0, "queued": 1, "rejected": 0,
        })
    };
    assert_eq!(app.get_json(&path).await, expected(true));
    app.set_facepass(id, false).await;
    app.later(30);
    assert_eq!(
        app.get_json(&path).await,
        expected(false),
        "within the cache time it says that FacePass is off"
    );
}

#[tokio::test]
async fn no_session_no_status() {
    let app = start().await;
    let path = |id: &str| format!("/api/v1/sessions/{id}/facepass-status");
    let absent = PhotoSessionId::generate().to_string();
    assert_problem(app.get(&path(&absent)).await, 404, "session_not_found").await;
    assert_problem(app.get(&path("x")).await, 422, "malformed_id").await;
}
