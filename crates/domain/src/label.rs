//! Colour labels as editors write them.

use std::{fmt, str::FromStr};

use super::Invalid;

words! {
    /// The five labels of Lightroom. A file may hold any other text: editors let their users name labels.
    ColourLabel "colour label" {
        Red "red",
        Yellow "yellow",
        Green "green",
        Blue "blue",
        Purple "purple",
    }
}

impl ColourLabel {
    /// As it is written into files: Lightroom's English names, which other editors read too.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.names()[0]
    }

    /// As English and German editors write it.
    #[must_use]
    pub fn names(self) -> [&'static str; 2] {
        match self {
            Self::Red => ["Red", "Rot"],
            Self::Yellow => ["Yellow", "Gelb"],
            Self::Green => ["Green", "Grün"],
            Self::Blue => ["Blue", "Blau"],
            Self::Purple => ["Purple", "Lila"],
        }
    }

    /// The label that a file's text stands for, if it is one of the five.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|label| label.names().contains(&text))
    }
}

#[cfg(test)]
mod tests {
    use super::ColourLabel;

    #[test]
    fn a_label_is_known_in_either_language() {
        for (text, label) in
            [("Red", ColourLabel::Red), ("Grün", ColourLabel::Green), ("Lila", ColourLabel::Purple)]
        {
            assert_eq!(ColourLabel::of(text), Some(label), "{text}");
        }
        for text in ["", "Approved", "red"] {
            assert_eq!(ColourLabel::of(text), None, "{text}");
        }
        let names: std::collections::BTreeSet<_> =
            ColourLabel::ALL.iter().flat_map(|label| label.names()).collect();
        assert_eq!(names.len(), 10, "no name stands for two labels");
    }
}
