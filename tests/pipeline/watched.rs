//! Observability of the running program: traces at a collector, metrics at `/metrics`, a log of JSON.

use std::{collections::BTreeSet, net::TcpListener, path::Path, process::Command};

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::{
    account,
    otlp::{Collector, Span},
    remote,
    support::{Pixora, Server, sample},
};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
/// What spans may say, and nothing else.
const ATTRIBUTES: [&str; 6] = [
    "http.route",
    "http.request.method",
    "http.response.status_code",
    "error.type",
    "pixora.attempt",
    "pixora.faces",
];

/// Every line of a log, each one JSON object with the members that all have.
fn lines(log: &str) -> Vec<Value> {
    let parse = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let text = |name: &str| line[name].as_str().is_some_and(|text| !text.is_empty());
        assert!(["timestamp", "level", "target", "message"].into_iter().all(text), "{line}");
        let time = chrono::DateTime::parse_from_rfc3339(line["timestamp"].as_str().expect("text"));
        assert!(time.is_ok() && line["timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{line}");
        line
    };
    log.lines().map(parse).collect()
}

fn terminate(server: &mut Server) {
    let pid = server.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill starts").success());
    assert_eq!(server.child.wait().expect("was started here").code(), Some(0));
}

/// A guest's search as a part of somebody's trace; the `traceparent` of the answer.
async fn search_traced(address: &str, session: &str, selfie: &Path) -> String {
    let bytes = std::fs::read(selfie).expect("the sample can be read");
    let form = Form::new().part("selfie", Part::bytes(bytes).file_name("me.jpg"));
    let url = format!("http://{address}/api/v1/sessions/{session}/search");
    let request = reqwest::Client::new().post(url).header("traceparent", format!("00-{TRACE}-{CALLER}-01"));
    let answer = request.multipart(form).send().await.expect("the server answers");
    assert_eq!(answer.status(), 200);
    answer.headers()["traceparent"].to_str().expect("text").to_owned()
}

// The collector answers while the program is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_sees_what_happens_and_not_to_whom() {
    let Some(pixora) = Pixora::new() else { return };
    let collector = Collector::start().await;
    let session = pixora.session("Anna & Ivan");
    let settings = format!(
        "PIXORA_LOG_FORMAT = 'json'\nOTEL_EXPORTER_OTLP_ENDPOINT = '{}'\n\
         OTEL_EXPORTER_OTLP_HEADERS = 'authorization=Bearer%20hunter2'\nOTEL_SERVICE_NAME = 'photos'\n",
        collector.url
    );
    std::fs::write(pixora.folder.path().join("pixora.toml"), settings).expect("can be written");
    let mut server = pixora.serve();
    let machine = remote::machine(&pixora, &server).await;
    let report = machine.ingest(&session, &[&sample("officials")]);
    assert_eq!(report["indexed"], 7, "{report}");
    let answered = search_traced(&server.address, &session, &sample("officials/obama.jpg")).await;
    let get = async |path: String| {
        reqwest::get(format!("http://{}{path}", server.address)).await.expect("the server answers")
    };
    let unknown = uuid::Uuid::now_v7();
    assert_eq!(get(format!("/api/v1/sessions/{unknown}")).await.status(), 404);
    let token = account::sign_in(&server.address).await;
    let request = reqwest::Client::new().get(format!("http://{}/metrics", server.address)).bearer_auth(token);
    let metrics = request.send().await.expect("the server answers").text().await.expect("text");
    terminate(&mut server);

    seen_in_metrics(&metrics);
    seen_in_traces(&collector, &answered);
    let log = pixora.server_log();
    seen_in_log(&lines(&log), &answered);
    // A photo's id opens nothing and stays in the log, where its job failed; nothing at all leaves in a trace.
    for (what, text) in [("metrics", &metrics), ("traces", &collector.texts()), ("the log", &log)] {
        for secret in [&session, &unknown.to_string(), "obama", "Anna", "sender@example.com", "hunter2"] {
            assert!(!text.contains(secret), "{secret} stands in {what}");
        }
    }
}

