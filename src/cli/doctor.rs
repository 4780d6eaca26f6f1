//! `pixora doctor`: is everything there, and does it agree?

use std::{
    collections::{BTreeSet, HashSet},
    path::Path,
};

use serde::Serialize;

use super::{CliError, node_unless_served, print_json};
use crate::{
    app::{OpenError, Parts, data_dir, storage_place},
    config::Settings,
    domain::PhotoId,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Remove files that belong to no photo (left by a crash between writing a file and its row), and close the
    /// data directory to other users of the machine
    #[arg(long)]
    fix: bool,
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
}

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    let mut checks = Vec::new();
    let mut check = |name, result: Result<String, String>| {
        let ok = result.is_ok();
        checks.push(Check { name, ok, detail: result.unwrap_or_else(|error| error) });
    };
    check("data directory", data_directory(&settings.data_dir, args.fix));
    let place = storage_place(&settings).map_err(OpenError::from)?.to_string();
    let parts = Parts::open(&settings).await?;
    check("database", parts.store.ping().await.map(|()| "answers".into()).map_err(|error| error.to_string()));
    check("sources of sessions", sources(&parts).await);
    check("file storage", parts.blobs.check().await.map(|()| place).map_err(|error| error.to_string()));
    check("files", files(&parts, args.fix).await);
    check("queue", queue(&parts).await);
    let node = node_unless_served(settings, parts).await;
    match node {
        Ok(Some(node)) => {
            check("models", Ok(node.processor.model.clone()));
            let (rows, vectors) =
                (node.app.store.faces().total(&node.processor.model).await?, node.app.index.total().await);
            check(
                "face index",
                match vectors {
                    Ok(vectors) if vectors == rows => Ok(format!("{vectors} faces, as in the rows")),
                    Ok(vectors) => {
                        Err(format!("{vectors} faces, but {rows} in the rows; run `pixora reindex`"))
                    }
                    Err(error) => Err(error.to_string()),
                },
            );
        }
        Ok(None) => check("face index", Ok("held by a running server; ask its /readyz".into())),
        Err(error) => check("models and face index", Err(error.to_string())),
    }

    let sound = checks.iter().all(|check| check.ok);
    if args.json {
        print_json(&serde_json::json!({ "ok": sound, "checks": checks }))?;
    } else {
        for Check { name, ok, detail } in &checks {
            outln!("{}  {name}: {detail}", if *ok { "ok  " } else { "FAIL" });
        }
    }
    if sound { Ok(()) } else { Err(CliError::failed("unsound", "something needs attention, see above")) }
}

/// Only its owner may read what lies there.
fn data_directory(folder: &Path, fix: bool) -> Result<String, String> {
    let text = |error: std::io::Error| error.to_string();
    let folder_name = folder.display();
    let exposed = if fix { data_dir::close(folder) } else { data_dir::exposed(folder) }.map_err(text)?;
    match exposed.len() {
        0 => Ok(format!("{folder_name}, closed to other users")),
        _ if fix => Ok(format!("{folder_name}, closed to other users now")),
        _ => Err(format!(
            "{folder_name}: other users of this machine can read what lies there; `pixora doctor --fix` or the next \
             start of the service closes it"
        )),
    }
}

/// The names of those that answer, if all do.
async fn sources(parts: &Parts) -> Result<String, String> {
    let mut names = Vec::new();
    for source in &parts.sources {
        source.health().await.map_err(|error| error.to_string())?;
        names.push(source.name());
    }
    Ok(names.join(", "))
}

/// Every original belongs to a photo, and every photo has its original.
async fn files(parts: &Parts, fix: bool) -> Result<String, String> {
    let text = |error: &dyn std::error::Error| error.to_string();
    let (mut photos, mut orphans, mut missing) = (0, 0, 0);
    // Also of sessions that are not there any more: a copy may have been made while they were erased.
    let there = parts.blobs.sessions().await.map_err(|error| text(&error))?;
    let mut sessions = BTreeSet::from_iter(there);
    for source in &parts.sources {
        sessions.extend(source.list().await.map_err(|error| text(&error))?.iter().map(|session| session.id));
    }
    for session in sessions {
        let originals = parts.blobs.originals(session).await.map_err(|error| text(&error))?;
        let derived = parts.blobs.derived(session).await.map_err(|error| text(&error))?;
        let rows = parts.store.photos().ids(session).await.map_err(|error| text(&error))?;
        let (originals, rows): (HashSet<PhotoId>, HashSet<PhotoId>) =
            (originals.into_iter().collect(), rows.into_iter().collect());
        photos += rows.len();
        let unfinished = parts.blobs.unfinished(session, fix).await;
        orphans += unfinished.map_err(|error| text(&error))? as usize;
        missing += rows.difference(&originals).count();
        let pictured = HashSet::from_iter(derived).union(&originals).copied().collect::<HashSet<_>>();
        for orphan in pictured.difference(&rows) {
            orphans += 1;
            if fix {
                parts.blobs.delete_photo(session, *orphan).await.map_err(|error| text(&error))?;
            }
        }
    }
    match (missing, orphans) {
        (0, 0) => Ok(format!("{photos} originals, one for each photo")),
        (0, _) if fix => Ok(format!("{orphans} files without a photo removed")),
        (0, _) => Err(format!(
            "{orphans} files belong to no photo; `pixora doctor --fix` removes them when nothing is being uploaded"
        )),
        _ => Err(format!("{missing} photos have lost their original; restore them from a back-up")),
    }
}

async fn queue(parts: &Parts) -> Result<String, String> {
    let depth = parts.jobs.depth(crate::jobs::JobKind::ProcessPhoto, chrono::Utc::now()).await;
    let failed = parts.jobs.failed(100).await.map_err(|error| error.to_string())?;
    let depth = depth.map_err(|error| error.to_string())?;
    if failed.is_empty() {
        Ok(format!("{} waiting, {} in hand", depth.queued - depth.leased, depth.leased))
    } else {
        Err(format!("{} jobs were given up", failed.len()))
    }
}
