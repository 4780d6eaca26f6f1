//! The studio's side of its sessions: making and changing them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::PhotoSessions;
use crate::{
    domain::{Downloads, GalleryTerms, PhotoSession, PhotoSessionId, Role, StudioId, UserId},
    events::{Event, Events},
    store::{Newest, Once, OnceKey, SessionFilter, Store, StoreError, StudioSession},
};

/// Characters of a name and of a description.
const NAME: usize = 200;
const DESCRIPTION: usize = 2_000;

#[derive(Debug, thiserror::Error)]
pub enum StudioError {
    #[error("a session's name has 1 to {NAME} characters")]
    InvalidName,
    #[error("a session's description has up to {DESCRIPTION} characters")]
    InvalidDescription,
    #[error("a session that is {from} cannot become {to}")]
    InvalidStatus { from: String, to: String },
    #[error("a PIN has 4 to 32 letters or digits, and a gallery ends after its photos are shown")]
    InvalidTerms,
    #[error("there is no such session")]
    NotFound,
    /// Sessions are shot for a customer.
    #[error("there is no customer with this id")]
    UnknownClient,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a photographer says of a new session.
#[derive(Debug, Clone)]
pub struct NewSession {
    pub name: String,
    pub description: Option<String>,
    pub studio: StudioId,
    pub photographer: Option<Uuid>,
    pub client: Option<Uuid>,
    pub gallery_open: bool,
    pub face_search: bool,
    pub scheduled_at: Option<DateTime<Utc>>,
}

/// What is to be different; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub struct SessionChange {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub scheduled_at: Option<Option<DateTime<Utc>>>,
    pub status: Option<String>,
    pub gallery_open: Option<bool>,
    pub face_search: Option<bool>,
    pub pin: Option<Option<String>>,
    pub reveals_at: Option<Option<DateTime<Utc>>>,
    pub ends_at: Option<Option<DateTime<Utc>>>,
    pub downloads: Option<Downloads>,
    pub client: Option<Option<Uuid>>,
}

/// Where a session may go from a status. A completed shoot may come back from the archive.
fn may_become(from: &str, to: &str) -> bool {
    from == to
        || matches!(
            (from, to),
            ("created", "active")
                | ("active", "completed")
                | ("completed", "archived")
                | ("archived", "completed")
        )
}

/// Makes and changes sessions; guests see a change at once.
#[derive(Clone)]
pub struct StudioSessions {
    store: Store,
    sessions: PhotoSessions,
    events: Events,
}

impl StudioSessions {
    #[must_use]
    pub fn new(store: Store, sessions: PhotoSessions, events: Events) -> Self {
        Self { store, sessions, events }
    }

    /// The session as it will be, not stored yet.
    ///
    /// # Errors
    /// [`StudioError::InvalidName`], [`StudioError::InvalidDescription`].
    pub fn draft(new: NewSession, now: DateTime<Utc>) -> Result<StudioSession, StudioError> {
        // Rows keep microseconds; an answer must not say more.
        let now = DateTime::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now);
        let session = PhotoSession {
            id: PhotoSessionId::generate(),
            name: checked_name(&new.name)?,
            description: checked_description(new.description)?,
            studio_id: new.studio,
            photographer_id: new.photographer,
            status: "created".to_owned(),
            gallery_open: new.gallery_open,
            face_search: new.face_search,
            terms: GalleryTerms::default(),
            scheduled_at: new.scheduled_at,
            completed_at: None,
            created_at: now,
            updated_at: now,
        };
        Ok(StudioSession { session, client_id: new.client, settings: None })
    }

    /// # Errors
    /// [`StudioError::UnknownClient`] unless it is nobody or somebody with a customer's account.
    async fn check_client(&self, client: Option<Uuid>) -> Result<(), StudioError> {
        let Some(client) = client else { return Ok(()) };
        let account = self.store.users().get(UserId(client)).await?;
        let is_customer = account.is_some_and(|user| user.role == Role::Customer);
        if is_customer { Ok(()) } else { Err(StudioError::UnknownClient) }
    }

    /// Stores a draft, unless its request was answered before. `once` is the request and the answer that it
    /// gets if this is the first of it.
    ///
    /// # Errors
    /// [`StudioError::UnknownClient`], [`StudioError::Store`].
    pub async fn create(
        &self,
        draft: &StudioSession,
        once: Option<(&OnceKey, &str)>,
    ) -> Result<Once, StudioError> {
        self.check_client(draft.client_id).await?;
        let once = self.store.sessions().create_once(draft, once, draft.session.created_at).await?;
        // Somebody may have asked for the link before it existed, here or at another node.
        self.changed(&draft.session).await;
        Ok(once)
    }

    /// Sessions that the filter lets through, newest first; `after` is the last one of the page before.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn list(
        &self,
        filter: &SessionFilter,
        after: Option<Newest<PhotoSessionId>>,
        limit: u32,
    ) -> Result<Vec<StudioSession>, StoreError> {
        self.store.sessions().list_filtered(filter, after, limit).await
    }

    /// A session with what guests are not told of it.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn whole(&self, session: &PhotoSession) -> Result<StudioSession, StoreError> {
        let row = self.store.sessions().of_studio(session.id).await?;
        // A session of an external database has no row of ours.
        let plain = || StudioSession { session: session.clone(), client_id: None, settings: None };
        Ok(row.unwrap_or_else(plain))
    }

    /// Changes a session; the first step to `completed` notes when.
    ///
    /// # Errors
    /// [`StudioError`]; nothing is changed then.
    pub async fn change(
        &self,
        id: PhotoSessionId,
        change: SessionChange,
        now: DateTime<Utc>,
    ) -> Result<StudioSession, StudioError> {
        self.check_client(change.client.flatten()).await?;
        let changed = self.store.sessions().change(id, |session| apply(session, change, now)).await?;
        let changed = changed.ok_or(StudioError::NotFound)??;
        self.changed(&changed.session).await;
        Ok(changed)
    }

    async fn changed(&self, session: &PhotoSession) {
        self.sessions.changed(session.clone()).await;
        self.events.publish(session.id, Event::session(session));
    }
}

