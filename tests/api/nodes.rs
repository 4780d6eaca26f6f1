//! Two nodes on one PostgreSQL; on SQLite there is nothing to test.

use std::time::{Duration, Instant};

use pixora::{
    app::{Bridge, DirectoryAsker, Node, Parts},
    config::{ConfigArgs, Secret, Settings},
    consents::NewConsent,
    domain::{ConsentId, ConsentPurpose, Language, Mail, PhotoSessionId, SearchId},
    events::{Event, Published, Seen, Topic},
    photo_sessions::SessionChange,
    search::Followed,
};
use reqwest::Method;
use sqlx::Connection;

use crate::{
    database::database_url,
    events::Stream,
    helpers::{TestApp, assert_problem, start_two},
};

/// Two nodes that tell each other what happens.
async fn connected() -> Option<(TestApp, TestApp, [Bridge; 2])> {
    let (first, second) = start_two().await?;
    let open = |app: &TestApp| Bridge::open(&app.app).expect("there are others");
    let bridges = [open(&first), open(&second)];
    assert!(Bridge::open(&first.app).is_none(), "nothing goes out twice");
    // Both listen when each has heard the other.
    for (here, there) in [(&first, &second), (&second, &first)] {
        receives(here, there).await;
    }
    Some((first, second, bridges))
}

