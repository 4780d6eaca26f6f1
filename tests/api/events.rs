//! Server-sent events, read as a browser reads them.

use std::time::{Duration, Instant};

use pixora::{
    domain::{
        ConsentId, Photo, PhotoSessionId, PhotoState, RelativeBox, Role, SearchId, Watermark, WatermarkKind,
    },
    events::Event,
    search::{Followed, Match},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::helpers::{TestApp, assert_problem, start};

/// An open stream; what has arrived and was not looked at yet.
pub struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    pub fn of(response: Response) -> Self {
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self { response, text: String::new() }
    }

    pub async fn open(app: &TestApp, session: PhotoSessionId, query: &str) -> Self {
        Self::of(app.get(&format!("/api/v1/sessions/{session}/events{query}")).await)
    }

    /// The next block of the stream, without its empty line; `None` at its end.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                return Some(block);
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.response.chunk());
            let chunk = chunk.await.expect("something arrives").expect("the connection holds")?;
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }

    /// The next event that is not about counts.
    pub async fn event(&mut self) -> Option<(String, Value)> {
        loop {
            let block = self.block().await?;
            let Some((name, data)) = block.strip_prefix("event: ").and_then(|b| b.split_once("\ndata: "))
            else {
                continue;
            };
            if name != "counts" {
                return Some((name.to_owned(), serde_json::from_str(data).expect("data is JSON")));
            }
        }
    }

    pub async fn counts(&mut self) -> Value {
        loop {
            let block = self.block().await.expect("the stream goes on");
            if let Some(data) = block.strip_prefix("event: counts\ndata: ") {
                return serde_json::from_str(data).expect("data is JSON");
            }
        }
    }
}

fn told(photo: &Photo, is_selected: bool) -> Event {
    Event::Photo { id: photo.id, state: Some(PhotoState::Ready), is_selected, is_visible: is_selected }
}

#[tokio::test]
async fn a_stream_begins_with_the_pause_and_the_counts() {
    let app = start().await;
    let session = app.session().await;
    let hidden = app.photo(session, "a.jpg").await;
    app.photo(session, "b.jpg").await;
    app.queued_photo(session, "c.jpg").await;
    app.app.store.photos().set_selected(session, &[hidden.id], false).await.unwrap();
    let mut stream = Stream::open(&app, session, "").await;
    assert_eq!(stream.block().await.as_deref(), Some("retry: 3000"));
    let counts = stream.counts().await;
    assert_eq!(counts, json!({ "ready": 1, "queued": 1, "rejected": 0, "selected": 1 }), "what guests see");
}

#[tokio::test]
async fn a_panel_that_is_signed_out_hears_no_more() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    let path = format!("/api/photo-sessions/{session}/events");
    let mut panel = Stream::of(app.send_as(&user, Method::GET, &path, json!({})).await);
    let mut guest = Stream::open(&app, session, "").await;
    panel.counts().await;
    guest.counts().await;
    assert_eq!(app.send_as(&user, Method::POST, "/api/auth/logout", json!({})).await.status(), 204);
    while panel.block().await.is_some() {}
    app.photo(session, "a.jpg").await;
    app.app.events.publish(session, Event::Counts);
    assert_eq!(guest.counts().await["ready"], 1, "guests hear on");
}

