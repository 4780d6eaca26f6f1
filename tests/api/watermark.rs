use base64::{Engine, prelude::BASE64_STANDARD};
use pixora::{
    blobs::BlobKey,
    domain::{Derivative, Photo, PhotoSessionId, RelativeBox, Role, SearchId},
    imaging::{self, Picture},
    search::{Match, SearchAnswer},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    archives::assert_sound,
    helpers::{TestApp, TestUser, assert_problem, start},
};

/// A photo whose copies are real JPEGs, grey all over.
async fn photo(app: &TestApp, session: PhotoSessionId, filename: &str) -> Photo {
    let photo = app.photo(session, filename).await;
    for Derivative { size, hash, .. } in &photo.derivatives {
        let (width, height) = (*size, size / 2);
        let picture = Picture::new(width, height, vec![128; (width * height * 3) as usize]);
        let jpeg = imaging::encode_jpeg(&picture, 82).expect("is encoded");
        let key = BlobKey::derivative_of(session, photo.id, *size, hash).expect("names a file");
        app.app.blobs.put(key, jpeg).await.expect("is written");
    }
    photo
}

struct Studio {
    app: TestApp,
    admin: TestUser,
    path: String,
    session: PhotoSessionId,
}

async fn studio() -> Studio {
    let app = start().await;
    let studio = app.studio().await;
    let admin = app.user(Role::Admin, &[studio]).await;
    let session = app.session().await;
    Studio { admin, path: format!("/api/studios/{studio}/watermark"), session, app }
}

impl Studio {
    async fn set(&self, watermark: Value) -> reqwest::Response {
        self.app.send_as(&self.admin, Method::PUT, &self.path, watermark).await
    }

    async fn set_text(&self, text: &str) {
        let watermark = json!({ "kind": "text", "text": text, "opacity": 40, "logo_png_base64": null });
        let response = self.set(watermark.clone()).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.json::<Value>().await.unwrap(), watermark);
        assert_eq!(self.app.get_as(&self.admin, &self.path).await, watermark);
    }

    async fn gallery(&self) -> Value {
        self.app.get_json(&format!("/api/v1/sessions/{}/photos", self.session)).await
    }

    fn clean(&self, photo: &Photo, derivative: usize) -> String {
        let Derivative { size, hash, .. } = &photo.derivatives[derivative];
        format!("/media/{}/{}/{size}-{hash}.jpg", self.session, photo.id)
    }
}

fn text<'a>(of: &'a Value, member: &str) -> &'a str {
    of[member].as_str().expect("is text")
}

fn logo(grey: u8) -> String {
    let mut png = Vec::new();
    let mut encoder = png_encoder(&mut png);
    encoder.write_image_data(&[grey; 64 * 64 * 3]).expect("is written");
    encoder.finish().expect("is whole");
    BASE64_STANDARD.encode(png)
}

fn png_encoder(into: &mut Vec<u8>) -> png::Writer<&mut Vec<u8>> {
    let mut encoder = png::Encoder::new(into, 64, 64);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().expect("is written")
}

#[tokio::test]
async fn a_key_sees_pictures_without_a_mark_only_if_it_was_made_for_photos() {
    let studio = studio().await;
    let Studio { app, session, .. } = &studio;
    let boss = app.user(Role::SuperAdmin, &[app.studio().await]).await;
    let photo = photo(app, *session, "a.jpg").await;
    studio.set_text("Studio").await;
    let clean = studio.clean(&photo, 2);
    let get =
        async |path: &str, key: &str| app.request(Method::GET, path).bearer_auth(key).send().await.unwrap();
    assert_eq!(get(&clean, &boss.access_token).await.status(), 200);
    for scope in [
        "sessions:read",
        "sessions:write",
        "metrics:read",
        "handoff",
        "photos:write",
        "sessions:read photos:write",
    ] {
        let new = json!({ "name": "script", "scopes": scope.split(' ').collect::<Vec<_>>() });
        let made = app.send_as(&boss, Method::POST, "/api/keys", new).await.json::<Value>().await.unwrap();
        let key = text(&made, "key");
        let status = get(&clean, key).await.status().as_u16();
        assert_eq!(status, if scope.contains(' ') { 200 } else { 404 }, "{scope}");
        if scope == "sessions:read" {
            let list = get(&format!("/api/photo-sessions/{session}/photos"), key).await;
            let listed = list.json::<Value>().await.unwrap()["photos"][0].clone();
            assert_ne!(text(&listed, "full_url"), clean, "what the key may not see is not listed for it");
            assert_eq!(get(text(&listed, "full_url"), key).await.status(), 200);
        }
    }
}

