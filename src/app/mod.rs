//! The application: features wired to their means. Only this room names concrete adapters.
//!
//! # Several nodes
//!
//! `pixora serve` and `pixora worker` are the same node in other roles (`app/background.rs`); with SQLite
//! there is one.
//!
//! - **Events** go through `app/bridge.rs`: `events/` hands out what was published here (`Outlet`, 4,096
//!   may wait), the bridge packs it into letters of up to 8,000 bytes and sends them by `NOTIFY`
//!   (`store/bus.rs`); what others send is published here, and never sent on. A closed session also falls
//!   out of the validation's memory, a withdrawn consent out of the probes. Whatever may have been missed
//!   (queue full, connection lost, a letter of another version) ends in the same word: look for yourself.
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
//! - A deletion's second look that is due in ten minutes is left alone at another node's start: a worker
//!   may have the photo in hand.

mod background;
mod bridge;
mod nodes;

use std::{path::PathBuf, sync::Arc};

use chrono::Utc;

use crate::{
    accounts::{AccessTokens, AccountError, Accounts, OriginReader, Passwords, PlacesError},
    blobs::{BlobError, BlobPlace, Blobs, S3Bucket, S3Keys, Spool},
    cards::Cards,
    compute::{Capacity, Compute},
    config::{Bucket, ConfigError, QdrantSettings, S3Settings, Secret, Settings, StripeAccount, Tls},
    domain::{Clock, PhotoSession, PhotoSessionId},
    events::Events,
    galleries::Archives,
    guests::Guests,
    handoff::Handoff,
    index::{FaceIndex, IndexError, IndexPlace, QdrantServer, RebuildError, Reconciled, reconcile},
    jobs::Jobs,
    live::Live,
    mail::{MailError, Mailer, Postbox},
    marks::Marks,
    photo_sessions::{
        ExternalSource, OwnSource, PhotoSessions, SessionSource, SessionSync, SourceError, StudioSessions,
    },
    photos::{Eraser, GalleryKeeper, Processor, Receiver, Uploads},
    placements::Placements,
    search::{MatchOptions, Probing, SearchService, SelfieSearch},
    secrets::{KeyFileError, LinkSigner},
    shop::{PaymentProvider, Payments, Shop, Stripe},
    store::{ExternalDatabase, Store, StoreError, Usage},
    support::Support,
    telegram::Telegram,
    tls::{self, TlsError},
    vision::{FaceEngine, Models, VisionError},
    webhooks::{Deliverer, Target, Webhooks},
};

pub use background::{Background, Role};
pub use bridge::Bridge;
use nodes::Place;

/// What doors share.
pub type AppState = Arc<App>;

pub struct App {
    pub settings: Settings,
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
    /// The bot, if there is one.
    pub telegram: Option<Telegram>,
    pub webhooks: Webhooks,
    pub events: Events,
    pub live: Live,
    pub studio: StudioSessions,
    pub gallery: GalleryKeeper,
    pub cards: Cards,
    pub handoff: Handoff,
    pub marks: Marks,
    pub archives: Archives,
    pub postbox: Postbox,
    pub support: Support,
    pub links: LinkSigner,
    pub shop: Shop,
    /// Where orders can be paid online.
    pub stripe: Option<Arc<Stripe>>,
    pub placements: Placements,
}

