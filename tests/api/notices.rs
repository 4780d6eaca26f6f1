//! What photographers hear of their sessions: once, a few together, and only what they want.

use pixora::{
    domain::{Mail, PhotoSessionId, Role, StudioId},
    notices::NoticeKeeper,
};
use reqwest::Method;
use serde_json::json;

use crate::{
    helpers::{TestApp, TestUser, assert_problem, start},
    people::ANNA,
    wishes::found,
};

/// Looks for what happened; a mail is due a minute later.
async fn look(app: &TestApp) -> Vec<Mail> {
    let keeper = NoticeKeeper(app.app.notices.clone());
    keeper.round().await.unwrap();
    app.later(61);
    keeper.round().await.unwrap();
    let mails = app.mails().await;
    app.send_mails().await;
    mails
}

async fn visit(app: &TestApp, session: PhotoSessionId) {
    assert_eq!(app.get(&format!("/session/{session}")).await.status(), 200);
    app.app.usage.flush().await.unwrap();
}

async fn kinds(app: &TestApp, user: &TestUser) -> Vec<String> {
    let notices = app.app.notices.list(user.id, None, 100).await.unwrap();
    notices.iter().map(|notice| notice.kind.to_string()).collect()
}

async fn ask_to_be_hidden(app: &TestApp, session: PhotoSessionId) {
    let photo = app.photo_showing(session, &format!("{}.jpg", uuid::Uuid::now_v7()), &[ANNA]).await;
    let cookie = found(app, session, &[&photo]).await;
    let studio = app.app.sessions.get(session).await.unwrap().studio_id;
    let text = app.app.consents.current(studio, pixora::domain::ConsentPurpose::Hiding).await.unwrap();
    let path = format!("/api/v1/sessions/{session}/hide-requests");
    let body = json!({ "version": text.version, "language": "en" });
    let asked = app.request(Method::POST, &path).header("cookie", cookie).json(&body).send().await.unwrap();
    assert_eq!(asked.status(), 201);
}

async fn photographer(app: &TestApp) -> (TestUser, StudioId) {
    let studio = app.studio().await;
    (app.user(Role::Photographer, &[studio]).await, studio)
}

#[tokio::test]
async fn a_photographer_hears_once_of_the_first_visit_and_of_guests_who_ask_to_be_hidden() {
    let app = start().await;
    let (maria, studio) = photographer(&app).await;
    let (admin, session) = (app.user(Role::Admin, &[studio]).await, app.session_of(&maria, studio).await);
    assert!(look(&app).await.is_empty(), "nothing has happened");
    visit(&app, session).await;
    let mails = look(&app).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to.as_str(), maria.email);
    assert!(mails[0].subject.starts_with("Anna & Ivan"), "{}", mails[0].subject);
    for words in ["первый гость открыл страницу", "the first guest has opened the page"]
    {
        assert!(mails[0].body.contains(words), "{}", mails[0].body);
    }
    visit(&app, session).await;
    assert!(look(&app).await.is_empty(), "it is told once");

    // Two of them are one mail, and not sooner than ten minutes after the one before.
    ask_to_be_hidden(&app, session).await;
    ask_to_be_hidden(&app, session).await;
    assert!(look(&app).await.is_empty(), "no flood");
    app.later(600);
    let mails = look(&app).await;
    assert_eq!(mails.len(), 1);
    for words in ["2 guests ask to be left out", "2 гостя просят не показывать их", "2 Gäste"]
    {
        assert!(mails[0].body.contains(words), "{}", mails[0].body);
    }

    assert_eq!(kinds(&app, &maria).await, ["hide_request", "hide_request", "first_visit"]);
    let listed = app.get_as(&maria, "/api/notices?limit=1").await;
    let (first, next) = (&listed["notices"][0], listed["next_cursor"].as_str().unwrap());
    assert_eq!((&first["kind"], &first["session_name"]), (&json!("hide_request"), &json!("Anna & Ivan")));
    let rest = app.get_as(&maria, &format!("/api/notices?cursor={next}")).await;
    assert_eq!(rest["notices"].as_array().unwrap().len(), 2);
    assert!(kinds(&app, &admin).await.is_empty(), "the session has a photographer");
    assert_eq!(app.get_as(&maria, "/api/notices").await["unseen"], 3);
    assert_eq!(app.send_as(&maria, Method::POST, "/api/notices/seen", json!({})).await.status(), 204);
    assert_eq!(app.get_as(&maria, "/api/notices").await["unseen"], 0);

    let erased = app.eraser.session(session).await.unwrap().rows.unwrap();
    assert_eq!(erased.notices, 3);
    assert!(kinds(&app, &maria).await.is_empty());
}

