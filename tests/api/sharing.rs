//! What is seen where a link is sent: the cover, the page of one photo, short links that are counted.

use chrono::{TimeDelta, Utc};
use pixora::{
    blobs::BlobKey,
    domain::{LinkCode, Photo, PhotoId, PhotoSessionId, Role},
    imaging::{self, Picture},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::helpers::{TestApp, TestUser, assert_problem, start};

struct Shoot {
    app: TestApp,
    owner: TestUser,
    id: PhotoSessionId,
    cover: PhotoId,
    other: PhotoId,
}

async fn shoot() -> Shoot {
    let app = start().await;
    let studio = app.studio().await;
    let owner = app.user(Role::Photographer, &[studio]).await;
    let id = app.session_of(&owner, studio).await;
    let (cover, other) = (app.photo(id, "cover.jpg").await, app.photo(id, "other.jpg").await.id);
    paint(&app, &cover).await;
    let cover = cover.id;
    Shoot { app, owner, id, cover, other }
}

impl Shoot {
    async fn change(&self, change: Value) -> Response {
        let path = format!("/api/photo-sessions/{}", self.id);
        self.app.send_as(&self.owner, Method::PATCH, &path, change).await
    }

    async fn page(&self, path: &str) -> Response {
        let path = format!("/session/{}{path}", self.id);
        let request = self.app.request(Method::GET, &path).header("accept", "text/html");
        request.send().await.unwrap()
    }

    /// What a messenger shows beside a link: the picture's address, if there is one.
    async fn preview(&self, path: &str) -> Option<String> {
        let page = self.page(path).await.text().await.unwrap();
        let (_, rest) = page.split_once("<meta property=\"og:image\" content=\"")?;
        Some(rest.split('"').next().unwrap().to_owned())
    }

    fn photo(&self) -> String {
        format!("/photo/{}", self.other)
    }
}

#[tokio::test]
async fn no_guest_s_face_is_shown_beside_a_link_before_the_session_says_so() {
    let shoot = shoot().await;
    let cover = json!({ "cover_photo_id": shoot.cover });
    let changed = shoot.change(cover).await.json::<Value>().await.unwrap();
    assert_eq!((&changed["cover_photo_id"], &changed["previews"]), (&json!(shoot.cover), &json!("none")));
    assert_eq!((shoot.preview("").await, shoot.preview(&shoot.photo()).await), (None, None));

    shoot.change(json!({ "previews": "cover" })).await;
    let seen = shoot.preview("").await.expect("the cover is seen");
    assert!(seen.starts_with("http://127.0.0.1:") && seen.contains(&shoot.cover.to_string()), "{seen}");
    assert_eq!(shoot.preview(&shoot.photo()).await, None, "the cover only");
    let picture = seen.split_once("/media").unwrap().1;
    assert_eq!(shoot.app.get(&format!("/media{picture}")).await.status(), 200, "a messenger gets it");

    shoot.change(json!({ "previews": "photos" })).await;
    assert!(shoot.preview(&shoot.photo()).await.unwrap().contains(&shoot.other.to_string()));
    let page = shoot.page("").await.text().await.unwrap();
    assert!(page.contains("<meta property=\"og:title\" content=\"Anna &amp; Ivan\">"), "{page}");

    // What guests do not see is no preview either.
    shoot.app.app.gallery.select(shoot.id, &[shoot.cover], false).await.unwrap();
    assert_eq!(shoot.preview("").await, None);
    shoot.app.app.gallery.select(shoot.id, &[shoot.cover], true).await.unwrap();
    let later = (Utc::now() + TimeDelta::hours(1)).to_rfc3339();
    for (change, back) in [
        (json!({ "reveals_at": later }), json!({ "reveals_at": null })),
        (json!({ "pin": "4711" }), json!({ "pin": null })),
        (json!({ "gallery_open": false }), json!({ "gallery_open": true })),
    ] {
        assert_eq!(shoot.change(change.clone()).await.status(), 200);
        assert_eq!((shoot.preview("").await, shoot.preview(&shoot.photo()).await), (None, None), "{change}");
        shoot.change(back).await;
    }
    assert!(shoot.preview("").await.is_some());
    shoot.change(json!({ "cover_photo_id": null })).await;
    assert_eq!(shoot.preview("").await, None);

    let another = shoot.app.session().await;
    let foreign = shoot.app.photo(another, "foreign.jpg").await.id;
    let refused = shoot.change(json!({ "cover_photo_id": foreign })).await;
    assert_eq!(assert_problem(refused, 422, "invalid_terms").await["field"], "cover_photo_id");
    assert_problem(shoot.change(json!({ "previews": "some" })).await, 422, "malformed_body").await;
}

/// Gives a photo copies that are real pictures, twice as high as wide, whose rows grow lighter from 0 to 255.
async fn paint(app: &TestApp, photo: &Photo) {
    for derivative in &photo.derivatives {
        let (width, height) = (derivative.size / 2, derivative.size);
        let row = |y: u32| std::iter::repeat_n((y * 255 / height) as u8, 3 * width as usize);
        let picture = Picture::new(width, height, (0..height).flat_map(row).collect());
        let key = BlobKey::derivative(photo.photo_session_id, photo.id, derivative).expect("names a file");
        let jpeg = imaging::encode_jpeg(&picture, 90).expect("is encoded");
        app.app.blobs.put(key, jpeg).await.expect("is written");
    }
}

#[tokio::test]
async fn the_picture_beside_a_link_has_the_shape_of_messengers_and_cuts_no_head() {
    let shoot = shoot().await;
    let with_face = shoot.app.photo_showing(shoot.id, "face.jpg", &[[1.0, 0.0, 0.0, 0.0]]).await;
    let without = shoot.app.photo(shoot.id, "hall.jpg").await;
    paint(&shoot.app, &with_face).await;
    paint(&shoot.app, &without).await;
    shoot.change(json!({ "previews": "cover" })).await;
    let media = |url: &str| format!("/media{}", url.split_once("/media").unwrap().1);

    let mut seen = Vec::new();
    // Without a face the middle is seen. The face reaches from 0.15, with its hair, to 0.5 of the height.
    for (photo, middle) in [(&without, 127), (&with_face, 77)] {
        shoot.change(json!({ "cover_photo_id": photo.id })).await;
        let page = shoot.page("").await.text().await.unwrap();
        for said in ["og:image:width\" content=\"1200\"", "og:image:height\" content=\"630\""] {
            assert!(page.contains(said), "{page}");
        }
        let path = media(&shoot.preview("").await.expect("there is one"));
        let answer = shoot.app.get(&path).await;
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["content-type"]),
            (200, &"image/jpeg".parse().unwrap())
        );
        let jpeg = answer.bytes().await.unwrap();
        assert!(jpeg.len() <= 300_000, "{} bytes", jpeg.len());
        let header = imaging::read_header(&jpeg).expect("a JPEG");
        assert_eq!(header.upright_size(), (1200, 630));
        let picture = imaging::decode(&jpeg, &header, 1200).expect("is whole");
        let tone = i32::from(picture.rgb[picture.rgb.len() / 2]);
        assert!((tone - middle).abs() <= 6, "{tone} in the middle, {middle} was to be there");
        seen.push(path);
    }
    let [before, now] = &seen[..] else { panic!("two pictures") };

    // It is there for the photo that the session names, and for nobody where it is closed, hidden or in the bin.
    assert_problem(shoot.app.get(before).await, 404, "photo_not_found").await;
    for previews in ["none", "photos", "cover"] {
        shoot.change(json!({ "previews": previews })).await;
        let status = if previews == "none" { 404 } else { 200 };
        assert_eq!(shoot.app.get(now).await.status(), status, "{previews}");
        let of_another = if previews == "photos" { 200 } else { 404 };
        assert_eq!(shoot.app.get(before).await.status(), of_another, "{previews}");
    }
    let later = (Utc::now() + TimeDelta::hours(1)).to_rfc3339();
    for (change, back) in [
        (json!({ "reveals_at": later }), json!({ "reveals_at": null })),
        (json!({ "pin": "4711" }), json!({ "pin": null })),
        (json!({ "gallery_open": false }), json!({ "gallery_open": true })),
    ] {
        shoot.change(change.clone()).await;
        let shut = shoot.app.get(now).await.status();
        assert!(shut == 404 || shut == 403 || shut == 401, "{shut} with {change}");
        shoot.change(back).await;
    }
    assert_eq!(shoot.app.get(now).await.status(), 200);
    shoot.app.app.gallery.select(shoot.id, &[with_face.id], false).await.unwrap();
    assert_problem(shoot.app.get(now).await, 404, "photo_not_found").await;
    shoot.app.app.gallery.select(shoot.id, &[with_face.id], true).await.unwrap();
    let path = format!("/api/photos/{}?bin=true", with_face.id);
    let deleted = shoot.app.send_as(&shoot.owner, Method::DELETE, &path, json!({})).await;
    assert!(deleted.status().is_success(), "{}", deleted.status());
    assert_eq!((shoot.preview("").await, shoot.app.get(now).await.status().as_u16()), (None, 404));
}

