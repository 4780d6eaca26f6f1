//! The letters that are drawn with: Golos Text, Latin and Cyrillic, inside the binary.

use std::sync::{Arc, LazyLock};

use resvg::usvg::fontdb::Database;
use rust_embed::RustEmbed;

/// `make setup` puts them there; without them a build succeeds and nothing drawn has text, which a test notices.
#[derive(RustEmbed)]
#[folder = "../../static/vendor/fonts/"]
#[allow_missing = true]
struct Files;

pub const FONT_FAMILY: &str = "Golos Text";

static BUNDLED: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut database = Database::new();
    for file in Files::iter().filter(|name| name.ends_with(".ttf")).filter_map(|name| Files::get(&name)) {
        database.load_font_data(file.data.into_owned());
    }
    Arc::new(database)
});

/// Loaded once.
#[must_use]
pub fn fonts() -> Arc<Database> {
    Arc::clone(&BUNDLED)
}
