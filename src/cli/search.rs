//! `pixora search`: what a guest does, from the command line.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;

use super::{CliError, existing_session, node_unless_served, print_json, tls};
use crate::{
    app::Parts,
    config::Settings,
    domain::{PhotoId, PhotoSessionId, RelativeBox},
    search::{Asker, SearchError, SearchRequest},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[arg(long)]
    session: PhotoSessionId,
    /// One to five selfies of the same person
    #[arg(required = true, num_args = 1..=5)]
    selfies: Vec<PathBuf>,
    /// Which face of the selfie, counted from 0 [default: the largest central one]
    #[arg(long)]
    face: Option<usize>,
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Document {
    search_id: crate::domain::SearchId,
    model: String,
    matches: Vec<MatchDocument>,
    photos_total: u64,
    photos_pending: u64,
}

#[derive(Serialize)]
struct MatchDocument {
    photo_id: PhotoId,
    filename: String,
    score: f32,
    #[serde(rename = "box")]
    rect: RelativeBox,
}

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    let parts = Parts::open(&settings).await?;
    existing_session(&parts, args.session).await?;
    let mut selfies = Vec::with_capacity(args.selfies.len());
    for path in &args.selfies {
        let bytes = tokio::fs::read(path).await;
        let bytes =
            bytes.map_err(|error| CliError::failed("unreadable", format!("{}: {error}", path.display())))?;
        selfies.push(bytes::Bytes::from(bytes));
    }
    let server = settings.elsewhere.url.clone().unwrap_or_else(|| settings.public_url.clone());
    let client = tls::client(&settings);
    match node_unless_served(settings, parts).await? {
        Some(node) => {
            let request = SearchRequest {
                session: args.session,
                asker: Asker::Operator,
                selfies,
                face: args.face,
                consent: None,
                lenient: true,
                confirmed: Vec::new(),
            };
            let answer = node
                .app
                .search
                .search(request)
                .await
                .map_err(|error: SearchError| CliError::failed(error.code(), error))?;
            node.app.usage.flush().await?;
            let matches = answer.matches.into_iter().map(|found| MatchDocument {
                photo_id: found.photo.id,
                filename: found.photo.filename,
                score: found.score,
                rect: found.rect,
            });
            let document = Document {
                search_id: answer.id,
                model: answer.model,
                matches: matches.collect(),
                photos_total: answer.photos_total,
                photos_pending: answer.photos_pending,
            };
            let document =
                serde_json::to_value(&document).map_err(|error| CliError::failed("internal", error))?;
            print(&document, args.json)
        }
        None => print(&ask_server(&server, client, &args, selfies).await?, args.json),
    }
}

/// The server has the index; it is asked as a guest's page would ask.
async fn ask_server(
    server: &str,
    client: reqwest::Result<reqwest::Client>,
    args: &Args,
    selfies: Vec<bytes::Bytes>,
) -> Result<Value, CliError> {
    let unreachable = |error: reqwest::Error| {
        CliError::failed(
            "server_unreachable",
            format!("the server at {server} does not answer ({error}); PIXORA_URL names it"),
        )
    };
    let mut form = reqwest::multipart::Form::new();
    for bytes in selfies {
        form = form.part("selfie", reqwest::multipart::Part::stream(bytes).file_name("selfie"));
    }
    if let Some(face) = args.face {
        form = form.text("face", face.to_string());
    }
    let url = format!("{server}/api/v1/sessions/{}/search", args.session);
    let answer = client.map_err(unreachable)?.post(&url).multipart(form).send().await.map_err(unreachable)?;
    let succeeded = answer.status().is_success();
    let document: Value = answer.json().await.map_err(unreachable)?;
    if succeeded {
        return Ok(document);
    }
    let text = |key| document.get(key).and_then(Value::as_str).unwrap_or_default();
    Err(CliError::failed(text("code"), text("detail")))
}

fn print(document: &Value, json: bool) -> Result<(), CliError> {
    if json {
        return print_json(document);
    }
    let matches = document["matches"].as_array().map(Vec::as_slice).unwrap_or_default();
    outln!("{} photos", matches.len());
    for found in matches {
        let score = found["score"].as_f64().unwrap_or_default();
        outln!("{score:.3}  {}", found["filename"].as_str().unwrap_or_default());
    }
    Ok(())
}
