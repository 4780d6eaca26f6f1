use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode as Status},
    response::{IntoResponse, Response as Answer},
    routing::any,
};
use serde_json::{Value, json};

use chrono::{DateTime, Utc};

use super::*;
use crate::{
    domain::{DeliveryId, GalleryTerms, PhotoSession, PhotoSessionId, SessionEvent, StudioId},
    store::{Delivery, DeliveryState, NewWebhook},
    webhooks::Webhooks,
};

/// A studio's system: the requests that it received, and its next answers (200 by default).
#[derive(Clone, Default)]
struct Receiver {
    received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    url: String,
}

impl Receiver {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://localhost:{}/hook", listener.local_addr().unwrap().port());
        let receiver = Self { url, ..Self::default() };
        let heard = receiver.clone();
        let hook = async move |headers: HeaderMap, body: Bytes| {
            heard.received.lock().unwrap().push((headers, body));
            heard.answers.lock().unwrap().pop_front().unwrap_or_else(|| Status::OK.into_response())
        };
        tokio::spawn(axum::serve(listener, Router::new().fallback(any(hook))).into_future());
        receiver
    }

    fn answer(&self, answer: impl IntoResponse) {
        self.answers.lock().unwrap().push_back(answer.into_response());
    }

    fn received(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    fn header(&self, at: usize, name: &str) -> String {
        self.received.lock().unwrap()[at].0[name].to_str().unwrap().to_owned()
    }
}

struct Fixture {
    store: Store,
    webhooks: Webhooks,
    deliverer: Deliverer,
    session: PhotoSession,
    now: Arc<Mutex<DateTime<Utc>>>,
    _folder: tempfile::TempDir,
}

/// An own session whose studio has one webhook; the clock is the test's.
async fn fixture(target: Target, url: &str) -> (Fixture, NewWebhook) {
    let folder = tempfile::TempDir::new().unwrap();
    let url_of_rows = format!("sqlite:{}?mode=rwc", folder.path().join("pixora.db").display());
    let store = Store::open(&url_of_rows).await.unwrap();
    let now = Arc::new(Mutex::new(Utc::now()));
    let clock: Clock = {
        let now = now.clone();
        Arc::new(move || *now.lock().unwrap())
    };
    let deliverer = Deliverer::new(store.clone(), target, clock).unwrap();
    // Made as if it had been allowed then: what counts is the moment of the connection.
    let webhooks = Webhooks::new(store.clone(), Target::new(true));
    let session = session(&store).await;
    let webhook = webhooks
        .register(session.studio_id, url, SessionEvent::ALL.to_vec(), Utc::now())
        .await
        .expect("is made");
    (Fixture { store, webhooks, deliverer, session, now, _folder: folder }, webhook)
}

async fn session(store: &Store) -> PhotoSession {
    let now = Utc::now();
    let session = PhotoSession {
        id: PhotoSessionId::generate(),
        name: "Anna & Иван".into(),
        description: None,
        studio_id: store.sessions().default_studio(now).await.unwrap(),
        photographer_id: None,
        status: crate::domain::SessionStatus::Active,
        gallery_open: true,
        face_search: true,
        terms: GalleryTerms::default(),
        scheduled_at: None,
        time_zone: None,
        completed_at: None,
        created_at: now,
        updated_at: now,
    };
    store.sessions().create(&session).await.unwrap();
    session
}

impl Fixture {
    async fn switch(&self, enabled: bool) {
        let now = *self.now.lock().unwrap();
        let enabled = Some(enabled);
        assert!(self.store.sessions().set_switches(self.session.id, enabled, enabled, now).await.unwrap());
    }

    fn later(&self, seconds: i64) {
        *self.now.lock().unwrap() += TimeDelta::seconds(seconds);
    }

    /// Makes the attempts that are due and returns the newest line of the log.
    async fn deliver(&self) -> Delivery {
        self.deliverer.deliver_due().await.unwrap();
        self.log().await.remove(0)
    }

