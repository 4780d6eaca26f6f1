//! The embedding models of this installation, each with its index, and the change from one to another.
//!
//! Vectors of two models cannot be compared, so each session is answered by one of them: by the next one from the
//! moment on when every ready photo of the session has been looked at by it, else by the one in use. While a model
//! takes over, and while the one before it is kept, a new photo is looked at by both, so that neither answer lacks it.
//! The plan stands in the rows (`store/reembed.rs`), so that every node knows it; what this process
//! believes of them is a few seconds old at most.

mod every;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use moka::future::Cache;

pub use every::EveryIndex;

use crate::{
    domain::PhotoSessionId,
    index::{FaceIndex, IndexError, IndexPlace, RebuildError, Wiped, reconcile},
    store::{Store, StoreError, TakeoverPlan},
    vision::{EmbedderInfo, Models},
};

/// How long what the rows say of the models is believed.
const BELIEVED: Duration = Duration::from_secs(2);
/// How long a session is believed to be complete. A new photo is looked at by both models, so it stays so.
const COMPLETE: Duration = Duration::from_secs(60);

/// One embedding model and its vectors.
pub struct Embedder {
    pub info: EmbedderInfo,
    pub index: Arc<dyn FaceIndex>,
}

#[derive(Debug, thiserror::Error)]
pub enum EmbedderError {
    #[error("no embedder is called {0:?}")]
    Unknown(String),
    #[error(
        "the vectors of {model} that are here have {there} numbers, its manifest says {dimension}: give the other model \
         a name of its own and move to it with `pixora reindex --model`"
    )]
    Dimension { model: String, there: usize, dimension: usize },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Rebuild(#[from] RebuildError),
}

impl EmbedderError {
    /// Whether rows or vectors are away, which says nothing of what was to be done with them.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Unknown(_) | Self::Dimension { .. } => false,
            Self::Store(error) => error.is_outage(),
            Self::Index(error) => error.is_outage(),
            Self::Rebuild(RebuildError::Store(error)) => error.is_outage(),
            Self::Rebuild(RebuildError::Index(error)) => error.is_outage(),
        }
    }
}

/// Sees that a model makes vectors of the same length as those that are stored under its name, before its index is
/// opened: vectors of two lengths cannot be compared, and an index of another length would be built anew for nothing.
///
/// # Errors
/// [`EmbedderError::Dimension`]; [`StoreError`].
pub async fn check_dimension(store: &Store, info: &EmbedderInfo) -> Result<(), EmbedderError> {
    match store.faces().dimension(&info.name).await? {
        Some(there) if there != info.dimension => {
            Err(EmbedderError::Dimension { model: info.name.clone(), there, dimension: info.dimension })
        }
        _ => Ok(()),
    }
}

/// The models by their place in a takeover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles {
    pub used: String,
    pub next: Option<String>,
    pub before: Option<(String, DateTime<Utc>)>,
}

impl Roles {
    /// Every model that has vectors, the one in use first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let before = self.before.as_ref().map(|(name, _)| name.as_str());
        std::iter::once(self.used.as_str()).chain(self.next.as_deref()).chain(before)
    }

    /// The models that analyse a new photo, the one in use first; the previous model only while a rollback is possible.
    #[must_use]
    pub fn looking(&self, now: DateTime<Utc>) -> Vec<String> {
        let before = self.before.as_ref().filter(|(_, until)| now < *until).map(|(name, _)| name.as_str());
        let others = self.next.as_deref().into_iter().chain(before);
        std::iter::once(self.used.as_str()).chain(others).map(str::to_owned).collect()
    }
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Embedders(Arc<Inner>);

struct Inner {
    store: Store,
    models: Arc<Models>,
    place: IndexPlace,
    /// The one in use when the process started.
    first: Arc<Embedder>,
    /// The settings name it: what the rows say does not count.
    is_pinned: bool,
    open: Mutex<HashMap<String, Arc<Embedder>>>,
    /// One opens an index at a time.
    opening: tokio::sync::Semaphore,
    plan: Cache<(), TakeoverPlan>,
    complete: Cache<(PhotoSessionId, String), ()>,
}

impl Embedders {
    /// `first`: the model in use when the process started, whose index is open already. `is_pinned`: the settings name
    /// it, so that no other one can take over.
    #[must_use]
    pub fn new(
        store: Store,
        models: Arc<Models>,
        place: IndexPlace,
        first: Embedder,
        is_pinned: bool,
    ) -> Self {
        let first = Arc::new(first);
        let open = HashMap::from([(first.info.name.clone(), Arc::clone(&first))]);
        Self(Arc::new(Inner {
            store,
            models,
            place,
            first,
            is_pinned,
            open: Mutex::new(open),
            opening: tokio::sync::Semaphore::new(1),
            plan: Cache::builder().max_capacity(1).time_to_live(BELIEVED).build(),
            complete: Cache::builder().max_capacity(10_000).time_to_live(COMPLETE).build(),
        }))
    }

    /// The model in use when the process started.
    #[must_use]
    pub fn first(&self) -> &Arc<Embedder> {
        &self.0.first
    }

    /// # Errors
    /// [`StoreError`], where it is not known from a moment ago.
    pub async fn roles(&self) -> Result<Roles, EmbedderError> {
        if self.0.is_pinned {
            return Ok(self.roles_of(TakeoverPlan::default()));
        }
        let plan = match self.0.plan.get(&()).await {
            Some(plan) => plan,
            None => {
                let plan = self.0.store.takeovers().plan().await?;
                self.0.plan.insert((), plan.clone()).await;
                plan
            }
        };
        Ok(self.roles_of(plan))
    }

