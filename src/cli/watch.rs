//! `pixora ingest --watch`: what a camera, a card reader or Lightroom writes into a folder, as soon as it is
//! whole.
//!
//! The system tells of changes, but not of their end, and not on every file system: a file counts as whole
//! when its size and time have stood still for a while and it can be opened, and the folder is also looked
//! through now and then.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

use futures::{StreamExt, stream::FuturesUnordered};
use notify::{RecursiveMode, Watcher};
use tokio::sync::mpsc;

use super::{
    CliError,
    intake::Sent,
    walk::{Found, is_wanted},
};

const STILL: Duration = Duration::from_secs(2);
const LOOK: Duration = Duration::from_millis(500);
const LOOK_THROUGH: Duration = Duration::from_secs(30);
/// After a failure of ours or the server's a file is left alone for so long.
const AGAIN: Duration = Duration::from_secs(30);
/// Extensions of files that a program has not finished.
const UNFINISHED: [&str; 7] = ["tmp", "temp", "part", "partial", "filepart", "crdownload", "download"];

/// The size and time of a file, which tell two of its states apart.
type Stamp = (u64, SystemTime);

/// The files that are being written and those that have been taken.
#[derive(Default)]
struct Folder {
    waiting: HashMap<PathBuf, (Stamp, Instant)>,
    taken: HashMap<PathBuf, Stamp>,
}

impl Folder {
    /// Something happened to this file, or it was found.
    fn noticed(&mut self, path: PathBuf, stamp: Stamp, now: Instant) {
        if self.taken.get(&path) == Some(&stamp) {
            return;
        }
        let entry = self.waiting.entry(path).or_insert((stamp, now));
        if entry.0 != stamp {
            *entry = (stamp, now);
        }
    }

    /// Files that have stood still for long enough, now taken. `stamp` is `None` for a file that is gone or
    /// cannot be opened yet.
    fn whole(&mut self, now: Instant, stamp: impl Fn(&Path) -> Option<Stamp>) -> Vec<PathBuf> {
        let mut whole = Vec::new();
        self.waiting.retain(|path, (last, since)| {
            let Some(current) = stamp(path) else { return path.exists() };
            if current != *last {
                (*last, *since) = (current, now);
            }
            let still = now.saturating_duration_since(*since) >= STILL;
            if still {
                self.taken.insert(path.clone(), current);
                whole.push(path.clone());
            }
            !still
        });
        whole.sort();
        whole
    }

    /// To be tried again a while after `now`.
    fn failed(&mut self, path: PathBuf, now: Instant) {
        if let Some(stamp) = self.taken.remove(&path) {
            self.waiting.insert(path, (stamp, now + AGAIN));
        }
    }
}

/// How many files ended how.
#[derive(Debug, Default, serde::Serialize)]
pub(super) struct Tally {
    pub(super) accepted: usize,
    pub(super) duplicates: usize,
    pub(super) sidecars: usize,
    pub(super) rejected: usize,
}

/// Takes what is in the folder and what comes into it until Ctrl-C, a line on stdout for each file.
///
/// # Errors
/// When the folder cannot be watched.
pub(super) async fn watch<F: Future<Output = Result<Sent, CliError>>>(
    folder: &Path,
    at_once: usize,
    say: bool,
    take: impl Fn(PathBuf) -> F,
) -> Result<Tally, CliError> {
    let unwatchable =
        |error: notify::Error| CliError::failed("unwatchable", format!("{}: {error}", folder.display()));
    // Events name files by their whole paths; a file must not go by two names.
    let folder = &std::fs::canonicalize(folder).map_err(|error| unwatchable(error.into()))?;
    let (sender, mut events) = mpsc::unbounded_channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // The receiver lives as long as the watcher; what an error hides, looking through finds.
        let _ = sender.send(event.map(|event| event.paths).unwrap_or_default());
    })
    .map_err(unwatchable)?;
    watcher.watch(folder, RecursiveMode::Recursive).map_err(unwatchable)?;

    let (mut files, mut tally) = (Folder::default(), Tally::default());
    let (mut whole, mut in_hand) = (std::collections::VecDeque::new(), FuturesUnordered::new());
    let (mut look, mut look_through) = (tokio::time::interval(LOOK), tokio::time::interval(LOOK_THROUGH));
    let mut stop = std::pin::pin!(tokio::signal::ctrl_c());
    loop {
        let noticed = tokio::select! {
            _ = &mut stop => return Ok(tally),
            Some(paths) = events.recv() => paths,
            _ = look_through.tick() => vec![folder.to_owned()],
            _ = look.tick() => {
                whole.extend(files.whole(Instant::now(), readable));
                Vec::new()
            }
            Some((outcome, path)) = in_hand.next() => {
                settle(outcome, path, &mut files, &mut tally, say);
                Vec::new()
            }
        };
        let found = Found::at(&noticed).files.into_iter();
        for path in found.filter(|path| is_finished_name(path) && is_wanted(folder, path)) {
            if let Some(stamp) = stamp(&path) {
                files.noticed(path, stamp, Instant::now());
            }
        }
        while in_hand.len() < at_once
            && let Some(path) = whole.pop_front()
        {
            let taking = take(path.clone());
            in_hand.push(async { (taking.await, path) });
        }
    }
}

