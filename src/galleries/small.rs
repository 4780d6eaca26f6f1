//! An archive that is made in memory, of files that are small.

use chrono::NaiveDateTime;

use super::{
    names::unique,
    zip::{Entry, Layout, Part},
};

/// A ZIP of these files: their names, which are made unique, and their content.
#[must_use]
pub fn archive_of(files: Vec<(String, Vec<u8>)>, modified: NaiveDateTime) -> Vec<u8> {
    let (names, contents): (Vec<String>, Vec<Vec<u8>>) = files.into_iter().unzip();
    let entries = unique(names).into_iter().zip(&contents).map(|(name, content)| Entry {
        name,
        bytes: content.len() as u64,
        crc32: crc32fast::hash(content),
        modified,
    });
    let layout = Layout::new(entries.collect());
    let mut archive: Vec<u8> = Vec::new();
    while let Some(part) = layout.part(archive.len() as u64, u64::MAX) {
        match part {
            Part::Bytes(bytes) => archive.extend(bytes),
            Part::File { entry, .. } => archive.extend(&contents[entry]),
        }
    }
    archive
}
