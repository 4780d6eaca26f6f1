use std::sync::atomic::Ordering;

use pixora::domain::PhotoSessionId;
use serde_json::json;

use crate::helpers::{MALFORMED, assert_problem, start};

#[tokio::test]
async fn the_session_is_shown_also_while_facepass_is_off() {
    let app = start().await;
    let id = app.session().await;
    app.set_facepass(id, false).await;
    let session = app.get_json(&format!("/api/v1/sessions/{id}")).await;
    let time = "2026-02-18T17:55:51.746000+00:00";
    let photographer = &session["photographer_id"];
    assert!(photographer.is_string());
    assert_eq!(
        session,
        json!({
            "id": id, "name": "Anna & Ivan", "description": "By the lake", "studio_id": app.studio().await,
            "photographer_id": photographer, "status": "active", "facepass_enabled": false,
            "scheduled_at": time, "completed_at": null, "created_at": time, "updated_at": time,
        })
    );
}

#[tokio::test]
async fn no_session_is_a_404_and_no_id_a_422() {
    let app = start().await;
    assert_problem(
        app.get(&format!("/api/v1/sessions/{}", PhotoSessionId::generate())).await,
        404,
        "session_not_found",
    )
    .await;
    for id in MALFORMED {
        assert_problem(app.get(&format!("/api/v1/sessions/{id}")).await, 422, "malformed_id").await;
    }
}

#[tokio::test]
async fn while_the_source_is_away_a_session_seen_lately_goes_on() {
    let app = start().await;
    let id = app.session().await;
    let path = format!("/api/v1/sessions/{id}");
    assert_eq!(app.get(&path).await.status(), 200);
    app.source.down.store(true, Ordering::SeqCst);
    app.later(31);
    assert_eq!(app.get(&path).await.status(), 200);
    app.later(270);
    assert_problem(app.get(&path).await, 500, "source_unavailable").await;
}

#[tokio::test]
async fn the_qr_code_leads_to_the_guests_page() {
    let app = start().await;
    let id = app.session().await;
    let link = app.app.studio.own_link(id, chrono::Utc::now()).await.unwrap();
    let response = app.get(&format!("/api/v1/sessions/{id}/qr.svg")).await;
    assert_eq!(response.headers()["content-type"], "image/svg+xml");
    let expected = pixora::http::qr_svg(&format!("HTTPS://PHOTOS.EXAMPLE/G/{}", link.code)).unwrap();
    assert_eq!(response.text().await.unwrap(), expected);
    assert_ne!(expected, pixora::http::qr_svg("https://photos.example/session/other").unwrap());
}
