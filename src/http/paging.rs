//! Pages of a list: how much, from where, and where the next one begins.

use std::str::FromStr;

use super::{messages::Code, problem::Problem};

/// Things on a page, where the client does not say.
pub const USUAL: u32 = 50;
const MOST: u32 = 200;

/// `limit` of the query.
///
/// # Errors
/// `invalid_limit`.
pub fn limit(text: Option<&str>, usual: u32) -> Result<u32, Problem> {
    match text.map(str::parse) {
        None => Ok(usual),
        Some(Ok(limit)) if (1..=MOST).contains(&limit) => Ok(limit),
        Some(_) => Err(Code::InvalidLimit.into()),
    }
}

/// `cursor` of the query.
///
/// # Errors
/// `invalid_cursor`.
pub fn after<C: FromStr>(text: Option<String>) -> Result<Option<C>, Problem> {
    Ok(text.map(|text| text.parse().map_err(|_| Code::InvalidCursor)).transpose()?)
}

/// Cuts a list that was asked for one thing more than `limit` back to it; that one more says that there
/// is a next page, which begins behind the last thing left.
pub fn cut<T>(things: &mut Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Option<String> {
    let more = things.len() > limit as usize;
    things.truncate(limit as usize);
    things.last().filter(|_| more).map(cursor)
}
