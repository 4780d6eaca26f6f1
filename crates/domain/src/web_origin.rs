//! A web site of a studio's, as browsers name it.

use std::{fmt, str::FromStr};

use super::Invalid;

/// The longest origin, in bytes: a name of the DNS has 253.
const LONGEST: usize = 270;

/// `https://host` or `https://host:port`, written as browsers write it in `Origin`. Plain http counts on this machine
/// only, where a site is tried out. There is no wildcard.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct WebOrigin(String);

impl WebOrigin {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for WebOrigin {
    type Err = Invalid;

    /// Takes an origin with a slash at its end too, as people copy it from the address bar.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_one = || -> Option<String> {
            let text = text.trim().to_ascii_lowercase();
            let text = text.strip_suffix('/').unwrap_or(&text);
            let (scheme, authority) = text.split_once("://").filter(|_| text.len() <= LONGEST)?;
            let (host, port) =
                authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
            let usual = match scheme {
                "https" => 443,
                "http" if ["localhost", "127.0.0.1"].contains(&host) => 80,
                _ => return None,
            };
            let is_label = |label: &str| {
                (1..=63).contains(&label.len())
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            };
            host.split('.').all(is_label).then_some(())?;
            let Some(port) = port else { return Some(format!("{scheme}://{host}")) };
            let is_digits = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
            let port: u16 = port.parse().ok().filter(|port| *port != 0 && is_digits)?;
            // Browsers leave the usual port out.
            Some(if port == usual {
                format!("{scheme}://{host}")
            } else {
                format!("{scheme}://{host}:{port}")
            })
        };
        is_one().map(Self).ok_or(Invalid("origin"))
    }
}

impl fmt::Display for WebOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (text, expected) in [
            ("https://studio.example", "https://studio.example"),
            (" HTTPS://Studio.Example/ ", "https://studio.example"),
            ("https://studio.example:443", "https://studio.example"),
            ("https://studio.example:8443/", "https://studio.example:8443"),
            ("https://xn--80a.example", "https://xn--80a.example"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
        ] {
            assert_eq!(text.parse::<WebOrigin>().expect("is one").as_str(), expected, "{text}");
        }
    }

    #[test]
    fn wildcards_paths_and_whatever_ends_a_policy_are_no_origin() {
        for none in [
            "",
            "*",
            "null",
            "https://*",
            "https://*.studio.example",
            "http://studio.example",
            "http://localhost.evil.example",
            "https://studio.example/page",
            "https://studio.example?x",
            "https://studio.example#x",
            "https://user@studio.example",
            "https://studio.example;script-src",
            "https://studio.example https://evil.example",
            "https://studio.example,https://evil.example",
            "https://studio.example\nx",
            "https://studio.example:0",
            "https://studio.example:",
            "https://studio.example:+44",
            "https://studio.example:99999",
            "https://студия.example",
            "https://",
            "studio.example",
            "file:///",
            &format!("https://{}.example", "a".repeat(64)),
            &format!("https://{}example", "aaaaaaaaa.".repeat(27)),
        ] {
            assert!(none.parse::<WebOrigin>().is_err(), "{none}");
        }
    }
}
