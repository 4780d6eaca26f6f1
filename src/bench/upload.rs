//! How fast files come in over loopback: resumable, and as plain forms.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use reqwest::{
    Client, RequestBuilder, Response,
    multipart::{Form, Part},
};
use serde::Serialize;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    accounts::{self, NewUser},
    app::{Node, Parts},
    config::Settings,
    domain::{GalleryTerms, PhotoSession, PhotoSessionId, Role, SessionStatus},
    http,
};

/// Files on their way at the same time, as `pixora ingest` sends them.
const UPLOADS_AT_ONCE: usize = 4;
/// Each way in turn, so that a disturbance of the machine meets both.
const ROUNDS: u32 = 4;
const PASSWORD: &str = "an invented password";

/// Megabytes a second that are received, hashed, checked and safe on the disk.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct UploadSpeed {
    pub tus_mb_per_s: f64,
    /// The same files as forms of one file each, without a way to go on after a break.
    pub multipart_mb_per_s: f64,
    pub ratio: f64,
}

/// Serves a fresh data directory and sends it `files` both ways; the pipeline behind stands still.
///
/// # Errors
/// A sentence when the server does not start or does not take a file.
pub async fn measure_upload(
    settings: &Settings,
    directory: &Path,
    files: &[PathBuf],
) -> Result<UploadSpeed, String> {
    let settings = Settings { data_dir: directory.to_owned(), workers: 1, ..settings.clone() };
    let server = Server::start(settings).await?;
    let files = contents(files)?;
    let megabytes = files.iter().map(|file| file.len() as f64).sum::<f64>() / 1e6;
    let (mut tus, mut multipart) = (Duration::ZERO, Duration::ZERO);
    for round in 0..=ROUNDS {
        let resumable = server.round(Way::Tus, &files).await?;
        let plain = server.round(Way::Form, &files).await?;
        // The first round warms up: connections, the disk's cache, the database.
        if round > 0 {
            tus += resumable;
            multipart += plain;
        }
    }
    let speed = |wall: Duration| f64::from(ROUNDS) * megabytes / wall.as_secs_f64();
    server.stop().await?;
    Ok(UploadSpeed {
        tus_mb_per_s: speed(tus),
        multipart_mb_per_s: speed(multipart),
        ratio: speed(tus) / speed(multipart),
    })
}

pub(super) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// The files' bytes. From memory: the sender's disk is not what is measured.
pub(super) fn contents(files: &[PathBuf]) -> Result<Vec<Bytes>, String> {
    files.iter().map(|file| std::fs::read(file).map(Bytes::from).map_err(text)).collect()
}

/// A server on loopback over a data directory, and who sends to it.
pub(super) struct Server {
    pub(super) node: Node,
    pub(super) stop: CancellationToken,
    parts: Parts,
    http: Client,
    url: String,
    token: String,
    serving: JoinHandle<()>,
}

impl Server {
    pub(super) async fn start(settings: Settings) -> Result<Self, String> {
        let parts = Parts::open(&settings).await.map_err(text)?;
        let node = Node::open(settings, parts.clone()).await.map_err(text)?;
        let token = sign_in(&node).await?;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.map_err(text)?;
        let url = format!("http://{}", listener.local_addr().map_err(text)?);
        let stop = CancellationToken::new();
        let (router, stopped) = (http::router(node.app.clone()), stop.clone().cancelled_owned());
        let serving = tokio::spawn(http::serve(listener, router, http::Limits::default(), stopped));
        Ok(Self { node, stop, parts, http: Client::new(), url, token, serving })
    }

