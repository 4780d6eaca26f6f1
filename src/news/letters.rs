//! News as mails, written when they are sent.

use async_trait::async_trait;
use bytes::Bytes;

use super::{CONFIRM, News, Standing, words, words::Of};
use crate::{
    domain::{Downloads, Email, Mail, Photo, StudioId, WEB},
    guests::{GuestError, Visit},
    mail::{Letter, NewsMail, Writer, Written},
    photo_sessions::SessionError,
    store::StoreError,
};

/// What a guest may be told now.
pub(super) enum Sight {
    Open(Box<Visit>),
    /// Not now: the gallery is closed, or shows nothing yet.
    Closed,
    /// Never again.
    Gone,
}

/// A message that is due.
pub enum Telling {
    Now(Box<Told>),
    /// There is nothing (any more) to be told.
    Nothing,
    /// It may be told later, not now.
    Later,
}

/// What a guest is told.
pub struct Told {
    pub news: Standing,
    pub visit: Visit,
    /// Those that they see now; none in the last message.
    pub photos: Vec<Photo>,
}

impl News {
    /// The guest's look into the session.
    pub(super) async fn sight(&self, news: &Standing) -> Result<Sight, StoreError> {
        match self.guests.enter_away(news.session, news.pin.as_deref()).await {
            Ok(visit) => Ok(Sight::Open(Box::new(visit))),
            Err(GuestError::Session(SessionError::NotFound)) => Ok(Sight::Gone),
            Err(GuestError::Store(error)) => Err(error),
            Err(error) => {
                tracing::debug!(%error, session = %news.session, "guests are told of new photos later");
                Ok(Sight::Closed)
            }
        }
    }

    /// What is to be told of these photos now.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn telling(&self, told: &NewsMail) -> Result<Telling, StoreError> {
        let Some(news) = self.store.news().get(told.news).await? else { return Ok(Telling::Nothing) };
        let visit = match self.sight(&news).await? {
            Sight::Open(visit) => *visit,
            Sight::Closed => return Ok(Telling::Later),
            Sight::Gone => return Ok(Telling::Nothing),
        };
        let photos = visit.these(&told.photos).await?;
        if photos.is_empty() && !told.photos.is_empty() {
            return Ok(Telling::Nothing);
        }
        Ok(Telling::Now(Box::new(Told { news, visit, photos })))
    }

    pub(super) async fn studio_name(&self, studio: StudioId) -> Result<String, StoreError> {
        Ok(self.store.studios().branding(studio).await?.map(|branding| branding.name).unwrap_or_default())
    }

    /// The page of a guest's news, with its key.
    fn page(&self, news: &Standing) -> String {
        let (id, base) = (news.id, self.sites.of(news.studio));
        format!("{base}/news/{id}?key={}", self.key(id))
    }

    pub(super) fn stop_link(&self, news: &Standing) -> String {
        format!("{}#stop", self.page(news))
    }

    /// The mail that asks whoever reads at the address.
    pub(super) async fn mail_question(
        &self,
        news: &Standing,
        session: &str,
        to: Email,
    ) -> Result<Mail, StoreError> {
        let id = news.id;
        let yes = self.links.sign(CONFIRM, &id.to_string(), None);
        let link = format!("{}&yes={yes}#confirm", self.page(news));
        let (studio, stop) = (self.studio_name(news.studio).await?, self.stop_link(news));
        let of = Of { studio: &studio, session, gallery: "", stop: &stop };
        let (subject, body) = words::question(&of, &link, news.language);
        Ok(Mail { to, subject, body })
    }

    async fn letter(&self, Told { news, visit, photos }: Told) -> Result<Letter, StoreError> {
        let (studio, stop) = (self.studio_name(news.studio).await?, self.stop_link(&news));
        let gallery = self.sites.session(news.studio, news.session);
        let of = Of { studio: &studio, session: &visit.session.name, gallery: &gallery, stop: &stop };
        let (subject, body) = match photos.len() {
            0 => words::farewell(&of, news.language),
            n => words::photos(&of, n, news.language),
        };
        let picture = match photos.first() {
            Some(photo) => picture(&visit, photo).await,
            None => None,
        };
        let base = self.sites.of(news.studio);
        let unsubscribe = format!("{base}/api/news/{}/stop?key={}", news.id, self.key(news.id));
        Ok(Letter { subject, body, picture, unsubscribe: Some(unsubscribe) })
    }
}

/// A copy for a message; none where guests may save nothing, because a picture in a message is kept.
pub(super) async fn picture(visit: &Visit, photo: &Photo) -> Option<Bytes> {
    if visit.downloads == Downloads::Off {
        return None;
    }
    let small = photo.derivatives.iter().filter(|derivative| derivative.size <= WEB.min(visit.largest()));
    let derivative = small.max_by_key(|derivative| derivative.size)?;
    match visit.picture(photo, derivative, true).await {
        Ok(picture) => Some(picture),
        Err(error) => {
            tracing::warn!(%error, photo = %photo.id, "news go without a picture");
            None
        }
    }
}

#[async_trait]
impl Writer for News {
    async fn write(&self, mail: &NewsMail) -> Result<Written, StoreError> {
        match self.telling(mail).await? {
            Telling::Now(told) => Ok(Written::Letter(Box::new(self.letter(*told).await?))),
            Telling::Nothing => Ok(Written::Nothing),
            Telling::Later => Ok(Written::Later),
        }
    }
}
