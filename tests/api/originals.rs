//! The files of a photo: the RAW beside the picture, a later version in the place of an earlier one, sidecars, and what
//! is written into the copies that guests take home.

use std::{io::Cursor, time::Duration};

use chrono::Utc;
use image::{ImageFormat, Rgb, RgbImage};
use pixora::{
    blobs::{BlobKey, Blobs},
    domain::{Derivative, Photo, PhotoFacts, PhotoId, PhotoState},
    photos::{Care, Fault, Incoming, Receiver},
    store::{Completed, FileSum, JobKind, Processed, Queue, Received},
};
use reqwest::{
    Method, Response,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    helpers::assert_problem,
    shop::DIGITAL,
    uploads::{Sender, sender},
};

type Entry = (u16, u16, Vec<u8>);

fn ascii(tag: u16, text: &str) -> Entry {
    (tag, 2, [text.as_bytes(), b"\0"].concat())
}

fn short(tag: u16, value: u16) -> Entry {
    (tag, 3, value.to_le_bytes().to_vec())
}

fn long(tag: u16, value: u32) -> Entry {
    (tag, 4, value.to_le_bytes().to_vec())
}

/// A directory of TIFF that stands at this place, with the values that do not fit into it behind it.
fn directory(entries: &[Entry], at: usize) -> Vec<u8> {
    let mut bytes = (entries.len() as u16).to_le_bytes().to_vec();
    let mut values = Vec::new();
    let behind = at + 2 + entries.len() * 12 + 4;
    for (tag, kind, value) in entries {
        let size = match kind {
            3 => 2,
            4 => 4,
            _ => 1,
        };
        bytes.extend(tag.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        bytes.extend(((value.len() / size) as u32).to_le_bytes());
        if value.len() <= 4 {
            bytes.extend(value.iter().copied().chain([0; 4]).take(4));
        } else {
            bytes.extend(((behind + values.len()) as u32).to_le_bytes());
            values.extend(value);
        }
    }
    bytes.extend([0; 4]);
    [bytes, values].concat()
}

/// What a camera says of a shot; with a sensor's data beside it, a NEF.
fn tiff(taken: &str, is_raw: bool) -> Vec<u8> {
    let exif = [ascii(0x9003, taken)];
    let sensor = [short(0x0103, 34713), short(0x0106, 32803), long(0x0100, 6000), long(0x0101, 4000)];
    let main = |exif_at: usize, sensor_at: usize| {
        let mut main = vec![ascii(0x010F, "NIKON CORPORATION"), ascii(0x0110, "NIKON Z 8")];
        if is_raw {
            main.push(long(0x014A, sensor_at as u32));
        }
        main.push(long(0x8769, exif_at as u32));
        directory(&main, 8)
    };
    let exif_at = 8 + main(0, 0).len();
    let exif = directory(&exif, exif_at);
    let sensor_at = exif_at + exif.len();
    let sensor = if is_raw { directory(&sensor, sensor_at) } else { Vec::new() };
    [&b"II*\0\x08\0\0\0"[..], &main(exif_at, sensor_at), &exif, &sensor].concat()
}

fn picture(number: u8, width: u32) -> Vec<u8> {
    let picture = RgbImage::from_fn(width, width * 2 / 3, |x, y| Rgb([number, x as u8, (x + y) as u8]));
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Jpeg).expect("memory takes all");
    bytes.into_inner()
}

fn jpeg(number: u8, taken: &str) -> Vec<u8> {
    let exif = [&b"Exif\0\0"[..], &tiff(taken, false)].concat();
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&[0xFF, 0xD8, 0xFF, 0xE1][..], &length, &exif, &picture(number, 96)[2..]].concat()
}

fn raw(number: u8, taken: &str) -> Vec<u8> {
    [tiff(taken, true), vec![7; 900], picture(number, 1200)].concat()
}

const NOON: &str = "2024:06:03 12:00:00";

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

