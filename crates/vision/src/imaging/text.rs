//! Texts in files, as they are kept.

/// Longest text that is kept of one field, in characters.
const LONGEST: usize = 2_000;

/// A text without control characters and empty ends; `None` when nothing is left.
pub(super) fn plain(text: &str) -> Option<String> {
    let kept: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST).collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

/// UTF-8, else Latin-1: old programs wrote the one, everybody else writes the other.
pub(super) fn decoded(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes)
        .map_or_else(|_| bytes.iter().map(|&byte| char::from(byte)).collect(), str::to_owned)
}
