//! Probes that stay a little longer: a guest whose page is open is shown new photos without asking again.
//!
//! A probe is kept in memory only, while somebody follows its search and [`GRACE`] before and after that
//! (a phone changes networks), never longer than [`LONGEST`]. It is never written anywhere, and it goes at
//! once with the consent that it was made under. Searches without a consent are not kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::domain::{ConsentId, PhotoId, PhotoSessionId, SearchId};

/// How long a probe that nobody follows is kept.
pub const GRACE: Duration = Duration::from_secs(120);
/// A page that was left open over night is not looking any more.
pub const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
/// Probes at the same time; 512 numbers each, five at most: 100 MB at worst.
const MOST: usize = 10_000;

/// What a search leaves behind.
#[derive(Debug, Clone)]
pub struct Followed {
    pub session: PhotoSessionId,
    pub consent: ConsentId,
    /// The embedder that made the probes.
    pub model: String,
    /// `[n][dimension] f32`, L2-normalised.
    pub probes: Arc<[Vec<f32>]>,
    /// What the guest was shown.
    pub found: Arc<[PhotoId]>,
}

struct Kept {
    followed: Followed,
    followers: usize,
    made: Instant,
    left: Instant,
}

impl Kept {
    fn is_over(&self, now: Instant) -> bool {
        now > self.made + LONGEST || (self.followers == 0 && now > self.left + GRACE)
    }
}

/// The probes of this process; cheap to clone.
#[derive(Clone, Default)]
pub struct Probing(Arc<Mutex<HashMap<SearchId, Kept>>>);

impl Probing {
    fn kept(&self) -> MutexGuard<'_, HashMap<SearchId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a search's probes; when there is no room, they are not kept and the guest searches again.
    pub fn keep(&self, search: SearchId, followed: Followed, now: Instant) {
        let mut kept = self.kept();
        kept.retain(|_, kept| !kept.is_over(now));
        if kept.len() < MOST {
            kept.insert(search, Kept { followed, followers: 0, made: now, left: now });
        }
    }

    /// `None` when the search is not kept (any more) or belongs to another session.
    #[must_use]
    pub fn follow(&self, session: PhotoSessionId, search: SearchId, now: Instant) -> Option<Following> {
        let mut all = self.kept();
        let kept = all.get_mut(&search).filter(|k| k.followed.session == session && !k.is_over(now))?;
        kept.followers += 1;
        Some(Following { search, probing: self.clone() })
    }

    /// Drops what was kept under a withdrawn consent.
    pub fn forget(&self, consent: ConsentId) {
        self.kept().retain(|_, kept| kept.followed.consent != consent);
    }

    /// Drops everything. A page that follows a search is told nothing new until its guest searches again.
    pub fn clear(&self) {
        self.kept().clear();
    }

    /// Drops what nobody follows any more; call it now and then.
    pub fn tidy(&self, now: Instant) {
        self.kept().retain(|_, kept| !kept.is_over(now));
    }

    /// How many searches are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kept().len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One page that follows a search, as long as this lives.
pub struct Following {
    search: SearchId,
    probing: Probing,
}

impl Following {
    /// `None` once the consent was withdrawn or [`LONGEST`] has passed.
    #[must_use]
    pub fn followed(&self, now: Instant) -> Option<Followed> {
        self.probing.kept().get(&self.search).filter(|kept| !kept.is_over(now)).map(|k| k.followed.clone())
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        if let Some(kept) = self.probing.kept().get_mut(&self.search) {
            kept.followers -= 1;
            kept.left = Instant::now();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn followed(session: PhotoSessionId) -> Followed {
        let consent = ConsentId::generate();
        Followed {
            session,
            consent,
            model: "test".to_owned(),
            probes: vec![vec![1.0, 0.0]].into(),
            found: [].into(),
        }
    }

    #[test]
    fn a_probe_that_nobody_follows_is_gone_after_the_grace() {
        let (probing, session, search) =
            (Probing::default(), PhotoSessionId::generate(), SearchId::generate());
        let start = Instant::now();
        probing.keep(search, followed(session), start);
        assert!(probing.follow(session, search, start + GRACE).is_some(), "within the grace");
        // Left now, which is the start as far as the test is concerned.
        assert!(probing.follow(session, search, start + 2 * GRACE).is_none());
        probing.tidy(start + 2 * GRACE);
        assert!(probing.is_empty());
    }

    #[test]
    fn a_probe_stays_while_it_is_followed_but_not_over_night() {
        let (probing, session, search) =
            (Probing::default(), PhotoSessionId::generate(), SearchId::generate());
        let start = Instant::now();
        probing.keep(search, followed(session), start);
        let page = probing.follow(session, search, start).expect("is kept");
        probing.tidy(start + 10 * GRACE);
        assert!(page.followed(start + 10 * GRACE).is_some());
        assert!(page.followed(start + LONGEST + GRACE).is_none());
        probing.tidy(start + LONGEST + GRACE);
        assert!(probing.is_empty());
        drop(page);
    }

    #[test]
    fn another_session_cannot_follow() {
        let (probing, session, search) =
            (Probing::default(), PhotoSessionId::generate(), SearchId::generate());
        let now = Instant::now();
        probing.keep(search, followed(session), now);
        assert!(probing.follow(PhotoSessionId::generate(), search, now).is_none());
        assert!(probing.follow(session, SearchId::generate(), now).is_none());
    }

    #[test]
    fn a_withdrawn_consent_takes_its_probes_along_at_once() {
        let (probing, session, search) =
            (Probing::default(), PhotoSessionId::generate(), SearchId::generate());
        let now = Instant::now();
        let mine = followed(session);
        probing.keep(search, mine.clone(), now);
        probing.keep(SearchId::generate(), followed(session), now);
        let page = probing.follow(session, search, now).expect("is kept");
        probing.forget(mine.consent);
        assert!(page.followed(now).is_none());
        assert_eq!(probing.len(), 1);
    }
}