#[tokio::test]
async fn while_a_mark_is_set_guests_reach_no_clean_picture_above_a_thumbnail() {
    let studio = studio().await;
    let Studio { app, session, .. } = &studio;
    let photo = photo(app, *session, "a.jpg").await;
    let before = studio.gallery().await["photos"][0].clone();
    assert_eq!(text(&before, "full_url"), studio.clean(&photo, 2));
    assert_eq!(app.get(&studio.clean(&photo, 2)).await.status(), 200, "no mark, nothing to protect");

    studio.set_text("Студия Анны").await;
    let shown = studio.gallery().await["photos"][0].clone();
    assert_eq!(shown["thumb_url"], before["thumb_url"]);
    for member in ["preview_url", "full_url"] {
        assert_ne!(shown[member], before[member]);
    }
    for derivative in [1, 2] {
        for query in ["", "?download=1", "?download=0&x=1"] {
            let clean = format!("{}{query}", studio.clean(&photo, derivative));
            assert_problem(app.get(&clean).await, 404, "photo_not_found").await;
        }
        let known = app.request(Method::GET, &studio.clean(&photo, derivative)).header("if-none-match", "*");
        assert_problem(known.send().await.unwrap(), 404, "photo_not_found").await;
        let part = app.request(Method::GET, &studio.clean(&photo, derivative)).header("range", "bytes=0-9");
        assert_problem(part.send().await.unwrap(), 404, "photo_not_found").await;
    }
    assert_eq!(app.get(text(&shown, "thumb_url")).await.status(), 200);

    // What they get shows the mark.
    for (member, size) in [("preview_url", 1024), ("full_url", 2048)] {
        for query in ["", "?download=1"] {
            let response = app.get(&format!("{}{query}", text(&shown, member))).await;
            assert_eq!(response.status(), 200, "{member}{query}");
            assert_eq!(response.headers()["content-type"], "image/jpeg");
            let jpeg = response.bytes().await.unwrap();
            let header = imaging::read_header(&jpeg).expect("a JPEG");
            assert_eq!((header.width, header.height), (size, size / 2));
            let picture = imaging::decode(&jpeg, &header, size).expect("is whole");
            let marked = picture.rgb.iter().filter(|value| value.abs_diff(128) > 25).count();
            assert!(marked * 40 > picture.rgb.len(), "{marked} of {}", picture.rgb.len());
        }
    }
    // The search and an archive lead to nothing else.
    let found = Match {
        photo: photo.clone(),
        external_ids: Vec::new(),
        score: 0.9,
        rect: RelativeBox { x: 0.1, y: 0.1, w: 0.1, h: 0.1 },
    };
    let answer = SearchAnswer {
        id: SearchId::generate(),
        model: "test".into(),
        faces: Vec::new(),
        matches: vec![found],
        perhaps: Vec::new(),
        photos_total: 1,
        photos_pending: 0,
    };
    app.search.answer(move |_| Ok(answer.clone()));
    let form = reqwest::multipart::Form::new()
        .part("selfie", reqwest::multipart::Part::bytes(vec![1]).file_name("selfie.jpg"));
    let path = format!("/api/v1/sessions/{session}/search");
    let searched: Value =
        app.request(Method::POST, &path).multipart(form).send().await.unwrap().json().await.unwrap();
    assert_eq!(searched["matches"][0]["full_url"], shown["full_url"]);
    assert_eq!(searched["matches"][0]["preview_url"], shown["preview_url"]);
    let path = format!("/api/v1/sessions/{session}/archives");
    let body = json!({ "photo_ids": [photo.id] });
    let begun: Value =
        app.request(Method::POST, &path).json(&body).send().await.unwrap().json().await.unwrap();
    let archive = app.get(text(&begun, "url")).await.bytes().await.unwrap();
    assert_sound(&archive, &["a.jpg"]);
    let marked = app.get(text(&shown, "full_url")).await.bytes().await.unwrap();
    assert!(archive.windows(marked.len()).any(|part| part == marked), "the marked copy, byte for byte");
}

