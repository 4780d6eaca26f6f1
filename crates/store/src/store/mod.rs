//! Rows. SQL lives in this room and nowhere else.
//!
//! One file per entity; each is reached through [`Store`] (`store.photos().get(id)`). Queries are
//! written once, with `$1` placeholders and types that both SQLite and PostgreSQL have, and run
//! through sqlx's `Any` driver. Rows refer to files and vectors by id only: this room knows neither.
//!
//! One database is not ours: [`ExternalDatabase`] reads the studio's own, always PostgreSQL, and has its
//! own connections and its own SQL.

use std::{fmt, str::FromStr, sync::Arc, time::Instant};

use chrono::{DateTime, Utc};
use sqlx::{Any, AnyPool, Row, Transaction, any::AnyRow};

use crate::{disk, domain::NewsChannel, telemetry};

mod accounts;
mod api_keys;
mod archives;
mod backlog;
mod backup;
mod balances;
mod beginning;
mod bin;
mod bus;
mod chapters;
mod children;
mod choices;
mod clocks;
mod comment_desk;
mod comments;
mod consent_texts;
mod consents;
mod couple;
mod credits;
mod cursor;
mod customer_images;
mod devices;
mod email_changes;
mod ends;
mod engine;
mod erase;
mod erasure_notes;
mod erasures;
mod external;
mod external_ids;
mod face_batches;
mod faces;
mod files;
mod ftp_accounts;
mod grouping;
mod guest_desk;
mod guest_photos;
mod guests;
mod handoff;
mod hides;
mod hosts;
mod incoming;
mod installation;
mod invitations;
mod jobs;
mod lease;
mod leftovers;
mod library;
mod links;
mod loose;
mod mails;
mod marks;
mod news;
mod news_kept;
mod news_messages;
mod nodes;
mod notices;
mod once;
mod outage;
mod payments;
mod people;
mod photo_filter;
mod photo_row;
mod photos;
mod placements;
mod promo_codes;
mod qr_logins;
mod reembed;
mod reports;
mod requests;
mod resets;
mod return_urls;
mod scrub;
mod scrubs;
mod seen;
mod sessions;
mod set_aside;
mod shop_carts;
mod shop_desk;
mod shop_orders;
mod shop_prices;
mod shop_settings;
mod sidecars;
mod sight;
mod studio;
mod team;
mod telegram;
mod tickets;
mod trouble;
mod two_steps;
mod uploads;
mod usage;
mod users;
mod watermarks;
mod web_origins;
mod webhooks;
mod withheld;

use engine::{Engine, Pools};

