//! A stand-in for Stripe on this machine. It is not Stripe: it speaks as much of the documented protocol
//! (<https://docs.stripe.com/api/checkout/sessions>, <https://docs.stripe.com/webhooks>) as Pixora uses, refuses
//! whatever the documentation does not have, and makes the events that Stripe would send. Nobody is charged.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

pub const SECRET_KEY: &str = "sk_test_an_invented_key";
pub const WEBHOOK_SECRET: &str = "whsec_an_invented_secret";

#[derive(Default)]
struct Account {
    /// By id.
    sessions: BTreeMap<String, Value>,
    /// The form and the session of each idempotency key.
    keys: HashMap<String, (Bytes, String)>,
    /// The payments that were to be given back, in the order of the requests.
    refunds: Vec<String>,
    /// Refuses to give anything back.
    keeps: bool,
    /// Answers 503 to everything.
    away: bool,
    /// Refused requests, with the reason.
    refused: Vec<String>,
}

#[derive(Clone, Default)]
pub struct StandIn(Arc<Mutex<Account>>);

type Answer = (StatusCode, Json<Value>);

/// A problem as Stripe writes it.
fn refusal(account: &mut Account, status: StatusCode, kind: &str, why: &str) -> Answer {
    account.refused.push(why.to_owned());
    (
        status,
        Json(json!({ "error": { "type": kind, "code": "parameter_invalid", "param": why, "message": why } })),
    )
}

/// What may be in the form: the documented parameters that Pixora has a use for.
const KNOWN: [&str; 13] = [
    "mode",
    "client_reference_id",
    "metadata[order_id]",
    "payment_intent_data[metadata][order_id]",
    "payment_intent_data[description]",
    "line_items[0][quantity]",
    "line_items[0][price_data][currency]",
    "line_items[0][price_data][unit_amount]",
    "line_items[0][price_data][product_data][name]",
    "locale",
    "success_url",
    "cancel_url",
    "customer_email",
];

fn form(body: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let text = std::str::from_utf8(body).map_err(|_| "not UTF-8")?;
    let decode = |part: &str| {
        percent_encoding::percent_decode_str(&part.replace('+', " ")).decode_utf8().map(|it| it.into_owned())
    };
    let mut form = BTreeMap::new();
    for pair in text.split('&') {
        let (name, value) = pair.split_once('=').ok_or("a pair without =")?;
        let (name, value) = (decode(name).map_err(|_| "name")?, decode(value).map_err(|_| "value")?);
        if !KNOWN.contains(&name.as_str()) {
            return Err(format!("unknown parameter {name}"));
        }
        if value.is_empty() || form.insert(name.clone(), value).is_some() {
            return Err(format!("{name} is empty or there twice"));
        }
    }
    for name in KNOWN.iter().filter(|name| **name != "customer_email") {
        form.get(*name).ok_or(format!("{name} is missing"))?;
    }
    let is = |name: &str, sound: &dyn Fn(&str) -> bool| match sound(&form[name]) {
        true => Ok(()),
        false => Err(format!("{name} is {}", form[name])),
    };
    is("mode", &|it| it == "payment")?;
    is("locale", &|it| ["ru", "en"].contains(&it))?;
    is("line_items[0][quantity]", &|it| it == "1")?;
    is("line_items[0][price_data][unit_amount]", &|it| {
        it.parse::<u32>().is_ok_and(|n| (1..=99_999_999).contains(&n))
    })?;
    is("line_items[0][price_data][currency]", &|it| {
        it.len() == 3 && it.bytes().all(|b| b.is_ascii_lowercase())
    })?;
    is("success_url", &|it| it.starts_with("https://"))?;
    is("cancel_url", &|it| it.starts_with("https://"))?;
    is("client_reference_id", &|it| it.len() <= 200)?;
    is("payment_intent_data[description]", &|it| it.chars().count() <= 1000)?;
    Ok(form)
}