impl Sender {
    async fn form(&self, replace: bool, name: &str, bytes: &[u8]) -> Value {
        let form = if replace { Form::new().text("replace", "name") } else { Form::new() };
        let part = Part::bytes(bytes.to_vec()).file_name(name.to_owned());
        let path = format!("/api/photo-sessions/{}/photos", self.session);
        let request = self.app.request(Method::POST, &path).bearer_auth(&self.user.access_token);
        let response = request.multipart(form.part("photo", part)).send().await.expect("answers");
        assert_eq!(response.status(), 200);
        response.json::<Value>().await.expect("JSON")["results"][0].clone()
    }

    async fn sent(&self, name: &str, bytes: &[u8]) -> PhotoId {
        let sent = self.form(false, name, bytes).await;
        assert_eq!(sent["result"], "stored", "{sent}");
        sent["photo_id"].as_str().expect("an id").parse().expect("an id")
    }

    async fn get(&self, path: &str) -> Response {
        let request = self.app.request(Method::GET, path).bearer_auth(&self.user.access_token);
        request.send().await.expect("answers")
    }

    async fn row(&self, photo: PhotoId) -> Photo {
        self.app.app.store.photos().get(photo).await.expect("is read").expect("is there")
    }

    /// Does what the pipeline does with the jobs that are due, with a picture of these words.
    async fn processed(&self, photo: PhotoId, hash: &str, facts: PhotoFacts) -> Vec<Completed> {
        let store = &self.app.app.store;
        let queue = Queue { kind: JobKind::ProcessPhoto, owner: "test" };
        let jobs = store.jobs().lease(queue, 100, Duration::from_secs(60), Utc::now()).await.expect("leases");
        let row = self.row(photo).await;
        let derivative = Derivative { size: 2048, width: 96, height: 64, hash: hash.into() };
        let key = BlobKey::derivative(self.session, photo, &derivative).expect("the hash is one");
        let bytes = picture(9, 96);
        self.app.app.blobs.put(key, bytes.clone()).await.expect("is written");
        let (length, crc32) = (bytes.len() as u64, crc32fast::hash(&bytes));
        let made = Processed {
            original: row.original,
            began: Utc::now(),
            width: 96,
            height: 64,
            taken_at: row.taken_at,
            facts,
            thumbhash: None,
            derivatives: vec![derivative],
            files: vec![FileSum { name: key.name(), bytes: length, crc32, mark: None }],
            model: "test".into(),
            faces: Vec::new(),
            also: Vec::new(),
        };
        let mut completed = Vec::new();
        for job in jobs.iter().filter(|job| job.subject == photo.0) {
            completed.push(store.photos().complete(photo, &made, job.id).await.expect("is written"));
        }
        completed
    }

    async fn files(&self) -> u64 {
        self.app.app.blobs.count_session(self.session).await.expect("can be counted")
    }

    async fn ledger(&self, name: &str, bytes: &[u8]) -> Value {
        let path = format!("/api/photo-sessions/{}/ledger", self.session);
        let body = json!({ "files": [{ "filename": name, "sha256": sha256(bytes) }] });
        let request = self.app.request(Method::POST, &path).bearer_auth(&self.user.access_token);
        request.json(&body).send().await.expect("answers").json().await.expect("JSON")
    }
}

const FIRST: &str = "00000000000000a1";
const SECOND: &str = "00000000000000b2";

