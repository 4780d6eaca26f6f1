use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use pixora::{
    accounts::{Client, NewUser},
    app::{self, App, Engine, Parts},
    blobs::{BlobKey, Blobs, Spool},
    config::{self, ConfigArgs, Secret, Settings},
    domain::{
        Derivative, FaceId, FaceRow, GalleryTerms, Mail, Photo, PhotoFacts, PhotoId, PhotoSession,
        PhotoSessionId, RelativeBox, Role, StudioId, UserId,
    },
    events::{Events, Limits},
    http,
    imaging::Header,
    index::ExactIndex,
    jobs::Jobs,
    photo_sessions::{ExternalSource, OwnSource, SessionSource, SourceError},
    photos::{Eraser, FaceFinder, FindError, Found, LibraryPlaces, PhotoFaces},
    push::PushKeys,
    search::{Asker, Followed, Match, Probing, SearchAnswer, SearchError, SearchRequest, SelfieSearch},
    secrets::LinkSigner,
    shop::{PaymentProvider, Stripe},
    store::{Completed, ExternalDatabase, JobKind, NewPhoto, Processed, Queue, Received, Store},
    usage::Usage,
    webhooks::Target,
};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use sqlx::{AnyConnection, Connection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::JoinHandle,
};
use uuid::Uuid;

use crate::database::database_url;

/// What the fake search does next; [`SearchError::NoFace`] until told.
type Script = dyn FnMut(SearchRequest) -> Result<SearchAnswer, SearchError> + Send;

/// A search that does what the test says.
pub struct FakeSearch {
    script: Mutex<Box<Script>>,
    /// What a repeated search finds.
    pub again: Mutex<Vec<Match>>,
    /// The embedders, the one that answers first.
    pub models: Mutex<Vec<String>>,
    pub loaded: AtomicBool,
    /// How long there is too much to do, if there is.
    pub full: Mutex<Option<Duration>>,
}

impl FakeSearch {
    pub fn answer(
        &self,
        script: impl FnMut(SearchRequest) -> Result<SearchAnswer, SearchError> + Send + 'static,
    ) {
        *self.script.lock().unwrap() = Box::new(script);
    }
}

#[async_trait]
impl SelfieSearch for FakeSearch {
    async fn search(&self, request: SearchRequest) -> Result<SearchAnswer, SearchError> {
        (self.script.lock().unwrap_or_else(std::sync::PoisonError::into_inner))(request)
    }

    fn admits(&self, _: PhotoSessionId, _: Asker) -> Result<(), SearchError> {
        match *self.full.lock().unwrap() {
            None => Ok(()),
            Some(retry_after) => Err(SearchError::QueueFull { retry_after }),
        }
    }

    async fn again(&self, _: &Followed) -> Result<Vec<Match>, SearchError> {
        Ok(self.again.lock().unwrap().clone())
    }

    async fn models(&self, _: PhotoSessionId) -> Result<Vec<String>, SearchError> {
        Ok(self.models.lock().unwrap().clone())
    }

    async fn health(&self) -> Result<(), String> {
        if self.loaded.load(Ordering::SeqCst) { Ok(()) } else { Err("unloaded by the test".into()) }
    }
}

/// Finds what the test says, and notes whose vectors it has.
#[derive(Default)]
pub struct FakeFinder {
    /// The faces of the next pictures.
    pub faces: Mutex<Vec<[f32; 4]>>,
    pub models: Mutex<Vec<String>>,
    pub vectors: Mutex<std::collections::HashSet<FaceId>>,
    pub looked: AtomicI64,
    /// What goes wrong next.
    pub fails: Mutex<Option<FindError>>,
}

#[async_trait]
impl FaceFinder for FakeFinder {
    async fn models(&self) -> Result<Vec<String>, FindError> {
        Ok(self.models.lock().unwrap().clone())
    }

    async fn look(&self, photo: PhotoId, _: Bytes, header: Header) -> Result<Found, FindError> {
        self.looked.fetch_add(1, Ordering::SeqCst);
        if let Some(error) = self.fails.lock().unwrap().take() {
            return Err(error);
        }
        let (models, faces) = (self.models.lock().unwrap().clone(), self.faces.lock().unwrap().clone());
        let (width, height) = header.upright_size();
        let seen = models.into_iter().map(|model| {
            let rows = faces_of(photo, &model, &faces);
            (model, rows)
        });
        Ok(Found { width, height, faces: seen.collect() })
    }

