use chrono::{TimeDelta, TimeZone, Utc};
use pixora::domain::{PhotoSessionId, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{assert_problem, start};

fn names(page: &Value) -> Vec<&str> {
    page["photos"].as_array().unwrap().iter().map(|photo| photo["filename"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_photo_has_everything_the_gallery_needs() {
    let app = start().await;
    let id = app.session().await;
    let photo = app.photo(id, "a.jpg").await;
    app.queued_photo(id, "waiting.jpg").await;
    let page = app.get_json(&format!("/api/v1/sessions/{id}/photos")).await;
    let url = |name: &str| format!("/media/{id}/{}/{name}.jpg", photo.id);
    assert_eq!(
        page,
        json!({
            "photos": [{
                "photo_id": photo.id, "photo_session_id": id, "filename": "a.jpg", "width": 4000, "height": 2000, "thumbhash": "AQID",
                "taken_at": "2026-06-20T17:00:00", "thumb_url": url("320-00000000000000a1"),
                "tile_url": url("320-00000000000000a1"), "preview_url": url("1024-00000000000000b2"), "full_url": url("2048-00000000000000c3"), "faces": 0, "focus": null,
            }],
            "next_cursor": null, "total": 1, "pending": 1,
        })
    );
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let app = start().await;
    let id = app.session().await;
    let all: Vec<String> = (b'a'..=b'g').map(|c| format!("{}.jpg", char::from(c))).collect();
    for name in all.iter().rev() {
        app.photo(id, name).await;
    }
    let mut seen = Vec::new();
    let mut query = "limit=3".to_owned();
    loop {
        let page = app.get_json(&format!("/api/v1/sessions/{id}/photos?{query}")).await;
        assert_eq!(page["total"], 7);
        assert!(page["photos"].as_array().unwrap().len() <= 3);
        seen.extend(names(&page).into_iter().map(ToOwned::to_owned));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("limit=3&cursor={cursor}");
    }
    assert_eq!(seen, all, "by the time of the shot");
    let page = app.get_json(&format!("/api/v1/sessions/{id}/photos?limit=7")).await;
    assert_eq!(page["next_cursor"], Value::Null, "a full last page has no next");
}

#[tokio::test]
async fn a_hidden_photo_and_another_sessions_photo_are_not_listed() {
    let app = start().await;
    let (id, other) = (app.session().await, app.session().await);
    let hidden = app.photo(id, "hidden.jpg").await;
    app.photo(id, "shown.jpg").await;
    app.photo(other, "other.jpg").await;
    app.app.store.photos().set_selected(id, &[hidden.id], false).await.unwrap();
    assert_eq!(names(&app.get_json(&format!("/api/v1/sessions/{id}/photos")).await), ["shown.jpg"]);
}

#[tokio::test]
async fn one_photo_is_as_the_gallery_lists_it_and_only_where_a_guest_sees_it() {
    let app = start().await;
    let (id, other) = (app.session().await, app.session().await);
    let (shown, hidden) = (app.photo(id, "shown.jpg").await.id, app.photo(id, "hidden.jpg").await.id);
    let queued = app.queued_photo(id, "queued.jpg").await;
    let others = app.photo(other, "other.jpg").await.id;
    app.app.store.photos().set_selected(id, &[hidden], false).await.unwrap();
    let listed = app.get_json(&format!("/api/v1/sessions/{id}/photos")).await;
    let one = |photo| format!("/api/v1/sessions/{id}/gallery/{photo}");
    assert_eq!(app.get_json(&one(shown)).await, listed["photos"][0]);
    for photo in [hidden, queued, others] {
        assert_problem(app.get(&one(photo)).await, 404, "photo_not_found").await;
    }
    let nonsense = format!("/api/v1/sessions/{id}/gallery/nonsense");
    assert_problem(app.get(&nonsense).await, 422, "malformed_id").await;
}

#[tokio::test]
async fn limits_and_cursors_are_checked() {
    let app = start().await;
    let id = app.session().await;
    let get = async |query: &str| app.get(&format!("/api/v1/sessions/{id}/photos?{query}")).await;
    assert_eq!(get("limit=200").await.status(), 200);
    for limit in ["0", "201", "-1", "ten", "", "99999999999"] {
        assert_problem(get(&format!("limit={limit}")).await, 422, "invalid_limit").await;
    }
    for cursor in ["", "x", "0.", "'%20OR%201=1", "00.not-an-id", "%F0%9F%93%B7"] {
        assert_problem(get(&format!("cursor={cursor}")).await, 422, "invalid_cursor").await;
    }
    assert_problem(get("limit=1&limit=2").await, 422, "malformed_query").await;
}

#[tokio::test]
async fn a_closed_session_shows_nothing_within_the_cache_time() {
    let app = start().await;
    let id = app.session().await;
    let path = format!("/api/v1/sessions/{id}/photos");
    assert_eq!(app.get(&path).await.status(), 200);
    app.set_facepass(id, false).await;
    app.later(30);
    assert_problem(app.get(&path).await, 404, "facepass_disabled").await;
    let absent = format!("/api/v1/sessions/{}/photos", PhotoSessionId::generate());
    assert_problem(app.get(&absent).await, 404, "session_not_found").await;
}

#[tokio::test]
async fn the_hours_of_a_gallery_count_what_a_guest_sees_by_the_sessions_clock() {
    let app = start().await;
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let id = app.session().await;
    let mut photos = Vec::new();
    for name in ["a.jpg", "b.jpg", "c.jpg", "hidden.jpg"] {
        photos.push(app.photo(id, name).await);
    }
    // Two at 21:59 UTC, two at 22:00 UTC, of which one is hidden; the session is two hours ahead.
    let mut rows = app.rows().await;
    let at = |minute| Utc.with_ymd_and_hms(2026, 6, 20, 21, 59, 0).unwrap() + TimeDelta::minutes(minute);
    for (photo, minute) in photos.iter().zip([0, 0, 1, 1]) {
        sqlx::query("UPDATE photos SET ordered_at = $2 WHERE id = $1")
            .bind(photo.id.to_string())
            .bind(at(minute).timestamp_micros())
            .execute(&mut rows)
            .await
            .unwrap();
    }
    sqlx::query("DELETE FROM session_clocks WHERE photo_session_id = $1")
        .bind(id.to_string())
        .execute(&mut rows)
        .await
        .unwrap();
    sqlx::query("INSERT INTO session_clocks (photo_session_id, offset_minutes, chosen) VALUES ($1, 120, 1)")
        .bind(id.to_string())
        .execute(&mut rows)
        .await
        .unwrap();
    let hide = format!("/api/photos/{}", photos[3].id);
    app.send_as(&admin, Method::PATCH, &hide, json!({ "is_selected": false })).await;
    let hour = |at: &str, photos: u32| json!({ "starts_at": at, "photos": photos });
    let seen = app.get_json(&format!("/api/v1/sessions/{id}/photos/hours")).await;
    let (before, after) = ("2026-06-20T23:00:00", "2026-06-21T00:00:00");
    assert_eq!(seen["hours"], json!([hour(before, 2), hour(after, 1)]), "what is hidden is not counted");
    let managed = app.get_as(&admin, &format!("/api/photo-sessions/{id}/photos/hours")).await;
    assert_eq!(managed["hours"], json!([hour(before, 2), hour(after, 2)]));
    let hidden = app.get_as(&admin, &format!("/api/photo-sessions/{id}/photos/hours?selected=false")).await;
    assert_eq!(hidden["hours"], json!([hour(after, 1)]), "as the list is filtered");
}
