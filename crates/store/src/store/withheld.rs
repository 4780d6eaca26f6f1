//! Which photos are withheld from guests because of whom they show, and what follows from a change of that.

use sqlx::{Any, Transaction};

use super::{StoreError, text};
use crate::domain::{PhotoId, PhotoSessionId};

/// Whether guests must not see the person `p`: the photographer has said so, or a guest's wish stands.
pub(super) const HIDDEN: &str = "(p.is_hidden = 1 OR EXISTS (SELECT 1 FROM hide_requests r \
     WHERE r.person_id = p.id AND r.state = 'hidden'))";

/// [`crate::domain::Photo::is_withheld`]: the photo shows somebody who is hidden, a guest has asked to be left out of
/// it, or its faces have not been put to people yet in a session where somebody is hidden.
fn withheld() -> String {
    format!(
        "(EXISTS (SELECT 1 FROM person_faces f JOIN people p ON p.id = f.person_id \
         WHERE f.photo_id = photos.id AND {HIDDEN}) \
         OR EXISTS (SELECT 1 FROM hide_photos h JOIN hide_requests r ON r.id = h.request_id \
         WHERE h.photo_id = photos.id AND r.state = 'hidden') \
         OR (people_seen = 0 AND faces > 0 AND state IN ('ready', 'indexed') AND EXISTS (SELECT 1 FROM people p \
         WHERE p.photo_session_id = photos.photo_session_id AND {HIDDEN})))"
    )
}

/// What follows from every change: the revision grows, people without a face go, and each photo is withheld that has
/// to be. Returns the photos of which that changed.
pub(super) async fn settle(
    tx: &mut Transaction<'static, Any>,
    session: PhotoSessionId,
) -> Result<Vec<PhotoId>, StoreError> {
    for sql in [
        "UPDATE session_people SET revision = revision + 1 WHERE photo_session_id = $1",
        "DELETE FROM people WHERE photo_session_id = $1 AND NOT EXISTS \
         (SELECT 1 FROM person_faces f WHERE f.person_id = people.id)",
    ] {
        sqlx::query(sql).bind(session.to_string()).execute(&mut **tx).await?;
    }
    let sql = format!(
        "UPDATE photos SET is_withheld = 1 - is_withheld WHERE photo_session_id = $1 \
         AND is_withheld <> CASE WHEN {} THEN 1 ELSE 0 END RETURNING id",
        withheld()
    );
    sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(session.to_string())
        .fetch_all(&mut **tx)
        .await?
        .iter()
        .map(|row| text(row, "id"))
        .collect()
}

/// A photo's faces are new: they are put to people once more, guests who want news are looked for in it, and until then the photo is withheld where somebody is
/// hidden.
pub(super) async fn look_again(tx: &mut Transaction<'static, Any>, photo: PhotoId) -> Result<(), StoreError> {
    for sql in [
        "UPDATE photos SET people_seen = 0, news_seen = 0 WHERE id = $1".to_owned(),
        format!("UPDATE photos SET is_withheld = CASE WHEN {} THEN 1 ELSE 0 END WHERE id = $1", withheld()),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(photo.to_string()).execute(&mut **tx).await?;
    }
    Ok(())
}

/// Vectors of a photo go: what was read of the session's faces is out of date.
pub(super) async fn vectors_gone(
    tx: &mut Transaction<'static, Any>,
    photo: PhotoId,
) -> Result<(), StoreError> {
    sqlx::query(
        "UPDATE session_people SET revision = revision + 1 \
         WHERE photo_session_id = (SELECT photo_session_id FROM photos WHERE id = $1)",
    )
    .bind(photo.to_string())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
