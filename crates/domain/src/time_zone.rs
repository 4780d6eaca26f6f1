//! The zone in which the times of a session are shown.

use std::{fmt, str::FromStr};

use chrono::{DateTime, NaiveDateTime, Offset, TimeZone as _, Utc};

use super::Invalid;

/// A time zone of the IANA database, with its rules for summer and winter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeZone(chrono_tz::Tz);

impl TimeZone {
    /// The name of the zone: `Europe/Berlin`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// What clocks show there at a moment.
    #[must_use]
    pub fn clock(self, at: DateTime<Utc>) -> NaiveDateTime {
        at.with_timezone(&self.0).naive_local()
    }

    /// A moment as everything that we write shows it, by the clocks there: `2026-02-18T20:55:51.746000+03:00`.
    #[must_use]
    pub fn timestamp(self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.0).format("%Y-%m-%dT%H:%M:%S%.6f%:z").to_string()
    }

    /// Minutes ahead of UTC when clocks there show this. In the hour that comes twice its first turn counts, in the one
    /// that is left out the time before it.
    #[must_use]
    pub fn minutes_ahead(self, clock: NaiveDateTime) -> i32 {
        let offset = match self.0.offset_from_local_datetime(&clock) {
            chrono::LocalResult::Single(offset) | chrono::LocalResult::Ambiguous(offset, _) => offset.fix(),
            chrono::LocalResult::None => self.0.offset_from_utc_datetime(&clock).fix(),
        };
        offset.local_minus_utc() / 60
    }
}

impl FromStr for TimeZone {
    type Err = Invalid;

    fn from_str(name: &str) -> Result<Self, Invalid> {
        name.parse().map(Self).map_err(|_| Invalid("time zone"))
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;

    fn at(day: u32, month: u32, hour: u32) -> NaiveDateTime {
        let date = NaiveDate::from_ymd_opt(2026, month, day).expect("a date");
        date.and_hms_opt(hour, 30, 0).expect("a time")
    }

    #[test]
    fn a_zone_knows_summer_and_winter() {
        let berlin: TimeZone = "Europe/Berlin".parse().expect("a zone");
        assert_eq!(berlin.minutes_ahead(at(15, 7, 18)), 120);
        assert_eq!(berlin.minutes_ahead(at(15, 1, 18)), 60);
        // 2:30 comes twice on 25 October and not at all on 29 March.
        assert_eq!(berlin.minutes_ahead(at(25, 10, 2)), 120);
        assert_eq!(berlin.minutes_ahead(at(29, 3, 2)), 120);
        assert_eq!(berlin.clock(at(15, 7, 18).and_utc()), at(15, 7, 20));
        assert_eq!("Asia/Kolkata".parse::<TimeZone>().expect("a zone").minutes_ahead(at(15, 1, 18)), 330);
    }

    #[test]
    fn only_names_of_zones_are_zones() {
        for wrong in ["", "Berlin", "europe/berlin ", "+03:00", "Mars/Olympus"] {
            assert!(wrong.parse::<TimeZone>().is_err(), "{wrong}");
        }
        assert_eq!("Europe/Moscow".parse::<TimeZone>().expect("a zone").to_string(), "Europe/Moscow");
    }
}
