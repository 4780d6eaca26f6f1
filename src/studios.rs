//! A studio: how it shows itself, and which one takes what nobody has named a studio for.

use chrono::{DateTime, Utc};

use crate::{
    cards::{CardError, Cards},
    domain::{ReturnUrl, StudioId, WebOrigin},
    marks::Marks,
    store::{Store, StoreError},
};

pub use crate::store::{Branding, Credits};

const LONGEST_NAME: usize = 100;
/// Web sites of one studio.
const MOST_ORIGINS: usize = 20;
/// Of each of the words that are written into files, in characters.
const LONGEST_CREDIT: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum CreditsError {
    #[error("a credit has up to {LONGEST_CREDIT} characters in one line")]
    Invalid,
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, thiserror::Error)]
pub enum OriginsError {
    #[error("a studio names up to {MOST_ORIGINS} web sites")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Debug, thiserror::Error)]
pub enum BrandingError {
    #[error("a studio's name has 1 to {LONGEST_NAME} characters")]
    InvalidName,
    #[error("a colour is # and six hex digits")]
    InvalidColour,
    #[error(transparent)]
    Logo(#[from] CardError),
    #[error("there is no such studio")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Studios {
    store: Store,
    cards: Cards,
    marks: Marks,
}

impl Studios {
    #[must_use]
    pub fn new(store: Store, cards: Cards, marks: Marks) -> Self {
        Self { store, cards, marks }
    }

    /// How the studio shows itself; `None` when there is no such studio. That of an external session may be
    /// unknown here.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn branding(&self, studio: StudioId) -> Result<Option<Branding>, StoreError> {
        self.store.studios().branding(studio).await
    }

    /// Changes how the studio shows itself, in cards and watermarks at once; returns what it is now.
    ///
    /// # Errors
    /// [`BrandingError`]; nothing is changed then.
    pub async fn change(
        &self,
        studio: StudioId,
        new: Branding,
        now: DateTime<Utc>,
    ) -> Result<Branding, BrandingError> {
        let name = new.name.trim();
        if !(1..=LONGEST_NAME).contains(&name.chars().count()) || name.chars().any(char::is_control) {
            return Err(BrandingError::InvalidName);
        }
        if !is_colour(&new.colour) {
            return Err(BrandingError::InvalidColour);
        }
        if let Some(logo) = &new.logo {
            self.cards.check_logo(logo.clone()).await?;
        }
        let branding = Branding { name: name.to_owned(), colour: new.colour.to_lowercase(), logo: new.logo };
        if !self.store.studios().set_branding(studio, &branding, now).await? {
            return Err(BrandingError::NotFound);
        }
        self.marks.forget(studio).await;
        Ok(branding)
    }

    /// The credits that the studio wants in guests' files.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn credits(&self, studio: StudioId) -> Result<Credits, StoreError> {
        self.store.studio_credits().get(studio).await
    }

    /// Changes what is written into the files that guests download from now on; returns what that is.
    ///
    /// # Errors
    /// [`CreditsError`]; nothing is changed then.
    pub async fn set_credits(
        &self,
        studio: StudioId,
        new: Credits,
        now: DateTime<Utc>,
    ) -> Result<Credits, CreditsError> {
        let credits = Credits {
            creator: one_line(new.creator)?,
            copyright: one_line(new.copyright)?,
            contact: one_line(new.contact)?,
            from_photos: new.from_photos,
        };
        self.store.studio_credits().set(studio, &credits, now).await?;
        Ok(credits)
    }

    /// Where found photos of the studio lead; `None`: nowhere.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn return_url(&self, studio: StudioId) -> Result<Option<ReturnUrl>, StoreError> {
        self.store.return_urls().get(studio).await
    }

    /// Changes where found photos of the studio lead.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn set_return_url(
        &self,
        studio: StudioId,
        url: Option<&ReturnUrl>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.store.return_urls().set(studio, url, now).await
    }

    /// Web sites whose pages may read the interface of the studio's sessions and show the search in a frame.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn origins(&self, studio: StudioId) -> Result<Vec<WebOrigin>, StoreError> {
        self.store.web_origins().of(studio).await
    }

    /// Whether the studio has named the web site; with `None`, whether any studio has.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn has_named(&self, studio: Option<StudioId>, origin: &WebOrigin) -> Result<bool, StoreError> {
        self.store.web_origins().is_named(studio, origin).await
    }

    /// Puts these web sites in the place of those that the studio had named; returns what they are now.
    ///
    /// # Errors
    /// [`OriginsError`]; nothing is changed then.
    pub async fn set_origins(
        &self,
        studio: StudioId,
        origins: &[WebOrigin],
        now: DateTime<Utc>,
    ) -> Result<Vec<WebOrigin>, OriginsError> {
        if origins.len() > MOST_ORIGINS {
            return Err(OriginsError::TooMany);
        }
        self.store.web_origins().set(studio, origins, now).await?;
        Ok(self.store.web_origins().of(studio).await?)
    }

    /// The studio of an installation that has no other.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn default(&self, now: DateTime<Utc>) -> Result<StudioId, StoreError> {
        self.store.sessions().default_studio(now).await
    }
}

/// `None` where nothing is left of it.
fn one_line(text: Option<String>) -> Result<Option<String>, CreditsError> {
    let text = text.unwrap_or_default();
    let text = text.trim();
    if text.chars().count() > LONGEST_CREDIT || text.chars().any(char::is_control) {
        return Err(CreditsError::Invalid);
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#').is_some_and(|hex| hex.len() == 6 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}
