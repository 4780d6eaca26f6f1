//! News for guests: the consent, the question to the reader, digests as far as the guest sees photos, and the end of it.

use std::{path::Path, time::Duration};

use pixora::{
    domain::{ConsentId, ConsentPurpose, NewsChannel, Photo, PhotoSessionId, Role, SessionStatus},
    erasures::ErasureKeeper,
    mail::{Letter, NewsMail, Writer, Written},
    news::NewsKeeper,
    photo_sessions::{SessionChange, TermsChange},
    search::Match,
    store::{KeptVectors, News},
};
use reqwest::{Method, Response, header::COOKIE};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    helpers::{TestApp, assert_problem, start},
    mail::{MailServer, mailer},
    people::{ANNA, BORIS},
    wishes::found,
};

const ADDRESS: &str = "anna@mail.example";

pub fn found_in(photo: &Photo) -> Match {
    let rect = pixora::domain::RelativeBox { x: 0.1, y: 0.25, w: 0.125, h: 0.25 };
    Match { photo: photo.clone(), external_ids: Vec::new(), score: 0.9, rect }
}

async fn ask(app: &TestApp, session: PhotoSessionId, cookie: Option<&str>, more: Value) -> Response {
    let mut body = json!({ "channel": "mail", "address": ADDRESS, "version": version(app, session).await, "language": "en" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let request = app.request(Method::POST, &format!("/api/v1/sessions/{session}/news")).json(&body);
    let request = cookie.into_iter().fold(request, |request, cookie| request.header(COOKIE, cookie));
    request.send().await.unwrap()
}

pub async fn version(app: &TestApp, session: PhotoSessionId) -> String {
    let studio = app.app.sessions.get(session).await.unwrap().studio_id;
    app.app.consents.current(studio, ConsentPurpose::News).await.unwrap().version
}

async fn post(app: &TestApp, path: &str) -> Response {
    app.request(Method::POST, path).send().await.unwrap()
}

/// Somebody who found themselves in `known`, hears of photos by mail, and has said yes.
struct Guest {
    id: ConsentId,
    key: String,
}

impl Guest {
    async fn of(app: &TestApp, session: PhotoSessionId, known: &[&Photo]) -> Self {
        let cookie = found(app, session, known).await;
        let begun = ask(app, session, Some(&cookie), json!({})).await;
        assert_eq!(begun.status(), 201);
        let begun: Value = begun.json().await.unwrap();
        let id = serde_json::from_value(begun["news_id"].clone()).unwrap();
        assert!(app.app.store.news().confirm(id, app.app.now()).await.unwrap());
        // The question is not what most tests are about.
        app.send_mails().await;
        Self { id, key: begun["key"].as_str().unwrap().to_owned() }
    }

    fn path(&self, action: &str) -> String {
        format!("/api/news/{}{action}?key={}", self.id, self.key)
    }

    async fn row(&self, app: &TestApp) -> Option<News> {
        app.app.store.news().get(self.id).await.unwrap()
    }
}

/// Everything that is found from now on, and the looks that follow from it.
async fn look(app: &TestApp, found: &[&Photo]) {
    *app.search.again.lock().unwrap() = found.iter().map(|photo| found_in(photo)).collect();
    let keeper = NewsKeeper(app.app.news.clone());
    keeper.round().await.unwrap();
    app.later(3700);
    keeper.round().await.unwrap();
}

/// The photos of the digests that wait.
async fn told(app: &TestApp) -> Vec<NewsMail> {
    let tomorrow = app.app.now() + chrono::TimeDelta::days(1);
    let queued = app.app.store.mails().lease_due(100, Duration::ZERO, tomorrow).await.unwrap();
    queued.into_iter().filter_map(|mail| mail.news).collect()
}

async fn written(app: &TestApp, mail: &NewsMail) -> Option<Letter> {
    match app.app.news.write(mail).await.unwrap() {
        Written::Letter(letter) => Some(*letter),
        Written::Nothing | Written::Later => None,
    }
}

#[tokio::test]
async fn a_guest_hears_by_mail_of_new_photos_until_one_tap_erases_everything() {
    let Some(mut server) = MailServer::start().await else { return };
    let app = start().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(mailer(&app, server.port).run(stop.clone()));
    let session = app.session().await;
    let known = app.photo_showing(session, "known.jpg", &[ANNA]).await;
    assert_problem(ask(&app, session, None, json!({})).await, 409, "not_found_yet").await;
    let cookie = found(&app, session, &[&known]).await;
    let wrong = json!({ "address": "anna" });
    assert_problem(ask(&app, session, Some(&cookie), wrong).await, 422, "invalid_news_address").await;
    let pigeon = json!({ "channel": "pigeon" });
    assert_problem(ask(&app, session, Some(&cookie), pigeon).await, 409, "news_channel_off").await;
    let begun = ask(&app, session, Some(&cookie), json!({})).await;
    assert_eq!(begun.status(), 201);
    let begun: Value = begun.json().await.unwrap();
    assert_eq!(begun["state"], "asked");

    let mut next = async || {
        let mail = tokio::time::timeout(Duration::from_secs(30), server.next()).await.expect("a mail comes");
        (mail.0, mail.1.replace("=\r\n", "").replace("=3D", "="))
    };
    let (to, question) = next().await;
    assert_eq!(to, ADDRESS);
    let id = begun["news_id"].as_str().unwrap();
    let path = |action: &str, key: &str| format!("/api/news/{id}{action}?key={key}");
    let key = begun["key"].as_str().unwrap();
    // Whoever asked has the key, and only whoever reads the mail has the yes.
    assert_problem(post(&app, &path("/confirm", key)).await, 404, "news_not_found").await;
    assert_problem(app.get(&path("", "guessed")).await, 404, "news_not_found").await;
    let (_, yes) = question.split_once("&yes=").expect("the mail has the link");
    let (yes, _) = yes.split_once('#').expect("the link says what it does");
    let new = app.photo_showing(session, "new.jpg", &[ANNA]).await;
    look(&app, &[&known, &new]).await;
    assert_eq!(app.get_json(&path("", key)).await["state"], "asked");
    assert_eq!(post(&app, &path("/confirm", yes)).await.status(), 204);
    assert_eq!(app.get_json(&path("", key)).await["state"], "on");

    look(&app, &[&known, &new]).await;
    let (to, digest) = next().await;
    assert_eq!(to, ADDRESS);
    assert!(digest.contains("New photos of you: 1."), "the known photo is no news: {digest}");
    assert!(digest.contains(&format!("https://photos.example/session/{session}")), "{digest}");
    assert!(digest.contains("cid:photo") && digest.contains("image/jpeg"), "with a picture: {digest}");
    let one_click = format!("List-Unsubscribe: <https://photos.example/api/news/{id}/stop?key={key}>");
    assert!(digest.contains(&one_click) && digest.contains("One-Click"), "{digest}");

    let stopped = app
        .request(Method::POST, &path("/stop", key))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click")
        .send()
        .await
        .unwrap();
    assert_eq!(stopped.status(), 200);
    let stopped: Value = stopped.json().await.unwrap();
    let erased = &stopped["erased"];
    assert_eq!((&erased["addresses"], &erased["vectors"]), (&json!(1), &json!(1)), "{stopped}");
    assert_eq!(post(&app, &path("/stop", key)).await.status(), 200, "again");
    assert_problem(post(&app, &path("/confirm", yes)).await, 404, "news_not_found").await;
    app.photo_showing(session, "later.jpg", &[ANNA]).await;
    look(&app, &[&known, &new]).await;
    assert!(told(&app).await.is_empty());
    ErasureKeeper(app.app.erasures.clone()).round().await.unwrap();
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let receipt =
        app.get_as(&admin, &format!("/api/erasures/{}", erased["erasure_id"].as_str().unwrap())).await;
    assert_eq!((&receipt["kind"], &receipt["state"]), (&json!("news"), &json!("complete")), "{receipt}");
    assert_eq!(receipt["receipt"]["rows"], json!({ "news": 1, "news_vectors": 1 }));
    assert_eq!(app.get_json(&path("", key)).await["erased"]["is_complete"], true);
    stop.cancel();
    running.await.expect("ends with its token");
}

/// How often bytes stand in the files of the database.
fn standing(data: &Path, bytes: &[u8]) -> usize {
    let files = ["pixora.db", "pixora.db-wal"].map(|name| std::fs::read(data.join(name)).unwrap_or_default());
    files.iter().map(|file| file.windows(bytes.len()).filter(|part| *part == bytes).count()).sum()
}

#[tokio::test]
async fn neither_vector_nor_address_is_left_in_the_files_of_the_database() {
    let app = start().await;
    let session = app.session().await;
    let known = app.photo_showing(session, "known.jpg", &[BORIS]).await;
    let guest = Guest::of(&app, session, &[&known]).await;
    let vector = vec![0.515_625_f32, -0.484_375, 0.507_812_5, 0.492_187_5];
    let kept = KeptVectors { model: "test".into(), vectors: vec![vector.clone()] };
    app.app.store.news().renew(guest.id, &kept).await.unwrap();
    let bytes: Vec<u8> = vector.iter().flat_map(|n| n.to_le_bytes()).collect();
    let is_sqlite = app.data.path().join("pixora.db").exists();
    assert!(!is_sqlite || standing(app.data.path(), &bytes) > 0, "it is kept before");
    assert_eq!(post(&app, &guest.path("/stop")).await.status(), 200);
    ErasureKeeper(app.app.erasures.clone()).round().await.unwrap();
    assert_eq!(standing(app.data.path(), &bytes), 0);
    assert_eq!(standing(app.data.path(), ADDRESS.as_bytes()), 0);
}

#[tokio::test]
async fn a_photo_is_told_only_while_the_guest_sees_it() {
    let app = start().await;
    let session = app.session().await;
    let known = app.photo_showing(session, "known.jpg", &[ANNA]).await;
    let guest = Guest::of(&app, session, &[&known]).await;
    let [shown, hidden] = [
        app.photo_showing(session, "a.jpg", &[ANNA]).await,
        app.photo_showing(session, "b.jpg", &[ANNA]).await,
    ];
    let select = async |photo: &Photo, on: bool| {
        app.app.gallery.select(session, &[photo.id], on).await.unwrap();
    };
    select(&hidden, false).await;
    look(&app, &[&known, &shown, &hidden]).await;
    let mails = told(&app).await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].photos, [shown.id], "hidden photos are not even queued");
    let letter = written(&app, &mails[0]).await.unwrap();
    assert_eq!(letter.picture.as_deref(), Some(b"1024 px".as_slice()));
    select(&shown, false).await;
    assert_eq!(written(&app, &mails[0]).await, None, "hidden before the mail was sent");
    select(&shown, true).await;
    assert!(written(&app, &mails[0]).await.is_some());

    // The photo that is shown later is told then, once.
    select(&hidden, true).await;
    look(&app, &[&known, &shown, &hidden]).await;
    let mails: Vec<NewsMail> =
        told(&app).await.into_iter().filter(|mail| mail.photos == [hidden.id]).collect();
    assert_eq!(mails.len(), 1);
    look(&app, &[&known, &shown, &hidden]).await;
    assert_eq!(told(&app).await.len(), 2, "nothing is told twice");
    assert!(guest.row(&app).await.is_some());
}

