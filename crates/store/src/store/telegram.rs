//! What the Telegram bot was told, what it has to say, and what its chats are about. What an update or a
//! message means is the bot's affair: here it is text.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::{Any, Row, Transaction, any::AnyRow};
use uuid::Uuid;

use super::{Store, StoreError, micros, optional_text, text, time, unsigned};
use crate::domain::{ConsentId, HandoffId, HandoffPhotoId, Language, PhotoSessionId};

/// How long the number of an update that is done is remembered. Telegram keeps one for a day at most.
const REMEMBERED: TimeDelta = TimeDelta::days(2);
/// A message that was not sent by then is of no more use.
const STALE: TimeDelta = TimeDelta::days(1);
/// Chats that are looked at at once.
const CHATS: i64 = 200;

pub struct TelegramRows<'a>(pub(super) &'a Store);

/// Something that waits in its chat's order: an update to act upon, or a message to send.
#[derive(Debug, Clone)]
pub struct Waiting<Id> {
    pub id: Id,
    pub chat: i64,
    /// JSON.
    pub payload: String,
    /// How often it was tried.
    pub attempts: u32,
    pub since: DateTime<Utc>,
}

/// The state of a chat.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TelegramChat {
    /// If one was chosen.
    pub language: Option<Language>,
    /// The hand-off session that pictures go into.
    pub handoff: Option<HandoffId>,
    /// The photo session that selfies are searched with in.
    pub session: Option<PhotoSessionId>,
    /// The consents given in this chat, so that they can be withdrawn.
    pub consents: Vec<(PhotoSessionId, ConsentId)>,
}

impl TelegramChat {
    /// The consent given for this session.
    #[must_use]
    pub fn consent(&self, session: PhotoSessionId) -> Option<ConsentId> {
        self.consents.iter().find(|(of, _)| *of == session).map(|(_, consent)| *consent)
    }
}

/// The change of a chat when an update is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatChange {
    Keep,
    /// It is about this from now on, and forgotten at that time.
    Set(TelegramChat, DateTime<Utc>),
    /// Everything that is known of the chat goes, unsent messages included.
    Forget,
}

/// The effects of an update; they commit together with the update.
#[derive(Debug, Clone)]
pub struct TelegramOutcome {
    pub chat: ChatChange,
    /// Results of this hand-off session are wanted here, until it expires.
    pub awaits: Option<(HandoffId, DateTime<Utc>)>,
    /// JSON each, in the order to be sent.
    pub messages: Vec<String>,
}

/// A chat that waits for the results of a hand-off session.
#[derive(Debug, Clone)]
pub struct AwaitedResults {
    pub handoff: HandoffId,
    pub chat: i64,
    /// Results that are on their way or there.
    pub sent: Vec<HandoffPhotoId>,
}