#[tokio::test]
async fn a_raw_and_a_jpeg_of_one_shot_are_one_photo_in_both_orders() {
    for raw_first in [true, false] {
        let sender = sender().await;
        let (nef, jpg) = (raw(1, NOON), jpeg(2, NOON));
        let files = [("DSC_0001.NEF", &nef), ("dsc_0001.jpg", &jpg)];
        let [first, second] = if raw_first { files } else { [files[1], files[0]] };
        let photo = sender.sent(first.0, first.1).await;
        sender.processed(photo, FIRST, PhotoFacts::default()).await;
        assert_eq!(sender.sent(second.0, second.1).await, photo, "RAW first: {raw_first}");

        let row = sender.row(photo).await;
        assert_eq!((row.filename.as_str(), row.media_type.as_str()), ("dsc_0001.jpg", "image/jpeg"));
        assert_eq!(row.raw.as_ref().map(|raw| raw.filename.as_str()), Some("DSC_0001.NEF"));
        assert_eq!(row.state, PhotoState::Ready, "what was shown is shown on");
        let expected: &[Completed] = if raw_first { &[Completed::Done] } else { &[] };
        assert_eq!(sender.processed(photo, SECOND, PhotoFacts::default()).await, expected);

        for (path, bytes) in [("original", &jpg), ("raw", &nef)] {
            let response = sender.get(&format!("/api/photos/{photo}/{path}")).await;
            assert_eq!(response.status(), 200);
            assert!(response.bytes().await.expect("is read") == bytes[..], "{path}, RAW first: {raw_first}");
        }
        // The same files again are duplicates, and the account knows both.
        for (name, bytes) in files {
            assert_eq!(sender.form(false, name, bytes).await["result"], "duplicate", "{name}");
            assert_eq!(sender.ledger(name, bytes).await["indexed"], 1, "{name}");
        }
        let listed =
            sender.app.get_as(&sender.user, &format!("/api/photo-sessions/{}/photos", sender.session)).await;
        assert_eq!(listed["photos"].as_array().map(Vec::len), Some(1));
        assert_eq!(listed["photos"][0]["raw"]["filename"], "DSC_0001.NEF");

        sender.app.app.gallery.delete(sender.session, &[photo]).await.expect("is deleted");
        sender.app.app.eraser.sweep(None).await.expect("is swept");
        assert_eq!(sender.files().await, 0, "both originals are gone");
    }
}

#[tokio::test]
async fn a_raw_and_its_picture_are_each_once_in_the_studios_archive() {
    for raw_first in [true, false] {
        let sender = sender().await;
        let files = [("DSC_0001.NEF", raw(1, NOON)), ("dsc_0001.jpg", jpeg(2, NOON))];
        let order = if raw_first { [0, 1] } else { [1, 0] };
        let mut photo = None;
        for (name, bytes) in order.map(|n| &files[n]) {
            photo = Some(sender.sent(name, bytes).await);
            sender.processed(photo.unwrap(), FIRST, PhotoFacts::default()).await;
        }
        let path = format!("/api/photo-sessions/{}/archives", sender.session);
        let request = sender.app.request(Method::POST, &path).bearer_auth(&sender.user.access_token);
        let begun = request.json(&json!({ "photo_ids": [photo, photo] })).send().await.expect("answers");
        assert_eq!(begun.status(), 201);
        let begun: Value = begun.json().await.expect("JSON");
        let url = begun["url"].as_str().expect("a link");
        let archive = sender.app.request(Method::GET, url).send().await.expect("answers");
        let archive = archive.bytes().await.expect("is read");
        assert_eq!(archive.len() as u64, begun["bytes"].as_u64().expect("a number"));
        crate::archives::assert_sound(&archive, &["dsc_0001.jpg", "DSC_0001.NEF"]);
        for (name, bytes) in &files {
            let times = archive.windows(bytes.len()).filter(|part| part == bytes).count();
            assert_eq!(times, 1, "{name}, RAW first: {raw_first}");
        }
    }
}

