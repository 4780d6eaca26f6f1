//! Who is in a session's photos, for its photographer and, where that is wanted, for its guests.
//!
//! [`Grouping`] says which faces are one person, [`PeopleKeeper`] keeps the groups up as photos come, and [`People`] is
//! what the studio does with them: name, make one, take apart, hide. Off until studio and session switch it on.
//!
//! - **Never across sessions.** Every call takes a session, and a group is made of one session's faces.
//! - **A face is a photo and a box**, not a vector. Another model, or a file that was sent again, changes the vectors and
//!   moves the boxes a little; who is who stays (`RelativeBox::is_same_face`).
//! - **Nothing starts anew.** A photo is looked at once; its faces are compared with the people that there are. Means of
//!   the people are kept in memory while photos come and read once, page by page, when they are not there. No vector is
//!   written anywhere else.
//! - **Hidden means withheld.** A photo that shows somebody who is hidden has `is_withheld` in its row, which is one
//!   condition of what guests see (`Photo::is_visible`). It is computed in the transaction of every change. In a session
//!   where somebody is hidden a new photo is withheld until it has been looked at, also while nobody looks.
//! - **What is not seen.** Faces too poor to be matched are put to nobody, so a photo that shows a hidden person only
//!   from behind or blurred stays. The photographer hides it by hand.
//!
//! Must not know doors, nor how a face is found in a picture.

mod group;
mod keeper;
mod wishes;

use chrono::{DateTime, Utc};

use crate::{
    consents::Consents,
    domain::{
        PersonFaceId, PersonId, PersonSummary, PhotoId, PhotoSession, PhotoSessionId, StudioId, Viewer,
    },
    events::{Event, Events},
    store::{GalleryCursor, PeopleRefused, Store, StoreError},
};

pub use crate::store::{HideRequest, PeopleSwitches, PersonChange, PersonFace};
pub use group::{GroupOptions, Grouping, SeenFace, SeenPhoto, limit_of};
pub use keeper::{Eyes, KeeperError, ModelEyes, PeopleKeeper, Sight};
pub use wishes::{Wish, WishError};

/// Characters of a name.
const LONGEST_NAME: usize = 80;
/// People that are made one at a time.
const MOST_MERGED: usize = 200;
/// Changes that are told at a time: a page that is told more at once has to look for itself.
const TOLD_AT_ONCE: usize = 100;
const BETWEEN: std::time::Duration = std::time::Duration::from_millis(20);

