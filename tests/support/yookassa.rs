//! A stand-in for YooKassa on this machine. It is not YooKassa: it speaks as much of the documented protocol
//! (<https://yookassa.ru/developers/api>) as Pixora uses, refuses whatever the documentation does not have, and
//! makes the notifications that YooKassa would send. Nobody is charged.

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
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

pub const SHOP_ID: &str = "123456";
pub const SECRET_KEY: &str = "test_an_invented_key";

#[derive(Default)]
struct Account {
    payments: BTreeMap<String, Value>,
    refunds: BTreeMap<String, Value>,
    /// The body and the object of each idempotency key.
    keys: HashMap<String, (Bytes, Value)>,
    away: bool,
    refused: Vec<String>,
}

#[derive(Clone, Default)]
pub struct StandIn(Arc<Mutex<Account>>);

type Answer = (StatusCode, Json<Value>);

fn refusal(account: &mut Account, status: StatusCode, code: &str, why: &str) -> Answer {
    account.refused.push(why.to_owned());
    let problem = json!({ "type": "error", "id": "0", "code": code, "description": why, "parameter": why });
    (status, Json(problem))
}

fn authorised(account: &mut Account, headers: &HeaderMap) -> Result<(), Answer> {
    if account.away {
        return Err(refusal(account, StatusCode::INTERNAL_SERVER_ERROR, "internal_server_error", "away"));
    }
    let expected = format!("Basic {}", BASE64_STANDARD.encode(format!("{SHOP_ID}:{SECRET_KEY}")));
    if headers.get("authorization").and_then(|value| value.to_str().ok()) != Some(&expected) {
        return Err(refusal(account, StatusCode::UNAUTHORIZED, "invalid_credentials", "authorization"));
    }
    Ok(())
}

/// Whether an object has exactly these members, and may have those.
fn has(value: &Value, needed: &[&str], allowed: &[&str]) -> Result<(), String> {
    let object = value.as_object().ok_or("not an object")?;
    if let Some(name) = needed.iter().find(|name| !object.contains_key(**name)) {
        return Err(format!("{name} is missing"));
    }
    let known = |name: &String| needed.contains(&name.as_str()) || allowed.contains(&name.as_str());
    object.keys().find(|name| !known(name)).map_or(Ok(()), |name| Err(format!("unknown member {name}")))
}

fn amount(value: &Value) -> Result<i64, String> {
    has(value, &["value", "currency"], &[])?;
    let text = value["value"].as_str().ok_or("value is no text")?;
    let (whole, part) = text.split_once('.').ok_or("value has no decimals")?;
    if value["currency"] != "RUB" || part.len() != 2 {
        return Err("not roubles".into());
    }
    format!("{whole}{part}").parse().map_err(|_| "value is no number".into())
}

fn receipt(value: &Value, whole: i64) -> Result<(), String> {
    has(value, &["customer", "items"], &[])?;
    has(&value["customer"], &["email"], &[])?;
    let mut sum = 0;
    for item in value["items"].as_array().ok_or("no items")? {
        let members = ["description", "quantity", "amount", "vat_code", "payment_mode", "payment_subject"];
        has(item, &members, &[])?;
        let quantity: f64 =
            item["quantity"].as_str().and_then(|it| it.parse().ok()).ok_or("quantity is no number")?;
        sum += amount(&item["amount"])? * quantity as i64;
    }
    if sum == whole { Ok(()) } else { Err(format!("the items are {sum}, the amount is {whole}")) }
}

fn looked_at(kind: &str, new: &Value) -> Result<i64, String> {
    let whole = amount(&new["amount"])?;
    if kind == "payments" {
        has(new, &["amount", "capture", "confirmation", "description", "metadata"], &["receipt"])?;
        has(&new["confirmation"], &["type", "return_url", "locale"], &[])?;
        let description = new["description"].as_str().ok_or("no description")?;
        let sound = new["capture"] == true
            && new["confirmation"]["type"] == "redirect"
            && new["confirmation"]["return_url"].as_str().is_some_and(|url| url.starts_with("https://"))
            && ["ru_RU", "en_US"].contains(&new["confirmation"]["locale"].as_str().unwrap_or_default())
            && (1..=128).contains(&description.chars().count());
        sound.then_some(()).ok_or("a member has a wrong value")?;
    } else {
        has(new, &["amount", "payment_id"], &["receipt"])?;
    }
    if let Some(given) = new.get("receipt") {
        receipt(given, whole)?;
    }
    Ok(whole)
}