#[tokio::test]
async fn the_header_and_the_checksum_of_a_file_are_kept_when_it_comes_in() {
    for raw_first in [true, false] {
        let sender = sender().await;
        let files = sender.app.app.store.files();
        let (nef, jpg) = (raw(1, NOON), jpeg(2, NOON));
        let both = [("DSC_0001.NEF", &nef), ("dsc_0001.jpg", &jpg)];
        let photo = sender.sent(both[usize::from(!raw_first)].0, both[usize::from(!raw_first)].1).await;
        assert_eq!(sender.sent(both[usize::from(raw_first)].0, both[usize::from(raw_first)].1).await, photo);
        let sum = async |name: &str| {
            let sum =
                files.sum(photo, name).await.expect("is read").unwrap_or_else(|| panic!("no sum of {name}"));
            (sum.bytes, sum.crc32)
        };
        let of = |bytes: &[u8]| (bytes.len() as u64, crc32fast::hash(bytes));
        assert_eq!((sum("original").await, sum("raw").await), (of(&jpg), of(&nef)), "RAW first: {raw_first}");

        let photos = sender.app.app.store.photos();
        let kept = async || photos.header(photo, sender.row(photo).await.original).await.expect("is read");
        let header = pixora::imaging::read_header(&jpg).expect("is a picture");
        let read: pixora::imaging::Header =
            serde_json::from_str(&kept().await.expect("is kept")).expect("JSON");
        assert_eq!(read, header);
        assert_eq!(
            photos.header(photo, PhotoId::generate()).await.expect("is read"),
            None,
            "of another file"
        );
        sender.processed(photo, FIRST, PhotoFacts::default()).await;
        assert_eq!(kept().await, None, "nobody needs it any more");

        let again = jpeg(3, NOON);
        sender.form(true, "dsc_0001.jpg", &again).await;
        assert_eq!((sum("original").await, sum("raw").await), (of(&again), of(&nef)));
    }
}

#[tokio::test]
async fn two_shots_of_one_name_stay_two_photos() {
    let sender = sender().await;
    let first = sender.sent("DSC_0001.JPG", &jpeg(1, NOON)).await;
    for (name, bytes) in [
        ("DSC_0001.NEF", raw(2, "2024:06:03 12:00:01")),
        ("DSC_0002.NEF", raw(3, NOON)),
        ("DSC_0001.jpg", jpeg(4, NOON)),
        ("DSC_0001.jpg", picture(5, 96)),
    ] {
        assert_ne!(sender.sent(name, &bytes).await, first, "{name}");
    }
}

#[tokio::test]
async fn a_guest_never_gets_a_raw() {
    let sender = sender().await;
    let app = &sender.app;
    let photo = sender.sent("DSC_0001.NEF", &raw(1, NOON)).await;
    sender.processed(photo, FIRST, PhotoFacts::default()).await;
    let cart = app.cart(sender.session).await;
    app.put(&cart, json!([{ "price_id": cart.prices.digital, "photo_id": photo, "quantity": 1 }])).await;
    let order = app.placed(&cart, DIGITAL).await;
    app.step(&sender.user, &order.id, "paid").await;
    let shown = app.get_json(&order.path("")).await;
    let url = shown["lines"][0]["download_url"].as_str().expect("a link");
    let response = app.request(Method::GET, url).send().await.expect("answers");
    assert_eq!(response.headers()["content-type"], "image/jpeg");
    let name = response.headers()["content-disposition"].to_str().expect("text").to_owned();
    assert!(name.contains("DSC_0001.jpg"), "{name}");
    assert!(response.bytes().await.expect("is read") == picture(9, 96)[..]);
    for path in ["original", "raw"] {
        let response = app.request(Method::GET, &format!("/api/photos/{photo}/{path}")).send().await.unwrap();
        assert_eq!(response.status(), 401);
    }
    assert_problem(sender.get(&format!("/api/photos/{photo}/raw")).await, 404, "photo_not_found").await;
}

