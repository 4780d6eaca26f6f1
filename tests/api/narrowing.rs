//! Search by name, order, filters and chapters, in the studio's list and in the guest's gallery.

use chrono::NaiveDate;
use pixora::domain::{PhotoFacts, PhotoId, PhotoSessionId, PhotoWords, Role};
use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

async fn own_session(app: &TestApp) -> (TestUser, PhotoSessionId) {
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    (user, session)
}

fn by(creator: &str) -> PhotoFacts {
    let words = PhotoWords { creator: Some(creator.to_owned()), ..PhotoWords::default() };
    PhotoFacts { words, ..PhotoFacts::default() }
}

/// A photo that was shot at this minute of the day by the session's clock.
async fn shot(
    app: &TestApp,
    session: PhotoSessionId,
    name: &str,
    hour: u32,
    minute: u32,
    facts: PhotoFacts,
) -> PhotoId {
    let photo = app.photo_with(session, name, facts).await.id;
    let at = NaiveDate::from_ymd_opt(2026, 6, 20)
        .and_then(|day| day.and_hms_opt(hour, minute, 0))
        .expect("a time");
    sqlx::query("UPDATE photos SET taken_at = $1, ordered_at = $1 WHERE id = $2")
        .bind(at.and_utc().timestamp_micros())
        .bind(photo.to_string())
        .execute(&mut app.rows().await)
        .await
        .expect("is written");
    photo
}

fn names(page: &Value) -> Vec<&str> {
    page["photos"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| it["filename"].as_str().expect("text"))
        .collect()
}

/// Every page of a list, of two photos each.
async fn all_pages(app: &TestApp, user: Option<&TestUser>, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut cursor = String::new();
    loop {
        let joint = if path.contains('?') { '&' } else { '?' };
        let path = format!("{path}{joint}limit=2{cursor}");
        let page = match user {
            Some(user) => app.get_as(user, &path).await,
            None => app.get_json(&path).await,
        };
        found.extend(names(&page).into_iter().map(str::to_owned));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn names_are_searched_in_any_alphabet_whatever_their_capitals_are() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    for name in ["IMG_0001.JPG", "Церемония 1.jpg", "50%_off.jpg", "img_0002.jpg"] {
        app.photo(session, name).await;
    }
    let path = format!("/api/photo-sessions/{session}/photos");
    for (query, expected) in [
        ("img_00", vec!["IMG_0001.JPG", "img_0002.jpg"]),
        ("ЦЕРЕМ", vec!["Церемония 1.jpg"]),
        ("0%25_o", vec!["50%_off.jpg"]),
        ("_", vec!["IMG_0001.JPG", "50%_off.jpg", "img_0002.jpg"]),
        ("absent", vec![]),
    ] {
        let page = app.get_as(&user, &format!("{path}?name={query}&sort=uploaded")).await;
        assert_eq!(names(&page), expected, "{query}");
        let ids = app.get_as(&user, &format!("{path}/ids?name={query}")).await;
        assert_eq!(
            ids["photo_ids"].as_array().map(Vec::len),
            Some(expected.len()),
            "all of them are selected by one request"
        );
    }
    // Rows from before names were folded are found as soon as that is done.
    sqlx::query("UPDATE photos SET folded_name = NULL")
        .execute(&mut app.rows().await)
        .await
        .expect("is written");
    while app.app.gallery.fold_names().await.expect("are folded") > 0 {}
    assert_eq!(names(&app.get_as(&user, &format!("{path}?name=церем")).await), ["Церемония 1.jpg"]);
}

#[tokio::test]
async fn every_order_pages_through_all_photos_once_in_both_directions() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    // Uploaded in this order.
    for (name, minute) in [("b10.jpg", 3), ("b9.jpg", 1), ("a.jpg", 2), ("c.jpg", 2), ("d.jpg", 0)] {
        shot(&app, session, name, 12, minute, PhotoFacts::default()).await;
    }
    let path = format!("/api/photo-sessions/{session}/photos");
    for (sort, expected) in [
        ("taken", ["d.jpg", "b9.jpg", "a.jpg", "c.jpg", "b10.jpg"]),
        ("uploaded", ["b10.jpg", "b9.jpg", "a.jpg", "c.jpg", "d.jpg"]),
        ("name", ["a.jpg", "b9.jpg", "b10.jpg", "c.jpg", "d.jpg"]),
    ] {
        assert_eq!(all_pages(&app, Some(&user), &format!("{path}?sort={sort}")).await, expected, "{sort}");
        let mut turned = expected;
        turned.reverse();
        let query = format!("{path}?sort={sort}&descending=true");
        assert_eq!(all_pages(&app, Some(&user), &query).await, turned, "{sort} turned");
    }
    let gallery = format!("/api/v1/sessions/{session}/photos");
    let last_first = ["b10.jpg", "c.jpg", "a.jpg", "b9.jpg", "d.jpg"];
    assert_eq!(all_pages(&app, None, &format!("{gallery}?descending=true")).await, last_first);
    for query in ["?sort=size", "?descending=2", "?min_hearts=0", "?failed=x", "?bin=x"] {
        let refused = app.send_as(&user, Method::GET, &format!("{path}{query}"), json!({})).await;
        assert_problem(refused, 422, "malformed_query").await;
    }
}