    async fn log(&self) -> Vec<Delivery> {
        self.webhooks.deliveries(None, None, 50).await.unwrap()
    }

    /// Seconds until the next attempt.
    fn wait(&self, delivery: &Delivery) -> Option<i64> {
        delivery.next_attempt_at.map(|at| (at - *self.now.lock().unwrap()).num_seconds())
    }
}

#[tokio::test]
async fn a_change_is_delivered_once_and_signed() {
    let receiver = Receiver::start().await;
    let (fixture, webhook) = fixture(Target::new(true), &receiver.url).await;
    fixture.switch(true).await;
    assert_eq!(fixture.log().await, [], "nothing changed");
    fixture.switch(false).await;
    let delivery = fixture.deliver().await;
    assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Delivered, 1));
    assert_eq!((delivery.event, delivery.last_status), (SessionEvent::Disabled, Some(200)));
    assert!(delivery.delivered_at.is_some() && delivery.next_attempt_at.is_none());
    fixture.later(100_000);
    fixture.deliver().await;

    let received = receiver.received.lock().unwrap();
    let [(headers, body)] = received.as_slice() else { panic!("received {} times", received.len()) };
    standardwebhooks::Webhook::new(&webhook.secret).unwrap().verify(body, headers).unwrap();
    let other = standardwebhooks::Webhook::new("whsec_b3RoZXI=").unwrap();
    assert!(other.verify(body, headers).is_err());
    assert_eq!(headers["webhook-id"], delivery.id.to_string());
    assert_eq!(headers["content-type"], "application/json");
    let mut document: Value = serde_json::from_slice(body).unwrap();
    let timestamp = document["timestamp"].take();
    assert!(timestamp.as_str().unwrap().ends_with("+00:00") && timestamp.as_str().unwrap().len() == 32);
    let Fixture { session: PhotoSession { id, studio_id, .. }, .. } = &fixture;
    let data = json!({
        "session_id": id, "studio_id": studio_id, "name": "Anna & Иван", "status": "active", "facepass_enabled": false
    });
    assert_eq!(document, json!({ "type": "session.disabled", "timestamp": null, "data": data }));
}

#[tokio::test]
async fn a_webhook_hears_of_its_studio_and_of_what_it_asked_for() {
    let receiver = Receiver::start().await;
    let (fixture, _) = fixture(Target::new(true), &receiver.url).await;
    let register = |studio, event| fixture.webhooks.register(studio, &receiver.url, vec![event], Utc::now());
    let completed = register(fixture.session.studio_id, SessionEvent::Completed).await.unwrap().webhook.id;
    let strangers = register(StudioId::generate(), SessionEvent::Completed).await.unwrap().webhook;
    fixture.switch(false).await;
    fixture
        .store
        .sessions()
        .set_status(fixture.session.id, crate::domain::SessionStatus::Completed, Utc::now())
        .await
        .unwrap();
    let log = fixture.log().await;
    let of = |id| log.iter().filter(|line| line.webhook_id == id).map(|line| line.event).collect::<Vec<_>>();
    assert_eq!(of(completed), [SessionEvent::Completed]);
    assert_eq!((of(strangers.id), log.len()), (vec![], 3));
    let strangers_log = fixture.webhooks.deliveries(Some(&[strangers.studio_id]), None, 50).await.unwrap();
    assert_eq!(strangers_log, []);
    assert!(!fixture.webhooks.replay(log[0].id, Some(&[strangers.studio_id]), Utc::now()).await.unwrap());
    assert!(!fixture.webhooks.delete(completed, Some(&[strangers.studio_id])).await.unwrap());
    assert!(fixture.webhooks.delete(completed, Some(&[fixture.session.studio_id])).await.unwrap());
    assert_eq!(fixture.log().await.len(), 2);
}