    /// Sends all files one way into a session of their own; how long it took.
    pub(super) async fn round(&self, way: Way, files: &[Bytes]) -> Result<Duration, String> {
        let session = session(&self.parts).await?;
        let started = Instant::now();
        let sent = stream::iter(files.iter().cloned().enumerate()).map(|(number, file)| async move {
            match way {
                Way::Tus => self.tus(session, file).await,
                Way::Form => self.form(session, file).await,
                Way::IndexOnly => self.index_only(session, number, file).await,
            }
        });
        sent.buffer_unordered(UPLOADS_AT_ONCE).try_collect::<Vec<()>>().await?;
        Ok(started.elapsed())
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Response, String> {
        let answer = request.bearer_auth(&self.token).send().await.map_err(text)?;
        answer.error_for_status().map_err(text)
    }

    async fn tus(&self, session: PhotoSessionId, file: Bytes) -> Result<(), String> {
        let [session, name] =
            [session.to_string().as_str(), "bench.jpg"].map(|text| BASE64_STANDARD.encode(text));
        let creation = self.http.post(format!("{}/api/uploads", self.url)).header("tus-resumable", "1.0.0");
        let creation = creation.header("upload-length", file.len());
        let metadata = format!("photo_session_id {session},filename {name}");
        let begun = self.answer(creation.header("upload-metadata", metadata)).await?;
        let location = begun.headers().get("location").and_then(|location| location.to_str().ok());
        // It is absolute.
        let part = self.http.patch(location.unwrap_or_default());
        let part = part.header("tus-resumable", "1.0.0").header("upload-offset", 0);
        let part = part.header("content-type", "application/offset+octet-stream").body(file);
        let ended = self.answer(part).await?;
        let stored = ended.headers().get("pixora-result").is_some_and(|result| result == "stored");
        stored.then_some(()).ok_or_else(|| "a generated photo was not stored".to_owned())
    }

    async fn form(&self, session: PhotoSessionId, file: Bytes) -> Result<(), String> {
        let length = file.len() as u64;
        let form = Form::new().part("photo", Part::stream_with_length(file, length).file_name("bench.jpg"));
        let url = format!("{}/api/photo-sessions/{session}/photos", self.url);
        let answer: serde_json::Value =
            self.answer(self.http.post(url).multipart(form)).await?.json().await.map_err(text)?;
        let stored = answer["results"][0]["result"] == "stored";
        stored.then_some(()).ok_or_else(|| "a generated photo was not stored".to_owned())
    }

    async fn index_only(&self, session: PhotoSessionId, number: usize, file: Bytes) -> Result<(), String> {
        let url = format!("{}/api/v1/sessions/{session}/photos/bench-{number}", self.url);
        let request = self.http.put(url).header("content-type", "image/jpeg").body(file);
        let answer: serde_json::Value = self.answer(request).await?.json().await.map_err(text)?;
        let is_found = answer["state"] == "indexed" && answer["faces"].is_array();
        is_found.then_some(()).ok_or_else(|| "a generated photo was not indexed".to_owned())
    }

    pub(super) async fn stop(self) -> Result<(), String> {
        self.stop.cancel();
        self.serving.await.map_err(text)
    }
}

async fn sign_in(node: &Node) -> Result<String, String> {
    let email = "bench@example.com".to_owned();
    let new = NewUser {
        email: Some(email.clone()),
        phone: None,
        name: "Bench".to_owned(),
        role: Role::SuperAdmin,
        password: PASSWORD.to_owned(),
        studios: Vec::new(),
    };
    node.app.accounts.add_user(new).await.map_err(text)?;
    let client = accounts::Client { ip: [127, 0, 0, 1].into(), user_agent: "pixora bench".to_owned() };
    let signed_in = node.app.accounts.sign_in(&email, PASSWORD.to_owned(), &client).await.map_err(text)?;
    Ok(signed_in.access_token)
}

pub(super) async fn session(parts: &Parts) -> Result<PhotoSessionId, String> {
    let now = parts.now();
    let session = PhotoSession {
        id: PhotoSessionId::generate(),
        name: "Bench".to_owned(),
        description: None,
        studio_id: parts.store.sessions().default_studio(now).await.map_err(text)?,
        photographer_id: None,
        status: SessionStatus::Active,
        gallery_open: false,
        face_search: false,
        terms: GalleryTerms::default(),
        scheduled_at: None,
        time_zone: None,
        completed_at: None,
        created_at: now,
        updated_at: now,
    };
    parts.store.sessions().create(&session).await.map_err(text)?;
    Ok(session.id)
}

#[derive(Clone, Copy)]
pub(super) enum Way {
    Tus,
    Form,
    /// Under an id of its own, without being kept: the answer has the faces.
    IndexOnly,
}
