//! How fast people sign in, alone and while photos are ingested.

use std::{
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use futures::{StreamExt, stream};
use serde::Serialize;
use tokio_util::sync::CancellationToken;

use crate::{
    accounts::{Accounts, Client, NewUser},
    app::{self, Node, Parts},
    config::Settings,
    domain::{PhotoSessionId, Role},
    photos::Worker,
};

/// People; each signs in once a run, from an address of their own, as the throttle wants it.
const PEOPLE: u32 = 60;
/// Of them, at the same time.
const SIGN_INS_AT_ONCE: usize = 4;
const PASSWORD: &str = "an invented password";

/// One run.
#[derive(Debug, Clone, Serialize)]
pub struct SignInSpeed {
    pub per_s: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

/// Signs people in on an idle node, then while it ingests `files`.
///
/// # Errors
/// A sentence when the node does not start, or the ingest ends before the people are in.
pub async fn measure_sign_in(
    settings: &Settings,
    directory: &Path,
    files: &[PathBuf],
) -> Result<(SignInSpeed, SignInSpeed), String> {
    let settings = Settings { data_dir: directory.to_owned(), ..settings.clone() };
    let parts = Parts::open(&settings).await.map_err(|error| error.to_string())?;
    let accounts = app::accounts(&settings, &parts.store, app::postbox(&settings), Arc::clone(&parts.clock))
        .map_err(|e| e.to_string())?;
    for person in 0..PEOPLE {
        let new = NewUser {
            email: Some(address(person)),
            phone: None,
            name: "Somebody".into(),
            role: Role::Customer,
            password: PASSWORD.into(),
            studios: Vec::new(),
        };
        accounts.add_user(new).await.map_err(|error| error.to_string())?;
    }
    let idle = run(&accounts).await?;

    let node = Node::open(settings, parts.clone()).await.map_err(|error| error.to_string())?;
    let receiver = parts.receiver();
    // Each photo in several sessions: the ingest must outlast the sign-ins.
    for _ in 0..3 {
        let session = PhotoSessionId::generate();
        for file in files {
            receiver.receive_file(session, file.clone()).await.map_err(|error| error.to_string())?;
        }
    }
    // Its own throttle, which has forgotten the first run.
    let postbox = node.app.postbox.clone();
    let accounts = app::accounts(&node.app.settings, &parts.store, postbox, Arc::clone(&parts.clock))
        .map_err(|e| e.to_string())?;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(Worker::new(node.processor.clone()).run(stop.clone(), |_| ()));
    let busy = run(&accounts).await?;
    let queue = node.app.jobs.depth(crate::jobs::JobKind::ProcessPhoto, parts.now()).await;
    stop.cancel();
    worker.await.map_err(|error| error.to_string())?;
    if queue.map_err(|error| error.to_string())?.queued == 0 {
        return Err("the ingest ended before the sign-ins; give more photos with --count".into());
    }
    Ok((idle, busy))
}

fn address(person: u32) -> String {
    format!("person{person}@example.com")
}

async fn run(accounts: &Accounts) -> Result<SignInSpeed, String> {
    let started = Instant::now();
    let sign_ins = stream::iter(0..PEOPLE).map(|person| async move {
        let ip = Ipv4Addr::from_bits(0x0A00_0000 + person).into();
        let client = Client { ip, user_agent: String::new() };
        let begun = Instant::now();
        let outcome = accounts.sign_in(&address(person), PASSWORD.into(), &client).await;
        outcome.map(|_| begun.elapsed()).map_err(|error| error.to_string())
    });
    let mut times: Vec<Duration> = sign_ins
        .buffer_unordered(SIGN_INS_AT_ONCE)
        .collect::<Vec<_>>()
        .await
        .into_iter()
        .collect::<Result<_, _>>()?;
    let wall = started.elapsed();
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share).round() as usize].as_secs_f64() * 1000.0;
    Ok(SignInSpeed { per_s: f64::from(PEOPLE) / wall.as_secs_f64(), p50_ms: at(0.5), p99_ms: at(0.99) })
}
