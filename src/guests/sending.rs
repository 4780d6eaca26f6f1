//! Photos that guests send: who may, how many, under which name, and what happens when one is reported.
//!
//! - **A guest is a device.** The first file, or the first report, sets a cookie with a token; with it the guest goes on,
//!   sees what became of their photos, and takes them back. Nobody else can.
//! - **Published by consent.** A file is announced under a consent to the text of [`ConsentPurpose::Sharing`]. Whoever
//!   withdraws it, or is forgotten, takes all back that was sent under it (`store/guest_photos.rs`).
//! - **Reports.** One of a guest whose photo the studio has not looked at hides nothing: [`HIDDEN_AFTER`] devices do.
//!   After the studio has looked, a report only asks it to look again. It is told of every report.

use std::{net::IpAddr, time::Duration};

use super::{GuestError, Guests, Pass};
use crate::{
    consents::ConsentError,
    domain::{ConsentId, ConsentPurpose, GuestPhotos, PhotoId, PhotoSession, PhotoSessionId, SenderId},
    events::Event,
    search::SearchError,
    secrets,
    store::{NewSent, OwnPhoto, Sender, SendingRefused, TakenBack},
    throttle::network,
};

pub(super) const LONGEST_NAME: usize = 60;
const LONGEST_NOTE: usize = 300;
/// Files that one network may announce at once, then one more each time this has passed: a wedding behind one address.
pub(super) const ANNOUNCED: (u32, Duration) = (1_000, Duration::from_secs(1));
/// Reports of one network.
pub(super) const REPORTED: (u32, Duration) = (10, Duration::from_secs(60));
/// So many devices hide a photo or a comment that its studio has not looked at.
pub(super) const HIDDEN_AFTER: u64 = 3;
/// Photos of theirs that a guest is shown.
const MOST_OWN: u32 = 1_000;

/// A guest who sends photos.
pub struct Sending {
    pub sender: Sender,
    /// For their device, where they are new.
    pub token: Option<String>,
    /// To the publication of what they send.
    pub consent: ConsentId,
    /// What they send is seen at once.
    pub is_seen_at_once: bool,
    /// What one guest and all of them may send.
    pub most: (u32, u32),
}

impl Sending {
    /// The name of a file of theirs in the gallery. It can be no name of the photographer's: by name, second and camera
    /// a picture finds its RAW.
    #[must_use]
    pub fn filename(&self, filename: &str) -> String {
        let id = self.sender.id.0.simple().to_string();
        format!("guest-{} {filename}", &id[id.len() - 6..])
    }
}

/// What a guest's device says of whom it belongs to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Device<'a> {
    pub token: Option<&'a str>,
    /// As the guest writes it; the name stays as it was when it is `None`.
    pub name: Option<&'a str>,
}

/// A report of a guest's photo.
pub struct NewReport<'a> {
    pub photo: PhotoId,
    pub device: Device<'a>,
    pub note: &'a str,
    pub address: IpAddr,
}

/// What came of a report.
pub struct Reported {
    /// For the device, where it is new.
    pub token: Option<String>,
    /// The photo is hidden from now on.
    pub is_hidden_now: bool,
}

/// What a guest has sent.
pub struct OwnPhotos {
    pub sender: Sender,
    /// The newest first.
    pub photos: Vec<OwnPhoto>,
}

impl Guests {
    /// The session, if guests may send photos to it now.
    async fn takes_photos(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
    ) -> Result<std::sync::Arc<PhotoSession>, GuestError> {
        let session = self.open(session, pass).await?;
        match session.terms.guest_photos {
            GuestPhotos::Off => Err(GuestError::SendingOff),
            GuestPhotos::Moderated | GuestPhotos::Open => Ok(session),
        }
    }

    /// The session, if a consent for this purpose may be given in it now.
    pub(super) async fn open_to(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
        purpose: ConsentPurpose,
    ) -> Result<std::sync::Arc<PhotoSession>, GuestError> {
        match purpose {
            ConsentPurpose::Sharing => self.takes_photos(session, pass).await,
            ConsentPurpose::Commenting => self.takes_comments(session, pass).await,
            _ => Ok(self.open_to_search(session, pass).await?),
        }
    }

