//! Whether a password is worth hashing: long enough, and not among what guessers try first.
//!
//! A guesser does not try letters but pieces: words that many people choose, rows of the keyboard, alphabets,
//! years, the person's own name, and all of these again and again. So pieces are counted rather than letters, in the
//! manner of zxcvbn (<https://www.usenix.org/conference/usenixsecurity16/technical-sessions/presentation/wheeler>),
//! whose crate would bring lists of a megabyte.

use std::{ops::RangeInclusive, sync::LazyLock};

/// Characters.
const LENGTH: RangeInclusive<usize> = 10..=200;
/// Pieces that a guesser would have to put together.
const ENOUGH: usize = 6;
/// The shortest run of neighbours (`abc`, `321`, `qwe`) that is one piece.
const RUN: usize = 3;
/// The shortest of the person's own words that is looked for.
const OWN: usize = 3;

const ROWS: [&str; 8] = [
    "1234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "1qaz2wsx3edc4rfv5tgb",
];

static COMMON: LazyLock<Vec<Vec<char>>> = LazyLock::new(|| {
    include_str!("common_words.txt").split_whitespace().map(|word| plain(word.chars())).collect()
});

/// Whether a password stands up to guessing. `own` is what is known of the person: address, number, name.
pub fn is_strong(password: &str, own: &[&str]) -> bool {
    if !LENGTH.contains(&password.chars().count()) {
        return false;
    }
    let own: Vec<Vec<char>> = own
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()).chain([*text]))
        .map(|word| plain(word.chars()))
        .filter(|word| word.len() >= OWN)
        .collect();
    pieces(once(&plain(password.chars())), &own) >= ENOUGH
}

/// In lower case, with one of each character that is repeated at once.
fn plain(text: impl Iterator<Item = char>) -> Vec<char> {
    let mut letters: Vec<char> = text.flat_map(char::to_lowercase).collect();
    letters.dedup();
    letters
}

/// Shortens a text that repeats itself to one repetition.
fn once(text: &[char]) -> &[char] {
    let period =
        (1..=text.len() / 2).find(|period| text.iter().skip(*period).eq(&text[..text.len() - period]));
    &text[..period.unwrap_or(text.len())]
}

/// The fewest pieces that a guesser has to put together.
fn pieces(text: &[char], own: &[Vec<char>]) -> usize {
    let mut fewest = vec![0; text.len() + 1];
    for at in (0..text.len()).rev() {
        let rest = &text[at..];
        let words = COMMON.iter().chain(own).filter(|word| begins(rest, word)).map(Vec::len);
        let lengths = words.chain(RUN..=run(rest)).chain([1, year(rest)]);
        fewest[at] = 1 + lengths.map(|length| fewest[at + length]).min().unwrap_or_default();
    }
    fewest[0]
}

/// Whether the text begins with the word, also when digits and signs stand for letters.
fn begins(text: &[char], word: &[char]) -> bool {
    text.len() >= word.len()
        && text.iter().zip(word).all(|(c, letter)| c == letter || stands_for(*c) == *letter)
}

fn stands_for(sign: char) -> char {
    match sign {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// How many characters at the beginning are neighbours in an alphabet or on a keyboard; 1 for too few.
fn run(text: &[char]) -> usize {
    let length = |follows: &dyn Fn(char, char) -> bool| {
        1 + text.windows(2).take_while(|pair| follows(pair[0], pair[1])).count()
    };
    let code = |c: char| i64::from(u32::from(c));
    let mut longest = length(&|a, b| code(b) - code(a) == 1).max(length(&|a, b| code(b) - code(a) == -1));
    for row in ROWS {
        let keys: Vec<char> = row.chars().collect();
        let next = |a, b| keys.windows(2).any(|pair| pair == [a, b]);
        longest = longest.max(length(&next)).max(length(&|a, b| next(b, a)));
    }
    if longest >= RUN { longest } else { 1 }
}

/// 4 where a year begins in which somebody alive was born or married.
fn year(text: &[char]) -> usize {
    let digits = text.len() >= 4 && text[..4].iter().all(char::is_ascii_digit);
    let century = text.starts_with(&['1', '9']) || text.starts_with(&['2', '0']);
    if digits && century { 4 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_guessers_try_first_is_no_password() {
        for weak in [
            "aaaaaaaaaa",
            "0000000000000000",
            "ababababab",
            "abcabcabcabcabc",
            "1234567890",
            "0987654321",
            "12345678910",
            "abcdefghijkl",
            "qwertyuiop",
            "qwerty12345",
            "1qaz2wsx3edc",
            "йцукенгшщз",
            "password12",
            "Password123!",
            "P@ssw0rd2024",
            "passwordpassword",
            "iloveyou2024",
            "adminadmin1",
            "letmein123",
            "Summer2024!",
            "Свадьба2026",
            "пароль12345",
            "photosession",
            "pixora2026!",
            "hunter2hunter2",
            "short",
            "x7#kQ9!bz",
        ] {
            assert!(!is_strong(weak, &[]), "{weak}");
        }
    }

    #[test]
    fn what_is_known_of_the_person_is_no_password() {
        let own = ["anna.petrova@studio.example", "Anna Petrova", "+79000000000"];
        for weak in
            ["annapetrova", "Petrova2026", "anna.petrova@studio.example", "petrovaanna1", "79000000000"]
        {
            assert!(!is_strong(weak, &own), "{weak}");
        }
        assert!(is_strong("seven green lanterns", &own));
    }

    #[test]
    fn what_has_to_be_guessed_is_a_password() {
        for strong in [
            "an invented password",
            "another invented one",
            "seven purple lanterns",
            "correct horse battery staple",
            "xkqzvmwprt",
            "7f3a9c1e5b2d",
            "тихая ночь у озера",
            "My dog Rex eats 3 shoes",
        ] {
            assert!(is_strong(strong, &[]), "{strong}");
        }
        assert!(is_strong(&"ночь у озера ".repeat(2), &[]));
        assert!(!is_strong(&"x1y2z3w4".repeat(26), &[]), "too long");
    }
}