/// Why the application cannot start; each sentence says how to mend it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "the data directory {path} cannot be made or written ({reason}); choose another with PIXORA_DATA_DIR"
    )]
    DataDirectory { path: PathBuf, reason: std::io::Error },
    #[error("the database cannot be opened: {0}")]
    Store(#[from] StoreError),
    #[error("the file storage cannot be opened: {0}")]
    Blobs(#[from] BlobError),
    #[error(transparent)]
    Settings(#[from] ConfigError),
    #[error(
        "{0}; `make setup` fetches models and ONNX Runtime, PIXORA_MODEL_DIR and ORT_DYLIB_PATH name other places"
    )]
    Vision(#[from] VisionError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error("the face index cannot be rebuilt: {0}")]
    Rebuild(#[from] RebuildError),
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    #[error(transparent)]
    Places(#[from] PlacesError),
    #[error(transparent)]
    Accounts(#[from] AccountError),
    #[error("payments need certificates to trust, and the system has none: {0}")]
    Payments(reqwest::Error),
    #[error("threads cannot be started: {0}")]
    Threads(#[from] rayon::ThreadPoolBuildError),
    #[error(
        "another node works on this database, and one of the two keeps the face index to itself: each would find \
         only some of the photos; set QDRANT_URL on every node"
    )]
    SeveralNodesNeedQdrant,
    #[error(
        "the nodes on this database sign with another key, so that none would honour what this one signs; set \
         PIXORA_SECRET_KEY to the same value on every node"
    )]
    SecretKeyDiffers,
    #[error(
        "the file storage is not the one that belongs to this database: its file `installation/nodes/mark` is missing or \
         another's. Give every node the same storage; after a move or a restore see \"Several nodes\" in \
         docs/OPERATIONS.md"
    )]
    StorageDiffers,
}

impl OpenError {
    /// Stable name of the failure, for scripts.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::SeveralNodesNeedQdrant => "several_nodes_need_qdrant",
            Self::SecretKeyDiffers => "secret_key_differs",
            Self::StorageDiffers => "storage_differs",
            Self::Store(error @ StoreError::Newer) => error.code(),
            _ => "cannot_start",
        }
    }
}

/// Rows, files and queue: what the server and a command may have open at the same time.
#[derive(Clone)]
pub struct Means {
    pub store: Store,
    pub blobs: Blobs,
    pub jobs: Jobs,
    /// The studio's own database with more sessions.
    pub external: Option<ExternalDatabase>,
    pub spool: Spool,
    pub events: Events,
}

