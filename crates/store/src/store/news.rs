//! Guests who want to hear of new photos that show them: their address, their face as numbers, the photos that they know.
//! All of it goes at once, with everything of it that is on its way.

use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    Consent, ErasureRequest, NewsKept, Store, StoreError, consents, erasure_notes, faces, guests, mails,
    micros, news_kept, news_messages, optional_text, optional_time, placeholders, sight::VISIBLE, text, time,
    unsigned,
};
use crate::domain::{ConsentId, Language, Mail, NewsChannel, PhotoId, PhotoSessionId, RelativeBox, StudioId};

pub struct NewsRows<'a>(pub(super) &'a Store);

/// A guest who wants news, in one session.
#[derive(Debug, Clone, PartialEq)]
pub struct News {
    /// Of the consent under which it is kept.
    pub id: ConsentId,
    pub session: PhotoSessionId,
    pub studio: StudioId,
    pub channel: NewsChannel,
    /// What the channel needs; unknown until a chat of the bot has come.
    pub address: Option<String>,
    pub language: Language,
    /// A hash of the gallery's PIN as the guest knows it.
    pub pin: Option<String>,
    /// Whoever reads at the address has said yes.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// When the guest was last told of photos.
    pub told_at: Option<DateTime<Utc>>,
    /// A last message is on its way.
    pub ended_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// A photo that a guest knows, and where they are in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnownPhoto {
    pub photo: PhotoId,
    pub score: f32,
    pub rect: RelativeBox,
}

/// The guest's face as numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptVectors {
    /// That made them.
    pub model: String,
    /// `[n][dimension] f32`, L2-normalised.
    pub vectors: Vec<Vec<f32>>,
}

/// Everything that is kept of somebody from now on.
#[derive(Debug, Clone)]
pub struct NewNews {
    pub news: News,
    pub consent: Consent,
    pub kept: KeptVectors,
    pub known: Vec<KnownPhoto>,
    /// Asks whoever reads at the address.
    pub question: Option<Mail>,
}