    async fn write(&self, _: PhotoSessionId, faces: &PhotoFaces) -> Result<(), FindError> {
        let faces = faces.iter().flat_map(|(_, rows)| rows).map(|face| face.id);
        self.vectors.lock().unwrap().extend(faces);
        Ok(())
    }

    async fn take_back(&self, _: PhotoSessionId, faces: &[FaceId]) -> Result<(), FindError> {
        let mut vectors = self.vectors.lock().unwrap();
        vectors.retain(|face| !faces.contains(face));
        Ok(())
    }
}

/// Our own sessions, behind a switch.
pub struct SwitchedSource {
    own: OwnSource,
    pub down: AtomicBool,
}

impl SwitchedSource {
    fn check(&self) -> Result<(), SourceError> {
        if self.down.load(Ordering::SeqCst) {
            let reason = "postgres://user:hunter2@db.internal/main refused".to_owned();
            return Err(SourceError { source_name: "switched", reason });
        }
        Ok(())
    }
}

#[async_trait]
impl SessionSource for SwitchedSource {
    fn name(&self) -> &'static str {
        "switched"
    }

    async fn get(&self, id: PhotoSessionId) -> Result<Option<PhotoSession>, SourceError> {
        self.check()?;
        self.own.get(id).await
    }

    async fn list(&self) -> Result<Vec<PhotoSession>, SourceError> {
        self.check()?;
        self.own.list().await
    }

    async fn health(&self) -> Result<(), SourceError> {
        self.check()
    }
}

pub struct TestApp {
    pub url: String,
    pub app: Arc<App>,
    pub search: Arc<FakeSearch>,
    pub finder: Arc<FakeFinder>,
    /// Where the searches of open pages stay.
    pub probing: Probing,
    pub eraser: Eraser,
    pub source: Arc<SwitchedSource>,
    /// Seconds that the session cache's clock is ahead.
    pub ahead: Arc<AtomicI64>,
    client: reqwest::Client,
    pub stop: tokio_util::sync::CancellationToken,
    pub server: JoinHandle<()>,
    pub data: tempfile::TempDir,
}

/// Of the bot of the tests; invented.
pub const BOT_TOKEN: &str = "123456:an-invented-token_of-the-usual-length";

/// Of every user of the tests.
pub const PASSWORD: &str = "an invented password";

pub struct TestUser {
    pub id: UserId,
    pub role: Role,
    pub email: String,
    pub access_token: String,
    pub refresh_token: String,
    pub csrf: String,
}

pub async fn start() -> TestApp {
    start_beside(None).await
}

/// The same, with more sessions in the studio's own database.
pub async fn start_beside(external: Option<ExternalDatabase>) -> TestApp {
    start_with(external, None).await
}

/// The same, with payments by a Stripe at this address.
pub async fn start_with_payments(api_url: &str, secret_key: &str, webhook_secret: &str) -> TestApp {
    let stripe = Stripe::new(secret_key.into(), webhook_secret.into(), api_url.into());
    start_with_provider(Arc::new(stripe.expect("there are certificates"))).await
}

/// The same, with another way to pay.
pub async fn start_with_provider(provider: Arc<dyn PaymentProvider>) -> TestApp {
    start_with(None, Some(provider)).await
}

/// Two nodes on one PostgreSQL, with the same files and keys; `None` where the tests run on SQLite.
pub async fn start_two() -> Option<(TestApp, TestApp)> {
    std::env::var_os("PIXORA_TEST_DATABASE_URL")?;
    let first = start().await;
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    let (from, to) = (first.data.path(), data.path());
    std::fs::copy(from.join("database-url"), to.join("database-url")).expect("its address is noted");
    for folder in ["blobs", "keys"] {
        std::os::unix::fs::symlink(from.join(folder), to.join(folder)).expect("can be linked");
    }
    let second = start_in(data, None, None, |_| ()).await;
    Some((first, second))
}

async fn start_with(
    external: Option<ExternalDatabase>,
    payments: Option<Arc<dyn PaymentProvider>>,
) -> TestApp {
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    start_in(data, external, payments, |_| ()).await
}

/// The same, on an installation that sends no mail.
pub async fn start_without_mail() -> TestApp {
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    start_in(data, None, None, |settings| settings.smtp = None).await
}

