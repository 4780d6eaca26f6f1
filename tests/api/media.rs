use chrono::Utc;
use pixora::{
    blobs::BlobKey,
    domain::{Photo, PhotoId, PhotoSessionId},
    jobs::JobKind,
    store::FileSum,
    usage::UsageKind,
};
use reqwest::{Method, Response};

use crate::helpers::{TestApp, assert_problem, start};

fn thumb(photo: &Photo) -> String {
    format!("/media/{}/{}/320-00000000000000a1.jpg", photo.photo_session_id, photo.id)
}

async fn with_header(app: &TestApp, path: &str, name: &str, value: &str) -> Response {
    app.request(Method::GET, path).header(name, value).send().await.expect("the server answers")
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("is text"))
}

#[tokio::test]
async fn a_picture_is_kept_for_ever_by_the_guests_browser_only() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await;
    let response = app.get(&thumb(&photo)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "image/jpeg");
    assert_eq!(header(&response, "cache-control"), "private, max-age=31536000, immutable");
    assert_eq!(header(&response, "content-disposition"), "");
    let etag = header(&response, "etag").to_owned();
    assert_eq!(response.text().await.unwrap(), "320 px");

    let again = with_header(&app, &thumb(&photo), "if-none-match", &etag).await;
    assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, &*etag));
    assert_eq!(again.text().await.unwrap(), "");
    let head = app.request(Method::HEAD, &thumb(&photo)).send().await.unwrap();
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, "6"));
}

/// It was a 404 for ever.
#[tokio::test]
async fn a_picture_that_is_gone_is_queued_to_be_made_again_while_its_original_is_there() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await;
    let key = BlobKey::derivative(session, photo.id, &photo.derivatives[0]).expect("the hash is one");
    app.app.blobs.delete(key).await.unwrap();
    assert_problem(app.get(&thumb(&photo)).await, 404, "photo_not_found").await;
    app.app.blobs.put(BlobKey::original(session, photo.id), "the original").await.unwrap();
    for _ in 0..3 {
        assert_problem(app.get(&thumb(&photo)).await, 503, "picture_being_made").await;
    }
    let waiting = app.app.jobs.depth(JobKind::ProcessPhoto, Utc::now()).await.unwrap();
    assert_eq!(waiting.queued, 1, "once, however many guests meet it");
    assert_eq!(app.app.store.photos().get(photo.id).await.unwrap(), Some(photo.clone()), "it stays as it is");

    // A file with other bytes than were written is no better than none.
    let sum = |bytes: u64| FileSum { name: key.name(), bytes, crc32: crc32fast::hash(b"320 px"), mark: None };
    app.app.blobs.put(key, "320 px").await.unwrap();
    assert!(app.app.store.files().keep(photo.id, &sum(6)).await.unwrap());
    assert_eq!(app.get(&thumb(&photo)).await.status(), 200);
    app.app.blobs.put(key, "321 px").await.unwrap();
    assert_problem(app.get(&thumb(&photo)).await, 503, "picture_being_made").await;
}

#[tokio::test]
async fn a_part_of_a_picture_can_be_asked_for() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await;
    let part = with_header(&app, &thumb(&photo), "range", "bytes=1-3").await;
    assert_eq!((part.status().as_u16(), header(&part, "content-range")), (206, "bytes 1-3/6"));
    assert_eq!(part.text().await.unwrap(), "20 ");
    let beyond = with_header(&app, &thumb(&photo), "range", "bytes=6-").await;
    assert_eq!(header(&beyond, "content-range"), "bytes */6");
    assert_problem(beyond, 416, "range_not_satisfiable").await;
}

