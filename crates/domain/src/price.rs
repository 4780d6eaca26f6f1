//! The price list of a studio.

use std::{collections::BTreeMap, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Currency, Invalid, Language, Money, PriceId};

words! {
    /// The kind of item that a price is for.
    PriceKind "kind" {
        /// The original file of one photo.
        Digital "digital",
        /// The original files of the whole session.
        Bundle "bundle",
        /// One photo on paper.
        Print "print",
        /// Some of the others at one price; the buyer says which photos.
        Package "package",
    }
}

impl PriceKind {
    /// Whether a line of it is about one photo.
    #[must_use]
    pub fn is_of_a_photo(self) -> bool {
        matches!(self, Self::Digital | Self::Print)
    }

    /// Whether a line of it gives files.
    #[must_use]
    pub fn is_file(self) -> bool {
        matches!(self, Self::Digital | Self::Bundle)
    }

    /// Whether a line of it has to be made and sent.
    #[must_use]
    pub fn is_made(self) -> bool {
        self == Self::Print
    }
}

/// One name in the languages in which a studio has written it: one of them at least. A text that readers of its
/// language would get without it is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names(BTreeMap<Language, String>);

impl Names {
    /// `None` for no text at all.
    #[must_use]
    pub fn new(written: impl IntoIterator<Item = (Language, String)>) -> Option<Self> {
        let mut names = Self(written.into_iter().collect());
        let (first, usual) = names.usual()?;
        let usual = usual.to_owned();
        names.0.retain(|language, text| *language == first || *text != usual);
        Some(names)
    }

    /// In the reader's language, else in English, else in the first language in which it is written. The one place
    /// that decides so.
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        let usual = || self.usual().map_or("", |(_, text)| text);
        self.0.get(&language).map_or_else(usual, String::as_str)
    }

    /// What is read where nothing is written in the reader's language.
    fn usual(&self) -> Option<(Language, &str)> {
        let english = self.0.get_key_value(&Language::English);
        english.or_else(|| self.0.first_key_value()).map(|(language, text)| (*language, text.as_str()))
    }
}

/// What a package holds of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// By which a cart puts photos into it.
    pub id: PriceId,
    /// A file, a print, or the files of the whole session.
    pub kind: PriceKind,
    /// Of a print.
    pub size: Option<String>,
    /// How many photos one package takes; 1 for the whole session, whose photos nobody has to choose.
    pub quantity: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    pub id: PriceId,
    pub kind: PriceKind,
    /// Of a print, in the studio's words: `10x15 cm`.
    pub size: Option<String>,
    pub name: Names,
    pub amount: Money,
    /// Inactive prices are neither shown nor sold.
    pub active: bool,
    /// Of a package; nothing else has any.
    pub parts: Vec<Part>,
}

impl Price {
    /// Whether its buyer gets files.
    #[must_use]
    pub fn gives_files(&self) -> bool {
        self.kind.is_file() || self.parts.iter().any(|part| part.kind.is_file())
    }
}

/// In the order in which it is shown; every price is in the list's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceList {
    pub currency: Currency,
    pub prices: Vec<Price>,
}

impl PriceList {
    /// The price with that id, if it is sold.
    #[must_use]
    pub fn sold(&self, id: PriceId) -> Option<&Price> {
        self.prices.iter().find(|price| price.id == id && price.active)
    }

    /// The part with that id and its package, if that is sold.
    #[must_use]
    pub fn part(&self, id: PriceId) -> Option<(&Price, &Part)> {
        let sold = self.prices.iter().filter(|price| price.active);
        sold.flat_map(|price| price.parts.iter().map(move |part| (price, part)))
            .find(|(_, part)| part.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(written: &[(Language, &str)]) -> Option<Names> {
        Names::new(written.iter().map(|(language, text)| (*language, (*text).to_owned())))
    }

    #[test]
    fn a_name_is_read_in_the_readers_language_else_in_english_else_in_any() {
        use Language::{English, German, Russian};
        for (written, [ru, en, de]) in [
            (&[(Russian, "Файл"), (English, "File"), (German, "Datei")][..], ["Файл", "File", "Datei"]),
            (&[(Russian, "Файл"), (English, "File")], ["Файл", "File", "File"]),
            (&[(Russian, "Файл")], ["Файл", "Файл", "Файл"]),
            (&[(German, "Datei")], ["Datei", "Datei", "Datei"]),
        ] {
            let names = names(written).expect("something is written");
            assert_eq!([Russian, English, German].map(|language| names.of(language)), [ru, en, de]);
        }
        assert_eq!(names(&[]), None);
    }

    #[test]
    fn what_is_read_anyway_is_not_kept() {
        use Language::{English, German, Russian};
        assert_eq!(names(&[(Russian, "X"), (English, "X"), (German, "X")]), names(&[(English, "X")]));
        assert_eq!(names(&[(Russian, "X"), (German, "X")]), names(&[(Russian, "X")]));
        assert_ne!(names(&[(Russian, "X"), (German, "Y")]), names(&[(Russian, "X")]));
    }

    #[test]
    fn a_name_reads_as_it_is_kept() {
        let names = names(&[(Language::German, "Größe \"A\" \\ 1"), (Language::English, "Size")]);
        let kept = serde_json::to_string(&names).expect("is JSON");
        assert_eq!(kept, r#"{"en":"Size","de":"Größe \"A\" \\ 1"}"#);
        assert_eq!(serde_json::from_str::<Option<Names>>(&kept).expect("is read"), names);
    }
}
