//! Finds the files to ingest among named files and folders: every name ends as a file, a refusal, or as left out.

use std::{
    fs::FileType,
    io::ErrorKind,
    os::unix::fs::FileTypeExt,
    path::{Component, Path, PathBuf},
};

use super::intake::{LeftOut, Rejected};
use crate::{
    imaging::read_sidecar,
    photos::{is_sidecar, unwanted},
};

/// Everything that was named.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Regular files, in a stable order.
    pub(super) files: Vec<PathBuf>,
    /// Names that cannot be read: `unreadable`, `broken_link` or `not_a_file`.
    pub(super) refused: Vec<Rejected>,
    pub(super) left_out: Vec<LeftOut>,
}

impl Found {
    /// Looks through files and folders. What is named itself is taken whatever its name; a name that is nowhere is
    /// refused like a file that cannot be read.
    pub(super) fn at(paths: &[PathBuf]) -> Self {
        let mut found = Self::default();
        for path in paths {
            match std::fs::metadata(path) {
                Ok(meta) if meta.is_dir() => found.look_through(path),
                Ok(meta) => found.take(path, meta.file_type()),
                Err(error) => found.refuse(path, code_of(path, error.kind())),
            }
        }
        found
    }

    fn look_through(&mut self, folder: &Path) {
        let mut walk = walkdir::WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
        while let Some(entry) = walk.next() {
            match entry {
                Ok(entry) => {
                    let is_folder = entry.file_type().is_dir();
                    let unwanted = (entry.depth() > 0).then(|| unwanted(entry.path(), is_folder)).flatten();
                    match unwanted {
                        Some(code) => {
                            self.leave_out(entry.path(), code);
                            if is_folder {
                                walk.skip_current_dir();
                            }
                        }
                        None if is_folder => {}
                        None if is_mute(entry.path()) => self.leave_out(entry.path(), "sidecar"),
                        None => self.take(entry.path(), entry.file_type()),
                    }
                }
                Err(error) => self.fault(folder, &error),
            }
        }
    }

    fn fault(&mut self, folder: &Path, error: &walkdir::Error) {
        let path = error.path().unwrap_or(folder);
        if error.loop_ancestor().is_some() {
            return self.leave_out(path, "link_loop");
        }
        // A name that would have been left out is no fault when it cannot be read.
        if let Some(code) = unwanted(path, false) {
            return self.leave_out(path, code);
        }
        let kind = error.io_error().map_or(ErrorKind::Other, std::io::Error::kind);
        self.refuse(path, code_of(path, kind));
    }

    fn take(&mut self, path: &Path, kind: FileType) {
        if kind.is_fifo() || kind.is_socket() || kind.is_char_device() || kind.is_block_device() {
            // Reading one might never end.
            self.refuse(path, "not_a_file");
        } else {
            self.files.push(path.to_owned());
        }
    }

    fn refuse(&mut self, path: &Path, code: &str) {
        self.refused.push(Rejected { file: path.display().to_string(), code: code.to_owned() });
    }

    fn leave_out(&mut self, path: &Path, code: &'static str) {
        self.left_out.push(LeftOut { file: path.display().to_string(), code });
    }
}

/// A sidecar that cannot be read, such as an empty one: its picture lacks nothing without it.
fn is_mute(path: &Path) -> bool {
    is_sidecar(&path.to_string_lossy())
        && std::fs::read(path).is_ok_and(|bytes| read_sidecar(&bytes).is_none())
}

/// A link that leads nowhere is told from a file that may not be read. A link to itself is one that leads nowhere.
fn code_of(path: &Path, kind: ErrorKind) -> &'static str {
    let is_link = std::fs::symlink_metadata(path).is_ok_and(|meta| meta.file_type().is_symlink());
    if is_link && kind != ErrorKind::PermissionDenied { "broken_link" } else { "unreadable" }
}

