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

    /// A line's width at this size, in the size's unit.
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
                let mut head = word.clone();
                while head.chars().count() > 1 && !fits(&head) {
                    head.pop();
                }
                rest.push_front(word[head.len()..].to_owned());
                lines.push(head);
            } else {
                rest.push_front(word);
                lines.push(std::mem::take(&mut line));
            }
            if lines.len() == most && !rest.is_empty() {
                let last = &mut lines[most - 1];
                while !last.is_empty() && !fits(&format!("{last}…")) {
                    last.pop();
                }
                *last = format!("{}…", last.trim_end());
                return lines;
            }
        }
        if !line.is_empty() {
            lines.push(line);
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
