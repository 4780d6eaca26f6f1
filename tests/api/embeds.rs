//! Pages of other origins: what they may read, and which of them may show the search in a frame.

use pixora::domain::{PhotoSessionId, Role, StudioId};
use reqwest::{Method, Response, header::HeaderMap};
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

const SITE: &str = "https://studio.example";
const OTHER: &str = "https://other.example";

struct Studio {
    app: TestApp,
    admin: TestUser,
    session: PhotoSessionId,
    id: StudioId,
}

/// A studio that has named these web sites.
async fn studio(origins: &[&str]) -> Studio {
    let app = start().await;
    let id = app.studio().await;
    let admin = app.user(Role::Admin, &[id]).await;
    let session = app.session().await;
    let studio = Studio { app, admin, session, id };
    assert_eq!(studio.name(json!(origins)).await.status(), 200);
    studio
}

impl Studio {
    async fn name(&self, origins: Value) -> Response {
        let path = format!("/api/studios/{}/web-origins", self.id);
        self.app.send_as(&self.admin, Method::PUT, &path, json!({ "origins": origins })).await
    }

    /// As a page of this origin asks.
    async fn from(&self, origin: &str, method: Method, path: &str) -> Response {
        self.app.request(method, path).header("origin", origin).send().await.expect("answers")
    }

    /// As its browser asks beforehand.
    async fn before(&self, origin: &str, method: &str, path: &str) -> Response {
        let request = self.app.request(Method::OPTIONS, path).header("origin", origin);
        let request = request.header("access-control-request-method", method);
        let headers = "authorization,content-type,pixora-visit";
        request.header("access-control-request-headers", headers).send().await.expect("answers")
    }

    fn of_session(&self, rest: &str) -> String {
        format!("/api/v1/sessions/{}{rest}", self.session)
    }
}

/// What an answer says to pages of other origins.
fn said(headers: &HeaderMap) -> Vec<String> {
    let names = headers.keys().map(|name| name.as_str().to_owned());
    names.filter(|name| name.starts_with("access-control-")).collect()
}

fn allowed(response: &Response) -> Option<&str> {
    response.headers().get("access-control-allow-origin").map(|origin| origin.to_str().expect("is text"))
}

fn varies(response: &Response) -> bool {
    let lines = response.headers().get_all("vary").iter();
    lines.flat_map(|line| line.to_str().expect("is text").split(',')).any(|name| name.trim() == "origin")
}

#[tokio::test]
async fn a_page_of_a_named_origin_reads_the_sessions_interface_without_cookies() {
    let studio = studio(&[SITE, "http://localhost:3000"]).await;
    let photo = studio.app.photo(studio.session, "a.jpg").await;
    let picture = studio.app.get_json(&studio.of_session("/photos")).await;
    let picture = picture["photos"][0]["thumb_url"].as_str().expect("an address").to_owned();
    assert!(picture.contains(&photo.id.to_string()));
    for path in [studio.of_session(""), studio.of_session("/photos"), picture, "/embed.js".to_owned()] {
        for origin in [SITE, "http://localhost:3000"] {
            let answer = studio.from(origin, Method::GET, &path).await;
            assert_eq!(allowed(&answer), Some(origin), "{path}: {answer:?}");
            assert!(varies(&answer), "{path}: {answer:?}");
            assert!(!answer.headers().contains_key("access-control-allow-credentials"), "{path}");
        }
        let without = studio.app.get(&path).await;
        assert_eq!(said(without.headers()), [""; 0], "{path}");
        assert!(varies(&without), "{path}: a cache keeps it apart");
    }

    // What went wrong is read as well, and when to come again.
    let missing = studio.from(SITE, Method::POST, &studio.of_session("/search")).await;
    assert_eq!(allowed(&missing), Some(SITE));
    let exposed = missing.headers()["access-control-expose-headers"].to_str().unwrap().to_owned();
    assert!(exposed.contains("retry-after") && exposed.contains("x-request-id"), "{exposed}");
    assert_problem(missing, 415, "unsupported_type").await;
    // A program's key in a page is asked for as from anywhere else.
    let put = studio.from(SITE, Method::PUT, &studio.of_session("/photos/IMG_1")).await;
    assert_eq!(allowed(&put), Some(SITE));
    assert_problem(put, 401, "sign_in_required").await;
}

