//! The panel's pages: who is led where, and that each frame names its module.

use pixora::domain::{PhotoSessionId, Role};
use reqwest::{Method, Response};

use crate::helpers::{TestApp, TestUser, start};

async fn browse(app: &TestApp, user: Option<&TestUser>, path: &str) -> Response {
    let request = app.request(Method::GET, path).header("accept", "text/html");
    let request = match user {
        Some(user) => request.bearer_auth(&user.access_token),
        None => request,
    };
    request.send().await.expect("the server answers")
}

#[tokio::test]
async fn the_front_door_leads_everybody_to_what_they_may_see() {
    let app = start().await;
    let studio = app.studio().await;
    for (role, place) in [
        (Role::Photographer, "/dashboard/photo-sessions"),
        (Role::Admin, "/dashboard/photo-sessions"),
        (Role::Operator, "/dashboard/tickets"),
        (Role::Customer, "/dashboard/customer"),
    ] {
        let user = app.user(role, &[studio]).await;
        let answer = browse(&app, Some(&user), "/dashboard").await;
        assert_eq!((answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()), (303, place));
        assert_eq!(browse(&app, Some(&user), place).await.status(), 200, "{role:?} may see it");
    }
}

#[tokio::test]
async fn a_page_names_its_module_and_opens_only_to_those_who_need_it() {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let customer = app.user(Role::Customer, &[studio]).await;
    let session = format!("/dashboard/photo-sessions/{}", PhotoSessionId::generate());
    let order = format!("/dashboard/orders/{}", PhotoSessionId::generate());
    for (path, module) in [
        ("/dashboard/photo-sessions", "photo_sessions"),
        (session.as_str(), "photo_session"),
        ("/dashboard/settings/webhooks", "webhooks"),
        ("/dashboard/settings/studio", "studio"),
        ("/dashboard/orders", "orders"),
        (order.as_str(), "order"),
        ("/dashboard/settings/prices", "prices"),
        ("/dashboard/settings/watermark", "watermark"),
    ] {
        let page = browse(&app, Some(&admin), path).await;
        assert_eq!(page.status(), 200, "{path}");
        let page = page.text().await.expect("text");
        assert!(page.contains(&format!("data-page=\"{module}\"")), "{path}");
        assert!(std::path::Path::new(&format!("static/js/dashboard/pages/{module}.js")).is_file());
        assert_eq!(browse(&app, Some(&customer), path).await.status(), 403, "{path}");
        let out = browse(&app, None, path).await;
        assert_eq!(out.status(), 303, "{path}");
        assert!(out.headers()["location"].to_str().unwrap().starts_with("/login?next="));
    }
}

#[tokio::test]
async fn the_page_of_an_order_opens_without_an_account_and_tells_nobody_its_address() {
    let app = start().await;
    let page = browse(&app, None, &format!("/order/{}?key=secret", PhotoSessionId::generate())).await;
    assert_eq!(page.status(), 200);
    assert_eq!(page.headers()["referrer-policy"], "no-referrer");
    assert_eq!(page.headers()["x-robots-tag"], "noindex");
    assert!(page.text().await.expect("text").contains("/js/order/main.js"));
}