#[tokio::test]
async fn a_failure_is_tried_again_further_and_further_apart_and_then_given_up() {
    let receiver = Receiver::start().await;
    let (fixture, webhook) = fixture(Target::new(true), &receiver.url).await;
    fixture.switch(false).await;
    let id = fixture.log().await[0].id;
    for (attempt, wait) in (1..).map_while(|attempt| Some((attempt, WAITS.after(attempt)?))) {
        receiver.answer(Status::INTERNAL_SERVER_ERROR);
        let delivery = fixture.deliver().await;
        assert_eq!((delivery.state, delivery.attempts), (DeliveryState::Queued, attempt));
        assert_eq!((delivery.last_status, delivery.last_error.as_deref()), (Some(500), Some("refused")));
        let (least, wait) = (wait.as_secs() as i64, fixture.wait(&delivery).expect("comes again"));
        assert!((least - 1..=least + least / 5).contains(&wait), "after attempt {attempt}: {wait} s");
        fixture.later(wait - 1);
        fixture.deliver().await;
        assert_eq!(receiver.received(), attempt as usize, "too early");
        fixture.later(2);
    }
    receiver.answer(Status::BAD_GATEWAY);
    let delivery = fixture.deliver().await;
    assert_eq!(
        (delivery.state, delivery.attempts, delivery.last_status),
        (DeliveryState::Failed, 10, Some(502))
    );
    fixture.later(1_000_000);
    fixture.deliver().await;
    assert_eq!(receiver.received(), 10);

    let now = *fixture.now.lock().unwrap();
    assert!(fixture.webhooks.replay(id, None, now).await.unwrap());
    let delivery = fixture.deliver().await;
    assert_eq!((delivery.state, delivery.attempts, delivery.last_error), (DeliveryState::Delivered, 1, None));
    assert!(!fixture.webhooks.replay(DeliveryId::generate(), None, Utc::now()).await.unwrap());
    let received = receiver.received.lock().unwrap();
    let key = standardwebhooks::Webhook::new(&webhook.secret).unwrap();
    for (headers, body) in received.iter() {
        let text = |name: &str| headers[name].to_str().unwrap().to_owned();
        assert_eq!(text("webhook-id"), id.to_string(), "one message, however often it is sent");
        let signed = key.sign(&id.to_string(), text("webhook-timestamp").parse().unwrap(), body).unwrap();
        assert_eq!(text("webhook-signature"), signed, "signed for its own moment");
    }
    drop(received);
    assert_ne!(receiver.header(0, "webhook-timestamp"), receiver.header(10, "webhook-timestamp"));
}

#[tokio::test]
async fn a_receiver_may_say_when_to_come_again() {
    let receiver = Receiver::start().await;
    let (fixture, _) = fixture(Target::new(true), &receiver.url).await;
    fixture.switch(false).await;
    let date = (*fixture.now.lock().unwrap() + TimeDelta::seconds(7200)).to_rfc2822().replace("+0000", "GMT");
    let cases = [("3600", 3600), (date.as_str(), 3600), ("99999999", 86_400), ("1", 600), ("soon", 1800)];
    for (header, expected) in cases {
        receiver.answer((Status::SERVICE_UNAVAILABLE, [("retry-after", header)]));
        let wait = fixture.wait(&fixture.deliver().await).expect("comes again");
        assert!((expected - 5..=expected + expected / 5).contains(&wait), "{header}: {wait} s");
        fixture.later(wait + 1);
    }
}

