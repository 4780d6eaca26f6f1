//! The pictures of a hand-off: what is taken, and what becomes of it.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use image::{GenericImageView, ImageFormat, Rgb, RgbImage};
use pixora::{
    domain::{HandoffId, HandoffPhotoType},
    events::{Event, Seen},
    handoff::{MAX_PHOTO_BYTES, NewPhoto},
};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::json;

use crate::{
    handoff::{handoff, jpeg, json_of, post, put, send},
    helpers::{TestApp, assert_problem, start},
};

fn id(path: &str) -> HandoffId {
    path.rsplit('/').next().unwrap().parse().unwrap()
}

async fn files(app: &TestApp) -> usize {
    let folder = app.data.path().join("blobs").join("handoffs");
    walkdir::WalkDir::new(folder).into_iter().flatten().filter(|entry| entry.file_type().is_file()).count()
}

#[tokio::test]
async fn the_third_photo_makes_it_ready_and_the_sixth_is_refused_even_in_a_rush() {
    let app = start().await;
    let path = handoff(&app, "upload").await;
    for number in 1..=2 {
        assert_eq!(send(&app, &path, number).await.status(), 201);
        assert_eq!(app.get_json(&path).await["status"], "pending");
    }
    let rush = futures::future::join_all((3..=10).map(|number| send(&app, &path, number))).await;
    let mut taken = 0;
    for answer in rush {
        if answer.status() == 201 {
            taken += 1;
        } else {
            assert_problem(answer, 409, "handoff_full").await;
        }
    }
    assert_eq!(taken, 3);
    let now = app.get_json(&path).await;
    assert_eq!((&now["status"], &now["photo_count"]), (&json!("ready"), &json!(5)));
    let photos = app.get_json(&format!("{path}/photos")).await;
    let places: Vec<_> =
        photos["photos"].as_array().unwrap().iter().map(|p| p["order_index"].clone()).collect();
    assert_eq!(places, [0, 1, 2, 3, 4]);
    assert_eq!(files(&app).await, 5, "nothing of the refused ones is kept");
    assert_problem(send(&app, &path, 11).await, 409, "handoff_full").await;
    assert!(photos["photos"][0]["photo_data"].is_null(), "only when asked for");
}

#[tokio::test]
async fn what_the_booth_leaves_is_fetched() {
    let app = start().await;
    let path = handoff(&app, "download").await;
    assert_problem(app.get(&format!("{path}/result")).await, 404, "result_not_found").await;
    let mut bot = app.app.handoff.watch_results();
    let form = Form::new().part("photo", Part::bytes(jpeg(1)).file_name("strip.jpg"));
    let left = app.request(Method::POST, &format!("{path}/result")).multipart(form).send().await.unwrap();
    assert_eq!(json_of(left, 201).await["photo_type"], "result");
    assert_eq!(bot.next().await, Some(Seen::Event(Event::HandoffResult(id(&path)))));
    let now = app.get_json(&path).await;
    assert_eq!(
        (&now["status"], &now["has_result"], &now["photo_count"]),
        (&json!("ready"), &json!(true), &json!(0))
    );
    let second = json!({ "photo_data": BASE64_STANDARD.encode(jpeg(2)), "photo_type": "result" });
    let second = json_of(post(&app, &format!("{path}/result"), second).await, 201).await;
    let result = app.get_json(&format!("{path}/result?include=data")).await;
    assert_eq!(
        (&result["id"], result["photos"].as_array().unwrap().len()),
        (&second["id"], 2),
        "the last one first"
    );
    assert!(result["photo_data"].is_string() && result["photos"][0]["photo_data"].is_string());
    let saved = app.get(&format!("{}?download=1", result["url"].as_str().unwrap())).await;
    assert_eq!(saved.headers()["content-disposition"], "attachment; filename=\"photobooth-2.jpg\"");
    assert!(app.get_json(&format!("{path}/photos")).await["photos"].as_array().unwrap().is_empty());
    // Its own kind only, and nobody else's picture.
    let wrong = json!({ "photo_data": BASE64_STANDARD.encode(jpeg(2)), "photo_type": "uploaded" });
    assert_problem(post(&app, &format!("{path}/result"), wrong).await, 422, "invalid_photo_type").await;
    let other = handoff(&app, "download").await;
    let stolen = format!("{other}/photos/{}", second["id"].as_str().unwrap());
    assert_problem(app.get(&stolen).await, 404, "photo_not_found").await;
}

