//! Metadata from sidecar files. A sidecar may come before or after its picture, and is applied either way.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use sqlx::{Any, Row, Transaction, any::AnyRow};

use super::{
    IN_LIST, JobKind, Store, StoreError, jobs, leftovers::json, marks, micros, photo_row, placeholders,
};
use crate::domain::{Photo, PhotoId, PhotoSessionId, PhotoState, PhotoWords, Shot, folded_name, stem_key};

pub struct SidecarRows<'a>(pub(super) &'a Store);

/// A sidecar that has come in.
#[derive(Debug, Clone)]
pub struct NewSidecar {
    pub session: PhotoSessionId,
    pub filename: String,
    /// Lower-case hex.
    pub sha256: String,
    pub taken_at: Option<NaiveDateTime>,
    pub rating: Option<i8>,
    pub label: Option<String>,
    pub words: PhotoWords,
}

/// The stored content of a sidecar; a field that is absent changes nothing.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Said {
    rating: Option<i8>,
    label: Option<String>,
    words: PhotoWords,
}

struct Sidecar {
    taken_at: Option<NaiveDateTime>,
    said: Said,
}

impl SidecarRows<'_> {
    /// Keeps a sidecar and applies it to the pictures that are there. Returns the photos that it has changed.
    pub async fn receive(&self, new: &NewSidecar, now: DateTime<Utc>) -> Result<Vec<PhotoId>, StoreError> {
        let target = target(&new.filename);
        let said = Said { rating: new.rating, label: new.label.clone(), words: new.words.clone() };
        let mut tx = self.0.write().await?;
        let earlier = sqlx::query("SELECT sha256 FROM sidecars WHERE photo_session_id = $1 AND target = $2")
            .bind(new.session.to_string())
            .bind(target.as_str())
            .fetch_all(&mut *tx)
            .await?;
        let hashes = earlier.iter().map(|row| row.try_get::<String, _>("sha256"));
        let is_known = hashes.collect::<Result<Vec<_>, _>>()?.contains(&new.sha256);
        sqlx::query(
            "INSERT INTO sidecars (photo_session_id, sha256, filename, target, taken_at, facts, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (photo_session_id, sha256) \
             DO UPDATE SET filename = excluded.filename, target = excluded.target, at = excluded.at",
        )
        .bind(new.session.to_string())
        .bind(new.sha256.as_str())
        .bind(new.filename.as_str())
        .bind(target.as_str())
        .bind(new.taken_at.map(|taken| micros(taken.and_utc())))
        .bind(json(&said)?)
        .bind(micros(now))
        .execute(&mut *tx)
        .await?;
        let mut changed = Vec::new();
        let says = (new.rating.is_some(), new.label.is_some());
        let shot = Shot { taken_at: new.taken_at, camera: None };
        for photo in pictures(&mut tx, new.session, &target).await? {
            if !is_known && !shot.contradicts(&photo.shot()) {
                marks::give_way(&mut tx, photo.id, says).await?;
            }
            if apply(&mut tx, photo.id).await? {
                marks::lay_over(&mut tx, photo.id).await?;
                changed.push(photo.id);
                // A field that only the earlier sidecar had may still be in the file itself.
                if !earlier.is_empty() && !is_known && photo.state == PhotoState::Ready {
                    jobs::enqueue(&mut tx, JobKind::ProcessPhoto, photo.id.0, now).await?;
                }
            }
        }
        tx.commit().await?;
        Ok(changed)
    }

    /// The hashes among these that belong to sidecars.
    pub async fn known(&self, session: PhotoSessionId, hashes: &[&str]) -> Result<Vec<String>, StoreError> {
        let mut known = Vec::new();
        for chunk in hashes.chunks(IN_LIST) {
            let list = placeholders(2, chunk.len());
            let sql =
                format!("SELECT sha256 FROM sidecars WHERE photo_session_id = $1 AND sha256 IN ({list})");
            let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
            let query = chunk.iter().fold(query, |query, hash| query.bind(*hash));
            for row in query.fetch_all(&self.0.reads).await? {
                known.push(row.try_get("sha256")?);
            }
        }
        Ok(known)
    }
}

