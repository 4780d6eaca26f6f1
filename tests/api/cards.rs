//! The codes and cards that a studio prints: each is decoded.

use base64::{Engine, prelude::BASE64_STANDARD};
use pixora::domain::{PhotoSessionId, Role, StudioId};
use reqwest::{Method, Response};
use serde_json::json;

use crate::helpers::{TestApp, TestUser, assert_problem, start};

async fn get(app: &TestApp, user: &TestUser, session: PhotoSessionId, file: &str) -> Response {
    app.send_as(user, Method::GET, &format!("/api/photo-sessions/{session}/{file}"), json!({})).await
}

pub fn logo() -> String {
    let mut png = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(90, 60, image::Rgb([160, 20, 20]))
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    BASE64_STANDARD.encode(png.into_inner())
}

async fn brand(app: &TestApp, studio: StudioId) {
    let admin = app.user(Role::Admin, &[studio]).await;
    let branding = json!({ "name": "Light & Shade", "colour": "#C02020", "logo_png_base64": logo() });
    let path = format!("/api/studios/{studio}/branding");
    assert_eq!(app.send_as(&admin, Method::PUT, &path, branding).await.status(), 200);
}

/// Luminance of a PNG, and what a scanner reads in it.
#[expect(clippy::disallowed_methods, reason = "the picture is one that we made")]
pub fn read(png: &[u8]) -> (u32, String) {
    let picture = image::load_from_memory(png).expect("is a PNG").to_luma8();
    let (width, height) = picture.dimensions();
    let mut prepared =
        rqrr::PreparedImage::prepare_from_greyscale(width as usize, height as usize, |x, y| {
            picture.get_pixel(x as u32, y as u32).0[0]
        });
    let (_, text) = prepared.detect_grids()[0].decode().expect("the code can be read");
    (width, text)
}

/// The session's own short link as a code has it.
async fn own_link(app: &TestApp, session: PhotoSessionId) -> String {
    let code = app.app.studio.own_link(session, chrono::Utc::now()).await.unwrap().code;
    format!("HTTPS://PHOTOS.EXAMPLE/G/{code}")
}

#[tokio::test]
async fn a_sheet_has_many_cards_of_one_code_or_one_of_each() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    app.app.studio.add_link(session, "Table 4", chrono::Utc::now()).await.unwrap();
    for query in ["", "?design=small&copies=11", "?link=all&language=ru", "?design=small&link=all"] {
        let response = get(&app, &user, session, &format!("cards.pdf{query}")).await;
        assert_eq!(
            (response.status().as_u16(), &response.headers()["content-type"]),
            (200, &"application/pdf".parse().unwrap()),
            "{query}"
        );
        let pdf = response.bytes().await.unwrap();
        let pages = if query.contains("11") { &b"/Count 2"[..] } else { &b"/Count 1"[..] };
        assert!(pdf.starts_with(b"%PDF-") && pdf.windows(8).any(|part| part == pages), "{query}");
    }
    for (query, status, code) in [
        ("?design=cover", 409, "no_cover"),
        ("?design=round", 422, "invalid_design"),
        ("?copies=0", 422, "too_many_cards"),
        ("?copies=101", 422, "too_many_cards"),
        ("?copies=51&link=all", 422, "too_many_cards"),
        ("?copies=x", 422, "too_many_cards"),
        ("?link=2222222222", 404, "link_not_found"),
    ] {
        assert_problem(get(&app, &user, session, &format!("cards.pdf{query}")).await, status, code).await;
    }
    let stranger = app.user(Role::Photographer, &[]).await;
    assert_problem(get(&app, &stranger, session, "cards.pdf").await, 404, "session_not_found").await;
}

#[tokio::test]
async fn every_code_leads_to_the_session() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    let url = own_link(&app, session).await;
    for with_logo in [false, true] {
        if with_logo {
            brand(&app, studio).await;
        }
        for (query, side) in [("", 1024), ("?size=256", 256), ("?size=4096", 4096)] {
            let response = get(&app, &user, session, &format!("qr.png{query}")).await;
            assert_eq!(response.headers()["content-type"], "image/png");
            assert_eq!(read(&response.bytes().await.unwrap()), (side, url.clone()), "logo: {with_logo}");
        }
        let svg = get(&app, &user, session, "qr.svg").await;
        assert_eq!(svg.headers()["content-type"], "image/svg+xml");
        let svg = svg.text().await.unwrap();
        assert_eq!(svg.contains("data:image/png;base64,"), with_logo);
        assert_eq!(read(&rendered(&svg)).1, url);
    }
}