impl Means {
    /// Opens (and at first makes) what lies in the data directory.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(settings: &Settings) -> Result<Self, OpenError> {
        let directory = &settings.data_dir;
        std::fs::create_dir_all(directory)
            .map_err(|reason| OpenError::DataDirectory { path: directory.clone(), reason })?;
        let store = match &settings.database {
            Some(url) => Store::open(url.expose()).await?,
            None => {
                Store::open(&format!("sqlite:{}?mode=rwc", directory.join("pixora.db").display())).await?
            }
        };
        let blobs = storage_place(settings)?.open()?;
        // Several nodes may share a PostgreSQL: each has a name of its own, and takes back nothing of another's.
        let owner = settings.database.as_ref().map(|_| format!("node-{}", uuid::Uuid::now_v7()));
        let jobs = Jobs::new(store.clone(), owner.as_deref().unwrap_or("node"));
        let external = match settings.external_databases.as_slice() {
            [] => None,
            urls => Some(ExternalDatabase::open(urls.iter().map(Secret::expose))?),
        };
        let spool = Spool::open(directory.join("uploads"))?;
        Ok(Self { store, blobs, jobs, events: Events::default(), external, spool })
    }

    /// Where sessions come from: our own rows first, then the studio's database.
    #[must_use]
    pub fn sources(&self) -> Vec<Arc<dyn SessionSource>> {
        let mut sources: Vec<Arc<dyn SessionSource>> = vec![Arc::new(OwnSource::new(self.store.clone()))];
        if let Some(database) = &self.external {
            sources.push(Arc::new(ExternalSource::new(database.clone())));
        }
        sources
    }

    /// A session of any source, asked now.
    ///
    /// # Errors
    /// When a source that would have to be asked is away.
    pub async fn session(&self, id: PhotoSessionId) -> Result<Option<PhotoSession>, SourceError> {
        for source in self.sources() {
            if let Some(session) = source.get(id).await? {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }

    #[must_use]
    pub fn receiver(&self) -> Receiver {
        Receiver::new(self.store.clone(), self.blobs.clone(), self.jobs.clone(), self.events.clone())
    }
}

/// Accounts, as the settings want them: tokens are signed with the data directory's keys.
///
/// # Errors
/// [`OpenError`].
pub fn accounts(settings: &Settings, store: &Store, clock: Clock) -> Result<Accounts, OpenError> {
    let keys = match &settings.secret_key {
        Some(secret) => AccessTokens::shared(secret.expose(), clock()),
        None => AccessTokens::open(&settings.data_dir.join("keys").join("access.json"), clock())?,
    };
    let origins = OriginReader::open(settings.places.as_deref())?;
    Ok(Accounts::new(store.clone(), Passwords::new(settings.workers)?, keys, origins, clock))
}

/// Where the settings want the face index.
#[must_use]
pub fn index_place(settings: &Settings) -> IndexPlace {
    match &settings.qdrant.url {
        Some(url) => server_place(settings, url.clone()),
        None => embedded_place(settings),
    }
}

/// The face index in the data directory.
#[must_use]
pub fn embedded_place(settings: &Settings) -> IndexPlace {
    IndexPlace::Embedded(settings.data_dir.join("index"))
}

/// Where the settings want pictures.
///
/// # Errors
/// When they want a bucket and do not say how to reach it.
pub fn storage_place(settings: &Settings) -> Result<BlobPlace, ConfigError> {
    match &settings.storage {
        Some(bucket) => bucket_place(settings, bucket.clone()),
        None => Ok(folder_place(settings)),
    }
}

/// Pictures in the data directory.
#[must_use]
pub fn folder_place(settings: &Settings) -> BlobPlace {
    BlobPlace::Folder(settings.data_dir.join("blobs"))
}

/// Pictures in this bucket.
///
/// # Errors
/// When the settings do not say how to reach it.
pub fn bucket_place(settings: &Settings, bucket: Bucket) -> Result<BlobPlace, ConfigError> {
    let Bucket { name, prefix } = bucket;
    let S3Settings { endpoint, region, keys, path_style } = settings.s3.clone()?;
    let keys = keys.map(|keys| S3Keys {
        id: keys.id.expose().to_owned(),
        secret: keys.secret.expose().to_owned(),
        session_token: keys.session_token.map(|token| token.expose().to_owned()),
    });
    Ok(BlobPlace::S3(S3Bucket { name, prefix, endpoint, region, keys, path_style }))
}

/// Removes the embedded index after a move to a server. Nobody keeps it up any more: what is erased from now
/// on would stay in it.
pub async fn remove_embedded_copy(settings: &Settings) {
    if let Err(error) = embedded_place(settings).remove().await {
        tracing::warn!(%error, "the embedded face index is still there; `pixora reindex` removes it");
    }
}

/// The face index on the Qdrant server with this address.
#[must_use]
pub fn server_place(settings: &Settings, url: String) -> IndexPlace {
    let QdrantSettings { api_key, prefix, replication, shards, .. } = &settings.qdrant;
    IndexPlace::Server(QdrantServer {
        url,
        api_key: api_key.as_ref().map(|key| key.expose().to_owned()),
        prefix: prefix.clone(),
        replication: *replication,
        shards: *shards,
    })
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
        Tls::SelfSigned => tls::Server::with_own_authority(folder, host, Arc::new(Utc::now)).map(Some),
        Tls::Acme(account) => tls::Server::with_acme(folder.join("acme"), host, account).map(Some),
        Tls::Files { certificate, key } => {
            tls::Server::with_files(certificate.clone(), key.clone(), host, Arc::new(Utc::now)).map(Some)
        }
    }
}

/// The account that takes payments, as the settings have it.
fn stripe(account: &StripeAccount) -> Result<Arc<Stripe>, OpenError> {
    let StripeAccount { secret_key, webhook_secret, api_url } = account;
    let stripe =
        Stripe::new(secret_key.expose().to_owned(), webhook_secret.expose().to_owned(), api_url.clone());
    stripe.map(Arc::new).map_err(OpenError::Payments)
}

/// A process that can analyse, search and erase. With the embedded index there is one on a data directory.
pub struct Node {
    pub app: AppState,
    pub processor: Processor,
    pub eraser: Eraser,
    external: Option<ExternalDatabase>,
    /// Until [`Background`] keeps it.
    place: Option<Place>,
}

/// What one node does for all.
struct Upkeep {
    app: AppState,
    eraser: Eraser,
    external: Option<ExternalDatabase>,
}

