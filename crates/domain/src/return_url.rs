//! Where a found photo leads: the studio's own page of it, or its cart.

use std::{fmt, str::FromStr};

use super::{ExternalId, Invalid, PhotoId, PhotoSessionId};

/// The longest template, in bytes.
const LONGEST: usize = 500;
/// Letters of the part behind the host that stand for themselves. Braces enclose placeholders only.
const PLAIN: &str = "-._~:/?#[]@!$&'()*+,;=%";

/// A template of an https address, with `{session_id}`, `{photo_id}` and `{external_id}` behind the host. What is
/// put in is percent-encoded, so that it cannot become another part of the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnUrl(String);

impl ReturnUrl {
    /// The address for one photo; `None` where the template names an external id and the photo has none.
    #[must_use]
    pub fn fill(
        &self,
        session: PhotoSessionId,
        photo: PhotoId,
        external: Option<&ExternalId>,
    ) -> Option<String> {
        let mut url = String::with_capacity(self.0.len() + 64);
        let mut rest = self.0.as_str();
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}')?;
            url.push_str(before);
            match name {
                "session_id" => url.push_str(&session.to_string()),
                "photo_id" => url.push_str(&photo.to_string()),
                _ => url.push_str(&encoded(external?.as_str())),
            }
            rest = after;
        }
        url.push_str(rest);
        Some(url)
    }
}

impl FromStr for ReturnUrl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_one = || -> Option<()> {
            let rest = text.strip_prefix("https://").filter(|_| text.len() <= LONGEST)?;
            let (authority, mut rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
            let (host, port) =
                authority.split_once(':').map_or((authority, "443"), |(host, port)| (host, port));
            port.parse::<u16>().ok().filter(|port| *port != 0)?;
            let is_label = |label: &str| {
                !label.is_empty()
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            };
            host.split('.').all(is_label).then_some(())?;
            let is_plain = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || PLAIN.contains(c));
            while let Some((before, behind)) = rest.split_once('{') {
                let (name, after) = behind.split_once('}')?;
                let is_ours = matches!(name, "session_id" | "photo_id" | "external_id");
                (is_ours && is_plain(before)).then_some(())?;
                rest = after;
            }
            is_plain(rest).then_some(())
        };
        is_one().map(|()| Self(text.to_owned())).ok_or(Invalid("return address"))
    }
}

impl fmt::Display for ReturnUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Everything but the unreserved characters of RFC 3986 as `%` and two hex digits.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_stays_one_part_of_the_address() {
        let (session, photo) = (PhotoSessionId::generate(), PhotoId::generate());
        let template: ReturnUrl =
            "https://studio.example:8443/s/{session_id}?photo={external_id}&p={photo_id}#cart"
                .parse()
                .expect("is one");
        let id: ExternalId = "a/../b?x=1&y=\"2\"#z <я>{photo_id}%2f\n".parse().expect("is one");
        let url = template.fill(session, photo, Some(&id)).expect("has an id");
        let escaped = "a%2F..%2Fb%3Fx%3D1%26y%3D%222%22%23z%20%3C%D1%8F%3E%7Bphoto_id%7D%252f%0A";
        assert_eq!(url, format!("https://studio.example:8443/s/{session}?photo={escaped}&p={photo}#cart"));
        assert_eq!(template.fill(session, photo, None), None);
        let plain: ReturnUrl = "https://studio.example/{photo_id}".parse().expect("is one");
        assert_eq!(plain.fill(session, photo, None), Some(format!("https://studio.example/{photo}")));
    }

    #[test]
    fn only_https_and_own_placeholders_behind_the_host_are_a_template() {
        for none in [
            "",
            "http://studio.example/{external_id}",
            "HTTPS://studio.example/",
            "javascript:alert(1)",
            "//studio.example/",
            "https://",
            "https:///a",
            "https://{external_id}/",
            "https://{external_id}.studio.example/",
            "https://user@studio.example/",
            "https://studio.example:0/",
            "https://studio.example:99999/",
            "https://studio..example/",
            "https://-studio.example/",
            "https://studio.example\\@evil.example/",
            "https://studio.example/{guest}",
            "https://studio.example/{external_id",
            "https://studio.example/external_id}",
            "https://studio.example/{{external_id}}",
            "https://studio.example/a b",
            "https://studio.example/\"><script>",
            "https://studio.example/\u{430}",
            "https://studio.example/\n",
            &format!("https://studio.example/{}", "a".repeat(LONGEST)),
        ] {
            assert!(none.parse::<ReturnUrl>().is_err(), "{none}");
        }
    }
}