#[tokio::test]
async fn a_webhook_that_is_gone_or_switched_off_is_left_alone() {
    let receiver = Receiver::start().await;
    let (fixture, webhook) = fixture(Target::new(true), &receiver.url).await;
    fixture.switch(false).await;
    fixture.switch(true).await;
    receiver.answer(Status::GONE);
    receiver.answer(Status::GONE);
    fixture.deliver().await;
    assert!(fixture.log().await.iter().all(|line| line.state == DeliveryState::Failed));
    let of_all = fixture.webhooks.list(None).await.unwrap();
    assert!(!of_all[0].enabled);
    fixture.switch(false).await;
    assert_eq!(fixture.log().await.len(), 2, "nothing is queued for it");

    fixture.webhooks.switch(webhook.webhook.id, Some(true), None).await.unwrap().expect("is there");
    fixture.switch(true).await;
    fixture.webhooks.switch(webhook.webhook.id, Some(false), None).await.unwrap().expect("is there");
    let heard = receiver.received();
    let delivery = fixture.deliver().await;
    assert_eq!(delivery.last_error.as_deref(), Some("webhook_disabled"));
    assert_eq!((delivery.state, receiver.received()), (DeliveryState::Failed, heard));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let receiver = Receiver::start().await;
    let (fixture, _) = fixture(Target::new(true), &receiver.url).await;
    fixture.switch(false).await;
    receiver.answer((Status::TEMPORARY_REDIRECT, [("location", receiver.url.as_str())]));
    let delivery = fixture.deliver().await;
    assert_eq!((delivery.state, delivery.last_status), (DeliveryState::Queued, Some(307)));
    assert_eq!(receiver.received(), 1);
}

#[tokio::test]
async fn nothing_is_sent_into_our_own_network() {
    let receiver = Receiver::start().await;
    let port: u16 = receiver.url.split([':', '/']).nth(4).unwrap().parse().unwrap();
    // The name was public when the webhook was made and means this machine by now.
    let moved = Arc::new(AtomicBool::new(false));
    let lookup = {
        let moved = moved.clone();
        Arc::new(move |_| {
            let ip = if moved.load(Ordering::SeqCst) { "127.0.0.1" } else { "1.1.1.1" };
            Box::pin(std::future::ready(Ok(vec![ip.parse().unwrap()]))) as _
        })
    };
    let target = Target::with_lookup(false, lookup);
    assert!(target.inspect("https://hooks.example/").await.is_ok());
    moved.store(true, Ordering::SeqCst);
    for url in [
        format!("https://hooks.example:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://[::ffff:7f00:1]:{port}/"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
    ] {
        let (fixture, _) = fixture(target.clone(), &url.replace("hooks.example", "localhost")).await;
        // `localhost` stands in for the name: this one asks the test's lookup, too.
        fixture.switch(false).await;
        let delivery = fixture.deliver().await;
        assert_eq!(delivery.last_error.as_deref(), Some("private_address"), "{url}");
        assert_eq!((delivery.state, delivery.last_status), (DeliveryState::Queued, None));
    }
    let (fixture, _) = fixture(Target::new(false), &receiver.url).await;
    fixture.switch(false).await;
    assert_eq!(fixture.deliver().await.last_error.as_deref(), Some("invalid_url"), "plain http");
    assert_eq!(receiver.received(), 0);
}

#[tokio::test]
async fn an_attempt_that_died_with_its_process_is_made_again() {
    let receiver = Receiver::start().await;
    let (fixture, _) = fixture(Target::new(true), &receiver.url).await;
    fixture.switch(false).await;
    let lease = async |fixture: &Fixture| {
        let now = *fixture.now.lock().unwrap();
        fixture.store.webhooks().lease_due(10, LEASE, now).await.unwrap().len()
    };
    assert_eq!(lease(&fixture).await, 1, "and the process dies");
    assert_eq!(lease(&fixture).await, 0);
    fixture.later(61);
    assert_eq!(fixture.deliver().await.state, DeliveryState::Delivered);
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_is_not_waited_for() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (fixture, _) = fixture(Target::new(true), &url).await;
    fixture.switch(false).await;
    let started = std::time::Instant::now();
    assert_eq!(fixture.deliver().await.last_error.as_deref(), Some("timed_out"));
    assert!(started.elapsed() < ATTEMPT + Duration::from_secs(3));
    drop(listener);
    fixture.later(10);
    assert_eq!(fixture.deliver().await.last_error.as_deref(), Some("connection_failed"));
}
