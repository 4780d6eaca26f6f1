//! Devices on which somebody has signed in before, known by a cookie that outlives the sign-in.
//!
//! It opens nothing: with it a sign-in is counted by itself (see `throttle`), so that no stranger's guesses keep the
//! owner out. It is signed, not stored; another password makes all of a user's cookies worthless.

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    domain::UserId,
    secrets::{self, LinkSigner},
};

/// How long a device is known after the last sign-in on it.
pub const KNOWN_LIFE: TimeDelta = TimeDelta::days(180);
const PURPOSE: &str = "known_device";

/// The text of the cookie, for a user with this password.
pub fn issue(signer: &LinkSigner, user: UserId, password_hash: &str, now: DateTime<Utc>) -> String {
    let until = now + KNOWN_LIFE;
    // Devices differ, so that each has tries of its own.
    let device = secrets::generate();
    let signature = signer.sign(PURPOSE, &subject(user, password_hash, &device), Some(until));
    format!("{}.{device}.{signature}", until.timestamp())
}

/// Whether we made that text for this user with this password, not too long ago.
pub fn is_known(
    signer: &LinkSigner,
    text: &str,
    user: UserId,
    password_hash: &str,
    now: DateTime<Utc>,
) -> bool {
    let mut parts = text.splitn(3, '.');
    let (Some(until), Some(device), Some(signature)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let until = until.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    until.is_some_and(|until| {
        signer.verify(PURPOSE, &subject(user, password_hash, device), Some(until), now, signature)
    })
}

fn subject(user: UserId, password_hash: &str, device: &str) -> String {
    format!("{user} {device} {}", secrets::hash(password_hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_known_to_its_user_under_the_same_password_for_half_a_year() {
        let signer = LinkSigner::shared("of the tests");
        let (user, now) = (UserId::generate(), Utc::now());
        let cookie = issue(&signer, user, "hash", now);
        assert_ne!(cookie, issue(&signer, user, "hash", now), "each device has its own");
        let known =
            |text: &str, user, hash, days| is_known(&signer, text, user, hash, now + TimeDelta::days(days));
        assert!(known(&cookie, user, "hash", 179));
        assert!(!known(&cookie, user, "hash", 181));
        assert!(!known(&cookie, user, "another hash", 1));
        assert!(!known(&cookie, UserId::generate(), "hash", 1));
        for forged in ["", "..", "9999999999..", &cookie.replacen('.', ".x", 1), &format!("9{cookie}")] {
            assert!(!known(forged, user, "hash", 1), "{forged}");
        }
    }
}