#[tokio::test]
async fn the_picture_beside_a_link_carries_the_mark_that_guests_see() {
    let shoot = shoot().await;
    let studio = shoot.app.studio().await;
    let admin = shoot.app.user(Role::Admin, &[studio]).await;
    shoot.change(json!({ "cover_photo_id": shoot.cover, "previews": "cover" })).await;
    let picture = async || {
        let seen = shoot.preview("").await.expect("there is one");
        let path = format!("/media{}", seen.split_once("/media").unwrap().1);
        let answer = shoot.app.get(&path).await;
        assert_eq!(answer.status(), 200, "{path}");
        (path, answer.bytes().await.unwrap())
    };
    let (clean_path, clean) = picture().await;
    let mark = json!({ "kind": "text", "text": "Light & Shade", "opacity": 60, "logo_png_base64": null });
    let set = shoot.app.send_as(&admin, Method::PUT, &format!("/api/studios/{studio}/watermark"), mark).await;
    assert_eq!(set.status(), 200);
    let (path, marked) = picture().await;
    assert_ne!((&path, &marked), (&clean_path, &clean));
    assert_problem(shoot.app.get(&clean_path).await, 404, "photo_not_found").await;
}

#[tokio::test]
async fn the_page_of_a_photo_is_shut_with_its_gallery() {
    let shoot = shoot().await;
    let open = shoot.page(&shoot.photo()).await;
    assert_eq!(open.status(), 200);
    let page = open.text().await.unwrap();
    assert!(page.contains("\"photo\":{") && page.contains(&shoot.other.to_string()), "{page}");
    assert!(!page.contains(&shoot.cover.to_string()), "it says nothing of the others");

    shoot.change(json!({ "pin": "4711" })).await;
    let locked = shoot.page(&shoot.photo()).await.text().await.unwrap();
    assert!(locked.contains("pin_required") && !locked.contains("Anna"), "{locked}");
    let later = (Utc::now() + TimeDelta::hours(1)).to_rfc3339();
    shoot.change(json!({ "pin": null, "reveals_at": later })).await;
    assert_eq!(shoot.page(&shoot.photo()).await.status(), 404);
    shoot.change(json!({ "reveals_at": null })).await;
    shoot.app.app.gallery.select(shoot.id, &[shoot.other], false).await.unwrap();
    let hidden = shoot.page(&shoot.photo()).await;
    assert_eq!(hidden.status(), 404);
    assert!(hidden.text().await.unwrap().contains("data-code=\"photo_not_found\""));
    shoot.change(json!({ "gallery_open": false })).await;
    assert_eq!(shoot.page(&shoot.photo()).await.status(), 404);
    let nonsense = shoot.page("/photo/nonsense").await;
    assert_eq!(nonsense.status(), 422);
}

