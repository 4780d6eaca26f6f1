//! An authority of our own, for a network where nobody else vouches for us.
//!
//! Its certificate may be put onto phones, so it is made once and to last. It can vouch only for what a local
//! network has: private addresses, local names, and the host of the public URL (name constraints, RFC 5280,
//! 4.2.1.10), so that its key is of little use to a thief. The server's certificate is made by it, for thirteen
//! months at most, as long as browsers take one, and anew whenever it would soon not do.

use std::{fs, net::IpAddr, path::Path, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints,
};
use rustls::{
    pki_types::{CertificateDer, ServerName, pem::PemObject},
    sign::CertifiedKey,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{TlsError, addresses, certificates};
use crate::secrets;

const AUTHORITY_LASTS: TimeDelta = TimeDelta::days(3650);
const SERVER_LASTS: TimeDelta = TimeDelta::days(396);
/// A certificate that ends sooner is made anew.
const RENEWED_BEFORE: TimeDelta = TimeDelta::days(30);
/// The clocks of phones may be wrong by so much.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::days(1);

/// Networks that nobody can have for themselves in the internet, with the length of their prefix.
const LOCAL_NETWORKS: [(&str, u8); 9] = [
    ("10.0.0.0", 8),
    ("172.16.0.0", 12),
    ("192.168.0.0", 16),
    ("100.64.0.0", 10),
    ("169.254.0.0", 16),
    ("127.0.0.0", 8),
    ("::1", 128),
    ("fc00::", 7),
    ("fe80::", 10),
];
/// The same among names; each with all names below it.
const LOCAL_NAMES: [&str; 3] = ["localhost", "local", "home.arpa"];

/// A certificate and its key, PEM.
#[derive(Serialize, Deserialize)]
struct Kept {
    certificate: String,
    key: String,
}

/// The server's certificate with its key, and the authority that signed it.
#[derive(Debug)]
pub struct Issued {
    pub key: CertifiedKey,
    /// Of the authority: SHA-256, as phones show it.
    pub fingerprint: String,
    /// Phones that trusted an earlier one must trust this one anew.
    pub new_authority: bool,
    pub new_certificate: bool,
}

/// The authority's certificate in DER, if there is one in the folder.
#[must_use]
pub fn certificate(folder: &Path) -> Option<Vec<u8>> {
    let certificate = CertificateDer::from_pem_file(folder.join("ca.crt")).ok()?;
    Some(certificate.to_vec())
}

/// The server's names from outside and from within: `host` first.
fn names(host: &str) -> Vec<String> {
    let mut names = vec![host.to_owned(), "localhost".into(), "127.0.0.1".into(), "::1".into()];
    if let Some(hostname) = addresses::hostname() {
        names.push(format!("{hostname}.local"));
        names.push(hostname);
    }
    names.extend(addresses::private().iter().map(IpAddr::to_string));
    // A machine may be called what no certificate can say.
    names.retain(|name| name == host || ServerName::try_from(name.as_str()).is_ok());
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

/// The certificate for `host` and for what else this machine is called, from the folder as far as it will do at
/// least thirty days more, else made anew.
///
/// # Errors
/// [`TlsError`].
pub fn issue(folder: &Path, host: &str, now: DateTime<Utc>) -> Result<Issued, TlsError> {
    issue_for(folder, &names(host), now)
}

fn issue_for(folder: &Path, names: &[String], now: DateTime<Utc>) -> Result<Issued, TlsError> {
    let (authority_file, server_file) = (folder.join("authority.json"), folder.join("server.json"));
    let usable = |server: &Kept, authority: &Kept| -> Result<CertifiedKey, TlsError> {
        let pem = (&*server_file, server.certificate.as_bytes());
        let key = certificates::pair(pem, (&server_file, server.key.as_bytes()))?;
        let root = &certificates::read(&authority_file, authority.certificate.as_bytes())?[0];
        for name in names {
            certificates::verify(&key.cert[0], root, name, now + RENEWED_BEFORE)
                .map_err(|error| TlsError::NotMade { name: name.clone(), reason: error.to_string() })?;
        }
        Ok(key)
    };
    let lasts = |authority: &Kept| {
        let root = certificates::read(&authority_file, authority.certificate.as_bytes());
        let ends = root.ok().and_then(|root| certificates::ends(&root[0]));
        ends.is_some_and(|ends| ends >= now + SERVER_LASTS)
    };
    let issued = |key, authority: &Kept, new_authority, new_certificate| -> Result<Issued, TlsError> {
        let path = folder.join("ca.crt");
        if new_authority || !path.exists() {
            fs::write(&path, &authority.certificate).map_err(|reason| TlsError::Io { path, reason })?;
        }
        let root = &certificates::read(&authority_file, authority.certificate.as_bytes())?[0];
        let fingerprint = Sha256::digest(root).iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>();
        Ok(Issued { key, fingerprint: fingerprint.join(":"), new_authority, new_certificate })
    };

    let kept = secrets::read::<Kept>(&authority_file)?.filter(lasts);
    let server = secrets::read::<Kept>(&server_file)?;
    if let (Some(authority), Some(server)) = (&kept, &server)
        && let Ok(key) = usable(server, authority)
    {
        return issued(key, authority, false, false);
    }
    // An authority that may not vouch for the new names cannot be mended.
    if let Some(authority) = kept {
        let server = sign(&authority, names, now)?;
        if let Ok(key) = usable(&server, &authority) {
            secrets::write(&server_file, &server)?;
            return issued(key, &authority, false, true);
        }
    }
    let authority = found(names, now)?;
    let server = sign(&authority, names, now)?;
    let key = usable(&server, &authority)?;
    secrets::write(&authority_file, &authority)?;
    secrets::write(&server_file, &server)?;
    issued(key, &authority, true, true)
}

/// A new authority.
fn found(names: &[String], now: DateTime<Utc>) -> Result<Kept, TlsError> {
    let make = || -> Result<Kept, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = valid(now, AUTHORITY_LASTS);
        params.distinguished_name = distinguished_name(&key);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.name_constraints =
            Some(NameConstraints { permitted_subtrees: permitted(names), excluded_subtrees: Vec::new() });
        let certificate = params.self_signed(&key)?;
        Ok(Kept { certificate: certificate.pem(), key: key.serialize_pem() })
    };
    make().map_err(|error| not_made("the authority", &error))
}

/// A new key, and a certificate of the authority's for it.
fn sign(authority: &Kept, names: &[String], now: DateTime<Utc>) -> Result<Kept, TlsError> {
    let make = || -> Result<Kept, rcgen::Error> {
        let authority_key = KeyPair::from_pem(&authority.key)?;
        let key = KeyPair::generate()?;
        let mut params = valid(now, SERVER_LASTS);
        params.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
        params.distinguished_name.push(DnType::CommonName, "Pixora");
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = params.signed_by(&key, &issuer(&authority_key)?, &authority_key)?;
        Ok(Kept { certificate: certificate.pem(), key: key.serialize_pem() })
    };
    make().map_err(|error| not_made(&names[0], &error))
}

fn not_made(name: &str, error: &rcgen::Error) -> TlsError {
    TlsError::NotMade { name: name.to_owned(), reason: error.to_string() }
}

/// Follows from the key, so that the authority can be named without reading its certificate.
fn distinguished_name(key: &KeyPair) -> DistinguishedName {
    let digest = hex::encode(Sha256::digest(key.public_key_der()));
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, format!("Pixora authority {}", &digest[..8]));
    name
}

