//! Where a request comes from, in words for its user: device and browser from the user agent, place
//! from a MaxMind-format file if the operator has one. What is not known stays empty.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
};

use maxminddb::{Reader, geoip2};
use woothee::parser::Parser;

use crate::store::Origin;

/// What a request says of itself.
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
        let parts: Vec<_> = [place.city.names.english, place.country.names.english].into_iter().flatten().collect();
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

    #[test]
    fn a_place_file_that_is_none_stops_the_start() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), "no database").expect("is written");
        assert!(OriginReader::open(Some(file.path())).is_err());
    }
}