fn made(account: &mut Account, kind: &str, new: &Value) -> Result<Value, String> {
    let whole = looked_at(kind, new)?;
    if kind == "payments" {
        let id = format!("{:08x}-000f-5000-9000-1b68e7b15f3f", account.payments.len() + 1);
        let payment = json!({
            "id": id, "status": "pending", "paid": false, "amount": new["amount"], "test": true,
            "refunded_amount": { "value": "0.00", "currency": "RUB" }, "metadata": new["metadata"],
            "description": new["description"], "receipt": new["receipt"],
            "confirmation": { "type": "redirect", "return_url": new["confirmation"]["return_url"],
                "confirmation_url": format!("https://yoomoney.example/checkout/{id}") },
        });
        account.payments.insert(id, payment.clone());
        return Ok(payment);
    }
    let id = format!("{:08x}-0015-5000-8000-1b68e7b15f3f", account.refunds.len() + 1);
    let payment = account.payments.get_mut(new["payment_id"].as_str().ok_or("payment_id")?);
    let payment = payment.filter(|payment| payment["status"] == "succeeded").ok_or("payment_id")?;
    let returned = amount(&payment["refunded_amount"])? + whole;
    if returned > amount(&payment["amount"])? {
        return Err("amount".into());
    }
    payment["refunded_amount"]["value"] = json!(format!("{}.{:02}", returned / 100, returned % 100));
    let refund =
        json!({ "id": id, "payment_id": payment["id"], "status": "succeeded", "amount": new["amount"] });
    account.refunds.insert(id, refund.clone());
    Ok(refund)
}

async fn create(
    State(StandIn(account)): State<StandIn>,
    Path(kind): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Answer {
    let mut account = account.lock().unwrap();
    if let Err(refused) = authorised(&mut account, &headers) {
        return refused;
    }
    let bad = StatusCode::BAD_REQUEST;
    let key = headers.get("idempotence-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !(1..=64).contains(&key.len()) {
        return refusal(&mut account, bad, "invalid_request", "Idempotence-Key");
    }
    if let Some((first, object)) = account.keys.get(key).cloned() {
        if first != body {
            return refusal(&mut account, bad, "invalid_request", "another body");
        }
        return (StatusCode::OK, Json(object));
    }
    let new: Value = serde_json::from_slice(&body).unwrap_or_default();
    match made(&mut account, &kind, &new) {
        Ok(object) => {
            account.keys.insert(key.to_owned(), (body, object.clone()));
            (StatusCode::OK, Json(object))
        }
        Err(why) => refusal(&mut account, bad, "invalid_request", &why),
    }
}

async fn retrieve(
    State(StandIn(account)): State<StandIn>,
    Path((kind, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let mut account = account.lock().unwrap();
    if let Err(refused) = authorised(&mut account, &headers) {
        return refused;
    }
    let of = if kind == "payments" { &account.payments } else { &account.refunds };
    match of.get(&id).cloned() {
        Some(object) => (StatusCode::OK, Json(object)),
        None => refusal(&mut account, StatusCode::NOT_FOUND, "not_found", "id"),
    }
}

impl StandIn {
    /// Serves on a free port; its address.
    pub async fn start() -> (Self, String) {
        let stand_in = Self::default();
        let router = Router::new()
            .route("/v3/{kind}", post(create))
            .route("/v3/{kind}/{id}", get(retrieve))
            .with_state(stand_in.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}/v3", listener.local_addr().expect("bound"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        (stand_in, url)
    }

    pub fn payments(&self) -> Vec<Value> {
        self.0.lock().unwrap().payments.values().cloned().collect()
    }

    pub fn refunds(&self) -> Vec<Value> {
        self.0.lock().unwrap().refunds.values().cloned().collect()
    }

    pub fn refused(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap().refused)
    }

    pub fn set_away(&self, away: bool) {
        self.0.lock().unwrap().away = away;
    }

    /// Changes a payment as somebody at YooKassa's page does, or as time does.
    pub fn change(&self, id: &str, status: &str) {
        let mut account = self.0.lock().unwrap();
        let payment = account.payments.get_mut(id).expect("was made");
        payment["status"] = json!(status);
        payment["paid"] = json!(status == "succeeded");
    }
}

/// A notification about an object.
pub fn notification(event: &str, object: &Value) -> Value {
    json!({ "type": "notification", "event": event, "object": object })
}
