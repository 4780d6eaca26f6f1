//! Short links of a session: one for its own QR code, and one for each table, entrance or invitation.

use chrono::{DateTime, Utc};

use super::StudioSessions;
use crate::{
    domain::{LinkCode, PhotoSessionId, SessionLink},
    store::StoreError,
};

/// Of a session.
const MOST: u64 = 200;
const LONGEST_LABEL: usize = 60;

#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    #[error("a label has 1 to {LONGEST_LABEL} characters in one line")]
    InvalidLabel,
    #[error("a session has {MOST} links at most")]
    TooMany,
    #[error("the session has no such link")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StudioSessions {
    /// The link of the session's own QR code; it is made when it is first asked for.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn own_link(
        &self,
        session: PhotoSessionId,
        now: DateTime<Utc>,
    ) -> Result<SessionLink, StoreError> {
        let new = SessionLink { code: LinkCode::generate(), label: String::new(), created_at: now };
        Ok(self.store.links().named(session, &new, u64::MAX).await?.unwrap_or(new))
    }

    /// Oldest first.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn links(&self, session: PhotoSessionId) -> Result<Vec<SessionLink>, StoreError> {
        self.store.links().of_session(session).await
    }

    /// One of the session's links.
    ///
    /// # Errors
    /// [`LinkError::NotFound`], [`LinkError::Store`].
    pub async fn link(&self, session: PhotoSessionId, code: &str) -> Result<SessionLink, LinkError> {
        let code: LinkCode = code.parse().map_err(|_| LinkError::NotFound)?;
        let links = self.links(session).await?;
        links.into_iter().find(|link| link.code == code).ok_or(LinkError::NotFound)
    }

    /// A link of this label. Asked for twice, it is the same.
    ///
    /// # Errors
    /// [`LinkError`].
    pub async fn add_link(
        &self,
        session: PhotoSessionId,
        label: &str,
        now: DateTime<Utc>,
    ) -> Result<SessionLink, LinkError> {
        let label = label.trim().to_owned();
        if !(1..=LONGEST_LABEL).contains(&label.chars().count()) || label.chars().any(char::is_control) {
            return Err(LinkError::InvalidLabel);
        }
        let new = SessionLink { code: LinkCode::generate(), label, created_at: now };
        self.store.links().named(session, &new, MOST).await?.ok_or(LinkError::TooMany)
    }

    /// Takes a link away: who scans it from then on is told that there is none.
    ///
    /// # Errors
    /// [`LinkError::NotFound`], [`LinkError::Store`].
    pub async fn remove_link(&self, session: PhotoSessionId, code: &str) -> Result<(), LinkError> {
        let code: LinkCode = code.parse().map_err(|_| LinkError::NotFound)?;
        if self.store.links().remove(session, code).await? { Ok(()) } else { Err(LinkError::NotFound) }
    }
}
