use pixora::domain::{PhotoFacts, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{assert_problem, start};

#[tokio::test]
async fn the_studio_moves_a_clock_and_the_gallery_follows() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    let by = |camera: &str| PhotoFacts { camera: Some(camera.into()), ..PhotoFacts::default() };
    // The helper takes the time from the name: b comes after a.
    app.photo_with(session, "a.jpg", by("Canon ·1")).await;
    app.photo_with(session, "b.jpg", by("Nikon ·2")).await;
    let path = format!("/api/photo-sessions/{session}/clocks");
    let clocks = app.get_as(&user, &path).await;
    assert_eq!((&clocks["utc_offset_minutes"], &clocks["is_chosen"]), (&json!(0), &json!(false)));
    assert_eq!(clocks["cameras"][1]["camera"], "Nikon ·2");
    assert_eq!(clocks["cameras"][1]["first_taken_at"], "2026-06-20T17:00:00");

    let shift =
        json!({ "cameras": [{ "camera": "Nikon ·2", "shift_seconds": -3600 }], "utc_offset_minutes": 180 });
    let answer = app.send_as(&user, Method::PATCH, &path, shift).await;
    assert_eq!(answer.status(), 200);
    let clocks: Value = answer.json().await.unwrap();
    assert_eq!(clocks["cameras"][1]["shift_seconds"], -3600);
    assert_eq!((&clocks["utc_offset_minutes"], &clocks["is_chosen"]), (&json!(180), &json!(true)));
    let page = app.get_as(&user, &format!("/api/photo-sessions/{session}/photos")).await;
    assert_eq!(page["photos"][0]["filename"], "b.jpg");
    assert_eq!(page["photos"][0]["camera"], "Nikon ·2");

    let wrong = [
        (json!({ "cameras": [{ "camera": "Leica", "shift_seconds": 1 }] }), "unknown_camera"),
        (json!({ "utc_offset_minutes": 900 }), "invalid_clock"),
        (json!({ "cameras": [{ "camera": "Nikon ·2", "shift_seconds": i64::MAX }] }), "invalid_clock"),
        (json!({ "cameras": [{ "camera": "Nikon ·2", "shift_seconds": i64::MIN }] }), "invalid_clock"),
        (json!({ "hours": 1 }), "unknown_field"),
    ];
    for (body, code) in wrong {
        assert_problem(app.send_as(&user, Method::PATCH, &path, body).await, 422, code).await;
    }
    let back: Value = app
        .send_as(&user, Method::PATCH, &path, json!({ "utc_offset_minutes": null }))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!((&back["utc_offset_minutes"], &back["is_chosen"]), (&json!(0), &json!(false)));
    let stranger = app.user(Role::Photographer, &[app.other_studio().await]).await;
    assert_problem(app.send_as(&stranger, Method::PATCH, &path, json!({})).await, 404, "session_not_found")
        .await;
}

#[tokio::test]
async fn four_stars_and_more_become_visible() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    let rated = |stars| PhotoFacts { rating: Some(stars), readable: Some(88), ..PhotoFacts::default() };
    for (name, stars) in [("a.jpg", 5), ("b.jpg", 3), ("c.jpg", 4)] {
        app.photo_with(session, name, rated(stars)).await;
    }
    let photos = format!("/api/photo-sessions/{session}/photos");
    let page = app.get_as(&user, &format!("{photos}?min_rating=4")).await;
    let names: Vec<_> = page["photos"].as_array().unwrap().iter().map(|it| it["filename"].clone()).collect();
    assert_eq!(names, ["a.jpg", "c.jpg"]);
    assert_eq!((&page["photos"][0]["damaged"], &page["photos"][0]["readable"]), (&json!(true), &json!(88)));
    let batch = format!("{photos}/batch");
    let hide = app.send_as(&user, Method::POST, &batch, json!({ "min_rating": 1, "action": "hide" })).await;
    assert_eq!(hide.json::<Value>().await.unwrap()["changed"], 3);
    let show = app.send_as(&user, Method::POST, &batch, json!({ "min_rating": 4, "action": "select" })).await;
    assert_eq!(show.json::<Value>().await.unwrap()["changed"], 2);
    assert_eq!(app.get_as(&user, &photos).await["counts"]["selected"], 2);
    for body in [json!({ "min_rating": 4, "action": "delete" }), json!({ "min_rating": 9, "action": "hide" })]
    {
        assert_problem(app.send_as(&user, Method::POST, &batch, body).await, 422, "malformed_body").await;
    }
    for query in ["min_rating=0", "min_rating=many"] {
        let answer = app.send_as(&user, Method::GET, &format!("{photos}?{query}"), Value::Null).await;
        assert_problem(answer, 422, "malformed_query").await;
    }
}
