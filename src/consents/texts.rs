//! The words that guests agree to: Pixora's own, and those of studios that have their own.
//!
//! A text is paragraphs with an empty line between them. Where a paragraph has more than one line, its first line is its
//! title.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Consent, ConsentError, Consents};
use crate::{
    domain::{ConsentPurpose, Language, StudioId},
    store::{ConsentText, StoreError},
    words::{Words, preferred},
};

/// Characters of a text: it has to fit into one message of Telegram, with a sentence added.
pub const LONGEST: usize = 3_500;
/// A studio writes its own text in these at least.
const REQUIRED: [Language; 2] = [Language::Russian, Language::English];
/// Begins the versions of studios' own texts; none of ours begins so.
const OF_STUDIO: &str = "studio-";

#[derive(Debug, thiserror::Error)]
pub enum TextError {
    #[error("a text has 1 to {LONGEST} characters, in Russian and in English at least")]
    Invalid,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One version of a text, in its languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    pub purpose: ConsentPurpose,
    pub version: String,
    pub bodies: BTreeMap<Language, String>,
    /// When a studio wrote it; `None` for Pixora's own.
    pub since: Option<DateTime<Utc>>,
    /// Whether it is what guests are asked now.
    pub is_current: bool,
}

impl Text {
    /// Whether a consent of this version is one to this text. Where the text is Pixora's own, also a version that is
    /// none of ours is taken: a program that shows guests its own words says how it calls them.
    #[must_use]
    pub fn takes(&self, version: &str) -> bool {
        let is_known =
            version.starts_with(OF_STUDIO) || own(self.purpose).any(|text| text.version == version);
        version == self.version || (self.since.is_none() && !is_known)
    }

    /// The language in which the text is shown to a reader of this one: a studio's own text may not be in every language.
    #[must_use]
    pub fn language_for(&self, reader: Language) -> Language {
        preferred(reader).find(|language| self.bodies.contains_key(language)).unwrap_or(reader)
    }

    /// The words that a reader of this language is shown.
    #[must_use]
    pub fn body(&self, reader: Language) -> &str {
        self.bodies.get(&self.language_for(reader)).map_or("", String::as_str)
    }
}

impl From<&OwnText> for Text {
    fn from(own: &OwnText) -> Self {
        let bodies = Language::ALL.iter().map(|&language| (language, own.body(language).to_owned()));
        Self {
            purpose: own.purpose,
            version: own.version.to_owned(),
            bodies: bodies.collect(),
            since: None,
            is_current: false,
        }
    }
}

impl Consents {
    /// What guests of a studio's sessions are asked now for a purpose.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn current(&self, studio: StudioId, purpose: ConsentPurpose) -> Result<Text, StoreError> {
        Ok(asked(&self.store.consent_texts().all(studio).await?, purpose))
    }

    /// What guests of a studio's sessions are asked now, for each purpose.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn all_current(&self, studio: StudioId) -> Result<Vec<Text>, StoreError> {
        let rows = self.store.consent_texts().all(studio).await?;
        Ok(ConsentPurpose::ALL.iter().map(|purpose| asked(&rows, *purpose)).collect())
    }

    /// Every version of a text that guests of the studio may have been asked, the newest first: the studio's own, then
    /// Pixora's.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn versions(&self, studio: StudioId, purpose: ConsentPurpose) -> Result<Vec<Text>, StoreError> {
        Ok(together(&self.store.consent_texts().all(studio).await?, purpose))
    }

    /// Has guests of the studio's sessions read these words from now on; returns the text as it is asked now. The same
    /// words again are no new version. Without `bodies` Pixora's own text is asked again.
    ///
    /// # Errors
    /// [`TextError`].
    pub async fn set_text(
        &self,
        studio: StudioId,
        purpose: ConsentPurpose,
        bodies: Option<BTreeMap<Language, String>>,
        now: DateTime<Utc>,
    ) -> Result<Text, TextError> {
        let bodies = bodies.map(checked).transpose()?;
        let current = self.current(studio, purpose).await?;
        let is_same = match &bodies {
            Some(bodies) => current.since.is_some() && current.bodies == *bodies,
            None => current.since.is_none(),
        };
        if is_same {
            return Ok(current);
        }
        let bodies: Vec<_> = bodies.into_iter().flatten().collect();
        let version = |earlier: u64| format!("{OF_STUDIO}{}", earlier + 1);
        self.store.consent_texts().replace(studio, purpose, version, &bodies, now).await?;
        Ok(self.current(studio, purpose).await?)
    }

    /// The words that were agreed to; `None` for those of another program.
    pub(super) async fn text_of(&self, consent: &Consent) -> Result<Option<String>, ConsentError> {
        let Some(studio) = consent.studio_id else {
            let text = own(consent.purpose).find(|text| text.version == consent.version);
            return Ok(text.map(|text| Text::from(text).body(consent.language).to_owned()));
        };
        let versions = self.versions(studio, consent.purpose).await?;
        let text = versions.iter().find(|text| text.version == consent.version);
        Ok(text.map(|text| text.body(consent.language).to_owned()))
    }
}

