//! Why something on the network cannot be reached, in words that an operator can act upon.
//!
//! Errors of clients hold addresses and sometimes more than that: nothing of them is repeated here.

use std::{error::Error, io};

use rustls::CertificateError;

pub const LATE: &str = "it does not answer in time";
const NO_NAME: &str = "its name cannot be resolved";
const NOT_TLS: &str = "what answers at its address does not speak TLS";
pub const NO_TLS: &str = "it does not offer TLS, which the settings ask for";

/// The network fault in the chain of an error, in words; `None` where there is none.
#[must_use]
pub fn why(error: &(dyn Error + 'static)) -> Option<&'static str> {
    let mut next = Some(error);
    let mut found = None;
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return Some(of_tls(tls));
        }
        // The names of hosts are resolved by the system, whose errors have no kind of their own.
        let text = error.to_string();
        if text.contains("failed to lookup address") || text == "dns error" {
            return Some(NO_NAME);
        }
        next = error.source();
        if let Some(io) = error.downcast_ref::<io::Error>() {
            // An error inside of it says more than its kind.
            if let Some(inner) = io.get_ref() {
                next = Some(inner);
            }
            found = of_io(io.kind()).or(found);
        }
    }
    found
}

/// The same for a client that keeps its errors as their `Debug` text only.
#[must_use]
pub fn in_debug_text(text: &str) -> Option<&'static str> {
    let tls = |error| of_tls(&rustls::Error::InvalidCertificate(error));
    let known = [
        ("UnknownIssuer", tls(CertificateError::UnknownIssuer)),
        ("NotValidForName", tls(CertificateError::NotValidForName)),
        ("NotValidYet", tls(CertificateError::NotValidYet)),
        ("Expired", tls(CertificateError::Expired)),
        ("InvalidMessage", NOT_TLS),
        ("failed to lookup address", NO_NAME),
        ("dns error", NO_NAME),
    ];
    let kinds = [
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::HostUnreachable,
        io::ErrorKind::NetworkUnreachable,
        io::ErrorKind::TimedOut,
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::UnexpectedEof,
        io::ErrorKind::BrokenPipe,
    ];
    let by_name = known.into_iter().find(|(name, _)| text.contains(name)).map(|(_, words)| words);
    by_name.or_else(|| kinds.into_iter().find(|kind| text.contains(&format!("{kind:?}"))).and_then(of_io))
}

fn of_io(kind: io::ErrorKind) -> Option<&'static str> {
    Some(match kind {
        io::ErrorKind::ConnectionRefused => {
            "the connection is refused: nobody listens at its address and port"
        }
        io::ErrorKind::TimedOut => LATE,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            "there is no way to its address"
        }
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => "the connection broke",
        _ => return None,
    })
}

fn of_tls(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            CertificateError::UnknownIssuer => {
                "its certificate is of an unknown authority, which this machine does not trust"
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "its certificate is for another name"
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "its certificate has expired"
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "its certificate is not valid yet; is this machine's clock right?"
            }
            _ => "its certificate is not accepted",
        },
        rustls::Error::InvalidMessage(_) => NOT_TLS,
        _ => "it refuses to speak TLS with us",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(inner: impl Error + Send + Sync + 'static) -> io::Error {
        io::Error::other(inner)
    }

    #[test]
    fn the_way_is_described_by_its_obstacle_and_no_address() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(why(&wrapped(refused)).is_some_and(|words| words.contains("refused")));
        let unknown = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let unknown = io::Error::new(io::ErrorKind::InvalidData, unknown);
        assert!(why(&unknown).is_some_and(|words| words.contains("unknown authority")));
        let name = io::Error::other("failed to lookup address information: Name or service not known");
        assert!(why(&name).is_some_and(|words| words.contains("resolved")));
        assert_eq!(why(&io::Error::other("postgres://user:password@db.example")), None);
    }

    #[test]
    fn a_name_that_nobody_has_is_told_from_a_closed_port() {
        let unknown = std::net::TcpStream::connect(("nobody.invalid", 1)).expect_err("nobody has this name");
        assert_eq!(why(&unknown), Some("its name cannot be resolved"), "{unknown}");
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let closed = std::net::TcpStream::connect(port.expect("a port is free")).expect_err("it is closed");
        assert!(why(&closed).is_some_and(|words| words.contains("refused")), "{closed}");
    }
}
