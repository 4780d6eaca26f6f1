//! The studio's side of its sessions: making and changing them.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::PhotoSessions;
use crate::{
    domain::{
        AtEnd, Comments, Downloads, GalleryTerms, GuestPhotos, PhotoId, PhotoSession, PhotoSessionId,
        Previews, PriceId, Role, SessionStatus, StudioId, TimeZone, UserId,
    },
    events::{Event, Events},
    store::{Newest, Once, OnceKey, SessionFilter, Store, StoreError, StudioSession},
};

/// Characters of a name and of a description.
const NAME: usize = 200;
const DESCRIPTION: usize = 2_000;
/// The largest limits of photos that guests send.
const MOST_FROM_A_GUEST: u32 = 1_000;
const MOST_FROM_GUESTS: u32 = 10_000;

#[derive(Debug, thiserror::Error)]
pub enum StudioError {
    #[error("a session's name has 1 to {NAME} characters")]
    InvalidName,
    #[error("a session's description has up to {DESCRIPTION} characters")]
    InvalidDescription,
    #[error("a session that is {from} cannot become {to}")]
    InvalidStatus { from: SessionStatus, to: SessionStatus },
    /// The name of the field that is wrong.
    #[error("a PIN, an end or a cover is not one that a gallery can have")]
    InvalidTerms(&'static str),
    #[error("there is no such session")]
    NotFound,
    /// Sessions are shot for a customer.
    #[error("there is no customer with this id")]
    UnknownClient,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The data of a new session.
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
    pub time_zone: Option<TimeZone>,
}

/// A change of a session; a field that is `None` stays as it is.
#[derive(Debug, Clone, Default)]
pub struct SessionChange {
    pub name: Option<String>,
    pub description: Option<Option<String>>,
    pub scheduled_at: Option<Option<DateTime<Utc>>>,
    pub time_zone: Option<Option<TimeZone>>,
    pub status: Option<SessionStatus>,
    pub gallery_open: Option<bool>,
    pub face_search: Option<bool>,
    pub terms: TermsChange,
    pub client: Option<Option<Uuid>>,
}

/// The same of how the gallery is closed and what it offers.
#[derive(Debug, Clone, Default)]
pub struct TermsChange {
    pub pin: Option<Option<String>>,
    pub reveals_at: Option<Option<DateTime<Utc>>>,
    pub ends_at: Option<Option<DateTime<Utc>>>,
    pub at_end: Option<AtEnd>,
    pub downloads: Option<Downloads>,
    pub watermark: Option<bool>,
    pub prices: Option<Option<Vec<PriceId>>>,
    pub cover: Option<Option<PhotoId>>,
    pub previews: Option<Previews>,
    pub guest_photos: Option<GuestPhotos>,
    pub most_from_a_guest: Option<u32>,
    pub most_from_guests: Option<u32>,
    pub comments: Option<Comments>,
}

/// Where a session may go from a status. A completed shoot may come back from the archive.
fn may_become(from: &SessionStatus, to: &SessionStatus) -> bool {
    use SessionStatus::{Active, Archived, Completed, Created};
    from == to
        || matches!(
            (from, to),
            (Created, Active) | (Active, Completed) | (Completed, Archived) | (Archived, Completed)
        )
}

/// Makes and changes sessions; guests see a change at once.
#[derive(Clone)]
pub struct StudioSessions {
    pub(super) store: Store,
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
            status: SessionStatus::Created,
            gallery_open: new.gallery_open,
            face_search: new.face_search,
            terms: GalleryTerms::default(),
            scheduled_at: new.scheduled_at,
            time_zone: new.time_zone,
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
        if let Some(cover) = change.terms.cover.flatten()
            && self.store.photos().of_session(id, &[cover]).await?.is_empty()
        {
            return Err(StudioError::InvalidTerms("cover_photo_id"));
        }
        let changed = self.store.sessions().change(id, |session| apply(session, change, now)).await?;
        let changed = changed.ok_or(StudioError::NotFound)??;
        self.changed(&changed.session).await;
        Ok(changed)
    }

    pub(super) async fn changed(&self, session: &PhotoSession) {
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
    session.time_zone = change.time_zone.unwrap_or(session.time_zone);
    session.gallery_open = change.gallery_open.unwrap_or(session.gallery_open);
    session.face_search = change.face_search.unwrap_or(session.face_search);
    apply_terms(&mut session.terms, change.terms)?;
    if let Some(status) = change.status {
        if !may_become(&session.status, &status) {
            return Err(StudioError::InvalidStatus { from: session.status.clone(), to: status });
        }
        // It would be put away again at once.
        if session.is_archived() && session.terms.ends_at.is_some_and(|end| end <= now) {
            session.terms.ends_at = None;
        }
        if status == SessionStatus::Completed && session.completed_at.is_none() {
            session.completed_at = Some(now);
        }
        session.status = status;
    }
    session.updated_at = now;
    Ok(())
}

fn apply_terms(terms: &mut GalleryTerms, change: TermsChange) -> Result<(), StudioError> {
    if let Some(pin) = change.pin {
        terms.pin = checked_pin(pin)?;
    }
    terms.reveals_at = change.reveals_at.unwrap_or(terms.reveals_at);
    terms.ends_at = change.ends_at.unwrap_or(terms.ends_at);
    terms.at_end = change.at_end.unwrap_or(terms.at_end);
    terms.downloads = change.downloads.unwrap_or(terms.downloads);
    terms.watermark = change.watermark.unwrap_or(terms.watermark);
    if let Some(prices) = change.prices {
        terms.prices = prices;
    }
    terms.cover = change.cover.unwrap_or(terms.cover);
    terms.previews = change.previews.unwrap_or(terms.previews);
    terms.guest_photos = change.guest_photos.unwrap_or(terms.guest_photos);
    terms.most_from_a_guest = change.most_from_a_guest.unwrap_or(terms.most_from_a_guest);
    terms.most_from_guests = change.most_from_guests.unwrap_or(terms.most_from_guests);
    terms.comments = change.comments.unwrap_or(terms.comments);
    if !(1..=MOST_FROM_A_GUEST).contains(&terms.most_from_a_guest) {
        return Err(StudioError::InvalidTerms("most_from_a_guest"));
    }
    if !(1..=MOST_FROM_GUESTS).contains(&terms.most_from_guests) {
        return Err(StudioError::InvalidTerms("most_from_guests"));
    }
    let is_hidden_to_its_end = terms.reveals_at.zip(terms.ends_at).is_some_and(|(shown, over)| over <= shown);
    if is_hidden_to_its_end { Err(StudioError::InvalidTerms("ends_at")) } else { Ok(()) }
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
    if pin.as_ref().is_none_or(fits) { Ok(pin) } else { Err(StudioError::InvalidTerms("pin")) }
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
    use crate::domain::SessionStatus::{self, Active, Archived, Completed, Created};

    #[test]
    fn statuses_go_forward_and_only_the_archive_gives_back() {
        let allowed: Vec<_> = SessionStatus::OURS
            .into_iter()
            .flat_map(|from| SessionStatus::OURS.map(|to| (from.clone(), to)))
            .filter(|(from, to)| from != to && super::may_become(from, to))
            .collect();
        assert_eq!(
            allowed,
            [(Created, Active), (Active, Completed), (Completed, Archived), (Archived, Completed)]
        );
        assert!(!super::may_become(&Created, &SessionStatus::Other("deleted".into())));
    }
}
