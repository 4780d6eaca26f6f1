//! Where a request comes from, in words for its user: device and browser from the user agent, place
//! from a MaxMind-format file if the operator has one. What is not known stays empty.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use maxminddb::{Reader, geoip2};
use woothee::parser::Parser;

use crate::store::Origin;

/// The address and the user agent of a request.
#[derive(Debug, Clone)]
pub struct Client {
    pub ip: IpAddr,
    pub user_agent: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the place database {path} cannot be used: {reason}")]
pub struct PlacesError {
    path: PathBuf,
    reason: maxminddb::MaxMindDbError,
}

pub struct OriginReader {
    user_agents: Parser,
    places: Option<Reader<Vec<u8>>>,
}

impl OriginReader {
    /// `places` is a file in MaxMind's format with city or country records.
    ///
    /// # Errors
    /// [`PlacesError`] when the file cannot be read.
    pub fn open(places: Option<&Path>) -> Result<Self, PlacesError> {
        let open = |path: &Path| {
            Reader::open_readfile(path).map_err(|reason| PlacesError { path: path.to_owned(), reason })
        };
        Ok(Self { user_agents: Parser::new(), places: places.map(open).transpose()? })
    }

    #[must_use]
    pub fn read(&self, client: &Client) -> Origin {
        let agent = self.user_agents.parse(&client.user_agent);
        let known = |text: &str| (text != "UNKNOWN" && !text.is_empty()).then(|| text.to_owned());
        let is_tablet = client.user_agent.contains("iPad")
            || (client.user_agent.contains("Android") && !client.user_agent.contains("Mobile"));
        let device = match agent.as_ref().map(|agent| agent.category) {
            Some("pc" | "smartphone") if is_tablet => "tablet",
            Some("smartphone" | "mobilephone") => "phone",
            Some("pc") => "computer",
            _ => "unknown",
        };
        Origin {
            ip: client.ip.to_canonical().to_string(),
            device: device.to_owned(),
            os: agent.as_ref().and_then(|agent| known(agent.os)),
            browser: agent.as_ref().and_then(|agent| {
                let major = agent.version.split('.').next().and_then(known);
                Some(known(agent.name)? + &major.map_or_else(String::new, |version| format!(" {version}")))
            }),
            location: self.place(client.ip),
        }
    }

    /// `City, Country`, or what of it is known.
    fn place(&self, ip: IpAddr) -> Option<String> {
        let found = self.places.as_ref()?.lookup(ip.to_canonical()).ok()?;
        let place = found.decode::<geoip2::City<'_>>().ok()??;
        let parts: Vec<_> =
            [place.city.names.english, place.country.names.english].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(user_agent: &str) -> Origin {
        let reader = OriginReader::open(None).expect("needs no file");
        reader.read(&Client { ip: [192, 0, 2, 7].into(), user_agent: user_agent.into() })
    }

    #[test]
    fn a_user_agent_is_told_in_words() {
        let cases = [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                ("computer", Some("Linux"), Some("Chrome 140")),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                ("phone", Some("iPhone"), Some("Safari 18")),
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Tab) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
                ("tablet", Some("Android"), Some("Chrome 140")),
            ),
            ("something else", ("unknown", None, None)),
            ("", ("unknown", None, None)),
        ];
        for (user_agent, (device, os, browser)) in cases {
            let origin = read(user_agent);
            assert_eq!(
                (origin.device.as_str(), origin.os.as_deref(), origin.browser.as_deref()),
                (device, os, browser),
                "{user_agent}"
            );
            assert_eq!(origin.location, None, "a place is never made up");
        }
    }

    /// A database in MaxMind's format (its specification 2.0) that knows one place, for 0.0.0.0/1.
    fn tiny_database() -> Vec<u8> {
        fn text(text: &str) -> Vec<u8> {
            [&[0b0100_0000 | u8::try_from(text.len()).expect("short")], text.as_bytes()].concat()
        }
        fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
            let mut bytes = vec![0b1110_0000 | u8::try_from(pairs.len()).expect("few")];
            for (key, value) in pairs {
                bytes.extend(text(key));
                bytes.extend(value);
            }
            bytes
        }
        let number = |value: u8| vec![0b1010_0001, value];
        let named = |name: &str| map(&[("names", map(&[("en", text(name))]))]);
        // One node of two 24-bit records: the first points behind the tree and its separator, at the
        // data's beginning; the second says "nothing known".
        let mut bytes = vec![0, 0, 1 + 16, 0, 0, 1];
        bytes.extend([0; 16]);
        bytes.extend(map(&[("city", named("Testville")), ("country", named("Utopia"))]));
        bytes.extend(b"\xab\xcd\xefMaxMind.com");
        bytes.extend(map(&[
            ("node_count", vec![0b1100_0001, 1]),
            ("record_size", number(24)),
            ("ip_version", number(4)),
            ("database_type", text("Test-City")),
            ("languages", vec![0b0000_0000, 4]),
            ("binary_format_major_version", number(2)),
            ("binary_format_minor_version", number(0)),
            ("build_epoch", vec![0b0000_0001, 2, 1]),
            ("description", map(&[])),
        ]));
        bytes
    }

    #[test]
    fn a_place_comes_from_the_configured_file_and_nowhere_else() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), tiny_database()).expect("is written");
        let reader = OriginReader::open(Some(file.path())).expect("is a database");
        let place = |ip: [u8; 4]| reader.read(&Client { ip: ip.into(), user_agent: String::new() }).location;
        assert_eq!(place([10, 0, 0, 1]).as_deref(), Some("Testville, Utopia"));
        assert_eq!(place([200, 0, 0, 1]), None);
        assert_eq!(
            reader
                .read(&Client { ip: "2001:db8::1".parse().expect("an address"), user_agent: String::new() })
                .location,
            None,
            "a database of IPv4 knows no IPv6"
        );
    }

    #[test]
    fn a_place_file_that_is_none_stops_the_start() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), "no database").expect("is written");
        assert!(OriginReader::open(Some(file.path())).is_err());
    }
}