#[tokio::test]
async fn filters_narrow_together_and_only_what_they_say() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let loved = app.photo_with(session, "loved.jpg", by("Anna \"A\" Example")).await.id;
    app.photo_with(session, "plain.jpg", by("Boris Example")).await;
    let hidden = app.photo_with(session, "hidden.jpg", by("Boris Example")).await.id;
    app.app.store.photos().set_selected(session, &[hidden], false).await.expect("is hidden");
    let failed = app.queued_photo(session, "failed.jpg").await;
    sqlx::query("UPDATE photos SET state = 'rejected', reject_code = 'processing_failed' WHERE id = $1")
        .bind(failed.to_string())
        .execute(&mut app.rows().await)
        .await
        .expect("is written");
    let hearts = format!("/api/v1/sessions/{session}/hearts/{loved}");
    for _ in 0..2 {
        let guest = app.request(Method::PUT, &hearts).send().await.expect("answers");
        assert_eq!(guest.status(), 200);
    }
    let path = format!("/api/photo-sessions/{session}/photos");
    for (query, expected) in [
        ("failed=true", vec!["failed.jpg"]),
        ("min_hearts=1", vec!["loved.jpg"]),
        ("min_hearts=2", vec!["loved.jpg"]),
        ("min_hearts=3", vec![]),
        ("credit=Anna%20%22A%22%20Example", vec!["loved.jpg"]),
        ("credit=Anna", vec![]),
        ("credit=Boris%20Example&selected=true", vec!["plain.jpg"]),
        ("credit=Boris%20Example&name=HID", vec!["hidden.jpg"]),
        ("company=nobody&min_hearts=1", vec!["loved.jpg"]),
    ] {
        assert_eq!(names(&app.get_as(&user, &format!("{path}?{query}")).await), expected, "{query}");
    }
    // Guests are told of photographers of photos that they see.
    let told = app.get_json(&format!("/api/v1/sessions/{session}/chapters")).await;
    let one = |name: &str| json!({ "name": name, "photos": 1 });
    assert_eq!(told["credits"], json!([one("Anna \"A\" Example"), one("Boris Example")]));
    let theirs = app.get_json(&format!("/api/v1/sessions/{session}/photos?credit=Boris%20Example")).await;
    assert_eq!((names(&theirs), &theirs["total"]), (vec!["plain.jpg"], &json!(1)));
}

async fn set_chapters(app: &TestApp, user: &TestUser, session: PhotoSessionId, chapters: Value) -> Value {
    let path = format!("/api/photo-sessions/{session}/chapters");
    let answer = app.send_as(user, Method::PUT, &path, json!({ "chapters": chapters })).await;
    assert_eq!(answer.status(), 200);
    answer.json().await.expect("JSON")
}

