use chrono::{TimeDelta, Utc};
use pixora::{
    domain::{PhotoSessionId, Role},
    usage::UsageKind,
};
use reqwest::Method;
use serde_json::json;

use crate::helpers::{assert_problem, created_at, start};

fn time(at: chrono::DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:00:00.000000+00:00").to_string()
}

#[tokio::test]
async fn use_is_told_in_all_and_by_the_hour() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    let (first, second) = (created_at(), created_at() + TimeDelta::hours(2));
    for (kind, at, n) in [
        (UsageKind::PageView, first, 3),
        (UsageKind::Search, first, 2),
        (UsageKind::Hit, first, 1),
        (UsageKind::Empty, first, 1),
        (UsageKind::PageView, second, 1),
        (UsageKind::Download, second, 4),
    ] {
        (0..n).for_each(|_| app.app.usage.bump(session, kind, at));
    }
    app.app.usage.bump(PhotoSessionId::generate(), UsageKind::PageView, first);
    let path = format!("/api/photo-sessions/{session}/analytics");
    // Counted within the last seconds, not flushed by anybody yet.
    let answer =
        app.get_as(&user, &format!("{path}?from=2026-02-18T00:00:00Z&to=2026-02-19T00:00:00Z")).await;
    let hours = [
        json!({ "hour": time(first), "page_view": 3, "search": 2, "hit": 1, "empty": 1, "download": 0,
                "orders": 0, "revenue_amount": 0 }),
        json!({ "hour": time(second), "page_view": 1, "search": 0, "hit": 0, "empty": 0, "download": 4,
                "orders": 0, "revenue_amount": 0 }),
    ];
    let totals = json!({ "page_view": 4, "search": 2, "hit": 1, "empty": 1, "download": 4,
                         "orders": 0, "revenue_amount": 0 });
    assert_eq!(answer, json!({ "totals": totals, "hours": hours, "currency": null }));
    // The hour of `from` counts whole.
    let narrow =
        app.get_as(&user, &format!("{path}?from=2026-02-18T19:59:00Z&to=2026-02-18T20:00:00Z")).await;
    assert_eq!(narrow["hours"], json!([hours[1]]));
    assert_eq!(narrow["totals"]["page_view"], 1);

    let csv = app
        .send_as(&user, Method::GET, &format!("{path}.csv?to=2026-02-19T00:00:00%2B00:00"), json!({}))
        .await;
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    let expected = format!(
        "hour,page_view,search,hit,empty,download,orders,revenue_amount,currency\n\
         {},3,2,1,1,0,0,0,\n{},1,0,0,0,4,0,0,\n",
        time(first),
        time(second)
    );
    assert_eq!(csv.text().await.unwrap(), expected);
}

#[tokio::test]
async fn a_period_is_a_year_at_most_and_the_session_is_ones_own() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    let path = format!("/api/photo-sessions/{session}/analytics");
    for query in [
        "?from=yesterday",
        "?from=2020-01-01T00:00:00Z",
        "?from=2026-02-02T00:00:00Z&to=2026-02-01T00:00:00Z",
    ] {
        for ending in ["", ".csv"] {
            let refused = app.send_as(&user, Method::GET, &format!("{path}{ending}{query}"), json!({})).await;
            assert_problem(refused, 422, "invalid_time").await;
        }
    }
    let colleague = app.user(Role::Photographer, &[studio]).await;
    assert_problem(app.send_as(&colleague, Method::GET, &path, json!({})).await, 404, "session_not_found")
        .await;
}
