//! A session's terms as a studio writes them in JSON.

use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::{
    domain::PriceId,
    http::{extract, messages::Code, problem::Problem, shared::parsed_time},
    photo_sessions::TermsChange,
};

/// A field that a body gives, removes with `null`, or leaves out.
type Given<T> = Option<Option<T>>;

/// The terms as they were sent.
pub(super) struct GivenTerms {
    pub pin: Given<String>,
    pub reveals_at: Given<String>,
    pub ends_at: Given<String>,
    pub at_end: Option<String>,
    pub downloads: Option<String>,
    pub watermark: Option<bool>,
    pub prices: Given<Vec<String>>,
}

impl GivenTerms {
    /// # Errors
    /// `malformed_body` for a word, a time or an id that is none.
    pub(super) fn read(self) -> Result<TermsChange, Problem> {
        Ok(TermsChange {
            pin: self.pin,
            reveals_at: moment(self.reveals_at)?,
            ends_at: moment(self.ends_at)?,
            at_end: word(self.at_end)?,
            downloads: word(self.downloads)?,
            watermark: self.watermark,
            prices: self.prices.map(|prices| prices.map(ids).transpose()).transpose()?,
        })
    }
}

/// # Errors
/// `malformed_body`.
pub(super) fn moment(given: Given<String>) -> Result<Given<DateTime<Utc>>, Problem> {
    given.map(|time| time.as_deref().map(parsed_time).transpose()).transpose()
}

fn word<T: FromStr>(given: Option<String>) -> Result<Option<T>, Problem> {
    Ok(given.map(|word| word.parse().map_err(|_| Code::MalformedBody)).transpose()?)
}

fn ids(given: Vec<String>) -> Result<Vec<PriceId>, Problem> {
    given.iter().map(|id| extract::id(id)).collect()
}
