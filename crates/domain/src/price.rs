//! The price list of a studio.

use std::{fmt, str::FromStr};

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
    }
}

impl PriceKind {
    /// Whether a line of it is about one photo.
    #[must_use]
    pub fn is_of_a_photo(self) -> bool {
        self != Self::Bundle
    }

    /// Whether there is nothing to make or to send.
    #[must_use]
    pub fn is_digital(self) -> bool {
        self != Self::Print
    }
}

/// One name, in the two languages in which studios write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    pub ru: String,
    pub en: String,
}

impl Names {
    /// In the reader's language, else in English.
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Russian => &self.ru,
            _ => &self.en,
        }
    }
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
}

/// In the order in which it is shown; every price is in the list's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceList {
    pub currency: Currency,
    pub prices: Vec<Price>,
}
