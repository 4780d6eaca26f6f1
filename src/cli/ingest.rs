//! `pixora ingest`: every file given ends as accepted, duplicate or rejected, and the numbers add up.
//!
//! When a server runs on the data directory, photos are stored beside it and its queue does the rest
//! (`--wait` waits for it). Otherwise nobody else would work, so the command does. A server elsewhere is named
//! by `PIXORA_URL`: [`remote`] sends photos there.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    io::IsTerminal,
    path::PathBuf,
    time::Duration,
};

use futures::{StreamExt, stream};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio_util::sync::CancellationToken;

use super::{
    CliError, existing_session,
    intake::{Rejected, Report, Sent},
    node_unless_served,
    outage::outlast,
    print_json,
    remote::{self, Server},
    walk::Found,
    watch,
};
use crate::{
    app::{Bridge, Node, Parts},
    config::Settings,
    domain::{Photo, PhotoId, PhotoSessionId, PhotoState},
    photos::{ReceiveError, Worker},
    store::{Received, StoreError},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The session that the photos belong to
    #[arg(long)]
    session: PhotoSessionId,
    /// Files and folders; folders are searched through, hidden files and what programs keep for themselves left out
    #[arg(required_unless_present = "watch")]
    paths: Vec<PathBuf>,
    /// Take what is in this folder and what comes into it, until Ctrl-C
    #[arg(long, value_name = "DIR", conflicts_with = "paths")]
    watch: Option<PathBuf>,
    /// Put each file into the place of the session's photo of its name, as Lightroom does when it publishes again; a
    /// file of another second or camera is taken beside it
    #[arg(long)]
    replace: bool,
    /// Return only when every photo can be found (always so when no server runs)
    #[arg(long)]
    wait: bool,
    #[arg(long)]
    json: bool,
}

/// Files taken in at the same time: they wait for the disk more than for the processor.
const RECEIVED_AT_ONCE: usize = 3;
/// Photos asked for in one look at the rows.
const PAGE: usize = 200;
const POLL: Duration = Duration::from_millis(200);

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    let server =
        Server::named(&settings.elsewhere, args.session)?.map(|server| server.replacing(args.replace));
    match (server, &args.watch) {
        (Some(server), Some(folder)) => {
            let take = |path| remote::send_one(&server, path);
            tally(watch::watch(folder, remote::SENT_AT_ONCE, !args.json, take).await?, args.json)
        }
        (Some(server), None) => {
            let found = Found::at(&args.paths);
            let bar = progress_bar(found.files.len() as u64);
            let report = tokio::select! {
                report = remote::ingest(&server, found, args.wait, &bar) => report?,
                _ = tokio::signal::ctrl_c() => return Err(interrupted(&bar)),
            };
            bar.finish_and_clear();
            print(&report, args.json)
        }
        (None, Some(folder)) => {
            let here = Here::open(&args, settings).await?;
            let receiver = here.parts.receiver().replacing(args.replace);
            let take = |path| {
                let received = receiver.receive_file(args.session, path);
                async {
                    match received.await {
                        Ok(Received::Stored(_)) => Ok(Sent::Stored),
                        Ok(Received::Duplicate(_)) => Ok(Sent::Duplicate),
                        Ok(Received::Sidecar) => Ok(Sent::Sidecar),
                        Err(error) if error.is_rejection() => Ok(Sent::Rejected(error.code().to_owned())),
                        Err(error) => Err(failure(&error)),
                    }
                }
            };
            let taken = watch::watch(folder, RECEIVED_AT_ONCE, !args.json, take).await;
            here.close().await;
            tally(taken?, args.json)
        }
        (None, None) => {
            let found = Found::at(&args.paths);
            let bar = progress_bar(found.files.len() as u64);
            let here = Here::open(&args, settings).await?;
            let wait = args.wait || here.worker.is_some();
            let report = tokio::select! {
                report = ingest(&here.parts, &args, found, &bar, wait) => report,
                _ = tokio::signal::ctrl_c() => Err(interrupted(&bar)),
            };
            here.close().await;
            bar.finish_and_clear();
            print(&report?, args.json)
        }
    }
}

