//! Erasing a whole session's rows.

use serde::{Deserialize, Serialize};
use sqlx::{Any, Transaction};

use super::{Store, StoreError, once, unsigned};
use crate::domain::{OrderId, PhotoSessionId};

/// How many rows an erasure removed, by table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Erased {
    pub photo_sessions: u64,
    pub photos: u64,
    pub faces: u64,
    pub jobs: u64,
    pub consents: u64,
    pub searches: u64,
    pub usage_counters: u64,
    pub webhook_deliveries: u64,
    pub uploads: u64,
    pub upload_rejections: u64,
    pub archives: u64,
    /// Records of sidecar files.
    pub sidecars: u64,
    /// The zone of a session and how the clocks of its cameras were moved.
    pub clocks: u64,
    /// Groups of its faces, with their names.
    pub people: u64,
    /// Guests' wishes to be left out.
    pub hide_requests: u64,
    /// Parts of its day.
    pub chapters: u64,
    /// Lists of chosen photos.
    pub choice_lists: u64,
    pub carts: u64,
    /// Promo codes that counted in it alone.
    pub promo_codes: u64,
    /// Orders stay, for the books, without what says who bought and what the session was called.
    pub orders_emptied: u64,
    pub telegram_chats: u64,
    /// Names of files in the session's library.
    pub library_files: u64,
    /// Ids that other programs had for its photos.
    pub external_ids: u64,
    /// The sign-in of cameras.
    pub ftp_accounts: u64,
    /// Those who take part in it beside its photographer.
    pub session_photographers: u64,
    /// Its short links.
    pub links: u64,
    /// Who sent photos as guests, which, and reports of them.
    pub guest_photos: u64,
    /// What guests wrote on photos, and reports of it.
    pub comments: u64,
    /// What photographers were told of it.
    pub notices: u64,
    /// Guests who wanted news, each with an address.
    pub news: u64,
    /// What was kept of their faces for it.
    pub news_vectors: u64,
    /// Remembered answers to requests, which hold the session's name.
    pub answered_requests: u64,
}

/// Takes out of orders what says who bought and what the session was called. `$1` is a session or an order.
const EMPTY_ORDERS: [&str; 5] = [
    // Mails on their way, known by the link that is in each.
    "DELETE FROM mails WHERE EXISTS (SELECT 1 FROM shop_orders o \
     WHERE (o.photo_session_id = $1 OR o.id = $1) AND mails.body LIKE '%/order/' || o.id || '?key=%')",
    "UPDATE shop_order_lines SET filename = NULL \
     WHERE order_id IN (SELECT id FROM shop_orders WHERE photo_session_id = $1 OR id = $1)",
    "UPDATE shop_order_events SET note = NULL \
     WHERE order_id IN (SELECT id FROM shop_orders WHERE photo_session_id = $1 OR id = $1)",
    // Hashes of what buyers sent.
    "DELETE FROM answered_requests WHERE operation = 'checkout' \
     AND answer IN (SELECT id FROM shop_orders WHERE photo_session_id = $1 OR id = $1)",
    "UPDATE shop_orders SET session_name = '', name = '', email = NULL, phone = NULL, note = NULL, address = NULL, \
     search = number, payment_url = NULL WHERE photo_session_id = $1 OR id = $1",
];

impl Store {
    /// Removes every row of a session in one transaction. Vectors and files are the caller's to
    /// remove afterwards: a worker that still holds one of the photos learns from
    /// [`super::Photos::complete`] that it is gone.
    pub async fn erase_session(&self, id: PhotoSessionId) -> Result<Erased, StoreError> {
        let mut tx = self.write().await?;
        let erased = session(&mut tx, id).await?;
        tx.commit().await?;
        Ok(erased)
    }

    /// Empties one order as the erasure of its session would; `false` when there is no such order.
    pub async fn erase_buyer(&self, order: OrderId) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let emptied = buyer(&mut tx, order).await?;
        tx.commit().await?;
        Ok(emptied > 0)
    }

    /// Orders with that id that still say who bought.
    pub async fn orders_with_buyer(&self, order: OrderId) -> Result<u64, StoreError> {
        let row = sqlx::query(
            "SELECT COUNT(*) AS n FROM shop_orders WHERE id = $1 AND (name <> '' OR session_name <> '' \
             OR email IS NOT NULL OR phone IS NOT NULL OR note IS NOT NULL OR address IS NOT NULL)",
        )
        .bind(order.to_string())
        .fetch_one(&self.reads)
        .await?;
        unsigned(&row, "n")
    }
}

