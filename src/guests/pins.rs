//! Galleries that open with a PIN: who typed it in holds a pass for one visit.

use std::{net::IpAddr, time::Duration};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

use crate::{
    domain::{PhotoSession, PhotoSessionId},
    secrets::{self, LinkSigner},
    throttle::{Throttle, network},
};

/// The purpose of a pass, for the signer.
const PURPOSE: &str = "gallery";
/// How long a pass is good.
pub const PASS_LIFE: TimeDelta = TimeDelta::hours(12);
/// Wrong PINs of one network in a session at once, then one more each time this has passed.
const OF_NETWORK: (u32, Duration) = (10, Duration::from_secs(30));
/// The same of a session, from wherever they come: four digits take a month to try through.
const OF_SESSION: (u32, Duration) = (100, Duration::from_secs(240));

/// What a guest's device holds: passes of the galleries whose PIN was typed in on it, keys of the couple (see `ListKeys`).
#[derive(Debug, Clone, Default)]
pub struct Pass(Vec<String>);

impl Pass {
    /// `held`: of whatever galleries.
    #[must_use]
    pub fn of(held: Vec<String>) -> Self {
        Self(held)
    }

    /// With a key that the device is being given.
    #[must_use]
    pub fn with(mut self, key: Option<String>) -> Self {
        self.0.extend(key);
        self
    }

    /// Passes and keys, as the device sent them.
    pub(super) fn held(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Of somebody who cannot have typed in anything.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }
}

/// Why a PIN did not open a gallery.
pub(super) enum Refused {
    Wrong,
    TooOften(Duration),
}

pub(super) struct Pins {
    links: LinkSigner,
    networks: Throttle<(PhotoSessionId, IpAddr)>,
    sessions: Throttle<PhotoSessionId>,
}

impl Pins {
    pub(super) fn new(links: LinkSigner) -> Self {
        let ((network, network_every), (session, session_every)) = (OF_NETWORK, OF_SESSION);
        let networks = Throttle::new(network, network_every);
        Self { links, networks, sessions: Throttle::new(session, session_every) }
    }

    /// Whether the session asks for no PIN, or the guest has typed in the one that it asks for now.
    pub(super) fn lets_in(&self, session: &PhotoSession, pass: &Pass, now: DateTime<Utc>) -> bool {
        let Some(pin) = &session.terms.pin else { return true };
        let id = signed(session.id, pin);
        pass.0.iter().any(|held| {
            let Some((expires, key)) = held.split_once('.') else { return false };
            let expires =
                expires.parse().ok().and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, 0));
            expires.is_some_and(|expires| self.links.verify(PURPOSE, &id, Some(expires), now, key))
        })
    }

    /// What is kept of the PIN that the session asks for now, so that it is known whether it has changed since.
    pub(super) fn known(session: &PhotoSession) -> Option<String> {
        session.terms.pin.as_ref().map(|pin| secrets::hash(&signed(session.id, pin)))
    }

    /// The pass of who knows the PIN. Only wrong ones count against who tries.
    pub(super) fn unlock(
        &self,
        session: &PhotoSession,
        address: IpAddr,
        tried: &str,
        now: DateTime<Utc>,
    ) -> Result<String, Refused> {
        let Some(pin) = &session.terms.pin else { return Err(Refused::Wrong) };
        let from = (session.id, network(address));
        self.networks.check(&from).map_err(Refused::TooOften)?;
        self.sessions.check(&session.id).map_err(Refused::TooOften)?;
        // Hashes: how long the comparison takes says nothing about the PIN. A phone may write its first letter large.
        if secrets::hash(&tried.trim().to_lowercase()) != secrets::hash(&pin.to_lowercase()) {
            return Err(Refused::Wrong);
        }
        self.networks.give_back(&from);
        self.sessions.give_back(&session.id);
        let expires = (now + PASS_LIFE).trunc_subsecs(0);
        let key = self.links.sign(PURPOSE, &signed(session.id, pin), Some(expires));
        Ok(format!("{}.{key}", expires.timestamp()))
    }

    pub(super) fn forget_old(&self) {
        self.networks.forget_old();
        self.sessions.forget_old();
    }
}

/// Another PIN closes the gallery to those who typed in the old one.
fn signed(session: PhotoSessionId, pin: &str) -> String {
    format!("{session} {}", secrets::hash(pin))
}