#[tokio::test]
async fn a_finished_booth_takes_no_more_photos_but_may_leave_its_own() {
    let app = start().await;
    let path = handoff(&app, "upload").await;
    put(&app, &path, json!({ "status": "completed" })).await;
    assert_problem(send(&app, &path, 1).await, 409, "handoff_completed").await;
    let result = json!({ "photo_data": BASE64_STANDARD.encode(jpeg(1)) });
    assert_eq!(post(&app, &format!("{path}/result"), result).await.status(), 201);
}

#[tokio::test]
async fn what_is_no_picture_is_refused_by_name() {
    let app = start().await;
    let path = format!("{}/photos", handoff(&app, "upload").await);
    let gif = b"GIF89a\x01\x00\x01\x00".to_vec();
    let heic = b"\0\0\0\x18ftypheic\0\0\0\0".to_vec();
    let mut cut = jpeg(1);
    cut.truncate(cut.len() / 3);
    for (bytes, reason) in [
        (gif, "truncated"),
        (b"<html>no</html>".to_vec(), "unsupported_type"),
        (heic, if pixora::imaging::heif_support().0 { "damaged" } else { "heic_unsupported" }),
        (cut, "truncated"),
        (Vec::new(), "empty_file"),
    ] {
        let sent = json!({ "photo_data": BASE64_STANDARD.encode(&bytes) });
        let problem = assert_problem(post(&app, &path, sent).await, 422, "unusable_picture").await;
        assert_eq!(problem["reason"], reason);
        let form = Form::new().part("photo", Part::bytes(bytes).file_name("a.jpg"));
        let sent = app.request(Method::POST, &path).multipart(form).send().await.unwrap();
        assert_problem(sent, 422, "unusable_picture").await;
    }
    let no_base64 =
        assert_problem(post(&app, &path, json!({ "photo_data": "%%%" })).await, 422, "unusable_picture")
            .await;
    assert_eq!(no_base64["reason"], "not_base64");
    assert_problem(post(&app, &path, json!({})).await, 422, "missing_photo").await;
    let form = Form::new().text("photos", "x");
    assert_problem(
        app.request(Method::POST, &path).multipart(form).send().await.unwrap(),
        422,
        "unknown_field",
    )
    .await;
    let raw = app.request(Method::POST, &path).header("content-type", "image/jpeg").body(jpeg(1));
    assert_problem(raw.send().await.unwrap(), 415, "unsupported_type").await;
    let long = json!({ "photo_data": BASE64_STANDARD.encode(jpeg(1)), "telegram_file_id": "x".repeat(257) });
    assert_problem(post(&app, &path, long).await, 422, "malformed_body").await;
    assert_eq!(files(&app).await, 0);
}

#[tokio::test]
async fn what_is_too_large_is_refused() {
    let app = start().await;
    let path = format!("{}/photos", handoff(&app, "upload").await);
    let form = Form::new().part("photo", Part::bytes(vec![0xFF; MAX_PHOTO_BYTES + 1]).file_name("a.jpg"));
    let sent = app.request(Method::POST, &path).multipart(form).send().await.unwrap();
    assert_problem(sent, 413, "handoff_photo_too_large").await;
    let sent = json!({ "photo_data": "A".repeat(MAX_PHOTO_BYTES * 4 / 3 + (128 << 10)) });
    assert_problem(post(&app, &path, sent).await, 413, "body_too_large").await;
}

/// A JPEG that says where it was taken and that it lies on its side.
fn from_a_phone() -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x01\0".to_vec();
    // Orientation (0x0112), SHORT, 1 value: 6, to be turned by 90°.
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
    tiff.extend([0; 4]);
    tiff.extend(b"GPS 52.5200N 13.4050E");
    let mut segment = vec![0xFF, 0xE1];
    segment.extend(((tiff.len() + 8) as u16).to_be_bytes());
    segment.extend(b"Exif\0\0");
    segment.extend(tiff);
    let mut picture = jpeg(7);
    picture.splice(2..2, segment);
    picture
}