/// The parts of the authority's certificate that a signature needs: its name and the identifier of its key.
fn issuer(key: &KeyPair) -> Result<Certificate, rcgen::Error> {
    let mut params = CertificateParams::default();
    params.distinguished_name = distinguished_name(key);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.self_signed(key)
}

/// Begins a day ago, ends within `lasts` from then.
fn valid(now: DateTime<Utc>, lasts: TimeDelta) -> CertificateParams {
    let at = |time: DateTime<Utc>| {
        let seconds = u64::try_from(time.timestamp()).unwrap_or_default();
        rcgen::date_time_ymd(1970, 1, 1) + Duration::from_secs(seconds)
    };
    let mut params = CertificateParams::default();
    params.not_before = at(now - CLOCKS_DIFFER);
    params.not_after = at(now - CLOCKS_DIFFER + lasts);
    params.distinguished_name = DistinguishedName::new();
    params
}

/// The name constraints of an authority that is made for these names.
fn permitted(names: &[String]) -> Vec<GeneralSubtree> {
    let exactly = |ip: IpAddr| CidrSubnet::from_addr_prefix(ip, if ip.is_ipv4() { 32 } else { 128 });
    let named = names.iter().map(|name| match name.parse() {
        Ok(ip) => GeneralSubtree::IpAddress(exactly(ip)),
        Err(_) => GeneralSubtree::DnsName(name.clone()),
    });
    let networks = LOCAL_NETWORKS.iter().filter_map(|(network, prefix)| {
        Some(GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(network.parse().ok()?, *prefix)))
    });
    let local = LOCAL_NAMES.iter().map(|name| GeneralSubtree::DnsName((*name).to_owned()));
    named.chain(networks).chain(local).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn issue_to(folder: &Path, names: &[&str], days: i64) -> Issued {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let now = DateTime::from_timestamp(1_800_000_000, 0).expect("a time") + TimeDelta::days(days);
        issue_for(folder, &names, now).expect("certificates can be made")
    }

    #[test]
    fn the_certificate_stays_until_a_month_before_its_end_and_the_authority_for_years() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let names = ["192.168.1.7", "localhost", "::1"];
        let first = issue_to(folder.path(), &names, 0);
        assert!(first.new_authority && first.new_certificate);
        let soon = issue_to(folder.path(), &names, 364);
        assert!(!soon.new_authority && !soon.new_certificate);
        assert_eq!(first.key.cert, soon.key.cert);
        let late = issue_to(folder.path(), &names, 366);
        assert!(!late.new_authority && late.new_certificate);
        assert_eq!(first.fingerprint, late.fingerprint);
        let ends = certificates::ends(&late.key.cert[0]).expect("it ends");
        assert_eq!(ends.timestamp(), 1_800_000_000 + (366 - 1 + 396) * 86_400);
        // An authority that the certificate would outlive is replaced in time.
        let last = issue_to(folder.path(), &names, 3649 - 395);
        assert!(last.new_authority && last.fingerprint != first.fingerprint);
    }

    #[test]
    fn another_local_address_costs_a_certificate_and_a_foreign_host_a_new_authority() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let first = issue_to(folder.path(), &["192.168.1.7"], 0);
        let moved = issue_to(folder.path(), &["10.0.0.3", "photos.local"], 0);
        assert!(moved.new_certificate && !moved.new_authority);
        assert_eq!(moved.fingerprint, first.fingerprint);
        let public = issue_to(folder.path(), &["photos.example"], 0);
        assert!(public.new_authority, "the first may not vouch for a name that others can own");
        assert!(!issue_to(folder.path(), &["photos.example", "192.168.1.7"], 0).new_authority);
    }

    #[test]
    fn a_thief_of_the_authority_cannot_pass_for_somebody_else() {
        let authority = found(&["photos.example".into()], Utc::now()).expect("an authority can be made");
        let root = certificates::read(Path::new("ca"), authority.certificate.as_bytes()).expect("is PEM");
        let passes = |name: &str| {
            let server = sign(&authority, &[name.to_owned()], Utc::now()).expect("whatever is asked for");
            let leaf = certificates::read(Path::new("leaf"), server.certificate.as_bytes()).expect("is PEM");
            certificates::verify(&leaf[0], &root[0], name, Utc::now()).is_ok()
        };
        for own in ["photos.example", "192.168.7.7", "127.0.0.1", "fd00::1", "printer.local", "localhost"] {
            assert!(passes(own), "{own}");
        }
        for foreign in
            ["bank.example", "example", "8.8.8.8", "172.32.0.1", "2001:4860:4860::8888", "local.example"]
        {
            assert!(!passes(foreign), "{foreign}");
        }
    }

    #[test]
    fn only_the_owner_reads_the_keys_and_everybody_may_read_the_certificate() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        issue_to(folder.path(), &["192.168.1.7"], 0);
        for file in ["authority.json", "server.json"] {
            let mode = fs::metadata(folder.path().join(file)).expect("was written").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
        let shown = fs::read_to_string(folder.path().join("ca.crt")).expect("was written");
        assert!(!shown.contains("KEY"), "{shown}");
        assert!(certificate(folder.path()).is_some_and(|der| der.starts_with(&[0x30])));
    }

    #[test]
    fn files_of_different_times_are_mended() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        issue_to(folder.path(), &["192.168.1.7"], 0);
        let other = found(&["192.168.1.7".into()], Utc::now()).expect("an authority can be made");
        secrets::write(&folder.path().join("authority.json"), &other).expect("the folder is writable");
        assert!(issue_to(folder.path(), &["192.168.1.7"], 0).new_certificate);
    }
}