fn apply(
    StudioSession { session, client_id, .. }: &mut StudioSession,
    change: SessionChange,
    now: DateTime<Utc>,
) -> Result<(), StudioError> {
    if let Some(client) = change.client {
        *client_id = client;
    }
    if let Some(name) = change.name {
        session.name = checked_name(&name)?;
    }
    if let Some(description) = change.description {
        session.description = checked_description(description)?;
    }
    if let Some(scheduled_at) = change.scheduled_at {
        session.scheduled_at = scheduled_at;
    }
    session.gallery_open = change.gallery_open.unwrap_or(session.gallery_open);
    session.face_search = change.face_search.unwrap_or(session.face_search);
    let terms = &mut session.terms;
    if let Some(pin) = change.pin {
        terms.pin = checked_pin(pin)?;
    }
    terms.reveals_at = change.reveals_at.unwrap_or(terms.reveals_at);
    terms.ends_at = change.ends_at.unwrap_or(terms.ends_at);
    terms.downloads = change.downloads.unwrap_or(terms.downloads);
    if terms.reveals_at.zip(terms.ends_at).is_some_and(|(shown, over)| over <= shown) {
        return Err(StudioError::InvalidTerms);
    }
    if let Some(status) = change.status {
        if !may_become(&session.status, &status) {
            return Err(StudioError::InvalidStatus { from: session.status.clone(), to: status });
        }
        if status == "completed" && session.completed_at.is_none() {
            session.completed_at = Some(now);
        }
        session.status = status;
    }
    session.updated_at = now;
    Ok(())
}

fn checked_name(name: &str) -> Result<String, StudioError> {
    let name = name.trim();
    let fits = (1..=NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(StudioError::InvalidName) }
}

fn checked_pin(pin: Option<String>) -> Result<Option<String>, StudioError> {
    let pin = pin.map(|pin| pin.trim().to_owned()).filter(|pin| !pin.is_empty());
    let fits =
        |pin: &String| (4..=32).contains(&pin.chars().count()) && pin.chars().all(char::is_alphanumeric);
    if pin.as_ref().is_none_or(fits) { Ok(pin) } else { Err(StudioError::InvalidTerms) }
}

fn checked_description(description: Option<String>) -> Result<Option<String>, StudioError> {
    let description = description.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    match &description {
        Some(text) if text.chars().count() > DESCRIPTION => Err(StudioError::InvalidDescription),
        _ => Ok(description),
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::STATUSES;

    #[test]
    fn statuses_go_forward_and_only_the_archive_gives_back() {
        let allowed: Vec<_> = STATUSES
            .iter()
            .flat_map(|from| STATUSES.iter().map(move |to| (*from, *to)))
            .filter(|(from, to)| from != to && super::may_become(from, to))
            .collect();
        assert_eq!(
            allowed,
            [
                ("created", "active"),
                ("active", "completed"),
                ("completed", "archived"),
                ("archived", "completed")
            ]
        );
        assert!(!super::may_become("created", "deleted"));
    }
}
