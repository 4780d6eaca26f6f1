//! The front end, inside the binary.
//!
//! The words of its pages come from the catalogues of `words/`, under `locales/`.
//!
//! Files are served under a path that holds the hash of all of them (`/static/{hash}/js/guest/main.js`):
//! ES modules import each other by relative paths, so one folder is one version, cached for ever.

use std::sync::LazyLock;

use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use crate::words;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Files;

/// 16 hex digits over every file's name and content.
pub static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Files::iter().collect();
    names.sort_unstable();
    let mut hasher = Sha256::new();
    for name in names {
        hasher.update(name.as_bytes());
        hasher.update(Files::get(&name).map_or([0; 32], |file| file.metadata.sha256_hash()));
    }
    for (name, hash) in words::names() {
        hasher.update(name.as_bytes());
        hasher.update(hash);
    }
    hex::encode(&hasher.finalize()[..8])
});

/// The path that `{{static}}` stands for in templates.
#[must_use]
pub fn base_path() -> String {
    format!("/static/{}", *VERSION)
}

/// A page's template.
#[must_use]
pub fn template(name: &str) -> Option<String> {
    Files::get(name).and_then(|file| String::from_utf8(file.data.into_owned()).ok())
}

/// A file of the front end that may be served; `None` where there is none.
#[must_use]
pub fn file(path: &str) -> Option<(EmbeddedFile, &'static str)> {
    if let Some(path) = path.strip_prefix("locales/") {
        return Some((words::page(path)?, "application/json"));
    }
    let content_type = content_type(path)?;
    Some((Files::get(path)?, content_type))
}

/// The kinds of file that the front end is made of. Templates (`.html`) are pages, not files.
fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "jpg" => "image/jpeg",
        "woff2" => "font/woff2",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_but_templates_and_licences_can_be_served() {
        for name in Files::iter() {
            // thumbhash names its licence in its package.json and nowhere else.
            // The fonts are for print.
            let known = [".html", ".md", "LICENSE", "package.json", ".ttf", "LICENSE_FONT"]
                .iter()
                .any(|end| name.ends_with(end));
            assert!(known || content_type(&name).is_some(), "{name} has no content type");
        }
        assert!(Files::get("guest.html").is_some(), "the front end is in the binary");
    }
}
