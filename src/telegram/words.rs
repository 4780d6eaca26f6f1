//! What the bot needs of languages besides its texts, which stand in `locales/*/bot.json`.

use crate::domain::Language;

/// The language of the IETF tag that Telegram gives; English when Pixora does not speak it.
pub(super) fn language_of(tag: Option<&str>) -> Language {
    let known = tag.and_then(|tag| tag.split('-').next()?.parse().ok());
    known.unwrap_or(Language::English)
}

/// What a button of an earlier Pixora agrees to, which did not say the version.
pub(super) const EARLIER_BUTTONS: &str = "2026-11.4";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_the_tag_of_telegram() {
        for (tag, expected) in [
            (Some("ru"), Language::Russian),
            (Some("ru-RU"), Language::Russian),
            (Some("en-GB"), Language::English),
            (Some("de"), Language::German),
            (Some("de-AT"), Language::German),
            (Some("fr"), Language::English),
            (None, Language::English),
        ] {
            assert_eq!(language_of(tag), expected, "{tag:?}");
        }
    }
}