#[tokio::test]
async fn a_session_that_is_closed_to_guests_tells_nothing_and_one_that_is_over_ends_their_news() {
    let app = start().await;
    let session = app.session().await;
    let known = app.photo_showing(session, "known.jpg", &[ANNA]).await;
    let guest = Guest::of(&app, session, &[&known]).await;
    let new = app.photo_showing(session, "new.jpg", &[ANNA]).await;
    let change = async |change: SessionChange| {
        app.app.studio.change(session, change, app.app.now()).await.unwrap();
    };
    let terms = |terms: TermsChange| SessionChange { terms, ..SessionChange::default() };
    let reveal = app.app.now() + chrono::TimeDelta::days(30);
    for (closed, opened) in [
        (
            SessionChange { gallery_open: Some(false), ..Default::default() },
            SessionChange { gallery_open: Some(true), ..Default::default() },
        ),
        (
            SessionChange { face_search: Some(false), ..Default::default() },
            SessionChange { face_search: Some(true), ..Default::default() },
        ),
        (
            terms(TermsChange { pin: Some(Some("4711".into())), ..Default::default() }),
            terms(TermsChange { pin: Some(None), ..Default::default() }),
        ),
        (
            terms(TermsChange { reveals_at: Some(Some(reveal)), ..Default::default() }),
            terms(TermsChange { reveals_at: Some(None), ..Default::default() }),
        ),
    ] {
        change(closed.clone()).await;
        look(&app, &[&known, &new]).await;
        assert!(told(&app).await.is_empty(), "{closed:?}");
        let mail = NewsMail { news: guest.id, photos: vec![new.id] };
        assert_eq!(app.app.news.write(&mail).await.unwrap(), Written::Later, "{closed:?}");
        change(opened).await;
    }
    look(&app, &[&known, &new]).await;
    assert_eq!(told(&app).await.len(), 1, "what waited comes when the gallery is open again");
    let row = guest.row(&app).await.unwrap();
    assert_eq!((row.channel, row.address.as_deref()), (NewsChannel::Mail, Some(ADDRESS)));

    for status in [SessionStatus::Completed, SessionStatus::Archived] {
        change(SessionChange { status: Some(status), ..Default::default() }).await;
    }
    look(&app, &[&known, &new]).await;
    assert_eq!(guest.row(&app).await, None);
    assert!(told(&app).await.is_empty(), "with what was on its way");
    assert_eq!(app.get_json(&guest.path("")).await["state"], "stopped");
}