/// The same, of which cameras may be told that it speaks FTP.
pub async fn start_with_ftp() -> TestApp {
    let data = tempfile::tempdir().expect("a temporary folder can be made");
    let (bind, ports) = ("0.0.0.0:2121".parse().expect("an address"), 50_000..=50_099);
    let ftp = config::FtpSettings { bind, ports, address: None, requires_tls: false };
    start_in(data, None, None, |settings| settings.ftp = Some(ftp)).await
}

/// Those of an installation with a bot and mail; neither is there, and what the tests do not start does not ask.
fn settings(data: &tempfile::TempDir) -> Settings {
    let mut settings = Settings::load(&ConfigArgs {
        data_dir: Some(data.path().display().to_string()),
        public_url: Some("https://photos.example".into()),
        ..Default::default()
    })
    .expect("the settings are valid");
    settings.telegram = Some(config::Telegram {
        token: Secret::new(BOT_TOKEN.into()),
        api_url: "http://127.0.0.1:9".parse().expect("an address"),
        webhook: true,
    });
    settings.smtp = Some(config::Smtp {
        url: Secret::new("smtp://127.0.0.1:9".into()),
        from: "Studio Example <photos@studio.example>".into(),
    });
    settings
}

/// Parts with room for few watchers, so that a test can fill it, and a clock that a test can put forward.
async fn parts(
    settings: &Settings,
    external: Option<ExternalDatabase>,
    ahead: &Arc<AtomicI64>,
) -> (Parts, Arc<SwitchedSource>) {
    let store = Store::open(&database_url(&settings.data_dir).await).await.expect("the database opens");
    // Files on the S3 of that address instead, so that the same tests run on both.
    let blobs = match std::env::var("PIXORA_TEST_STORAGE_URL") {
        Ok(url) => Blobs::open_s3(&crate::bucket::bucket_at(&url)).expect("certificates are there"),
        Err(_) => Blobs::open_folder(settings.data_dir.join("blobs")).expect("the folder can be made"),
    };
    let source =
        Arc::new(SwitchedSource { own: OwnSource::new(store.clone()), down: AtomicBool::new(false) });
    let mut sources: Vec<Arc<dyn SessionSource>> = vec![source.clone()];
    sources.extend(external.clone().map(|database| Arc::new(ExternalSource::new(database)) as _));
    let ahead = ahead.clone();
    let parts = Parts {
        jobs: Jobs::new(store.clone(), "test"),
        spool: Spool::open(settings.data_dir.join("uploads")).expect("the folder can be made"),
        events: Events::new(Limits {
            per_topic: 3,
            per_address: 50,
            guests: 100,
            per_account: 5,
            accounts: 20,
        }),
        outside: Target::with_lookup(false, Arc::new(|host| Box::pin(lookup(host)))),
        target: Target::with_lookup(false, Arc::new(|host| Box::pin(lookup(host)))),
        // What is in DNS a test says itself.
        texts: Arc::new(|_| Box::pin(std::future::ready(Ok(Vec::new())))),
        clock: Arc::new(move || Utc::now() + TimeDelta::seconds(ahead.load(Ordering::SeqCst))),
        store,
        blobs,
        sources,
        external,
        libraries: LibraryPlaces { of: Arc::new(|_| Vec::new()), bases: Vec::new(), roots: Vec::new() },
    };
    (parts, source)
}

async fn start_in(
    data: tempfile::TempDir,
    external: Option<ExternalDatabase>,
    payments: Option<Arc<dyn PaymentProvider>>,
    change: impl FnOnce(&mut Settings),
) -> TestApp {
    pixora::tls::install_provider();
    let mut settings = settings(&data);
    change(&mut settings);
    let search = Arc::new(FakeSearch {
        script: Mutex::new(Box::new(|_| Err(SearchError::NoFace))),
        again: Mutex::default(),
        models: Mutex::new(vec!["test".into()]),
        loaded: AtomicBool::new(true),
        full: Mutex::default(),
    });
    let ahead = Arc::new(AtomicI64::new(0));
    let (parts, source) = parts(&settings, external, &ahead).await;
    let probing = Probing::default();
    let finder = Arc::new(FakeFinder { models: Mutex::new(vec!["test".into()]), ..FakeFinder::default() });
    let engine = Engine {
        index: Arc::new(ExactIndex::new(4)),
        search: search.clone(),
        finder: finder.clone(),
        probing: probing.clone(),
        usage: Usage::new(parts.store.clone()),
        links: LinkSigner::open(&data.path().join("keys/links.json")).expect("the key can be made"),
        push_keys: Arc::new(
            PushKeys::open(&data.path().join("keys/push.json")).expect("the key can be made"),
        ),
        payments: payments.into_iter().collect(),
    };
    let app = app::build(&parts, engine, settings).expect("keys and threads are there");
    let eraser = app.eraser.clone();
    let stop = tokio_util::sync::CancellationToken::new();
    let (url, server) = serve(app.clone(), stop.clone()).await;
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    TestApp { url, app, search, finder, probing, eraser, source, ahead, client, stop, server, data }
}