fn counted(chapters: &Value) -> Vec<(&str, u64)> {
    let one = |it: &'static str, chapter: &Value| chapter[it].as_u64().expect("a number");
    let all = chapters["chapters"].as_array().expect("a list");
    all.iter().map(|chapter| (chapter["name"].as_str().expect("text"), one("photos", chapter))).collect()
}

#[tokio::test]
async fn chapters_hold_photos_by_their_time_and_a_hand_wins() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let early = shot(&app, session, "early.jpg", 9, 0, PhotoFacts::default()).await;
    shot(&app, session, "vows.jpg", 12, 0, PhotoFacts::default()).await;
    let rings = shot(&app, session, "rings.jpg", 12, 30, PhotoFacts::default()).await;
    shot(&app, session, "cake.jpg", 19, 0, PhotoFacts::default()).await;

    let first = app.get_as(&user, &format!("/api/photo-sessions/{session}/chapters")).await;
    let start =
        |at: &str, photos: u64| json!({ "starts_at": format!("2026-06-20T{at}:00"), "photos": photos });
    assert_eq!(
        first["suggested"],
        json!([start("09:00", 1), start("12:00", 1), start("12:30", 1), start("19:00", 1)])
    );

    let made = set_chapters(
        &app,
        &user,
        session,
        json!([{ "name": " Ceremony ", "starts_at": "2026-06-20T12:00" },
               { "name": "Details" },
               { "name": "Dinner", "startsAt": "2026-06-20T18:30:00" }]),
    )
    .await;
    assert_eq!(counted(&made), [("Ceremony", 2), ("Details", 0), ("Dinner", 1)]);
    assert_eq!(made["outside"], 1);
    let ids: Vec<&str> = (0..3).map(|n| made["chapters"][n]["chapter_id"].as_str().expect("an id")).collect();

    // By hand; those of another session are left alone.
    let batch = async |chapter: Value| -> Value {
        let path = format!("/api/photo-sessions/{session}/photos/batch");
        let body = json!({ "photo_ids": [rings, early, PhotoId::generate()], "action": "chapter", "chapter_id": chapter });
        app.send_as(&user, Method::POST, &path, body).await.json().await.expect("JSON")
    };
    let put = batch(json!(ids[1])).await;
    assert_eq!((&put["changed"], &put["failed"][0]["code"]), (&json!(2), &json!("photo_not_found")));
    assert_eq!(batch(json!(PhotoId::generate())).await["code"], "chapter_not_found");
    let list = format!("/api/photo-sessions/{session}/photos");
    let of = async |chapter: &str| {
        let page = app.get_as(&user, &format!("{list}?chapter={chapter}")).await;
        names(&page).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of(ids[0]).await, ["vows.jpg"]);
    assert_eq!(of(ids[1]).await, ["early.jpg", "rings.jpg"]);
    assert_eq!(of("none").await, [""; 0]);
    let page = app.get_as(&user, &list).await;
    let told: Vec<_> =
        page["photos"].as_array().expect("a list").iter().map(|it| &it["chapter_id"]).collect();
    assert_eq!(told, [ids[1], ids[0], ids[1], ids[2]], "each photo names its chapter");
    assert_eq!(page["photos"][0]["chapter_by_hand"], true);

    // What guests see: chips with counts, and the gallery narrowed; a hidden photo is in none of them.
    app.app.store.photos().set_selected(session, &[early], false).await.expect("is hidden");
    let chips = app.get_json(&format!("/api/v1/sessions/{session}/chapters")).await;
    assert_eq!(counted(&chips), [("Ceremony", 1), ("Details", 1), ("Dinner", 1)]);
    let gallery = app.get_json(&format!("/api/v1/sessions/{session}/photos?chapter={}", ids[1])).await;
    assert_eq!((names(&gallery), &gallery["total"]), (vec!["rings.jpg"], &json!(1)));
    // Headings between the photos: each names its chapter, and the page names the chapters that are in it.
    let whole = app.get_json(&format!("/api/v1/sessions/{session}/photos")).await;
    let told: Vec<_> =
        whole["photos"].as_array().expect("a list").iter().map(|it| &it["chapter_id"]).collect();
    assert_eq!(names(&whole), ["vows.jpg", "rings.jpg", "cake.jpg"]);
    assert_eq!(told, [ids[0], ids[1], ids[2]]);
    let named = |id: &str, name: &str| json!({ "chapter_id": id, "name": name });
    let all = json!([named(ids[0], "Ceremony"), named(ids[1], "Details"), named(ids[2], "Dinner")]);
    assert_eq!(whole["chapters"], all);
    let start = app.get_json(&format!("/api/v1/sessions/{session}/photos?limit=1")).await;
    assert_eq!(start["chapters"], json!([named(ids[0], "Ceremony")]));
    let one = app.get_json(&format!("/api/v1/sessions/{session}/gallery/{rings}")).await;
    assert_eq!(one["chapter_id"], ids[1]);
    let strange =
        app.get(&format!("/api/v1/sessions/{session}/photos?chapter={}", PhotoId::generate())).await;
    assert_problem(strange, 404, "chapter_not_found").await;

    // The session's clock is moved: chapters mean its hours, so the photos go with them.
    sqlx::query("UPDATE photos SET ordered_at = ordered_at - $1 WHERE photo_session_id = $2")
        .bind(2 * 60 * 60 * 1_000_000_i64)
        .bind(session.to_string())
        .execute(&mut app.rows().await)
        .await
        .expect("is written");
    app.app.store.clocks().set_zone(session, Some(120)).await.expect("is kept");
    assert_eq!(of(ids[2]).await, ["cake.jpg"]);

    // Renamed and moved; the one that goes leaves its photos to their time.
    let less = set_chapters(
        &app,
        &user,
        session,
        json!([{ "chapter_id": ids[2], "name": "The dinner", "starts_at": "2026-06-20T18:30" },
               { "chapter_id": ids[0], "name": "Ceremony", "starts_at": "2026-06-20T12:00" }]),
    )
    .await;
    assert_eq!(counted(&less), [("The dinner", 1), ("Ceremony", 2)]);
    assert_eq!(less["outside"], 1, "the early one");
}

