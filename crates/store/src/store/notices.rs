//! What those who look after sessions are told: found in the rows of what happened, so that nothing has to remember to tell
//! it, and written down, so that it is told once.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    Newest, Store, StoreError, flag, mails, micros, optional_text, optional_time, text, time, unsigned,
};
use crate::domain::{Email, Mail, NoticeId, NoticeKind, PhotoSessionId, UserId};

pub struct NoticeRows<'a>(pub(super) &'a Store);

/// How far back is looked for what happened: a service that was away for a night tells it the next morning.
const LOOKS_BACK: TimeDelta = TimeDelta::days(1);
/// Files that have not come further for so long stand still.
const STILL: TimeDelta = TimeDelta::minutes(30);
/// A session's uploads are told once in this time, however many stand still.
const STALLED_AGAIN: TimeDelta = TimeDelta::hours(12);
/// Photos and comments of guests that wait to be looked at are told once in this time, however many come.
const WAITING_AGAIN: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    pub user: UserId,
    pub session: PhotoSessionId,
    /// What the session is called; unknown of one that is not ours.
    pub session_name: Option<String>,
    pub kind: NoticeKind,
    pub seen_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
}

/// How somebody wants to be told of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeSetting {
    pub kind: NoticeKind,
    pub by_mail: bool,
    pub in_panel: bool,
}

impl NoticeRows<'_> {
    /// Finds what happened and writes down whom it concerns: the session's photographer, or where there is none the
    /// studio's admins. A mail tells it after `gathering`, and `pause` after the one before. Returns how many.
    pub async fn collect(
        &self,
        gathering: TimeDelta,
        pause: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let mut found = Vec::new();
        for kind in NoticeKind::ALL {
            for row in happened(self.0, *kind, now).await? {
                found.push((*kind, text(&row, "photo_session_id")?, row.try_get::<String, _>("subject")?));
            }
        }
        if found.is_empty() {
            return Ok(0);
        }
        let mut tx = self.0.write().await?;
        let mut written = 0;
        for (kind, session, subject) in found {
            for user in concerned(&mut tx, session).await? {
                written += tell(&mut tx, (user, session, kind, &subject), (gathering, pause), now).await?;
            }
        }
        tx.commit().await?;
        Ok(written)
    }

    /// Queues a mail to each user who is to be told by now, of all that waits for them; returns how many.
    pub async fn mail(
        &self,
        now: DateTime<Utc>,
        words: impl Fn(Email, &[Notice]) -> Mail,
    ) -> Result<usize, StoreError> {
        let due = sqlx::query("SELECT DISTINCT user_id FROM notices WHERE mail_due <= $1")
            .bind(micros(now))
            .fetch_all(&self.0.reads)
            .await?;
        let mut queued = 0;
        for row in &due {
            let user: UserId = text(row, "user_id")?;
            let mut tx = self.0.write().await?;
            let rows = sqlx::query(
                "SELECT n.*, s.name AS session_name, u.email FROM notices n JOIN users u ON u.id = n.user_id \
                 LEFT JOIN photo_sessions s ON s.id = n.photo_session_id \
                 WHERE n.user_id = $1 AND n.mail_due IS NOT NULL ORDER BY n.created_at, n.id",
            )
            .bind(user.to_string())
            .fetch_all(&mut *tx)
            .await?;
            let notices: Vec<Notice> = rows.iter().map(notice).collect::<Result<_, _>>()?;
            let email: Option<Email> = match rows.first() {
                Some(row) => optional_text(row, "email")?,
                None => None,
            };
            if let Some(email) = email {
                mails::enqueue(&mut tx, &[words(email, &notices)], now).await?;
                queued += 1;
            }
            sqlx::query(
                "UPDATE notices SET mail_due = NULL, mailed_at = $2 WHERE user_id = $1 AND mail_due IS NOT NULL",
            )
            .bind(user.to_string())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
        }
        Ok(queued)
    }

    /// Nobody can be told by mail: what waits for one waits no more.
    pub async fn forget_mails(&self) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE notices SET mail_due = NULL WHERE mail_due IS NOT NULL")
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// Removes those that are older.
    pub async fn forget_before(&self, until: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("DELETE FROM notices WHERE created_at < $1")
            .bind(micros(until))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// What the panel shows somebody, the newest first.
    pub async fn list(
        &self,
        user: UserId,
        after: Option<Newest<NoticeId>>,
        limit: u32,
    ) -> Result<Vec<Notice>, StoreError> {
        let (at, id) = Newest::bound(after);
        sqlx::query(
            "SELECT n.*, s.name AS session_name FROM notices n LEFT JOIN photo_sessions s ON s.id = n.photo_session_id \
             WHERE n.user_id = $1 AND n.in_panel = 1 AND (n.created_at, n.id) < ($2, $3) \
             ORDER BY n.created_at DESC, n.id DESC LIMIT $4",
        )
        .bind(user.to_string())
        .bind(at)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(&self.0.reads)
        .await?
        .iter()
        .map(notice)
        .collect()
    }

    /// How many of them somebody has not looked at.
    pub async fn unseen(&self, user: UserId) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(*) AS n FROM notices WHERE user_id = $1 AND in_panel = 1 AND seen_at IS NULL";
        let row = sqlx::query(sql).bind(user.to_string()).fetch_one(&self.0.reads).await?;
        unsigned(&row, "n")
    }

    /// Somebody has looked at all that there is.
    pub async fn see(&self, user: UserId, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        sqlx::query("UPDATE notices SET seen_at = $2 WHERE user_id = $1 AND seen_at IS NULL")
            .bind(user.to_string())
            .bind(micros(now))
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }

    /// How somebody wants to be told, of each kind.
    pub async fn settings(&self, user: UserId) -> Result<Vec<NoticeSetting>, StoreError> {
        let mut reading = self.0.reads.begin().await?;
        let mut settings = Vec::with_capacity(NoticeKind::ALL.len());
        for kind in NoticeKind::ALL {
            settings.push(setting(&mut reading, user, *kind).await?);
        }
        Ok(settings)
    }

    pub async fn set(&self, user: UserId, settings: &[NoticeSetting]) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for NoticeSetting { kind, by_mail, in_panel } in settings {
            sqlx::query(
                "INSERT INTO notice_settings (user_id, kind, by_mail, in_panel) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (user_id, kind) DO UPDATE SET by_mail = excluded.by_mail, in_panel = excluded.in_panel",
            )
            .bind(user.to_string())
            .bind(kind.as_str())
            .bind(i64::from(*by_mail))
            .bind(i64::from(*in_panel))
            .execute(&mut *tx)
            .await?;
        }
        Ok(tx.commit().await?)
    }
}