impl TelegramRows<'_> {
    /// Takes updates in: number, chat, JSON. One that came before is left alone.
    pub async fn receive(
        &self,
        updates: &[(i64, i64, String)],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for (id, chat, payload) in updates {
            sqlx::query(
                "INSERT INTO telegram_updates (update_id, chat_id, payload, due_at, received_at) \
                 VALUES ($1, $2, $3, $4, $4) ON CONFLICT (update_id) DO NOTHING",
            )
            .bind(*id)
            .bind(*chat)
            .bind(payload.as_str())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }

    /// The highest number taken in lately: Telegram begins anew somewhere after a week without updates.
    pub async fn last_update(&self, now: DateTime<Utc>) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query("SELECT MAX(update_id) AS last FROM telegram_updates WHERE received_at > $1")
            .bind(micros(now - REMEMBERED))
            .fetch_one(&self.0.reads)
            .await?;
        Ok(row.try_get("last")?)
    }

    /// The next update of each chat, where that is due.
    pub async fn due_updates(&self, now: DateTime<Utc>) -> Result<Vec<Waiting<i64>>, StoreError> {
        let rows = sqlx::query(
            "SELECT update_id, chat_id, payload, attempts, received_at AS since FROM telegram_updates u \
             WHERE chat_id IS NOT NULL AND due_at <= $1 AND update_id = \
             (SELECT MIN(update_id) FROM telegram_updates WHERE chat_id = u.chat_id) \
             ORDER BY due_at LIMIT $2",
        )
        .bind(micros(now))
        .bind(CHATS)
        .fetch_all(&self.0.reads)
        .await?;
        rows.iter().map(|row| waiting(row, row.try_get("update_id")?)).collect()
    }

    /// The chat's next update after this one, JSON, if it has been received by now.
    pub async fn said_next(&self, chat: i64, after: i64) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(
            "SELECT payload FROM telegram_updates WHERE chat_id = $1 AND update_id > $2 \
             ORDER BY update_id LIMIT 1",
        )
        .bind(chat)
        .bind(after)
        .fetch_optional(&self.0.reads)
        .await?;
        Ok(row.map(|row| row.try_get("payload")).transpose()?)
    }

    /// The update is done, with all that it leads to; `false` when it was done before.
    pub async fn settle(
        &self,
        update: &Waiting<i64>,
        outcome: &TelegramOutcome,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let done = sqlx::query(
            "UPDATE telegram_updates SET chat_id = NULL, payload = NULL \
             WHERE update_id = $1 AND chat_id IS NOT NULL",
        )
        .bind(update.id)
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        match &outcome.chat {
            ChatChange::Keep => {}
            ChatChange::Set(about, until) => set_chat(&mut tx, update.chat, about, *until).await?,
            ChatChange::Forget => forget(&mut tx, update.chat).await?,
        }
        if let Some((handoff, until)) = outcome.awaits {
            sqlx::query(
                "INSERT INTO telegram_handoffs (handoff_id, chat_id, sent, expires_at) \
                 VALUES ($1, $2, '[]', $3) ON CONFLICT (handoff_id, chat_id) DO NOTHING",
            )
            .bind(handoff.to_string())
            .bind(update.chat)
            .bind(micros(until))
            .execute(&mut *tx)
            .await?;
        }
        for message in &outcome.messages {
            say(&mut tx, update.chat, message, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// The update is tried again at `due`.
    pub async fn postpone_update(&self, update: i64, due: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE telegram_updates SET attempts = attempts + 1, due_at = $2 WHERE update_id = $1")
            .bind(update)
            .bind(micros(due))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    pub async fn chat(&self, chat: i64) -> Result<Option<TelegramChat>, StoreError> {
        let row = sqlx::query("SELECT * FROM telegram_chats WHERE chat_id = $1")
            .bind(chat)
            .fetch_optional(&self.0.reads)
            .await?;
        row.map(|row| {
            Ok(TelegramChat {
                language: optional_text(&row, "language")?,
                handoff: optional_text(&row, "handoff_id")?,
                session: optional_text(&row, "photo_session_id")?,
                consents: json(&row, "consents")?,
            })
        })
        .transpose()
    }

    /// Everything that is known of a chat goes.
    pub async fn forget(&self, chat: i64) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        forget(&mut tx, chat).await?;
        Ok(tx.commit().await?)
    }

    /// Chats that wait for results.
    pub async fn awaited(&self, now: DateTime<Utc>) -> Result<Vec<AwaitedResults>, StoreError> {
        let rows = sqlx::query("SELECT * FROM telegram_handoffs WHERE expires_at > $1")
            .bind(micros(now))
            .fetch_all(&self.0.reads)
            .await?;
        let awaited = |row| {
            let (handoff, chat) = (text(row, "handoff_id")?, Row::try_get(row, "chat_id")?);
            Ok(AwaitedResults { handoff, chat, sent: json(row, "sent")? })
        };
        rows.iter().map(awaited).collect()
    }

    /// Puts a result on its way, once; `false` when it is on its way already, or nobody waits any more.
    pub async fn send_result(
        &self,
        awaited: &AwaitedResults,
        result: HandoffPhotoId,
        message: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let row = sqlx::query("SELECT sent FROM telegram_handoffs WHERE handoff_id = $1 AND chat_id = $2")
            .bind(awaited.handoff.to_string())
            .bind(awaited.chat)
            .fetch_optional(&mut *tx)
            .await?;
        let sent = row.as_ref().map(|row| json::<Vec<HandoffPhotoId>>(row, "sent")).transpose()?;
        let Some(mut sent) = sent else { return Ok(false) };
        if sent.contains(&result) {
            return Ok(false);
        }
        sent.push(result);
        sqlx::query("UPDATE telegram_handoffs SET sent = $3 WHERE handoff_id = $1 AND chat_id = $2")
            .bind(awaited.handoff.to_string())
            .bind(awaited.chat)
            .bind(to_json(&sent)?)
            .execute(&mut *tx)
            .await?;
        say(&mut tx, awaited.chat, message, now).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The next message of each chat, where that is due.
    pub async fn due_messages(&self, now: DateTime<Utc>) -> Result<Vec<Waiting<Uuid>>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, chat_id, payload, attempts, created_at AS since FROM telegram_messages m \
             WHERE due_at <= $1 AND id = (SELECT MIN(id) FROM telegram_messages WHERE chat_id = m.chat_id) \
             ORDER BY due_at LIMIT $2",
        )
        .bind(micros(now))
        .bind(CHATS)
        .fetch_all(&self.0.reads)
        .await?;
        rows.iter().map(|row| waiting(row, text(row, "id")?)).collect()
    }

    /// The message is there, or will never be.
    pub async fn said(&self, message: Uuid) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM telegram_messages WHERE id = $1")
            .bind(message.to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The message is tried again at `due`.
    pub async fn postpone_message(&self, message: Uuid, due: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE telegram_messages SET attempts = attempts + 1, due_at = $2 WHERE id = $1")
            .bind(message.to_string())
            .bind(micros(due))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Removes what has run out.
    pub async fn sweep(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for (sql, before) in [
            ("DELETE FROM telegram_updates WHERE received_at < $1", now - REMEMBERED),
            ("DELETE FROM telegram_messages WHERE created_at < $1", now - STALE),
            ("DELETE FROM telegram_chats WHERE expires_at < $1", now),
            ("DELETE FROM telegram_handoffs WHERE expires_at < $1", now),
        ] {
            sqlx::query(sql).bind(micros(before)).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}

fn waiting<Id>(row: &AnyRow, id: Id) -> Result<Waiting<Id>, StoreError> {
    Ok(Waiting {
        id,
        chat: row.try_get("chat_id")?,
        payload: row.try_get("payload")?,
        attempts: unsigned(row, "attempts")?,
        since: time(row, "since")?,
    })
}

fn json<T: DeserializeOwned>(row: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    let text: &str = row.try_get(column)?;
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt(format!("column {column}")))
}

fn to_json(ids: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(ids).map_err(|error| StoreError::Corrupt(error.to_string()))
}

async fn set_chat(
    tx: &mut Transaction<'static, Any>,
    chat: i64,
    about: &TelegramChat,
    until: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO telegram_chats (chat_id, language, handoff_id, photo_session_id, consents, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (chat_id) DO UPDATE SET language = excluded.language, \
         handoff_id = excluded.handoff_id, photo_session_id = excluded.photo_session_id, \
         consents = excluded.consents, expires_at = excluded.expires_at",
    )
    .bind(chat)
    .bind(about.language.map(Language::as_str))
    .bind(about.handoff.map(|id| id.to_string()))
    .bind(about.session.map(|id| id.to_string()))
    .bind(to_json(&about.consents)?)
    .bind(micros(until))
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn forget(tx: &mut Transaction<'static, Any>, chat: i64) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM telegram_chats WHERE chat_id = $1",
        "DELETE FROM telegram_handoffs WHERE chat_id = $1",
        "DELETE FROM telegram_messages WHERE chat_id = $1",
    ] {
        sqlx::query(sql).bind(chat).execute(&mut **tx).await?;
    }
    Ok(())
}

async fn say(
    tx: &mut Transaction<'static, Any>,
    chat: i64,
    message: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO telegram_messages (id, chat_id, payload, due_at, created_at) VALUES ($1, $2, $3, $4, $4)",
    )
    .bind(Uuid::now_v7().to_string())
    .bind(chat)
    .bind(message)
    .bind(micros(now))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
