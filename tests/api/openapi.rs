use std::collections::BTreeSet;

use pixora::{
    domain::PhotoSessionId,
    http::rights::{TABLE, Who},
};
use reqwest::{Method, multipart::Form};
use serde_json::{Value, json};

use crate::helpers::start;

fn operations(document: &Value) -> Vec<(String, String)> {
    let paths = document["paths"].as_object().expect("has paths");
    let of = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().expect("has methods").keys().cloned().collect::<Vec<_>>();
        methods.into_iter().map(|method| (method, path.clone())).collect::<Vec<_>>()
    };
    paths.iter().flat_map(of).collect()
}

#[tokio::test]
async fn the_document_and_the_table_of_rights_name_the_same_operations() {
    let app = start().await;
    let document = app.get_json("/api/openapi.json").await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let documented: BTreeSet<_> =
        operations(&document).into_iter().map(|(m, p)| format!("{} {p}", m.to_uppercase())).collect();
    // The router writes a path's rest as `{*path}`, OpenAPI as `{path}`.
    let in_table: BTreeSet<_> =
        TABLE.iter().map(|row| format!("{} {}", row.method, row.path.replace("{*", "{"))).collect();
    assert_eq!(documented, in_table);
    for (method, path) in operations(&document) {
        let problem =
            &document["paths"][&path][&method]["responses"]["default"]["content"]["application/problem+json"];
        assert_eq!(problem["schema"]["$ref"], "#/components/schemas/Problem", "{method} {path}");
    }
}

/// What stopped generators of clients; `tests/clients` has two of them do the main job.
#[tokio::test]
async fn the_document_is_one_that_generators_take() {
    let app = start().await;
    let document = app.get_json("/api/openapi.json").await;
    assert_eq!(document["servers"], json!([{ "url": "https://photos.example" }]));
    let schemes = document["components"]["securitySchemes"].as_object().expect("has ways in");
    let mut ids = BTreeSet::new();
    for (method, path) in operations(&document) {
        let operation = &document["paths"][&path][&method];
        let id = operation["operationId"].as_str().expect("has an id");
        assert!(ids.insert(id.to_owned()), "{id} stands twice");
        for (status, response) in operation["responses"].as_object().expect("answers") {
            let description = response["description"].as_str().unwrap_or_default();
            assert!(!description.is_empty(), "{method} {path}: {status} says nothing");
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let is_required = parameter["in"] == "query" && parameter["required"] == true;
            assert!(!is_required, "{method} {path} needs {}", parameter["name"]);
        }
        let row = TABLE
            .iter()
            .find(|row| row.method.eq_ignore_ascii_case(&method) && row.path.replace("{*", "{") == path);
        let ways = operation["security"].as_array().expect("says who may call it");
        assert_eq!(ways.is_empty(), row.expect("has a row").who == Who::Anyone, "{method} {path}");
        for way in ways.iter().flat_map(|way| way.as_object().into_iter().flatten()) {
            assert!(schemes.contains_key(way.0), "{} is explained", way.0);
        }
    }
    walk(&document, "", &mut |place, value| {
        let is_numbers = value["type"] == "array" && value["items"]["type"] == "integer";
        assert!(!is_numbers, "{place}: bytes are no list of numbers");
        let lists_words = value["description"].as_str().is_some_and(|text| text.contains("` or `"));
        let is_text = value["type"] == "string" && value["enum"].is_null() && value["format"].is_null();
        assert!(
            !lists_words || !is_text || place.ends_with("/status"),
            "{place}: words of a set are an enum"
        );
        assert!(
            value["oneOf"].as_array().is_none_or(|shapes| shapes.iter().any(|one| one["type"] == "null")),
            "{place}"
        );
    });
}

/// Two shapes of one name would be one in the document, whichever came last.
#[test]
fn a_shape_has_a_name_of_its_own() {
    let mut names = BTreeSet::new();
    for file in walkdir::WalkDir::new("src/http").into_iter().flatten().filter(|f| f.file_type().is_file()) {
        let text = std::fs::read_to_string(file.path()).expect("is readable");
        for shape in text
            .split("#[derive(")
            .skip(1)
            .filter(|shape| shape.split(")]").next().is_some_and(|derived| derived.contains("ToSchema")))
        {
            let line =
                shape.lines().find(|line| line.starts_with("pub struct ") || line.starts_with("pub enum "));
            let name =
                line.and_then(|line| line.split([' ', '<', '{']).nth(2)).expect("has a name").to_owned();
            assert!(names.insert(name.clone()), "{name} stands twice");
        }
    }
    assert!(names.len() > 80, "the shapes are found");
}

/// Every object of the document with its place in it.
fn walk(value: &Value, place: &str, look: &mut impl FnMut(&str, &Value)) {
    match value {
        Value::Object(members) => {
            look(place, value);
            members.iter().for_each(|(name, member)| walk(member, &format!("{place}/{name}"), look));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, item)| walk(item, &format!("{place}/{at}"), look));
        }
        _ => {}
    }
}

