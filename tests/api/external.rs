//! Sessions that live in the studio's own database, a real PostgreSQL.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::Utc;
use pixora::{
    domain::{PhotoSessionId, SessionEvent, StudioId},
    events::{Event, Seen},
    photo_sessions::{ExternalSource, SessionSource, SessionSync},
    store::ExternalDatabase,
};
use reqwest::{Method, multipart};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    helpers::{TestApp, assert_problem, start_beside},
    postgres::Postgres,
};

fn database(postgres: &Postgres) -> ExternalDatabase {
    ExternalDatabase::open([postgres.url("reader").as_str()]).expect("the URL is right")
}

async fn start(postgres: &Postgres) -> TestApp {
    start_beside(Some(database(postgres))).await
}

fn validate(id: impl std::fmt::Display) -> String {
    format!("/api/v1/sessions/validate/{id}")
}

#[tokio::test]
async fn a_session_of_the_studios_database_is_served_like_our_own() {
    let Some(postgres) = Postgres::start().await else { return };
    let [session, studio, photographer] = [Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7()];
    postgres
        .run(&format!(
            "INSERT INTO photo_sessions VALUES ('{session}', 'Anna & Ivan', NULL, '{photographer}', '{studio}', 'active', \
             NULL, NULL, '{{\"currency\": \"RUB\"}}', '2026-02-18T17:55:51.746Z', '2026-02-18T17:55:51.746Z', NULL, true)"
        ))
        .await;
    let app = start(&postgres).await;
    let text = app.get(&validate(session)).await.text().await.unwrap();
    let expected = format!(
        "{{\"valid\":true,\"session\":{{\"id\":\"{session}\",\"name\":\"Anna & Ivan\",\"studio_id\":\"{studio}\",\
         \"facepass_enabled\":true,\"photographer_id\":\"{photographer}\",\"status\":\"active\",\
         \"created_at\":\"2026-02-18T17:55:51.746000+00:00\",\"updated_at\":\"2026-02-18T17:55:51.746000+00:00\"}},\
         \"error\":null}}",
    );
    assert_eq!(text, expected);
    let absent = app.get_json(&validate(Uuid::now_v7())).await;
    assert_eq!(absent, json!({ "valid": false, "session": null, "error": "Session not found" }));

    app.photo(PhotoSessionId(session), "a.jpg").await;
    let gallery = app.get_json(&format!("/api/v1/sessions/{session}/photos")).await;
    assert_eq!((&gallery["total"], &gallery["photos"][0]["filename"]), (&1.into(), &"a.jpg".into()));
    assert_eq!(app.get(gallery["photos"][0]["thumb_url"].as_str().unwrap()).await.status(), 200);
    assert_eq!(app.get(&format!("/session/{session}")).await.status(), 200);
    let own = app.session().await;
    assert_eq!(app.get_json(&validate(own)).await["valid"], true, "our own are still there");
    let listed = ExternalSource::new(database(&postgres)).list().await.unwrap();
    assert_eq!(listed.iter().map(|session| session.id.0).collect::<Vec<_>>(), [session]);
}

#[tokio::test]
async fn facepass_switched_off_closes_page_search_and_pictures_within_the_cache_time() {
    let Some(postgres) = Postgres::start().await else { return };
    let session = postgres.session("Wedding").await;
    let app = start(&postgres).await;
    app.photo(PhotoSessionId(session), "a.jpg").await;
    let gallery = format!("/api/v1/sessions/{session}/photos");
    let picture = app.get_json(&gallery).await["photos"][0]["thumb_url"].as_str().unwrap().to_owned();
    let page = format!("/session/{session}");
    let search = async || {
        let form = multipart::Form::new().part("selfie", multipart::Part::bytes(b"selfie".as_slice()));
        let path = format!("/api/v1/sessions/{session}/search");
        app.request(Method::POST, &path).multipart(form).send().await.unwrap().status().as_u16()
    };
    let statuses = async || {
        let status = async |path: &str| app.get(path).await.status().as_u16();
        [status(&page).await, status(&gallery).await, status(&picture).await, search().await]
    };
    assert_eq!(statuses().await, [200, 200, 200, 422], "open: the selfie has no face");
    postgres.run("UPDATE photo_sessions SET facepass_enabled = false").await;
    assert_eq!(statuses().await, [200, 200, 200, 422], "within the cache time");
    app.later(31);
    assert_eq!(statuses().await, [404, 404, 404, 404]);
    assert_eq!(app.get_json(&validate(session)).await["error"], "FacePass is not enabled");
}