/// The file names that a sidecar describes: `IMG_1.xmp` describes every file of that stem, `IMG_1.CR3.xmp` one file.
fn target(filename: &str) -> String {
    let folded = folded_name(filename);
    folded.strip_suffix(".xmp").unwrap_or(&folded).to_owned()
}

/// The names by which sidecars may name a photo.
fn targets_of(photo: &Photo) -> Vec<String> {
    let folded = folded_name(&photo.filename);
    let plain_stem = folded.rsplit_once('.').map_or(folded.clone(), |(stem, _)| stem.to_owned());
    let raw = photo.raw.as_ref().map(|raw| folded_name(&raw.filename));
    [stem_key(&photo.filename), plain_stem, folded].into_iter().chain(raw).collect()
}

/// The photos that a sidecar may be about.
async fn pictures(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
    target: &str,
) -> Result<Vec<Photo>, StoreError> {
    let rows = sqlx::query("SELECT * FROM photos WHERE photo_session_id = $1 AND stem_key IN ($2, $3)")
        .bind(session.to_string())
        // A target with a dot in it may be a stem as well as a whole name.
        .bind(stem_key(target))
        .bind(stem_key(&format!("{target}.xmp")))
        .fetch_all(&mut **tx)
        .await?;
    let mut photos = rows.iter().map(photo_row::photo).collect::<Result<Vec<_>, _>>()?;
    photos.retain(|photo| targets_of(photo).iter().any(|name| name == target));
    Ok(photos)
}

/// Lays over a photo what the newest of its sidecars says; `false` when there is none. Where several photos have the
/// name, a sidecar of another second is another's.
pub(super) async fn apply(tx: &mut Transaction<'static, Any>, id: PhotoId) -> Result<bool, StoreError> {
    let row = sqlx::query("SELECT * FROM photos WHERE id = $1").bind(id.to_string());
    let Some(row) = row.fetch_optional(&mut **tx).await? else { return Ok(false) };
    let photo = photo_row::photo(&row)?;
    for target in targets_of(&photo) {
        let rows = sqlx::query(
            "SELECT taken_at, facts FROM sidecars WHERE photo_session_id = $1 AND target = $2 ORDER BY at DESC",
        )
        .bind(photo.photo_session_id.to_string())
        .bind(target.as_str())
        .fetch_all(&mut **tx)
        .await?;
        if rows.is_empty() {
            continue;
        }
        let is_alone = pictures(tx, photo.photo_session_id, &target).await?.len() == 1;
        for row in &rows {
            let Sidecar { taken_at, said } = sidecar(row)?;
            if is_alone || !(Shot { taken_at, camera: None }).contradicts(&photo.shot()) {
                lay_over(tx, &photo, said).await?;
                return Ok(true);
            }
        }
    }
    Ok(false)
}

async fn lay_over(tx: &mut Transaction<'static, Any>, photo: &Photo, said: Said) -> Result<(), StoreError> {
    let Said { rating, label, words } = said;
    let before = photo.facts.words.clone();
    let words = PhotoWords {
        keywords: if words.keywords.is_empty() { before.keywords } else { words.keywords },
        caption: words.caption.or(before.caption),
        creator: words.creator.or(before.creator),
        copyright: words.copyright.or(before.copyright),
        animated: before.animated,
    };
    sqlx::query(
        "UPDATE photos SET rating = COALESCE($2, rating), label = COALESCE($3, label), words = $4 WHERE id = $1",
    )
    .bind(photo.id.to_string())
    .bind(rating.map(i64::from))
    .bind(label)
    .bind(json(&words)?)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

fn sidecar(row: &AnyRow) -> Result<Sidecar, StoreError> {
    let said = serde_json::from_str(row.try_get("facts")?);
    Ok(Sidecar {
        taken_at: super::optional_time(row, "taken_at")?.map(|taken| taken.naive_utc()),
        said: said.map_err(|_| StoreError::Corrupt("column facts".to_owned()))?,
    })
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn a_sidecar_is_about_a_stem_or_about_one_file() {
        assert_eq!(target("IMG_1.XMP"), "img_1");
        assert_eq!(target("IMG_1.CR3.xmp"), "img_1.cr3");
        assert_eq!(target("\u{418}\u{306}.xmp"), "\u{439}");
    }
}
