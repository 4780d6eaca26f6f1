use std::collections::BTreeSet;

use pixora::domain::PhotoSessionId;
use reqwest::{Method, multipart::Form};
use serde_json::{Value, json};

use crate::helpers::start;

const OPERATIONS: [&str; 18] = [
    "delete /api/v1/sessions/{session_id}/consents/{consent_id}",
    "get /",
    "get /api/openapi.json",
    "get /api/v1/sessions/validate/{session_id}",
    "get /api/v1/sessions/{session_id}",
    "get /api/v1/sessions/{session_id}/facepass-status",
    "get /api/v1/sessions/{session_id}/interface",
    "get /api/v1/sessions/{session_id}/photos",
    "get /api/v1/sessions/{session_id}/qr.svg",
    "get /healthz",
    "get /media/{session_id}/{photo_id}/{file}",
    "get /metrics",
    "get /readyz",
    "get /session/{session_id}",
    "get /static/{version}/{path}",
    "post /api/v1/sessions/validate",
    "post /api/v1/sessions/{session_id}/consents",
    "post /api/v1/sessions/{session_id}/search",
];

fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().expect("has paths");
    let of = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().expect("has methods").keys().cloned().collect::<Vec<_>>();
        methods.into_iter().map(|method| (method, path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

#[tokio::test]
async fn the_document_names_every_operation_and_no_other() {
    let app = start().await;
    let document = app.get_json("/api/openapi.json").await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let documented: BTreeSet<_> =
        operations(&document).into_iter().map(|(m, p)| format!("{m} {p}")).collect();
    let expected: BTreeSet<_> = OPERATIONS.iter().map(|o| (*o).to_owned()).collect();
    assert_eq!(documented, expected);
    for (method, path) in operations(&document) {
        let problem =
            &document["paths"][&path][&method]["responses"]["default"]["content"]["application/problem+json"];
        assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem", "{method} {path}");
    }
}

/// `OpenApiRouter::routes` adds an address to both; nothing else may add one.
#[test]
fn no_address_is_added_past_the_document() {
    let mut seen = 0;
    for file in walkdir::WalkDir::new("src/http").into_iter().flatten().filter(|f| f.file_type().is_file()) {
        let text = std::fs::read_to_string(file.path()).expect("is readable");
        for past in [".route(", ".route_service(", ".nest_service(", ".fallback_service("] {
            assert!(!text.contains(past), "{} uses {past}", file.path().display());
        }
        seen += text.matches("routes!(").count();
    }
    assert_eq!(seen, OPERATIONS.iter().count());
}

#[tokio::test]
async fn every_documented_operation_answers() {
    let app = start().await;
    let id = app.session().await;
    let photo = app.photo(id, "a.jpg").await;
    let document = app.get_json("/api/openapi.json").await;
    for (method, template) in operations(&document) {
        let path = template
            .replace("{session_id}", &id.to_string())
            .replace("{photo_id}", &photo.id.to_string())
            .replace("{consent_id}", &PhotoSessionId::generate().to_string())
            .replace("{file}", "320-00000000000000a1.jpg")
            .replace("{version}", "x")
            .replace("{path}", "css/base.css");
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
        let request = app.request(method.clone(), &path);
        let request = match template.rsplit('/').next() {
            Some("validate") => request.json(&json!({ "session_ids": [id] })),
            Some("consents") => request.json(&json!({ "version": "1", "language": "en" })),
            Some("search") => request.multipart(Form::new().text("face", "0")),
            _ => request,
        };
        let response = request.send().await.expect("answers");
        let status = response.status();
        let expected = match template.as_str() {
            path if path.ends_with("/search") => 422,
            path if path.ends_with("{consent_id}") => 404,
            path if path.ends_with("/consents") => 201,
            _ => 200,
        };
        assert_eq!(status, expected, "{method} {template}");
        if status.is_client_error() {
            let problem: Value = response.json().await.expect("a problem");
            assert!(
                ["missing_selfie", "consent_not_found"].contains(&problem["code"].as_str().unwrap()),
                "{problem}"
            );
        }
    }
}