/// The names that the tests know; none of them is asked for outside.
async fn lookup(host: String) -> std::io::Result<Vec<IpAddr>> {
    match host.as_str() {
        "hooks.example" => Ok(vec![IpAddr::from([1, 1, 1, 1])]),
        "inside.example" => Ok(vec![IpAddr::from([10, 0, 0, 1])]),
        _ => Err(std::io::ErrorKind::NotFound.into()),
    }
}

/// Serves an application on a free port; returns its address and the task that ends with `stop`.
pub async fn serve(app: Arc<App>, stop: tokio_util::sync::CancellationToken) -> (String, JoinHandle<()>) {
    serve_under(app, http::Limits::default(), stop).await
}

/// The same with other limits for its clients.
pub async fn serve_under(
    app: Arc<App>,
    limits: http::Limits,
    stop: tokio_util::sync::CancellationToken,
) -> (String, JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    (url, tokio::spawn(http::serve(listener, http::router(app), limits, stop.cancelled_owned())))
}

impl TestApp {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("the server answers")
    }

    pub async fn get_json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.expect("JSON")
    }

    /// As [`get_json`](Self::get_json), for somebody who is signed in.
    pub async fn get_as(&self, user: &TestUser, path: &str) -> Value {
        let request = self.request(Method::GET, path).bearer_auth(&user.access_token);
        let response = request.send().await.expect("the server answers");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.expect("JSON")
    }

    /// Sends a path as it is: HTTP clients would tidy it up first.
    pub async fn raw_get(&self, path: &str) -> String {
        let mut stream =
            tokio::net::TcpStream::connect(self.url.trim_start_matches("http://")).await.expect("connects");
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sends");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("receives");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Lets the session cache's time pass.
    pub fn later(&self, seconds: i64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The mails that wait to be sent.
    pub async fn mails(&self) -> Vec<Mail> {
        let tomorrow = Utc::now() + TimeDelta::days(1);
        let queued = self.app.store.mails().lease_due(1_000, Duration::ZERO, tomorrow).await;
        queued.expect("can be read").into_iter().map(|queued| queued.mail).collect()
    }

    /// As if the mail server had taken every mail that waits.
    pub async fn send_mails(&self) {
        let later = self.app.now() + TimeDelta::days(9);
        for mail in self.app.store.mails().lease_due(1_000, Duration::ZERO, later).await.expect("can be read")
        {
            self.app.store.mails().sent(mail.id).await.expect("can be written");
        }
    }

    /// An open session.
    pub async fn session(&self) -> PhotoSessionId {
        self.session_named("Anna & Ivan").await
    }

    pub async fn session_named(&self, name: &str) -> PhotoSessionId {
        let session = PhotoSession {
            id: PhotoSessionId::generate(),
            name: name.into(),
            description: Some("By the lake".into()),
            studio_id: self.studio().await,
            photographer_id: Some(Uuid::now_v7()),
            status: pixora::domain::SessionStatus::Active,
            gallery_open: true,
            face_search: true,
            terms: GalleryTerms::default(),
            scheduled_at: Some(created_at()),
            time_zone: None,
            completed_at: None,
            created_at: created_at(),
            updated_at: created_at(),
        };
        self.app.store.sessions().create(&session).await.expect("is created");
        session.id
    }

    pub async fn studio(&self) -> StudioId {
        self.app.store.sessions().default_studio(created_at()).await.expect("is made")
    }

    /// Somebody with an account, signed in; members of the studio get it by [`TestApp::studio`].
    pub async fn user(&self, role: Role, studios: &[StudioId]) -> TestUser {
        let email = format!("{}@example.com", Uuid::now_v7().simple());
        let new = NewUser {
            email: Some(email.clone()),
            phone: None,
            name: format!("Test {role}"),
            role,
            password: PASSWORD.into(),
            studios: studios.to_vec(),
        };
        let user = self.app.accounts.add_user(new).await.expect("is made");
        // An address of its own: the throttle is not what most tests are about.
        let bits = user.id.0.as_u128().to_be_bytes();
        let client = Client { ip: [10, bits[13], bits[14], bits[15]].into(), user_agent: "test".into() };
        let signed_in = self.app.accounts.sign_in(&email, PASSWORD.into(), &client).await.expect("signs in");
        TestUser {
            id: user.id,
            role,
            email,
            access_token: signed_in.access_token,
            refresh_token: signed_in.refresh_token,
            csrf: signed_in.csrf,
        }
    }

    /// Sends JSON as somebody who is signed in.
    pub async fn send_as(&self, user: &TestUser, method: Method, path: &str, body: Value) -> Response {
        let request = self.request(method, path).bearer_auth(&user.access_token).json(&body);
        request.send().await.expect("the server answers")
    }

    /// An open session that `photographer` manages.
    pub async fn session_of(&self, photographer: &TestUser, studio: StudioId) -> PhotoSessionId {
        let session = PhotoSession {
            id: PhotoSessionId::generate(),
            name: "Anna & Ivan".into(),
            description: None,
            studio_id: studio,
            photographer_id: Some(photographer.id.0),
            status: pixora::domain::SessionStatus::Active,
            gallery_open: true,
            face_search: true,
            terms: GalleryTerms::default(),
            scheduled_at: None,
            time_zone: None,
            completed_at: None,
            created_at: created_at(),
            updated_at: created_at(),
        };
        self.app.store.sessions().create(&session).await.expect("is created");
        session.id
    }

    /// A look into the database that does not pass through the store.
    pub async fn rows(&self) -> AnyConnection {
        let url = database_url(self.data.path()).await;
        AnyConnection::connect(&url).await.expect("the database answers")
    }

    pub async fn other_studio(&self) -> StudioId {
        let studio = StudioId::generate();
        sqlx::query("INSERT INTO studios (id, name, created_at) VALUES ($1, 'Another studio', $2)")
            .bind(studio.to_string())
            .bind(created_at().timestamp_micros())
            .execute(&mut self.rows().await)
            .await
            .expect("is made");
        studio
    }

    pub async fn set_facepass(&self, session: PhotoSessionId, enabled: bool) {
        let store = &self.app.store;
        assert!(
            store
                .sessions()
                .set_switches(session, Some(enabled), Some(enabled), created_at())
                .await
                .expect("is written")
        );
    }

    /// A photo that has been through the pipeline; the picture of each size is the text `{size} px`.
    pub async fn photo(&self, session: PhotoSessionId, filename: &str) -> Photo {
        self.photo_with(session, filename, PhotoFacts::default()).await
    }

    /// The same, of whose file something is known.
    pub async fn photo_with(&self, session: PhotoSessionId, filename: &str, facts: PhotoFacts) -> Photo {
        self.photo_of(session, filename, facts, &[]).await
    }

    /// The same, showing these faces, side by side, under the model `test`.
    pub async fn photo_showing(&self, session: PhotoSessionId, filename: &str, faces: &[[f32; 4]]) -> Photo {
        self.photo_of(session, filename, PhotoFacts::default(), faces).await
    }

    async fn photo_of(
        &self,
        session: PhotoSessionId,
        filename: &str,
        facts: PhotoFacts,
        faces: &[[f32; 4]],
    ) -> Photo {
        let id = self.queued_photo(session, filename).await;
        self.processed(id, facts, faces).await
    }

    /// Does the pipeline's work for a photo that came in.
    pub async fn make_ready(&self, photo: PhotoId) -> Photo {
        self.processed(photo, PhotoFacts::default(), &[]).await
    }

    /// A photo goes through the pipeline once more, and this is known of its file now.
    pub async fn processed_again(&self, id: PhotoId, facts: PhotoFacts) -> Photo {
        let jobs = self.app.store.jobs();
        jobs.enqueue(JobKind::ProcessPhoto, id.0, created_at()).await.expect("is queued");
        self.processed(id, facts, &[]).await
    }

    async fn processed(&self, id: PhotoId, facts: PhotoFacts, faces: &[[f32; 4]]) -> Photo {
        let queued = self.app.store.photos().get(id).await.expect("is read").expect("is there");
        let (session, filename) = (queued.photo_session_id, queued.filename.as_str());
        let queue = Queue { kind: JobKind::ProcessPhoto, owner: "test" };
        let jobs = self
            .app
            .store
            .jobs()
            .lease(queue, 100, Duration::from_secs(60), Utc::now())
            .await
            .expect("leases");
        let job = jobs.iter().find(|job| job.subject == id.0).expect("the photo's job is due");
        let mut derivatives = Vec::new();
        for (size, hash) in
            [(320, "00000000000000a1"), (1024, "00000000000000b2"), (2048, "00000000000000c3")]
        {
            let derivative = Derivative { size, width: size, height: size / 2, hash: hash.into() };
            let key = BlobKey::derivative(session, id, &derivative).expect("the hash is one");
            self.app.blobs.put(key, format!("{size} px")).await.expect("is written");
            derivatives.push(derivative);
        }
        let number = filename.bytes().map(u32::from).sum::<u32>() % 1000;
        let made = Processed {
            original: id,
            began: Utc::now(),
            width: 4000,
            height: 2000,
            taken_at: NaiveDate::from_ymd_opt(2026, 6, 20)
                .and_then(|day| day.and_hms_milli_opt(17, 0, 0, number)),
            facts,
            thumbhash: Some(vec![1, 2, 3]),
            derivatives,
            files: Vec::new(),
            model: "test".into(),
            faces: faces_of(id, "test", faces),
            also: Vec::new(),
        };
        let completed = self.app.store.photos().complete(id, &made, job.id).await.expect("is written");
        assert_eq!(completed, Completed::Done);
        self.app.store.photos().get(id).await.expect("is read").expect("is there")
    }

    /// A photo that waits for the pipeline.
    pub async fn queued_photo(&self, session: PhotoSessionId, filename: &str) -> PhotoId {
        let photo = NewPhoto {
            id: PhotoId::generate(),
            photo_session_id: session,
            guest_id: None,
            is_selected: true,
            filename: filename.into(),
            sha256: format!("{:064x}", PhotoId::generate().0.as_u128()),
            bytes: 1,
            media_type: "image/jpeg".into(),
            width: 4000,
            height: 2000,
            taken_at: None,
            camera: None,
            crc32: None,
            header: None,
            replaces: false,
        };
        let received = self.app.store.photos().receive(&photo, Utc::now()).await.expect("is written");
        assert_eq!(received, Received::Stored(photo.id));
        photo.id
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Faces of a photo side by side, as rows; a vector of length 1 each.
pub fn faces_of(photo: PhotoId, model: &str, vectors: &[[f32; 4]]) -> Vec<FaceRow> {
    let row = |(number, vector): (usize, &[f32; 4])| FaceRow {
        id: FaceId::derive(photo, number as u32, model),
        photo_id: photo,
        number: number as u32,
        model: model.into(),
        rect: RelativeBox { x: 0.1 + 0.2 * number as f32, y: 0.25, w: 0.125, h: 0.25 },
        quality: 0.9,
        embedding: vector.to_vec(),
    };
    vectors.iter().enumerate().map(row).collect()
}

pub fn created_at() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_771_437_351_746_000).expect("in range")
}

/// Checks that the answer is a whole RFC 9457 problem with this status and code.
pub async fn assert_problem(response: Response, status: u16, code: &str) -> Value {
    assert_eq!(response.status(), status, "status of {code}");
    let header = |name: &str| {
        response.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
    };
    assert_eq!(header("content-type"), "application/problem+json");
    assert_eq!(header("cache-control"), "no-store");
    let request_id = header("x-request-id");
    if matches!(status, 429 | 503) {
        assert!(
            header("retry-after").parse::<u32>().is_ok_and(|seconds| seconds > 0),
            "{code} says when to retry"
        );
    }
    let problem: Value = response.json().await.expect("a problem is JSON");
    assert_eq!(problem["code"], code);
    assert_eq!(problem["status"], status);
    assert_eq!(problem["type"], format!("urn:pixora:problem:{code}"));
    assert_eq!(problem["request_id"], request_id.as_str());
    assert_eq!(problem["error"], problem["title"], "clients of the old systems read `error`");
    for member in ["title", "detail"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{code} has a {member}");
    }
    problem
}

/// Ids that are none.
pub const MALFORMED: [&str; 6] = [
    "1",
    "not-a-uuid",
    "0192f0c17a3b7c4d8e5f001122334455",
    "%7B0192f0c1-7a3b-7c4d-8e5f-001122334455%7D",
    "0192f0c1-7a3b-7c4d-8e5f-00112233445g",
    "%ff",
];
