//! Probes that stay a little longer: a guest whose page is open is shown new photos without asking again, and a guest
//! who comes back finds what they found.
//!
//! A probe is kept in memory only. While the guest's device holds the token of its search ([`Probing::remember`]), it
//! stays for one visit, which is [`LONGEST`]; a search without a token stays while somebody follows it, and [`GRACE`]
//! before and after that (a phone changes networks). It is never written anywhere, and it goes at once with the consent
//! that it was made under. Searches without a consent are not kept.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    domain::{ConsentId, PhotoId, PhotoSessionId, SearchId},
    secrets,
};

/// How long a probe that nobody follows is kept.
pub const GRACE: Duration = Duration::from_secs(120);
/// How long a visit is at most. A page that was left open over night is not looking any more.
pub const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);
/// Probes at the same time; 512 numbers each, five at most: 100 MB at worst.
const MOST: usize = 10_000;

/// The state that a search leaves in memory.
#[derive(Debug, Clone)]
pub struct Followed {
    pub session: PhotoSessionId,
    pub consent: ConsentId,
    /// The embedder that made the probes.
    pub model: String,
    /// `[n][dimension] f32`, L2-normalised.
    pub probes: Arc<[Vec<f32>]>,
    /// The photos that the guest was shown.
    pub found: Arc<[PhotoId]>,
}

struct Kept {
    followed: Followed,
    followers: usize,
    /// The hash of the token by which the guest's device asks for the search again.
    token: Option<String>,
    made: Instant,
    left: Instant,
}

impl Kept {
    fn is_over(&self, now: Instant) -> bool {
        let is_wanted = self.followers > 0 || self.token.is_some();
        now > self.made + LONGEST || (!is_wanted && now > self.left + GRACE)
    }
}

/// The probes of this process; cheap to clone.
#[derive(Clone, Default)]
pub struct Probing(Arc<Mutex<HashMap<SearchId, Kept>>>);

impl Probing {
    fn kept(&self) -> MutexGuard<'_, HashMap<SearchId, Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a search's probes. When there is no room, the search that nobody has looked at for longest makes way;
    /// while all of them are looked at, this one is not kept and its guest searches again.
    pub fn keep(&self, search: SearchId, followed: Followed, now: Instant) {
        let mut kept = self.kept();
        kept.retain(|_, kept| !kept.is_over(now));
        if kept.len() >= MOST {
            let left = kept.iter().filter(|(_, kept)| kept.followers == 0).min_by_key(|(_, kept)| kept.left);
            if let Some(oldest) = left.map(|(search, _)| *search) {
                kept.remove(&oldest);
            }
        }
        if kept.len() < MOST {
            kept.insert(search, Kept { followed, followers: 0, token: None, made: now, left: now });
        }
    }

    /// Makes the token by which the guest's device may ask for the search again. A device remembers one search: its
    /// `earlier` token no longer counts, nor does that of an earlier search under the same consent. `None` when the
    /// search is not kept.
    #[must_use]
    pub fn remember(&self, search: SearchId, earlier: Option<&str>) -> Option<String> {
        let mut all = self.kept();
        let consent = all.get(&search)?.followed.consent;
        let earlier = earlier.map(secrets::hash);
        let is_replaced = |kept: &&mut Kept| kept.followed.consent == consent || kept.token == earlier;
        for kept in all.values_mut().filter(is_replaced) {
            kept.token = None;
        }
        let token = secrets::generate();
        all.get_mut(&search)?.token = Some(secrets::hash(&token));
        Some(token)
    }

    /// The search of the session that the token was made for; `None` when it is not kept (any more).
    #[must_use]
    pub fn remembered(
        &self,
        session: PhotoSessionId,
        token: &str,
        now: Instant,
    ) -> Option<(SearchId, Followed)> {
        let token = secrets::hash(token);
        let mut all = self.kept();
        let (search, kept) = all.iter_mut().find(|(_, kept)| kept.token.as_ref() == Some(&token))?;
        if kept.followed.session != session || kept.is_over(now) {
            return None;
        }
        kept.left = now;
        Some((*search, kept.followed.clone()))
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
    fn what_a_token_remembers_stays_for_a_visit_and_no_longer() {
        let (probing, session, search) =
            (Probing::default(), PhotoSessionId::generate(), SearchId::generate());
        let start = Instant::now();
        let mine = followed(session);
        probing.keep(search, mine.clone(), start);
        let token = probing.remember(search, None).expect("is kept");
        probing.tidy(start + 10 * GRACE);
        let (found, kept) = probing.remembered(session, &token, start + 10 * GRACE).expect("is remembered");
        assert_eq!((found, kept.consent), (search, mine.consent));
        assert!(probing.remembered(PhotoSessionId::generate(), &token, start).is_none(), "another session");
        assert!(probing.remembered(session, "guessed", start).is_none());
        assert!(probing.remembered(session, &token, start + LONGEST + GRACE).is_none());

        let second = SearchId::generate();
        probing.keep(second, mine, start);
        let newer = probing.remember(second, None).expect("is kept");
        assert!(probing.remembered(session, &token, start).is_none(), "one consent has one token");
        assert!(probing.remembered(session, &newer, start).is_some());
        let third = SearchId::generate();
        probing.keep(third, followed(session), start);
        assert!(probing.remember(third, Some(&newer)).is_some());
        assert!(probing.remembered(session, &newer, start).is_none(), "another person on the same device");
        assert!(probing.remember(SearchId::generate(), None).is_none());
    }

    #[test]
    fn where_there_is_no_room_the_search_that_was_left_first_makes_way() {
        let (probing, session) = (Probing::default(), PhotoSessionId::generate());
        let start = Instant::now();
        let searches: Vec<_> = (0..=MOST).map(|_| SearchId::generate()).collect();
        for (n, search) in searches.iter().enumerate() {
            probing.keep(*search, followed(session), start + Duration::from_millis(n as u64));
        }
        assert_eq!(probing.len(), MOST);
        assert!(probing.follow(session, searches[0], start).is_none());
        assert!(probing.follow(session, searches[MOST], start).is_some());
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