#[tokio::test]
async fn what_nobody_says_yes_to_goes_after_two_days() {
    let app = start().await;
    let session = app.session().await;
    let cookie = found(&app, session, &[]).await;
    let begun: Value = ask(&app, session, Some(&cookie), json!({})).await.json().await.unwrap();
    let id = serde_json::from_value(begun["news_id"].clone()).unwrap();
    look(&app, &[]).await;
    assert!(app.app.store.news().get(id).await.unwrap().is_some());
    app.later(2 * 24 * 3600);
    look(&app, &[]).await;
    assert!(app.app.store.news().get(id).await.unwrap().is_none());
}

#[tokio::test]
async fn one_address_is_asked_three_times_and_no_more() {
    let app = start().await;
    let session = app.session().await;
    let cookie = found(&app, session, &[]).await;
    for _ in 0..3 {
        assert_eq!(ask(&app, session, Some(&cookie), json!({})).await.status(), 201);
    }
    assert_problem(ask(&app, session, Some(&cookie), json!({})).await, 429, "too_many_attempts").await;
    let other = json!({ "address": "boris@mail.example" });
    assert_eq!(ask(&app, session, Some(&cookie), other).await.status(), 201);
}

#[tokio::test]
async fn another_embedding_model_takes_the_face_from_photos_that_the_guest_knows() {
    let app = start().await;
    let session = app.session().await;
    let known = app.photo_showing(session, "known.jpg", &[ANNA]).await;
    let (guest, nowhere) = (Guest::of(&app, session, &[&known]).await, Guest::of(&app, session, &[]).await);
    let rows = app.app.store.news();
    // The new model answers, the old one is still kept: whoever is in no photo is looked for by the old one.
    *app.search.models.lock().unwrap() = vec!["next".into(), "test".into()];
    let vector = [0.6, 0.8, 0.0, 0.0];
    let faces = crate::helpers::faces_of(known.id, "next", &[vector]);
    assert!(app.app.store.photos().add_model(known.id, known.original, "next", &faces).await.unwrap());
    app.photo_showing(session, "new.jpg", &[ANNA]).await;
    look(&app, &[]).await;
    let kept = rows.kept(guest.id).await.unwrap().unwrap();
    assert_eq!((kept.model.as_str(), kept.vectors), ("next", vec![vector.to_vec()]));
    assert_eq!(rows.kept(nowhere.id).await.unwrap().unwrap().model, "test");
    assert!(told(&app).await.is_empty());

    // The old model is gone: nobody can look for them any more, and they are told so.
    *app.search.models.lock().unwrap() = vec!["next".into()];
    look(&app, &[]).await;
    assert!(guest.row(&app).await.is_some());
    assert_eq!(rows.kept(nowhere.id).await.unwrap(), None, "the vectors go at once");
    let farewell = told(&app).await;
    assert_eq!(farewell, [NewsMail { news: nowhere.id, photos: Vec::new() }]);
    let letter = written(&app, &farewell[0]).await.unwrap();
    assert!(letter.subject.contains("these messages end"), "{}", letter.subject);
    app.send_mails().await;
    look(&app, &[]).await;
    assert_eq!(nowhere.row(&app).await, None);
}

