//! Which models find faces, and how careful the search is.

use super::{ConfigError, values::Found};

#[derive(Debug, Clone, PartialEq)]
pub struct SearchSettings {
    /// Names of the models to use, as in their manifests; needed where several of a kind are registered.
    pub detector: Option<String>,
    pub landmarks: Option<String>,
    pub embedder: Option<String>,
    /// Of a hundred guests who are in no photo, so many may be shown somebody else's.
    pub stranger_percent: f32,
}

impl SearchSettings {
    pub(super) fn resolve(find: impl Fn(&'static str) -> Option<Found>) -> Result<Self, ConfigError> {
        let name = |setting| {
            find(setting).map(|found| found.parse("the name of a model's manifest", model_name)).transpose()
        };
        let stranger_percent = match find("PIXORA_STRANGER_PERCENT") {
            Some(found) => found.parse("a number from 0.1 to 10", |value| {
                value.parse().ok().filter(|percent| (0.1..=10.0).contains(percent))
            })?,
            None => 1.0,
        };
        Ok(Self {
            detector: name("PIXORA_DETECTOR")?,
            landmarks: name("PIXORA_LANDMARKS")?,
            embedder: name("PIXORA_EMBEDDER")?,
            stranger_percent,
        })
    }
}

fn model_name(value: &str) -> Option<String> {
    let sound = value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
    (sound && !value.is_empty()).then(|| value.to_owned())
}
