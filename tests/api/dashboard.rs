//! The dashboard and the alerts name exactly the metrics that exist.

use std::collections::BTreeSet;

use pixora::telemetry::{Kind, METRICS};
use serde_json::Value;

fn read(path: &str) -> String {
    std::fs::read_to_string(format!("{}/docs/{path}", env!("CARGO_MANIFEST_DIR"))).expect("the file is there")
}

/// Our metrics in a query, a histogram by its own name.
fn metrics(query: &str) -> BTreeSet<String> {
    let words = query.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let ours = words.filter(|word| ["pixora_", "http_", "process_"].iter().any(|of| word.starts_with(of)));
    ours.map(|word| {
        let histogram = ["_bucket", "_sum", "_count"].iter().find_map(|end| word.strip_suffix(end));
        let is_one = |name: &&str| METRICS.iter().any(|it| it.name == *name && it.kind == Kind::Histogram);
        histogram.filter(is_one).unwrap_or(word).to_owned()
    })
    .collect()
}

fn described() -> BTreeSet<String> {
    METRICS.iter().map(|metric| metric.name.to_owned()).collect()
}

#[test]
fn the_dashboard_shows_every_metric_and_no_other() {
    let dashboard: Value = serde_json::from_str(&read("grafana/pixora.json")).expect("is JSON");
    let panels = dashboard["panels"].as_array().expect("it has panels");
    let mut ids = BTreeSet::new();
    let mut shown = BTreeSet::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_u64().expect("a panel has a number")), "{panel}");
        for target in panel["targets"].as_array().into_iter().flatten() {
            let query = target["expr"].as_str().expect("a target has a query");
            assert_eq!(query.matches("job=~\"$job\"").count(), query.matches('{').count(), "{query}");
            assert_eq!(target["datasource"]["uid"], "${datasource}");
            shown.extend(metrics(query));
        }
    }
    assert_eq!(shown, described());
}

#[test]
fn alerts_speak_of_metrics_that_there_are() {
    let alerts = read("prometheus/alerts.yml");
    let named = alerts.lines().filter(|line| !line.trim_start().starts_with(['#', '-'])).map(metrics);
    let named: BTreeSet<String> = named.flatten().collect();
    assert!(named.len() > 5, "{named:?}");
    assert!(named.is_subset(&described()), "{:?}", named.difference(&described()).collect::<Vec<_>>());
}

#[test]
fn names_say_their_unit_and_each_is_there_once() {
    assert_eq!(described().len(), METRICS.len());
    for metric in &METRICS {
        assert_eq!(metric.name.ends_with("_total"), metric.kind == Kind::Counter, "{}", metric.name);
        assert!(metric.kind != Kind::Histogram || metric.name.ends_with("_seconds"), "{}", metric.name);
        assert!(metric.help.ends_with('.'), "{}", metric.name);
    }
}
