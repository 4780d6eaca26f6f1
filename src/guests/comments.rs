//! What guests write on photos: who may, how much, under which name, who sees it, and who takes it away again.
//!
//! - **A guest is a device**, the same as one that sends photos (`sending.rs`): the first comment sets the cookie.
//! - **Published by consent** to the text of [`ConsentPurpose::Commenting`]: whoever withdraws it, or is forgotten, takes
//!   back all that was written under it.
//! - **A comment is seen by whoever sees its photo**, so every way to one goes through [`Visit::photo`]. A comment that waits
//!   or was not taken is seen by whoever wrote it, and by the studio.
//! - **Reports** count as those of photos do. What the studio decides stands in `comment_desk.rs`.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc, time::Duration};

use super::{
    Device, GuestError, Guests, Pass, Visit,
    sending::{HIDDEN_AFTER, LONGEST_NAME},
};
use crate::{
    domain::{
        CommentId, CommentState, CommentText, Comments, ConsentId, ConsentPurpose, PhotoId, PhotoSession,
        PhotoSessionId, SenderId, Viewer, visible_words,
    },
    events::Event,
    search::SearchError,
    store::{Comment, CommentRefused, NewComment, Newest, StoreError},
    throttle::network,
};

/// Comments that one network may write at once, then one more each time this has passed: a wedding behind one address.
pub(super) const WRITTEN: (u32, Duration) = (120, Duration::from_secs(2));
/// Comments of one guest, and of a session.
const MOST_FROM_A_GUEST: u32 = 50;
const MOST_IN_A_SESSION: u32 = 2_000;

#[derive(Debug, thiserror::Error)]
pub enum CommentError {
    #[error("the session takes no comments")]
    Off,
    #[error("a comment has 1 to 500 characters")]
    Invalid,
    #[error("a guest may write {0} comments here")]
    TooManyFromGuest(u32),
    #[error("the session has as many comments as it takes")]
    TooMany,
    #[error("there is no such photo for this guest")]
    PhotoNotFound,
    #[error("there is no such comment for this guest")]
    NotFound,
}

/// What a guest writes.
pub struct NewWords<'a> {
    pub photo: PhotoId,
    pub device: Device<'a>,
    pub name: &'a str,
    pub text: &'a str,
    pub consent: ConsentId,
    pub address: IpAddr,
}

/// A report of a comment.
pub struct CommentReport<'a> {
    pub comment: CommentId,
    pub device: Device<'a>,
    pub note: &'a str,
    pub address: IpAddr,
}

/// A comment that was written.
pub struct Written {
    pub comment: Comment,
    /// For the device, where it is new.
    pub token: Option<String>,
}

/// The comments on a photo, as a guest sees them.
pub struct Commented {
    /// The newest first.
    pub comments: Vec<Comment>,
    /// How many are shown in all.
    pub shown: u64,
    /// Who asks, where they are known.
    pub own: Option<SenderId>,
    /// Whether they may take away what others wrote.
    pub may_decline: bool,
}

impl Guests {
    /// The session, if guests may write on its photos now.
    pub(super) async fn takes_comments(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
    ) -> Result<Arc<PhotoSession>, GuestError> {
        let session = self.open(session, pass).await?;
        takes(&session)?;
        Ok(session)
    }

    /// How many comments the photos have that the visitor sees, of those that have some.
    ///
    /// # Errors
    /// [`CommentError::Off`], [`GuestError::Store`].
    pub async fn comment_counts(&self, visit: &Visit) -> Result<Vec<(PhotoId, u64)>, GuestError> {
        takes(&visit.session)?;
        let mut counts = self.store.comments().shown_in(visit.session.id).await?;
        let photos: Vec<PhotoId> = counts.iter().map(|(photo, _)| *photo).collect();
        let seen: BTreeSet<PhotoId> = visit.these(&photos).await?.iter().map(|photo| photo.id).collect();
        counts.retain(|(photo, _)| seen.contains(photo));
        Ok(counts)
    }

    /// A page of the comments on a photo that the visitor sees; with the token of a device also its own that wait.
    ///
    /// # Errors
    /// [`CommentError::Off`], [`CommentError::PhotoNotFound`], [`GuestError::Store`].
    pub async fn comments(
        &self,
        visit: &Visit,
        photo: PhotoId,
        token: Option<&str>,
        after: Option<Newest<CommentId>>,
        limit: u32,
    ) -> Result<Commented, GuestError> {
        takes(&visit.session)?;
        visit.photo(photo).await?.ok_or(CommentError::PhotoNotFound)?;
        let own = self.known(visit.session.id, token).await?.map(|(sender, _)| sender.id);
        let rows = self.store.comments();
        let comments = rows.of_photo(photo, own, after, limit).await?;
        let (shown, may_decline) = (rows.shown_on(photo).await?, visit.viewer() == Viewer::Couple);
        Ok(Commented { comments, shown, own, may_decline })
    }