/// What happened lately and nobody was told of: a session, and what it is about. `$1` is the kind, `$2` how far back is
/// looked, `$3` since when nothing has moved, `$4` since when nothing was told.
async fn happened(store: &Store, kind: NoticeKind, now: DateTime<Utc>) -> Result<Vec<AnyRow>, StoreError> {
    let sql = match kind {
        NoticeKind::FirstVisit => {
            "SELECT v.photo_session_id, v.photo_session_id AS subject FROM usage_counters v \
             WHERE v.kind = 'page_view' AND $3 <> 0 AND $4 <> 0 AND NOT EXISTS (SELECT 1 FROM notices n \
             WHERE n.kind = $1 AND n.subject = v.photo_session_id) \
             GROUP BY v.photo_session_id HAVING MIN(v.hour) >= $2"
        }
        NoticeKind::Order => {
            "SELECT o.photo_session_id, o.id AS subject FROM shop_orders o WHERE o.placed_at >= $2 \
             AND $3 <> 0 AND $4 <> 0 \
             AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.kind = $1 AND n.subject = o.id)"
        }
        NoticeKind::UploadStalled => {
            "SELECT u.photo_session_id, MIN(u.id) AS subject FROM uploads u WHERE u.result IS NULL \
             AND u.created_at < $3 AND u.created_at >= $2 AND NOT EXISTS (SELECT 1 FROM uploads v \
             WHERE v.photo_session_id = u.photo_session_id AND (v.finished_at >= $3 OR v.created_at >= $3)) \
             AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.kind = $1 \
             AND n.photo_session_id = u.photo_session_id AND n.created_at >= $4) GROUP BY u.photo_session_id"
        }
        NoticeKind::HideRequest => {
            "SELECT r.photo_session_id, r.id AS subject FROM hide_requests r WHERE r.created_at >= $2 \
             AND $3 <> 0 AND $4 <> 0 AND r.state <> 'withdrawn' \
             AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.kind = $1 AND n.subject = r.id)"
        }
        // Those that came after the last notice of it.
        NoticeKind::GuestPhotos => {
            "SELECT g.photo_session_id, MIN(g.photo_id) AS subject FROM guest_photos g \
             JOIN photos p ON p.id = g.photo_id JOIN photo_sessions s ON s.id = g.photo_session_id \
             WHERE g.created_at >= $2 AND $3 <> 0 \
             AND g.decided_at IS NULL AND p.state = 'ready' AND s.guest_photos = 'moderated' \
             AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.kind = $1 \
             AND n.photo_session_id = g.photo_session_id AND (n.created_at >= $4 OR n.created_at >= g.created_at)) \
             GROUP BY g.photo_session_id"
        }
        // Once for all reports until the studio has looked at it.
        NoticeKind::PhotoReported => {
            "SELECT r.photo_session_id, r.subject FROM (SELECT g.photo_session_id, \
             g.photo_id || '.' || CAST(COALESCE(g.decided_at, 0) AS TEXT) AS subject FROM guest_photos g \
             JOIN photos p ON p.id = g.photo_id WHERE g.reported_at >= $2 AND $3 <> 0 AND $4 <> 0 \
             AND (g.decided_at IS NULL OR g.reported_at > g.decided_at)) r \
             WHERE NOT EXISTS (SELECT 1 FROM notices n WHERE n.kind = $1 AND n.subject = r.subject)"
        }
        NoticeKind::Comments => {
            "SELECT c.photo_session_id, MIN(c.id) AS subject FROM photo_comments c \
             JOIN photos p ON p.id = c.photo_id JOIN photo_sessions s ON s.id = c.photo_session_id \
             WHERE c.created_at >= $2 AND $3 <> 0 \
             AND c.decided_at IS NULL AND p.bin_until IS NULL AND s.comments = 'moderated' \
             AND NOT EXISTS (SELECT 1 FROM notices n WHERE n.kind = $1 \
             AND n.photo_session_id = c.photo_session_id AND (n.created_at >= $4 OR n.created_at >= c.created_at)) \
             GROUP BY c.photo_session_id"
        }
        NoticeKind::CommentReported => {
            "SELECT r.photo_session_id, r.subject FROM (SELECT c.photo_session_id, \
             c.id || '.' || CAST(COALESCE(c.decided_at, 0) AS TEXT) AS subject FROM photo_comments c \
             JOIN photos p ON p.id = c.photo_id WHERE c.reported_at >= $2 AND $3 <> 0 AND $4 <> 0 \
             AND (c.decided_at IS NULL OR c.reported_at > c.decided_at)) r \
             WHERE NOT EXISTS (SELECT 1 FROM notices n WHERE n.kind = $1 AND n.subject = r.subject)"
        }
    };
    let waits = matches!(kind, NoticeKind::GuestPhotos | NoticeKind::Comments);
    let again = if waits { WAITING_AGAIN } else { STALLED_AGAIN };
    let rows = sqlx::query(sql)
        .bind(kind.as_str())
        .bind(micros(now - LOOKS_BACK))
        .bind(micros(now - STILL))
        .bind(micros(now - again))
        .fetch_all(&store.reads)
        .await?;
    Ok(rows)
}