#[tokio::test]
async fn a_picture_published_again_takes_the_place_of_the_first() {
    for by_tus in [false, true] {
        let sender = sender().await;
        let photo = sender.sent("IMG 1.JPG", &jpeg(1, NOON)).await;
        sender.processed(photo, FIRST, PhotoFacts::default()).await;
        sender.app.app.gallery.select(sender.session, &[photo], false).await.expect("is hidden");
        let again = jpeg(2, NOON);
        let sent = if by_tus {
            let request = sender.creation(again.len() as u64, &[("replace", "name")]);
            let request = request.header("content-type", "application/offset+octet-stream");
            let response = request.body(again.clone()).send().await.expect("answers");
            assert_eq!(response.headers()["pixora-result"], "stored");
            response.headers()["pixora-photo-id"].to_str().expect("text").to_owned()
        } else {
            sender.form(true, "img 1.jpg", &again).await["photo_id"].as_str().expect("an id").to_owned()
        };
        assert_eq!(sent, photo.to_string(), "by tus: {by_tus}");
        let row = sender.row(photo).await;
        assert_eq!((row.state, row.is_selected, row.is_replaced), (PhotoState::Ready, false, true));
        let ledger = async || sender.ledger("IMG 1.JPG", &again).await;
        assert_eq!(ledger().await["files"][0]["state"], "queued", "what is shown is the picture before");
        assert_eq!(sender.processed(photo, SECOND, PhotoFacts::default()).await, [Completed::Done]);
        assert_eq!(ledger().await["files"][0]["state"], "indexed");
        sender.app.app.eraser.sweep(Some(Utc::now())).await.expect("is swept");
        let response = sender.get(&format!("/api/photos/{photo}/original")).await;
        assert!(response.bytes().await.expect("is read") == again[..]);
        assert_eq!(sender.files().await, 2, "one original and what was made of it");
        assert_eq!(sender.app.app.gallery.counts(sender.session).await.expect("is counted").total, 1);
    }
}

#[tokio::test]
async fn who_has_bought_a_photo_gets_the_picture_that_took_its_place() {
    let sender = sender().await;
    let app = &sender.app;
    let photo = sender.sent("a.jpg", &jpeg(1, NOON)).await;
    sender.processed(photo, FIRST, PhotoFacts::default()).await;
    let cart = app.cart(sender.session).await;
    app.put(&cart, json!([{ "price_id": cart.prices.digital, "photo_id": photo, "quantity": 1 }])).await;
    let order = app.placed(&cart, DIGITAL).await;
    app.step(&sender.user, &order.id, "paid").await;
    let again = jpeg(2, NOON);
    sender.form(true, "a.jpg", &again).await;
    sender.processed(photo, SECOND, PhotoFacts::default()).await;
    let shown = app.get_json(&order.path("")).await;
    assert_eq!(shown["lines"][0]["photo_id"], photo.to_string());
    let url = shown["lines"][0]["download_url"].as_str().expect("a link");
    let response = app.request(Method::GET, url).send().await.expect("answers");
    assert!(response.bytes().await.expect("is read") == again[..]);
}

#[tokio::test]
async fn a_replacement_cut_short_is_finished_once_and_loses_nothing() {
    let sender = sender().await;
    let photo = sender.sent("a.jpg", &jpeg(1, NOON)).await;
    let first = sender.row(photo).await.original;
    let app = &sender.app.app;
    let receiver = Receiver::new(
        app.store.clone(),
        app.blobs.clone(),
        app.jobs.clone(),
        app.events.clone(),
        pixora::clock::system(),
    );
    let file = sender.app.data.path().join("again.jpg");
    std::fs::write(&file, jpeg(2, NOON)).expect("is written");
    let incoming = Incoming {
        session: sender.session,
        photo: PhotoId::generate(),
        filename: "a.jpg".into(),
        guest_id: None,
        begins_selected: true,
        replaces: true,
        sha256: None,
    };
    // As after a process that was killed between the commit and the answer.
    for _ in 0..2 {
        let received = receiver.receive_spooled(&incoming, file.clone()).await.expect("is taken");
        assert_eq!(received, Received::Stored(photo));
    }
    let row = sender.row(photo).await;
    assert_eq!(row.original, incoming.photo);
    for original in [first, row.original] {
        let key = BlobKey::original(sender.session, original);
        assert!(app.blobs.length(key).await.expect("is asked").is_some(), "until the new one is processed");
    }
    // The work on the first file ends late: it must not take the place of the second.
    sender.processed(photo, SECOND, PhotoFacts::default()).await;
    app.eraser.sweep(None).await.expect("is swept");
    let key = BlobKey::original(sender.session, first);
    assert_eq!(app.blobs.length(key).await.expect("is asked"), None);
}