fn seen_in_traces(collector: &Collector, answered: &str) {
    let spans = collector.spans();
    let named = |name: &str| spans.iter().filter(|span| span.name == name).cloned().collect::<Vec<Span>>();
    let children = |parent: &Span| {
        let of = spans.iter().filter(|span| span.parent == parent.id && span.trace == parent.trace);
        of.map(|span| span.name.clone()).collect::<BTreeSet<_>>()
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();

    let searches = named("POST /api/v1/sessions/{session_id}/search");
    let [search] = searches.as_slice() else { panic!("{searches:?}") };
    assert_eq!(
        (search.trace.as_str(), search.parent.as_str()),
        (TRACE, CALLER),
        "the caller's trace goes on"
    );
    assert_eq!(answered, format!("00-{TRACE}-{}-01", search.id), "and the answer names our span");
    assert_eq!(children(search), set(&["probe", "index", "cluster", "rows"]));
    assert_eq!(search.attribute("http.response.status_code"), Some("200"));

    let photos = named("photo");
    assert_eq!(photos.len(), 7);
    let stages = ["read", "decode", "derivatives", "detect", "align", "embed", "files", "index", "rows"];
    for photo in &photos {
        assert_eq!(children(photo), set(&stages));
        assert!(photo.parent.is_empty() && photo.attribute("pixora.faces").is_some(), "{photo:?}");
    }

    let missed = named("GET /api/v1/sessions/{session_id}");
    let failed = missed.iter().find(|span| span.attribute("http.response.status_code") == Some("404"));
    let failed = failed.expect("the request for an unknown session");
    assert_eq!(failed.attribute("error.type"), Some("session_not_found"));
    assert!(!failed.is_error, "a client's mistake is no failure of ours");

    for span in &spans {
        for (key, value) in &span.attributes {
            assert!(ATTRIBUTES.contains(&key.as_str()), "{key} of {}", span.name);
            assert!(value.parse::<uuid::Uuid>().is_err() && value.len() < 100, "{key}: {value}");
        }
    }
    let names: BTreeSet<_> = collector.resource().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, set(&["service.name", "service.version", "service.instance.id"]));
    assert!(collector.resource().contains(&("service.name".to_owned(), "photos".to_owned())));
}

fn seen_in_log(lines: &[Value], answered: &str) {
    let said = |message: &str| lines.iter().filter(|line| line["message"] == message).collect::<Vec<_>>();
    let requests = said("answered");
    let of = |route: &str| requests.iter().filter(|line| line["route"] == route).collect::<Vec<_>>();
    let search = of("/api/v1/sessions/{session_id}/search");
    let [search] = search.as_slice() else { panic!("{requests:?}") };
    assert_eq!((&search["trace_id"], &search["status"]), (&json!(TRACE), &json!(200)), "{answered}");
    for line in &requests {
        let has = |name: &str| line[name].is_string();
        assert!(has("request_id") && has("method") && has("trace_id") && line["ms"].is_u64(), "{line}");
    }
    let missed = of("/api/v1/sessions/{session_id}").into_iter().find(|line| line["status"] == 404);
    assert_eq!(missed.expect("is logged")["code"], "session_not_found");
    assert_eq!(
        (said("serving").len(), said("stopping; the photos in hand are finished first").len()),
        (1, 1)
    );
}

