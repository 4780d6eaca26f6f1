use std::sync::atomic::Ordering;

use base64::Engine;
use pixora::domain::PhotoSessionId;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::helpers::{TestApp, assert_problem, start};

/// What a browser sends when it navigates.
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn browse(app: &TestApp, path: &str, language: &str) -> Response {
    let request =
        app.request(Method::GET, path).header("accept", BROWSER).header("accept-language", language);
    request.send().await.expect("the server answers")
}

fn session_in(page: &str) -> Value {
    let (_, rest) =
        page.split_once("<script type=\"application/json\" id=\"session\">").expect("the page holds it");
    serde_json::from_str(rest.split_once("</script>").expect("the element ends").0).expect("it is JSON")
}

#[tokio::test]
async fn both_addresses_show_the_guests_page_with_its_session() {
    let app = start().await;
    let id = app.session().await;
    app.photo(id, "a.jpg").await;
    app.queued_photo(id, "b.jpg").await;
    for path in [format!("/session/{id}"), format!("/api/v1/sessions/{id}/interface")] {
        let response = browse(&app, &path, "ru").await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let page = response.text().await.unwrap();
        assert!(
            page.contains("<html lang=\"ru\"") && page.contains("<title>Anna &amp; Ivan · Pixora</title>")
        );
        assert!(!page.contains("{{"), "every placeholder is filled");
        let mut in_page = session_in(&page);
        let first = in_page["first"].take();
        let listed = app.get(&format!("/api/v1/sessions/{id}/photos")).await.json::<Value>().await.unwrap();
        assert_eq!(first, listed, "the page brings the first photos along");
        assert_eq!(
            in_page,
            json!({
                "id": id, "name": "Anna & Ivan", "description": "By the lake", "status": "active",
                "scheduled_at": "2026-02-18T17:55:51.746000+00:00", "facepass_enabled": true, "people": false,
                "consent_version": "2026-11.4", "guardian_version": null, "news": true,
                "photos_total": 2, "photos_ready": 1, "hours_apart": 0, "time_zone": null, "reveals_at": null, "ends_at": null,
                "downloads": "full", "guest_photos": "off", "comments": "off", "error": null, "first": null, "cover": null, "photo": null, "origin": null,
            })
        );
    }
    app.app.usage.flush().await.unwrap();
    assert_eq!(app.app.store.usage().counts(id).await.unwrap().page_views, 2);
}

#[tokio::test]
async fn the_first_view_is_written_into_the_page_with_a_policy_for_its_style() {
    let app = start().await;
    let id = app.session().await;
    let empty = browse(&app, &format!("/session/{id}"), "en").await.text().await.unwrap();
    assert!(empty.contains("<div id=\"app\"></div>"), "without photos the script says what is going on");
    let photo = app.photo(id, "a.jpg").await.id;
    let response = browse(&app, &format!("/session/{id}"), "en").await;
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let page = response.text().await.unwrap();
    assert!(page.contains("<h1 class=\"display\" dir=\"auto\">Anna &amp; Ivan</h1>"), "{page}");
    assert!(page.contains(&format!("data-photo=\"{photo}\"")), "{page}");
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    assert!(style.contains("object-position"), "each photo is cut where its faces are");
    let hash = base64::prelude::BASE64_STANDARD.encode(<sha2::Sha256 as sha2::Digest>::digest(style));
    assert!(policy.ends_with(&format!("style-src 'self' 'sha256-{hash}'")), "{policy}");
    let script = page.split_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
    let hash = base64::prelude::BASE64_STANDARD.encode(<sha2::Sha256 as sha2::Digest>::digest(script));
    assert!(policy.contains(&format!("; script-src 'self' 'sha256-{hash}'; ")), "{policy}");
    assert!(!page.contains("style=\""), "the policy forbids style attributes");
}

