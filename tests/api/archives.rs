use std::{path::Path, process::Command};

use pixora::{
    blobs::BlobKey,
    domain::{Photo, PhotoId, PhotoSessionId, Role},
};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::helpers::{TestApp, assert_problem, start};

async fn begin(app: &TestApp, session: PhotoSessionId, photos: &[PhotoId]) -> Value {
    let path = format!("/api/v1/sessions/{session}/archives");
    let body = json!({ "photo_ids": photos });
    let response = app.request(Method::POST, &path).json(&body).send().await.expect("answers");
    assert_eq!(response.status(), StatusCode::CREATED);
    response.json().await.expect("JSON")
}

fn url(begun: &Value) -> String {
    begun["url"].as_str().expect("a URL").to_owned()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().expect("is text"))
}

async fn with(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> Response {
    let request = app.request(Method::GET, path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("answers")
}

/// What `zipfile`, `bsdtar` and `unzip` say of it, where they are.
pub fn assert_sound(archive: &[u8], names: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.zip");
    std::fs::write(&file, archive).expect("is written");
    let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint('\\n'.join(z.namelist()))";
    let run = |program: &str, arguments: &[&str], file: &Path| match Command::new(program)
        .args(arguments)
        .arg(file)
        .env("PYTHONIOENCODING", "utf-8")
        .output()
    {
        Ok(output) if output.status.success() => Some(String::from_utf8(output.stdout).expect("UTF-8")),
        Ok(output) => panic!("{program}: {output:?}"),
        Err(error) => {
            eprintln!("SKIPPED: {program} cannot be run: {error}");
            None
        }
    };
    if let Some(listed) = run("python3", &["-c", script], &file) {
        assert_eq!(listed.lines().collect::<Vec<_>>(), names);
    }
    if let Some(listed) = run("bsdtar", &["--options", "hdrcharset=UTF-8", "-tf"], &file) {
        assert_eq!(listed.lines().count(), names.len());
    }
    run("unzip", &["-tqq"], &file);
}

async fn photos(app: &TestApp, session: PhotoSessionId, names: &[&str]) -> Vec<Photo> {
    let mut photos = Vec::new();
    for name in names {
        photos.push(app.photo(session, name).await);
    }
    photos
}

fn ids(photos: &[Photo]) -> Vec<PhotoId> {
    photos.iter().map(|photo| photo.id).collect()
}

#[tokio::test]
async fn what_a_guest_chose_comes_as_one_archive() {
    let app = start().await;
    let session = app.session_named("Анна / \"Иван\"").await;
    let photos = photos(&app, session, &["a.jpg", "../Жених.heic", "a.PNG"]).await;
    let other = app.session().await;
    let stranger = app.photo(other, "stranger.jpg").await;
    let hidden = app.photo(session, "hidden.jpg").await;
    app.app.store.photos().set_selected(session, &[hidden.id], false).await.unwrap();
    let queued = app.queued_photo(session, "queued.jpg").await;
    let mut wanted = ids(&photos);
    wanted.extend([stranger.id, hidden.id, queued, PhotoId::generate(), photos[0].id]);

    let begun = begin(&app, session, &wanted).await;
    assert_eq!(begun["photos"], 3, "what can be seen, once: {begun}");
    let response = app.get(&url(&begun)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(header(&response, "content-type"), "application/zip");
    assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    assert_eq!(header(&response, "accept-ranges"), "bytes");
    assert_eq!(
        header(&response, "content-disposition"),
        "attachment; filename=\"____.zip\"; filename*=UTF-8''%D0%98%D0%B2%D0%B0%D0%BD.zip"
    );
    assert_eq!(header(&response, "content-length"), begun["bytes"].to_string());
    let archive = response.bytes().await.unwrap();
    assert_eq!(archive.len() as u64, begun["bytes"].as_u64().unwrap());
    // By the time of the shot, which the tests derive from the name.
    let mut by_time = photos.clone();
    by_time.sort_by_key(|photo| (photo.taken_at, photo.id));
    let names: Vec<_> = by_time
        .iter()
        .map(|photo| match photo.filename.as_str() {
            "a.PNG" if photo.id != by_time.iter().find(|p| p.filename.starts_with("a.")).unwrap().id => {
                "a (2).jpg"
            }
            "a.jpg" if photo.id != by_time.iter().find(|p| p.filename.starts_with("a.")).unwrap().id => {
                "a (2).jpg"
            }
            "../Жених.heic" => "Жених.jpg",
            _ => "a.jpg",
        })
        .collect();
    assert_sound(&archive, &names);
    app.app.usage.flush().await.unwrap();
    assert!(app.app.store.usage().counts(session).await.unwrap().downloads >= 3);

    // The same choice is the same archive, in whatever order it was made.
    wanted.reverse();
    let again = begin(&app, session, &wanted).await;
    assert_eq!(url(&again).split('?').next(), url(&begun).split('?').next());
    assert_eq!(app.get(&url(&again)).await.bytes().await.unwrap(), archive);
}

#[tokio::test]
async fn a_client_that_was_cut_off_goes_on_where_it_was() {
    let app = start().await;
    let session = app.session().await;
    let photos = photos(&app, session, &["a.jpg", "b.jpg", "c.jpg"]).await;
    let url = url(&begin(&app, session, &ids(&photos)).await);
    let whole = app.get(&url).await;
    let etag = header(&whole, "etag").to_owned();
    assert!(etag.starts_with('"') && etag.len() == 34, "strong: {etag}");
    let whole = whole.bytes().await.unwrap();
    let length = whole.len();

    for from in (0..length).step_by(7).chain([length - 1]) {
        let range = format!("bytes={from}-");
        let rest = with(&app, &url, &[("range", &range), ("if-range", &etag)]).await;
        assert_eq!(rest.status(), 206);
        assert_eq!(header(&rest, "content-range"), format!("bytes {from}-{}/{length}", length - 1));
        assert_eq!(header(&rest, "content-length"), (length - from).to_string());
        assert_eq!(header(&rest, "etag"), etag);
        assert_eq!(rest.bytes().await.unwrap(), whole[from..], "from {from}");
    }
    let part = with(&app, &url, &[("range", "bytes=30-41")]).await;
    assert_eq!(part.bytes().await.unwrap(), whole[30..42]);
    let tail = with(&app, &url, &[("range", "bytes=-22")]).await;
    assert_eq!(tail.bytes().await.unwrap(), whole[length - 22..]);

    let other = with(&app, &url, &[("range", "bytes=30-"), ("if-range", "\"another\"")]).await;
    assert_eq!((other.status().as_u16(), other.bytes().await.unwrap()), (200, whole.clone()));
    let beyond = with(&app, &url, &[("range", &format!("bytes={length}-"))]).await;
    assert_eq!(header(&beyond, "content-range"), format!("bytes */{length}"));
    assert_problem(beyond, 416, "range_not_satisfiable").await;
    let known = with(&app, &url, &[("if-none-match", &etag)]).await;
    assert_eq!((known.status().as_u16(), known.bytes().await.unwrap().len()), (304, 0));
    let head = app.request(Method::HEAD, &url).send().await.unwrap();
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, &*length.to_string()));
    assert_eq!(header(&head, "etag"), etag);
    // Compressed on the way, a place in it would mean nothing.
    let packed = with(&app, &url, &[("accept-encoding", "gzip")]).await;
    assert_eq!(header(&packed, "content-encoding"), "");
    assert_eq!(packed.bytes().await.unwrap(), whole);
}

#[tokio::test]
async fn only_the_link_as_we_signed_it_opens_an_archive() {
    let app = start().await;
    let session = app.session().await;
    let photo = app.photo(session, "a.jpg").await;
    let another = app.photo(session, "b.jpg").await;
    let link = url(&begin(&app, session, &[photo.id]).await);
    let foreign = url(&begin(&app, session, &[another.id]).await);
    let (path, query) = link.split_once('?').unwrap();
    let (other_path, other_query) = foreign.split_once('?').unwrap();
    let (expires, key) = query.split_once("&key=").unwrap();
    let later: i64 = expires.trim_start_matches("expires=").parse::<i64>().unwrap() + 1;
    let mut forged = key.to_owned();
    forged.replace_range(..1, if key.starts_with('A') { "B" } else { "A" });
    let past = "expires=1000000000";
    for bad in [
        path.to_owned(),
        format!("{path}?{expires}"),
        format!("{path}?key={key}"),
        format!("{path}?{expires}&key={forged}"),
        format!("{path}?{expires}&key="),
        format!("{path}?expires={later}&key={key}"),
        format!("{path}?{past}&key={key}"),
        format!("{path}?expires=nonsense&key={key}"),
        format!("{path}?expires=99999999999999999&key={key}"),
        format!("{other_path}?{query}"),
        format!("{path}?{other_query}").replace(expires, expires),
        format!("/archives/nonsense.zip?{query}"),
        format!("{}?{query}", path.trim_end_matches(".zip")),
    ] {
        assert_problem(app.get(&bad).await, 404, "link_invalid").await;
    }
    // Signed once, over now; and swept.
    let id = path.trim_start_matches("/archives/").trim_end_matches(".zip");
    let past = chrono::DateTime::from_timestamp(1_000_000_000, 0).unwrap();
    let key = app.app.links.sign("archive", id, Some(past));
    assert_problem(app.get(&format!("{path}?expires=1000000000&key={key}")).await, 404, "link_invalid").await;
    let in_a_week = chrono::Utc::now() + chrono::TimeDelta::days(7);
    assert_eq!(app.app.archives.sweep(in_a_week).await.unwrap(), 2);
    assert_problem(app.get(&link).await, 404, "link_invalid").await;
}

#[tokio::test]
async fn an_archive_that_could_not_be_the_same_any_more_is_refused_before_its_first_byte() {
    let app = start().await;
    let session = app.session().await;
    let photos = photos(&app, session, &["a.jpg", "b.jpg", "c.jpg"]).await;
    let url = url(&begin(&app, session, &ids(&photos)).await);
    app.app.store.photos().set_selected(session, &[photos[1].id], false).await.unwrap();
    assert_problem(app.get(&url).await, 410, "archive_changed").await;
    app.app.store.photos().set_selected(session, &[photos[1].id], true).await.unwrap();
    assert_eq!(app.get(&url).await.status(), 200, "as it was");
    app.eraser.photo(photos[2].id).await.unwrap();
    assert_problem(with(&app, &url, &[("range", "bytes=100-")]).await, 410, "archive_changed").await;
    app.eraser.photo(photos[0].id).await.unwrap();
    app.eraser.photo(photos[1].id).await.unwrap();
    assert_problem(app.get(&url).await, 410, "archive_changed").await;
    app.set_facepass(session, false).await;
    app.later(30);
    assert_problem(app.get(&url).await, 404, "facepass_disabled").await;
    let receipt = app.eraser.session(session).await.unwrap();
    assert_eq!(receipt.rows.map(|rows| rows.archives), Some(1));
    assert_problem(app.get(&url).await, 404, "link_invalid").await;
}

#[tokio::test]
async fn a_file_that_goes_while_it_is_sent_breaks_the_connection() {
    let app = start().await;
    let session = app.session().await;
    let mut photos = photos(&app, session, &["a.jpg", "b.jpg"]).await;
    photos.sort_by_key(|photo| photo.taken_at);
    let url = url(&begin(&app, session, &ids(&photos)).await);
    let key = |photo: &Photo| BlobKey::derivative(session, photo.id, &photo.derivatives[2]).unwrap();
    app.app.blobs.delete(key(&photos[1])).await.unwrap();
    // Less comes than was promised, and the client knows.
    let breaks = async || match app.request(Method::GET, &url).send().await {
        Ok(response) => response.status() == 200 && response.bytes().await.is_err(),
        // So early that even the headers were still on their way.
        Err(error) => !error.is_connect(),
    };
    assert!(breaks().await);
    // What lies before it is whole, and another length is not passed off as it.
    assert_eq!(with(&app, &url, &[("range", "bytes=0-60")]).await.bytes().await.unwrap().len(), 61);
    app.app.blobs.put(key(&photos[1]), "longer than it was").await.unwrap();
    assert!(breaks().await);
}

#[tokio::test]
async fn ten_thousand_photos_are_one_archive() {
    if std::env::var_os("PIXORA_TEST_STORAGE_URL").is_some() {
        return println!("SKIPPED: writes ten thousand files beside the storage, which must be a folder");
    }
    let app = start().await;
    let session = app.session().await;
    let database = crate::database::database_url(app.data.path()).await;
    let pool = sqlx::AnyPool::connect(&database).await.unwrap();
    let mut rows = pool.begin().await.unwrap();
    let folder = app.data.path().join(format!("blobs/sessions/{session}/derivatives"));
    let mut wanted = Vec::new();
    for n in 0..10_000_i64 {
        let id = PhotoId::generate();
        let of_photo = folder.join(id.to_string());
        std::fs::create_dir_all(&of_photo).unwrap();
        std::fs::write(of_photo.join("2048-00000000000000c3.jpg"), format!("photo {n}")).unwrap();
        let derivatives = r#"[{"size":2048,"width":2048,"height":1024,"hash":"00000000000000c3"}]"#;
        sqlx::query(
            "INSERT INTO photos (id, photo_session_id, filename, sha256, bytes, media_type, width, height, taken_at, \
             state, derivatives, created_at) VALUES ($1, $2, 'IMG.JPG', $1, 1, 'image/jpeg', 1, 1, $3, 'ready', $4, 1)",
        )
        .bind(id.to_string())
        .bind(session.to_string())
        .bind(1_780_000_000_000_000 + n)
        .bind(derivatives)
        .execute(&mut *rows)
        .await
        .unwrap();
        wanted.push(id);
    }
    rows.commit().await.unwrap();
    // Nothing is known of the files: a request or two of twenty seconds each find it out.
    let path = format!("/api/v1/sessions/{session}/archives");
    let begun = loop {
        let body = json!({ "photo_ids": wanted });
        let response = app.request(Method::POST, &path).json(&body).send().await.unwrap();
        if response.status() == StatusCode::CREATED {
            break response.json::<Value>().await.unwrap();
        }
        let problem = assert_problem(response, 503, "archive_preparing").await;
        assert!(problem["prepared"].as_u64() > Some(0) && problem["photos"] == 10_000, "{problem}");
    };
    assert_eq!(begun["photos"], 10_000);
    let archive = app.get(&url(&begun)).await.bytes().await.unwrap();
    let names: Vec<String> =
        (1..=10_000).map(|n| if n == 1 { "IMG.jpg".to_owned() } else { format!("IMG ({n}).jpg") }).collect();
    assert_sound(&archive, &names.iter().map(String::as_str).collect::<Vec<_>>());
    let middle = archive.len() / 2;
    let rest = with(&app, &url(&begun), &[("range", &format!("bytes={middle}-"))]).await;
    assert_eq!(rest.bytes().await.unwrap(), archive[middle..]);

    wanted.push(PhotoId::generate());
    let body = json!({ "photo_ids": wanted });
    let response = app.request(Method::POST, &path).json(&body).send().await.unwrap();
    assert_problem(response, 422, "archive_too_large").await;
}

#[tokio::test]
async fn an_archive_of_nothing_is_refused() {
    let app = start().await;
    let session = app.session().await;
    let path = format!("/api/v1/sessions/{session}/archives");
    let post = async |body: Value| app.request(Method::POST, &path).json(&body).send().await.unwrap();
    assert_problem(post(json!({ "photo_ids": [] })).await, 404, "photo_not_found").await;
    assert_problem(post(json!({ "photo_ids": [PhotoId::generate()] })).await, 404, "photo_not_found").await;
    assert_problem(post(json!({ "photo_ids": ["1"] })).await, 422, "malformed_id").await;
    assert_problem(post(json!({})).await, 422, "malformed_body").await;
    let absent = format!("/api/v1/sessions/{}/archives", PhotoSessionId::generate());
    let response = app.request(Method::POST, &absent).json(&json!({ "photo_ids": [] })).send().await.unwrap();
    assert_problem(response, 404, "session_not_found").await;
}

#[tokio::test]
async fn all_is_chosen_and_fetched_by_one_request() {
    let app = start().await;
    let session = app.session().await;
    let shown = photos(&app, session, &["a.jpg", "b.jpg", "c.jpg"]).await;
    let hidden = app.photo(session, "hidden.jpg").await;
    app.app.store.photos().set_selected(session, &[hidden.id], false).await.unwrap();
    app.queued_photo(session, "queued.jpg").await;
    let path = format!("/api/v1/sessions/{session}");
    let listed = app.get_json(&format!("{path}/photos")).await;
    let in_order: Vec<_> =
        listed["photos"].as_array().unwrap().iter().map(|photo| photo["photo_id"].clone()).collect();
    assert_eq!(app.get_json(&format!("{path}/photos/ids")).await["photo_ids"], json!(in_order));
    let request = app.request(Method::POST, &format!("{path}/archives")).json(&json!({ "all": true }));
    let begun: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(begun["photos"], shown.len());
    let chosen = begin(&app, session, &ids(&shown)).await;
    assert_eq!(url(&begun).split('?').next(), url(&chosen).split('?').next(), "the same archive");
}

#[tokio::test]
async fn the_studio_fetches_every_original_and_nobody_else_does() {
    let app = start().await;
    let studio = app.studio().await;
    let owner = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&owner, studio).await;
    let photos = photos(&app, session, &["a.jpg", "b.jpg"]).await;
    for photo in &photos {
        let original = BlobKey::original(session, photo.id);
        app.app.blobs.put(original, format!("original of {}", photo.filename)).await.unwrap();
    }
    app.app.store.photos().set_selected(session, &[photos[1].id], false).await.unwrap();
    let path = format!("/api/photo-sessions/{session}");
    let listed = app.get_as(&owner, &format!("{path}/photos/ids?selected=false")).await;
    assert_eq!(listed["photo_ids"], json!([photos[1].id]));

    let archives = format!("{path}/archives");
    let all = json!({ "all": true });
    let colleague = app.user(Role::Photographer, &[studio]).await;
    let refused = app.send_as(&colleague, Method::POST, &archives, all.clone()).await;
    assert_problem(refused, 404, "session_not_found").await;
    let key = json!({ "name": "script", "scopes": ["sessions:read"] });
    let key: Value = app.send_as(&owner, Method::POST, "/api/keys", key).await.json().await.unwrap();
    let key = key["key"].as_str().expect("is shown once").to_owned();
    let request = app.request(Method::POST, &archives).bearer_auth(key).json(&all);
    assert_problem(request.send().await.unwrap(), 404, "session_not_found").await;
    let begun = app.send_as(&owner, Method::POST, &archives, all).await;
    assert_eq!(begun.status(), StatusCode::CREATED);
    let begun: Value = begun.json().await.unwrap();
    assert_eq!(begun["photos"], 2, "hidden ones too");
    // Also while guests are kept out.
    app.set_facepass(session, false).await;
    app.later(30);
    let whole = app.get(&url(&begun)).await;
    let etag = header(&whole, "etag").to_owned();
    let whole = whole.bytes().await.unwrap();
    assert_sound(&whole, &["a.jpg", "b.jpg"]);
    assert!(whole.windows(17).any(|part| part == b"original of b.jpg"));
    let rest = with(&app, &url(&begun), &[("range", "bytes=20-"), ("if-range", &etag)]).await;
    assert_eq!(rest.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(rest.bytes().await.unwrap(), whole[20..]);
}