#[tokio::test]
async fn an_erased_session_or_consent_or_photo_takes_along_what_was_kept_for_news() {
    let app = start().await;
    let (one, other) = (app.session().await, app.session_named("Another").await);
    let known = app.photo_showing(one, "known.jpg", &[ANNA]).await;
    let (first, second) = (Guest::of(&app, one, &[&known]).await, Guest::of(&app, other, &[]).await);
    let rows = app.app.store.news();
    // A guest who said that a photo shows them has left a copy of that face.
    let copied = KeptVectors { model: "test".into(), vectors: vec![ANNA.to_vec(), vec![0.0, 0.6, 0.8, 0.0]] };
    for guest in [&first, &second] {
        rows.renew(guest.id, &copied).await.unwrap();
    }
    app.eraser.photo(known.id).await.unwrap();
    assert_eq!(rows.kept(first.id).await.unwrap().unwrap().vectors, [[0.0, 0.6, 0.8, 0.0]]);
    assert_eq!(
        rows.kept(second.id).await.unwrap().unwrap().vectors.len(),
        2,
        "another session is not touched"
    );
    let receipt = app.eraser.session(one).await.unwrap();
    let erased = receipt.rows.unwrap();
    assert_eq!((erased.news, erased.news_vectors), (1, 1));
    assert_eq!(first.row(&app).await, None);

    let path = format!("/api/v1/sessions/{other}/consents/{}", second.id);
    assert_eq!(app.request(Method::DELETE, &path).send().await.unwrap().status(), 204);
    assert_eq!(second.row(&app).await, None, "the consent is what it is kept under");
    assert_eq!(app.get_json(&second.path("")).await["state"], "stopped");
}