#[tokio::test]
async fn the_first_view_shows_what_a_guest_may_see_and_no_more() {
    let app = start().await;
    let id = app.session().await;
    let (seen, hidden) = (app.photo(id, "a.jpg").await.id, app.photo(id, "b.jpg").await.id);
    app.app.store.photos().set_selected(id, &[hidden], false).await.unwrap();
    let page = browse(&app, &format!("/session/{id}"), "en").await.text().await.unwrap();
    assert!(page.contains(&seen.to_string()) && !page.contains(&hidden.to_string()), "{page}");
}

#[tokio::test]
async fn a_sessions_name_cannot_bring_script_into_the_page() {
    let app = start().await;
    let name = "</script><script>alert(1)</script>{{static}}<!--";
    let id = app.session_named(name).await;
    let page = browse(&app, &format!("/session/{id}"), "en").await.text().await.unwrap();
    assert!(!page.contains("<script>alert"), "{page}");
    assert_eq!(session_in(&page)["name"], name);
}

#[tokio::test]
async fn a_browser_gets_an_error_page_with_the_right_status() {
    let app = start().await;
    let off = app.session().await;
    app.set_facepass(off, false).await;
    let cases = [
        (PhotoSessionId::generate().to_string(), 404, "session_not_found"),
        (off.to_string(), 404, "facepass_disabled"),
        ("nonsense".to_owned(), 422, "malformed_id"),
    ];
    for (id, status, code) in &cases {
        for path in [format!("/session/{id}"), format!("/api/v1/sessions/{id}/interface")] {
            assert_problem(app.get(&path).await, *status, code).await;
            let response = browse(&app, &path, "ru").await;
            assert_eq!(response.status(), *status);
            assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
            let page = response.text().await.unwrap();
            assert!(
                page.contains("<html lang=\"ru\"") && page.contains(&format!("data-code=\"{code}\"")),
                "{page}"
            );
        }
    }
    app.source.down.store(true, Ordering::SeqCst);
    let response = browse(&app, &format!("/session/{}", PhotoSessionId::generate()), "en").await;
    assert_eq!(response.status(), 500);
    assert!(response.text().await.unwrap().contains("data-code=\"source_unavailable\""));
}

#[tokio::test]
async fn the_page_closes_within_the_cache_time_and_opens_again() {
    let app = start().await;
    let id = app.session().await;
    let path = format!("/session/{id}");
    assert_eq!(browse(&app, &path, "en").await.status(), 200);
    app.set_facepass(id, false).await;
    assert_eq!(browse(&app, &path, "en").await.status(), 200, "the answer is still believed");
    app.later(30);
    assert_eq!(browse(&app, &path, "en").await.status(), 404);
    app.set_facepass(id, true).await;
    app.later(30);
    assert_eq!(browse(&app, &path, "en").await.status(), 200);
}

#[tokio::test]
async fn a_page_is_written_in_the_language_that_the_reader_likes_best() {
    let app = start().await;
    let id = app.session().await;
    let page = browse(&app, &format!("/session/{id}"), "de-AT,de;q=0.9,en;q=0.5").await;
    assert_eq!(page.headers()["content-language"], "de");
    let page = page.text().await.unwrap();
    for part in [
        r#"<html lang="de" data-languages="ru:Русский;en:English;de:Deutsch">"#,
        "Diese Seite braucht JavaScript",
        "/locales/de/pages/guest.json",
    ] {
        assert!(page.contains(part), "{part} is not in the page");
    }
    let words = page.split('"').find(|text| text.ends_with("/locales/de/pages/guest.json")).unwrap();
    assert!(app.get_json(words).await["all.title"].is_string());
    for nothing in ["locales/fr/pages/guest.json", "locales/de/mails.json", "locales/de/pages/../mails.json"]
    {
        let path = words.replace("locales/de/pages/guest.json", nothing);
        assert_eq!(app.get(&path).await.status(), 404, "{path}");
    }
    let script = app.get("/embed.js").await.text().await.unwrap();
    assert!(script.contains("Ihre Fotos") && script.contains("Найти свои фотографии"), "{script}");
}