#[tokio::test]
async fn each_short_link_is_counted_for_itself_and_leads_to_the_session() {
    let shoot = shoot().await;
    let links = format!("/api/photo-sessions/{}/links", shoot.id);
    let list = async || shoot.app.get_as(&shoot.owner, &links).await["links"].as_array().unwrap().clone();
    let add = async |label: &str| {
        shoot.app.send_as(&shoot.owner, Method::POST, &links, json!({ "label": label })).await
    };
    let own = list().await;
    assert_eq!((own.len(), &own[0]["label"]), (1, &json!("")), "the session's own is there from the first");
    let table = add(" Table 4 ").await;
    assert_eq!(table.status(), 201);
    let table: Value = table.json().await.unwrap();
    assert_eq!(table["label"], "Table 4");
    assert_eq!(add("Table 4").await.json::<Value>().await.unwrap()["code"], table["code"], "asked for twice");
    let long = "x".repeat(61);
    for wrong in ["", " ", "a\nb", long.as_str()] {
        assert_problem(add(wrong).await, 422, "invalid_label").await;
    }

    let code = table["code"].as_str().unwrap().to_owned();
    assert_eq!(table["url"], format!("https://photos.example/g/{code}"));
    let follow = async |path: String| shoot.app.get(&path).await;
    for path in [format!("/g/{code}"), format!("/G/{code}"), format!("/g/{}", code.to_lowercase())] {
        let answer = follow(path).await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["location"].to_str().unwrap()),
            (303, format!("/session/{}", shoot.id).as_str())
        );
    }
    let visits: Vec<_> = list().await.iter().map(|link| link["visits"].as_u64().unwrap()).collect();
    assert_eq!(visits, [0, 3]);

    let gone = format!("{links}/{code}");
    let stranger = shoot.app.user(Role::Photographer, &[]).await;
    let refused = shoot.app.send_as(&stranger, Method::DELETE, &gone, json!({})).await;
    assert_problem(refused, 404, "session_not_found").await;
    assert_eq!(shoot.app.send_as(&shoot.owner, Method::DELETE, &gone, json!({})).await.status(), 204);
    let again = shoot.app.send_as(&shoot.owner, Method::DELETE, &gone, json!({})).await;
    assert_problem(again, 404, "link_not_found").await;
    assert_problem(follow(format!("/g/{code}")).await, 404, "link_not_found").await;
}

#[tokio::test]
async fn codes_of_links_cannot_be_tried_through() {
    let shoot = shoot().await;
    let known = shoot.app.app.studio.own_link(shoot.id, Utc::now()).await.unwrap().code;
    let follow = async |code: String| shoot.app.get(&format!("/g/{code}")).await;
    for _ in 0..59 {
        assert_problem(follow(LinkCode::generate().to_string()).await, 404, "link_not_found").await;
    }
    assert_problem(follow("nonsense".to_owned()).await, 404, "link_not_found").await;
    let refused = follow(known.to_string()).await;
    assert!(refused.headers().contains_key("retry-after"));
    assert_problem(refused, 429, "too_many_attempts").await;
}

#[tokio::test]
async fn an_erased_session_takes_its_links_along() {
    let shoot = shoot().await;
    let code = shoot.app.app.studio.own_link(shoot.id, Utc::now()).await.unwrap().code;
    shoot.app.app.studio.add_link(shoot.id, "Table 4", Utc::now()).await.unwrap();
    let erased = shoot.app.app.store.erase_session(shoot.id).await.unwrap();
    assert_eq!(erased.links, 2);
    assert_problem(shoot.app.get(&format!("/g/{code}")).await, 404, "link_not_found").await;
}