fn authorised(account: &mut Account, headers: &HeaderMap) -> Result<(), Answer> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if account.away {
        return Err(refusal(account, StatusCode::SERVICE_UNAVAILABLE, "api_error", "away"));
    }
    if header("authorization") != format!("Bearer {SECRET_KEY}") {
        return Err(refusal(account, StatusCode::UNAUTHORIZED, "invalid_request_error", "authorization"));
    }
    if header("stripe-version").len() < 10 {
        return Err(refusal(account, StatusCode::BAD_REQUEST, "invalid_request_error", "stripe-version"));
    }
    Ok(())
}

async fn create(State(StandIn(account)): State<StandIn>, headers: HeaderMap, body: Bytes) -> Answer {
    let mut account = account.lock().unwrap();
    if let Err(refused) = authorised(&mut account, &headers) {
        return refused;
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let bad = StatusCode::BAD_REQUEST;
    if header("content-type") != "application/x-www-form-urlencoded" {
        return refusal(&mut account, bad, "invalid_request_error", "content-type");
    }
    let key = header("idempotency-key").to_owned();
    if key.is_empty() || key.len() > 255 {
        return refusal(&mut account, bad, "invalid_request_error", "idempotency-key");
    }
    if let Some((first, id)) = account.keys.get(&key).cloned() {
        if first != body {
            return refusal(&mut account, bad, "idempotency_error", "another form");
        }
        // The first answer, as it was then.
        let mut session = account.sessions[&id].clone();
        session["status"] = json!("open");
        return (StatusCode::OK, Json(session));
    }
    let form = match form(&body) {
        Ok(form) => form,
        Err(why) => return refusal(&mut account, bad, "invalid_request_error", &why),
    };
    let id = format!("cs_test_{:04}", account.sessions.len() + 1);
    let amount: i64 = form["line_items[0][price_data][unit_amount]"].parse().expect("was looked at");
    let session = json!({
        "id": id, "object": "checkout.session", "mode": "payment", "status": "open", "payment_status": "unpaid",
        "url": format!("https://checkout.stripe.example/c/pay/{id}"),
        "amount_total": amount, "currency": form["line_items[0][price_data][currency]"],
        "client_reference_id": form["client_reference_id"], "payment_intent": null,
        "metadata": { "order_id": form["metadata[order_id]"] },
        "success_url": form["success_url"], "cancel_url": form["cancel_url"],
        "customer_email": form.get("customer_email"), "locale": form["locale"],
    });
    account.keys.insert(key, (body, id.clone()));
    account.sessions.insert(id, session.clone());
    (StatusCode::OK, Json(session))
}

async fn retrieve(
    State(StandIn(account)): State<StandIn>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Answer {
    let mut account = account.lock().unwrap();
    if let Err(refused) = authorised(&mut account, &headers) {
        return refused;
    }
    match account.sessions.get(&id).cloned() {
        Some(session) => (StatusCode::OK, Json(session)),
        None => refusal(&mut account, StatusCode::NOT_FOUND, "invalid_request_error", "id"),
    }
}

async fn expire(
    State(StandIn(account)): State<StandIn>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let mut account = account.lock().unwrap();
    if let Err(refused) = authorised(&mut account, &headers) {
        return refused;
    }
    match account.sessions.get_mut(&id) {
        Some(session) if session["status"] == "open" && body.is_empty() => {
            session["status"] = json!("expired");
            (StatusCode::OK, Json(session.clone()))
        }
        _ => refusal(&mut account, StatusCode::BAD_REQUEST, "invalid_request_error", "status"),
    }
}

/// <https://docs.stripe.com/api/refunds/create>
async fn refund(State(StandIn(account)): State<StandIn>, headers: HeaderMap, body: Bytes) -> Answer {
    let mut account = account.lock().unwrap();
    if let Err(refused) = authorised(&mut account, &headers) {
        return refused;
    }
    let bad = StatusCode::BAD_REQUEST;
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let text = percent_encoding::percent_decode(&body).decode_utf8_lossy().into_owned();
    let mut form: BTreeMap<&str, &str> = text.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let intent = form.remove("payment_intent").unwrap_or_default().to_owned();
    let reason = form.remove("reason");
    let order = form.remove("metadata[order_id]").unwrap_or_default();
    let paid = account.sessions.values().any(|session| {
        session["payment_intent"] == intent.as_str()
            && session["payment_status"] == "paid"
            && session["client_reference_id"] == order
    });
    if account.keeps {
        return refusal(&mut account, bad, "invalid_request_error", "balance");
    }
    if key.is_empty() || reason != Some("requested_by_customer") || !form.is_empty() || !paid {
        return refusal(&mut account, bad, "invalid_request_error", &text);
    }
    if !account.keys.contains_key(key) {
        account.keys.insert(key.to_owned(), (body.clone(), String::new()));
        account.refunds.push(intent.clone());
    }
    let refund =
        json!({ "id": "re_test_1", "object": "refund", "payment_intent": intent, "status": "pending" });
    (StatusCode::OK, Json(refund))
}

impl StandIn {
    /// Serves on a free port; its address.
    pub async fn start() -> (Self, String) {
        let stand_in = Self::default();
        let router = Router::new()
            .route("/v1/checkout/sessions", post(create))
            .route("/v1/checkout/sessions/{id}", get(retrieve))
            .route("/v1/checkout/sessions/{id}/expire", post(expire))
            .route("/v1/refunds", post(refund))
            .with_state(stand_in.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (stand_in, url)
    }

    pub fn sessions(&self) -> Vec<Value> {
        self.0.lock().unwrap().sessions.values().cloned().collect()
    }

    pub fn refunds(&self) -> Vec<String> {
        self.0.lock().unwrap().refunds.clone()
    }

    pub fn set_keeps(&self, keeps: bool) {
        self.0.lock().unwrap().keeps = keeps;
    }

    pub fn refused(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().refused)
    }

    pub fn set_away(&self, away: bool) {
        self.0.lock().unwrap().away = away;
    }

    /// As if another account's key had been put into the settings.
    pub fn forget(&self) {
        let mut account = self.0.lock().unwrap();
        account.sessions.clear();
        account.keys.clear();
    }

    /// Changes a session as somebody at Stripe's page does, or as time does.
    pub fn change(&self, id: &str, status: &str, payment_status: &str) -> Value {
        let mut account = self.0.lock().unwrap();
        let session = account.sessions.get_mut(id).expect("was made");
        session["status"] = json!(status);
        session["payment_status"] = json!(payment_status);
        if status == "complete" {
            session["payment_intent"] = json!(id.replace("cs_", "pi_"));
        }
        session.clone()
    }
}

/// An event about `object`.
pub fn event(id: &str, kind: &str, object: &Value) -> Value {
    json!({
        "id": id, "object": "event", "api_version": "2024-06-20", "created": 1_700_000_000, "livemode": false,
        "pending_webhooks": 1, "request": { "id": null, "idempotency_key": null }, "type": kind,
        "data": { "object": object },
    })
}

/// The charge of a paid session, of which so much has been given back.
pub fn charge(session: &Value, refunded: i64) -> Value {
    json!({
        "id": session["id"].as_str().expect("an id").replace("cs_", "ch_"), "object": "charge",
        "amount": session["amount_total"], "amount_captured": session["amount_total"], "amount_refunded": refunded,
        "refunded": session["amount_total"] == refunded, "currency": session["currency"], "paid": true,
        "payment_intent": session["id"].as_str().expect("an id").replace("cs_", "pi_"),
        "metadata": session["metadata"], "status": "succeeded",
    })
}

/// The header that Stripe would send with this body.
pub fn signature(body: &str, secret: &str, time: i64) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
    let mac = mac.chain_update(format!("{time}.{body}")).finalize();
    format!("t={time},v1={}", hex::encode(mac.into_bytes()))
}
