//! Conditional and partial answers (RFC 9110, sections 13 and 14).

use std::ops::Range;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::http::{messages::Code, problem::Problem};

/// Whether the client's copy is the one named by `etag`.
#[must_use]
pub fn not_modified(headers: &HeaderMap, etag: &str) -> bool {
    let weak = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| tag.trim() == "*" || weak(tag) == weak(etag))
}

/// The requested bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Part {
    All,
    Some(Range<usize>),
    Unsatisfiable,
}

/// Reads `Range` for a body of `length` bytes. A range that is not understood, several at once, or one
/// for another version (`If-Range`) asks for everything.
#[must_use]
pub fn part(headers: &HeaderMap, etag: &str, length: usize) -> Part {
    let text = |name| headers.get(name).and_then(|value: &axum::http::HeaderValue| value.to_str().ok());
    if text(header::IF_RANGE).is_some_and(|tag| tag != etag) {
        return Part::All;
    }
    let Some((first, last)) =
        text(header::RANGE).and_then(|r| r.strip_prefix("bytes=")).and_then(|r| r.split_once('-'))
    else {
        return Part::All;
    };
    let number =
        |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<usize>().ok()).flatten();
    match (first, last) {
        ("", suffix) => match number(suffix) {
            Some(0) => Part::Unsatisfiable,
            Some(_) if length == 0 => Part::Unsatisfiable,
            Some(n) => Part::Some(length.saturating_sub(n)..length),
            None => Part::All,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(from), _)
                if from >= length && (last.is_empty() || number(last).is_some_and(|to| to >= from)) =>
            {
                Part::Unsatisfiable
            }
            (Some(from), None) if last.is_empty() => Part::Some(from..length),
            (Some(from), Some(to)) if to >= from => Part::Some(from..length.min(to.saturating_add(1))),
            _ => Part::All,
        },
    }
}

/// Answers with the whole or the part that was asked for; `body` makes those bytes. `etag` is strong and quoted,
/// `common` are the headers of every answer that is not a failure.
pub async fn partial(
    headers: &HeaderMap,
    etag: &str,
    mut common: HeaderMap,
    length: u64,
    body: impl AsyncFnOnce(Range<u64>) -> Result<Body, Problem>,
) -> Result<Response, Problem> {
    common.insert(header::ETAG, HeaderValue::from_str(etag).map_err(Problem::internal)?);
    common.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if not_modified(headers, etag) {
        common.remove(header::CONTENT_DISPOSITION);
        return Ok((StatusCode::NOT_MODIFIED, common).into_response());
    }
    let (status, range) = match part(headers, etag, usize::try_from(length).map_err(Problem::internal)?) {
        Part::All => (StatusCode::OK, 0..length),
        Part::Some(range) => {
            let described = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            common
                .insert(header::CONTENT_RANGE, HeaderValue::from_str(&described).map_err(Problem::internal)?);
            (StatusCode::PARTIAL_CONTENT, range.start as u64..range.end as u64)
        }
        Part::Unsatisfiable => {
            let described = [(header::CONTENT_RANGE, format!("bytes */{length}"))];
            return Ok((described, Problem::new(Code::RangeNotSatisfiable)).into_response());
        }
    };
    common.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
    Ok((status, common, body(range).await?).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), value.parse().expect("a legal header"))).collect()
    }

    #[test]
    fn ranges_of_a_body_of_ten_bytes() {
        let cases = [
            ("bytes=0-3", Part::Some(0..4)),
            ("bytes=3-", Part::Some(3..10)),
            ("bytes=-4", Part::Some(6..10)),
            ("bytes=-99", Part::Some(0..10)),
            ("bytes=8-99", Part::Some(8..10)),
            ("bytes=10-", Part::Unsatisfiable),
            ("bytes=10-12", Part::Unsatisfiable),
            ("bytes=-0", Part::Unsatisfiable),
            ("bytes=5-2", Part::All),
            ("bytes=-", Part::All),
            ("bytes=0-1,3-4", Part::All),
            ("bytes=+1-2", Part::All),
            ("lines=1-2", Part::All),
            ("bytes=0-18446744073709551615", Part::Some(0..10)),
        ];
        for (value, expected) in cases {
            assert_eq!(part(&headers(&[(header::RANGE, value)]), "\"a\"", 10), expected, "{value}");
        }
    }

    #[test]
    fn a_range_of_another_version_gets_everything() {
        let range = |tag| headers(&[(header::RANGE, "bytes=0-3"), (header::IF_RANGE, tag)]);
        assert_eq!(part(&range("\"a\""), "\"a\"", 10), Part::Some(0..4));
        assert_eq!(part(&range("\"b\""), "\"a\"", 10), Part::All);
    }

    #[test]
    fn etags_are_compared_weakly() {
        let matches = |value| not_modified(&headers(&[(header::IF_NONE_MATCH, value)]), "\"a\"");
        assert!(matches("\"a\"") && matches("W/\"a\"") && matches("\"b\", \"a\"") && matches("*"));
        assert!(!matches("\"b\"") && !not_modified(&HeaderMap::new(), "\"a\""));
    }
}