#[tokio::test]
async fn the_front_door_and_what_its_pages_need_are_there() {
    let app = start().await;
    let id = app.session().await;
    let front = browse(&app, "/", "en").await;
    assert_eq!(front.status(), 200);
    let pages = [
        front.text().await.unwrap(),
        browse(&app, &format!("/session/{id}"), "en").await.text().await.unwrap(),
    ];
    let mut checked = 0;
    for page in &pages {
        for link in page.split('"').filter(|text| text.starts_with("/static/")) {
            if link.contains("/vendor/") {
                continue; // Fetched by `make setup`; the browser tests hold that it is there.
            }
            let response = app.get(link).await;
            assert_eq!(response.status(), 200, "{link}");
            assert_eq!(response.headers()["cache-control"], "public, max-age=31536000, immutable");
            let expected = match link.rsplit('.').next() {
                Some("js") => "text/javascript; charset=utf-8",
                Some("css") => "text/css; charset=utf-8",
                Some("svg") => "image/svg+xml",
                Some("png") => "image/png",
                Some("json") => "application/json",
                other => panic!("an unexpected kind of file: {other:?}"),
            };
            assert_eq!(response.headers()["content-type"], expected);
            checked += 1;
        }
    }
    assert!(checked > 5, "the pages link to their styles and scripts");
}

#[tokio::test]
async fn a_file_of_the_front_end_is_compressed_and_revalidated() {
    let app = start().await;
    let page = browse(&app, "/", "en").await.text().await.unwrap();
    let css =
        page.split('"').find(|text| text.ends_with("base.css")).expect("the page has a style").to_owned();
    let get = |name: &'static str, value: String| app.request(Method::GET, &css).header(name, value).send();
    let zipped = get("accept-encoding", "gzip".into()).await.unwrap();
    assert_eq!(zipped.headers()["content-encoding"], "gzip");
    assert!(zipped.bytes().await.unwrap().starts_with(&[0x1f, 0x8b]));
    let etag = app.get(&css).await.headers()["etag"].to_str().unwrap().to_owned();
    assert_eq!(get("if-none-match", etag).await.unwrap().status(), 304);
    // A page from before an update asks for the same file under the old version.
    let (_, path) = css.trim_start_matches("/static/").split_once('/').expect("a version and a path");
    let old = app.get(&format!("/static/0000000000000000/{path}")).await;
    assert_eq!((old.status().as_u16(), old.headers()["cache-control"].to_str().unwrap()), (200, "no-cache"));
    assert_problem(app.get("/static/0000000000000000/js/absent.js").await, 404, "not_found").await;
}

#[tokio::test]
async fn the_slideshow_opens_where_guests_get_in_and_says_nothing_before_the_pin() {
    let app = start().await;
    let id = app.session().await;
    let path = format!("/session/{id}/show");
    let page = browse(&app, &path, "ru").await.text().await.unwrap();
    assert!(!page.contains("{{") && page.contains("<title>Anna &amp; Ivan · Pixora</title>"), "{page}");
    let session = session_in(&page);
    assert_eq!((&session["id"], &session["facepass_enabled"]), (&json!(id), &json!(true)));
    app.app.usage.flush().await.unwrap();
    let counts = app.app.store.usage().counts(id).await.unwrap();
    assert_eq!(counts.page_views, 0, "a screen in the hall is no guest");

    let terms =
        pixora::photo_sessions::TermsChange { pin: Some(Some("4711".to_owned())), ..Default::default() };
    let change = pixora::photo_sessions::SessionChange { terms, ..Default::default() };
    app.app.studio.change(id, change, chrono::Utc::now()).await.unwrap();
    let page = browse(&app, &path, "en").await.text().await.unwrap();
    assert_eq!(session_in(&page)["error"]["code"], "pin_required");
    assert!(!page.contains("Anna"), "{page}");

    let change = pixora::photo_sessions::SessionChange { gallery_open: Some(false), ..Default::default() };
    app.app.studio.change(id, change, chrono::Utc::now()).await.unwrap();
    let closed = browse(&app, &path, "en").await;
    assert_eq!(closed.status(), 404);
    assert!(closed.text().await.unwrap().contains("data-code=\"facepass_disabled\""));
}
