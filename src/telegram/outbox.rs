//! Messages of the bot: each is a row until Telegram has it.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use uuid::Uuid;

use super::{Bot, FAREWELL, POLL, api::ApiFault, later::Later, message::Message};
use crate::{
    chats::{StoreError, Waiting},
    domain::{Downloads, Photo, PhotoId, PhotoSessionId},
    guests::{GuestError, Pass, Visit},
    marks::MarkError,
    photo_sessions::SessionError,
    queue::{BackOff, Pace, Work},
};

/// The messages that wait.
#[derive(Clone)]
pub(super) struct Messages(pub Arc<Bot>);

/// A chat rests as long as Telegram asks.
pub(super) const PACE: Pace =
    Pace { at_once: 16, poll: POLL, rest: Duration::from_secs(1), farewell: Some(FAREWELL) };
/// After a failure that may pass.
const BACK_OFF: BackOff = BackOff::doubling(Duration::from_secs(1), Duration::from_secs(5 * 60));

impl Work for Messages {
    type Item = Waiting<Uuid>;
    type Outcome = ();
    const NAME: &'static str = "telegram_messages";

    /// The first of each chat.
    async fn due(&self, _: usize) -> Result<Vec<Waiting<Uuid>>, StoreError> {
        self.0.chats.due_messages(self.0.now()).await
    }

    fn lane(&self, message: &Waiting<Uuid>) -> Option<i64> {
        Some(message.chat)
    }

    async fn act(self, item: Waiting<Uuid>) {
        let bot = &self.0;
        let sent = match serde_json::from_str(&item.payload) {
            Ok(message) => bot.send(item.chat, message).await,
            Err(error) => Err(ApiFault::Refused(format!("a message of another version: {error}"))),
        };
        let rows = &bot.chats;
        let settled = match sent {
            Ok(()) => rows.sent(item.id).await.map_err(Later::from),
            Err(ApiFault::Closed) => bot.forget(item.chat).await,
            Err(fault @ (ApiFault::Refused(_) | ApiFault::TooLarge)) => {
                tracing::warn!(%fault, "the bot leaves a message unsent");
                rows.sent(item.id).await.map_err(Later::from)
            }
            Err(fault) => {
                let wait = match fault {
                    ApiFault::Wait(wait) => {
                        // Of one chat or of all, it does not say.
                        bot.api.rest(wait);
                        wait
                    }
                    _ => BACK_OFF.wait(item.attempts + 1),
                };
                tracing::warn!(%fault, "a message of the bot waits");
                rows.postpone_message(item.id, bot.now() + wait).await.map_err(Later::from)
            }
        };
        if let Err(error) = settled {
            tracing::warn!(%error, "what became of a message could not be written down; it may come twice");
        }
    }
}

impl Bot {
    #[tracing::instrument(name = "telegram", skip_all)]
    async fn send(&self, chat: i64, message: Message) -> Result<(), ApiFault> {
        match message {
            Message::Text { text, buttons } => self.api.send_text(chat, &text, &buttons).await,
            Message::Photos { session, photos } => {
                let pictures = self.pictures(session, &photos).await?;
                if pictures.is_empty() { Ok(()) } else { self.api.send_photos(chat, pictures).await }
            }
            Message::Result { handoff, photo } => self.send_result(chat, handoff, photo).await,
        }
    }

    /// The photos among these that guests may see now: some may have been hidden, or the session closed, since they
    /// were found.
    async fn pictures(&self, session: PhotoSessionId, photos: &[PhotoId]) -> Result<Vec<Bytes>, ApiFault> {
        let away = |error: &dyn std::error::Error| ApiFault::Away(error.to_string());
        let visit = match self.guests.enter(session, &Pass::none()).await {
            Ok(visit) => visit,
            Err(GuestError::Session(
                SessionError::NotFound | SessionError::FacePassDisabled | SessionError::PinRequired,
            )) => {
                return Ok(Vec::new());
            }
            Err(error) => return Err(away(&error)),
        };
        if visit.downloads == Downloads::Off {
            return Ok(Vec::new());
        }
        let photos = visit.these(photos).await.map_err(|error| away(&error))?;
        self.pictures_of(&visit, &photos).await
    }

    /// The largest copies of photos that the visitor is sent.
    pub(super) async fn pictures_of(&self, visit: &Visit, photos: &[Photo]) -> Result<Vec<Bytes>, ApiFault> {
        let mut pictures = Vec::with_capacity(photos.len());
        for photo in photos {
            let sent = photo.derivatives.iter().filter(|derivative| derivative.size <= visit.largest());
            let largest = sent.max_by_key(|derivative| derivative.size);
            let largest = largest.ok_or(ApiFault::Refused("a photo without a picture".into()))?;
            match visit.picture(photo, largest, true).await {
                Ok(picture) => pictures.push(picture),
                // Erased between the row and the file.
                Err(error) if matches!(*error, MarkError::NotFound) => {}
                Err(error) => return Err(ApiFault::Away(error.to_string())),
            }
        }
        Ok(pictures)
    }
}