fn settle(outcome: Result<Sent, CliError>, path: PathBuf, files: &mut Folder, tally: &mut Tally, say: bool) {
    let line = match &outcome {
        Ok(Sent::Stored) => {
            tally.accepted += 1;
            "stored".to_owned()
        }
        Ok(Sent::Duplicate) => {
            tally.duplicates += 1;
            "duplicate".to_owned()
        }
        Ok(Sent::Sidecar) => {
            tally.sidecars += 1;
            "sidecar".to_owned()
        }
        Ok(Sent::Rejected(code)) => {
            tally.rejected += 1;
            format!("rejected {code}")
        }
        Err(error) => {
            eprintln!("{}: {error}; trying again in {} s", path.display(), AGAIN.as_secs());
            files.failed(path, Instant::now());
            return;
        }
    };
    if say {
        outln!("{line:28}  {}", path.display());
    }
}

fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    Some((meta.len(), meta.modified().ok()?))
}

/// The stamp of a file that nobody keeps us from reading.
fn readable(path: &Path) -> Option<Stamp> {
    std::fs::File::open(path).ok()?;
    stamp(path)
}

fn is_finished_name(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let unfinished = name.rsplit_once('.').is_some_and(|(_, end)| UNFINISHED.contains(&end));
    !(unfinished || name.starts_with('.') || name.ends_with('~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_once_when_it_has_stood_still() {
        let (mut folder, start) = (Folder::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        let (path, time) = (PathBuf::from("a.jpg"), SystemTime::UNIX_EPOCH);
        folder.noticed(path.clone(), (10, time), at(0));
        assert_eq!(folder.whole(at(1), |_| Some((10, time))), Vec::<PathBuf>::new());
        assert_eq!(folder.whole(at(2), |_| Some((20, time))), Vec::<PathBuf>::new(), "has grown meanwhile");
        assert_eq!(folder.whole(at(3), |_| Some((20, time))), Vec::<PathBuf>::new());
        assert_eq!(folder.whole(at(4), |_| Some((20, time))), std::slice::from_ref(&path));
        folder.noticed(path.clone(), (20, time), at(5));
        assert_eq!(folder.whole(at(9), |_| Some((20, time))), Vec::<PathBuf>::new(), "nothing is new");
        folder.noticed(path.clone(), (30, time), at(10));
        assert_eq!(
            folder.whole(at(12), |_| Some((30, time))),
            std::slice::from_ref(&path),
            "was written again"
        );
        folder.failed(path.clone(), at(12));
        assert_eq!(folder.whole(at(40), |_| Some((30, time))), Vec::<PathBuf>::new());
        assert_eq!(folder.whole(at(44), |_| Some((30, time))), [path], "is tried again");
    }

    #[test]
    fn what_is_gone_or_has_a_temporary_name_is_not_taken() {
        let (mut folder, start) = (Folder::default(), Instant::now());
        folder.noticed("gone.jpg".into(), (1, SystemTime::UNIX_EPOCH), start);
        assert_eq!(folder.whole(start + STILL, |_| None), Vec::<PathBuf>::new());
        assert!(folder.waiting.is_empty());
        for name in [".hidden.jpg", "a.jpg.tmp", "b.JPG.PART", "c.jpg~"] {
            assert!(!is_finished_name(Path::new(name)), "{name}");
        }
        assert!(is_finished_name(Path::new("IMG_0001.JPG")));
    }
}
