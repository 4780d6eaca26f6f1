//! The application: features wired to their parts. Only this room names concrete adapters.
//!
//! [`Node`] makes [`Parts`] out of settings and an [`Engine`] out of models, [`build`] wires them; tests give other
//! parts to the same [`build`].
//!
//! # Several nodes
//!
//! `pixora serve` and `pixora worker` are the same node in other roles (`app/background.rs`); with SQLite
//! there is one.
//!
//! - **Events** go through `app/bridge.rs`: `events/` hands out what was published here (`Outlet`, 4,096
//!   may wait), the bridge packs it into notifications of up to 8,000 bytes and sends them by `NOTIFY`
//!   (`store/bus.rs`); what others send is published here, and never sent on. A closed session also falls
//!   out of the validation's memory, a withdrawn consent out of the probes. Whatever may have been missed
//!   (queue full, connection lost, a notification of another version) ends in the same word: look for yourself.
//! - **Locks of a session** (`store/nodes.rs`) on a connection of their own say who is there and who leads
//!   in a duty. No lease has to be renewed and no clock agreed on: the server knows when a connection ends.
//!   A leader asks every two seconds whether its connection lives and stops before the server would give
//!   the lock away; what a leader does may all the same be done twice in a row, as after any crash.
//! - **Who is there**: every node shares one lock, and one with an embedded index has it alone; so a second
//!   one is refused, and who alone may change the secret (`app/nodes.rs`). The lock comes after the index's
//!   own: a command beside a server on the same directory is no other node.
//! - **Which work is whose**: jobs, webhooks and mails are leased row by row and may be taken by any worker
//!   (mails one at a time, so that a lease covers a slow server). The bot, the sweeps and the look at the
//!   studio's database are led. The spool is tidied by the process that holds its lock. Counted use,
//!   throttles and caches belong to each process; the caches are at most 30 seconds old.
//! - **Certificates of an ACME directory** are one node's: the directory looks at whichever node a name leads to, and
//!   only the one that asked it knows the answer. A second node that would ask is refused ([`DirectoryAsker`]).
//! - A deletion's second look that is due in ten minutes is left alone at another node's start: a worker
//!   may have the photo in hand.

mod background;
mod beginning;
mod bridge;
mod build;
pub mod data_dir;
mod error;
mod health;
mod index;
mod models;
mod node;
mod nodes;
mod parts;
mod places;

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{
    accounts::{AccessTokens, Accounts, OriginReader, Outgoing, Passwords},
    blobs::Blobs,
    cards::Cards,
    choices::Choices,
    clock,
    config::{Settings, Tls},
    consents::Consents,
    domain::{Addresses, Clock},
    erasures::Erasures,
    events::Events,
    galleries::Archives,
    guests::Guests,
    handoff::Handoff,
    hosts::Hosts,
    index::FaceIndex,
    jobs::Jobs,
    live::Live,
    mail::Postbox,
    marks::Marks,
    news::News,
    notices::Notices,
    people::People,
    photo_sessions::{PhotoSessions, StudioSessions},
    photos::{Eraser, ExternalPhotos, GalleryKeeper, Libraries, Uploads},
    placements::Placements,
    push::Push,
    search::SelfieSearch,
    secrets::LinkSigner,
    shop::Shop,
    store::Store,
    studios::Studios,
    support::Support,
    telegram::Telegram,
    tls::{self, TlsError},
    usage::Usage,
    webhooks::Webhooks,
};

/// Errors of rows and files, for the error maps of the HTTP interface.
pub use crate::{
    blobs::BlobError,
    compute::ComputeError,
    embedders::check_dimension,
    store::{BatchItem, FaceBatch, NewBatchItem, StoreError, is_outage},
};
pub use background::{Background, Role};
pub use bridge::Bridge;
pub use build::build;
pub use error::OpenError;
pub use health::Check;
pub use models::{embedder_in_use, load_models};
pub use node::Node;
pub use nodes::DirectoryAsker;
pub use parts::{Engine, Parts};
pub use places::{
    bucket_place, embedded_place, folder_place, index_place, library_places, remove_embedded_copy,
    server_place, storage_place,
};

