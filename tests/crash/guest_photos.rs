//! Guests send photos while the process is killed again and again: what was acknowledged is there, and is a guest's; what
//! was taken back does not come back.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use pixora::{
    blobs::{BlobKey, Blobs},
    domain::PhotoId,
};
use rand::{RngExt, SeedableRng, rngs::SmallRng};
use reqwest::{
    Client, Method, Response,
    header::{COOKIE, SET_COOKIE},
};
use serde_json::{Value, json};

use crate::{
    Rows, account,
    pictures::write_distinct,
    seed,
    support::Pixora,
    uploads::{kill, serve},
};

const FILES: usize = 12;

struct Guest {
    http: Client,
    session: String,
    cookie: String,
}

impl Guest {
    async fn tus(
        &self,
        base: &str,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Option<Response> {
        let mut request = self.http.request(method, format!("{base}{path}")).header("tus-resumable", "1.0.0");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        if !self.cookie.is_empty() {
            request = request.header(COOKIE, &self.cookie);
        }
        // A process that is killed answers nothing.
        request.body(body.to_vec()).send().await.ok()
    }

    /// Begins a file; the path of its upload. The first answer says who the guest is from now on.
    async fn begin(&mut self, base: &str, consent: &str, name: &str, bytes: usize) -> String {
        let encoded = |text: &str| BASE64_STANDARD.encode(text);
        let metadata = format!("filename {},consent {}", encoded(name), encoded(consent));
        let headers = [("upload-length", bytes.to_string()), ("upload-metadata", metadata)];
        let path = format!("/api/v1/sessions/{}/guest-uploads", self.session);
        let begun = self.tus(base, Method::POST, &path, &headers, &[]).await.expect("the server answers");
        assert_eq!(begun.status(), 201, "{:?}", begun.text().await);
        if let Some(set) = begun.headers().get(SET_COOKIE) {
            set.to_str().expect("text").split(';').next().expect("a cookie").clone_into(&mut self.cookie);
        }
        let location = begun.headers()["location"].to_str().expect("text");
        format!("/api{}", location.split_once("/api").expect("is of the interface").1)
    }

    /// How much of a file is there.
    async fn offset(&self, base: &str, path: &str) -> usize {
        let head = self.tus(base, Method::HEAD, path, &[], &[]).await.expect("the server answers");
        assert_eq!(head.status(), 200, "an upload that was acknowledged is known");
        head.headers()["upload-offset"].to_str().expect("text").parse().expect("a number")
    }

    async fn own(&self, base: &str) -> Vec<Value> {
        let path = format!("{base}/api/v1/sessions/{}/guest-photos", self.session);
        let own = self.http.get(path).header(COOKIE, &self.cookie).send().await.expect("answers");
        let own: Value = own.json().await.expect("JSON");
        own["photos"].as_array().expect("a list").clone()
    }
}

#[tokio::test]
async fn what_a_guest_has_sent_survives_kills_as_a_guests_photo() {
    let Some(pixora) = Pixora::new() else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    let session = pixora.session("Taken by guests");
    account::add(&pixora);
    let mut server = serve(&pixora);
    let mut base = format!("http://{}", server.address);
    let token = account::sign_in(&server.address).await;
    let http = Client::new();
    let change = json!({ "guest_photos": "open" });
    let changed =
        http.patch(format!("{base}/api/photo-sessions/{session}")).bearer_auth(&token).json(&change);
    assert_eq!(changed.send().await.expect("answers").status(), 200);
    let given = json!({ "version": "2026-11.1", "language": "en", "purpose": "sharing" });
    let given = http.post(format!("{base}/api/v1/sessions/{session}/consents")).json(&given);
    let given: Value = given.send().await.expect("answers").json().await.expect("JSON");
    let consent = given["consent_id"].as_str().expect("an id").to_owned();
    let mut guest = Guest { http: http.clone(), session: session.clone(), cookie: String::new() };

    let folder = pixora.folder.path().join("phone");
    std::fs::create_dir(&folder).expect("can be made");
    let files: Vec<Vec<u8>> =
        write_distinct(&folder, FILES).iter().map(|file| std::fs::read(file).expect("was written")).collect();
    let mut sent = Vec::new();
    for (number, bytes) in files.iter().enumerate() {
        let path = guest.begin(&base, &consent, &format!("{number}.jpg"), bytes.len()).await;
        let half = random.random_range(1..bytes.len());
        let part = |from: usize| {
            [
                ("upload-offset", from.to_string()),
                ("content-type", "application/offset+octet-stream".to_owned()),
            ]
        };
        let first = guest.tus(&base, Method::PATCH, &path, &part(0), &bytes[..half]).await.expect("answers");
        assert_eq!(first.headers()["upload-offset"], half.to_string().as_str());
        base = kill(&pixora, &mut server);
        assert_eq!(guest.offset(&base, &path).await, half, "what was acknowledged is there");
        // The rest goes on while the process dies, or just before.
        let rest = part(half);
        let last = guest.tus(&base, Method::PATCH, &path, &rest, &bytes[half..]);
        let wait = Duration::from_millis(random.random_range(0..60));
        let answer = tokio::select! {
            answer = last => answer,
            () = tokio::time::sleep(wait) => None,
        };
        base = kill(&pixora, &mut server);
        if answer.is_none() {
            let there = guest.offset(&base, &path).await;
            if there < bytes.len() {
                let rest = guest.tus(&base, Method::PATCH, &path, &part(there), &bytes[there..]).await;
                assert_eq!(rest.expect("answers").status(), 204);
            }
        }
        let head = guest.tus(&base, Method::HEAD, &path, &[], &[]).await.expect("answers");
        assert_eq!(head.headers()["pixora-result"], "stored");
        let photo: PhotoId =
            head.headers()["pixora-photo-id"].to_str().expect("text").parse().expect("an id");
        sent.push(photo);
    }
    assert_eq!(guest.own(&base).await.len(), FILES, "each once");

    let back = format!("{base}/api/v1/sessions/{session}/guest-photos/{}", sent[0]);
    let taken = http.delete(back).header(COOKIE, &guest.cookie).send().await.expect("answers");
    assert_eq!(taken.status(), 204);
    base = kill(&pixora, &mut server);
    assert_eq!(guest.own(&base).await.len(), FILES - 1, "what was taken back stays away");
    drop(server);

    let id = session.parse().expect("a session's id is an id");
    let rows = Rows::read(&pixora.data(), id).await;
    assert_eq!(rows.photos.len(), FILES - 1);
    let blobs = Blobs::open_folder(pixora.data().join("blobs")).expect("the folder is there");
    for (photo, bytes) in sent.iter().zip(&files).skip(1) {
        assert!(rows.photos[photo].is_from_guest, "it is not sold as the photographer's");
        let original = blobs.get(BlobKey::original(id, *photo)).await.expect("the file is there");
        assert_eq!(&original[..], &bytes[..], "bit for bit");
    }
}
