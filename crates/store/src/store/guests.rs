//! Records about guests: their consents, and how many photos they found. Nothing else is kept.
//!
//! A consent that was withdrawn stays as a record of what was agreed to and until when; what was done under it goes in the
//! transaction of the withdrawal. The record itself goes with an erasure, or with its session.

use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};

use super::{
    Consent, Newest, Store, StoreError, TakenBack, comments, consents, consents::consent, guest_photos,
    hides, micros, news_kept, unsigned, withheld,
};
use crate::domain::{
    ConsentId, ConsentPurpose, HideRequestId, HideState, PhotoId, PhotoSessionId, SearchId, StudioId,
};

pub struct GuestRows<'a>(pub(super) &'a Store);

/// What a withdrawal did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawn {
    pub consent: Consent,
    /// How many searches made under it were erased.
    pub searches: u64,
    /// Photos that guests see again.
    pub turned: Vec<PhotoId>,
    /// Photos that the guest had sent.
    pub taken_back: Vec<TakenBack>,
    /// The photo of each comment that the guest had written.
    pub unwritten: Vec<PhotoId>,
}

/// What went with a consent that was erased.
#[derive(Default)]
pub(super) struct ConsentGone {
    pub searches: u64,
    /// Photos that guests see again.
    pub turned: Vec<PhotoId>,
    /// Photos that the guest had sent.
    pub photos: Vec<PhotoId>,
    /// Comments that the guest had written.
    pub comments: u64,
}

/// Whose consents are listed.
#[derive(Debug, Clone, Copy)]
pub enum ConsentsOf {
    Studio(StudioId),
    Session(PhotoSessionId),
}

/// Which of them; what is `None` does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct ConsentFilter {
    pub purpose: Option<ConsentPurpose>,
    /// Those that stand, or those that were withdrawn.
    pub stands: Option<bool>,
}

#[derive(Debug, Clone)]
pub struct NewSearch {
    pub id: SearchId,
    pub photo_session_id: PhotoSessionId,
    pub consent_id: Option<ConsentId>,
    /// Photos found.
    pub matches: u32,
}

impl GuestRows<'_> {
    pub async fn record_consent(&self, consent: &Consent) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        consents::record(&mut tx, consent).await?;
        Ok(tx.commit().await?)
    }

    /// A consent that was not withdrawn.
    pub async fn consent(&self, id: ConsentId) -> Result<Option<Consent>, StoreError> {
        let row = sqlx::query("SELECT * FROM consents WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.as_ref().map(consent).transpose()
    }

    /// A consent, also one that was withdrawn.
    pub async fn recorded(&self, id: ConsentId) -> Result<Option<Consent>, StoreError> {
        let row = sqlx::query("SELECT * FROM consents_kept WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.0.reads)
            .await?;
        row.as_ref().map(consent).transpose()
    }

    /// All that one guest agreed to in a session, the oldest first.
    pub async fn consents_of(&self, record: ConsentId) -> Result<Vec<Consent>, StoreError> {
        sqlx::query("SELECT * FROM consents_kept WHERE record_id = $1 ORDER BY created_at, id")
            .bind(record.to_string())
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(consent)
            .collect()
    }

    /// Consents, the newest first.
    pub async fn consents(
        &self,
        of: ConsentsOf,
        filter: ConsentFilter,
        after: Option<Newest<ConsentId>>,
        limit: u32,
    ) -> Result<Vec<Consent>, StoreError> {
        let (column, of) = match of {
            ConsentsOf::Studio(studio) => ("studio_id", studio.to_string()),
            ConsentsOf::Session(session) => ("photo_session_id", session.to_string()),
        };
        let stands = match filter.stands {
            None => "",
            Some(true) => "AND withdrawn_at IS NULL",
            Some(false) => "AND withdrawn_at IS NOT NULL",
        };
        let sql = format!(
            "SELECT * FROM consents_kept WHERE {column} = $1 AND (created_at, id) < ($2, $3) \
             AND ($4 = '' OR purpose = $4) {stands} ORDER BY created_at DESC, id DESC LIMIT $5"
        );
        let (at, id) = Newest::bound(after);
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(of)
            .bind(at)
            .bind(id)
            .bind(filter.purpose.map_or("", ConsentPurpose::as_str))
            .bind(i64::from(limit))
            .fetch_all(&self.0.reads)
            .await?
            .iter()
            .map(consent)
            .collect()
    }

    /// Withdraws a consent, with what was done under it; `None` when there is none that stands.
    pub async fn withdraw_consent(
        &self,
        id: ConsentId,
        now: DateTime<Utc>,
    ) -> Result<Option<Withdrawn>, StoreError> {
        let mut tx = self.0.write().await?;
        let withdrawn = withdraw(&mut tx, id, now).await?;
        tx.commit().await?;
        Ok(withdrawn)
    }

    pub async fn record_search(&self, search: &NewSearch, now: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        insert(&mut tx, search, now).await?;
        Ok(tx.commit().await?)
    }

    /// Records searches of earlier times, but for those whose consent is gone by now.
    pub async fn record_searches(&self, searches: &[(NewSearch, DateTime<Utc>)]) -> Result<(), StoreError> {
        let mut tx = self.0.write().await?;
        for (search, at) in searches {
            let stands = match search.consent_id {
                None => true,
                Some(id) => sqlx::query("SELECT 1 FROM consents WHERE id = $1")
                    .bind(id.to_string())
                    .fetch_optional(&mut *tx)
                    .await?
                    .is_some(),
            };
            if stands {
                insert(&mut tx, search, *at).await?;
            }
        }
        Ok(tx.commit().await?)
    }

    /// Searches made under a consent.
    pub async fn searches_under(&self, consent: ConsentId) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM searches WHERE consent_id = $1")
            .bind(consent.to_string())
            .fetch_one(&self.0.reads)
            .await?;
        unsigned(&row, "n")
    }

    /// Searches recorded for a session.
    pub async fn searches(&self, session: PhotoSessionId) -> Result<u64, StoreError> {
        let row = sqlx::query("SELECT COUNT(*) AS n FROM searches WHERE photo_session_id = $1")
            .bind(session.to_string())
            .fetch_one(&self.0.reads)
            .await?;
        unsigned(&row, "n")
    }
}

