//! Where our requests may go: to public addresses by https, whoever has named the address, and the client that goes
//! nowhere else.

mod target;

use std::{error::Error, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::{Client, Response, header, redirect};

use crate::tls;

pub use target::{Lookup, Target, TargetError};

/// A receiver may ask to be left alone, but not for ever.
const LONGEST_RETRY_AFTER: TimeDelta = TimeDelta::hours(24);

/// A client that connects where the target permits.
///
/// # Errors
/// When the system has no certificates to trust.
pub fn client(target: &Target, timeout: Duration) -> Result<Client, reqwest::Error> {
    tls::install_provider();
    Client::builder()
        .user_agent(concat!("Pixora/", env!("CARGO_PKG_VERSION")))
        .timeout(timeout)
        .https_only(!target.allows_private())
        // Each of these could lead to an address that nobody has looked at.
        .redirect(redirect::Policy::none())
        .no_proxy()
        .dns_resolver(Arc::new(target.clone()))
        .pool_max_idle_per_host(0)
        .build()
}

/// What kept a request from its answer, for logs.
#[must_use]
pub fn code(error: &reqwest::Error) -> &'static str {
    let mut cause = error.source();
    while let Some(error) = cause {
        if let Some(target) = error.downcast_ref::<TargetError>() {
            return target.code();
        }
        cause = error.source();
    }
    if error.is_timeout() { "timed_out" } else { "connection_failed" }
}

/// The receiver's `Retry-After`, in seconds or as a date (RFC 9110, section 10.2.3).
#[must_use]
pub fn retry_after(response: &Response, now: DateTime<Utc>) -> Option<TimeDelta> {
    let value = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    let wait = match value.parse::<u32>() {
        Ok(seconds) => TimeDelta::seconds(seconds.into()),
        Err(_) => DateTime::parse_from_rfc2822(value).ok()?.with_timezone(&Utc) - now,
    };
    Some(wait.clamp(TimeDelta::zero(), LONGEST_RETRY_AFTER))
}