fn interrupted(bar: &ProgressBar) -> CliError {
    bar.abandon();
    CliError::failed(
        "interrupted",
        "stopped; what was stored stays stored, the same command goes on from here",
    )
}

/// The data directory, with a worker of our own where no server runs on it.
struct Here {
    parts: Parts,
    worker: Option<tokio::task::JoinHandle<()>>,
    stop: CancellationToken,
}

impl Here {
    async fn open(args: &Args, settings: Settings) -> Result<Self, CliError> {
        let parts = Parts::open(&settings).await?;
        existing_session(&parts, args.session).await?;
        let stop = CancellationToken::new();
        let work = |node: Node| {
            let stop = stop.clone();
            tokio::spawn(async move {
                // Open pages of web nodes receive what is done here.
                let bridge = Bridge::open(&node.app);
                Worker::new(node.processor.clone()).run(stop, |_| ()).await;
                if let Some(bridge) = bridge {
                    bridge.close().await;
                }
            })
        };
        let worker = node_unless_served(settings, parts.clone()).await?.map(work);
        Ok(Self { parts, worker, stop })
    }

    /// Lets the photos in hand be finished, and folds everything into the database file.
    async fn close(self) {
        self.stop.cancel();
        if let Some(worker) = self.worker {
            let _ = worker.await;
        }
        self.parts.store.close().await;
    }
}

fn tally(taken: watch::Tally, json: bool) -> Result<(), CliError> {
    if json {
        return print_json(&taken);
    }
    eprintln!("{} accepted, {} duplicates, {} rejected", taken.accepted, taken.duplicates, taken.rejected);
    Ok(())
}

fn print(report: &Report, json: bool) -> Result<(), CliError> {
    if json {
        print_json(report)?;
        return report.outcome();
    }
    for Rejected { file, code } in &report.rejected {
        eprintln!("rejected  {code:20}  {file}");
    }
    outln!(
        "{} accepted, {} duplicates, {} rejected; {} indexed with {} faces",
        report.accepted,
        report.duplicates,
        report.rejected.len(),
        report.indexed,
        report.faces
    );
    if report.sidecars > 0 {
        outln!("{} sidecars read", report.sidecars);
    }
    let reasons: BTreeSet<_> = report.left_out.iter().map(|left| left.code).collect();
    for code in reasons {
        let many = report.left_out.iter().filter(|left| left.code == code).count();
        outln!("{many} left out: {code}");
    }
    match &report.ledger {
        Some(sums) => outln!("the server: {sums}"),
        None if report.accepted > report.indexed => {
            outln!("{} are in the server's queue", report.accepted - report.indexed);
        }
        None => {}
    }
    report.outcome()
}

/// Stores every file and, when asked, waits until each is ready or rejected.
async fn ingest(
    parts: &Parts,
    args: &Args,
    found: Found,
    bar: &ProgressBar,
    wait: bool,
) -> Result<Report, CliError> {
    let receiver = parts.receiver().replacing(args.replace);
    let Found { files, refused, left_out } = found;
    let mut report = Report { rejected: refused, left_out, ..Report::default() };
    let mut stored: BTreeMap<PhotoId, PathBuf> = BTreeMap::new();
    let mut pending: HashSet<PhotoId> = HashSet::new();
    let mut known = Vec::new();
    let received = stream::iter(files).map(|file| {
        let receiver = receiver.clone();
        async move {
            let attempt = || receiver.receive_file(args.session, file.clone());
            (outlast(attempt, ReceiveError::passes).await, file)
        }
    });
    let mut received = std::pin::pin!(received.buffer_unordered(RECEIVED_AT_ONCE));
    while let Some((outcome, file)) = received.next().await {
        match outcome {
            Ok(Received::Stored(id)) => {
                stored.insert(id, file);
                pending.insert(id);
                bar.set_message(format!("{} stored", stored.len()));
            }
            Ok(Received::Duplicate(id)) => {
                report.duplicates += 1;
                known.push(id);
                bar.inc(1);
            }
            Ok(Received::Sidecar) => {
                report.sidecars += 1;
                bar.inc(1);
            }
            Err(error) if error.is_rejection() => {
                report.reject(&file, error.code());
                bar.inc(1);
            }
            Err(error) => return Err(failure(&error)),
        }
        if wait && stored.len().is_multiple_of(16) {
            look(parts, &mut pending, &stored, &mut report, bar).await?;
        } else if !wait {
            let done = stored.len() + report.duplicates + report.sidecars + report.rejected.len();
            bar.set_position(done as u64);
        }
    }
    while wait && !pending.is_empty() {
        look(parts, &mut pending, &stored, &mut report, bar).await?;
        tokio::time::sleep(POLL).await;
    }
    if wait {
        settle(parts, known).await?;
    } else {
        look(parts, &mut pending, &stored, &mut report, bar).await?;
    }
    // A photo that the pipeline rejects counts as rejected, not as accepted.
    report.accepted = pending.len() + report.indexed;
    Ok(report)
}

