//! Setting text: the bundled letters, how wide a line is, where it breaks.

use std::sync::Arc;

use svg2pdf::usvg::{self, Node, fontdb};

pub use crate::imaging::{FONT_FAMILY as FAMILY, printable};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

impl Weight {
    pub fn number(self) -> u16 {
        match self {
            Self::Regular => 400,
            Self::Bold => 700,
        }
    }
}

/// Letters, Latin and Cyrillic; cheap to clone.
#[derive(Clone)]
pub struct Fonts(Arc<fontdb::Database>);

impl Fonts {
    pub fn bundled() -> Self {
        Self(crate::imaging::fonts())
    }

    /// # Errors
    /// When the text is no SVG.
    pub fn parse(&self, svg: &str) -> Result<usvg::Tree, usvg::Error> {
        let options =
            usvg::Options { fontdb: Arc::clone(&self.0), font_family: FAMILY.into(), ..Default::default() };
        usvg::Tree::from_str(svg, &options)
    }

    /// A line's width at this size, in the size's unit (it grows with the size).
    pub fn width(&self, line: &str, size: f32, weight: Weight) -> f32 {
        let svg = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text font-size="100" font-weight="{}">{}</text></svg>"#,
            weight.number(),
            crate::imaging::escape(line)
        );
        let Ok(tree) = self.parse(&svg) else { return 0.0 };
        let Some(Node::Text(text)) = tree.root().children().first() else { return 0.0 };
        text.bounding_box().width() * size / 100.0
    }

    /// Breaks at spaces, and inside a word only where it alone is too wide. The last of `most` lines ends
    /// with an ellipsis when there is more.
    pub fn wrap(&self, text: &str, size: f32, weight: Weight, width: f32, most: usize) -> Vec<String> {
        let fits = |line: &str| self.width(line, size, weight) <= width;
        let mut lines: Vec<String> = Vec::new();
        let mut line = String::new();
        let mut rest = text.split(' ').map(ToOwned::to_owned).collect::<std::collections::VecDeque<String>>();
        while let Some(word) = rest.pop_front() {
            let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
            if fits(&longer) {
                line = longer;
            } else if line.is_empty() {
                let (head, tail) = word.split_at(longest(&word, &fits).max(first_letter(&word)));
                rest.push_front(tail.to_owned());
                lines.push(head.to_owned());
            } else {
                rest.push_front(word);
                lines.push(std::mem::take(&mut line));
            }
            if lines.len() == most && !rest.is_empty() {
                let last = &mut lines[most - 1];
                let end = longest(last, &|start: &str| fits(&format!("{start}…")));
                *last = format!("{}…", last[..end].trim_end());
                return lines;
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }
}

/// Bytes of the longest beginning that fits. To lay out a line costs half a millisecond, so the place is looked for by
/// halving: a beginning that does not fit has no longer one that does.
fn longest(text: &str, fits: &impl Fn(&str) -> bool) -> usize {
    let ends: Vec<usize> = text.char_indices().map(|(at, letter)| at + letter.len_utf8()).collect();
    let fitting = ends.partition_point(|&end| fits(&text[..end]));
    fitting.checked_sub(1).map_or(0, |last| ends[last])
}

fn first_letter(text: &str) -> usize {
    text.chars().next().map_or(0, char::len_utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A card for a session whose name is 200 letters without a space took three seconds.
    #[test]
    fn a_long_word_is_laid_out_a_few_times_only() {
        let word = "Ш".repeat(200);
        let asked = std::cell::Cell::new(0);
        let fits = |line: &str| {
            asked.set(asked.get() + 1);
            line.chars().count() <= 37
        };
        assert_eq!(longest(&word, &fits), 74);
        assert!(asked.get() <= 9, "{} times", asked.get());
        assert_eq!(longest("", &fits), 0);
        assert_eq!(longest("ab", &|_: &str| false), 0);
        assert_eq!(longest("ab", &|_: &str| true), 2);
    }

    #[test]
    fn the_bundled_letters_are_latin_and_cyrillic() {
        let fonts = Fonts::bundled();
        assert_eq!(fonts.0.len(), 2, "`make setup` fetches the fonts");
        let text = "Anna & Иван: Съёмка №1, «ёж» — 2026 'x'";
        assert_eq!(printable(text), text);
        assert!(fonts.width("Анна", 5.0, Weight::Bold) > fonts.width("Анна", 5.0, Weight::Regular));
    }

    #[test]
    fn lines_break_at_spaces_and_fit() {
        let fonts = Fonts::bundled();
        let name = "Свадьба Александры и Константина на берегу Онежского озера";
        let lines = fonts.wrap(name, 7.0, Weight::Bold, 80.0, 5);
        assert_eq!(lines.join(" "), name);
        assert!(lines.iter().all(|line| fonts.width(line, 7.0, Weight::Bold) <= 80.0), "{lines:?}");
        let cut = fonts.wrap(&"слово ".repeat(60), 7.0, Weight::Bold, 80.0, 3);
        assert!(cut.len() == 3 && cut[2].ends_with('…'), "{cut:?}");
        let long = fonts.wrap(&"Ш".repeat(60), 7.0, Weight::Bold, 80.0, 9);
        assert_eq!(long.concat(), "Ш".repeat(60));
    }
}
