//! The files of `locales/`.

use rust_embed::{EmbeddedFile, RustEmbed};
use serde_json::Value;

use crate::domain::Language;

#[derive(RustEmbed)]
#[folder = "locales/"]
struct Files;

pub(super) fn json(language: Language, name: &str) -> Option<Value> {
    serde_json::from_slice(&Files::get(&format!("{language}/{name}.json"))?.data).ok()
}

/// The name and the hash of every catalogue of the pages, in a fixed order.
#[must_use]
pub fn names() -> Vec<(String, [u8; 32])> {
    let mut names: Vec<_> = Files::iter().filter(|name| name.contains("/pages/")).collect();
    names.sort_unstable();
    let hash = |name: &str| Files::get(name).map_or([0; 32], |file| file.metadata.sha256_hash());
    names.into_iter().map(|name| (name.to_string(), hash(&name))).collect()
}

/// A catalogue of the pages by its path: `de/pages/guest.json`.
#[must_use]
pub fn page(path: &str) -> Option<EmbeddedFile> {
    let (language, file) = path.split_once('/')?;
    let known = language.parse::<Language>().is_ok() && file.starts_with("pages/");
    known.then(|| Files::get(path)).flatten()
}
