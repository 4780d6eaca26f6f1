//! What Pixora says, in every language: the catalogues of `locales/LANGUAGE/*.json`, which are inside the binary.
//!
//! - `errors.json`, `mails.json`, `bot.json`, `cards.json`, `consent.json` and `server.json` are the server's; a key is the
//!   name of its file and the names on the way to the text: `mails.reset.subject`. `pages/AREA.json` are the front end's,
//!   which loads them in the language of the reader (`static/js/common/i18n.js`).
//! - A text holds `{name}` where a value goes. One that depends on a number is an object by plural category of CLDR.
//! - That every key that is asked for exists, that none is left over, and that all languages have the same keys, values and
//!   the categories that they need is held by `tests.rs`.
//!
//! CONTRIBUTING.md says how a language is added. Must not know anything but the languages.

mod files;

use std::{borrow::Cow, collections::HashMap, fmt::Display, sync::LazyLock};

use chrono::{DateTime, Utc};
use intl_pluralrules::{PluralCategory, PluralRuleType, PluralRules};
use serde_json::Value;
use unic_langid::LanguageIdentifier;

use crate::domain::{Language, TimeZone};

pub use files::{names, page};

/// The catalogues of the server.
const SERVER: [&str; 6] = ["errors", "mails", "bot", "cards", "consent", "server"];

/// A text of a catalogue.
#[derive(Debug)]
enum Message {
    One(String),
    /// By the name of the plural category.
    ByNumber(HashMap<String, String>),
}

struct Catalogue {
    messages: HashMap<String, Message>,
    plurals: Option<PluralRules>,
}

static CATALOGUES: LazyLock<HashMap<Language, Catalogue>> = LazyLock::new(|| {
    let all = Language::ALL.iter();
    all.map(|&language| (language, Catalogue::read(language))).collect()
});

impl Catalogue {
    fn read(language: Language) -> Self {
        let mut messages = HashMap::new();
        for name in SERVER {
            // A test holds that every file is there and is JSON.
            let value = files::json(language, name).unwrap_or_default();
            put(&mut messages, name, &value);
        }
        Self { messages, plurals: rules(language) }
    }
}

/// CLDR's rules for counting in a language.
fn rules(language: Language) -> Option<PluralRules> {
    let tag: LanguageIdentifier = language.as_str().parse().ok()?;
    PluralRules::create(tag, PluralRuleType::CARDINAL).ok()
}

/// An object with the category that every language has is one text; another one is a branch.
fn put(messages: &mut HashMap<String, Message>, key: &str, value: &Value) {
    match value {
        Value::String(text) => drop(messages.insert(key.to_owned(), Message::One(text.clone()))),
        Value::Object(by_number) if by_number.contains_key("other") => {
            let forms = by_number
                .iter()
                .filter_map(|(category, form)| Some((category.clone(), form.as_str()?.to_owned())));
            messages.insert(key.to_owned(), Message::ByNumber(forms.collect()));
        }
        Value::Object(branch) => {
            for (name, value) in branch {
                put(messages, &format!("{key}.{name}"), value);
            }
        }
        _ => {}
    }
}

fn category(rules: Option<&PluralRules>, n: u64) -> &'static str {
    match rules.and_then(|rules| rules.select(n).ok()) {
        Some(PluralCategory::ZERO) => "zero",
        Some(PluralCategory::ONE) => "one",
        Some(PluralCategory::TWO) => "two",
        Some(PluralCategory::FEW) => "few",
        Some(PluralCategory::MANY) => "many",
        Some(PluralCategory::OTHER) | None => "other",
    }
}

/// A value and the name that stands for it in the texts.
pub type Named<'a> = (&'a str, &'a dyn Display);

/// The words of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(pub Language);

impl Words {
    /// The text of a key.
    #[must_use]
    pub fn say(self, key: &str) -> &'static str {
        self.find(key).unwrap_or_else(|| {
            tracing::error!(key, language = self.0.as_str(), "there is no text of this key");
            ""
        })
    }

    /// The text of a key that may have none.
    #[must_use]
    pub fn find(self, key: &str) -> Option<&'static str> {
        match CATALOGUES.get(&self.0)?.messages.get(key)? {
            Message::One(text) => Some(text),
            Message::ByNumber(forms) => forms.get("other").map(String::as_str),
        }
    }

    /// The text of a key with values put where their names stand.
    #[must_use]
    pub fn fill(self, key: &str, values: &[Named]) -> String {
        fill(self.say(key), values)
    }

    /// The text of a key for a number, which stands where `{n}` is; further values may be given.
    #[must_use]
    pub fn count(self, key: &str, n: u64, values: &[Named]) -> String {
        let catalogue = CATALOGUES.get(&self.0);
        let message = catalogue.and_then(|catalogue| catalogue.messages.get(key));
        let text = match message {
            Some(Message::ByNumber(forms)) => {
                let category = category(catalogue.and_then(|catalogue| catalogue.plurals.as_ref()), n);
                forms.get(category).map(String::as_str)
            }
            _ => None,
        };
        let text = text.unwrap_or_else(|| self.say(key));
        let all: Vec<Named> = values.iter().copied().chain([("n", &n as &dyn Display)]).collect();
        fill(text, &all)
    }

    /// Day and time of a moment on the clocks of a zone, else of UTC, with the zone.
    #[must_use]
    pub fn moment(self, at: DateTime<Utc>, zone: Option<TimeZone>) -> String {
        let clock = zone.map_or(at.naive_utc(), |zone| zone.clock(at));
        format!("{} ({})", clock.format(self.say("mails.moment")), zone.map_or("UTC", TimeZone::name))
    }
}

/// Puts values where their names stand in braces. A value is never searched for names itself.
fn fill(text: &str, values: &[Named]) -> String {
    let mut filled = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            filled.push('{');
            rest = after;
            continue;
        };
        let value = values.iter().find(|(known, _)| *known == name);
        filled.push_str(
            &value.map_or(Cow::Owned(format!("{{{name}}}")), |(_, value)| value.to_string().into()),
        );
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The languages in the order in which a text is looked for that may not be in all of them, as one that a studio has
/// written: the reader's own, English, then the others.
pub fn preferred(language: Language) -> impl Iterator<Item = Language> {
    let others = Language::ALL.iter().copied().filter(|other| *other != Language::English);
    [language, Language::English].into_iter().chain(others)
}

/// The same text in all languages, for a reader whose language is not known: English first.
#[must_use]
pub fn in_all(text: impl Fn(Words) -> String) -> Vec<String> {
    let others = Language::ALL.iter().copied().filter(|other| *other != Language::English);
    [Language::English].into_iter().chain(others).map(|language| text(Words(language))).collect()
}

/// The keys of one catalogue of the server's.
#[cfg(test)]
pub fn keys(catalogue: &str) -> Vec<&'static str> {
    let all = CATALOGUES.get(&Language::English).into_iter().flat_map(|it| it.messages.keys());
    all.map(String::as_str).filter(|key| key.split('.').next() == Some(catalogue)).collect()
}

#[cfg(test)]
mod tests;