pub use crate::domain::{Once, OnceKey};
pub use accounts::{AccountHeld, AccountKept, AccountRows, RemovedAccount};
pub use api_keys::{ApiKey, ApiKeyRows};
pub use archives::{ArchiveRow, ArchiveRows};
pub use backup::KeptPhoto;
pub use balances::BalanceRows;
pub use bus::{LONGEST_NOTIFICATION, Listener};
pub use chapters::{ChapterRows, PhotoPlace};
pub use children::ChildFaces;
pub use choices::{ChoiceRows, Choosing, ChosenBy, ChosenPhoto, Hearts};
pub use clocks::{CameraClock, ClockRows, SessionZone};
pub use comment_desk::{DeskComment, ExportedComment};
pub use comments::{Comment, CommentRefused, CommentRows, NewComment};
pub use consent_texts::{ConsentText, ConsentTextRows};
pub use consents::Consent;
pub use couple::CoupleWish;
pub use credits::{Credits, StudioCreditRows};
pub use cursor::Newest;
pub use customer_images::CustomerImageRows;
pub use devices::{Actor, DeviceRows, DeviceSession, Origin, Rotation, SignIn};
pub use email_changes::EmailChanged;
pub use erase::Erased;
pub use erasure_notes::{ErasureRequest, NewErasure, Removed};
pub use erasures::{Erasure, ErasureRows};
pub use external::{ChangeCursor, ExternalDatabase};
pub use external_ids::{ExternalIdRows, ExternalPhoto, Indexed, NewIndexed, Tied};
pub use face_batches::{BatchItem, BatchState, FaceBatch, FaceBatchRows, NewBatchItem};
pub use faces::{FaceInPhoto, FaceRows, SessionFace};
pub use files::{FileRows, FileSum};
pub use ftp_accounts::{FtpAccount, FtpAccountRows};
pub use grouping::{KnownPerson, PlacedFace, Regrouped};
pub use guest_desk::{Reported, SentPhoto};
pub use guest_photos::{GuestPhotoRows, NewSent, OwnPhoto, Refused as SendingRefused, Sender, TakenBack};
pub use guests::{ConsentFilter, ConsentsOf, GuestRows, NewSearch, Withdrawn};
pub use handoff::{Begun, HandoffRows, NewHandoffPhoto, PicturePlaced};
pub use hides::{HideRequest, HideRows, NewHide};
pub use hosts::{HostRows, StudioHost};
pub use incoming::{KnownFile, NewPhoto, Received};
pub use invitations::{Invitation, InvitationRows, Joining};
pub use jobs::{Job, JobKind, JobRows, Queue, QueueDepth, Remake};
pub use leftovers::{Leftover, LeftoverRows};
pub use library::{InLibrary, LibraryFileRow, LibraryRow, LibraryRows, TOO_MANY_FILES};
pub use links::LinkRows;
pub use loose::LooseAttachmentRows;
pub use mails::{MailRows, NewsMail, QueuedMail};
pub use marks::{Marked, Marks};
pub use news::{KeptVectors, KnownPhoto, NewNews, News, NewsRows};
pub use news_kept::NewsKept;
pub use news_messages::{NewsMessageRows, QueuedNews};
pub use nodes::{Duty, JoinRefused, Membership};
pub use notices::{Notice, NoticeRows, NoticeSetting};
pub use outage::is_outage;
pub use payments::{PaymentRows, TakenIn};
pub use people::{PeopleRefused, PeopleRows, PeopleSwitches, PersonChange, PersonFace};
pub use photo_filter::{GalleryCursor, Narrowed, PhotoFilter, PhotoOrder};
pub use photos::{Completed, PhotoCounts, PhotoRows, PhotoStanding, Processed};
pub use placements::{InsufficientBalance, PlacementFilter, PlacementRows};
pub use promo_codes::PromoRows;
pub use qr_logins::{QrLogin, QrLoginRows, QrState};
pub use reembed::{TakeoverPlan, TakeoverRows};
pub use requests::{Asked, ErasureFilter, ErasureRequestRows};
pub use return_urls::ReturnUrlRows;
pub use scrub::Scrubbed;
pub use scrubs::{Scrub, ScrubRows};
pub use seen::SeenSessionRows;
pub use sessions::SessionRows;
pub use set_aside::{Retrying, SetAside};
pub use shop_carts::{CartChoice, CartItem, CartRow, CartRows, ItemsSet, NewItem};
pub use shop_desk::{ListedOrder, LoggedEvent, OrderFilter, OrderTotals, SalesHour};
pub use shop_orders::{Basket, Moved, OrderRows, Placed, Placing};
pub use shop_prices::PriceRows;
pub use shop_settings::ShopSettingRows;
pub use sidecars::{NewSidecar, SidecarRows};
pub use studio::{Brand, Branding, SessionFilter, StudioRows, StudioSession};
pub use team::{Member, MemberChange, MemberChanged, TeamRows};
pub use telegram::{AwaitedResults, ChatChange, TelegramChat, TelegramOutcome, TelegramRows, Waiting};
pub use tickets::{Assigned, Replied, TicketCursor, TicketFilter, TicketRows};
pub use two_steps::{Challenge, Granted, PasskeyRow, TwoStepRows, TwoStepState};
pub use uploads::{Rejection, RejectionCursor, Upload, UploadResult, UploadRows};
pub use usage::{UsageCounts, UsageHour, UsageKey, UsageKind, UsageRows};
pub use users::{Login, UserRows};
pub use watermarks::WatermarkRows;
pub use web_origins::WebOriginRows;
pub use webhooks::{Attempt, Delivery, DeliveryState, DueDelivery, NewWebhook, Webhook, WebhookRows};