#[tokio::test]
async fn a_browser_that_asks_beforehand_is_told_what_the_named_origin_may_send() {
    let studio = studio(&[SITE]).await;
    for (method, rest) in [("POST", "/search"), ("PUT", "/photos/IMG_1"), ("DELETE", "/visit")] {
        let answer = studio.before(SITE, method, &studio.of_session(rest)).await;
        assert_eq!(answer.status(), 200, "{rest}");
        assert_eq!(allowed(&answer), Some(SITE));
        let header = |name: &str| answer.headers()[name].to_str().expect("is text").to_lowercase();
        assert!(header("access-control-allow-methods").contains(&method.to_lowercase()), "{answer:?}");
        let headers = header("access-control-allow-headers");
        for name in ["authorization", "content-type", "pixora-visit"] {
            assert!(headers.contains(name), "{headers}");
        }
        assert!(!headers.contains('*') && !headers.contains("csrf"), "{headers}");
        assert!(varies(&answer));
        assert!(!answer.headers().contains_key("access-control-allow-credentials"));
    }
}

#[tokio::test]
async fn an_origin_that_is_not_named_is_told_nothing() {
    let studio = studio(&[SITE]).await;
    let strangers = [
        OTHER,
        "null",
        "*",
        "http://studio.example",
        "https://studio.example:8443",
        "https://sub.studio.example",
        "https://studio.example.evil.example",
        "HTTPS://STUDIO.EXAMPLE",
        "https://studio.example/",
    ];
    for origin in strangers {
        for path in [studio.of_session("/photos"), "/embed.js".to_owned()] {
            let answer = studio.from(origin, Method::GET, &path).await;
            assert_eq!(answer.status(), 200, "{origin}: guests of any browser come as before");
            assert_eq!(said(answer.headers()), [""; 0], "{origin} {path}");
        }
        let before = studio.before(origin, "POST", &studio.of_session("/search")).await;
        assert_eq!((before.status().as_u16(), said(before.headers())), (405, Vec::new()), "{origin}");
    }

    // Off until a studio names somebody, and off again when it names nobody.
    assert_eq!(studio.name(json!([])).await.status(), 200);
    let answer = studio.from(SITE, Method::GET, &studio.of_session("/photos")).await;
    assert_eq!(said(answer.headers()), [""; 0]);
}

#[tokio::test]
async fn what_one_studio_names_opens_no_session_of_another() {
    let studio = studio(&[SITE]).await;
    let other = studio.app.other_studio().await;
    let photographer = studio.app.user(Role::Photographer, &[other]).await;
    let session = studio.app.session_of(&photographer, other).await;
    let path = format!("/api/v1/sessions/{session}");
    for path in [format!("{path}/facepass-status"), path.clone()] {
        assert_eq!(said(studio.from(SITE, Method::GET, &path).await.headers()), [""; 0], "{path}");
    }
    assert_eq!(said(studio.before(SITE, "POST", &format!("{path}/search")).await.headers()), [""; 0]);
    let none = format!("/api/v1/sessions/{}/photos", PhotoSessionId::generate());
    assert_eq!(said(studio.from(SITE, Method::GET, &none).await.headers()), [""; 0]);
    let frames = frames(&studio.app.get(&format!("/embed/{session}")).await);
    assert!(frames.is_none_or(|policy| policy == "frame-ancestors 'none'"));
}

#[tokio::test]
async fn the_panel_the_accounts_and_uploads_are_closed_to_every_other_origin() {
    let studio = studio(&[SITE]).await;
    let session = studio.session;
    for path in [
        "/api/auth/me".to_owned(),
        "/api/keys".to_owned(),
        "/api/photo-sessions".to_owned(),
        format!("/api/photo-sessions/{session}"),
        format!("/api/photo-sessions/{session}/photos"),
        format!("/session/{session}"),
        studio.of_session("/interface"),
        "/login".to_owned(),
        "/dashboard".to_owned(),
        "/api/openapi.json".to_owned(),
        "/healthz".to_owned(),
    ] {
        let answer = studio.from(SITE, Method::GET, &path).await;
        assert_eq!(said(answer.headers()), [""; 0], "{path}");
        let before = studio.before(SITE, "POST", &path).await;
        assert_eq!(said(before.headers()), [""; 0], "{path}");
    }
    // tus asks by `OPTIONS` what the server can do.
    let tus = studio.from(SITE, Method::OPTIONS, "/api/uploads").await;
    assert!(tus.headers().contains_key("tus-version"), "{tus:?}");
    assert_eq!(said(tus.headers()), [""; 0]);
}

