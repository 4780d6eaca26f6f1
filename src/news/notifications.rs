//! News as notifications of a browser, made when they are sent.

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::json;

use super::{
    News, NewsError, Standing,
    letters::{Sight, picture},
    words,
    words::Told,
};
use crate::{
    domain::{ConsentId, Downloads, Photo, PhotoId},
    guests::Visit,
    push::{Composed, Composer, LONGEST},
    store::{NewsMail, StoreError},
};

/// Characters of a name in a notification.
const NAME: usize = 120;

impl News {
    /// The picture of a photo in a notification, as far as the guest sees it now; `None` when there is none.
    ///
    /// # Errors
    /// [`NewsError::NotFound`], or the database's.
    pub async fn photo(
        &self,
        id: ConsentId,
        key: &str,
        photo: PhotoId,
    ) -> Result<Option<Bytes>, NewsError> {
        self.opens(super::MANAGE, id, key)?;
        let news = self.store.news().get(id).await?.ok_or(NewsError::NotFound)?;
        let Sight::Open(visit) = self.sight(&news).await? else { return Ok(None) };
        let is_told = self.store.news().known(id).await?.iter().any(|known| known.photo == photo);
        match visit.photo(photo).await?.filter(|_| is_told) {
            Some(photo) => Ok(picture(&visit, &photo).await),
            None => Ok(None),
        }
    }

    /// What the page's worker is told (`static/js/news/worker.js`).
    async fn notification(
        &self,
        news: &Standing,
        visit: &Visit,
        photos: &[Photo],
    ) -> Result<String, StoreError> {
        let (id, key) = (news.id, self.key(news.id));
        let short = |text: &str| text.chars().take(NAME).collect::<String>();
        let (studio, session) = (short(&self.studio_name(news.studio).await?), short(&visit.session.name));
        let told = Told { studio: &studio, session: &session, gallery: "", stop: "" };
        let (title, body) = words::notification(&told, photos.len(), news.language);
        let picture = photos.first().filter(|_| visit.downloads != Downloads::Off);
        let content = json!({
            "title": title,
            "body": body,
            "image": picture.map(|photo| format!("/api/news/{id}/photos/{}?key={key}", photo.id)),
            "open": format!("/session/{}", news.session),
            "stop": format!("/api/news/{id}/stop?key={key}"),
            "stop_label": words::stop_label(news.language),
            "lang": news.language.as_str(),
            "news_id": id,
        });
        Ok(content.to_string())
    }
}

#[async_trait]
impl Composer for News {
    async fn compose(&self, told: &NewsMail) -> Result<Composed, StoreError> {
        let Some(news) = self.store.news().get(told.news).await? else { return Ok(Composed::Nothing) };
        let address = news.address.as_deref().and_then(|address| serde_json::from_str(address).ok());
        let Some(subscription) = address else { return Ok(Composed::Nothing) };
        let visit = match self.sight(&news).await? {
            Sight::Open(visit) => visit,
            Sight::Closed => return Ok(Composed::Later),
            Sight::Gone => return Ok(Composed::Nothing),
        };
        let photos = visit.these(&told.photos).await?;
        if photos.is_empty() && !told.photos.is_empty() {
            return Ok(Composed::Nothing);
        }
        let content = self.notification(&news, &visit, &photos).await?;
        debug_assert!(content.len() <= LONGEST, "names are short, and the rest is ours");
        Ok(Composed::Notification(Box::new((subscription, content))))
    }

    async fn gone(&self, told: &NewsMail) -> Result<(), StoreError> {
        self.store.news().stop(told.news, (self.clock)()).await.map(|_| ())
    }
}
