//! Identifies the sender of an `Idempotency-Key` without an account.
//!
//! The answer to a new hand-off has the id that opens it, so no stranger may get it by naming the same key. An address
//! is nobody's alone: a venue's guests share one. What only the sender has is a key that nobody guesses, such as a
//! UUID, or else a cookie that the first answer sets. A guessable key without the cookie is therefore a new request
//! each time.

use std::net::IpAddr;

use crate::{domain::UserId, secrets, throttle::network};

/// The shortest key that can hold the 122 random bits of a UUID: 22 characters of base64.
const UNGUESSABLE: usize = 22;
/// `0000…` and `abcabc…` are long, too.
const DISTINCT: usize = 8;

pub struct Sender {
    /// By which the key is filed.
    pub id: String,
    /// The cookie by which the sender is known at the next request.
    pub cookie: Option<String>,
}

impl Sender {
    /// `user` is who is signed in, `cookie` what an earlier answer gave the sender, `key` the key itself.
    #[must_use]
    pub fn of(user: Option<UserId>, address: IpAddr, cookie: Option<String>, key: &str) -> Self {
        if let Some(user) = user {
            return Self { id: user.to_string(), cookie: None };
        }
        if is_unguessable(key) {
            return Self { id: secrets::hash(&network(address).to_string()), cookie: None };
        }
        match cookie.filter(|cookie| secrets::looks_generated(cookie)) {
            Some(cookie) => Self { id: secrets::hash(&cookie), cookie: None },
            None => {
                let cookie = secrets::generate();
                Self { id: secrets::hash(&cookie), cookie: Some(cookie) }
            }
        }
    }
}

fn is_unguessable(key: &str) -> bool {
    let mut characters: Vec<char> = key.chars().collect();
    let long = characters.len() >= UNGUESSABLE;
    characters.sort_unstable();
    characters.dedup();
    long && characters.len() >= DISTINCT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_is_unguessable_and_a_number_is_not() {
        assert!(is_unguessable("0192f0c1-7a3b-4c4d-8e5f-001122334455"));
        assert!(is_unguessable("qL8mZr2vT0aXy7NwKd5cBf"));
        for guessable in [
            "",
            "a",
            "booth-1",
            "2026-11-29T17:45:00",
            "000000000000000000000000000000",
            "order-order-order-order-1",
        ] {
            assert!(!is_unguessable(guessable), "{guessable}");
        }
    }
}
