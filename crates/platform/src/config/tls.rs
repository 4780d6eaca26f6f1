//! Whether we speak TLS ourselves, and with whose certificate.

use std::path::PathBuf;

use hyper::Uri;

use super::{ConfigError, values::Found};
use crate::tls::AcmeAccount;

const MODES: &str = "off, self-signed, acme or files";
const PRODUCTION: &str = "https://acme-v02.api.letsencrypt.org/directory";
const STAGING: &str = "https://acme-staging-v02.api.letsencrypt.org/directory";

/// Where the certificate comes from.
#[derive(Debug, Clone)]
pub enum Tls {
    /// Plain http; a proxy may do it for us.
    Off,
    /// Our own authority vouches for it.
    SelfSigned,
    Acme(AcmeAccount),
    /// Somebody puts it there and renews it, PEM.
    Files {
        certificate: PathBuf,
        key: PathBuf,
    },
}

/// Before it is known whether the rest fits.
pub(super) fn is_on(mode: Found) -> bool {
    mode.value.expose().trim() != "off"
}

impl Tls {
    pub(super) fn resolve(
        find: impl Fn(&'static str) -> Option<Found>,
        public_url: &str,
    ) -> Result<Self, ConfigError> {
        let unmet = |value, needed| ConfigError::Unmet { name: "PIXORA_TLS", value, needed };
        let file = |name| -> Result<Option<PathBuf>, ConfigError> {
            let parse = |v: &str| Some(PathBuf::from(v)).filter(|path| path.is_file());
            find(name).map(|found| found.parse("the path of an existing file", parse)).transpose()
        };
        let Some(mode) = find("PIXORA_TLS") else { return Ok(Self::Off) };
        let mode =
            mode.parse(MODES, |v| ["off", "self-signed", "acme", "files"].into_iter().find(|m| *m == v))?;
        if mode != "off" && !public_url.starts_with("https://") {
            return Err(unmet(mode, "PIXORA_PUBLIC_URL begins with http://: it must begin with https://"));
        }
        match mode {
            "self-signed" => Ok(Self::SelfSigned),
            "files" => match (file("PIXORA_TLS_CERT")?, file("PIXORA_TLS_KEY")?) {
                (Some(certificate), Some(key)) => Ok(Self::Files { certificate, key }),
                _ => Err(unmet(mode, "PIXORA_TLS_CERT and PIXORA_TLS_KEY must both name a file")),
            },
            "acme" if !can_be_certified(public_url) => Err(unmet(
                mode,
                "PIXORA_PUBLIC_URL must be https:// with a name of the public internet and no port: the \
                 directory looks at port 443, and certifies no local names and no addresses here",
            )),
            "acme" => Ok(Self::Acme(AcmeAccount {
                contact: find("PIXORA_ACME_CONTACT")
                    .map(|found| {
                        found.parse("a mail address", |v| {
                            (v.contains('@') && !v.contains(':')).then(|| v.to_owned())
                        })
                    })
                    .transpose()?,
                directory: match find("PIXORA_ACME_DIRECTORY") {
                    Some(found) => found.parse("production, staging or an https:// URL", |v| match v {
                        "production" => Some(PRODUCTION.to_owned()),
                        "staging" => Some(STAGING.to_owned()),
                        url => url.starts_with("https://").then(|| url.to_owned()),
                    })?,
                    None => PRODUCTION.to_owned(),
                },
                authority: file("PIXORA_ACME_CA")?,
            })),
            _ => Ok(Self::Off),
        }
    }
}

/// Whether a directory can certify the URL's host, and find it at the port where it looks.
fn can_be_certified(public_url: &str) -> bool {
    let Ok(uri) = public_url.parse::<Uri>() else { return false };
    let host = uri.host().unwrap_or_default();
    let local = ["localhost", "local", "internal", "home.arpa"];
    let is_local = local.iter().any(|end| {
        host.rsplit_once(end)
            .is_some_and(|(rest, after)| after.is_empty() && (rest.is_empty() || rest.ends_with('.')))
    });
    let is_address = host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok();
    uri.port_u16().is_none_or(|port| port == 443) && host.contains('.') && !is_local && !is_address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_certifies_what_the_whole_world_finds_at_port_443() {
        for url in ["https://photos.example", "https://photos.example:443", "https://a.b.example/path"] {
            assert!(can_be_certified(url), "{url}");
        }
        for url in [
            "https://photos.example:8443",
            "https://192.0.2.7",
            "https://[2001:db8::7]",
            "https://localhost",
            "https://photos.localhost",
            "https://home.arpa",
            "https://nas",
        ] {
            assert!(!can_be_certified(url), "{url}");
        }
        assert!(can_be_certified("https://notlocal.example") && can_be_certified("https://mylocal.example"));
    }
}