#[tokio::test]
async fn who_manages_a_session_sees_its_pictures_clean() {
    let studio = studio().await;
    let Studio { app, admin, session, .. } = &studio;
    let photo = photo(app, *session, "a.jpg").await;
    studio.set_text("Студия Анны").await;
    let managed = app.get_as(admin, &format!("/api/photo-sessions/{session}/photos")).await;
    assert_eq!(managed["photos"][0]["full_url"], studio.clean(&photo, 2));
    let get = async |user: &TestUser, path: &str| {
        app.request(Method::GET, path).bearer_auth(&user.access_token).send().await.unwrap()
    };
    assert_eq!(get(admin, &studio.clean(&photo, 2)).await.status(), 200);
    // The guest page, opened by the studio, shows what guests see.
    let marked = text(&studio.gallery().await["photos"][0], "full_url").to_owned();
    assert_eq!(get(admin, &marked).await.status(), 200);
    let there = app.other_studio().await;
    for stranger in [
        app.user(Role::Admin, &[there]).await,
        app.user(Role::Photographer, &[app.studio().await]).await,
        app.user(Role::Customer, &[]).await,
    ] {
        assert_problem(get(&stranger, &studio.clean(&photo, 2)).await, 404, "photo_not_found").await;
    }
}

#[tokio::test]
async fn a_changed_mark_has_other_addresses_and_leaves_no_old_copies() {
    let studio = studio().await;
    let Studio { app, session, .. } = &studio;
    let photo = photo(app, *session, "a.jpg").await;
    let files = async || app.app.blobs.count_session(*session).await.unwrap();
    let clean = files().await;
    studio.set_text("First").await;
    let first = text(&studio.gallery().await["photos"][0], "full_url").to_owned();
    assert_eq!(app.get(&first).await.status(), 200);
    assert_eq!(files().await, clean + 1, "made when it was asked for, and kept");
    let begun = json!({ "photo_ids": [photo.id] });
    let path = format!("/api/v1/sessions/{session}/archives");
    let begun: Value =
        app.request(Method::POST, &path).json(&begun).send().await.unwrap().json().await.unwrap();
    assert_eq!(app.get(text(&begun, "url")).await.status(), 200);
    assert_eq!(app.app.marks.tidy().await.unwrap(), 0);

    studio.set_text("Second").await;
    let second = text(&studio.gallery().await["photos"][0], "full_url").to_owned();
    assert_ne!(first, second);
    assert_problem(app.get(&first).await, 404, "photo_not_found").await;
    assert_problem(app.get(text(&begun, "url")).await, 410, "archive_changed").await;
    assert_eq!(app.get(&second).await.status(), 200);
    assert_eq!(app.app.marks.tidy().await.unwrap(), 1);
    assert_eq!(files().await, clean + 1);

    assert_eq!(studio.set(json!({ "kind": "none", "opacity": 40 })).await.status(), 200);
    assert_eq!(app.get(&studio.clean(&photo, 2)).await.status(), 200);
    assert_problem(app.get(&second).await, 404, "photo_not_found").await;
    assert_eq!(app.app.marks.tidy().await.unwrap(), 1);
    assert_eq!(files().await, clean);

    // With the photo go its marked copies.
    studio.set_text("Third").await;
    let third = text(&studio.gallery().await["photos"][0], "full_url").to_owned();
    assert_eq!(app.get(&third).await.status(), 200);
    app.eraser.photo(photo.id).await.unwrap();
    assert_eq!(files().await, 0);
    assert_problem(app.get(&third).await, 404, "photo_not_found").await;
}

