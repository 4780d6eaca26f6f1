use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use super::*;

/// Categories that an integer of a page or a mail can have in a language.
fn needed(language: Language) -> BTreeSet<&'static str> {
    let rules = rules(language);
    (0..=1_000).map(|n| category(rules.as_ref(), n)).collect()
}

/// Every catalogue of a language by its path without an ending: `pages/guest`.
fn catalogues(language: Language) -> BTreeMap<String, Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales").join(language.as_str());
    files_below(&folder, "json")
        .into_iter()
        .map(|file| {
            let name = file.strip_prefix(&folder).expect("below it").with_extension("");
            let text = fs::read_to_string(&file).expect("a catalogue can be read");
            let json =
                serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
            (name.to_string_lossy().into_owned(), json)
        })
        .collect()
}

fn files_below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files_below(&path, ending));
        } else if path.extension().is_some_and(|it| it == ending) {
            found.push(path);
        }
    }
    found
}

/// The messages of a catalogue by key.
fn messages(catalogues: &BTreeMap<String, Value>) -> HashMap<String, Message> {
    let mut all = HashMap::new();
    for (name, value) in catalogues {
        put(&mut all, name, value);
    }
    all
}

/// The names in braces.
fn places(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

fn forms(message: &Message) -> Vec<(&str, &str)> {
    match message {
        Message::One(text) => vec![("other", text)],
        Message::ByNumber(forms) => {
            forms.iter().map(|(category, text)| (category.as_str(), text.as_str())).collect()
        }
    }
}

#[test]
fn every_language_has_the_same_texts_with_the_same_values() {
    let english = catalogues(Language::English);
    let files: Vec<_> = english.keys().collect();
    let english = messages(&english);
    for &language in Language::ALL {
        let own = catalogues(language);
        assert_eq!(own.keys().collect::<Vec<_>>(), files, "the files of {language}");
        let own = messages(&own);
        let missing: Vec<_> = english.keys().filter(|key| !own.contains_key(*key)).collect();
        assert!(missing.is_empty(), "{language} lacks {missing:?}");
        let more: Vec<_> = own.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(more.is_empty(), "only {language} has {more:?}");
        for (key, message) in &own {
            // A form for one thing may leave its number out.
            let expected: BTreeSet<_> =
                forms(&english[key]).iter().flat_map(|(_, text)| places(text)).collect();
            for (category, text) in forms(message) {
                assert!(!text.trim().is_empty(), "{language} {key} is empty");
                let mut named = places(text);
                if category != "other" && matches!(message, Message::ByNumber(_)) {
                    named.extend(expected.get("n"));
                }
                assert_eq!(named, expected, "{language} {key}: {text}");
            }
        }
    }
}

#[test]
fn a_text_that_depends_on_a_number_has_every_form_that_its_language_needs() {
    for &language in Language::ALL {
        let needed = needed(language);
        for (key, message) in messages(&catalogues(language)) {
            let Message::ByNumber(forms) = message else { continue };
            let has: BTreeSet<_> = forms.keys().map(String::as_str).collect();
            assert!(has.is_superset(&needed), "{language} {key} has {has:?} and needs {needed:?}");
            let known = ["zero", "one", "two", "few", "many", "other"];
            assert!(has.iter().all(|category| known.contains(category)), "{language} {key}: {has:?}");
        }
    }
}

#[test]
fn a_key_means_the_same_on_every_page() {
    for &language in Language::ALL {
        let mut texts: BTreeMap<String, (String, String)> = BTreeMap::new();
        for (name, value) in catalogues(language).into_iter().filter(|(name, _)| name.starts_with("pages/")) {
            for (key, text) in value.as_object().expect("an object") {
                let (first, said) =
                    texts.entry(key.clone()).or_insert_with(|| (name.clone(), text.to_string()));
                assert_eq!(*said, text.to_string(), "{language}: {key} of {first} and of {name}");
            }
        }
    }
}

/// The keys in string literals of the sources, and of those that are put together the text around what is put in.
fn asked() -> (BTreeSet<String>, Vec<(String, String)>) {
    let (mut whole, mut parts) = (BTreeSet::new(), Vec::new());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in files_below(&root.join("src"), "rs") {
        let text = fs::read_to_string(&file).expect("a source can be read");
        for literal in text.split('"') {
            let is_key = literal.split('.').next().is_some_and(|first| SERVER.contains(&first))
                && literal.contains('.')
                && !literal.ends_with('.')
                && literal.chars().all(|c| c.is_ascii_alphanumeric() || "._-{}()".contains(c));
            if !is_key {
                continue;
            }
            match (literal.find('{'), literal.rfind('}')) {
                (Some(open), Some(close)) => {
                    parts.push((literal[..open].to_owned(), literal[close + 1..].to_owned()))
                }
                _ => drop(whole.insert(literal.to_owned())),
            }
        }
    }
    // Templates name the keys of `server` without it.
    for file in files_below(&root.join("static"), "html") {
        let text = fs::read_to_string(&file).expect("a template can be read");
        for name in text.split("{{say ").skip(1) {
            whole.insert(format!("server.{}", name.split("}}").next().unwrap_or_default()));
        }
    }
    (whole, parts)
}

#[test]
fn every_key_that_the_server_asks_for_exists_and_none_is_left_over() {
    let (whole, parts) = asked();
    let known: BTreeSet<_> = SERVER.iter().flat_map(|name| keys(name)).collect();
    for key in &whole {
        assert!(known.contains(key.as_str()), "there is no text {key}");
    }
    for key in known {
        let is_put_together =
            parts.iter().any(|(begin, end)| key.starts_with(begin.as_str()) && key.ends_with(end.as_str()));
        assert!(whole.contains(key) || is_put_together, "nothing asks for {key}");
    }
}

#[test]
fn numbers_take_the_form_of_their_language() {
    let orders = |language, n| Words(language).count("mails.notices.order", n, &[]);
    assert_eq!(orders(Language::English, 1), "1 new order");
    assert_eq!(orders(Language::English, 2), "2 new orders");
    assert_eq!(orders(Language::Russian, 1), "1 новый заказ");
    assert_eq!(orders(Language::Russian, 3), "3 новых заказа");
    assert_eq!(orders(Language::Russian, 11), "11 новых заказов");
    assert_eq!(orders(Language::German, 1), "1 neue Bestellung");
    assert_eq!(orders(Language::German, 5), "5 neue Bestellungen");
}

#[test]
fn a_value_is_not_searched_for_names() {
    assert_eq!(fill("{a} and {b}, {c}{", &[("a", &"{b}"), ("b", &"B")]), "{b} and B, {c}{");
}

#[test]
fn what_a_studio_wrote_is_looked_for_in_the_readers_language_first() {
    let order: Vec<_> = preferred(Language::German).collect();
    assert_eq!(order[..2], [Language::German, Language::English]);
    assert!(order.contains(&Language::Russian));
}
