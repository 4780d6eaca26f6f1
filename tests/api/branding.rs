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
    let plain = json!({ "name": "Studio", "colour": "#1f2937", "logo_png_base64": null, "contact": null, "site": null });
    assert_eq!(before, plain);
    let put = async |body: Value| app.send_as(&admin, Method::PUT, &path, body).await;

    let sent = json!({ "name": " Свет ", "colour": "#C0FFEE", "logo_png_base64": logo(),
                       "contact": " hello@studio.example ", "site": "https://studio.example/" });
    let expected = put(sent).await.json::<Value>().await.unwrap();
    let drawn = expected["logo_png_base64"].as_str().unwrap().to_owned();
    let same = json!({ "name": "Свет", "colour": "#c0ffee", "logo_png_base64": drawn,
                       "contact": "hello@studio.example", "site": "https://studio.example/" });
    assert_eq!(expected, same);
    let pixels = |png: &str| {
        image::load_from_memory(&BASE64_STANDARD.decode(png).unwrap()).expect("is a picture").to_rgba8()
    };
    assert_eq!(pixels(&drawn), pixels(&logo()), "the same picture, drawn anew");
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
    for (member, wrong, code) in [
        ("contact", "x".repeat(201), "invalid_contact"),
        ("contact", "a\nb".to_owned(), "invalid_contact"),
        ("site", "javascript:alert(1)".to_owned(), "invalid_site"),
        ("site", format!("https://{}", "x".repeat(200)), "invalid_site"),
    ] {
        let body = json!({ "name": "Свет", "colour": "#123456", member: wrong });
        assert_problem(put(body).await, 422, code).await;
    }
    assert_eq!(app.get_as(&admin, &path).await, expected, "what was refused changed nothing");
    assert_eq!(put(json!({ "name": "Свет", "colour": "#123456" })).await.status(), 200);
    assert_eq!(app.get_as(&admin, &path).await["logo_png_base64"], Value::Null);
}

#[tokio::test]
async fn guests_see_the_studio_on_its_pages_and_on_their_failures() {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let id = app.session_of(&admin, studio).await;
    app.photo(id, "a.jpg").await;
    let browse = async |path: String| {
        let request =
            app.request(Method::GET, &path).header("accept", "text/html").header("accept-language", "en");
        request.send().await.unwrap().text().await.unwrap()
    };
    let link = format!("/session/{id}");
    assert!(browse(link.clone()).await.contains("Pixora"), "a studio that has said nothing");
    let sent = json!({ "name": "Свет & <Тень>", "colour": "#ffee00", "logo_png_base64": logo(),
                       "contact": "hello@studio.example", "site": "https://studio.example/" });
    let path = format!("/api/studios/{studio}/branding");
    assert_eq!(app.send_as(&admin, Method::PUT, &path, sent).await.status(), 200);

    let opened = browse(link.clone()).await;
    let shown = browse(format!("{link}/show")).await;
    let refused = browse(format!("{link}/photo/{}", pixora::domain::PhotoId::generate())).await;
    let patch = format!("/api/photo-sessions/{id}");
    app.send_as(&admin, Method::PATCH, &patch, json!({ "pin": "4711" })).await;
    let locked = browse(link.clone()).await;
    app.send_as(&admin, Method::PATCH, &patch, json!({ "gallery_open": false })).await;
    let closed = browse(link.clone()).await;
    for (page, name) in
        [(opened, "opened"), (shown, "shown"), (refused, "refused"), (locked, "locked"), (closed, "closed")]
    {
        assert!(page.contains("Свет &amp; &lt;Тень&gt;</title>"), "{name}: {page}");
        assert!(page.contains("\"contact\":\"hello@studio.example\""), "{name}: {page}");
        assert!(!page.contains("Pixora"), "{name}: {page}");
        // Yellow is not read on paper: it is darkened there, and left as it is in the dark.
        let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
        let (light, dark) =
            style.split_once("@media (prefers-color-scheme:dark){:root{--accent:").expect(name);
        assert!(dark.starts_with("#ffee00") && !light.contains("--accent:#ffee00"), "{name}: {style}");
        let (_, rest) = page.split_once("/brand/").expect(name);
        let logo = format!("/brand/{}", rest.split('"').next().unwrap());
        let answer = app.get(&logo).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &"image/png".parse().unwrap())
        );
        assert!(answer.headers()["cache-control"].to_str().unwrap().contains("immutable"));
        assert!(answer.bytes().await.unwrap().starts_with(b"\x89PNG"));
    }
    let stale = app.get(&format!("/brand/{studio}/0.png")).await;
    assert_eq!(
        (stale.status().as_u16(), &stale.headers()["cache-control"]),
        (200, &"no-cache".parse().unwrap())
    );
    assert_problem(app.get(&format!("/brand/{}/0.png", app.other_studio().await)).await, 404, "not_found")
        .await;
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

#[tokio::test]
async fn a_buyer_sees_the_studio_on_the_page_of_the_order_and_under_its_mails() {
    let app = start().await;
    let (studio, session) = (app.studio().await, app.session().await);
    let admin = app.user(Role::Admin, &[studio]).await;
    let order = app.order(session).await;
    let key = order.key.clone();
    let page = async |key: &str| {
        let path = format!("/order/{}?key={key}", order.id);
        app.get(&path).await.text().await.expect("a page")
    };
    let plain = page(&key).await;
    assert!(plain.contains("<title>Pixora</title>") && plain.contains(r#"id="brand">null<"#), "{plain}");

    let look = json!({ "name": "Studio <North>", "colour": "#336699", "logo_png_base64": logo(),
                       "contact": "+7 900 000-00-00", "site": "https://studio.example" });
    let changed = app.send_as(&admin, Method::PUT, &format!("/api/studios/{studio}/branding"), look).await;
    assert_eq!(changed.status(), 200);
    let shown = page(&key).await;
    assert!(shown.contains("<title>Studio &lt;North&gt;</title>"), "{shown}");
    for part in ["--accent:", "+7 900 000-00-00", "https://studio.example", &format!("/brand/{studio}/")] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let wrong = page("nonsense").await;
    assert!(!wrong.contains("North"), "whoever has no key is not told whose order it is");

    let paid = app.step(&admin, &order.id, "paid").await;
    assert_eq!(paid.status(), 200);
    app.order(session).await;
    let mails = app.mails().await;
    let told =
        mails.iter().filter(|mail| mail.body.ends_with("\n+7 900 000-00-00\nhttps://studio.example\n"));
    assert_eq!(told.count(), 2, "{:?}", mails.iter().map(|mail| &mail.body).collect::<Vec<_>>());
}
