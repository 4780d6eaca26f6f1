//! Names of files and folders that are not looked at when a folder is looked through.

use std::path::Path;

/// Folders in which computers and photographers' programs keep what is theirs, in lower case.
const LITTER_FOLDERS: [&str; 11] = [
    "@eadir",
    "@recycle",
    "@tmp",
    "#recycle",
    "#snapshot",
    "$recycle.bin",
    "system volume information",
    "__macosx",
    "lost+found",
    "captureone",
    "lightroom settings",
];
const LITTER_FILES: [&str; 4] = ["thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"];
/// Of thumbnails, previews and catalogues; the folders of catalogues end so as well.
const LITTER_ENDINGS: [&str; 12] = [
    "thm",
    "cot",
    "cop",
    "cof",
    "comask",
    "ctg",
    "lrprev",
    "lrcat",
    "lrdata",
    "lrcat-data",
    "cocatalog",
    "cocatalogdb",
];
/// Extensions of sidecars in formats of single programs. XMP is a common format, and is read.
const SIDECARS: [&str; 3] = ["pp3", "cos", "dop"];

/// Why something in a folder is not looked at, if it is not.
#[must_use]
pub fn unwanted(path: &Path, is_folder: bool) -> Option<&'static str> {
    let name = path.file_name()?.to_string_lossy().to_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_litter = LITTER_ENDINGS.contains(&ending)
        || if is_folder { LITTER_FOLDERS.contains(&&*name) } else { LITTER_FILES.contains(&&*name) };
    if is_litter || name.starts_with("._") || name == ".ds_store" || name == ".@__thumb" {
        Some("litter")
    } else if name.starts_with('.') {
        Some("hidden")
    } else {
        (!is_folder && SIDECARS.contains(&ending)).then_some("sidecar")
    }
}
