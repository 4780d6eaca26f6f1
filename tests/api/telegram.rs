use chrono::{TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use pixora::{
    domain::ConsentId,
    store::{ChatChange, Consent, TelegramChat, TelegramOutcome},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::helpers::{BOT_TOKEN, TestApp, assert_problem, created_at, start};

/// What Telegram is told when the webhook is set.
fn secret() -> String {
    let key = Hmac::<Sha256>::new_from_slice(BOT_TOKEN.as_bytes()).unwrap();
    hex::encode(key.chain_update(b"pixora telegram webhook").finalize().into_bytes())
}

fn update(id: i64, chat: i64, text: &str) -> Value {
    json!({ "update_id": id, "message": {
        "message_id": 1, "date": 1_700_000_000, "text": text,
        "from": { "id": chat, "is_bot": false, "first_name": "Anna", "language_code": "ru" },
        "chat": { "id": chat, "type": "private" },
    } })
}

async fn bring(app: &TestApp, secret: &str, body: &str) -> Response {
    app.request(Method::POST, "/api/telegram/webhook")
        .header("x-telegram-bot-api-secret-token", secret)
        .body(body.to_owned())
        .send()
        .await
        .expect("the server answers")
}

#[tokio::test]
async fn the_webhook_takes_from_telegram_only_and_each_update_once() {
    let app = start().await;
    let body = update(5, 7, "/start").to_string();
    for stranger in ["", "0", BOT_TOKEN, &secret()[2..]] {
        assert_problem(bring(&app, stranger, &body).await, 404, "not_found").await;
    }
    let due = async || app.app.store.telegram().due_updates(Utc::now()).await.unwrap();
    assert!(due().await.is_empty());
    for _ in 0..2 {
        assert_eq!(bring(&app, &secret(), &body).await.status(), 200);
    }
    // What is no update would come again for ever, were it refused.
    for nonsense in ["", "nonsense", "{}", "{\"update_id\":6}"] {
        assert_eq!(bring(&app, &secret(), nonsense).await.status(), 200, "{nonsense}");
    }
    let waiting = due().await;
    assert_eq!(waiting.iter().map(|update| (update.id, update.chat)).collect::<Vec<_>>(), [(5, 7)]);

    let outcome = TelegramOutcome { chat: ChatChange::Keep, awaits: None, messages: vec!["{}".into()] };
    assert!(app.app.store.telegram().settle(&waiting[0], &outcome, Utc::now()).await.unwrap());
    assert!(!app.app.store.telegram().settle(&waiting[0], &outcome, Utc::now()).await.unwrap(), "once");
    assert_eq!(bring(&app, &secret(), &body).await.status(), 200);
    assert!(due().await.is_empty(), "it was done");
    assert_eq!(app.app.store.telegram().due_messages(Utc::now()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_chat_s_updates_wait_for_the_first_and_another_chat_s_do_not() {
    let app = start().await;
    for (id, chat) in [(1, 7), (2, 7), (3, 8)] {
        bring(&app, &secret(), &update(id, chat, "/help").to_string()).await;
    }
    let now = Utc::now();
    let rows = app.app.store.telegram();
    rows.postpone_update(1, now + TimeDelta::seconds(60)).await.unwrap();
    let ids = async |at| {
        let due = rows.due_updates(at).await.unwrap();
        due.iter().map(|update| (update.id, update.attempts)).collect::<Vec<_>>()
    };
    assert_eq!(ids(now + TimeDelta::seconds(1)).await, [(3, 0)]);
    assert_eq!(ids(now + TimeDelta::seconds(61)).await, [(3, 0), (1, 1)]);
}

#[tokio::test]
async fn what_is_known_of_a_chat_runs_out_and_goes_with_the_session() {
    let app = start().await;
    let session = app.session().await;
    let id = ConsentId::generate();
    let consent = Consent {
        id,
        record: id,
        studio_id: None,
        purpose: pixora::domain::ConsentPurpose::Match,
        withdrawn_at: None,
        photo_session_id: session,
        version: "1".into(),
        language: pixora::domain::Language::Russian,
        created_at: created_at(),
    };
    app.app.store.guests().record_consent(&consent).await.unwrap();
    let about = TelegramChat {
        language: Some(pixora::domain::Language::Russian),
        session: Some(session),
        consents: vec![(session, consent.id)],
        ..Default::default()
    };
    let now = Utc::now();
    let rows = app.app.store.telegram();
    for (id, chat, until) in
        [(1, 7, now + TimeDelta::days(1)), (2, 8, now - TimeDelta::days(1)), (3, 9, now + TimeDelta::days(9))]
    {
        bring(&app, &secret(), &update(id, chat, "x").to_string()).await;
        let waiting = rows.due_updates(Utc::now()).await.unwrap();
        let outcome = TelegramOutcome {
            chat: ChatChange::Set(about.clone(), until),
            awaits: None,
            messages: vec!["{}".into()],
        };
        rows.settle(&waiting[0], &outcome, now).await.unwrap();
    }
    rows.sweep(now).await.unwrap();
    assert_eq!(rows.chat(7).await.unwrap(), Some(about));
    assert_eq!(rows.chat(8).await.unwrap(), None, "its time is over");
    rows.forget(9).await.unwrap();
    assert_eq!(rows.chat(9).await.unwrap(), None);
    let chats = |due: Vec<pixora::store::Waiting<uuid::Uuid>>| due.iter().map(|m| m.chat).collect::<Vec<_>>();
    assert_eq!(
        chats(rows.due_messages(now).await.unwrap()),
        [7, 8],
        "unsaid words to who is forgotten go too"
    );

    let erased = app.app.store.erase_session(session).await.unwrap();
    assert_eq!(erased.telegram_chats, 1);
    assert_eq!(rows.chat(7).await.unwrap(), None);
    rows.sweep(now + TimeDelta::days(3)).await.unwrap();
    assert!(rows.due_messages(now + TimeDelta::days(3)).await.unwrap().is_empty());
    assert_eq!(rows.last_update(now).await.unwrap(), None);
}