fn checked(bodies: BTreeMap<Language, String>) -> Result<BTreeMap<Language, String>, TextError> {
    let clean = |(language, body): (Language, String)| {
        let body = body.replace("\r\n", "\n").trim().to_owned();
        let fits = (1..=LONGEST).contains(&body.chars().count())
            && !body.chars().any(|c| c.is_control() && c != '\n');
        if fits { Ok((language, body)) } else { Err(TextError::Invalid) }
    };
    let bodies: BTreeMap<_, _> = bodies.into_iter().map(clean).collect::<Result<_, _>>()?;
    let is_whole = REQUIRED.iter().all(|language| bodies.contains_key(language));
    if is_whole { Ok(bodies) } else { Err(TextError::Invalid) }
}

/// What guests are asked now.
fn asked(rows: &[ConsentText], purpose: ConsentPurpose) -> Text {
    let mut versions = together(rows, purpose);
    let current = versions.iter().position(|text| text.is_current);
    versions.swap_remove(current.unwrap_or_default())
}

/// The versions of a purpose, each with all its languages, the newest first; ours behind the studio's.
fn together(rows: &[ConsentText], purpose: ConsentPurpose) -> Vec<Text> {
    let mut versions: Vec<Text> = Vec::new();
    for row in rows.iter().filter(|row| row.purpose == purpose) {
        let body = (row.language, row.body.clone());
        match versions.iter_mut().find(|text| text.version == row.version) {
            Some(text) => drop(text.bodies.insert(body.0, body.1)),
            None => versions.push(Text {
                purpose,
                version: row.version.clone(),
                bodies: [body].into(),
                since: Some(row.created_at),
                is_current: row.replaced_at.is_none(),
            }),
        }
    }
    for text in own(purpose) {
        let is_current = !versions.iter().any(|text| text.is_current);
        versions.push(Text { is_current, ..text.into() });
    }
    versions
}

/// A text of ours; its words are in `locales/*/consent.json`, by purpose and version.
struct OwnText {
    purpose: ConsentPurpose,
    version: &'static str,
}

impl OwnText {
    fn body(&self, language: Language) -> &'static str {
        Words(language).say(&format!("consent.{}.{}", self.purpose, self.version))
    }
}

fn own(purpose: ConsentPurpose) -> impl Iterator<Item = &'static OwnText> {
    OWN.iter().filter(move |text| text.purpose == purpose)
}

/// Of each purpose the text that is asked first, then the earlier ones. A text that guests were asked is never changed
/// or removed: a new one is put before it, under a new version.
const OWN: [OwnText; 6] = [
    OwnText { purpose: ConsentPurpose::Match, version: "2026-11.4" },
    OwnText { purpose: ConsentPurpose::News, version: "2026-11.1" },
    OwnText { purpose: ConsentPurpose::Hiding, version: "2026-11.1" },
    OwnText { purpose: ConsentPurpose::Guardian, version: "2026-11.1" },
    OwnText { purpose: ConsentPurpose::Sharing, version: "2026-11.1" },
    OwnText { purpose: ConsentPurpose::Commenting, version: "2026-11.1" },
];

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;

    /// The words of a version that guests were asked are what they agreed to. A text that is changed needs a version of
    /// its own, and the old one stays in the list.
    #[test]
    fn a_text_of_ours_never_changes_under_its_version() {
        let sum = |text: &OwnText| {
            let sum = |words: String| hex::encode(Sha256::digest(words))[..16].to_owned();
            let both = format!("{}\0{}", text.body(Language::Russian), text.body(Language::English));
            let (both, german) = (sum(both), sum(text.body(Language::German).to_owned()));
            format!("{} {} {both} {german}", text.purpose, text.version)
        };
        let sums: Vec<_> = OWN.iter().map(sum).collect();
        for known in KNOWN {
            assert!(sums.iter().any(|sum| sum == known), "{known} is not among {sums:?}");
        }
        assert_eq!(sums.len(), KNOWN.len(), "{sums:?}");
    }

    const KNOWN: [&str; 6] = [
        "match 2026-11.4 a39363ff2defcc8c 1ee6de0676de30b7",
        "news 2026-11.1 526a41bb64044f97 80a3d25bdce9aa05",
        "hiding 2026-11.1 e5f0208bab98b4b8 1aecffa649994b51",
        "guardian 2026-11.1 81c81d04a51747d8 af38948a68f4cbb7",
        "sharing 2026-11.1 82cd099a063d37a8 208bf37d17e30af5",
        "commenting 2026-11.1 5b02cfb60a9e6835 6425eb04d08ddcf3",
    ];

    #[test]
    fn every_purpose_has_a_text_of_ours_in_every_language_that_fits_into_a_message() {
        for &purpose in ConsentPurpose::ALL {
            let text = asked(&[], purpose);
            assert!(text.is_current);
            assert!(text.takes(&text.version) && text.takes("my-own-words") && !text.takes("studio-1"));
            for &language in Language::ALL {
                assert!(!text.body(language).is_empty() && text.body(language).chars().count() <= LONGEST);
            }
        }
    }
}