/// How often each of these answers came: status and, for a session, whether it is valid.
type Answers = BTreeMap<(u16, Option<bool>), usize>;

/// Guests at the door until `stop`: half know one session, half come with links that nobody has seen.
async fn crowd(app: &TestApp, seen: Uuid, stop: Arc<AtomicBool>) -> [Answers; 2] {
    let guests = (0..50).map(|guest| {
        let (stop, client) = (stop.clone(), reqwest::Client::new());
        let url = app.url.clone();
        tokio::spawn(async move {
            let mut answers = Answers::new();
            while !stop.load(Ordering::SeqCst) {
                let id = if guest % 2 == 0 { seen } else { Uuid::now_v7() };
                let response = client.get(format!("{url}{}", validate(id))).send().await.expect("answers");
                let status = response.status().as_u16();
                let answer: Value = response.json().await.expect("JSON");
                *answers.entry((status, answer["valid"].as_bool())).or_default() += 1;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            (guest % 2, answers)
        })
    });
    let mut all = [Answers::new(), Answers::new()];
    for guest in guests.collect::<Vec<_>>() {
        let (kind, answers) = guest.await.expect("ends in peace");
        for (answer, count) in answers {
            *all[kind].entry(answer).or_default() += count;
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_in_the_middle_of_a_crowd_closes_the_door_to_strangers_only() {
    let Some(mut postgres) = Postgres::start().await else { return };
    let seen = postgres.session("Wedding").await;
    let app = start(&postgres).await;
    assert_eq!(app.get_json(&validate(seen)).await["valid"], true);
    let stop = Arc::new(AtomicBool::new(false));
    let (answers, ()) = tokio::join!(crowd(&app, seen, stop.clone()), async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        postgres.kill();
        app.later(31);
        tokio::time::sleep(Duration::from_secs(4)).await;
        stop.store(true, Ordering::SeqCst);
    });
    let [guests, strangers] = &answers;
    assert_eq!(guests.keys().collect::<Vec<_>>(), [&(200, Some(true))], "{answers:?}");
    assert_eq!(strangers.keys().collect::<Vec<_>>(), [&(200, Some(false)), &(500, None)], "{answers:?}");

    let problem = assert_problem(app.get(&validate(Uuid::now_v7())).await, 500, "source_unavailable").await;
    let problem = problem.to_string();
    for secret in ["postgres", "127.0.0.1", "reader", "sql", "refused", "external"] {
        assert!(!problem.contains(secret), "{problem}");
    }
    let ready = app.get("/readyz").await;
    assert_eq!(ready.status(), 200, "our own sessions can be served");
    let ready: Value = ready.json().await.unwrap();
    let failed: Vec<_> = ready["checks"].as_array().unwrap().iter().filter(|c| c["ok"] == false).collect();
    assert_eq!((failed.len(), &failed[0]["name"]), (1, &"session_sources".into()));
    assert!(!ready.to_string().contains("postgres"));

    // Seen at the latest when the server died: four minutes later it goes on, five minutes later not.
    app.later(240);
    assert_eq!(app.get_json(&validate(seen)).await["valid"], true);
    app.later(60);
    assert_problem(app.get(&validate(seen)).await, 500, "source_unavailable").await;

    postgres.resume().await;
    let started = Instant::now();
    let whole =
        async || app.get_json("/readyz").await["checks"].as_array().unwrap().iter().all(|c| c["ok"] == true);
    while app.get(&validate(seen)).await.status() != 200 || !whole().await {
        assert!(started.elapsed() < Duration::from_secs(15), "it recovers");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(app.get_json(&validate(seen)).await["valid"], true);
}

#[tokio::test]
async fn a_change_is_noticed_told_and_answered_at_once() {
    let Some(mut postgres) = Postgres::start().await else { return };
    let session = postgres.session("Wedding").await;
    let app = start(&postgres).await;
    let store = &app.app.store;
    let sync = || {
        let (sessions, events) = (app.app.sessions.clone(), app.app.events.clone());
        SessionSync::new(database(&postgres), store.clone(), sessions, events)
    };
    let mut open_page = app.app.events.watch(PhotoSessionId(session));
    let mut restarted = sync();
    let mut sync = sync();
    let row = app.app.sessions.get(PhotoSessionId(session)).await.unwrap();
    let webhooks = &app.app.webhooks;
    let hear = async |studio| {
        let all = SessionEvent::ALL.to_vec();
        webhooks.register(studio, "https://hooks.example/", all, Utc::now()).await.expect("is made");
    };
    hear(row.studio_id).await;
    hear(StudioId::generate()).await;
    let events = async || {
        let log = webhooks.deliveries(None, None, 50).await.unwrap();
        log.iter().rev().map(|line| (line.session_id.0, line.event.to_string())).collect::<Vec<_>>()
    };

    assert_eq!(sync.look(Utc::now()).await.unwrap(), 1);
    assert_eq!(
        (sync.look(Utc::now()).await.unwrap(), events().await),
        (0, vec![]),
        "what was so is no change"
    );
    assert_eq!(app.get_json(&validate(session)).await["valid"], true);
    let touch = "UPDATE photo_sessions SET updated_at = now()";
    postgres.run(&format!("{touch}, facepass_enabled = false")).await;
    assert_eq!(app.get_json(&validate(session)).await["valid"], true, "nobody has looked yet");
    assert_eq!(sync.look(Utc::now()).await.unwrap(), 1);
    assert_eq!(app.get_json(&validate(session)).await["error"], "FacePass is not enabled");
    let switched = |enabled| {
        Seen::Event(Event::Session { status: "active".into(), gallery_open: enabled, face_search: enabled })
    };
    for enabled in [true, false] {
        assert_eq!(open_page.next().await, Some(switched(enabled)));
    }
    postgres.run(&format!("{touch}, facepass_enabled = true, status = 'completed'")).await;
    let newer = postgres.session("School day").await;
    postgres.run(&format!("UPDATE photo_sessions SET studio_id = '{}'", row.studio_id)).await;
    assert_eq!(sync.look(Utc::now()).await.unwrap(), 2);
    let told = |id: Uuid, event: &str| (id, format!("session.{event}"));
    let expected = [
        told(session, "disabled"),
        told(session, "enabled"),
        told(session, "completed"),
        told(newer, "enabled"),
    ];
    assert_eq!(events().await, expected);

    // A change that leaves `updated_at` alone waits for the hourly sweep, as does one after a restart.
    postgres.run(&format!("UPDATE photo_sessions SET facepass_enabled = false, updated_at = '2020-01-01' WHERE id = '{newer}'")).await;
    assert_eq!(sync.look(Utc::now()).await.unwrap(), 0);
    assert_eq!(sync.look(Utc::now() + chrono::TimeDelta::hours(1)).await.unwrap(), 1);
    assert_eq!(events().await.last(), Some(&told(newer, "disabled")));
    assert_eq!(restarted.look(Utc::now()).await.unwrap(), 0);

    // What was noticed last is what goes on working during an outage.
    assert_eq!(app.get_json(&validate(session)).await["valid"], true);
    postgres.run(&format!("{touch}, facepass_enabled = false WHERE id = '{session}'")).await;
    assert_eq!(sync.look(Utc::now()).await.unwrap(), 1);
    postgres.kill();
    assert!(sync.look(Utc::now()).await.is_err());
    assert_eq!(app.get_json(&validate(session)).await["error"], "FacePass is not enabled");
}

fn sync(postgres: &Postgres, app: &TestApp) -> SessionSync {
    let (sessions, events) = (app.app.sessions.clone(), app.app.events.clone());
    SessionSync::new(database(postgres), app.app.store.clone(), sessions, events)
}

#[tokio::test]
async fn a_row_of_the_future_does_not_silence_the_others() {
    let Some(postgres) = Postgres::start().await else { return };
    let (early, late) = (postgres.session("Wedding").await, postgres.session("School day").await);
    let app = start(&postgres).await;
    let mut sync = sync(&postgres, &app);
    postgres
        .run(&format!(
            "UPDATE photo_sessions SET updated_at = now() + interval '5 years' WHERE id = '{late}'"
        ))
        .await;
    assert_eq!(sync.look(Utc::now()).await.unwrap(), 2);
    let touch =
        format!("UPDATE photo_sessions SET updated_at = now(), status = 'completed' WHERE id = '{early}'");
    postgres.run(&touch).await;
    assert_eq!(sync.look(Utc::now()).await.unwrap(), 1, "a change of now is still seen");
    // The row itself is read at every look, and compared.
    postgres.run(&format!("UPDATE photo_sessions SET facepass_enabled = false WHERE id = '{late}'")).await;
    assert_eq!(sync.look(Utc::now()).await.unwrap(), 1);
    assert_eq!(sync.look(Utc::now()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_date_that_cannot_be_written_fails_its_row_and_not_the_batch() {
    let Some(postgres) = Postgres::start().await else { return };
    let good = postgres.session("Wedding").await;
    let dates = ["infinity", "-infinity", "294276-12-31 23:59:59+00", "4713-01-02 00:00:00+00 BC"];
    let mut bad = Vec::new();
    for column in ["created_at", "updated_at"] {
        for date in dates {
            let id = postgres.session("Bad").await;
            postgres.run(&format!("UPDATE photo_sessions SET {column} = '{date}' WHERE id = '{id}'")).await;
            bad.push(id);
        }
    }
    let app = start(&postgres).await;
    let batch = json!({ "session_ids": bad.iter().chain([&good]).collect::<Vec<_>>() });
    let answer = app.request(Method::POST, "/api/v1/sessions/validate").json(&batch).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().await.unwrap();
    let valid: Vec<_> =
        answer["results"].as_array().unwrap().iter().map(|one| one["valid"] == true).collect();
    assert_eq!(valid, [vec![false; bad.len()], vec![true]].concat());
    assert_eq!(sync(&postgres, &app).look(Utc::now()).await.unwrap(), 1);
    let listed = ExternalSource::new(database(&postgres)).list().await.unwrap();
    assert_eq!(listed.iter().map(|session| session.id.0).collect::<Vec<_>>(), [good]);
    // A date that nothing depends on reads as none.
    postgres.run("UPDATE photo_sessions SET scheduled_at = '294276-12-31', completed_at = 'infinity'").await;
    app.later(31);
    assert_eq!(app.get_json(&validate(good)).await["valid"], true);
}

#[tokio::test]
async fn a_session_on_both_sides_is_one_session_in_its_stream_too() {
    let Some(postgres) = Postgres::start().await else { return };
    let app = start(&postgres).await;
    let own = app.session().await;
    let there = postgres.session("The same").await;
    postgres
        .run(&format!(
            "UPDATE photo_sessions SET id = '{own}', facepass_enabled = false WHERE id = '{there}'"
        ))
        .await;
    let mut sync = sync(&postgres, &app);
    let mut open_page = app.app.events.watch(own);
    assert_eq!(app.get_json(&validate(own)).await["valid"], true);
    assert_eq!(sync.look(Utc::now()).await.unwrap(), 0);
    postgres.run("UPDATE photo_sessions SET updated_at = now(), status = 'completed'").await;
    assert_eq!(sync.look(Utc::now()).await.unwrap(), 0);
    let silence = tokio::time::timeout(Duration::from_millis(200), open_page.next()).await;
    assert!(silence.is_err(), "our row has not changed: {silence:?}");
    app.later(31);
    assert_eq!(app.get_json(&validate(own)).await["valid"], true, "our row is what is asked");
}

#[tokio::test]
async fn a_table_that_may_not_be_read_is_named_by_readyz_and_keeps_no_node_from_its_own_sessions() {
    let Some(postgres) = Postgres::start().await else { return };
    let app = start(&postgres).await;
    postgres.run("REVOKE SELECT ON photo_sessions FROM reader").await;
    let ready = app.get_json("/readyz").await;
    let sources = ready["checks"].as_array().unwrap().iter().find(|check| check["name"] == "session_sources");
    assert_eq!((&ready["ready"], &sources.unwrap()["ok"]), (&true.into(), &false.into()), "{ready}");
    assert!(database(&postgres).ping().await.is_err(), "as the doctor asks");
    let own = app.session().await;
    assert_eq!(app.get_json(&validate(own)).await["valid"], true);
}
