//! `pixora doctor`: is everything there, and does it agree?

mod kept;

use std::path::Path;

use serde::Serialize;

use super::{CliError, node_unless_served, print_json};
use crate::{
    app::{Node, OpenError, Parts, data_dir, storage_place},
    config::Settings,
    photos::heif_support,
};
use kept::{Kept, Named};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Make again from the originals what was lost or damaged, remove files that belong to no photo (left by a crash
    /// between writing a file and its row), and close the data directory to other users of the machine
    #[arg(long)]
    fix: bool,
    /// Read everything and compare it with what was written: originals, pictures, vectors
    #[arg(long)]
    deep: bool,
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
}

#[derive(Default)]
struct Report {
    checks: Vec<Check>,
    faults: Vec<Named>,
}

impl Report {
    fn check(&mut self, name: &'static str, result: Result<String, String>) {
        let ok = result.is_ok();
        self.checks.push(Check { name, ok, detail: result.unwrap_or_else(|error| error) });
    }

    fn is_sound(&self) -> bool {
        self.checks.iter().all(|check| check.ok)
    }

    fn print(&self, json: bool) -> Result<(), CliError> {
        let Self { checks, faults } = self;
        if json {
            return print_json(
                &serde_json::json!({ "ok": self.is_sound(), "checks": checks, "faults": faults }),
            );
        }
        for Check { name, ok, detail } in checks {
            outln!("{}  {name}: {detail}", if *ok { "ok  " } else { "FAIL" });
        }
        Ok(())
    }
}

pub(super) async fn run(args: Args, settings: Settings) -> Result<(), CliError> {
    let mut report = Report::default();
    report.check("data directory", data_directory(&settings.data_dir, args.fix));
    let place = storage_place(&settings).map_err(OpenError::from)?.to_string();
    let parts = match Parts::open(&settings).await {
        Ok(parts) => parts,
        // The others cannot be asked without it.
        Err(error) => {
            report.check("database and storage", Err(error.to_string()));
            report.print(args.json)?;
            return Err(error.into());
        }
    };
    report.check("database", parts.store.check().await.map(|()| "answers".into()).map_err(text));
    report.check("sources of sessions", sources(&parts).await);
    report.check("file storage", parts.blobs.check().await.map(|()| place).map_err(text));
    if let Some(libraries) = libraries(&parts).await {
        report.check("libraries", libraries);
    }
    report.check("queue", queue(&parts).await);
    report.check("HEIC and AVIF", Ok(heif_words(heif_support())));
    let kept = Kept::look(&parts, args.fix, args.deep).await;
    let node = node_unless_served(settings, parts.clone()).await;
    photos(&mut report, &args, &parts, kept, node.as_ref().ok().and_then(Option::as_ref)).await;
    match &node {
        Ok(Some(node)) => models_and_index(&mut report, &args, node).await?,
        Ok(None) => report.check("face index", Ok("held by a running server; ask its /readyz".into())),
        Err(error) => report.check("models and face index", Err(error.to_string())),
    }
    report.print(args.json)?;
    if report.is_sound() {
        Ok(())
    } else {
        Err(CliError::failed("unsound", "something needs attention, see above"))
    }
}

/// The places of originals that are not ours, if there are any.
async fn libraries(parts: &Parts) -> Option<Result<String, String>> {
    let bases = &parts.libraries.bases;
    if bases.is_empty() {
        return None;
    }
    if let Err(error) = parts.libraries.health().await {
        return Some(Err(error));
    }
    let names: Vec<String> = bases.iter().map(ToString::to_string).collect();
    Some(Ok(format!("{} can be read", names.join(", "))))
}

/// Files, and what was made from them.
async fn photos(
    report: &mut Report,
    args: &Args,
    parts: &Parts,
    kept: Result<Kept, String>,
    node: Option<&Node>,
) {
    let mut kept = match kept {
        Ok(kept) => kept,
        Err(error) => return report.check("files", Err(error)),
    };
    if args.fix
        && let Err(error) = kept.mend(parts, node).await
    {
        report.check("repair", Err(error));
    }
    report.check("files", kept.files(args.fix));
    report.check("pictures and faces", kept.made(args.fix, node.is_none()));
    report.faults = kept.named(args.fix);
}

async fn models_and_index(report: &mut Report, args: &Args, node: &Node) -> Result<(), CliError> {
    let embedder = &node.embedder;
    report.check("models", Ok(embedder.info.name.clone()));
    let rows = node.app.store.faces().total(&embedder.info.name).await?;
    let same = match embedder.index.total().await {
        Ok(vectors) if vectors == rows => Ok(format!("{vectors} faces, as in the rows")),
        Ok(vectors) => Err(format!("{vectors} faces, but {rows} in the rows; run `pixora reindex`")),
        Err(error) => Err(error.to_string()),
    };
    report.check("face index", same);
    if args.deep {
        report.check("vectors", kept::vectors(node, args.fix).await);
    }
    Ok(())
}

/// Only its owner may read what lies there.
fn data_directory(folder: &Path, fix: bool) -> Result<String, String> {
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

/// Without the library a server is sound; it refuses these pictures by name.
fn heif_words(support: (bool, bool)) -> String {
    match support {
        (true, true) => "read by libheif".to_owned(),
        (true, false) => "HEIC is read by libheif; AVIF is not, install its dav1d plugin".to_owned(),
        (false, true) => "AVIF is read by libheif; HEIC is not, install its libde265 plugin".to_owned(),
        (false, false) => {
            "not read: install libheif (Debian: libheif1 libheif-plugin-libde265 libheif-plugin-dav1d)"
                .to_owned()
        }
    }
}

/// The names of those that answer, if all do.
async fn sources(parts: &Parts) -> Result<String, String> {
    let mut names = Vec::new();
    for source in &parts.sources {
        source.health().await.map_err(text)?;
        names.push(source.name());
    }
    Ok(names.join(", "))
}

async fn queue(parts: &Parts) -> Result<String, String> {
    let depth = parts.jobs.depth(crate::jobs::JobKind::ProcessPhoto, parts.now()).await;
    let failed = parts.jobs.failed(100).await.map_err(text)?;
    let depth = depth.map_err(text)?;
    if failed.is_empty() {
        Ok(format!("{} waiting, {} in hand", depth.queued - depth.leased, depth.leased))
    } else {
        Err(format!("{} jobs were given up", failed.len()))
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