    /// Writes on a photo that the guest sees.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::Comment`], [`GuestError::InvalidSenderName`], [`GuestError::Search`] for a
    /// consent that there is not, [`GuestError::Consent`], [`GuestError::TooManySent`], [`GuestError::Store`].
    pub async fn write(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
        new: NewWords<'_>,
    ) -> Result<Written, GuestError> {
        let visit = self.enter(session, pass).await?;
        takes(&visit.session)?;
        self.written.check(&network(new.address)).map_err(GuestError::TooManySent)?;
        let text: CommentText = new.text.parse().map_err(|_| CommentError::Invalid)?;
        let name = shown_name(new.name)?;
        let photo = visit.photo(new.photo).await?.ok_or(CommentError::PhotoNotFound)?;
        self.agreed_to(&visit.session, ConsentPurpose::Commenting, new.consent).await?;
        // The name of whoever sends photos is for the studio alone, so it is not the one that stands here.
        let device = Device { name: None, ..new.device };
        let (sender, token) = self.known_or_new(session, device).await?;
        let is_shown = visit.session.terms.comments == Comments::Open;
        let id = CommentId::generate();
        let written = NewComment { id, photo: photo.id, consent: new.consent, name, text, is_shown };
        let most = (MOST_FROM_A_GUEST, MOST_IN_A_SESSION);
        let now = self.sessions.now();
        let written = self.store.comments().write(&sender, &written, most, now).await?;
        let comment = written.map_err(|refused| match refused {
            CommentRefused::OfGuest => CommentError::TooManyFromGuest(most.0).into(),
            CommentRefused::OfSession => CommentError::TooMany.into(),
            CommentRefused::NoPhoto => CommentError::PhotoNotFound.into(),
            CommentRefused::Gone => GuestError::from(SearchError::UnknownConsent),
        })?;
        if comment.id == id {
            self.comments_changed(session, photo.id, is_shown).await?;
        }
        Ok(Written { comment, token })
    }

    /// Takes a comment away: for good for whoever wrote it, also after the session was closed; the couple may decline those
    /// that it sees of others.
    ///
    /// # Errors
    /// [`CommentError::NotFound`], [`GuestError::Store`].
    pub async fn remove_comment(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
        token: Option<&str>,
        id: CommentId,
    ) -> Result<(), GuestError> {
        let rows = self.store.comments();
        let comment = rows.get(id).await?.filter(|comment| comment.session == session);
        let comment = comment.ok_or(CommentError::NotFound)?;
        let own = self.known(session, token).await?.map(|(sender, _)| sender.id);
        if own == Some(comment.sender) {
            rows.delete(id).await?;
        } else {
            let (visit, _) = self.seen_comment(session, pass, id).await?;
            if visit.viewer() != Viewer::Couple {
                return Err(CommentError::NotFound.into());
            }
            rows.decide(session, &[id], CommentState::Declined, self.sessions.now()).await?;
        }
        self.comments_changed(session, comment.photo, comment.state == CommentState::Shown).await?;
        Ok(())
    }

    /// A comment that this guest sees.
    async fn seen_comment(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
        id: CommentId,
    ) -> Result<(Visit, Comment), GuestError> {
        let visit = self.enter(session, pass).await?;
        takes(&visit.session)?;
        let comment = self.store.comments().get(id).await?;
        let comment = comment.filter(|it| it.session == session && it.state == CommentState::Shown);
        let comment = comment.ok_or(CommentError::NotFound)?;
        visit.photo(comment.photo).await?.ok_or(CommentError::NotFound)?;
        Ok((visit, comment))
    }

    /// Takes a report of a comment by somebody who sees it; the token of their device, where it is new.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::Comment`], [`GuestError::InvalidReport`], [`GuestError::TooManySent`],
    /// [`GuestError::Store`].
    pub async fn report_comment(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
        new: CommentReport<'_>,
    ) -> Result<Option<String>, GuestError> {
        let (_, seen) = self.seen_comment(session, pass, new.comment).await?;
        let note = self.may_report(new.note, new.address)?;
        let (reporter, token) = self.known_or_new(session, new.device).await?;
        let (rows, now) = (self.store.comments(), self.sessions.now());
        let reported = rows.report(seen.id, reporter.id, note, HIDDEN_AFTER, now).await?;
        let is_hidden_now = reported.ok_or(CommentError::NotFound)?;
        self.comments_changed(session, seen.photo, is_hidden_now).await?;
        Ok(token)
    }

    /// Tells everybody who watches that photos have other comments now, of each photo once.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn tell_comments(
        &self,
        session: PhotoSessionId,
        photos: impl IntoIterator<Item = PhotoId>,
    ) -> Result<(), StoreError> {
        for photo in photos.into_iter().collect::<BTreeSet<_>>() {
            self.comments_changed(session, photo, true).await?;
        }
        Ok(())
    }

    /// The same of one photo; `is_shown`: guests who see the photo see the change.
    async fn comments_changed(
        &self,
        session: PhotoSessionId,
        photo: PhotoId,
        is_shown: bool,
    ) -> Result<(), StoreError> {
        let shown = self.store.comments().shown_on(photo).await?;
        let is_visible = self.store.photos().get(photo).await?.is_some_and(|photo| photo.is_visible());
        self.events.publish(session, Event::Comments { photo, shown, is_seen: is_shown && is_visible });
        Ok(())
    }
}

fn takes(session: &PhotoSession) -> Result<(), CommentError> {
    if session.terms.comments == Comments::Off { Err(CommentError::Off) } else { Ok(()) }
}

/// One line, which may be empty.
fn shown_name(name: &str) -> Result<String, GuestError> {
    let name = visible_words(name);
    let name = name.trim();
    if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(GuestError::InvalidSenderName);
    }
    Ok(name.to_owned())
}