/// PostgreSQL's name for the turn to write: `pixora` in ASCII.
const WRITE_LOCK: i64 = 0x7069_786f_7261;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or refused the statement; trying again later may help.
    #[error("the database is not available{}", trouble::Reason(.0))]
    Unavailable(#[source] sqlx::Error),
    /// No room is left where the database keeps its rows. Nothing of the transaction was written.
    #[error("the disk that holds the database is full; make room, and everything goes on by itself")]
    Full(#[source] sqlx::Error),
    /// The database's own file is not what it wrote.
    #[error(
        "the database is damaged; stop the service, keep a copy of its files, and put a back-up in their place with \
         `pixora restore`; without one, `sqlite3 pixora.db .recover` saves what can be read (see \"A damaged \
         database\" in docs/OPERATIONS.md)"
    )]
    Damaged(#[source] sqlx::Error),
    /// A row with the same key is already there.
    #[error("the row exists already")]
    Conflict(#[source] sqlx::Error),
    /// A stored value does not mean anything to this version of Pixora.
    #[error("a stored value cannot be read: {0}")]
    Corrupt(String),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be brought up to date")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// The schema has changes that this version does not know.
    #[error(
        "a newer version of Pixora has changed the database; start that version, or restore a back-up that was \
         made before the upgrade"
    )]
    Newer,
    /// The database URL names something that this build cannot open. Never shows the URL: it may hold a password.
    #[error("the database URL is not usable: {0}")]
    Url(&'static str),
}

impl StoreError {
    /// Whether the database is away or has no room, which says nothing of what it was asked to do.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unavailable(_) | Self::Full(_) | Self::Damaged(_) => true,
            Self::Conflict(_) | Self::Corrupt(_) | Self::Migration(_) | Self::Newer | Self::Url(_) => false,
        }
    }

    /// Whether there is no room left, so that trying again later helps.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_)) || disk::is_full(self)
    }

    /// Stable name of the failure, for logs and problem documents.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unavailable(_) => "database_unavailable",
            Self::Full(_) => "storage_full",
            Self::Damaged(_) => "database_damaged",
            Self::Conflict(_) => "conflict",
            Self::Corrupt(_) => "database_corrupt",
            Self::Migration(_) => "database_migration_failed",
            Self::Newer => "database_newer",
            Self::Url(_) => "database_url_invalid",
        }
    }
}

impl From<sqlx::migrate::MigrateError> for StoreError {
    fn from(error: sqlx::migrate::MigrateError) -> Self {
        use sqlx::migrate::MigrateError::{Execute, ExecuteMigration, VersionMissing};
        match error {
            VersionMissing(_) => Self::Newer,
            Execute(error) => error.into(),
            // The database's error about its disk or file matters more than the migration that met it.
            ExecuteMigration(error, version) => match error.into() {
                Self::Unavailable(error) | Self::Conflict(error) => {
                    Self::Migration(ExecuteMigration(error, version))
                }
                other => other,
            },
            other => Self::Migration(other),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        trouble::of(error)
    }
}

/// The database. Cheap to clone; all clones share the connections.
#[derive(Clone, Debug)]
pub struct Store {
    engine: Engine,
    reads: AnyPool,
    /// SQLite has one writer at a time: a pool of one connection makes writers of this process queue
    /// in order of arrival instead of polling for the lock. Other processes wait by `busy_timeout`.
    writes: AnyPool,
    /// Where connections that are no pool's lead to; `None` with SQLite.
    address: Option<Address>,
}

/// A database's URL, which may hold a password.
#[derive(Clone)]
struct Address(Arc<str>);

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(…)")
    }
}

impl Store {
    /// Opens the database and brings its schema up to date.
    ///
    /// `database_url` is `sqlite:<path>?mode=rwc` or `postgres://…`.
    pub async fn open(database_url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let engine = Engine::of(database_url)?;
        let Pools { writes, reads } = engine.open(database_url).await?;
        let address = (engine == Engine::Postgres).then(|| Address(database_url.into()));
        Ok(Self { engine, reads, writes, address })
    }