    /// The roles by the rows, unless the settings say otherwise.
    #[must_use]
    pub fn roles_of(&self, TakeoverPlan { used, next, before }: TakeoverPlan) -> Roles {
        let first = || self.0.first.info.name.clone();
        if self.0.is_pinned {
            return Roles { used: first(), next: None, before: None };
        }
        Roles { used: used.unwrap_or_else(first), next, before }
    }

    /// Asks the rows the next time: something of them was changed.
    pub fn look_again(&self) {
        self.0.plan.invalidate_all();
    }

    /// The model that answers in the session.
    ///
    /// # Errors
    /// [`EmbedderError`].
    pub async fn answering(&self, session: PhotoSessionId) -> Result<Arc<Embedder>, EmbedderError> {
        let Roles { used, next, .. } = self.roles().await?;
        match next {
            Some(next) if self.is_complete(session, &next).await? => self.get(&next).await,
            _ => self.get(&used).await,
        }
    }

    async fn is_complete(&self, session: PhotoSessionId, model: &str) -> Result<bool, EmbedderError> {
        let key = (session, model.to_owned());
        if self.0.complete.get(&key).await.is_some() {
            return Ok(true);
        }
        let complete = self.0.store.takeovers().is_complete(session, model).await?;
        if complete {
            self.0.complete.insert(key, ()).await;
        }
        Ok(complete)
    }

    /// The models that analyse a new photo, the one in use first.
    ///
    /// # Errors
    /// [`EmbedderError`].
    pub async fn looking(&self, now: DateTime<Utc>) -> Result<Vec<Arc<Embedder>>, EmbedderError> {
        self.each(self.roles().await?.looking(now)).await
    }

    /// Every one that has vectors, the one in use first.
    ///
    /// # Errors
    /// [`EmbedderError`].
    pub async fn all(&self) -> Result<Vec<Arc<Embedder>>, EmbedderError> {
        self.each(self.roles().await?.names().map(str::to_owned).collect()).await
    }

    /// Removes the bytes of deleted faces of every model: indexes that are open are written anew, files of others go.
    ///
    /// # Errors
    /// [`EmbedderError`].
    pub async fn wipe(&self) -> Result<Wiped, EmbedderError> {
        self.all().await?;
        let open: Vec<Arc<Embedder>> =
            self.0.open.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        let mut wiped = Wiped::Rewritten;
        for each in &open {
            if each.index.wipe().await? == Wiped::ByServer {
                wiped = Wiped::ByServer;
            }
        }
        let names: Vec<&str> = open.iter().map(|each| each.info.name.as_str()).collect();
        self.0.place.remove_others(&names).await?;
        Ok(wiped)
    }

    async fn each(&self, names: Vec<String>) -> Result<Vec<Arc<Embedder>>, EmbedderError> {
        let mut each = Vec::with_capacity(names.len());
        for name in names {
            each.push(self.get(&name).await?);
        }
        Ok(each)
    }

    fn known(&self, name: &str) -> Option<Arc<Embedder>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// A model by its name; its index is opened, and brought in step with the rows, when it is first asked for.
    ///
    /// # Errors
    /// [`EmbedderError`].
    pub async fn get(&self, name: &str) -> Result<Arc<Embedder>, EmbedderError> {
        if let Some(known) = self.known(name) {
            return Ok(known);
        }
        let closed = |_| IndexError::Unavailable("the process ends".to_owned());
        let _turn = self.0.opening.acquire().await.map_err(closed)?;
        if let Some(known) = self.known(name) {
            return Ok(known);
        }
        let info = self.0.models.embedders().find(|info| info.name == name);
        let info = info.ok_or_else(|| EmbedderError::Unknown(name.to_owned()))?.clone();
        check_dimension(&self.0.store, &info).await?;
        let index = self.0.place.open(name, info.dimension).await?;
        let place = self.0.place.to_string();
        // On a server other processes may be at work in it: vectors whose rows are not written yet are no surplus.
        let is_new_here = self.0.store.faces().index_place(name).await?.as_ref() != Some(&place);
        if is_new_here || !self.0.place.is_shared() {
            reconcile(&self.0.store, &*index, name, &place, |_, _| {}).await?;
        }
        let opened = Arc::new(Embedder { info, index });
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.insert(name.to_owned(), Arc::clone(&opened));
        Ok(opened)
    }

    /// Erases the model before of a plan, when its time is over: its faces, its index, its name. `true` when it is gone.
    ///
    /// # Errors
    /// [`EmbedderError`]; asking again goes on where it stopped.
    pub async fn erase_before(&self, plan: &TakeoverPlan, now: DateTime<Utc>) -> Result<bool, EmbedderError> {
        let Some((name, until)) = &plan.before else { return Ok(false) };
        if now < *until || (self.0.is_pinned && *name == self.0.first.info.name) {
            return Ok(false);
        }
        while self.0.store.takeovers().forget_faces(name).await? {}
        let held = {
            let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
            let held = open.get(name).filter(|known| Arc::strong_count(known) > 1).cloned();
            if held.is_none() {
                open.remove(name);
            }
            held
        };
        if let Some(held) = held {
            // A search has it in hand, or it was in use when the process started: then its files go at the next start.
            for session in held.index.counts().await?.into_keys() {
                held.index.delete_session(session).await?;
            }
            return Ok(false);
        }
        self.0.place.remove_model(name).await?;
        self.0.store.takeovers().forget_model(name).await?;
        self.look_again();
        Ok(true)
    }
}
