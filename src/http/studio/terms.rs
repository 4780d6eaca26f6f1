//! How a studio says in JSON how a session's gallery is closed and what it offers.

use crate::{
    domain::PriceId,
    http::{extract, messages::Code, problem::Problem, shared::parsed_time},
    photo_sessions::TermsChange,
};
use chrono::{DateTime, Utc};

use super::session::SessionChangeJson;

/// Takes the part of a change that is about the gallery's terms.
pub(super) fn terms(change: &mut SessionChangeJson) -> Result<TermsChange, Problem> {
    let prices = change.prices.take();
    Ok(TermsChange {
        pin: change.pin.take(),
        reveals_at: moment(change.reveals_at.take())?,
        ends_at: moment(change.ends_at.take())?,
        at_end: word(change.at_end.as_deref())?,
        downloads: word(change.downloads.as_deref())?,
        watermark: change.watermark,
        prices: prices.map(|prices| prices.map(ids).transpose()).transpose()?,
    })
}

/// A time that a body gives, removes, or leaves out.
pub(super) fn moment(given: Option<Option<String>>) -> Result<Option<Option<DateTime<Utc>>>, Problem> {
    given.map(|time| time.as_deref().map(parsed_time).transpose()).transpose()
}

fn word<T: std::str::FromStr>(given: Option<&str>) -> Result<Option<T>, Problem> {
    Ok(given.map(|word| word.parse().map_err(|_| Code::MalformedBody)).transpose()?)
}

fn ids(given: Vec<String>) -> Result<Vec<PriceId>, Problem> {
    given.iter().map(|id| extract::id(id)).collect()
}
