//! Settings of the FTP door for cameras.

use std::{
    net::{Ipv4Addr, SocketAddr},
    ops::RangeInclusive,
};

use super::{
    ConfigError, Tls,
    values::{Found, whole_number},
};

const PORTS: &str = "a range of at most 1,000 ports from 1024 on, such as 50000-50099";
/// One port carries one transfer at a time.
const MOST_PORTS: u16 = 1_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FtpSettings {
    pub bind: SocketAddr,
    /// The ports over which files come.
    pub ports: RangeInclusive<u16>,
    /// The address that cameras are told to send files to, where it is not the one that they signed in at.
    pub address: Option<Ipv4Addr>,
    /// Whether passwords and photos come by TLS only.
    pub requires_tls: bool,
}

pub(super) fn resolve(
    find: &impl Fn(&'static str) -> Option<Found>,
    tls: &Tls,
) -> Result<Option<FtpSettings>, ConfigError> {
    let ports = match find("PIXORA_FTP_PASSIVE_PORTS") {
        Some(found) => found.parse(PORTS, range)?,
        None => 50_000..=50_099,
    };
    let address = find("PIXORA_FTP_PASSIVE_ADDRESS")
        .map(|found| found.parse("an IPv4 address", |text| text.parse().ok()))
        .transpose()?;
    let requires_tls = match find("PIXORA_FTP_REQUIRE_TLS") {
        Some(found) => found.parse("1 or 0", whole_number(0, 1))? == 1,
        None => false,
    };
    if requires_tls && matches!(tls, Tls::Off) {
        let needed = "PIXORA_TLS is off: FTP has the certificates of the web pages";
        return Err(ConfigError::Unmet { name: "PIXORA_FTP_REQUIRE_TLS", value: "1", needed });
    }
    let Some(bind) = find("PIXORA_FTP_BIND") else { return Ok(None) };
    let bind = bind.parse("an address and a port, such as 0.0.0.0:2121", |text| text.parse().ok())?;
    Ok(Some(FtpSettings { bind, ports, address, requires_tls }))
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-')?;
    let (first, last): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first >= 1024 && first <= last && last - first < MOST_PORTS).then_some(first..=last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_ports_is_bounded_and_begins_where_no_right_is_needed() {
        assert_eq!(range("50000-50099"), Some(50_000..=50_099));
        assert_eq!(range("2121 - 2121"), Some(2121..=2121));
        for bad in ["", "50000", "20-30", "50099-50000", "1024-65535", "50000-70000", "a-b"] {
            assert_eq!(range(bad), None, "{bad}");
        }
    }
}
