//! What guests agree to: recorded, withdrawn, asked again when the text has changed, and shown to those who may see it.

use pixora::{
    domain::{ConsentId, Language, PhotoSessionId, Role, SearchId, StudioId},
    search::SearchAnswer,
    store::NewSearch,
};
use reqwest::{
    Method, Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, created_at, start};

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
async fn withdrawing_takes_the_consent_and_its_searches_once() {
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
        [("", "ru"), ("2026-11", "fr"), ("2026 11", "en"), ("<b>", "en"), (&"1".repeat(33), "en")]
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

const OWN: &str = "2026-11.4";

async fn text_of(app: &TestApp, session: PhotoSessionId, purpose: &str) -> Value {
    let texts = app.get_json(&format!("/api/v1/sessions/{session}/consent-texts")).await;
    texts["texts"].as_array().unwrap().iter().find(|text| text["purpose"] == purpose).unwrap().clone()
}

async fn set_text(app: &TestApp, user: &TestUser, studio: StudioId, purpose: &str, words: &str) -> Response {
    let text = json!({ "text": { "ru": format!("{words} по-русски"), "en": format!("{words} in English") } });
    let path = format!("/api/studios/{studio}/consent-texts/{purpose}");
    app.send_as(user, Method::PUT, &path, text).await
}

#[tokio::test]
async fn a_guest_sees_by_their_code_what_they_agreed_to_and_when_it_was_withdrawn() {
    let app = start().await;
    let session = app.session().await;
    let asked = text_of(&app, session, "match").await;
    let version = asked["version"].as_str().unwrap();
    assert_eq!(version, OWN);
    let first = give(&app, session, &json!({ "version": version, "language": "en" })).await;
    let first: Value = first.json().await.unwrap();
    let code = first["code"].as_str().unwrap();
    let guardian = text_of(&app, session, "guardian").await;
    let second = json!({
        "purpose": "guardian", "version": guardian["version"], "language": "ru", "code": code
    });
    let second: Value = give(&app, session, &second).await.json().await.unwrap();
    assert_eq!(second["code"], first["code"], "one guest has one record");
    let own_words = json!({ "version": "my-words", "language": "en", "code": code });
    assert_eq!(give(&app, session, &own_words).await.status(), 201);
    app.later(3_600);
    let consent = first["consent_id"].as_str().unwrap();
    assert_eq!(withdraw(&app, session, consent).await.status(), 204);

    let record = app.get_json(&format!("/api/consents/{code}")).await;
    assert_eq!(record["session_id"], json!(session));
    let kept = record["consents"].as_array().unwrap();
    let of = |purpose: &str, version: &str| {
        kept.iter().find(|it| it["purpose"] == purpose && it["version"] == version).unwrap().clone()
    };
    let (matched, child) = (of("match", OWN), of("guardian", guardian["version"].as_str().unwrap()));
    assert_eq!((&matched["text"], &matched["language"]), (&asked["text"]["en"], &json!("en")));
    assert_eq!((&child["text"], &child["language"]), (&guardian["text"]["ru"], &json!("ru")));
    assert!(matched["withdrawn_at"].as_str().unwrap() > matched["given_at"].as_str().unwrap());
    assert_eq!(child["withdrawn_at"], matched["withdrawn_at"], "it was given for that search");
    assert_eq!(of("match", "my-words")["text"], Value::Null, "what another program showed is not known");

    for guessed in ["x", "x.y", &format!("{code}x"), &code.replace('.', "-")] {
        assert_problem(app.get(&format!("/api/consents/{guessed}")).await, 404, "record_not_found").await;
    }
    let stolen = json!({ "version": OWN, "language": "en", "code": "x.y" });
    assert_problem(give(&app, session, &stolen).await, 404, "record_not_found").await;
    let elsewhere = json!({ "version": OWN, "language": "en", "code": code });
    let other = app.session().await;
    assert_problem(give(&app, other, &elsewhere).await, 404, "consent_not_found").await;
}

#[tokio::test]
async fn looks_at_records_are_counted_by_address() {
    let app = start().await;
    let mut answers = Vec::new();
    for _ in 0..80 {
        answers.push(app.get("/api/consents/x.y").await.status().as_u16());
    }
    assert!(answers.contains(&404) && answers.last() == Some(&429), "{answers:?}");
}

#[tokio::test]
async fn only_what_a_guest_gives_by_itself_is_given_by_itself() {
    let app = start().await;
    let session = app.session().await;
    for purpose in ["news", "hiding", "everything"] {
        let given = json!({ "purpose": purpose, "version": "2026-11.1", "language": "en" });
        assert_problem(give(&app, session, &given).await, 422, "unknown_purpose").await;
    }
}

#[tokio::test]
async fn whoever_reads_a_language_that_the_studio_did_not_write_is_on_record_with_the_text_that_they_read() {
    let app = start().await;
    let studio = app.studio().await;
    let (admin, session) = (app.user(Role::Admin, &[studio]).await, app.session().await);
    let give_german = async |version: &str| {
        let given = give(&app, session, &json!({ "version": version, "language": "de" })).await;
        let code = given.json::<Value>().await.unwrap()["code"].as_str().unwrap().to_owned();
        let record = app.get_json(&format!("/api/consents/{code}")).await;
        (record["consents"][0]["language"].clone(), record["consents"][0]["text"].clone())
    };
    let (language, text) = give_german(OWN).await;
    assert_eq!(language, "de");
    assert!(text.as_str().unwrap().starts_with("Um Sie zu finden"), "{text}");

    // The studio writes no German.
    set_text(&app, &admin, studio, "match", "One").await;
    assert_eq!(give_german("studio-1").await, (json!("en"), json!("One in English")));
    let path = format!("/api/studios/{studio}/consent-texts/match");
    let text = json!({ "text": { "ru": "Да", "en": "Yes", "de": "Ja" } });
    assert_eq!(app.send_as(&admin, Method::PUT, &path, text).await.status(), 200);
    assert_eq!(give_german("studio-2").await, (json!("de"), json!("Ja")));
}

#[tokio::test]
async fn a_changed_text_asks_again_and_the_old_one_is_kept() {
    let app = start().await;
    let studio = app.studio().await;
    let (admin, session) = (app.user(Role::Admin, &[studio]).await, app.session().await);
    let own = given(&app, session).await;
    let changed = set_text(&app, &admin, studio, "match", "One").await;
    assert_eq!(changed.status(), 200);
    let changed: Value = changed.json().await.unwrap();
    assert_eq!((&changed["version"], &changed["is_current"]), (&json!("studio-1"), &json!(true)));
    assert_eq!(text_of(&app, session, "match").await["text"]["ru"], "One по-русски");
    let again: Value = set_text(&app, &admin, studio, "match", "One").await.json().await.unwrap();
    assert_eq!(again["version"], "studio-1", "the same words are no new version");

    // A page that was loaded before, and another program's own version, are told of the new text.
    for version in [OWN, "2026-11", "studio-2"] {
        let late = give(&app, session, &json!({ "version": version, "language": "en" })).await;
        let problem = assert_problem(late, 409, "consent_outdated").await;
        assert_eq!(problem["version"], "studio-1");
    }
    let refused = search(&app, session, &own.to_string()).await;
    assert_problem(refused, 409, "consent_outdated").await;
    let new = give(&app, session, &json!({ "version": "studio-1", "language": "en" })).await;
    let new: Value = new.json().await.unwrap();
    let (code, new) = (new["code"].as_str().unwrap(), new["consent_id"].as_str().unwrap());
    assert_eq!(search(&app, session, new).await.status(), 200);

    set_text(&app, &admin, studio, "match", "Two").await;
    assert_problem(search(&app, session, new).await, 409, "consent_outdated").await;
    let record = app.get_json(&format!("/api/consents/{code}")).await;
    assert_eq!(record["consents"][0]["text"], "One in English", "what was agreed to can be shown");
    let path = format!("/api/studios/{studio}/consent-texts/match");
    let reset = app.send_as(&admin, Method::DELETE, &path, json!({})).await;
    assert_eq!(reset.json::<Value>().await.unwrap()["version"], OWN);
    assert_problem(search(&app, session, new).await, 409, "consent_outdated").await;
    assert_eq!(search(&app, session, &own.to_string()).await.status(), 200);
    let versions = app.get_as(&admin, &path).await;
    let versions = versions["texts"].as_array().unwrap();
    let of = |text: &Value| (text["version"].as_str().unwrap().to_owned(), text["is_current"] == true);
    let expected = [("studio-2", false), ("studio-1", false), (OWN, true)];
    assert_eq!(versions.iter().map(of).collect::<Vec<_>>(), expected.map(|(name, is)| (name.to_owned(), is)));
    let third: Value = set_text(&app, &admin, studio, "match", "One").await.json().await.unwrap();
    assert_eq!(third["version"], "studio-3", "a version is never used twice");
}

async fn search(app: &TestApp, session: PhotoSessionId, consent: &str) -> Response {
    app.search.answer(|_| {
        Ok(SearchAnswer {
            id: SearchId::generate(),
            model: "test".into(),
            faces: Vec::new(),
            matches: Vec::new(),
            perhaps: Vec::new(),
            photos_total: 0,
            photos_pending: 0,
        })
    });
    let selfie = Part::bytes(vec![7; 3]).file_name("me.jpg").mime_str("image/jpeg").unwrap();
    let form = Form::new().part("selfie", selfie).text("consent_id", consent.to_owned());
    let path = format!("/api/v1/sessions/{session}/search");
    app.request(Method::POST, &path).multipart(form).send().await.unwrap()
}

#[tokio::test]
async fn a_text_is_whole_and_belongs_to_its_studio() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let admin = app.user(Role::Admin, &[here]).await;
    let path = format!("/api/studios/{here}/consent-texts/match");
    for text in [
        json!({ "ru": "Да", "en": "" }),
        json!({ "ru": "Да" }),
        json!({ "ru": "Да", "en": "Yes", "fr": "Oui" }),
        json!({ "ru": "Да", "en": "Yes", "de": "" }),
        json!({ "de": "Ja", "en": "Yes" }),
        json!({ "ru": "Да", "en": "a".repeat(3_501) }),
        json!({ "ru": "Да", "en": "\u{7}" }),
    ] {
        let refused = app.send_as(&admin, Method::PUT, &path, json!({ "text": text })).await;
        assert_problem(refused, 422, "invalid_consent_text").await;
    }
    assert_problem(set_text(&app, &admin, here, "all", "x").await, 422, "unknown_purpose").await;
    assert_problem(set_text(&app, &admin, there, "match", "x").await, 404, "studio_not_found").await;
    let session = app.session().await;
    assert_eq!(text_of(&app, session, "match").await["version"], OWN);
}

