//! How often somebody may try to sign in.
//!
//! Tries at one account are counted for each network, so that a stranger uses up their own tries and not the
//! owner's. One more bucket bounds all networks together; it slows down a guesser who has many of them. A device on
//! which the owner has signed in before is known by a cookie of its own, has tries of its own, and waits for no
//! stranger. Only tries that fail count at an account: one that succeeds is given back.

use std::{net::IpAddr, time::Duration};

use super::AccountError;
use crate::{domain::UserId, secrets, throttle};

pub struct Throttle {
    /// Of an account, from one network.
    near: throttle::Throttle<(String, IpAddr)>,
    /// Of an account, from everywhere.
    all: throttle::Throttle<String>,
    known_devices: throttle::Throttle<String>,
    addresses: throttle::Throttle<IpAddr>,
    /// The same of cameras, whose right passwords are given back: fifty of them may come at once.
    cameras: throttle::Throttle<IpAddr>,
    passwords: throttle::Throttle<String>,
    /// Codes of the second step, by account: whoever guesses them knows the password.
    second_steps: throttle::Throttle<String>,
    /// Links that somebody has mailed, by account or address.
    mails: throttle::Throttle<String>,
}

impl Default for Throttle {
    fn default() -> Self {
        let guesses = || throttle::Throttle::new(10, Duration::from_secs(30));
        Self {
            // Ten tries, then one every half minute: 2,890 guesses a day at one account.
            near: throttle::Throttle::new(10, Duration::from_secs(30)),
            // Two hundred tries, then one every five seconds, from however many networks: 17,480 guesses a day.
            all: throttle::Throttle::new(200, Duration::from_secs(5)),
            known_devices: guesses(),
            // Thirty tries, then one every two seconds: a studio behind one address does not notice.
            addresses: throttle::Throttle::new(30, Duration::from_secs(2)),
            cameras: throttle::Throttle::new(30, Duration::from_secs(2)),
            passwords: guesses(),
            // Five tries, then one a minute: 1,445 guesses a day among a million codes, of which three are right.
            second_steps: throttle::Throttle::new(5, Duration::from_secs(60)),
            // Three mails, then one every ten minutes, to whomever.
            mails: throttle::Throttle::new(3, Duration::from_secs(600)),
        }
    }
}

/// A try to sign in that has been counted.
pub struct Counted<'a> {
    throttle: &'a Throttle,
    whose: Whose,
}

enum Whose {
    KnownDevice(String),
    Stranger { near: (String, IpAddr), all: String },
    Camera { near: (String, IpAddr), all: String },
}

impl Counted<'_> {
    /// The password was right: the try is not one of those that are slowed down.
    pub fn succeeded(self) {
        match &self.whose {
            Whose::KnownDevice(device) => self.throttle.known_devices.give_back(device),
            Whose::Stranger { near, all } => {
                self.throttle.near.give_back(near);
                self.throttle.all.give_back(all);
            }
            Whose::Camera { near, all } => {
                self.throttle.cameras.give_back(&near.1);
                self.throttle.near.give_back(near);
                self.throttle.all.give_back(all);
            }
        }
    }
}

