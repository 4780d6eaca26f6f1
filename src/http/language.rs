//! Content negotiation by q-values (RFC 9110, section 12.5).

use std::cmp::Reverse;

use axum::http::{HeaderMap, HeaderName, header};

use crate::domain::Language;

/// The best of `Accept-Language`; English when it names none that we speak.
#[must_use]
pub fn of(headers: &HeaderMap) -> Language {
    let ranges = ranges(headers, &header::ACCEPT_LANGUAGE);
    let any = ranges.iter().find(|(range, _)| range == "*").map_or(0, |(_, quality)| *quality);
    // On a tie, what is listed first wins, as browsers mean the order, then English.
    let taste = |language: Language| {
        let is_of = |range: &str| range.split('-').next() == Some(language.as_str());
        let named = ranges.iter().filter(|(range, _)| is_of(range)).map(|(_, quality)| *quality).max();
        let place = ranges.iter().position(|(range, _)| is_of(range)).unwrap_or(usize::MAX);
        (named.unwrap_or(any), Reverse(place), language == Language::English)
    };
    let wanted = Language::ALL.iter().copied().filter(|language| taste(*language).0 > 0);
    wanted.max_by_key(|language| taste(*language)).unwrap_or(Language::English)
}

/// Whether the client names HTML, and likes it at least as much as JSON: browsers that navigate do,
/// `fetch` and command-line tools do not.
#[must_use]
pub fn prefers_html(headers: &HeaderMap) -> bool {
    let ranges = ranges(headers, &header::ACCEPT);
    let quality = |media: &str| ranges.iter().find(|(range, _)| range == media).map_or(0, |(_, q)| *q);
    let html = quality("text/html");
    html > 0 && html >= quality("application/json").max(quality("application/problem+json"))
}

/// The header's ranges in lower case with their quality in thousandths, in the order given.
fn ranges(headers: &HeaderMap, name: &HeaderName) -> Vec<(String, u16)> {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|item| {
            let mut parts = item.split(';').map(str::trim);
            let range = parts.next().filter(|range| !range.is_empty())?.to_ascii_lowercase();
            let quality = parts.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
            Some((range, quality.map_or(1000, thousandths)))
        })
        .collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=1000")]
fn thousandths(quality: &str) -> u16 {
    quality.parse::<f32>().map_or(0, |q| (q.clamp(0.0, 1.0) * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().expect("a legal header"))])
    }

    #[test]
    fn the_language_is_the_best_that_we_speak() {
        let cases = [
            ("ru", Language::Russian),
            ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", Language::Russian),
            ("en-US,en;q=0.9,ru;q=0.8", Language::English),
            ("fr,ru;q=0.3,en;q=0.2", Language::Russian),
            ("fr;q=1, *;q=0.5", Language::English),
            ("de", Language::German),
            ("de-AT,de;q=0.9,en;q=0.8", Language::German),
            ("en,de;q=0.9", Language::English),
            ("de,ru,en", Language::German),
            ("ru;q=0.7,de;q=0.8", Language::German),
            ("de;q=0,*;q=0.5", Language::English),
            ("den", Language::English),
            ("ru;q=0", Language::English),
            ("ru;q=0.5,*;q=0.8", Language::English),
            ("ru,en", Language::Russian),
            ("en,ru", Language::English),
            ("", Language::English),
            ("ru;q=nonsense", Language::English),
        ];
        for (value, expected) in cases {
            assert_eq!(of(&headers(header::ACCEPT_LANGUAGE, value)), expected, "{value}");
        }
        assert_eq!(of(&HeaderMap::new()), Language::English);
    }

    #[test]
    fn only_who_names_html_gets_html() {
        let cases = [
            ("text/html,application/xhtml+xml,*/*;q=0.8", true),
            ("*/*", false),
            ("application/json", false),
            ("text/html;q=0.5, application/json", false),
            ("text/html;q=0", false),
        ];
        for (value, expected) in cases {
            assert_eq!(prefers_html(&headers(header::ACCEPT, value)), expected, "{value}");
        }
    }
}
