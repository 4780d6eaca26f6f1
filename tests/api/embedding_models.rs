use chrono::{TimeDelta, Utc};
use pixora::domain::Role;
use reqwest::Method;
use serde_json::{Value, json};

use crate::helpers::{TestApp, assert_problem, start};

async fn shown(app: &TestApp, token: &str) -> Value {
    let request = app.request(Method::GET, "/api/embedding-models").bearer_auth(token);
    let response = request.send().await.expect("the server answers");
    assert_eq!(response.status(), 200);
    response.json().await.expect("is JSON")
}

#[tokio::test]
async fn admins_see_how_far_a_model_has_come_in_taking_over() {
    let app = start().await;
    let admin = app.user(Role::SuperAdmin, &[]).await.access_token;
    assert_eq!(shown(&app, &admin).await, json!({ "photos": 0, "left": 0 }));

    let session = app.session().await;
    let (one, _) = (app.photo(session, "a.jpg").await, app.photo(session, "b.jpg").await);
    let takeovers = app.app.store.takeovers();
    takeovers.begin("test", "next").await.expect("is written");
    app.app.store.photos().add_model(one.id, one.original, "next", &[]).await.expect("is written");
    assert_eq!(shown(&app, &admin).await, json!({ "next": "next", "photos": 2, "left": 1 }));

    takeovers.go_back(Utc::now(), Utc::now() + TimeDelta::days(14)).await.expect("is written");
    let after = shown(&app, &admin).await;
    assert_eq!((&after["before"], after.get("next")), (&json!("next"), None));
    assert!(after["kept_until"].as_str().is_some_and(|time| time.contains('T')), "{after}");

    let photographer = app.user(Role::Photographer, &[]).await.access_token;
    let request = app.request(Method::GET, "/api/embedding-models").bearer_auth(photographer);
    assert_problem(request.send().await.expect("the server answers"), 403, "forbidden").await;
}
