//! Photo sessions as their studio sees them, and how the studio looks in print.

use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction, any::AnyRow};
use uuid::Uuid;

use super::{
    Newest, Once, OnceKey, SessionRows, Store, StoreError, clocks, flag, micros, once, optional_text,
    placeholders, sessions, time, webhooks,
};
use crate::domain::{PhotoSession, PhotoSessionId, SessionStatus, StudioId, TimeZone};

/// A session with what guests are not told.
#[derive(Debug, Clone, PartialEq)]
pub struct StudioSession {
    pub session: PhotoSession,
    /// The client who ordered the shoot.
    pub client_id: Option<Uuid>,
    /// JSON.
    pub settings: Option<String>,
}

/// The filter of a list of sessions; a field that is `None` does not narrow it.
#[derive(Debug, Clone, Default)]
pub struct SessionFilter {
    pub studios: Option<Vec<StudioId>>,
    /// Whose sessions, and those that they take part in.
    pub photographer: Option<Uuid>,
    pub status: Option<SessionStatus>,
}

impl SessionRows<'_> {
    /// Creates the session, unless its request was answered before. `once` is the request and the answer
    /// that it gets if this is the first of it.
    pub async fn create_once(
        &self,
        new: &StudioSession,
        once: Option<(&OnceKey, &str)>,
        now: DateTime<Utc>,
    ) -> Result<Once, StoreError> {
        let mut tx = self.0.write().await?;
        if let Some((key, answer)) = once {
            let earlier = once::claim(&mut tx, key, answer, now).await?;
            if earlier != Once::First {
                return Ok(earlier);
            }
        }
        sessions::insert(&mut tx, &new.session).await?;
        sqlx::query("UPDATE photo_sessions SET client_id = $2, settings = $3 WHERE id = $1")
            .bind(new.session.id.to_string())
            .bind(new.client_id.map(|id| id.to_string()))
            .bind(new.settings.as_deref())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Once::First)
    }

    pub async fn of_studio(&self, id: PhotoSessionId) -> Result<Option<StudioSession>, StoreError> {
        sqlx::query("SELECT * FROM photo_sessions WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?
            .map(|row| studio_session(&row))
            .transpose()
    }

    /// Newest first; `after` is the last session of the page before.
    pub async fn list_filtered(
        &self,
        filter: &SessionFilter,
        after: Option<Newest<PhotoSessionId>>,
        limit: u32,
    ) -> Result<Vec<StudioSession>, StoreError> {
        let mut sql = "SELECT * FROM photo_sessions WHERE (created_at, id) < ($1, $2)".to_owned();
        let (at, id) = Newest::bound(after);
        let mut values = vec![id];
        if let Some(studios) = &filter.studios {
            if studios.is_empty() {
                return Ok(Vec::new());
            }
            sql += &format!(" AND studio_id IN ({})", placeholders(values.len() + 2, studios.len()));
            values.extend(studios.iter().map(ToString::to_string));
        }
        if let Some(photographer) = filter.photographer {
            values.push(photographer.to_string());
            sql += &format!(
                " AND (photographer_id = ${0} OR id IN (SELECT photo_session_id FROM session_photographers \
                 WHERE user_id = ${0}))",
                values.len() + 1
            );
        }
        if let Some(status) = filter.status.clone() {
            values.push(status.into());
            sql += &format!(" AND status = ${}", values.len() + 1);
        }
        sql += &format!(" ORDER BY created_at DESC, id DESC LIMIT {limit}");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(at);
        for value in values {
            query = query.bind(value);
        }
        query.fetch_all(&self.0.reads).await?.iter().map(studio_session).collect()
    }

    /// Changes a session as `apply` says, in one transaction; `None` when there is no such session. When
    /// `apply` refuses, nothing is written. The studio's webhooks receive an event.
    pub async fn change<E: Send>(
        &self,
        id: PhotoSessionId,
        apply: impl FnOnce(&mut StudioSession) -> Result<(), E> + Send,
    ) -> Result<Option<Result<StudioSession, E>>, StoreError> {
        let mut tx = self.0.write().await?;
        let row = sqlx::query("SELECT * FROM photo_sessions WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&mut *tx)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let mut changed = studio_session(&row)?;
        let before = changed.session.clone();
        if let Err(refused) = apply(&mut changed) {
            return Ok(Some(Err(refused)));
        }
        let after = &changed.session;
        update(&mut tx, after, changed.client_id).await?;
        if before.time_zone != after.time_zone {
            clocks::read_anew(&mut tx, id).await?;
        }
        webhooks::announce(&mut tx, (&before).into(), after, after.updated_at).await?;
        tx.commit().await?;
        Ok(Some(Ok(changed)))
    }
}

async fn update(
    tx: &mut Transaction<'static, Any>,
    session: &PhotoSession,
    client_id: Option<Uuid>,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE photo_sessions SET name = $2, description = $3, status = $4, gallery_open = $5, \
         face_search = $6, scheduled_at = $7, completed_at = $8, updated_at = $9, client_id = $10, pin = $11, \
         reveals_at = $12, ends_at = $13, at_end = $14, downloads = $15, watermark = $16, prices = $17, \
         cover = $18, previews = $19, time_zone = $20, guest_photos = $21, most_from_a_guest = $22, \
         most_from_guests = $23, comments = $24 WHERE id = $1",
    )
    .bind(session.id.to_string())
    .bind(session.name.as_str())
    .bind(session.description.as_deref())
    .bind(session.status.as_str())
    .bind(i64::from(session.gallery_open))
    .bind(i64::from(session.face_search))
    .bind(session.scheduled_at.map(micros))
    .bind(session.completed_at.map(micros))
    .bind(micros(session.updated_at))
    .bind(client_id.map(|id| id.to_string()))
    .bind(session.terms.pin.as_deref())
    .bind(session.terms.reveals_at.map(micros))
    .bind(session.terms.ends_at.map(micros))
    .bind(session.terms.at_end.as_str())
    .bind(session.terms.downloads.as_str())
    .bind(i64::from(session.terms.watermark))
    .bind(session.terms.prices.as_deref().map(sessions::joined))
    .bind(session.terms.cover.map(|photo| photo.to_string()))
    .bind(session.terms.previews.as_str())
    .bind(session.time_zone.map(TimeZone::name))
    .bind(session.terms.guest_photos.as_str())
    .bind(i64::from(session.terms.most_from_a_guest))
    .bind(i64::from(session.terms.most_from_guests))
    .bind(session.terms.comments.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn studio_session(row: &AnyRow) -> Result<StudioSession, StoreError> {
    Ok(StudioSession {
        session: sessions::session(row)?,
        client_id: optional_text(row, "client_id")?,
        settings: row.try_get("settings")?,
    })
}

/// How a studio shows itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branding {
    pub name: String,
    /// `#rrggbb`
    pub colour: String,
    /// PNG.
    pub logo: Option<Vec<u8>>,
    /// How guests reach it: a mail address, a number, a name in a messenger.
    pub contact: Option<String>,
    /// The address of its own pages.
    pub site: Option<String>,
}

/// What guests see of a studio that has said how it looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    pub studio: StudioId,
    pub name: String,
    /// `#rrggbb`
    pub colour: String,
    pub contact: Option<String>,
    pub site: Option<String>,
    pub has_logo: bool,
    /// Changes with it.
    pub changed_at: DateTime<Utc>,
}

