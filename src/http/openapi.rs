//! The description of the interface, made from the code that serves it.

use axum::{Extension, http::header, response::IntoResponse};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use utoipa::{OpenApi, ToSchema};

use super::{
    cookies, guard,
    rights::{self, Who},
};

/// RFC 9457. Further members depend on the code, e.g. `reasons` of `low_quality`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents what `problem::render` writes")]
pub struct Problem {
    /// `urn:pixora:problem:{code}`
    r#type: String,
    /// In the language of `Accept-Language`, like `detail`.
    title: String,
    /// The title again, where clients of the old systems look for it.
    error: String,
    status: u16,
    detail: String,
    /// Stable; see docs/API.md.
    code: String,
    request_id: String,
}

#[derive(OpenApi)]
#[openapi(
    info(title = "Pixora", description = "A guest takes a selfie and finds every photo that they are in."),
    tags(
        (name = "sessions", description = "Is this link valid, and what does it open"),
        (name = "search", description = "Consent, selfie, matches"),
        (name = "faces", description = "Face search for programs that keep their photos themselves"),
        (name = "uploads", description = "Photos on their way in, and the account of what has arrived"),
        (name = "photos", description = "The gallery and its pictures"),
        (name = "accounts", description = "Signing in, devices, API keys"),
        (name = "pages", description = "What a browser shows"),
        (name = "webhooks", description = "Telling a studio's other systems what happened"),
        (name = "studio", description = "Photo sessions, cards and galleries, for whoever manages them"),
        (name = "tickets", description = "Support: what is asked, and who answers"),
        (name = "comments", description = "What guests write on photos"),
        (name = "choices", description = "Hearts of guests, the couple's selection, and what editors take back of them"),
        (name = "shop", description = "Prices, carts, orders and how they are paid"),
        (name = "orders", description = "Placement orders: a customer's picture with a code, shown where they want it"),
        (name = "handoff", description = "A photobooth and a guest's phone that meet for half an hour"),
        (name = "telegram", description = "What Telegram brings to the bot"),
        (name = "erasure", description = "Erasing for good, with a receipt"),
        (name = "operations", description = "For those who run the service")
    ),
    components(schemas(Problem))
)]
struct Skeleton;

/// The document before any route is added.
#[must_use]
pub fn skeleton() -> utoipa::openapi::OpenApi {
    Skeleton::openapi()
}

/// The finished document, serialised once.
#[derive(Clone)]
pub struct Document(Bytes);

impl Document {
    pub fn new(finished: &Value) -> Self {
        Self(finished.to_string().into())
    }
}

/// Adds what every operation has in common: who may call it, as the table of rights says, and how it fails.
#[must_use]
pub fn finish(document: utoipa::openapi::OpenApi, public_url: &str) -> Value {
    // The types of utoipa serialise always.
    let mut document = serde_json::to_value(document).unwrap_or_default();
    document["servers"] = json!([{ "url": public_url }]);
    document["components"]["securitySchemes"] = security_schemes();
    let paths = document["paths"].as_object_mut().map(std::mem::take).unwrap_or_default();
    let finished = paths.into_iter().map(|(path, mut item)| {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method.to_ascii_lowercase()) {
                finish_operation(method, &path, operation);
            }
        }
        // The router writes a path's rest as `{*path}`.
        (path.replace("{*", "{"), item)
    });
    document["paths"] = finished.collect::<Map<_, _>>().into();
    document
}

const METHODS: [&str; 7] = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"];

fn finish_operation(method: &str, path: &str, operation: &mut Value) {
    let row = rights::row(method, path);
    operation["security"] = row.map_or_else(|| json!([]), |row| security(row, method));
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    for (status, response) in &mut *responses {
        if response["description"].as_str().is_none_or(str::is_empty) {
            response["description"] = usual_description(status).into();
        }
    }
    if row.is_some_and(|row| matches!(row.who, Who::Page(_))) {
        let sign_in = json!({ "description": "A signed-out browser is sent to the sign-in: see `Location`" });
        responses.entry("303").or_insert(sign_in);
    }
    let failure = json!({
        "description": "A failure; its `code` says which. A browser that prefers HTML gets a page that says so",
        "content": {
            "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } },
            "text/html": { "schema": { "type": "string" } },
        },
    });
    responses.insert("default".to_owned(), failure);
}

/// Of an answer about which its operation says no more.
fn usual_description(status: &str) -> &'static str {
    match status {
        "200" => "What was asked for",
        "201" => "It was made",
        "202" => "It was taken in, and is done later",
        "204" => "Done; the answer is empty",
        "303" => "Redirects to the address in `Location`",
        "304" => "Unchanged",
        "404" => "It is not there",
        _ => "See the operation",
    }
}

const ACCESS_TOKEN: &str = "accessToken";
const API_KEY: &str = "apiKey";
const COOKIE: &str = "cookie";
const CSRF: &str = "csrfToken";

fn security_schemes() -> Value {
    json!({
        ACCESS_TOKEN: {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "`access_token` of `POST /api/auth/login`, for 15 minutes",
        },
        API_KEY: {
            "type": "http", "scheme": "bearer",
            "description": "A key of `POST /api/keys` (`pxk_…`), which needs the scopes that an operation names",
        },
        COOKIE: {
            "type": "apiKey", "in": "cookie", "name": cookies::ACCESS,
            "description": "What a browser gets when it signs in",
        },
        CSRF: {
            "type": "apiKey", "in": "header", "name": guard::CSRF_HEADER,
            "description": "Beside the cookie: what the cookie that scripts can read holds",
        },
    })
}

/// The ways in, each of which is enough.
fn security(row: &rights::Row, method: &str) -> Value {
    if row.who == Who::Anyone {
        return json!([]);
    }
    let is_safe = matches!(method, "GET" | "HEAD" | "OPTIONS");
    let cookie = if is_safe { json!({ COOKIE: [] }) } else { json!({ COOKIE: [], CSRF: [] }) };
    let mut ways = vec![json!({ ACCESS_TOKEN: [] }), cookie];
    ways.extend(row.scope.map(|scope| json!({ API_KEY: [scope.as_str()] })));
    ways.into()
}

/// Get this document
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    operation_id = "get_openapi",
    tag = "operations",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value, content_type = "application/json"))
)]
pub async fn show(Extension(Document(json)): Extension<Document>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], json)
}
