//! The languages that people are spoken to in.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Invalid;

words! {
    /// The languages that Pixora speaks, by their BCP 47 tags. CONTRIBUTING.md says how one is added.
    #[derive(Serialize, Deserialize)]
    Language "language" {
        #[serde(rename = "ru")]
        Russian "ru",
        #[serde(rename = "en")]
        English "en",
        #[serde(rename = "de")]
        German "de",
    }
}
