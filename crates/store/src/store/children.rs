//! Children of a session whom a selfie finds only with a guardian's yes.

use std::collections::{HashMap, HashSet};

use super::{IN_LIST, PeopleRows, StoreError, faces::rect, placeholders, text};
use crate::domain::{PhotoId, PhotoSessionId, RelativeBox};

/// Whether the person `p` is one whom guests are not shown by name, face or number.
pub(super) const GUARDED: &str = "(p.is_child = 1 AND EXISTS (SELECT 1 FROM session_people s \
     WHERE s.photo_session_id = p.photo_session_id AND s.guardian = 1))";

/// What is known of children in some photos.
#[derive(Debug, Clone, Default)]
pub struct ChildFaces {
    /// Where their faces are.
    pub faces: HashMap<PhotoId, Vec<RelativeBox>>,
    /// Photos whose faces have not been put to people yet: they may show a child.
    pub unseen: HashSet<PhotoId>,
}

impl PeopleRows<'_> {
    /// Whether the session has children found by a selfie only with a guardian's yes.
    pub async fn needs_guardian(&self, session: PhotoSessionId) -> Result<bool, StoreError> {
        let row =
            sqlx::query("SELECT 1 AS n FROM session_people WHERE photo_session_id = $1 AND guardian = 1")
                .bind(session.to_string())
                .fetch_optional(&self.0.reads)
                .await?;
        Ok(row.is_some())
    }

    /// The children in these photos; `None` where the session has none, or asks for no guardian.
    pub async fn children_in(
        &self,
        session: PhotoSessionId,
        photos: &[PhotoId],
    ) -> Result<Option<ChildFaces>, StoreError> {
        let sql = format!("SELECT 1 AS n FROM people p WHERE p.photo_session_id = $1 AND {GUARDED} LIMIT 1");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(session.to_string());
        if query.fetch_optional(&self.0.reads).await?.is_none() {
            return Ok(None);
        }
        let mut found = ChildFaces::default();
        for chunk in photos.chunks(IN_LIST) {
            let list = placeholders(1, chunk.len());
            let faces = format!(
                "SELECT f.photo_id, f.x, f.y, f.w, f.h FROM person_faces f JOIN people p ON p.id = f.person_id \
                 WHERE p.is_child = 1 AND f.photo_id IN ({list})"
            );
            let unseen =
                format!("SELECT id FROM photos WHERE people_seen = 0 AND faces > 0 AND id IN ({list})");
            let rows = async |sql: String| {
                let query = sqlx::query(sqlx::AssertSqlSafe(sql));
                let query = chunk.iter().fold(query, |query, id| query.bind(id.to_string()));
                query.fetch_all(&self.0.reads).await
            };
            for row in rows(faces).await? {
                found.faces.entry(text(&row, "photo_id")?).or_default().push(rect(&row)?);
            }
            for row in rows(unseen).await? {
                found.unseen.insert(text(&row, "id")?);
            }
        }
        Ok(Some(found))
    }
}