#[tokio::test]
async fn an_order_and_an_upload_that_stands_still_are_told() {
    let app = start().await;
    let (maria, studio) = photographer(&app).await;
    let session = app.session_of(&maria, studio).await;
    app.order_with_prints(session).await;
    look(&app).await;
    assert_eq!(kinds(&app, &maria).await, ["order"]);

    let begun = |id: &str, at: i64| {
        let sql = "INSERT INTO uploads (id, photo_session_id, user_id, photo_id, filename, bytes, is_selected, created_at) \
                   VALUES ($1, $2, $3, $1, 'a.jpg', 10, 1, $4)";
        sqlx::query(sql)
            .bind(id.to_owned())
            .bind(session.to_string())
            .bind(maria.id.to_string())
            .bind(app.app.now().timestamp_micros() - at * 60_000_000)
    };
    let mut rows = app.rows().await;
    begun("00000000-0000-4000-8000-000000000001", 20).execute(&mut rows).await.unwrap();
    look(&app).await;
    assert_eq!(kinds(&app, &maria).await, ["order"], "it may only be slow");
    begun("00000000-0000-4000-8000-000000000002", 40).execute(&mut rows).await.unwrap();
    look(&app).await;
    assert_eq!(kinds(&app, &maria).await.len(), 1, "others of the session were begun lately");
    app.later(15 * 60);
    look(&app).await;
    assert_eq!(kinds(&app, &maria).await, ["upload_stalled", "order"]);
    begun("00000000-0000-4000-8000-000000000000", 50).execute(&mut rows).await.unwrap();
    look(&app).await;
    assert_eq!(kinds(&app, &maria).await.len(), 2, "one session's uploads are told once in half a day");
}

#[tokio::test]
async fn what_is_switched_off_is_not_told() {
    let app = start().await;
    let (maria, studio) = photographer(&app).await;
    let session = app.session_of(&maria, studio).await;
    let path = "/api/notices/settings";
    let before = app.get_as(&maria, path).await;
    assert_eq!(before["can_mail"], true);
    assert!(
        before["settings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["by_mail"] == true && it["in_panel"] == true)
    );
    let unknown = json!({ "settings": [{ "kind": "weather", "by_mail": true, "in_panel": true }] });
    assert_problem(app.send_as(&maria, Method::PUT, path, unknown).await, 422, "unknown_notice").await;
    let off = |by_mail: bool, in_panel: bool| json!({ "settings": [{ "kind": "first_visit", "by_mail": by_mail, "in_panel": in_panel }] });
    assert_eq!(app.send_as(&maria, Method::PUT, path, off(false, true)).await.status(), 200);
    visit(&app, session).await;
    assert!(look(&app).await.is_empty());
    assert_eq!(kinds(&app, &maria).await, ["first_visit"]);

    assert_eq!(app.send_as(&maria, Method::PUT, path, off(true, false)).await.status(), 200);
    let other = app.session_of(&maria, studio).await;
    visit(&app, other).await;
    assert_eq!(look(&app).await.len(), 1);
    assert_eq!(kinds(&app, &maria).await.len(), 1, "not in the panel");
    let settings = app.get_as(&maria, path).await;
    let others = settings["settings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["by_mail"] == true && it["in_panel"] == true);
    assert_eq!(others.count(), 7, "what was not named stays");
}

#[tokio::test]
async fn a_session_without_a_photographer_is_told_to_the_admins() {
    let app = start().await;
    let studio = app.studio().await;
    let (admin, stranger) =
        (app.user(Role::Admin, &[studio]).await, app.user(Role::Admin, &[app.other_studio().await]).await);
    let session = app.session().await;
    visit(&app, session).await;
    look(&app).await;
    assert_eq!(kinds(&app, &admin).await, ["first_visit"]);
    assert!(kinds(&app, &stranger).await.is_empty());
}
