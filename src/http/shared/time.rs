//! Times in JSON and in queries.

use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};

pub use crate::domain::timestamp as time;
use crate::{
    domain::TimeZone,
    http::{extract, messages::Code, problem::Problem},
};

/// The camera's clock, which does not know its zone.
pub fn camera_time(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// A time that a client sent, by RFC 3339 or as a browser's fields have it.
///
/// # Errors
/// `invalid_time`.
pub fn parsed_time(text: &str) -> Result<DateTime<Utc>, Problem> {
    Ok(extract::time(text, NaiveTime::MIN).ok_or(Code::InvalidTime)?)
}

/// A time zone that a client named.
///
/// # Errors
/// `invalid_time_zone`.
pub fn parsed_zone(name: &str) -> Result<TimeZone, Problem> {
    Ok(name.parse().map_err(|_| Code::InvalidTimeZone)?)
}

/// A moment on the clocks of a zone, else of UTC, with how far they are ahead.
#[must_use]
pub fn time_in(zone: Option<TimeZone>, at: DateTime<Utc>) -> String {
    zone.map_or_else(|| time(at), |zone| zone.timestamp(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_keep_their_microseconds_even_when_there_are_none() {
        let at = |micros| time(DateTime::from_timestamp_micros(micros).expect("in range"));
        assert_eq!(at(1_771_437_351_746_000), "2026-02-18T17:55:51.746000+00:00");
        assert_eq!(at(1_771_437_351_000_000), "2026-02-18T17:55:51.000000+00:00");
    }
}