/// Waits until none of the duplicates is in the queue, where an interrupted run may have left them: nobody
/// else would come for them, and the same command is told to go on from there.
async fn settle(parts: &Parts, mut known: Vec<PhotoId>) -> Result<(), CliError> {
    known.sort_unstable();
    for page in known.chunks(PAGE) {
        while read(parts, page).await?.iter().any(Photo::is_waiting) {
            tokio::time::sleep(POLL).await;
        }
    }
    Ok(())
}

/// Rows of photos; a database that is busy or away is waited for.
async fn read(parts: &Parts, ids: &[PhotoId]) -> Result<Vec<Photo>, StoreError> {
    let photos = parts.store.photos();
    outlast(|| photos.get_many(ids), |error| matches!(error, StoreError::Unavailable(_))).await
}

/// Takes those that are done off `pending` and into the report.
async fn look(
    parts: &Parts,
    pending: &mut HashSet<PhotoId>,
    stored: &BTreeMap<PhotoId, PathBuf>,
    report: &mut Report,
    bar: &ProgressBar,
) -> Result<(), CliError> {
    // Ids sort by time of arrival, and so does the queue: the first page has what is done next.
    let mut ids: Vec<PhotoId> = pending.iter().copied().collect();
    ids.sort_unstable();
    for page in ids.chunks(PAGE) {
        let photos = read(parts, page).await?;
        let there: HashSet<PhotoId> = photos.iter().map(|photo| photo.id).collect();
        let done = photos.iter().filter(|photo| !photo.is_waiting()).count();
        for photo in photos.into_iter().filter(|photo| !photo.is_waiting()) {
            let Photo { id, state, faces, reject_code, .. } = photo;
            match state {
                PhotoState::Queued => continue,
                PhotoState::Ready | PhotoState::Indexed => {
                    report.indexed += 1;
                    report.faces += u64::from(faces);
                }
                PhotoState::Rejected => {
                    let code = reject_code.as_deref().unwrap_or("rejected");
                    report.reject(&stored[&id], code);
                }
            }
            pending.remove(&id);
            bar.inc(1);
        }
        for id in page.iter().filter(|id| !there.contains(id)) {
            report.reject(&stored[id], "erased");
            pending.remove(id);
            bar.inc(1);
        }
        if done == 0 {
            break;
        }
    }
    Ok(())
}

fn failure(error: &ReceiveError) -> CliError {
    CliError::failed(
        error.code(),
        format!("{error}; what was stored stays stored, the same command goes on from here"),
    )
}

/// Rate and remaining time on a terminal; a line every few seconds would only fill a log.
fn progress_bar(files: u64) -> ProgressBar {
    let target = if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    };
    let bar = ProgressBar::with_draw_target(Some(files), target);
    let style = ProgressStyle::with_template(
        "{bar:30} {pos}/{len} photos, {per_sec}, {elapsed} so far, {eta} left  {msg}",
    );
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(500));
    bar
}