#[tokio::test]
async fn what_the_studio_does_is_seen_at_once() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    let photo = app.photo(session, "a.jpg").await;
    let mut guest = Stream::open(&app, session, "").await;
    let path = format!("/api/photo-sessions/{session}/events");
    let mut panel = Stream::of(app.send_as(&user, Method::GET, &path, json!({})).await);
    assert_eq!(guest.counts().await["ready"], 1);
    assert_eq!(panel.counts().await["ready"], 1);

    let path = format!("/api/photos/{}", photo.id);
    app.send_as(&user, Method::PATCH, &path, json!({ "is_selected": false })).await;
    let hidden = json!({ "photo_id": photo.id, "state": "ready", "is_selected": false });
    assert_eq!(guest.event().await, Some(("photo".into(), hidden.clone())));
    assert_eq!(panel.event().await, Some(("photo".into(), hidden)));
    assert_eq!(guest.counts().await["ready"], 0);
    let counts = panel.counts().await;
    assert_eq!((&counts["ready"], &counts["selected"]), (&json!(1), &json!(0)));

    app.send_as(&user, Method::PATCH, &path, json!({ "is_selected": true })).await;
    assert_eq!(guest.event().await.expect("is told").1["is_selected"], true);
    panel.event().await;
    app.send_as(&user, Method::DELETE, &path, json!({})).await;
    let deleted = json!({ "photo_id": photo.id, "state": "deleted", "is_selected": false });
    assert_eq!(guest.event().await, Some(("photo".into(), deleted)));

    // A rejected photo was never a guest's.
    let queued = app.queued_photo(session, "b.jpg").await;
    let rejected =
        Event::Photo { id: queued, state: Some(PhotoState::Rejected), is_selected: true, is_visible: false };
    app.app.events.publish(session, rejected);
    panel.event().await;
    assert_eq!(panel.event().await.expect("is told").1["state"], "rejected");

    let path = format!("/api/photo-sessions/{session}");
    app.send_as(&user, Method::PATCH, &path, json!({ "facepass_enabled": false })).await;
    let closed = json!({ "status": "active", "gallery_open": false, "facepass_enabled": false });
    assert_eq!(guest.event().await, Some(("session".into(), closed.clone())));
    assert_eq!(guest.event().await, None, "a closed session has no guests");
    assert_eq!(panel.event().await, Some(("session".into(), closed)));
    let again = app.get(&format!("/api/v1/sessions/{session}/events")).await;
    assert_problem(again, 404, "facepass_disabled").await;
}

#[tokio::test]
async fn a_photo_that_is_not_selected_is_never_named_to_guests() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    let [hidden, shown] = [app.photo(session, "a.jpg").await, app.photo(session, "b.jpg").await];
    app.app.store.photos().set_selected(session, &[hidden.id], false).await.unwrap();
    let mut guest = Stream::open(&app, session, "").await;
    guest.counts().await;
    // It became ready, is hidden once more, deleted.
    app.app.events.publish(session, told(&hidden, false));
    let path = format!("/api/photos/{}", hidden.id);
    app.send_as(&user, Method::PATCH, &path, json!({ "is_selected": false })).await;
    app.send_as(&user, Method::DELETE, &path, json!({})).await;
    app.app.events.publish(session, told(&shown, true));
    let (name, next) = guest.event().await.expect("is told");
    assert_eq!((name.as_str(), &next["photo_id"]), ("photo", &json!(shown.id)));
}

/// A search that the guest made, with nothing found yet.
fn keep(app: &TestApp, session: PhotoSessionId, found: &[&Photo]) -> (SearchId, ConsentId) {
    let (search, consent) = (SearchId::generate(), ConsentId::generate());
    let found = found.iter().map(|photo| photo.id).collect();
    let followed =
        Followed { session, consent, model: "test".into(), probes: vec![vec![1.0; 4]].into(), found };
    app.probing.keep(search, followed, Instant::now());
    (search, consent)
}

fn matching(photo: &Photo) -> Match {
    Match {
        photo: photo.clone(),
        external_ids: Vec::new(),
        score: 0.75,
        rect: RelativeBox { x: 0.5, y: 0.25, w: 0.25, h: 0.125 },
    }
}

#[tokio::test]
async fn who_found_one_photo_is_shown_the_second_without_asking() {
    let app = start().await;
    let session = app.session().await;
    let (first, second) = (app.photo(session, "a.jpg").await, app.photo(session, "b.jpg").await);
    *app.search.again.lock().unwrap() = vec![matching(&first), matching(&second)];
    let (search, _) = keep(&app, session, &[&first]);
    let mut mine = Stream::open(&app, session, &format!("?search_id={search}")).await;
    let (name, found) = mine.event().await.expect("is told");
    assert_eq!(name, "match");
    assert_eq!(found["photo_id"], json!(second.id));
    assert_eq!((&found["score"], &found["box"]["x"]), (&json!(0.75), &json!(0.5)));
    assert!(found["thumb_url"].as_str().unwrap().starts_with("/media/"));

    // Told once: the next that arrives is the third.
    let third = app.photo(session, "c.jpg").await;
    app.search.again.lock().unwrap().push(matching(&third));
    app.app.events.publish(session, told(&third, true));
    assert_eq!(mine.event().await.expect("is told").0, "photo");
    assert_eq!(mine.event().await.expect("is told").1["photo_id"], json!(third.id));
}

