//! A node: parts out of settings, the models, the face index, and the application that is built of them.

use std::sync::Arc;

use super::{
    App, AppState, Engine, OpenError, Parts, build, embedder_in_use, index, index_place, load_models, nodes,
    nodes::Place, places::remove_embedded_copy,
};
use crate::{
    compute::{Capacity, Compute},
    config::{Settings, StripeAccount, YooKassaSettings},
    embedders::{Embedder, Embedders, EveryIndex, check_dimension},
    mail::{MailError, Mailer},
    people::{ModelEyes, PeopleKeeper},
    photo_sessions::SessionSync,
    photos::{PipelineFinder, Processor, Reembedder},
    push::{PushKeys, Pusher},
    search::{Probing, RowFacts, SearchService},
    secrets::LinkSigner,
    shop::{PaymentProvider, Stripe, YooKassa, YooKassaAccount},
    store::{ExternalDatabase, Store},
    usage::Usage,
    vision::FaceEngine,
    webhooks::Deliverer,
};

/// A process that can analyse, search and erase. With the embedded index there is one on a data directory.
pub struct Node {
    pub app: AppState,
    pub processor: Processor,
    /// The model in use when the process started, with its index.
    pub embedder: Arc<Embedder>,
    parts: Parts,
    /// Until [`Background`](super::Background) keeps it.
    pub(super) place: Option<Place>,
    pub(super) standing: index::Standing,
}

/// The upkeep of one node for all nodes.
pub(super) struct Upkeep {
    pub app: AppState,
    processor: Processor,
    external: Option<ExternalDatabase>,
}

impl Upkeep {
    /// The task that notices changes in the studio's own database, if there is one.
    pub(super) fn session_sync(&self) -> Option<SessionSync> {
        let database = self.external.clone()?;
        let App { store, sessions, events, clock, .. } = &*self.app;
        Some(SessionSync::new(database, store.clone(), sessions.clone(), events.clone(), Arc::clone(clock)))
    }

    /// What puts faces to people.
    pub(super) fn people_keeper(&self) -> PeopleKeeper {
        let Processor { store, compute, embedders, events, clock, .. } = self.processor.clone();
        let eyes = ModelEyes { embedders, compute, facts: RowFacts::new(store.clone()) };
        PeopleKeeper::new(store, events, Arc::new(eyes), clock)
    }

    /// The task that changes from one embedding model to another.
    pub(super) fn reembedder(&self) -> Reembedder {
        let Processor { store, blobs, compute, embedders, clock, .. } = self.processor.clone();
        Reembedder { store, blobs, compute, embedders, clock }
    }
}

impl Node {
    /// Loads the models, opens the index and brings it in step with the rows.
    ///
    /// # Errors
    /// [`OpenError::Index`] with [`IndexError::Locked`](crate::index::IndexError::Locked) when another process holds
    /// the index; one of those with a [code](OpenError::code) of their own when this node does not fit to others.
    pub async fn open(settings: Settings, parts: Parts) -> Result<Self, OpenError> {
        let Parts { store, blobs, jobs, events, clock, .. } = parts.clone();
        blobs.check().await?;
        let models = load_models(&settings)?;
        let model = embedder_in_use(&settings, &models, &store).await?;
        let engine = |_| FaceEngine::with_embedder(&models, &model);
        let engines: Vec<FaceEngine> = (0..settings.workers).map(engine).collect::<Result<_, _>>()?;
        let embedder = engines[0].embedder().clone();

        check_dimension(&store, &embedder).await?;
        let index_place = index_place(&settings);
        let index = index_place.open(&model, embedder.dimension).await?;
        let plan = store.takeovers().plan().await?;
        let before = plan.before.as_ref().map(|(name, _)| name.as_str());
        let kept: Vec<&str> =
            [Some(model.as_str()), plan.next.as_deref(), before].into_iter().flatten().collect();
        if let Err(error) = index_place.remove_others(&kept).await {
            tracing::warn!(%error, "the index of a model that is not in use could not be removed");
        }
        let links = links(&settings)?;
        // Behind the lock of an embedded index: who works beside a server on its own directory is no other node.
        let place = Place::take(&store, index_place.is_shared(), &links).await?;
        nodes::agree_on_storage(&store, &blobs).await?;
        if !index_place.is_shared() {
            // From here on no other process works on this directory: what its queue had in hand is dead.
            match jobs.reclaim(clock()).await {
                // Their leases run out within a minute.
                Err(error) if error.is_full() => tracing::error!(%error, "the disk is full"),
                reclaimed => drop(reclaimed?),
            }
        }
        let before = store.faces().index_place(&model).await?;
        let standing = index::bring_in_step(&store, &*index, &model, &index_place).await?;
        if index_place.is_shared() && before != Some(index_place.to_string()) {
            remove_embedded_copy(&settings).await;
        }
        // The admission by time decides how many selfies wait; this only bounds their number to save memory.
        let capacity = Capacity { interactive: 128 * settings.workers, batch: 2 * settings.workers + 2 };
        let compute = Compute::start("faces", engines, capacity)?;
        let embedders = Embedders::new(
            store.clone(),
            Arc::clone(&models),
            index_place.clone(),
            Embedder { info: embedder, index },
            settings.search.embedder.is_some(),
        );
        let embedder = Arc::clone(embedders.first());
        let (usage, probing) = (Usage::new(store.clone()), Probing::default());
        let search = Arc::new(SearchService {
            store: store.clone(),
            usage: usage.clone(),
            probing: probing.clone(),
            embedders: embedders.clone(),
            compute: compute.clone(),
            stranger_percent: settings.search.stranger_percent,
            facts: RowFacts::new(store.clone()),
            clock: Arc::clone(&clock),
        });
        let finder = PipelineFinder::shared(embedders.clone(), compute.clone(), Arc::clone(&clock));
        let processor = Processor {
            store: store.clone(),
            blobs,
            jobs,
            embedders: embedders.clone(),
            compute,
            events,
            clock: Arc::clone(&clock),
        };
        let payments = payments(&settings)?;
        let index = Arc::new(EveryIndex(embedders.clone()));
        let push_keys = Arc::new(push_keys(&settings, &store).await?);
        let engine = Engine { index, search, finder, probing, usage, links, push_keys, payments };
        let app = build(&parts, engine, settings)?;
        app.hosts.load().await?;
        // Another node may hold the jobs that are not due yet.
        let due = store.is_shared().then(|| clock());
        match app.eraser.sweep(due).await {
            Ok(0) => {}
            Ok(photos) => tracing::info!(photos, "removed what interrupted deletions had left"),
            Err(error) => {
                tracing::warn!(%error, "deleted photos could not be removed; they will be tried again")
            }
        }
        Ok(Self { app, processor, embedder, parts, place: Some(place), standing })
    }