/// `OpenApiRouter::routes` adds an address to both; nothing else may add one.
#[test]
fn no_address_is_added_past_the_document() {
    for file in walkdir::WalkDir::new("src/http").into_iter().flatten().filter(|f| f.file_type().is_file()) {
        let text = std::fs::read_to_string(file.path()).expect("is readable");
        for past in [".route(", ".route_service(", ".nest_service(", ".fallback_service("] {
            assert!(!text.contains(past), "{} uses {past}", file.path().display());
        }
    }
}

#[tokio::test]
async fn every_operation_for_guests_answers() {
    let app = start().await;
    let id = app.session().await;
    let photo = app.photo(id, "a.jpg").await;
    let session = app.app.sessions.get(id).await.expect("is there");
    app.app.people.set_studio_switch(session.studio_id, true, chrono::Utc::now()).await.expect("is written");
    app.app.people.set_switches(&session, true, true, None).await.expect("is written");
    let change = pixora::photo_sessions::TermsChange {
        comments: Some(pixora::domain::Comments::Open),
        ..Default::default()
    };
    let change = pixora::photo_sessions::SessionChange { terms: change, ..Default::default() };
    app.app.studio.change(id, change, chrono::Utc::now()).await.expect("is written");
    let document = app.get_json("/api/openapi.json").await;
    let is_for_guests = |method: &str, path: &str| {
        let row = TABLE.iter().find(|row| row.method.eq_ignore_ascii_case(method) && row.path == path);
        // Those speak tus, and are walked through by the tests of guests' photos.
        !path.contains("/guest-uploads")
            && row.is_none_or(|row| row.who == Who::Anyone)
            && ["/api/v1/", "/session/", "/media/", "/static/"].iter().any(|start| path.starts_with(start))
    };
    let for_guests = operations(&document).into_iter().filter(|(method, path)| is_for_guests(method, path));
    for (method, template) in for_guests {
        let path = template
            .replace("{session_id}", &id.to_string())
            .replace("{photo_id}", &photo.id.to_string())
            .replace("{consent_id}", &PhotoSessionId::generate().to_string())
            .replace("{comment_id}", &PhotoSessionId::generate().to_string())
            .replace("{file}", "320-00000000000000a1.jpg")
            .replace("{version}", "x")
            .replace("{path}", "css/base.css");
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).expect("a method");
        let request = app.request(method.clone(), &path);
        let request = match template.rsplit('/').next() {
            Some("validate") => request.json(&json!({ "session_ids": [id] })),
            Some("consents") => request.json(&json!({ "version": "1", "language": "en" })),
            Some("archives") => request.json(&json!({ "photo_ids": [photo.id] })),
            Some("pin") => request.json(&json!({ "pin": "4711" })),
            Some("hide-requests") => request.json(&json!({ "version": "1", "language": "en" })),
            Some("news") if method == Method::POST => request.json(
                &json!({ "channel": "mail", "address": "a@mail.example", "version": "1", "language": "en" }),
            ),
            Some("comments") if method == Method::POST => {
                request.json(&json!({ "text": "Lovely", "consent_id": PhotoSessionId::generate() }))
            }
            Some("reports") => request.json(&json!({ "note": "" })),
            Some("hidden") if method == Method::POST => {
                request.json(&json!({ "photo_ids": [photo.id], "is_hidden": true }))
            }
            Some("open") => request.json(&json!({ "key": "x.y" })),
            Some("search") => request.multipart(Form::new().text("face", "0")),
            _ => request,
        };
        let response = request.send().await.expect("answers");
        let status = response.status();
        let expected = match template.as_str() {
            path if path.ends_with("/search") => 422,
            // A session that asks for no PIN knows no right one.
            path if path.ends_with("/pin") => 403,
            path if path.ends_with("{consent_id}") => 404,
            // Nobody has chosen anything yet, and without a cookie nobody is known.
            path if path.ends_with("/hearts/open") || path.ends_with("{list_key}") => 404,
            path if path.ends_with("/hearts") && method == Method::DELETE => 204,
            path if path.contains("/hearts") && [Method::PATCH, Method::DELETE].contains(&method) => 404,
            // Nobody is the couple here.
            path if path.ends_with("/hidden") => 403,
            // Nobody has agreed to it, and nobody has written.
            path if path.ends_with("/comments") && method == Method::POST => 422,
            path if path.ends_with("{comment_id}") => 404,
            // No guest has sent a photo.
            path if path.ends_with("/reports") || path.ends_with("/guest-photos/{photo_id}") => 404,
            // Nobody has found themselves here.
            path if path.ends_with("/hide-requests") => 409,
            path if path.ends_with("/news") && method == Method::POST => 409,
            // Without the cookie of a search nothing is remembered.
            path if path.ends_with("/visit") => 204,
            path if ["/consents", "/archives", "/carts"].iter().any(|end| path.ends_with(end)) => 201,
            _ => 200,
        };
        assert_eq!(status, expected, "{method} {template}");
        if status.is_client_error() {
            let problem: Value = response.json().await.expect("a problem");
            assert!(
                [
                    "missing_selfie",
                    "consent_not_found",
                    "pin_wrong",
                    "not_found_yet",
                    "list_not_found",
                    "not_from_guest",
                    "not_own_photo",
                    "unknown_consent",
                    "comment_not_found",
                    "hiding_not_allowed",
                ]
                .contains(&problem["code"].as_str().unwrap()),
                "{problem}"
            );
        }
    }
}
