//! Extractors whose rejections are problems.

use std::str::FromStr;

use axum::{
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
    http::{HeaderMap, header, request::Parts},
};
use bytes::Bytes;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::{messages::Code, problem::Problem};

/// An id from text that a client sent.
///
/// # Errors
/// `malformed_id`.
pub fn id<T: FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Code::MalformedId.into())
}

/// Ids from texts that a client sent.
///
/// # Errors
/// `malformed_id`.
pub fn ids<T: FromStr>(texts: &[String]) -> Result<Vec<T>, Problem> {
    texts.iter().map(|text| id(text)).collect()
}

/// The one id in a path.
pub struct PathId<T>(pub T);

impl<T: FromStr, S: Send + Sync> FromRequestParts<S> for PathId<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        // Not percent-decodable, or not UTF-8: no id either.
        let Path(text) =
            Path::<String>::from_request_parts(parts, state).await.map_err(|_| Code::MalformedId)?;
        id(&text).map(Self)
    }
}

/// Two ids in a path.
pub struct PathIds<A, B>(pub A, pub B);

impl<A: FromStr, B: FromStr, S: Send + Sync> FromRequestParts<S> for PathIds<A, B> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((a, b)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| Code::MalformedId)?;
        Ok(Self(id(&a)?, id(&b)?))
    }
}

/// A JSON body.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        json_bytes(request, state).await.and_then(|bytes| from_json(&bytes)).map(Self)
    }
}

/// The bytes of a body that says that it is JSON.
///
/// # Errors
/// `unsupported_type`, `body_too_large`, `malformed_body`.
pub async fn json_bytes<S: Send + Sync>(request: Request, state: &S) -> Result<Bytes, Problem> {
    if !is_json(request.headers()) {
        return Err(Code::UnsupportedType.into());
    }
    Ok(Bytes::from_request(request, state).await?)
}

/// The media type of a body in lower case, without parameters.
pub fn media_type(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

pub fn is_json(headers: &HeaderMap) -> bool {
    let media_type = media_type(headers);
    media_type == "application/json"
        || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

/// Reads what a client sent as JSON.
///
/// # Errors
/// As [`from_value`].
pub fn from_json<T: DeserializeOwned>(json: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(json);
    let value = from_value(&mut json)?;
    json.end().map_err(|_| Code::MalformedBody)?;
    Ok(value)
}

/// Reads what a client sent. Nothing of it is passed over: a member that is not known is refused by its name.
///
/// # Errors
/// `unknown_field` with the member, `malformed_body`.
pub fn from_value<'de, T: DeserializeOwned>(sent: impl Deserializer<'de>) -> Result<T, Problem> {
    let mut unknown = None;
    let read = serde_ignored::deserialize(sent, |member| {
        unknown.get_or_insert_with(|| member.to_string());
    });
    match unknown {
        Some(member) => Err(unknown_field(&member)),
        None => read.map_err(|_| Code::MalformedBody.into()),
    }
}

/// The refusal of a field that an address does not take.
pub fn unknown_field(name: &str) -> Problem {
    let name: String = name.chars().take(64).collect();
    Problem::new(Code::UnknownField).with("field", name)
}

/// A name as we write it: the old systems wrote `photoSessionId` for `photo_session_id`.
pub fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// A time as clients write it: RFC 3339, or as a browser's fields have it, which know no zone and are taken for UTC:
/// `2026-06-20T17:00`, and `2026-06-20`, which stands for `time` of that day.
pub fn time(text: &str, time: NaiveTime) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let whole = DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc());
    let local = |form| NaiveDateTime::parse_from_str(text, form).ok();
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(|day| day.and_time(time));
    let field = || local("%Y-%m-%dT%H:%M").or_else(|| local("%Y-%m-%dT%H:%M:%S")).or_else(day);
    whole.or_else(|| field().map(|at| at.and_utc()))
}

/// Tells a member that is `null` from one that is left out.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(from).map(Some)
}

/// Query parameters.
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(value) = Query::from_request_parts(parts, state).await?;
        Ok(Self(value))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Line {
        #[serde(alias = "photoId")]
        photo_id: u32,
    }

    #[derive(Debug, Deserialize)]
    struct Cart {
        lines: Vec<Line>,
        data: Option<serde_json::Value>,
    }

    #[test]
    fn a_member_that_is_not_known_is_refused_by_its_name_wherever_it_stands() {
        let read = |json: &str| from_json::<Cart>(json.as_bytes());
        let cart = read(r#"{"lines":[{"photoId":7}],"data":{"boothId":1}} "#).expect("all of it is known");
        assert_eq!((cart.lines[0].photo_id, cart.data.is_some()), (7, true));
        for (json, code, field) in [
            (r#"{"lines":[],"coupon":1}"#, Code::UnknownField, Some("coupon")),
            (r#"{"lines":[{"photo_id":7,"foto":1}]}"#, Code::UnknownField, Some("lines.0.foto")),
            // A missing field may have been misspelt.
            (r#"{"line":[]}"#, Code::UnknownField, Some("line")),
            (r#"{"lines":7}"#, Code::MalformedBody, None),
            (r#"{"lines":[]} {}"#, Code::MalformedBody, None),
            ("", Code::MalformedBody, None),
        ] {
            let problem = read(json).expect_err(json);
            assert_eq!(
                (problem.code(), problem.member("field").and_then(|it| it.as_str())),
                (code, field),
                "{json}"
            );
        }
    }

    #[test]
    fn the_old_spelling_of_a_name_is_read_as_ours() {
        for (old, ours) in
            [("photoSessionId", "photo_session_id"), ("is_selected", "is_selected"), ("sha256", "sha256")]
        {
            assert_eq!(snake_case(old), ours);
        }
    }
}