#[tokio::test]
async fn chapters_that_cannot_be_are_refused_and_change_nothing() {
    let app = start().await;
    let (user, session) = own_session(&app).await;
    let (stranger, _) = own_session(&app).await;
    let path = format!("/api/photo-sessions/{session}/chapters");
    let known = set_chapters(&app, &user, session, json!([{ "name": "One" }])).await;
    let id = &known["chapters"][0]["chapter_id"];
    let many: Vec<Value> = (0..51).map(|n| json!({ "name": format!("{n}") })).collect();
    for (chapters, status, code) in [
        (json!([{ "name": "  " }]), 422, "invalid_chapter_name"),
        (json!([{ "name": "x".repeat(81) }]), 422, "invalid_chapter_name"),
        (json!([{ "name": "a\nb" }]), 422, "invalid_chapter_name"),
        (json!(many), 422, "too_many_chapters"),
        (json!([{ "name": "One", "chapter_id": PhotoId::generate() }]), 404, "chapter_not_found"),
        (
            json!([{ "name": "One", "chapter_id": id }, { "name": "Two", "chapter_id": id }]),
            404,
            "chapter_not_found",
        ),
        (json!([{ "name": "One", "starts_at": "noon" }]), 422, "invalid_time"),
    ] {
        let refused = app.send_as(&user, Method::PUT, &path, json!({ "chapters": chapters })).await;
        assert_problem(refused, status, code).await;
    }
    let refused = app.send_as(&stranger, Method::PUT, &path, json!({ "chapters": [] })).await;
    assert_problem(refused, 404, "session_not_found").await;
    assert_eq!(counted(&app.get_as(&user, &path).await), [("One", 0)]);
    let receipt = app.eraser.session(session).await.expect("is erased");
    assert_eq!(receipt.rows.map(|rows| rows.chapters), Some(1));
}
