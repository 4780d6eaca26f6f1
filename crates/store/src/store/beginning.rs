//! Whether these rows are an installation's, or a database that nobody has written to.

use super::{Store, StoreError, flag};
use crate::domain::PhotoSessionId;

/// Under which the installation has its name.
const NAME: &str = "id";

impl Store {
    /// The installation's id, made at its first start and kept with its rows. `None` before that.
    pub async fn installation(&self) -> Result<Option<String>, StoreError> {
        self.agreed(NAME).await
    }

    /// Gives the installation its name; the first one counts. Returns it.
    pub async fn begin_installation(&self) -> Result<String, StoreError> {
        self.agree_first(NAME, &uuid::Uuid::now_v7().to_string()).await
    }

    /// Whether nobody has ever kept anything here.
    pub async fn is_empty(&self) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT CAST(CASE WHEN EXISTS (SELECT 1 FROM installation) OR EXISTS (SELECT 1 FROM users) \
             OR EXISTS (SELECT 1 FROM photo_sessions) OR EXISTS (SELECT 1 FROM photos) \
             OR EXISTS (SELECT 1 FROM uploads) OR EXISTS (SELECT 1 FROM consents_kept) \
             OR EXISTS (SELECT 1 FROM handoffs) OR EXISTS (SELECT 1 FROM tickets) \
             OR EXISTS (SELECT 1 FROM customer_images) THEN 1 ELSE 0 END AS BIGINT) AS used",
        )
        .fetch_one(&self.reads)
        .await?;
        Ok(!flag(&row, "used")?)
    }

    /// Whether a photo session has left any trace in these rows: a file that is found beside it is of this
    /// installation.
    pub async fn knows_session(&self, session: PhotoSessionId) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT CAST(CASE WHEN EXISTS (SELECT 1 FROM photo_sessions WHERE id = $1) \
             OR EXISTS (SELECT 1 FROM external_sessions_seen WHERE id = $1) \
             OR EXISTS (SELECT 1 FROM photos WHERE photo_session_id = $1) \
             OR EXISTS (SELECT 1 FROM uploads WHERE photo_session_id = $1) THEN 1 ELSE 0 END AS BIGINT) AS known",
        )
        .bind(session.to_string())
        .fetch_one(&self.reads)
        .await?;
        flag(&row, "known")
    }
}