#[tokio::test]
async fn an_open_page_is_shown_what_it_finds_under_the_studios_mark() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await;
    let text = Some("Studio".to_owned());
    let watermark = Watermark { kind: WatermarkKind::Text, text, logo: None, opacity: 40 };
    app.app.marks.set(app.studio().await, Some(watermark), chrono::Utc::now()).await.unwrap();
    *app.search.again.lock().unwrap() = vec![matching(&photo)];
    let (search, _) = keep(&app, session, &[]);
    let mut mine = Stream::open(&app, session, &format!("?search_id={search}")).await;
    let (name, found) = mine.event().await.expect("is told");
    assert_eq!(name, "match");
    let shown = app.get_json(&format!("/api/v1/sessions/{session}/photos")).await["photos"][0].clone();
    for member in ["thumb_url", "preview_url", "full_url"] {
        assert_eq!(found[member], shown[member], "as in the gallery");
    }
    assert!(found["full_url"].as_str().unwrap().contains("/2048-00000000000000c3-"), "{found}");
}

#[tokio::test]
async fn a_withdrawn_consent_ends_the_search_of_an_open_page() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await;
    let path = format!("/api/v1/sessions/{session}/consents");
    let given = app.request(Method::POST, &path).json(&json!({ "version": "1", "language": "en" })).send();
    let given: Value = given.await.unwrap().json().await.unwrap();
    let consent: ConsentId = serde_json::from_value(given["consent_id"].clone()).unwrap();
    let search = SearchId::generate();
    let followed = Followed {
        session,
        consent,
        model: "test".into(),
        probes: vec![vec![1.0; 4]].into(),
        found: [].into(),
    };
    app.probing.keep(search, followed, Instant::now());
    let mut mine = Stream::open(&app, session, &format!("?search_id={search}")).await;
    mine.counts().await;
    let withdrawn = app.request(Method::DELETE, &format!("{path}/{consent}")).send().await.unwrap();
    assert_eq!(withdrawn.status(), 204);
    assert!(app.probing.is_empty(), "gone at once, though the page is open");

    *app.search.again.lock().unwrap() = vec![matching(&photo)];
    app.app.events.publish(session, told(&photo, true));
    app.app.events.publish(
        session,
        Event::Session {
            status: pixora::domain::SessionStatus::Active,
            gallery_open: true,
            face_search: true,
        },
    );
    assert_eq!(mine.event().await.expect("is told").0, "photo");
    assert_eq!(mine.event().await.expect("is told").0, "session");
    // Longer than the pause between two searches.
    let silence = tokio::time::timeout(Duration::from_secs(4), mine.event()).await;
    assert!(silence.is_err(), "{silence:?}");
}

#[tokio::test]
async fn a_strangers_or_a_made_up_search_finds_nothing() {
    let app = start().await;
    let (session, other) = (app.session().await, app.session().await);
    let photo = app.photo(session, "a.jpg").await;
    *app.search.again.lock().unwrap() = vec![matching(&photo)];
    let (elsewhere, _) = keep(&app, other, &[]);
    for search in [elsewhere, SearchId::generate()] {
        let mut stream = Stream::open(&app, session, &format!("?search_id={search}")).await;
        let silence = tokio::time::timeout(Duration::from_millis(500), stream.event()).await;
        assert!(silence.is_err(), "{silence:?}");
    }
    let malformed = app.get(&format!("/api/v1/sessions/{session}/events?search_id=x")).await;
    assert_problem(malformed, 422, "malformed_id").await;
}

#[tokio::test]
async fn streams_are_counted_and_their_places_given_back() {
    let app = start().await;
    let session = app.session().await;
    let path = format!("/api/v1/sessions/{session}/events");
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(Stream::open(&app, session, "").await);
    }
    assert_problem(app.get(&path).await, 503, "too_many_streams").await;
    assert_eq!(Stream::open(&app, app.session().await, "").await.counts().await["ready"], 0);
    open.pop();
    // The server notices at the next thing that it writes.
    for _ in 0..100 {
        app.app.events.publish(
            session,
            Event::Session {
                status: pixora::domain::SessionStatus::Active,
                gallery_open: true,
                face_search: true,
            },
        );
        if app.app.events.watchers(session) < 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(app.get(&path).await.status(), 200);
}

#[tokio::test]
async fn open_pages_do_not_hold_up_the_stop() {
    let mut app = start().await;
    let session = app.session().await;
    let mut stream = Stream::open(&app, session, "").await;
    stream.counts().await;
    app.stop.cancel();
    app.app.events.close();
    assert_eq!(stream.event().await, None);
    let stopped = tokio::time::timeout(Duration::from_secs(5), &mut app.server).await;
    assert!(stopped.is_ok(), "the server has stopped");
}