    /// The guest who sends photos to a session, under a consent to their publication.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::SendingOff`], [`GuestError::InvalidSenderName`], [`GuestError::Search`] for
    /// a consent that there is not, [`GuestError::Consent`], [`GuestError::Store`].
    pub async fn sending(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
        device: Device<'_>,
        consent: ConsentId,
    ) -> Result<Sending, GuestError> {
        let session = self.takes_photos(session, pass).await?;
        self.agreed_to(&session, ConsentPurpose::Sharing, consent).await?;
        let terms = &session.terms;
        let (is_seen_at_once, most) =
            (terms.guest_photos == GuestPhotos::Open, (terms.most_from_a_guest, terms.most_from_guests));
        let (sender, token) = self.known_or_new(session.id, device).await?;
        Ok(Sending { sender, token, consent, is_seen_at_once, most })
    }

    /// Whether the guest has agreed to what they are about to do.
    pub(super) async fn agreed_to(
        &self,
        session: &PhotoSession,
        purpose: ConsentPurpose,
        consent: ConsentId,
    ) -> Result<(), GuestError> {
        match self.agreed.check(session, purpose, consent).await {
            Ok(_) => Ok(()),
            Err(ConsentError::NotFound) => Err(SearchError::UnknownConsent.into()),
            Err(error) => Err(error.into()),
        }
    }

