//! The booth's side of the conversation: pictures into a hand-off session, its results out.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use chrono::TimeDelta;

use super::{
    Bot,
    api::ApiFault,
    later::Later,
    message::Message,
    talk::{Answer, KEPT, Talk},
    wire::{Received, What},
};
use crate::{
    chats::{AwaitedResults, StoreError, TelegramChat},
    domain::{
        ENOUGH_HANDOFF_UPLOADS, HandoffId, HandoffKind, HandoffPhotoId, HandoffPhotoType,
        MOST_HANDOFF_UPLOADS,
    },
    handoff::{Change, HandoffError, NewPhoto},
    words::Words,
};

/// How much longer than its hand-off a chat is remembered, so that whoever comes late gets that answer.
const LATE: TimeDelta = TimeDelta::hours(1);
/// Results are looked for this often even if nobody says that there are any.
const LOOK: Duration = Duration::from_secs(30);

impl Talk<'_> {
    /// Somebody comes from a booth's code.
    pub(super) async fn meet(self, handoff: HandoffId) -> Result<Answer, Later> {
        let words = self.words;
        let tied = self.bot.handoff.tie(handoff, self.update.chat, self.received.username.clone()).await;
        let session = match tied {
            Ok(session) => session,
            Err(error) => return self.unwelcome(error),
        };
        let text = match session.kind {
            HandoffKind::Upload => words.fill("bot.booth_sends", &[("most", &MOST_HANDOFF_UPLOADS)]),
            HandoffKind::Download => words.say("bot.booth_receives").to_owned(),
        };
        // The message about a result is in the language of now: nobody says anything when the result comes.
        let language = Some(self.language);
        let about = TelegramChat { handoff: Some(handoff), session: None, language, ..self.about };
        let until = session.expires_at + LATE;
        let until = if about.consents.is_empty() { until } else { until.max(self.now + KEPT) };
        let awaits = Some((handoff, session.expires_at));
        Ok(Answer { awaits, ..Answer::say(text).about(about, until) })
    }

    /// Puts a picture into the hand-off.
    pub(super) async fn hand_over(self, handoff: HandoffId, file: &str) -> Result<Answer, Later> {
        let words = self.words;
        match self.bot.handoff.get(handoff).await {
            Ok(session) if session.kind == HandoffKind::Upload => {}
            Ok(_) => return Ok(Answer::say(words.say("bot.booth_receives"))),
            Err(error) => return self.unwelcome(error),
        }
        let bytes = match self.download(file).await? {
            Ok(bytes) => bytes,
            Err(answer) => return Ok(answer),
        };
        let photo_type = HandoffPhotoType::Uploaded;
        let telegram_file_id = Some(file.to_owned());
        let photo = NewPhoto { bytes, photo_type, telegram_file_id, idempotency_key: None };
        let added = match self.bot.handoff.add_photo(handoff, photo).await {
            Ok(added) => added,
            // The last picture of an album speaks for all.
            Err(HandoffError::Full) if self.album_goes_on().await? => return Ok(Answer::silence()),
            Err(error) => return self.unwelcome(error),
        };
        if self.album_goes_on().await? {
            return Ok(Answer::silence());
        }
        let n = added.photo.order_index + 1;
        let mut text = words.fill("bot.booth_has", &[("n", &n), ("most", &MOST_HANDOFF_UPLOADS)]);
        if n >= ENOUGH_HANDOFF_UPLOADS {
            text = format!("{text} {}", words.say("bot.booth_ready"));
        }
        Ok(Answer::say(text))
    }

    fn unwelcome(self, error: HandoffError) -> Result<Answer, Later> {
        let words = self.words;
        let text = match error {
            HandoffError::Expired => words.say("bot.booth_expired").to_owned(),
            HandoffError::NotFound => words.say("bot.unknown_link").to_owned(),
            HandoffError::Full => words.fill("bot.booth_full", &[("most", &MOST_HANDOFF_UPLOADS)]),
            HandoffError::Completed => words.say("bot.booth_completed").to_owned(),
            HandoffError::PhotoTooLarge => words.say("bot.too_large").to_owned(),
            HandoffError::Picture(_) => words.say("bot.not_a_picture").to_owned(),
            error => return Err(Later(error.to_string())),
        };
        Ok(Answer::say(text))
    }

    /// Whether the next that this chat said belongs to the same album.
    async fn album_goes_on(&self) -> Result<bool, StoreError> {
        let What::Picture { album: Some(album), .. } = &self.received.what else { return Ok(false) };
        let next = self.bot.chats.next_update(self.update.chat, self.update.id).await?;
        let next =
            next.and_then(|next| serde_json::from_str::<Received>(&next).ok()).map(|received| received.what);
        Ok(matches!(next, Some(What::Picture { album: Some(next), .. }) if next == *album))
    }
}

