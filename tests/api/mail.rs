//! Mails, as a real mail server takes them.

use std::{collections::BTreeSet, path::Path, process::Stdio, sync::Arc, time::Duration};

use chrono::Utc;
use pixora::{
    domain::{Mail, Role},
    mail::Mailer,
};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};
use tokio_util::sync::CancellationToken;

use crate::helpers::{TestApp, start};

/// npm's `smtp-server`; stops with the test.
pub struct MailServer {
    _process: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub port: u64,
}

impl MailServer {
    /// `None`, and a word about it, where the package is not installed.
    pub async fn start() -> Option<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        if !root.join("tests/browser/node_modules/smtp-server").exists() {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "smtp-server is missing on CI");
            println!("SKIPPED: smtp-server is missing; `tools/setup.py --tests` fetches it");
            return None;
        }
        let mut process = Command::new("node")
            .arg(root.join("tests/support/smtp.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node is there");
        let mut lines = BufReader::new(process.stdout.take().expect("piped")).lines();
        let first = lines.next_line().await.expect("can be read").expect("says its port");
        let first: Value = serde_json::from_str(&first).expect("is JSON");
        Some(Self { _process: process, lines, port: first["port"].as_u64().expect("a port") })
    }

    /// The next mail: its reader, and the whole text as it was sent. May be given up without losing a line.
    pub async fn next(&mut self) -> (String, String) {
        let line = self.lines.next_line().await.expect("can be read").expect("the server runs");
        let mail: Value = serde_json::from_str(&line).expect("is JSON");
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        (text(&mail["to"][0]), text(&mail["raw"]))
    }
}

fn mail(to: &str, subject: &str, body: &str) -> Mail {
    Mail { to: to.parse().expect("an address"), subject: subject.into(), body: body.into() }
}

pub fn mailer(app: &TestApp, port: u64) -> Mailer {
    let url = format!("smtp://127.0.0.1:{port}");
    let ahead = app.ahead.clone();
    let clock =
        move || Utc::now() + chrono::TimeDelta::seconds(ahead.load(std::sync::atomic::Ordering::SeqCst));
    let from = "Studio Example <photos@studio.example>";
    let writer = Arc::new(app.app.news.clone());
    Mailer::new(app.app.store.clone(), app.app.postbox.clone(), writer, &url, from, Arc::new(clock))
        .expect("the settings are valid")
}

#[tokio::test]
async fn a_mail_is_sent_once_put_off_or_given_up() {
    let Some(mut server) = MailServer::start().await else { return };
    let app = start().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(mailer(&app, server.port).run(stop.clone()));
    let mails = [
        mail("guest@mail.example", "Заказ\r\nBcc: thief@mail.example", "Здравствуйте!\n.\nOrder 7"),
        mail("never@mail.example", "Refused", "x"),
        mail("later@mail.example", "Put off", "Here in the end"),
    ];
    app.app.store.mails().queue(&mails, Utc::now()).await.expect("is queued");
    app.app.postbox.wake();

    let first = tokio::time::timeout(Duration::from_secs(20), server.next());
    let (to, raw) = first.await.expect("a mail comes");
    assert_eq!(to, "guest@mail.example");
    assert!(raw.contains("From: \"Studio Example\" <photos@studio.example>"), "{raw}");
    assert!(!raw.to_lowercase().contains("\nbcc:"), "a subject adds no header: {raw}");
    assert!(
        raw.contains("MIME-Version: 1.0") && raw.contains("Content-Type: multipart/alternative"),
        "{raw}"
    );
    assert!(raw.contains("Content-Type: text/plain") && raw.contains("Content-Type: text/html"), "{raw}");
    assert!(raw.contains("Message-ID: <") && raw.contains("Auto-Submitted: auto-generated"), "{raw}");

    // The second attempt comes after the wait, whenever the first was.
    let second = async {
        loop {
            app.later(60);
            app.app.postbox.wake();
            if let Ok(mail) = tokio::time::timeout(Duration::from_secs(1), server.next()).await {
                return mail;
            }
        }
    };
    let (to, raw) = tokio::time::timeout(Duration::from_secs(20), second).await.expect("comes in the end");
    assert_eq!((to.as_str(), raw.contains("Here in the end")), ("later@mail.example", true), "{raw}");
    let emptied = async {
        while !app.mails().await.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), emptied).await.expect("nothing stays behind");
    stop.cancel();
    running.await.expect("ends with its token");
}

#[tokio::test]
async fn a_mail_waits_for_a_server_that_hangs_up() {
    let app = start().await;
    let letter = mail("guest@mail.example", "a", "b");
    app.app.store.mails().queue(std::slice::from_ref(&letter), Utc::now()).await.expect("is queued");
    let broken = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let port = broken.local_addr().expect("bound").port();
    let stop = CancellationToken::new();
    let running = tokio::spawn(mailer(&app, port.into()).run(stop.clone()));
    for _ in 0..2 {
        let attempt = tokio::time::timeout(Duration::from_secs(20), broken.accept());
        drop(attempt.await.expect("is tried").expect("connects"));
        app.later(600);
        app.app.postbox.wake();
    }
    stop.cancel();
    running.await.expect("ends with its token");
    assert_eq!(app.mails().await, [letter]);
}

#[tokio::test]
async fn a_buyer_hears_of_every_step_with_the_link_to_the_order() {
    let Some(mut server) = MailServer::start().await else { return };
    let app = start().await;
    let stop = CancellationToken::new();
    let running = tokio::spawn(mailer(&app, server.port).run(stop.clone()));
    let admin = app.user(Role::Admin, &[app.studio().await]).await;
    let order = app.order_with_prints(app.session().await).await;
    let mut said = BTreeSet::new();
    for step in [None, Some("paid"), Some("fulfilled")] {
        if let Some(step) = step {
            assert_eq!(app.step(&admin, &order.id, step).await.status(), 200, "{step}");
        }
        let mail = tokio::time::timeout(Duration::from_secs(20), server.next());
        let (to, raw) = mail.await.unwrap_or_else(|_| panic!("no mail after {step:?}"));
        assert_eq!(to, "anna@mail.example");
        // Quoted-printable, as far as ASCII needs it.
        let text = raw.replace("=\r\n", "").replace("=3D", "=");
        assert!(text.contains(&format!("/order/{}?key={}", order.id, order.key)), "{text}");
        assert!(!text.contains("Please ring twice"), "what a buyer wrote is in no mail: {text}");
        let (_, words) = text.split_once("\r\n\r\n").expect("has a body");
        said.insert(words.to_owned());
    }
    assert_eq!(said.len(), 3, "each says something else: {said:?}");
    stop.cancel();
    running.await.expect("ends with its token");
}