#[tokio::test]
async fn a_logo_is_the_studios_own_unless_another_is_given() {
    let studio = studio().await;
    let Studio { app, session, admin, path, .. } = &studio;
    photo(app, *session, "a.jpg").await;
    let own = json!({ "kind": "logo", "opacity": 40 });
    assert_problem(studio.set(own.clone()).await, 422, "invalid_watermark").await;
    let branding = path.replace("/watermark", "/branding");
    let brand = async |logo: Option<String>| {
        let body = json!({ "name": "Studio", "colour": "#112233", "logo_png_base64": logo });
        assert_eq!(app.send_as(admin, Method::PUT, &branding, body).await.status(), 200);
    };
    let shown = async || text(&studio.gallery().await["photos"][0], "full_url").to_owned();
    brand(Some(logo(0))).await;
    assert_eq!(studio.set(own).await.status(), 200);
    let black = shown().await;
    assert_eq!(app.get(&black).await.status(), 200);
    brand(Some(logo(255))).await;
    let white = shown().await;
    assert_ne!(black, white, "another logo is another mark, at once");
    assert_eq!(app.get(&white).await.status(), 200);
    brand(None).await;
    let without = shown().await;
    assert!(without.matches('-').count() > black.matches("jpg").count(), "{without}");
    assert_eq!(app.get(&without).await.status(), 200, "without a logo something else protects them");
    assert_ne!(without, white);
    let given = json!({ "kind": "logo", "opacity": 40, "logo_png_base64": logo(0) });
    assert_eq!(studio.set(given).await.status(), 200);
    assert_eq!(shown().await, black, "the same logo is the same mark");
}

#[tokio::test]
async fn what_cannot_be_a_mark_is_refused() {
    let studio = studio().await;
    for (watermark, code) in [
        (json!({ "kind": "stamp", "opacity": 40 }), "invalid_watermark"),
        (json!({ "kind": "text", "opacity": 40 }), "invalid_watermark"),
        (json!({ "kind": "text", "text": "  ", "opacity": 40 }), "invalid_watermark"),
        (json!({ "kind": "text", "text": "🎉", "opacity": 40 }), "invalid_watermark"),
        (json!({ "kind": "text", "text": "a\nb", "opacity": 40 }), "invalid_watermark"),
        (json!({ "kind": "text", "text": "ш".repeat(61), "opacity": 40 }), "invalid_watermark"),
        (json!({ "kind": "text", "text": "ok", "opacity": 9 }), "invalid_watermark"),
        (json!({ "kind": "text", "text": "ok", "opacity": 91 }), "invalid_watermark"),
        (json!({ "kind": "text", "text": "ok", "opacity": 400 }), "malformed_body"),
        (json!({ "kind": "logo", "opacity": 40, "logo_png_base64": "no base64" }), "invalid_logo"),
        (json!({ "kind": "logo", "opacity": 40, "logo_png_base64": "AAAA" }), "invalid_logo"),
    ] {
        assert_problem(studio.set(watermark).await, 422, code).await;
    }
    let set = studio.app.get_as(&studio.admin, &studio.path).await;
    assert_eq!(set, json!({ "kind": "none", "text": null, "opacity": 40, "logo_png_base64": null }));
}

#[tokio::test]
async fn a_mark_can_be_looked_at_before_it_is_set() {
    let studio = studio().await;
    let preview = async |query: &str| {
        let path = format!("{}/preview.jpg{query}", studio.path);
        studio.app.request(Method::GET, &path).bearer_auth(&studio.admin.access_token).send().await.unwrap()
    };
    let plain = preview("").await;
    assert_eq!(plain.headers()["content-type"], "image/jpeg");
    let plain = plain.bytes().await.unwrap();
    assert_eq!(imaging::read_header(&plain).expect("a JPEG").width, 1024);
    let tried = preview("?kind=text&text=Anna&opacity=60").await.bytes().await.unwrap();
    assert_ne!(plain, tried);
    studio.set_text("Anna").await;
    let set = preview("").await.bytes().await.unwrap();
    assert_ne!(set, plain);
    assert_ne!(set, tried, "at 40 per cent");
    assert_eq!(preview("?opacity=60").await.bytes().await.unwrap(), tried);
    for bad in ["?opacity=5", "?opacity=x", "?kind=stamp", "?text="] {
        assert_problem(preview(bad).await, 422, "invalid_watermark").await;
    }
}