#[tokio::test]
async fn a_picture_comes_out_upright_and_without_its_place() {
    let app = start().await;
    let path = handoff(&app, "upload").await;
    let sent = from_a_phone();
    let contains = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
    assert!(contains(&sent, b"52.5200N"));
    let added = json!({ "photo_data": BASE64_STANDARD.encode(sent) });
    let added = json_of(post(&app, &format!("{path}/photos"), added).await, 201).await;
    let out = app.get(added["url"].as_str().unwrap()).await.bytes().await.unwrap();
    assert!(!contains(&out, b"52.5200N") && !contains(&out, b"Exif"));
    let out = decoded(&out);
    assert_eq!(out.dimensions(), (32, 48), "was 48 × 32 on its side");
}

#[expect(clippy::disallowed_methods, reason = "the picture is one that we made")]
fn decoded(bytes: &[u8]) -> image::DynamicImage {
    image::load_from_memory(bytes).expect("is a picture")
}

#[tokio::test]
async fn a_png_becomes_a_jpeg_that_can_be_printed() {
    let app = start().await;
    let path = handoff(&app, "download").await;
    let mut png = std::io::Cursor::new(Vec::new());
    RgbImage::from_pixel(5000, 40, Rgb([200, 30, 30])).write_to(&mut png, ImageFormat::Png).unwrap();
    let sent = json!({ "photo_data": format!("data:image/png;base64,{}", BASE64_STANDARD.encode(png.into_inner())) });
    let left = json_of(post(&app, &format!("{path}/result"), sent).await, 201).await;
    let out = app.get(left["url"].as_str().unwrap()).await.bytes().await.unwrap();
    assert_eq!(image::guess_format(&out).unwrap(), ImageFormat::Jpeg);
    assert_eq!(decoded(&out).dimensions(), (4096, 33));
}

#[tokio::test]
async fn one_message_brings_one_picture_however_often_it_comes() {
    let app = start().await;
    let path = handoff(&app, "upload").await;
    let service = &app.app.handoff;
    service.tie(id(&path), 7001, Some("guest".into())).await.expect("is tied");
    assert_eq!(app.get_json(&path).await["telegram_user_id"], 7001);
    let add = async |file: &str| {
        let photo = NewPhoto {
            bytes: Bytes::from(jpeg(1)),
            photo_type: HandoffPhotoType::Uploaded,
            telegram_file_id: Some(file.to_owned()),
            idempotency_key: None,
        };
        service.add_photo(id(&path), photo).await
    };
    let first = add("file-1").await.expect("is taken");
    assert!(first.is_new);
    let again = add("file-1").await.expect("is known");
    assert_eq!((again.is_new, again.photo.id), (false, first.photo.id));
    for number in 2..=5 {
        assert!(add(&format!("file-{number}")).await.expect("is taken").is_new);
    }
    assert!(!add("file-3").await.expect("a full hand-off knows it too").is_new);
    assert_eq!(files(&app).await, 5);
    let sent = json!({ "photo_data": BASE64_STANDARD.encode(jpeg(1)), "telegramFileId": "file-1" });
    assert_eq!(post(&app, &format!("{path}/photos"), sent).await.status(), 200);
    assert_eq!(app.get_json(&format!("{path}/photos")).await["photos"][0]["telegram_file_id"], "file-1");
}

#[tokio::test]
async fn a_phone_whose_answer_was_lost_sends_again_under_the_same_key() {
    let app = start().await;
    let path = format!("{}/photos", handoff(&app, "upload").await);
    let send = async |key: &str| {
        let form = Form::new().part("photo", Part::bytes(jpeg(1)).file_name("a.jpg"));
        let request = app.request(Method::POST, &path).header("idempotency-key", key).multipart(form);
        request.send().await.unwrap()
    };
    let first = json_of(send("a").await, 201).await;
    assert_eq!(json_of(send("a").await, 200).await, first);
    assert_ne!(json_of(send("b").await, 201).await["id"], first["id"]);
    assert_problem(send("").await, 422, "invalid_idempotency_key").await;
}