    /// Whom a device belongs to; a new guest with a new token where it says nothing that we know.
    pub(super) async fn known_or_new(
        &self,
        session: PhotoSessionId,
        device: Device<'_>,
    ) -> Result<(Sender, Option<String>), GuestError> {
        let name = device.name.map(str::trim);
        if name.is_some_and(|name| name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control))
        {
            return Err(GuestError::InvalidSenderName);
        }
        let (rows, now) = (self.store.guest_photos(), self.sessions.now());
        if let Some((mut sender, hash)) = self.known(session, device.token).await? {
            if let Some(name) = name.filter(|name| *name != sender.name) {
                name.clone_into(&mut sender.name);
                rows.set_sender(&sender, &hash, now).await?;
            }
            return Ok((sender, None));
        }
        let token = secrets::generate();
        let name = name.unwrap_or_default().to_owned();
        let sender = Sender { id: SenderId::generate(), session, name };
        rows.set_sender(&sender, &secrets::hash(&token), now).await?;
        Ok((sender, Some(token)))
    }

    /// Whom a token belongs to, with its hash.
    pub(super) async fn known(
        &self,
        session: PhotoSessionId,
        token: Option<&str>,
    ) -> Result<Option<(Sender, String)>, GuestError> {
        let Some(token) = token.filter(|token| secrets::looks_generated(token)) else { return Ok(None) };
        let hash = secrets::hash(token);
        let sender = self.store.guest_photos().sender(session, &hash).await?;
        Ok(sender.map(|sender| (sender, hash)))
    }

    /// Who goes on with what they began to send to a session; `None` for a token that is nobody's there.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::SendingOff`], [`GuestError::Store`].
    pub async fn goes_on_sending(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
        token: &str,
    ) -> Result<Option<SenderId>, GuestError> {
        let session = self.takes_photos(session, pass).await?;
        Ok(self.known(session.id, Some(token)).await?.map(|(sender, _)| sender.id))
    }

    /// Notes a photo that a guest sends.
    ///
    /// # Errors
    /// [`GuestError::TooManyFromGuest`], [`GuestError::TooManyFromGuests`], [`GuestError::Search`] for a guest who was
    /// forgotten meanwhile, [`GuestError::Store`].
    pub async fn announce(
        &self,
        sending: &Sending,
        photo: PhotoId,
        filename: &str,
    ) -> Result<(), GuestError> {
        let new = NewSent { photo, consent: sending.consent, filename: filename.to_owned() };
        let (rows, now) = (self.store.guest_photos(), self.sessions.now());
        rows.announce(&sending.sender, &new, sending.most, now).await?.map_err(|refused| match refused {
            SendingRefused::OfGuest => GuestError::TooManyFromGuest(sending.most.0),
            SendingRefused::OfSession => GuestError::TooManyFromGuests,
            SendingRefused::Gone => SearchError::UnknownConsent.into(),
        })
    }

    /// Counts a file that somebody at this address announces.
    ///
    /// # Errors
    /// [`GuestError::TooManySent`].
    pub fn may_announce(&self, address: IpAddr) -> Result<(), GuestError> {
        self.announced.check(&network(address)).map_err(GuestError::TooManySent)
    }

    /// What the guest with this token has sent, whether the session takes more or not; `None` for a token that is
    /// nobody's there.
    ///
    /// # Errors
    /// [`GuestError::Store`].
    pub async fn own_photos(
        &self,
        session: PhotoSessionId,
        token: Option<&str>,
    ) -> Result<Option<OwnPhotos>, GuestError> {
        let Some((sender, _)) = self.known(session, token).await? else { return Ok(None) };
        let photos = self.store.guest_photos().own(sender.id, MOST_OWN).await?;
        Ok(Some(OwnPhotos { sender, photos }))
    }

    /// One of them. Works also after the session was closed.
    ///
    /// # Errors
    /// [`GuestError::NotOwnPhoto`], [`GuestError::Store`].
    pub async fn own_photo(
        &self,
        session: PhotoSessionId,
        token: Option<&str>,
        photo: PhotoId,
    ) -> Result<OwnPhoto, GuestError> {
        let Some((sender, _)) = self.known(session, token).await? else {
            return Err(GuestError::NotOwnPhoto);
        };
        let own = self.store.guest_photos().own_photo(sender.id, photo).await?;
        own.ok_or(GuestError::NotOwnPhoto)
    }

    /// Forgets the guest with this token, and takes back all that they have sent and written. Works also after the session was
    /// closed.
    ///
    /// # Errors
    /// [`GuestError::Store`].
    pub async fn forget_sender(&self, session: PhotoSessionId, token: &str) -> Result<(), GuestError> {
        let Some((sender, _)) = self.known(session, Some(token)).await? else { return Ok(()) };
        let gone = self.store.guest_photos().forget_sender(sender.id, self.sessions.now()).await?;
        let (taken, unwritten) = gone;
        self.told_of(session, &taken);
        self.tell_comments(session, unwritten).await?;
        Ok(())
    }

    /// Tells everybody who watches that photos were taken back.
    pub(super) fn told_of(&self, session: PhotoSessionId, taken: &[TakenBack]) {
        for TakenBack { photo, was_visible } in taken {
            if *was_visible {
                self.events.publish(session, Event::Taken { id: *photo, state: None });
            }
            self.events.publish(session, Event::deleted(*photo));
        }
    }

    /// The words of a report, if they fit and its network may send one more.
    pub(super) fn may_report<'a>(&self, note: &'a str, address: IpAddr) -> Result<&'a str, GuestError> {
        self.reported.check(&network(address)).map_err(GuestError::TooManySent)?;
        let note = note.trim();
        if note.chars().count() > LONGEST_NOTE || note.chars().any(|c| c.is_control() && c != '\n') {
            return Err(GuestError::InvalidReport);
        }
        Ok(note)
    }

    /// Takes a report of a guest's photo by somebody who sees it.
    ///
    /// # Errors
    /// [`GuestError::Session`], [`GuestError::NotFromGuest`], [`GuestError::InvalidReport`], [`GuestError::TooManySent`],
    /// [`GuestError::Store`].
    pub async fn report(
        &self,
        session: PhotoSessionId,
        pass: &Pass,
        new: NewReport<'_>,
    ) -> Result<Reported, GuestError> {
        let visit = self.enter(session, pass).await?;
        let note = self.may_report(new.note, new.address)?;
        let seen = visit.photo(new.photo).await?.filter(|photo| photo.is_from_guest);
        let seen = seen.ok_or(GuestError::NotFromGuest)?;
        let (reporter, token) = self.known_or_new(session, new.device).await?;
        let (rows, now) = (self.store.guest_photos(), self.sessions.now());
        let reported = rows.report(seen.id, reporter.id, note, HIDDEN_AFTER, now).await?;
        let reported = reported.ok_or(GuestError::NotFromGuest)?;
        Ok(Reported { token, is_hidden_now: reported.is_hidden_now })
    }
}
