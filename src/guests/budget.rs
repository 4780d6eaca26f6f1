//! How many searches one address, and one session, may ask for.
//!
//! A search costs a core 100 to 300 ms, so whoever asks without pause could take all of them. The limits are far above
//! what people do: a wedding of 300 guests who all search at once from behind one address, and again every quarter of
//! a minute, stays below them. What the machine can do is asked separately, and below these limits everybody takes
//! turns (`compute`).

use std::time::Duration;

use crate::{domain::PhotoSessionId, search::Asker, throttle::Throttle};

/// Searches of one address at once, then one more each time this has passed.
const OF_ADDRESS: (u32, Duration) = (600, Duration::from_millis(50));
/// The same of one session, from wherever they come.
const OF_SESSION: (u32, Duration) = (2_400, Duration::from_millis(20));

/// In memory; a restart forgives.
pub(super) struct SearchBudget {
    addresses: Throttle<Asker>,
    sessions: Throttle<PhotoSessionId>,
}

impl Default for SearchBudget {
    fn default() -> Self {
        let ((address, address_every), (session, session_every)) = (OF_ADDRESS, OF_SESSION);
        Self {
            addresses: Throttle::new(address, address_every),
            sessions: Throttle::new(session, session_every),
        }
    }
}

impl SearchBudget {
    /// Takes one search from the budgets.
    ///
    /// # Errors
    /// How long to wait before the next.
    pub(super) fn spend(&self, session: PhotoSessionId, asker: Asker) -> Result<(), Duration> {
        match asker {
            Asker::Address(_) => self.addresses.check(&asker)?,
            // The bot has a budget for each chat of its own, and the command line is the operator's.
            Asker::Chat(_) | Asker::Operator => {}
        }
        self.sessions.check(&session)
    }

    pub(super) fn forget_old(&self) {
        self.addresses.forget_old();
        self.sessions.forget_old();
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn from(address: &str) -> Asker {
        Asker::at(address.parse::<IpAddr>().expect("an address"))
    }

    #[test]
    fn a_wedding_behind_one_address_may_search_and_a_script_is_told_to_wait() {
        let (budget, session) = (SearchBudget::default(), PhotoSessionId::generate());
        let allowed = (0..2_000).filter(|_| budget.spend(session, from("203.0.113.7")).is_ok()).count();
        assert!((600..900).contains(&allowed), "{allowed}");
        let wait = budget.spend(session, from("203.0.113.7")).expect_err("is used up");
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(budget.spend(session, from("203.0.113.8")), Ok(()), "others are let in");
        // A household has many addresses of IPv6.
        let allowed = (0..2_000)
            .filter(|n| budget.spend(PhotoSessionId::generate(), from(&format!("2001:db8::{n:x}"))).is_ok())
            .count();
        assert!((600..900).contains(&allowed), "{allowed}");
    }

    #[test]
    fn a_session_has_a_budget_wherever_its_searches_come_from() {
        let (budget, session) = (SearchBudget::default(), PhotoSessionId::generate());
        let many = |n: u32| from(&format!("198.51.{}.{}", n / 250, n % 250));
        let allowed = (0..5_000).filter(|n| budget.spend(session, many(*n)).is_ok()).count();
        assert!((2_400..3_000).contains(&allowed), "{allowed}");
        assert!(budget.spend(session, Asker::Chat(1)).is_err());
        assert_eq!(
            budget.spend(PhotoSessionId::generate(), many(1)),
            Ok(()),
            "another session is not concerned"
        );
    }
}