impl Bot {
    /// Unties a chat from every hand-off that it is tied to.
    pub(super) async fn untie(&self, chat: i64) -> Result<(), Later> {
        for awaited in self.chats.awaited(self.now()).await? {
            if awaited.chat == chat && self.is_tied(&awaited).await? {
                let nobody = Change {
                    telegram_user_id: Some(None),
                    telegram_username: Some(None),
                    ..Change::default()
                };
                match self.handoff.change(awaited.handoff, nobody).await {
                    Ok(_) | Err(HandoffError::NotFound | HandoffError::Expired) => {}
                    Err(error) => return Err(Later(error.to_string())),
                }
            }
        }
        Ok(())
    }

    /// Whether a hand-off lives and is still this chat's: who scans its code last has it.
    async fn is_tied(&self, awaited: &AwaitedResults) -> Result<bool, Later> {
        match self.handoff.get(awaited.handoff).await {
            Ok(session) => Ok(session.telegram_user_id == Some(awaited.chat)),
            Err(HandoffError::NotFound | HandoffError::Expired) => Ok(false),
            Err(error) => Err(Later(error.to_string())),
        }
    }

    /// Puts on its way what booths have left for chats that wait for it.
    async fn send_results(&self) -> Result<(), Later> {
        for awaited in self.chats.awaited(self.now()).await? {
            if !self.is_tied(&awaited).await? {
                continue;
            }
            let handoff = awaited.handoff;
            let results = match self.handoff.results(handoff).await {
                Ok(results) => results,
                Err(HandoffError::NotFound | HandoffError::Expired) => continue,
                Err(error) => return Err(Later(error.to_string())),
            };
            for photo in results.iter().map(|result| result.id) {
                if !awaited.sent.contains(&photo) {
                    let message = Message::Result { handoff, photo }.to_json();
                    self.chats.send_result(&awaited, photo, &message, self.now()).await?;
                    self.said.notify_one();
                }
            }
        }
        Ok(())
    }

    /// Sends a result, unless it is gone.
    pub(super) async fn send_result(
        &self,
        chat: i64,
        handoff: HandoffId,
        photo: HandoffPhotoId,
    ) -> Result<(), ApiFault> {
        let picture: Bytes = match self.handoff.picture(handoff, photo).await {
            Ok((_, picture)) => picture,
            Err(HandoffError::NotFound | HandoffError::Expired | HandoffError::PhotoNotFound) => {
                return Ok(());
            }
            Err(error) => return Err(ApiFault::Away(error.to_string())),
        };
        let language = self.language_of(chat).await.map_err(|error| ApiFault::Away(error.to_string()))?;
        self.api.send_picture(chat, Words(language).say("bot.booth_result"), picture).await
    }
}

/// Looks for results for ever: at the start, when one is published, and now and then.
pub(super) async fn watch(bot: &Arc<Bot>) {
    let mut results = Some(bot.handoff.watch_results());
    loop {
        if let Err(error) = bot.send_results().await {
            tracing::warn!(%error, "results of booths wait");
        }
        let next = async {
            match &mut results {
                Some(watch) => watch.next().await.is_some(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            goes_on = next => if !goes_on { results = None },
            () = bot.expected.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}