    pub(super) fn upkeep(&self) -> Upkeep {
        let processor = self.processor.clone();
        Upkeep { app: Arc::clone(&self.app), processor, external: self.parts.external.clone() }
    }

    /// The sender of queued webhooks.
    ///
    /// # Errors
    /// When the system has no certificates to trust.
    pub fn deliverer(&self) -> Result<Deliverer, reqwest::Error> {
        let Parts { store, target, clock, .. } = &self.parts;
        Deliverer::new(store.clone(), target.clone(), Arc::clone(clock))
    }

    /// The sender of queued notifications.
    ///
    /// # Errors
    /// When the system has no certificates to trust.
    pub fn pusher(&self) -> Result<Pusher, reqwest::Error> {
        let (App { news, push, settings, .. }, Parts { store, clock, .. }) = (&*self.app, &self.parts);
        let composer = Arc::new(news.clone());
        Pusher::new(store.clone(), push.clone(), composer, settings.public_url.clone(), Arc::clone(clock))
    }

    /// The sender of queued mails, if there is a mail server.
    ///
    /// # Errors
    /// When its settings cannot be used.
    pub fn mailer(&self) -> Result<Option<Mailer>, MailError> {
        let Some(smtp) = &self.app.settings.smtp else { return Ok(None) };
        let Parts { store, clock, .. } = &self.parts;
        let (postbox, writer) = (self.app.postbox.clone(), Arc::new(self.app.news.clone()));
        Mailer::new(store.clone(), postbox, writer, smtp.url.expose(), &smtp.from, Arc::clone(clock))
            .map(Some)
    }
}

/// The key that signs links, and the cookies of known devices.
pub(super) fn links(settings: &Settings) -> Result<LinkSigner, OpenError> {
    Ok(match &settings.secret_key {
        Some(secret) => LinkSigner::shared(secret.expose()),
        None => LinkSigner::open(&settings.data_dir.join("keys").join("links.json"))?,
    })
}

/// The key by which push services know us.
async fn push_keys(settings: &Settings, store: &Store) -> Result<PushKeys, OpenError> {
    Ok(match &settings.secret_key {
        Some(secret) => PushKeys::shared(store, secret.expose()).await?,
        None => PushKeys::open(&settings.data_dir.join("keys").join("push.json"))?,
    })
}

/// The accounts that take payments, as the settings have them.
fn payments(settings: &Settings) -> Result<Vec<Arc<dyn PaymentProvider>>, OpenError> {
    let mut providers: Vec<Arc<dyn PaymentProvider>> = Vec::new();
    if let Some(StripeAccount { secret_key, webhook_secret, api_url }) = &settings.stripe {
        let (key, secret) = (secret_key.expose().to_owned(), webhook_secret.expose().to_owned());
        let stripe = Stripe::new(key, secret, api_url.clone()).map_err(OpenError::Payments)?;
        providers.push(Arc::new(stripe));
    }
    if let Some(YooKassaSettings { shop_id, secret_key, api_url, vat_code }) = &settings.yookassa {
        let account = YooKassaAccount {
            shop_id: shop_id.clone(),
            secret_key: secret_key.expose().to_owned(),
            api_url: format!("{api_url}/v3"),
            vat_code: *vat_code,
        };
        providers.push(Arc::new(YooKassa::new(account).map_err(OpenError::Payments)?));
    }
    Ok(providers)
}
