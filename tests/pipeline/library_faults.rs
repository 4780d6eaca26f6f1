//! What goes wrong between a sync and its bucket: a line in front of the tests' store makes the trouble.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::Response,
};
use pixora::blobs::S3Bucket;
use reqwest::Client;
use serde_json::Value;

use crate::{
    library::{Studio, answer, picture, settings},
    s3,
    support::Pixora,
};

/// The trouble of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Trouble {
    None,
    /// The listing ends at this page, counted from 1, with an error of the store.
    ListingBreaksAt(usize),
    /// The same with a connection that ends in the middle of the answer.
    ListingIsCutAt(usize),
    /// From this page on, and for every object, the credentials are not good any more.
    ExpiredFrom(usize),
    /// The object of this name is another one by the time that it is read.
    ChangesWhenRead(String),
}

#[derive(Debug)]
struct State {
    trouble: Trouble,
    /// Pages of the present listing that were answered.
    pages: usize,
    /// Requests for pages, those that were asked for again too.
    asked: usize,
}

/// A line to the store with two keys on a page.
#[derive(Clone)]
struct Line {
    bucket: S3Bucket,
    state: Arc<Mutex<State>>,
}

const EXPIRED: &str = "<?xml version=\"1.0\"?><Error><Code>ExpiredToken</Code><Message>The provided token has \
     expired.</Message></Error>";

impl Line {
    async fn lay(bucket: &S3Bucket) -> (Self, String) {
        let state = State { trouble: Trouble::None, pages: 0, asked: 0 };
        let line = Self { bucket: bucket.clone(), state: Arc::new(Mutex::new(state)) };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("is bound"));
        let passing = line.clone();
        let pass = async move |method: Method, uri: Uri, headers: HeaderMap| {
            passing.pass(method, uri, headers).await
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(pass)).await });
        (line, address)
    }

    fn make(&self, trouble: Trouble) {
        *self.state.lock().expect("is not poisoned") = State { trouble, pages: 0, asked: 0 };
    }

    fn asked(&self) -> usize {
        self.state.lock().expect("is not poisoned").asked
    }

    async fn pass(&self, method: Method, uri: Uri, headers: HeaderMap) -> Response {
        let query = uri.query().unwrap_or_default();
        if query.contains("list-type=2") {
            return self.page(method, &uri, headers).await;
        }
        let trouble = self.state.lock().expect("is not poisoned").trouble.clone();
        match trouble {
            Trouble::ExpiredFrom(_) => return refused(),
            Trouble::ChangesWhenRead(name) if uri.path().ends_with(&name) => {
                self.make(Trouble::None);
                put(&self.bucket, uri.path(), picture(4711)).await;
            }
            _ => {}
        }
        self.on(method, &uri.to_string(), headers).await
    }

    async fn page(&self, method: Method, uri: &Uri, headers: HeaderMap) -> Response {
        let is_first = !uri.query().unwrap_or_default().contains("continuation-token");
        let (trouble, page) = {
            let mut state = self.state.lock().expect("is not poisoned");
            state.asked += 1;
            if is_first {
                state.pages = 0;
            }
            (state.trouble.clone(), state.pages + 1)
        };
        match trouble {
            Trouble::ListingBreaksAt(at) if page == at => {
                return answer(StatusCode::INTERNAL_SERVER_ERROR, HeaderMap::new(), Body::from("broken"));
            }
            Trouble::ExpiredFrom(from) if page >= from => return refused(),
            _ => {}
        }
        let two = uri.to_string().replace("max-keys=1000", "max-keys=2");
        let mut whole = self.on(method, &two, headers).await;
        if trouble == Trouble::ListingIsCutAt(page) {
            let body =
                axum::body::to_bytes(std::mem::take(whole.body_mut()), 1 << 20).await.expect("comes whole");
            let half: Vec<Result<Bytes, std::io::Error>> =
                vec![Ok(body.slice(..body.len() / 2)), Err(std::io::ErrorKind::ConnectionReset.into())];
            return answer(StatusCode::OK, HeaderMap::new(), Body::from_stream(futures::stream::iter(half)));
        }
        self.state.lock().expect("is not poisoned").pages = page;
        whole
    }

    async fn on(&self, method: Method, path: &str, headers: HeaderMap) -> Response {
        let endpoint = self.bucket.endpoint.as_deref().unwrap_or_default();
        let mut request = Client::new().request(method, format!("{endpoint}{path}"));
        for (name, value) in headers.iter().filter(|(name, _)| *name != header::HOST) {
            request = request.header(name, value);
        }
        let found = request.send().await.expect("the store answers");
        let (status, headers) = (found.status(), found.headers().clone());
        answer(status, headers, Body::from(found.bytes().await.expect("comes whole")))
    }
}

fn refused() -> Response {
    answer(StatusCode::FORBIDDEN, HeaderMap::new(), Body::from(EXPIRED))
}

/// The tests' store asks that somebody signs, and does not look who.
const SIGNED: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00";

async fn put(bucket: &S3Bucket, path: &str, bytes: Vec<u8>) {
    let endpoint = bucket.endpoint.as_deref().unwrap_or_default();
    let request =
        Client::new().put(format!("{endpoint}{path}")).header(header::AUTHORIZATION, SIGNED).body(bytes);
    assert!(request.send().await.expect("the store answers").status().is_success(), "{path}");
}

