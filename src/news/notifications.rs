//! News as notifications of a browser, made when they are sent.

use async_trait::async_trait;
use bytes::Bytes;
use serde_json::json;

use super::{
    News, NewsError, Standing,
    letters::{Sight, Telling, Told, picture},
    words,
    words::Of,
};
use crate::{
    domain::{ConsentId, Downloads, PhotoId},
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
    pub async fn photo(&self, id: ConsentId, key: &str, photo: PhotoId) -> Result<Option<Bytes>, NewsError> {
        self.opens(super::MANAGE, id, key)?;
        let news = self.store.news().get(id).await?.ok_or(NewsError::NotFound)?;
        let Sight::Open(visit) = self.sight(&news).await? else { return Ok(None) };
        let is_told = self.store.news().known(id).await?.iter().any(|known| known.photo == photo);
        match visit.photo(photo).await?.filter(|_| is_told) {
            Some(photo) => Ok(picture(&visit, &photo).await),
            None => Ok(None),
        }
    }

    /// A title and one line.
    async fn short(&self, news: &Standing, visit: &Visit, n: usize) -> Result<words::Words, StoreError> {
        let short = |text: &str| text.chars().take(NAME).collect::<String>();
        let (studio, session) = (short(&self.studio_name(news.studio).await?), short(&visit.session.name));
        let of = Of { studio: &studio, session: &session, gallery: "", stop: "" };
        Ok(words::notification(&of, n, news.language))
    }

    /// What the bot says, and what the button says that ends it.
    ///
    /// # Errors
    /// `StoreError`
    pub async fn chat_words(
        &self,
        Told { news, visit, photos }: &Told,
    ) -> Result<(String, &'static str), StoreError> {
        let (title, body) = self.short(news, visit, photos.len()).await?;
        let gallery = self.sites.session(news.studio, news.session);
        let text = format!("{title}\n{body}\n\n{gallery}");
        Ok((text, words::stop_label(news.language)))
    }

    /// What the page's worker is told (`static/js/news/worker.js`).
    async fn notification(&self, Told { news, visit, photos }: &Told) -> Result<String, StoreError> {
        let (title, body) = self.short(news, visit, photos.len()).await?;
        let (id, key) = (news.id, self.key(news.id));
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
        let told = match self.telling(told).await? {
            Telling::Now(told) => told,
            Telling::Nothing => return Ok(Composed::Nothing),
            Telling::Later => return Ok(Composed::Later),
        };
        let address = told.news.address.as_deref().and_then(|address| serde_json::from_str(address).ok());
        let Some(subscription) = address else { return Ok(Composed::Nothing) };
        let content = self.notification(&told).await?;
        debug_assert!(content.len() <= LONGEST, "names are short, and the rest is ours");
        Ok(Composed::Notification(Box::new((subscription, content))))
    }

    async fn gone(&self, told: &NewsMail) -> Result<(), StoreError> {
        self.stop(told.news).await
    }
}
