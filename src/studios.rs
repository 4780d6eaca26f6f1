//! A studio: how it shows itself, and which one takes what nobody has named a studio for.

use chrono::{DateTime, Utc};

use crate::{
    cards::{CardError, Cards},
    domain::{Colour, ReturnUrl, StudioId, WebOrigin},
    marks::Marks,
    store::{Store, StoreError},
};

pub use crate::store::{Brand, Branding, Credits};

const LONGEST_NAME: usize = 100;
/// Web sites of one studio.
const MOST_ORIGINS: usize = 20;
/// Of each of the words that are written into files, and of a contact, in characters.
const LONGEST_LINE: usize = 200;

#[derive(Debug, thiserror::Error)]
pub enum CreditsError {
    #[error("a credit has up to {LONGEST_LINE} characters in one line")]
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
    #[error("a contact is one line of up to {LONGEST_LINE} characters")]
    InvalidContact,
    #[error("a site is an http:// or https:// address of up to {LONGEST_LINE} characters")]
    InvalidSite,
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

    /// What guests see of the studio; `None` when it has never said how it looks, or is unknown here.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn brand(&self, studio: StudioId) -> Result<Option<Brand>, StoreError> {
        self.store.studios().brand(studio).await
    }

    /// The studio's logo as pages show it, PNG.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn page_logo(&self, studio: StudioId) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.studios().page_logo(studio).await
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
        let colour: Colour = new.colour.parse().map_err(|_| BrandingError::InvalidColour)?;
        let contact = one_line(new.contact).ok_or(BrandingError::InvalidContact)?;
        let site = one_line(new.site).filter(is_site).ok_or(BrandingError::InvalidSite)?;
        let (logo, page_logo) = match new.logo {
            Some(logo) => {
                let (logo, page_logo) = self.cards.draw_logo(logo).await?;
                (Some(logo), Some(page_logo))
            }
            None => (None, None),
        };
        let branding = Branding { name: name.to_owned(), colour: colour.to_string(), logo, contact, site };
        if !self.store.studios().set_branding(studio, &branding, page_logo.as_deref(), now).await? {
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
            creator: one_line(new.creator).ok_or(CreditsError::Invalid)?,
            copyright: one_line(new.copyright).ok_or(CreditsError::Invalid)?,
            contact: one_line(new.contact).ok_or(CreditsError::Invalid)?,
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

/// `Some(None)` where nothing is left of it; `None` where it is no line of ours.
fn one_line(text: Option<String>) -> Option<Option<String>> {
    let text = text.unwrap_or_default();
    let text = text.trim();
    if text.chars().count() > LONGEST_LINE || text.chars().any(char::is_control) {
        return None;
    }
    Some(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// Whether a browser can be led there. What is not an address of the web could be a script.
fn is_site(site: &Option<String>) -> bool {
    site.as_deref().is_none_or(|site| {
        let rest = site.strip_prefix("https://").or_else(|| site.strip_prefix("http://"));
        let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
        let is_plain = |c: char| !c.is_whitespace() && !matches!(c, '"' | '<' | '>' | '\\');
        !host.is_empty() && !host.contains('@') && site.chars().all(is_plain)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_site_is_an_address_of_the_web() {
        let is_site = |site: &str| super::is_site(&Some(site.to_owned()));
        for right in ["https://studio.example", "http://studio.example/me?x=1#y", "https://студия.example/"]
        {
            assert!(is_site(right), "{right}");
        }
        for wrong in [
            "javascript:alert(1)",
            "studio.example",
            "https://",
            "https:///x",
            "https://me@evil.example",
            "https://a b",
            "ftp://x",
        ] {
            assert!(!is_site(wrong), "{wrong}");
        }
        assert!(super::is_site(&None));
    }
}