/// The colour of a studio that has chosen none.
const PLAIN_COLOUR: &str = "#1f2937";

pub struct StudioRows<'a>(pub(super) &'a Store);

impl StudioRows<'_> {
    /// `None` when there is no such studio.
    pub async fn branding(&self, studio: StudioId) -> Result<Option<Branding>, StoreError> {
        let row = sqlx::query(
            "SELECT s.name AS name, b.colour AS colour, b.logo AS logo, b.contact AS contact, b.site AS site \
             FROM studios s LEFT JOIN studio_branding b ON b.studio_id = s.id WHERE s.id = $1",
        )
        .bind(studio.to_string())
        .fetch_optional(&self.0.reads)
        .await?;
        row.map(|row| {
            Ok(Branding {
                name: row.try_get("name")?,
                colour: row.try_get::<Option<String>, _>("colour")?.unwrap_or_else(|| PLAIN_COLOUR.into()),
                logo: picture(&row, "logo")?,
                contact: row.try_get("contact")?,
                site: row.try_get("site")?,
            })
        })
        .transpose()
    }

    /// `None` when there is no such studio, or it has never said how it looks.
    pub async fn brand(&self, studio: StudioId) -> Result<Option<Brand>, StoreError> {
        let row = sqlx::query(
            "SELECT s.name AS name, b.colour AS colour, b.contact AS contact, b.site AS site, \
             CAST(CASE WHEN b.logo IS NULL THEN 0 ELSE 1 END AS BIGINT) AS has_logo, b.updated_at AS updated_at \
             FROM studio_branding b JOIN studios s ON s.id = b.studio_id WHERE b.studio_id = $1",
        )
        .bind(studio.to_string())
        .fetch_optional(&self.0.reads)
        .await?;
        row.map(|row| {
            Ok(Brand {
                studio,
                name: row.try_get("name")?,
                colour: row.try_get("colour")?,
                contact: row.try_get("contact")?,
                site: row.try_get("site")?,
                has_logo: flag(&row, "has_logo")?,
                changed_at: time(&row, "updated_at")?,
            })
        })
        .transpose()
    }

    /// The logo as pages show it (PNG). One that was set before there were small ones is as large as it was sent.
    pub async fn page_logo(&self, studio: StudioId) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query(
            "SELECT COALESCE(page_logo, logo) AS page_logo FROM studio_branding WHERE studio_id = $1",
        )
        .bind(studio.to_string())
        .fetch_optional(&self.0.reads)
        .await?;
        row.map_or(Ok(None), |row| picture(&row, "page_logo"))
    }

    /// `page_logo` is its logo as pages show it. `false` when there is no such studio.
    pub async fn set_branding(
        &self,
        studio: StudioId,
        branding: &Branding,
        page_logo: Option<&[u8]>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.0.write().await?;
        let named = sqlx::query("UPDATE studios SET name = $2 WHERE id = $1")
            .bind(studio.to_string())
            .bind(branding.name.as_str())
            .execute(&mut *tx)
            .await?;
        if named.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO studio_branding (studio_id, colour, logo, updated_at, contact, site, page_logo) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (studio_id) DO UPDATE SET \
             colour = excluded.colour, logo = excluded.logo, updated_at = excluded.updated_at, \
             contact = excluded.contact, site = excluded.site, page_logo = excluded.page_logo",
        )
        .bind(studio.to_string())
        .bind(branding.colour.as_str())
        .bind(branding.logo.as_ref().map(|logo| BASE64_STANDARD.encode(logo)))
        .bind(micros(now))
        .bind(branding.contact.as_deref())
        .bind(branding.site.as_deref())
        .bind(page_logo.map(|logo| BASE64_STANDARD.encode(logo)))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }
}

fn picture(row: &AnyRow, column: &'static str) -> Result<Option<Vec<u8>>, StoreError> {
    let base64: Option<String> = row.try_get(column)?;
    let decoded = base64.map(|base64| BASE64_STANDARD.decode(base64)).transpose();
    decoded.map_err(|_| StoreError::Corrupt(format!("column {column}")))
}