impl Upkeep {
    /// What notices changes in the studio's own database, if there is one.
    fn session_sync(&self) -> Option<SessionSync> {
        let database = self.external.clone()?;
        let App { store, sessions, events, .. } = &*self.app;
        Some(SessionSync::new(database, store.clone(), sessions.clone(), events.clone()))
    }
}

impl Node {
    /// Loads the models, opens the index and brings it in step with the rows.
    ///
    /// # Errors
    /// [`OpenError::Index`] with [`IndexError::Locked`] when another process holds the index; one of those with
    /// a [code](OpenError::code) of their own when this node does not fit to others.
    pub async fn open(settings: Settings, means: Means) -> Result<Self, OpenError> {
        let sources = means.sources();
        let uploads = Uploads::new(means.store.clone(), means.spool.clone(), means.receiver());
        let Means { store, blobs, jobs, events, external, spool } = means;
        blobs.check().await?;
        let models = Models::load(&settings.model_dir, &settings.model_dir, &settings.ort_dylib)?;
        let engines: Vec<FaceEngine> =
            (0..settings.workers).map(|_| FaceEngine::new(&models)).collect::<Result<_, _>>()?;
        let model = engines[0].embedder_name().to_owned();
        let embedder = engines[0].embedder_model().clone();

        let place = index_place(&settings);
        let index = place.open(&model, embedder.dimension).await?;
        let links = match &settings.secret_key {
            Some(secret) => LinkSigner::shared(secret.expose()),
            None => LinkSigner::open(&settings.data_dir.join("keys").join("links.json"))?,
        };
        // Behind the lock of an embedded index: who works beside a server on its own directory is no other node.
        let among = Place::take(&store, place.is_shared(), &links).await?;
        nodes::agree_on_storage(&store, &blobs).await?;
        if !place.is_shared() {
            // From here on no other process works on this directory: what its queue had in hand is dead.
            jobs.reclaim(Utc::now()).await?;
        }
        let before = store.faces().index_place(&model).await?;
        match reconcile(&store, &*index, &model, &place.to_string(), report).await? {
            Reconciled::InStep => {}
            Reconciled::Sessions(sessions) => tracing::info!(sessions, "face index mended from the rows"),
            Reconciled::Filled(faces) => tracing::info!(faces, "face index filled from the rows"),
        }
        if place.is_shared() && before != Some(place.to_string()) {
            remove_embedded_copy(&settings).await;
        }

        // A selfie takes well under a second of one core: 64 waiting are a minute at worst on two.
        let capacity = Capacity { interactive: 64, batch: 2 * settings.workers + 2 };
        let compute = Compute::start("faces", engines, capacity)?;
        let usage = Usage::new(store.clone());
        let probing = Probing::default();
        let search: Arc<dyn SelfieSearch> = Arc::new(SearchService {
            store: store.clone(),
            usage: usage.clone(),
            probing: probing.clone(),
            index: Arc::clone(&index),
            compute: compute.clone(),
            model: model.clone(),
            options: MatchOptions::for_model(&embedder),
        });
        let sessions = PhotoSessions::new(sources, settings.session_cache, Arc::new(Utc::now));
        let processor = Processor {
            store: store.clone(),
            blobs: blobs.clone(),
            jobs: jobs.clone(),
            index: Arc::clone(&index),
            compute,
            model: model.clone(),
            events: events.clone(),
        };
        let eraser = Eraser {
            store: store.clone(),
            blobs: blobs.clone(),
            spool,
            index: Arc::clone(&index),
            usage: usage.clone(),
            model,
        };
        let accounts = accounts(&settings, &store, Arc::new(Utc::now))?;
        let postbox = if settings.smtp.is_some() { Postbox::open() } else { Postbox::default() };
        let webhooks = Webhooks::new(store.clone(), Target::new(settings.webhook_allow_private));
        let stripe = settings.stripe.as_ref().map(stripe).transpose()?;
        let support = Support::new(
            store.clone(),
            blobs.clone(),
            eraser.spool.clone(),
            events.clone(),
            postbox.clone(),
            settings.public_url.clone(),
        );
        // What is not due yet may be in another node's hands.
        let due = store.is_shared().then(Utc::now);
        match eraser.sweep(due).await {
            Ok(0) => {}
            Ok(photos) => tracing::info!(photos, "removed what interrupted deletions had left"),
            Err(error) => {
                tracing::warn!(%error, "deleted photos could not be removed; they will be tried again")
            }
        }
        let handoff = Handoff::start(store.clone(), blobs.clone(), events.clone(), Arc::new(Utc::now))?;
        // Two pictures at a time: whoever looks through a gallery waits for few, and the rest of the machine works on.
        let marks = Marks::start(store.clone(), blobs.clone(), settings.workers.min(2))?;
        let guests = Guests::new(
            store.clone(),
            sessions.clone(),
            marks.clone(),
            Arc::clone(&search),
            probing.clone(),
            events.clone(),
        );
        let live = Live::new(store.clone(), events.clone(), guests.clone(), Arc::clone(&search), probing);
        let telegram = settings.telegram.as_ref().map(|bot| {
            let url = settings.public_url.clone();
            Telegram::new(bot, url, store.clone(), guests.clone(), handoff.clone())
        });
        let app = Arc::new(App {
            archives: Archives::new(store.clone(), blobs.clone(), marks.clone(), links.clone()),
            marks,
            live,
            guests,
            telegram,
            studio: StudioSessions::new(store.clone(), sessions.clone(), events.clone()),
            gallery: GalleryKeeper::new(store.clone(), eraser.clone(), events.clone()),
            cards: Cards::start()?,
            shop: Shop::new(
                store.clone(),
                links.clone(),
                postbox.clone(),
                settings.public_url.clone(),
                Payments::new(
                    stripe.iter().map(|stripe| Arc::clone(stripe) as Arc<dyn PaymentProvider>).collect(),
                ),
            ),
            stripe,
            placements: Placements::start(store.clone(), blobs.clone())?,
            handoff,
            settings,
            store,
            blobs,
            jobs,
            usage,
            accounts,
            uploads,
            index,
            sessions,
            search,
            events,
            webhooks,
            postbox,
            links,
            support,
        });
        Ok(Self { app, processor, eraser, external, place: Some(among) })
    }