#[tokio::test]
async fn a_download_has_the_photographers_name_for_it_and_is_counted() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "Жених \"и\"\r\nSet-Cookie: x=1;.heic").await;
    let response = app.get(&format!("{}?download=1", thumb(&photo))).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers().get("set-cookie").is_none());
    assert_eq!(
        header(&response, "content-disposition"),
        "attachment; filename=\"_____ _Set-Cookie x_1_.jpg\"; \
         filename*=UTF-8''%D0%96%D0%B5%D0%BD%D0%B8%D1%85%20%D0%B8Set-Cookie%20x%3D1%3B.jpg"
    );
    app.app.usage.flush().await.unwrap();
    assert_eq!(app.app.store.usage().counts(session).await.unwrap().downloads, 1, "{}", UsageKind::Download);
    assert_eq!(header(&app.get(&format!("{}?download=0", thumb(&photo))).await, "content-disposition"), "");
}

#[tokio::test]
async fn pictures_close_with_their_session_within_the_cache_time() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await;
    let etag = header(&app.get(&thumb(&photo)).await, "etag").to_owned();
    app.set_facepass(session, false).await;
    app.later(30);
    assert_problem(app.get(&thumb(&photo)).await, 404, "facepass_disabled").await;
    let again = with_header(&app, &thumb(&photo), "if-none-match", &etag).await;
    assert_problem(again, 404, "facepass_disabled").await;
}

#[tokio::test]
async fn only_a_recorded_name_of_a_shown_photo_of_this_session_is_served() {
    let app = start().await;
    let (session, other) = (app.session().await, app.session().await);
    let photo = app.photo(session, "a.jpg").await;
    let queued = app.queued_photo(session, "b.jpg").await;
    let file = "320-00000000000000a1.jpg";
    let absent = PhotoId::generate();
    for (session, photo) in [(other, photo.id), (session, absent), (session, queued)] {
        assert_problem(app.get(&format!("/media/{session}/{photo}/{file}")).await, 404, "photo_not_found")
            .await;
    }
    let names = [
        "320-00000000000000a2.jpg",
        "321-00000000000000a1.jpg",
        "0320-00000000000000a1.jpg",
        "320-00000000000000A1.jpg",
        "320-00000000000000a1.png",
        "320-00000000000000a1",
        "original.jpg",
        "..%2F..%2Foriginals%2Fx",
        "320-00000000000000a1.jpg%00",
        "%ff",
    ];
    for name in names {
        let response = app.get(&format!("/media/{session}/{}/{name}", photo.id)).await;
        let code = if name == "%ff" { (422, "malformed_id") } else { (404, "photo_not_found") };
        assert_problem(response, code.0, code.1).await;
    }
    let stranger = PhotoSessionId::generate();
    assert_problem(
        app.get(&format!("/media/{stranger}/{}/{file}", photo.id)).await,
        404,
        "session_not_found",
    )
    .await;
    assert_problem(app.get(&format!("/media/x/{}/{file}", photo.id)).await, 422, "malformed_id").await;
    assert_problem(app.get(&format!("/media/{session}/x/{file}")).await, 422, "malformed_id").await;

    app.app.store.photos().set_selected(session, &[photo.id], false).await.unwrap();
    assert_problem(app.get(&thumb(&photo)).await, 404, "photo_not_found").await;
}

#[tokio::test]
async fn no_path_leads_out_of_the_storage() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await;
    let paths = [
        format!("/media/{session}/{}/../../../../pixora.db", photo.id),
        format!("/media/{session}/../{}/320-00000000000000a1.jpg", photo.id),
        format!("/media/{session}/{}/..%2f..%2f..%2f..%2fpixora.db", photo.id),
        format!("/media/{session}/{}//etc/passwd", photo.id),
        format!("/media/..%2f..%2f/{}/pixora.db", photo.id),
        "/media/../pixora.db".to_owned(),
        "/static/../../Cargo.toml".to_owned(),
        "/static/x/../../../Cargo.toml".to_owned(),
        "/static/x/..%2f..%2fCargo.toml".to_owned(),
        "/static/x/%2fetc%2fpasswd".to_owned(),
        "/static/x/guest.html".to_owned(),
    ];
    for path in paths {
        let answer = app.raw_get(&path).await;
        let status = answer.split(' ').nth(1).unwrap_or_default();
        assert!(["404", "422"].contains(&status), "{path}: {answer}");
        assert!(
            !answer.contains("SQLite format") && !answer.contains("root:") && !answer.contains("[package]")
        );
    }
}