#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    #[error("people are switched off here")]
    Off,
    #[error("there is no such person in the session")]
    NotFound,
    #[error("the person has no such face")]
    FaceNotFound,
    #[error("a name has 1 to {LONGEST_NAME} characters in one line")]
    InvalidName,
    #[error("somebody else of the session is called so")]
    NameTaken(PersonId),
    #[error("both are in one photo")]
    ShareAPhoto(PhotoId),
    #[error("somebody needs a face to be left")]
    NobodyLeft,
    #[error("up to {MOST_MERGED} people are made one at a time")]
    TooMany,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PeopleRefused> for PeopleError {
    fn from(refused: PeopleRefused) -> Self {
        match refused {
            PeopleRefused::NoSuchPerson => Self::NotFound,
            PeopleRefused::NoSuchFace => Self::FaceNotFound,
            PeopleRefused::NameTaken(person) => Self::NameTaken(person),
            PeopleRefused::ShareAPhoto(photo) => Self::ShareAPhoto(photo),
            PeopleRefused::NobodyLeft => Self::NobodyLeft,
        }
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct People {
    store: Store,
    events: Events,
    consents: Consents,
}

impl People {
    #[must_use]
    pub fn new(store: Store, events: Events, consents: Consents) -> Self {
        Self { store, events, consents }
    }

    /// Whether the studio has switched people on.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn studio_switch(&self, studio: StudioId) -> Result<bool, StoreError> {
        self.store.people().studio_switch(studio).await
    }

    /// Switches people on or off for all of a studio's sessions. Who is hidden stays hidden.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn set_studio_switch(
        &self,
        studio: StudioId,
        is_on: bool,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.store.people().set_studio_switch(studio, is_on, now).await
    }

    /// How the session's switches stand.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn switches(&self, session: &PhotoSession) -> Result<PeopleSwitches, StoreError> {
        self.store.people().switches(session.id, session.studio_id).await
    }

    /// Sets the session's switches; returns how they stand. `guardian` left out stays as it is.
    ///
    /// # Errors
    /// [`PeopleError::Off`] where the studio has not switched people on.
    pub async fn set_switches(
        &self,
        session: &PhotoSession,
        is_on: bool,
        for_guests: bool,
        guardian: Option<bool>,
    ) -> Result<PeopleSwitches, PeopleError> {
        let PhotoSession { id, studio_id, .. } = session;
        if is_on && !self.store.people().studio_switch(*studio_id).await? {
            return Err(PeopleError::Off);
        }
        self.store.people().set_switches(*id, *studio_id, is_on, for_guests, guardian).await?;
        Ok(self.switches(session).await?)
    }

    async fn check(&self, session: &PhotoSession) -> Result<(), PeopleError> {
        if self.switches(session).await?.is_on() { Ok(()) } else { Err(PeopleError::Off) }
    }

    /// Everybody, those in the most photos first.
    ///
    /// # Errors
    /// [`PeopleError::Off`], or the database's.
    pub async fn list(&self, session: &PhotoSession) -> Result<Vec<PersonSummary>, PeopleError> {
        self.check(session).await?;
        Ok(self.store.people().list(session.id, Viewer::Studio).await?)
    }

    /// How many ready photos have not been looked at yet.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn left(&self, session: PhotoSessionId) -> Result<u64, StoreError> {
        self.store.people().left(session).await
    }

    /// The faces that were put to a person, in the order of the gallery.
    ///
    /// # Errors
    /// [`PeopleError::Off`], or the database's.
    pub async fn faces(
        &self,
        session: &PhotoSession,
        person: PersonId,
        after: Option<GalleryCursor>,
        limit: u32,
    ) -> Result<Vec<PersonFace>, PeopleError> {
        self.check(session).await?;
        Ok(self.store.people().faces(session.id, person, after, limit).await?)
    }

    /// Names, hides or marks somebody. Guests see the change at once, in open pages too.
    ///
    /// # Errors
    /// [`PeopleError`]; nothing is changed then.
    pub async fn change(
        &self,
        session: &PhotoSession,
        person: PersonId,
        change: PersonChange,
    ) -> Result<(), PeopleError> {
        self.check(session).await?;
        let name = change.name.map(|name| name.map(|name| checked_name(&name)).transpose()).transpose()?;
        let change = PersonChange { name, ..change };
        let turned = self.store.people().change(session.id, person, &change).await??;
        Ok(tell(&self.store, &self.events, session.id, &turned).await?)
    }

    /// Makes others one with a person.
    ///
    /// # Errors
    /// [`PeopleError`]; nothing is changed then.
    pub async fn merge(
        &self,
        session: &PhotoSession,
        into: PersonId,
        others: &[PersonId],
    ) -> Result<(), PeopleError> {
        self.check(session).await?;
        if others.len() > MOST_MERGED {
            return Err(PeopleError::TooMany);
        }
        let turned = self.store.people().merge(session.id, into, others).await??;
        Ok(tell(&self.store, &self.events, session.id, &turned).await?)
    }

    /// Takes faces away from a person, to whom they never come back; returns who they are now.
    ///
    /// # Errors
    /// [`PeopleError`]; nothing is changed then.
    pub async fn split(
        &self,
        session: &PhotoSession,
        person: PersonId,
        faces: &[PersonFaceId],
        now: DateTime<Utc>,
    ) -> Result<PersonId, PeopleError> {
        self.check(session).await?;
        let (new, turned) = self.store.people().split(session.id, person, faces, now).await??;
        tell(&self.store, &self.events, session.id, &turned).await?;
        Ok(new)
    }

    /// Has everybody grouped anew of whom nobody has said anything.
    ///
    /// # Errors
    /// [`PeopleError::Off`], or the database's.
    pub async fn regroup(&self, session: &PhotoSession) -> Result<(), PeopleError> {
        self.check(session).await?;
        let turned = self.store.people().forget_groups(session.id).await?;
        Ok(tell(&self.store, &self.events, session.id, &turned).await?)
    }

    /// Whether somebody is of the session, also while people are switched off.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn is_of(&self, session: PhotoSessionId, person: PersonId) -> Result<bool, StoreError> {
        self.store.people().is_of(session, person).await
    }

    /// Tells everybody who watches of photos that guests see now, or do not see any more.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn told(&self, session: PhotoSessionId, turned: &[PhotoId]) -> Result<(), StoreError> {
        tell(&self.store, &self.events, session, turned).await
    }

    /// Erases who is in the session, also while people are switched off: groups, names, what was said of them. Whoever was
    /// hidden is seen again. Returns how many there were.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn forget(&self, session: PhotoSessionId) -> Result<u64, StoreError> {
        let (people, turned) = self.store.people().forget(session).await?;
        tell(&self.store, &self.events, session, &turned).await?;
        Ok(people)
    }
}

/// Tells everybody who watches of photos that guests see now, or do not see any more.
async fn tell(
    store: &Store,
    events: &Events,
    session: PhotoSessionId,
    turned: &[PhotoId],
) -> Result<(), StoreError> {
    for chunk in turned.chunks(TOLD_AT_ONCE) {
        for photo in store.photos().get_many(chunk).await? {
            if photo.is_only_withheld() {
                events.publish(session, Event::Taken { id: photo.id, state: Some(photo.state) });
            }
            events.publish(session, Event::photo(&photo));
        }
        if chunk.len() == TOLD_AT_ONCE {
            tokio::time::sleep(BETWEEN).await;
        }
    }
    Ok(())
}

fn checked_name(name: &str) -> Result<String, PeopleError> {
    let name = name.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(PeopleError::InvalidName) }
}