/// The part of the policy that says who may show the page in a frame.
fn frames(answer: &Response) -> Option<String> {
    let policy = answer.headers().get("content-security-policy")?.to_str().expect("is text");
    policy.split("; ").find(|part| part.starts_with("frame-ancestors")).map(str::to_owned)
}

#[tokio::test]
async fn only_named_origins_may_show_the_search_in_a_frame() {
    let studio = studio(&["https://www.studio.example:8443", SITE]).await;
    let session = studio.session;
    studio.app.photo(session, "a.jpg").await;
    let path = format!("/embed/{session}");
    let answer = studio.app.get(&path).await;
    assert_eq!(answer.status(), 200);
    let expected = "frame-ancestors https://studio.example https://www.studio.example:8443";
    assert_eq!(frames(&answer).as_deref(), Some(expected));
    assert!(!answer.headers().contains_key("x-frame-options"), "it knows no list");
    let camera = answer.headers()["permissions-policy"].to_str().unwrap().to_owned();
    assert!(camera.contains("camera=(self)"), "{camera}");
    assert!(!answer.headers().contains_key("set-cookie"));
    let page = answer.text().await.unwrap();
    assert!(
        page.contains("\"origins\":[\"https://studio.example\",\"https://www.studio.example:8443\"]"),
        "{page}"
    );
    assert!(!page.contains("{{"), "every placeholder is filled");

    // In the language of the site around it.
    let russian = studio.app.request(Method::GET, &format!("{path}?lang=ru")).header("accept-language", "en");
    assert!(russian.send().await.unwrap().text().await.unwrap().contains("<html lang=\"ru\""));

    // Everywhere else it stays out of frames: our other pages, this one where nobody is named, and its failures.
    let guest = format!("/session/{session}");
    for other in [guest.as_str(), "/", "/login", "/embed/nonsense", "/api/auth/me", "/embed.js?x"] {
        let answer =
            studio.app.request(Method::GET, other).header("accept", "text/html").send().await.unwrap();
        if other.starts_with("/embed.js") {
            assert_eq!(answer.headers()["content-type"], "text/javascript; charset=utf-8");
            continue;
        }
        assert_eq!(frames(&answer).as_deref(), Some("frame-ancestors 'none'"), "{other}");
        assert_eq!(answer.headers()["x-frame-options"], "DENY", "{other}");
    }
    studio.app.set_facepass(session, false).await;
    studio.app.later(30);
    let closed = studio.app.get(&path).await;
    assert_eq!(frames(&closed).as_deref(), Some("frame-ancestors 'none'"));
    assert_problem(closed, 404, "facepass_disabled").await;
    studio.app.set_facepass(session, true).await;
    studio.app.later(30);
    assert_eq!(studio.name(json!([])).await.status(), 200);
    assert_eq!(frames(&studio.app.get(&path).await).as_deref(), Some("frame-ancestors 'none'"));
}

#[tokio::test]
async fn a_studio_names_up_to_20_web_sites_as_browsers_name_them() {
    let studio = studio(&[]).await;
    let path = format!("/api/studios/{}/web-origins", studio.id);
    assert_eq!(studio.app.get_as(&studio.admin, &path).await, json!({ "origins": [] }));
    let copied = json!(["https://Studio.example/", "https://studio.example:443", "http://127.0.0.1:8080"]);
    let set: Value = studio.name(copied).await.json().await.expect("JSON");
    let expected = json!({ "origins": ["http://127.0.0.1:8080", "https://studio.example"] });
    assert_eq!((&set, &studio.app.get_as(&studio.admin, &path).await), (&expected, &expected));
    for wrong in
        ["*", "https://*.studio.example", "http://studio.example", "https://studio.example/page", "null"]
    {
        let refused = studio.name(json!([SITE, wrong])).await;
        let problem = assert_problem(refused, 422, "invalid_origin").await;
        assert_eq!(problem["origin"], wrong);
    }
    let many: Vec<String> = (0..21).map(|n| format!("https://{n}.example")).collect();
    assert_problem(studio.name(json!(many)).await, 422, "too_many_origins").await;
    assert_eq!(studio.app.get_as(&studio.admin, &path).await, expected, "nothing was changed");
}
