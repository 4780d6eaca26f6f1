//! News of a session to chats that wait for them: photos that show their guest, each message with a button that ends it.

use std::{sync::Arc, time::Duration};

use super::{
    Bot, FAREWELL, POLL, api::ALBUM, api::ApiFault, later::Later, talk::Answer, talk::Talk, wire::Pressed,
};
use crate::{
    chats::{QueuedNews, StoreError},
    domain::{ConsentId, Downloads},
    news::{Telling, Told},
    queue::{BackOff, Pace, Work},
};

/// The messages that wait.
#[derive(Clone)]
pub(super) struct News(pub Arc<Bot>);

pub(super) const PACE: Pace = Pace { at_once: 4, poll: POLL, rest: Duration::ZERO, farewell: Some(FAREWELL) };
const BACK_OFF: BackOff = BackOff::doubling(Duration::from_secs(5), Duration::from_secs(60 * 60));
/// A message that was tried so often has missed its purpose.
const MOST_ATTEMPTS: u32 = 40;

impl Work for News {
    type Item = QueuedNews;
    type Outcome = ();
    const NAME: &'static str = "telegram_news";

    async fn due(&self, room: usize) -> Result<Vec<QueuedNews>, StoreError> {
        self.0.chats.due_news(room, self.0.now()).await
    }

    async fn act(self, queued: QueuedNews) {
        let bot = &self.0;
        let settled = match bot.tell_news(&queued).await {
            Ok(()) => bot.chats.news_sent(queued.id).await.map_err(Later::from),
            Err(ApiFault::Closed) => bot.news.stop(queued.news.news).await.map_err(Later::from),
            Err(fault @ (ApiFault::Refused(_) | ApiFault::TooLarge)) => {
                tracing::warn!(%fault, "the bot leaves news unsent");
                bot.chats.news_sent(queued.id).await.map_err(Later::from)
            }
            Err(fault) if queued.attempts >= MOST_ATTEMPTS => {
                tracing::warn!(%fault, "news of the bot are given up");
                bot.chats.news_sent(queued.id).await.map_err(Later::from)
            }
            Err(fault) => {
                let wait = match fault {
                    ApiFault::Wait(wait) => {
                        bot.api.rest(wait);
                        wait
                    }
                    _ => BACK_OFF.wait(queued.attempts),
                };
                bot.chats.postpone_news(queued.id, bot.now() + wait).await.map_err(Later::from)
            }
        };
        if let Err(error) = settled {
            tracing::warn!(%error, "what became of news could not be written down; they may come twice");
        }
    }
}

impl Bot {
    #[tracing::instrument(name = "telegram", skip_all)]
    async fn tell_news(&self, queued: &QueuedNews) -> Result<(), ApiFault> {
        let away = |error: StoreError| ApiFault::Away(error.to_string());
        let told = match self.news.telling(&queued.news).await.map_err(away)? {
            Telling::Now(told) => told,
            Telling::Nothing => return Ok(()),
            Telling::Later => return Err(ApiFault::Away("the gallery is closed".to_owned())),
        };
        let chat = told.news.address.as_deref().and_then(|chat| chat.parse().ok());
        let Some(chat) = chat else { return Ok(()) };
        let (text, stop) = self.news.chat_words(&told).await.map_err(away)?;
        let Told { news, visit, photos } = &*told;
        // A picture in a chat is saved with one tap.
        if visit.downloads != Downloads::Off {
            for album in photos.chunks(ALBUM) {
                let pictures = self.pictures_of(visit, album).await?;
                if !pictures.is_empty() {
                    self.api.send_photos(chat, pictures).await?;
                }
            }
        }
        self.api.send_text(chat, &text, &[(stop.to_owned(), Pressed::StopNews(news.id).data())]).await
    }
}

impl Talk<'_> {
    /// Somebody comes from the guest's page for news; `None` when the link is of something else.
    pub(super) async fn hear(&self, id: ConsentId) -> Result<Option<Answer>, Later> {
        let bound = self.bot.news.bind(id, self.update.chat).await?;
        Ok(bound.map(|_| {
            let stop = (self.words.say("bot.news_stop").to_owned(), Pressed::StopNews(id).data());
            Answer::ask(self.words.say("bot.news_on"), stop)
        }))
    }

    /// The button under a message: the news of this chat that it is of are erased.
    pub(super) async fn stop_news(&self, id: ConsentId) -> Result<Answer, Later> {
        self.bot.news.stop_chat(self.update.chat, Some(id)).await?;
        Ok(Answer::say(self.words.say("bot.news_stopped")))
    }
}