/// The state that all handlers share.
pub type AppState = Arc<App>;

pub struct App {
    pub settings: Settings,
    /// Where guests reach sessions.
    pub addresses: Addresses,
    pub hosts: Hosts,
    pub clock: Clock,
    pub store: Store,
    pub blobs: Blobs,
    pub jobs: Jobs,
    pub usage: Usage,
    pub accounts: Accounts,
    pub uploads: Uploads,
    pub index: Arc<dyn FaceIndex>,
    pub sessions: PhotoSessions,
    pub search: Arc<dyn SelfieSearch>,
    pub guests: Guests,
    /// What guests and the couple choose.
    pub choices: Choices,
    pub consents: Consents,
    /// The bot, if there is one.
    pub telegram: Option<Telegram>,
    pub webhooks: Webhooks,
    pub events: Events,
    pub live: Live,
    pub studio: StudioSessions,
    pub gallery: GalleryKeeper,
    pub people: People,
    /// Guests who hear of new photos.
    pub news: News,
    pub push: Push,
    /// What photographers are told.
    pub notices: Notices,
    pub libraries: Libraries,
    /// Photos of programs that keep them themselves.
    pub external: ExternalPhotos,
    pub eraser: Eraser,
    pub erasures: Erasures,
    pub cards: Cards,
    pub studios: Studios,
    pub handoff: Handoff,
    pub marks: Marks,
    pub archives: Archives,
    pub postbox: Postbox,
    pub support: Support,
    pub links: LinkSigner,
    pub shop: Shop,
    pub placements: Placements,
}

impl App {
    /// The current time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }
}

/// A postbox, open where mail is sent.
#[must_use]
pub fn postbox(settings: &Settings) -> Postbox {
    if settings.smtp.is_some() { Postbox::open() } else { Postbox::default() }
}

/// Where guests reach sessions, with the hosts that are in use now.
///
/// # Errors
/// `StoreError`
pub async fn addresses(settings: &Settings, store: &Store) -> Result<Addresses, StoreError> {
    let addresses = Addresses::new(&settings.public_url);
    addresses.replace(store.hosts().in_use().await?);
    Ok(addresses)
}

/// Accounts, as the settings want them: tokens are signed with the data directory's keys.
///
/// # Errors
/// [`OpenError`].
pub fn accounts(
    settings: &Settings,
    store: &Store,
    postbox: Postbox,
    clock: Clock,
) -> Result<Accounts, OpenError> {
    let keys = match &settings.secret_key {
        Some(secret) => AccessTokens::shared(secret.expose(), clock()),
        None => AccessTokens::open(&settings.data_dir.join("keys").join("access.json"), clock())?,
    };
    let origins = OriginReader::open(settings.places.as_deref())?;
    let passwords = Passwords::new(settings.workers)?;
    let outgoing = Outgoing { postbox, public_url: settings.public_url.clone() };
    Ok(Accounts::new(store.clone(), passwords, keys, node::links(settings)?, origins, outgoing, clock))
}

/// Our own end of TLS, as the settings want it: none, and plain HTTP, if it is off.
///
/// # Errors
/// [`TlsError`].
pub fn tls(settings: &Settings) -> Result<Option<(tls::Server, tls::Keeper)>, TlsError> {
    let url: hyper::Uri = settings.public_url.parse().unwrap_or_default();
    // An IPv6 address stands in brackets in a URL only.
    let host = url.host().unwrap_or_default().trim_matches(['[', ']']);
    let folder = settings.tls_folder();
    match &settings.tls {
        Tls::Off => Ok(None),
        Tls::SelfSigned => tls::Server::with_own_authority(folder, host, clock::system()).map(Some),
        Tls::Acme(account) => tls::Server::with_acme(folder.join("acme"), host, account).map(Some),
        Tls::Files { certificate, key } => {
            tls::Server::with_files(certificate.clone(), key.clone(), host, clock::system()).map(Some)
        }
    }
}