impl NewsRows<'_> {
    /// Keeps everything, with the consent to it and the question to its reader, in one transaction.
    pub async fn begin(&self, new: &NewNews, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        consents::record(&mut tx, &new.consent).await?;
        let News { id, session, studio, channel, address, language, pin, confirmed_at, .. } = &new.news;
        sqlx::query(
            "INSERT INTO news (id, photo_session_id, studio_id, channel, address, language, pin, confirmed_at, \
             due_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
        )
        .bind(id.to_string())
        .bind(session.to_string())
        .bind(studio.to_string())
        .bind(channel.as_str())
        .bind(address.as_deref())
        .bind(language.as_str())
        .bind(pin.as_deref())
        .bind(confirmed_at.map(micros))
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        keep(&mut tx, *id, &new.kept).await?;
        know(&mut tx, *id, &new.known).await?;
        if let Some(question) = &new.question {
            mails::enqueue_of(&mut tx, *id, question, now).await?;
        }
        Ok(tx.commit().await?)
    }

    pub async fn get(&self, id: ConsentId) -> Result<Option<News>, StoreError> {
        let row = sqlx::query("SELECT * FROM news WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.as_ref().map(news).transpose()
    }

    /// How many want news of the session, and how many of them at this address.
    pub async fn count(&self, session: PhotoSessionId, address: &str) -> Result<(u64, u64), StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS n, COALESCE(SUM(CASE WHEN address = $2 THEN 1 ELSE 0 END), 0) AS there \
             FROM news WHERE photo_session_id = $1",
        )
        .bind(session.to_string())
        .bind(address)
        .fetch_one(&self.0.reads)
        .await?;
        Ok((unsigned(&row, "n")?, unsigned(&row, "there")?))
    }

    /// Whoever reads at the address says yes; `false` when there is nothing (any more) to say yes to.
    pub async fn confirm(&self, id: ConsentId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let confirmed = sqlx::query(
            "UPDATE news SET confirmed_at = COALESCE(confirmed_at, $2) WHERE id = $1 AND ended_at IS NULL",
        )
        .bind(id.to_string())
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(confirmed.rows_affected() == 1)
    }

    /// A chat of the bot comes for news that wait for it; `false` when there are none, or another chat has them.
    pub async fn bind(&self, id: ConsentId, chat: i64, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let bound = sqlx::query(
            "UPDATE news SET address = $2, confirmed_at = COALESCE(confirmed_at, $3) WHERE id = $1 \
             AND channel = 'telegram' AND ended_at IS NULL AND (address IS NULL OR address = $2)",
        )
        .bind(id.to_string())
        .bind(chat.to_string())
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(bound.rows_affected() == 1)
    }

    /// What comes to an address by a channel, in any session.
    pub async fn at(&self, channel: NewsChannel, address: &str) -> Result<Vec<ConsentId>, StoreError> {
        let rows = sqlx::query("SELECT id FROM news WHERE address = $1 AND channel = $2 ORDER BY id")
            .bind(address)
            .bind(channel.as_str())
            .fetch_all(&self.0.reads)
            .await?;
        rows.iter().map(|row| text(row, "id")).collect()
    }

    /// Erases everything that is kept of a guest's news and on its way to them, and withdraws the consent; see [`news_kept::stop`].
    /// `false` when there was nothing.
    pub async fn stop(&self, id: ConsentId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let withdrawn = guests::withdraw(&mut tx, id, now).await?.is_some();
        // The consent of a restored or older row may be gone already.
        let stopped = news_kept::stop(&mut tx, id, now).await?;
        tx.commit().await?;
        Ok(withdrawn || stopped)
    }

    /// The erasure of somebody's news, once they have stopped.
    pub async fn erasure(&self, id: ConsentId) -> Result<Option<ErasureRequest>, StoreError> {
        let row = sqlx::query(
            "SELECT * FROM erasure_requests WHERE kind = 'news' AND subject = $1 ORDER BY asked_at LIMIT 1",
        )
        .bind(id.to_string())
        .fetch_optional(&self.0.reads)
        .await?;
        row.as_ref().map(erasure_notes::request).transpose()
    }

    /// What is left of somebody's news, things on their way included.
    pub async fn left(&self, id: ConsentId) -> Result<NewsKept, StoreError> {
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM news WHERE id = $1) + (SELECT COUNT(*) FROM mails WHERE news_id = $1) \
             + (SELECT COUNT(*) FROM news_messages WHERE news_id = $1) AS news, (SELECT COUNT(*) FROM news_vectors WHERE news_id = $1) AS vectors",
        )
        .bind(id.to_string())
        .fetch_one(&self.0.reads)
        .await?;
        Ok(NewsKept { news: unsigned(&row, "news")?, news_vectors: unsigned(&row, "vectors")? })
    }

    /// Sessions of which somebody wants news.
    pub async fn sessions(&self) -> Result<Vec<PhotoSessionId>, StoreError> {
        let rows = sqlx::query("SELECT DISTINCT photo_session_id FROM news").fetch_all(&self.0.reads).await?;
        rows.iter().map(|row| text(row, "photo_session_id")).collect()
    }

    /// Everybody who wants news of the session.
    pub async fn of_session(&self, session: PhotoSessionId) -> Result<Vec<News>, StoreError> {
        sqlx::query("SELECT * FROM news WHERE photo_session_id = $1 ORDER BY id")
            .bind(session.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(news)
            .collect()
    }

    /// Those of whom nothing is to be kept any longer: nobody has said yes by `asked`, or the last message is sent.
    pub async fn over(&self, asked: DateTime<Utc>) -> Result<Vec<ConsentId>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM news WHERE (confirmed_at IS NULL AND created_at < $1) OR (ended_at IS NOT NULL \
             AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.news_id = news.id) \
             AND NOT EXISTS (SELECT 1 FROM news_messages m WHERE m.news_id = news.id))",
        )
        .bind(micros(asked))
        .fetch_all(&self.0.reads)
        .await?;
        rows.iter().map(|row| text(row, "id")).collect()
    }

    /// Those of the session are due now whose face is kept by none of these models.
    pub async fn due_without(
        &self,
        session: PhotoSessionId,
        models: &[String],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let list = if models.is_empty() { "''".to_owned() } else { placeholders(2, models.len()) };
        let lacking = format!(
            "SELECT id FROM news WHERE photo_session_id = $1 AND due_at IS NULL AND ended_at IS NULL AND NOT EXISTS \
             (SELECT 1 FROM news_vectors v WHERE v.news_id = news.id AND v.model IN ({list}))"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(lacking)).bind(session.to_string());
        let query = models.iter().fold(query, |query, model| query.bind(model.as_str()));
        for row in query.fetch_all(&self.0.reads).await? {
            self.postpone(text(&row, "id")?, now).await?;
        }
        Ok(())
    }

    /// Whether guests see photos of the session in which nobody has looked for those who want news.
    pub async fn has_unseen(&self, session: PhotoSessionId) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT 1 AS n FROM photos WHERE photo_session_id = $1 AND news_seen = 0 AND {VISIBLE} LIMIT 1"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(session.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        Ok(row.is_some())
    }

    /// The photos of the session that guests see now are noted, and everybody is due who is not, at the time that `due`
    /// says.
    pub async fn notice(
        &self,
        session: PhotoSessionId,
        due: impl Fn(&News) -> DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        let sql = format!(
            "UPDATE photos SET news_seen = 1 WHERE photo_session_id = $1 AND news_seen = 0 AND {VISIBLE}"
        );
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string()).execute(&mut *tx).await?;
        let rows = sqlx::query("SELECT * FROM news WHERE photo_session_id = $1 AND due_at IS NULL")
            .bind(session.to_string())
            .fetch_all(&mut *tx)
            .await?;
        for row in &rows {
            let news = news(row)?;
            sqlx::query("UPDATE news SET due_at = $2 WHERE id = $1")
                .bind(news.id.to_string())
                .bind(micros(due(&news)))
                .execute(&mut *tx)
                .await?;
        }
        Ok(tx.commit().await?)
    }

    /// Those for whom new photos are to be looked for, the longest due first.
    pub async fn due(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<News>, StoreError> {
        sqlx::query(
            "SELECT * FROM news WHERE due_at <= $1 AND confirmed_at IS NOT NULL AND ended_at IS NULL \
             ORDER BY due_at, id LIMIT $2",
        )
        .bind(micros(now))
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(news)
        .collect()
    }

    /// Looked for again at `due`.
    pub async fn postpone(&self, id: ConsentId, due: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE news SET due_at = $2 WHERE id = $1")
            .bind(id.to_string())
            .bind(micros(due))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The guest's face, by the model that made it; `None` when nothing of it is kept.
    pub async fn kept(&self, id: ConsentId) -> Result<Option<KeptVectors>, StoreError> {
        let rows = sqlx::query("SELECT model, vector FROM news_vectors WHERE news_id = $1 ORDER BY model")
            .bind(id.to_string())
            .fetch_all(&self.0.reads)
            .await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let model: String = first.try_get("model")?;
        let vectors =
            rows.iter().map(|row| faces::floats_of(row.try_get("vector")?)).collect::<Result<_, _>>()?;
        Ok(Some(KeptVectors { model, vectors }))
    }

    /// The vectors of another model take the place of the ones before.
    pub async fn renew(&self, id: ConsentId, kept: &KeptVectors) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM news_vectors WHERE news_id = $1")
            .bind(id.to_string())
            .execute(&mut *tx)
            .await?;
        let there = sqlx::query("SELECT 1 AS n FROM news WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        if there.is_some() {
            keep(&mut tx, id, kept).await?;
        }
        Ok(tx.commit().await?)
    }

    /// The photos that the guest knows, the surest first.
    pub async fn known(&self, id: ConsentId) -> Result<Vec<KnownPhoto>, StoreError> {
        sqlx::query("SELECT * FROM news_photos WHERE news_id = $1 ORDER BY score DESC, photo_id")
            .bind(id.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(|row| {
                Ok(KnownPhoto {
                    photo: text(row, "photo_id")?,
                    score: row.try_get::<f64, _>("score")? as f32,
                    rect: faces::rect(row)?,
                })
            })
            .collect()
    }

    /// A guest is told of photos: from now on they know them, and the message is on its way. Without photos nothing new was
    /// found. `false` when the guest has stopped meanwhile.
    pub async fn tell(
        &self,
        news: &News,
        new: &[KnownPhoto],
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let told_at = if new.is_empty() { news.told_at } else { Some(now) };
        let sql = "UPDATE news SET due_at = NULL, told_at = $2 WHERE id = $1 AND ended_at IS NULL";
        let there =
            sqlx::query(sql).bind(news.id.to_string()).bind(told_at.map(micros)).execute(&mut *tx).await?;
        if there.rows_affected() == 0 {
            return Ok(false);
        }
        know(&mut tx, news.id, new).await?;
        if !new.is_empty() {
            let photos: Vec<PhotoId> = new.iter().map(|known| known.photo).collect();
            send(&mut tx, news, &photos, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Nobody can be looked for any more: the vectors go now, and the rest once the guest has been told of it.
    pub async fn end(&self, news: &News, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        let sql = "UPDATE news SET ended_at = $2, due_at = NULL WHERE id = $1 AND ended_at IS NULL";
        let ended = sqlx::query(sql).bind(news.id.to_string()).bind(micros(now)).execute(&mut *tx).await?;
        sqlx::query("DELETE FROM news_vectors WHERE news_id = $1")
            .bind(news.id.to_string())
            .execute(&mut *tx)
            .await?;
        if ended.rows_affected() > 0 && news.confirmed_at.is_some() {
            send(&mut tx, news, &[], now).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// Puts a message on its way by the guest's channel.
async fn send(
    tx: &mut Transaction<'static, Any>,
    news: &News,
    photos: &[PhotoId],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    match (news.channel, &news.address) {
        (NewsChannel::Mail, Some(address)) => mails::enqueue_news(tx, news.id, address, photos, now).await,
        (_, None) => Ok(()),
        (channel, Some(_)) => news_messages::enqueue(tx, (news.id, channel), photos, now).await,
    }
}

async fn keep(
    tx: &mut Transaction<'static, Any>,
    id: ConsentId,
    kept: &KeptVectors,
) -> Result<(), StoreError> {
    for vector in &kept.vectors {
        sqlx::query("INSERT INTO news_vectors (news_id, model, vector) VALUES ($1, $2, $3)")
            .bind(id.to_string())
            .bind(kept.model.as_str())
            .bind(faces::bytes_of(vector))
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

async fn know(
    tx: &mut Transaction<'static, Any>,
    id: ConsentId,
    known: &[KnownPhoto],
) -> Result<(), StoreError> {
    for KnownPhoto { photo, score, rect } in known {
        sqlx::query(
            "INSERT INTO news_photos (news_id, photo_id, score, x, y, w, h) SELECT $1, id, $3, $4, $5, $6, $7 \
             FROM photos WHERE id = $2 ON CONFLICT (news_id, photo_id) DO NOTHING",
        )
        .bind(id.to_string())
        .bind(photo.to_string())
        .bind(f64::from(*score))
        .bind(f64::from(rect.x))
        .bind(f64::from(rect.y))
        .bind(f64::from(rect.w))
        .bind(f64::from(rect.h))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

fn news(row: &AnyRow) -> Result<News, StoreError> {
    Ok(News {
        id: text(row, "id")?,
        session: text(row, "photo_session_id")?,
        studio: text(row, "studio_id")?,
        channel: text(row, "channel")?,
        address: optional_text(row, "address")?,
        language: text(row, "language")?,
        pin: optional_text(row, "pin")?,
        confirmed_at: optional_time(row, "confirmed_at")?,
        told_at: optional_time(row, "told_at")?,
        ended_at: optional_time(row, "ended_at")?,
        created_at: time(row, "created_at")?,
    })
}
