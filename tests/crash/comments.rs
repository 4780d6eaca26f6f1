//! A guest writes on a photo while the process is killed again and again: what was acknowledged is there once, what was sent
//! again is not there twice, and what was taken back does not come back.

use std::{collections::BTreeSet, time::Duration};

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use reqwest::{
    Client, Method, Response,
    header::{COOKIE, SET_COOKIE},
};
use serde_json::{Value, json};

use crate::{
    account, seed,
    support::{Pixora, sample},
    text,
    uploads::{kill, serve},
};

const COMMENTS: usize = 16;

struct Guest {
    http: Client,
    /// Where the comments of the session are.
    session: String,
    photo: String,
    consent: String,
    cookie: String,
}

impl Guest {
    async fn ask(&mut self, base: &str, method: Method, path: &str, body: Option<Value>) -> Option<Response> {
        let url = format!("{base}/api/v1/sessions/{}/{path}", self.session);
        let mut request = self.http.request(method, url).header(COOKIE, &self.cookie);
        if let Some(body) = body {
            request = request.json(&body);
        }
        // A process that is killed answers nothing.
        let answer = request.send().await.ok()?;
        if let Some(set) = answer.headers().get(SET_COOKIE) {
            set.to_str().expect("text").split(';').next().expect("a cookie").clone_into(&mut self.cookie);
        }
        Some(answer)
    }

    /// The comment's id, if the server could say it.
    async fn write(&mut self, base: &str, words: &str) -> Option<String> {
        let body = json!({ "text": words, "consent_id": self.consent });
        let path = format!("gallery/{}/comments", self.photo);
        let answer = self.ask(base, Method::POST, &path, Some(body)).await?;
        assert_eq!(answer.status(), 201);
        let comment: Value = answer.json().await.ok()?;
        Some(comment["id"].as_str().expect("an id").to_owned())
    }

    /// The ids and the words that are shown.
    async fn shown(&mut self, base: &str) -> Vec<(String, String)> {
        let path = format!("gallery/{}/comments?limit=200", self.photo);
        let list = self.ask(base, Method::GET, &path, None).await.expect("the server answers");
        let list: Value = list.json().await.expect("JSON");
        let word = |comment: &Value, member: &str| comment[member].as_str().expect("a text").to_owned();
        let comments = list["comments"].as_array().expect("a list").iter();
        comments.map(|comment| (word(comment, "id"), word(comment, "text"))).collect()
    }
}

#[tokio::test]
async fn what_a_guest_has_written_survives_kills_once() {
    let Some(pixora) = Pixora::new() else { return };
    let mut random = SmallRng::seed_from_u64(seed());
    let session = pixora.session("Wedding");
    pixora.json(&["ingest", "--json", "--wait", "--session", &session, text(&sample("officials/obama.jpg"))]);
    account::add(&pixora);
    let mut server = serve(&pixora);
    let mut base = format!("http://{}", server.address);
    let token = account::sign_in(&server.address).await;
    let http = Client::new();
    let change = http.patch(format!("{base}/api/photo-sessions/{session}")).bearer_auth(&token);
    assert_eq!(change.json(&json!({ "comments": "open" })).send().await.expect("answers").status(), 200);
    let given = json!({ "version": "2026-11.1", "language": "en", "purpose": "commenting" });
    let given = http.post(format!("{base}/api/v1/sessions/{session}/consents")).json(&given);
    let given: Value = given.send().await.expect("answers").json().await.expect("JSON");
    let gallery = http.get(format!("{base}/api/v1/sessions/{session}/photos")).send().await.expect("answers");
    let gallery: Value = gallery.json().await.expect("JSON");
    let mut guest = Guest {
        http,
        session,
        photo: gallery["photos"][0]["photo_id"].as_str().expect("is in the gallery").to_owned(),
        consent: given["consent_id"].as_str().expect("an id").to_owned(),
        cookie: String::new(),
    };
    // By the first answer the guest is known from then on.
    let first = guest.write(&base, "How lovely!").await.expect("the server answers");

    let mut kept = BTreeSet::from([(first, "How lovely!".to_owned())]);
    for number in 0..COMMENTS {
        let words = format!("Wish number {number}");
        let wait = Duration::from_millis(random.random_range(0..25));
        let written = tokio::select! {
            written = guest.write(&base, &words) => written,
            () = tokio::time::sleep(wait) => None,
        };
        base = kill(&pixora, &mut server);
        let again = guest.write(&base, &words).await.expect("the server answers");
        if let Some(written) = written {
            assert_eq!(again, written, "what was acknowledged is there, and is not written twice");
        }
        if number % 3 == 0 {
            let path = format!("comments/{again}");
            let gone = guest.ask(&base, Method::DELETE, &path, None).await.expect("the server answers");
            assert!(gone.status().is_success(), "{}", gone.status());
            base = kill(&pixora, &mut server);
        } else {
            kept.insert((again, words));
        }
    }
    let shown = guest.shown(&base).await;
    assert_eq!(shown.len(), kept.len(), "{shown:?}");
    assert_eq!(BTreeSet::from_iter(shown), kept);
}