async fn remove(bucket: &S3Bucket, path: &str) {
    let endpoint = bucket.endpoint.as_deref().unwrap_or_default();
    let request = Client::new().delete(format!("{endpoint}{path}")).header(header::AUTHORIZATION, SIGNED);
    assert!(request.send().await.expect("the store answers").status().is_success(), "{path}");
}

/// A studio with this many pictures in a bucket behind a line.
async fn studio<'a>(pixora: &'a Pixora, bucket: &S3Bucket, pictures: usize) -> (Studio<'a>, Line, String) {
    let session = pixora.session("Behind a line");
    let folder = format!("/{}/{}/{session}", bucket.name, bucket.prefix);
    for number in 0..pictures {
        put(bucket, &format!("{folder}/IMG_{number:02}.jpg"), picture(number)).await;
    }
    let (line, address) = Line::lay(bucket).await;
    settings(
        pixora,
        &format!(
            "PIXORA_LIBRARY_URL = 's3://{}/{}/{{session_id}}/'\nPIXORA_LIBRARY_S3_ENDPOINT = '{address}'\n\
             PIXORA_LIBRARY_S3_ACCESS_KEY_ID = 'reader'\nPIXORA_LIBRARY_S3_SECRET_ACCESS_KEY = 'password'\n\
             PIXORA_LIBRARY_SYNC_SECONDS = 3600\n",
            bucket.name, bucket.prefix
        ),
    );
    (Studio::new(pixora, session).await, line, folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_breaks_at_page_7_takes_nothing_away_and_the_next_one_does_the_rest() {
    const PICTURES: usize = 16;
    let Some(pixora) = Pixora::new() else { return };
    let Some(bucket) = s3::bucket() else { return };
    let (studio, line, folder) = studio(&pixora, &bucket, PICTURES).await;
    for trouble in [Trouble::ListingBreaksAt(7), Trouble::ListingIsCutAt(7)] {
        line.make(trouble.clone());
        let state = studio.sync().await;
        assert_eq!(
            (&state["code"], &state["is_running"]),
            (&"library_unavailable".into(), &false.into()),
            "{state}"
        );
        assert_eq!(
            studio.photos().await.len(),
            12,
            "{trouble:?}: what stands before page 7 is there: {state}"
        );
        assert!(line.asked() > 7, "a page that does not come is asked for again: {}", line.asked());
    }

    line.make(Trouble::None);
    let state = studio.sync().await;
    assert_eq!((&state["photos"], &state["code"]), (&PICTURES.into(), &Value::Null), "{state}");
    let whole = studio.photos().await;
    assert_eq!(whole.len(), PICTURES);

    // What was removed there is not taken for removed before a whole listing has said so, nor is the rest.
    remove(&bucket, &format!("{folder}/IMG_00.jpg")).await;
    line.make(Trouble::ListingBreaksAt(7));
    assert_eq!(studio.sync().await["code"], "library_unavailable");
    assert_eq!(studio.photos().await, whole);
    line.make(Trouble::None);
    assert_eq!(studio.sync().await["code"], Value::Null);
    let expected: BTreeMap<String, String> =
        whole.into_iter().filter(|(name, _)| name != "IMG_00.jpg").collect();
    assert_eq!(studio.photos().await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_expire_have_a_code_of_their_own_and_cost_nothing() {
    let Some(pixora) = Pixora::new() else { return };
    let Some(bucket) = s3::bucket() else { return };
    let (studio, line, folder) = studio(&pixora, &bucket, 6).await;
    assert_eq!(studio.sync().await["code"], Value::Null);
    let photos = studio.photos().await;
    put(&bucket, &format!("{folder}/IMG_90.jpg"), picture(90)).await;
    for from in [1, 3] {
        line.make(Trouble::ExpiredFrom(from));
        let state = studio.sync().await;
        assert_eq!(state["code"], "library_access_denied", "{state}");
        assert_eq!(studio.photos().await, photos);
    }
    let original = studio.original(&photos["IMG_01.jpg"]).await;
    assert_eq!(original.status(), 503);
    assert!(original.headers().contains_key("retry-after"));

    // Renewed: everything is there at once.
    line.make(Trouble::None);
    assert_eq!(studio.sync().await["code"], Value::Null);
    assert_eq!(studio.photos().await.len(), 7);
    let original = studio.original(&photos["IMG_01.jpg"]).await;
    assert_eq!(original.bytes().await.expect("comes whole"), picture(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_changes_while_it_is_read_is_taken_in_by_the_next_sync() {
    let Some(pixora) = Pixora::new() else { return };
    let Some(bucket) = s3::bucket() else { return };
    let (studio, line, _) = studio(&pixora, &bucket, 4).await;
    line.make(Trouble::ChangesWhenRead("IMG_02.jpg".into()));
    let state = studio.sync().await;
    assert_eq!(state["code"], "library_changed", "{state}");
    assert_eq!(studio.photos().await.len(), 3, "the others are there");
    let state = studio.sync().await;
    assert_eq!((&state["photos"], &state["code"]), (&4.into(), &Value::Null), "{state}");
    let changed = studio.original(&studio.photos().await["IMG_02.jpg"]).await;
    assert_eq!(changed.bytes().await.expect("comes whole"), picture(4711));
}