/// Deletes every row of a session.
pub(super) async fn session(
    tx: &mut Transaction<'static, Any>,
    id: PhotoSessionId,
) -> Result<Erased, StoreError> {
    let id = id.to_string();
    let mut erase = async |sql: &'static str| -> Result<u64, StoreError> {
        Ok(sqlx::query(sql).bind(id.as_str()).execute(&mut **tx).await?.rows_affected())
    };
    // The files and vectors that leftovers name go with all of the session's.
    erase("DELETE FROM leftovers WHERE photo_session_id = $1").await?;
    // So do photos on their way out, and those whose rows are on their way in: these find that it is gone.
    erase("DELETE FROM erasures WHERE photo_session_id = $1").await?;
    // A session of a studio's own database is there still: the next guest must not bring its photos back.
    erase(
        "UPDATE libraries SET is_erased = 1, folder = NULL, place = NULL, due_at = NULL, is_running = 0, \
             listed = 0, taken = 0, code = NULL WHERE photo_session_id = $1",
    )
    .await?;
    let erased = Erased {
        jobs: erase(
            "DELETE FROM jobs WHERE subject = $1 \
                 OR subject IN (SELECT id FROM photos WHERE photo_session_id = $1) \
             OR subject IN (SELECT id FROM face_batches WHERE photo_session_id = $1)",
        )
        .await?,
        faces: erase("DELETE FROM faces WHERE photo_session_id = $1").await?,
        hide_requests: {
            erase("DELETE FROM session_wishes WHERE photo_session_id = $1").await?;
            erase("DELETE FROM hide_requests WHERE photo_session_id = $1").await?
        },
        chapters: erase("DELETE FROM chapters WHERE photo_session_id = $1").await?,
        choice_lists: {
            erase(
                "DELETE FROM choice_photos WHERE list_id IN \
                 (SELECT id FROM choice_lists WHERE photo_session_id = $1)",
            )
            .await?;
            erase("DELETE FROM choice_lists WHERE photo_session_id = $1").await?
        },
        people: {
            erase("DELETE FROM person_splits WHERE photo_session_id = $1").await?;
            erase("DELETE FROM person_faces WHERE photo_session_id = $1").await?;
            erase("DELETE FROM session_people WHERE photo_session_id = $1").await?;
            erase("DELETE FROM people WHERE photo_session_id = $1").await?
        },
        external_ids: {
            erase(
                "DELETE FROM face_batch_items WHERE batch_id IN \
                 (SELECT id FROM face_batches WHERE photo_session_id = $1)",
            )
            .await?;
            erase("DELETE FROM face_batches WHERE photo_session_id = $1").await?;
            erase("DELETE FROM external_photos WHERE photo_session_id = $1").await?
        },
        notices: erase("DELETE FROM notices WHERE photo_session_id = $1").await?,
        news_vectors: erase(
            "DELETE FROM news_vectors WHERE news_id IN (SELECT id FROM news WHERE photo_session_id = $1)",
        )
        .await?,
        news: erase("DELETE FROM news WHERE photo_session_id = $1").await?,
        photos: erase("DELETE FROM photos WHERE photo_session_id = $1").await?,
        searches: erase("DELETE FROM searches WHERE photo_session_id = $1").await?,
        consents: erase("DELETE FROM consents_kept WHERE photo_session_id = $1").await?,
        usage_counters: erase("DELETE FROM usage_counters WHERE photo_session_id = $1").await?,
        webhook_deliveries: erase("DELETE FROM webhook_deliveries WHERE photo_session_id = $1").await?,
        uploads: erase("DELETE FROM uploads WHERE photo_session_id = $1").await?,
        upload_rejections: erase("DELETE FROM upload_rejections WHERE photo_session_id = $1").await?,
        archives: erase("DELETE FROM archives WHERE photo_session_id = $1").await?,
        sidecars: erase("DELETE FROM sidecars WHERE photo_session_id = $1").await?,
        clocks: erase("DELETE FROM session_clocks WHERE photo_session_id = $1").await?
            + erase("DELETE FROM camera_clocks WHERE photo_session_id = $1").await?,
        carts: erase("DELETE FROM carts WHERE photo_session_id = $1").await?,
        promo_codes: erase("DELETE FROM promo_codes WHERE photo_session_id = $1").await?,
        orders_emptied: {
            let mut emptied = 0;
            for sql in EMPTY_ORDERS {
                emptied = erase(sql).await?;
            }
            emptied
        },
        telegram_chats: erase("DELETE FROM telegram_chats WHERE photo_session_id = $1").await?,
        library_files: erase("DELETE FROM library_files WHERE photo_session_id = $1").await?,
        ftp_accounts: erase("DELETE FROM ftp_accounts WHERE photo_session_id = $1").await?,
        guest_photos: erase("DELETE FROM guest_senders WHERE photo_session_id = $1").await?
            + erase("DELETE FROM guest_photos WHERE photo_session_id = $1").await?
            + erase("DELETE FROM guest_photo_reports WHERE photo_session_id = $1").await?,
        comments: erase("DELETE FROM photo_comments WHERE photo_session_id = $1").await?
            + erase("DELETE FROM comment_reports WHERE photo_session_id = $1").await?,
        session_photographers: erase("DELETE FROM session_photographers WHERE photo_session_id = $1").await?,
        links: erase("DELETE FROM session_links WHERE photo_session_id = $1").await?,
        photo_sessions: erase("DELETE FROM photo_sessions WHERE id = $1").await?,
        answered_requests: once::forget(tx, &id).await?,
    };
    Ok(erased)
}

/// Takes the buyer out of an order; how many there were.
pub(super) async fn buyer(tx: &mut Transaction<'static, Any>, order: OrderId) -> Result<u64, StoreError> {
    let mut emptied = 0;
    for sql in EMPTY_ORDERS {
        emptied = sqlx::query(sql).bind(order.to_string()).execute(&mut **tx).await?.rows_affected();
    }
    Ok(emptied)
}
