//! How often somebody may try to sign in: for each account and for each address.

use std::{net::IpAddr, time::Duration};

use super::AccountError;
use crate::{secrets, throttle};

pub struct Throttle {
    accounts: throttle::Throttle<String>,
    addresses: throttle::Throttle<IpAddr>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            // Ten tries, then one every half minute: 2,890 guesses a day at one account.
            accounts: throttle::Throttle::new(10, Duration::from_secs(30)),
            // Thirty tries, then one every two seconds: a studio behind one address does not notice.
            addresses: throttle::Throttle::new(30, Duration::from_secs(2)),
        }
    }
}

impl Throttle {
    /// Counts a try from an address.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn address(&self, ip: IpAddr) -> Result<(), AccountError> {
        self.addresses.check(&throttle::network(ip)).map_err(AccountError::TooManyAttempts)
    }

    /// Counts a try at an account, whether it exists or not. Keeps the name by hash only.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn account(&self, login: &str) -> Result<(), AccountError> {
        self.accounts.check(&secrets::hash(login)).map_err(AccountError::TooManyAttempts)
    }

    /// Forgets who has been quiet long enough to have all tries again.
    pub fn forget_old(&self) {
        self.accounts.forget_old();
        self.addresses.forget_old();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_try_at_one_account_must_wait() {
        let throttle = Throttle::default();
        for _ in 0..10 {
            throttle.account("anna@example.com").expect("within the burst");
        }
        let refused = throttle.account("anna@example.com").expect_err("too many");
        assert!(
            matches!(refused, AccountError::TooManyAttempts(wait) if wait > Duration::from_secs(20)),
            "{refused}"
        );
        throttle.account("ivan@example.com").expect("another account is not concerned");
    }
}