#[tokio::test]
async fn a_replacement_of_another_shot_stays_beside_it() {
    let sender = sender().await;
    let photo = sender.sent("a.jpg", &jpeg(1, NOON)).await;
    let other = sender.form(true, "a.jpg", &jpeg(2, "2024:06:04 09:00:00")).await;
    assert_ne!(other["photo_id"], photo.to_string(), "cameras count from 1 again and again");
    let refused = sender.creation(9, &[("replace", "all")]).send().await.expect("answers");
    assert_problem(refused, 422, "invalid_upload_metadata").await;
}

const SIDECAR: &str = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:Rating="4"
 xmp:Label="Red"><dc:subject><rdf:Bag><rdf:li>dance</rdf:li></rdf:Bag></dc:subject>
<dc:creator><rdf:Seq><rdf:li>Anna Example</rdf:li></rdf:Seq></dc:creator></rdf:Description></rdf:RDF></x:xmpmeta>"#;

#[tokio::test]
async fn a_sidecar_is_applied_whichever_comes_first_and_told_in_the_ledger() {
    for (sidecar, picture_name) in [("DSC_0001.xmp", "dsc_0001.JPG"), ("a.b.jpg.XMP", "a.b.jpg")] {
        for sidecar_first in [true, false] {
            let sender = sender().await;
            let jpg = jpeg(1, NOON);
            if sidecar_first {
                assert_eq!(sender.form(false, sidecar, SIDECAR.as_bytes()).await["result"], "sidecar");
            }
            let photo = sender.sent(picture_name, &jpg).await;
            sender.processed(photo, FIRST, PhotoFacts::default()).await;
            if !sidecar_first {
                assert_eq!(sender.form(false, sidecar, SIDECAR.as_bytes()).await["result"], "sidecar");
            }
            let facts = sender.row(photo).await.facts;
            assert_eq!(
                (facts.rating, facts.label.as_deref()),
                (Some(4), Some("Red")),
                "{sidecar}, {sidecar_first}"
            );
            assert_eq!(facts.words.keywords, ["dance"]);
            assert_eq!(facts.words.creator.as_deref(), Some("Anna Example"));
            let ledger = sender.ledger(sidecar, SIDECAR.as_bytes()).await;
            assert_eq!(
                (&ledger["sidecars"], &ledger["rejected"], &ledger["missing"]),
                (&json!(1), &json!(0), &json!(0))
            );
            assert_eq!(ledger["files"][0]["state"], "sidecar");
        }
    }
    let sender = sender().await;
    let refused = sender.form(false, "x.xmp", b"no XML").await;
    assert_eq!((&refused["result"], &refused["code"]), (&json!("rejected"), &json!("sidecar_unreadable")));
}

