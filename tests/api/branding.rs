use base64::{Engine, prelude::BASE64_STANDARD};
use pixora::domain::{Role, StudioId};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    cards::logo,
    helpers::{assert_problem, start},
};

#[tokio::test]
async fn a_studio_says_how_it_looks() {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let path = format!("/api/studios/{studio}/branding");
    let before = app.get_as(&admin, &path).await;
    assert_eq!(before, json!({ "name": "Studio", "colour": "#1f2937", "logo_png_base64": null }));
    let put = async |body: Value| app.send_as(&admin, Method::PUT, &path, body).await;

    let response = put(json!({ "name": " Свет ", "colour": "#C0FFEE", "logo_png_base64": logo() })).await;
    let expected = json!({ "name": "Свет", "colour": "#c0ffee", "logo_png_base64": logo() });
    assert_eq!(response.json::<Value>().await.unwrap(), expected);
    assert_eq!(app.get_as(&admin, &path).await, expected);

    let large = BASE64_STANDARD.encode(vec![7_u8; (512 << 10) + 1]);
    for (colour, logo, status, code) in [
        ("red", json!(null), 422, "invalid_colour"),
        ("#12345g", json!(null), 422, "invalid_colour"),
        ("#123456", json!("not base64"), 422, "invalid_logo"),
        ("#123456", json!(BASE64_STANDARD.encode("GIF89a, they say")), 422, "invalid_logo"),
        ("#123456", json!(BASE64_STANDARD.encode(b"\x89PNG\r\n\x1a\n")), 422, "invalid_logo"),
        ("#123456", json!(large), 413, "logo_too_large"),
        ("#123456", json!("A".repeat(2 << 20)), 413, "body_too_large"),
    ] {
        let body = json!({ "name": "Свет", "colour": colour, "logo_png_base64": logo });
        assert_problem(put(body).await, status, code).await;
    }
    assert_problem(put(json!({ "name": "", "colour": "#123456" })).await, 422, "invalid_name").await;
    assert_eq!(app.get_as(&admin, &path).await, expected, "what was refused changed nothing");
    assert_eq!(put(json!({ "name": "Свет", "colour": "#123456" })).await.status(), 200);
    assert_eq!(app.get_as(&admin, &path).await["logo_png_base64"], Value::Null);
}

#[tokio::test]
async fn only_its_admin_sees_and_changes_it() {
    let app = start().await;
    let (here, there) = (app.studio().await, app.other_studio().await);
    let stranger = app.user(Role::Admin, &[there]).await;
    let root = app.user(Role::SuperAdmin, &[]).await;
    let body = || json!({ "name": "Mine now", "colour": "#000000" });
    let path = |studio: StudioId| format!("/api/studios/{studio}/branding");
    for method in [Method::GET, Method::PUT] {
        let refused = app.send_as(&stranger, method.clone(), &path(here), body()).await;
        assert_problem(refused, 404, "studio_not_found").await;
        let absent = app.send_as(&root, method, &path(StudioId::generate()), body()).await;
        assert_problem(absent, 404, "studio_not_found").await;
    }
    assert_eq!(app.get_as(&root, &path(here)).await["name"], "Studio");
}