#[tokio::test]
async fn a_studio_lists_its_consents_and_a_photographer_those_of_their_sessions() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let owner = app.user(Role::Photographer, &[here]).await;
    let admin = app.user(Role::Admin, &[here]).await;
    let (session, other) = (app.session_of(&owner, here).await, app.session().await);
    let mut ids = Vec::new();
    for session in [session, session, other] {
        ids.push(given(&app, session).await.to_string());
        app.later(1);
    }
    assert_eq!(withdraw(&app, session, &ids[0]).await.status(), 204);
    let list = async |user: &TestUser, path: &str| -> Vec<String> {
        let listed = app.get_as(user, path).await;
        let id = |consent: &Value| consent["consent_id"].as_str().unwrap().to_owned();
        listed["consents"].as_array().unwrap().iter().map(id).collect()
    };
    let of_studio = format!("/api/studios/{here}/consents");
    let of_session = format!("/api/photo-sessions/{session}/consents");
    assert_eq!(list(&admin, &of_studio).await, [&*ids[2], &ids[1], &ids[0]]);
    assert_eq!(list(&owner, &of_session).await, [&*ids[1], &ids[0]]);
    assert_eq!(list(&admin, &format!("{of_studio}?stands=false")).await, [&*ids[0]]);
    assert_eq!(list(&admin, &format!("{of_studio}?stands=true&purpose=match")).await, [&*ids[2], &ids[1]]);
    assert!(list(&admin, &format!("{of_studio}?purpose=news")).await.is_empty());
    let page = app.get_as(&admin, &format!("{of_studio}?limit=2")).await;
    let next = format!("{of_studio}?limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
    assert_eq!(list(&admin, &next).await, [&*ids[0]]);
    let words = page.to_string();
    assert!(!words.contains("code") && !words.contains("record"), "the record is the guest's alone: {words}");

    let stranger = app.user(Role::Admin, &[there]).await;
    let colleague = app.user(Role::Photographer, &[here]).await;
    let get = async |user: &TestUser, path: &str| app.send_as(user, Method::GET, path, json!({})).await;
    assert_problem(get(&stranger, &of_studio).await, 404, "studio_not_found").await;
    assert_problem(get(&stranger, &of_session).await, 404, "session_not_found").await;
    assert_problem(get(&colleague, &of_session).await, 404, "session_not_found").await;
    assert_problem(get(&owner, &of_studio).await, 403, "forbidden").await;
    assert_problem(get(&admin, &format!("{of_studio}?purpose=all")).await, 422, "unknown_purpose").await;
}