/// An SVG as a PNG on white.
pub fn rendered(svg: &str) -> Vec<u8> {
    let tree = resvg::usvg::Tree::from_str(svg, &Default::default()).expect("is an SVG");
    let (width, height) = (tree.size().width() as u32, tree.size().height() as u32);
    let mut pixels = resvg::tiny_skia::Pixmap::new(width, height).unwrap();
    resvg::render(&tree, Default::default(), &mut pixels.as_mut());
    let rgba = image::RgbaImage::from_raw(width, height, pixels.take()).unwrap();
    let mut png = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgba8(rgba).to_rgb8().write_to(&mut png, image::ImageFormat::Png).unwrap();
    png.into_inner()
}

#[tokio::test]
async fn the_card_is_a_pdf_in_the_chosen_language() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    brand(&app, studio).await;
    let mut seen = Vec::new();
    for (query, language) in [("?language=ru", "ru"), ("?language=en", "en"), ("", "en")] {
        let response = get(&app, &user, session, &format!("card.pdf{query}")).await;
        assert_eq!(response.headers()["content-type"], "application/pdf");
        assert_eq!(response.headers()["content-language"], language);
        let name = response.headers()["content-disposition"].to_str().unwrap().to_owned();
        assert_eq!(
            name, "inline; filename=\"Anna _ Ivan QR.pdf\"; filename*=UTF-8''Anna%20%26%20Ivan%20QR.pdf",
            "a file of a code says which session it is of"
        );
        let pdf = response.bytes().await.unwrap();
        assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 5_000, "{} bytes", pdf.len());
        seen.push(pdf);
    }
    // The letters that a card embeds are told by their size; a PDF's objects come in no fixed order.
    let apart = |a: usize, b: usize| seen[a].len().abs_diff(seen[b].len());
    assert!(apart(0, 1) > 100, "{} and {} bytes", seen[0].len(), seen[1].len());
    assert!(apart(1, 2) < 20, "English where nothing is asked for");
    assert_problem(get(&app, &user, session, "card.pdf?language=fr").await, 422, "invalid_language").await;
}

#[tokio::test]
async fn a_code_carries_the_pin_where_that_is_wanted() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    let plain = own_link(&app, session).await;
    let path = format!("/api/photo-sessions/{session}");
    for (pin, query, expected) in [
        (json!(null), "?pin=1", plain.clone()),
        (json!("ёлка7"), "", plain.clone()),
        (json!("ёлка7"), "?pin=1", format!("{plain}#PIN=%D1%91%D0%BB%D0%BA%D0%B07")),
    ] {
        assert_eq!(app.send_as(&user, Method::PATCH, &path, json!({ "pin": pin })).await.status(), 200);
        let svg = get(&app, &user, session, &format!("qr.svg{query}")).await.text().await.unwrap();
        assert_eq!(read(&rendered(&svg)).1, expected);
        let png = get(&app, &user, session, &format!("qr.png{query}")).await.bytes().await.unwrap();
        assert_eq!(read(&png).1, expected);
    }
}

#[tokio::test]
async fn a_size_must_fit_the_code() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    for size in ["0", "127", "4097", "x", "-1"] {
        assert_problem(get(&app, &user, session, &format!("qr.png?size={size}")).await, 422, "invalid_size")
            .await;
    }
}

#[tokio::test]
async fn cards_are_for_the_sessions_studio() {
    let app = start().await;
    let studio = app.studio().await;
    let (user, colleague) =
        (app.user(Role::Photographer, &[studio]).await, app.user(Role::Photographer, &[studio]).await);
    let session = app.session_of(&user, studio).await;
    for file in ["qr.png", "qr.svg", "card.pdf"] {
        assert_problem(get(&app, &colleague, session, file).await, 404, "session_not_found").await;
        let mine = get(&app, &user, session, file).await;
        assert_eq!(mine.status(), 200);
        let name = mine.headers()["content-disposition"].to_str().expect("text");
        let ending = file.rsplit('.').next().expect("has one");
        assert!(name.contains(&format!("filename=\"Anna _ Ivan QR.{ending}\"")), "{file} is saved as {name}");
    }
}