    fn upkeep(&self) -> Upkeep {
        Upkeep { app: Arc::clone(&self.app), eraser: self.eraser.clone(), external: self.external.clone() }
    }

    /// What sends queued webhooks.
    ///
    /// # Errors
    /// When the system has no certificates to trust.
    pub fn deliverer(&self) -> Result<Deliverer, reqwest::Error> {
        let target = Target::new(self.app.settings.webhook_allow_private);
        Deliverer::new(self.app.store.clone(), target, Arc::new(Utc::now))
    }

    /// What sends queued mails, if there is a mail server.
    ///
    /// # Errors
    /// When its settings cannot be used.
    pub fn mailer(&self) -> Result<Option<Mailer>, MailError> {
        let App { settings, store, postbox, .. } = &*self.app;
        let Some(smtp) = &settings.smtp else { return Ok(None) };
        Mailer::new(store.clone(), postbox.clone(), smtp.url.expose(), &smtp.from, Arc::new(Utc::now))
            .map(Some)
    }

    /// Writes the embedded face index anew from the rows, with new files, and with it goes every other
    /// model's, so that nothing of an erased face is left on the disk. Nothing else may be in use by then. A
    /// server's files are its own affair: see `docs/PRIVACY.md`.
    ///
    /// # Errors
    /// As [`Node::open`].
    pub async fn rewrite_index(mut self) -> Result<Self, OpenError> {
        let place = index_place(&self.app.settings);
        if place.is_shared() {
            return Ok(self);
        }
        let App { settings, store, blobs, jobs, events, .. } = &*self.app;
        let means = Means {
            store: store.clone(),
            blobs: blobs.clone(),
            jobs: jobs.clone(),
            events: events.clone(),
            external: self.external.clone(),
            spool: self.eraser.spool.clone(),
        };
        let settings = settings.clone();
        if let Some(among) = self.place.take() {
            among.give_up().await;
        }
        drop(self);
        place.remove().await?;
        Self::open(settings, means).await
    }
}

fn report(done: u64, total: u64) {
    tracing::info!(done, total, "writing the face index again");
}