    /// Answers quickly whether queries can be served: the first that every guest's request makes.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT id FROM photo_sessions LIMIT 1").fetch_optional(&self.reads).await?;
        Ok(())
    }

    /// Answers, and looks whether the file is what it should be, where the database is a file of ours; that reads
    /// all of it.
    ///
    /// # Errors
    /// [`StoreError::Damaged`].
    pub async fn check(&self) -> Result<(), StoreError> {
        if self.engine == Engine::Postgres {
            return self.ping().await;
        }
        let said = sqlx::query("PRAGMA quick_check(1)").fetch_one(&self.reads).await?;
        match said.try_get::<&str, _>(0)? {
            "ok" => Ok(()),
            fault => Err(StoreError::Damaged(sqlx::Error::Protocol(fault.to_owned()))),
        }
    }

    /// Closes every connection; SQLite folds its write-ahead log into the database file.
    pub async fn close(&self) {
        self.reads.close().await;
        self.writes.close().await;
    }

    /// Photo sessions of our own.
    #[must_use]
    pub fn sessions(&self) -> SessionRows<'_> {
        SessionRows(self)
    }

    #[must_use]
    pub fn clocks(&self) -> ClockRows<'_> {
        ClockRows(self)
    }

    #[must_use]
    pub fn photos(&self) -> PhotoRows<'_> {
        PhotoRows(self)
    }

    #[must_use]
    pub fn faces(&self) -> FaceRows<'_> {
        FaceRows(self)
    }

    /// What guests and the couple have chosen.
    #[must_use]
    pub fn chapters(&self) -> ChapterRows<'_> {
        ChapterRows(self)
    }

    #[must_use]
    pub fn choices(&self) -> ChoiceRows<'_> {
        ChoiceRows(self)
    }

    /// Guests who ask to be left out.
    #[must_use]
    pub fn hides(&self) -> HideRows<'_> {
        HideRows(self)
    }

    /// Guests who want to hear of new photos.
    #[must_use]
    pub fn news(&self) -> NewsRows<'_> {
        NewsRows(self)
    }

    /// What those who look after sessions are told.
    #[must_use]
    pub fn notices(&self) -> NoticeRows<'_> {
        NoticeRows(self)
    }

    /// News on their way by a channel; those by mail are [mails](Self::mails).
    #[must_use]
    pub fn news_messages(&self, channel: NewsChannel) -> NewsMessageRows<'_> {
        NewsMessageRows { store: self, channel }
    }

    /// Who is in a session's photos.
    #[must_use]
    pub fn people(&self) -> PeopleRows<'_> {
        PeopleRows(self)
    }

    /// The queue's rows; the queue itself is [`crate::jobs`].
    #[must_use]
    pub fn jobs(&self) -> JobRows<'_> {
        JobRows(self)
    }

    /// What studios ask their guests in their own words.
    #[must_use]
    pub fn consent_texts(&self) -> ConsentTextRows<'_> {
        ConsentTextRows(self)
    }

    /// Consents and searches.
    #[must_use]
    pub fn guests(&self) -> GuestRows<'_> {
        GuestRows(self)
    }

    /// A photobooth's and a phone's hand-offs.
    #[must_use]
    pub fn handoffs(&self) -> HandoffRows<'_> {
        HandoffRows(self)
    }

    /// Files on their way in, and those that were not taken.
    #[must_use]
    pub fn uploads(&self) -> UploadRows<'_> {
        UploadRows(self)
    }

    /// Leftovers of photos' earlier files.
    #[must_use]
    pub fn leftovers(&self) -> LeftoverRows<'_> {
        LeftoverRows(self)
    }

    /// Where found photos of studios lead.
    #[must_use]
    pub fn return_urls(&self) -> ReturnUrlRows<'_> {
        ReturnUrlRows(self)
    }

    /// Web sites that studios have named.
    #[must_use]
    pub fn web_origins(&self) -> WebOriginRows<'_> {
        WebOriginRows(self)
    }

    /// Hosts of studios.
    #[must_use]
    pub fn hosts(&self) -> HostRows<'_> {
        HostRows(self)
    }

    /// Ids that other programs have for photos.
    #[must_use]
    pub fn external_ids(&self) -> ExternalIdRows<'_> {
        ExternalIdRows(self)
    }

    /// Lists of library keys that are indexed one after the other.
    #[must_use]
    pub fn face_batches(&self) -> FaceBatchRows<'_> {
        FaceBatchRows(self)
    }

    /// Photos that guests send.
    #[must_use]
    pub fn guest_photos(&self) -> GuestPhotoRows<'_> {
        GuestPhotoRows(self)
    }

    /// What guests write on photos.
    #[must_use]
    pub fn comments(&self) -> CommentRows<'_> {
        CommentRows(self)
    }

    /// Short links of sessions.
    #[must_use]
    pub fn links(&self) -> LinkRows<'_> {
        LinkRows(self)
    }

    /// Libraries of sessions, and the files in them.
    #[must_use]
    pub fn library(&self) -> LibraryRows<'_> {
        LibraryRows(self)
    }

    /// Metadata from sidecar files.
    #[must_use]
    pub fn sidecars(&self) -> SidecarRows<'_> {
        SidecarRows(self)
    }

    /// Credits that studios want in guests' files.
    #[must_use]
    pub fn studio_credits(&self) -> StudioCreditRows<'_> {
        StudioCreditRows(self)
    }

    /// Deleted photos of which something is still to be removed.
    #[must_use]
    pub fn erasures(&self) -> ErasureRows<'_> {
        ErasureRows(self)
    }

    /// Erasures that somebody asked for.
    #[must_use]
    pub fn erasure_requests(&self) -> ErasureRequestRows<'_> {
        ErasureRequestRows(self)
    }

    #[must_use]
    pub fn two_steps(&self) -> TwoStepRows<'_> {
        TwoStepRows(self)
    }

    #[must_use]
    pub fn team(&self) -> TeamRows<'_> {
        TeamRows(self)
    }

    #[must_use]
    pub fn invitations(&self) -> InvitationRows<'_> {
        InvitationRows(self)
    }

    #[must_use]
    pub fn studios(&self) -> StudioRows<'_> {
        StudioRows(self)
    }

    #[must_use]
    pub fn usage(&self) -> UsageRows<'_> {
        UsageRows(self)
    }

    /// Price lists.
    #[must_use]
    pub fn prices(&self) -> PriceRows<'_> {
        PriceRows(self)
    }

    /// What studios say of their sales beside their prices.
    #[must_use]
    pub fn shop_settings(&self) -> ShopSettingRows<'_> {
        ShopSettingRows(self)
    }

    #[must_use]
    pub fn promos(&self) -> PromoRows<'_> {
        PromoRows(self)
    }

    #[must_use]
    pub fn carts(&self) -> CartRows<'_> {
        CartRows(self)
    }

    /// Sales, with the log of what became of each.
    #[must_use]
    pub fn orders(&self) -> OrderRows<'_> {
        OrderRows(self)
    }

    /// Users, studios' members, and the set-up link.
    #[must_use]
    pub fn users(&self) -> UserRows<'_> {
        UserRows(self)
    }

    /// Signed-in devices and the history of sign-ins.
    #[must_use]
    pub fn devices(&self) -> DeviceRows<'_> {
        DeviceRows(self)
    }

    #[must_use]
    pub fn api_keys(&self) -> ApiKeyRows<'_> {
        ApiKeyRows(self)
    }

    #[must_use]
    pub fn ftp_accounts(&self) -> FtpAccountRows<'_> {
        FtpAccountRows(self)
    }

    #[must_use]
    pub fn qr_logins(&self) -> QrLoginRows<'_> {
        QrLoginRows(self)
    }

    /// Customers' orders.
    #[must_use]
    pub fn placements(&self) -> PlacementRows<'_> {
        PlacementRows(self)
    }

    #[must_use]
    pub fn balances(&self) -> BalanceRows<'_> {
        BalanceRows(self)
    }

    #[must_use]
    pub fn customer_images(&self) -> CustomerImageRows<'_> {
        CustomerImageRows(self)
    }

    /// The last known state of external sessions.
    #[must_use]
    pub fn seen_sessions(&self) -> SeenSessionRows<'_> {
        SeenSessionRows(self)
    }

    /// Webhooks and their deliveries.
    #[must_use]
    pub fn webhooks(&self) -> WebhookRows<'_> {
        WebhookRows(self)
    }

    /// Mails on their way out.
    #[must_use]
    pub fn mails(&self) -> MailRows<'_> {
        MailRows(self)
    }

    /// Messages from payment providers.
    #[must_use]
    pub fn payments(&self) -> PaymentRows<'_> {
        PaymentRows(self)
    }

    /// Lengths and checksums of stored files.
    #[must_use]
    pub fn files(&self) -> FileRows<'_> {
        FileRows(self)
    }

    /// Archives of photos.
    #[must_use]
    pub fn archives(&self) -> ArchiveRows<'_> {
        ArchiveRows(self)
    }

    #[must_use]
    pub fn watermarks(&self) -> WatermarkRows<'_> {
        WatermarkRows(self)
    }

    /// Support tickets.
    #[must_use]
    pub fn tickets(&self) -> TicketRows<'_> {
        TicketRows(self)
    }

    /// Attachments that have a file and may have no row.
    #[must_use]
    pub fn loose_attachments(&self) -> LooseAttachmentRows<'_> {
        LooseAttachmentRows(self)
    }

    /// How far the look at everything that is kept has come.
    #[must_use]
    pub fn scrubs(&self) -> ScrubRows<'_> {
        ScrubRows(self)
    }

    /// Updates to and messages from the Telegram bot.
    #[must_use]
    pub fn telegram(&self) -> TelegramRows<'_> {
        TelegramRows(self)
    }

    /// A transaction that may write, and the only one that does: what it reads stays true until its commit.
    ///
    /// SQLite has one writer anyhow, and `IMMEDIATE` takes its lock at once: a transaction that first reads and
    /// then writes would otherwise fail when another process wrote in between. PostgreSQL would let several
    /// write on what each has read (a limit, a balance, a cart); one lock for all nodes makes the same code
    /// mean the same there. It costs writers one flush after the other, which is what they cost in SQLite.
    async fn write(&self) -> Result<Transaction<'static, Any>, StoreError> {
        let asked = Instant::now();
        let tx = match self.engine {
            Engine::Sqlite => self.writes.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => {
                let mut tx = self.writes.begin().await?;
                sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(WRITE_LOCK).execute(&mut *tx).await?;
                tx
            }
        };
        telemetry::write_waited(asked);
        Ok(tx)
    }

    /// A transaction that may write while others do. Only for statements that are right on their own.
    async fn write_beside(&self) -> Result<Transaction<'static, Any>, StoreError> {
        match self.engine {
            Engine::Sqlite => self.write().await,
            Engine::Postgres => Ok(self.writes.begin().await?),
        }
    }

    /// Ends a `SELECT` of rows that are about to be taken, so that several takers do not wait for each other.
    fn skip_locked(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "",
            Engine::Postgres => "FOR UPDATE SKIP LOCKED",
        }
    }
}

