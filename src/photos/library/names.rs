//! The files of a library that are looked at, by their names.

use std::path::Path;

use crate::photos::{is_sidecar, unwanted};

/// Whether a file of this key is looked at: no preview, no sidecar, nothing that is hidden or that programs keep for
/// themselves, in any folder of the key.
pub(super) fn is_wanted(key: &str) -> bool {
    let steps: Vec<&str> = key.split('/').collect();
    !is_sidecar(key)
        && steps
            .iter()
            .enumerate()
            .all(|(at, step)| unwanted(Path::new(step), at + 1 < steps.len()).is_none())
}

/// The file's own name.
pub(super) fn filename(key: &str) -> &str {
    key.rsplit_once('/').map_or(key, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn litter_and_sidecars_are_left_out_wherever_they_lie() {
        for wanted in ["IMG_1.jpg", "day 1/IMG_1.CR3", "a/b/c.heic"] {
            assert!(is_wanted(wanted), "{wanted}");
        }
        for litter in [
            "._IMG_1.jpg",
            "a/.hidden/IMG_1.jpg",
            "@eaDir/IMG_1.jpg/SYNOPHOTO_THUMB_XL.jpg",
            "Previews.lrdata/1.jpg",
            "IMG_1.xmp",
            "IMG_1.cr3.pp3",
            "IMG_1.THM",
            "Thumbs.db",
        ] {
            assert!(!is_wanted(litter), "{litter}");
        }
    }
}
