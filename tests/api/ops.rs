use std::{sync::atomic::Ordering, time::Duration};

use pixora::domain::Role;
use reqwest::Method;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::helpers::start;

#[tokio::test]
async fn readiness_names_what_is_missing() {
    let app = start().await;
    assert_eq!(app.get("/healthz").await.text().await.unwrap(), "ok");
    let ready = app.get_json("/readyz").await;
    let names: Vec<_> =
        ready["checks"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["database", "session_sources", "face_index", "models", "storage", "disk"]);
    assert_eq!(ready["ready"], true, "{ready}");

    app.search.loaded.store(false, Ordering::SeqCst);
    app.source.down.store(true, Ordering::SeqCst);
    assert_eq!(app.get("/readyz").await.status(), 200, "an answer is good for a second");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    let response = app.get("/readyz").await;
    assert_eq!(response.status(), 503);
    let text = response.text().await.unwrap();
    assert!(!text.contains("hunter2") && !text.contains("postgres"), "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    let failed: Vec<_> = answer["checks"].as_array().unwrap().iter().filter(|c| c["ok"] == false).collect();
    assert_eq!(
        failed.iter().map(|c| c["name"].as_str().unwrap()).collect::<Vec<_>>(),
        ["session_sources", "models"]
    );
    assert!(failed.iter().all(|check| check["error"].is_string()));
    assert_eq!(app.get("/healthz").await.status(), 200, "alive all the same");
}

#[tokio::test]
async fn metrics_count_by_route_and_never_show_an_id() {
    let app = start().await;
    let id = app.session().await;
    app.queued_photo(id, "a.jpg").await;
    app.get(&format!("/api/v1/sessions/{id}")).await;
    app.get("/nothing/here").await;
    let admin = app.user(Role::SuperAdmin, &[]).await;
    let response =
        app.request(Method::GET, "/metrics").bearer_auth(&admin.access_token).send().await.unwrap();
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let metrics = response.text().await.unwrap();
    let counted = |route: &str, status: u16| {
        let labels = format!("route=\"{route}\",method=\"GET\",status=\"{status}\"");
        metrics.lines().any(|line| line.starts_with("http_requests_total{") && line.contains(&labels))
    };
    assert!(counted("/api/v1/sessions/{session_id}", 200), "{metrics}");
    assert!(counted("unmatched", 404), "{metrics}");
    assert!(metrics.contains("http_request_duration_seconds_bucket{route=\"/api/v1/sessions/{session_id}\""));
    assert!(
        metrics.contains("\npixora_queue_depth{kind=\"process_photo\"} 1\n")
            && metrics.contains("\npixora_index_faces 0\n"),
        "{metrics}"
    );
    assert!(!metrics.contains(&id.to_string()) && !metrics.contains("/nothing"), "{metrics}");
}

#[tokio::test]
async fn a_stop_lets_the_request_in_hand_finish_and_takes_no_new_one() {
    let mut app = start().await;
    let id = app.session().await;
    let mut connection = tokio::net::TcpStream::connect(app.url.trim_start_matches("http://")).await.unwrap();
    let body = "{\"version\":\"1\",\"language\":\"en\"}";
    let head = format!(
        "POST /api/v1/sessions/{id}/consents HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    app.stop.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(tokio::net::TcpStream::connect(app.url.trim_start_matches("http://")).await.is_err());

    connection.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    tokio::time::timeout(Duration::from_secs(5), &mut app.server)
        .await
        .expect("the server ends")
        .expect("in peace");
}