/// Whether a file below a folder would be looked at when the folder is looked through.
pub(super) fn is_wanted(folder: &Path, file: &Path) -> bool {
    let below = file.strip_prefix(folder).unwrap_or(file);
    let mut so_far = folder.to_owned();
    let names: Vec<_> = below.components().filter(|part| matches!(part, Component::Normal(_))).collect();
    names.iter().enumerate().all(|(at, name)| {
        so_far.push(name);
        unwanted(&so_far, at + 1 < names.len()).is_none()
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn names(
        folder: &Path,
        found: &Found,
    ) -> (Vec<String>, Vec<(String, String)>, Vec<(String, &'static str)>) {
        let short = |path: &str| path.trim_start_matches(&format!("{}/", folder.display())).to_owned();
        let files = found.files.iter().map(|file| short(&file.display().to_string())).collect();
        let refused =
            found.refused.iter().map(|refused| (short(&refused.file), refused.code.clone())).collect();
        let left_out = found.left_out.iter().map(|left| (short(&left.file), left.code)).collect();
        (files, refused, left_out)
    }

    #[test]
    fn everything_that_was_named_is_in_the_sum() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let file = |name: &str| {
            let path = root.join(name);
            fs::create_dir_all(path.parent().expect("is below")).expect("can be made");
            fs::write(path, name).expect("can be written");
        };
        for name in [
            "a/1.jpg",
            "a/1.xmp",
            "a/1.jpg.pp3",
            "a/3.xmp",
            "a/._1.jpg",
            "a/.DS_Store",
            "a/.hidden.jpg",
            "a/Thumbs.db",
            "a/MVI_1.THM",
            "nas/@eaDir/b.jpg/SYNOPHOTO_THUMB_XL.jpg",
            "nas/#recycle/old.jpg",
            "nas/$RECYCLE.BIN/$R1.jpg",
            "nas/b.jpg",
            "__MACOSX/x.jpg",
            "catalog/W Previews.lrdata/A/a.lrprev",
            "catalog/W.cocatalog/Cache/Thumbnails/a.cot",
            "catalog/c.jpg",
        ] {
            file(name);
        }
        let xmp = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>"#;
        fs::write(root.join("a/1.xmp"), xmp).expect("can be written");
        symlink("..", root.join("a/loop")).expect("can be linked");
        symlink("/nonexistent/x.jpg", root.join("a/2.jpg")).expect("can be linked");
        symlink("self", root.join("a/self")).expect("can be linked");
        symlink("../nas/b.jpg", root.join("a/3.jpg")).expect("can be linked");
        let made = std::process::Command::new("mkfifo").arg(root.join("a/pipe")).status();
        assert!(made.expect("mkfifo starts").success());

        let found = Found::at(&[root.to_owned(), root.join("gone.jpg")]);
        let (files, refused, left_out) = names(root, &found);
        assert_eq!(files, ["a/1.jpg", "a/1.xmp", "a/3.jpg", "catalog/c.jpg", "nas/b.jpg"]);
        let refusal = |name: &str, code: &str| (name.to_owned(), code.to_owned());
        assert_eq!(
            refused,
            [
                refusal("a/2.jpg", "broken_link"),
                refusal("a/pipe", "not_a_file"),
                refusal("a/self", "broken_link"),
                refusal("gone.jpg", "unreadable"),
            ]
        );
        let left = |code: &str| {
            let of_code = left_out.iter().filter(|(_, of)| *of == code);
            of_code.map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(left("link_loop"), ["a/loop"]);
        assert_eq!(left("hidden"), ["a/.hidden.jpg"]);
        assert_eq!(left("sidecar"), ["a/1.jpg.pp3", "a/3.xmp"]);
        assert_eq!(
            left("litter"),
            [
                "__MACOSX",
                "a/.DS_Store",
                "a/._1.jpg",
                "a/MVI_1.THM",
                "a/Thumbs.db",
                "catalog/W Previews.lrdata",
                "catalog/W.cocatalog",
                "nas/#recycle",
                "nas/$RECYCLE.BIN",
                "nas/@eaDir",
            ]
        );
        for (name, wanted) in
            [("nas/b.jpg", true), ("nas/@eaDir/b.jpg/x.jpg", false), ("a/.hidden.jpg", false)]
        {
            assert_eq!(is_wanted(root, &root.join(name)), wanted, "{name}");
        }
    }

    #[test]
    fn a_folder_that_cannot_be_read_is_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let locked = folder.path().join("locked");
        fs::create_dir(&locked).expect("can be made");
        fs::write(locked.join("a.jpg"), "a").expect("can be written");
        fs::set_permissions(&locked, std::os::unix::fs::PermissionsExt::from_mode(0o000))
            .expect("can be locked");
        // The superuser reads everything.
        if fs::read_dir(&locked).is_err() {
            let found = Found::at(&[folder.path().to_owned()]);
            let (_, refused, _) = names(folder.path(), &found);
            assert_eq!(refused, [("locked".to_owned(), "unreadable".to_owned())]);
        }
        fs::set_permissions(&locked, std::os::unix::fs::PermissionsExt::from_mode(0o700))
            .expect("can be opened");
    }
}
