//! When a picture was taken, in the many spellings that cameras, phones and editors write.

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};

/// The moment as the camera's clock showed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub local: NaiveDateTime,
    /// Minutes that the clock was ahead of UTC, where the file says so.
    pub offset_minutes: Option<i32>,
}

impl Taken {
    /// The moment in UTC, where the clock's zone is known.
    #[must_use]
    pub fn utc(&self) -> Option<NaiveDateTime> {
        self.local.checked_sub_signed(TimeDelta::minutes(i64::from(self.offset_minutes?)))
    }
}

/// Before the first digital cameras there were no pictures with a time in them; what says so has a clock
/// that was never set.
const YEARS: std::ops::Range<i32> = 1990..2100;
/// The farthest zones are 14 hours ahead and 12 behind.
const FARTHEST_MINUTES: i32 = 14 * 60;

/// Reads `2024:06:03 10:00:00` and what stands for it elsewhere: other separators, ISO 8601, missing seconds,
/// fractions of a second, a zone at the end, a date alone. `None` for zeros, blanks and nonsense.
pub(super) fn parse(text: &str) -> Option<Taken> {
    let mut rest = Scanner(text.trim_matches(|c: char| c == '\0' || c.is_whitespace()));
    let year = i32::try_from(rest.digits(4, 4)?).ok()?;
    let [month, day] = [(); 2].map(|()| rest.one_of(":-/. ").and_then(|()| rest.digits(1, 2)));
    let date = NaiveDate::from_ymd_opt(year, month?, day?)?;
    if !YEARS.contains(&year) {
        return None;
    }
    rest.skip("Tt ");
    let Some(hour) = rest.digits(1, 2) else {
        return Some(Taken { local: date.and_hms_opt(0, 0, 0)?, offset_minutes: None });
    };
    rest.one_of(":.")?;
    let minute = rest.digits(1, 2)?;
    let mut second = 0;
    let mut micros = 0;
    if rest.one_of(":").is_some() {
        second = rest.digits(1, 2)?;
        if rest.one_of(".,").is_some() {
            micros = fraction(rest.all_digits());
        }
    }
    // Midnight at a day's end, and a leap second: both are the moment after.
    let (days, hour) = if (hour, minute, second) == (24, 0, 0) { (1, 0) } else { (0, hour) };
    let leap = u32::from(second == 60);
    let time =
        date.checked_add_days(Days::new(days))?.and_hms_micro_opt(hour, minute, second - leap, micros)?;
    let local = time.checked_add_signed(TimeDelta::seconds(i64::from(leap)))?;
    rest.skip(" ");
    Some(Taken { local, offset_minutes: offset(rest.0) })
}

/// `+03:00`, `-0800`, `+3` or `Z`, in minutes.
pub(super) fn offset(text: &str) -> Option<i32> {
    let mut rest = Scanner(text.trim_matches(|c: char| c == '\0' || c.is_whitespace()));
    if rest.one_of("Zz").is_some() {
        return Some(0);
    }
    let sign = if rest.one_of("+").is_some() { 1 } else { rest.one_of("-\u{2212}").map(|()| -1)? };
    let hours = i32::try_from(rest.digits(1, 2)?).ok()?;
    let _ = rest.one_of(":");
    let minutes = rest.digits(2, 2).map_or(0, |minutes| minutes as i32);
    let total = hours * 60 + minutes;
    (minutes < 60 && total <= FARTHEST_MINUTES).then_some(sign * total)
}

/// The offset that lies between a local clock and the same moment in UTC, when it is one that zones have:
/// whole quarters of an hour, with up to two minutes for a clock that is a little off.
pub(super) fn offset_between(local: NaiveDateTime, utc: NaiveDateTime) -> Option<i32> {
    let seconds = local.signed_duration_since(utc).num_seconds();
    let quarters = (seconds as f64 / 900.0).round() as i64;
    let minutes = i32::try_from(quarters * 15).ok()?;
    ((seconds - quarters * 900).abs() <= 120 && minutes.abs() <= FARTHEST_MINUTES).then_some(minutes)
}

/// Digits behind the point as microseconds.
pub(super) fn fraction(digits: &str) -> u32 {
    let six = digits.bytes().filter(u8::is_ascii_digit).chain(std::iter::repeat(b'0')).take(6);
    six.fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0'))
}

struct Scanner<'a>(&'a str);

impl Scanner<'_> {
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if count < least {
            return None;
        }
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        digits.parse().ok()
    }

    fn all_digits(&mut self) -> &str {
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at(count);
        self.0 = rest;
        digits
    }

    fn one_of(&mut self, characters: &str) -> Option<()> {
        let first = self.0.chars().next().filter(|c| characters.contains(*c))?;
        self.0 = &self.0[first.len_utf8()..];
        Some(())
    }

    fn skip(&mut self, characters: &str) {
        self.0 = self.0.trim_start_matches(|c| characters.contains(c));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_time_are_read() {
        let cases = [
            ("2024:06:03 10:00:00", "2024-06-03 10:00:00", None),
            ("2024-06-03 10:00:00", "2024-06-03 10:00:00", None),
            ("2024/06/03 10:01:00\0", "2024-06-03 10:01:00", None),
            ("2024-06-03T10:02:00", "2024-06-03 10:02:00", None),
            ("2024:06:03 10:03", "2024-06-03 10:03:00", None),
            ("2024:06:03", "2024-06-03 00:00:00", None),
            ("2024:06:03  9:04:05", "2024-06-03 09:04:05", None),
            ("2024:06:03 24:00:00", "2024-06-04 00:00:00", None),
            ("2024:06:03 10:05:60", "2024-06-03 10:06:00", None),
            ("2024:06:03 10:06:00+03:00", "2024-06-03 10:06:00", Some(180)),
            ("2024:06:03 10:07:00.250", "2024-06-03 10:07:00.250", None),
            ("2024-06-03T10:07:00.5Z", "2024-06-03 10:07:00.500", Some(0)),
            ("2024-06-03T10:07:00-0330", "2024-06-03 10:07:00", Some(-210)),
        ];
        for (text, local, offset_minutes) in cases {
            let taken = parse(text).unwrap_or_else(|| panic!("{text} is a time"));
            assert_eq!(
                (taken.local.to_string().as_str(), taken.offset_minutes),
                (local, offset_minutes),
                "{text}"
            );
        }
    }

    #[test]
    fn nonsense_is_no_time() {
        let texts = [
            "",
            "0000:00:00 00:00:00",
            "    :  :     :  :  ",
            "0001:01:01 00:00:00",
            "1904:01:01 00:00:00",
            "1970:01:01 00:00:00",
            "9999:12:31 23:59:59",
            "2024:13:01 00:00:00",
            "2024:02:30 10:00:00",
            "2024:06:03 25:00:00",
            "2024:06:03 10:61:00",
            "yesterday",
            "20",
            "2024",
            "2024:06",
        ];
        for text in texts {
            assert_eq!(parse(text), None, "{text:?}");
        }
        for text in ["", "03:00", "+15:00", "+03:61", "+", "local"] {
            assert_eq!(offset(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_clock_beside_gps_time_tells_its_zone() {
        let at = |text| parse(text).expect("a time").local;
        let utc = at("2024:06:03 10:00:00");
        assert_eq!(offset_between(at("2024:06:03 13:00:41"), utc), Some(180));
        assert_eq!(offset_between(at("2024:06:03 15:44:00"), utc), Some(345));
        assert_eq!(offset_between(at("2024:06:03 13:07:00"), utc), None);
        assert_eq!(offset_between(at("2024:06:05 10:00:00"), utc), None);
    }
}