/// Whom it concerns.
async fn concerned(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
) -> Result<Vec<UserId>, StoreError> {
    let photographer = "SELECT u.id FROM photo_sessions s JOIN users u ON u.id = s.photographer_id \
                        WHERE s.id = $1 AND u.disabled = 0";
    let admins = "SELECT u.id FROM photo_sessions s JOIN studio_members m ON m.studio_id = s.studio_id \
                  JOIN users u ON u.id = m.user_id WHERE s.id = $1 AND u.disabled = 0 AND u.role = 'admin'";
    for sql in [photographer, admins] {
        let rows = sqlx::query(sql).bind(session.to_string()).fetch_all(&mut **tx).await?;
        if !rows.is_empty() {
            return rows.iter().map(|row| text(row, "id")).collect();
        }
    }
    Ok(Vec::new())
}

/// Writes a notice for somebody; how many were written. One that they want nowhere is written all the same, so that it is
/// not new when they want it.
async fn tell(
    tx: &mut Transaction<'static, Any>,
    (user, session, kind, subject): (UserId, PhotoSessionId, NoticeKind, &str),
    (gathering, pause): (TimeDelta, TimeDelta),
    now: DateTime<Utc>,
) -> Result<usize, StoreError> {
    let setting = setting(tx, user, kind).await?;
    let row = sqlx::query("SELECT MAX(mailed_at) AS mailed_at FROM notices WHERE user_id = $1")
        .bind(user.to_string())
        .fetch_one(&mut **tx)
        .await?;
    let mailed = optional_time(&row, "mailed_at")?;
    let due = mailed.map_or(now, |mailed| mailed + pause).max(now + gathering);
    let written = sqlx::query(
        "INSERT INTO notices (id, user_id, photo_session_id, kind, subject, in_panel, mail_due, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (user_id, kind, subject) DO NOTHING",
    )
    .bind(NoticeId::generate().to_string())
    .bind(user.to_string())
    .bind(session.to_string())
    .bind(kind.as_str())
    .bind(subject)
    .bind(i64::from(setting.in_panel))
    .bind(setting.by_mail.then(|| micros(due)))
    .bind(micros(now))
    .execute(&mut **tx)
    .await?;
    Ok(written.rows_affected() as usize)
}

async fn setting(
    tx: &mut Transaction<'static, Any>,
    user: UserId,
    kind: NoticeKind,
) -> Result<NoticeSetting, StoreError> {
    let row = sqlx::query("SELECT by_mail, in_panel FROM notice_settings WHERE user_id = $1 AND kind = $2")
        .bind(user.to_string())
        .bind(kind.as_str())
        .fetch_optional(&mut **tx)
        .await?;
    match row {
        None => Ok(NoticeSetting { kind, by_mail: true, in_panel: true }),
        Some(row) => {
            Ok(NoticeSetting { kind, by_mail: flag(&row, "by_mail")?, in_panel: flag(&row, "in_panel")? })
        }
    }
}

fn notice(row: &AnyRow) -> Result<Notice, StoreError> {
    Ok(Notice {
        id: text(row, "id")?,
        user: text(row, "user_id")?,
        session: text(row, "photo_session_id")?,
        session_name: row.try_get("session_name")?,
        kind: text(row, "kind")?,
        seen_at: optional_time(row, "seen_at")?,
        created_at: time(row, "created_at")?,
    })
}
