//! Limits on what one client can take from the others: memory, connections, streams, threads that answer.

use std::time::{Duration, Instant};

use base64::{Engine, prelude::BASE64_STANDARD};
use image::{ImageFormat, Rgb, RgbImage};
use pixora::{
    domain::{HandoffId, HandoffPhotoType, Role},
    handoff::NewPhoto,
    http::{Limits, Patience},
    search::SearchError,
};
use reqwest::{
    Method,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use uuid::Uuid;

use crate::{
    events::Stream,
    handoff::{handoff, json_of},
    helpers::{self, TestApp, assert_problem, start},
};

async fn connect(url: &str) -> TcpStream {
    TcpStream::connect(url.trim_start_matches("http://")).await.expect("connects")
}

/// What comes until the server closes the connection; fails when it does not within `limit`.
async fn read_to_end(stream: &mut TcpStream, limit: Duration) -> Vec<u8> {
    let mut read = Vec::new();
    // A reset is a close too.
    let ended = tokio::time::timeout(limit, stream.read_to_end(&mut read)).await;
    assert!(ended.is_ok(), "still open after {limit:?}: {:?}", String::from_utf8_lossy(&read));
    read
}

async fn search(app: &TestApp) -> reqwest::Response {
    let session = app.session().await;
    let form = Form::new().part("selfie", Part::bytes(vec![7; 1 << 20]).file_name("me.jpg"));
    let path = format!("/api/v1/sessions/{session}/search");
    app.request(Method::POST, &path).multipart(form).send().await.expect("the server answers")
}

/// Announces a large body and sends nothing of it.
async fn announce(app: &TestApp, path: &str) -> TcpStream {
    let mut stream = connect(&app.url).await;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 20900000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("sends");
    stream
}

#[tokio::test]
async fn seven_idle_connections_at_a_picture_door_shut_no_search_and_no_other_picture() {
    let app = start().await;
    let mut strangers = Vec::new();
    for _ in 0..7 {
        strangers.push(announce(&app, &format!("/api/session/{}/photos", HandoffId::generate())).await);
    }
    for stranger in &mut strangers {
        // The id is looked up before a byte of the body is waited for.
        let mut answer = [0; 12];
        let answered = tokio::time::timeout(Duration::from_secs(5), stranger.read_exact(&mut answer)).await;
        answered.expect("at once").expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 404");
    }
    assert_problem(search(&app).await, 422, "no_face").await;

    // The same with an id that is good, and at the customers' door.
    let path = format!("{}/photos", handoff(&app, "upload").await);
    let mut idle = Vec::new();
    for _ in 0..20 {
        idle.push(announce(&app, &path).await);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_problem(search(&app).await, 422, "no_face").await;
    let photo = json!({ "photo_data": BASE64_STANDARD.encode(crate::handoff::jpeg(1)) });
    json_of(app.request(Method::POST, &path).json(&photo).send().await.expect("answers"), 201).await;
}

#[tokio::test]
async fn idle_connections_of_a_customer_keep_no_other_customers_picture_out() {
    let app = start().await;
    let (idler, other) = (app.user(Role::Customer, &[]).await, app.user(Role::Customer, &[]).await);
    let mut idle = Vec::new();
    for _ in 0..12 {
        let mut stream = connect(&app.url).await;
        let head = format!(
            "POST /api/images HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
             Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 20000000\r\n\r\n--x\r\n",
            idler.access_token
        );
        stream.write_all(head.as_bytes()).await.expect("sends");
        idle.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let form = Form::new().part("image", Part::bytes(crate::handoff::jpeg(1)).file_name("a.jpg"));
    let request = app.request(Method::POST, "/api/images").bearer_auth(&other.access_token).multipart(form);
    let sent = tokio::time::timeout(Duration::from_secs(5), request.send()).await;
    assert_eq!(sent.expect("nobody waits for the idle ones").expect("answers").status(), 201);
}

#[tokio::test]
async fn a_body_that_stalls_is_told_so_and_its_connection_closed() {
    let app = start().await;
    let mut stream = announce(&app, &format!("{}/photos", handoff(&app, "upload").await)).await;
    stream.write_all(b"{\"photo_data\": \"").await.expect("sends");
    let answer =
        String::from_utf8_lossy(&read_to_end(&mut stream, Duration::from_secs(30)).await).into_owned();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("\"code\":\"body_too_slow\""), "{answer}");
}

#[tokio::test]
async fn a_selfie_of_more_pixels_than_a_phone_takes_has_a_code_of_its_own() {
    let app = start().await;
    app.search.answer(|_| Err(SearchError::TooManyPixels));
    assert_problem(search(&app).await, 413, "selfie_too_many_pixels").await;
}

/// A hand-off with five pictures of a few megabytes each; its address and the pictures as they are kept.
async fn heavy_handoff(app: &TestApp) -> (String, Vec<Vec<u8>>) {
    let path = handoff(app, "download").await;
    let id: HandoffId = path.rsplit('/').next().expect("an id").parse().expect("an id");
    let mut random = 0x2545_F491_4F6C_DD1D_u64;
    let mut noise = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random.to_le_bytes()
    };
    let picture = RgbImage::from_fn(2400, 1600, |_, _| {
        let [r, g, b, ..] = noise();
        Rgb([r, g, b])
    });
    let mut jpeg = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut jpeg, ImageFormat::Jpeg).expect("memory takes all");
    for number in 0..5_u8 {
        let new = NewPhoto {
            bytes: jpeg.get_ref().clone().into(),
            photo_type: HandoffPhotoType::Result,
            telegram_file_id: None,
            idempotency_key: Some(number.to_string()),
        };
        app.app.handoff.add_photo(id, new).await.expect("is taken");
    }
    let mut kept = Vec::new();
    for photo in app.app.handoff.results(id).await.expect("are there") {
        kept.push(app.app.handoff.picture(id, photo.id).await.expect("is there").1.to_vec());
    }
    (path, kept)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn six_gzip_fetchers_of_a_hand_offs_pictures_do_not_hold_up_healthz() {
    let app = start().await;
    let (path, kept) = heavy_handoff(&app).await;
    assert!(kept.iter().map(Vec::len).sum::<usize>() > 10 << 20, "there is something to fetch");
    let url = format!("{}{path}/result?include=data", app.url);
    let fetchers: Vec<_> = (0..6)
        .map(|_| {
            let request = reqwest::Client::new().get(&url).header("accept-encoding", "gzip");
            tokio::spawn(async move {
                let answer = request.send().await.expect("the server answers");
                assert_eq!(answer.status(), 200);
                assert!(answer.headers().get("content-encoding").is_none(), "pictures do not shrink");
                answer.json::<Value>().await.expect("JSON")
            })
        })
        .collect();
    let mut worst = Duration::ZERO;
    while !fetchers.iter().all(tokio::task::JoinHandle::is_finished) {
        let asked = Instant::now();
        assert_eq!(app.get("/healthz").await.status(), 200);
        worst = worst.max(asked.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(worst < Duration::from_secs(2), "healthz took {worst:?}");
    for fetcher in fetchers {
        let answer = fetcher.await.expect("no panic");
        let photos = answer["photos"].as_array().expect("a list");
        for (photo, kept) in photos.iter().zip(&kept) {
            assert_eq!(photo["photo_data"].as_str(), Some(BASE64_STANDARD.encode(kept).as_str()));
        }
        assert_eq!(
            (photos.len(), &answer["photo_data"]),
            (5, &photos[4]["photo_data"]),
            "the last one first"
        );
    }
}

#[tokio::test]
async fn the_photographer_gets_a_stream_when_guests_have_taken_all() {
    let app = start().await;
    let studio = app.studio().await;
    let user = app.user(Role::Photographer, &[studio]).await;
    let session = app.session_of(&user, studio).await;
    let path = format!("/api/v1/sessions/{session}/events");
    let mut guests = Vec::new();
    for _ in 0..3 {
        guests.push(Stream::of(app.get(&path).await));
    }
    assert_problem(app.get(&path).await, 503, "too_many_streams").await;
    let path = format!("/api/photo-sessions/{session}/events");
    Stream::of(app.send_as(&user, Method::GET, &path, json!({})).await);
}

/// The same application under other limits; its address.
async fn under(app: &TestApp, limits: Limits) -> String {
    helpers::serve_under(app.app.clone(), limits, app.stop.clone()).await.0
}

fn impatient() -> Limits {
    let soon = Duration::from_millis(600);
    Limits { patience: Patience { first_request: soon, idle: 2 * soon, untaken: soon }, ..Limits::default() }
}

#[tokio::test]
async fn a_connection_that_sends_no_request_is_closed() {
    let app = start().await;
    let url = under(&app, impatient()).await;
    for sent in
        ["", "P", "PRI * HTTP/2.0", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /healthz HTTP/1.1\r\nHost:"]
    {
        let mut stream = connect(&url).await;
        stream.write_all(sent.as_bytes()).await.expect("sends");
        read_to_end(&mut stream, Duration::from_secs(5)).await;
    }
    // One that has sent one is kept for the next, and let go when none comes.
    let mut stream = connect(&url).await;
    for _ in 0..3 {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sends");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\nok") {
            answer.push(stream.read_u8().await.expect("an answer"));
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    read_to_end(&mut stream, Duration::from_secs(5)).await;
}

#[tokio::test]
async fn an_open_page_that_hears_nothing_for_long_stays_open() {
    let app = start().await;
    let url = under(&app, impatient()).await;
    let session = app.session().await;
    let path = format!("{url}/api/v1/sessions/{session}/events");
    let mut stream = Stream::of(reqwest::get(path).await.expect("the server answers"));
    stream.block().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    app.photo(session, "a.jpg").await;
    app.app.events.publish(session, pixora::events::Event::Counts);
    while !stream.block().await.expect("the stream goes on").contains("\"ready\":1") {}
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_nothing_is_let_go() {
    let app = start().await;
    let (path, kept) = heavy_handoff(&app).await;
    let whole = kept.iter().map(Vec::len).sum::<usize>() * 8 / 3;
    let url = under(&app, impatient()).await;
    let mut stream = connect(&url).await;
    // As a telephone whose window is small: the system's buffers would take much of the answer.
    let head = format!("GET {path}/result?include=data HTTP/1.1\r\nHost: x\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("sends");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let read = read_to_end(&mut stream, Duration::from_secs(10)).await;
    assert!(read.len() < whole, "{} of {whole} bytes came", read.len());
}

#[tokio::test]
async fn one_network_cannot_take_every_connection() {
    let app = start().await;
    let url = under(&app, Limits { connections: 6, of_one_network: 3, ..Limits::default() }).await;
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut stream = connect(&url).await;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sends");
        let mut answer = [0; 15];
        stream.read_exact(&mut answer).await.expect("an answer");
        open.push(stream);
    }
    let mut fourth = connect(&url).await;
    assert_eq!(read_to_end(&mut fourth, Duration::from_secs(5)).await, b"");
    drop(open);
    // Its place is free again.
    for _ in 0..100 {
        if reqwest::get(format!("{url}/healthz")).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the places were not given back");
}

#[tokio::test]
async fn a_trusted_proxy_is_nobodys_network() {
    let app = start().await;
    let trusted = vec!["127.0.0.1".parse().expect("an address")];
    let url = under(&app, Limits { connections: 6, of_one_network: 1, trusted, ..Limits::default() }).await;
    let mut open = Vec::new();
    for _ in 0..5 {
        let mut stream = connect(&url).await;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("sends");
        let mut answer = [0; 15];
        stream.read_exact(&mut answer).await.expect("an answer");
        open.push(stream);
    }
}

#[tokio::test]
async fn one_guests_thirty_invalid_forms_do_not_close_the_checkout_for_the_same_wifi() {
    let app = start().await;
    let session = app.session().await;
    let clumsy = app.cart(session).await;
    for _ in 0..30 {
        let refused = app.checkout(&clumsy, &json!({ "name": "" })).await;
        assert!(refused.status().is_client_error() && refused.status() != 429, "{}", refused.status());
    }
    let mut wrong = crate::shop::buyer(0);
    wrong["email"] = "nobody".into();
    for _ in 0..30 {
        assert_problem(app.checkout(&clumsy, &wrong).await, 422, "invalid_email").await;
    }
    assert_problem(app.checkout(&clumsy, &wrong).await, 429, "too_many_attempts").await;
    // Everybody else behind the address orders as before.
    for _ in 0..3 {
        app.order(session).await;
    }
}

#[tokio::test]
async fn carts_and_consents_of_one_address_are_limited() {
    let app = start().await;
    let (session, other) = (app.session().await, app.session().await);
    let consent = json!({ "version": "2026-11", "language": "en" });
    for what in ["carts", "consents"] {
        let path = format!("/api/v1/sessions/{session}/{what}");
        let ask = |path: String| app.request(Method::POST, &path).json(&consent).send();
        let mut made = 0;
        let refused = loop {
            let answer = ask(path.clone()).await.expect("the server answers");
            if answer.status() != 201 {
                break answer;
            }
            made += 1;
            assert!(made < 1000, "{what} are not limited");
        };
        assert_problem(refused, 429, "too_many_attempts").await;
        assert!(made >= 300, "a wedding behind one address: {made} {what}");
        let elsewhere = ask(format!("/api/v1/sessions/{other}/{what}")).await.expect("the server answers");
        assert_eq!(elsewhere.status(), 201, "another session is another wedding");
        let nowhere = ask(format!("/api/v1/sessions/{}/{what}", Uuid::now_v7())).await.expect("answers");
        assert_problem(nowhere, 404, "session_not_found").await;
    }
}
