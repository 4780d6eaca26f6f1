//! A collector: takes OTLP over HTTP and reads of the protocol buffers what is needed.
//! <https://github.com/open-telemetry/opentelemetry-proto>, `collector/trace/v1` and `trace/v1`.

use std::sync::{Arc, Mutex, PoisonError};

use axum::{Router, body::Bytes, http::HeaderMap, routing::post};

#[derive(Debug, Clone)]
pub struct Span {
    pub trace: String,
    pub id: String,
    /// Empty where a trace begins.
    pub parent: String,
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub is_error: bool,
}

impl Span {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Clone, Default)]
struct Taken(Arc<Mutex<Vec<Bytes>>>);

pub struct Collector {
    /// For `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub url: String,
    taken: Taken,
}

impl Collector {
    /// Takes what comes with `authorization: Bearer hunter2`.
    pub async fn start() -> Self {
        let taken = Taken::default();
        let keep = taken.clone();
        let take = move |headers: HeaderMap, body: Bytes| {
            assert_eq!(headers["authorization"], "Bearer hunter2");
            assert_eq!(headers["content-type"], "application/x-protobuf");
            keep.0.lock().unwrap_or_else(PoisonError::into_inner).push(body);
            std::future::ready(())
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(
            async move { axum::serve(listener, Router::new().route("/v1/traces", post(take))).await },
        );
        Self { url, taken }
    }

    pub fn spans(&self) -> Vec<Span> {
        let bodies = self.taken.0.lock().unwrap_or_else(PoisonError::into_inner);
        let resources = bodies.iter().flat_map(|body| messages(body, 1));
        resources
            .flat_map(|resource| messages(resource, 2))
            .flat_map(|scope| messages(scope, 2))
            .map(span)
            .collect()
    }

    /// What the spans are said to come from.
    pub fn resource(&self) -> Vec<(String, String)> {
        let bodies = self.taken.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = bodies.first().expect("something came");
        let resource = messages(first, 1).first().and_then(|spans| messages(spans, 1).first().copied());
        attributes(resource.expect("spans have a resource"), 1)
    }

    /// Every text in everything that came, whatever field it stands in.
    pub fn texts(&self) -> String {
        let bodies = self.taken.0.lock().unwrap_or_else(PoisonError::into_inner);
        bodies.iter().map(|body| String::from_utf8_lossy(body).into_owned()).collect()
    }
}

fn span(message: &[u8]) -> Span {
    let hex_of = |number| messages(message, number).first().map(hex::encode).unwrap_or_default();
    assert!(messages(message, 11).is_empty() && messages(message, 13).is_empty(), "no events, no links");
    let status = messages(message, 15).first().copied().unwrap_or_default();
    Span {
        trace: hex_of(1),
        id: hex_of(2),
        parent: hex_of(4),
        name: messages(message, 5).first().map(text).unwrap_or_default(),
        attributes: attributes(message, 9),
        is_error: fields(status).iter().any(|field| matches!(field, (3, Field::Number(2)))),
    }
}

fn attributes(message: &[u8], number: u64) -> Vec<(String, String)> {
    let value = |value: &[u8]| match fields(value).first() {
        Some((1, Field::Bytes(bytes))) => text(bytes),
        Some((_, Field::Number(number))) => number.to_string(),
        other => panic!("a value that is no text and no number: {other:?}"),
    };
    let pair =
        |pair: &[u8]| (messages(pair, 1).first().map(text).unwrap_or_default(), value(messages(pair, 2)[0]));
    messages(message, number).into_iter().map(pair).collect()
}

fn text(bytes: impl AsRef<[u8]>) -> String {
    String::from_utf8(bytes.as_ref().to_vec()).expect("is UTF-8")
}

#[derive(Debug)]
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of this number that have a length.
fn messages(message: &[u8], number: u64) -> Vec<&[u8]> {
    let bytes = |(at, field)| match field {
        Field::Bytes(bytes) if at == number => Some(bytes),
        _ => None,
    };
    fields(message).into_iter().filter_map(bytes).collect()
}

/// <https://protobuf.dev/programming-guides/encoding/>
fn fields(mut message: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut fields = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message);
        let field = match key & 7 {
            0 => Field::Number(varint(&mut message)),
            1 => Field::Bytes(take(&mut message, 8)),
            2 => {
                let length = varint(&mut message);
                Field::Bytes(take(&mut message, usize::try_from(length).expect("fits into memory")))
            }
            5 => Field::Bytes(take(&mut message, 4)),
            other => panic!("a wire type that nobody uses: {other}"),
        };
        fields.push((key >> 3, field));
    }
    fields
}

fn take<'a>(message: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, rest) = message.split_at(length);
    *message = rest;
    taken
}

fn varint(message: &mut &[u8]) -> u64 {
    let length = message.iter().position(|byte| byte & 0x80 == 0).expect("a number ends") + 1;
    take(message, length).iter().rev().fold(0, |number, byte| number << 7 | u64::from(byte & 0x7f))
}
