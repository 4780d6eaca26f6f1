//! The parts of an application, before they are wired.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{OpenError, beginning, data_dir, embedded_place, library_places, storage_place};
use crate::{
    blobs::{Blobs, Spool},
    clock,
    config::{Secret, Settings},
    domain::{Clock, PhotoSession, PhotoSessionId},
    events::Events,
    hosts::{TextLookup, text_lookup},
    index::FaceIndex,
    jobs::Jobs,
    photo_sessions::{ExternalSource, OwnSource, SessionSource, SourceError},
    photos::{FaceFinder, LibraryPlaces, Receiver, RowCatalogue},
    push::PushKeys,
    search::{Probing, SelfieSearch},
    secrets::LinkSigner,
    shop::PaymentProvider,
    store::{ExternalDatabase, Store},
    usage::Usage,
    webhooks::Target,
};

/// The parts that the server and a command may have open at the same time: rows, files, the queue, and where sessions come
/// from. Tests give other parts to the same [`build`](super::build).
#[derive(Clone)]
pub struct Parts {
    pub store: Store,
    pub blobs: Blobs,
    pub jobs: Jobs,
    pub spool: Spool,
    pub events: Events,
    /// Where sessions come from, in the order in which they are asked.
    pub sources: Vec<Arc<dyn SessionSource>>,
    /// The studio's own database with more sessions, whose changes are looked for.
    pub external: Option<ExternalDatabase>,
    /// Where the libraries of sessions may lie.
    pub libraries: LibraryPlaces,
    /// Where notifications of guests' browsers may go, whatever the settings say of webhooks.
    pub outside: Target,
    /// Where webhooks may go, and how the addresses of hosts are found.
    pub target: Target,
    /// How TXT records are found.
    pub texts: TextLookup,
    pub clock: Clock,
}

/// The additional parts of a process that serves or works.
pub struct Engine {
    /// Of every embedding model that has vectors.
    pub index: Arc<dyn FaceIndex>,
    pub search: Arc<dyn SelfieSearch>,
    /// Looks at pictures that are not kept.
    pub finder: Arc<dyn FaceFinder>,
    /// Where `search` keeps the probes of open pages.
    pub probing: Probing,
    /// Where `search` counts use.
    pub usage: Usage,
    pub links: LinkSigner,
    pub push_keys: Arc<PushKeys>,
    /// Where orders can be paid online.
    pub payments: Vec<Arc<dyn PaymentProvider>>,
}

impl Parts {
    /// Opens (and at first makes) what lies in the data directory.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(settings: &Settings) -> Result<Self, OpenError> {
        let directory = &settings.data_dir;
        data_dir::make(directory)
            .map_err(|reason| OpenError::DataDirectory { path: directory.clone(), reason })?;
        embedded_place(settings).give_back_where_full();
        let blobs = storage_place(settings)?.open()?;
        let spool = Spool::open(directory.join("uploads"))?;
        beginning::before_a_new_database(settings, &blobs, &spool).await?;
        let store = match &settings.database {
            Some(url) => Store::open(url.expose()).await?,
            None => {
                let file = beginning::database_file(directory);
                Store::open(&format!("sqlite:{}?mode=rwc", file.display())).await?
            }
        };
        beginning::recognise(&store, &blobs, &spool).await?;
        let libraries = library_places(settings)?;
        let blobs = blobs.with_catalogue(Arc::new(RowCatalogue::new(store.clone(), libraries.clone())));
        // Several nodes may share a PostgreSQL: each has a name of its own, and takes back nothing of another's.
        let owner = settings.database.as_ref().map(|_| format!("node-{}", uuid::Uuid::now_v7()));
        let jobs = Jobs::new(store.clone(), owner.as_deref().unwrap_or("node"));
        let external = match settings.external_databases.as_slice() {
            [] => None,
            urls => Some(ExternalDatabase::open(urls.iter().map(Secret::expose))?),
        };
        // Our own rows are asked before the studio's database.
        let mut sources: Vec<Arc<dyn SessionSource>> = vec![Arc::new(OwnSource::new(store.clone()))];
        sources.extend(external.clone().map(|database| Arc::new(ExternalSource::new(database)) as _));
        Ok(Self {
            spool,
            events: Events::default(),
            outside: Target::new(false),
            target: Target::new(settings.webhook_allow_private),
            texts: text_lookup(settings.dns_server),
            clock: clock::system(),
            store,
            blobs,
            jobs,
            sources,
            external,
            libraries,
        })
    }

    /// The current time.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// A session of any source, asked now.
    ///
    /// # Errors
    /// When a source that would have to be asked is away.
    pub async fn session(&self, id: PhotoSessionId) -> Result<Option<PhotoSession>, SourceError> {
        for source in &self.sources {
            if let Some(session) = source.get(id).await? {
                return Ok(Some(session));
            }
        }
        Ok(None)
    }

    #[must_use]
    pub fn receiver(&self) -> Receiver {
        let Self { store, blobs, jobs, events, clock, .. } = self.clone();
        Receiver::new(store, blobs, jobs, events, clock)
    }
}
