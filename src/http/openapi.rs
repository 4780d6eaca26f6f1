//! The description of the interface, made from the code that serves it.

use axum::{Extension, Json};
use utoipa::{
    OpenApi, ToSchema,
    openapi::{Ref, content::ContentBuilder, path::Operation, response::ResponseBuilder},
};

/// RFC 9457. Further members depend on the code, e.g. `reasons` of `low_quality`.
#[derive(ToSchema)]
#[expect(dead_code, reason = "documents what `problem::render` writes")]
pub struct Problem {
    /// `urn:pixora:problem:{code}`
    r#type: String,
    /// In the language of `Accept-Language`, like `detail`.
    title: String,
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
        (name = "uploads", description = "Photos on their way in, and the account of what has arrived"),
        (name = "photos", description = "The gallery and its pictures"),
        (name = "accounts", description = "Signing in, devices, API keys"),
        (name = "pages", description = "What a browser shows"),
        (name = "webhooks", description = "Telling a studio's other systems what happened"),
        (name = "studio", description = "Photo sessions, cards and galleries, for who made them"),
        (name = "tickets", description = "Support: what is asked, and who answers"),
        (name = "shop", description = "Prices, carts, orders and how they are paid"),
        (name = "orders", description = "Placement orders: a customer's picture with a code, shown where they want it"),
        (name = "handoff", description = "A photobooth and a guest's phone that meet for half an hour"),
        (name = "telegram", description = "What Telegram brings to the bot"),
        (name = "operations", description = "For those who run the service")
    ),
    components(schemas(Problem))
)]
struct Document;

/// The document before any route is added.
#[must_use]
pub fn skeleton() -> utoipa::openapi::OpenApi {
    Document::openapi()
}

/// Says of every operation that it may answer with a problem, and writes axum's `{*path}` as OpenAPI does.
pub fn finish(document: &mut utoipa::openapi::OpenApi) {
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths.into_iter().map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    let problem = ResponseBuilder::new()
        .description("A failure; its `code` says which")
        .content("application/problem+json", content)
        .build();
    let operations = document.paths.paths.values_mut().flat_map(|path| {
        [
            &mut path.get,
            &mut path.head,
            &mut path.options,
            &mut path.post,
            &mut path.put,
            &mut path.patch,
            &mut path.delete,
        ]
        .into_iter()
        .flatten()
    });
    for operation in operations {
        let Operation { responses, .. } = operation;
        responses.responses.insert("default".to_owned(), problem.clone().into());
    }
}

/// This document
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "operations",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json"))
)]
pub async fn show(
    Extension(document): Extension<std::sync::Arc<utoipa::openapi::OpenApi>>,
) -> Json<utoipa::openapi::OpenApi> {
    Json((*document).clone())
}