#[tokio::test]
async fn creator_copyright_and_contact_are_written_into_what_guests_take_home() {
    let sender = sender().await;
    let photo = sender.sent("a.jpg", &jpeg(1, NOON)).await;
    sender.processed(photo, FIRST, PhotoFacts::default()).await;
    let studio = sender.app.studio().await;
    let path = format!("/api/studios/{studio}/credits");
    let put = async |body: Value| {
        let request = sender.app.request(Method::PUT, &path).bearer_auth(&sender.user.access_token);
        request.json(&body).send().await.expect("answers")
    };
    let picture_path = format!("/media/{}/{photo}/2048-{FIRST}.jpg?download=1", sender.session);
    let guest = async || {
        let response = sender.app.request(Method::GET, &picture_path).send().await.expect("answers");
        assert_eq!(response.status(), 200);
        response.bytes().await.expect("is read")
    };
    assert!(guest().await == picture(9, 96)[..], "without a wish nothing is written");
    let refused = put(json!({ "creator": "a\nb", "copyright": null, "contact": null })).await;
    assert_problem(refused, 422, "invalid_credits").await;
    let words = json!({ "creator": "Студия «Пример»", "copyright": "© Example & Co", "contact": "hello@studio.example" });
    assert_eq!(put(words).await.status(), 200);

    let taken = guest().await;
    let header = pixora::imaging::read_header(&taken).expect("is a picture");
    let written = &header.facts.written;
    assert_eq!(written.creator.as_deref(), Some("Студия «Пример»"));
    assert_eq!(written.copyright.as_deref(), Some("© Example & Co"));
    assert!(String::from_utf8_lossy(&taken).contains("<Iptc4xmpCore:CiEmailWork>hello@studio.example<"));
    assert_eq!((written.taken, header.facts.camera.as_deref()), (None, None), "nothing else is written");

    let body = json!({ "photo_ids": [photo] });
    let path = format!("/api/v1/sessions/{}/archives", sender.session);
    let begun: Value =
        sender.app.request(Method::POST, &path).json(&body).send().await.unwrap().json().await.expect("JSON");
    let url = begun["url"].as_str().expect("a link");
    let archive = sender.app.request(Method::GET, url).send().await.unwrap().bytes().await.expect("is read");
    assert_eq!(archive.len() as u64, begun["bytes"].as_u64().expect("a number"));
    crate::archives::assert_sound(&archive, &["a.jpg"]);
    assert!(archive.windows(taken.len()).any(|part| part == taken), "the same file is in the archive");
    // Whoever goes on with a download gets the same bytes.
    let half = sender.app.request(Method::GET, url).header("range", "bytes=100-").send().await.unwrap();
    assert!(half.bytes().await.expect("is read") == archive[100..]);
}

#[tokio::test]
async fn the_look_at_what_is_kept_and_copies_and_back_ups_know_both_files() {
    let sender = sender().await;
    let photo = sender.sent("DSC_0001.JPG", &jpeg(2, NOON)).await;
    sender.sent("DSC_0001.NEF", &raw(1, NOON)).await;
    sender.processed(photo, FIRST, PhotoFacts::default()).await;
    let app = &sender.app.app;
    let care = Care::new(app.store.clone(), app.blobs.clone(), pixora::clock::system());
    let row = sender.row(photo).await;
    let raw = BlobKey::original(sender.session, row.raw.as_ref().expect("is there").file);
    let known = app.store.photos().file_ids(sender.session).await.expect("is read");
    let lengths = app.blobs.lengths(sender.session).await.expect("is read");
    assert!(lengths.keys().all(|(file, _)| known.contains(file)), "no file is an orphan");
    assert_eq!(care.glance(&row, &lengths).await.expect("is looked at"), []);

    let folder = tempfile::tempdir().expect("a folder");
    let copy = Blobs::open_folder(folder.path().join("copy")).expect("opens");
    pixora::blobs::copy(&app.blobs, &copy, |_| {}).await.expect("is copied");
    assert_eq!(copy.length(raw).await.expect("is asked"), Some(row.raw.as_ref().expect("is there").bytes));

    let backup = async |name: &str| {
        let to = folder.path().join(name);
        let (from, data) =
            (app.blobs.folder().map(std::path::Path::to_owned), sender.app.data.path().to_owned());
        let made = pixora::backup::make(&app.store, from.as_deref(), &data, &to, |_| {}).await;
        made.expect("is made")
    };
    let made = backup("first").await;
    assert_eq!((made.photos, made.missing.as_slice()), (1, &[][..]));
    app.blobs.delete(raw).await.expect("is lost");
    let lengths = app.blobs.lengths(sender.session).await.expect("is read");
    assert_eq!(care.glance(&row, &lengths).await.expect("is looked at"), [Fault::OriginalMissing]);
    let faults = care.look(&row).await.expect("is looked at").faults;
    assert!(faults.contains(&Fault::OriginalMissing), "{faults:?}");
    if app.blobs.folder().is_some() {
        assert_eq!(backup("second").await.missing, [photo]);
    }
}
