//! Where other machines find this one.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket},
};

/// The address by which the local network most likely reaches this machine: the one that the way out begins
/// at, or else one of a private network.
#[must_use]
pub fn reachable() -> Option<IpAddr> {
    // Of a network for documentation (RFC 5737): the kernel looks up the way there, nothing is sent.
    let outward = |socket: UdpSocket| {
        socket.connect((Ipv4Addr::new(198, 51, 100, 1), 9))?;
        socket.local_addr()
    };
    let outward = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(outward);
    let outward = outward.ok().map(|address| address.ip()).filter(|ip| !ip.is_loopback());
    outward.or_else(|| private().into_iter().next())
}

/// This machine's addresses in private networks, IPv4 first. Others come and go with the provider, and are not
/// what a phone in the same room uses.
pub fn private() -> Vec<IpAddr> {
    // Elsewhere than on Linux these files are missing.
    let v4 = fs::read_to_string("/proc/net/fib_trie").unwrap_or_default();
    let v6 = fs::read_to_string("/proc/net/if_inet6").unwrap_or_default();
    let mut found: Vec<IpAddr> = ipv4(&v4).into_iter().map(IpAddr::V4).collect();
    found.extend(ipv6(&v6).into_iter().map(IpAddr::V6));
    found.retain(is_private);
    found.dedup();
    found
}

/// Private by RFC 1918 or 4193, or shared by RFC 6598 as virtual networks do; not link-local, which needs a zone
/// in the address.
fn is_private(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || (ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64),
        IpAddr::V6(ip) => ip.is_unique_local(),
    }
}

/// The kernel's table of routes: an own address stands in the line before `/32 host LOCAL`.
fn ipv4(fib_trie: &str) -> Vec<Ipv4Addr> {
    let lines = fib_trie.lines();
    let pairs = lines.clone().zip(lines.skip(1)).filter(|(_, next)| next.contains("/32 host LOCAL"));
    let mut found: Vec<_> =
        pairs.filter_map(|(line, _)| line.trim_start_matches([' ', '|', '-']).parse().ok()).collect();
    found.sort_unstable();
    found
}

/// One address a line, as 32 hexadecimal digits before a blank.
fn ipv6(if_inet6: &str) -> Vec<Ipv6Addr> {
    let first = if_inet6.lines().filter_map(|line| line.split_whitespace().next());
    let mut found: Vec<_> =
        first.filter_map(|hex| u128::from_str_radix(hex, 16).ok()).map(Ipv6Addr::from).collect();
    found.sort_unstable();
    found
}

/// The host name of this machine, in lower case.
pub fn hostname() -> Option<String> {
    let name =
        fs::read_to_string("/proc/sys/kernel/hostname").or_else(|_| fs::read_to_string("/etc/hostname"));
    name.ok().map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_addresses_are_read_from_the_tables_of_the_kernel() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 192.168.1.0\n        /24 link UNICAST\n     \
                    |-- 192.168.1.7\n        /32 host LOCAL\n     |-- 192.168.1.255\n        \
                    /32 link BROADCAST\nLocal:\n     |-- 192.168.1.7\n        /32 host LOCAL\n     \
                    |-- 127.0.0.1\n        /32 host LOCAL\n";
        let own = [[127, 0, 0, 1], [192, 168, 1, 7], [192, 168, 1, 7]].map(Ipv4Addr::from);
        assert_eq!(ipv4(trie), own);
        let table = "fd000000000000000000000000000002 04 40 00 82     eth0\n\
                     fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n";
        let [local, link] = ipv6(table).try_into().expect("two addresses");
        assert_eq!(local.to_string(), "fd00::2");
        assert!(is_private(&local.into()) && !is_private(&link.into()));
        assert!(is_private(&IpAddr::from([100, 64, 0, 1])) && !is_private(&IpAddr::from([100, 128, 0, 1])));
        assert!(!is_private(&IpAddr::from([192, 0, 2, 1])));
    }
}