impl Throttle {
    /// Counts a try at an account, whether it exists or not, from a device that is not known. Keeps the name by
    /// hash only.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn stranger(&self, login: &str, ip: IpAddr) -> Result<Counted<'_>, AccountError> {
        self.address(ip)?;
        let (near, all) = self.at_account(login, ip)?;
        Ok(Counted { throttle: self, whose: Whose::Stranger { near, all } })
    }

    /// Counts a camera's try. `login` is no user's: a name of its own keeps the two apart.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn camera(&self, login: &str, ip: IpAddr) -> Result<Counted<'_>, AccountError> {
        self.cameras.check(&throttle::network(ip)).map_err(AccountError::TooManyAttempts)?;
        let (near, all) = self.at_account(&format!("camera {login}"), ip)?;
        Ok(Counted { throttle: self, whose: Whose::Camera { near, all } })
    }

    fn at_account(&self, login: &str, ip: IpAddr) -> Result<((String, IpAddr), String), AccountError> {
        let all = secrets::hash(login);
        let near = (all.clone(), throttle::network(ip));
        self.near.check(&near).map_err(AccountError::TooManyAttempts)?;
        self.all.check(&all).map_err(AccountError::TooManyAttempts)?;
        Ok((near, all))
    }

    /// Counts a try from a device that its user has signed in on before. `device` is its signed cookie.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn known_device(&self, device: &str) -> Result<Counted<'_>, AccountError> {
        let device = secrets::hash(device);
        self.known_devices.check(&device).map_err(AccountError::TooManyAttempts)?;
        Ok(Counted { throttle: self, whose: Whose::KnownDevice(device) })
    }

    /// Counts a try from an address.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn address(&self, ip: IpAddr) -> Result<(), AccountError> {
        self.addresses.check(&throttle::network(ip)).map_err(AccountError::TooManyAttempts)
    }

    /// Counts a try to change a password, by who is signed in: `whose` is their device.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn password(&self, whose: &str) -> Result<(), AccountError> {
        self.passwords.check(&whose.to_owned()).map_err(AccountError::TooManyAttempts)
    }

    /// Counts somebody who asks for a link for another password, whether there is such an account or not.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn reset(&self, login: &str, ip: IpAddr) -> Result<(), AccountError> {
        self.address(ip)?;
        self.mail(login)
    }

    /// Counts a code of somebody who has given the right password.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn second_step(&self, user: UserId) -> Result<(), AccountError> {
        self.second_steps.check(&user.to_string()).map_err(AccountError::TooManyAttempts)
    }

    /// The code was right: it is not one of those that are slowed down.
    pub fn second_step_taken(&self, user: UserId) {
        self.second_steps.give_back(&user.to_string());
    }

    /// Counts a link that is mailed to an account or an address.
    ///
    /// # Errors
    /// [`AccountError::TooManyAttempts`].
    pub fn mail(&self, reader: &str) -> Result<(), AccountError> {
        self.mails.check(&secrets::hash(reader)).map_err(AccountError::TooManyAttempts)
    }

    /// Forgets who has been quiet long enough to have all tries again.
    pub fn forget_old(&self) {
        self.near.forget_old();
        self.all.forget_old();
        self.known_devices.forget_old();
        self.addresses.forget_old();
        self.cameras.forget_old();
        self.passwords.forget_old();
        self.mails.forget_old();
        self.second_steps.forget_old();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(198, 51, 100, 7));

    #[test]
    fn the_eleventh_try_at_one_account_from_one_network_must_wait() {
        let throttle = Throttle::default();
        for _ in 0..10 {
            throttle.stranger("anna@example.com", HERE).expect("within the burst");
        }
        let refused = throttle.stranger("anna@example.com", HERE).err().expect("too many");
        assert!(
            matches!(refused, AccountError::TooManyAttempts(wait) if wait > Duration::from_secs(20)),
            "{refused}"
        );
        throttle.stranger("ivan@example.com", HERE).expect("another account is not concerned");
        throttle.stranger("anna@example.com", THERE).expect("nor is the owner, elsewhere");
        throttle.known_device("the owner's").expect("nor on a device of theirs, here");
    }

    #[test]
    fn many_networks_together_are_bounded_but_do_not_keep_a_known_device_out() {
        let throttle = Throttle::default();
        let mut let_in = 0;
        for network in 0..100_u8 {
            for _ in 0..10 {
                let_in +=
                    u32::from(throttle.stranger("anna@example.com", [10, 0, 0, network].into()).is_ok());
            }
        }
        assert!((200..210).contains(&let_in), "{let_in} guesses");
        throttle.known_device("the owner's").expect("is let in");
    }

    #[test]
    fn fifty_cameras_of_one_network_sign_in_and_a_guesser_there_must_wait() {
        let throttle = Throttle::default();
        for _ in 0..50 {
            throttle.camera("pxabcdefgh", HERE).expect("is let in").succeeded();
        }
        let mut guesses = 0;
        while throttle.camera(&format!("px{guesses}"), HERE).is_ok() {
            guesses += 1;
        }
        assert!((30..35).contains(&guesses), "{guesses} guesses");
        throttle.camera("pxabcdefgh", THERE).expect("another network is not concerned");
    }

    #[test]
    fn a_right_password_uses_nothing_up() {
        let throttle = Throttle::default();
        for network in 0..4_u8 {
            for _ in 0..25 {
                let counted = throttle.stranger("anna@example.com", [10, 0, 0, network].into());
                counted.expect("is let in").succeeded();
                throttle.known_device("the owner's").expect("is let in").succeeded();
            }
        }
    }
}
