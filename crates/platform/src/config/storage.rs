//! Settings of pictures on S3, under the names that other tools of S3 know.

use super::{
    ConfigError, Secret,
    values::{Found, parse_public_url},
};

/// A bucket, or a folder in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    pub name: String,
    /// Without slashes around it; may be empty.
    pub prefix: String,
}

/// How buckets are reached.
#[derive(Debug, Clone)]
pub struct S3Settings {
    /// `http://host:9000`, without a slash at its end; none: AWS.
    pub endpoint: Option<String>,
    pub region: String,
    /// None: the role of the EC2 machine that this is.
    pub keys: Option<S3Keys>,
    /// `https://host/bucket/…` rather than `https://bucket.host/…`
    pub path_style: bool,
}

#[derive(Debug, Clone)]
pub struct S3Keys {
    pub id: Secret,
    pub secret: Secret,
    /// Of keys that run out.
    pub session_token: Option<Secret>,
}

pub(super) const BUCKET: &str =
    "s3://bucket or s3://bucket/folder; its address and keys are settings of their own";

/// Reads `s3://bucket/folder`.
///
/// # Errors
/// A description of the expected value. The value itself is not in it.
pub fn bucket(value: &str) -> Result<Bucket, &'static str> {
    parse_bucket(value).ok_or(BUCKET)
}

pub(super) fn parse_bucket(value: &str) -> Option<Bucket> {
    let value = value.strip_prefix("s3://")?.trim_end_matches('/');
    let (name, prefix) = value.split_once('/').unwrap_or((value, ""));
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'-' | b'.');
    let is_name = (3..=63).contains(&name.len()) && name.bytes().all(plain);
    let is_step = |step: &str| {
        !matches!(step, "" | "." | "..")
            && step.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.'))
    };
    let sound = is_name && (prefix.is_empty() || prefix.split('/').all(is_step));
    sound.then(|| Bucket { name: name.to_owned(), prefix: prefix.to_owned() })
}

/// The names of the settings that say how to reach buckets.
pub(super) struct S3Names {
    pub(super) endpoint: &'static str,
    pub(super) region: &'static str,
    pub(super) id: &'static str,
    pub(super) secret: &'static str,
    pub(super) token: &'static str,
    pub(super) path_style: &'static str,
}

/// The names that other tools of S3 know.
pub(super) const NAMES: S3Names = S3Names {
    endpoint: "AWS_ENDPOINT_URL",
    region: "AWS_REGION",
    id: "AWS_ACCESS_KEY_ID",
    secret: "AWS_SECRET_ACCESS_KEY",
    token: "AWS_SESSION_TOKEN",
    path_style: "PIXORA_S3_PATH_STYLE",
};

/// The settings that say how to reach a bucket, whichever it is.
pub(super) fn resolve(
    find: &impl Fn(&'static str) -> Option<Found>,
    names: &S3Names,
) -> Result<S3Settings, ConfigError> {
    let visible = |name: &'static str, expected| {
        let sound = |value: &str| {
            let sound = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_graphic());
            sound.then(|| Secret::new(value.to_owned()))
        };
        find(name).map(|found| found.parse(expected, sound)).transpose()
    };
    let endpoint = find(names.endpoint)
        .map(|found| {
            found.parse("http://host:port or https://…, without user, path, query and bucket", |value| {
                parse_public_url(value).filter(|url| url.splitn(4, '/').count() == 3)
            })
        })
        .transpose()?;
    let region = match find(names.region) {
        Some(found) => found.parse("a region's name, such as eu-central-1 or auto", |value| {
            let plain = value.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'));
            (plain && (1..=64).contains(&value.len())).then(|| value.to_owned())
        })?,
        None => "us-east-1".to_owned(),
    };
    let id = visible(names.id, "a key's id, of visible ASCII characters")?;
    let secret = visible(names.secret, "a secret key, of visible ASCII characters")?;
    let session_token = visible(names.token, "a token of visible ASCII characters")?;
    let missing = |name, needed| ConfigError::Incomplete { name, needed };
    let keys = match (id, secret) {
        (Some(id), Some(secret)) => Some(S3Keys { id, secret, session_token }),
        (Some(_), None) => return Err(missing(names.id, names.secret)),
        (None, Some(_)) => return Err(missing(names.secret, names.id)),
        // Roles are AWS's: elsewhere there is nobody to ask for keys.
        (None, None) if endpoint.is_some() => {
            return Err(missing(names.endpoint, names.id));
        }
        (None, None) => None,
    };
    let path_style = match find(names.path_style) {
        Some(found) => found.parse("on or off", |value| match value {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        })?,
        // A server of one's own seldom has a name for each bucket, and AWS wants one.
        None => endpoint.is_some(),
    };
    Ok(S3Settings { endpoint, region, keys, path_style })
}