/// Withdraws a consent and takes along what is there because of it: a new purpose is one more arm. `None` when there is
/// no consent that stands.
pub(super) async fn withdraw(
    tx: &mut Transaction<'static, Any>,
    id: ConsentId,
    now: DateTime<Utc>,
) -> Result<Option<Withdrawn>, StoreError> {
    let row = sqlx::query(
        "UPDATE consents_kept SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL RETURNING *",
    )
    .bind(id.to_string())
    .bind(micros(now))
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let consent = consents::consent(&row)?;
    let (mut searches, mut turned) = (0, Vec::new());
    let (mut taken_back, mut unwritten) = (Vec::new(), Vec::new());
    match consent.purpose {
        ConsentPurpose::Match => {
            searches = sqlx::query("DELETE FROM searches WHERE consent_id = $1")
                .bind(id.to_string())
                .execute(&mut **tx)
                .await?
                .rows_affected();
            // Whoever does not search any more needs no guardian's yes for it.
            sqlx::query(
                "UPDATE consents_kept SET withdrawn_at = $2 \
                 WHERE record_id = $1 AND purpose = 'guardian' AND withdrawn_at IS NULL",
            )
            .bind(consent.record.to_string())
            .bind(micros(now))
            .execute(&mut **tx)
            .await?;
        }
        ConsentPurpose::Hiding => {
            let session = consent.photo_session_id;
            hides::turn(tx, session, HideRequestId(id.0), HideState::Withdrawn, now).await?;
            turned = withheld::settle(tx, session).await?;
        }
        ConsentPurpose::News => drop(news_kept::stop(tx, id, now).await?),
        ConsentPurpose::Sharing => taken_back = guest_photos::withdraw(tx, id, now).await?,
        ConsentPurpose::Commenting => unwritten = comments::withdraw(tx, id).await?,
        ConsentPurpose::Guardian => {}
    }
    Ok(Some(Withdrawn { consent, searches, turned, taken_back, unwritten }))
}

/// Withdraws a consent, if it stands, and deletes its record; `None` when there is none.
pub(super) async fn erase(
    tx: &mut Transaction<'static, Any>,
    id: ConsentId,
    now: DateTime<Utc>,
) -> Result<Option<ConsentGone>, StoreError> {
    let withdrawn = withdraw(tx, id, now).await?;
    sqlx::query("DELETE FROM hide_requests WHERE id = $1").bind(id.to_string()).execute(&mut **tx).await?;
    let sql = "DELETE FROM consents_kept WHERE id = $1";
    let gone = sqlx::query(sql).bind(id.to_string()).execute(&mut **tx).await?.rows_affected();
    let gone = (gone > 0).then(ConsentGone::default);
    Ok(gone.map(|none| {
        withdrawn.map_or(none, |done| ConsentGone {
            searches: done.searches,
            turned: done.turned,
            photos: done.taken_back.iter().map(|taken| taken.photo).collect(),
            comments: done.unwritten.len() as u64,
        })
    }))
}

async fn insert(
    tx: &mut Transaction<'static, Any>,
    search: &NewSearch,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO searches (id, photo_session_id, consent_id, matches, created_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(search.id.to_string())
    .bind(search.photo_session_id.to_string())
    .bind(search.consent_id.map(|id| id.to_string()))
    .bind(i64::from(search.matches))
    .bind(micros(at))
    .execute(&mut **tx)
    .await?;
    Ok(())
}
