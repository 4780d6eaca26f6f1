//! The letters that are drawn with: Golos Text, Latin and Cyrillic, inside the binary.

use std::sync::{Arc, LazyLock, Once};

use resvg::usvg::fontdb::{Database, ID};
use rust_embed::RustEmbed;
use unicode_normalization::UnicodeNormalization;

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

/// The words with single spaces, without what no bundled letter can show: an emoji in a session's name, say. Asked
/// of the fonts themselves: who sets a text with such letters complains of each of them, each time.
#[must_use]
pub fn printable(text: &str) -> String {
    static SAID: Once = Once::new();
    let mut lost = 0;
    let letters = text.nfc().map(|letter| {
        if letter.is_whitespace() || letter.is_control() {
            return ' ';
        }
        let shown = is_shown(letter);
        lost += u32::from(!shown);
        if shown { letter } else { ' ' }
    });
    let kept: String = letters.collect();
    if lost > 0 {
        SAID.call_once(|| {
            tracing::warn!(
                letters = lost,
                "words hold letters that the bundled fonts lack; they are left out of drawings"
            );
        });
    }
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether every bundled font has the letter: one text is set in several of them.
fn is_shown(letter: char) -> bool {
    static FACES: LazyLock<Vec<ID>> = LazyLock::new(|| BUNDLED.faces().map(|face| face.id).collect());
    let has = |data: &[u8], index: u32| {
        ttf_parser::Face::parse(data, index).is_ok_and(|face| face.glyph_index(letter).is_some())
    };
    FACES.iter().all(|id| BUNDLED.with_face_data(*id, has).unwrap_or(false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_no_font_can_show_are_left_out_before_anything_is_set() {
        assert_eq!(printable("Anna ❤\u{fe0f} Ivan\n🎉🎉"), "Anna Ivan");
        assert_eq!(printable("👩\u{200d}👩\u{200d}👧 семья"), "семья");
        assert_eq!(printable("漢字"), "");
        let text = "Anna & Иван: Съёмка №1, «ёж» — 2026 'x'";
        assert_eq!(printable(text), text);
        // Two letters that make one: the font has that one.
        assert_eq!(printable("и\u{306}од"), "йод");
    }
}