/// Returns when the one node hears what is published at the other.
async fn receives(here: &TestApp, there: &TestApp) {
    let session = PhotoSessionId::generate();
    let mut watch = here.app.events.watch(session);
    let heard = async { while watch.next().await != Some(Seen::Event(Event::Counts)) {} };
    let publish = async {
        loop {
            there.app.events.publish(session, Event::Counts);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let heard = async {
        tokio::select! { () = heard => {}, () = publish => {} }
    };
    tokio::time::timeout(Duration::from_secs(20), heard).await.expect("is heard");
}

async fn comes_true(mut ask: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !ask().await {
        assert!(started.elapsed() < Duration::from_secs(20), "it never comes true");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_page_hears_what_happens_at_the_other_node() {
    let Some((first, second, bridges)) = connected().await else { return };
    let session = first.session().await;
    let page = second.get(&format!("/api/v1/sessions/{session}/events")).await;
    let mut page = Stream::of(page);
    let photo = first.photo(session, "a.jpg").await;
    let ready = Event::photo(&photo);
    first.app.events.publish(session, ready);
    let (name, data) = page.event().await.expect("the stream goes on");
    assert_eq!((&*name, &data["photo_id"]), ("photo", &photo.id.to_string().into()));
    for bridge in bridges {
        bridge.close().await;
    }
}

#[tokio::test]
async fn a_session_closed_at_one_node_is_closed_at_the_other() {
    let Some((first, second, _bridges)) = connected().await else { return };
    let session = first.session().await;
    let address = format!("/api/v1/sessions/{session}/photos");
    assert_eq!(second.get(&address).await.status(), 200, "and is remembered for half a minute");
    let close = SessionChange { gallery_open: Some(false), ..SessionChange::default() };
    first.app.studio.change(session, close, chrono::Utc::now()).await.expect("is closed");
    comes_true(async || second.get(&address).await.status() != 200).await;
    assert_problem(second.get(&address).await, 404, "facepass_disabled").await;
    // Should the rows be away just now, what was heard is what counts.
    second.source.down.store(true, std::sync::atomic::Ordering::SeqCst);
    second.later(60);
    assert_problem(second.get(&address).await, 404, "facepass_disabled").await;
}

#[tokio::test]
async fn a_consent_withdrawn_at_one_node_is_forgotten_at_the_other() {
    let Some((first, second, _bridges)) = connected().await else { return };
    let session = first.session().await;
    let consent = ConsentId::generate();
    let pass = pixora::guests::Pass::none();
    let new = NewConsent {
        id: consent,
        purpose: ConsentPurpose::Match,
        version: "2026-11".into(),
        language: Language::English,
        beside: None,
    };
    first.app.guests.agree(session, &pass, new, chrono::Utc::now()).await.expect("is recorded");
    let followed =
        Followed { session, consent, model: "test".into(), probes: vec![vec![1.0]].into(), found: [].into() };
    second.probing.keep(SearchId::generate(), followed, Instant::now());
    let withdraw = first.request(Method::DELETE, &format!("/api/v1/sessions/{session}/consents/{consent}"));
    assert_eq!(withdraw.send().await.expect("the server answers").status(), 204);
    comes_true(async || second.probing.is_empty()).await;
}

#[tokio::test]
async fn after_a_lost_connection_everybody_looks_and_hears_again() {
    let Some((first, second, _bridges)) = connected().await else { return };
    let session = first.session().await;
    let mut watch = second.app.events.watch(session);
    let address = format!("/api/v1/sessions/{session}/photos");
    assert_eq!(second.get(&address).await.status(), 200);
    let url = database_url(second.data.path()).await;
    let mut server = sqlx::PgConnection::connect(&url).await.expect("the server answers");
    let ended = sqlx::query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    );
    assert_eq!(ended.fetch_all(&mut server).await.expect("may do this").len(), 2, "one for each node");
    // Nobody is told of this.
    first.set_facepass(session, false).await;
    let missed = tokio::time::timeout(Duration::from_secs(20), watch.next()).await;
    assert_eq!(missed.expect("is told"), Some(Seen::Missed));
    assert_problem(second.get(&address).await, 404, "facepass_disabled").await;
    receives(&second, &first).await;
}

#[tokio::test]
async fn a_burst_arrives_whole_or_everybody_looks() {
    let Some((first, second, _bridges)) = connected().await else { return };
    let session = PhotoSessionId::generate();
    let mut watch = second.app.events.watch(session);
    let ids: Vec<_> = (0..200).map(|_| pixora::domain::HandoffId::generate()).collect();
    for id in &ids {
        first.app.events.publish(session, Event::HandoffResult(*id));
    }
    for id in &ids {
        let seen = tokio::time::timeout(Duration::from_secs(20), watch.next()).await;
        assert_eq!(seen.expect("arrives"), Some(Seen::Event(Event::HandoffResult(*id))));
    }
    // More than may wait: publishing does not yield, so nothing goes out meanwhile.
    for id in ids.iter().cycle().take(10_000) {
        first.app.events.receive(Published { topic: Topic::TicketDesk, event: Event::Handoff });
        first.app.events.publish(session, Event::HandoffResult(*id));
    }
    let missed = async { while watch.next().await != Some(Seen::Missed) {} };
    tokio::time::timeout(Duration::from_secs(20), missed).await.expect("is told");
}

#[tokio::test]
async fn a_mail_is_taken_by_one_node() {
    let Some((first, second)) = start_two().await else { return };
    let mail = |n: usize| Mail {
        to: format!("guest{n}@example.com").parse().expect("an address"),
        subject: "Your order".into(),
        body: "Thank you.".into(),
    };
    let now = chrono::Utc::now();
    let mails: Vec<_> = (0..40).map(mail).collect();
    first.app.store.mails().queue(&mails, now).await.expect("are queued");
    let take = async |app: &TestApp| {
        let mut taken = Vec::new();
        loop {
            let due = app.app.store.mails().lease_due(1, Duration::from_secs(600), now).await;
            let due = due.expect("can be read");
            if due.is_empty() {
                return taken;
            }
            taken.extend(due.into_iter().map(|queued| queued.id));
        }
    };
    let (mut a, b) = tokio::join!(take(&first), take(&second));
    a.extend(b);
    a.sort();
    a.dedup();
    assert_eq!(a.len(), 40, "each once");
}

#[tokio::test]
async fn one_node_asks_the_acme_directory_and_a_second_is_refused_with_a_code() {
    let Some((first, second)) = start_two().await else { return };
    let asker = DirectoryAsker::take(&first.app.store).await.expect("nobody else asks");
    let refused = DirectoryAsker::take(&second.app.store).await.err().expect("one is enough");
    assert_eq!(refused.code(), "acme_needs_one_node");
    assert!(refused.to_string().contains("PIXORA_TLS=files"), "{refused}");
    asker.give_up().await;
    DirectoryAsker::take(&second.app.store).await.expect("it asks from now on");
}

/// What a node says that may not join, and that it may when it fits.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_does_not_fit_is_refused_with_a_code() {
    let Some((first, second)) = start_two().await else { return };
    let settings = async |data: &std::path::Path| {
        let folder = data.join("node");
        let arguments = ConfigArgs { data_dir: Some(folder.display().to_string()), ..Default::default() };
        let settings = Settings::load(&arguments).expect("the settings are valid");
        let ready = settings.ort_dylib.exists() && settings.model_dir.exists();
        let database = Some(Secret::new(database_url(data).await));
        ready.then_some(Settings { database, workers: 1, ..settings })
    };
    let (Some(here), Some(there)) = (settings(first.data.path()).await, settings(second.data.path()).await)
    else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "no models on CI");
        println!("SKIPPED: there are no models; `make setup` fetches them");
        return;
    };
    let open = async |settings: &Settings| {
        let parts = Parts::open(settings).await.expect("the data directory opens");
        Node::open(settings.clone(), parts).await
    };
    let node = open(&here).await.expect("the first is welcome");
    let refused = open(&there).await.err().expect("a second with an index of its own is not");
    assert_eq!(refused.code(), "several_nodes_need_qdrant");
    assert!(refused.to_string().contains("QDRANT_URL"), "{refused}");
    drop(node);
    let refused = open(&there).await.err().expect("it has other files");
    assert_eq!(refused.code(), "storage_differs");
    drop(open(&here).await.expect("these are the right ones"));
    let mark = |settings: &Settings| settings.data_dir.join("blobs/installation/nodes/mark");
    std::fs::create_dir_all(mark(&there).parent().expect("is in a folder")).expect("can be made");
    std::fs::copy(mark(&here), mark(&there)).expect("the files are moved, with their mark");
    open(&there).await.expect("the same files elsewhere");
}
