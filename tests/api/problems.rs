//! Properties of every answer: problems, languages, ids, headers.

use pixora::domain::PhotoSessionId;
use reqwest::Method;
use serde_json::Value;

use crate::helpers::{assert_problem, start};

#[tokio::test]
async fn what_is_not_there_and_what_is_not_allowed_are_problems_too() {
    let app = start().await;
    for path in ["/nothing", "/api/v1/nothing", "/api/v1/sessions", "/media", "/api/v1/sessions/validate/"] {
        assert_problem(app.get(path).await, 404, "not_found").await;
    }
    let id = PhotoSessionId::generate();
    for (method, path, allowed) in [
        (Method::POST, format!("/api/v1/sessions/{id}/photos"), "GET,HEAD,DELETE"),
        (Method::GET, format!("/api/v1/sessions/{id}/search"), "POST"),
        (Method::DELETE, "/healthz".to_owned(), "GET,HEAD"),
        (Method::from_bytes(b"BREW").expect("a token"), "/".to_owned(), "GET,HEAD"),
    ] {
        let response = app.request(method, &path).send().await.unwrap();
        assert_eq!(response.headers()["allow"], allowed);
        assert_problem(response, 405, "method_not_allowed").await;
    }
}

#[tokio::test]
async fn problems_speak_the_clients_language() {
    let app = start().await;
    let title = async |language: &str| {
        let path = format!("/api/v1/sessions/{}", PhotoSessionId::generate());
        let request = app.request(Method::GET, &path).header("accept-language", language);
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["vary"], "accept, accept-language");
        let language = response.headers()["content-language"].to_str().unwrap().to_owned();
        (language, response.json::<Value>().await.unwrap()["title"].as_str().unwrap().to_owned())
    };
    let russian = ("ru".to_owned(), "Съёмка не найдена".to_owned());
    let english = ("en".to_owned(), "Session not found".to_owned());
    assert_eq!(title("ru-RU,ru;q=0.9,en;q=0.8").await, russian);
    assert_eq!(title("en-GB,en;q=0.9,ru;q=0.8").await, english);
    assert_eq!(title("fr,ru;q=0.5,en;q=0.1").await, russian);
    let german = ("de".to_owned(), "Galerie nicht gefunden".to_owned());
    assert_eq!(title("de-AT,de;q=0.9,en;q=0.8").await, german);
    assert_eq!(title("fr").await, english);
}

#[tokio::test]
async fn a_request_keeps_a_sane_id_and_its_trace() {
    let app = start().await;
    let get = async |name: &str, value: &str| {
        app.request(Method::GET, "/nothing").header(name, value).send().await.unwrap()
    };
    let kept = get("x-request-id", "proxy-0001").await;
    assert_eq!(assert_problem(kept, 404, "not_found").await["request_id"], "proxy-0001");
    let replaced = assert_problem(get("x-request-id", "no spaces, please").await, 404, "not_found").await;
    assert!(replaced["request_id"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());

    let traced = get("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").await;
    let passed_on = traced.headers()["traceparent"].to_str().unwrap();
    assert!(
        passed_on.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-")
            && !passed_on.contains("00f067aa0ba902b7")
    );
    assert!(get("traceparent", "nonsense").await.headers().get("traceparent").is_none());
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = start().await;
    let id = app.session().await;
    let photo = app.photo(id, "a.jpg").await;
    let picture = format!("/media/{id}/{}/320-00000000000000a1.jpg", photo.id);
    let api = format!("/api/v1/sessions/{id}");
    let page = format!("/session/{id}");
    for path in [&*picture, &api, &page, "/", "/nothing", "/healthz", "/metrics", "/static/x/css/base.css"] {
        let response = app.get(path).await;
        let header =
            |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("cross-origin-resource-policy"), "same-origin", "{path}");
        assert!(!header("cache-control").is_empty(), "{path} says how to keep it");
        assert!(response.headers().get("server").is_none());
        let policy = header("content-security-policy");
        // A style is no document.
        if header("content-type").starts_with("text/css") {
            assert_eq!(policy, "", "{path}");
            continue;
        }
        for directive in
            ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(directive), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert!(header("permissions-policy").contains("camera=(self)"), "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
    }
}
