//! Times in JSON and in queries.

use chrono::{DateTime, NaiveDateTime, Utc};

use crate::http::{messages::Code, problem::Problem};

/// `2026-02-18T17:55:51.746000+00:00`, as clients of the old service expect it.
pub fn time(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

/// The camera's clock, which does not know its zone.
pub fn camera_time(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%dT%H:%M:%S").to_string()
}

/// A time that a client sent, by RFC 3339.
///
/// # Errors
/// `invalid_time`.
pub fn parsed_time(text: &str) -> Result<DateTime<Utc>, Problem> {
    let time = DateTime::parse_from_rfc3339(text).map_err(|_| Code::InvalidTime)?;
    Ok(time.to_utc())
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