/// The value of the metric's lines that hold every one of `labels`, added up.
fn value(metrics: &str, name: &str, labels: &[&str]) -> f64 {
    let of = |line: &&str| {
        let rest = line.strip_prefix(name);
        rest.is_some_and(|rest| {
            rest.starts_with([' ', '{']) && labels.iter().all(|label| rest.contains(label))
        })
    };
    let found: Vec<&str> = metrics.lines().filter(of).collect();
    assert!(!found.is_empty(), "no {name} {labels:?} in\n{metrics}");
    found.iter().filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

fn seen_in_metrics(metrics: &str) {
    let at = |name: &str, labels: &[&str]| value(metrics, name, labels);
    let bytes: u64 = std::fs::read_dir(sample("officials"))
        .expect("the samples are there")
        .map(|file| file.and_then(|file| file.metadata()).expect("can be read").len())
        .sum();
    assert_eq!(at("pixora_upload_bytes_total", &[]), bytes as f64);
    assert_eq!(at("pixora_photos_processed_total", &["outcome=\"ready\""]), 7.0);
    let faces = at("pixora_faces_indexed_total", &[]);
    assert!(faces >= 7.0);
    assert_eq!(at("pixora_index_faces", &[]), faces);
    for stage in ["read", "decode", "derivatives", "detect", "align", "embed", "files", "index", "rows"] {
        assert_eq!(at("pixora_photo_stage_seconds_count", &[&format!("stage=\"{stage}\"")]), 7.0, "{stage}");
    }
    assert_eq!(at("pixora_search_duration_seconds_count", &["outcome=\"hit\""]), 1.0);
    for stage in ["probe", "index", "cluster", "rows"] {
        assert!(at("pixora_search_stage_seconds_count", &[&format!("stage=\"{stage}\"")]) >= 1.0, "{stage}");
    }
    for gauge in
        ["pixora_queue_depth", "pixora_queue_leased", "pixora_queue_failed", "pixora_queue_age_seconds"]
    {
        assert_eq!(at(gauge, &["kind=\"process_photo\""]), 0.0, "{gauge}");
    }
    let threads = at("pixora_compute_threads", &["pool=\"faces\""]);
    assert!(threads >= 1.0 && at("pixora_compute_busy_threads", &["pool=\"faces\""]) <= threads);
    assert_eq!(at("pixora_compute_waiting", &["pool=\"faces\"", "lane=\"batch\""]), 0.0);
    assert!(at("pixora_cache_requests_total", &["cache=\"sessions\"", "result=\"miss\""]) >= 1.0);
    assert!(at("pixora_cache_requests_total", &["cache=\"sessions\"", "result=\"hit\""]) >= 1.0);
    for empty in ["webhook_backlog", "mail_backlog", "telegram_backlog", "erasures_pending", "watchers"] {
        assert_eq!(at(&format!("pixora_{empty}"), &[]), 0.0, "{empty}");
    }
    assert!(at("pixora_database_connections", &["pool=\"reads\""]) >= 1.0);
    assert!(at("pixora_database_write_wait_seconds_count", &[]) >= 7.0);
    assert!(at("pixora_disk_free_bytes", &[]) > 1e6);
    let version = format!("version=\"{}\"", env!("CARGO_PKG_VERSION"));
    assert_eq!(at("pixora_build_info", &[&version]), 1.0);
    assert!(at("process_resident_memory_bytes", &[]) > 1e7 && at("process_cpu_seconds_total", &[]) >= 1.0);
    assert!(at("process_open_fds", &[]) > 5.0 && at("process_threads", &[]) > 2.0);
    assert!(at("process_start_time_seconds", &[]) > 1.7e9);
}

#[tokio::test]
async fn a_collector_that_is_away_is_said_once_and_harms_nobody() {
    let Some(pixora) = Pixora::new() else { return };
    let free =
        TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port is free");
    let settings = format!("PIXORA_LOG_FORMAT = 'json'\nOTEL_EXPORTER_OTLP_ENDPOINT = 'http://{free}'\n");
    std::fs::write(pixora.folder.path().join("pixora.toml"), settings).expect("can be written");
    let mut server = pixora.serve();
    let away = |log: &str| log.matches("the collector takes no traces").count();
    while away(&pixora.server_log()) == 0 {
        let answer = reqwest::get(format!("http://{}/healthz", server.address)).await;
        assert_eq!(answer.expect("the server answers").status(), 200);
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    // Sent again with what the last seconds brought, and at the end: still said once.
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    assert_eq!(
        reqwest::get(format!("http://{}/healthz", server.address)).await.expect("answers").status(),
        200
    );
    terminate(&mut server);
    let log = pixora.server_log();
    assert_eq!(away(&log), 1, "{log}");
    // The one-time set-up link is JSON too, and so is whatever stops a start.
    assert!(
        lines(&log).iter().any(|line| line["message"].as_str().is_some_and(|text| text.contains("/setup#")))
    );
    for (arguments, code) in [
        (["serve", "--bind", "nowhere"], "invalid_setting"),
        (["serve", "--bind", &free.to_string()], "port_taken"),
    ] {
        let _taken = TcpListener::bind(free).expect("nobody is there");
        let output = pixora.command(&arguments).output().expect("the program starts");
        let said = lines(&String::from_utf8(output.stderr).expect("text"));
        let last = said.last().expect("it says why");
        assert_eq!((&last["level"], &last["code"]), (&json!("ERROR"), &json!(code)), "{said:?}");
    }
}
