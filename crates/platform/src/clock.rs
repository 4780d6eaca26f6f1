//! The system's clock. This file is the only one that reads it: `app/` hands a [`Clock`] to whatever needs the time,
//! so that a test can say what time it is.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::Clock;

/// The clock that the program runs by.
#[must_use]
pub fn system() -> Clock {
    Arc::new(now)
}

/// The time of the system's clock: for what runs before there is a clock to hand in, such as a line of the log.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