/// `$first, $first+1, …`, for an `IN` list of `count` values.
fn placeholders(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// Values in one `IN` list; well under what either database takes.
const IN_LIST: usize = 500;

/// What ids of a newest-first page are below: the last of the page before, or anything. Their ids are UUIDv7, so
/// their order is the order of time; `g` sorts after every hex digit.
fn below(after: Option<impl ToString>) -> String {
    after.map_or_else(|| "g".to_owned(), |id| id.to_string())
}

fn micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

/// A column that holds the text form of `T`.
fn text<T: FromStr>(row: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    let value: &str = row.try_get(column)?;
    value.parse().map_err(|_| StoreError::Corrupt(format!("column {column}")))
}

/// Like [`text`], for a column that may be NULL.
fn optional_text<T: FromStr>(row: &AnyRow, column: &'static str) -> Result<Option<T>, StoreError> {
    let value: Option<&str> = row.try_get(column)?;
    value.map(|value| value.parse().map_err(|_| StoreError::Corrupt(format!("column {column}")))).transpose()
}

fn time(row: &AnyRow, column: &'static str) -> Result<DateTime<Utc>, StoreError> {
    optional_time(row, column)?.ok_or_else(|| StoreError::Corrupt(format!("column {column}")))
}

fn optional_time(row: &AnyRow, column: &'static str) -> Result<Option<DateTime<Utc>>, StoreError> {
    let value: Option<i64> = row.try_get(column)?;
    value
        .map(|value| {
            DateTime::from_timestamp_micros(value)
                .ok_or_else(|| StoreError::Corrupt(format!("column {column}")))
        })
        .transpose()
}

fn flag(row: &AnyRow, column: &'static str) -> Result<bool, StoreError> {
    Ok(row.try_get::<i64, _>(column)? != 0)
}

/// A count or size that is never negative.
fn unsigned<T: TryFrom<i64>>(row: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    let value: i64 = row.try_get(column)?;
    T::try_from(value).map_err(|_| StoreError::Corrupt(format!("column {column}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_connection_syncs_commits_and_checks_references() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("pixora.db").display());
        let store = Store::open(&url).await.unwrap();
        for pool in [&store.reads, &store.writes] {
            let pragma = async |name: &'static str| sqlx::query(name).fetch_one(pool).await.unwrap();
            assert_eq!(pragma("PRAGMA journal_mode").await.get::<String, _>(0), "wal");
            assert_eq!(pragma("PRAGMA synchronous").await.get::<i64, _>(0), 2, "FULL");
            assert_eq!(pragma("PRAGMA foreign_keys").await.get::<i64, _>(0), 1);
        }
    }
}
