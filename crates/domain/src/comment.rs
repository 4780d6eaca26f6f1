//! What guests write on photos.

use std::{fmt, str::FromStr};

use super::Invalid;

/// Characters of a comment.
pub const LONGEST_COMMENT: usize = 500;

words! {
    /// Whether guests may write on photos.
    Comments "comments" {
        Off "off",
        /// Comments are seen when the studio has looked at them.
        Moderated "moderated",
        /// They are seen at once.
        Open "open",
    }
}

words! {
    /// How a comment stands.
    CommentState "state of a comment" {
        /// The studio has not looked at it yet, or is to look at it again.
        Waiting "waiting",
        /// Guests who see the photo see it.
        Shown "shown",
        /// The studio, or the couple, has not taken it or has taken it away.
        Declined "declined",
    }
}

/// The words of a comment, as they are kept and shown: 1 to [`LONGEST_COMMENT`] characters, of one line or several. Control
/// characters and marks that turn the direction of what follows are left out; a guest who pastes a text does not know of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommentText(String);

impl CommentText {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CommentText {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.replace("\r\n", "\n").replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], "\n");
        let text: String = visible_words(&text.replace('\t', " "))
            .chars()
            .filter(|&c| c == '\n' || !c.is_control())
            .collect();
        // One empty line parts paragraphs; more of them would only push away what others wrote.
        let mut kept = String::with_capacity(text.len());
        for line in text.trim().split('\n').map(str::trim_end) {
            if !(line.is_empty() && kept.ends_with("\n\n")) {
                kept.push_str(line);
                kept.push('\n');
            }
        }
        let kept = kept.trim_end();
        let fits = kept.chars().any(is_seen) && kept.chars().count() <= LONGEST_COMMENT;
        if fits { Ok(Self(kept.to_owned())) } else { Err(Invalid("comment")) }
    }
}

/// A text without characters that nobody sees and that change how the text around them is read: overrides of its direction,
/// characters without a width, marks of other programs. What joins letters and emojis stays.
#[must_use]
pub fn visible_words(text: &str) -> String {
    let is_mark = |c| {
        matches!(
            c,
            '\u{180e}' | '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}'
                | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
    };
    text.chars().filter(|&c| !is_mark(c)).collect()
}

/// Whether a character leaves something to see: letters that are blank and what only joins others do not.
fn is_seen(c: char) -> bool {
    let is_blank = matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{200c}'..='\u{200f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
    );
    !is_blank && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> Option<String> {
        text.parse().ok().map(|CommentText(text)| text)
    }

    #[test]
    fn a_comment_is_its_words_and_nothing_else() {
        assert_eq!(kept("  Lovely!\t:) \r\n\r\n\n\nSee you \u{2029}"), Some("Lovely! :)\n\nSee you".into()));
        assert_eq!(kept("<b>x</b> https://photos.example"), Some("<b>x</b> https://photos.example".into()));
        // A text that is turned round, a bell, and what is not seen.
        assert_eq!(kept("a\u{202e}b\u{2066}c\u{7}\u{0}\u{200b}\u{feff}d"), Some("abcd".into()));
        // A family, a flag and marks that Arabic and Hebrew need are left alone.
        let joined = "👩\u{200d}👩\u{200d}👧 🏴\u{e0067}\u{e0062}\u{e007f} می\u{200c}خواهم \u{200f}שלום";
        assert_eq!(kept(joined), Some(joined.to_owned()));
    }

    #[test]
    fn a_comment_has_something_to_read_and_an_end() {
        for nothing in ["", " \n\t ", "\u{202e}\u{200b}", "\u{3164}\u{2800}", "\u{200d}\u{200e}"] {
            assert_eq!(kept(nothing), None, "{nothing:?}");
        }
        assert!(kept(&"é".repeat(LONGEST_COMMENT)).is_some());
        assert_eq!(kept(&"é".repeat(LONGEST_COMMENT + 1)), None);
        assert!(
            kept(&format!("  {}\n\n", "x".repeat(LONGEST_COMMENT))).is_some(),
            "trimmed before it is counted"
        );
    }
}
